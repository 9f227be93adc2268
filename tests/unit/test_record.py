"""ReCoRD: one candidate per example, one score per query."""

import math

import pandas as pd
import pytest
import torch

from panda_core.formats import get_format, measure
from panda_core.tasks import get_task

TASK = get_task("record")
FMT = get_format(TASK)
ROWS = pd.DataFrame(
    {
        "passage": ["Ann met Bob in Rome.\n@highlight\nBob left.", "Eva slept."],
        "query": ["@placeholder left Rome, not @placeholder", "It was @placeholder who slept."],
        "entities": [["Ann", "Bob", "Rome", "Bob"], ["Eva", "Eva Smith"]],
        "answers": [["Bob"], ["Eva Smith", "Smith"]],
    }
)


@pytest.fixture(scope="module")
def frame():
    return FMT.prepare(ROWS, TASK)


def test_every_candidate_is_a_row_with_its_label(frame):
    assert frame["entity"].tolist() == ["Ann", "Bob", "Rome", "Eva", "Eva Smith"]
    assert frame["label"].tolist() == [0, 1, 0, 0, 1]
    assert FMT.groups(frame).tolist() == [0, 0, 0, 1, 1]


def test_the_candidate_fills_the_gap(minilm, frame):
    examples = FMT.encode(frame, TASK, minilm.tokenizer, 64)
    text = " ".join(minilm.tokenizer.convert_ids_to_tokens(list(examples[1].input_ids[0])))
    assert text == "[CLS] ann met bob in rome . - bob left . [SEP] bob left rome , not bob [SEP]"
    assert [example.label for example in examples] == [0, 1, 0, 0, 1]
    assert FMT.outputs(TASK) == 2


def test_the_best_scored_candidate_of_a_query_is_its_prediction(frame):
    # probabilities of class 1: a half, three quarters, a quarter; a half, a third
    odds = [1.0, 3.0, 1 / 3, 1.0, 0.5]
    rows = [torch.tensor([[0.0, math.log(value)]]) for value in odds]
    predictions = FMT.predictions(rows, [None] * 5, frame, TASK)
    assert predictions["prediction"].tolist() == ["Bob", "Eva"]
    assert predictions["reference"].tolist() == [["Bob"], ["Eva Smith", "Smith"]]
    assert predictions["probability"].tolist() == [0.75, 0.5]
    # Bob is right; Eva shares one word with "Eva Smith": 2 * 1 / 3
    assert FMT.score(predictions, TASK) == pytest.approx(100 * (1 + 2 / 3) / 2)
    assert measure(predictions, "exact-match") == 50.0


def test_queries_that_start_anywhere_are_scored(frame):
    """A part of a validation set keeps the numbers that its queries had in the whole."""
    part = frame.iloc[3:].reset_index(drop=True)
    rows = [torch.tensor([[0.0, -1.0]]), torch.tensor([[0.0, 1.0]])]
    assert FMT.predictions(rows, [None] * 2, part, TASK)["prediction"].tolist() == ["Eva Smith"]
