"""The practice suite as measured: what P-Tuning v2 learns of each target. Transfers are in `practice_transfer`.

Scores are means over the seeds; their intervals are bootstraps over the validation examples, the same resamples for
every run on a task. The spread of the seeds is given beside them.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.pyplot import subplots

from panda_core.experiments.experiment import Experiment, Parameters
from panda_core.experiments.practice import BRIEF, LEARNED, SEEDS, TRANSFERRED, WHOLE
from panda_core.practice import CLUSTERS, expected_transfer, generate
from panda_core.record import Record
from panda_core.report.curves import METRIC_NAMES
from panda_core.report.html import TIERS, Layer, Markup, badge, cell, with_interval
from panda_core.resampling import interval, resamples, scores
from panda_core.runs import RunSpec, inputs, run_id
from panda_core.store import Store
from panda_core.tasks import get_task, targets

TARGETS = targets()
CLUSTER_NAMES = {
    "NLI": "inference", "QA": "question answering", "SM": "semantic matching", "NER": "named entities",
    "SRL": "semantic roles", "others": "others",
}  # fmt: skip


@dataclass(frozen=True)
class Measured:
    """A method on a target (from a source): a score for each seed, and the replicates of their mean, [RESAMPLES].

    `lows` are the lower ends of the seeds' own intervals.
    """

    seeds: tuple[float, ...]
    replicates: np.ndarray
    lows: tuple[float, ...] = ()

    @property
    def mean(self) -> float:
        """Mean score over the seeds, in percent."""
        return float(np.mean(self.seeds))


Runs = dict[tuple[str, str], Measured]


def _measure(specs: Iterable[RunSpec], store: Store) -> tuple[Runs, list[Record], list[str]]:
    """By (source or "", target): the cells whose seeds are all there; the records; and the runs that are missing."""
    cells: dict[tuple[str, str], list[tuple[Record, np.ndarray]]] = {}
    records, missing = [], []
    for spec in specs:
        record = store.find(spec)
        if record is None:
            missing.append(spec.label)
            continue
        records.append(record)
        predictions = store.predictions(spec)
        found = scores(predictions, record.metric, resamples(len(predictions)))
        cells.setdefault(("".join(spec.sources), spec.target), []).append((record, found))
    measured = {
        key: Measured(
            tuple(record.score for record, _ in runs),
            np.mean([found for _, found in runs], axis=0),
            tuple(interval(found)[0] for _, found in runs),
        )
        for key, runs in cells.items()
        if len(runs) == len(SEEDS)
    }
    return measured, records, missing


def learned(store: Store) -> tuple[Runs, list[Record], list[str]]:
    """P-Tuning v2 on the nine targets, with the longer budget."""
    return _measure(_specs(LEARNED, WHOLE), store)


def transferred(store: Store) -> tuple[Runs, list[Record], list[str]]:
    """P-Tuning v2 and vanilla transfer in little time."""
    return _measure(_specs(TRANSFERRED, BRIEF), store)


def sources(store: Store) -> tuple[Runs, list[Record], list[str]]:
    """The sources' own prompts that `transferred` starts from, each with the score on its own task."""
    specs = (inputs(spec)["source"] for spec in _specs(TRANSFERRED, BRIEF) if spec.sources)
    return _measure({run_id(spec): spec for spec in specs}.values(), store)


def _specs(experiment: Experiment, given: Parameters) -> list[RunSpec]:
    return [spec for block in experiment.blocks(given) for spec in block]


def majority(task_name: str) -> float:
    """The score in percent of always giving the most frequent answer of the validation set.

    0 where the metric gives no credit for it: correlations, and entities with the tag O on every word.
    """
    task = get_task(task_name)
    if task.metric != "accuracy":
        return 0.0
    return float(100 * generate(task_name, "validation")["label"].value_counts(normalize=True).max())


def learned_table(measured: Runs, names: Iterable[str] = TARGETS, kind: str = "Target") -> pd.DataFrame:
    """One line per task: majority, mean score with its interval, each seed, and what is left to the top."""
    lines = []
    for target in names:
        found = measured.get(("", target))
        base = majority(target)
        line = {kind: get_task(target).title, "Score": METRIC_NAMES[get_task(target).metric],
                "Majority": Markup(cell(base), base)}  # fmt: skip
        if found:
            low, high = interval(found.replicates)
            above = found.mean - base, low - base, high - base
            line |= {
                "P-Tuning v2": Markup(f"{cell(found.mean)} ({cell(low)} to {cell(high)})", found.mean),
                "Above the majority": Markup(with_interval(*above), above[0]),
                "Seeds": ", ".join(f"{score:.1f}" for score in found.seeds),
                "Left to the top": Markup(cell(100 - found.mean), 100 - found.mean),
            }
        lines.append(line)
    return pd.DataFrame(lines)


def shared_skill() -> Layer:
    """Shared latent skill of each source and target of the suite, from 0 to 1: what is known beforehand."""
    sources = sorted(CLUSTERS, key=lambda name: list(CLUSTER_NAMES).index(CLUSTERS[name]))
    shared = {s: {t: expected_transfer(s, t) for t in TARGETS} for s in sources}
    return Layer(("shared skill",), titled(shared), False, 1, "Tasks of one cluster stand next to each other.")


def samples(count: int) -> pd.DataFrame:
    """The first training examples of each target: their texts and labels."""
    lines = []
    for target in TARGETS:
        task = get_task(target)
        for row in generate(target, "train", size=count).to_dict("records"):
            texts = [" ".join(row[name]) if task.format == "tagging" else row[name] for name in task.inputs]
            label = row[task.label]
            if task.format == "tagging":
                said = ", ".join(f"{word} {tag}" for word, tag in zip(row["tokens"], label, strict=True) if tag != "O")
            else:
                said = task.labels[label] if task.labels else f"{label:.1f}"
            lines.append({"Target": task.title, "Texts": " ‖ ".join(texts), "Label": said})
    return pd.DataFrame(lines)


def head(records: list[Record], missing: list[str]) -> str:
    """The labels of the page, and which runs are not there."""
    labels = [
        badge("tier-reduced", TIERS["reduced"]),
        badge("origin-practice", "practice data"),
        badge("about", "minilm-l6"),
        badge("about", f"{len(SEEDS)} seeds, {len(records)} runs"),
    ]
    lost = f"<p>{len(missing)} runs of this page were not made: <code>panda grid practice</code> makes them.</p>"
    return f"<p>{' '.join(labels)}</p>{lost if missing else ''}"


def budget() -> str:
    """Steps, batch and rate of the runs, in words."""
    whole, short = _specs(LEARNED, WHOLE)[0].training, _specs(TRANSFERRED, BRIEF)[-1]
    return (
        f"<p>P-Tuning v2 above: {whole.steps} steps of {whole.batch_size} examples at a rate of {whole.lr:g}. In "
        f"little time: {short.training.steps} steps on the target, after {short.source_training.steps} on the source."
        "</p>"
    )


def titled(values: dict[str, dict[str, float]]) -> pd.DataFrame:
    """Rows and columns under the titles of their tasks, with their cluster."""
    frame = pd.DataFrame(values).T
    frame.index = [title_with_cluster(name) for name in frame.index]
    frame.columns = [title_with_cluster(name) for name in frame.columns]
    return frame


def title_with_cluster(name: str) -> str:
    """A task's title and, in brackets, its cluster."""
    return f"{get_task(name).title} ({CLUSTER_NAMES[CLUSTERS[name]]})"


def plot_learned(measured: Runs) -> Figure:
    """Majority, seeds, and mean with its interval, one line per target."""
    figure, axis = subplots(figsize=(6.4, 4.2), layout="constrained")
    for position, target in enumerate(TARGETS):
        axis.plot(majority(target), position, marker="|", color="black", markersize=18, linestyle="none",
                  label="majority" if position == 0 else None)  # fmt: skip
        found = measured.get(("", target))
        if found:
            low, high = interval(found.replicates)
            axis.plot([low, high], [position, position], color="#0072B2", linewidth=2)
            axis.plot(found.seeds, [position] * len(found.seeds), "o", color="#56B4E9", markersize=5,
                      label="each seed" if position == 0 else None)  # fmt: skip
            axis.plot(found.mean, position, "D", color="#0072B2", markersize=7,
                      label="mean, 95 % interval" if position == 0 else None)  # fmt: skip
    axis.set(xlim=(-3, 103), xlabel="validation score", yticks=range(len(TARGETS)),
             yticklabels=[get_task(target).title for target in TARGETS])  # fmt: skip
    axis.invert_yaxis()
    axis.grid(axis="x", alpha=0.3)
    axis.legend(frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=3)
    return figure


def beyond_majority(found: Measured, task: str) -> bool:
    """Whether the whole interval of every seed is above the majority."""
    return min(found.lows) > majority(task)


def describe_learned(measured: Runs) -> str:
    """Which targets were learned beyond doubt, and which were not."""
    clear, unclear, full = [], [], []
    for target in TARGETS:
        found = measured.get(("", target))
        if not found:
            continue
        title = get_task(target).title
        words = f"{title} ({found.mean:.1f} against {majority(target):.1f})"
        (clear if beyond_majority(found, target) else unclear).append(words)
        if found.mean > 97:
            full.append(title)
    text = (
        f"With every seed, P-Tuning v2 is above the majority with its whole interval on {len(clear)} of "
        f"{len(clear) + len(unclear)} targets: {', '.join(clear) or 'none'}."
    )
    if unclear:
        text += f" It is not, or not beyond doubt, on {', '.join(unclear)}."
    if full:
        return f"{text} Within 3 points of the top, so with little room left: {', '.join(full)}."
    return f"{text} No target is within 3 points of the top."
