"""Rounds of all engines by turns in one process, and what is read off their step times."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Literal

import numpy as np
from tqdm import tqdm

from panda_core.allocator import keep_freed_memory
from panda_core.bench.engines import ENGINES, METHODS, Engine, Round, Work
from panda_core.bench.memory import Memory, by_batch, by_runs
from panda_core.bench.profile import shares
from panda_core.data.encoded import Encoded, encoded_split
from panda_core.environment import environment
from panda_core.errors import UsageError
from panda_core.plms.loading import load_plm
from panda_core.plms.plm import PLM
from panda_core.tasks import get_task
from panda_core.training import precision_on

Measurement = Literal["speed", "methods", "memory", "profile"]
Entry = tuple[bool, str]  # whether a teacher is learned from, and a name
_LENGTH = 128  # tokens that a sequence is cut at, and that one engine pads to
_WARM_UP = 3  # first steps of a round, which are not counted: memory is given back before it


@dataclass(frozen=True)
class Measured:
    """What one engine took for its steps, or one method in this engine; times in seconds, memory in bytes.

    `seconds` is the median step; `faster` how many times as long the same examples took the one that padded to 128, of
    methods model-tuning; `beside_plain` is the median, over all steps, of the time of a step over that of the same step
    without a teacher, of methods vanilla PoT's; `tokens_per_second` counts real tokens, without padding. `memory` is
    the most that a round added to what the process held before it. `teacher_seconds` is the time for a teacher's
    predictions, per example.
    """

    task: str
    teacher: bool
    engine: str
    steps: int
    seconds: float
    mean_seconds: float
    faster: float
    beside_plain: float
    tokens_per_second: float
    memory: int
    teacher_seconds: float | None


@dataclass(frozen=True)
class _Contest:
    """What takes turns, and for each entry the ones that `Measured.faster` and `beside_plain` compare it with."""

    entries: dict[Entry, Engine]
    slowest: Callable[[Entry], Entry]
    plain: Callable[[Entry], Entry]


CONTESTS: dict[Measurement, _Contest] = {
    "speed": _Contest(
        {(teacher, name): engine for teacher in (False, True) for name, engine in ENGINES.items()},
        slowest=lambda entry: (entry[0], "peft-128"),
        plain=lambda entry: (False, entry[1]),
    ),
    "methods": _Contest(
        {(name == "panda", name): engine for name, engine in METHODS.items()},
        slowest=lambda entry: (False, "model-tuning"),
        plain=lambda entry: (False, "vanilla-pot"),
    ),
}


def bench(
    kind: Measurement,
    plm_name: str,
    tasks: tuple[str, ...],
    *,
    representation: str | None,
    data: str,
    batch_size: int,
    steps: int,
    rounds: int,
    seed: int = 0,
) -> dict:
    """Measure on `tasks`, in batches of `batch_size`; JSON values, with what was measured under the name of the `kind`.

    - "speed": all engines with and without a teacher. In each round every engine trains `steps` steps on the same
      examples, the engines by turns; the first three steps of each round warm up and are dropped.
    - "methods": the same with this engine alone and the methods of Table XII.
    - "memory": what this engine adds to the memory with batches of other sizes, and what it holds after each of
      `rounds` runs.
    - "profile": the shares of this engine's time by kind of operation.
    """
    keep_freed_memory()  # as training does; here for all engines alike
    plm = load_plm(plm_name, representation)
    if kind == "profile" and plm.device.type != "cpu":
        raise UsageError("the profile is of a processor's operations; run it with CUDA_VISIBLE_DEVICES= (empty)")
    measured, contest = [], CONTESTS.get(kind)
    turns = rounds * len(contest.entries) if contest else 1
    with tqdm(total=len(tasks) * turns, unit="round", disable=None, leave=False) as bar:
        for task in tasks:
            if contest:
                found = _compared(contest, plm, task, data, batch_size, steps, rounds, seed, bar)
                measured += [asdict(line) for line in found]
                continue
            encoded = encoded_split(plm, get_task(task), data, "train", _LENGTH)
            examples = _drawn(encoded, seed, 0, steps, batch_size)
            work = Work(plm, encoded, examples, batch_size, seed, teacher=False)
            if kind == "memory":
                measured.append({"task": task, "by_batch": by_batch(work), "by_runs": by_runs(work, rounds)})
            else:
                measured.append({"task": task, "shares": shares(work)})
            bar.update()
    return {
        "plm": plm_name,
        "representation": plm.representation,
        "data": data,
        "batch_size": batch_size,
        "steps": steps,
        "rounds": rounds,
        kind: measured,
        "environment": environment(str(plm.device), precision_on(plm.device)),
    }


def _compared(
    contest: _Contest, plm: PLM, task: str, data: str, batch_size: int, steps: int, rounds: int, seed: int, bar: tqdm
) -> list[Measured]:
    encoded = encoded_split(plm, get_task(task), data, "train", _LENGTH)
    if len(encoded.examples) <= _WARM_UP * batch_size:
        raise UsageError(
            f"{task} has {len(encoded.examples)} training examples, too few for {_WARM_UP} batches of {batch_size} "
            "that warm up and one that is timed; choose a smaller --batch-size"
        )
    entries = list(contest.entries)
    done: dict[Entry, list[Round]] = {entry: [] for entry in entries}
    memory, tokens = dict.fromkeys(entries, 0), 0
    for turn in range(rounds):
        examples = _drawn(encoded, seed, turn, steps, batch_size)
        work = Work(plm, encoded, examples, batch_size, seed + turn, teacher=False)
        timed = (work.steps - _WARM_UP) / work.steps
        tokens += timed * sum(len(ids) for i in examples for ids in encoded.examples[i].input_ids)
        for entry in entries[turn % len(entries) :] + entries[: turn % len(entries)]:
            teacher, name = entry
            bar.set_description(f"{task}{' with teacher' if teacher else ''}: {name}")
            with Memory(plm.device) as held:
                done[entry].append(contest.entries[entry](replace(work, teacher=teacher)))
            memory[entry] = max(memory[entry], held.added)
            bar.update()
    seconds = {entry: np.array([s for turn in turns for s in turn.steps[_WARM_UP:]]) for entry, turns in done.items()}
    return [
        Measured(
            task=task,
            teacher=entry[0],
            engine=entry[1],
            steps=len(seconds[entry]),
            seconds=float(np.median(seconds[entry])),
            mean_seconds=float(np.mean(seconds[entry])),
            faster=float(seconds[contest.slowest(entry)].sum() / seconds[entry].sum()),
            beside_plain=float(np.median(seconds[entry] / seconds[contest.plain(entry)])),
            tokens_per_second=float(tokens / seconds[entry].sum()),
            memory=memory[entry],
            teacher_seconds=sum(turn.teacher for turn in turns) / (len(examples) * rounds) or None,
        )
        for entry, turns in done.items()
    ]


def _drawn(encoded: Encoded, seed: int, turn: int, steps: int, batch_size: int) -> list[int]:
    """The examples of a round: those of the first steps, which warm up, and of the timed ones."""
    size = min(len(encoded.examples), (steps + _WARM_UP) * batch_size)
    return np.random.default_rng([seed, turn]).choice(len(encoded.examples), size, replace=False).tolist()
