"""Measure a batch: seeded variants of Chengwan on one worker and on two, and with workers killed.

    python benchmarks/batch.py                        # 100 variants; some two hours on two cores
    python benchmarks/batch.py --variants 8 --kills 2

Each variant walks at a speed of its own. Rates are districts an hour by the clock, after the
workers have begun; `overhead` is what the batch takes beyond the districts' own time; memory is
the most that a worker held after its first district and after its last. With `--kills` workers
are killed with signal 9 at random while they compute, and the results are held against the others.
The table goes to the screen and to `benchmarks/batch.md`.
"""

import argparse
import json
import os
import platform
import random
import signal
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from planner.api import demo
from planner.batch import Batch, batch, executors

HERE = Path(__file__).resolve().parent
SEED = 20
OUTPUTS = ["record", "tables"]
WITHOUT = ["siting=[]", "years=[]"]
TITLE = [
    "| workers | killed | districts | s | districts an hour | overhead | first, last GB |",
    "| ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--variants", type=int, default=100)
    parser.add_argument("--kills", type=int, default=5)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        table = variants(home, asked.variants)
        lines, rates, found = [], {}, {}
        for workers, kills in ((1, 0), (2, 0), (2, asked.kills)):
            out = home / f"out-{workers}-{kills}"
            rates[workers, kills], line = measured(table, out, workers, kills)
            found[workers, kills] = results(out)
            lines.append(line)
            print(line, flush=True)
    same = len({json.dumps(one, sort_keys=True) for one in found.values()}) == 1
    machine = f"{platform.machine()}, {os.cpu_count()} cores, load before {os.getloadavg()[2]:.1f}"
    versions = f"Python {platform.python_version()}, distributed {version('distributed')}"
    ratio = rates[2, 0] / rates[1, 0]
    verdict = "the same" if same else "NOT the same"
    told = [
        f"`python benchmarks/batch.py --variants {asked.variants} --kills {asked.kills}`",
        f"on {machine}; {versions}.",
        "",
        *TITLE,
        *lines,
        "",
        f"Two workers do {ratio:.2f} times the rate of one. The results are {verdict} in all runs.",
    ]
    print(*told, sep="\n")
    (HERE / "batch.md").write_text("# A batch\n\n" + "\n".join(told) + "\n", "utf-8")


def variants(home: Path, n: int) -> Path:
    """Write the table of the variants."""
    draw = random.Random(SEED)  # noqa: S311
    rows = [f"{demo('chengwan')},v{i:03d},{draw.uniform(0.7, 1.2):.6f}" for i in range(n)]
    table = home / "variants.csv"
    table.write_text("\n".join(["scenario,name,walk.speed_mps", *rows]), "utf-8")
    return table


def measured(table: Path, out: Path, workers: int, kills: int) -> tuple[float, str]:
    """Run the batch; its rate, and its line of the table."""
    begun: list[float] = []
    with executors.client_for(workers, None) as client:
        kill = killer(client, kills)

        def told(done: int, of: int) -> None:
            if not done:
                begun.append(time.perf_counter())
            elif of > done and kills:
                kill()

        address = client.scheduler.address
        found: Batch = batch(
            table, out, scheduler=address, told=told, outputs=OUTPUTS, set=WITHOUT, lang="en"
        )
        seconds = time.perf_counter() - begun[0]
    if found.failed:
        print(*(one.problems for one in found.failed), sep="\n")
    n = len(found.outcomes)
    own = sum(one.seconds for one in found.outcomes)
    peaks: dict[str, list[int]] = {}
    for one in found.outcomes:
        peaks.setdefault(one.worker, []).append(one.peak_bytes)
    first, last = (max(pick(own) for own in peaks.values()) / 1e9 for pick in (min, max))
    over = seconds * workers / own - 1
    cells = (
        workers, kills, n - len(found.failed), f"{seconds:.0f}", f"{3600 * n / seconds:.0f}",
        "" if kills else f"{over:.1%}", f"{first:.2f}, {last:.2f}",
    )  # fmt: skip
    return n / seconds, f"| {' | '.join(map(str, cells))} |"


def killer(client: Any, kills: int) -> Callable[[], None]:
    """Return what kills a worker at random, so many times at the most."""
    draw, left = random.Random(SEED), [kills]  # noqa: S311
    pids: set[int] = set()

    def kill() -> None:
        alive = client.run(os.getpid, on_error="ignore")
        fresh = sorted(set(alive.values()) - pids)
        if left[0] and fresh:
            chosen = draw.choice(fresh)
            pids.add(chosen)
            left[0] -= 1
            os.kill(chosen, signal.SIGKILL)

    return kill


def results(out: Path) -> dict[str, object]:
    """Read what was found: the tables of every record."""
    paths = sorted((out / "districts").glob("*/plan.json"))
    return {path.parent.name: json.loads(path.read_text("utf-8"))["tables"] for path in paths}


if __name__ == "__main__":
    main()
