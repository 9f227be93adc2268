"""`panda similarity`."""

import click

from panda_core.commands.words import echo_json, parse_settings


@click.command()
@click.option("--plm", required=True, help="Registry name, hub id or local folder.")
@click.option("--task", "tasks", multiple=True, required=True, help="A task; once for each, two or more.")
@click.option("--metric", default="ours", show_default=True, help="ours (Eq. 2), e-avg (SPoT) or on (neurons).")
@click.option("--method", default="p-tuning-v2", show_default=True, help="What trains the prompts.")
@click.option("--samples", multiple=True, type=int, default=(100,), show_default=True, help="Examples of each task.")
@click.option("--sample-seed", "sample_seeds", multiple=True, type=int, help="Seed of the sample; default: --seed.")
@click.option("--transfer", is_flag=True, help="Also Spearman's correlation with vanilla transfer, first epoch.")
@click.option("--data", default="practice", show_default=True, help="practice or real.")
@click.option("--tier", default="smoke", show_default=True, help="smoke, reduced or full.")
@click.option("--seed", default=0, show_default=True, type=int, help="Seed of the prompts.")
@click.option("--set", "settings", multiple=True, metavar="PATH=VALUE", help="For example training.steps=100.")
@click.option("--revision", help="Pin a commit of the PLM on the hub.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def similarity(settings: tuple[str, ...], transfer: bool, as_json: bool, **names) -> None:
    """Print how similar every two tasks are; trains the prompts that are missing.

    --samples and --sample-seed may be given again: one matrix for each pair of them, their mean and deviation.
    """
    from panda_core.transferability import matrix

    chosen = parse_settings(settings)
    found = matrix.similarities(settings=chosen, **names)
    correlated = None
    if transfer:
        scores = matrix.first_epoch_transfer(found, chosen)
        correlated = {"scores": scores, "correlations": matrix.correlations(found, scores)}
    if as_json:
        return echo_json({**found.as_json(), "transfer": correlated})
    click.echo(matrix.as_text(found, correlated))
