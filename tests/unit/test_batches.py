"""Batches: every example once, padded to their own longest sequence, of similar length."""

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from panda_core.data.batches import collate, epoch_batches, evaluation_batches
from panda_core.formats import Example, get_format
from panda_core.tasks import get_task

sizes = st.lists(st.integers(1, 128), min_size=1, max_size=300)


@given(sizes, st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_an_epoch_has_every_index_once(lengths, batch_size, seed):
    batches = epoch_batches(lengths, batch_size, np.random.default_rng(seed))
    assert sorted(i for batch in batches for i in batch) == list(range(len(lengths)))
    assert all(0 < len(batch) <= batch_size for batch in batches)


@given(sizes, st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_an_epoch_has_as_many_batches_as_one_without_bucketing(lengths, batch_size, seed):
    batches = epoch_batches(lengths, batch_size, np.random.default_rng(seed))
    assert len(batches) == -(-len(lengths) // batch_size)
    assert sum(len(batch) < batch_size for batch in batches) <= 1


def test_an_epoch_follows_from_the_generator_alone():
    lengths = list(range(1, 101))
    first, again, other = (epoch_batches(lengths, 8, np.random.default_rng(seed)) for seed in (3, 3, 4))
    assert first == again != other


def test_batches_of_a_pool_hold_similar_lengths():
    # one pool of 16 batches of 2: sorted by length, so a batch holds neighbours 2k, 2k+1
    lengths = np.random.default_rng(0).permutation(32)
    for batch in epoch_batches(lengths, 2, np.random.default_rng(1)):
        short, long = sorted(lengths[batch])
        assert (short % 2, long - short) == (0, 1)


def test_pools_keep_an_epoch_shuffled():
    # two pools of 16 batches of 1: the short half does not come first
    order = [batch[0] for batch in epoch_batches(list(range(32)), 1, np.random.default_rng(0))]
    assert order != sorted(order)


@given(sizes, st.integers(1, 40))
def test_evaluation_batches_are_in_order_of_length_and_complete(lengths, batch_size):
    flat = [i for batch in evaluation_batches(lengths, batch_size) for i in batch]
    assert sorted(flat) == list(range(len(lengths)))
    assert [lengths[i] for i in flat] == sorted(lengths)


def test_collate_pads_to_the_longest_of_the_batch():
    examples = [
        Example(([5, 6, 7],), ([0, 0, 1],), 1),
        Example(([8],), ([0],), 0),
        Example(([1] * 9,), ([0] * 9,), 0),
    ]
    batch = collate(examples, [1, 0], get_format(get_task("cb")), pad_id=99)
    assert batch.input_ids.tolist() == [[8, 99, 99], [5, 6, 7]]
    assert batch.attention_mask.tolist() == [[1, 0, 0], [1, 1, 1]]
    assert batch.token_type_ids.tolist() == [[0, 0, 0], [0, 0, 1]]
    assert (batch.labels.tolist(), batch.index.tolist()) == ([0, 1], [1, 0])
    assert batch.input_ids.dtype == batch.attention_mask.dtype == torch.int64


def test_collate_without_segments():
    batch = collate([Example(([1, 2],), None, 0)], [0], get_format(get_task("cb")), 0)
    assert batch.token_type_ids is None
    assert batch.to(torch.device("cpu")).token_type_ids is None


def test_collate_lays_choices_side_by_side():
    examples = [Example(([1], [2, 3]), None, 0), Example(([4], [5]), None, 1)]
    batch = collate(examples, [0, 1], get_format(get_task("copa")), 0)
    assert batch.input_ids.tolist() == [[1, 0], [2, 3], [4, 0], [5, 0]]
    assert batch.labels.shape == (2,)
    assert batch.sequences.tolist() == [2, 2]
