"""Shared helpers of the book's tests: where things are, what a page is, and what makes a notebook unfit for one."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from presence import absent

ROOT = Path(__file__).resolve().parents[2]
PAPERMILL_ERROR_TAG = "papermill-error-cell-tag"


@pytest.fixture(scope="session")
def root() -> Path:
    """The root of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def toc() -> list[str]:
    """Every page of the table of contents, as written there: a path from the root, without a suffix."""

    def files(node) -> list[str]:
        if isinstance(node, list):
            return [name for item in node for name in files(item)]
        own = [node[key] for key in ("root", "file") if key in node]
        below = [name for key in ("parts", "chapters", "sections") for name in files(node.get(key, []))]
        return own + below

    return files(yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8")))


@pytest.fixture(scope="session")
def executed_pages() -> dict:
    """The declared executed pages: name of the page -> {notebook, parameters}."""
    path = ROOT / "book" / "pages.yml"
    return yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else {}


@pytest.fixture(scope="session")
def built() -> Path:
    """The folder of the built book; without one, or with one from before the last change, the test is skipped."""
    folder = ROOT / "_build" / "html"
    if not (folder / "index.html").exists():
        absent("build the book first: make book")
    sources = [ROOT / "_toc.yml", ROOT / "_config.yml", *(ROOT / "notebooks").rglob("*.py")]
    sources += [path for path in (ROOT / "book").rglob("*") if path.suffix in (".md", ".yml", ".py", ".ipynb", ".css", ".js")]
    newest = max(path.stat().st_mtime for path in sources)
    if newest > (folder / "searchindex.js").stat().st_mtime:
        absent("the book is older than its sources: make book")
    return folder.resolve()


@pytest.fixture(scope="session")
def built_pages(built: Path) -> list[Path]:
    """The pages of the built book that a reader can open: all but the theme's own fragments."""
    return sorted(path for path in built.rglob("*.html") if path.relative_to(built).parts[0] != "_static")


@pytest.fixture(scope="session")
def notebook_faults() -> Callable[[Path], list[str]]:
    """A function: path of an .ipynb -> why it must not be a page of the book; empty where nothing is wrong."""

    def faults(path: Path) -> list[str]:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        found = []
        if notebook.get("metadata", {}).get("papermill", {}).get("exception"):
            found.append("papermill recorded an exception")
        for number, cell in enumerate(notebook["cells"]):
            if PAPERMILL_ERROR_TAG in cell.get("metadata", {}).get("tags", []):
                found.append(f"cell {number}: inserted by papermill because the execution failed")
            if cell["cell_type"] != "code" or not "".join(cell["source"]).strip():
                continue
            if cell.get("execution_count") is None:
                found.append(f"cell {number}: was not executed")
            if any(output["output_type"] == "error" for output in cell["outputs"]):
                found.append(f"cell {number}: ended in an error")
            if any(output.get("name") == "stderr" for output in cell["outputs"]):
                found.append(f"cell {number}: printed to stderr")
        if not any(cell["cell_type"] == "code" for cell in notebook["cells"]):
            found.append("there is no code cell")
        return found

    return faults
