"""Experiment notebooks: executed with papermill from their jupytext sources, with checked parameters."""

import ast
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import contextmanager, nullcontext
from pathlib import Path

import joblib

from panda_core import errors
from panda_core.environment import ROOT, whole_paths
from panda_core.errors import UsageError, WorkError, unknown
from panda_core.files import make_folder_of, write_atomically

SOURCES = ROOT / "notebooks"
PAGES = ROOT / "book" / "pages.yml"
EXECUTED = ROOT / "book" / "executed"

NO_CHECKOUT = "the notebooks are in the project's repository: clone it and install the clone, pip install -e '.[book]'"

# What a page of the book folds or leaves out by a tag is folded in Jupyter, too.
_FOLDED = {
    "hide-cell": ("source_hidden", "outputs_hidden"),
    "hide-input": ("source_hidden",),
    "remove-input": ("source_hidden",),
}


def find(name: str) -> Path:
    """The source of the notebook called `name`; a `UsageError` with the known ones if there is none."""
    known = {path.stem: path for path in SOURCES.rglob("*.py")}
    if not known:
        raise UsageError(NO_CHECKOUT)
    if name not in known:
        raise unknown("notebook", name, known)
    return known[name]


def parameters_of(notebook) -> dict[str, object]:
    """Names and default values of the notebook's one cell tagged `parameters`."""
    cells = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])]
    if len(cells) != 1:
        raise WorkError(f"a notebook needs exactly one cell tagged 'parameters', this one has {len(cells)}")
    defaults = {}
    for statement in ast.parse(cells[0].source).body:
        target = statement.target if isinstance(statement, ast.AnnAssign) else statement.targets[0]
        defaults[target.id] = ast.literal_eval(statement.value)
    return defaults


def checked(given: dict[str, str], defaults: dict[str, object]) -> dict[str, object]:
    """The given words as values of the defaults' types; a `UsageError` for an unknown name or a wrong type."""
    values = {}
    for name, word in given.items():
        if name not in defaults:
            raise unknown("parameter", name, defaults)
        kind = type(defaults[name])
        if not word.isprintable():
            raise UsageError(f"parameter {name}: {word!a} is not of printable UTF-8 characters")
        try:
            values[name] = {"true": True, "false": False}[word.lower()] if kind is bool else kind(word)
        except (ValueError, KeyError):
            raise UsageError(f"parameter {name} is of type {kind.__name__}, '{word}' is not") from None
    return values


def execute(
    name: str,
    given: dict[str, str] | None = None,
    output: str | Path | None = None,
    title: str | None = None,
    kernel=None,
) -> Path:
    """Execute a notebook and return the path of its executed copy.

    `given` are parameters as words; `title` replaces the notebook's first heading; `kernel` is a running one to
    execute it in (see `running_kernel`), else it gets its own. The copy is written only if every cell ran; by default
    it goes to `results/notebooks/`. Errors inside the notebook that were made for people are raised again as they are.
    """
    source = find(name)
    try:
        import jupytext
        import nbformat
        import papermill
    except ImportError as error:
        raise WorkError(f"notebooks need the package {error.name}: in the clone, pip install -e '.[book]'") from None
    digest = hashlib.sha256(source.read_bytes()).hexdigest()  # of what is executed, not of a later edit
    notebook = jupytext.read(source)
    values = checked(given or {}, parameters_of(notebook))
    target = Path(output) if output else ROOT / "results" / "notebooks" / f"{name}{_suffix(values)}.ipynb"
    make_folder_of(target, "-o")
    if title:
        retitle(notebook, title)
    with tempfile.TemporaryDirectory() as folder, nullcontext(kernel) if kernel else running_kernel() as running:
        plain, executed = Path(folder) / "in.ipynb", Path(folder) / "out.ipynb"
        nbformat.write(notebook, plain)
        try:
            papermill.execute_notebook(
                str(plain), str(executed), values, kernel_name="python3", km=running, log_output=False
            )
        except papermill.PapermillExecutionError as error:
            raise _for_people(name, error) from None
        _forget(running)
        result = nbformat.read(executed, as_version=4)
    _clean(result, name)
    result.metadata["panda"] = {
        "notebook": name,
        "parameters": values,
        "source_sha256": digest,
    }
    text = json.dumps(result, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    write_atomically(target, lambda temporary: temporary.write_text(text, encoding="utf-8"))
    return target


def _suffix(values: dict[str, object]) -> str:
    """What tells the copies of a notebook apart: its parameters, or a hash of them where they are long."""
    words = "".join(f"-{key}-{value}" for key, value in values.items()).replace("/", "_")
    return words if len(words.encode()) <= 150 else f"-{hashlib.sha256(words.encode()).hexdigest()[:16]}"


def retitle(notebook, title: str) -> None:
    """Put `title` in place of the notebook's first heading."""
    notebook.cells[0].source = "\n".join([f"# {title}", *notebook.cells[0].source.splitlines()[1:]])


def _for_people(name: str, error) -> Exception:
    """The notebook's own error where it was made for people, else one that says where the notebook failed."""
    kind = getattr(errors, error.ename, None)
    if isinstance(kind, type) and issubclass(kind, errors.PandaError):
        return kind(error.evalue)
    return WorkError(f"notebook {name} failed in cell {error.exec_count}: {error.ename}: {error.evalue}")


def _clean(notebook, name: str) -> None:
    """Drop what changes from one execution to the next, so that equal results give equal files; fold what is tagged.

    Where the source hides its parameters, their given values are hidden too.
    """
    notebook.metadata.pop("papermill", None)
    hidden = any({"parameters", "remove-input"} <= set(cell.metadata.get("tags", [])) for cell in notebook.cells)
    for number, cell in enumerate(notebook.cells):
        if hidden and "injected-parameters" in cell.metadata.get("tags", []):
            cell.metadata["tags"].append("remove-cell")
        cell["id"] = f"{name}-{number:03d}"
        for key in ("papermill", "execution", "lines_to_next_cell"):
            cell.metadata.pop(key, None)
        folded = [part for tag in cell.metadata.get("tags", ()) for part in _FOLDED.get(tag, ())]
        if folded:
            cell.metadata["jupyter"] = dict.fromkeys(folded, True)


def pages() -> dict[str, dict]:
    """The executed pages of the book: name -> {title, notebook, parameters, kept}, as declared in book/pages.yml."""
    import yaml

    if not PAGES.exists():
        raise UsageError(NO_CHECKOUT)
    return yaml.safe_load(PAGES.read_text(encoding="utf-8"))


def of_page(name: str) -> tuple[str, dict[str, str]]:
    """The notebook of that name; where there is none, that of the book's page `name`, with the page's parameters."""
    about = pages().get(name)
    if about is None or any(path.stem == name for path in SOURCES.rglob("*.py")):
        return name, {}
    return about["notebook"], _words(about)


def _words(about: dict) -> dict[str, str]:
    """The parameters of a declared page, as they are given in words."""
    return {key: str(value) for key, value in about["parameters"].items()}


@contextmanager
def running_kernel(beside: int = 0) -> Iterator:
    """A kernel for several notebooks, one after another: starting one and importing is most of what a page takes.

    Relative folders in the environment are those of this process. It leaves cores to as many others as run `beside` it.
    """
    from jupyter_client.manager import AsyncKernelManager
    from jupyter_core.utils import run_sync

    class Kernel(AsyncKernelManager):
        in_use = None

        def client(self, **words):
            self.in_use = super().client(**words)  # papermill leaves the client of a kernel that it did not start open
            return self.in_use

    kernel = Kernel(kernel_name="python3")
    # a progress bar that looks for a widget on the page would print this warning there
    threads = {"OMP_NUM_THREADS": str(max(1, joblib.cpu_count() // (1 + beside)))} if beside else {}
    environment = threads | os.environ | whole_paths() | {"PYTHONWARNINGS": "ignore:IProgress not found"}
    history = "--HistoryManager.hist_file=:memory:"
    # what cells write to stderr comes as messages; the kernel's own log there is of its sockets, and for nobody here
    run_sync(kernel.start_kernel)(
        cwd=str(ROOT), env=environment, extra_arguments=[history], stderr=subprocess.DEVNULL
    )
    try:
        yield kernel
    finally:
        if kernel.in_use:
            kernel.in_use.stop_channels()
        run_sync(kernel.shutdown_kernel)()


def _forget(kernel) -> None:
    """Make a kernel forget all variables, and count its cells from 1 again, as a new one would."""
    kernel.in_use.stop_channels()
    client = kernel.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready()
        client.execute("get_ipython().reset()", silent=True, store_history=False, reply=True)
    finally:
        client.stop_channels()


def build_book(only: tuple[str, ...] = ()) -> None:
    """Execute the notebook of every page (or of those named in `only`, without building) and build the book.

    Pages that are `kept` are executed only when they are named. Two kernels share several pages.
    """
    from panda_core.plain_notebooks import write_plain_notebooks

    declared = pages()
    for page in only:
        if page not in declared:
            raise unknown("page", page, declared)
    write_plain_notebooks()
    wanted = only or [page for page, about in declared.items() if not about.get("kept")]
    waiting, kernels = iter(wanted), min(2, len(wanted))
    os.environ["TQDM_DISABLE"] = "1"  # papermill's bars of two pages at a time would run into each other
    with ThreadPoolExecutor(kernels) as pool:
        workers = [pool.submit(_make_pages, waiting, declared, kernels - 1) for _ in range(kernels)]
        try:
            wait(workers, return_when=FIRST_EXCEPTION)
        finally:
            list(waiting)  # after a failure no further page is begun
    for worker in workers:
        worker.result()
    if only:
        return
    builder = Path(sys.executable).with_name("jupyter-book")
    command = [str(builder), "build", str(ROOT), "--all", "-W", "-n", "--keep-going"]
    if subprocess.run(command, cwd=ROOT).returncode:
        raise WorkError("the book was not built: see the warnings above")
    print(f"\nThe book is ready. Open {ROOT / '_build' / 'html' / 'index.html'} in a browser.", file=sys.stderr)


def _make_pages(waiting: Iterator[str], declared: dict[str, dict], beside: int) -> None:
    """Execute pages in one kernel until none is waiting, while as many others do the same as run `beside` it."""
    with running_kernel(beside) as kernel:
        for page in waiting:
            about = declared[page]
            execute(about["notebook"], _words(about), EXECUTED / f"{page}.ipynb", about["title"], kernel)
            print(f"page {page}: notebook {about['notebook']} executed", file=sys.stderr, flush=True)
