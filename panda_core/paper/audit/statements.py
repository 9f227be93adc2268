"""Sentences on the main results (abstract, Sections IV-C.a to c) against the printed tables; each rule says when one
agrees."""

from collections.abc import Iterator

import pandas as pd
from scipy.stats import binomtest

from panda_core.paper import printed
from panda_core.paper.audit import composition, names
from panda_core.paper.audit.check import Check, count, statement

FAR_GROUPS = ("NER", "SRL")


def checks() -> list[Check]:
    """All of them."""
    return [*_headline(), *_main_results(), *_choice_of_sources()]


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
        f"the average over targets is higher in {count(rows['gain'] > 0)} rows and equal in "
        f"{count(rows['gain'] == 0)}",
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
    by_pair = cells.groupby(["plm", "target"], sort=False)["over_vanilla"].mean()
    lower = ", ".join(f"{names.task(t)} on {names.plm(p)} {v:.2f}" for (p, t), v in by_pair[by_pair < 0].items())
    yield statement(
        "table-02",
        "Abstract: among all tasks and model sizes, taken together: each target on each PLM",
        "all",
        f"the mean over the sources is higher for {count(by_pair > 0)}; lower: {lower}",
        bool((by_pair > 0).all()),
        "every target gains on average on every PLM",
    )
    yield from _significance(cells)


def _significance(cells: pd.DataFrame) -> Iterator[Check]:
    """No test and no repeated run is printed. With targets as units a sign test asks for no more than the tables."""
    for column in ("over_vanilla", "over_none"):
        by_target = cells.groupby("target")[column].mean()
        up = int((by_target > 0).sum())
        chance = binomtest(up, len(by_target), alternative="greater").pvalue
        yield statement(
            "table-02",
            "Introduction, Appendix A: significant improvements over vanilla PoT"
            if column == "over_vanilla"
            else "Beside it: the same test of PANDA over no transfer",
            "significant" if column == "over_vanilla" else "no claim",
            f"no test is printed; the mean gain is positive for {up} of {len(by_target)} targets, which a fair coin "
            f"does with probability {chance:.3f}",
            chance < 0.05 if column == "over_vanilla" else None,
            "sign test over the targets, one-sided, 5 %",
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
        f"BERT-large: the average is above model-tuning's {tuned:g} from {count(large['panda'] > tuned)} sources",
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
        f"{count(negative[far['plm'] == 'bert-large'])} NER and SRL rows on BERT-large, {count(negative)} over all "
        "PLMs, "
        f"are below no transfer",
        bool(negative.mean() > 0.5),
        "more than half",
    )
    near = rows[rows["source"].map(group) == "NLI"]
    helped = rows["vanilla"] > rows["none"]
    yield statement(
        "table-02",
        "Introduction, Section IV-C.b: vanilla PoT can achieve improvements (from NLI sources)",
        "can",
        f"vanilla PoT is above no transfer in {count(helped[near.index])} rows of NLI sources, in {count(helped)} of "
        f"all sources and in {count(helped[large.index])} on BERT-large; the mean of all rows is "
        f"{(rows['vanilla'] - rows['none']).mean():.2f} points",
        bool(helped[near.index].any()),
        "in at least one row",
    )
    above = rows["panda"] > rows["none"]
    yield statement(
        "table-02",
        "Section IV-C.b: PANDA consistently boosts prompt-tuning on all types of source tasks",
        "consistently",
        f"the average is above no transfer in {count(above)} rows, by {(rows['panda'] - rows['none']).mean():.2f} "
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


def _choice_of_sources() -> Iterator[Check]:
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
