"""Pieces of a page as HTML: badges, the table of scores, provenance."""

from dataclasses import replace

import pandas as pd

from panda_core.record import Record
from panda_core.report.html import TIERS, badge, code_words
from panda_core.runs import RunSpec, command
from panda_core.store import Store
from panda_core.tasks import Task


def badges(tier: str, data: str, plm: str, seed: int) -> str:
    """What every number on the page was measured with, as a line of labels."""
    labels = [
        badge(f"tier-{tier}", TIERS[tier]),
        badge(f"origin-{data}", f"{data} data"),
        badge("about", plm),
        badge("about", f"seed {seed}"),
    ]
    return f"<p>{' '.join(labels)}</p>"


def score_table(records: dict[str, Record], intervals: dict[str, tuple[float, float]], task: Task) -> str:
    """One row per method: score with its interval, last score, similarity, cost and run id."""
    rows = [
        {
            "Method": name,
            f"{task.title} {task.metric}": f"{record.score:.1f}",
            "95 % interval": f"{intervals[name][0]:.1f} to {intervals[name][1]:.1f}",
            "Last evaluation": f"{record.score_last:.1f}",
            "Steps": f"{record.steps}",
            "Seconds a step": f"as {record.equal_to}" if record.equal_to else f"{record.seconds_per_step:.3f}",
            "Trained parameters": f"{record.trainable_parameters:,}",
            "Run": record.id,
        }
        for name, record in records.items()
    ]
    size = next(iter(records.values())).validation_size
    note = (
        f"Best of the evaluations on {size} validation examples; intervals by bootstrap over these "
        "examples."
    )
    return f'{_table(pd.DataFrame(rows))}<p class="panda-note">{note}</p>'


def seed_table(specs: dict[str, RunSpec], store: Store) -> str:
    """Scores of every seed for which the store holds all the methods, with mean and standard deviation.

    Looked for are the seeds from 0 to 9 and that of the specs.
    """
    found = {}
    for seed in sorted({*range(10), *(spec.seed for spec in specs.values())}):
        records = {name: store.find(replace(spec, seed=seed)) for name, spec in specs.items()}
        if all(records.values()):
            found[f"Seed {seed}"] = {name: record.score for name, record in records.items()}
    if len(found) < 2:
        return "<p>Only one seed was run, so the spread between seeds is not known.</p>"
    scores = pd.DataFrame(found)
    table = scores.map("{:.1f}".format)
    table["Mean"] = scores.mean(axis=1).map("{:.1f}".format)
    table["Standard deviation"] = scores.std(axis=1).map("{:.1f}".format)
    table.insert(0, "Method", table.index)
    return _table(table)


def provenance(records: dict[str, Record]) -> str:
    """Where every number comes from: run id, commit, device, data, weights, and the command that remakes it.

    Carries the digests of the records, which `freshness` compares.
    """
    rows = [
        {
            "Run": f"{name}: {record.id}",
            "Tier": record.tier,
            "Data": _data(record),
            "Weights": f"{record.weights['source']} ({record.weights['sha256'][:12]})",
            "Commit": code_words(record.environment.get("commit"), record.environment.get("dirty")),
            "Device": f"{record.environment['device']}, {record.environment['threads']} threads",
            "Made": record.created,
            "Command": command(record.spec),
        }
        for name, record in records.items()
    ]
    summary = "<summary>Run ids, commit, device, data and commands</summary>"
    digests = " ".join(f"{record.id}:{record.digest}" for record in records.values())
    return f'<details data-records="{digests}">{summary}{_table(pd.DataFrame(rows))}</details>'


def _data(record: Record) -> str:
    parts = []
    for split, about in record.data.items():
        rows = about.get("used_rows", about["rows"])
        whole = about.get("official_rows", about["rows"])
        part = f"{split}: {rows} rows" if rows == whole else f"{split}: a subset of {rows} of {whole} rows"
        parts.append(f"{part} ({about['sha256'][:12]})")
    return f"{record.spec.data} data; " + "; ".join(parts)


def _table(frame: pd.DataFrame) -> str:
    table = frame.to_html(index=False, border=0, classes="dataframe")
    return f'<div class="panda-table" tabindex="0" role="region" aria-label="Table of results">{table}</div>'
