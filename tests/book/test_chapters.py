"""The chapters say what the package says: fields, defaults and citations."""

import re
from dataclasses import fields, is_dataclass

import pytest

from panda_core.protocol import PAPER
from panda_core.tasks.registry import TASKS


def leaves(group, path: str = "") -> dict[str, object]:
    """Dotted name -> value of every field below a dataclass."""
    found = {}
    for item in fields(group):
        value, name = getattr(group, item.name), f"{path}{item.name}"
        found |= leaves(value, f"{name}.") if is_dataclass(value) else {name: value}
    return found


@pytest.fixture(scope="module")
def chapter(root):
    """A function: name of a chapter -> its text."""
    return lambda name: (root / "book" / f"{name}.md").read_text(encoding="utf-8")


def test_open_choices_lists_every_field_with_its_default(chapter):
    rows = re.findall(r"^\* - .+\n  - `([a-z_.]+)`\n  - [^`\n]*`([^`]+)`", chapter("open-choices"), re.MULTILINE)
    assert dict(rows) == {name: str(value) for name, value in leaves(PAPER).items()}


def test_every_citation_of_a_task_is_in_the_bibliography(root):
    keys = re.findall(r"^@\w+\{(\S+),$", (root / "book" / "references.bib").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(set(keys)) == len(keys)
    assert {task.citation for task in TASKS.values()} - set(keys) == set()


def test_every_reference_is_cited(root):
    pages = [*(root / "book").glob("*.md"), *(root / "notebooks").rglob("*.py")]
    text = "".join(path.read_text(encoding="utf-8") for path in pages)
    cited = set(re.findall(r"\{cite:[pt]\}`([^`]+)`", text)) | {task.citation for task in TASKS.values()}
    keys = re.findall(r"^@\w+\{(\S+),$", (root / "book" / "references.bib").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(keys) == cited
