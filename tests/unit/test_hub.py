"""Loading from the hub: the real path on a local folder of the hub's layout, and what happens without a network."""

import os
import shutil
import subprocess
import sys
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pandas as pd
import pytest
import torch

from panda_core.data import hub as module
from panda_core.data.origin import load_split
from panda_core.errors import WorkError
from panda_core.formats import get_format
from panda_core.tasks import TASKS, Hub, get_task

CARD = """---
configs:
- config_name: {config}
  data_files:
  - split: train
    path: {config}/train-*
  - split: validation
    path: {config}/validation-*
dataset_info:
  config_name: {config}
  features:
{features}
---
# A data set
"""
COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """`repository(task, columns, features)` writes parquet files and a card, and gives the task that reads them."""
    import datasets
    import huggingface_hub.constants

    monkeypatch.delenv("PANDA_DATA", raising=False)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "hf-cache")
    datasets.disable_progress_bars()

    def make(name, columns, features, config="cb"):
        folder = tmp_path / name
        (folder / config).mkdir(parents=True)
        for split in ("train", "validation"):
            pd.DataFrame(columns).to_parquet(folder / config / f"{split}-00000-of-00001.parquet")
        (folder / "README.md").write_text(CARD.format(config=config, features=features))
        return replace(get_task(name), hub=Hub(str(folder), config, revision=COMMIT))

    return make


def classes(name, names, inside="dtype:"):
    lines = "\n".join(f"          '{i}': {label}" for i, label in enumerate(names))
    return f"  - name: {name}\n    {inside}\n      class_label:\n        names:\n{lines}"


PAIR = "  - name: premise\n    dtype: string\n  - name: hypothesis\n    dtype: string\n"
CB = {"premise": ["It rained."], "hypothesis": ["It was wet."], "label": [2]}


def test_rows_come_with_their_commit(repository):
    task = repository("cb", CB, PAIR + classes("label", get_task("cb").labels))
    split = load_split(task, "real", "validation")
    assert split.frame.to_dict("list") == CB
    assert split.provenance["origin"] == "hub"
    assert split.provenance["revision"] == COMMIT
    assert split.provenance["where"].endswith("cb (cb)/validation")
    assert (split.provenance["rows"], split.provenance["official_rows"], split.provenance["subset"]) == (1, 56, True)


def test_the_digest_is_that_of_the_rows(repository):
    first = load_split(repository("cb", CB, PAIR + classes("label", get_task("cb").labels)), "real", "train")
    other = load_split(
        repository("rte", CB | {"label": [0]}, PAIR + classes("label", get_task("rte").labels)), "real", "train"
    )
    assert len(first.provenance["sha256"]) == 64
    assert first.provenance["sha256"] != other.provenance["sha256"]


def test_classes_in_another_order_are_refused(repository):
    task = repository("cb", CB, PAIR + classes("label", ("neutral", "entailment", "contradiction")))
    with pytest.raises(WorkError, match=r"column label: the classes are neutral, .*declared are entailment"):
        load_split(task, "real", "train")


def test_tag_numbers_are_read_by_name(repository):
    tags = ("O", "B-LOC", "I-LOC", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-MISC", "I-MISC")
    features = "  - name: tokens\n    sequence: string\n" + classes("ner_tags", tags, "sequence:")
    task = repository("conll03", {"tokens": [["Bonn", "waits"]], "ner_tags": [[1, 0]]}, features, config="conll2003")
    assert [list(row) for row in load_split(task, "real", "train").frame["ner_tags"]] == [["B-LOC", "O"]]


def test_entities_of_conll04_become_tags(repository):
    features = (
        "  - name: tokens\n    sequence: string\n  - name: entities\n    list:\n    - name: end\n      dtype: int64\n"
        "    - name: start\n      dtype: int64\n    - name: type\n      dtype: string"
    )
    columns = {
        "tokens": [["Ann", "Lind", "left", "Bonn"], ["Rain"]],
        "entities": [[{"end": 2, "start": 0, "type": "Peop"}, {"end": 4, "start": 3, "type": "Loc"}], []],
    }
    task = repository("conll04", columns, features, config="default")
    rows = load_split(task, "real", "train").frame["ner_tags"]
    assert [list(row) for row in rows] == [["B-Peop", "I-Peop", "O", "B-Loc"], ["O"]]


def test_bad_rows_of_the_hub_are_named_too(repository):
    task = repository("cb", CB | {"premise": [" "]}, PAIR + classes("label", get_task("cb").labels))
    with pytest.raises(WorkError, match=r"cb \(cb\)/train: row 0, column premise: the text is empty"):
        load_split(task, "real", "train")


SQUAD_2 = """  - name: id
    dtype: string
  - name: question
    dtype: string
  - name: context
    dtype: string
  - name: answers
    sequence:
    - name: text
      dtype: string
    - name: answer_start
      dtype: int32
"""
RECORD = """  - name: passage
    dtype: string
  - name: query
    dtype: string
  - name: entities
    sequence: string
  - name: entity_spans
    sequence:
    - name: text
      dtype: string
    - name: start
      dtype: int32
    - name: end
      dtype: int32
  - name: answers
    sequence: string
  - name: idx
    struct:
    - name: passage
      dtype: int32
    - name: query
      dtype: int32
"""


def test_questions_with_and_without_answer_come_from_the_hub_as_they_are_scored(repository, minilm):
    """SQuAD v2.0: an answer is found again in the tokens; no answer is labelled with the first token."""
    answers = [{"text": ["in Rome"], "answer_start": [10]}, {"text": [], "answer_start": []}]
    rows = {"id": ["a", "b"], "question": ["Where?", "Why?"], "context": ["Ann slept in Rome."] * 2, "answers": answers}
    task = repository("squad_v2", rows, SQUAD_2)
    frame, fmt = load_split(task, "real", "validation").frame, get_format(task)
    examples = fmt.encode(frame, task, minilm.tokenizer, 32)
    (start, end), nothing = ([int(position) for position in example.label] for example in examples)
    offsets = examples[0].offsets[0]
    assert frame["context"][0][offsets[start, 0] : offsets[end, 1]] == "in Rome"
    assert nothing == [0, 0]
    logits = []
    for example, (first, last) in zip(examples, ((start, end), (0, 0)), strict=True):
        row = torch.zeros(2, example.length)
        row[0, first] = row[1, last] = 9.0
        logits.append(row)
    predictions = fmt.predictions(logits, examples, frame, task)
    assert predictions["prediction"].tolist() == ["in Rome", ""]
    assert fmt.score(predictions, task) == 100.0


def test_queries_of_record_come_from_the_hub_as_one_row_per_candidate(repository, minilm):
    spans = {"text": ["Ann", "Bob"], "start": [0, 8], "end": [3, 11]}
    rows = {
        "passage": ["Ann met Bob.\n@highlight\nBob left."], "query": ["@placeholder left."],
        "entities": [["Ann", "Bob"]], "entity_spans": [spans], "answers": [["Bob"]], "idx": [{"passage": 0, "query": 0}],
    }  # fmt: skip
    task = repository("record", rows, RECORD)
    fmt = get_format(task)
    frame = fmt.prepare(load_split(task, "real", "train").frame, task)
    assert frame["entity"].tolist() == ["Ann", "Bob"]
    examples = fmt.encode(frame, task, minilm.tokenizer, 32)
    assert [example.label for example in examples] == [0, 1]
    predictions = fmt.predictions([torch.tensor([[0.0, 1.0]]), torch.tensor([[0.0, 2.0]])], examples, frame, task)
    assert predictions[["reference", "prediction"]].values.tolist() == [[["Bob"], "Bob"]]
    assert fmt.score(predictions, task) == 100.0


def test_the_hubs_own_conversion_is_read_by_folder_at_the_commit_of_its_branch(repository, tmp_path, monkeypatch):
    """Layout <configuration>/<split>/0000.parquet without a card; the commit is asked for first, once."""
    for config, words in (("en_ewt", ["Bonn"]), ("da_ddt", ["Odense"])):
        for split in ("train", "validation", "test"):
            path = tmp_path / "converted" / config / split / "0000.parquet"
            path.parent.mkdir(parents=True)
            pd.DataFrame({"tokens": [[*words, split]], "ner_tags": [[5, 0]]}).to_parquet(path)
    hub = Hub(str(tmp_path / "converted"), "en_ewt", branch="refs/convert/parquet")
    asked = []

    class Client:
        def dataset_info(self, name, revision, timeout):
            asked.append((name, revision, timeout <= 15))
            return type("Info", (), {"sha": COMMIT})

    monkeypatch.setattr("huggingface_hub.HfApi", Client)
    split = load_split(replace(get_task("uner_ewt"), hub=hub), "real", "validation")
    assert [list(words) for words in split.frame["tokens"]] == [["Bonn", "test"]]
    assert split.provenance["revision"] == COMMIT
    assert asked == [(hub.id, "refs/convert/parquet", True)]


def in_a_process(code, **environment):
    """Run Python code in a process of its own, since the hub's client reads its settings once."""
    kept = {name: value for name, value in os.environ.items() if name not in ("PANDA_DATA", "HF_HUB_CACHE")}
    return subprocess.run([sys.executable, "-c", code], env=kept | environment, capture_output=True, text=True)


def test_without_the_hub_the_error_says_what_to_do():
    """A host that does not exist stands for a missing network."""
    code = (
        "from panda_core.tasks import get_task\n"
        "from panda_core.data.origin import load_split\n"
        "from panda_core.errors import WorkError\n"
        "for name in ('cb', 'conll03'):\n"
        "    try:\n"
        "        load_split(get_task(name), 'real', 'train')\n"
        "    except WorkError as error:\n"
        "        print(error)\n"
    )
    done = in_a_process(code, HF_ENDPOINT="http://hub.invalid")
    lines = done.stdout.splitlines()
    assert len(lines) == 2, done.stderr
    assert lines[0].startswith("cb: aps/super_glue (cb) could not be had from the hub (")
    assert all("check the network" in line and "PANDA_DATA" in line and "--data practice" in line for line in lines)
    assert "Retrying" not in done.stderr


def test_offline_a_task_without_a_pinned_commit_says_that_it_needs_the_hub():
    code = (
        "from panda_core.tasks import get_task\n"
        "from panda_core.data.origin import load_split\n"
        "load_split(get_task('conll03'), 'real', 'train')\n"
    )
    done = in_a_process(code, HF_HUB_OFFLINE="1")
    assert "HF_HUB_OFFLINE=1 must not be set: no commit of it is pinned" in done.stderr.splitlines()[-1]


def test_offline_a_downloaded_plm_is_read_from_the_cache(tiny_plm, tmp_path):
    """In the layout of the hub's own cache."""
    folder = tmp_path / "hub" / "models--someone--tiny"
    shutil.copytree(tiny_plm, folder / "snapshots" / COMMIT)
    (folder / "refs").mkdir()
    (folder / "refs" / "main").write_text(COMMIT)
    code = (
        "from panda_core.plms.loading import load_plm\n"
        f"for revision in (None, '{COMMIT}'):\n"
        "    print(load_plm('someone/tiny', revision=revision).provenance)\n"
    )
    done = in_a_process(code, HF_HUB_OFFLINE="1", HF_HOME=str(tmp_path))
    lines = done.stdout.splitlines()
    assert len(lines) == 2, done.stderr
    assert all(f"'revision': '{COMMIT}'" in line and "'source': 'someone/tiny'" in line for line in lines)


def test_a_task_that_the_hub_does_not_have_says_so(monkeypatch):
    monkeypatch.delenv("PANDA_DATA", raising=False)
    with pytest.raises(WorkError, match="propbank_ewt_srl: the hub does not have it; set PANDA_DATA"):
        load_split(get_task("propbank_ewt_srl"), "real", "train")


def test_every_task_but_the_licensed_and_one_stand_in_is_on_the_hub():
    assert [name for name, task in TASKS.items() if task.hub is None] == [
        "conll05", "conll12", "ontonotes", "propbank_ewt_srl",
    ]


def test_a_commit_is_pinned_only_where_a_source_is_given():
    hubs = [task.hub for task in TASKS.values() if task.hub]
    assert all(hub.confirmed_by for hub in hubs if hub.revision or hub.branch)
    assert all(len(hub.revision) == 40 and int(hub.revision, 16) for hub in hubs if hub.revision)
    assert module._TIMEOUT <= 15


class Answers(BaseHTTPRequestHandler):
    """A hub that says of each repository what its name asks for: a status and the hub's own code of the error."""

    def do_GET(self):
        status, code = self.path.split("/")[4].split("-")
        self.send_response(int(status))
        self.send_header("X-Error-Code", code)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


def test_the_advice_fits_what_the_hub_answered():
    code = (
        "from panda_core.plms.loading import load_plm\n"
        "from panda_core.errors import WorkError\n"
        "for name in ('403-GatedRepo', '401-RepoNotFound', '404-RevisionNotFound', '503-Busy'):\n"
        "    try:\n"
        "        load_plm(f'someone/{name}')\n"
        "    except WorkError as error:\n"
        "        print(f'{type(error).__name__}: {error}')\n"
    )
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        done = in_a_process(code, HF_ENDPOINT=f"http://127.0.0.1:{server.server_port}")
    finally:
        server.shutdown()
        server.server_close()
    kinds = [line.partition(":")[0] for line in done.stdout.splitlines()]
    assert kinds == ["WorkError", "WorkError", "WorkError", "PassingError"]  # the last may be well in a moment
    advice = [line.partition("; ")[2] for line in done.stdout.splitlines()]
    assert len(advice) == 4, done.stderr
    assert advice[0].startswith("ask for access on its page there, then log in")
    assert advice[1].startswith("check the name, and log in")
    assert advice[2].startswith("check the revision")
    assert advice[3].startswith("check the network")
    assert all(line.endswith("or use the bundled minilm-l6") for line in advice)
