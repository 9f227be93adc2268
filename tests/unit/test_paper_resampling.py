"""Counted resamples give what the metrics give; the metrics themselves are tested elsewhere."""

from typing import get_args

import numpy as np
import pandas as pd
import pytest
from paper_store import add

from panda_core.formats import get_format
from panda_core.report import measured
from panda_core.report.curves import METRIC_NAMES
from panda_core.report.replicates import mean_of, replicates
from panda_core.resampling import BY_METRIC, counted, interval, resamples, scores
from panda_core.store import Store
from panda_core.tasks import get_task
from panda_core.tasks.task import MetricName

RNG = np.random.default_rng(7)


def frames():
    size = 60
    labels, guesses = RNG.integers(2, size=size), RNG.integers(2, size=size)
    yield "rte", pd.DataFrame({"reference": labels, "prediction": guesses})
    yield "multirc", pd.DataFrame({"reference": labels, "prediction": guesses})
    yield "cola", pd.DataFrame({"reference": labels, "prediction": np.where(RNG.random(size) < 0.7, labels, guesses)})
    values = RNG.integers(0, 11, size=size) / 2  # with ties, as in STS-B
    yield "stsb", pd.DataFrame({"reference": values, "prediction": values + RNG.normal(size=size)})
    tags = ["O", "B-Loc", "I-Loc", "B-Org"]
    sentences = [[RNG.choice(tags, p=[0.4, 0.2, 0.2, 0.2]) for _ in range(8)] for _ in range(2 * size)]
    yield "conll04", pd.DataFrame({"reference": sentences[:size], "prediction": sentences[size:]})
    roles = ["O", "B-V", "B-C-V", "I-C-V", "B-ARG0", "I-ARG0", "B-C-ARG0"]
    sentences = [list(RNG.choice(roles, size=8)) for _ in range(2 * size)]
    yield "conll05", pd.DataFrame({"reference": sentences[:size], "prediction": sentences[size:]})
    answers = [["the red lamp", "a lamp"], ["in Paris"], ["Anna bought it"]]
    given = ["a red lamp", "Paris", "nobody"]
    yield "squad", pd.DataFrame({"reference": answers * 20, "prediction": given * 20})


@pytest.mark.parametrize(("task", "frame"), list(frames()))
def test_counted_scores_are_the_metrics_scores(task, frame):
    index = RNG.integers(len(frame), size=(20, len(frame)))
    expected = [get_format(get_task(task)).score(frame.iloc[row], get_task(task)) for row in index]
    assert scores(frame, get_task(task).metric, counted(index)) == pytest.approx(expected)


def test_every_metric_of_a_task_can_be_resampled_and_named():
    assert BY_METRIC.keys() == METRIC_NAMES.keys() == set(get_args(MetricName))


@pytest.mark.parametrize("task", ["cola", "stsb"])
def test_a_constant_prediction_scores_nothing(task):
    frame = pd.DataFrame({"reference": [0, 1, 0, 1], "prediction": [1, 1, 1, 1]})
    assert scores(frame, get_task(task).metric, np.ones((1, 4))).tolist() == [0.0]


def test_the_interval_is_that_of_the_percentiles():
    assert interval(np.arange(1001.0)) == (25.0, 975.0)


def test_resamples_are_drawn_with_replacement():
    counts = resamples(40)
    assert (counts.sum(axis=1) == 40).all()
    shares = 100 * counts[:, :24].sum(axis=1) / 40
    # the standard deviation of a share of 60 % of 40 is the root of 0.6 * 0.4 / 40
    assert shares.mean() == pytest.approx(60, abs=1) and shares.std() == pytest.approx(7.75, abs=0.6)


def test_a_run_made_again_has_new_replicates(tmp_path):
    store, words = Store(tmp_path), {"method": "p-tuning-v2", "target": "cb"}
    for accuracy in (0.6, 0.9):
        add(store, accuracy, **words)
        assert replicates(measured.runs(store).iloc[0], store).mean() == pytest.approx(100 * accuracy, abs=1)


def test_seeds_are_averaged_within_a_cell_first(tmp_path):
    store = Store(tmp_path)
    for source, seed, accuracy in (("mnli", 0, 0.6), ("mnli", 1, 0.7), ("qnli", 0, 0.8)):
        add(store, accuracy, method="vanilla-pot", sources=(source,), target="cb", seed=seed)
    score, vector = mean_of(measured.runs(store), store)
    assert score == pytest.approx(72.5) and vector.mean() == pytest.approx(72.5, abs=0.5)  # not 70
