"""Sentences on the scales of PLMs (Figure 1, Sections III-B and IV-C.d) against the printed tables."""

from collections.abc import Iterator
from itertools import pairwise

import pandas as pd

from panda_core.paper import printed
from panda_core.paper.audit import composition, names
from panda_core.paper.audit.check import Check, count, statement

PLMS = tuple(printed.GRIDS)


def checks() -> list[Check]:
    """All of them."""
    return [*_figure_1(), *_with_scale(), *_scales()]


def figure_1() -> pd.DataFrame:
    """Per PLM, mean over the GLUE and SuperGLUE targets: model_tuning, and the best source of vanilla and of panda."""
    grid = printed.grid().query("target not in ('conll04', @printed.AVERAGE)")
    means = grid.groupby(["plm", "method", "source"])["value"].mean()
    lines = [
        (plm, means[plm, "model-tuning", ""], means[plm, "vanilla-pot"].max(), means[plm, "panda"].max())
        for plm in PLMS
    ]
    return pd.DataFrame(lines, columns=["plm", "model_tuning", "vanilla", "panda"])


def _figure_1() -> Iterator[Check]:
    means = figure_1()
    gain, over_tuned = means["panda"] - means["vanilla"], means["panda"] - means["model_tuning"]
    listed = ", ".join(f"{names.plm(p)} {v:+.1f}" for p, v in zip(means["plm"], gain, strict=True))
    yield statement(
        "figure-01",
        "Caption of Figure 1: the best of PANDA outperforms the best of vanilla PoT across all model sizes",
        "all sizes",
        f"best source by average over the 8 targets of GLUE and SuperGLUE, PANDA less vanilla PoT: {listed}",
        bool((gain > 0).all()),
        "worked out from Tables II and XIII to XVI; the figure prints no numbers",
    )
    listed = ", ".join(f"{names.plm(p)} {v:+.1f}" for p, v in zip(means["plm"], over_tuned, strict=True))
    yield statement(
        "figure-01",
        "Caption of Figure 1: with PANDA competitive or better than model-tuning",
        "competitive or better",
        f"PANDA from the same source less model-tuning: {listed}",
        bool((over_tuned > -1).all()),
        "no more than a point below",
    )


def _with_scale() -> Iterator[Check]:
    """The gap of prompt-tuning to model-tuning, from the largest PLM to the smallest."""
    words = {"p-tuning-v2": "P-Tuning v2", "prompt-tuning-lester": "Lester et al."}
    gaps = {m: [printed.cell(p, m) - printed.cell(p, "model-tuning") for p in PLMS] for m in words}
    listed = {m: ", ".join(f"{gap:+.1f}" for gap in gaps[m]) for m in words}
    yield statement(
        "figure-02",
        "Introduction, Section III-B: prompt-tuning has a gap to model-tuning at smaller scales",
        "a gap",
        "; ".join(f"{words[m]} {listed[m]}" for m in words) + " points, from BERT-large to BERT-tiny",
        all(gap < 0 for gap in gaps["p-tuning-v2"]),
        "P-Tuning v2 is below model-tuning on every PLM",
    )
    for method, title in words.items():
        falls = all(larger > smaller for larger, smaller in pairwise(gaps[method]))
        yield statement(
            "figure-02",
            f"Section IV-C.d, after Lester et al.: prompt-tuning becomes more competitive with scale ({title})",
            "with scale",
            f"gap to model-tuning {listed[method]} points, from BERT-large to BERT-tiny",
            falls,
            "the gap widens with every step to a smaller PLM",
        )


def _scales() -> Iterator[Check]:
    rows = composition.rows()
    shown = set(printed.texts("table-03")["source"]) - {""}
    for plm in PLMS:
        found = rows[rows["plm"] == plm]
        above = found["panda"] > found["model_tuning"]
        yield statement(
            "table-03",
            f"Section IV-C.d: PANDA improves prompt-tuning over model-tuning across all model sizes ({names.plm(plm)})",
            "all sizes" if plm != "bert-tiny" else "excepted in the next sentence",
            f"from {count(above)} sources; best {found['panda'].max():g} against {found['model_tuning'].iloc[0]:g}",
            bool(found["panda"].max() > found["model_tuning"].iloc[0]),
            "from at least one source",
        )
    both = printed.values("table-03").query("source != ''").pivot(
        index=["plm", "source"], columns="method", values="value"
    )
    above = both["panda"] > both["vanilla-pot"]
    yield statement(
        "table-03",
        "Section IV-C.d: PANDA consistently boosts PoT",
        "consistently",
        f"the average is above vanilla PoT's in {count(above)} rows of Table III, by "
        f"{(both['panda'] - both['vanilla-pot']).mean():.1f} points on average",
        bool(above.all()),
        "every printed row",
    )
    small = rows[rows["plm"] != "bert-large"]
    chosen = small["source"].isin(shown)
    yield statement(
        "table-03",
        "Table III shows nine of 21 sources",
        "no claim",
        f"mean gain of the nine {small.loc[chosen, 'gain'].mean():.2f} points, of the other twelve "
        f"{small.loc[~chosen, 'gain'].mean():.2f}, of all {small['gain'].mean():.2f}",
        None,
    )
    tiny = rows[rows["plm"] == "bert-tiny"]
    tuned, none = tiny["model_tuning"].iloc[0], tiny["none"].iloc[0]
    yield statement(
        "table-03",
        "Section IV-C.d: on BERT-tiny it is difficult for P-Tuning v2 to be comparable to model-tuning",
        "difficult",
        f"P-Tuning v2 {none:g}, model-tuning {tuned:g}",
        bool(none < tuned - 1),
        "more than a point below",
    )
    yield statement(
        "table-03",
        "Section IV-C.d: on BERT-tiny it is difficult for PANDA to be comparable to model-tuning",
        "difficult",
        f"PANDA {tiny['panda'].mean():.1f} on average over the sources, {tiny['panda'].min():g} to "
        f"{tiny['panda'].max():g}, model-tuning {tuned:g}",
        bool(tiny["panda"].mean() < tuned - 1),
        "more than a point below on average; within a point is comparable, as for Figure 1",
    )
