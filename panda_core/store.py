"""The run store: one record per run, its predictions beside it, prompts in a cache that git ignores.

    <root>/records/<tier>/<id>.json         what was measured, with its provenance
    <root>/predictions/<tier>/<id>.parquet  predictions on the validation set at the best evaluation
    <root>/cache/prompts/<id>.safetensors   the trained prompt and head
    <root>/cache/checkpoints/<id>.pt        what a long run has reached, while it runs
    <root>/prompts/<id>.safetensors         the small committed library, looked in after the cache; imported prompts
    <root>/embeddings/<tier>/<id>.safetensors   task embeddings, see `panda_core.transferability.stored`
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from panda_core.environment import ROOT
from panda_core.errors import DamagedError, PandaError, StoreError, UsageError, WorkError
from panda_core.files import TEMPORARY, read_safetensors, sha256_of, staged, write_safetensors
from panda_core.record import SCHEMA, Record, digest_of
from panda_core.runs import RunSpec, adapter_of, command, run_id

if TYPE_CHECKING:
    import pandas as pd


class Store:
    """The run store below one folder; see the module for its layout."""

    def __init__(self, root: Path | str | None = None):
        self.root = Path(root or os.environ.get("PANDA_STORE") or default_root())
        if self.root.is_file():
            raise UsageError(f"{self.root}: this is a file, a store is a folder; name another one in PANDA_STORE")

    def record_path(self, spec: RunSpec) -> Path:
        """Where the record of a run is, or would be."""
        return self.root / "records" / spec.tier / f"{run_id(spec)}.json"

    def predictions_path(self, spec: RunSpec) -> Path:
        """Where the predictions of a run are, or would be."""
        return self.root / "predictions" / spec.tier / f"{run_id(spec)}.parquet"

    def checkpoint_path(self, spec: RunSpec) -> Path:
        """Where a long run saves what it has reached, until it is done."""
        return self.root / "cache" / "checkpoints" / f"{run_id(spec)}.pt"

    def find(self, spec: RunSpec) -> Record | None:
        """The record of a run, or None if it was not made yet; a `DamagedError` where it is damaged."""
        path = self.record_path(spec)
        return self.read(path) if path.exists() else None

    def read(self, path: Path) -> Record:
        """A record and the check that it is what was written: shape, digest, id, place and predictions.

        Raises a `DamagedError`, or a `WorkError` where the file cannot be read or is of another version.
        """
        from pydantic import ValidationError

        try:
            text = path.read_text(encoding="utf-8", errors="replace")
        except OSError as error:
            raise WorkError(f"{path}: cannot be read ({error.strerror})") from None
        try:
            values = json.loads(text)
            record, digest = adapter_of(Record).validate_python(values), digest_of(values)
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(map(str, first["loc"]))
            raise _damaged(path, text, f"field '{field}': {first['msg'].lower()}") from None
        except ValueError:
            raise _damaged(path, text, "cut off or not JSON") from None
        if record.schema != SCHEMA:
            what = f"written in format {record.schema}, this version reads {SCHEMA}"
            raise WorkError(_advice(path, text, what))
        if digest != record.digest:
            raise _damaged(path, text, "changed after it was written (its digest does not match)")
        try:
            key, again = run_id(record.spec), command(record.spec)
        except (KeyError, UsageError):
            raise WorkError(_advice(path, text, "its method or tasks are not known to this version")) from None
        if not record.id == key == path.stem or path.parent.name != record.spec.tier:
            raise _damaged(path, text, "the id or the folder is not the one of its spec")
        predictions = self.predictions_path(record.spec)
        if not predictions.exists() or sha256_of(predictions) != record.files.get("predictions"):
            remedy = f"delete {path} and run: {again}"
            raise DamagedError(f"{predictions}: missing or not the file that the record names; {remedy}")
        return record

    def state(self, spec: RunSpec) -> dict | None:
        """The trained tensors of a run, or None where the store does not hold them; damaged ones are an error."""
        record, path = self.find(spec), self.prompt_path(spec)
        if path is None:
            return None
        if record and sha256_of(path) != record.files.get("prompt", sha256_of(path)):
            raise WorkError(f"{path}: not the file that its record names; delete it, it is made again")
        return read_safetensors(path)

    def prompt_path(self, spec: RunSpec) -> Path | None:
        """Where the trained tensors of a run are kept, or None where they are not."""
        return next((path for path in self.prompt_paths(spec) if path.exists()), None)

    def prompt_paths(self, spec: RunSpec) -> tuple[Path, Path]:
        """Where the trained tensors of a run may be: in the cache and in the library."""
        library = self.library_path(spec)
        return self.root / "cache" / "prompts" / library.name, library

    def library_path(self, spec: RunSpec) -> Path:
        """Where the trained tensors of a run are in the library, or would be."""
        return self.root / "prompts" / f"{run_id(spec)}.safetensors"

    def predictions(self, spec: RunSpec) -> pd.DataFrame:
        """The predictions of a finished run: `reference`, `prediction`, and `probabilities` where there are any."""
        import pandas as pd

        return pd.read_parquet(self.predictions_path(spec))

    def save(self, record: Record, predictions: pd.DataFrame, state: dict) -> Record:
        """Write prompt, predictions and, last of all, the record: a run is done when its record is there.

        All three are whole before the first is put in place. The record of an earlier making goes before that, so that
        a process killed on the way leaves no record beside files of another making. Raises a `StoreError` where the
        disk is full or cannot be written.
        """
        with writing(self.root):
            return self._save(record, predictions, state)

    def _save(self, record: Record, predictions: pd.DataFrame, state: dict) -> Record:
        prompt, path = self.prompt_paths(record.spec)[0], self.record_path(record.spec)
        paths = prompt, self.predictions_path(record.spec), path
        with staged(*paths, before=lambda: path.unlink(missing_ok=True)) as (new_prompt, new_predictions, new_record):
            write_safetensors(new_prompt, state, {"run": record.id, "plm": record.spec.plm})
            predictions.to_parquet(new_predictions, index=False)
            files = {"predictions": sha256_of(new_predictions), "prompt": sha256_of(new_prompt)}
            sealed = Record(**{**asdict(record), "files": files, "spec": record.spec}).sealed()
            text = json.dumps(sealed, indent=1, ensure_ascii=False, allow_nan=False)
            new_record.write_text(text + "\n", encoding="utf-8")
        return self.read(path)

    def record_paths(self) -> Iterator[Path]:
        """The files of all records, of every tier."""
        found = (self.root / "records").glob("*/*.json")
        yield from sorted(path for path in found if not path.name.startswith(TEMPORARY))

    def records(self) -> list[Record]:
        """All records; a `WorkError` at the first damaged one."""
        return [self.read(path) for path in self.record_paths()]


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """What fails to be written below `folder` is a `StoreError` that says so."""
    from safetensors import SafetensorError

    try:
        yield
    except (OSError, SafetensorError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise StoreError(
            f"{folder}: could not be written ({reason}); finished runs are safe: free space or check the rights, "
            "then start again"
        ) from error


def _damaged(path: Path, text: str, what: str) -> DamagedError:
    """The error for a damaged record of that text."""
    return DamagedError(_advice(path, text, what))


def _advice(path: Path, text: str, what: str) -> str:
    """What is wrong with a record of that text, with the command that makes the run again where its spec is whole.

    The id, which names the file, proves that.
    """
    remedy = "delete the file and make the run again"
    with suppress(ValueError, KeyError, PandaError):
        _, _, rest = text.partition('"spec":')
        values, _ = json.JSONDecoder().raw_decode(rest.lstrip())
        spec = adapter_of(RunSpec).validate_python(values)
        if run_id(spec) == path.stem:
            remedy = f"delete the file and run: {command(spec)}"
    return f"{path}: {what}; {remedy}"


def default_root() -> Path:
    """`results/` of the checkout that this code runs from, else of the working folder."""
    return ROOT / "results" if (ROOT / "notebooks").is_dir() else Path("results")
