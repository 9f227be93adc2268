"""What is read off a matrix of similarities, against values worked out by hand and printed in the paper."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from panda_core.record import Evaluation, first_epoch
from panda_core.tasks import TASKS, get_task
from panda_core.transferability import mean_token
from panda_core.transferability.measure import (
    cosines,
    rank_correlation,
    sampling_spread,
    type_gap_interval,
    type_means,
)

MATRICES = arrays(np.float32, (4, 3), elements=st.floats(-1e3, 1e3, width=32))


def test_e_avg_is_the_mean_over_the_positions():
    prompt = torch.tensor([[1.0, 2.0, -3.0], [3.0, 0.0, -1.0]])
    assert mean_token(prompt).tolist() == [2.0, 1.0, -2.0]
    assert mean_token(prompt.half()).dtype == torch.float32


def test_cosines_by_hand():
    # (3, 4), (4, 3), (-3, -4), (0, 0)
    found = cosines(torch.tensor([[3.0, 4.0], [4.0, 3.0], [-3.0, -4.0], [0.0, 0.0]]))
    np.testing.assert_allclose(
        found, [[1, 0.96, -1, 0], [0.96, 1, -0.96, 0], [-1, -0.96, 1, 0], [0, 0, 0, 0]], atol=1e-12
    )


@given(MATRICES)
def test_cosines_are_symmetric_between_minus_one_and_one(values):
    found = cosines(torch.from_numpy(values))
    assert np.array_equal(found, found.T)
    assert np.abs(found).max() <= 1
    for i, row in enumerate(values):
        assert found[i, i] == pytest.approx(1 if np.abs(row).max() > 1e-3 else found[i, i])


@given(MATRICES, st.permutations(range(4)))
def test_the_order_of_the_tasks_only_orders_the_matrix(values, order):
    found = cosines(torch.from_numpy(values))
    np.testing.assert_allclose(cosines(torch.from_numpy(values[order])), found[np.ix_(order, order)], atol=1e-12)


@given(arrays(np.float32, (5, 4), elements=st.floats(-10, 10, width=32)), st.permutations(range(5)))
def test_the_order_of_the_positions_of_a_prompt_does_not_matter_to_e_avg(prompt, order):
    prompt = torch.from_numpy(prompt)
    torch.testing.assert_close(mean_token(prompt[list(order)]), mean_token(prompt), atol=1e-5, rtol=0)


def test_same_type_and_different_type_means():
    # CB and RTE are inference; MRPC stands alone. Same: cb-rte. Different: cb-mrpc, rte-mrpc.
    values = np.array([[1, 0.8, 0.1], [0.8, 1, 0.4], [0.1, 0.4, 1]])
    assert type_means(values, [get_task(name) for name in ("cb", "rte", "mrpc")]) == pytest.approx((0.8, 0.25))
    assert type_means(values[1:, 1:], [get_task(name) for name in ("rte", "mrpc")]) == (None, pytest.approx(0.4))


def test_the_interval_of_the_types_difference_is_over_the_tasks():
    """Similarity is 0.8 within a type and 0.2 between types, whichever tasks are drawn; noise on it opens the interval."""
    tasks = [get_task(name) for name in ("cb", "rte", "mnli", "squad", "copa", "mrpc", "cola", "sst2")]
    same = np.array([[one.same_type(other) for other in tasks] for one in tasks])
    values = np.where(same, 0.8, 0.2)
    assert type_gap_interval(values, tasks) == pytest.approx((0.6, 0.6))
    noise = np.random.default_rng(1).normal(0, 0.1, values.shape)
    values = values + (noise + noise.T) / 2
    low, high = type_gap_interval(values, tasks)
    found, other = type_means(values, tasks)
    assert low < found - other < high and 0.02 < high - low < 0.3
    assert type_gap_interval(np.eye(2), [get_task("cb"), get_task("rte")]) is None


def test_two_tasks_of_the_rest_group_are_of_the_same_type_only_where_their_types_are():
    cola, sst2, wic = (get_task(name) for name in ("cola", "sst2", "wic"))
    assert cola.cluster == sst2.cluster == wic.cluster == "others"
    assert not cola.same_type(sst2) and not sst2.same_type(wic) and cola.same_type(cola)
    assert get_task("stsb").same_type(get_task("qqp"))  # Semantic Matching, of two types in Table I
    assert all(a.same_type(b) == b.same_type(a) for a in TASKS.values() for b in TASKS.values())


def test_the_spread_over_sampling_numbers_is_the_one_that_the_paper_prints():
    # Table VIII (source QNLI; 50, 100, 200, 300 examples) gives the row QNLI of Table IX: 0.01680 and 0.01783.
    table_8 = np.array(
        [
            [0.819, 0.479, 0.76, 0.897, 0.323, 0.302, 0.911, 0.912, 0.008],
            [0.757, 0.446, 0.733, 0.843, 0.365, 0.349, 0.847, 0.857, 0.005],
            [0.771, 0.461, 0.737, 0.850, 0.352, 0.320, 0.859, 0.857, 0.004],
            [0.778, 0.466, 0.742, 0.864, 0.332, 0.306, 0.866, 0.852, 0.006],
        ]
    )
    deviation, distance = sampling_spread(table_8, used=1)
    assert (round(deviation.mean(), 5), round(distance.mean(), 5)) == (0.01680, 0.01783)


def test_the_first_epoch_is_the_first_evaluation_at_or_behind_it():
    curve = [Evaluation(3, 0.4, 1.0, 50.0), Evaluation(8, 1.0, 0.9, 60.0), Evaluation(16, 2.0, 0.8, 70.0)]
    assert first_epoch(curve).score == 60.0
    assert first_epoch(curve[:1]).score == 50.0


def test_rank_correlation_by_hand():
    # Ranks 1 2 3 4 and 2 1 4 3: 1 - 6 * 4 / (4 * 15) = 0.6. Sources that were not transferred are left out.
    similar = {"a": 0.1, "b": 0.2, "c": 0.3, "d": 0.9, "e": 0.0}
    assert rank_correlation(similar, {"d": 70.0, "c": 80.0, "b": 50.0, "a": 60.0}) == pytest.approx(0.6)
    assert rank_correlation(similar, {"a": 3.0, "b": 2.0, "c": 1.0}) == pytest.approx(-1)


def test_rank_correlation_needs_three_sources_that_differ():
    assert rank_correlation({"a": 0.1, "b": 0.2}, {"a": 1.0, "b": 2.0}) is None
    assert rank_correlation({"a": 0.1, "b": 0.2, "c": 0.3}, {"a": 1.0, "b": 1.0, "c": 1.0}) is None


@given(st.lists(st.tuples(st.integers(-50, 50), st.integers(-50, 50)), min_size=3, max_size=8))
def test_rank_correlation_does_not_change_with_a_rising_function(pairs):
    similar = {str(i): a / 50 for i, (a, _) in enumerate(pairs)}
    score = {str(i): float(b) for i, (_, b) in enumerate(pairs)}
    found = rank_correlation(similar, score)
    again = rank_correlation({k: math.exp(v) for k, v in similar.items()}, {k: 3 * v + 7 for k, v in score.items()})
    assert found == (None if again is None else pytest.approx(again))
    assert found is None or -1.000001 <= found <= 1.000001
