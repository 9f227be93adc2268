"""Sentences on the analyses (Sections IV-C.e to V) against the printed tables; each rule says when one agrees."""

from collections.abc import Iterator

from panda_core.paper import printed
from panda_core.paper.audit import names
from panda_core.paper.audit.check import Check, count, statement


def checks() -> list[Check]:
    """All of them."""
    return [*_multitask(), *_ablations(), *_larger_plms(), *_case_study()]


def _multitask() -> Iterator[Check]:
    score = printed.values("table-04").set_index("method")["value"]
    rivals = score[["attempt", "sesom"]]
    yield statement(
        "table-04",
        "Section IV-C.e: both fusions are consistently better than ATTEMPT and SESoM",
        "better",
        f"{score['panda-early']:g} and {score['panda-late']:g} against {rivals.max():g} and {rivals.min():g}",
        bool(score[["panda-early", "panda-late"]].min() > rivals.max()),
    )
    yield statement(
        "table-04",
        "Section IV-C.e: multi-task PoT generally outperforms single-task PoT",
        "generally",
        f"without distillation {rivals.min():g} and {rivals.max():g} against {score['vanilla-pot']:g}; with it "
        f"{score['panda-late']:g} and {score['panda-early']:g} against {score['panda']:g}. Single-task PANDA from "
        "SST-2 alone "
        f"has {printed.cell('bert-base', 'panda', source='sst2'):g}, and vanilla PoT from MNLI alone "
        f"{printed.cell('bert-base', 'vanilla-pot', source='mnli'):g} (Table XIII)",
        bool(rivals.min() > score["vanilla-pot"] and score["panda-late"] > score["panda"]),
        "each against its own kind",
    )


def _ablations() -> Iterator[Check]:
    teachers = printed.values("table-05").set_index(["plm", "method", "variant"])["value"].sort_index()
    metrics = printed.values("table-06").set_index(["plm", "method", "variant"])["value"].sort_index()
    for plm in ("bert-large", "bert-small"):
        t = teachers[plm]
        none, rand = t["p-tuning-v2", ""], t["panda", "random prompt"]
        source, like = t["panda", "source prompt"], t["panda", "target-like prompt"]
        yield statement(
            "table-05",
            f"Section IV-D.a: a random teacher hinders, the target-like teacher is best ({names.plm(plm)})",
            "order",
            f"random {rand:g} below no transfer {none:g}, source {source:g}, target-like {like:g}",
            rand < none < source < like,
        )
        yield statement(
            "table-05",
            f"Footnote 3: the original teacher is comparable to the target-like one ({names.plm(plm)})",
            "comparable",
            f"{source:g} against {like:g}; PANDA over vanilla PoT is {like - t['vanilla-pot', '']:.1f} points, of "
            "which "
            f"{like - source:.1f} are lost without the target-like teacher",
            source > t["vanilla-pot", ""],
            "still above vanilla PoT",
        )
    for plm in ("bert-medium", "bert-tiny"):
        m = metrics[plm]
        variants, ours = m["panda"].drop("our metric"), m["panda", "our metric"]
        yield statement(
            "table-06",
            f"Section IV-D.b: every variant is better than vanilla PoT ({names.plm(plm)})",
            "all",
            f"least {m['panda'].min():g} against {m['vanilla-pot', '']:g}",
            bool(m["panda"].min() > m["vanilla-pot", ""]),
        )
        yield statement(
            "table-06",
            f"Section IV-D.b: the new metric improves most on the constant factor ({names.plm(plm)})",
            "most",
            f"ours {ours:g}, constant {m['panda', 'constant (ones)']:g}, E_avg {m['panda', 'E_avg metric']:g}, ON "
            f"{m['panda', 'ON metric']:g}",
            bool(ours > variants.max()),
        )
    medium = metrics["bert-medium", "panda"]
    ours, others = medium["our metric"], medium[["E_avg metric", "ON metric"]]
    yield statement(
        "table-06",
        "Section V-c: the difference on BERT-medium is higher than 0.62",
        "more than 0.62",
        f"{ours - others.max():.1f} and {ours - others.min():.1f} over ON and E_avg; "
        f"{ours - medium['constant (ones)']:.1f} over no "
        "metric at all (the constant one)",
        bool(ours - others.max() > 0.62),
        "against the other metrics",
    )
    losses = printed.values("table-07").pivot(index=["plm", "source"], columns="variant", values="value")
    best = losses.idxmax(axis=1) == "MSE"
    gap = (losses["KL"] - losses["CE"]).abs()
    yield statement(
        "table-07",
        "Section IV-D.c: MSE is best in most settings",
        "most",
        f"in {count(best)}; on average "
        f"{(losses['MSE'] - losses[['CE', 'KL']].max(axis=1)).mean():.2f} points over the better of the others",
        bool(best.mean() > 0.5),
    )
    yield statement(
        "table-07",
        "Section IV-D.c: CE and KL at temperature 1 are similarly equivalent",
        "similarly equivalent",
        "with a fixed teacher they differ by a constant, so their gradients are the same and rows apart are apart by "
        f"chance: {gap.mean():.2f} points on average, at most {gap.max():.2f}; MSE less the mean of the two is "
        f"{(losses['MSE'] - losses[['CE', 'KL']].mean(axis=1)).mean():+.2f}",
        None,
        "the temperature that was used is not printed",
    )
    spread = losses.max(axis=1) - losses.min(axis=1)
    yield statement(
        "table-07",
        "Section IV-D.c: the losses differ little, KL and CE least",
        "little",
        f"KL and CE differ by {gap.mean():.2f} on average, at most {gap.max():.2f}; all three by "
        f"{spread.mean():.2f}, at most "
        f"{spread.max():.2f}",
        bool(gap.mean() < spread.mean() and spread.max() < 1),
        "less than a point; KL and CE closer than the three",
    )


def _larger_plms() -> Iterator[Check]:
    frame = printed.values("table-11")
    best, alone, cells = {}, {}, 0
    for plm in frame["plm"].unique():
        wide = frame[frame["plm"] == plm].pivot(index="target", columns="method", values="value")
        targets, average = wide.drop(index=printed.AVERAGE), wide.loc[printed.AVERAGE]
        best[plm] = int((targets["panda"] >= targets.max(axis=1)).sum())
        alone[plm] = int((targets["panda"] > targets.drop(columns="panda").max(axis=1)).sum())
        cells += len(targets)
        over_none, over_vanilla = (average["panda"] - average[m] for m in ("p-tuning-v2", "vanilla-pot"))
        yield statement(
            "table-11",
            f"Table XI prints the gain over prompt-tuning, not over vanilla PoT ({names.plm(plm)})",
            "only the first",
            f"PANDA {over_none:+.1f} over P-Tuning v2, of which vanilla PoT alone has "
            f"{over_none - over_vanilla:+.1f}; PANDA "
            f"{over_vanilla:+.1f} over vanilla PoT, {average['panda'] - average['model-tuning']:+.1f} over "
            "model-tuning",
            None,
        )
    words = ", ".join(f"{names.plm(plm)} {times}" for plm, times in best.items())
    yield statement(
        "table-11",
        "Section V-a: PANDA outperforms the other methods on most tasks",
        "most",
        f"best, or as good as the best, in {sum(best.values())} of {cells} cells (of 8 each: {words}); best alone in "
        f"{sum(alone.values())}",
        sum(best.values()) > cells / 2,
        "more than half of all cells",
    )
    llama = frame.query("plm == 'llama2-7b' and target == @printed.AVERAGE").set_index("method")["value"]
    gain = llama["panda"] - llama["p-tuning-v2"]
    yield statement(
        "table-11",
        "Section V-a: on LLaMA2-7b gains of up to 5.1",
        "+5.1",
        f"{gain:+.1f} over P-Tuning v2",
        round(gain, 1) == 5.1,
        "the difference of the two averages",
    )
    cells = frame.query("plm == 'llama2-7b' and target != @printed.AVERAGE").pivot(
        index="target", columns="method", values="value"
    )
    over = {m: cells["panda"] > cells[m] for m in ("p-tuning-v2", "vanilla-pot")}
    yield statement(
        "table-11",
        "Section V-a: on LLaMA2-7b the gains are consistent",
        "consistent",
        f"above P-Tuning v2 on {count(over['p-tuning-v2'])} targets, above vanilla PoT on "
        f"{count(over['vanilla-pot'])}",
        bool(over["p-tuning-v2"].all()),
        "over P-Tuning v2, to which Table XI prints its gains, on every target",
    )
    yield statement(
        "table-11",
        "Captions: bold marks the best results or positive transfers",
        "bold",
        "type faces were not transcribed",
        None,
    )


def _case_study() -> Iterator[Check]:
    frame = printed.texts("figure-08")
    right = frame.assign(ok=frame["marked_correct"] == "1").set_index(["example", "source", "method"])["ok"]
    cells = printed.pairs().query("plm == 'bert-large'")
    tuned = cells["target"].map(lambda target: printed.cell("bert-large", "model-tuning", target))
    above = (cells["vanilla"] > cells["panda"]) & (cells["vanilla"] > tuned)
    yield statement(
        "figure-08",
        "Section V-e: in some settings vanilla PoT even outperforms model-tuning and PANDA",
        "some",
        f"{count(above)} cells of Table II; MNLI to CB is "
        f"{printed.cell('bert-large', 'vanilla-pot', 'cb', 'mnli'):g} against "
        f"{printed.cell('bert-large', 'model-tuning', 'cb'):g} and "
        f"{printed.cell('bert-large', 'panda', 'cb', 'mnli'):g}",
        bool(above.any()),
        "in at least one cell of Table II",
    )
    yield statement(
        "figure-08",
        "Section V-e: from CoNLL05 to COPA vanilla PoT fails",
        "fails",
        f"vanilla PoT {_right(right['2', 'conll05', 'vanilla-pot'])} in the printed example; in Table II "
        f"{printed.cell('bert-large', 'vanilla-pot', 'copa', 'conll05'):g} against "
        f"{printed.cell('bert-large', 'p-tuning-v2', 'copa'):g} without transfer. From MNLI it is "
        f"{printed.cell('bert-large', 'vanilla-pot', 'copa', 'mnli'):g}, and from CoNLL05 to CB "
        f"{printed.cell('bert-large', 'vanilla-pot', 'cb', 'conll05'):g} against "
        f"{printed.cell('bert-large', 'p-tuning-v2', 'cb'):g} without transfer",
        not right["2", "conll05", "vanilla-pot"]
        and printed.cell("bert-large", "vanilla-pot", "copa", "conll05")
        < printed.cell("bert-large", "p-tuning-v2", "copa"),
        "wrong in the example and below no transfer in Table II",
    )
    both = [("2", s, m) for s in ("mnli", "conll05") for m in ("source-model", "panda")]
    yield statement(
        "figure-08",
        "Section V-e: in example 2 both source models are wrong and PANDA is right",
        "wrong, right",
        "; ".join(
            f"{names.task(s)} {'source model' if m == 'source-model' else 'PANDA'} {_right(right[e, s, m])}"
            for e, s, m in both
        ),
        all(right[key] == (key[2] == "panda") for key in both),
    )
    yield statement(
        "figure-08",
        "Section V-e: PANDA can fail where source and target are very similar (MNLI and CB)",
        "can fail",
        f"PANDA from MNLI {_right(right['1', 'mnli', 'panda'])}, from CoNLL05 {_right(right['1', 'conll05', 'panda'])}",
        not right["1", "mnli", "panda"],
        "wrong in the printed example",
    )


def _right(ok: bool) -> str:
    return "right" if ok else "wrong"
