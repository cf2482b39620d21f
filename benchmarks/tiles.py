"""Measure streets in tiles: the same answers as of the whole, and how much memory a worker takes.

    python benchmarks/tiles.py                            # 300,000 and 3,000,000 nodes
    python benchmarks/tiles.py --nodes 10000000 --alone   # tiled alone, without the whole

One facility for 100 nodes and one home for 5, on the streets of `streets.py`; 15 minutes at 1.2
m/s. Each line is a process of its own: processor seconds of all threads without the making of the
streets, and the most memory held: of a worker that of the network and its tables alone, which is
what the whole takes beyond its tables. The table goes to the screen and to `benchmarks/tiles.md`.
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
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from streets import streets  # noqa: E402

from planner.engine.network import Network, TiledStreets, warm_up  # noqa: E402

CRS = "EPSG:4549"
ASKED = {"cutoff_min": 15.0, "speed_mps": 1.2, "max_snap_m": 200.0}
TITLE = [
    "| nodes | how | tiles | most nodes in one | CPU s | s | peak GB | homes reached | digest |",
    "| ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |",
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nodes", type=int, nargs="*", default=[300_000, 3_000_000])
    parser.add_argument("--tile", type=float, default=15_000.0)
    parser.add_argument("--alone", action="store_true")
    parser.add_argument("--one", choices=["whole", "tiles"])
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(measured(asked.nodes[0], asked.one, asked.tile)))
        return
    lines = []
    for nodes in asked.nodes:
        for how in ["tiles"] if asked.alone else ["whole", "tiles"]:
            command = [sys.executable, __file__, "--one", how, "--nodes", str(nodes)]
            command += ["--tile", str(asked.tile)]
            said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            told = json.loads(said.splitlines()[-1])
            lines.append(f"| {' | '.join(map(str, told))} |")
            print(lines[-1], flush=True)
    about = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    words = ["# Streets in tiles", "", f"`python benchmarks/tiles.py`, {about}.", "", *TITLE]
    (HERE / "tiles.md").write_text("\n".join([*words, *lines]) + "\n", "utf-8")


def measured(target: int, how: str, tile_m: float) -> list[object]:
    """Compute the nearest of all homes; a row of the table."""
    xy, ends, length = streets(target)
    draw = np.random.default_rng(3)
    nodes = pd.DataFrame(xy, columns=["x", "y"])
    edges = pd.DataFrame({"u": ends[:, 0], "v": ends[:, 1], "length_m": length})
    homes, places = (
        points(xy[draw.integers(0, len(xy), len(xy) // n)] + draw.normal(0, 30, (len(xy) // n, 2)))
        for n in (5, 100)
    )
    warm_up()
    used, begun = time.process_time(), time.perf_counter()
    count, most = 1, len(xy)
    if how == "whole":
        found = Network.from_edges(nodes, edges, CRS).nearest(homes, places, **ASKED)
    else:
        sizes: list[int] = []
        tiled = TiledStreets(nodes=nodes, edges=edges, crs=CRS, tile_m=tile_m)

        def run(work, tiles):
            for tile in tiles:
                sizes.append(len(tile.nodes))
                yield work(tile)

        found = tiled.nearest(homes, places, run=run, **ASKED)
        count, most = len(sizes), max(sizes)
    took = time.process_time() - used, time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    told = found["facility"].fillna(-1).astype(np.int64), found["minutes"].fillna(-1.0)
    digest = hashlib.sha256(b"".join(one.to_numpy().tobytes() for one in told)).hexdigest()[:12]
    cells = f"{len(xy):,}", how, f"{count:,}", f"{most:,}", f"{took[0]:.1f}", f"{took[1]:.1f}"
    return [*cells, f"{peak:.2f}", f"{found['minutes'].notna().mean():.2%}", digest]


def points(xy: np.ndarray) -> gpd.GeoSeries:
    return gpd.GeoSeries.from_xy(xy[:, 0], xy[:, 1], crs=CRS)


if __name__ == "__main__":
    main()
