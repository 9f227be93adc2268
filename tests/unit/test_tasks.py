"""The registry against Table I as printed, and what every declaration must hold."""

import json
import string
import subprocess
import sys
from dataclasses import asdict

import pytest

from panda_core.errors import UsageError
from panda_core.formats import get_format
from panda_core.metrics import METRICS
from panda_core.tasks import TABLE_1, TASKS, and_stand_ins, get_target, get_task, targets

NLI, QA, NER, SRL = (
    "Natural Language Inference", "Question Answering", "Named Entity Recognition", "Semantic Role Labeling",
)
# Table I, row by row: name, type, target too?, |Train|, rate, batch size, epochs, metric, and the group of Section IV-E.
PRINTED = [
    ("boolq", QA, False, "9K", 5e-3, 32, 100, "Accuracy", "QA"),
    ("cb", NLI, True, "250", 1e-2, 16, 100, "Accuracy", "NLI"),
    ("rte", NLI, True, "2K", 1e-2, 32, 60, "Accuracy", "NLI"),
    ("wic", "Word Sense Disambiguation", True, "5K", 1e-2, 16, 80, "Accuracy", "others"),
    ("wsc", NLI, True, "554", 5e-3, 16, 80, "Accuracy", "NLI"),
    ("copa", QA, True, "400", 1e-2, 16, 80, "Accuracy", "QA"),
    ("multirc", QA, False, "27K", 5e-3, 32, 40, "F1", "QA"),
    ("record", QA, False, "25K", 5e-3, 16, 5, "F1", "QA"),
    ("mnli", NLI, False, "393K", 5e-3, 64, 20, "Accuracy", "NLI"),
    ("cola", "Grammatical Acceptability", True, "9K", 5e-3, 16, 40, "Matthews", "others"),
    ("sst2", "Sentiment Analysis", False, "67K", 5e-3, 32, 60, "Accuracy", "others"),
    ("qnli", NLI, False, "105K", 5e-3, 32, 20, "Accuracy", "NLI"),
    ("mrpc", "Paraphrase Detection", True, "4K", 1e-2, 32, 60, "Accuracy", "SM"),
    ("stsb", "Semantic Similarity", True, "6K", 1e-2, 32, 60, "Pearson-Spearman", "SM"),
    ("qqp", "Paraphrase Detection", False, "364K", 5e-3, 64, 20, "Accuracy", "SM"),
    ("squad", QA, False, "88K", 5e-3, 8, 10, "F1", "QA"),
    ("conll03", NER, False, "14K", 3e-2, 16, 30, "F1", "NER"),
    ("conll04", NER, True, "928", 2e-2, 32, 40, "F1", "NER"),
    ("conll05", SRL, False, "90K", 6e-3, 16, 15, "F1", "SRL"),
    ("conll12", SRL, False, "82K", 5e-3, 16, 45, "F1", "SRL"),
    ("ontonotes", NER, False, "60K", 1e-2, 16, 30, "F1", "NER"),
]


@pytest.mark.parametrize("row", PRINTED, ids=[row[0] for row in PRINTED])
def test_the_registry_holds_table_1(row):
    name, kind, target, size, lr, batch_size, epochs, metric, cluster = row
    task = get_task(name)
    assert (task.type, task.roles) == (kind, ("source", "target") if target else ("source",))
    assert (task.train_size, task.lr, task.batch_size, task.epochs) == (size, lr, batch_size, epochs)
    assert task.metric.lower().endswith(metric.lower())
    assert task.cluster == cluster
    assert task.in_table_1


def test_table_1_has_21_tasks_in_its_order():
    assert [row[0] for row in PRINTED] == list(TABLE_1) == list(TASKS)[:21]
    groups = [TASKS[name].group for name in TABLE_1]
    assert groups == ["SuperGLUE"] * 8 + ["GLUE"] * 7 + ["Others"] * 6


def test_the_nine_targets():
    assert set(targets()) == {"cb", "rte", "wic", "wsc", "copa", "cola", "mrpc", "stsb", "conll04"}


def test_clusters_say_whether_they_are_printed():
    inferred = {name for name in TABLE_1 if TASKS[name].cluster_note.startswith("inferred")}
    assert inferred == {"wic", "cola", "sst2", "mrpc", "stsb", "qqp"}
    assert all(TASKS[name].cluster_note.startswith("printed") for name in set(TABLE_1) - inferred)


@pytest.mark.parametrize("name", TASKS)
def test_every_declaration_can_be_used(name):
    task = TASKS[name]
    fmt = get_format(task)
    assert task.name == name
    assert task.metric in METRICS
    assert fmt.outputs(task) >= 1
    assert task.licence
    assert task.citation
    fields = {field for text in task.template for _, field, _, _ in string.Formatter().parse(text) if field}
    assert fields <= set(task.inputs)
    assert set(task.may_be_empty) <= set(task.inputs)
    assert len(set(task.labels)) == len(task.labels)
    assert len(task.template) <= 2
    json.dumps(asdict(task), allow_nan=False)


@pytest.mark.parametrize("name", [name for name, task in TASKS.items() if not task.in_table_1])
def test_tasks_outside_the_paper_say_so(name):
    task = TASKS[name]
    assert task.roles == ("source",)
    assert task.train_size == ""
    assert task.licensed is None
    assert task.cluster_note.startswith("not in the paper")
    assert task.stands_in_for == "" or TASKS[task.stands_in_for].licensed is not None


def test_every_licensed_task_has_an_open_stand_in_of_the_same_format():
    for name in TABLE_1:
        if TASKS[name].licensed:
            stand_in = get_task(TASKS[name].licensed.stand_in)
            assert (stand_in.format, stand_in.in_table_1) == (TASKS[name].format, False)


def test_tags_start_with_o_and_come_in_pairs():
    for task in TASKS.values():
        if task.format in ("tagging", "srl"):
            assert task.labels[0] == "O"
            assert [tag[2:] for tag in task.labels[1::2]] == [tag[2:] for tag in task.labels[2::2]]
            assert {tag[:2] for tag in task.labels[1::2]} == {"B-"}


def test_an_unknown_task_gets_near_matches():
    with pytest.raises(UsageError, match=r"unknown task 'cola2': did you mean cola "):
        get_task("cola2")


@pytest.mark.parametrize("name", ["mnli", "wnut17"])
def test_a_source_cannot_be_a_target(name):
    with pytest.raises(UsageError, match=f"{name} cannot be a target"):
        get_target(name)


def test_the_registry_needs_no_torch():
    code = "import sys, panda_core.tasks; sys.exit('torch' in sys.modules or 'pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_licensed_task_is_named_with_those_that_stand_in_for_it():
    assert and_stand_ins({"conll05", "mnli"}) == ("mnli", "conll05", "propbank_ewt_srl")
