"""Task formats on examples worked out by hand: tokens, rows of logits, predictions, scores."""

import math
from types import SimpleNamespace

import pandas as pd
import pytest
import torch
import transformers
from tokenizers import pre_tokenizers

from panda_core.data.batches import collate
from panda_core.formats import get_format, measure
from panda_core.formats.classification import room_before
from panda_core.tasks import get_task


@pytest.fixture(scope="module")
def tokenizer(minilm):
    return minilm.tokenizer


def encode(tokenizer, name, rows, max_length=128):
    """Format, task, frame and examples of a few rows."""
    task = get_task(name)
    frame = pd.DataFrame(rows)
    return get_format(task), task, frame, get_format(task).encode(frame, task, tokenizer, max_length)


def tokens(tokenizer, ids):
    return " ".join(tokenizer.convert_ids_to_tokens(list(ids)))


def batch_of(examples, fmt):
    return collate(examples, list(range(len(examples))), fmt, 0)


def test_a_pair_is_two_segments(tokenizer):
    rows = [{"premise": "A man slept.", "hypothesis": "He ran.", "label": 2}]
    fmt, task, _, (example,) = encode(tokenizer, "cb", rows)
    assert tokens(tokenizer, example.input_ids[0]) == "[CLS] a man slept . [SEP] he ran . [SEP]"
    assert list(example.token_type_ids[0]) == [0] * 6 + [1] * 4
    assert (example.label, example.length) == (2, 10)
    assert fmt.outputs(task) == 3


def test_a_sentence_is_one_segment(tokenizer):
    _, _, _, (example,) = encode(tokenizer, "cola", [{"sentence": "Dogs bark.", "label": 1}])
    assert tokens(tokenizer, example.input_ids[0]) == "[CLS] dogs bark . [SEP]"
    assert set(example.token_type_ids[0]) == {0}


TEMPLATES = [
    (
        "wic",
        {"word": "class", "sentence1": "A good class.", "sentence2": "He has class.", "label": 0},
        "[CLS] a good class . he has class . does class have the same meaning in both sentences ? [SEP]",
    ),
    (
        "wsc",
        {"text": "Ann met Eva; she left.", "span1_text": "Eva", "span2_text": "she", "label": 1},
        "[CLS] she : ann met eva ; she left . [SEP] eva [SEP]",
    ),
    (
        "multirc",
        {"paragraph": "Ann ran.", "question": "Who ran?", "answer": "Ann", "label": 1},
        "[CLS] ann ran . [SEP] who ran ? ann [SEP]",
    ),
    ("boolq", {"question": "is it", "passage": "It is.", "label": 1}, "[CLS] is it [SEP] it is . [SEP]"),
    ("qnli", {"question": "Who?", "sentence": "Ann.", "label": 0}, "[CLS] who ? [SEP] ann . [SEP]"),
    ("qqp", {"question1": "Who?", "question2": "What?", "label": 0}, "[CLS] who ? [SEP] what ? [SEP]"),
    ("mrpc", {"sentence1": "A b.", "sentence2": "C d.", "label": 1}, "[CLS] a b . [SEP] c d . [SEP]"),
    ("sst2", {"sentence": "good ", "label": 1}, "[CLS] good [SEP]"),
]


@pytest.mark.parametrize(("name", "row", "expected"), TEMPLATES, ids=[name for name, _, _ in TEMPLATES])
def test_templates(tokenizer, name, row, expected):
    _, _, _, (example,) = encode(tokenizer, name, [row])
    assert tokens(tokenizer, example.input_ids[0]) == expected


def test_braces_in_the_data_are_text(tokenizer):
    row = {"text": "{span1_text} {} {0}", "span1_text": "a", "span2_text": "b", "label": 0}
    _, _, _, (example,) = encode(tokenizer, "wsc", [row])
    assert tokens(tokenizer, example.input_ids[0]).startswith("[CLS] b : { span ##1 _ text } { } { 0 } [SEP]")


def test_an_empty_answer_of_multirc_is_data(tokenizer):
    row = {"paragraph": "Ann ran.", "question": "Who ran?", "answer": "", "label": 0}
    fmt, task, frame, (example,) = encode(tokenizer, "multirc", [row])
    fmt.check(frame, task, "here")
    assert tokens(tokenizer, example.input_ids[0]) == "[CLS] ann ran . [SEP] who ran ? [SEP]"


def test_long_text_is_cut_at_the_maximum_length(tokenizer):
    long = "word " * 2000
    assert len(long) == 10_000
    _, _, _, (example,) = encode(tokenizer, "cb", [{"premise": long, "hypothesis": "short one", "label": 0}], 16)
    assert example.length == 16
    # the longer text gives way first
    assert tokens(tokenizer, example.input_ids[0]).endswith("[SEP] short one [SEP]")


LONG = "word " * 2000
LONG_ROWS = [
    ("cola", {"sentence": LONG, "label": 1}),
    ("wic", {"word": "word", "sentence1": LONG, "sentence2": LONG, "label": 1}),
    ("stsb", {"sentence1": "Short.", "sentence2": LONG, "label": 2.5}),
    ("copa", {"premise": LONG, "choice1": LONG, "choice2": "short", "question": "cause", "label": 1}),
    ("multirc", {"paragraph": LONG, "question": LONG, "answer": LONG, "label": 1}),
    ("record", {"passage": LONG, "query": "@placeholder " + LONG, "entities": ["word"], "answers": ["word"]}),
    ("squad", {"question": LONG, "context": LONG, "answers": {"text": ["word"], "answer_start": [9995]}}),
    ("conll04", {"tokens": LONG.split(), "ner_tags": ["O"] * 2000}),
    ("propbank_ewt_srl", {"tokens": LONG.split(), "index": 1999, "tags": ["O"] * 1999 + ["B-V"]}),
]


@pytest.mark.parametrize(("name", "row"), LONG_ROWS, ids=[name for name, _ in LONG_ROWS])
def test_ten_thousand_characters_are_cut_at_128_tokens_in_every_format(tokenizer, name, row):
    task = get_task(name)
    fmt, frame = get_format(task), pd.DataFrame([row])
    fmt.check(frame, task, "here")
    (example,) = fmt.encode(fmt.prepare(frame, task), task, tokenizer, 128)
    assert example.length == 128
    assert len(example.words) == {"conll04": 126, "propbank_ewt_srl": 124}.get(name, 0)
    batch = batch_of([example], fmt)
    output = torch.zeros(*batch.input_ids.shape, fmt.outputs(task))  # of a head that reads every token
    rows = fmt.rows(output[:, 0] if fmt.reads == "sequence" else output, batch)
    assert len(fmt.predictions([rows], [example], fmt.prepare(frame, task), task)) == 1


def test_a_predicate_of_ten_thousand_characters_leaves_room_for_the_sentence():
    """A tokenizer that makes a token of every character, as byte-pair encodings may for a strange word."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    letters = Tokenizer(models.BPE(vocab={"[CLS]": 0, "[SEP]": 1, "x": 2, "y": 3}, merges=[]))
    letters.pre_tokenizer = pre_tokenizers.Whitespace()
    letters.post_processor = processors.BertProcessing(("[SEP]", 1), ("[CLS]", 0))
    task = get_task("propbank_ewt_srl")
    frame = pd.DataFrame([{"tokens": ["y", "x" * 10_000], "index": 1, "tags": ["O", "B-V"]}])
    (example,) = get_format(task).encode(frame, task, PreTrainedTokenizerFast(tokenizer_object=letters), 16)
    assert list(example.input_ids[0]) == [0, 3, 2, 2, 2, 2, 1, 2, 2, 2, 2, 2, 2, 2, 2, 1]
    assert tuple(example.words) == (0, 1)


def test_classification_predictions_and_score(tokenizer):
    rows = [{"premise": "a", "hypothesis": "b", "label": label} for label in (0, 1, 2, 2)]
    fmt, task, frame, examples = encode(tokenizer, "cb", rows)
    logits = [torch.tensor([[math.log(6.0), math.log(3.0), 0.0]])] * 4
    predictions = fmt.predictions(logits, examples, frame, task)
    assert predictions["reference"].tolist() == [0, 1, 2, 2]
    assert predictions["prediction"].tolist() == [0] * 4
    assert predictions["probabilities"][0] == pytest.approx([0.6, 0.3, 0.1], abs=1e-6)
    assert fmt.score(predictions, task) == 25.0


def test_classification_rows_are_the_output(tokenizer):
    rows = [{"premise": "a", "hypothesis": "b", "label": label} for label in (0, 2)]
    fmt, _, _, examples = encode(tokenizer, "cb", rows)
    batch, output = batch_of(examples, fmt), torch.randn(2, 3)
    assert torch.equal(fmt.rows(output, batch), output)
    assert fmt.rows_per_example(batch) == [1, 1]
    assert fmt.row_labels(batch).tolist() == [0, 2]
    # mean cross-entropy by hand: two uniform rows over three classes
    assert fmt.loss(torch.zeros(2, 3), fmt.row_labels(batch)).item() == pytest.approx(math.log(3))


def test_rows_stored_per_example_are_stacked_like_the_batch(tokenizer):
    fmt = get_format(get_task("cb"))
    parts = [torch.tensor([[1.0, 2.0]]), torch.tensor([[3.0, 4.0]])]
    assert fmt.stack(parts, torch.zeros(2, 2)).tolist() == [[1, 2], [3, 4]]


def test_copa_has_a_sequence_per_choice(tokenizer):
    row = {"premise": "The lamp fell.", "choice1": "It broke.", "choice2": "It sang.", "label": 0}
    rows = [{**row, "question": "effect"}, {**row, "question": "cause"}]
    fmt, task, frame, examples = encode(tokenizer, "copa", rows)
    assert tokens(tokenizer, examples[0].input_ids[0]) == "[CLS] the lamp fell . so [SEP] it broke . [SEP]"
    assert tokens(tokenizer, examples[0].input_ids[1]) == "[CLS] the lamp fell . so [SEP] it sang . [SEP]"
    assert tokens(tokenizer, examples[1].input_ids[1]) == "[CLS] the lamp fell . because [SEP] it sang . [SEP]"
    assert fmt.outputs(task) == 1
    batch = batch_of(examples, fmt)
    assert batch.input_ids.shape[0] == 4
    rows = fmt.rows(torch.tensor([[1.0], [2.0], [4.0], [3.0]]), batch)
    assert rows.tolist() == [[1, 2], [4, 3]]
    assert fmt.rows_per_example(batch) == [1, 1]
    predictions = fmt.predictions(list(rows.split(1)), examples, frame, task)
    assert predictions["prediction"].tolist() == [1, 0]
    assert fmt.score(predictions, task) == 50.0


def test_regression_reads_one_number(tokenizer):
    rows = [{"sentence1": "a", "sentence2": "b", "label": label} for label in (0.0, 2.5, 5.0)]
    fmt, task, frame, examples = encode(tokenizer, "stsb", rows)
    batch = batch_of(examples, fmt)
    assert fmt.outputs(task) == 1
    assert batch.labels.dtype == torch.float32
    output = torch.tensor([[1.0], [2.0], [3.0]])
    # squared errors 1, 0.25, 4
    assert fmt.loss(fmt.rows(output, batch), fmt.row_labels(batch)).item() == pytest.approx(5.25 / 3)
    assert torch.equal(fmt.distribution(output), output)
    predictions = fmt.predictions(list(output.split(1)), examples, frame, task)
    assert predictions["reference"].tolist() == [0.0, 2.5, 5.0]
    assert fmt.score(predictions, task) == pytest.approx(100)


CONLL04 = [
    {"tokens": ["Hakawati", "Paris", "."], "ner_tags": ["O", "B-Loc", "O"]},
    {"tokens": ["Ann", "Smith"], "ner_tags": ["B-Peop", "I-Peop"]},
]


def test_a_words_first_subword_carries_its_tag(tokenizer):
    fmt, task, _, examples = encode(tokenizer, "conll04", CONLL04)
    assert tokens(tokenizer, examples[0].input_ids[0]) == "[CLS] ha ##kawa ##ti paris . [SEP]"
    place = task.labels.index("B-Loc")
    assert list(examples[0].label) == [-100, 0, -100, -100, place, 0, -100]
    assert tuple(examples[0].words) == (0, 1, 2)
    assert fmt.outputs(task) == 9


@pytest.mark.parametrize("kind", ["RobertaTokenizer", "GPT2Tokenizer"])
def test_a_byte_level_tokenizer_reads_words_as_inside_a_sentence(kind):
    """The vocabulary is single bytes; Ġ is the space before a word."""
    marks = {"bos_token": "[CLS]", "eos_token": "[SEP]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    words = ["[CLS]", "[SEP]", *pre_tokenizers.ByteLevel.alphabet()]
    tokenizer = getattr(transformers, kind)(vocab={word: i for i, word in enumerate(words)}, merges=[], **marks)
    _, task, _, (example,) = encode(tokenizer, "conll04", [{"tokens": ["in", "Bonn"], "ner_tags": ["O", "B-Loc"]}])
    place = task.labels.index("B-Loc")
    found = [(words[token], label) for token, label in zip(example.input_ids[0], example.label, strict=True)]
    assert [pair for pair in found if pair[0] not in ("[CLS]", "[SEP]")] == [
        ("Ġ", 0), ("i", -100), ("n", -100), ("Ġ", place), ("B", -100), ("o", -100), ("n", -100), ("n", -100),
    ]
    roles = get_task("propbank_ewt_srl")
    frame = pd.DataFrame({"tokens": [["Ann", "ran"]], "index": [1]})
    (ids,) = get_format(roles).tokens(frame, roles, tokenizer, 128)["input_ids"]
    assert "".join(words[token] for token in ids if words[token] not in ("[CLS]", "[SEP]")) == "ĠAnnĠranĠran"


def test_tags_may_be_integers(tokenizer):
    names = get_task("conll04").labels
    numbered = [{**row, "ner_tags": [names.index(tag) for tag in row["ner_tags"]]} for row in CONLL04]
    _, _, _, by_name = encode(tokenizer, "conll04", CONLL04)
    _, _, _, by_number = encode(tokenizer, "conll04", numbered)
    assert [list(e.label) for e in by_name] == [list(e.label) for e in by_number]


def test_tagging_rows_are_first_subwords_sentence_by_sentence(tokenizer):
    fmt, task, _, examples = encode(tokenizer, "conll04", CONLL04)
    batch = batch_of(examples, fmt)
    output = torch.arange(2 * 7, dtype=torch.float32).view(2, 7, 1).expand(2, 7, 9)
    rows = fmt.rows(output, batch)
    assert rows[:, 0].tolist() == [1, 4, 5, 8, 9]
    assert fmt.rows_per_example(batch) == [3, 2]
    assert fmt.row_labels(batch).tolist() == [task.labels.index(t) for t in ("O", "B-Loc", "O", "B-Peop", "I-Peop")]


def test_tagging_predictions_cover_every_word(tokenizer):
    fmt, task, frame, examples = encode(tokenizer, "conll04", CONLL04)
    one_hot = torch.eye(9)
    rows = [one_hot[[0, 1, 0]], one_hot[[5, 0]]]  # Paris right; Ann as a person of one word: wrong border
    predictions = fmt.predictions(rows, examples, frame, task)
    assert predictions["reference"].tolist() == [["O", "B-Loc", "O"], ["B-Peop", "I-Peop"]]
    assert predictions["prediction"].tolist() == [["O", "B-Loc", "O"], ["B-Peop", "O"]]
    assert fmt.score(predictions, task) == pytest.approx(50.0)


def test_words_beyond_the_maximum_length_are_outside_any_span(tokenizer):
    row = {"tokens": ["Rome"] * 10, "ner_tags": ["B-Loc"] * 10}
    fmt, task, frame, (example,) = encode(tokenizer, "conll04", [row], max_length=6)
    assert example.length == 6
    assert tuple(example.words) == (0, 1, 2, 3)
    predictions = fmt.predictions([torch.eye(9)[[1] * 4]], [example], frame, task)
    assert predictions["prediction"][0] == ["B-Loc"] * 4 + ["O"] * 6
    # 4 of 10 found, none wrong: F1 = 2 * 0.4 / 1.4
    assert fmt.score(predictions, task) == pytest.approx(100 * 0.8 / 1.4)


def test_a_word_of_which_the_tokenizer_makes_nothing_is_outside_any_span(tokenizer):
    rows = [{"tokens": ["Rome", "\u200b", "Bonn"], "ner_tags": ["B-Loc", "B-Loc", "B-Loc"]}]
    fmt, task, frame, (example,) = encode(tokenizer, "conll04", rows)
    assert tuple(example.words) == (0, 2)
    predictions = fmt.predictions([torch.eye(9)[[1, 1]]], [example], frame, task)
    assert predictions["prediction"][0] == ["B-Loc", "O", "B-Loc"]


ROLES = [{"tokens": ["He", "ran", "to", "Hakawati"], "index": "1", "tags": ["B-ARG0", "B-V", "B-ARG4", "I-ARG4"]}]


def test_the_predicate_follows_the_sentence(tokenizer):
    _, task, _, (example,) = encode(tokenizer, "propbank_ewt_srl", ROLES)
    assert tokens(tokenizer, example.input_ids[0]) == "[CLS] he ran to ha ##kawa ##ti [SEP] ran [SEP]"
    assert list(example.token_type_ids[0]) == [0] * 8 + [1] * 2
    numbers = [task.labels.index(tag) for tag in ROLES[0]["tags"]]
    assert list(example.label) == [-100, *numbers, -100, -100, -100, -100, -100]
    assert tuple(example.words) == (0, 1, 2, 3)


def test_a_long_sentence_is_cut_and_the_predicate_is_kept(tokenizer):
    row = {"tokens": ["He"] * 30 + ["ran"], "index": 30, "tags": ["O"] * 30 + ["B-V"]}
    _, _, _, (example,) = encode(tokenizer, "propbank_ewt_srl", [row], max_length=10)
    assert tokens(tokenizer, example.input_ids[0]) == "[CLS] he he he he he he [SEP] ran [SEP]"
    assert tuple(example.words) == (0, 1, 2, 3, 4, 5)


def test_roles_are_scored_without_the_predicate(tokenizer):
    fmt, task, frame, (example,) = encode(tokenizer, "propbank_ewt_srl", ROLES)
    number = {tag: i for i, tag in enumerate(task.labels)}
    rows = [torch.eye(len(task.labels))[[number[tag] for tag in ("B-ARG1", "B-V", "B-ARG4", "I-ARG4")]]]
    predictions = fmt.predictions(rows, [example], frame, task)
    # of ARG0 and ARG4 one is right, and one of two predicted; V, which is right too, does not count
    assert fmt.score(predictions, task) == pytest.approx(50.0)


def test_a_second_measure_of_the_same_predictions():
    predictions = pd.DataFrame({"reference": [["the cat", "cat"]], "prediction": ["black cat"]})
    assert measure(predictions, "answer-f1") == pytest.approx(200 / 3)
    assert measure(predictions, "exact-match") == 0.0


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_candidates_whose_rounded_probabilities_are_equal_are_told_apart_by_their_logits(tokenizer, sign):
    task = get_task("record")
    fmt = get_format(task)
    entities = ["Ann", "Bob", "Eva"]
    row = {"passage": "Ann met Bob and Eva.", "query": "@placeholder left", "entities": entities, "answers": ["Bob"]}
    frame = fmt.prepare(pd.DataFrame([row]), task)
    margins = {1.0: (7.5, 8.5, 8.0), -1.0: (8.5, 7.5, 8.0)}[sign]
    rows = [torch.tensor([[-sign * margin, sign * margin]]) for margin in margins]
    found = fmt.predictions(rows, fmt.encode(frame, task, tokenizer, 32), frame, task)
    assert found["prediction"].tolist() == ["Bob"]
    assert found["probability"].tolist() == [1.0 if sign > 0 else 0.0]


def test_a_batch_without_a_word_to_tag_has_the_loss_0():
    rows = torch.zeros(0, 3, requires_grad=True)
    loss = get_format(get_task("conll03")).loss(rows, torch.zeros(0, dtype=torch.long))
    loss.backward()
    assert loss.item() == 0 and rows.grad.shape == rows.shape


@pytest.mark.parametrize(("special", "max_length", "room"), [(3, 128, 64), (4, 128, 64), (3, 8, 4), (4, 8, 3)])
def test_the_lesser_text_leaves_a_token_for_the_other(special, max_length, room):
    tokenizer = SimpleNamespace(num_special_tokens_to_add=lambda pair: special)
    assert room_before(tokenizer, max_length) == room
