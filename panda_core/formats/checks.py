"""Checks of a column, as fast as the column type allows; each error names file, row and column."""

from collections.abc import Iterable, Sequence
from numbers import Integral, Real

import numpy as np
import pandas as pd

from panda_core.errors import WorkError


def fail(where: str, row: int, column: str, what: str) -> None:
    """Raise the `WorkError` of a bad value; rows are counted from 0."""
    raise WorkError(f"{where}: row {row}, column {column}: {what}")


def shown(value: object) -> str:
    """A value as an error shows it: plain Python, shortened."""
    text = repr(value.item() if isinstance(value, np.generic) else value)
    return text if len(text) <= 60 else f"{text[:59]}…"


def hidden(label: object) -> str:
    """The end of an error about a label that hides the true one."""
    return "; -1 marks a hidden test label" if isinstance(label, Real) and label == -1 else ""


def check_columns(frame: pd.DataFrame, needed: Sequence[str], name: str, where: str) -> None:
    """Every needed column is there, and there is at least one row."""
    missing = [column for column in needed if column not in frame.columns]
    if missing:
        raise WorkError(
            f"{where}: column {', '.join(missing)} is missing; {name} needs {', '.join(needed)}, the file has "
            f"{', '.join(map(str, frame.columns))}"
        )
    if frame.empty:
        raise WorkError(f"{where}: the file has no rows")


def check_ids(frame: pd.DataFrame, where: str) -> None:
    """No two rows share an id, in the columns `id` and `idx` where they exist."""
    for column in ("id", "idx"):
        if column not in frame:
            continue
        values = frame[column]
        if values.dtype == object:
            values = values.map(lambda value: tuple(sorted(value.items())) if isinstance(value, dict) else value)
        if values.isna().any():
            fail(where, int(np.argmax(values.isna())), column, "the id is missing")
        twice = values.duplicated()
        if twice.any():
            row, listed = int(np.argmax(twice)), values.tolist()
            first = listed.index(listed[row])
            fail(where, row, column, f"the id {shown(frame[column].iloc[row])} is that of row {first} already")


def check_text(frame: pd.DataFrame, column: str, where: str, may_be_empty: bool) -> None:
    """Every value is text and, unless it may be, none is empty."""
    values = frame[column]
    if isinstance(values.dtype, pd.StringDtype):
        bad = values.isna().to_numpy()
    else:
        bad = np.fromiter((not isinstance(value, str) for value in values), bool, len(values))
    if bad.any():
        row = int(np.argmax(bad))
        fail(where, row, column, f"{shown(values.iloc[row])} is not text")
    if not may_be_empty:
        empty = (values.str.strip() == "").to_numpy()
        if empty.any():
            fail(where, int(np.argmax(empty)), column, "the text is empty")


def check_classes(frame: pd.DataFrame, column: str, labels: Sequence[str], where: str) -> None:
    """Every value is an integer from 0 to the number of labels less one."""
    values = frame[column]
    if values.isna().any():
        fail(where, int(np.argmax(values.isna())), column, "the label is missing")
    if pd.api.types.is_integer_dtype(values.dtype):
        bad = ((values < 0) | (values >= len(labels))).to_numpy()
    else:
        bad = np.fromiter(
            (
                isinstance(value, bool) or not isinstance(value, (int, np.integer)) or not 0 <= value < len(labels)
                for value in values
            ),
            bool,
            len(values),
        )
    if bad.any():
        row = int(np.argmax(bad))
        value = values.iloc[row]
        fail(
            where, row, column,
            f"{shown(value)} is not a label from 0 to {len(labels) - 1} ({', '.join(labels)}){hidden(value)}",
        )


def check_lists(frame: pd.DataFrame, column: str, where: str) -> None:
    """Every value is a list or an array."""
    for row, value in enumerate(frame[column]):
        if not isinstance(value, (list, tuple, np.ndarray)):
            fail(where, row, column, f"{shown(value)} is not a list")


def check_words(frame: pd.DataFrame, column: str, where: str) -> None:
    """Every value is a list of at least one word, and every word is text that is not empty."""
    check_lists(frame, column, where)
    for row, words in enumerate(frame[column]):
        if len(words) == 0:
            fail(where, row, column, "there are no words")
        for word in words:
            if not isinstance(word, str):
                fail(where, row, column, f"the word {shown(word)} is not text")
            if not word.strip():
                fail(where, row, column, f"the word {shown(word)} is empty")


def check_tags(frame: pd.DataFrame, column: str, words: str, labels: Sequence[str], name: str, where: str) -> None:
    """As many tags as words in every row, and every tag one of `labels`, by name or by number."""
    check_lists(frame, column, where)
    known = {*labels, *range(len(labels))}
    for row, (tags, sentence) in enumerate(zip(frame[column], frame[words], strict=True)):
        if len(tags) != len(sentence):
            fail(where, row, column, f"{len(tags)} tags for the {len(sentence)} words in {words}")
        for tag in _plain(tags):
            if not isinstance(tag, str | Integral) or tag not in known:  # 1.0 equals 1, but counts nothing
                listed = ", ".join(labels) if len(labels) < 20 else f"{', '.join(labels[:6])}, …"
                fail(where, row, column, f"{shown(tag)} is not a tag of {name} ({listed})")


def _plain(values: Iterable) -> list:
    return values.tolist() if isinstance(values, np.ndarray) else list(values)
