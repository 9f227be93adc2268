"""Similarities of tasks from the stored task embeddings: Tables VIII to X, Figures 5, 7 and 9."""

import hashlib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from panda_core.paper import printed
from panda_core.report import measured
from panda_core.report.comparison import source_order
from panda_core.report.measured import same_seeds
from panda_core.store import Store
from panda_core.tasks import get_task

USED = 100  # the sampling number that the paper uses
GROUPS = ("NLI", "SM", "QA", "NER", "SRL", "others")
METRICS = {"ours": "ours (Eq. 2)", "on": "ON", "e-avg": "E_avg"}


def embeddings_of(store: Store) -> pd.DataFrame:
    """A line per stored embedding of one of the prompts: metric, samples, sample_seed, plm, task, seed, path, digest.

    `prompt` is the id of the run that trained it, on `task`; `samples` is 0 where the metric reads no examples.
    """
    columns = ["metric", "samples", "sample_seed", "plm", "task", "seed", "prompt", "path", "digest"]
    paths = sorted((store.root / "embeddings").glob("*/*.safetensors"))
    if not paths:
        return pd.DataFrame(columns=columns)
    runs = _prompts(store).set_index("id")
    lines = []
    for path in paths:
        found, digest = _embedding(path)
        key = found.key
        if key.prompt in runs.index:
            plm, task, seed = runs.loc[key.prompt, ["plm", "target", "seed"]]
            sampled = (key.samples or 0, key.sample_seed or 0)
            lines.append((key.metric, *sampled, plm, task, int(seed), key.prompt, str(path), digest))
    return pd.DataFrame(lines, columns=columns)


def _embedding(path: Path):
    """A stored embedding and the SHA-256 of its file."""
    return _read(path, path.stat().st_mtime_ns)


# A page asks for each of them a dozen times; one that was written anew is read again.
@lru_cache(maxsize=4096)
def _read(path: Path, written: int):
    from panda_core.transferability.stored import read_embedding

    return read_embedding(path), hashlib.sha256(path.read_bytes()).hexdigest()


def embedded(store: Store) -> pd.DataFrame:
    """The runs whose prompts have a task embedding, which similarities are measured from."""
    runs = _prompts(store).assign(variant="")
    return runs[runs["id"].isin(embeddings_of(store)["prompt"])]


def matrix(embeddings: pd.DataFrame, tasks: Sequence[str]) -> pd.DataFrame:
    """Cosines [n, n] of one embedding per task, mean over the seeds of the prompts and of the samples.

    NaN where a task has no embedding."""
    import torch

    from panda_core.transferability.measure import cosines

    parts = [pd.DataFrame(np.nan, list(tasks), list(tasks))]
    for _, group in embeddings.groupby(["seed", "sample_seed"]):
        known = group.drop_duplicates("task").set_index("task")["path"]
        names = [task for task in tasks if task in known.index]
        if names:
            stack = torch.stack([_embedding(Path(known[name]))[0].values.flatten() for name in names]).float()
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


def usual(embeddings: pd.DataFrame) -> pd.DataFrame:
    """The embeddings that PANDA itself would use: 100 examples where the metric reads examples."""
    return embeddings[embeddings["samples"].isin((0, USED))]


def by_group(tasks: Sequence[str]) -> list[str]:
    """Tasks sorted as in Figure 5: by group, then as in Table I."""
    return sorted(source_order(tasks), key=lambda name: GROUPS.index(get_task(name).cluster))


def matrices(store: Store) -> dict[tuple[str, str], pd.DataFrame]:
    """(PLM, metric) -> similarities of all tasks with an embedding, [n, n]."""
    found = {}
    for (plm, metric), part in usual(embeddings_of(store)).groupby(["plm", "metric"]):
        found[plm, metric] = matrix(part, by_group(part["task"].unique()))
    return found


def of_common_tasks(found: dict[tuple[str, str], pd.DataFrame]) -> dict[tuple[str, str], pd.DataFrame]:
    """The same matrices, on each PLM cut to the tasks that all of its metrics have, so that the metrics compare."""
    kept = {}
    for (plm, metric), values in found.items():
        others = [other.index for (on, _), other in found.items() if on == plm]
        names = [name for name in values.index if all(name in index for index in others)]
        kept[plm, metric] = values.loc[names, names]
    return kept


def sources_of_targets(transfers: pd.DataFrame) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """(PLM, target, its runs from other tasks): of each target the runs of the seeds that all of its sources have."""
    others = transfers[transfers["source"] != transfers["target"]]
    for (plm, target), part in same_seeds(others, ("source",), ("plm", "target")).groupby(["plm", "target"]):
        yield plm, target, part


def ranked(transfers: pd.DataFrame, similar: pd.Series, column: str = "score") -> pd.DataFrame:
    """Similarity and mean of `column` of each source of some transfers to one target, most similar first.

    `similar` is the target's column of a matrix; sources that it does not have are left out.
    """
    scores = transfers.groupby("source")[column].mean()
    frame = pd.DataFrame({"similarity": similar.reindex(scores.index), "score": scores}).dropna()
    return frame.sort_values("similarity", ascending=False)


def by_samples(store: Store, source: str, targets: Sequence[str] = printed.TARGETS) -> pd.DataFrame:
    """Table VIII, measured: similarity of `source` to each target by PLM and number of sampled examples."""
    lines = []
    for (plm, samples), part in embeddings_of(store).query("metric == 'ours'").groupby(["plm", "samples"]):
        values = matrix(part, [source, *(t for t in targets if t != source)])
        lines.append({"plm": plm, "samples": int(samples)} | {t: values.loc[source, t] for t in targets if t in values})
    return pd.DataFrame(lines, columns=["plm", "samples", *targets])


def _prompts(store: Store) -> pd.DataFrame:
    """The comparable runs whose prompts similarities are measured from: P-Tuning v2 with the usual settings."""
    runs = measured.comparable(measured.runs(store))
    return runs[(runs["method"] == "p-tuning-v2") & measured.with_settings(runs, {})]
