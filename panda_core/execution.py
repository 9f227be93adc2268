"""Making a run and everything that it depends on."""

import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch

from panda_core.checkpoint import Checkpoint
from panda_core.data.availability import other_rows
from panda_core.environment import code_state, environment, peak_memory, reset_peak_memory
from panda_core.errors import WorkError
from panda_core.files import sha256_of
from panda_core.grid.failures import Failures
from panda_core.job import Job, Outcome
from panda_core.methods import METHODS
from panda_core.methods.method import IMPORTED
from panda_core.peft_format.imported import imported_state
from panda_core.plms.loading import load_plm, weights_digest
from panda_core.plms.plm import PLM
from panda_core.record import SCHEMA, Record
from panda_core.runs import RunSpec, inputs, normalise, run_id
from panda_core.store import Store, writing
from panda_core.tasks import get_task
from panda_core.training import Fit, precision_on

log = logging.getLogger(__name__)


_loaded: dict[tuple, PLM] = {}


def loaded_plm(name: str, revision: str | None, reads: str = "own") -> PLM:
    """A PLM, read as `HeadProtocol.reads` says, kept until another one is asked for."""
    key = (name, revision, reads)
    if key not in _loaded:
        _loaded.clear()  # first, so that two are never in memory
        torch.cuda.empty_cache()
        _loaded[key] = load_plm(name, None if reads == "own" else reads, revision)
    return _loaded[key]


def complete(spec: RunSpec, store: Store | None = None) -> Record:
    """The record of a run: read where the run was made before, else made now, after the runs it depends on.

    On a CPU the same spec gives the same scores on the same machine. Raises a `WorkError` where data or weights cannot
    be had, a record is damaged, training diverges, or the PLM is a folder whose weights are no longer those of the
    record; whatever was finished before stays in the store.
    """
    store = store or Store()
    record = store.find(spec)
    if record:
        _check_weights(record, store)
        if other_rows(get_task(spec.target), record.data):
            log.warning(
                "%s: made from other rows of %s than are named now; make it from these in another store (PANDA_STORE)",
                store.record_path(spec), spec.target,
            )
        rows = ", on a subset of the official rows" if record.subset else ""
        log.info("done before: %s, score %.1f [%s]%s", spec.label, record.score, record.id, rows)
        return record
    return _make(spec, store)


def _check_weights(record: Record, store: Store) -> None:
    """A folder's name says less than its content, and a run's id holds the name alone."""
    folder = Path(record.spec.plm)
    if folder.is_dir() and weights_digest(folder) != record.weights["sha256"]:
        raise WorkError(
            f"{store.record_path(record.spec)}: made with other weights than {folder} holds now; give these a folder "
            "of another name, or another store (PANDA_STORE)"
        )


def trained_state(spec: RunSpec, store: Store) -> dict[str, torch.Tensor]:
    """The trained tensors of a run that another one starts from; made again where only the record was kept.

    An imported prompt is read and checked instead.
    """
    if spec.method == IMPORTED:
        return imported_state(spec, loaded_plm(spec.plm, spec.revision, spec.protocol.head.reads), store)
    complete(spec, store)
    state = store.state(spec)
    if state is None:
        log.info("the prompt of %s is not kept in the store, so it is trained again", spec.label)
        _make(spec, store)
        state = store.state(spec)
    return state


def _make(spec: RunSpec, store: Store) -> Record:
    code_state()  # asked before the training, as the checkout may move on meanwhile
    with writing(store.root):  # before hours of training
        store.record_path(spec).parent.mkdir(parents=True, exist_ok=True)
    needed = {role: trained_state(run, store) for role, run in inputs(spec).items()}
    started_from = _prompts(spec, store)
    log.info("running: %s", spec.label)
    plm = loaded_plm(spec.plm, spec.revision, spec.protocol.head.reads)
    precision = precision_on(plm.device, spec.protocol.optimiser.precision)
    under = {**started_from, "device": plm.device.type, "precision": precision}
    checkpoint = Checkpoint(store.checkpoint_path(spec), under, device=plm.device)
    job = Job(spec, plm, needed, checkpoint, lambda run: finished(normalise(run), store))
    reset_peak_memory(str(plm.device))
    with torch.random.fork_rng([plm.device] if plm.device.type == "cuda" else []):
        outcome = METHODS[spec.method].train(job)
    fit = outcome.fit
    record = Record(
        id=run_id(spec),
        schema=SCHEMA,
        tier=spec.tier,
        spec=spec,
        inputs={role: run_id(run) for role, run in inputs(spec).items()},
        metric=get_task(spec.target).metric,
        score=max(point.score for point in fit.curve),
        score_last=fit.curve[-1].score,
        similarity=outcome.similarity,
        curve=fit.curve,
        steps=fit.steps,
        validation_size=len(fit.predictions),
        trainable_parameters=outcome.trainable_parameters,
        seconds=round(fit.seconds, 3),
        seconds_per_step=round(fit.train_seconds / fit.steps, 5),
        cpu_seconds=round(fit.cpu_seconds, 3),
        files={},
        similarities=outcome.similarities,
        started_from=started_from,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        **_circumstances(job, precision, outcome.taken_from),
    )
    record = store.save(record, fit.predictions, fit.best)
    Failures(store.root).forget(spec)
    checkpoint.remove()
    torch.cuda.empty_cache()  # for those who share the GPU
    log.info("finished: %s, score %.1f after %.0f s [%s]", spec.label, record.score, record.seconds, record.id)
    return record


def finished(spec: RunSpec, store: Store) -> Outcome | None:
    """What a finished run gave, to be the outcome of another one that equals it.

    None where it is not kept whole, or started from another prompt than the one that is there now.
    """
    record, state = store.find(spec), store.state(spec)
    if record is None or state is None or record.started_from != _prompts(spec, store):
        return None
    log.info("equal to %s [%s], so nothing is trained", spec.label, record.id)
    fit = Fit(state, store.predictions(spec), record.curve, record.steps, 0.0, 0.0, 0.0)
    return Outcome(fit, record.trainable_parameters, taken_from=record)


def _prompts(spec: RunSpec, store: Store) -> dict[str, str]:
    """SHA-256 of the prompts that a run starts from, by role, those that are not kept left out."""
    found = {role: store.prompt_path(run) for role, run in inputs(spec).items()}
    return {role: sha256_of(path) for role, path in found.items() if path}


def _circumstances(job: Job, precision: str, taken_from: Record | None) -> dict[str, Any]:
    """The fields of a record that say where and on what its fit was trained: here, or in the run it is taken from."""
    if taken_from:
        kept = {name: getattr(taken_from, name) for name in ("environment", "data", "weights")}
        return {"equal_to": taken_from.id, "peak_memory": 0, **kept}
    device = str(job.plm.device)
    return {
        "peak_memory": peak_memory(device),
        "environment": environment(device, precision),
        "data": {"train": job.train.provenance, "validation": job.validation.provenance},
        "weights": job.plm.provenance,
    }
