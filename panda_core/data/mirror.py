"""The local mirror: a folder of parquet files in the hub's schema, named by the environment variable PANDA_DATA."""

import os
from pathlib import Path

MIRROR = "PANDA_DATA"


def mirror() -> Path | None:
    """The local mirror, if the environment names one."""
    folder = os.environ.get(MIRROR)
    return Path(folder) if folder else None
