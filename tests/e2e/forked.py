"""The command line in processes that start with the libraries loaded, for tests that make many calls.

Each call is a fork of a server that has imported torch and transformers; all else is as in `python -m panda_core`.
"""

import multiprocessing
import os
import sys
from dataclasses import dataclass
from multiprocessing import forkserver
from multiprocessing.connection import wait
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from unittest.mock import patch

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["panda_core.cli", "panda_core.execution", "panda_core.plms.loading", "transformers"])
TURN = Lock()  # `start` of one process reads the exit codes of all: two threads would take them from each other
ALONE = {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}


@dataclass(frozen=True)
class Done:
    """What a call gave, named as in `subprocess.CompletedProcess`."""

    returncode: int
    stdout: str
    stderr: str


def panda(*words: str, **environment: str) -> Done:
    """Make one call, with variables beside those of this process."""
    with TemporaryDirectory() as folder:
        said = [Path(folder) / name for name in ("stdout", "stderr")]
        process = CONTEXT.Process(target=_call, args=(words, {**os.environ, **ALONE, **environment}, said))
        # the hub's library reads only when it is imported that there is to be no network
        with TURN, patch.dict(os.environ, ALONE):
            forkserver.ensure_running()
            process.start()
        wait([process.sentinel])
        with TURN:
            process.join()
        return Done(process.exitcode, *(path.read_bytes().decode(errors="surrogateescape") for path in said))


def _call(words: tuple[str, ...], environment: dict[str, str], said: list[Path]) -> None:
    os.environ.clear()
    os.environ.update(environment)
    for stream, path in ((0, os.devnull), (1, said[0]), (2, said[1])):
        os.dup2(os.open(path, os.O_RDWR | os.O_CREAT), stream)
    sys.argv = ["panda", *words]
    from panda_core.cli import main

    main()
