"""What decides a result: `RunSpec`, its id, and the runs that it depends on. Nothing here loads torch."""

import hashlib
import math
import shlex
from dataclasses import asdict, dataclass, fields, is_dataclass, replace
from functools import lru_cache
from typing import Any

from panda_core.errors import UsageError, unknown
from panda_core.files import canonical_json
from panda_core.methods import METHODS, SEVERAL, Method
from panda_core.methods.imported import check_source, imported_id
from panda_core.methods.method import IMPORTED, source_task
from panda_core.protocol import PAPER, PRESETS, PromptProtocol, Protocol
from panda_core.tasks import get_target, get_task
from panda_core.tiers import Tier, Training, training_for

# Part of every run id: raised when the code changes what a spec gives by more than the rounding of its precision.
PROTOCOL_VERSION = 2


@dataclass(frozen=True)
class RunSpec:
    """Everything that decides the result of one run.

    `target` is the task that is trained on (a source task where the run makes a source prompt); `source_training`
    is the budget of the source prompt, or of each one where there are several sources, in their order; None where
    there are none. `revision` pins the PLM's commit.
    """

    plm: str
    method: str
    target: str
    sources: tuple[str, ...]
    data: str
    tier: Tier
    seed: int
    training: Training
    source_training: Training | tuple[Training, ...] | None
    protocol: Protocol
    revision: str | None = None

    @property
    def budgets(self) -> dict[str, Training]:
        """Source task -> the budget of its prompt."""
        each = self.source_training
        return dict(zip(self.sources, each if isinstance(each, tuple) else (each,) * len(self.sources), strict=True))

    @property
    def label(self) -> str:
        """A short name for people: method, tasks, PLM, data, tier and seed."""
        sources = "+".join(self.sources)
        tasks = f"{sources} -> {self.target}" if sources else self.target
        return f"{self.method} {tasks} ({self.plm}, {self.data}, {self.tier}, seed {self.seed})"


def make_spec(
    *,
    plm: str,
    method: str,
    target: str | None = None,
    sources: tuple[str, ...] = (),
    data: str = "practice",
    tier: str = "smoke",
    seed: int = 0,
    settings: dict[str, str] | None = None,
    revision: str | None = None,
    protocol: str = "paper",
) -> RunSpec:
    """The spec of a run as a person asks for it, with every name and value checked.

    A method without sources takes one source and no target to train a source prompt. `settings` are dotted paths and
    values, e.g. {"kd.weight": "0.1", "training.steps": "250"}: a group of the protocol, `training` (the target's
    budget) or `source` (the sources' budget). `protocol` names the preset that they change. The order of several
    sources does not matter; one is written TASK@ID where its prompt was imported. Raises a `UsageError`.
    """
    for word in (plm, revision or ""):
        if not word.isprintable():
            raise UsageError(f"{word!a}: names and paths here are of printable UTF-8 characters")
    chosen = _known("method", method, METHODS)
    if chosen.internal:
        raise UsageError(f"{method} is made by the methods that need it; ask for one of {', '.join(user_methods())}")
    if target is None:
        if chosen.sources or len(sources) != 1:
            raise UsageError(f"{method} needs a target task: --target NAME")
        task, sources = get_task(sources[0]), ()
    else:
        task = get_target(target)
    if data not in ("practice", "real"):
        raise unknown("data origin", data, ("practice", "real"))
    if tier not in ("smoke", "reduced", "full"):
        raise unknown("tier", tier, ("smoke", "reduced", "full"))
    if not 0 <= seed < 2**32:
        raise UsageError(f"seed {seed}: give a number from 0 to {2**32 - 1}")
    if protocol not in PRESETS:
        raise unknown("protocol", protocol, PRESETS)
    sources, settings = _checked_sources(chosen, sources), settings or {}
    if data == "practice":
        _check_practice(task.name, *map(source_task, sources))
    kind = settings.get("prompt.kind", chosen.kinds[0])
    preset = replace(PRESETS[protocol], prompt=replace(PRESETS[protocol].prompt, kind=chosen.kinds[0]))
    budgets = tuple(training_for(get_task(source_task(source)), tier, kind) for source in sources)
    source_training = budgets if len(budgets) > 1 else next(iter(budgets), None)
    spec = RunSpec(
        plm, method, task.name, sources, data, tier, seed, training_for(task, tier, kind), source_training, preset,
        revision or None,
    )
    spec = _apply(spec, settings)
    if kind not in chosen.kinds:
        raise UsageError(f"{method} tunes {' or '.join(chosen.kinds)}, not {kind} (prompt.kind)")
    spec = normalise(spec)
    if spec.protocol.kd.similarity == "e-avg":
        check_mean_token(spec)
    return spec


def check_mean_token(spec: RunSpec) -> None:
    """Raise a `UsageError` where what is tuned has no tokens whose mean E_avg could take."""
    prompt = spec.protocol.prompt
    if prompt.kind == "adapter" or prompt.length == 0:
        what = "an adapter" if prompt.kind == "adapter" else "a prompt of length 0"
        raise UsageError(f"{what} has no tokens whose mean E_avg could take; choose another metric (kd.similarity)")


def _checked_sources(method: Method, sources: tuple[str, ...]) -> tuple[str, ...]:
    """The sources that a method was given, in alphabetical order where it takes several."""
    for source in sources:
        check_source(source)
        get_task(source_task(source))
    enough = len(sources) >= 1 if method.sources == SEVERAL else len(sources) == method.sources
    if not enough:
        wanted = {0: "no source", 1: "1 source task", SEVERAL: "1 or more source tasks"}[method.sources]
        raise UsageError(f"{method.name} takes {wanted}, {len(sources)} given (--source NAME)")
    for source in sources:
        if sources.count(source) > 1:
            raise UsageError(f"the source task {source} is given twice")
    return tuple(sorted(sources))


def _check_practice(*tasks: str) -> None:
    """Raise a `UsageError` where a task is not in the practice suite, before a run that it needs is made."""
    from panda_core.practice import SIZES

    for task in tasks:
        if task not in SIZES:
            raise UsageError(f"{task} is not in the practice suite; give --data real")


def user_methods() -> tuple[str, ...]:
    """Names of the methods that a person can ask for."""
    return tuple(name for name, method in METHODS.items() if not method.internal)


def normalise(spec: RunSpec) -> RunSpec:
    """The same run with every setting that its method never reads at its default, so that equal runs share an id."""
    used = (*METHODS[spec.method].protocol, "optimiser", "head")
    kept = {group: getattr(spec.protocol, group) for group in used}
    return replace(spec, protocol=replace(PAPER, prompt=spec.protocol.prompt.read(), **kept))


def unread(spec: RunSpec, settings: dict[str, str]) -> list[str]:
    """The dotted paths among `settings` that the run's method never reads, so that its spec does not hold them."""
    def values(protocol: Protocol) -> dict[str, Any]:
        return {f"{group}.{name}": value for group, held in asdict(protocol).items() for name, value in held.items()}

    asked, held = values(_apply(spec, settings).protocol), values(spec.protocol)
    return [path for path in settings if path in held and asked[path] != held[path]]


def run_id(spec: RunSpec) -> str:
    """The run's id: a hash of the canonical spec, the protocol version and the ids of the runs it depends on."""
    return _run_id(spec, repr(spec))


@lru_cache(maxsize=2**16)
def _run_id(spec: RunSpec, _written: str) -> str:
    """Kept by spec and as it is written: 1 and 1.0 are equal, but give two ids."""
    if spec.method == IMPORTED:
        return imported_id(spec)
    text = canonical_json(
        {
            "spec": _canonical(spec),
            "version": PROTOCOL_VERSION,
            "inputs": {role: run_id(needed) for role, needed in inputs(spec).items()},
        }
    )
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _canonical(value: Any) -> Any:
    """The value without fields at their default, so that a new field with a neutral default changes no id."""
    if is_dataclass(value):
        given = {field.name: getattr(value, field.name) for field in fields(value)}
        defaults = {field.name: field.default for field in fields(value)}
        return {name: _canonical(v) for name, v in given.items() if v != defaults[name]}
    return [_canonical(v) for v in value] if isinstance(value, tuple) else value


def inputs(spec: RunSpec) -> dict[str, RunSpec]:
    """The runs whose results this one starts from, by role (source, target, teacher; "source mnli" of several)."""
    return {role: normalise(needed) for role, needed in METHODS[spec.method].inputs(spec).items()}


def command(spec: RunSpec) -> str:
    """The command that makes this run; for a teacher, one that needs it."""
    method, sources = METHODS[spec.method], spec.sources
    if method.internal:
        sources = sources or ("mnli",)  # a random teacher is the same for every source
    is_target = "target" in get_task(spec.target).roles
    words = ["panda", "run", "--plm", spec.plm, "--method", "panda" if method.internal else spec.method]
    words += [word for source in sources for word in ("--source", source)]
    words += ["--target" if is_target else "--source", spec.target]
    words += ["--data", spec.data, "--tier", spec.tier, "--seed", str(spec.seed)]
    words += ["--revision", spec.revision] if spec.revision else []
    words += [word for path, value in settings_of(spec).items() for word in ("--set", f"{path}={value}")]
    return shlex.join(words)


def settings_of(spec: RunSpec) -> dict[str, str]:
    """What `--set` says in the command of this run, by dotted path; for a teacher, in that of a run that needs it."""
    settings, internal = _changed(spec), METHODS[spec.method].internal
    if internal and internal != PAPER.teacher.prompt:
        settings |= {"teacher.prompt": internal}
    return settings


def _changed(spec: RunSpec) -> dict[str, str]:
    """The settings that differ from those of the spec's tier and of the protocol, by dotted path."""
    kind = spec.protocol.prompt.kind
    pairs = [("training", spec.training, training_for(get_task(spec.target), spec.tier, kind))]
    for source, budget in spec.budgets.items():
        pairs.append(("source", budget, training_for(get_task(source_task(source)), spec.tier, kind)))
    usual = replace(PAPER, prompt=PromptProtocol(kind=METHODS[spec.method].kinds[0]))
    pairs += [(f.name, getattr(spec.protocol, f.name), getattr(usual, f.name)) for f in fields(Protocol)]
    return {
        f"{group}.{f.name}": "none" if (value := getattr(found, f.name)) is None else str(value)
        for group, found, default in pairs
        for f in fields(found)
        if getattr(found, f.name) != getattr(default, f.name) and f.name not in _unset(found)
    }


def _unset(holder: Any) -> set[str]:
    """Of steps and epochs the one that a budget does not have: setting the other one clears it."""
    return {name for name in ("steps", "epochs") if getattr(holder, name, "") is None}


def _known(kind: str, name: str, table: dict[str, Method]) -> Method:
    if name not in table:
        raise unknown(kind, name, [n for n, method in table.items() if not method.internal])
    return table[name]


def _apply(spec: RunSpec, settings: dict[str, str]) -> RunSpec:
    """The spec with dotted settings applied; an unknown path or an impossible value is a `UsageError`."""
    groups = {field.name: (getattr(spec.protocol, field.name),) for field in fields(Protocol)}
    holders = {"training": (spec.training,), "source": tuple(spec.budgets.values()), **groups}
    known = [f"{name}.{field.name}" for name, held in holders.items() if held for field in fields(held[0])]
    for group in ("training", "source"):
        if all(settings.get(f"{group}.{name}", "none") != "none" for name in ("steps", "epochs")):
            raise UsageError(f"--set {group}.steps and {group}.epochs: a run has one or the other, give one of them")
    for path, text in sorted(settings.items(), key=lambda setting: setting[1] == "none"):
        if path not in known:
            raise unknown("setting", path, known)
        group, name = path.split(".")
        holders[group] = tuple(_set(holder, path, name, text) for holder in holders[group])
    source = holders["source"] if len(holders["source"]) > 1 else next(iter(holders["source"]), None)
    return replace(
        spec,
        training=holders["training"][0],
        source_training=source,
        protocol=Protocol(**{name: holders[name][0] for name in groups}),
    )


@lru_cache
def adapter_of(kind: type) -> Any:
    """What reads JSON values or words into that type, and checks them."""
    from pydantic import TypeAdapter

    return TypeAdapter(kind)


def _set(holder: Any, path: str, name: str, text: str) -> Any:
    from pydantic import ValidationError

    changed = {name: None if text == "none" else text}
    if isinstance(holder, Training) and name in ("steps", "epochs") and text != "none":
        changed["epochs" if name == "steps" else "steps"] = None
    try:
        found = adapter_of(type(holder)).validate_python({**asdict(holder), **changed})
    except ValidationError as error:
        reason = error.errors()[0]["msg"]
        raise UsageError(f"--set {path}={text}: {reason[0].lower()}{reason[1:]}") from None
    if isinstance(value := getattr(found, name), float) and not math.isfinite(value):
        raise UsageError(f"--set {path}={text}: input should be a finite number")
    if isinstance(found, Training) and found.steps is None and found.epochs is None:
        raise UsageError(f"--set {path}={text}: a run needs steps or epochs, give the number of one of them")
    return found
