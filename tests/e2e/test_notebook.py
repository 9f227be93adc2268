"""`panda notebook`: parameters are checked before anything runs, and the executed copy is whole or not there."""

import json

import jupytext
import pytest

from panda_core import notebooks
from panda_core.errors import UsageError, WorkError

SOURCE = """# ---
# jupyter:
#   kernelspec: {display_name: Python 3, language: python, name: python3}
# ---

# %% tags=["parameters"]
count: int = 2
rate: float = 0.5
name: str = "mnli"
loud: bool = False

# %%
print(name.upper() if loud else name, count * rate)

# %%
if name == "boom":
    from panda_core.errors import WorkError
    raise WorkError("nothing to read")
if name == "bug":
    1 / 0
"""


@pytest.fixture
def sources(tmp_path, monkeypatch):
    folder = tmp_path / "notebooks"
    folder.mkdir()
    (folder / "toy.py").write_text(SOURCE)
    monkeypatch.setattr(notebooks, "SOURCES", folder)
    return folder


def test_the_copy_holds_the_parameters_and_what_was_printed(sources, tmp_path):
    words = {"count": "3", "loud": "true"}
    path = notebooks.execute("toy", words, tmp_path / "copy.ipynb")
    notebook = json.loads(path.read_text())
    printed = ["".join(output["text"]) for cell in notebook["cells"] for output in cell.get("outputs", [])]
    assert printed == ["MNLI 1.5\n"]
    assert notebook["metadata"]["panda"]["parameters"] == {"count": 3, "loud": True}
    assert all(cell["execution_count"] for cell in notebook["cells"] if cell["cell_type"] == "code")


def test_values_of_hidden_parameters_are_hidden(sources, tmp_path):
    (sources / "toy.py").write_text(SOURCE.replace('["parameters"]', '["parameters", "remove-input"]'))
    notebook = json.loads(notebooks.execute("toy", {"count": "3"}, tmp_path / "copy.ipynb").read_text())
    tags = [cell["metadata"].get("tags", []) for cell in notebook["cells"]]
    assert ["injected-parameters", "remove-cell"] in tags


def test_one_kernel_executes_notebooks_like_new_ones(sources, tmp_path):
    alone = notebooks.execute("toy", {}, tmp_path / "a.ipynb").read_bytes()
    with notebooks.running_kernel() as kernel:
        for name in ("b", "c"):
            assert notebooks.execute("toy", {}, tmp_path / f"{name}.ipynb", kernel=kernel).read_bytes() == alone


def test_two_executions_give_the_same_file(sources, tmp_path):
    first = notebooks.execute("toy", {}, tmp_path / "a.ipynb").read_bytes()
    assert notebooks.execute("toy", {}, tmp_path / "b.ipynb").read_bytes() == first


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"cuont": "3"}, "unknown parameter 'cuont': did you mean count"),
        ({"zzz": "3"}, "unknown parameter 'zzz': known: count, loud, name, rate"),
        ({"count": "three"}, "parameter count is of type int, 'three' is not"),
        ({"loud": "perhaps"}, "parameter loud is of type bool, 'perhaps' is not"),
    ],
)
def test_wrong_parameters_are_refused_before_anything_runs(sources, tmp_path, given, message):
    with pytest.raises(UsageError, match=message):
        notebooks.execute("toy", given, tmp_path / "copy.ipynb")
    assert not (tmp_path / "copy.ipynb").exists()


@pytest.mark.parametrize(
    ("name", "message"),
    [("boom", "^nothing to read$"), ("bug", "notebook toy failed in cell 4: ZeroDivisionError: division by zero")],
)
def test_a_notebook_that_fails_leaves_no_copy(sources, tmp_path, name, message):
    with pytest.raises(WorkError, match=message):
        notebooks.execute("toy", {"name": name}, tmp_path / "copy.ipynb")
    assert not list(tmp_path.glob("*.ipynb"))


def test_a_page_of_the_book_names_its_notebook_and_parameters():
    assert notebooks.of_page("table-13") == ("transfer-grid", {"exhibit": "table-13"})
    assert notebooks.of_page("tutorial-panda") == ("panda", {})
    assert notebooks.of_page("quickstart") == ("quickstart", {}) and notebooks.of_page("nothing") == ("nothing", {})


def test_folders_in_the_environment_are_those_of_the_caller(sources, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PANDA_STORE", "own-store")
    asks = SOURCE.replace("print(name.upper() if loud else name, count * rate)", 'import os\nprint(os.environ["PANDA_STORE"])')
    (sources / "where.py").write_text(asks)
    copy = notebooks.execute("where", output=tmp_path / "where.ipynb")
    assert str(tmp_path / "own-store") in copy.read_text()


def test_an_unknown_notebook_is_refused():
    with pytest.raises(UsageError, match="unknown notebook 'quikstart': did you mean quickstart"):
        notebooks.find("quikstart")


def test_every_notebook_has_one_cell_of_plain_parameters():
    for path in notebooks.SOURCES.rglob("*.py"):
        assert notebooks.parameters_of(jupytext.read(path)), path


def test_the_quickstart_runs_from_start_to_end(tiny_plm, store_folder, tmp_path):
    words = {"plm": tiny_plm, "target": "rte"}
    notebook = json.loads(notebooks.execute("quickstart", words, tmp_path / "quickstart.ipynb").read_text())
    outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", [])]
    text = "".join(
        "".join(output.get("data", {}).get(kind, [])) for output in outputs for kind in ("text/html", "text/markdown")
    )
    assert any("image/png" in output.get("data", {}) for output in outputs)
    assert "The predicted transferability of MNLI to RTE (Eq. 2)" in text
    assert "tier smoke" in text and "practice data" in text
    assert "95 % interval" in text
    assert "On 200 validation examples of RTE, the three methods scored: P-Tuning v2" in text
    assert "Tier smoke is too short to compare methods" in text
