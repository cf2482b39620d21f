r"""Measure a batch: seeded variants of Chengwan on one worker and two, its growth, and its peers.

    python benchmarks/batch.py                        # 100 variants, all parts; an hour or two
    python benchmarks/batch.py --variants 8 --districts 2 4 8 --nodes 30000 100000 300000 \
        --parts rates districts nodes peers           # some five minutes on two free cores
    python benchmarks/batch.py --parts nodes peers    # these parts alone; the others stay

`rates`: each variant walks at a speed of its own; districts an hour by the clock after the workers
have begun, on one worker and on two, the joining of the whole included; and what the batch takes
beyond the districts' own time. `memory`: the most that one worker has held after each of these
variants, which says the same on a busy machine. `kills`: workers are killed with signal 9 at random
while they compute, and the results are held against those of `rates`. `districts`: batches of more
and more districts. `nodes`: the nearest facility, coverage and scorecard in tiles, on the streets
of `streets.py` (`tiles.py`). `peers`: dask-geopandas with networkx on a part of these streets,
scaled by its nodes. Each batch begins with an empty cache. Tables and plots go to
`benchmarks/batch.md` and `batch-*.svg` beside it.
"""

import argparse
import importlib.util
import json
import os
import platform
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import geopandas as gpd
import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import tiles  # noqa: E402

from planner.api import demo, warm_up  # noqa: E402
from planner.batch import Batch, batch, executors  # noqa: E402

SEED = 20
OUTPUTS = ["record", "tables"]
WITHOUT = ["siting=[]", "years=[]"]
PARTS = ("rates", "memory", "kills", "districts", "nodes", "peers")
PEER = "dask-geopandas, networkx"


@dataclass(frozen=True)
class Ran:
    """A batch that was run: by the clock, and what its districts took."""

    workers: int
    seconds: float
    found: Batch
    results: dict[str, object]

    @property
    def done(self) -> int:
        return len(self.found.outcomes) - len(self.found.failed)

    @property
    def own_s(self) -> float:
        return sum(one.seconds for one in self.found.outcomes)

    @property
    def overhead(self) -> float:
        return self.seconds * self.workers / self.own_s - 1

    def peaks(self) -> list[list[float]]:
        """Return the most memory held after each district, GB, worker by worker."""
        of: dict[str, list[float]] = {}
        for one in self.found.outcomes:
            of.setdefault(one.worker, []).append(one.peak_bytes / 1e9)
        return [sorted(own) for own in of.values()]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--parts", nargs="*", choices=PARTS, default=list(PARTS))
    parser.add_argument("--variants", type=int, default=100, help="of `rates` and `kills`")
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--districts", type=int, nargs="*", default=[5, 10, 20, 40])
    parser.add_argument(
        "--nodes", type=int, nargs="*", default=[30_000, 100_000, 300_000, 1_000_000, 3_000_000]
    )
    parser.add_argument("--peer-nodes", type=int, default=100_000)
    asked = parser.parse_args()
    page = HERE / "batch.md"
    sections = read_sections(page)
    warm_up()
    ran: dict[str, Ran] = {}
    for part in [one for one in PARTS if one in asked.parts]:
        sections[part] = [told(asked, part), "", *globals()[part](asked, ran)]
        print(*sections[part], sep="\n", flush=True)
        words = ["# A batch", *(line for one in PARTS for line in section(one, sections))]
        page.write_text("\n".join(words) + "\n", "utf-8")


def section(part: str, sections: dict[str, list[str]]) -> list[str]:
    return ["", f"## {part.capitalize()}", "", *sections[part]] if part in sections else []


def read_sections(page: Path) -> dict[str, list[str]]:
    """Read the parts of the page as they stand."""
    text = page.read_text("utf-8") if page.exists() else ""
    parts = [one.partition("\n") for one in text.split("\n## ")[1:]]
    return {head.lower(): body.strip().splitlines() for head, _, body in parts}


def told(asked: argparse.Namespace, part: str) -> str:
    """Say how a part was measured."""
    sizes = {
        "rates": f"--variants {asked.variants}",
        "memory": f"--variants {asked.variants}",
        "kills": f"--variants {asked.variants} --kills {asked.kills}",
        "districts": f"--districts {' '.join(map(str, asked.districts))}",
        "nodes": f"--nodes {' '.join(map(str, asked.nodes))}",
        "peers": f"--peer-nodes {asked.peer_nodes} --nodes {' '.join(map(str, asked.nodes))}",
    }
    machine = f"{platform.machine()}, {os.cpu_count()} cores, load before {os.getloadavg()[2]:.1f}"
    versions = f"Python {platform.python_version()}, distributed {version('distributed')}"
    return f"`python benchmarks/batch.py --parts {part} {sizes[part]}` on {machine}; {versions}."


def rates(asked: argparse.Namespace, ran: dict[str, Ran]) -> list[str]:
    """Run the variants on one worker and on two."""
    one, two = (ran.setdefault(str(n), measured(asked.variants, n)) for n in (1, 2))
    lines = ["| workers | districts | s | an hour | overhead |", "| ---: " * 5 + "|"]
    for of in (one, two):
        rate = f"{3600 * of.done / of.seconds:.0f}"
        lines.append(row(of.workers, of.done, f"{of.seconds:.0f}", rate, f"{of.overhead:.1%}"))
    ratio = (two.done / two.seconds) / (one.done / one.seconds)
    told = f"Two workers do {ratio:.2f} times the rate of one; results are {same(one, two)}."
    return [*lines, "", told]


def memory(asked: argparse.Namespace, ran: dict[str, Ran]) -> list[str]:
    """Run the variants on one worker, and tell what it has held."""
    one = ran["1"] if "1" in ran else measured(asked.variants, 1)
    (held,) = one.peaks()
    after = sorted({1, *(len(held) * n // 4 for n in (1, 2, 3, 4))} - {0})
    return [
        f"| districts computed | {' | '.join(map(str, after))} |",
        "| --- " + "| ---: " * len(after) + "|",
        f"| most GB held so far | {' | '.join(f'{held[n - 1]:.2f}' for n in after)} |",
        "",
        plot("memory", {"one worker": (range(1, len(held) + 1), held)}, "districts computed",
             "most GB held so far"),
    ]  # fmt: skip


def kills(asked: argparse.Namespace, ran: dict[str, Ran]) -> list[str]:
    """Run the variants on two workers, some of which are killed."""
    of = measured(asked.variants, 2, asked.kills)
    plain = ran["2"] if "2" in ran else measured(asked.variants, 2)
    return [
        "| workers | killed | districts | s |",
        "| ---: | ---: | ---: | ---: |",
        row(2, asked.kills, of.done, f"{of.seconds:.0f}"),
        "",
        f"The results are {same(of, plain)} as without.",
    ]


def districts(asked: argparse.Namespace, _: dict[str, Ran]) -> list[str]:
    """Run batches of more and more districts."""
    lines = ["| districts | s on two workers | s a district | overhead |", "| ---: " * 4 + "|"]
    found = []
    for n in asked.districts:
        of = measured(n, 2)
        found.append(of.seconds)
        lines.append(row(n, f"{of.seconds:.1f}", f"{of.seconds / n:.2f}", f"{of.overhead:.1%}"))
    curve = {"two workers": (asked.districts, found)}
    return [*lines, "", growth(asked.districts, found), "", plot("districts", curve, "districts")]


def nodes(asked: argparse.Namespace, _: dict[str, Ran]) -> list[str]:
    """Compute nearest, coverage and scorecard in tiles on more and more streets."""
    lines = ["| nodes | CPU s | s | μs of CPU a node | peak GB |", "| ---: " * 5 + "|"]
    found = [tiled(n) for n in asked.nodes]
    for n, cpu, seconds, peak, _ in found:
        lines.append(row(f"{n:,}", f"{cpu:.1f}", f"{seconds:.1f}", f"{1e6 * cpu / n:.1f}", peak))
    sizes, times = [one[0] for one in found], [one[1] for one in found]
    curve = {"planner, tiles": (sizes, times)}
    drawn = plot("nodes", curve, "nodes", "CPU s", log=True)
    return [*lines, "", growth(sizes, times), "", drawn]


def peers(asked: argparse.Namespace, _: dict[str, Ran]) -> list[str]:
    """Compute the nearest facility with dask-geopandas and networkx on a part, and scale it."""
    lines = ["| with | nodes | CPU s | s | homes within 15 min |", "| --- " + "| ---: " * 4 + "|"]
    n, cpu, seconds, _, share = tiled(asked.peer_nodes)
    own = "planner, tiles (coverage, scorecard)"
    lines.append(row(own, f"{n:,}", f"{cpu:.1f}", f"{seconds:.1f}", share))
    if importlib.util.find_spec("dask_geopandas") is None:
        return [*lines, row(PEER, "not installed", "", "", "")]
    with tempfile.TemporaryDirectory() as name:
        n, cpu, seconds, share = with_networkx(made(asked.peer_nodes, Path(name)))
    lines.append(row(PEER, f"{n:,}", f"{cpu:.1f}", f"{seconds:.1f}", f"{share:.2%}"))
    size = max(asked.nodes)
    times = [f"{one * size / n:.0f}" for one in (cpu, seconds)]
    lines.append(row(f"{PEER}: scaled", f"{size:,}", *times, ""))
    note = (
        "The peer puts homes on the nearest node, not street, and was not run at the scaled size."
    )
    return [*lines, "", note]


def with_networkx(folder: Path) -> tuple[int, float, float, float]:
    """Find the nearest facility of every home by the nearest node: nodes, CPU s, s, share."""
    import dask_geopandas
    import networkx as nx

    of = tiles.District(folder)
    used, begun = time.process_time(), time.perf_counter()
    graph = nx.Graph()
    graph.add_weighted_edges_from(of.edges[["u", "v", "length_m"]].itertuples(index=False))
    points = gpd.GeoSeries.from_xy(of.nodes["x"], of.nodes["y"], crs=tiles.CRS)
    at = points.to_frame("geometry")
    frame = dask_geopandas.from_geopandas(of.homes.to_frame("geometry"), npartitions=2)
    near = frame.map_partitions(lambda part: part.sjoin_nearest(at)["index_right"])
    home = near.compute()
    place = of.places.to_frame("geometry").sjoin_nearest(at)["index_right"]
    limit = tiles.ASKED["cutoff_min"] * 60 * tiles.ASKED["speed_mps"]
    metres = nx.multi_source_dijkstra_path_length(graph, set(place), limit, weight="weight")
    share = float(home.map(metres).notna().mean())
    return len(of.nodes), time.process_time() - used, time.perf_counter() - begun, share


def made(target: int, folder: Path) -> Path:
    """Make streets, homes and facilities."""
    (folder / "nodes").write_text(str(target))
    tiles.made(folder, "", argparse.Namespace())
    return folder


def tiled(target: int) -> tuple[int, float, float, str, str]:
    """Measure streets in tiles: nodes, CPU s, s, peak GB and share within reach."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "nodes").write_text(str(target))
        asked = argparse.Namespace(tile=15_000.0, threads=os.cpu_count())
        tiles.child("make", folder, asked)
        told = tiles.child("tiles", folder, asked)
    at = {name.strip(): place for place, name in enumerate(tiles.TITLE[0].split("|")[1:-1])}
    return (
        int(told[at["nodes"]].replace(",", "")),
        float(told[at["CPU s"]]),
        float(told[at["s"]]),
        told[at["peak GB"]],
        told[at["homes within 15 min"]],
    )


def growth(sizes: list[int], times: list[float]) -> str:
    """Say by which power times grow with sizes, fitted to the logarithms."""
    if len(set(sizes)) < 2:
        return ""
    power = np.polyfit(np.log(sizes), np.log(times), 1)[0]
    return f"Time grows with the power {power:.2f} of the size (1 is linear; fixed costs lower it)."


def same(one: Ran, other: Ran) -> str:
    told = [json.dumps(of.results, sort_keys=True) for of in (one, other)]
    return "the same" if told[0] == told[1] else "NOT the same"


def row(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def plot(
    name: str, curves: dict[str, Any], across: str, up: str = "s", *, log: bool = False
) -> str:
    """Draw curves beside the page; what shows them there."""
    mpl.rcParams["svg.hashsalt"] = name
    figure = Figure(figsize=(6, 3.5), layout="constrained")
    axes = figure.subplots()
    for label, (x, y) in curves.items():
        axes.plot(list(x), list(y), marker="o", markersize=3, label=label)
    if log:
        axes.set(xscale="log", yscale="log")
    else:
        axes.set_ylim(0, 1.3 * max(max(y) for _, y in curves.values()))
    axes.set(xlabel=across, ylabel=up)
    axes.grid(alpha=0.3)
    axes.legend(loc="lower right")
    figure.savefig(HERE / f"batch-{name}.svg", metadata={"Date": None})
    return f"![{up} by {across}](batch-{name}.svg)"


def variants(home: Path, n: int) -> Path:
    """Write the table of the variants."""
    draw = random.Random(SEED)  # noqa: S311
    rows = [f"{demo('chengwan')},v{i:03d},{draw.uniform(0.7, 1.2):.6f}" for i in range(n)]
    table = home / "variants.csv"
    table.write_text("\n".join(["scenario,name,walk.speed_mps", *rows]), "utf-8")
    return table


def measured(n: int, workers: int, kills: int = 0) -> Ran:
    """Run a batch of variants, with a cache of its own."""
    begun: list[float] = []
    before = os.environ.get("PLANNER_CACHE")
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        os.environ["PLANNER_CACHE"] = str(home / "cache")
        try:
            with executors.client_for(workers, None) as client:
                kill = killer(client, kills)

                def told(done: int, of: int) -> None:
                    if not done:
                        begun.append(time.perf_counter())
                    elif of > done and kills:
                        kill()

                found = batch(
                    variants(home, n), home / "out", scheduler=client.scheduler.address,
                    told=told, outputs=OUTPUTS, set=WITHOUT, lang="en",
                )  # fmt: skip
                seconds = time.perf_counter() - begun[0]
        finally:
            os.environ.pop("PLANNER_CACHE")
            os.environ |= {} if before is None else {"PLANNER_CACHE": before}
        if found.failed:
            print(*(one.problems for one in found.failed), sep="\n")
        return Ran(workers, seconds, found, results(home / "out"))


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
