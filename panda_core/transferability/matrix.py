"""The task-by-task matrix of similarities, for any list of tasks: the heatmaps of Figure 5 and Table VIII."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd
import torch

from panda_core.errors import UsageError, unknown
from panda_core.execution import complete, loaded_plm, trained_state
from panda_core.files import sha256_of
from panda_core.job import Job
from panda_core.methods.imported import check_source
from panda_core.methods.method import IMPORTED, source_run, source_task
from panda_core.plms.registry import place_of
from panda_core.record import first_epoch
from panda_core.runs import RunSpec, check_mean_token, make_spec, run_id
from panda_core.store import Store
from panda_core.tasks import get_task, targets
from panda_core.transferability import MetricName, layer_overlap
from panda_core.transferability.measure import cosines, rank_correlation, sampling_spread, type_means
from panda_core.transferability.stored import Embedding, EmbeddingKey, find_embedding, save_embedding

PROMPT_METHODS = ("p-tuning-v2", "prefix-tuning", "prompt-tuning")
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Sampling:
    """How the examples of a task are drawn; both None for a metric that reads none."""

    samples: int | None = None
    seed: int | None = None


@dataclass(frozen=True)
class Similarities:
    """Similarities of n tasks. `prompts` are the runs that trained their prompts, by task.

    `values` [K, n, n], one matrix for each of the K `samplings`; `layers` [L, n, n] for ON, else None; `examples`, by
    task, how many examples each sampling read: fewer than asked for where a task has no more.
    """

    metric: MetricName
    prompts: dict[str, RunSpec]
    samplings: tuple[Sampling, ...]
    values: np.ndarray
    layers: np.ndarray | None
    examples: dict[str, list[int]]

    @property
    def tasks(self) -> tuple[str, ...]:
        """The tasks, in the order of rows and columns."""
        return tuple(self.prompts)

    @property
    def mean(self) -> np.ndarray:
        """The mean over the samplings, [n, n]."""
        return self.values.mean(axis=0)

    @property
    def deviation(self) -> np.ndarray:
        """The standard deviation over the samplings, divided by K as in Table IX, [n, n]."""
        return self.values.std(axis=0)

    def by_samples(self) -> dict[int | None, tuple[np.ndarray, np.ndarray]]:
        """Table VIII: for each sampling number, mean and deviation over the seeds of the sample, [n, n] each."""
        numbers = np.array([sampling.samples for sampling in self.samplings], dtype=object)
        chosen = {number: self.values[numbers == number] for number in dict.fromkeys(numbers)}
        return {number: (values.mean(axis=0), values.std(axis=0)) for number, values in chosen.items()}

    def spread(self, used: int = 100) -> dict[str, tuple[float, float]]:
        """Table IX, for each task as the source, on average over all others as its targets.

        `used` is the sampling number that is compared with their mean; empty where it was not one of several.
        """
        found = self.by_samples()
        if used not in found or len(found) < 2:
            return {}
        means, row = np.stack([mean for mean, _ in found.values()]), list(found).index(used)
        others = {i: [j for j in range(len(self.tasks)) if j != i] for i in range(len(self.tasks))}
        both = {task: sampling_spread(means[:, i, others[i]], row) for i, task in enumerate(self.tasks)}
        return {task: (float(deviation.mean()), float(distance.mean())) for task, (deviation, distance) in both.items()}

    def by_type(self) -> tuple[float | None, float | None]:
        """Table X: the mean over pairs of tasks of the same type, and of different types."""
        return type_means(self.mean, [get_task(source_task(task)) for task in self.tasks])

    def as_json(self) -> dict:
        """Everything as JSON values."""
        same, different = self.by_type()
        first = next(iter(self.prompts.values()))
        return {
            "plm": first.plm, "metric": self.metric, "data": first.data, "tier": first.tier, "seed": first.seed,
            "tasks": list(self.tasks),
            "groups": {task: get_task(source_task(task)).cluster for task in self.tasks},
            "prompts": {task: run_id(spec) for task, spec in self.prompts.items()},
            "matrices": [
                {"samples": sampling.samples, "sample_seed": sampling.seed, "values": values.tolist()}
                for sampling, values in zip(self.samplings, self.values, strict=True)
            ],
            "by_samples": [
                {"samples": number, "mean": mean.tolist(), "deviation": deviation.tolist()}
                for number, (mean, deviation) in self.by_samples().items()
            ],
            "spread": self.spread(),
            "examples": self.examples,
            "mean": self.mean.tolist(),
            "deviation": self.deviation.tolist(),
            "layers": None if self.layers is None else self.layers.tolist(),
            "same_type": same,
            "different_type": different,
        }  # fmt: skip


def similarities(
    *,
    plm: str,
    tasks: Sequence[str],
    metric: MetricName = "ours",
    method: str = "p-tuning-v2",
    samples: Sequence[int] = (100,),
    sample_seeds: Sequence[int] | None = None,
    data: str = "practice",
    tier: str = "smoke",
    seed: int = 0,
    settings: Mapping[str, str] | None = None,
    revision: str | None = None,
    store: Store | None = None,
) -> Similarities:
    """The similarity of every two of `tasks` by `metric`: "ours" (Eq. 2), "e-avg" (SPoT) or "on" (Su et al.).

    Prompts are trained by `method`, one without transfer, with `seed` and `settings`, those that are missing now; a
    task written TASK@ID has an imported prompt. Embeddings are kept in the store. For our metric there is one matrix
    for each of the numbers `samples` and of the `sample_seeds` (`seed` where none are given: as Eq. 2 inside PANDA).
    Raises a `UsageError` for an impossible value.
    """
    if metric not in ("ours", "e-avg", "on"):
        raise unknown("metric", metric, ("ours", "e-avg", "on"))
    if method not in (*PROMPT_METHODS, "adapter") or (method == "adapter" and metric == "e-avg"):
        raise UsageError(f"{metric} needs prompts, which {method} does not train; known: {', '.join(PROMPT_METHODS)}")
    if len(tasks) < 2 or len(set(tasks)) < len(tasks):
        raise UsageError(f"give two tasks or more, each once; given: {', '.join(tasks) or 'none'}")
    if any(number < 1 for number in samples) or any(number < 0 for number in sample_seeds or ()):
        raise UsageError("a sampling number is 1 or more, its seed 0 or more")
    if any(len(set(numbers)) < len(numbers) for numbers in (samples, sample_seeds or ())):
        raise UsageError("give each sampling number and each of its seeds once")
    place_of(plm, revision)
    samplings = (Sampling(),)
    if metric == "ours":
        samplings = tuple(Sampling(number, s) for number in samples for s in (sample_seeds or (seed,)))
    store = store or Store()
    common = {"plm": plm, "data": data, "tier": tier, "seed": seed, "settings": settings, "revision": revision}
    prompts = {task: _prompt(task, make_spec(method=method, sources=(source_task(task),), **common)) for task in tasks}
    if metric == "e-avg":
        check_mean_token(next(iter(prompts.values())))
    found = {task: _embeddings(spec, metric, samplings, store) for task, spec in prompts.items()}
    stacks = [torch.stack([found[task][k].values for task in tasks]) for k in range(len(samplings))]
    layers = None
    if metric == "on":
        active = stacks[0]
        layers = np.array([[layer_overlap(a, b).tolist() for b in active] for a in active]).transpose(2, 0, 1)
    return Similarities(
        metric, prompts, samplings, np.array([cosines(stack.flatten(1)) for stack in stacks]), layers,
        {task: [one.about["examples"] for one in embeddings] for task, embeddings in found.items()},
    )  # fmt: skip


def first_epoch_transfer(
    found: Similarities, settings: Mapping[str, str] | None = None, store: Store | None = None
) -> dict[str, dict[str, float]]:
    """Score of vanilla prompt transfer after the first epoch, {target: {source: score in percent}}.

    From each task of `found` to each that can be a target, itself included as in the paper. `settings` are those that
    the prompts were trained with; they hold for source and target. Missing transfers are made now.
    """
    prompt = next(iter(found.prompts.values()))
    both = dict(settings or {}) | {"prompt.kind": prompt.protocol.prompt.kind}
    both |= {f"source.{path[len('training.') :]}": v for path, v in both.items() if path.startswith("training.")}
    transfer = partial(
        make_spec, method="vanilla-pot", plm=prompt.plm, data=prompt.data, tier=prompt.tier, seed=prompt.seed,
        settings=both, revision=prompt.revision,
    )  # fmt: skip
    return {
        target: {
            source: first_epoch(complete(transfer(sources=(source,), target=target), store).curve).score
            for source in found.tasks
        }
        for target in found.tasks
        if target in targets()
    }


def correlations(found: Similarities, scores: Mapping[str, Mapping[str, float]]) -> dict[str, float | None]:
    """Figure 5 (right): for each target, Spearman's correlation of similarity and `scores` over the sources."""
    similar = pd.DataFrame(found.mean, found.tasks, found.tasks)
    return {target: rank_correlation(similar[target], by_source) for target, by_source in scores.items()}


def as_text(found: Similarities, transfer: Mapping | None = None) -> str:
    """The mean matrix as a table for people, and what is read off it."""
    same, different = ("none" if mean is None else f"{mean:.3f}" for mean in found.by_type())
    lines = [
        f"similarity by {found.metric}",
        pd.DataFrame(found.mean, found.tasks, found.tasks).to_string(float_format="{:.3f}".format),
        f"mean over pairs of the same type {same}, of different types {different}",
    ]
    if len(found.samplings) > 1:
        lines.append(
            f"mean of {len(found.samplings)} samplings; standard deviation over them up to {found.deviation.max():.3f}"
        )
    if transfer:
        known = {target: value for target, value in transfer["correlations"].items() if value is not None}
        lines.append("Spearman's correlation with vanilla transfer after the first epoch, by target:")
        lines += [f"  {target:<12}{value:.3f}" for target, value in known.items()]
        mean = f"{'mean':<12}{np.mean(list(known.values())):.3f}" if known else "none: three sources are needed"
        lines.append(f"  {mean}")
    return "\n".join(lines)


def _prompt(task: str, trained: RunSpec) -> RunSpec:
    """The run that trains the prompt of a task, or what stands for its imported prompt."""
    check_source(task)
    sourced = replace(trained, sources=(task,), source_training=trained.training)
    return source_run(sourced, task) if "@" in task else trained


def _embeddings(spec: RunSpec, metric: MetricName, samplings: Sequence[Sampling], store: Store) -> list[Embedding]:
    """The embeddings, one for each sampling, of the task that the run `spec` trained a prompt on.

    From the store where all are there; else the prompt is had first, which may mean to train it again, and those that
    are not of that prompt are made.
    """
    keys = [_key(spec, metric, sampling) for sampling in samplings]
    prompt = None if spec.method == IMPORTED else complete(spec, store).files.get("prompt")
    kept = [find_embedding(store.root, spec.tier, key, prompt) for key in keys]
    if all(kept):
        return kept
    state, plm = trained_state(spec, store), loaded_plm(spec.plm, spec.revision, spec.protocol.head.reads)
    job, prompt, found = Job(spec, plm, {}), sha256_of(store.prompt_path(spec)), []
    log.info("embedding: %s by %s", spec.label, metric)
    for key, sampling in zip(keys, samplings, strict=True):
        one = find_embedding(store.root, spec.tier, key, prompt)
        if one is None:
            values, data = job.embedding(metric, spec.target, state, sampling.samples, sampling.seed)
            about = {
                "prompt_sha256": prompt,
                "examples": min(sampling.samples, len(data.examples)) if data else 0,
                "data": data.provenance if data else None,
                "weights": plm.provenance,
                "device": plm.device.type,
            }
            one = Embedding(key, values.cpu(), about)
            save_embedding(store.root, spec.tier, one)
        found.append(one)
    return found


def _key(spec: RunSpec, metric: MetricName, sampling: Sampling) -> EmbeddingKey:
    """The name of an embedding in the store."""
    if metric != "ours":
        return EmbeddingKey(run_id(spec), metric)
    sample = (spec.target, spec.data, spec.training.max_length, sampling.samples, sampling.seed)
    return EmbeddingKey(run_id(spec), metric, *sample)
