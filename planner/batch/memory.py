"""Memory of a worker: what a district has freed goes back to the system."""

from __future__ import annotations

import ctypes
import gc
import os
import sys
from contextlib import suppress
from pathlib import Path

_WORTH_BYTES = 64 * 2**20


class WorkerMemory:
    """Hands memory back that districts have freed and the C library keeps.

    glibc keeps what was freed in pieces, of each thread by itself, so that a worker would grow from
    district to district though it holds no more. Looking for it takes as long as a small district
    takes, and is put off until the process has grown by 64 MiB.
    """

    def __init__(self) -> None:
        self._held_bytes = 0  # the least by the process since memory was last handed back

    def hand_back(self) -> None:
        """Hand back what is free, if the process has grown since."""
        held = resident_bytes()
        if 0 < held < self._held_bytes + _WORTH_BYTES:
            self._held_bytes = min(held, self._held_bytes)
            return
        gc.collect()
        if sys.platform == "linux":
            with suppress(OSError, AttributeError):  # another C library than glibc
                ctypes.CDLL("libc.so.6").malloc_trim(0)
        self._held_bytes = resident_bytes()


def resident_bytes() -> int:
    """Return how much memory this process holds now, in bytes; 0 where the system keeps no file."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")
    except (OSError, AttributeError, ValueError, IndexError):
        return 0
