"""What was measured, as one table: a line per record of the store that a page of the book may show.

Reading and checking a thousand records takes seconds, so the table is kept in the store's cache under the names, sizes
and times of the record files; it is made anew whenever one of them changes.
"""

import hashlib
import json
import math
import os
from collections.abc import Sequence
from dataclasses import fields
from functools import lru_cache
from pathlib import Path

import pandas as pd

from panda_core.experiments import EXPERIMENTS
from panda_core.files import TEMPORARY, write_atomically
from panda_core.methods import METHODS, SEVERAL
from panda_core.protocol import PAPER
from panda_core.record import Record, first_epoch, superseded
from panda_core.runs import RunSpec, command, settings_of
from panda_core.store import Store
from panda_core.tasks import TASKS

# Raised when `_line` gives something else.
VERSION = 7
COLUMNS = (
    "id", "digest", "tier", "data", "plm", "revision", "method", "source", "target", "seed", "settings", "score",
    "score_last", "first", "similarity", "steps", "epochs", "seconds", "seconds_per_step", "trainable_parameters",
    "peak_memory", "validation_size", "train_rows", "subset", "commit", "dirty", "device", "threads", "precision",
    "created", "command", "equal_to", "source_subsets", "superseded",
)  # fmt: skip

SAME_RUN = ("plm", "source", "target", "seed")
SAME_TARGET = ("plm", "target", "seed")


def runs(store: Store) -> pd.DataFrame:
    """All records of the store, teachers and trials too: one line each, see COLUMNS.

    `settings` are the changed ones as JSON, `first` is the score after the first epoch (the last one where a run ended
    before), `source` joins several sources with "+". A run that is another one over again (`equal_to`) has no times and
    no memory (NaN), because nothing was trained. `peak_memory` of records from before 26 November 2026 is that of the
    process since it began. `subset` is about the target's rows; `source_subsets` joins the sources whose prompts were
    trained on a subset with "+". `superseded`: it started from a prompt that was trained again since
    and came out different. A damaged record is a `WorkError`.
    """
    return _read(_kept(store)).copy()


def _kept(store: Store) -> Path:
    """The file of the cache that has the table of all records, made if it is not there."""
    folders = [folder for folder in (store.root / "records").glob("*") if folder.is_dir()]
    entries = [entry for folder in folders for entry in os.scandir(folder) if not entry.name.startswith(TEMPORARY)]
    stats = [(entry.name, entry.stat()) for entry in entries]
    listing = sorted((name, stat.st_size, stat.st_mtime_ns) for name, stat in stats)
    key = hashlib.sha256(json.dumps([VERSION, listing]).encode()).hexdigest()[:16]
    kept = store.root / "cache" / "measured" / f"{key}.parquet"
    if not kept.exists():
        records = store.records()
        retired = {record.id for record, _ in superseded(records)}
        alone = [record for record in records if not record.spec.sources]
        partial = {_trained_on(r.spec, r.spec.target) for r in alone if r.data.get("train", {}).get("subset")}
        lines = [
            _line(record)
            | {
                "superseded": record.id in retired,
                "source_subsets": "+".join(s for s in record.spec.sources if _trained_on(record.spec, s) in partial),
            }
            for record in records
        ]
        frame = pd.DataFrame(lines, columns=COLUMNS)
        write_atomically(kept, lambda temporary: frame.to_parquet(temporary, index=False))
    return kept


# The name of a kept table changes with its content, and a page asks for it a hundred times.
@lru_cache(maxsize=2)
def _read(kept: Path) -> pd.DataFrame:
    return pd.read_parquet(kept)


def trained_as(frame: pd.DataFrame) -> pd.Series:
    """Run id -> the id of the run whose training gave its result: itself, or the one that it equals."""
    return frame["equal_to"].where(frame["equal_to"] != "", frame["id"]).set_axis(frame["id"])


def comparable(frame: pd.DataFrame) -> pd.DataFrame:
    """The lines that a page may show side by side: real data, the tier's own budget, source prompts made in this store;
    no inner run of a method; of a PLM that was run in two tiers or revisions, the one with more runs."""
    inner = frame["method"].map(lambda name: bool(METHODS[name].internal))
    trial = frame["settings"].str.contains(r'"(?:training|source)\.')
    imported = frame["source"].str.contains("@", regex=False)
    kept = frame[(frame["data"] == "real") & (frame["tier"] != "smoke") & ~inner & ~trial & ~imported]
    made = kept["tier"] + " " + kept["revision"]
    shown = made.groupby(kept["plm"]).agg(lambda found: found.mode().iloc[0])
    return kept[made == kept["plm"].map(shown)].reset_index(drop=True)


def paired(first: pd.DataFrame, second: pd.DataFrame, on: Sequence[str]) -> pd.DataFrame:
    """One line per pair of runs that agree in `on`: the first's columns, the second's with the ending _2."""
    return first.merge(second, on=list(on), suffixes=("", "_2"))


def same_seeds(frame: pd.DataFrame, among: Sequence[str], within: Sequence[str] = ("plm",)) -> pd.DataFrame:
    """In each group `within`, the runs of the seeds that all of its combinations `among` were run with.

    Means over these compare; a mean over other seeds would also tell lucky seeds apart.
    """
    combinations = frame.drop_duplicates([*within, *among]).groupby(list(within)).size().rename("all")
    having = frame.drop_duplicates([*within, *among, "seed"]).groupby([*within, "seed"]).size().rename("having")
    counts = frame.join(combinations, on=list(within)).join(having, on=[*within, "seed"])
    return frame[counts["having"] == counts["all"]]


def of(exhibit: str, store: Store) -> pd.DataFrame:
    """The comparable runs that belong to an exhibit, in `variant` the setting that its declaration varies ("" if none).

    An exhibit is shown on whatever PLM and seeds were run; its methods, variants, sources and targets are those of its
    declaration, open stand-ins beside the tasks that they stand in for. A method of several sources counts with all of
    them, not with some.
    """
    return _of(exhibit, _kept(store)).copy()


@lru_cache(maxsize=2)
def _comparable(kept: Path) -> pd.DataFrame:
    return comparable(_read(kept))


@lru_cache(maxsize=2 * len(EXPERIMENTS))
def _of(exhibit: str, kept: Path) -> pd.DataFrame:
    experiment, frame = EXPERIMENTS[exhibit], _comparable(kept)
    frame = frame[frame["target"].isin(experiment.targets)]
    sources, wanted = frame["source"].map(_in_the_paper), sorted(experiment.sources)
    some = sources.map(set(wanted).issuperset).astype(bool)
    all_of_them = sources.map(lambda names: names == wanted).astype(bool)
    parts = []
    for use in experiment.uses:
        declared = all_of_them if METHODS[use.method].sources == SEVERAL else some
        found = frame[(frame["method"] == use.method) & declared & with_settings(frame, use.settings)]
        parts.append(found.assign(variant="+".join(use.settings.values())))
    return pd.concat(parts, ignore_index=True) if parts else frame.assign(variant="")


def with_settings(frame: pd.DataFrame, settings: dict[str, str]) -> pd.Series:
    """Which runs were made with exactly these settings, given or by default; [runs] of bool."""
    wanted = canonical(settings)
    equal = {text: canonical(json.loads(text)) == wanted for text in frame["settings"].unique()}
    return frame["settings"].map(equal).astype(bool)


def stamp(frame: pd.DataFrame) -> str:
    """A hash of the records behind a table of runs, which changes when a run is added, removed or made again."""
    return hashlib.sha256("\n".join(sorted(frame["digest"])).encode()).hexdigest()[:16]


@lru_cache
def _defaults() -> dict[str, float | str]:
    groups = [(group.name, getattr(PAPER, group.name)) for group in fields(PAPER)]
    return {f"{name}.{f.name}": _number(str(getattr(group, f.name))) for name, group in groups for f in fields(group)}


def canonical(settings: dict[str, str]) -> tuple:
    """Settings without those that say the default, numbers as numbers."""
    named = {path: _number(value) for path, value in settings.items()}
    return tuple(sorted((path, value) for path, value in named.items() if value != _defaults().get(path)))


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _in_the_paper(sources: str) -> list[str]:
    """Joined sources one by one, each stand-in as the task that it stands in for, in alphabetical order."""
    return sorted(TASKS[name].stands_in_for or name for name in sources.split("+") if name)


def _trained_on(spec: RunSpec, task: str) -> tuple[str, str, str, int, str]:
    """What a prompt of a task is known by among the runs of a store."""
    return spec.plm, spec.data, spec.tier, spec.seed, task


def _line(record: Record) -> dict:
    spec, environment = record.spec, record.environment
    settings = settings_of(spec)
    train = record.data.get("train", {})
    seconds, step, memory = record.seconds, record.seconds_per_step, float(record.peak_memory)
    if record.equal_to:
        seconds = step = memory = math.nan
    return {
        "id": record.id, "digest": record.digest, "tier": record.tier, "data": spec.data, "plm": spec.plm,
        "revision": spec.revision or "", "method": spec.method, "source": "+".join(spec.sources),
        "target": spec.target, "seed": spec.seed,
        "settings": json.dumps(settings, sort_keys=True), "score": record.score, "score_last": record.score_last,
        "first": first_epoch(record.curve).score, "similarity": record.similarity, "steps": record.steps,
        "epochs": record.curve[-1].epoch, "seconds": seconds, "seconds_per_step": step,
        "trainable_parameters": record.trainable_parameters, "peak_memory": memory,
        "validation_size": record.validation_size, "train_rows": train.get("rows"),
        "subset": record.subset,
        "commit": environment.get("commit"), "dirty": environment.get("dirty"), "device": environment["device"],
        "threads": environment["threads"], "precision": environment.get("precision"), "created": record.created,
        "command": command(spec), "equal_to": record.equal_to,
    }  # fmt: skip
