"""Measure allocation and floating catchments on a made-up town, and compare with `access`.

Run ``python benchmarks/capacity.py``. The comparison needs the package ``access`` in the same
environment; without it, that line says so.
"""

from __future__ import annotations

import argparse
import importlib
import resource
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from planner import capacity


def town(
    demand: int, facilities: int, pairs: int, *, load: float, seed: int = 1, clustered: bool = False
) -> tuple[pd.DataFrame, pd.Series, pd.Series]:
    """Make a town on the unit square: OD table, people and capacities.

    ``load`` is people per place; ``clustered`` gathers people in centres, facilities not.
    """
    rng = np.random.default_rng(seed)
    homes = rng.random((demand, 2))
    if clustered:
        centres = rng.random((40, 2))
        homes = centres[rng.integers(0, 40, demand)] + rng.normal(0, 0.04, (demand, 2))
    sites = rng.random((facilities, 2))
    radius = float(np.sqrt(pairs / demand / facilities / np.pi))
    near = cKDTree(sites).query_ball_point(homes, radius)
    counts = np.array([len(found) for found in near])
    row = np.repeat(np.arange(demand), counts)
    col = np.concatenate([np.asarray(found, dtype=np.int64) for found in near])
    minutes = np.hypot(*(homes[row] - sites[col]).T) / radius * 15
    people = rng.integers(1, 40, demand).astype(float)
    places = rng.random(facilities)
    places = np.rint(places / places.sum() * people.sum() / load)
    labels = pd.Index([f"D{i:06d}" for i in range(demand)])
    names = pd.Index([f"F{i:04d}" for i in range(facilities)])
    od = pd.DataFrame(
        {"demand": labels.take(row), "facility": names.take(col), "minutes": minutes.round(9)}
    )
    return od, pd.Series(people, labels), pd.Series(places, names)


def timed(name: str, work: Callable[[], Any], repeat: int = 1) -> tuple[Any, float]:
    best = np.inf
    answer = None
    for _ in range(repeat):
        start = time.perf_counter()
        answer = work()
        best = min(best, time.perf_counter() - start)
    print(f"{name:<44}{best:9.3f} s")
    return answer, best


def allocate(demand: int, facilities: int, pairs: int) -> None:
    for load, clustered in ((0.8, False), (1.0, False), (1.2, False), (3.0, False), (1.2, True)):
        od, people, places = town(demand, facilities, pairs, load=load, clustered=clustered)
        kind = "clustered" if clustered else "uniform"
        print(f"\n{kind}: {demand:,} x {facilities:,}, {len(od):,} pairs, load {load}")
        table, _ = timed(
            "read the OD table", lambda a=(od, people, places): capacity.read_pairs(*a)
        )
        timed("serve the nearest", lambda t=table: capacity.serve_nearest(t))
        most, _ = timed("serve most", lambda t=table: capacity.serve_most(t))
        print(
            f"  {most.status}: served {most.objective:,.0f} of {people.sum():,.0f}, "
            f"bound {most.bound:,.0f}; person-minutes {most.person_minutes:,.3f}, "
            f"bound {most.least_person_minutes:,.3f}"
        )


def villages(units: int, facilities: int, pairs: int) -> None:
    od, people, places = town(units, facilities, pairs, load=1.05)
    print(f"\nwhole: {units:,} communities x {facilities:,}, {len(od):,} pairs")
    table = capacity.read_pairs(od, people, places)
    whole, _ = timed("serve whole communities", lambda: capacity.serve_whole(table))
    print(f"  {whole.status}: served {whole.objective:,.0f}, bound {whole.bound:,.0f}")


def catchments(demand: int, facilities: int, pairs: int) -> None:
    od, people, places = town(demand, facilities, pairs, load=1.2)
    print(f"\nfloating catchments: {demand:,} x {facilities:,}, {len(od):,} pairs")
    table, reading = timed("read the OD table", lambda: capacity.read_pairs(od, people, places), 3)
    try:
        fca, weights = map(importlib.import_module, ("access.fca", "access.weights"))
    except ImportError:
        print("the package access is not installed: no comparison")
        return
    homes = people.rename_axis("geoid").rename("people").reset_index()
    sites = places.rename_axis("geoid").rename("supply").to_frame()
    costs = od.rename(columns={"demand": "origin", "facility": "dest", "minutes": "cost"})
    decays = {
        "no decay": (capacity.uniform(15), None),
        "their bell": (lambda t: np.exp(-(t**2) / (2 * 15**2)), weights.gaussian(15)),
    }
    for name, (own, peer) in decays.items():
        ours, fast = timed(f"2SFCA, {name}", lambda d=own: capacity.floating(table, d), 3)
        theirs, slow = timed(
            f"access.fca.two_stage_fca, {name}",
            lambda w=peer: fca.two_stage_fca(
                homes, sites, costs, max_cost=15, demand_name="people", weight_fn=w
            ),
        )
        off = (ours.places["score"] / theirs.reindex(people.index) - 1).abs().max()
        print(
            f"  largest difference {off:.1e}; times as fast: {slow / fast:.0f}, "
            f"with reading {slow / (reading + fast):.1f}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--demand", type=int, default=100_000)
    parser.add_argument("--facilities", type=int, default=1_000)
    parser.add_argument("--pairs", type=int, default=5_500_000, help="before the edge is cut off")
    given = parser.parse_args()
    small = capacity.read_pairs(*town(50, 5, 100, load=1.2))  # compile first
    for work in (capacity.serve_nearest, capacity.serve_most):
        work(small)
    capacity.floating(small, capacity.uniform(15))
    catchments(given.demand, given.facilities, given.pairs)
    allocate(given.demand, given.facilities, given.pairs)
    villages(300, 150, 9_000)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"\nmost memory used: {peak:.2f} GB")


if __name__ == "__main__":
    main()
