"""Runs that failed, as files: <root>/failures/<tier>/<id>.json. A failed run is not tried again by itself."""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from panda_core.environment import code_state
from panda_core.files import write_atomically
from panda_core.runs import RunSpec, command, run_id
from panda_core.store import writing


class Failures:
    """The failure records of the store below `root`."""

    def __init__(self, root: Path):
        self.root = root

    def path(self, spec: RunSpec) -> Path:
        """Where the failure of a run is, or would be."""
        return self.root / "failures" / spec.tier / f"{run_id(spec)}.json"

    def record(self, spec: RunSpec, cause: str, details: str = "") -> None:
        """Write down why a run failed; `details` may be a traceback."""
        values = {
            "id": run_id(spec),
            "label": spec.label,
            "cause": cause,
            "details": details,
            "command": command(spec),
            "spec": asdict(spec),
            **code_state(),
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        text = json.dumps(values, indent=1, ensure_ascii=False)
        with writing(self.root):
            write_atomically(self.path(spec), lambda temporary: temporary.write_text(text + "\n", encoding="utf-8"))

    def cause(self, spec: RunSpec) -> str | None:
        """Why a run failed, None where it did not."""
        path = self.path(spec)
        try:
            found = _read(path)
        except FileNotFoundError:
            return None
        return found["cause"] if found else f"{path} is damaged; delete it"

    def forget(self, spec: RunSpec) -> None:
        """The run may be tried again."""
        with writing(self.root):
            self.path(spec).unlink(missing_ok=True)

    def all(self) -> Iterator[dict]:
        """All failure records, as JSON values; of a damaged one, that it is."""
        for path in self._paths():
            with suppress(FileNotFoundError):  # forgotten meanwhile
                cause = "this record is damaged; delete it"
                yield _read(path) or {"id": path.stem, "label": path.name, "cause": cause}

    def problems(self) -> list[str]:
        """The failure records that are damaged, a line for each."""
        remedy = "cut off or not a failure record; delete it, and the run is tried again"
        return [f"{path}: {remedy}" for path in self._paths() if _read(path) is None]

    def _paths(self) -> list[Path]:
        return sorted((self.root / "failures").glob("*/[!.]*.json"))


def _read(path: Path) -> dict | None:
    """The JSON values of a failure record, None where they are not those of one."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return None
    return values if isinstance(values, dict) and {"id", "label", "cause", "command"} <= values.keys() else None
