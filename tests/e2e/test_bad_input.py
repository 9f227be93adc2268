"""What a person can get wrong, through the real command line: one line that says what to do, a status, nothing written.

The calls are made two at a time before the first test, each with a store of its own; the tests read what came of them.
"""

import json
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import torch
from forked import panda

from panda_core.files import sha256_of, write_safetensors

SHORT = ["--set", "training.steps=2", "--set", "training.evaluations=1", "--set", "training.eval_examples=20"]
RUN = ["run", "--plm", "TINY", "--method", "p-tuning-v2", "--target", "cb", *SHORT]
TRANSFER = ["run", "--plm", "TINY", "--method", "panda", "--source", "mnli", "--target", "cb"]
REAL = ["run", "--plm", "TINY", "--method", "p-tuning-v2", "--target", "cb", "--data", "real"]
NOTEBOOK = ["notebook", "quickstart"]
PAIR = ["--task", "cb", "--task", "rte"]


@dataclass(frozen=True)
class Call:
    """Words in capitals are places of the world below; `environment` too."""

    words: list[str]
    status: int
    message: str
    environment: dict[str, str] = field(default_factory=dict)


def change(words, option, value):
    """The words with another value of one option."""
    place = words.index(option) + 1
    return [*words[:place], value, *words[place + 1 :]]


def settings(**calls):
    return {f"set-{name}": Call([*RUN, *words], 2, message) for name, (words, message) in calls.items()}


CALLS = {
    # names
    "target": Call(change(RUN, "--target", "cbb"), 2, "unknown task 'cbb': did you mean cb"),
    "target-empty": Call(change(RUN, "--target", ""), 2, "unknown task '': known: "),
    "target-is-source": Call(change(RUN, "--target", "mnli"), 2, "mnli cannot be a target"),
    "source": Call(change(TRANSFER, "--source", "mnlo"), 2, "unknown task 'mnlo': did you mean mnli"),
    "source-empty": Call(change(TRANSFER, "--source", ""), 2, "unknown task '': known: "),
    "source-twice": Call([*TRANSFER, "--source", "mnli"], 2, "panda takes 1 source task, 2 given"),
    "source-imported": Call(change(TRANSFER, "--source", "mnli@x"), 2, "after @ comes the id that `panda import` printed"),
    "source-too-many": Call([*RUN, "--source", "mnli"], 2, "p-tuning-v2 takes no source, 1 given"),
    "plm": Call(change(RUN, "--plm", "minilm-16"), 2, "unknown PLM 'minilm-16': did you mean minilm-l"),
    "plm-empty": Call(change(RUN, "--plm", ""), 2, "unknown PLM '': known: "),
    "plm-folder": Call(change(RUN, "--plm", "./no/where"), 2, "./no/where: there is no such folder"),
    "plm-not-utf8": Call(change(RUN, "--plm", "NOTUTF8"), 2, "are of printable UTF-8 characters"),
    "plm-revision": Call([*RUN, "--revision", "main"], 2, "no revision can be chosen; leave --revision out"),
    "method": Call(change(RUN, "--method", "pand"), 2, "unknown method 'pand': did you mean panda"),
    "method-empty": Call(change(RUN, "--method", ""), 2, "unknown method '': known: "),
    "tier": Call([*RUN, "--tier", "reducd"], 2, "unknown tier 'reducd': did you mean reduced"),
    "data": Call([*RUN, "--data", "reel"], 2, "unknown data origin 'reel': did you mean real"),
    "protocol": Call([*RUN, "--protocol", "papr"], 2, "unknown protocol 'papr': did you mean paper"),
    # numbers
    "seed-negative": Call([*RUN, "--seed", "-1"], 2, "seed -1: give a number from 0 to"),
    "seed-word": Call([*RUN, "--seed", "1e3"], 2, "'1e3' is not a valid integer"),
    "seed-huge": Call([*RUN, "--seed", "9" * 30], 2, "give a number from 0 to 4294967295"),
    **settings(
        bare=(["--set", "kd.weight"], "write it as PATH=VALUE"),
        nothing=(["--set", "kd.weight="], "write it as PATH=VALUE"),
        unnamed=(["--set", "=1"], "write it as PATH=VALUE"),
        unknown=(["--set", "kd.wieght=1"], "unknown setting 'kd.wieght': did you mean kd.weight"),
        twice=(["--set", "kd.weight=1", "--set", "kd.weight=2"], "--set kd.weight is given twice, as 1 and as 2"),
        nan=(["--set", "kd.weight=nan"], "--set kd.weight=nan: input should be"),
        infinite=(["--set", "training.lr=inf"], "--set training.lr=inf: input should be a finite number"),
        negative=(["--set", "kd.weight=-1"], "--set kd.weight=-1: input should be greater than or equal to 0"),
        word=(["--set", "training.batch_size=many"], "--set training.batch_size=many: input should be a valid integer"),
        zero=(["--set", "training.batch_size=0"], "--set training.batch_size=0: input should be greater than 0"),
        kind=(["--set", "prompt.kind=prefx"], "--set prompt.kind=prefx: input should be 'prefix'"),
        maybe=(["--set", "optimiser.plm_dropout=maybe"], "input should be a valid boolean"),
    ),
    "set-endless": Call([*RUN[:7], "--set", "training.steps=none"], 2, "a run needs steps or epochs"),
    "too-long": Call([*RUN, "--set", "prompt.length=600"], 1, "512 positions"),
    # words of the call
    "no-words": Call([], 2, "Usage: panda"),
    "plan-empty-data": Call(["plan", "table-02", "--data", ""], 2, "--data: an empty word"),
    "grid-gpus-parts": Call(["grid", "table-02", "--executor", "ray", "--gpus", "1.5"], 2, "give a whole number above 1"),
    "grid-gpus-nan": Call(["grid", "table-02", "--executor", "ray", "--gpus", "nan"], 2, "nan is not a finite number"),
    "option-missing": Call(["run", "--method", "panda"], 2, "Missing option '--plm' (panda run --help says what there is)"),
    "option-unknown": Call([*RUN, "--sede", "1"], 2, "No such option '--sede'"),
    "option-without-value": Call([*RUN, "--seed"], 2, "Option '--seed' requires an argument"),
    "command": Call(["rnu"], 2, "No such command 'rnu'"),
    "surplus": Call(["verify", "all"], 2, "Got unexpected extra argument (all)"),
    # places
    "store-is-a-file": Call(RUN, 2, "this is a file, a store is a folder; name another one in PANDA_STORE", {"PANDA_STORE": "FILE"}),
    "verify-a-file": Call(["verify"], 2, "this is a file, a store is a folder", {"PANDA_STORE": "FILE"}),
    "plan-in-a-file": Call(["plan", "table-05"], 2, "this is a file, a store is a folder", {"PANDA_STORE": "FILE"}),
    "status-of-a-file": Call(["status"], 2, "this is a file, a store is a folder", {"PANDA_STORE": "FILE"}),
    "store-below-a-file": Call(RUN, 1, "could not be written (Not a directory)", {"PANDA_STORE": "FILE/store"}),
    "data-is-a-file": Call(REAL, 1, "FILE: this is a file; set it to a folder of parquet files", {"PANDA_DATA": "FILE"}),
    "data-is-nowhere": Call(REAL, 1, "there is no such folder; set it to a folder", {"PANDA_DATA": "NOWHERE"}),
    "data-lacks-the-task": Call(REAL, 1, "cb/train.parquet is not there (PANDA_DATA names the folder)", {"PANDA_DATA": "EMPTY"}),
    "data-cut-off": Call(REAL, 1, "cb/train.parquet: not a readable parquet file", {"PANDA_DATA": "DAMAGED"}),
    "no-hub-for-data": Call(REAL, 1, "could not be had from the hub", {"PANDA_DATA": ""}),
    "no-hub-for-weights": Call(change(RUN, "--plm", "bert-tiny"), 1, "use the bundled minilm-l6"),
    "plm-without-weights": Call(change(RUN, "--plm", "EMPTY"), 1, "this folder holds no weights"),
    "plm-cut-off": Call(change(RUN, "--plm", "CUTPLM"), 1, "the weights could not be loaded"),
    "plm-of-no-kind": Call(change(RUN, "--plm", "BADCONFIG"), 1, "the weights could not be loaded"),
    "plm-without-tokenizer": Call(change(RUN, "--plm", "NOTOKENS"), 1, "tokenizer"),
    # notebooks
    "notebook": Call(["notebook", "quikstart"], 2, "unknown notebook 'quikstart': did you mean quickstart"),
    "notebook-parameter": Call([*NOTEBOOK, "-p", "taget", "rte"], 2, "unknown parameter 'taget': did you mean target"),
    "notebook-type": Call([*NOTEBOOK, "-p", "seed", "one"], 2, "parameter seed is of type int, 'one' is not"),
    "notebook-twice": Call([*NOTEBOOK, "-p", "seed", "1", "-p", "seed", "2"], 2, "-p seed is given twice, as 1 and as 2"),
    "notebook-half": Call([*NOTEBOOK, "-p", "seed"], 2, "Option '-p' requires 2 arguments"),
    "notebook-value": Call([*NOTEBOOK, "-p", "plm", "TINY", "-p", "target", "rtee"], 2, "unknown task 'rtee': did you mean rte"),
    "notebook-seed": Call([*NOTEBOOK, "-p", "plm", "TINY", "-p", "seed", "-1"], 2, "seed -1: give a number from 0 to"),
    "notebook-not-utf8": Call([*NOTEBOOK, "-p", "plm", "NOTUTF8"], 2, "is not of printable UTF-8 characters"),
    "notebook-below-a-file": Call([*NOTEBOOK, "-o", "FILE/x.ipynb"], 2, "cannot be written there"),
    "notebook-to-a-folder": Call([*NOTEBOOK, "-o", "EMPTY"], 2, "is a directory"),
    "page": Call(["book", "--page", "tabel-02"], 2, "unknown page 'tabel-02': did you mean table-02"),
    # grids
    "experiment": Call(["plan", "tabel-02"], 2, "unknown experiment 'tabel-02': did you mean table-02"),
    "experiment-missing": Call(["grid"], 2, "Missing argument 'EXPERIMENT...'"),
    "grid-plm": Call(["grid", "table-05", "--plm", "minilm-16"], 2, "unknown PLM 'minilm-16': did you mean minilm-l"),
    "grid-revision": Call(["plan", "table-05", "--plm", "minilm-l6", "--revision", "x"], 2, "leave --revision out"),
    "grid-target": Call(["grid", "table-02", "--target", "mnli"], 2, "mnli cannot be a target"),
    "grid-workers": Call(["grid", "table-05", "--workers", "0"], 2, "0 is not in the range x>=1"),
    "grid-executor": Call(["grid", "table-05", "--executor", "slurm"], 2, "unknown executor 'slurm': known: local, ray"),
    "grid-method": Call(["plan", "table-05", "--method", "pand"], 2, "unknown method of table-05 'pand'"),
    # prompts out and in
    "export-exists": Call(["export", "0123456789abcdef", "EMPTY"], 2, "exists already; name a new folder"),
    "import-wrong-shape": Call(["import", "WRONGSHAPE", "--plm", "TINY"], 1, "the prompt has shape [20, 7]"),
    # the other commands
    "similarity-twice": Call(["similarity", "--plm", "TINY", "--task", "cb", "--task", "cb"], 2, "give two tasks or more, each once"),
    "similarity-plm": Call(["similarity", "--plm", "minilm-16", *PAIR], 2, "unknown PLM 'minilm-16'"),
    "bench-task": Call(["bench", "--plm", "TINY", "--task", "rtee"], 2, "unknown task 'rtee': did you mean rte"),
    "bench-data": Call(["bench", "--plm", "TINY", "--task", "rte", "--data", "reel"], 2, "'reel' is not one of 'practice', 'real'"),
    "bench-reads": Call(["bench", "--plm", "TINY", "--task", "rte", "--representation", "poler"], 2, "'poler' is not one of 'pooler', 'cls', 'mean', 'last'"),
    "bench-to-a-folder": Call(["bench", "--plm", "TINY", "--out", "EMPTY"], 2, "is a directory"),
    "bench-below-a-file": Call(["bench", "--plm", "TINY", "--out", "FILE/x.json"], 2, "cannot be written there"),
}  # fmt: skip


@pytest.fixture(scope="module")
def world(tiny_plm, tmp_path_factory):
    """Places that the words name: paths by name."""
    root = tmp_path_factory.mktemp("world")
    (root / "a-file").write_text("no folder\n")
    (root / "empty").mkdir()
    (root / "damaged" / "cb").mkdir(parents=True)
    for split in ("train", "validation"):
        (root / "damaged" / "cb" / f"{split}.parquet").write_bytes(b"PAR1 and no more")
    plm = {path.name: path.read_bytes() for path in Path(tiny_plm).iterdir()}
    spoiled = {
        "cut-plm": plm | {"model.safetensors": plm["model.safetensors"][:-100]},
        "bad-config": plm | {"config.json": b"{not JSON"},
        "no-tokens": {name: plm[name] for name in ("config.json", "model.safetensors")},
    }
    for name, files in spoiled.items():
        (root / name).mkdir()
        for file, content in files.items():
            (root / name / file).write_bytes(content)
    config = {"peft_type": "PREFIX_TUNING", "num_virtual_tokens": 20, "base_model_name_or_path": tiny_plm}
    (root / "wrong-shape").mkdir()
    (root / "wrong-shape" / "adapter_config.json").write_text(json.dumps(config))
    write_safetensors(root / "wrong-shape" / "adapter_model.safetensors", {"prompt_embeddings": torch.zeros(20, 7)}, {})
    names = {
        "TINY": tiny_plm, "FILE": root / "a-file", "EMPTY": root / "empty", "DAMAGED": root / "damaged",
        "CUTPLM": root / "cut-plm", "BADCONFIG": root / "bad-config", "NOTOKENS": root / "no-tokens",
        "WRONGSHAPE": root / "wrong-shape", "NOWHERE": root / "nowhere", "NOTUTF8": root / os.fsdecode(b"caf\xe9"),
    }  # fmt: skip
    names["NOTUTF8"].mkdir()
    return {name: str(path) for name, path in names.items()}


def placed(word, world):
    """A word with the place that it names, on its own or before a slash."""
    head, slash, tail = word.partition("/")
    return world[head] + slash + tail if head in world else word


@pytest.fixture(scope="module")
def outcomes(world, tmp_path_factory):
    """Every call made, by name: what it gave, and the files that it left in its store."""

    def make(call):
        store = tmp_path_factory.mktemp("bad") / "store"
        environment = {"PANDA_STORE": str(store), "PANDA_DATA": ""} | {
            name: placed(value, world) for name, value in call.environment.items()
        }
        done = panda(*(placed(word, world) for word in call.words), **environment)
        return done, [path for path in store.rglob("*") if path.is_file()]

    before = snapshot(world)
    with ThreadPoolExecutor(2) as pool:
        made = dict(zip(CALLS, pool.map(make, CALLS.values()), strict=True))
    assert snapshot(world) == before, "a call changed a file that is not its own"
    return made


def snapshot(world):
    folder = Path(world["FILE"]).parent
    return {str(path): path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


@pytest.mark.parametrize("name", CALLS)
def test_a_call_ends_in_one_line_that_helps(name, outcomes, world):
    call, (done, files) = CALLS[name], outcomes[name]
    assert done.returncode == call.status, done.stderr
    said = done.stderr.strip().splitlines()
    assert call.message.replace("FILE", world["FILE"]) in (done.stderr if name == "no-words" else said[-1])
    assert "Traceback" not in done.stderr and done.stdout == ""
    if name != "no-words":
        assert [line for line in said if line.startswith("panda: ")] == said[-1:]
        assert call.status == 1 or len(said) == 1 or name.startswith("notebook"), "words are checked before anything runs"
    assert files == []


@pytest.fixture(scope="module")
def sound(world, tmp_path_factory):
    """A store with the record and the prompt of one source task, and the words of a transfer that needs them."""
    store = tmp_path_factory.mktemp("sound") / "store"
    source = ["run", "--plm", world["TINY"], "--method", "p-tuning-v2", "--source", "mnli", *SHORT]
    done = panda(*source, PANDA_STORE=str(store))
    assert done.returncode == 0, done.stderr
    words = [word.replace("training", "source") for word in SHORT]
    return store, ["run", "--plm", world["TINY"], "--method", "vanilla-pot", "--source", "mnli", "--target", "cb", *SHORT, *words]


def cut(path):
    path.write_bytes(path.read_bytes()[:200])


def edit(old, new):
    def change(path):
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))

    return change


def another_shape(path):
    write_safetensors(path, {"prompt": torch.zeros(3, 5)}, {})


DAMAGE = {
    "record cut off": ("records/smoke/*.json", cut, "cut off or not JSON; delete the file"),
    "record edited": ("records/smoke/*.json", edit('"target": "mnli"', '"target": "mnlo"'), "changed after it was written"),
    "prompt of another shape": ("cache/prompts/*.safetensors", another_shape, "not the file that its record names; delete it"),
}  # fmt: skip


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_store_is_named_by_run_and_by_verify_and_left_alone(name, sound):
    store, words = sound
    pattern, damage, message = DAMAGE[name]
    path = next(store.glob(pattern))
    whole = path.read_bytes()
    damage(path)
    before = {str(each): sha256_of(each) for each in store.rglob("*") if each.is_file()}
    run, verify = panda(*words, PANDA_STORE=str(store)), panda("verify", PANDA_STORE=str(store))
    after = {str(each): sha256_of(each) for each in store.rglob("*") if each.is_file()}
    path.write_bytes(whole)
    assert run.returncode == 1 and verify.returncode == 1
    assert message in run.stderr.splitlines()[-1] and message in verify.stdout and path.name in verify.stdout
    assert "Traceback" not in run.stderr + verify.stderr
    assert after == before


def test_a_store_with_any_name_will_do(tmp_path):
    folder = tmp_path / os.fsdecode(b"caf\xe9 \xff")
    folder.mkdir()
    done = panda("verify", PANDA_STORE=str(folder))
    assert done.returncode == 0 and done.stdout.startswith("0 records in "), done.stderr
