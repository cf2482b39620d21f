"""Memory of this process: what was freed goes back to the system."""

from __future__ import annotations

import ctypes
import os
from contextlib import suppress
from pathlib import Path


def trim_memory() -> None:
    """Hand back what was freed and the C library keeps, where it can.

    glibc keeps memory that was freed in pieces, of each thread by itself.
    """
    with suppress(AttributeError, OSError, TypeError):  # another C library, or another system
        ctypes.CDLL(None).malloc_trim(0)


def resident_bytes() -> int:
    """Return how much memory this process holds now, in bytes; 0 where the system keeps no file."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")
    except (OSError, AttributeError, ValueError, IndexError):
        return 0
