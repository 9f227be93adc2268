"""The real command line in processes of their own: output, exit status, and one line for every error."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from forked import panda

SHORT = [
    word
    for group in ("training", "source")
    for setting in ("steps=4", "evaluations=2", "batch_size=8", "eval_examples=20")
    for word in ("--set", f"{group}.{setting}")
]


def started(*words):
    """A call as a shell makes it, in an interpreter that has loaded nothing yet."""
    return subprocess.run(
        [sys.executable, "-m", "panda_core", *words], capture_output=True, text=True,
        env={**os.environ, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"},
    )


@pytest.fixture
def transfer(tiny_plm):
    return ["run", "--plm", tiny_plm, "--source", "mnli", "--target", "cb", *SHORT, "--json"]


def test_a_run_prints_one_json_record_and_the_store_is_sound(transfer, store_folder):
    done = panda(*transfer, "--method", "panda")
    assert done.returncode == 0, done.stderr
    record = json.loads(done.stdout)
    assert record["spec"]["method"] == "panda" and record["tier"] == "smoke"
    assert record["data"]["validation"]["origin"] == "practice"
    assert record["environment"]["versions"]["torch"].startswith("2.13.0")
    assert -1 <= record["similarity"] <= 1
    assert "running: target-like mnli -> cb" in done.stderr
    verified = panda("verify")
    assert verified.returncode == 0 and verified.stdout.startswith("4 records")
    assert json.loads(panda("verify", "--json").stdout) == {"records": 4, "problems": [], "superseded": []}


def test_the_same_seed_gives_the_same_scores_in_two_processes(transfer, store_folder, tmp_path):
    first = started(*transfer, "--method", "panda")
    second = panda(*transfer, "--method", "panda", PANDA_STORE=str(tmp_path / "other"))
    assert json.loads(first.stdout)["curve"] == json.loads(second.stdout)["curve"]
    assert json.loads(first.stdout)["similarity"] == json.loads(second.stdout)["similarity"]


def test_a_run_for_people(transfer, store_folder):
    done = started(*[w for w in transfer if w != "--json"], "--method", "vanilla-pot")
    assert done.returncode == 0, done.stderr
    assert "best evaluation on 20 validation examples" in done.stdout
    assert "does not read" not in done.stderr


def test_a_run_tells_which_settings_make_no_difference(transfer, store_folder):
    done = panda(*transfer, "--method", "vanilla-pot", "--set", "kd.weight=0.5")
    assert "panda: vanilla-pot does not read kd.weight, which makes no difference" in done.stderr.splitlines()
    assert json.loads(done.stdout)["score"] >= 0


def test_tasks_and_plms_as_json():
    tasks = json.loads(panda("tasks", "--json").stdout)["tasks"]
    assert tasks["cb"]["epochs"] == 100 and tasks["cb"]["available"]["practice"] is True
    plms = json.loads(panda("plms", "--json").stdout)["plms"]
    assert plms["minilm-l6"]["available"]["bundled"] is True
    assert sum(entry["in_paper"] for entry in plms.values()) == 8
    lines = {line.split()[0]: line for line in panda("tasks").stdout.splitlines()}
    assert re.fullmatch(r"cb +Natural Language Inference +source/target +accuracy +250 +0\.01 +16 +100 +.*practice.*", lines["cb"])
    assert len(lines) == 1 + len(tasks) and "bert-tiny" in panda("plms").stdout


def test_verify_needs_a_store(store_folder):
    done = panda("verify")
    assert done.returncode == 1 and done.stderr.endswith("store: there is no store here (PANDA_STORE names its folder)\n")
    store_folder.mkdir()
    assert panda("verify").stdout.startswith("0 records")


def test_verify_finds_an_edited_record(transfer, store_folder):
    panda(*transfer, "--method", "vanilla-pot")
    path = next((store_folder / "records").glob("*/*.json"))
    path.write_text(path.read_text().replace('"seed": 0', '"seed": 5'))
    done = panda("verify")
    assert done.returncode == 1
    assert path.name in done.stdout and "changed after it was written" in done.stdout
    told = panda("verify", "--json")
    assert told.returncode == 1 and json.loads(told.stdout)["problems"] == done.stdout.splitlines()


def test_a_killed_run_leaves_a_sound_store_and_is_completed(transfer, store_folder):
    words = [w.replace("training.steps=4", "training.steps=400") for w in transfer]
    process = subprocess.Popen(
        [sys.executable, "-m", "panda_core", *words, "--method", "vanilla-pot"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    records = store_folder / "records" / "smoke"
    deadline = time.monotonic() + 120
    while not list(records.glob("[!.]*.json")) and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(0.3)
    assert process.poll() is None, "the run ended before it could be killed"
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert panda("verify").stdout.startswith("1 records")
    done = panda(*words, "--method", "vanilla-pot")
    assert done.returncode == 0, done.stderr
    assert "done before: p-tuning-v2 mnli" in done.stderr
    assert panda("verify").stdout.startswith("2 records")


def test_ctrl_c_stops_a_run_without_a_traceback(transfer, store_folder):
    words = [w.replace("training.steps=4", "training.steps=4000") for w in transfer]
    process = subprocess.Popen(
        [sys.executable, "-m", "panda_core", *words, "--method", "vanilla-pot"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # tests in the background inherit its ignoring
    )  # fmt: skip
    deadline = time.monotonic() + 120
    while not list((store_folder / "records" / "smoke").glob("[!.]*.json")) and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, messages = process.communicate(timeout=120)
    assert process.returncode == 1 and "panda: stopped" in messages and "Traceback" not in messages
    assert panda("verify").stdout.startswith("1 records")


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_signal_within_a_library_is_no_error_of_that_library(name):
    code = f"""
import signal
from panda_core.cli import main

@main.command()
def load():
    try:
        signal.raise_signal(signal.{name})
    except KeyboardInterrupt:
        raise ValueError("could not determine the shape")

signal.signal(signal.SIGINT, signal.default_int_handler)
main(["load"])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr.split()) == (1, ["panda:", "stopped"])


def test_importing_the_package_does_not_load_torch():
    code = "import sys, panda_core, panda_core.cli, panda_core.runs; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=Path.cwd()).returncode == 0


@pytest.mark.parametrize("words", [["tasks"], ["plms", "--json"], ["status"], ["plan", "table-02", "--plm", "minilm-l3"]])
def test_what_only_looks_does_not_load_torch(words, store_folder):
    code = f"""
import sys
from panda_core.cli import main
main({words}, standalone_mode=False)
sys.exit(10 if 'torch' in sys.modules else 0)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0 and done.stdout, done.stderr
