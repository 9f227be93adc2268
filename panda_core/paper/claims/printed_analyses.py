"""The statistic of each claim on metrics, ablations and analyses, from the paper's own tables: a `Printed` each."""

from panda_core.paper import printed
from panda_core.paper.audit import names
from panda_core.paper.audit.similarities import by_samples
from panda_core.paper.claims.outcome import Printed


def no_numbers() -> Printed:
    """The evidence is a plot or a description without numbers."""
    return Printed(None, "the paper prints no numbers for it", None)


def same_against_different() -> Printed:
    """Table X: mean similarity within types less between types, against the other metrics."""
    frame = printed.values("table-10").pivot(index=["plm", "method"], columns="variant", values="value")
    gap = (frame["same"] - frame["different"]).unstack()
    ours, on, e_avg = gap["ours"], gap["on"], gap["e_avg"]
    words = f"ours {ours.min():.1f} and {ours.max():.1f} points, ON at most {on.max():.1f}, E_avg {e_avg.max():.1f}"
    return Printed(gap["ours"].mean(), words, bool((gap["ours"] > gap[["on", "e_avg"]].max(axis=1)).all()))


def prior_metrics_fall_short() -> Printed:
    """Table X: how far the other metrics keep the types apart; how short is too short, the paper does not say."""
    gap = printed.values("table-10").pivot(index=["plm", "method"], columns="variant", values="value")
    gap = (gap["same"] - gap["different"]).unstack()[["on", "e_avg"]]
    words = f"within a type they too are larger, ON by {gap['on'].min():.1f} or more, E_avg by {gap['e_avg'].min():.1f}"
    return Printed(gap.mean(axis=None), f"{words} points; how short is too short is not said", None)


def insensitive_to_samples() -> Printed:
    """Table VIII: how far similarities move between 100 and 300 samples."""
    moved = by_samples().loc[[100, 200, 300]]
    moved = moved.max() - moved.min()
    return Printed(moved.mean(), f"{moved.mean():.3f} on average, {moved.max():.3f} at most", bool(moved.max() < 0.05))


def several_sources() -> Printed:
    """Table IV: several sources against one, each with and without distillation."""
    score = printed.values("table-04").set_index("method")["value"]
    panda, plain = score["panda-late"] - score["panda"], score["sesom"] - score["vanilla-pot"]
    words = f"PANDA {panda:+.1f} or more, without distillation {plain:+.1f} or more, over the mean of single sources"
    return Printed(panda, words, bool(panda > 0 and plain > 0))


def fusion_against_rivals() -> Printed:
    """Table IV: the weaker fusion of PANDA against the better of ATTEMPT and SESoM."""
    score = printed.values("table-04").set_index("method")["value"]
    gap = score[["panda-early", "panda-late"]].min() - score[["attempt", "sesom"]].max()
    return Printed(gap, f"{gap:+.1f} points at least", bool(gap > 0))


def _variants(exhibit: str):
    frame = printed.values(exhibit)
    return frame[frame["method"] == "panda"].pivot(index="plm", columns="variant", values="value")


def random_teacher() -> Printed:
    """Table V: the source prompt as a teacher less a random one."""
    frame = _variants("table-05")
    gap = frame["source prompt"] - frame["random prompt"]
    return Printed(gap.min(), f"{gap.min():+.1f} and {gap.max():+.1f} points", bool((gap > 0).all()))


def random_teacher_hinders() -> Printed:
    """Table V: no transfer less PANDA with a random teacher."""
    frame = printed.values("table-05").pivot(index="plm", columns=["method", "variant"], values="value")
    gap = frame["p-tuning-v2", ""] - frame["panda", "random prompt"]
    return Printed(gap.min(), f"{gap.min():+.1f} and {gap.max():+.1f} points below no transfer", bool((gap > 0).all()))


def target_like_teacher() -> Printed:
    """Table V: the target-like teacher less the source prompt."""
    frame = _variants("table-05")
    gap = frame["target-like prompt"] - frame["source prompt"]
    return Printed(gap.min(), f"{gap.min():+.1f} and {gap.max():+.1f} points", bool((gap > 0).all()))


def metric_as_weight() -> Printed:
    """Table VI: the new metric less the constant factor."""
    frame = _variants("table-06")
    gap = frame["our metric"] - frame["constant (ones)"]
    return Printed(gap.min(), f"{gap.min():+.1f} and {gap.max():+.1f} points over the constant", bool((gap > 0).all()))


def mse_loss() -> Printed:
    """Table VII: MSE less the better of the other losses."""
    frame = printed.values("table-07").pivot(index=["plm", "source"], columns="variant", values="value")
    gap = frame["MSE"] - frame[["CE", "KL"]].max(axis=1)
    return Printed(
        gap.mean(),
        f"best in {int((gap > 0).sum())} of {len(gap)}, {gap.mean():+.2f} points on average",
        bool((gap > 0).mean() > 0.5),
    )


def larger_plms() -> Printed:
    """Table XI: PANDA over vanilla PoT on the three larger PLMs."""
    frame = (
        printed.values("table-11")
        .query("target == @printed.AVERAGE")
        .pivot(index="plm", columns="method", values="value")
    )
    gap, none = frame["panda"] - frame["vanilla-pot"], frame["panda"] - frame["p-tuning-v2"]
    words = f"{gap.min():+.1f} to {gap.max():+.1f} points over vanilla PoT"
    words += f", {none.min():+.1f} to {none.max():+.1f} over P-Tuning v2"
    return Printed(gap.min(), words, bool((gap > 0).all()))


def small_extra_time() -> Printed:
    """Table XII: training time of PANDA over vanilla PoT."""
    seconds = printed.texts("table-12").set_index("method")["training_time_seconds"].astype(float)
    extra = 100 * (seconds["panda"] / seconds["vanilla-pot"] - 1)
    return Printed(extra, f"{extra:.1f} % more with the source prompt in both", bool(extra < 5))


def few_parameters() -> Printed:
    """Table XII: share of model-tuning's parameters that PANDA trains."""
    millions = printed.texts("table-12").set_index("method")["trainable_parameters_millions"].astype(float)
    share = 100 * millions["panda"] / millions["model-tuning"]
    return Printed(share, f"{share:.2f} %, less than 1; the text rounds to 0.5", bool(share < 1))


def source_teacher() -> Printed:
    """Table V: the source prompt as a teacher less the target-like one; comparable is within a point."""
    frame = _variants("table-05")
    gap = frame["source prompt"] - frame["target-like prompt"]
    return Printed(gap.min(), f"{gap.min():+.1f} and {gap.max():+.1f} points", bool((gap > -1).all()))


def every_weight_helps() -> Printed:
    """Table VI: the least of the four variants less vanilla PoT."""
    frame = printed.values("table-06").groupby(["plm", "method"])["value"].min().unstack()
    gap = frame["panda"] - frame["vanilla-pot"]
    words = ", ".join(f"{value:+.1f} points at least on {names.plm(plm)}" for plm, value in gap.items())
    return Printed(gap.min(), words, bool((gap > 0).all()))


def losses_alike() -> Printed:
    """Table VII: how far the losses are apart, and KL and CE among them; alike is less than a point."""
    frame = printed.values("table-07").pivot(index=["plm", "source"], columns="variant", values="value")
    gap, close = frame.max(axis=1) - frame.min(axis=1), (frame["KL"] - frame["CE"]).abs()
    words = f"{gap.mean():.2f} points apart on average, {gap.max():.2f} at most; KL and CE {close.mean():.2f}"
    return Printed(gap.mean(), f"{words} and {close.max():.2f}", bool(gap.max() < 1))


def similarity_by_scale() -> Printed:
    """Table X: similarities of one type from BERT-large to BERT-base, by Eq. 2 and by E_avg."""
    frame = printed.values("table-10").query("variant == 'same'").set_index(["method", "plm"])["value"]
    ours, e_avg = (frame[m, "bert-base"] - frame[m, "bert-large"] for m in ("ours", "e_avg"))
    words = f"from BERT-large to BERT-base {ours:+.1f} by Eq. 2, {e_avg:+.1f} by E_avg (within a type)"
    return Printed(-ours, words, bool(ours < 0 < e_avg))


def best_on_most_targets() -> Printed:
    """Table XI: cells in which PANDA is best, alone or with another method."""
    frame = printed.values("table-11").query("target != @printed.AVERAGE")
    wide = frame.pivot(index=["plm", "target"], columns="method", values="value")
    best, alone = wide["panda"] >= wide.max(axis=1), wide["panda"] > wide.drop(columns="panda").max(axis=1)
    by_plm = ", ".join(f"{names.plm(plm)} {count}" for plm, count in best.groupby("plm").sum().items())
    words = f"best in {int(best.sum())} of {len(best)} cells ({by_plm}), alone in {int(alone.sum())}"
    return Printed(100 * float(best.mean()), words, bool(best.mean() > 0.5))


def slower_than_model_tuning() -> Printed:
    """Table XII: training time of PANDA over model-tuning."""
    seconds = printed.texts("table-12").set_index("method")["training_time_seconds"].astype(float)
    times = seconds["panda"] / seconds["model-tuning"]
    return Printed(times, f"{times:.1f} times as long, with the training of the source prompt", bool(times > 1))


def right_where_source_is_wrong() -> Printed:
    """Figure 8, example 2: both source models and PANDA from both."""
    frame = printed.texts("figure-08").query("example == '2'").set_index(["method", "source"])["marked_correct"] == "1"
    wrong, right = int((~frame["source-model"]).sum()), int(frame["panda"].sum())
    words = f"one example: {wrong} of 2 source models are wrong, PANDA is right from {right} of 2"
    return Printed(None, words, wrong == right == 2)
