"""Memory of a worker: what a district has freed goes back to the system."""

from __future__ import annotations

import gc

from planner.engine.memory import resident_bytes, trim_memory

_WORTH_BYTES = 64 * 2**20


class WorkerMemory:
    """Hands memory back that districts have freed, so that a worker does not grow from one to next.

    Looking for it takes as long as a small district takes, and is put off until the process has
    grown by 64 MiB.
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
        trim_memory()
        self._held_bytes = resident_bytes()
