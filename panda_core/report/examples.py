"""One formatted example of each task as a table of a page."""

from collections.abc import Iterable
from html import escape

import pandas as pd

from panda_core.data.availability import availability
from panda_core.data.golden import golden_example
from panda_core.data.origin import Data
from panda_core.plms.plm import PLM
from panda_core.report.html import Markup
from panda_core.tasks import get_task

FORMATS = {
    "classification": "class of one or two texts",
    "regression": "number for two texts",
    "multiple-choice": "one of two choices",
    "record": "candidate in a gap",
    "span": "answer in a passage",
    "tagging": "tag for each word",
    "srl": "role for each word",
}


def examples(plm: PLM, names: Iterable[str], data: Data, row: int) -> pd.DataFrame:
    """Task, format, what the PLM reads and the label in words, of row `row` of each task's validation set."""
    lines = []
    for task in map(get_task, names):
        golden = golden_example(plm, task, data, row)
        shown = "<br>".join(escape(" ‖ ".join(texts)) for texts in golden.sequences)
        lines.append(
            {
                "Task": task.title,
                "Format": FORMATS[task.format],
                "What the model reads": Markup(shown, shown),
                "Label": golden.label or "no tag but O",
            }
        )
    return pd.DataFrame(lines)


def origins(names: Iterable[str]) -> tuple[list[str], list[str]]:
    """The tasks whose real rows are in the local folder, and the others."""
    here, away = [], []
    for name in names:
        (here if availability(get_task(name))["local"] else away).append(name)
    return here, away
