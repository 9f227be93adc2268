"""Where the paper, the authors' released code and this project differ: `differences.yml` as objects."""

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import yaml

from panda_core.methods import METHODS
from panda_core.runs import make_spec, settings_of

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
        sources = self.sources or ()
        return settings_of(
            make_spec(plm=self.plm, method=self.method, sources=sources, target="cb", protocol=self.protocol)
        )


@lru_cache(maxsize=1)
def points() -> tuple[Point, ...]:
    """Every point, in the order of the page."""
    return tuple(Point(**words) for words in yaml.safe_load(FILE.read_text(encoding="utf-8")))
