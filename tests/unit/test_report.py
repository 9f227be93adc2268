"""What a page says in words follows from the numbers."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from panda_core.intervals import bootstrap_difference, bootstrap_interval
from panda_core.report.html import with_interval
from panda_core.report.words import describe_similarity, describe_transfer
from panda_core.tasks import get_task

CB = get_task("cb")


def predictions(right, wrong):
    return pd.DataFrame({"reference": [0] * (right + wrong), "prediction": [0] * right + [1] * wrong})


def test_the_interval_of_an_accuracy_is_that_of_a_proportion():
    # standard error of 75 % on 400 examples: 100 * sqrt(0.75 * 0.25 / 400) = 2.17 points
    low, high = bootstrap_interval(CB, predictions(300, 100))
    assert low == pytest.approx(75 - 1.96 * 2.17, abs=0.7)
    assert high == pytest.approx(75 + 1.96 * 2.17, abs=0.7)


def test_the_interval_of_a_perfect_score_is_a_point():
    assert bootstrap_interval(CB, predictions(50, 0)) == (100, 100)


def test_a_paired_difference_is_narrower_than_two_intervals():
    first, second = predictions(300, 100), predictions(296, 104)
    low, high = bootstrap_difference(CB, first, second)
    assert 0 <= low < 1 < high < 3


def test_a_paired_difference_needs_the_same_examples():
    with pytest.raises(ValueError, match="the same examples"):
        bootstrap_difference(CB, predictions(3, 1), predictions(3, 2))


def test_a_paired_difference_of_taggings():
    """Read from a file, the tags of an example are an array."""
    right, wrong = np.array(["B-Loc", "O"], dtype=object), np.array(["O", "O"], dtype=object)
    first = pd.DataFrame({"reference": [right] * 20, "prediction": [right] * 15 + [wrong] * 5})
    second = pd.DataFrame({"reference": [right] * 20, "prediction": [right] * 5 + [wrong] * 15})
    low, high = bootstrap_difference(get_task("conll04"), first, second)
    assert 0 < low < 46 < high  # F1 of 2 * 15 / 35 less 2 * 5 / 25
    other = pd.DataFrame({"reference": [right] * 19 + [wrong], "prediction": [right] * 20})
    for others in (other, second[1:]):
        with pytest.raises(ValueError, match="the same examples"):
            bootstrap_difference(get_task("conll04"), first, others)


def record(score, first, similarity=None, tier="reduced"):
    kd = SimpleNamespace(weight=0.05)
    return SimpleNamespace(
        score=score,
        curve=[SimpleNamespace(score=first, step=50)],
        similarity=similarity,
        validation_size=56,
        tier=tier,
        spec=SimpleNamespace(protocol=SimpleNamespace(kd=kd)),
    )


def test_a_negative_similarity_is_said_to_count_as_zero():
    assert "PANDA is P-Tuning v2 here" in describe_similarity(record(1, 1, -0.2), "mnli", "cb")
    text = describe_similarity(record(1, 1, 0.4), "mnli", "cb")
    assert "**0.400**" in text and "0.05 x 0.400 = 0.0200" in text and "PANDA is" not in text


@pytest.mark.parametrize(
    ("interval", "said"),
    [
        ((1.0, 9.0), "PANDA is above Vanilla PoT by +5.0 points"),
        ((-9.0, -1.0), "PANDA is below Vanilla PoT by +5.0 points"),
        ((-1.0, 9.0), "cannot be told from no difference"),
        ((0.0, 0.0), "PANDA scores the same as Vanilla PoT on every resample"),
    ],
)
def test_a_difference_is_only_claimed_where_the_interval_excludes_zero(interval, said):
    records = {"P-Tuning v2": record(70, 60), "Vanilla PoT": record(75, 68), "PANDA": record(80, 61, 0.4)}
    intervals = dict.fromkeys(records, (1.0, 2.0))
    text = describe_transfer(records, intervals, {"Vanilla PoT": interval}, "mnli", CB)
    assert said in text
    assert "8.0 points ahead of the random one" in text
    assert "one seed" in text


@pytest.mark.parametrize(
    "low, shown",
    [(-0.04, "−0.04"), (0.004, "+0.004"), (-0.0004, "+0.0"), (0.0, "+0.0"), (-0.06, "−0.1")],
)
def test_an_end_of_an_interval_shows_its_side_of_zero(low, shown):
    assert with_interval(0.01, low, 3) == f"+0.0 ({shown} to +3.0)"
