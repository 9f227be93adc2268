"""`panda export` and `panda import`: prompts to and from PEFT."""

import click

from panda_core.commands.words import echo_json


@click.command()
@click.argument("run")
@click.argument("folder", type=click.Path())
@click.option("--format", "form", type=click.Choice(["peft"]), default="peft", show_default=True)
def export(run: str, folder: str, form: str) -> None:
    """Write the prompt and head of the finished run with the id RUN to FOLDER, as an adapter of PEFT."""
    from panda_core.peft_format.writing import export_run

    click.echo(export_run(run, folder))


@click.command("import")
@click.argument("folder", type=click.Path())
@click.option("--plm", help="The PLM that the adapter was trained on, where it is not the one that it names.")
@click.option("--revision", help="Pin a commit of the PLM on the hub.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def import_(folder: str, plm: str | None, revision: str | None, as_json: bool) -> None:
    """Keep the prompt of a PEFT adapter in FOLDER as a source prompt; prints its id.

    Prefix-tuning and prompt-tuning adapters are taken. A run starts from the prompt with --source TASK@ID, where TASK
    is the task that it was trained on.
    """
    from panda_core.peft_format.base import plm_of
    from panda_core.peft_format.imported import import_adapter
    from panda_core.peft_format.reading import read_adapter
    from panda_core.plms.loading import load_plm

    found = read_adapter(folder)
    plm = plm or plm_of(found.base)
    key = import_adapter(folder, load_plm(plm, revision=revision))
    length = len(found.prompt)
    if as_json:
        return echo_json({"id": key, "plm": plm, "kind": found.kind, "length": length, "base": found.base})
    settings = [f"--set prompt.kind={found.kind}"] if found.kind != "prefix" else []
    settings += [f"--set prompt.length={length}"] if length != 20 else []
    click.echo(f"{key}\nuse it as a source: {' '.join(['--source', f'TASK@{key}', *settings])}")
