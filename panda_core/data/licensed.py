"""The files that a licensee of CoNLL-2005, CoNLL-2012 or OntoNotes has, in the formats of the shared tasks.

Below <mirror>/<task>/<split>/, at any depth:
    conll05    NAME.words and NAME.props, plain or .gz; `train` and `devel`
    conll12    NAME_gold_conll; `train` and `development`
    ontonotes  the same files as conll12
A folder that has languages in it is read for its English part only.
"""

import gzip
import hashlib
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pandas as pd

from panda_core.errors import WorkError
from panda_core.files import canonical_json, remembered_sha256
from panda_core.tasks import Task

_CELL = re.compile(r"(?:\(([^()*\s]+))?\*?(\))?")
_WORDS, _PROPS, _GOLD = (".words", ".words.gz"), (".props", ".props.gz"), ("_gold_conll", "_gold_conll.gz")
# Columns of a *_gold_conll file: document, part, -, word, ..., 10 the names, 11 to the last but one the predicates.
_WORD, _NAMES, _PREDICATES = 3, 10, 11
_UNNAMED_GENRE = "pt/"  # the New Testament has roles but no names


def licensed_files(task: Task, folder: Path, split: str) -> list[Path]:
    """The files of a split below the mirror `folder`, in order; none where there are none."""
    root = folder / task.name / task.split_name(split)
    endings = (*_WORDS, *_PROPS) if task.name == "conll05" else _GOLD
    found = {path for path in root.rglob("*") if path.name.endswith(endings)}
    files = sorted(path for path in found if path.suffix != ".gz" or path.with_suffix("") not in found)
    english = [path for path in files if "english" in path.relative_to(root).parts]
    return english or files


def read_licensed(task: Task, folder: Path, split: str) -> tuple[pd.DataFrame, str, str]:
    """The rows of a split, the name of the place for messages, and the SHA-256 of all its files together.

    Raises a `WorkError` that names the file and the line of what is not in the format.
    """
    files = licensed_files(task, folder, split)
    rows = list(_READERS[task.name](files, folder))
    if not rows:
        raise WorkError(f"{task.name}/{task.split_name(split)}: the files hold no example")
    frame = pd.DataFrame(rows)
    frame.insert(0, "id", [str(number) for number in range(len(frame))])
    return frame, f"{task.name}/{task.split_name(split)}", licensed_digest(files, folder)


def licensed_digest(files: Sequence[Path], folder: Path) -> str:
    """The SHA-256 of all files of a split together, with their paths below the mirror `folder`."""
    digests = canonical_json([[path.relative_to(folder).as_posix(), remembered_sha256(path)] for path in files])
    return hashlib.sha256(digests.encode()).hexdigest()


def no_licensed_files(task: Task, folder: Path | None, split: str) -> WorkError:
    """The error where a licensed corpus is asked for and its files are not there: where a licence is had."""
    wanted = task.licensed
    place = f"{folder / task.name if folder else f'PANDA_DATA/{task.name}'}"
    return WorkError(
        f"{task.name}: there are no files of {task.split_name(split)} below {place}, and the hub does not have this "
        f"licensed corpus; get {wanted.ask} and put there {wanted.files}; or use --data practice, or the open task "
        f"{wanted.stand_in}"
    )


def _conll05(files: Sequence[Path], folder: Path) -> Iterator[dict]:
    """One row per predicate: the k-th column of arguments belongs to the k-th line that has a lemma."""
    stems: dict[str, dict[str, Path]] = {}
    for path in files:
        kind = "words" if path.name.endswith(_WORDS) else "props"
        stems.setdefault(path.name.removesuffix(".gz").removesuffix(f".{kind}"), {})[kind] = path
    for stem, pair in sorted(stems.items()):
        if len(pair) < 2:
            have, lack = ("words", "props") if "words" in pair else ("props", "words")
            raise WorkError(f"{pair[have].relative_to(folder)}: there is no {stem}.{lack} beside it")
        words = _sentences(pair["words"], folder)
        for (place, spoken), (where, lines) in _both(words, _sentences(pair["props"], folder)):
            tokens = [columns[0] for columns in spoken]
            if len(tokens) != len(lines):
                raise WorkError(f"{where}: {len(lines)} lines of arguments for the {len(tokens)} words at {place}")
            predicates = [i for i, columns in enumerate(lines) if columns[0] != "-"]
            cells = _columns(lines, 1, where)
            if len(cells) != len(predicates):
                raise WorkError(f"{where}: {len(cells)} columns of arguments for {len(predicates)} predicates")
            for index, column in zip(predicates, cells, strict=True):
                yield {"tokens": tokens, "index": index, "tags": _bio(column, where)}


def _conll12(files: Sequence[Path], folder: Path) -> Iterator[dict]:
    """One row per predicate: each column of arguments marks its own predicate (V)."""
    for path in files:
        for where, lines in _sentences(path, folder):
            tokens = [_cell(columns, _WORD, where) for columns in lines]
            for column in _columns([columns[:-1] for columns in lines], _PREDICATES, where):
                tags = _bio(column, where)
                if "B-V" not in tags:
                    raise WorkError(f"{where}: a column of arguments marks no predicate (V*)")
                yield {"tokens": tokens, "index": tags.index("B-V"), "tags": tags}


def _ontonotes(files: Sequence[Path], folder: Path) -> Iterator[dict]:
    """One row per sentence with its names."""
    for path in files:
        for where, lines in _sentences(path, folder):
            if not lines[0][0].startswith(_UNNAMED_GENRE):
                names = [_cell(columns, _NAMES, where) for columns in lines]
                yield {"tokens": [_cell(columns, _WORD, where) for columns in lines], "ner_tags": _bio(names, where)}


_READERS: dict[str, Callable[[Sequence[Path], Path], Iterator[dict]]] = {
    "conll05": _conll05,
    "conll12": _conll12,
    "ontonotes": _ontonotes,
}


def _sentences(path: Path, folder: Path) -> Iterator[tuple[str, list[list[str]]]]:
    """The sentences of a file as lines of columns, each with its place: the file and its first line."""
    name, lines, first = path.relative_to(folder).as_posix(), [], 1
    open_text = gzip.open if path.suffix == ".gz" else open
    try:
        with open_text(path, "rt", encoding="utf-8") as stream:
            for number, line in enumerate(stream, start=1):
                columns = line.split()
                if line.startswith(("#begin document", "#end document")):
                    continue
                if columns:
                    first = first if lines else number
                    lines.append(columns)
                elif lines:
                    yield f"{name}, line {first}", lines
                    lines = []
    except (UnicodeDecodeError, OSError, EOFError, zlib.error) as error:
        raise WorkError(f"{name}: not a readable UTF-8 text file ({error})") from None
    if lines:
        yield f"{name}, line {first}", lines


def _both(words: Iterator, props: Iterator) -> Iterator:
    """Sentences of the two files side by side; as many in the one as in the other."""
    missing = object()
    while (left := next(words, missing)) is not missing:
        if (right := next(props, missing)) is missing:
            raise WorkError(f"{left[0]}: this sentence has no arguments in the .props file")
        yield left, right
    if (right := next(props, missing)) is not missing:
        raise WorkError(f"{right[0]}: these arguments have no sentence in the .words file")


def _columns(lines: Sequence[Sequence[str]], start: int, where: str) -> list[list[str]]:
    """The columns from `start` on; every line must have as many as the first."""
    widths = {len(columns) for columns in lines}
    if len(widths) > 1 or min(widths) < start:
        raise WorkError(f"{where}: lines of {', '.join(map(str, sorted(widths)))} columns in one sentence")
    return [list(column) for column in zip(*(columns[start:] for columns in lines), strict=True)]


def _cell(columns: Sequence[str], number: int, where: str) -> str:
    if len(columns) <= number:
        raise WorkError(f"{where}: a line of {len(columns)} columns; column {number + 1} is needed")
    return columns[number]


def _bio(cells: Sequence[str], where: str) -> list[str]:
    """From brackets, "(A0*", "*", "*)" and "(GPE)", to BIO tags."""
    tags, name = [], None
    for offset, cell in enumerate(cells):
        parts = _CELL.fullmatch(cell)
        opened, closed = parts.groups() if parts and cell else (None, None)
        if not parts or not cell or (opened and name):
            raise WorkError(f"{where}, word {offset + 1}: '{cell}' is not a bracket of one level")
        if opened:
            name = opened
        tags.append("O" if name is None else f"{'B' if opened else 'I'}-{name}")
        if closed:
            if name is None:
                raise WorkError(f"{where}, word {offset + 1}: '{cell}' closes a bracket that is not open")
            name = None
    if name is not None:
        raise WorkError(f"{where}: the bracket ({name} is never closed")
    return tags
