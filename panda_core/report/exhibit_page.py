"""What every exhibit page has: labels, findings of the audit, the way to a full run, provenance with downloads."""

import json
from collections import Counter
from collections.abc import Callable
from html import escape

import pandas as pd

from panda_core.environment import ROOT
from panda_core.experiments import EXPERIMENTS
from panda_core.files import write_atomically
from panda_core.paper import audit, printed
from panda_core.plms.registry import PLMS
from panda_core.report import cost, cost_page, measured, side_by_side, variants
from panda_core.report.comparison import SHORT, plm_title, source_order
from panda_core.report.exhibits import EXHIBITS, get_exhibit
from panda_core.report.html import TIERS, Markup, badge, code_words, number, table
from panda_core.report.similarity import embedded, embeddings_of, similarities
from panda_core.store import Store
from panda_core.tasks import and_stand_ins, get_task

DOWNLOADS = ROOT / "book" / "_static" / "exhibits"
LINK = "../../_static/exhibits"  # from a page in book/executed


def runs_of(page: str, store: Store) -> pd.DataFrame:
    """The runs that a page shows: an exhibit of the paper, or one of `OTHERS`; those behind its similarities, too."""
    if page in OTHERS:
        return OTHERS[page](store)
    reads, similar = get_exhibit(page).reads, get_exhibit(page).similarities
    if reads == "own" and similar:
        return pd.concat([measured.of(page, store), embedded(store)]).drop_duplicates("id", ignore_index=True)
    if reads == "own":
        runs = measured.of(page, store)
        return measured.same_seeds(runs, _COMPARED[page]) if page in _COMPARED else runs
    if reads == "prompts":
        runs, experiment = embedded(store), EXPERIMENTS[page]
        return runs[runs["target"].isin(and_stand_ins({*experiment.sources, *experiment.targets}))]
    everything = _all_runs(store)
    return everything if reads == "all" else everything.iloc[:0]


# Exhibits whose rows are means over the seeds that all of them were run with; other seeds stand in no number there.
_COMPARED = {"figure-01": ("method", "source", "target")}
_COMPARED |= dict.fromkeys(variants.SHOWN, ("method", "variant", "target"))


def _all_runs(store: Store) -> pd.DataFrame:
    return measured.comparable(measured.runs(store)).assign(variant="")


# Pages that are no exhibit of the paper, and the runs that each shows.
OTHERS: dict[str, Callable[[Store], pd.DataFrame]] = {
    "claims": _all_runs,
    "costs": cost_page.twins,
    side_by_side.NAME: side_by_side.runs,
}


def stamp_of(page: str, store: Store) -> str:
    """A hash of everything in the store that a page shows: run records, and task embeddings where it reads them."""
    frame = runs_of(page, store)
    if page == "claims" or (page not in OTHERS and get_exhibit(page).similarities):
        frame = pd.concat([frame[["digest"]], embeddings_of(store)[["digest"]]])
    return measured.stamp(frame)


def labels(runs: pd.DataFrame) -> str:
    """The labels of a page: the paper's numbers, and tier, PLM and seeds of the measured ones."""
    return " ".join([badge("paper", "paper: as printed"), *measured_labels(runs)])


def measured_labels(runs: pd.DataFrame) -> list[str]:
    """Tier, PLM and seeds of the measured numbers, each once."""
    found = []
    for (tier, plm), part in runs.groupby(["tier", "plm"]):
        known = f" ({PLMS[plm].title})" if plm in SHORT else ""
        about = f"{number(len(part), 'run')}, {number(part['seed'].nunique(), 'seed')}"
        found.append(badge(f"tier-{tier}", TIERS[tier]))
        found.append(badge("about", f"{plm_title(plm)}{known}: {about}"))
    if len(runs):
        found.append(badge("origin-real", "real data"))
    return list(dict.fromkeys(found))


def head(exhibit: str, runs: pd.DataFrame) -> str:
    """The labels of a page and what it shows, in a paragraph."""
    about = get_exhibit(exhibit)
    shown = labels(runs)
    if runs.empty and about.runs:
        shown += f" {badge('tier-smoke', 'nothing measured yet')}"
    unlike = f" <em>Here: {about.unlike}.</em>" if about.unlike else ""
    return f"<p>{shown}</p><p>{escape(about.about)}{unlike}</p>"


def findings(exhibit: str) -> str:
    """What the audit says about an exhibit: how many checks, and those that do not agree."""
    frame = audit.frame().query("exhibit == @exhibit")
    if frame.empty:
        return "<p>The paper prints no numbers here, so the audit has nothing to check.</p>"
    counts = frame["verdict"].value_counts()
    words = ", ".join(
        f"{counts.get(v, 0)} {w}"
        for v, w in (("agrees", "agreeing"), ("differs", "differing"), ("cannot tell", "undecided"))
    )
    rest = frame[(frame["verdict"] == "differs")]
    text = f'<p>{number(len(frame), "check")}: {words}; <a href="audit.html">the audit</a> shows all of them.</p>'
    if rest.empty:
        return text
    lines = pd.DataFrame({"What": rest["what"], "Printed": rest["printed"], "Recomputed": rest["recomputed"]})
    checked = [exhibit] if exhibit in printed.FILES else printed.GRIDS.values()  # figures are drawn from the grids
    return text + table(lines, f"What does not agree in {printed.title(exhibit)}") + printed_in(*checked)


def full_run(exhibit: str) -> str:
    """The command that makes an exhibit in full, and an estimate of what it takes."""
    if not get_exhibit(exhibit).runs:
        return "<p>There is nothing to run.</p>"
    count, hours = cost.gpu_hours(exhibit)
    time = f"{hours:.0f} hours" if hours >= 10 else f"{hours:.1f} hours"
    plms = ", ".join(plm_title(name) for name in EXPERIMENTS[exhibit].plms)
    return (
        f"<p>On the paper's PLMs ({plms}) and schedule: <code>{cost.command(exhibit)}</code>. That is {count:,} runs "
        "with "
        f"their source prompts and teachers, <strong>about {time} of one A100, by estimate</strong>: operations "
        "counted at "
        f"128 tokens an example, at the speed that Table XII implies ({cost.a100_rate() / 1e12:.0f} TFLOP/s), "
        "evaluations "
        f"left out. On the PLMs of this book: <code>panda grid {exhibit} --plm minilm-l3 --data real --tier "
        "reduced</code>.</p>"
    )


def printed_in(*exhibits: str) -> str:
    """The line below a table or figure that shows printed numbers: the paper's tables that they come from."""
    links = ", ".join(f'<a href="{LINK}/{_printed_file(name)}" download>{printed.title(name)}</a>' for name in exhibits)
    return f'<p class="panda-source">Printed numbers: {links} of the paper, as CSV.</p>'


def measured_from(runs: pd.DataFrame) -> str:
    """The line below a table or figure that shows measured numbers: what they were measured with."""
    if runs.empty:
        return '<p class="panda-source">Measured numbers: none yet.</p>'
    about = facts(runs)
    words = f"tier {about['Tier']}; {about['Data']}; {about['PLMs']}; code {about['Code']}; {about['Device']}"
    count = number(len(runs), "run")
    where = f'<a href="#provenance">{count} by id, with their records</a>'
    return f'<p class="panda-source">Measured numbers: {escape(words)}; {where}.</p>'


def sources(exhibit: str, runs: pd.DataFrame) -> str:
    """Both lines, below what shows printed and measured numbers side by side."""
    return (printed_in(exhibit) if exhibit in printed.FILES else "") + measured_from(runs)


def facts(runs: pd.DataFrame) -> dict[str, str]:
    """What some runs were made with, in words."""
    plms = (
        f"{plm_title(plm)} ({_several('seed', sorted(part['seed'].unique()))})" for plm, part in runs.groupby("plm")
    )
    parts = [get_task(name).title for name in sorted(runs.loc[runs["subset"], "target"].unique())]
    splits = f"a subset of the official splits for {', '.join(parts)}" if parts else "whole splits"
    if started := {name for names in runs["source_subsets"] for name in names.split("+") if name}:
        titles = ", ".join(get_task(name).title for name in source_order(started))
        splits += f", source prompts from a subset for {titles}"
    devices = Counter(f"{run.device}, {number(run.threads, 'thread')}, {run.precision}" for run in runs.itertuples())
    shares = [f"{name} ({number(count, 'run')})" for name, count in sorted(devices.items())]
    return {
        "Tier": ", ".join(sorted(runs["tier"].unique())),
        "Data": f"real data, {splits}",
        "PLMs": ", ".join(plms),
        "Steps on a target": ", ".join(map(str, sorted(runs["steps"].unique()))),
        "Code": ", ".join(sorted({code_words(run.commit, run.dirty) for run in runs.itertuples()})),
        "Device": "; ".join(shares if len(devices) > 1 else devices),
        "Made": f"{runs['created'].min()[:10]} to {runs['created'].max()[:10]}",
    }


def provenance(exhibit: str, runs: pd.DataFrame, store: Store) -> str:
    """Where every number comes from, with downloads; carries the stamp that `freshness` compares."""
    attributes = f'class="panda-provenance" data-exhibit="{exhibit}" data-stamp="{stamp_of(exhibit, store)}"'
    text = f"<div {attributes}>{_downloads(exhibit, runs, store)}"
    if runs.empty:
        return text + "<p>No measured number stands on this page.</p></div>"
    about = facts(runs)
    if runs["precision"].nunique() > 1:
        about["Two precisions"] = (
            "matrix products are in bfloat16 where the processor computes in it, else in float32; the page on cost "
            "measures what that changes"
        )
    if taken := int((runs["equal_to"] != "").sum()):
        about["Not trained again"] = (
            f"PANDA where its teacher weighs 0, {taken} of {len(runs)} runs: each is the target's own run without "
            "transfer, to the bit, whose result was taken"
        )
    if retired := int(runs["superseded"].sum()):
        about["Another source prompt"] = (
            f"{retired} of {len(runs)} runs started from a source prompt that was trained again since and came out "
            "slightly different, as on another machine; their numbers stand as they were measured"
        )
    listed = "".join(f"<dt>{name}</dt><dd>{escape(value)}</dd>" for name, value in about.items())
    text += f"<dl>{listed}</dl>"
    lines = pd.DataFrame(
        {
            "Run": runs["id"], "PLM": runs["plm"], "Method": runs["method"], "Variant": runs["variant"],
            "Source": runs["source"], "Target": runs["target"], "Seed": [str(seed) for seed in runs["seed"]],
            "Score": runs["score"],
            "Subset": [
                " and ".join(filter(None, ("target" if part else "", "source" if sources else ""))) or "no"
                for part, sources in zip(runs["subset"], runs["source_subsets"], strict=True)
            ],
            "Command": [Markup(f"<code>{escape(words)}</code>", words) for words in runs["command"]],
        }
    )  # fmt: skip
    shown = lines.head(SHOWN_RUNS)
    more = "" if len(shown) == len(lines) else f" (the first {SHOWN_RUNS} of {len(lines)}; the downloads have all)"
    summary = f"<summary>Run ids and commands{more}</summary>"
    return f"{text}<details>{summary}{table(shown, 'Runs behind this page')}</details></div>"


SHOWN_RUNS = 60


def _several(word: str, values: list) -> str:
    """ "seed 0", or "seeds 0, 1, 2"."""
    return f"{word}{'s' if len(values) > 1 else ''} {', '.join(map(str, values))}"


def _printed_file(exhibit: str) -> str:
    return f"{exhibit}-printed.csv"


def _downloads(exhibit: str, runs: pd.DataFrame, store: Store) -> str:
    """Write the files that the page offers, and link them; nothing where there is none."""
    files = {}
    if len(runs):
        frame = runs.drop(columns=["digest"]).sort_values(["plm", "method", "source", "target", "seed"])
        lines = [
            {name: None if pd.isna(value) else value for name, value in line.items()}
            for line in frame.to_dict("records")
        ]
        text = json.dumps(lines, indent=1, ensure_ascii=False, default=_plain)
        files[f"{exhibit}-measured.csv"] = ("measured (CSV)", frame.to_csv(index=False))
        files[f"{exhibit}-measured.json"] = ("measured (JSON)", text)
    if exhibit in EXHIBITS and EXHIBITS[exhibit].similarities:
        embeddings = embeddings_of(store)
        if len(embeddings):
            files[f"{exhibit}-similarities.csv"] = ("similarities (CSV)", similarities(embeddings).to_csv(index=False))
            listed = embeddings.drop(columns="path").to_csv(index=False)
            files[f"{exhibit}-embeddings.csv"] = ("task embeddings with their runs (CSV)", listed)
    if exhibit in printed.FILES:
        files[_printed_file(exhibit)] = ("printed (CSV)", printed.FILES[exhibit].read_text(encoding="utf-8"))
    for name, (_, text) in files.items():
        write_atomically(DOWNLOADS / name, lambda temporary, text=text: temporary.write_text(text, encoding="utf-8"))
    links = ", ".join(f'<a href="{LINK}/{name}" download>{label}</a>' for name, (label, _) in files.items())
    return f"<p>Download: {links}</p>" if files else ""


def _plain(value):
    """numpy scalars as Python's own."""
    return value.item()
