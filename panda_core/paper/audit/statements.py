"""Sentences on the main results (abstract, Section IV-C) against the printed tables; each rule says when one agrees."""

from collections.abc import Iterator

from panda_core.paper import printed
from panda_core.paper.audit import composition, names
from panda_core.paper.audit.check import Check, statement

FAR_GROUPS = ("NER", "SRL")
PLMS = tuple(printed.GRIDS)


def checks() -> list[Check]:
    """All of them."""
    return [*_headline(), *_main_results(), *_scales()]


def _count(values) -> str:
    return f"{int(values.sum())} of {len(values)}"


def _headline() -> Iterator[Check]:
    rows, cells = composition.rows(), composition.gains()
    mean, median = rows["gain"].mean(), rows["gain"].median()
    yield statement(
        "table-02",
        "Abstract: 2.3 % average gain over vanilla PoT among all tasks and model sizes",
        "2.3",
        f"mean of the 105 gains of averages {mean:.2f} points (median {median:.1f}); mean of the 945 cells "
        f"{cells['over_vanilla'].mean():.2f}",
        abs(mean - 2.3) <= 0.05 + 1e-9,
        "the mean of all rows of the five tables, to 0.1",
    )
    best = rows.loc[rows["gain"].idxmax()]
    yield statement(
        "table-02",
        "Abstract: up to 24.1 %",
        "24.1",
        f"the largest gain of an average is {best['gain']:.1f} points ({names.plm(best['plm'])}, from "
        f"{names.task(best['source'])}); the next is {rows['gain'].nlargest(2).iloc[1]:.1f}",
        best["gain"] == 24.1,
        "the largest gain of the five tables",
    )
    relative = 100 * (rows["panda"] / rows["vanilla"] - 1)
    yield statement(
        "table-02",
        "Captions of Tables II and XIII to XVI, Section IV-C.b: relative improvements",
        "relative, in %",
        f"the printed gains are differences in points; as a relative improvement 24.1 points are "
        f"{relative.max():.1f} %, and the mean is {relative.mean():.1f} %",
        False,
        "a relative improvement is a ratio",
    )
    yield statement(
        "table-02",
        "Abstract: consistently outperforms vanilla PoT",
        "consistently",
        f"the average over targets is higher in {_count(rows['gain'] > 0)} rows and equal in "
        f"{_count(rows['gain'] == 0)}",
        bool((rows["gain"] >= 0).all()),
        "no row has a lower average",
    )
    up, down = cells["over_vanilla"] > 1e-9, cells["over_vanilla"] < -1e-9
    yield statement(
        "table-02",
        "Introduction: improvements over vanilla PoT across all tasks and model sizes",
        "all tasks",
        f"of 945 cells {int(up.sum())} are higher, {int((~up & ~down).sum())} equal, {int(down.sum())} lower; every "
        "target and every "
        f"PLM gains on average (least: {composition.summary('target')['over_vanilla'].min():.1f} points)",
        bool(
            (composition.summary("target")["over_vanilla"] > 0).all()
            and (composition.summary("plm")["over_vanilla"] > 0).all()
        ),
        "every target's and every PLM's mean gain is positive; single cells may fall",
    )


def _main_results() -> Iterator[Check]:
    tuned, none = (printed.cell("bert-large", m) for m in ("model-tuning", "p-tuning-v2"))
    better = [
        t
        for t in printed.TARGETS
        if printed.cell("bert-large", "p-tuning-v2", t) > printed.cell("bert-large", "model-tuning", t)
    ]
    yield statement(
        "table-02",
        "Section IV-C.a: P-Tuning v2 is better than model-tuning on some targets (COPA, CoLA), worse on average",
        "77.5 against 78.5",
        f"better on {', '.join(map(names.task, better))}; {none:g} against {tuned:g} on average",
        {"copa", "cola"} <= set(better) and none < tuned,
    )
    for source, after in (("mnli", 78.1), ("qnli", 78.2)):
        found = printed.cell("bert-large", "vanilla-pot", source=source)
        yield statement(
            "table-02",
            f"Section IV-C.a: vanilla PoT from {names.task(source)} helps",
            f"77.5 to {after:g}",
            f"{none:g} to {found:g}",
            found == after > none,
        )
    rows = composition.rows()
    large = rows[rows["plm"] == "bert-large"]
    yield statement(
        "table-02",
        "Heading of Section IV-C.a: PANDA consistently outperforms model-tuning",
        "consistently",
        f"BERT-large: the average is above model-tuning's {tuned:g} from {_count(large['panda'] > tuned)} sources",
        bool((large["panda"] > tuned).all()),
        "from every source",
    )
    yield statement(
        "table-02",
        "Section IV-C.a: comparable and even better than model-tuning",
        "MNLI: 79.4 against 78.5",
        f"MNLI {printed.cell('bert-large', 'panda', source='mnli'):g} against {tuned:g}; best source "
        f"{names.task(large.loc[large['panda'].idxmax(), 'source'])} {large['panda'].max():g}",
        printed.cell("bert-large", "panda", source="mnli") == 79.4 > tuned,
    )
    group = printed.clusters()
    far = rows[rows["source"].map(group).isin(FAR_GROUPS)]
    negative = far["vanilla"] < far["none"]
    yield statement(
        "table-02",
        "Section IV-C.b: vanilla PoT from dissimilar tasks (NER, SRL) is usually negative",
        "usually",
        f"{_count(negative[far['plm'] == 'bert-large'])} NER and SRL rows on BERT-large, {_count(negative)} over all "
        "PLMs, "
        f"are below no transfer",
        bool(negative.mean() > 0.5),
        "more than half",
    )
    others = rows[~rows["source"].map(group).isin(FAR_GROUPS)]
    lower = others["vanilla"] < others["none"]
    yield statement(
        "table-02",
        "Section IV-C.b: the vanilla PoT can achieve improvements (from the other tasks)",
        "can",
        f"vanilla PoT is above no transfer in {_count(rows['vanilla'] > rows['none'])} rows; among the other groups "
        f"{_count(~lower)}",
        bool((~lower).any()),
        "in at least one row",
    )
    above = rows["panda"] > rows["none"]
    yield statement(
        "table-02",
        "Section IV-C.b: PANDA consistently boosts prompt-tuning on all types of source tasks",
        "consistently",
        f"the average is above no transfer in {_count(above)} rows, by {(rows['panda'] - rows['none']).mean():.2f} "
        "points on average",
        bool(above.all()),
        "every row's average",
    )
    record = rows.set_index(["plm", "source"]).loc[("bert-large", "record"), "gain"]
    conll = rows.set_index(["plm", "source"]).loc[("bert-large", "conll03"), "gain"]
    yield statement(
        "table-02",
        "Section IV-C.b: from CoNLL03 and ReCoRD the gains are 24.1 and 15.9",
        "24.1 and 15.9",
        f"{conll:g} and {record:g} points",
        (conll, record) == (24.1, 15.9),
    )
    pick, oracle = printed.cell("bert-large", "ours-top3-panda"), printed.cell("bert-large", "oracle-panda")
    other, best = printed.cell("bert-large", "eavg-top3-vanilla"), printed.cell("bert-large", "oracle-vanilla")
    yield statement(
        "table-02",
        "Section IV-C.c: the new metric predicts the sources more accurately than E_avg",
        "80.1 against 78.8",
        f"{pick:g} against {other:g}, but one is PANDA and the other vanilla PoT; below its own oracle: "
        f"{oracle - pick:.1f} "
        f"against {best - other:.1f} points",
        oracle - pick < best - other,
        "closer to the oracle of its own method",
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
            f"from {_count(above)} sources; best {found['panda'].max():g} against {found['model_tuning'].iloc[0]:g}",
            bool(found["panda"].max() > found["model_tuning"].iloc[0]),
            "from at least one source",
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
        "Section IV-C.d: on BERT-tiny it is difficult to be comparable to model-tuning",
        "difficult",
        f"P-Tuning v2 {none:g}, PANDA {tiny['panda'].mean():.1f} on average over the sources and "
        f"{tiny['panda'].max():g} "
        f"from the best, model-tuning {tuned:g}",
        bool(none < tuned and tiny["panda"].mean() < tuned),
        "below on average over the sources",
    )
