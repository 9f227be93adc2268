"""Scores of stored runs on resamples of their validation examples, the unit of every interval on the exhibit pages.

Means and differences over many runs are plain arithmetic on these vectors.
"""

import numpy as np
import pandas as pd

from panda_core.files import write_atomically
from panda_core.resampling import resamples, scores
from panda_core.store import Store
from panda_core.tasks import get_task


def replicates(run: pd.Series, store: Store) -> np.ndarray:
    """Scores of a run (a line of `measured.runs`) on all resamples, [RESAMPLES]; kept in the store's cache."""
    kept = store.root / "cache" / "resampled" / f"{run['id']}-{run['digest'][:12]}.npy"
    if kept.exists():
        return np.load(kept)
    path = store.root / "predictions" / run["tier"] / f"{run['id']}.parquet"
    found = scores(pd.read_parquet(path), get_task(run["target"]).metric, resamples(run["validation_size"]))
    write_atomically(kept, lambda temporary: np.save(temporary, found))
    return found


def mean_of(frame: pd.DataFrame, store: Store, by: tuple[str, ...] = ("source", "target")) -> tuple[float, np.ndarray]:
    """Mean score and replicates [RESAMPLES] of some runs: over the seeds of each cell first, then over the cells."""
    cells = [group for _, group in frame.groupby(list(by))]
    score = float(np.mean([cell["score"].mean() for cell in cells]))
    vectors = [np.mean([replicates(run, store) for _, run in cell.iterrows()], axis=0) for cell in cells]
    return score, np.mean(vectors, axis=0)


def mean_difference(pairs: pd.DataFrame, store: Store) -> tuple[float, np.ndarray]:
    """Mean of score - score_2 over the pairs of runs that `effects.paired` gives, and the same on every resample.

    Seeds are averaged within a PLM, source and target, then those.
    """
    values, vectors = [], []
    for _, cell in pairs.groupby(["plm", "source", "target"]):
        values.append((cell["score"] - cell["score_2"]).mean())
        vectors.append(
            np.mean([replicates(run, store) - replicates(_second(run), store) for _, run in cell.iterrows()], axis=0)
        )
    return float(np.mean(values)), np.mean(vectors, axis=0)


def _second(run: pd.Series) -> pd.Series:
    return pd.Series(
        {name: run.get(f"{name}_2", run[name]) for name in ("id", "digest", "tier", "target", "validation_size")}
    )
