"""`panda bench`."""

import json
from pathlib import Path
from typing import get_args

import click

from panda_core.commands.words import echo_json
from panda_core.files import make_folder_of, write_atomically
from panda_core.plms.registry import Representation, place_of
from panda_core.tasks import get_task


@click.command()
@click.option("--plm", default="minilm-l6", show_default=True, help="Registry name, hub id or local folder.")
@click.option("--representation", default="pooler", show_default=True, type=click.Choice(get_args(Representation)))
@click.option(
    "--task",
    "tasks",
    multiple=True,
    default=("rte", "cola", "conll04", "copa"),
    show_default=True,
    help="A task; once for each.",
)
@click.option("--data", default="practice", show_default=True, type=click.Choice(["practice", "real"]))
@click.option("--batch-size", default=32, show_default=True, type=click.IntRange(1))
@click.option("--steps", default=15, show_default=True, type=click.IntRange(1), help="Timed steps of a round.")
@click.option("--rounds", default=3, show_default=True, type=click.IntRange(1), help="Rounds of each engine.")
@click.option(
    "--measure",
    "kind",
    default="speed",
    show_default=True,
    type=click.Choice(("speed", "methods", "memory", "profile")),
    help="speed of all engines; the methods of Table XII in this one; its memory, by size of the batch and over the "
    "rounds; or where its time goes.",
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Also write the JSON to this file.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def bench(kind: str, plm: str, tasks: tuple[str, ...], out: Path | None, as_json: bool, **choices) -> None:
    """Time this engine against PEFT and Trainer, on the same work in one process.

    peft-128 pads every batch to 128 tokens, as the authors' released code does; peft-batch to its longest sequence;
    panda-float32 and panda are this project's training loop.
    """
    for task in tasks:
        get_task(task)
    place_of(plm)
    if out:
        make_folder_of(out, "--out")
    from panda_core.bench.measure import bench

    found = bench(kind, plm, tasks, **choices)
    if out:
        write_atomically(out, lambda temporary: temporary.write_text(json.dumps(found, indent=1) + "\n"))
    if as_json:
        return echo_json(found)
    environment = found["environment"]
    click.echo(
        f"{plm} ({found['representation']}), {found['data']} data, batches of {found['batch_size']}, "
        f"{environment['device']}, {environment['threads']} threads, {environment['precision']}"
    )
    {"speed": _show_speed, "methods": _show_speed, "memory": _show_memory, "profile": _show_profile}[kind](found[kind])


def _show_speed(lines: list[dict]) -> None:
    click.echo(f"{'task':<10}{'teacher':<9}{'engine':<15}{'ms/step':>9}{'mean':>9}{'faster':>8}{'tokens/s':>10}{'MB':>8}")
    for line in lines:
        click.echo(
            f"{line['task']:<10}{'yes' if line['teacher'] else 'no':<9}{line['engine']:<15}"
            f"{1e3 * line['seconds']:>9.1f}{1e3 * line['mean_seconds']:>9.1f}{line['faster']:>8.1f}"
            f"{line['tokens_per_second']:>10.0f}{line['memory'] / 2**20:>8.0f}"
        )


def _show_memory(lines: list[dict]) -> None:
    click.echo(f"{'task':<10}{'batch':>7}{'tokens':>9}{'MB':>8}{'KB/token':>10}")
    for line in lines:
        for size in line["by_batch"]:
            click.echo(
                f"{line['task']:<10}{size['batch_size']:>7}{size['tokens']:>9}{size['memory'] / 2**20:>8.0f}"
                f"{size['memory'] / 2**10 / size['tokens']:>10.1f}"
            )
    for line in lines:
        held = ", ".join(f"{more / 2**20:+.1f}" for more in line["by_runs"])
        click.echo(f"{line['task']}: MB held after each run, beside the first: {held}")


def _show_profile(lines: list[dict]) -> None:
    for line in lines:
        shares = ", ".join(f"{kind} {100 * share:.0f} %" for kind, share in line["shares"].items())
        click.echo(f"{line['task']}: {shares}")
