"""Runs that failed, as files: <root>/failures/<tier>/<id>.json. A failed run is not tried again by itself."""

import json
from collections.abc import Iterator
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
        try:
            return json.loads(self.path(spec).read_text(encoding="utf-8"))["cause"]
        except FileNotFoundError:
            return None
        except (ValueError, KeyError):
            return f"{self.path(spec)} is damaged; delete it"

    def forget(self, spec: RunSpec) -> None:
        """The run may be tried again."""
        with writing(self.root):
            self.path(spec).unlink(missing_ok=True)

    def all(self) -> Iterator[dict]:
        """All failure records that can be read, as JSON values."""
        for path in sorted((self.root / "failures").glob("*/[!.]*.json")):
            try:
                yield json.loads(path.read_text(encoding="utf-8"))
            except ValueError:
                yield {"id": path.stem, "label": path.name, "cause": "this failure record is damaged; delete it"}
