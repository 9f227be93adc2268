"""The notebooks for Colab, Binder and Jupyter: up to date, without outputs, readable, and able to start from nothing."""

import json
import re
import subprocess
import sys
import tomllib
from types import SimpleNamespace

import nbformat
import papermill
import pytest

from panda_core import notebooks
from panda_core.plain_notebooks import PLAIN, plain_notebooks, without_myst


@pytest.fixture(scope="module")
def plain():
    return plain_notebooks()


@pytest.fixture
def settings(monkeypatch, tmp_path):
    """A function: what `_config.yml` says of the repository."""

    def set_to(text):
        (tmp_path / "_config.yml").write_text(text)
        (tmp_path / "book").symlink_to(notebooks.ROOT / "book")
        monkeypatch.setattr("panda_core.plain_notebooks.ROOT", tmp_path)

    return set_to


def code_cells(text):
    return [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]


def test_the_committed_notebooks_are_those_of_the_present_sources(plain):
    committed = {path.name: path.read_text(encoding="utf-8") for path in PLAIN.glob("*.ipynb")}
    assert sorted(committed) == sorted(plain)
    stale = [name for name, text in plain.items() if committed[name] != text]
    assert stale == [], "run: panda book --page quickstart, and commit notebooks/ipynb"


def test_there_is_one_for_every_page_and_every_notebook(plain, executed_pages):
    assert {f"{name}.ipynb" for name in executed_pages} <= set(plain)
    shown = {page["notebook"] for page in executed_pages.values()}
    assert {path.stem for path in notebooks.SOURCES.rglob("*.py")} - shown <= {name.removesuffix(".ipynb") for name in plain}


def test_they_are_valid_and_have_no_outputs(plain):
    for name, text in plain.items():
        nbformat.validate(nbformat.reads(text, as_version=4))
        assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code_cells(text)), name


def test_their_text_is_plain_markdown(plain):
    for name, text in plain.items():
        for cell in json.loads(text)["cells"]:
            if cell["cell_type"] == "markdown":
                assert not re.search(r":::|\{[\w:-]+\}`", cell["source"]), f"{name}: {cell['source']}"


def test_a_notebook_has_the_parameters_and_the_title_of_its_page(plain, executed_pages):
    for name, page in executed_pages.items():
        cells = json.loads(plain[f"{name}.ipynb"])["cells"]
        assert cells[0]["source"].splitlines()[0] == f"# {page['title']}"
        found = notebooks.parameters_of(SimpleNamespace(cells=list(map(nbformat.from_dict, cells))))
        assert page["parameters"].items() <= found.items()


@pytest.mark.parametrize(
    ("myst", "plain"),
    [
        ("as {cite:t}`vu2022spot` say {cite:p}`zhong2024panda`", "as Vu et al. (2022) say (Zhong et al., 2024)"),
        ("see {doc}`/book/data`, {doc}`the plan <instructor>`", "see *Data and weights*, *the plan*"),
        ("{doc}`tutorial-own-task`", "*6. Your own task, your own PLM*"),
        (":::{admonition} Mind\n:class: warning\n- one\n\n- two\n:::\nafter", "> **Mind**\n>\n> - one\n>\n> - two\nafter"),
        ("as {eq}`loss` has it, `{x}`", "as loss has it, `{x}`"),
    ],
)
def test_myst_becomes_markdown(myst, plain):
    assert without_myst(myst) == plain


INSTALLS = [
    ("{}", ["input"], "main"),
    ("repository: {url: 'https://github.com/someone/panda', branch: v1}", [], "v1"),
]


@pytest.mark.parametrize(("config", "asked", "branch"), INSTALLS)
def test_the_first_code_cell_installs_the_project_where_it_is_missing(settings, tmp_path, monkeypatch, config, asked, branch):
    settings(config)
    calls, questions = [], []
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setattr(subprocess, "run", lambda words, check: calls.append(words))
    monkeypatch.setattr("builtins.input", lambda text: questions.append("input") or "https://github.com/someone/panda")
    monkeypatch.setattr(sys, "path", [])
    exec(code_cells(plain_notebooks()["quickstart.ipynb"])[0]["source"], {})
    clone, install, uninstall = calls
    assert questions == asked
    assert clone[:2] == ["git", "clone"] and clone[clone.index("--branch") + 1] == branch
    assert clone[-2:] == ["https://github.com/someone/panda", str(tmp_path / "panda")]
    assert install[:4] == [sys.executable, "-m", "pip", "install"] and sys.path == [str(tmp_path / "panda")]
    assert uninstall[3] == "uninstall" and uninstall[-2:] == ["torchvision", "torchaudio"]  # of the torch that is gone
    place, extras = re.fullmatch(r"(.*)\[([\w,]+)\]", install[-1]).groups()
    project = tomllib.loads((notebooks.ROOT / "pyproject.toml").read_text())["project"]
    assert place == str(tmp_path / "panda") and set(extras.split(",")) <= set(project["optional-dependencies"])


def test_nothing_is_installed_where_the_project_is_there(plain, monkeypatch):
    monkeypatch.setattr(subprocess, "run", lambda *words, **more: pytest.fail("something was run"))
    for text in plain.values():
        exec(code_cells(text)[0]["source"], {})


def test_a_notebook_runs_in_a_folder_of_its_own(plain, tiny_plm, store_folder, tmp_path, monkeypatch, notebook_faults):
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    monkeypatch.setenv("PYTHONWARNINGS", "ignore:IProgress not found")  # of a progress bar that finds no widget
    (folder / "in.ipynb").write_text(plain["quickstart.ipynb"])
    papermill.execute_notebook(
        str(folder / "in.ipynb"), str(folder / "out.ipynb"), {"plm": tiny_plm}, cwd=str(folder),
        kernel_name="python3", progress_bar=False,
    )  # fmt: skip
    assert notebook_faults(folder / "out.ipynb") == []
    assert "On 200 validation examples of CB, the three methods scored" in (folder / "out.ipynb").read_text()
