"""Pages older than the records that they show: every exhibit page carries a stamp of what it read from the store."""

import json
import re
from pathlib import Path

from panda_core.report.exhibit_page import stamp_of
from panda_core.store import Store

STAMP = re.compile(r'data-exhibit="([a-z0-9-]+)" data-stamp="([0-9a-f]+)"')


def stamps(page: Path) -> list[tuple[str, str]]:
    """The (exhibit, stamp) pairs in the outputs of an executed notebook."""
    cells = json.loads(page.read_text(encoding="utf-8"))["cells"]
    outputs = (output for cell in cells for output in cell.get("outputs", []))
    texts = ("".join(output.get("data", {}).get("text/html", "")) for output in outputs)
    return [found for text in texts for found in STAMP.findall(text)]


def stale(folder: Path, store: Store) -> list[str]:
    """One line for every executed page in `folder` whose stamp is not that of the store now."""
    return [
        f"{page.name}: the records of {exhibit} changed after it was executed; run: panda book --page {page.stem}"
        for page in sorted(folder.glob("*.ipynb"))
        for exhibit, stamp in stamps(page)
        if stamp != stamp_of(exhibit, store)
    ]
