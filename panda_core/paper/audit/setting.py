"""What Sections III, IV-A, IV-B and IV-D.e say about tasks, PLMs and samples, against Table I and public facts."""

from collections.abc import Iterator

from panda_core.paper import printed
from panda_core.paper.audit import names
from panda_core.paper.audit.check import Check, number, statement
from panda_core.tasks import get_task

# Vocabulary, layers, width of the public checkpoints; the two larger ones cased, as Table XII's count has it.
CASED, UNCASED = 28996, 30522
BERT = {
    "bert-large": (CASED, 24, 1024), "bert-base": (CASED, 12, 768), "bert-medium": (UNCASED, 8, 512),
    "bert-small": (UNCASED, 4, 512), "bert-tiny": (UNCASED, 2, 128),
}  # fmt: skip
# Section IV-B, in millions.
SIZES = {"bert-large": 340, "bert-base": 110, "bert-medium": 42, "bert-small": 29, "bert-tiny": 4.4}
SMALL = 20_000  # caption of Table I
GLUE, SUPERGLUE = 9, 8  # tasks of the two benchmarks
MOST_SAMPLES = 300  # Table VIII


def bert_parameters(vocabulary: int, layers: int, width: int) -> int:
    """Parameters of BERT: embeddings (512 positions, 2 segments), layers (feed-forward of four widths), pooler."""
    embeddings = (vocabulary + 512 + 2) * width + 2 * width
    attention, feed_forward, norms = 4 * (width**2 + width), 8 * width**2 + 5 * width, 4 * width
    return embeddings + layers * (attention + feed_forward + norms) + width**2 + width


def checks() -> list[Check]:
    """All of them."""
    return [*_groups(), *_metrics(), *_small_tasks(), *_plms(), *_samples(), *_names()]


def _groups() -> Iterator[Check]:
    tasks = printed.tasks()
    targets = set(tasks.loc[tasks["transfer_type"].str.contains("target"), "task"])
    yield statement(
        "table-01",
        "Abstract: 189 combinations of 21 source and 9 target datasets",
        "189 = 21 x 9",
        f"{len(tasks)} tasks, {len(targets)} of them targets: {len(tasks) * len(targets)}",
        (len(tasks), len(targets)) == (21, 9) and targets == set(printed.TARGETS),
    )
    sizes = tasks["group"].value_counts()
    yield statement(
        "table-01",
        "Section IV-A: all datasets of SuperGLUE are sources",
        "all",
        f"{sizes['SuperGLUE']} of {SUPERGLUE}",
        bool(sizes["SuperGLUE"] == SUPERGLUE),
    )
    yield statement(
        "table-01",
        "Section IV-A: most of GLUE's datasets are sources",
        "most",
        f"{sizes['GLUE']} of {GLUE}; RTE is counted with SuperGLUE, WNLI is not used",
        bool(sizes["GLUE"] > GLUE / 2),
        "more than half",
    )
    kinds = tasks["task_type"].nunique()
    yield statement(
        "table-01",
        "Section IV-E: six groups of tasks, details are shown in Table I",
        "six groups",
        f"{kinds} task types are printed and no groups; {(tasks['cluster'] != '').sum()} of 21 tasks have a type "
        "that is a group's name",
        None,
    )
    group = printed.clusters()
    inside = {name: sum(group[t] == name for t in printed.TARGETS) for name in dict.fromkeys(group.values())}
    yield statement(
        "table-01",
        "Section IV-C.b: many of the targets are NLI tasks",
        "many",
        f"{inside['NLI']} of 9 (CB, RTE, WSC); the next largest groups have "
        f"{sorted(inside.values())[-2]}",
        inside["NLI"] == max(inside.values()),
        "the largest group of targets",
    )
    yield statement(
        "table-01",
        "Section IV-A: the extractive QA task is SQuAD 2.0",
        "SQuAD 2.0",
        f"printed size {tasks.set_index('task').loc['squad', 'train_size']}; version 1.1 has "
        f"{get_task('squad').rows[0]:,} training examples, version 2.0 {get_task('squad_v2').rows[0]:,}",
        False,
        "the printed size is that of the version named",
    )


def _metrics() -> Iterator[Check]:
    accurate = int((printed.tasks()["metric"] == "accuracy").sum())
    yield statement(
        "table-01",
        "Section IV-A: accuracy is the metric of most datasets",
        "most",
        f"{accurate} of 21; the text names other metrics for the rest",
        accurate > 21 / 2,
        "more than half",
    )


def _small_tasks() -> Iterator[Check]:
    sizes = printed.tasks().set_index("task")["train_size"].map(printed.size)
    largest = sizes[list(printed.TARGETS)]
    yield statement(
        "table-01",
        "Section IV-A: low-resource datasets are the targets",
        "low-resource",
        f"at most {largest.max():,} training examples ({names.task(largest.idxmax())}); BoolQ is as small and no "
        "target",
        bool(largest.max() < SMALL),
        "small in the sense of Table I: fewer than 20K",
    )
    yield statement(
        "table-01",
        "Section III-C.2: on larger targets (e.g. MNLI) the teacher takes 1000 steps",
        "e.g. MNLI",
        f"no target has {SMALL:,} training examples, and MNLI is no target: the case does not arise in any table",
        None,
    )


def _plms() -> Iterator[Check]:
    for plm, millions in SIZES.items():
        yield number(
            "table-03" if plm != "bert-large" else "table-02",
            "arithmetic",
            f"Section IV-B: parameters of {names.plm(plm)} (millions)",
            millions,
            bert_parameters(*BERT[plm]) / 1e6,
            0.03 * millions,
            "within 3 %: rounded in print, with or without the head of pretraining",
            1,
        )


def _samples() -> Iterator[Check]:
    rows = {name: get_task(name).rows for name in printed.TARGETS}
    validation = {name: sizes[1] for name, sizes in rows.items() if sizes[1] is not None}
    ranked = sorted(validation, key=validation.get)
    yield statement(
        "table-08",
        "Section IV-D.e: 100 is the size of the smallest validation set, that of COPA",
        "COPA, 100",
        ", ".join(f"{names.task(name)} {validation[name]}" for name in ranked[:3]),
        ranked[0] == "copa" and validation["copa"] == 100,
        "the smallest of the nine targets",
    )
    total = {name: sum(sizes) for name, sizes in rows.items() if None not in sizes}
    least = min(total, key=total.get)
    yield statement(
        "table-08",
        "Section IV-D.e: larger samples are drawn from the training set or the whole data set",
        "up to 300",
        f"training and validation set together have {total[least]} examples or more ({names.task(least)})",
        total[least] >= MOST_SAMPLES,
        "every target has 300 examples in all",
    )


def _names() -> Iterator[Check]:
    yield Check(
        "table-04",
        "names",
        "Section IV-B calls a rival SEMoE, Section II-B and Table IV SESoM",
        "SEMoE and SESoM",
        "one reference, [41], for both names",
        "differs",
        "one method, one name",
    )
