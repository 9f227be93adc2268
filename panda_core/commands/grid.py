"""`panda plan`, `panda grid`, `panda keep` and `panda status`."""

import math
from collections import Counter
from functools import partial

import click

from panda_core.commands.words import echo_json, parse_settings
from panda_core.errors import UsageError, WorkError, unknown

_CHOICES = (
    click.argument("experiments", nargs=-1, required=True, metavar="EXPERIMENT..."),
    click.option("--plm", "plms", multiple=True, help="PLM instead of the paper's; once for each."),
    click.option("--source", "sources", multiple=True, help="Source task, or 'available' for all that can be had."),
    click.option("--target", "targets", multiple=True, help="Target task; once for each."),
    click.option("--method", "methods", multiple=True, help="Only these methods of the experiment."),
    click.option("--seed", "seeds", multiple=True, type=int, help="Seed; once for each, finished one after another."),
    click.option("--data", help="practice or real; practice where the experiment does not say."),
    click.option("--tier", help="smoke, reduced or full; smoke where the experiment does not say."),
    click.option("--set", "settings", multiple=True, metavar="PATH=VALUE", help="For example training.steps=300."),
    click.option("--protocol", help="Preset: paper or released-code; paper where the experiment does not say."),
    click.option("--revision", help="Pin a commit of the PLM on the hub."),
    click.option("--json", "as_json", is_flag=True, help="Print one JSON object."),
)


class _Finite(click.FloatRange):
    """A range of numbers, which "nan" is not one of."""

    def convert(self, value, param, ctx):
        found = super().convert(value, param, ctx)
        if not math.isfinite(found):
            self.fail(f"{value} is not a finite number", param, ctx)
        return found


def _choices(command):
    for option in reversed(_CHOICES):
        command = option(command)
    return command


def _blocks(experiments: tuple[str, ...], words: dict) -> list:
    from panda_core.experiments import Parameters, runs_of

    settings = parse_settings(words.pop("settings"))
    for name, value in words.items():
        if value == "":
            raise UsageError(f"--{name}: an empty word; leave the option out, or give it a value")
    given = Parameters(settings=settings, **{name: value or None for name, value in words.items()})
    return runs_of(experiments, given)


@click.command()
@_choices
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1), help="For the estimated time.")
def plan(experiments: tuple[str, ...], as_json: bool, workers: int, **words) -> None:
    """The runs that experiments need: done, missing, and what they are expected to cost.

    An EXPERIMENT is an exhibit of the paper (table-02, figure-04 ...), 'paper-grid', 'study', 'methods',
    'differences' or 'practice'.
    """
    from panda_core.grid.plan import plan
    from panda_core.grid.progress import duration
    from panda_core.store import Store

    store = Store()
    found = plan(_blocks(experiments, words), store)
    states = Counter(found.states.values())
    seconds = found.seconds(workers)
    if as_json:
        return echo_json(
            {
                "experiments": list(experiments),
                "store": str(store.root),
                "runs": len(found.nodes),
                "states": dict(states),
                "seconds": round(sum(found.costs.values())),
                "seconds_with_workers": round(seconds),
                "workers": workers,
                "estimated_from": dict(found.basis),
                "not_at_hand": list(found.not_at_hand()),
                "missing": [
                    {
                        "id": node.id,
                        "run": node.spec.label,
                        "state": found.states[node.id],
                        "inputs": list(node.inputs),
                        "block": node.block,
                        "seconds": round(found.costs[node.id], 1),
                    }
                    for node in found.to_make
                ],
            }
        )
    kinds = Counter((node.spec.plm, node.spec.method) for node in found.nodes.values())
    missing = Counter((node.spec.plm, node.spec.method) for node in found.to_make)
    click.echo(f"{'PLM':<20}{'method':<16}{'runs':>6}{'to make':>9}")
    for plm, method in kinds:
        click.echo(f"{plm:<20}{method:<16}{kinds[plm, method]:>6}{missing[plm, method]:>9}")
    click.echo(f"{len(found.nodes)} runs in {store.root}: " + ", ".join(f"{n} {name}" for name, n in states.items()))
    click.echo(f"about {duration(seconds)} with {workers} worker{'s' * (workers > 1)}" + _basis(found.basis))
    if missing_tasks := found.not_at_hand():
        click.echo(f"the rows of these tasks cannot be had here now: {', '.join(missing_tasks)}")


def _basis(basis: Counter) -> str:
    from panda_core.grid.cost import BASES, DEFAULT_SECONDS

    words = {
        "method and task": "from records of the same PLM, task and method",
        "task": "from records of the same PLM and task",
        "PLM": "from records of the same PLM",
        "default": f"at a guess of {DEFAULT_SECONDS} s per training example, without any record",
    }
    return "".join(f"\n  {basis[name]} runs estimated {words[name]}" for name in BASES if basis[name])


@click.command()
@_choices
@click.option("--executor", "executor_name", default="local", show_default=True, help="local or ray.")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1), help="Runs at a time.")
@click.option("--cpus", default=1.0, show_default=True, type=_Finite(0), help="ray: cores of each worker.")
@click.option("--gpus", default=0.0, show_default=True, type=_Finite(0), help="ray: GPUs of each, e.g. 0.25.")
@click.option("--retry-failed", is_flag=True, help="Try failed runs again, and make damaged ones anew.")
def grid(
    experiments: tuple[str, ...],
    as_json: bool,
    executor_name: str,
    workers: int,
    cpus: float,
    gpus: float,
    retry_failed: bool,
    **words,
) -> None:
    """Make the missing runs of experiments. Stop it at any time, and start it again.

    Earlier experiments and seeds are finished first. Several of these commands may share a store (PANDA_STORE).
    """
    from panda_core.executors import EXECUTORS
    from panda_core.grid.run import run_grid, summary
    from panda_core.store import Store

    store = Store()
    blocks = _blocks(experiments, words)
    if executor_name not in EXECUTORS:
        raise unknown("executor", executor_name, EXECUTORS)
    if gpus > 1 and gpus % 1:
        raise UsageError(f"--gpus {gpus:g}: Ray gives a share of one GPU, or whole ones; give a whole number above 1")
    if executor_name == "ray":
        from panda_core.executors.ray import RayExecutor

        executor = partial(RayExecutor, store.root, workers, cpus, gpus)
    else:
        from panda_core.executors.local import LocalExecutor

        executor = partial(LocalExecutor, store.root, workers)
    progress, stopped = run_grid(blocks, store, executor, experiments, retry_failed)
    if as_json:
        echo_json({**progress.values(), "stopped": stopped})
    line = summary(progress, stopped)
    if stopped or progress.failures:
        raise WorkError(line)
    click.echo(line, err=as_json)


@click.command()
@_choices
def keep(experiments: tuple[str, ...], as_json: bool, **words) -> None:
    """Copy the source prompts of experiments from the cache into the library that is committed.

    Runs that start from one of them then need not train it again, wherever the store goes.
    """
    from panda_core.grid.keeping import keep_prompts, source_prompts
    from panda_core.store import Store

    store = Store()
    kept, missing = keep_prompts(source_prompts(_blocks(experiments, words)), store)
    if as_json:
        return echo_json({"kept": [str(path) for path in kept], "missing": [spec.label for spec in missing]})
    size = sum(path.stat().st_size for path in kept) / 2**20
    click.echo(f"{len(kept)} source prompts in {store.root / 'prompts'}, {size:.1f} MB")
    if missing:
        click.echo(f"{len(missing)} more are not in the store; make them with: panda grid {' '.join(experiments)}")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def status(as_json: bool) -> None:
    """Progress, rate, time left and failures of the grids that run on the store."""
    from panda_core.grid.progress import duration
    from panda_core.grid.status import status
    from panda_core.store import Store

    found = status(Store().root)
    if as_json:
        return echo_json(found)
    records = ", ".join(f"{count} {tier}" for tier, count in found["records"].items()) or "none"
    click.echo(f"store     {found['store']}\nrecords   {records}")
    if not found["drivers"]:
        click.echo("no grid is running on this store")
    for driver in found["drivers"]:
        left = driver["seconds_left"]
        click.echo(
            f"grid      {' '.join(driver['experiments'])}  ({driver['host']}, process {driver['pid']}"
            f"{'' if driver['here'] else ', another machine'})\n"
            f"          {driver['done']} of {driver['total']} runs done, {driver['made']} made here in "
            f"{duration(driver['seconds'])}, {driver['runs_per_hour']:g} an hour, {driver['failed']} failed, "
            f"{driver['blocked']} blocked\n"
            f"          {'time left not known yet' if left is None else f'about {duration(left)} left'}"
        )
    for worker in found["running"]:
        click.echo(f"running   {worker['run']}, for {duration(worker['seconds'])}")
    for failure in found["failures"]:
        click.echo(f"failed    {failure['label']} [{failure['id']}]: {failure['cause']}")
