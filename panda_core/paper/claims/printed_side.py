"""The statistic of each claim on the transfer grid, from the paper's own tables. Every function returns a `Printed`."""

import pandas as pd

from panda_core.paper import printed
from panda_core.paper.audit import composition, names
from panda_core.paper.audit.best_of import expected_best
from panda_core.paper.claims.outcome import COMPARABLE, CONSISTENT, Printed


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
    return _share(rows, words)


def gain_over_none() -> Printed:
    """PANDA against P-Tuning v2 without any transfer."""
    rows = composition.rows()
    gain = rows["panda"] - rows["none"]
    return _share(gain, f"{gain.mean():.2f} points; {int((gain < 0).sum())} of {len(gain)} rows are below")


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
    return _share(gap, words)


def _share(gain: pd.Series, words: str) -> Printed:
    """The share in percent of the rows that do not lose, which has to exceed what "consistently" is taken to mean."""
    share = 100 * float((gain > -1e-9).mean())
    return Printed(share, words, share > CONSISTENT)


def prompt_tuning_gap() -> Printed:
    """P-Tuning v2 less model-tuning, by PLM."""
    rows = composition.rows().groupby("plm").first()
    gap = rows["none"] - rows["model_tuning"]
    return Printed(gap.mean(), f"{gap.min():+.1f} to {gap.max():+.1f} points by PLM", bool((gap < 0).all()))


def _by_relation(column: str) -> tuple[float, float]:
    """Mean of a gain over the pairs of one type, a task with itself left out, and over those of two types."""
    mean = composition.summary("relation").set_index("relation")[column]
    return mean[composition.SAME], mean[composition.OTHER]


def sensitivity_to_similarity() -> Printed:
    """Vanilla PoT over no transfer: sources of the target's type less others."""
    same, other = _by_relation("vanilla_over_none")
    words = f"over no transfer {same:+.2f} from sources of the target's type, {other:+.2f} from others"
    return Printed(same - other, words, bool(same > other))


def vanilla_from_best_source() -> Printed:
    """Vanilla PoT from the source with the best average of each PLM, over no transfer."""
    frame = composition.choices()
    gap = frame["vanilla_best"] - frame["none"]
    mean = (frame["vanilla_mean"] - frame["none"]).mean()
    words = f"best source {gap.min():+.1f} to {gap.max():+.1f} points by PLM; all sources {mean:+.2f} on average"
    return Printed(gap.min(), words, bool((gap > 0).all()))


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
    """Gain over vanilla PoT: sources of other types than the target's less those of its type."""
    same, other = _by_relation("over_vanilla")
    words = f"{other:.2f} points from sources of another type than the target's, {same:.2f} from those of its type"
    return Printed(other - same, words, bool(other > same))


def loss_from_similar() -> Printed:
    """Share of cells where PANDA is below vanilla PoT, from sources of the target's type and from others."""
    cells = composition.gains()
    share = (cells["over_vanilla"] < -1e-9).groupby(cells["relation"]).mean() * 100
    same, other = share[composition.SAME], share[composition.OTHER]
    words = f"PANDA is lower in {same:.0f} % of the cells from the target's type, in {other:.0f} % of the others"
    return Printed(same - other, words, bool(same > other))


def consistency_by_target() -> Printed:
    """Share of targets, on each PLM, whose mean gain over the sources is not negative."""
    gain = composition.gains().groupby(["plm", "target"])["over_vanilla"].mean()
    words = f"{int((gain < 0).sum())} of {len(gain)} means of a target on a PLM are lower"
    return _share(gain, words)


def every_scale() -> Printed:
    """The least mean gain of a PLM."""
    mean = composition.summary("plm").set_index("plm")["over_vanilla"]
    return Printed(mean.min(), ", ".join(f"{names.plm(p)} {v:+.2f}" for p, v in mean.items()), bool((mean > 0).all()))


def tiny_falls_short() -> Printed:
    """P-Tuning v2 and PANDA, mean over the sources, more than a point below model-tuning on BERT-tiny."""
    rows = composition.rows().query("plm == 'bert-tiny'")
    none, gap = (rows["model_tuning"] - rows["none"]).iloc[0], rows["model_tuning"] - rows["panda"]
    words = (
        f"P-Tuning v2 is {none:.1f} points below, PANDA {gap.mean():.1f} on average and at most {gap.max():.1f}, which "
        f"is no more than “comparable” allows; {int((gap < 0).sum())} of {len(gap)} sources are above"
    )
    return Printed(gap.mean(), words, bool(gap.mean() > COMPARABLE and none > COMPARABLE))


def choice_against_chance() -> Printed:
    """PANDA, BERT-large: best of the three sources that the metric chose, and of three drawn at random."""
    grid = printed.grid().query("plm == 'bert-large' and method == 'panda'")
    chance = [expected_best(grid.loc[grid["target"] == target, "value"].tolist(), 3) for target in printed.TARGETS]
    chosen, drawn = printed.cell("bert-large", "ours-top3-panda"), sum(chance) / len(chance)
    words = f"best of three chosen sources {chosen:g}, of three drawn at random {drawn:.1f} (BERT-large, PANDA)"
    return Printed(chosen - drawn, words, bool(chosen > drawn))


def choice_by_metric() -> Printed:
    """Best of three sources by each metric: distance to the oracle of its own method."""
    c = {
        m: printed.cell("bert-large", m)
        for m in ("ours-top3-panda", "oracle-panda", "eavg-top3-vanilla", "oracle-vanilla")
    }
    ours, other = c["oracle-panda"] - c["ours-top3-panda"], c["oracle-vanilla"] - c["eavg-top3-vanilla"]
    words = f"{ours:.1f} points below its oracle, E_avg {other:.1f} (one under PANDA, the other under vanilla PoT)"
    return Printed(other - ours, words, bool(ours < other))


def scale_helps() -> Printed:
    """How much wider the gap of P-Tuning v2 to model-tuning is on BERT-tiny than on BERT-large; and Lester et al.'s."""
    plms = list(printed.GRIDS)
    gaps = {
        method: [printed.cell(plm, method) - printed.cell(plm, "model-tuning") for plm in plms]
        for method in ("p-tuning-v2", "prompt-tuning-lester")
    }
    words = "; ".join(f"{names.METHODS[m]} {', '.join(f'{gap:+.1f}' for gap in found)}" for m, found in gaps.items())
    wider, other = (found[0] - found[-1] for found in gaps.values())
    words += f" points, from large to tiny: the gap grows by {wider:+.1f} and {other:+.1f} (below 0: it narrows)"
    # where the two methods differ, the tables cannot tell
    return Printed(wider, words, bool(wider > 0) if (wider > 0) == (other > 0) else None)
