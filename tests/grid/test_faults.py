"""What a grid survives: killed workers and drivers, a full disk, damaged files, several drivers at once.

PANDA_KILLS=50 kills as often as the project promises to survive; the default is small enough for every test run.
"""

import json
import os
import random
import re
import resource
import signal
import time

import psutil
import pytest
from tiny_grid import RUNS, wait_for

from panda_core.files import TEMPORARY

KILLS = int(os.environ.get("PANDA_KILLS", "2"))


def made(text):
    """How many runs a driver says that it made."""
    return int(re.search(r"(\d+) made in", text).group(1))


def settled(grid, undisturbed):
    """The store is sound, complete and equal to an undisturbed one, and nobody claims anything."""
    done = grid.run("--retry-failed")  # a run whose worker was killed three times is given up
    assert done.returncode == 0, done.stderr
    verified = grid.panda("verify")
    assert verified.returncode == 0 and verified.stdout.startswith(f"{RUNS} records"), verified.stdout
    assert grid.contents() == undisturbed.contents()
    assert not list(grid.store.glob("cache/grid/claims/[0-9a-f]*"))
    # a driver that is killed while it writes leaves its temporary file, which nobody reads
    assert all(path.name.startswith(TEMPORARY) for path in grid.store.glob("cache/grid/owners/*"))


def workers_of(process):
    try:
        children = psutil.Process(process.pid).children()
        return [child for child in children if "spawn_main" in " ".join(child.cmdline())]
    except psutil.NoSuchProcess:
        return []


def some_moment(grid, process, moments):
    """Wait for a random moment in a driver's life: mostly while runs are made, sometimes while it starts."""
    if moments.random() < 0.75:
        wait_for(lambda: list(grid.store.glob("cache/grid/claims/[0-9a-f]*")), process)
        time.sleep(moments.uniform(0, 1))
    else:
        time.sleep(moments.uniform(0, 3))


def with_work(grid, moments):
    """A driver that has something to do: about half of the records are deleted where all are there."""
    paths = list(grid.store.glob("records/*/[0-9a-f]*.json"))
    for path in paths if len(paths) == RUNS else ():
        if moments.random() < 0.5:
            path.unlink()
    return grid.start("--retry-failed")


def test_killed_workers_lose_nothing(grid, undisturbed):
    moments, kills, process = random.Random(0), 0, None
    starts = 0
    while kills < KILLS:
        if process is None or process.poll() is not None:
            process, starts = with_work(grid, moments), starts + 1
            assert starts <= 5 * KILLS, "the drivers end before they have workers"
        some_moment(grid, process, moments)
        for worker in workers_of(process)[:1]:
            worker.kill()
            kills += 1
    _, messages = process.communicate(timeout=300)
    assert kills == KILLS and "Traceback" not in messages
    settled(grid, undisturbed)


def test_killed_drivers_lose_nothing_and_leave_no_workers(grid, undisturbed):
    moments = random.Random(1)
    for _ in range(KILLS):
        process = with_work(grid, moments)
        some_moment(grid, process, moments)
        workers = workers_of(process)
        process.kill()
        process.communicate()
        _, alive = psutil.wait_procs(workers, timeout=60)
        assert not alive
    settled(grid, undisturbed)


def test_two_drivers_share_the_work(grid, undisturbed):
    first, second = grid.start("--json"), grid.start("--json")
    results = [json.loads(process.communicate(timeout=300)[0]) for process in (first, second)]
    assert first.returncode == second.returncode == 0
    # what one driver made, the other one found: before it started, or while it waited
    assert sum(result["made"] for result in results) == RUNS
    assert all(result["done"] == RUNS for result in results)
    settled(grid, undisturbed)


def test_a_full_disk_is_one_clear_line_and_loses_nothing(grid, undisturbed, monkeypatch):
    """No file may grow beyond a few kilobytes: records can be written, prompts cannot."""
    import subprocess

    done = subprocess.run(
        grid.command("grid"), capture_output=True, text=True, env=grid.environment,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192)),
    )
    assert done.returncode == 1 and "Traceback" not in done.stderr
    line = done.stderr.strip().splitlines()[-1]
    assert line.startswith(f"panda: {grid.store}: could not be written (") and "start again" in line
    assert not list(grid.store.glob("records/*/*")) and not list(grid.store.glob("failures/*/*"))
    settled(grid, undisturbed)


def test_a_file_where_the_store_should_be_is_one_clear_line(grid):
    grid.store.touch()
    done = grid.run()
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert f"panda: {grid.store}: this is a file, a store is a folder" in done.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_store_is_one_clear_line(grid):
    grid.store.mkdir()
    grid.store.chmod(0o555)
    done = grid.run()
    assert done.returncode == 1 and "Permission denied" in done.stderr and "Traceback" not in done.stderr


def cut_off(path):
    path.write_bytes(path.read_bytes()[:100])


def edit(path):
    path.write_text(path.read_text().replace('"score": ', '"score": 1', 1))


@pytest.fixture
def filled(make_grid, undisturbed):
    """A store of its own with all runs in it."""
    import shutil

    grid = make_grid()
    shutil.copytree(undisturbed.store, grid.store)
    return grid


DAMAGES = (
    ("records/smoke/{}.json", cut_off, "cut off or not JSON"),
    ("records/smoke/{}.json", edit, "changed after it was written"),
    ("predictions/smoke/{}.parquet", cut_off, "not the file that the record names"),
)


def test_damaged_results_are_named_and_made_again_when_asked(filled, undisturbed):
    damaged = {}
    for run, (kind, damage, message) in zip(runs_of(filled, "target-like", "vanilla-pot"), DAMAGES, strict=False):
        damage(filled.store / kind.format(run))
        damaged[run] = message
    verified = filled.panda("verify")
    assert verified.returncode == 1 and named(verified.stdout, damaged)
    done = filled.run()
    assert done.returncode == 1 and named(done.stderr, damaged) and "3 failed" in done.stderr
    assert "make the run again" in done.stderr or "panda run" in done.stderr
    retried = filled.run("--retry-failed")
    assert retried.returncode == 0 and made(retried.stdout) == 3
    settled(filled, undisturbed)


def named(text, damaged):
    """Each of the runs has a line that says what is wrong with it."""
    lines = text.splitlines()
    return all(any(run in line and message in line for line in lines) for run, message in damaged.items())


def runs_of(grid, *methods):
    """The ids of the runs of some methods."""
    specs = {path.stem: json.loads(path.read_text())["spec"] for path in grid.store.glob("records/*/*.json")}
    return sorted(run for run, spec in specs.items() if spec["method"] in methods)


def test_a_damaged_prompt_is_named_and_a_lost_one_made_again(filled, undisturbed):
    teacher = runs_of(filled, "target-like")[0]
    prompt = filled.store / "cache" / "prompts" / f"{teacher}.safetensors"
    cut_off(prompt)
    other = filled.run(kd__weight="0.7")
    assert other.returncode == 1 and f"{prompt}: not the file that its record names" in other.stderr
    assert "1 made" in other.stderr and "1 failed" in other.stderr
    prompt.unlink()
    again = filled.run("--retry-failed", kd__weight="0.7")
    assert again.returncode == 0 and made(again.stdout) == 2  # the teacher and the run that it failed
    assert made(filled.run().stdout) == 0
    original = undisturbed.contents()
    assert {name: value for name, value in filled.contents().items() if name in original} == original


def test_temporary_files_of_killed_processes_are_swept(filled):
    left = filled.store / "records" / "smoke" / ".part-abc.json"
    young = filled.store / "records" / "smoke" / ".part-young.json"
    left.write_text("{")
    young.write_text("{")
    os.utime(left, (0, 0))
    assert filled.panda("verify").stdout.startswith(f"{RUNS} records")
    assert filled.run().returncode == 0
    assert not left.exists() and young.exists()


def test_a_worker_that_is_told_to_stop_by_somebody_else_is_replaced(grid, undisturbed):
    process = grid.start()
    wait_for(lambda: list(grid.store.glob("cache/grid/claims/[0-9a-f]*")), process)
    for worker in workers_of(process):
        worker.send_signal(signal.SIGTERM)
    _, messages = process.communicate(timeout=120)
    assert process.returncode == 0, messages
    settled(grid, undisturbed)
