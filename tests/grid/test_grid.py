"""`panda plan`, `panda grid` and `panda status` as a person uses them."""

import json
import signal

import pytest
from tiny_grid import RUNS, wait_for


def records(grid):
    return [path for path in grid.store.glob("records/*/*.json") if not path.name.startswith(".")]


def test_a_grid_makes_all_runs_and_then_nothing(undisturbed):
    found = undisturbed.plan()
    assert found["runs"] == RUNS and found["states"] == {"done": RUNS} and found["missing"] == []
    again = undisturbed.run("--json")
    assert again.returncode == 0
    values = json.loads(again.stdout)
    assert values["made"] == 0 and values["done"] == values["total"] == RUNS and values["stopped"] is False
    assert undisturbed.panda("verify").stdout.startswith(f"{RUNS} records")


def test_the_plan_tells_what_is_missing_and_estimates_from_records(undisturbed, grid):
    found = grid.plan()
    assert found["states"] == {"missing": RUNS} and found["estimated_from"] == {"default": RUNS}
    ids = [run["id"] for run in found["missing"]]
    assert all(ids.index(key) < ids.index(run["id"]) for run in found["missing"] for key in run["inputs"])
    other = undisturbed.plan(kd__weight="0.5")
    assert other["states"] == {"done": 7, "missing": 2}
    assert other["estimated_from"] == {"method and task": 2} and other["seconds_with_workers"] >= 0


def test_two_workers_make_what_one_makes(undisturbed, grid):
    done = grid.run("--workers", "2")
    assert done.returncode == 0, done.stderr
    assert f"{RUNS} made" in done.stdout
    assert grid.contents() == undisturbed.contents()


def test_it_stops_on_a_signal_and_goes_on(undisturbed, grid):
    process = grid.start()
    wait_for(lambda: records(grid), process)
    process.send_signal(signal.SIGINT)
    _, messages = process.communicate(timeout=60)
    assert process.returncode == 1 and "stopped: start the same command again to go on" in messages
    assert "Traceback" not in messages
    made = len(records(grid))
    assert 1 <= made < RUNS
    assert not list(grid.store.glob("cache/grid/owners/*")) and not list(grid.store.glob("cache/grid/claims/[0-9a-f]*"))
    done = grid.run()
    assert f"{RUNS - made} made" in done.stdout and f"{made} were there" in done.stdout
    assert grid.contents() == undisturbed.contents()


def test_status_reads_a_running_grid(grid):
    nothing = grid.panda("status")
    assert nothing.returncode == 0 and "no grid is running" in nothing.stdout
    process = grid.start(training__steps="4000", source__steps="4000")
    try:
        wait_for(lambda: json.loads(grid.panda("status", "--json").stdout)["running"], process)
        found = json.loads(grid.panda("status", "--json").stdout)
        words = grid.panda("status").stdout
    finally:
        process.terminate()
        process.communicate(timeout=60)
    (driver,), (worker,) = found["drivers"], found["running"]
    assert driver["total"] == RUNS and driver["experiments"] == ["table-02"] and driver["pid"] == process.pid
    assert "p-tuning-v2 mnli" in worker["run"]
    assert f"0 of {RUNS} runs done" in words and "running   p-tuning-v2 mnli" in words
    assert not json.loads(grid.panda("status", "--json").stdout)["drivers"]


def test_a_diverged_run_is_recorded_and_the_rest_is_made(grid):
    done = grid.run(source__lr="1e30", optimiser__max_grad_norm="1e30")
    assert done.returncode == 1 and "Traceback" not in done.stderr
    lines = [line for line in done.stderr.splitlines() if "failed: p-tuning-v2 mnli" in line]
    assert len(lines) == 1 and "the loss is" in lines[0]
    # the target prompts do not need the source; everything else does
    assert "2 made" in done.stderr and "1 failed" in done.stderr and "6 not tried" in done.stderr
    (path,) = grid.store.glob("failures/smoke/*.json")
    failure = json.loads(path.read_text())
    assert "the loss is" in failure["cause"] and failure["command"].startswith("panda run")
    again = grid.run("--json", source__lr="1e30", optimiser__max_grad_norm="1e30")
    assert again.returncode == 1 and json.loads(again.stdout)["made"] == 0
    assert "failed    p-tuning-v2 mnli" in grid.panda("status").stdout
    path.write_text(path.read_text().replace("1e+30", "0.01"))
    retried = grid.run("--retry-failed", source__lr="1e30", optimiser__max_grad_norm="1e30")
    assert "the loss is" in retried.stderr and len(list(grid.store.glob("failures/smoke/*.json"))) == 1


def test_a_machine_without_the_gpu_that_is_asked_for_blames_no_run(grid):
    grid.environment |= {"PANDA_DEVICE": "cuda", "CUDA_VISIBLE_DEVICES": ""}
    done = grid.run()
    assert done.returncode == 1 and "PANDA_DEVICE=cuda, but torch finds no GPU here" in done.stderr.splitlines()[-1]
    assert not list(grid.store.glob("failures/*/*")) and not records(grid)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--executor", "slurm"], "unknown executor 'slurm': known: local, ray"),
        (["--workers", "0"], "0 is not in the range"),
        (["--source", "mnlo"], "unknown task 'mnlo'"),
        (["--set", "kd.wait=1"], "unknown setting 'kd.wait'"),
        (["--method", "pandas"], "unknown method of table-02 'pandas'"),
    ],
)
def test_wrong_words_are_one_line(grid, words, message):
    done = grid.run(*words)
    assert done.returncode == 2 and message in done.stderr and "Traceback" not in done.stderr
    assert not grid.store.exists()
