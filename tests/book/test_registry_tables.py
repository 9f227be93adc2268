"""The tables that the book draws from the task registry."""

import pytest

from panda_core.tasks import TABLE_1, TASKS, get_task

docutils = pytest.importorskip("docutils")


@pytest.fixture(scope="module")
def registries(root):
    """The module of the directive."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(root / "book" / "_ext"))
        import registries

        yield registries


def lines_of(text, count):
    """The cells of a list-table, a list per row."""
    start = next(i for i, line in enumerate(text) if line.startswith("* - "))
    cells = [line[4:] for line in text[start:-1]]
    return [cells[i : i + count] for i in range(0, len(cells), count)]


def test_every_task_says_where_the_hub_has_it_and_whether_a_source_confirms_it(registries):
    header, *rows = lines_of(registries.table("hub"), 7)
    assert header[-1] == "Confirmed"
    assert [row[0] for row in rows] == [task.title for task in TASKS.values()]
    for row, task in zip(rows, TASKS.values(), strict=True):
        if task.hub is None:
            assert row[1].startswith("not on the hub") and row[-1] == "–"
        else:
            assert row[1] == f"`{task.hub.id}`"
            assert row[-1] == (f"yes: {task.hub.confirmed_by}" if task.hub.confirmed_by else "no")
            assert f"`{task.label}`" in row[5] and f"`{task.validation}`" in row[4]


def test_a_commit_is_shown_where_it_is_pinned(registries):
    rows = {row[0]: row for row in lines_of(registries.table("hub"), 7)}
    assert rows["CB"][3] == f"`{get_task('cb').hub.revision[:12]}`"
    assert rows["CoNLL03"][3] == "newest of `refs/convert/parquet`"
    assert rows["OntoNotes"][1] == "not on the hub: licensed"


def test_the_papers_tasks_and_the_others_are_two_tables(registries):
    assert len(lines_of(registries.table("tasks"), 7)) == 1 + len(TABLE_1) == 22
    assert len(lines_of(registries.table("stand-ins"), 7)) == 1 + len(TASKS) - len(TABLE_1)
