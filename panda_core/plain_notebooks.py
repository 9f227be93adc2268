"""The notebooks that a reader opens on Colab, on Binder or in Jupyter: without outputs, readable without the book.

There is one for every executed page, with the page's parameters, and one for every other notebook. They are made from
the sources and committed, because Colab opens only what is in the repository; `panda book` writes them anew. Their
first code cell gets and installs the project where it is missing. It takes the address and the branch from
`repository` in `_config.yml`, or asks for the address where that is not set.
"""

import json
import re
from functools import lru_cache
from pathlib import Path

from panda_core.environment import ROOT
from panda_core.files import write_atomically
from panda_core.notebooks import SOURCES, find, pages, retitle

PLAIN = SOURCES / "ipynb"

# Colab brings matplotlib and a kernel of its own, which the extra `book` would replace.
_INSTALL = """\
# Colab starts without this project. This gets it and installs it, in a few minutes; elsewhere it does nothing.
import importlib.util
import subprocess
import sys
from pathlib import Path

if importlib.util.find_spec("panda_core") is None:
    folder = Path("panda").resolve()
    if not folder.exists():
        address = {address}
        clone = ["git", "clone", "--quiet", "--depth", "1", "--branch", {branch}, address, str(folder)]
        subprocess.run(clone, check=True)
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--editable", f"{{folder}}[bench]"]
    subprocess.run(install, check=True)
    # These two were built for the torch that was replaced, and transformers imports torchvision where it finds one.
    uninstall = [sys.executable, "-m", "pip", "uninstall", "--quiet", "--yes", "torchvision", "torchaudio"]
    subprocess.run(uninstall, check=True)
    sys.path.insert(0, str(folder))"""
_ASK = 'input("Address of the repository that this notebook is from (https://github.com/OWNER/NAME): ")'


def plain_notebooks() -> dict[str, str]:
    """Name of the file -> its text, for every page and for every notebook that is on no page."""
    declared = pages()
    used = {page["notebook"] for page in declared.values()}
    others = sorted({path.stem for path in SOURCES.rglob("*.py")} - used)
    wanted = declared | {name: {"notebook": name, "parameters": {}} for name in others}
    return {f"{name}.ipynb": _text(name, page) for name, page in wanted.items()}


def write_plain_notebooks() -> None:
    """Write those that changed, and delete those whose page is gone."""
    wanted = plain_notebooks()
    for path in PLAIN.glob("*.ipynb"):
        if path.name not in wanted:
            path.unlink()
    for name, text in wanted.items():
        path = PLAIN / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            write_atomically(path, lambda temporary, text=text: temporary.write_text(text, encoding="utf-8"))


def _text(name: str, page: dict) -> str:
    """A notebook of the page as JSON, the same for the same source and page."""
    import jupytext
    from nbformat.v4 import new_code_cell

    notebook = jupytext.read(find(page["notebook"]))
    if "title" in page:
        retitle(notebook, page["title"])
    cells = notebook.cells
    cells.insert(1, new_code_cell(_INSTALL.format(**_repository())))
    for number, cell in enumerate(cells):
        cell["id"] = f"{name}-{number:03d}"
        tags = cell.metadata.get("tags", [])
        cell.metadata = {"tags": tags} if tags else {}
        if "hide-cell" in tags:
            cell.metadata["jupyter"] = {"source_hidden": True}  # a solution is folded, as on its page
        if cell.cell_type == "markdown":
            cell.source = without_myst(cell.source)
        elif "parameters" in tags:
            cell.source = _with_values(cell.source, page["parameters"])
    notebook.cells, notebook.nbformat_minor = cells, 5
    notebook.metadata = {"kernelspec": notebook.metadata["kernelspec"]}
    return json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _repository() -> dict[str, str]:
    """Python expressions of the address and the branch of the published project."""
    import yaml

    said = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8")).get("repository") or {}
    address = json.dumps(said["url"]) if said.get("url") else _ASK
    return {"address": address, "branch": json.dumps(said.get("branch", "main"))}


def _with_values(source: str, values: dict) -> str:
    """The cell of parameters with the page's values in place of the defaults."""
    for name, value in values.items():
        written = json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)
        source = re.sub(rf"^({name}: \w+ = ).*$", rf"\g<1>{written}", source, flags=re.MULTILINE)
    return source


def without_myst(text: str) -> str:
    """Markdown that any notebook shows: admonitions as quotations, references and citations as words."""
    text = re.sub(r"^:::\{\w+\} *(.*)\n((?::\S+:.*\n)*)((?:.*\n)*?):::$", _quoted, text, flags=re.MULTILINE)
    text = re.sub(r"\{cite:([pt])\}`([^`]+)`", lambda found: _cited(found[1], found[2].split(",")), text)
    text = re.sub(r"\{doc\}`([^`<]*?)(?: *<([^`>]+)>)?`", lambda found: f"*{_title(found[1], found[2])}*", text)
    return re.sub(r"\{[\w:-]+\}`([^`<]+?)(?: *<[^`>]+>)?`", r"\1", text)


def _quoted(found: re.Match) -> str:
    lines = [f"**{found[1]}**", "", *found[3].rstrip("\n").split("\n")]
    return "\n".join(f"> {line}".rstrip() for line in lines)


def _title(words: str, target: str | None) -> str:
    """What a reference to a page shows: its own words, or the title of the page."""
    if target:
        return words
    name = Path(words).name
    if name in pages():
        return pages()[name]["title"]
    return (ROOT / "book" / f"{name}.md").read_text(encoding="utf-8").splitlines()[0].removeprefix("# ")


@lru_cache(maxsize=1)
def _references():
    from pybtex.database import parse_file

    return parse_file(str(ROOT / "book" / "references.bib")).entries


def _cited(kind: str, keys: list[str]) -> str:
    """Authors and year: "(Vu et al., 2022)", or "Vu et al. (2022)" inside a sentence."""
    if kind == "t":
        return ", ".join(f"{who} ({year})" for who, year in map(_who, keys))
    return f"({'; '.join(f'{who}, {year}' for who, year in map(_who, keys))})"


def _who(key: str) -> tuple[str, str]:
    entry = _references()[key.strip()]
    names = [" ".join(person.last_names).strip("{}") for person in entry.persons["author"]]
    if len(names) > 2:
        names = [f"{names[0]} et al."]
    return " and ".join(names), entry.fields["year"]
