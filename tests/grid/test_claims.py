"""Owners and claims: a run has one maker, dead makers are found out, and no clock is trusted."""

import multiprocessing
import os
import time
from pathlib import Path

import pytest

from panda_core.errors import StoreError
from panda_core.grid import owners
from panda_core.grid.claims import Claims
from panda_core.grid.owners import Owner, Watch, bury, lives, living, read

SPAWN = multiprocessing.get_context("spawn")


def hold(root, pipe):
    """A process that claims a run, says so, and waits to be killed."""
    owner = Owner(Path(root), "worker")
    pipe.send((owner.id, Claims(Path(root)).take("run", owner.id)))
    pipe.recv()


@pytest.fixture
def other(tmp_path):
    """Another process that has claimed "run": the process and its owner id."""
    pipe, theirs = SPAWN.Pipe()
    process = SPAWN.Process(target=hold, args=(str(tmp_path), theirs))
    process.start()
    owner, holder = pipe.recv()
    assert holder is None
    yield process, owner
    process.kill()
    process.join()


@pytest.fixture
def owner(tmp_path):
    made = Owner(tmp_path, "driver", lambda: {"total": 3})
    yield made
    made.close()


def test_a_claimed_run_is_refused_until_it_is_given_back(tmp_path, other, owner):
    process, holder = other
    claims = Claims(tmp_path)
    assert claims.take("run", owner.id) == holder
    assert claims.take("another run", owner.id) is None
    claims.release("run", owner.id)  # not the owner's to give back
    assert claims.holder("run") == holder
    claims.release("run", holder)
    assert claims.take("run", owner.id) is None


def test_an_empty_claim_is_nobodys(tmp_path, owner):
    """A process that dies between the two steps of claiming leaves one."""
    claims = Claims(tmp_path)
    claims.folder.mkdir(parents=True)
    (claims.folder / "run").touch()
    assert claims.holder("run") is None
    assert claims.take("run", owner.id) is None and claims.holder("run") == owner.id


def test_the_claim_of_a_killed_process_is_taken_over_at_once(tmp_path, other, owner):
    process, holder = other
    assert lives(tmp_path, holder) is True
    process.kill()
    process.join()
    assert lives(tmp_path, holder) is False
    assert Claims(tmp_path).take("run", owner.id) is None
    assert Claims(tmp_path).holder("run") == owner.id


def test_an_owner_that_took_leave_is_dead(tmp_path):
    gone = Owner(tmp_path, "worker")
    gone.close()
    assert lives(tmp_path, gone.id) is False
    assert not list(owners.folder_of(tmp_path).iterdir())


def from_another_machine(monkeypatch):
    monkeypatch.setattr(owners, "machine", lambda: "another machine")


def test_on_another_machine_silence_for_a_lease_is_death(tmp_path, owner, monkeypatch):
    from_another_machine(monkeypatch)
    now = [1000.0]
    watch = Watch(tmp_path, lease=60, clock=lambda: now[0])
    assert lives(tmp_path, owner.id) is None
    assert not watch.dead(owner.id)
    now[0] += 59
    assert not watch.dead(owner.id)
    owner.beat()
    now[0] += 59
    assert not watch.dead(owner.id)
    now[0] += 59
    assert not watch.dead(owner.id)
    now[0] += 2
    assert watch.dead(owner.id)


def test_a_claim_of_another_machine_is_taken_over_only_when_its_owner_expired(tmp_path, owner, monkeypatch):
    claims = Claims(tmp_path)
    claims.take("run", owner.id)
    from_another_machine(monkeypatch)
    assert claims.take("run", "someone") == owner.id
    assert claims.take("run", "someone", expired="not the holder") == owner.id
    assert claims.take("run", "someone", expired=owner.id) is None


@pytest.mark.parametrize("jump", [-10 * 365 * 86400, 10 * 365 * 86400])
def test_clock_jumps_change_nothing(tmp_path, other, owner, monkeypatch, jump):
    """Neither this machine's clock nor the times of the files decide who lives."""
    process, holder = other
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + jump)
    for path in tmp_path.rglob("*"):
        os.utime(path, (real() - jump, real() - jump))
    assert lives(tmp_path, holder) is True
    assert Claims(tmp_path).take("run", owner.id) == holder
    from_another_machine(monkeypatch)
    assert not Watch(tmp_path, lease=60).dead(holder)


def test_heartbeats_carry_what_a_process_does(tmp_path, owner, other):
    said = {each["pid"]: each for each in living(tmp_path)}
    assert said[os.getpid()]["facts"] == {"total": 3} and said[os.getpid()]["here"] is True
    before = read(tmp_path, owner.id)["beats"]
    owner.beat()
    assert read(tmp_path, owner.id)["beats"] == before + 1
    other[0].kill()
    other[0].join()
    assert {each["pid"] for each in living(tmp_path)} == {os.getpid()}
    being_written = owners.folder_of(tmp_path) / ".part-abc.json"
    being_written.write_text("{")
    bury(tmp_path, owner.id)
    assert {path.name for path in owners.folder_of(tmp_path).glob("*.json")} == {being_written.name, f"{owner.id}.json"}


def test_what_a_restarted_machine_left_is_buried_once_it_is_old(tmp_path, owner, monkeypatch):
    own = owners.folder_of(tmp_path) / f"{owner.id}.json"
    left = own.with_name("left.json")
    left.write_text(own.read_text().replace(owners.machine(), "the machine before its restart"))
    assert {each["pid"] for each in living(tmp_path)} == {os.getpid()} and len(living(tmp_path)) == 2
    for behind, there in ((owners.OLD - 60, True), (owners.OLD + 60, False)):
        os.utime(left, (0, own.stat().st_mtime - behind))
        bury(tmp_path, owner.id)
        assert left.exists() is there
    assert len(living(tmp_path)) == 1


def test_a_heartbeat_that_cannot_be_written_stops_nobody(tmp_path, owner, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(owners, "write_atomically", full)
    owner.beat()
    assert lives(tmp_path, owner.id) is True


def test_a_claim_that_cannot_be_written_says_so(tmp_path, owner, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("panda_core.grid.claims.write_atomically", full)
    with pytest.raises(StoreError, match=r"No space left on device.*start again"):
        Claims(tmp_path).take("run", owner.id)
    assert Claims(tmp_path).holder("run") is None


def claim_all(root, runs, pipe):
    """Claim every run once; report those that were granted, and live on until told."""
    owner = Owner(Path(root), "worker")
    pipe.send([run for run in runs if Claims(Path(root)).take(run, owner.id) is None])
    pipe.recv()


def test_processes_that_race_for_the_same_runs_share_them_out(tmp_path):
    runs = [f"run-{i}" for i in range(40)]
    pipes, processes = [], []
    for order in (runs, runs[::-1], runs[20:] + runs[:20]):
        pipe, theirs = SPAWN.Pipe()
        processes.append(SPAWN.Process(target=claim_all, args=(str(tmp_path), order, theirs)))
        processes[-1].start()
        pipes.append(pipe)
    granted = [pipe.recv() for pipe in pipes]
    for process in processes:
        process.kill()
        process.join()
    assert sorted(run for each in granted for run in each) == sorted(runs)
