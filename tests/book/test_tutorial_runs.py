"""Every chapter of the tutorial runs from start to end, exercises and solutions included.

A small random PLM and a few steps: what a chapter computes by hand must agree with the library whatever was learned.
Where there is real data, the chapters take it with their one parameter; their committed copies were run without.
"""

import json

import pytest

from panda_core import notebooks
from panda_core.data.mirror import mirror

# In the order of the chapters.
SHORT = {
    "prompt-tuning": {"steps": "4"},
    "prompt-transfer": {"steps": "6", "source_steps": "8"},
    "which-source": {"steps": "4", "transfer_steps": "4"},
    "panda": {"steps": "6", "source_steps": "8"},
    "many-sources": {"steps": "4", "source_steps": "6"},
    "own-task": {"steps": "6", "source_steps": "8"},
}


def test_every_chapter_is_run_here():
    assert {path.stem for path in (notebooks.SOURCES / "tutorials").glob("*.py")} == SHORT.keys()


@pytest.fixture(scope="module")
def kernel(tmp_path_factory):
    """One kernel and one store for all chapters, as a reader has them who goes from one to the next."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PANDA_STORE", str(tmp_path_factory.mktemp("store")))
        with notebooks.running_kernel() as kernel:
            yield kernel


@pytest.mark.tutorial
@pytest.mark.parametrize("name", SHORT)
def test_a_chapter_runs_from_start_to_end(name, kernel, tiny_plm, tmp_path, notebook_faults):
    words = {"plm": tiny_plm, "data": "real" if mirror() else "practice", **SHORT[name]}
    path = notebooks.execute(name, words, tmp_path / "chapter.ipynb", kernel=kernel)
    assert notebook_faults(path) == []
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    assert sum("image/png" in output.get("data", {}) for output in outputs) >= 1


def test_a_csv_file_of_ones_own_becomes_a_task(kernel, tiny_plm, tmp_path):
    rows = [f"{word} number {i},{kind}" for i in range(12) for word, kind in (("apple", "fruit"), ("hammer", "tool"))]
    (tmp_path / "mine.csv").write_text("\n".join(["what,sort", *rows]), encoding="utf-8")
    words = {"csv": str(tmp_path / "mine.csv"), "text": "what", "label": "sort", "plm": tiny_plm, **SHORT["own-task"]}
    path = notebooks.execute("own-task", words, tmp_path / "chapter.ipynb", kernel=kernel)
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    printed = "".join("".join(output.get("text", "")) for cell in cells for output in cell.get("outputs", []))
    assert "24 rows, 2 classes" in printed and "on 8 held-out rows" in printed
