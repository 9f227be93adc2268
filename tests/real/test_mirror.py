"""Every file of the mirror loads, with the rows and labels that its manifest states."""

from collections import Counter

import pytest

from panda_core.data.availability import availability
from panda_core.data.mirror import mirror
from panda_core.data.origin import load_split
from panda_core.data.parquet import read_parquet
from panda_core.formats import get_format
from panda_core.tasks import TASKS, get_task

pytestmark = pytest.mark.real_data

# Rows of (train, validation) as the manifest states them, and which splits are only parts of the official ones.
ROWS = {
    "cb": (250, 56), "copa": (400, 100), "wsc": (554, 104), "rte": (2490, 277), "wic": (5428, 638),
    "cola": (8551, 1043), "mrpc": (3668, 408), "stsb": (5749, 1500), "conll04": (922, 231), "sst2": (67349, 872),
    "multirc": (27243, 4848), "conll03": (14041, 3250), "boolq": (1061, 3270), "qnli": (9999, 5463),
    "mnli": (9999, 9815), "qqp": (8999, 1000), "squad": (3838, 1190), "propbank_ewt_srl": (39854, 4882),
    "wnut17": (3394, 1009), "uner_ewt": (2001, 2077),
}
SUBSETS = {
    ("boolq", "train"), ("qnli", "train"), ("mnli", "train"), ("qqp", "train"), ("qqp", "validation"),
    ("squad", "train"), ("squad", "validation"),
}
# Label counts in the order of the labels.
COUNTS = {
    ("cb", "train"): [115, 119, 16], ("cb", "validation"): [23, 28, 5], ("wsc", "train"): [295, 259],
    ("wsc", "validation"): [66, 38], ("wic", "train"): [2714, 2714], ("wic", "validation"): [319, 319],
    ("mnli", "validation"): [3479, 3123, 3213],
}
# Files beside the two splits that are used.
MORE_ROWS = {
    ("mnli", "train_extra"): 9653, ("conll04", "test"): 288, ("wnut17", "test"): 1287, ("propbank_ewt_srl", "test"): 4720,
}
# Entities of CoNLL-2003's training set, and of CoNLL04 over all three of its files.
CONLL03 = {"LOC": 7140, "PER": 6600, "ORG": 6321, "MISC": 3438}
CONLL04 = {"Loc": 1968, "Peop": 1691, "Org": 984, "Other": 706}
SPLITS = ("train", "validation")


@pytest.fixture(scope="module")
def loaded():
    """Each split, read and checked once."""
    kept = {}

    def load(name, split):
        if (name, split) not in kept:
            kept[name, split] = load_split(get_task(name), "real", split)
        return kept[name, split]

    return load


@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize("name", ROWS)
def test_every_split_loads_with_the_rows_of_the_manifest(loaded, name, split):
    provenance = loaded(name, split).provenance
    assert provenance["rows"] == ROWS[name][split == "validation"]
    assert provenance["subset"] == ((name, split) in SUBSETS)
    assert provenance["where"] == f"{name}/{get_task(name).split_name(split)}.parquet"


@pytest.mark.parametrize(("name", "split"), COUNTS)
def test_labels_are_counted_as_the_manifest_does(loaded, name, split):
    counts = Counter(loaded(name, split).frame["label"])
    assert [counts[i] for i in range(len(get_task(name).labels))] == COUNTS[name, split]


def test_entities_of_conll03_are_counted_as_published(loaded):
    labels = get_task("conll03").labels
    tags = Counter(labels[tag] for row in loaded("conll03", "train").frame["ner_tags"] for tag in row)
    assert {kind: tags[f"B-{kind}"] for kind in CONLL03} == CONLL03


def test_entities_of_conll04_are_counted_as_the_manifest_does():
    files = [read_parquet(path, path.name) for path in sorted((mirror() / "conll04").glob("*.parquet"))]
    tags = Counter(tag for frame in files for row in frame["ner_tags"] for tag in row)
    assert sum(map(len, files)) == 922 + 231 + 288
    assert {kind: tags[f"B-{kind}"] for kind in CONLL04} == CONLL04


def test_predicates_carry_their_tag(loaded):
    frame = loaded("propbank_ewt_srl", "validation").frame
    assert {tags[int(i)] for tags, i in zip(frame["tags"], frame["index"], strict=True)} == {"B-V"}


def test_what_the_manifest_says_is_odd_is_there_and_loads(loaded):
    multirc = loaded("multirc", "train").frame
    assert (multirc["answer"].str.strip() == "").sum() == 3
    assert multirc["paragraph"].str.contains("\ufffd").sum() == 69
    train, validation = (loaded("cola", split).frame["sentence"] for split in SPLITS)
    assert len(set(train) & set(validation)) == 16
    assert train.duplicated().sum() == 19


def test_every_file_of_the_mirror_is_that_of_a_task():
    names = {path.parent.name for path in mirror().glob("*/*.parquet")}
    assert names == set(ROWS)
    assert {name for name in TASKS if availability(TASKS[name])["local"]} == set(ROWS)


@pytest.mark.parametrize(("name", "file"), MORE_ROWS)
def test_files_beside_the_splits_load_too(name, file):
    frame = read_parquet(mirror() / name / f"{file}.parquet", file)
    get_format(get_task(name)).check(frame, get_task(name), file)
    assert len(frame) == MORE_ROWS[name, file]


def test_no_file_of_the_mirror_is_left_out():
    splits = {(name, get_task(name).split_name(split)) for name in ROWS for split in SPLITS}
    assert {(path.parent.name, path.stem) for path in mirror().glob("*/*.parquet")} == splits | set(MORE_ROWS)


@pytest.mark.parametrize("name", ["copa", "conll04", "stsb", "squad", "wsc", "uner_ewt"])
def test_small_validation_sets_are_tokenised_whole(loaded, minilm, name):
    task = get_task(name)
    frame = loaded(name, "validation").frame
    examples = get_format(task).encode(frame, task, minilm.tokenizer, 128)
    assert len(examples) == len(frame)
    assert max(example.length for example in examples) <= 128
    if task.format == "tagging":
        assert sum(len(example.words) for example in examples) >= 0.99 * frame["tokens"].str.len().sum()


def test_answers_of_squad_are_found_again_in_the_tokens(loaded, minilm):
    """Start and end token of each answer lead back to its text; about a fifth of them lies beyond 128 tokens."""
    task = get_task("squad")
    frame = loaded("squad", "validation").frame
    examples = get_format(task).encode(frame, task, minilm.tokenizer, 128)
    found = 0
    for example, context, answers in zip(examples, frame["context"], frame["answers"], strict=True):
        start, end = example.label
        if start:
            offsets = example.offsets[0]
            text = context[offsets[start, 0] : offsets[end, 1]]
            found += 1
            assert answers["text"][0] in text
            assert len(text) - len(answers["text"][0]) <= 12
    assert found / len(frame) == pytest.approx(0.793, abs=0.001)
