"""`panda export` and `panda import`: prompts to and from PEFT."""

import shlex

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
@click.option("--revision", help="Pin a commit of the PLM on the hub, by default the one that the adapter names.")
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
    from panda_core.plms.registry import place_of

    found = read_adapter(folder)
    if plm is None:
        plm = plm_of(found.base)
        revision = revision or (found.revision if place_of(plm) == "hub" else None)
    key = import_adapter(folder, load_plm(plm, revision=revision))
    length = len(found.prompt)
    if as_json:
        about = {"kind": found.kind, "length": length, "base": found.base}
        return echo_json({"id": key, "plm": plm, "revision": revision, **about})
    words = ["--plm", plm, *(["--revision", revision] if revision else []), "--source", f"TASK@{key}"]
    words += ["--set", f"prompt.kind={found.kind}"] if found.kind != "prefix" else []
    words += ["--set", f"prompt.length={length}"] if length != 20 else []
    click.echo(f"{key}\nuse it as a source: {shlex.join(words)}")
