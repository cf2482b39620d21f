"""Measure a batch: one worker against two, workers killed, and growth in districts and in nodes.

    python benchmarks/batch.py                              # 100 variants; hours on two cores
    python benchmarks/batch.py --variants 8 --kills 2
    python benchmarks/batch.py --parts rate nodes --nodes 10000 100000
    python benchmarks/batch.py --base beizhu --variants 4 --kills 0 --districts 2 4 --nodes 5000

`rate`: seeded variants of an embedded district, each with a walking speed of its own, on one worker
and on two, and once more while workers are killed with signal 9, when results are held against the
others. Rates are districts an hour by the clock, after the workers have begun; `overhead` is what
the batch takes beyond the districts' own time, for each in milliseconds of a worker; `join` is what
putting the whole together takes at the end. Memory is the resident size of the largest worker after
each district: its mean over the second quarter of districts and over the last, which are the same
where memory is flat.

`districts`: the same on one worker with fewer and more of them. `nodes`: made-up districts of so
many nodes of streets (`streets.py`), one home for ten nodes, one station for 300, one community for
500, computed in a worker one after the other: processor seconds and the most memory.

The tables go to the screen, and with all parts to `benchmarks/batch.md`; the plot goes to
`benchmarks/batch.svg`, or where `--plot` says (.svg or .png).
"""

import argparse
import json
import os
import platform
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from streets import streets  # noqa: E402

from planner.api import demo  # noqa: E402
from planner.batch import Batch, batch, executors  # noqa: E402

SEED = 20
OUTPUTS = ["record", "tables"]
WITHOUT = ["siting=[]", "years=[]"]
CRS, EAST, NORTH = "EPSG:4549", 500_000.0, 3_300_000.0
PARTS = ("rate", "districts", "nodes")
TITLES = {
    "rate": ["workers", "killed", "districts", "s", "an hour", "overhead", "ms each", "join s",
             "GB then", "GB last"],
    "districts": ["districts", "s", "s a district", "join s"],
    "nodes": ["nodes", "homes", "stations", "CPU s", "CPU s for 100,000 nodes", "peak GB"],
}  # fmt: skip


@dataclass
class Measured:
    """A batch as it went: when each district was done, and how much its workers held then."""

    found: Batch
    seconds: float
    done: list[float] = field(default_factory=list)
    held_gb: list[float] = field(default_factory=list)

    @property
    def n(self) -> int:
        """Districts."""
        return len(self.found.outcomes)

    @property
    def own_s(self) -> float:
        """Seconds that the districts took themselves."""
        return sum(one.seconds for one in self.found.outcomes)

    @property
    def join_s(self) -> float:
        """Seconds after the last district."""
        return self.seconds - self.done[-1]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=[*PARTS])
    parser.add_argument("--base", default="chengwan", help="the embedded district that is varied")
    parser.add_argument("--variants", type=int, default=100)
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--districts", type=int, nargs="+", default=[5, 10, 20, 40])
    parser.add_argument(
        "--nodes", type=int, nargs="+", default=[10_000, 30_000, 100_000, 300_000, 1_000_000]
    )
    parser.add_argument("--plot", type=Path, default=HERE / "batch.svg")
    asked = parser.parse_args()
    load = os.getloadavg()[0]
    curves: dict[str, Any] = {}
    blocks = []
    with tempfile.TemporaryDirectory() as folder:
        for part in asked.parts:
            block = PART[part](asked, Path(folder), curves)
            blocks += [f"## {part.capitalize()}", "", *block, ""]
    machine = f"{platform.machine()}, {os.cpu_count()} cores, load before {load:.1f}"
    versions = f"Python {platform.python_version()}, distributed {version('distributed')}"
    words = [f"`python benchmarks/batch.py {' '.join(sys.argv[1:])}`".replace(" `", "`"), ""]
    words += [f"On {machine}; {versions}; variants of {asked.base}.", ""]
    print("", *words, *blocks, sep="\n")
    draw(curves, asked.plot)
    if set(asked.parts) == set(PARTS):
        picture = [f"![Growth in districts, memory, growth in nodes]({asked.plot.name})", ""]
        told = "\n".join(["# A batch", "", *words, *picture, *blocks])
        (HERE / "batch.md").write_text(told.rstrip() + "\n", "utf-8")


def tabled(part: str, rows: list[list[object]]) -> list[str]:
    """Write a table; each row is on the screen as soon as it is measured."""
    head = TITLES[part]
    lines = [f"| {' | '.join(head)} |", f"|{' ---: |' * len(head)}"]
    return lines + [f"| {' | '.join(map(str, row))} |" for row in rows]


# one worker against two


def rate(asked: argparse.Namespace, home: Path, curves: dict[str, Any]) -> list[str]:
    """Run all variants on one worker, on two, and on two that are killed."""
    table = variants(home, asked.base, asked.variants)
    rows: list[list[object]] = []
    results, an_hour = [], {}
    for workers, kills in dict.fromkeys([(1, 0), (2, 0), (2, asked.kills)]):
        out = home / f"out-{workers}-{kills}"
        one = measured(table, out, workers, kills)
        results.append(results_of(out))
        shutil.rmtree(out)
        an_hour[workers, kills] = 3600 * one.n / one.seconds
        over = one.seconds * workers - one.own_s
        told = ["", ""] if kills else [f"{over / one.own_s:.1%}", f"{1000 * over / one.n:.0f}"]
        quarter = max(1, one.n // 4)
        then, last = (
            np.mean(part) if len(part) else float("nan")
            for part in (one.held_gb[quarter : 2 * quarter], one.held_gb[-quarter:])
        )
        row = [workers, kills, one.n - len(one.found.failed), f"{one.seconds:.0f}"]
        row += [f"{an_hour[workers, kills]:.0f}", *told, f"{one.join_s:.1f}"]
        rows.append([*row, f"{then:.2f}", f"{last:.2f}"])
        print(*rows[-1], sep=" | ", flush=True)
        if not kills:
            curves.setdefault("districts", {})[workers] = one.done
            curves.setdefault("memory", {})[workers] = one.held_gb
    same = all(one == results[0] for one in results)
    verdict = "the same" if same else "NOT the same"
    ratio = an_hour[2, 0] / an_hour[1, 0]
    said = f"Two workers do {ratio:.2f} times the rate of one. Results are {verdict} in all runs."
    return [*tabled("rate", rows), "", said]


def variants(home: Path, base: str, n: int) -> Path:
    """Write a table of variants."""
    draw = random.Random(SEED)  # noqa: S311
    rows = [f"{demo(base)},v{i:03d},{draw.uniform(0.7, 1.2):.6f}" for i in range(n)]
    table = home / f"variants-{n}.csv"
    table.write_text("\n".join(["scenario,name,walk.speed_mps", *rows]), "utf-8")
    return table


def measured(table: Path, out: Path, workers: int, kills: int = 0) -> Measured:
    """Run a batch and note how it goes."""
    begun: list[float] = []
    done: list[float] = []
    held: list[float] = []
    with executors.client_for(workers, None) as client:
        client.wait_for_workers(workers)
        kill = killer(client, kills)

        def told(n: int, of: int) -> None:
            if not n:
                begun.append(time.perf_counter())
                return
            done.append(time.perf_counter() - begun[0])
            held.append(held_gb(client))
            if of > n and kills:
                kill()

        address = client.scheduler.address
        found = batch(
            table, out, scheduler=address, told=told, outputs=OUTPUTS, set=WITHOUT, lang="en"
        )
        seconds = time.perf_counter() - begun[0]
    if found.failed and not kills:
        raise SystemExit("\n".join(" ".join([one.name, *one.problems]) for one in found.failed))
    return Measured(found=found, seconds=seconds, done=done, held_gb=held)


def held_gb(client: Any) -> float:
    """Return the resident size of the largest worker, as workers tell it every second."""
    workers = client.scheduler_info(n_workers=-1)["workers"].values()
    return max((one["metrics"].get("memory", 0) / 1e9 for one in workers), default=0.0)


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


def results_of(out: Path) -> dict[str, object]:
    """Read what was found: the tables of every record."""
    paths = sorted((out / "districts").glob("*/plan.json"))
    return {path.parent.name: json.loads(path.read_text("utf-8"))["tables"] for path in paths}


# growth


def districts(asked: argparse.Namespace, home: Path, curves: dict[str, Any]) -> list[str]:
    """Run fewer and more variants on one worker."""
    rows: list[list[object]] = []
    for n in asked.districts:
        one = measured(variants(home, asked.base, n), home / f"growth-{n}", 1)
        shutil.rmtree(home / f"growth-{n}")
        rows.append([n, f"{one.seconds:.0f}", f"{one.seconds / n:.2f}", f"{one.join_s:.2f}"])
        curves.setdefault("growth", []).append((n, one.seconds))
        print(*rows[-1], sep=" | ", flush=True)
    return tabled("districts", rows)


def nodes(asked: argparse.Namespace, home: Path, curves: dict[str, Any]) -> list[str]:
    """Run made-up districts of more and more nodes, each in a batch and a worker of its own."""
    rows: list[list[object]] = []
    for n in asked.nodes:
        count, homes, stations = made_up(home / f"nodes-{n}", n)
        (one,) = measured(home / f"nodes-{n}" / "two.csv", home / f"of-{n}", 1).found.outcomes[1:]
        shutil.rmtree(home / f"of-{n}")
        shutil.rmtree(home / f"nodes-{n}")
        each = one.cpu_seconds / count * 100_000
        row = [f"{count:,}", f"{homes:,}", f"{stations:,}", f"{one.cpu_seconds:.1f}"]
        rows.append([*row, f"{each:.2f}", f"{one.peak_bytes / 1e9:.2f}"])
        curves.setdefault("nodes", []).append((count, one.cpu_seconds))
        print(*rows[-1], sep=" | ", flush=True)
    said = "The first district of a worker loads the program; the second one is measured."
    return [*tabled("nodes", rows), "", said]


def made_up(folder: Path, target: int) -> tuple[int, int, int]:
    """Write a district of so many nodes, and a table that has it twice."""
    xy, ends, _ = streets(target)
    xy += (EAST, NORTH)
    folder.mkdir()
    draw = np.random.default_rng(SEED)
    lines = shapely.linestrings(xy[ends])
    gpd.GeoDataFrame(geometry=lines, crs=CRS).to_parquet(folder / "streets.parquet")
    side = max(1, round((len(xy) / 500) ** 0.5))
    low, high = xy.min(axis=0) - 50, xy.max(axis=0) + 50
    x, y = (np.linspace(low[axis], high[axis], side + 1) for axis in (0, 1))
    boxes = [shapely.box(x[i], y[j], x[i + 1], y[j + 1]) for i in range(side) for j in range(side)]
    homes, stations = (
        xy[draw.choice(len(xy), max(1, len(xy) // n), replace=False)] for n in (10, 300)
    )
    people = draw.integers(1, 200, len(homes))
    column, line = (np.digitize(homes[:, axis], cuts) - 1 for axis, cuts in ((0, x), (1, y)))
    home_of = column * side + line
    counted = np.bincount(home_of, people, len(boxes)).astype(int)
    ids = np.array([f"c{n}" for n in range(len(boxes))])
    told = {"id": ids, "name": ids, "street": "s", "population": counted}
    gpd.GeoDataFrame(told, geometry=boxes, crs=CRS).to_parquet(folder / "communities.parquet")
    labels = [f"h{n}" for n in range(len(homes))]
    table = {"id": labels, "x": homes[:, 0], "y": homes[:, 1], "community": ids[home_of]}
    pd.DataFrame(table | {"population": people}).to_csv(folder / "homes.csv", index=False)
    names = [f"f{n}" for n in range(len(stations))]
    pd.DataFrame({"id": names, "name": names, "x": stations[:, 0], "y": stations[:, 1]}).to_csv(
        folder / "stations.csv", index=False
    )
    (folder / "scenario.toml").write_text(SCENARIO, "utf-8")
    rows = ["scenario.toml,warm,0.9", "scenario.toml,measured,1.0"]
    table = "\n".join(["scenario,name,walk.speed_mps", *rows])
    (folder / "two.csv").write_text(table, "utf-8")
    return len(xy), len(homes), len(stations)


SCENARIO = f"""
title = "made up"
synthetic = true
[communities]
file = "communities.parquet"
[demand]
file = "homes.csv"
crs = "{CRS}"
[streets]
file = "streets.parquet"
[[facilities]]
file = "stations.csv"
kind = "care_station"
crs = "{CRS}"
[coverage]
group = "population"
"""


# the picture


def draw(curves: dict[str, Any], file: Path) -> None:
    """Draw what was measured: districts done, memory, growth in districts and in nodes."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(2, 2, figsize=(10, 7), layout="constrained")
    titles = [
        ("districts done", "s", "districts"), ("memory of the largest worker", "districts", "GB"),
        ("growth in districts, one worker", "districts", "s"),
        ("growth in nodes", "nodes", "CPU s"),
    ]  # fmt: skip
    for at, (title, across, up) in zip(axes.flat, titles, strict=True):
        at.set(title=title, xlabel=across, ylabel=up)
        at.grid(alpha=0.3)
    for workers, done in curves.get("districts", {}).items():
        axes[0, 0].plot(done, range(1, len(done) + 1), label=f"workers: {workers}")
    for workers, held in curves.get("memory", {}).items():
        axes[0, 1].plot(range(1, len(held) + 1), held, label=f"workers: {workers}")
    for at, name in ((axes[1, 0], "growth"), (axes[1, 1], "nodes")):
        points = np.array(curves.get(name, np.zeros((0, 2))), dtype=float).reshape(-1, 2)
        at.plot(*points.T, "o", label="measured")
        if len(points) > 1:
            line = np.poly1d(np.polyfit(*points.T, 1))
            at.plot(points[:, 0], line(points[:, 0]), "--", label="straight line")
    for at in axes.flat:
        at.set_xlim(left=0)
        at.set_ylim(bottom=0)
        if at.get_legend_handles_labels()[0]:
            at.legend()
    figure.savefig(file, dpi=120)
    print(f"plot: {file}")


PART = {"rate": rate, "districts": districts, "nodes": nodes}

if __name__ == "__main__":
    main()
