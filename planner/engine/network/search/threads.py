"""Deal work out to threads: the compiled searches leave the interpreter's lock alone."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

WORKERS = min(8, os.cpu_count() or 1)


def in_chunks(n: int, work: Callable[[int, int], Any], chunk: int) -> list[Any]:
    """Run work on ranges of 0 to n in threads; results come back in order."""
    return map_with_worker_state(n, lambda: work, chunk)


def map_with_worker_state(
    n: int, hand: Callable[[], Callable[[int, int], Any]], chunk: int
) -> list[Any]:
    """Run work on ranges of 0 to n in threads, each of which first gets a hand of its own.

    The caller works too, and the others help where they are free: so work may be dealt out within
    work, and nobody ever waits for a thread that has not begun. Results come back in order.
    """
    bounds = [(a, min(a + chunk, n)) for a in range(0, n, chunk)]
    done: list[Any] = [None] * len(bounds)
    turn = iter(range(len(bounds)))  # taking the next number is one step that threads cannot split

    def go_on() -> None:
        try:
            work = hand()
            for number in turn:
                done[number] = work(*bounds[number])
        except BaseException:
            for _ in turn:  # what has failed here, or was stopped, is not gone on with elsewhere
                pass
            raise

    others = [_pool().submit(go_on) for _ in range(min(WORKERS, len(bounds)) - 1)]
    try:
        go_on()
    finally:
        begun = [one for one in others if not one.cancel()]
        for one in begun:
            one.result()
    return done


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max(1, WORKERS - 1), "planner")


if hasattr(os, "register_at_fork"):  # the threads of a process stay behind where it forks
    os.register_at_fork(after_in_child=_pool.cache_clear)
