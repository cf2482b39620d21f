"""Command lines in processes of their own, forked from one that has imported planner already.

Run as a script with command lines as JSON: each runs as `python -m planner` does, to the end of the
process and what Python does there. Importing planner, and what it loads when it is asked for
something, takes longer than most commands.
"""

import importlib
import json
import os
import runpy
import subprocess
import sys
import tempfile
from pathlib import Path

LOADED = ("planner.api", "planner.cli.commands", "planner.district.reading.load")


def run_all(commands: list[str], outputs: list[int]) -> list[tuple[int, str]]:
    """Run command lines, each with a standard output; each one's status and standard error."""
    with tempfile.TemporaryDirectory() as folder:
        asked = [sys.executable, __file__, json.dumps([commands, outputs]), folder]
        subprocess.run(asked, check=True, pass_fds=sorted(set(outputs)))
        found = json.loads(Path(folder, "status.json").read_text("utf-8"))
        errors = [Path(folder, f"{i}.txt").read_text("utf-8") for i in range(len(commands))]
    return list(zip(found, errors, strict=True))


def start(command: str, output: int, errors: Path) -> int:
    """Start a command line in a process of its own; in that process, return 0 to go on."""
    child = os.fork()
    if child == 0:
        os.dup2(output, 1)
        file = os.open(errors, os.O_WRONLY | os.O_CREAT)
        os.dup2(file, 2)
        sys.argv = ["planner", *command.split()]
    return child


def main(commands: list[str], outputs: list[int], folder: Path) -> None:
    """Run command lines one after the other and note how each ended."""
    runpy.run_module("planner")  # imported, not run
    for name in LOADED:  # what most commands load when they begin
        importlib.import_module(name)
    found = []
    for number, (command, output) in enumerate(zip(commands, outputs, strict=True)):
        child = start(command, output, folder / f"{number}.txt")
        if child == 0:
            runpy.run_module("planner", run_name="__main__", alter_sys=True)
            return
        found.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    (folder / "status.json").write_text(json.dumps(found), "utf-8")


if __name__ == "__main__":
    main(*json.loads(sys.argv[1]), Path(sys.argv[2]))
