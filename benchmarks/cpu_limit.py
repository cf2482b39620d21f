"""Run a peer for so many seconds of CPU time, whatever else the machine does.

A peer stops itself, where its solver can be stopped, and tells what it has until then; one that
cannot is ended from outside a little later. Seconds of all its processes count.
"""

import json
import os
import resource
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

LOOK_S = 0.2  # between two looks
LATER, LATER_S = 1.1, 10.0  # share and seconds that a peer may take to load and to stop itself


def spent() -> float:
    """Add up CPU seconds of this process and of those that it has ended."""
    parts = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    used = [resource.getrusage(part) for part in parts]
    return sum(part.ru_utime + part.ru_stime for part in used)


def run(command: list[str], limit_s: float) -> dict | None:
    """Run a command that prints JSON in its last line; None if it was ended for its CPU time.

    Parameters
    ----------
    command
        What to run, in a session of its own.
    limit_s
        CPU seconds after which it should have stopped by itself.

    Returns
    -------
    What it printed.
    """
    done = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    said: list[tuple[str, str]] = []
    reader = threading.Thread(target=lambda: said.append(done.communicate()), daemon=True)
    reader.start()
    while reader.is_alive():
        reader.join(LOOK_S)
        if _of_session(done.pid) > last_s(limit_s):
            os.killpg(done.pid, signal.SIGKILL)
            reader.join()
            return None
    out, errors = said[0]
    if done.returncode:
        raise SystemExit(errors)
    return json.loads(out.splitlines()[-1])


def last_s(limit_s: float) -> float:
    """Return the CPU seconds after which a command is ended from outside.

    Parameters
    ----------
    limit_s
        CPU seconds after which it should have stopped by itself.

    Returns
    -------
    The seconds.
    """
    return LATER * limit_s + LATER_S


def at_limit(limit_s: float, stop: Callable[[], object]) -> None:
    """Call a function, again and again, once this process has used its CPU seconds.

    Parameters
    ----------
    limit_s
        The seconds.
    stop
        Called from a thread.
    """

    def watch() -> None:
        while True:
            time.sleep(LOOK_S)
            if spent() > limit_s:
                stop()

    threading.Thread(target=watch, daemon=True).start()


def _of_session(leader: int) -> float:
    """Return the CPU seconds of all processes of a session, those that it has ended too."""
    ticks = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = path.read_text().rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        if int(words[3]) == leader:  # the session; then times, of itself and of its children
            ticks += sum(int(word) for word in words[11:15])
    return ticks / os.sysconf("SC_CLK_TCK")
