"""The copies of the printed tables say what the paper prints; the values below were read off the paper's pages."""

import pytest

from panda_core.errors import UsageError
from panda_core.paper import printed
from panda_core.tasks import TABLE_1, targets
from panda_core.tasks.registry import TASKS

LINES = {
    "table-01": 21,
    "table-02": 490,
    "table-03": 84,
    "table-04": 7,
    "table-05": 10,
    "table-06": 12,
    "table-07": 24,
    "table-08": 36,
    "table-09": 4,
    "table-10": 12,
    "table-11": 108,
    "table-12": 4,
    "table-13": 450,
    "table-14": 450,
    "table-15": 450,
    "table-16": 450,
    "figure-08": 20,
}


def test_every_table_has_as_many_values_as_the_page():
    assert {exhibit: len(printed.texts(exhibit)) for exhibit in printed.FILES} == LINES


@pytest.mark.parametrize(
    ("plm", "method", "source", "target", "value"),
    [
        ("bert-large", "model-tuning", "", "cb", 94.6),
        ("bert-large", "prompt-tuning-lester", "", "Avg.", 68.9),
        ("bert-large", "vanilla-pot", "record", "cola", 0.0),
        ("bert-large", "vanilla-pot", "conll03", "Avg.", 53.9),
        ("bert-large", "panda", "mnli", "cola", 66.3),
        ("bert-large", "oracle-panda", "", "cb", 96.4),
        ("bert-base", "panda", "sst2", "Avg.", 76.3),
        ("bert-medium", "vanilla-pot", "qqp", "cb", 89.3),
        ("bert-small", "vanilla-pot", "conll12", "wsc", 68.3),
        ("bert-tiny", "panda", "squad", "mrpc", 83.0),
    ],
)
def test_values_of_the_grid(plm, method, source, target, value):
    assert printed.cell(plm, method, target, source) == value


def test_the_subscripts_of_the_grid():
    averages = printed.averages().set_index(["plm", "method", "source"])["gain"]
    assert averages["bert-large", "panda", "conll03"] == 24.1
    assert averages["bert-tiny", "panda", "record"] == 15.1
    assert averages["bert-base", "panda", "mrpc"] == 0.1
    assert averages.notna().sum() == 5 * 21 + 2


def test_the_grid_is_complete():
    grid = printed.grid()
    assert len(grid) == sum(LINES[exhibit] for exhibit in printed.GRIDS.values())
    assert len(printed.pairs()) == 5 * 189 and printed.pairs().notna().all(axis=None)
    assert set(printed.pairs()["source"]) == set(TABLE_1)
    assert set(printed.TARGETS) == set(targets())


def test_the_small_tables():
    values = printed.values("table-07").set_index(["plm", "source", "variant"])
    assert values.loc[("bert-small", "conll05", "MSE"), "value"] == 69.63
    assert values.loc[("bert-small", "qnli", "CE"), "printed"] == "69.10"
    assert printed.texts("table-12")["training_time_seconds"].tolist() == ["566.9", "480.2", "3790.3", "3850.6"]
    delta = printed.texts("table-11").query("plm == 'llama2-7b' and method == 'panda' and target == 'Avg.'")
    assert delta["printed_delta"].tolist() == ["+5.1"]
    assert printed.texts("table-08")["similarity"].tolist()[:3] == ["0.819", "0.479", "0.76"]


def test_table_1_says_what_the_task_registry_says():
    for row in printed.tasks().itertuples():
        task = TASKS[row.task]
        assert (row.lr, row.batch_size, row.epochs) == (task.lr, task.batch_size, task.epochs)
        assert (row.train_size, row.transfer_type.split("/")) == (task.train_size, list(task.roles))
        assert row.cluster_inferred == task.cluster


@pytest.mark.parametrize(("text", "half"), [("79.0", 0.05), ("69.10", 0.005), ("480", 0.5), ("+0.4", 0.05)])
def test_rounding_of_a_printed_number(text, half):
    assert printed.half_unit(text) == pytest.approx(half)


def test_exhibits_have_the_papers_names():
    assert [printed.title(name) for name in ("table-01", "table-09", "table-16", "figure-08")] == [
        "Table I",
        "Table IX",
        "Table XVI",
        "Figure 8",
    ]


def test_an_unknown_table_is_named():
    with pytest.raises(UsageError, match="unknown printed table 'table-17'"):
        printed.texts("table-17")
    with pytest.raises(UsageError, match="one number per line"):
        printed.values("table-12")
