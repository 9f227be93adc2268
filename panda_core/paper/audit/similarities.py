"""Tables VIII, IX and X, and the similarities of Figure 8."""

from collections.abc import Iterator

import pandas as pd
from scipy.stats import spearmanr

from panda_core.paper import printed
from panda_core.paper.audit import composition, names
from panda_core.paper.audit.check import Check, number, statement
from panda_core.tasks import get_task

GROUP = "similarities"


def by_samples() -> pd.DataFrame:
    """Table VIII: similarity of QNLI to each target (columns) by number of sampled examples (rows)."""
    frame = printed.values("table-08").assign(n=lambda f: f["variant"].astype(int))
    return frame.pivot(index="n", columns="target", values="value")[list(printed.TARGETS)]


def checks() -> list[Check]:
    """All of them."""
    return [*_table_9(), *_table_8_statements(), *_against_gains(), *_table_10()]


def _table_9() -> Iterator[Check]:
    line = printed.texts("table-09").set_index("source").loc["qnli"]
    table = by_samples()
    # similarities printed to 0.001 move a mean over targets by at most 0.0005, and a deviation by no more than that
    why, tolerance = "from similarities rounded to 0.001", 0.0005 + 0.000005
    yield number(
        "table-09",
        GROUP,
        "QNLI, standard deviation over the four numbers of samples (dividing by 4), mean over 9 targets",
        float(line["standard_deviation"]),
        table.std(ddof=0).mean(),
        tolerance,
        why,
        5,
    )
    ours = (table.loc[100] - table.mean()).abs().mean()
    yield number(
        "table-09",
        GROUP,
        "QNLI, |ours - average|: 100 samples against the mean of the four, mean over 9 targets",
        float(line["abs_ours_minus_avg"]),
        ours,
        2 * tolerance,
        why,
        5,
    )
    for source in ("mnli", "sst2", "conll05"):
        yield Check(
            "table-09",
            GROUP,
            f"the row of {names.task(source)}",
            "two numbers",
            "its similarities are not printed",
            "cannot tell",
        )


def _table_8_statements() -> Iterator[Check]:
    table = by_samples()
    fifty = (table.loc[50] - table.loc[100]).abs()
    above = table.loc[[100, 200, 300]].max() - table.loc[[100, 200, 300]].min()
    wider = sum((table.max() - table.min()) > above)
    relative = 100 * (above / table.loc[100])[table.loc[100] > 0.1]
    yield statement(
        "table-08",
        "Section IV-D.e: relatively larger changes when only 50 instances are sampled",
        "larger changes at 50",
        f"mean change from 50 to 100 is {fifty.mean():.3f}, from 100 to 200 "
        f"{(table.loc[200] - table.loc[100]).abs().mean():.3f}; "
        f"50 lies outside the range of the others for {wider} of 9 targets",
        fifty.mean() > (table.loc[200] - table.loc[100]).abs().mean() and wider > 4,
        "the mean change is larger, and 50 is outside the others' range for most targets",
    )
    yield statement(
        "table-08",
        "Section IV-D.e: above 50, the similarities are almost unchanged",
        "almost unchanged",
        f"between 100 and 300 samples they move by {above.mean():.3f} on average, at most {above.max():.3f} "
        f"({names.task(above.idxmax())}); "
        f"relative to the value, at most {relative.max():.0f} % ({names.task(relative.idxmax())}) among values above "
        "0.1",
        above.max() < 0.05,
        "no similarity moves by 0.05 or more",
    )


def _against_gains() -> Iterator[Check]:
    """The printed similarities beside the tasks' types and the printed gains of the same pairs."""
    used = by_samples().loc[100].sort_values(ascending=False)
    near = [target for target in used.index if get_task("qnli").same_type(get_task(target))]
    closest = ", ".join(f"{names.task(target)} {value:.3f}" for target, value in used.head(3).items())
    yield statement(
        "table-08",
        "Section IV-E.a: similar tasks have larger prompt transferability (QNLI and the nine targets)",
        "larger",
        f"mean of the NLI targets {used[near].mean():.3f}, of the others {used.drop(near).mean():.3f}; the closest are "
        f"{closest}",
        bool(used[near].mean() > used.drop(near).mean()),
        "the mean of the same type is larger",
    )
    for exhibit, words, frame in (
        ("table-08", "QNLI to nine targets, BERT-base", composition.similarity_and_gain()),
        ("figure-08", "MNLI and CoNLL05 to CB and COPA, BERT-large", composition.case_similarity_and_gain()),
    ):
        vanilla, panda = (spearmanr(frame["similarity"], frame[name]) for name in ("vanilla_over_none", "over_none"))
        yield statement(
            exhibit,
            f"Introduction, Section V-e: vanilla PoT depends on the similarity ({words})",
            "sensitive",
            f"rank correlation of the printed similarity with the gain over no transfer: vanilla PoT "
            f"{vanilla.statistic:.2f} (p = {vanilla.pvalue:.2f}), PANDA {panda.statistic:.2f} ({len(frame)} pairs)",
            bool(vanilla.statistic > 0) if vanilla.pvalue < 0.05 else None,
            "Spearman's correlation, two-sided at 5 %; so few pairs cannot tell a weaker one from none",
        )


def _table_10() -> Iterator[Check]:
    frame = printed.values("table-10").set_index(["plm", "method", "variant"])["value"]
    for plm in ("bert-large", "bert-base"):
        gap = {m: frame[plm, m, "same"] - frame[plm, m, "different"] for m in ("e_avg", "on", "ours")}
        ratio = {m: frame[plm, m, "same"] / frame[plm, m, "different"] for m in ("e_avg", "on", "ours")}
        words = "; ".join(
            f"{label} {gap[m]:.1f} points, ratio {ratio[m]:.1f}"
            for m, label in (("e_avg", "E_avg"), ("on", "ON"), ("ours", "ours"))
        )
        yield statement(
            "table-10",
            f"Section IV-E.a: the new metric best separates same from different types ({names.plm(plm)})",
            "best",
            words,
            gap["ours"] == max(gap.values()) and ratio["ours"] == max(ratio.values()),
            "largest difference and largest ratio",
        )
        yield statement(
            "table-10",
            f"Section IV-E.a: the other metrics fall short in distinguishing task relationships ({names.plm(plm)})",
            "fall short",
            f"they too have larger similarities within a type: by {gap['on']:.1f} points (ON) and {gap['e_avg']:.1f} "
            "(E_avg)",
            None,
            "how short is not said; the means of Table X cannot tell how much the types overlap",
        )
    falls = frame["bert-base", "ours", "same"] < frame["bert-large", "ours", "same"]
    rises = frame["bert-base", "e_avg", "same"] > frame["bert-large", "e_avg", "same"]
    yield statement(
        "table-10",
        "Appendix B: similarities by the new metric drop with the size of the PLM, cosines of prompts rise",
        "opposite tendencies",
        f"same type, BERT-large to BERT-base: ours {frame['bert-large', 'ours', 'same']} to "
        f"{frame['bert-base', 'ours', 'same']}, E_avg {frame['bert-large', 'e_avg', 'same']} to "
        f"{frame['bert-base', 'e_avg', 'same']}; the smaller PLMs are in Figure 9 only",
        falls and rises,
        "the two sizes of Table X; Figure 9 prints no numbers",
    )
