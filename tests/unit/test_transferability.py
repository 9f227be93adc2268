"""Task embeddings and Eq. 2 against values worked out by hand."""

import math
from dataclasses import dataclass

import pandas as pd
import pytest
import torch

from panda_core.data.encoded import Encoded, encoded_split
from panda_core.prompts import PrefixPrompt
from panda_core.tasks import get_task
from panda_core.transferability import representative, sample, similarity, task_embedding


def test_equation_2():
    # cos((1, 2, 2), (2, 0, 1)) = 4 / (3 * sqrt(5))
    assert similarity(torch.tensor([1.0, 2, 2]), torch.tensor([2.0, 0, 1])) == pytest.approx(4 / (3 * math.sqrt(5)))


def test_equation_2_of_a_task_with_itself_and_with_its_opposite():
    h = torch.tensor([0.3, -1.2, 5.0])
    assert similarity(h, h) == pytest.approx(1)
    assert similarity(h, -2 * h) == pytest.approx(-1)


def test_the_embedding_of_a_prompt_that_does_nothing_is_zero(minilm):
    data = encoded_split(minilm, get_task("cb"), "practice", "validation", 64)
    empty = PrefixPrompt.from_flat(torch.empty(0, minilm.prefix_width))
    assert task_embedding(minilm, empty, data, [0, 1, 2]).abs().max() == 0


def test_the_embedding_is_the_mean_difference_of_representations(minilm, prefix):
    data = encoded_split(minilm, get_task("cb"), "practice", "validation", 64)
    prompt, differences = PrefixPrompt.from_flat(prefix), []
    with torch.no_grad():
        for i in (3, 0, 7):
            ids = torch.tensor([list(map(int, sequence)) for sequence in data.examples[i].input_ids])
            types = torch.tensor([list(map(int, sequence)) for sequence in data.examples[i].token_type_ids])
            mask = torch.ones_like(ids)
            with_prompt = minilm.represent(minilm.encode(ids, mask, types, prompt=prompt), mask)
            differences.append(with_prompt - minilm.represent(minilm.encode(ids, mask, types), mask))
    by_hand = torch.cat(differences).mean(dim=0)
    torch.testing.assert_close(task_embedding(minilm, prompt, data, [3, 0, 7]), by_hand, atol=1e-5, rtol=0)


def test_the_embedding_is_made_without_dropout(minilm, prefix):
    data = encoded_split(minilm, get_task("cb"), "practice", "validation", 64)
    expected = task_embedding(minilm, PrefixPrompt(prefix, dropout=0.5), data, [0, 1])
    minilm.train()
    assert torch.equal(task_embedding(minilm, PrefixPrompt(prefix, dropout=0.5).train(), data, [0, 1]), expected)
    assert not minilm.training


@dataclass
class FakeData:
    task: object
    examples: list


@dataclass
class FakeExample:
    label: object


def split(name, first, last):
    """A split whose examples are numbers."""
    frame = pd.DataFrame({"number": range(first, last)})
    return Encoded(get_task("cb"), None, list(range(first, last)), frame, {"split": name}, 0)


@pytest.mark.parametrize(
    ("size", "found"),
    [
        (56, range(56)),  # the validation set of CB
        (57, range(100, 350)),  # its training set
        (251, [*range(56), *range(100, 350)]),  # both
    ],
)
def test_where_the_sample_is_drawn_from(size, found):
    sets = {"validation": split("validation", 0, 56), "train": split("train", 100, 350)}
    data = representative(sets.get, size)
    assert data.examples == list(found) == data.frame["number"].tolist()
    assert ("and" in data.provenance) == (size > 250)


def test_the_sample_is_balanced_as_far_as_the_classes_reach():
    data = FakeData(get_task("cb"), [FakeExample(0)] * 50 + [FakeExample(1)] * 50 + [FakeExample(2)] * 3)
    labels = [data.examples[i].label for i in sample(data, 23, seed=0)]
    assert sorted(labels.count(c) for c in (0, 1, 2)) == [3, 10, 10]


def test_the_sample_follows_from_the_seed():
    data = FakeData(get_task("cb"), [FakeExample(i % 3) for i in range(90)])
    assert sample(data, 30, seed=1) == sample(data, 30, seed=1) != sample(data, 30, seed=2)
    assert len(set(sample(data, 30, seed=1))) == 30


def test_without_classes_the_sample_is_plain_random():
    data = FakeData(get_task("stsb"), [FakeExample(float(i)) for i in range(40)])
    assert len(set(sample(data, 25, seed=0))) == 25
