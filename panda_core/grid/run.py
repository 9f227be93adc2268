"""Making a grid: plan, check what is there, drive the workers, and say how it went."""

import shutil
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

from tqdm import tqdm

from panda_core.data.availability import other_rows
from panda_core.errors import DamagedError, WorkError
from panda_core.executors import Executor
from panda_core.files import TEMPORARY
from panda_core.grid import owners
from panda_core.grid.driver import Driver
from panda_core.grid.failures import Failures
from panda_core.grid.plan import Plan, plan
from panda_core.grid.progress import Progress, duration
from panda_core.runs import RunSpec
from panda_core.stopping import on_signals
from panda_core.store import Store
from panda_core.tasks import get_task


def run_grid(
    blocks: Sequence[Sequence[RunSpec]],
    store: Store,
    executor: Callable[[], Executor],
    experiments: tuple[str, ...] = (),
    retry_failed: bool = False,
    lease: float = owners.LEASE,
) -> tuple[Progress, bool]:
    """Make the runs of the blocks that are missing: the counts, and whether it was stopped by hand.

    Progress and failures go to stderr. Raises a `StoreError` where the store cannot be used; what was finished stays.
    """
    todo, broken = _todo(blocks, store, retry_failed)
    done = sum(state == "done" for state in todo.states.values())
    progress = Progress(experiments, len(todo.nodes), done, dict(todo.costs))
    owner = owners.Owner(store.root, "driver", progress.values)
    try:
        _sweep(store, owner.id)
        with tqdm(total=len(todo.nodes), initial=done, unit="run", file=sys.stderr, mininterval=_interval()) as bar:
            driver = Driver(
                todo, broken, store, executor(), progress,
                lambda line: bar.write(line, file=sys.stderr), lambda: _show(bar, progress), lease,
            )
            with on_signals(lambda *_: driver.stop(), signal.SIGINT, signal.SIGTERM):
                driver.drive()
            _show(bar, progress)
    finally:
        owner.close()
    return progress, driver.stopping


def _todo(blocks: Sequence[Sequence[RunSpec]], store: Store, retry: bool) -> tuple[Plan, dict[str, str]]:
    """The plan, and the runs that are not tried with the reason: failed before, or with a damaged record.

    With `retry` these are tried: failures are forgotten and damaged records deleted, but not those that cannot be read
    or are of another version.
    """
    found, failures = plan(blocks, store), Failures(store.root)
    broken: dict[str, WorkError] = {}
    others: Counter[str] = Counter()
    there = [key for key, state in found.states.items() if state in ("done", "lost prompt", "damaged")]
    for key in tqdm(there, desc="checking records", unit="run", file=sys.stderr, leave=False, disable=None):
        try:
            record = store.find(found.nodes[key].spec)
            if record and other_rows(get_task(record.spec.target), record.data):
                others[record.spec.target] += 1
        except WorkError as error:
            broken[key] = error
    if retry:
        for key in [key for key, error in broken.items() if isinstance(error, DamagedError)]:
            store.record_path(found.nodes[key].spec).unlink(missing_ok=True)
            del broken[key]
        for node in found.to_make:
            failures.forget(node.spec)
        found = plan(blocks, store)
    if found.to_make and others.total():
        tqdm.write(
            f"{others.total()} of the runs that are there were made from other rows than are named now "
            f"({', '.join(sorted(others))}); to compare runs of the same rows only, use another store (PANDA_STORE)",
            file=sys.stderr,
        )
    states = {**found.states, **dict.fromkeys(broken, "damaged")}
    failed = {key: failures.cause(found.nodes[key].spec) or "" for key, state in states.items() if state == "failed"}
    return replace(found, states=states), {**failed, **{key: str(error) for key, error in broken.items()}}


def _show(bar: tqdm, progress: Progress) -> None:
    left = "" if progress.left is None else f"about {duration(progress.left)} left"
    failed = f"{len(progress.failures)} failed" if progress.failures else ""
    blocked = f"{progress.blocked} blocked" if progress.blocked else ""
    bar.set_postfix_str(", ".join(filter(None, (left, failed, blocked))), refresh=False)
    settled = progress.done_before + progress.made + progress.found + len(progress.failures) + progress.blocked
    bar.update(settled - bar.n)


def _interval() -> float:
    """Seconds between two drawings of the bar: in a file, one line a minute is enough."""
    return 1.0 if sys.stderr.isatty() else 60.0


def _sweep(store: Store, own: str) -> None:
    """Remove what killed processes left; temporary files only where no other process of a grid shares the store.

    `own` is the owner id of this process.
    """
    owners.bury(store.root, own)
    if len(owners.living(store.root)) > 1:
        return
    for path in list(store.root.rglob(f"{TEMPORARY}*")):
        with suppress(FileNotFoundError):  # put in place meanwhile
            if time.time() - path.stat().st_mtime > owners.OLD:
                shutil.rmtree(path) if path.is_dir() else path.unlink()


def summary(progress: Progress, stopped: bool) -> str:
    """How a grid went, in a line."""
    parts = [f"{progress.made} made in {duration(progress.seconds)}", f"{progress.done_before} were there"]
    parts += [f"{progress.found} made by other drivers"] if progress.found else []
    parts += [f"{len(progress.failures)} failed"] if progress.failures else []
    parts += [f"{progress.blocked} not tried, because a run that they start from failed"] if progress.blocked else []
    return ", ".join(parts) + ("; stopped: start the same command again to go on" if stopped else "")
