"""The chapters of the tutorial: built alike, their committed copies of the present sources, their buttons and figures."""

import hashlib
import importlib.util
import json
import re
import subprocess
import sys
from itertools import pairwise

import jupytext
import pytest

from panda_core import notebooks

SOURCES = sorted((notebooks.SOURCES / "tutorials").glob("*.py"))


@pytest.fixture(params=SOURCES, ids=lambda path: path.stem)
def chapter(request):
    """The cells of a chapter's source."""
    return jupytext.read(request.param).cells


def extension(root, name):
    spec = importlib.util.spec_from_file_location(name, root / "book" / "_ext" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def tags(cell):
    return cell.metadata.get("tags", [])


def test_parameters_say_what_runs(chapter):
    defaults = notebooks.parameters_of(type("Notebook", (), {"cells": chapter}))
    assert {"data": "practice", "plm": "minilm-l6", "seed": 0}.items() <= defaults.items()
    assert "steps" in defaults


def test_a_chapter_has_its_parts_in_order(chapter):
    text = "\n".join(cell.source for cell in chapter if cell.cell_type == "markdown")
    parts = ["# ", "Before you start", "**Time:**", "What could go wrong", "## Exercises", "## Further reading", "{cite:"]
    for part in parts:
        assert part in text, f"'{part}' is missing, or too early"
        text = text.partition(part)[2]


def test_every_exercise_has_a_hidden_solution_that_checks_itself(chapter):
    numbers = []
    for cell, following in pairwise(chapter):
        found = re.search(r"^\*\*(\d)\. ", cell.source, re.MULTILINE) if cell.cell_type == "markdown" else None
        if found:
            numbers.append(int(found[1]))
            assert following.cell_type == "code" and tags(following) == ["hide-cell"]
            assert re.search(r"assert|raise AssertionError", following.source), f"exercise {found[1]}"
    assert numbers == list(range(1, len(numbers) + 1)) and 3 <= len(numbers) <= 5


def test_by_hand_and_library_are_compared(chapter):
    before = "\n".join(cell.source for cell in chapter if cell.cell_type == "code" and "hide-cell" not in tags(cell))
    assert "assert_close(" in before


def test_an_equation_stands_beside_the_code_that_computes_it(chapter):
    for cell, following in pairwise(chapter):
        if cell.cell_type == "markdown" and "$$" in cell.source:
            assert following.cell_type == "code" and re.search(r"Eq\. \d", following.source), cell.source[:80]


def test_no_cell_is_a_wall_of_code(chapter):
    for cell in chapter:
        if cell.cell_type == "code":
            assert len(cell.source.splitlines()) <= 35, cell.source[:80]


def test_every_figure_has_a_text_alternative(chapter):
    for cell in chapter:
        if cell.cell_type == "code" and "subplots(" in cell.source and "import" not in cell.source:
            assert len(cell.metadata["mystnb"]["image"]["alt"]) > 40


def test_the_committed_copies_are_of_the_present_sources(root, executed_pages):
    kept = {name: page for name, page in executed_pages.items() if page.get("kept")}
    assert {path.stem for path in SOURCES} <= {page["notebook"] for page in kept.values()}
    for name, page in kept.items():
        copy = json.loads((root / "book" / "executed" / f"{name}.ipynb").read_text(encoding="utf-8"))
        source = notebooks.find(page["notebook"])
        digest = hashlib.sha256(source.read_bytes()).hexdigest()
        assert copy["metadata"]["panda"] == {
            "notebook": page["notebook"], "parameters": page["parameters"], "source_sha256": digest,
        }, f"run: panda book --page {name}"  # fmt: skip


def test_solutions_are_folded_in_jupyter_too(root):
    for path in (root / "book" / "executed").glob("tutorial-*.ipynb"):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        hidden = [cell["metadata"].get("jupyter") for cell in cells if "hide-cell" in cell["metadata"].get("tags", [])]
        assert hidden and all(one == {"outputs_hidden": True, "source_hidden": True} for one in hidden), path.name


@pytest.mark.parametrize(
    ("remote", "address"),
    [
        ("https://github.com/someone/panda.git", "https://github.com/someone/panda"),
        ("https://token@github.com/someone/panda", "https://github.com/someone/panda"),
        ("git@github.com:some-one/panda.book.git", "https://github.com/some-one/panda.book"),
        ("ssh://git@github.com/someone/panda", "https://github.com/someone/panda"),
        ("https://example.org/someone/panda.git", None),
        ("https://example.org/github.com/someone/panda.git", None),
        ("/srv/git/panda.git", None),
        ("", None),
    ],
)
def test_the_address_of_a_repository(root, remote, address):
    assert extension(root, "launch").github_address(remote) == address


@pytest.mark.parametrize("remote", ["git@github.com:someone/panda.git", None])
def test_pages_have_buttons_only_with_an_address(root, tmp_path, remote):
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    if remote:
        subprocess.run(["git", "-C", tmp_path, "remote", "add", "origin", remote], check=True)
    pages = tmp_path / "book" / "executed"
    pages.mkdir(parents=True)
    for name in ("tutorial-toy", "table-toy"):
        cell = {"cell_type": "markdown", "id": "a", "metadata": {}, "source": f"# {name}"}
        kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
        notebook = {"cells": [cell], "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
        (pages / f"{name}.ipynb").write_text(json.dumps(notebook))
    (tmp_path / "index.md").write_text("# Index\n\n```{toctree}\nbook/executed/tutorial-toy\nbook/executed/table-toy\n```\n")
    (tmp_path / "conf.py").write_text(
        f"import sys\nsys.path.insert(0, {str(root / 'book' / '_ext')!r})\nextensions = ['myst_nb', 'launch']\n"
        "html_theme = 'sphinx_book_theme'\nnb_execution_mode = 'off'\nhtml_theme_options = "
        "{'repository_url': 'https://github.com/executablebooks/jupyter-book', 'repository_branch': 'master'}\n"
    )
    words = [sys.executable, "-m", "sphinx", "-q", "-b", "html", str(tmp_path), str(tmp_path / "html")]
    subprocess.run(words, check=True, capture_output=True)
    shown = {name: (tmp_path / "html" / "book" / "executed" / f"{name}.html").read_text() for name in ("tutorial-toy", "table-toy")}
    for name, page in shown.items():
        colab = f"https://colab.research.google.com/github/someone/panda/blob/main/notebooks/ipynb/{name}.ipynb"
        binder = f"https://mybinder.org/v2/gh/someone/panda/main?urlpath=lab/tree/notebooks/ipynb/{name}.ipynb"
        assert [address in page for address in (colab, binder)] == [bool(remote)] * 2
        assert bool(re.search("colab|mybinder", page)) == bool(remote)


def test_figures_of_a_chapter_become_files(root, tmp_path):
    image = {"output_type": "display_data", "metadata": {}, "data": {"image/png": "iVBORw0KGgo="}}
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": ["# Title"]},
        {"cell_type": "code", "metadata": {"mystnb": {"image": {"alt": "Two lines."}}}, "outputs": [image], "source": []},
        {"cell_type": "code", "metadata": {}, "outputs": [{"output_type": "stream", "text": "1"}], "source": []},
    ]
    (tmp_path / "page.ipynb").write_text(json.dumps({"cells": cells}))
    assert extension(root, "slides").figures(tmp_path / "page.ipynb") == [("Two lines.", b"\x89PNG\r\n\x1a\n")]


def test_every_figure_is_offered_for_slides(built, root):
    count = sum(len(extension(root, "slides").figures(path)) for path in (root / "book" / "executed").glob("tutorial-*.ipynb"))
    page = (built / "book" / "instructor.html").read_text(encoding="utf-8")
    names = re.findall(r'href="(\.\./_static/slides/[^"]+\.png)"', page)
    assert len(names) == count >= 6
    assert all((built / "book" / name).resolve().exists() for name in names)


def plans(root):
    """The two plans of the page for instructors: rows of (first minute, last minute, what, students do)."""
    text = (root / "book" / "instructor.md").read_text(encoding="utf-8")
    rows = re.compile(r"^\| (\d+)-(\d+) \| (.+?) \| (.*?)\|$", re.MULTILINE)
    return {name: rows.findall(text.partition(f"### {name} hours")[2].partition("###")[0]) for name in ("Three", "Six")}


@pytest.mark.parametrize(("name", "hours"), [("Three", 3), ("Six", 6)])
def test_a_plan_fills_its_hours(root, name, hours):
    rows = plans(root)[name]
    assert all(before[1] == after[0] for before, after in pairwise(rows))
    assert (rows[0][0], rows[-1][1]) == ("0", str(60 * hours))


def test_the_plans_name_chapters_and_exercises_that_exist(root, executed_pages):
    found = plans(root)
    named = {name: [re.search(r"executed/(tutorial-[a-z-]+)", row[2]) for row in rows] for name, rows in found.items()}
    chapters = {page for page in executed_pages if page.startswith("tutorial-")}
    assert {match[1] for match in named["Six"] if match} == chapters
    for name, rows in found.items():
        for row, match in zip(rows, named[name], strict=True):
            source = notebooks.find(executed_pages[match[1]]["notebook"]).read_text(encoding="utf-8") if match else ""
            text = re.search(r"exercises? ([\d, ]+(?:(?:and|to) \d)?)", row[3])
            for number in re.findall(r"\d", text[1]) if text and match else ():
                assert f"**{number}. " in source, f"{name}: {match[1]} has no exercise {number}"
