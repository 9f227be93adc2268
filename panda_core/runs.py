"""What decides a result: `RunSpec`, its id, and the runs that it depends on. Nothing here loads torch."""

import hashlib
import shlex
from dataclasses import asdict, dataclass, fields, is_dataclass, replace
from functools import lru_cache
from typing import Any

from panda_core.errors import UsageError, unknown
from panda_core.files import canonical_json
from panda_core.methods import METHODS, Method
from panda_core.protocol import PAPER, Protocol
from panda_core.tasks import get_target, get_task
from panda_core.tiers import Tier, Training, training_for

# Part of every run id: raised when the code changes what a spec gives.
PROTOCOL_VERSION = 2


@dataclass(frozen=True)
class RunSpec:
    """Everything that decides the result of one run.

    `target` is the task that is trained on (a source task where the run makes a source prompt); `source_training`
    is the budget of the source prompts, None where there are no sources. `revision` pins the PLM's commit.
    """

    plm: str
    method: str
    target: str
    sources: tuple[str, ...]
    data: str
    tier: Tier
    seed: int
    training: Training
    source_training: Training | None
    protocol: Protocol
    revision: str | None = None

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
) -> RunSpec:
    """The spec of a run as a person asks for it, with every name and value checked.

    A method without sources takes one source and no target to train a source prompt. `settings` are dotted paths and
    values, e.g. {"kd.weight": "0.1", "training.steps": "250"}: a group of the protocol, `training` (the target's
    budget) or `source` (the sources' budget). Raises a `UsageError`.
    """
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
    if seed < 0:
        raise UsageError(f"seed {seed} is negative; give 0 or more")
    for source in sources:
        get_task(source)
    if len(sources) != chosen.sources:
        wanted = f"{chosen.sources} source task{'s' if chosen.sources > 1 else ''}" if chosen.sources else "no source"
        raise UsageError(f"{method} takes {wanted}, {len(sources)} given (--source NAME)")
    training = training_for(task, tier)
    source_training = training_for(get_task(sources[0]), tier) if sources else None
    spec = RunSpec(
        plm, method, task.name, tuple(sources), data, tier, seed, training, source_training, PAPER, revision
    )
    return normalise(_apply(spec, settings or {}))


def user_methods() -> tuple[str, ...]:
    """Names of the methods that a person can ask for."""
    return tuple(name for name, method in METHODS.items() if not method.internal)


def normalise(spec: RunSpec) -> RunSpec:
    """The same run with every setting that its method never reads at its default, so that equal runs share an id."""
    used = METHODS[spec.method].protocol
    kept = {group: getattr(spec.protocol, group) for group in used}
    return replace(spec, protocol=replace(PAPER, **kept))


def run_id(spec: RunSpec) -> str:
    """The run's id: a hash of the canonical spec, the protocol version and the ids of the runs it depends on."""
    return _run_id(spec, repr(spec))


@lru_cache(maxsize=2**16)
def _run_id(spec: RunSpec, _written: str) -> str:
    """Kept by spec and as it is written: 1 and 1.0 are equal, but give two ids."""
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
    return value


def inputs(spec: RunSpec) -> dict[str, RunSpec]:
    """The runs whose results this one starts from, by role (source, target, teacher)."""
    return {role: normalise(needed) for role, needed in METHODS[spec.method].inputs(spec).items()}


def command(spec: RunSpec) -> str:
    """The command that makes this run; for an internal run, one that needs it."""
    method = "panda" if METHODS[spec.method].internal else spec.method
    is_target = "target" in get_task(spec.target).roles
    words = ["panda", "run", "--plm", spec.plm, "--method", method]
    words += [word for source in spec.sources for word in ("--source", source)]
    words += ["--target" if is_target else "--source", spec.target]
    words += ["--data", spec.data, "--tier", spec.tier, "--seed", str(spec.seed)]
    words += ["--revision", spec.revision] if spec.revision else []
    words += [word for path, value in _changed(spec).items() for word in ("--set", f"{path}={value}")]
    return shlex.join(words)


def _changed(spec: RunSpec) -> dict[str, str]:
    """The settings that differ from those of the spec's tier and of the protocol, by dotted path."""
    pairs = {"training": (spec.training, training_for(get_task(spec.target), spec.tier))}
    if spec.sources:
        pairs["source"] = (spec.source_training, training_for(get_task(spec.sources[0]), spec.tier))
    pairs |= {f.name: (getattr(spec.protocol, f.name), getattr(PAPER, f.name)) for f in fields(Protocol)}
    return {
        f"{group}.{f.name}": "none" if (value := getattr(found, f.name)) is None else str(value)
        for group, (found, default) in pairs.items()
        for f in fields(found)
        if getattr(found, f.name) != getattr(default, f.name)
    }


def _known(kind: str, name: str, table: dict[str, Method]) -> Method:
    if name not in table:
        raise unknown(kind, name, [n for n, method in table.items() if not method.internal])
    return table[name]


def _apply(spec: RunSpec, settings: dict[str, str]) -> RunSpec:
    """The spec with dotted settings applied; an unknown path or an impossible value is a `UsageError`."""
    holders = {"training": spec.training, "source": spec.source_training}
    holders |= {field.name: getattr(spec.protocol, field.name) for field in fields(Protocol)}
    holders = {name: holder for name, holder in holders.items() if is_dataclass(holder)}
    known = [f"{name}.{field.name}" for name, holder in holders.items() for field in fields(holder)]
    for path, text in settings.items():
        if path not in known:
            raise unknown("setting", path, known)
        group, name = path.split(".")
        holders[group] = _set(holders[group], path, name, text)
    groups = {field.name: holders[field.name] for field in fields(Protocol)}
    return replace(
        spec, training=holders["training"], source_training=holders.get("source"), protocol=Protocol(**groups)
    )


@lru_cache
def _adapter(kind: type) -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(kind)


def _set(holder: Any, path: str, name: str, text: str) -> Any:
    from pydantic import ValidationError

    changed = {name: None if text == "none" else text}
    if isinstance(holder, Training) and name in ("steps", "epochs") and text != "none":
        changed["epochs" if name == "steps" else "steps"] = None
    try:
        return _adapter(type(holder)).validate_python({**asdict(holder), **changed})
    except ValidationError as error:
        reason = error.errors()[0]["msg"]
        raise UsageError(f"--set {path}={text}: {reason[0].lower()}{reason[1:]}") from None
