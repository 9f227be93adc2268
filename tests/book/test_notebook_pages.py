"""No page of the book carries a notebook that failed or was not executed: the build warns of neither."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from presence import absent


def executed_notebook():
    """A notebook as it looks after two cells ran."""
    return new_notebook(
        cells=[
            new_markdown_cell("# Title"),
            new_code_cell("x = 1", execution_count=1),
            new_code_cell("print(x)", execution_count=2, outputs=[new_output("stream", text="1\n")]),
        ],
        metadata={"papermill": {"exception": None}},
    )


def unexecuted(notebook):
    for cell in notebook.cells[1:]:
        cell.execution_count, cell.outputs = None, []


def stopped_half_way(notebook):
    notebook.cells[2].execution_count, notebook.cells[2].outputs = None, []


def failed(notebook):
    notebook.cells[2].outputs = [new_output("error", ename="ValueError", evalue="no", traceback=["no"])]


def warned(notebook):
    notebook.cells[1].outputs = [new_output("stream", name="stderr", text="SomeWarning: ...")]


def failed_under_papermill(notebook):
    notebook.cells.insert(0, new_markdown_cell("An Exception", metadata={"tags": ["papermill-error-cell-tag"]}))


def exception_recorded(notebook):
    notebook.metadata.papermill.exception = True


def without_code(notebook):
    notebook.cells = notebook.cells[:1]


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (unexecuted, ["cell 1: was not executed", "cell 2: was not executed"]),
        (stopped_half_way, ["cell 2: was not executed"]),
        (failed, ["cell 2: ended in an error"]),
        (warned, ["cell 1: printed to stderr"]),
        (failed_under_papermill, ["cell 0: inserted by papermill because the execution failed"]),
        (exception_recorded, ["papermill recorded an exception"]),
        (without_code, ["there is no code cell"]),
    ],
)
def test_a_spoilt_notebook_is_found(tmp_path, notebook_faults, spoil, expected):
    notebook = executed_notebook()
    spoil(notebook)
    nbformat.write(notebook, tmp_path / "page.ipynb")
    assert notebook_faults(tmp_path / "page.ipynb") == expected


def test_an_executed_notebook_passes(tmp_path, notebook_faults):
    notebook = executed_notebook()
    notebook.cells.append(new_code_cell("  \n"))  # an empty cell never gets an execution count
    nbformat.write(notebook, tmp_path / "page.ipynb")
    assert notebook_faults(tmp_path / "page.ipynb") == []


def test_the_pages_of_the_book(root, toc, notebook_faults):
    pages = [path for name in toc if (path := root / f"{name}.ipynb").exists()]
    if not pages:
        absent("no executed notebook yet: make book")
    faults = {path.name: found for path in pages if (found := notebook_faults(path))}
    assert faults == {}
