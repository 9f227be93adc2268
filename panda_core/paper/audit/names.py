"""The names under which the audit speaks of PLMs, methods and tasks."""

from panda_core.plms.registry import PLMS
from panda_core.tasks import get_task

METHODS = {
    "model-tuning": "model-tuning",
    "prompt-tuning-lester": "Lester et al.",
    "p-tuning-v2": "P-Tuning v2",
    "vanilla-pot": "vanilla PoT",
    "panda": "PANDA",
    "oracle-vanilla": "ORACLE of vanilla PoT",
    "oracle-panda": "ORACLE of PANDA",
    "eavg-top3-vanilla": "best of three by E_avg, vanilla PoT",
    "ours-top3-panda": "best of three by the paper's metric, PANDA",
    "attempt": "ATTEMPT",
    "sesom": "SESoM",
    "panda-early": "PANDA-Early",
    "panda-late": "PANDA-Late",
}


def row(method: str, source: str = "") -> str:
    """A printed row in words, e.g. "PANDA from MNLI"."""
    return f"{METHODS[method]} from {get_task(source).title}" if source else METHODS[method]


def plm(name: str) -> str:
    """The title of a PLM."""
    return PLMS[name].title


def task(name: str) -> str:
    """The title of a task."""
    return "the average" if name == "Avg." else get_task(name).title
