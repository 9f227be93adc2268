"""Spans: where answers are in tokens, what two logits per token predict, and questions without an answer."""

from dataclasses import replace

import pandas as pd
import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast

from panda_core.data.batches import collate
from panda_core.formats import get_format
from panda_core.formats.classification import shortened
from panda_core.formats.span import MASKED
from panda_core.losses import distillation_loss, soft_predictions
from panda_core.protocol import KDProtocol
from panda_core.tasks import get_task

SQUAD, SQUAD_2 = get_task("squad"), get_task("squad_v2")
FMT = get_format(SQUAD)

CONTEXT = "The Hakawati, told in 1889, is old."
ROWS = pd.DataFrame(
    {
        "question": ["  When?", "What?", "Is it?"],
        "context": [CONTEXT, CONTEXT, "No."],
        "answers": [
            {"text": ["1889"], "answer_start": [22]},
            {"text": ["The Hakawati", "Hakawati"], "answer_start": [0, 4]},
            {"text": ["No"], "answer_start": [0]},
        ],
    }
)


@pytest.fixture(scope="module")
def examples(minilm):
    return FMT.encode(ROWS, SQUAD, minilm.tokenizer, 64)


def text(minilm, example, window=0):
    return " ".join(minilm.tokenizer.convert_ids_to_tokens(list(example.input_ids[window])))


def logits(example, width, start, end, height=9.0):
    """Rows [2, width] with one high start and one high end."""
    rows = torch.full((2, width), MASKED)
    rows[:, : example.length] = 0.0
    rows[0, start] = rows[1, end] = height
    return rows


def predict(rows, examples, frame=ROWS, task=SQUAD):
    return FMT.predictions(rows, examples, frame.iloc[: len(examples)], task)["prediction"].tolist()


def test_the_question_comes_first_and_the_answer_is_found_in_tokens(minilm, examples):
    expected = "[CLS] when ? [SEP] the ha ##kawa ##ti , told in 1889 , is old . [SEP]"
    assert text(minilm, examples[0]) == expected
    assert examples[0].label == [11, 11]
    assert examples[1].label == [4, 7]  # the first of the accepted answers, its first and last subword
    assert examples[0].offsets[0].tolist()[3:6] == [[-1, -1], [0, 3], [4, 6]]
    assert FMT.outputs(SQUAD) == 2


def test_rows_are_starts_and_ends_of_each_example_without_padding(minilm, examples):
    batch = collate(examples, [2, 0], FMT, 0)
    output = torch.arange(2.0 * 17 * 2).view(2, 17, 2)
    rows = FMT.rows(output, batch)
    assert rows.shape == (4, 17)
    assert rows[0, :3].tolist() == [0, 2, 4]
    assert rows[1, :3].tolist() == [1, 3, 5]
    assert rows[0, examples[2].length :].eq(MASKED).all()
    assert rows[2].tolist() == list(range(34, 68, 2))
    assert FMT.rows_per_example(batch) == [2, 2]
    # [CLS] is it ? [SEP] no . [SEP]
    assert FMT.row_labels(batch).tolist() == [5, 5, 11, 11]
    assert torch.isfinite(FMT.loss(rows, FMT.row_labels(batch)))


def test_stored_rows_take_the_padding_of_another_batch(examples):
    short, long = collate(examples, [2], FMT, 0), collate(examples, [2, 0], FMT, 0)
    alone = FMT.rows(torch.ones(1, short.input_ids.shape[1], 2), short)
    wide = FMT.rows(torch.ones(2, long.input_ids.shape[1], 2), long)
    assert torch.equal(FMT.stack([alone, wide[2:]], wide), wide)
    assert torch.equal(FMT.stack([wide[:2]], alone), alone)


@pytest.mark.parametrize("match", ["probabilities", "logits"])
def test_padding_costs_nothing_in_the_distillation_loss(examples, match):
    long = collate(examples, [2, 0], FMT, 0)
    rows = FMT.rows(torch.ones(2, long.input_ids.shape[1], 2), long)
    kd = KDProtocol(match=match)
    assert distillation_loss(rows, soft_predictions(rows.clone(), FMT, kd), FMT, kd).item() == 0.0


def test_the_best_span_is_read_from_the_passage(examples):
    rows = [logits(examples[0], 30, 11, 11), logits(examples[1], 30, 4, 7)]
    assert predict(rows, examples[:2]) == ["1889", "The Hakawati"]
    predictions = FMT.predictions(rows, examples[:2], ROWS.iloc[:2], SQUAD)
    assert predictions["reference"].tolist() == [["1889"], ["The Hakawati", "Hakawati"]]
    assert FMT.score(predictions, SQUAD) == 100.0


def test_spans_that_end_before_they_start_or_lie_in_the_question_are_passed_over(examples):
    rows = logits(examples[0], 20, 11, 5)
    rows[1, 13] = 8.0  # the next best end
    rows[:, 1] = 50.0  # "when"
    rows[:, 0] = 50.0  # [CLS]
    assert predict([rows], examples[:1]) == ["1889, is"]


def test_an_answer_has_at_most_thirty_tokens(minilm):
    frame = pd.DataFrame(
        {"question": ["Q?"], "context": ["word " * 60], "answers": [{"text": ["word"], "answer_start": [0]}]}
    )
    (example,) = FMT.encode(frame, SQUAD, minilm.tokenizer, 128)
    rows = torch.zeros(2, example.length)
    rows[0, 4], rows[1, 50], rows[1, 33] = 9.0, 9.0, 8.0
    assert len(predict([rows], [example], frame)[0].split()) == 30
    rows[1, 34] = 8.5  # one token too long
    assert len(predict([rows], [example], frame)[0].split()) == 30


@pytest.mark.parametrize(("task", "expected"), [(SQUAD_2, ""), (SQUAD, "1889")])
def test_no_answer_is_predicted_where_the_task_allows_it(examples, task, expected):
    rows = logits(examples[0], 20, 11, 11, height=5.0)
    rows[:, 0] = 5.5
    assert predict([rows], examples[:1], task=task) == [expected]


def test_a_tie_with_no_answer_goes_to_the_span(examples):
    rows = logits(examples[0], 20, 11, 11, height=5.0)
    rows[:, 0] = 5.0
    assert predict([rows], examples[:1], task=SQUAD_2) == ["1889"]


def test_questions_without_answer_are_labelled_with_the_first_token(minilm):
    frame = ROWS.assign(answers=[{"text": [], "answer_start": []}] * 3)
    assert [e.label for e in FMT.encode(frame, SQUAD_2, minilm.tokenizer, 64)] == [[0, 0]] * 3


def test_an_answer_that_was_cut_off_is_labelled_with_the_first_token(minilm):
    example = FMT.encode(ROWS, SQUAD, minilm.tokenizer, 11)[0]
    assert text(minilm, example) == "[CLS] when ? [SEP] the ha ##kawa ##ti , told [SEP]"
    assert example.label == [0, 0]


def test_windows_share_their_stride_and_the_answer_is_in_one_of_them(minilm):
    task = replace(SQUAD, stride=2)
    examples = FMT.encode(ROWS, task, minilm.tokenizer, 11)
    windows = [text(minilm, examples[0], i) for i in range(len(examples[0].input_ids))]
    assert windows == [
        "[CLS] when ? [SEP] the ha ##kawa ##ti , told [SEP]",
        "[CLS] when ? [SEP] , told in 1889 , is [SEP]",
        "[CLS] when ? [SEP] , is old . [SEP]",
    ]
    assert examples[0].label == [0, 0, 7, 7, 0, 0]
    batch = collate(examples, [0, 2], FMT, 0)
    assert batch.sequences.tolist() == [3, 1]
    assert FMT.rows_per_example(batch) == [6, 2]
    rows = FMT.rows(torch.zeros(4, 11, 2), batch)
    assert rows.shape == (8, 11)
    assert FMT.row_labels(batch).tolist()[:6] == [0, 0, 7, 7, 0, 0]


def test_the_best_window_wins(minilm):
    task = replace(SQUAD, stride=2)
    example = FMT.encode(ROWS, task, minilm.tokenizer, 11)[0]
    rows = torch.zeros(6, 11)
    rows[0, 4] = rows[1, 4] = 3.0
    rows[2, 7] = rows[3, 7] = 4.0
    assert predict([rows], [example], task=task) == ["1889"]
    rows[4, 0] = rows[5, 0] = 9.0  # only one window says that there is no answer
    assert predict([rows], [example], task=replace(task, unanswerable=True)) == ["1889"]


def test_a_question_of_ten_thousand_characters_leaves_room_for_the_passage(minilm):
    frame = ROWS.assign(question=["why " * 2500] * 3)
    example = FMT.encode(frame, SQUAD, minilm.tokenizer, 64)[0]
    assert example.length == 47  # 32 of the question, 12 of the passage, [CLS] and two [SEP]
    assert example.label == [41, 41]


@pytest.fixture(scope="module")
def of_bytes():
    """A tokenizer with one token per byte, built like RoBERTa's."""
    vocabulary = {token: i for i, token in enumerate(["<s>", "</s>", *sorted(pre_tokenizers.ByteLevel.alphabet())])}
    made = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.post_processor = processors.RobertaProcessing(("</s>", 1), ("<s>", 0), add_prefix_space=False)
    return PreTrainedTokenizerFast(tokenizer_object=made, bos_token="<s>", eos_token="</s>", pad_token="</s>")


@pytest.mark.parametrize(("most", "expected"), [(2, ""), (3, "语"), (4, "语a"), (6, "语a"), (7, "语a中"), (8, "语a中b"), (9, "语a中b")])
def test_a_text_is_cut_after_whole_characters(of_bytes, most, expected):
    assert shortened(["语a中b"], of_bytes, most) == [expected]


def test_a_question_with_more_tokens_than_characters_leaves_room_for_the_passage(of_bytes):
    frame = ROWS.assign(question=["语" * 30] * 3)  # 30 characters, 90 tokens
    example = FMT.encode(frame, SQUAD, of_bytes, 64)[0]
    assert example.length == 64  # <s>, ten characters of the question, two </s>, 30 bytes of the passage, </s>
    assert example.label == [1 + 30 + 2 + 22, 1 + 30 + 2 + 25]
