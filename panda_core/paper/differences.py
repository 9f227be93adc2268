"""Where the paper, the authors' released code and this project differ: `differences.yml` as objects."""

import shlex
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import yaml

from panda_core.methods import METHODS
from panda_core.runs import command, make_spec

FILE = Path(__file__).with_name("differences.yml")
SOURCE = "mnli"  # of runs with one source


@dataclass(frozen=True)
class Point:
    """One point: what the paper says, what the code does, what is done here, and the runs that read it the other way.

    `settings` turn this project's default into the other reading; `protocol` does it with a whole preset. They apply
    to `method` as `experiment` runs it on `plm`. A point with neither is no single setting.
    """

    topic: str
    paper: str
    code: str
    here: str
    settings: dict[str, str] = field(default_factory=dict)
    protocol: str | None = None
    method: str = "panda"
    experiment: str = "table-02"
    plm: str = "minilm-l3"

    @property
    def measurable(self) -> bool:
        """Whether runs can tell what the other reading is worth."""
        return bool(self.settings or self.protocol)

    @property
    def sources(self) -> tuple[str, ...] | None:
        """The source of a method with one; None for the experiment's own."""
        return (SOURCE,) if METHODS[self.method].sources == 1 else None

    @property
    def changes(self) -> dict[str, str]:
        """The settings of a run with the other reading, those of a preset spelled out."""
        if self.protocol is None:
            return self.settings
        spec = make_spec(plm=self.plm, method=self.method, sources=(SOURCE,), target="cb", protocol=self.protocol)
        words = shlex.split(command(spec))
        return dict(word.split("=", 1) for flag, word in pairwise(words) if flag == "--set")


@lru_cache(maxsize=1)
def points() -> tuple[Point, ...]:
    """Every point, in the order of the page."""
    return tuple(Point(**words) for words in yaml.safe_load(FILE.read_text(encoding="utf-8")))
