"""Pages older than the records that they show.

A page of an exhibit carries a stamp of all that it read from the store; any other page that shows runs carries the
digest of each of their records.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from panda_core.report.exhibit_page import stamp_of
from panda_core.store import Store

STAMP = re.compile(r'data-exhibit="([a-z0-9-]+)" data-stamp="([0-9a-f]+)"')
RECORDS = re.compile(r'data-records="([0-9a-f: ]+)"')


def stamps(page: Path) -> list[tuple[str, str]]:
    """The (exhibit, stamp) pairs in the outputs of an executed notebook."""
    return [found for text in _outputs(page) for found in STAMP.findall(text)]


def records(page: Path) -> list[tuple[str, str]]:
    """The (run id, digest of its record) pairs in the outputs of an executed notebook."""
    lists = (found for text in _outputs(page) for found in RECORDS.findall(text))
    return [tuple(pair.split(":")) for found in lists for pair in found.split()]


def stale(folder: Path, store: Store) -> list[str]:
    """One line for every executed page in `folder` that does not show the store's records as they are now."""
    found = []
    for page in sorted(folder.glob("*.ipynb")):
        changed = [f"the records of {exhibit}" for exhibit, stamp in stamps(page) if stamp != stamp_of(exhibit, store)]
        changed += [f"the record of run {run}" for run, digest in records(page) if digest != _digest(run, store)]
        remedy = f"after it was executed; run: panda book --page {page.stem}"
        found += [f"{page.name}: {what} changed {remedy}" for what in changed]
    return found


def _outputs(page: Path) -> Iterator[str]:
    """The HTML outputs of an executed notebook."""
    cells = json.loads(page.read_text(encoding="utf-8"))["cells"]
    outputs = (output for cell in cells for output in cell.get("outputs", []))
    yield from ("".join(output.get("data", {}).get("text/html", "")) for output in outputs)


def _digest(run: str, store: Store) -> str | None:
    """The digest that the record of a run carries, None where the store has no such record."""
    path = next((store.root / "records").glob(f"*/{run}.json"), None)
    return json.loads(path.read_text(encoding="utf-8"))["digest"] if path else None
