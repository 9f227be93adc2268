"""What is going on in a store, for another terminal; reads small files only."""

from collections import Counter
from pathlib import Path

from panda_core.grid import owners
from panda_core.grid.failures import Failures


def status(root: Path) -> dict:
    """JSON values: records and failures of the store, the drivers and what their workers are at."""
    said = owners.living(root)
    counts: Counter[str] = Counter()
    for path in (root / "records").glob("*/*.json"):
        counts[path.parent.name] += not path.name.startswith(".")
    return {
        "store": str(root),
        "records": dict(sorted(counts.items())),
        "drivers": [_who(each) for each in said if each["kind"] == "driver"],
        "running": [_who(each) for each in said if each["kind"] == "worker" and each["facts"]],
        "failures": [
            {name: failure.get(name, "") for name in ("id", "label", "cause", "command")}
            for failure in Failures(root).all()
        ],
    }


def _who(said: dict) -> dict:
    """The facts of a process; `here` is False for another machine, whose processes may have died unnoticed."""
    return {**said["facts"], "host": said["host"], "pid": said["pid"], "here": said["here"]}
