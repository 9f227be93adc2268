"""Similarities of tasks from the stored task embeddings: Tables VIII to X, Figures 5, 7 and 9."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from panda_core.report import measured
from panda_core.store import Store

METRICS = {"ours": "ours (Eq. 2)", "on": "ON", "e-avg": "E_avg"}


def embeddings_of(store: Store) -> pd.DataFrame:
    """A line per stored embedding of one of the prompts: metric, samples, sample_seed, plm, task, seed, path, digest.

    `prompt` is the id of the run that trained it, on `task`; `samples` is 0 where the metric reads no examples.
    """
    columns = ["metric", "samples", "sample_seed", "plm", "task", "seed", "prompt", "path", "digest"]
    paths = sorted((store.root / "embeddings").glob("*/*.safetensors"))
    if not paths:
        return pd.DataFrame(columns=columns)
    from panda_core.transferability.stored import read_embedding

    runs = _prompts(store).set_index("id")
    lines = []
    for path in paths:
        key = read_embedding(path).key
        if key.prompt in runs.index:
            plm, task, seed = runs.loc[key.prompt, ["plm", "target", "seed"]]
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            sampled = (key.samples or 0, key.sample_seed or 0)
            lines.append((key.metric, *sampled, plm, task, int(seed), key.prompt, str(path), digest))
    return pd.DataFrame(lines, columns=columns)


def embedded(store: Store) -> pd.DataFrame:
    """The runs whose prompts have a task embedding, which similarities are measured from."""
    runs = _prompts(store).assign(variant="")
    return runs[runs["id"].isin(embeddings_of(store)["prompt"])]


def matrix(embeddings: pd.DataFrame, tasks: Sequence[str]) -> pd.DataFrame:
    """Cosines [n, n] of one embedding per task, mean over the seeds of the prompts and of the samples.

    NaN where a task has no embedding."""
    import torch

    from panda_core.transferability.measure import cosines
    from panda_core.transferability.stored import read_embedding

    parts = [pd.DataFrame(np.nan, list(tasks), list(tasks))]
    for _, group in embeddings.groupby(["seed", "sample_seed"]):
        known = group.drop_duplicates("task").set_index("task")["path"]
        names = [task for task in tasks if task in known.index]
        if names:
            stack = torch.stack([read_embedding(Path(known[name])).values.flatten() for name in names]).float()
            parts.append(pd.DataFrame(cosines(stack), names, names))
    return pd.concat(parts).groupby(level=0, sort=False).mean()


def similarities(embeddings: pd.DataFrame) -> pd.DataFrame:
    """Every measured similarity as a line: plm, metric, samples, sample_seed, task, other, similarity (mean of the
    seeds)."""
    by = ["plm", "metric", "samples", "sample_seed"]
    parts = []
    for key, part in embeddings.groupby(by):
        values = matrix(part, sorted(part["task"].unique())).rename_axis("task").rename_axis("other", axis=1)
        pairs = values.stack().dropna().rename("similarity").reset_index()
        parts.append(pairs.assign(**dict(zip(by, key, strict=True))))
    return pd.concat(parts)[[*by, "task", "other", "similarity"]]


def _prompts(store: Store) -> pd.DataFrame:
    """The comparable runs whose prompts similarities are measured from: P-Tuning v2 with the usual settings."""
    runs = measured.comparable(measured.runs(store))
    return runs[(runs["method"] == "p-tuning-v2") & measured.with_settings(runs, {})]
