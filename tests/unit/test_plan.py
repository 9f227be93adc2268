"""The DAG of a grid, its plan against a store, and its estimated cost."""

import json
import subprocess
import sys
from itertools import pairwise

import pytest

from panda_core.experiments import Parameters, runs_of
from panda_core.grid import cost
from panda_core.grid.cost import CostModel
from panda_core.grid.dag import dag, dependents, path_costs
from panda_core.grid.failures import Failures
from panda_core.grid.plan import plan
from panda_core.runs import inputs, make_spec, run_id
from panda_core.store import Store


def spec(method="panda", **more):
    sources = () if method == "p-tuning-v2" else ("mnli",)
    return make_spec(**{"plm": "tiny", "method": method, "sources": sources, "target": "cb"} | more)


def test_runs_are_there_once_and_after_their_inputs():
    nodes = dag([[spec(), spec("vanilla-pot"), spec()], [spec(target="rte"), spec()]])
    # prompts of mnli, cb and rte; a teacher and a PANDA run for cb and for rte; vanilla transfer to cb
    assert len(nodes) == 3 + 2 * 2 + 1
    order = {key: place for place, key in enumerate(nodes)}
    for node in nodes.values():
        assert set(node.inputs) == {run_id(run) for run in inputs(node.spec).values()}
        assert all(order[key] < order[node.id] for key in node.inputs)
    assert {node.block for node in nodes.values() if node.spec.target == "cb"} == {0}
    assert {node.block for node in nodes.values() if node.spec.target == "rte"} == {1}


def test_dependents_are_the_inverse_of_inputs():
    nodes = dag([[spec(), spec("vanilla-pot")]])
    found = {(needed, key) for needed, later in dependents(nodes).items() for key in later}
    assert found == {(needed, node.id) for node in nodes.values() for needed in node.inputs}


def test_the_longest_chain_is_source_teacher_panda():
    nodes = dag([[spec()]])
    by_name = {(node.spec.method, node.spec.target): node.id for node in nodes.values()}
    costs = dict.fromkeys(nodes, 1.0) | {by_name["p-tuning-v2", "mnli"]: 10.0}
    path = path_costs(nodes, costs)
    assert path[by_name["p-tuning-v2", "mnli"]] == 10 + 1 + 1
    assert path[by_name["p-tuning-v2", "cb"]] == 1 + 1
    assert path[by_name["panda", "cb"]] == 1
    for chain in (("p-tuning-v2", "mnli"), ("target-like", "cb"), ("panda", "cb")), :
        assert all(path[by_name[a]] > path[by_name[b]] for a, b in pairwise(chain))


def record_of(spec, seconds, steps, cpu_seconds=0.0, torch="2.13.0+cu130", threads=4):
    from dataclasses import asdict

    environment = {"versions": {"torch": torch}, "threads": threads}
    return {
        "spec": asdict(spec), "seconds": seconds, "cpu_seconds": cpu_seconds, "steps": steps, "environment": environment
    }  # fmt: skip


def test_cost_goes_from_the_same_method_and_task_to_the_same_plm_to_the_stated_default():
    known = spec("vanilla-pot", settings={"training.steps": "100", "training.batch_size": "10"})
    model = CostModel([record_of(known, 50.0, 100), record_of(known, 150.0, 100)])
    per_example = 200.0 / 2000
    asked = {"settings": {"training.steps": "30", "training.batch_size": "20"}}
    assert model.seconds(spec("vanilla-pot", **asked)) == pytest.approx(600 * per_example)
    assert model.seconds(spec("panda", **asked)) == pytest.approx(600 * per_example)
    assert model.seconds(spec("panda", target="rte", **asked)) == pytest.approx(600 * per_example)
    assert model.seconds(spec("panda", plm="other", **asked)) == pytest.approx(600 * cost.DEFAULT_SECONDS)
    assert dict(model.used) == {"method and task": 1, "task": 1, "PLM": 1, "default": 1}


def test_on_a_cpu_processor_time_counts_and_where_a_gpu_may_have_worked_the_clock():
    known = spec("vanilla-pot", settings={"training.steps": "100", "training.batch_size": "10"})
    of = lambda *records: CostModel(records).seconds(known)
    # two threads worked 40 s each, whatever else the machine did meanwhile
    for on_the_clock in (41.0, 300.0):
        assert of(record_of(known, on_the_clock, 100, cpu_seconds=80.0, torch="2.13.0+cpu", threads=2)) == 40
    assert of(record_of(known, 50.0, 100, cpu_seconds=50.0, torch="2.13.0+cu130", threads=16)) == 50


def test_a_run_that_was_taken_from_another_one_counts_for_its_method_and_task_alone():
    asked = {"settings": {"training.steps": "100", "training.batch_size": "10"}}
    trained, taken = spec("vanilla-pot", **asked), spec("panda", **asked)
    model = CostModel([record_of(trained, 50.0, 100), *2 * [record_of(taken, 0.0, 100) | {"equal_to": "0" * 16}]])
    assert model.seconds(taken) == 0
    assert model.seconds(trained) == model.seconds(spec("p-tuning-v2", **asked)) == pytest.approx(50)


def test_one_record_that_stands_out_does_not_move_the_estimate():
    known = spec("vanilla-pot", settings={"training.steps": "100", "training.batch_size": "10"})
    times = (10.0, 11.0, 900.0)
    assert CostModel([record_of(known, seconds, 100) for seconds in times]).seconds(known) == pytest.approx(11)


def test_steps_of_a_run_and_of_its_teacher():
    def of(method, target, **settings):
        made = spec("panda", target=target, data="real", tier="full", settings=settings)
        return cost.steps(made if method == "panda" else inputs(made)["teacher"])

    assert of("panda", "cb") == 100 * 16  # 250 examples in batches of 16, 100 epochs (Table I)
    assert of("target-like", "cb") == 16
    assert of("panda", "cb", **{"training.steps": "5"}) == of("target-like", "cb", **{"training.steps": "5"}) == 5
    assert of("target-like", "cola", **{"teacher.small_task": "8000"}) == 1000


def write(store, spec, prompt=True):
    """A record that the plan takes as one (it looks at JSON and digest only), and its prompt."""
    from panda_core.record import digest_of

    values = {"spec": {"plm": "tiny", "data": "practice", "target": spec.target, "method": spec.method,
                       "training": {"batch_size": 8}}, "steps": 2, "seconds": 1.0, "cpu_seconds": 1.0,
              "environment": {"versions": {"torch": "2.13.0+cpu"}, "threads": 1}}
    path = store.record_path(spec)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(values | {"digest": digest_of(values)}))
    if prompt:
        kept = store.root / "cache" / "prompts" / f"{run_id(spec)}.safetensors"
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.touch()


def states(store, *specs):
    found = plan([specs], store)
    return {(found.nodes[key].spec.method, found.nodes[key].spec.target): state for key, state in found.states.items()}


def test_what_is_done_is_not_planned_again(tmp_path):
    store, wanted = Store(tmp_path), spec()
    assert set(states(store, wanted).values()) == {"missing"}
    write(store, inputs(wanted)["source"])
    assert states(store, wanted)["p-tuning-v2", "mnli"] == "done"
    write(store, wanted)
    found = plan([[wanted]], store)
    assert found.states[run_id(wanted)] == "done" and run_id(wanted) not in found.costs


def test_a_lost_prompt_is_made_again_only_where_a_missing_run_needs_it(tmp_path):
    store, wanted = Store(tmp_path), spec("vanilla-pot")
    write(store, inputs(wanted)["source"], prompt=False)
    assert states(store, wanted) == {("p-tuning-v2", "mnli"): "lost prompt", ("vanilla-pot", "cb"): "missing"}
    write(store, wanted, prompt=False)
    assert states(store, wanted) == {("p-tuning-v2", "mnli"): "done", ("vanilla-pot", "cb"): "done"}


def test_failed_and_damaged_runs_are_named(tmp_path):
    store, wanted = Store(tmp_path), spec()
    Failures(tmp_path).record(wanted, "the loss is nan at step 3")
    write(store, inputs(wanted)["source"])
    path = store.record_path(inputs(wanted)["source"])
    path.write_text(path.read_text().replace('"seconds": 1.0', '"seconds": 0.5'))
    found = states(store, wanted)
    assert found["panda", "cb"] == "failed" and found["p-tuning-v2", "mnli"] == "damaged"
    assert Failures(tmp_path).cause(wanted) == "the loss is nan at step 3"
    Failures(tmp_path).forget(wanted)
    assert states(store, wanted)["panda", "cb"] == "missing"


def test_time_with_workers_is_never_less_than_the_longest_chain(tmp_path):
    found = plan(runs_of(("table-02",), Parameters(sources=("mnli",), targets=("cb",), plms=("bert-tiny",))), Store(tmp_path))
    assert found.seconds(1) == pytest.approx(sum(found.costs.values()))
    assert found.seconds(1000) == pytest.approx(max(found.path.values()))
    assert sum(found.basis.values()) == len(found.costs) == len(found.nodes)


def test_tasks_whose_rows_cannot_be_had_are_named(tmp_path, monkeypatch):
    monkeypatch.setenv("PANDA_DATA", str(tmp_path))
    assert plan([[spec("vanilla-pot", data="real")]], Store(tmp_path)).not_at_hand() == ("mnli", "cb")
    for split in ("train", "validation"):
        (tmp_path / "cb").mkdir(exist_ok=True)
        (tmp_path / "cb" / f"{split}.parquet").touch()
    assert plan([[spec("vanilla-pot", data="real")]], Store(tmp_path)).not_at_hand() == ("mnli",)
    assert plan([[spec("vanilla-pot")]], Store(tmp_path)).not_at_hand() == ()


def test_planning_loads_no_torch(tmp_path):
    code = (
        "import sys; from panda_core.experiments import Parameters, runs_of; from panda_core.grid.plan import plan;"
        "from panda_core.grid.status import status; from panda_core.store import Store; import panda_core.cli;"
        f"s = Store({str(tmp_path)!r}); plan(runs_of(('paper-grid',), Parameters()), s); status(s.root);"
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
