"""The driver: what it starts when, and what it makes of every way in which a run can end."""

import os
from dataclasses import dataclass
from types import SimpleNamespace

import pytest
import torch

from panda_core.errors import PassingError, StoreError
from panda_core.executors.local import take_gpu
from panda_core.files import TEMPORARY
from panda_core.grid import run
from panda_core.grid.claims import Claims
from panda_core.grid.dag import dag
from panda_core.grid.driver import ATTEMPTS, STARTS, Driver
from panda_core.grid.failures import Failures
from panda_core.grid.making import LAST, Assignment, ClaimedStore, Ending, LostClaim, make, plm_of
from panda_core.grid.owners import Owner
from panda_core.grid.plan import plan
from panda_core.grid.progress import Progress
from panda_core.methods import target_like
from panda_core.runs import inputs, make_spec, run_id
from panda_core.store import Store


def spec(method="panda", plm="tiny", source="mnli", target="cb", seed=0, **training):
    sources = () if method == "p-tuning-v2" else (source,)
    settings = {f"training.{name}": str(value) for name, value in training.items()}
    return make_spec(plm=plm, method=method, sources=sources, target=target, seed=seed, settings=settings)


@dataclass
class FakeSlot:
    assignment: object = None
    plm: object = None


class Workers:
    """Workers that end each run as `ends` says, by method: a list of states, the last one for good."""

    def __init__(self, count=1, **ends):
        self.slots, self.ends, self.started, self.stopped, self.holder = [FakeSlot() for _ in range(count)], ends, [], 0, ""

    def free(self):
        return [slot for slot in self.slots if slot.assignment is None]

    def submit(self, slot, assignment):
        slot.assignment, slot.plm = assignment, plm_of(assignment.spec)
        self.started.append(assignment)

    def wait(self, timeout):
        endings = []
        for slot in self.slots:
            if slot.assignment:
                ends = self.ends.get(slot.assignment.spec.method.replace("-", "_"), ["made"])
                state = ends.pop(0) if len(ends) > 1 else ends[0]
                endings.append(Ending(slot.assignment.id, state, f"because {state}", self.holder))
                slot.assignment = None
        return endings

    def stop(self):
        self.stopped += 1

    def names(self):
        return [(assignment.spec.method, assignment.spec.target) for assignment in self.started]


@pytest.fixture
def drive(tmp_path):
    def run(blocks, workers, broken=None, **more):
        store = Store(tmp_path)
        found = plan(blocks, store)
        progress = Progress(("test",), len(found.nodes), 0, dict(found.costs))
        lines = []
        driver = Driver(found, broken or {}, store, workers, progress, lines.append, **more)
        driver.drive()
        assert workers.stopped == 1
        return driver, progress, lines

    return run


def test_every_run_is_made_once_and_after_its_inputs(drive):
    blocks = [[spec(), spec("vanilla-pot"), spec(source="qnli")]]
    workers = Workers(3)
    _, progress, lines = drive(blocks, workers)
    nodes = dag(blocks)
    order = [assignment.id for assignment in workers.started]
    assert sorted(order) == sorted(nodes)
    assert all(order.index(key) < order.index(node.id) for node in nodes.values() for key in node.inputs)
    assert (progress.made, progress.blocked, lines) == (len(nodes), 0, [])
    assert progress.values()["done"] == len(nodes) and progress.values()["seconds_left"] == 0


def test_the_longest_chain_comes_first(drive):
    workers = Workers()
    drive([[spec("p-tuning-v2", target="rte"), spec()]], workers)
    # the source prompt (160 steps and two runs after it) before the two target prompts
    assert workers.names()[0] == ("p-tuning-v2", "mnli")


def test_earlier_blocks_come_first(drive):
    workers = Workers()
    drive([[spec("p-tuning-v2", target="rte")], [spec("vanilla-pot")]], workers)
    assert workers.names()[0] == ("p-tuning-v2", "rte")


def test_a_worker_stays_with_its_plm(drive):
    workers = Workers()
    drive([[spec("p-tuning-v2", plm=plm, target=target) for target in ("cb", "rte") for plm in ("a", "b")]], workers)
    plms = [assignment.spec.plm for assignment in workers.started]
    assert plms in (["a", "a", "b", "b"], ["b", "b", "a", "a"])


def test_a_failed_run_blocks_what_starts_from_it_and_nothing_else(drive):
    workers = Workers(target_like=["failed"])
    _, progress, lines = drive([[spec(), spec("vanilla-pot")]], workers)
    assert ("vanilla-pot", "cb") in workers.names() and ("panda", "cb") not in workers.names()
    assert progress.blocked == 1 and progress.made == 3
    assert len(lines) == 1 and "target-like mnli -> cb" in lines[0] and "because failed" in lines[0]


def brief(method):
    """A run of so few steps that the teacher of PANDA equals vanilla transfer."""
    return spec(method, steps=10)


@pytest.mark.parametrize("order", [1, -1])
def test_a_run_that_may_take_the_result_of_another_comes_after_it(drive, order):
    workers = Workers(3)
    _, progress, _ = drive([[brief("vanilla-pot"), brief("panda")][::order]], workers)
    names = [method for method, target in workers.names() if target == "cb"]
    assert names.index("vanilla-pot") < names.index("target-like") < names.index("panda")
    assert progress.made == 5


def test_a_run_that_may_take_a_result_is_made_where_that_one_fails(drive):
    workers = Workers(vanilla_pot=["failed"])
    _, progress, _ = drive([[brief("vanilla-pot"), brief("panda")]], workers)
    assert ("target-like", "cb") in workers.names() and ("panda", "cb") in workers.names()
    assert (progress.made, progress.blocked, len(progress.failures)) == (4, 0, 1)


@pytest.mark.parametrize(
    ("grid", "equal"),
    [
        ([brief("panda"), brief("vanilla-pot")], brief("vanilla-pot")),
        ([brief("panda"), brief("p-tuning-v2")], None),  # that run is not asked for
        ([spec("panda"), spec("vanilla-pot")], None),  # an epoch, of 60 steps
    ],
)
def test_which_run_equals_a_teacher(grid, equal):
    (teacher,) = [node for node in dag([grid]).values() if node.spec.method == "target-like"]
    assert teacher.equal == (equal and run_id(equal))


@pytest.mark.parametrize(
    ("budget", "teacher", "steps"),
    [
        ({"steps": "60"}, {}, 25),  # 400 examples in batches of 16
        ({"steps": "25"}, {}, None),
        ({"epochs": "3"}, {}, 25),
        ({"epochs": "1"}, {}, None),
        ({"epochs": "2"}, {"small_epochs": "3"}, None),
        ({"epochs": "2"}, {"small_task": "100"}, None),
        ({"epochs": "2"}, {"small_task": "100", "large_steps": "40"}, 40),
    ],
)
def test_a_teacher_is_never_longer_than_its_student(budget, teacher, steps):
    groups = {"training": budget, "teacher": teacher}
    settings = {f"{group}.{name}": value for group, given in groups.items() for name, value in given.items()}
    wanted = make_spec(plm="tiny", method="panda", sources=("mnli",), target="cb", settings=settings)
    assert target_like.brief(inputs(wanted)["teacher"], 400) == steps


def test_failures_of_variants_are_counted_each(drive):
    variants = [make_spec(plm="tiny", method="p-tuning-v2", target="cb", settings={"training.steps": n}) for n in "12"]
    _, progress, _ = drive([variants], Workers(p_tuning_v2=["failed"]))
    assert progress.values()["failed"] == 2 and len(progress.values()["failures"]) == 2


def test_runs_known_to_be_broken_are_not_tried(drive):
    node = next(iter(dag([[spec("vanilla-pot")]]).values()))
    workers = Workers()
    _, progress, lines = drive([[spec("vanilla-pot")]], workers, {node.id: "the loss is nan"})
    assert workers.started == [] and progress.blocked == 1 and "the loss is nan" in lines[0]


def test_a_lost_run_is_tried_again_and_given_up_in_the_end(drive, tmp_path):
    workers = Workers(p_tuning_v2=["lost", "lost", "made"])
    _, progress, _ = drive([[spec("p-tuning-v2")]], workers)
    assert len(workers.started) == 3 and progress.made == 1
    workers = Workers(p_tuning_v2=["lost"])
    _, progress, lines = drive([[spec("p-tuning-v2", target="rte")]], workers)
    assert len(workers.started) == ATTEMPTS and f"given up after {ATTEMPTS} attempts: because lost" in lines[0]
    assert "because lost" in Failures(tmp_path).cause(spec("p-tuning-v2", target="rte"))


def test_workers_that_die_before_they_begin_cost_no_attempt_until_they_always_do(drive):
    workers = Workers(p_tuning_v2=["unstarted"] * STARTS + ["made"])
    _, progress, _ = drive([[spec("p-tuning-v2")]], workers)
    assert progress.made == 1 and len(workers.started) == STARTS + 1
    with pytest.raises(StoreError, match="because unstarted"):
        drive([[spec("p-tuning-v2")]], Workers(p_tuning_v2=["unstarted"]))


def test_an_unusable_store_ends_the_grid(drive):
    workers = Workers(p_tuning_v2=["unusable"])
    with pytest.raises(StoreError, match="because unusable"):
        drive([[spec()]], workers)
    assert workers.stopped == 1 and len(workers.started) == 1


def test_a_stop_starts_nothing_more(drive, monkeypatch):
    workers, wait = Workers(), Workers.wait

    def stop_after_the_first(self, timeout):
        drivers[0].stop()
        return wait(self, timeout)

    drivers, init = [], Driver.__init__
    monkeypatch.setattr(Driver, "__init__", lambda self, *words, **more: drivers.append(self) or init(self, *words, **more))
    monkeypatch.setattr(Workers, "wait", stop_after_the_first)
    driver, progress, _ = drive([[spec()]], workers)
    assert driver.stopping and progress.made == 1 and len(workers.started) == 1


def test_a_run_of_another_driver_is_waited_for(drive, tmp_path, monkeypatch):
    """It is tried again when its maker gave it back, and the worker finds it made."""
    monkeypatch.setattr("panda_core.grid.driver._LOOK", 0.0)
    other = Owner(tmp_path, "worker")
    node = next(iter(dag([[spec("p-tuning-v2")]]).values()))
    claims = Claims(tmp_path)
    claims.take(node.id, other.id)
    ticks = []

    def tick():
        ticks.append(len(workers.started))
        if len(ticks) == 5:
            claims.release(node.id, other.id)

    workers = Workers(p_tuning_v2=["busy", "found"])
    workers.holder = other.id
    _, progress, _ = drive([[spec("p-tuning-v2")]], workers, tick=tick)
    assert ticks[4] == 1 and len(workers.started) == 2
    assert (progress.made, progress.found) == (0, 1)
    other.close()


def test_a_run_of_a_dead_driver_is_taken_over(drive, tmp_path, monkeypatch):
    monkeypatch.setattr("panda_core.grid.driver._LOOK", 0.0)
    other = Owner(tmp_path, "worker")
    node = next(iter(dag([[spec("p-tuning-v2")]]).values()))
    Claims(tmp_path).take(node.id, other.id)
    monkeypatch.setattr("panda_core.grid.owners.machine", lambda: "another machine")
    workers = Workers(p_tuning_v2=["busy", "made"])
    workers.holder = other.id
    _, progress, _ = drive([[spec("p-tuning-v2")]], workers, lease=0.0)
    assert progress.made == 1 and workers.started[1].expired == other.id
    other.close()


def test_workers_share_the_gpus_by_turns(monkeypatch):
    chosen = []
    monkeypatch.setattr(torch.cuda, "set_device", chosen.append)
    take_gpu(0)
    assert chosen == []  # there is none here
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    for number in range(5):
        take_gpu(number)
    assert chosen == [0, 1, 0, 1, 0]


def test_a_lost_claim_saves_nothing(tmp_path):
    other = Owner(tmp_path, "worker")
    Claims(tmp_path).take("run", other.id)
    record = SimpleNamespace(id="run", spec=SimpleNamespace(label="a run"))
    with pytest.raises(LostClaim, match="a run: taken over by another process"):
        ClaimedStore(tmp_path, "me", "run").save(record, None, {})
    Claims(tmp_path).release("run", other.id)  # it has made the run
    with pytest.raises(LostClaim):
        ClaimedStore(tmp_path, "me", "run").save(record, None, {})
    other.close()


def test_a_failing_disk_is_no_failure_of_the_run(tmp_path, monkeypatch):
    def broken(*_):
        raise RuntimeError("could not write")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("panda_core.execution.complete", broken)
    monkeypatch.setattr("panda_core.grid.making.write_atomically", full)
    wanted, owner = spec("p-tuning-v2"), Owner(tmp_path, "worker")
    ending = make(Assignment(run_id(wanted), wanted), tmp_path, owner.id)
    owner.close()
    assert ending.state == "unusable" and "No space left" in ending.cause
    assert list(Failures(tmp_path).all()) == []


def test_temporary_files_are_swept_only_by_a_driver_that_is_alone(tmp_path):
    left = tmp_path / "records" / f"{TEMPORARY}left"
    left.parent.mkdir()
    left.touch()
    os.utime(left, (0, 0))
    mine, other = Owner(tmp_path, "driver"), Owner(tmp_path, "worker")
    run._sweep(Store(tmp_path), mine.id)
    assert left.exists()
    other.close()
    run._sweep(Store(tmp_path), mine.id)
    assert not left.exists()
    mine.close()


def test_a_folder_that_a_killed_export_left_is_swept_too(tmp_path):
    left = tmp_path / f"{TEMPORARY}export"
    left.mkdir(parents=True)
    (left / "adapter_config.json").touch()
    os.utime(left, (0, 0))
    mine = Owner(tmp_path, "driver")
    run._sweep(Store(tmp_path), mine.id)
    assert not left.exists()
    mine.close()


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"),
        torch.AcceleratorError("CUDA error: an illegal memory access was encountered"),
        MemoryError("no memory"),
        PassingError("the hub is busy"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_may_pass_is_no_failure_of_the_run(tmp_path, monkeypatch, error):
    """The run is given back, and the worker's process ends: another one may have memory, or a GPU that works."""
    def broken(*_):
        raise error

    monkeypatch.setattr("panda_core.execution.complete", broken)
    monkeypatch.setattr("panda_core.grid.making._PAUSE", 0.0)
    wanted, owner = spec("p-tuning-v2"), Owner(tmp_path, "worker")
    ending = make(Assignment(run_id(wanted), wanted), tmp_path, owner.id)
    owner.close()
    assert (ending.state, ending.cause) == ("lost", str(error)) and ending.state in LAST
    assert list(Failures(tmp_path).all()) == [] and Claims(tmp_path).holder(run_id(wanted)) is None


def test_an_unexpected_error_is_one_line_and_keeps_its_traceback(tmp_path, monkeypatch):
    def broken(*_):
        raise RuntimeError("shapes do not fit:\n  [2, 3]\n  [4]")

    monkeypatch.setattr("panda_core.execution.complete", broken)
    wanted, owner = spec("p-tuning-v2"), Owner(tmp_path, "worker")
    ending = make(Assignment(run_id(wanted), wanted), tmp_path, owner.id)
    owner.close()
    assert (ending.state, ending.cause) == ("failed", "RuntimeError: shapes do not fit: [2, 3] [4]")
    (failure,) = Failures(tmp_path).all()
    assert failure["cause"] == ending.cause and "Traceback" in failure["details"]
    assert Claims(tmp_path).holder(run_id(wanted)) is None
