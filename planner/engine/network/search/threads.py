"""Share work out among threads: compiled searches run free of the interpreter's lock."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

# Where several processes share a machine, each is told how many threads are its own.
WORKERS = min(8, int(os.environ.get("PLANNER_THREADS") or os.cpu_count() or 1))


def in_chunks(n: int, work: Callable[[int, int], Any], chunk: int) -> list[Any]:
    """Run work on ranges of 0 to n in threads.

    Parameters
    ----------
    n
        End of the whole range.
    work
        Does the work of a range, from its first number up to but without its last.
    chunk
        Size of the ranges.

    Returns
    -------
    list
        What each range gave, in order.
    """
    return map_with_worker_state(n, lambda: work, chunk)


def map_with_worker_state(
    n: int, make_worker: Callable[[], Callable[[int, int], Any]], chunk: int
) -> list[Any]:
    """Run work on ranges of 0 to n in threads, each of which has state of its own.

    The caller works too, and the others help where they are free: so work may be shared out within
    work, and nobody ever waits for a thread that has not begun.

    Parameters
    ----------
    n
        End of the whole range.
    make_worker
        Called once by each thread; returns what does the work of a range, with its own buffers.
    chunk
        Size of the ranges.

    Returns
    -------
    list
        What each range gave, in order.
    """
    bounds = [(a, min(a + chunk, n)) for a in range(0, n, chunk)]
    done: list[Any] = [None] * len(bounds)
    turn = iter(range(len(bounds)))  # taking the next number is one step that threads cannot split

    def go_on() -> None:
        try:
            work = make_worker()
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
