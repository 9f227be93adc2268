"""Made-up records for tests of what is read from the run store: real specs, invented predictions."""

from pathlib import Path

import numpy as np
import pandas as pd
import torch

from panda_core.formats import get_format
from panda_core.paper.printed import TARGETS
from panda_core.record import SCHEMA, Evaluation, Record
from panda_core.runs import inputs, make_spec, run_id
from panda_core.store import Store
from panda_core.tasks import get_task

ENVIRONMENT = {"device": "a processor", "threads": 1, "commit": "0" * 40, "dirty": False, "precision": "float32"}


def predictions_of(task: str, accuracy: float, size: int = 40) -> pd.DataFrame:
    """Predictions on `size` examples of which about the share `accuracy` is right."""
    right = np.arange(size) < round(accuracy * size)
    if task == "conll04":
        return pd.DataFrame({"reference": [["B-Loc"]] * size, "prediction": [["B-Loc"] if r else ["O"] for r in right]})
    if task == "stsb":
        values = np.linspace(0, 5, size)
        return pd.DataFrame({"reference": values, "prediction": np.where(right, values, 2.5)})
    reference = np.arange(size) % 2
    return pd.DataFrame({"reference": reference, "prediction": np.where(right, reference, 1 - reference)})


def add(
    store: Store,
    accuracy: float,
    similarity: float | None = None,
    started_from: dict[str, str] | None = None,
    first: float | None = None,
    **words,
) -> Record:
    """A record in the store whose score is that of its made-up predictions; `words` as for `make_spec`.

    It is evaluated once, after an epoch; with `first`, the score after the first epoch, at the end of the second, too.
    """
    spec = make_spec(**{"plm": "minilm-l3", "data": "real", "tier": "reduced", **words})
    task = get_task(spec.target)
    predictions = predictions_of(task.name, accuracy)
    score = get_format(task).score(predictions, task)
    split = {"origin": "local", "where": "x", "sha256": "0" * 64, "rows": 100, "official_rows": 100, "subset": False}
    record = Record(
        id=run_id(spec),
        schema=SCHEMA,
        tier=spec.tier,
        spec=spec,
        inputs={role: run_id(needed) for role, needed in inputs(spec).items()} if started_from else {},
        started_from=started_from or {},
        metric=task.metric,
        score=score,
        score_last=score,
        similarity=similarity,
        curve=[Evaluation(100, 1.0, 0.5, score)] if first is None else [
            Evaluation(50, 1.0, 0.9, first), Evaluation(100, 2.0, 0.5, score)
        ],
        steps=100,
        validation_size=len(predictions),
        trainable_parameters=1000,
        seconds=10.0,
        seconds_per_step=0.1,
        cpu_seconds=10.0,
        peak_memory=1,
        environment=ENVIRONMENT,
        data={"train": split, "validation": split},
        weights={"origin": "bundled", "source": "x", "sha256": "0" * 64},
        files={},
        created="2026-01-01T00:00:00+00:00",
    )
    return store.save(record, predictions, {"prompt": torch.zeros(1)})


def small_grid(root: Path) -> Store:
    """Alone right on 60 % of the examples, vanilla PoT from MNLI on 65 %, PANDA on 70 %; a heavy lambda on 55 %."""
    store = Store(root)
    for target in TARGETS:
        add(store, 0.6, method="p-tuning-v2", target=target)
        add(store, 0.65, method="vanilla-pot", sources=("mnli",), target=target)
        add(store, 0.7, 0.4, method="panda", sources=("mnli",), target=target)
        add(store, 0.55, 0.4, method="panda", sources=("mnli",), target=target, settings={"kd.weight": "5"})
    add(store, 0.5, method="vanilla-pot", sources=("wnut17",), target="cb")
    return store
