"""Measure streets in tiles: the same answers as of the whole, how quickly, and in how much memory.

    python benchmarks/tiles.py                            # 300,000 and 3,000,000 nodes
    python benchmarks/tiles.py --alone 10000000           # these, and 10,000,000 tiled alone

One facility for 100 nodes and one home for 5, on the streets of `streets.py`; 15 minutes at 1.2
m/s; communities of a square kilometre in streets (towns) of a hundred. The nearest facility of each
home, the coverage of people in two groups and of communities, and the scorecard of GB 50180. Then
the people within reach of each facility, and the areas within reach of 300 of them. Each line is
a process of its own that reads its tables from disk: processor seconds of all threads, seconds of
the clock, and the most memory the process ever held, tables and libraries included. Digests are
equal where all answers are, to the last bit. The tables go to the screen and to
`benchmarks/tiles.md`, which keeps the lines of sizes that were not asked for.
"""

import argparse
import hashlib
import json
import os
import platform
import resource
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import geopandas as gpd
import numpy as np
import pandas as pd

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from streets import streets  # noqa: E402

from planner.coverage import Coverage, measure  # noqa: E402
from planner.district.assessment import Facts, scorecard  # noqa: E402
from planner.network import Network, TiledStreets, in_threads, warm_up  # noqa: E402
from planner.standards import kinds, read_profile  # noqa: E402

CRS = "EPSG:4549"
KIND = "care_station"
ASKED = {"cutoff_min": 15.0, "speed_mps": 1.2, "max_snap_m": 200.0}
DRAWN = {"minutes": [5.0, 15.0], "speed_mps": 1.2, "max_snap_m": 200.0}
GROUPS = ["population", "elderly_60"]
STAGES = ["streets", "nearest", "coverage", "scorecard"]
TITLE = [
    (
        "| nodes | how | tiles | most nodes | CPU s | s | streets | nearest | coverage |"
        " scorecard | peak GB | homes within 15 min | digest |"
    ),
    "| ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |",
]
REACHED = [
    (
        "| nodes | how | people within reach, CPU s | s | 300 areas, CPU s | s | digest of people |"
        " areas apart, most | of all area |"
    ),
    "| ---: | --- | ---: | ---: | ---: | ---: | --- | ---: | ---: |",
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nodes", type=int, nargs="*", default=[300_000, 3_000_000])
    parser.add_argument("--alone", type=int, nargs="*", default=[], help="tiled, without the whole")
    parser.add_argument("--tile", type=float, default=15_000.0)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        how, folder = asked.one
        done = made if how == "make" else measured if how in {"whole", "tiles"} else reached
        print(json.dumps(done(Path(folder), how, asked)))
        return
    tables: dict[str, list[str]] = {"nearest": [], "reach": []}
    for nodes in [*asked.nodes, *asked.alone]:
        with TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "nodes").write_text(str(nodes))
            child("make", folder, asked)
            both = ["whole", "tiles"] if nodes in asked.nodes else ["tiles"]
            for how in both:
                tables["nearest"].append(line(child(how, folder, asked)))
            if len(both) == 2:
                rows = [child(f"reach {how}", folder, asked) for how in both]
                tables["reach"] += [line(row + apart(folder, row[1])) for row in rows]
    about = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    load = f"Other work may share the machine: load {os.getloadavg()[2]:.1f} at the end."
    words = ["# Streets in tiles", "", f"`python benchmarks/tiles.py`, {about}. {load}", ""]
    words += [*merged(TITLE, tables["nearest"]), "", *merged(REACHED, tables["reach"])]
    (HERE / "tiles.md").write_text("\n".join(words) + "\n", "utf-8")


def child(how: str, folder: Path, asked: argparse.Namespace) -> list:
    command = [sys.executable, __file__, "--one", how, str(folder)]
    command += ["--tile", str(asked.tile), "--threads", str(asked.threads)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return json.loads(said.splitlines()[-1])


def line(told: list) -> str:
    said = f"| {' | '.join(map(str, told))} |"
    print(said, flush=True)
    return said


def merged(title: list[str], lines: list[str]) -> list[str]:
    """Return a table with its new lines, and those of other sizes as they stood."""
    page = HERE / "tiles.md"
    before = page.read_text("utf-8").splitlines() if page.exists() else []
    kept = []
    if title[0] in before:
        for one in before[before.index(title[0]) + 2 :]:
            if not one.startswith("|"):
                break
            kept.append(one)
    key = {tuple(one.split("|")[1:3]) for one in lines}
    kept = [one for one in kept if tuple(one.split("|")[1:3]) not in key]
    size = lambda one: int(one.split("|")[1].replace(",", ""))  # noqa: E731
    return [*title, *sorted([*kept, *lines], key=size)]


def made(folder: Path, _: str, __: argparse.Namespace) -> list:
    """Make streets, homes and facilities, and write them."""
    xy, ends, length = streets(int((folder / "nodes").read_text()))
    draw = np.random.default_rng(3)
    homes, places = (
        xy[draw.integers(0, len(xy), len(xy) // n)] + draw.normal(0, 30, (len(xy) // n, 2))
        for n in (5, 100)
    )
    people = draw.integers(1, 200, len(homes))
    old = draw.binomial(people, 0.2)
    told = {"xy": xy, "ends": ends, "length": length, "homes": homes, "places": places}
    for name, array in (told | {"people": np.column_stack([people, old])}).items():
        np.save(folder / f"{name}.npy", array)
    return []


class District:
    """The tables as a planner has them."""

    def __init__(self, folder: Path) -> None:
        read = {path.stem: np.load(path) for path in folder.glob("*.npy")}
        self.nodes = pd.DataFrame(read["xy"], columns=["x", "y"], copy=False)
        u, v = read["ends"].T
        self.edges = pd.DataFrame({"u": u, "v": v, "length_m": read["length"]}, copy=False)
        self.homes, self.places = (
            gpd.GeoSeries.from_xy(*read[name].T, crs=CRS) for name in ("homes", "places")
        )
        self.kind = pd.Series(KIND, self.places.index)
        self.demand = pd.DataFrame(read["people"], columns=GROUPS)
        column, row = (read["homes"] // 1000).astype(int).T
        number, places = pd.factorize(column * 10_000 + row)
        label = pd.Index([f"c{one}" for one in places])
        self.demand["community"] = label.take(number)
        street = [f"s{one // 10 // 10_000 * 10_000 + one % 10_000 // 10}" for one in places]
        people = self.demand.groupby("community")[GROUPS].sum().reindex(label)
        self.communities = people.assign(street=street)


def cost(begun: tuple[float, float] = (0.0, 0.0)) -> tuple[float, float]:
    return time.process_time() - begun[0], time.perf_counter() - begun[1]


def measured(folder: Path, how: str, asked: argparse.Namespace) -> list:
    """Compute nearest, coverage and scorecard; a row of the table."""
    warm_up()
    of, sizes = District(folder), [0]
    begun, ends = cost(), []
    if how == "whole":
        network = Network.from_edges(of.nodes, of.edges, CRS)
        ends.append(cost(begun))
        found = network.nearest(of.homes, of.places, **ASKED)
        found = found.rename_axis("demand").reset_index().assign(kind=KIND)
        found = found.dropna(subset="minutes")[["demand", "kind", "facility", "minutes"]]
        sizes = [len(of.nodes)]
    else:
        tiled = TiledStreets(nodes=of.nodes, edges=of.edges, crs=CRS, tile_m=asked.tile)
        ends.append(cost(begun))
        found = tiled.nearest_by_kind(
            of.homes, of.places, of.kind, run=counted(sizes, asked.threads), **ASKED
        )
    ends.append(cost(begun))
    covered = coverage(of, found)
    ends.append(cost(begun))
    card = scorecard(facts(of, found), read_profile(["gb50180-2018"]), 2025)
    ends.append(cost(begun))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    tables = [found.astype({"facility": np.int64}), covered.people, covered.units]
    digest = digest_of([*tables, card[["id", "value", "numerator", "pass"]]])
    wall = np.diff([0.0, *(one[1] for one in ends)])
    row = [f"{len(of.nodes):,}", how, f"{len(sizes):,}", f"{max(sizes):,}"]
    row += [f"{ends[-1][0]:.1f}", f"{ends[-1][1]:.1f}", *(f"{one:.1f}" for one in wall)]
    return [*row, f"{peak:.2f}", f"{len(found) / len(of.homes):.2%}", digest]


def counted(sizes: list[int], threads: int):
    """Return what runs tiles in threads, and notes how large each is."""

    def run(work, tiles):
        sizes.clear()
        return in_threads(threads)(work, (noted(tile) for tile in tiles))

    def noted(tile):
        sizes.append(len(tile.nodes))
        return tile

    return run


def coverage(of: District, found: pd.DataFrame) -> Coverage:
    return measure(
        found,
        demand=of.demand,
        communities=of.communities,
        groups=GROUPS,
        kinds=[KIND],
        minutes=[5.0, 10.0, 15.0],
        cutoff_min=15.0,
        covered_share=0.8,
        group="elderly_60",
        has={},
        linked={},
        levels=("district", "street", "community"),
    )


def facts(of: District, found: pd.DataFrame) -> Facts:
    stands = {"kind": KIND, "tier": "", "status": "operating", "operating": True, "community": None}
    links = pd.DataFrame(columns=["facility", "community", "link"])
    times = found.set_index("demand")["minutes"].reindex(of.demand.index)
    return Facts(
        communities=of.communities,
        demand=of.demand,
        facilities=pd.DataFrame(stands, index=of.places.index),
        earlier=None,
        links=links,
        times=pd.DataFrame({KIND: times}),
        kinds=kinds(),
        held=frozenset([KIND]),
        linked=frozenset(),
        supplies=pd.DataFrame(columns=["facility", "station", "link"]),
        groups=tuple(GROUPS),
        group="elderly_60",
        cutoff_min=15.0,
        covered_share=0.8,
        speed_mps=ASKED["speed_mps"],
    )


def digest_of(tables: list[pd.DataFrame]) -> str:
    sha = hashlib.sha256()
    for table in tables:
        for name in table:
            sha.update(pd.util.hash_pandas_object(table[name], index=False).to_numpy().tobytes())
    return sha.hexdigest()[:12]


def reached(folder: Path, how: str, asked: argparse.Namespace) -> list:
    """Compute whom facilities reach, and the areas within reach of some; the areas are written."""
    warm_up()
    of, how = District(folder), how.split()[1]
    people, some = of.demand[GROUPS], of.places.iloc[:300]
    begun = cost()
    if how == "whole":
        network = Network.from_edges(of.nodes, of.edges, CRS)
        pairs = network.travel_times(of.homes, of.places, **ASKED)
        rows = people.to_numpy()[pairs["demand"]]
        total = [np.bincount(pairs["facility"], one, len(of.places)) for one in rows.T]
        found = pd.DataFrame(np.column_stack(total), columns=GROUPS)
    else:
        tiled = TiledStreets(nodes=of.nodes, edges=of.edges, crs=CRS, tile_m=asked.tile)
        run = in_threads(asked.threads)
        found = tiled.catchments(of.homes, of.places, people, run=run, **ASKED)
    first, begun = cost(begun), cost()
    draw = network.reach if how == "whole" else partial(tiled.reach, run=run)
    areas = draw(some, **DRAWN)
    took = [*first, *cost(begun)]
    areas.to_parquet(folder / f"{how}.parquet")
    return [f"{len(of.nodes):,}", how, *(f"{one:.1f}" for one in took), digest_of([found])]


def apart(folder: Path, how: str) -> list[str]:
    """Compare the areas drawn in tiles with those of the whole."""
    if how == "whole":
        return ["", ""]
    whole, tiles = (gpd.read_parquet(folder / f"{one}.parquet") for one in ("whole", "tiles"))
    if not whole[["facility", "minutes"]].equals(tiles[["facility", "minutes"]]):
        sys.exit("tiles drew other areas than the whole")
    off = whole.symmetric_difference(tiles).area
    return [f"{off.max():.2f} m²", f"{off.sum() / whole.area.sum():.1e}"]


if __name__ == "__main__":
    main()
