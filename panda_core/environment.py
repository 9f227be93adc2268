"""What a run ran on: versions, code, device. Names no path and no user."""

import os
import platform
import re
import subprocess
from contextlib import suppress
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_PACKAGES = ("torch", "transformers", "tokenizers", "numpy", "scipy", "scikit-learn", "pandas")
_FOLDERS = ("PANDA_DATA", "PANDA_CACHE", "PANDA_STORE")
ROOT = Path(__file__).resolve().parents[1]


def _git(*words: str) -> str | None:
    """The output of a git command on the project's own checkout; None outside one."""
    try:
        done = subprocess.run(["git", "-C", str(ROOT), *words], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()


def whole_paths() -> dict[str, str]:
    """The environment variables that name the project's folders, as paths that hold in any working folder."""
    return {name: str(Path(os.environ[name]).resolve()) for name in _FOLDERS if os.environ.get(name)}


@lru_cache(maxsize=1)
def code_state() -> dict:
    """The commit of the checkout, and whether `panda_core` differs from it; None outside a checkout."""
    if not (ROOT / ".git").exists():
        return {"commit": None, "dirty": None}
    changes = _git("status", "--porcelain", "--", "panda_core")
    return {"commit": _git("rev-parse", "HEAD"), "dirty": None if changes is None else bool(changes)}


def processor() -> str:
    """The name of the processor, as the system gives it."""
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def reset_peak_memory(device: str) -> None:
    """Let `peak_memory` count from now on, where the system can do that: on CUDA and on Linux."""
    import torch

    if device.startswith("cuda"):
        torch.cuda.reset_peak_memory_stats(device)
    else:
        with suppress(OSError):
            Path("/proc/self/clear_refs").write_text("5")


def peak_memory(device: str) -> int:
    """Peak memory in bytes: of the GPU on CUDA, else of this process. What it held before counts too."""
    import torch

    if device.startswith("cuda"):
        return torch.cuda.max_memory_allocated(device)
    status = Path("/proc/self/status")
    if status.exists():
        found = re.search(r"^VmHWM:\s*(\d+) kB$", status.read_text(), re.MULTILINE)
        return int(found[1]) * 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if platform.system() == "Darwin" else 1024)


def environment(device: str, precision: str) -> dict:
    """Versions, commit, device and threads of this process, and the precision of its matrix products."""
    import torch

    versions = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    return {
        "versions": versions,
        **code_state(),
        "system": platform.system(),
        "device": torch.cuda.get_device_name(device) if device.startswith("cuda") else processor(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "precision": precision,
    }
