"""Reading a parquet file so that what is wrong with it is said by file, row and column."""

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from panda_core.errors import WorkError


def read_parquet(path: Path, where: str) -> pd.DataFrame:
    """The rows of a file; a `WorkError` under the name `where` if it is malformed or holds text that is not UTF-8."""
    try:
        table = pq.read_table(path)
    except (OSError, ValueError) as error:
        raise WorkError(f"{where}: not a readable parquet file ({_first_line(error)}); get it again") from None
    for column in table.column_names:
        try:
            table[column].validate(full=True)
        except pa.ArrowInvalid:
            row = _first_undecodable(table[column])
            place = f"{where}: column {column}" if row is None else f"{where}: row {row}, column {column}"
            raise WorkError(f"{place}: the text is not UTF-8; write the file anew, with its text in UTF-8") from None
    return table.to_pandas()


def _first_undecodable(values: pa.ChunkedArray) -> int | None:
    for row, value in enumerate(values):
        try:
            value.as_py()
        except UnicodeDecodeError:
            return row
    return None


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
