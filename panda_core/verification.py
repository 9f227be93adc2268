"""Whether every file of a run store is what it was when it was written: `panda verify`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from panda_core.errors import UsageError, WorkError
from panda_core.files import sha256_of
from panda_core.grid.failures import Failures
from panda_core.methods import METHODS
from panda_core.methods.method import IMPORTED
from panda_core.peft_format.imported import imported_prompts
from panda_core.record import Record, superseded
from panda_core.runs import command, inputs, run_id
from panda_core.store import Store
from panda_core.transferability.stored import embedding_problems


@dataclass(frozen=True)
class Findings:
    """What is wrong with a store, one line per damaged file, and which sound records were superseded, a line each.

    Superseded is a record that started from a prompt which was trained again since and came out different: few prompts
    are committed, and on another machine or by another version the same run gives slightly other numbers.
    """

    records: int
    problems: list[str]
    superseded: list[str]


def verify(store: Store) -> Findings:
    """Read every file of `store` once."""
    records, problems = [], []
    for path in store.record_paths():
        try:
            records.append(store.read(path))
        except (WorkError, UsageError) as error:
            problems.append(str(error))
    prompts = {record.id: record.files.get("prompt") for record in records}
    imported, damaged = imported_prompts(store.root, prompts)
    problems += damaged
    by_id = {record.id: record for record in records}
    for record in records:
        problems += [
            *_inputs(store, record, imported),
            *_equal(store, record, by_id.get(record.equal_to)),
            *_prompts(store, record),
        ]
    problems += [*embedding_problems(store.root, prompts | imported), *Failures(store.root).problems()]
    return Findings(len(records), problems, list(_superseded(store, records)))


def _inputs(store: Store, record: Record, imported: Mapping[str, str]) -> Iterator[str]:
    """The runs and imported prompts that a record started from are there."""
    path, again = store.record_path(record.spec), command(record.spec)
    for role, needed in inputs(record.spec).items():
        if needed.method == IMPORTED:
            if run_id(needed) not in imported:
                yield f"{path}: its {role} {needed.sources[0]} is not in the store; import its adapter again"
        elif not store.record_path(needed).exists():
            # a teacher has no command of its own: the run that needs it makes it, where that is not there yet
            remedy = f"delete {path} and run: {again}" if METHODS[needed.method].internal else f"run: {command(needed)}"
            yield f"{path}: its {role} run {run_id(needed)} has no record; {remedy}"


def _equal(store: Store, record: Record, other: Record | None) -> Iterator[str]:
    """A record that took over the result of another still has it."""
    if other and (other.curve, other.files["predictions"]) != (record.curve, record.files["predictions"]):
        yield (
            f"{store.record_path(record.spec)}: its result is that of run {other.id}, which was made again since and "
            f"gave another; delete the file and run: {command(record.spec)}"
        )


def _prompts(store: Store, record: Record) -> Iterator[str]:
    """What is kept of its prompt, in the cache and in the library, is what it trained."""
    for path in store.prompt_paths(record.spec):
        if path.exists() and record.files.get("prompt") not in (None, sha256_of(path)):
            yield f"{path}: not the file that its record names; delete it, it is made again"


def _superseded(store: Store, records: Sequence[Record]) -> Iterator[str]:
    for record, role in superseded(records):
        yield f"{store.record_path(record.spec)}: its {role} run {record.inputs[role]} was made again since"
