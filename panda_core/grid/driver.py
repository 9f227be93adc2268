"""The driver of a grid: hands ready runs to workers until everything that can be made is made."""

import time
from collections import Counter
from collections.abc import Callable

from panda_core.errors import StoreError
from panda_core.executors import Executor, Slot
from panda_core.grid import owners
from panda_core.grid.claims import Claims
from panda_core.grid.dag import Node, dependents
from panda_core.grid.failures import Failures
from panda_core.grid.making import Assignment, Ending, plm_of
from panda_core.grid.plan import Plan
from panda_core.grid.progress import Progress
from panda_core.store import Store

ATTEMPTS = 3  # of a run whose worker dies
STARTS = 20  # of workers in a row that die before they begin
_TICK = 0.5  # seconds between looks at the signals
_LOOK = 3.0  # seconds between looks at runs of other drivers


class Driver:
    """One pass over a plan. `broken` are the runs that are not tried, with the reason, by id.

    `report` is told of every line that a person should see, `tick` is called often.
    """

    def __init__(
        self,
        plan: Plan,
        broken: dict[str, str],
        store: Store,
        executor: Executor,
        progress: Progress,
        report: Callable[[str], None],
        tick: Callable[[], None] = lambda: None,
        lease: float = owners.LEASE,
    ):
        self.plan, self.broken, self.store, self.executor = plan, broken, store, executor
        self.progress, self.report, self.tick = progress, report, tick
        self.failures, self.claims = Failures(store.root), Claims(store.root)
        self.watch = owners.Watch(store.root, lease)
        self.after = dependents(plan.nodes)
        self.waiting = {
            node.id: {key for key in node.awaited if plan.states[key] != "done"} for node in plan.to_make
        }
        self.ready = {key for key, needed in self.waiting.items() if not needed}
        self.running: dict[str, Node] = {}
        self.elsewhere: dict[str, str] = {}
        self.expired: dict[str, str] = {}
        self.attempts: Counter[str] = Counter()
        self.stopping, self.unstarted = False, 0
        self._looked = time.monotonic()

    def drive(self) -> None:
        """Make what can be made; returns when that is done, or soon after `stop`. A `StoreError` ends it too."""
        for key, cause in self.broken.items():
            self._fail(self.plan.nodes[key], cause)
        try:
            while not self.stopping and (self.ready or self.running or self.elsewhere):
                self._hand_out()
                for ending in self.executor.wait(_TICK):
                    self._take(ending)
                if time.monotonic() - self._looked > _LOOK:
                    self._look_elsewhere()
                self.tick()
        finally:
            self.executor.stop()

    def stop(self) -> None:
        """Ask `drive` to end: nothing new is started, and what is being made is cut short."""
        self.stopping = True

    def _hand_out(self) -> None:
        if not self.ready:
            return
        for slot in self.executor.free():
            if not self.ready:
                return
            key = min(self.ready, key=lambda key: self._rank(self.plan.nodes[key], slot))
            node = self.plan.nodes[key]
            self.ready.discard(key)
            self.running[key] = node
            again = self.plan.states[key] == "lost prompt"
            self.executor.submit(slot, Assignment(key, node.spec, again, self.expired.pop(key, "")))

    def _rank(self, node: Node, slot: Slot) -> tuple:
        """First come earlier blocks, then runs of the PLM that the worker has loaded, then the longest chains."""
        other_plm = slot.plm is not None and slot.plm != plm_of(node.spec)
        return node.block, other_plm, -self.plan.path[node.id], node.id

    def _take(self, ending: Ending) -> None:
        node = self.running.pop(ending.id)
        self.unstarted = self.unstarted + 1 if ending.state == "unstarted" else 0
        if ending.state in ("made", "found"):
            self._settle(node, ending.state == "made")
        elif ending.state == "failed":
            self._fail(node, ending.cause)
        elif ending.state == "busy":
            self.elsewhere[node.id] = ending.holder
        elif ending.state == "unusable" or self.unstarted > STARTS:
            raise StoreError(ending.cause)
        elif ending.state == "unstarted":
            self.ready.add(node.id)
        else:
            self.attempts[node.id] += 1
            if self.attempts[node.id] < ATTEMPTS:
                self.ready.add(node.id)
            else:
                cause = f"given up after {ATTEMPTS} attempts: {ending.cause or 'stopped by a signal'}"
                self.failures.record(node.spec, cause)
                self._fail(node, cause)

    def _look_elsewhere(self) -> None:
        """What became of the runs that other drivers make."""
        self._looked = time.monotonic()
        for key, holder in list(self.elsewhere.items()):
            now = self.claims.holder(key)
            if now == holder and not self.watch.dead(holder):
                continue
            if now not in (holder, None):
                self.elsewhere[key] = now
                continue
            # Made, failed, given back or left behind: the worker that claims it next finds out which.
            del self.elsewhere[key]
            self.expired[key] = holder
            self.ready.add(key)

    def _settle(self, node: Node, made: bool) -> None:
        self.progress.settled(node, made)
        self.waiting.pop(node.id, None)
        for later in self.after[node.id]:
            self._release(later, node.id)

    def _release(self, later: str, earlier: str) -> None:
        """A run need not wait for another one any longer."""
        if later in self.waiting:
            self.waiting[later].discard(earlier)
            if not self.waiting[later]:
                self.ready.add(later)

    def _fail(self, node: Node, cause: str) -> None:
        self.waiting.pop(node.id, None)
        self.ready.discard(node.id)
        self.progress.failed(node, cause)
        self.report(f"failed: {node.spec.label} [{node.id}]: {cause}")
        self._block(node)

    def _block(self, node: Node) -> None:
        for later in self.after[node.id]:
            if node.id not in self.plan.nodes[later].inputs:
                self._release(later, node.id)
            elif self.waiting.pop(later, None) is not None:
                self.ready.discard(later)
                self.progress.block(self.plan.nodes[later])
                self._block(self.plan.nodes[later])
