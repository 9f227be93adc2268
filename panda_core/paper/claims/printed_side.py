"""The statistic of each claim from the paper's own printed tables. Every function returns a `Printed`."""

from panda_core.paper import printed
from panda_core.paper.audit import composition, names
from panda_core.paper.audit.similarities import by_samples
from panda_core.paper.claims.outcome import Printed


def no_numbers() -> Printed:
    """The evidence is a plot or a description without numbers."""
    return Printed(None, "the paper prints no numbers for it", None)


def gain_over_vanilla() -> Printed:
    """Mean gain of PANDA over vanilla PoT, all 105 rows of the grid tables."""
    gain = composition.rows()["gain"]
    words = f"{gain.mean():.2f} points, mean of {len(gain)} rows"
    return Printed(gain.mean(), words, bool(abs(gain.mean() - 2.3) <= 0.05))


def largest_gain() -> Printed:
    """The largest gain of an average."""
    gain = composition.rows()["gain"]
    words = f"{gain.max():.1f} points; half of the rows gain {gain.median():.1f} or less"
    return Printed(gain.max(), words, bool(gain.max() == 24.1))


def consistency() -> Printed:
    """Share of rows and cells in which PANDA is not below vanilla PoT."""
    rows, cells = composition.rows()["gain"], composition.gains()["over_vanilla"]
    lower = int((cells < -1e-9).sum())
    words = f"{int((rows < 0).sum())} of {len(rows)} averages are lower, and {lower} of {len(cells)} single cells"
    return Printed(float((rows >= 0).mean()), words, bool((rows >= 0).all()))


def gain_over_none() -> Printed:
    """PANDA against P-Tuning v2 without any transfer."""
    rows = composition.rows()
    gain = rows["panda"] - rows["none"]
    lower = int((gain <= 0).sum())
    return Printed(gain.mean(), f"{gain.mean():.2f} points; {lower} of {len(gain)} rows are not above", lower == 0)


def best_against_model_tuning() -> Printed:
    """The best source of each PLM under PANDA, against model-tuning."""
    rows = composition.rows()
    best = rows.groupby("plm")[["panda", "model_tuning"]].max()
    gap = best["panda"] - best["model_tuning"]
    share = int((rows["panda"] > rows["model_tuning"]).sum())
    words = f"best source {gap.min():+.1f} to {gap.max():+.1f} points by PLM; {share} of {len(rows)} rows are above"
    return Printed(gap.min(), words, bool((gap > 0).all()))


def every_source_against_model_tuning() -> Printed:
    """PANDA from every source, against model-tuning."""
    rows = composition.rows()
    gap = rows["panda"] - rows["model_tuning"]
    words = f"{int((gap > 0).sum())} of {len(gap)} rows are above, {gap.mean():+.2f} points on average"
    return Printed(gap.mean(), words, bool((gap > 0).all()))


def prompt_tuning_gap() -> Printed:
    """P-Tuning v2 less model-tuning, by PLM."""
    rows = composition.rows().groupby("plm").first()
    gap = rows["none"] - rows["model_tuning"]
    return Printed(gap.mean(), f"{gap.min():+.1f} to {gap.max():+.1f} points by PLM", bool((gap < 0).all()))


def sensitivity_to_similarity() -> Printed:
    """Vanilla PoT over no transfer: pairs of one group of tasks less pairs of two."""
    mean = composition.summary("same_group").set_index("same_group")["vanilla_over_none"]
    words = f"over no transfer {mean[True]:+.2f} within a group, {mean[False]:+.2f} between groups"
    return Printed(mean[True] - mean[False], words, bool(mean[True] > mean[False]))


def similar_source_helps() -> Printed:
    """Vanilla PoT from MNLI and QNLI over no transfer."""
    rows = composition.rows().set_index(["plm", "source"])
    gain = (rows["vanilla"] - rows["none"]).unstack()[["mnli", "qnli"]]
    words = (
        ", ".join(f"{names.task(s)} {gain.loc['bert-large', s]:+.1f}" for s in gain) + " on BERT-large; over all PLMs "
    )
    words += ", ".join(f"{names.task(s)} {gain[s].mean():+.2f}" for s in gain)
    return Printed(gain.mean(axis=None), words, bool((gain.loc["bert-large"] > 0).all()))


def dissimilar_source_harms() -> Printed:
    """Vanilla PoT from NER and SRL under no transfer."""
    rows = composition.rows()
    far = rows[rows["source"].map(printed.clusters()).isin(("NER", "SRL"))]
    loss = far["none"] - far["vanilla"]
    words = f"{int((loss > 0).sum())} of {len(loss)} rows are below, by {loss.mean():.2f} points on average"
    return Printed(loss.mean(), words, bool((loss > 0).mean() > 0.5))


def gain_from_dissimilar() -> Printed:
    """Gain over vanilla PoT: pairs of two groups less pairs of one."""
    mean = composition.summary("same_group").set_index("same_group")["over_vanilla"]
    words = f"{mean[False]:.2f} points between groups, {mean[True]:.2f} within a group"
    return Printed(mean[False] - mean[True], words, bool(mean[False] > mean[True]))


def loss_from_similar() -> Printed:
    """Share of cells where PANDA is below vanilla PoT, within a group and between groups."""
    cells = composition.gains()
    share = (cells["over_vanilla"] < -1e-9).groupby(cells["same_group"]).mean() * 100
    words = f"{share[True]:.0f} % of the cells within a group are lower, {share[False]:.0f} % between groups"
    return Printed(share[True] - share[False], words, bool(share[True] > 0))


def every_scale() -> Printed:
    """The least mean gain of a PLM."""
    mean = composition.summary("plm").set_index("plm")["over_vanilla"]
    return Printed(mean.min(), ", ".join(f"{names.plm(p)} {v:+.2f}" for p, v in mean.items()), bool((mean > 0).all()))


def tiny_falls_short() -> Printed:
    """PANDA on BERT-tiny, mean over the sources, below model-tuning."""
    rows = composition.rows().query("plm == 'bert-tiny'")
    gap = rows["model_tuning"] - rows["panda"]
    return Printed(
        gap.mean(),
        f"{gap.mean():.2f} points below; {int((gap < 0).sum())} of {len(gap)} sources are above",
        bool(gap.mean() > 0),
    )


def choice_by_metric() -> Printed:
    """Best of three sources by each metric: distance to the oracle of its own method."""
    c = {
        m: printed.cell("bert-large", m)
        for m in ("ours-top3-panda", "oracle-panda", "eavg-top3-vanilla", "oracle-vanilla")
    }
    ours, other = c["oracle-panda"] - c["ours-top3-panda"], c["oracle-vanilla"] - c["eavg-top3-vanilla"]
    words = f"{ours:.1f} points below its oracle, E_avg {other:.1f} (one under PANDA, the other under vanilla PoT)"
    return Printed(other - ours, words, bool(ours < other))


def same_against_different() -> Printed:
    """Table X: mean similarity within types less between types, against the other metrics."""
    frame = printed.values("table-10").pivot(index=["plm", "method"], columns="variant", values="value")
    gap = (frame["same"] - frame["different"]).unstack()
    ours, on, e_avg = gap["ours"], gap["on"], gap["e_avg"]
    words = f"ours {ours.min():.1f} and {ours.max():.1f} points, ON at most {on.max():.1f}, E_avg {e_avg.max():.1f}"
    return Printed(gap["ours"].mean(), words, bool((gap["ours"] > gap[["on", "e_avg"]].max(axis=1)).all()))


def insensitive_to_samples() -> Printed:
    """Table VIII: how far similarities move between 100 and 300 samples."""
    moved = by_samples().loc[[100, 200, 300]]
    moved = moved.max() - moved.min()
    return Printed(moved.mean(), f"{moved.mean():.3f} on average, {moved.max():.3f} at most", bool(moved.max() < 0.05))


def several_sources() -> Printed:
    """Table IV: several sources against one, each with and without distillation."""
    score = printed.values("table-04").set_index("method")["value"]
    panda, plain = score["panda-late"] - score["panda"], score["sesom"] - score["vanilla-pot"]
    return Printed(
        panda, f"PANDA {panda:+.1f} or more, without distillation {plain:+.1f} or more", bool(panda > 0 and plain > 0)
    )


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
    return Printed(share, f"{share:.2f} %", bool(share < 1))
