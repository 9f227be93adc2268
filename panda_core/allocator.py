"""Memory that training frees stays in the process, for the next step to take.

Each step frees and takes tens of megabytes. By default the C library hands large blocks back to the system and asks
for them again, and every page must then be cleared: 6 % of a step of minilm-l6 on one core.
"""

import ctypes
import os
import platform

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # names of glibc's mallopt
_KEPT, _LARGEST = 1 << 30, 32 << 20  # bytes: what may lie free, and the largest block that is not mapped by itself


def keep_freed_memory() -> None:
    """Let up to 1 GB of freed memory stay with the process. Does nothing without glibc, or where the environment
    says itself how memory is handled (MALLOC_TRIM_THRESHOLD_, MALLOC_MMAP_THRESHOLD_)."""
    chosen = {"MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_"} & os.environ.keys()
    if platform.libc_ver()[0] != "glibc" or chosen:
        return
    libc = ctypes.CDLL(None)
    libc.mallopt(_MMAP_THRESHOLD, _LARGEST)
    libc.mallopt(_TRIM_THRESHOLD, _KEPT)
