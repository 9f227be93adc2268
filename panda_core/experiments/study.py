"""The study of the book: the transfer grids on the two PLMs that install without a hub, on every source at hand."""

from dataclasses import dataclass, replace

from panda_core.errors import UsageError, unknown
from panda_core.experiments.experiment import AVAILABLE, Experiment, Parameters, Use, product
from panda_core.experiments.transfers import TABLE_3_SOURCES, TRANSFER, WITHOUT_TRANSFER
from panda_core.runs import RunSpec
from panda_core.tasks import and_stand_ins

_WORDS = {"plms": "PLM", "sources": "source", "targets": "target", "methods": "method", "seeds": "seed"}
_CHOSEN = tuple(_WORDS)


@dataclass(frozen=True)
class Study:
    """Experiments with parameters of their own, in the order in which their results are wanted."""

    name: str
    parts: tuple[tuple[Experiment, Parameters], ...]

    def blocks(self, given: Parameters) -> list[list[RunSpec]]:
        """The runs of each part, kept to what was `given`; its data, tier and settings replace those of the parts."""
        self._check(given)
        found = []
        for experiment, part in self.parts:
            kept = _kept(experiment, part, given)
            if all(getattr(kept, name) for name in _CHOSEN):
                found += experiment.blocks(kept)
        if not found:
            raise UsageError(f"{self.name} has no run of these PLMs, sources, targets, methods and seeds together")
        return found

    def _check(self, given: Parameters) -> None:
        """Every name that was given is one that some part has."""
        everything = Parameters(data=given.data)
        offered = [_kept(experiment, part, everything) for experiment, part in self.parts]
        for name in _CHOSEN:
            known = {str(value) for part in offered for value in getattr(part, name)}
            known |= {AVAILABLE} if name == "sources" else set()
            for value in getattr(given, name) or ():
                if str(value) not in known:
                    raise unknown(f"{_WORDS[name]} of {self.name}", str(value), known)


def _kept(experiment: Experiment, part: Parameters, given: Parameters) -> Parameters:
    """The part's parameters, of which a person's choice leaves some; an empty one means that nothing is left."""
    data = given.data or part.data
    offered = experiment.chosen(replace(part, data=data))
    methods = part.methods or tuple(dict.fromkeys(use.method for use in experiment.uses))
    offered = replace(offered, methods=methods, tier=given.tier or offered.tier)
    offered = replace(offered, settings={**offered.settings, **given.settings})
    offered = replace(offered, revision=given.revision, protocol=given.protocol or offered.protocol)
    choice = experiment.chosen(replace(given, methods=None, data=data))
    for name in _CHOSEN:
        if getattr(given, name) is not None:
            wanted = getattr(given if name == "methods" else choice, name)
            offered = replace(offered, **{name: tuple(value for value in getattr(offered, name) if value in wanted)})
    return offered


_GRID = Experiment(
    "study-transfers", ("minilm-l3", "minilm-l6"),
    (Use("p-tuning-v2"), *TRANSFER), sources=(AVAILABLE,), data="real", tier="reduced",
)
_ALONE = replace(_GRID, name="study-without-transfer", uses=WITHOUT_TRANSFER)
# The sources of Table III, and the open ones that stand in for those of them that are licensed.
_FOCUS = set(and_stand_ins(TABLE_3_SOURCES))
_PART = replace(
    _GRID, name="study-part", targets=("cb", "copa", "rte", "mrpc"),
    runs=lambda *words: (spec for spec in product(*words) if _FOCUS.issuperset(spec.sources)),
)

STUDY = Study(
    "study",
    (
        (_GRID, Parameters(plms=("minilm-l3",), seeds=(0,))),
        (_GRID, Parameters(plms=("minilm-l6",), seeds=(0,))),
        (_GRID, Parameters(plms=("minilm-l3",), seeds=(1, 2))),
        (_PART, Parameters(plms=("minilm-l6",), seeds=(1, 2))),
        (_ALONE, Parameters(plms=("minilm-l3",), seeds=(0, 1, 2))),
        (_ALONE, Parameters(plms=("minilm-l6",), seeds=(0,))),
    ),
)
