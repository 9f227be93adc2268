"""Task formats: how rows become token sequences, and how a head's outputs become predictions and scores."""

from panda_core.formats.base import FORMAT_VERSION, Example, Format, measure
from panda_core.formats.classification import Classification
from panda_core.formats.multiple_choice import MultipleChoice
from panda_core.formats.record import Record
from panda_core.formats.regression import Regression
from panda_core.formats.span import Span
from panda_core.formats.tagging import SemanticRoles, Tagging
from panda_core.tasks.task import Task

__all__ = ["FORMAT_VERSION", "Example", "Format", "get_format", "measure"]

_FORMATS = {
    "classification": Classification(),
    "regression": Regression(),
    "multiple-choice": MultipleChoice(),
    "record": Record(),
    "span": Span(),
    "tagging": Tagging(),
    "srl": SemanticRoles(),
}


def get_format(task: Task) -> Format:
    """The format of `task`; every format that a declaration can name is here."""
    return _FORMATS[task.format]
