"""Kill a process that replaces a folder at each of its steps, and see what is left.

Run as a script with an empty folder: it prints, for each step, what stood there right after the
kill and after the next run, as JSON.
"""

import json
import os
import shutil
import signal
import sys
from pathlib import Path

from planner.district.reading import folders

STEPS = ("os.", "open", "shutil.", "tempfile.", "exchange")
OLD = {"plan.json": "old", "tables/gaps.csv": "old", "tables/gone.csv": "old"}
NEW = {"plan.json": "new", "tables/gaps.csv": "new", "report.pdf": "new"}
LATEST = {"plan.json": "latest", "tables/gaps.csv": "latest"}
OWN = {
    "report.pdf": "own",
    "map.qgz": "own",
    "tables/own.csv": "own",
    "pictures/own/a.png": "own",
    "意见.docx": "own",
}


def prepare(folder: Path) -> None:
    """An earlier result with files of somebody's own beside and among its files."""
    folders.save_folder(folder, OLD)
    for name, content in OWN.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, "utf-8")


def content_of(folder: Path) -> dict[str, str]:
    """All files below a folder with their text, but for the manifest."""
    return {
        path.relative_to(folder).as_posix(): path.read_text("utf-8")
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != folders.MANIFEST
    }


def replace_and_die(folder: Path, at: int, *, exchanging: bool) -> int:
    """Replace the folder in a process of its own, killed at a step; how the process ended."""
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1]
    left = at

    def step(event: str, _: object) -> None:
        nonlocal left
        if event.startswith(STEPS) and not event.startswith("os.listdir"):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    exchange = folders.exchange

    def exchanged(one: Path, other: Path) -> bool:
        step("exchange", ())
        done = exchanging and exchange(one, other)
        step("exchange", ())
        return done

    folders.exchange = exchanged
    sys.addaudithook(step)
    try:
        folders.save_folder(folder, NEW)
    finally:
        os._exit(0)


def main(base: Path) -> None:
    """Kill at every step, first with folders exchanged, then with two renames."""
    found = []
    for exchanging in (True, False):
        for at in range(1, 10_000):
            home = base / f"{exchanging}{at}"
            home.mkdir()
            prepare(home / "out")
            ended = replace_and_die(home / "out", at, exchanging=exchanging)
            left = content_of(home / "out") if (home / "out").exists() else None
            folders.mend(home / "out")
            mended = content_of(home / "out")
            folders.save_folder(home / "out", LATEST)
            found.append(
                {
                    "exchanging": exchanging,
                    "at": at,
                    "left": left,
                    "mended": mended,
                    "latest": content_of(home / "out"),
                    "beside": sorted(entry.name for entry in home.iterdir()),
                }
            )
            shutil.rmtree(home)
            if ended == 0:
                break
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
