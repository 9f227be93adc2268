"""The grid on a real Ray cluster of two nodes on this machine, one of which is killed in the middle."""

import os
import threading
import time
from collections import Counter

import psutil
import pytest

ray = pytest.importorskip("ray", reason="pip install -e '.[ray]'")

from ray.cluster_utils import Cluster  # noqa: E402

from panda_core.experiments import Parameters, runs_of  # noqa: E402
from panda_core.grid.owners import folder_of  # noqa: E402
from panda_core.grid.run import run_grid  # noqa: E402
from panda_core.store import Store  # noqa: E402
from panda_core.verification import verify  # noqa: E402

pytestmark = pytest.mark.ray
NODE = {"num_cpus": 1, "num_gpus": 1, "object_store_memory": 80 * 1024 * 1024}


@pytest.fixture(scope="module")
def cluster():
    """A cluster of one node."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OMP_NUM_THREADS", "1")
        patch.setenv("HF_HUB_OFFLINE", "1")
        made = Cluster(initialize_head=True, head_node_args={**NODE, "include_dashboard": False})
        ray.init(address=made.address, log_to_driver=False, logging_level="ERROR")
        yield made
        ray.shutdown()
        made.shutdown()


def test_workers_get_whole_paths(monkeypatch, tmp_path):
    from panda_core.executors.ray import passed_on

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PANDA_DATA", "../data")
    monkeypatch.delenv("PANDA_CACHE", raising=False)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_TOKEN", "secret")
    found = passed_on()
    assert found["PANDA_DATA"] == str(tmp_path.parent / "data") and found["HF_HUB_OFFLINE"] == "1"
    assert not {"PANDA_CACHE", "PATH", "HF_TOKEN"} & found.keys()


def test_a_node_that_is_killed_in_the_middle_costs_nothing(cluster, tmp_path, grid, undisturbed):
    from panda_core.executors.ray import RayExecutor

    second = cluster.add_node(**NODE)
    store = Store(grid.store)
    given = Parameters(
        plms=(grid.words[2],), sources=("mnli",), targets=("cb", "copa"), methods=("vanilla-pot", "panda"),
        settings=grid.settings,
    )
    executors, ends, gpus = [], Counter(), set()

    def place(_):
        return ray.get_runtime_context().get_node_id(), os.getpid(), os.environ["CUDA_VISIBLE_DEVICES"]

    class Watched(RayExecutor):
        def __init__(self, root, workers):
            super().__init__(root, workers)
            executors.append(self)

        def wait(self, timeout):
            endings = super().wait(timeout)
            ends.update(ending.state for ending in endings)
            return endings

    def kill_while_it_works():
        while not executors:
            time.sleep(0.05)
        places = {slot: ray.get(slot.actor.__ray_call__.remote(place)) for slot in executors[0].slots}
        victim, process = next(
            (slot, psutil.Process(pid)) for slot, (node, pid, _) in places.items() if node == second.node_id
        )
        gpus.update(seen for _, _, seen in places.values())
        while True:
            while victim.assignment is None:
                time.sleep(0.01)
            process.suspend()
            time.sleep(1.0)  # an answer that was on its way arrives
            if victim.assignment is not None:
                break
            process.resume()
        process.kill()
        cluster.remove_node(second, allow_graceful=False)

    killer = threading.Thread(target=kill_while_it_works, daemon=True)
    killer.start()
    progress, stopped = run_grid(runs_of(("table-02",), given), store, lambda: Watched(store.root, 2), ("table-02",))
    assert not killer.is_alive() and not stopped
    assert progress.values()["done"] == progress.total and not progress.failures
    assert ends["lost"] >= 1 and ends["made"] == progress.total
    assert verify(store).problems == [] and grid.contents() == undisturbed.contents()
    assert not second.live_processes()
    assert gpus == {""}  # these workers were given none


def test_workers_share_a_gpu(cluster, tmp_path):
    """Ray counts GPUs, whether there are any or not: on a node with one there is room for two halves."""
    from panda_core.executors.ray import RayExecutor

    executor = RayExecutor(tmp_path / "store", 3, cpus=0.25, gpus=0.5)
    for _ in range(3000):
        executor.wait(0.1)
        if len(executor.free()) == 2:
            break
    time.sleep(2)
    executor.wait(0.1)
    held = [ray.get(slot.actor.__ray_call__.remote(lambda _: ray.get_gpu_ids())) for slot in executor.free()]
    assert len(list(folder_of(tmp_path / "store").glob("*.json"))) == 2
    executor.stop()
    assert list(folder_of(tmp_path / "store").iterdir()) == []  # all took leave
    assert held == [[0], [0]]


def test_code_that_does_not_work_on_the_nodes_is_an_error(cluster, tmp_path, monkeypatch):
    from panda_core.errors import WorkError
    from panda_core.executors.ray import RayExecutor

    (tmp_path / "file").touch()
    executor = RayExecutor(tmp_path / "file" / "store", 1)
    with pytest.raises(WorkError, match="a worker cannot work"):
        for _ in range(3000):
            executor.wait(0.1)
