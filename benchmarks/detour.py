"""Measure how much longer ways along streets are than the straight line.

Run ``python benchmarks/detour.py``; ``--daan FOLDER`` adds the real district, whose open data are
not part of the planner. What `planner/standards/detour.toml` states comes from here.

Pairs are homes and facilities of all kinds 50 to 900 m apart in a straight line: those that could
be within 15 minutes at 1 m/s, whether the way is short enough or not. To take only the ways that
are would leave out the long ones, and make the factor too small. Homes that the district does not
give are spread along its streets.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from estimates import CASES, plain

from planner import api
from planner.district.entrances import main_entrance

LEAST_M, MOST_M = 50.0, 900.0
SEARCH_MIN = 45.0


def factors(file: Path, folder: Path) -> pd.Series:
    """Return the way over the straight line, for every pair of a district."""
    area = api.check(plain(file, folder)).area
    sites = main_entrance(area.facilities)
    table = area.network.travel_times(area.demand.geometry, sites, SEARCH_MIN, 1.0)
    here = area.demand.geometry.loc[table["demand"]].reset_index(drop=True)
    there = sites.loc[table["facility"]].reset_index(drop=True)
    straight = here.distance(there, align=False)
    found: pd.Series = table["minutes"] * 60 / straight
    return found[straight.between(LEAST_M, MOST_M)]


def main() -> None:
    """Measure all districts, and print the factor of each and of all alike."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--daan", type=Path, help="folder of the real district's data")
    asked = parser.parse_args()
    cases = {name: (api.demo(name), api.demo(name).parent) for name in (*CASES, "helsinki")}
    if asked.daan:
        daan = api.demo("chengwan").parent.parent / "daan" / "scenario.toml"
        cases["daan"] = (daan, asked.daan.resolve())
    rows = {}
    for name, places in cases.items():
        found = factors(*places)
        low, median, high = np.percentile(found, [25, 50, 75])
        rows[name] = {"pairs": len(found), "quarter": low, "median": median,
                      "three_quarters": high, "mean": found.mean()}  # fmt: skip
    table = pd.DataFrame(rows).T
    print(table.round(3).to_string(), "\n\nmean of the districts:", sep="")
    print(table.drop(columns="pairs").mean().round(3).to_string())


if __name__ == "__main__":
    main()
