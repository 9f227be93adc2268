"""What an experiment is: a named set of runs, as a function of parameters. Nothing here loads torch."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from panda_core.data.mirror import MIRROR, mirror
from panda_core.errors import UsageError, unknown
from panda_core.methods import METHODS
from panda_core.plms.registry import place_of
from panda_core.runs import RunSpec, make_spec
from panda_core.tasks import TABLE_1, TASKS, get_task, targets

# As a source, this word stands for every source task whose rows can be had now, stand-ins included.
AVAILABLE = "available"


@dataclass(frozen=True)
class Use:
    """A method as an experiment uses it, with the settings that make it a variant of its own."""

    method: str
    settings: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Parameters:
    """What a person may choose of an experiment; None leaves the experiment's own choice.

    `settings` are dotted paths and values as for `make_spec`, and `protocol` is the preset that they change; they apply
    to every run that reads them, below the settings that tell the variants of an experiment apart.
    """

    plms: tuple[str, ...] | None = None
    sources: tuple[str, ...] | None = None
    targets: tuple[str, ...] | None = None
    methods: tuple[str, ...] | None = None
    seeds: tuple[int, ...] | None = None
    data: str | None = None
    tier: str | None = None
    settings: dict[str, str] = field(default_factory=dict)
    revision: str | None = None
    protocol: str | None = None

    def words(self) -> dict:
        """What is the same for all specs, as words of `make_spec`."""
        preset = self.protocol or "paper"
        return {"data": self.data, "tier": self.tier, "revision": self.revision, "protocol": preset}


@dataclass(frozen=True)
class Experiment:
    """One exhibit of the paper, or a part of a study. The fields after `name` are the defaults of its parameters.

    `runs` makes the specs of one PLM and one seed from the chosen parameters; most exhibits are a `product`.
    """

    name: str
    plms: tuple[str, ...]
    uses: tuple[Use, ...]
    sources: tuple[str, ...] = TABLE_1
    targets: tuple[str, ...] = targets()
    seeds: tuple[int, ...] = (0,)
    data: str = "practice"
    tier: str = "smoke"
    runs: Callable[["Experiment", str, int, Parameters], Iterator[RunSpec]] = lambda *words: product(*words)

    def blocks(self, given: Parameters) -> list[list[RunSpec]]:
        """The runs, in blocks that are useful one after another: in each seed and PLM, those of every set of sources.

        A grid that is cut off then leaves whole rows of a table, and few prompts that only unfinished runs need.
        """
        chosen = self.chosen(given)
        found: dict[tuple, list[RunSpec]] = {}
        for seed in chosen.seeds:
            for plm in chosen.plms:
                for spec in self.runs(self, plm, seed, chosen):
                    found.setdefault((seed, plm, spec.sources), []).append(spec)
        return list(found.values())

    def chosen(self, given: Parameters) -> Parameters:
        """`given` with the experiment's own choice where nothing was chosen."""
        for method in given.methods or ():
            if method not in {use.method for use in self.uses}:
                raise unknown(f"method of {self.name}", method, {use.method for use in self.uses})
        for plm in given.plms or self.plms:
            place_of(plm, given.revision)
        data = given.data or self.data
        sources = given.sources or self.sources
        return replace(
            given,
            plms=given.plms or self.plms,
            sources=tuple(dict.fromkeys(name for word in sources for name in _sources(word, data))),
            targets=given.targets or self.targets,
            seeds=given.seeds if given.seeds is not None else self.seeds,
            data=data,
            tier=given.tier or self.tier,
        )


def product(experiment: Experiment, plm: str, seed: int, chosen: Parameters) -> Iterator[RunSpec]:
    """Every method on every target: once where it takes no source, once for each source where it takes one, and
    once with all sources together where it takes several."""
    for use in experiment.uses:
        if chosen.methods and use.method not in chosen.methods:
            continue
        for target in chosen.targets:
            for sources in _source_sets(use.method, chosen.sources):
                yield spec_of(use, plm, seed, sources, target, chosen)


def prompts(experiment: Experiment, plm: str, seed: int, chosen: Parameters) -> Iterator[RunSpec]:
    """The prompt of every source as a transfer would take it, and the targets' own: what similarities need."""
    for source in chosen.sources:
        renamed = {
            path.replace("source.", "training.", 1): value
            for path, value in chosen.settings.items()
            if not path.startswith("training.")
        }
        yield make_spec(
            plm=plm, method="p-tuning-v2", sources=(source,), seed=seed, settings=renamed, **chosen.words()
        )
    for target in chosen.targets:
        yield spec_of(Use("p-tuning-v2"), plm, seed, (), target, chosen)


def prompts_and_transfers(experiment: Experiment, plm: str, seed: int, chosen: Parameters) -> Iterator[RunSpec]:
    """What the correlation of predicted and measured transfer needs."""
    yield from prompts(experiment, plm, seed, chosen)
    yield from product(experiment, plm, seed, chosen)


def spec_of(
    use: Use, plm: str, seed: int, sources: tuple[str, ...], target: str, chosen: Parameters
) -> RunSpec:
    """The spec of one run of an experiment; settings of source prompts are left out where there are none."""
    settings = {**chosen.settings, **use.settings}
    if not sources:
        settings = {path: value for path, value in settings.items() if not path.startswith("source.")}
    return make_spec(
        plm=plm, method=use.method, target=target, sources=sources, seed=seed, settings=settings, **chosen.words()
    )


def _source_sets(method: str, sources: tuple[str, ...]) -> list[tuple[str, ...]]:
    wanted = METHODS[method].sources
    if not wanted:
        return [()]
    return [(source,) for source in sources] if wanted == 1 else [sources]


def _sources(word: str, data: str) -> tuple[str, ...]:
    """The source tasks that a word means: itself, or all that can be had."""
    if word != AVAILABLE:
        return (word,)
    found = tuple(name for name, task in TASKS.items() if "source" in task.roles and at_hand(name, data))
    if not found:
        raise UsageError(
            f"source '{AVAILABLE}': the folder {mirror()} holds the rows of no source task; name one that does in "
            f"{MIRROR}, or take practice data (--data practice)"
        )
    return found


def at_hand(task: str, data: str) -> bool:
    """Whether the rows of a task can be had now: practice, in the local mirror where there is one, else by the hub."""
    from panda_core.data.availability import availability

    place = "practice" if data == "practice" else "local" if mirror() else "hub"
    return availability(get_task(task))[place]
