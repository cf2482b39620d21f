"""Covering instances of the literature that a rule generates, ours beside HiGHS alone.

    python benchmarks/siting_covering.py [--limit 10] [--points 20000000] [--only sts45 cyc8]

MCLP as Cordeau, Furini & Ljubić (2019) draw it: 100 sites and very many points uniform on 30 x 30,
demand 1 to 100, radius 6.25, ten sites. Set covers: see `unicost.py`. Seconds are of CPU time, the
limit is of the clock. The tables go to the screen and to `siting_covering.md`.
"""

import argparse
import os
import resource
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import unicost
from cpu_limit import spent as cpu_s

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent)]

from planner import siting  # noqa: E402
from planner.engine.siting.solver.program import Program  # noqa: E402
from planner.engine.siting.solver.worker import stop_workers  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--limit", type=float, default=10.0)
    parser.add_argument("--points", type=int, nargs="*", default=[1_000_000, 20_000_000])
    parser.add_argument("--only", nargs="*", choices=list(unicost.BEST), default=[*unicost.BEST])
    parser.add_argument("--out", type=Path, default=HERE / "siting_covering.md")
    asked = parser.parse_args()
    many(1_000)  # compiled code is loaded before anything is measured
    covers("sts9", 1.0, [])
    lines = [
        "# Covering instances of the literature",
        "",
        f"Load before the run: {os.getloadavg()[0]:.1f}, {os.cpu_count()} processors.",
        f"Limit: {asked.limit:g} s of the clock; seconds are of CPU time.",
        "",
        "| MCLP, Cordeau, Furini & Ljubić | groups | s | proof | covers | peak GB |",
        "| ---: | ---: | ---: | --- | ---: | ---: |",
        *(many(n) for n in asked.points),
        "",
        "| set cover | rows x columns | best known | planner | bound | s | HiGHS | bound | s |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    print("\n".join(lines))
    behind: list[str] = []
    for name in asked.only:
        lines.append(covers(name, asked.limit, behind))
        print(lines[-1], flush=True)
    lines += ["", "What is behind:", "", *(f"- {text}." for text in behind or ["nothing here"])]
    asked.out.write_text("\n".join(lines) + "\n", "utf-8")


def many(n: int) -> str:
    """Site ten of a hundred for n points, from their coordinates."""
    rng = np.random.default_rng(1)
    points = pd.DataFrame(rng.uniform(0, 30, (n, 2)), columns=["x", "y"], copy=False)
    weight = pd.Series(rng.integers(1, 101, n))
    sites = pd.DataFrame(rng.uniform(0, 30, (100, 2)), columns=["x", "y"])
    start = cpu_s()
    groups = siting.aggregate_points(points, weight, sites, cutoff_m=6.25)
    plan = siting.max_cover(groups.od, groups.weight, p=10, metric="metres")
    stop_workers()
    seconds = cpu_s() - start
    proof = "proven" if plan.status == "optimal" else f"gap {plan.gap:.2%}"
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return (
        f"| {n:,} points | {len(groups.weight):,} | {seconds:.1f} | {proof} "
        f"| {plan.share:.2%} | {memory:.1f} |"
    )


def covers(name: str, limit: float, behind: list[str]) -> str:
    """Cover an instance with the fewest columns."""
    by = unicost.instance(name)
    rows, columns = by.shape
    row, col = by.nonzero()
    od = pd.DataFrame({"demand": row, "facility": col, "minutes": 1.0})
    start = cpu_s()
    ours = siting.set_cover(od, pd.Series(1, index=range(rows)), time_limit_s=limit)
    stop_workers()  # so that their time counts
    after = cpu_s()
    program = Program(maximise=False)
    sites = program.columns(columns, worth=1.0, whole=True)
    program.rows((sites, by), low=1.0)
    alone = program.solve(time_limit_s=limit, unit=1.0)
    stop_workers()
    used = cpu_s() - after
    found = "none" if alone.point is None else f"{alone.objective:.0f}"
    if ours.objective > unicost.BEST[name]:
        behind.append(f"{name}: {ours.objective:.0f} found, {unicost.BEST[name]} known")
    elif ours.gap:
        behind.append(f"{name}: the best known value is found, not proven")
    return (
        f"| {name} | {rows:,} x {columns:,} | {unicost.BEST[name]} | {ours.objective:.0f} "
        f"| {max(np.ceil(ours.bound - 1e-6), 0.0):.0f} | {after - start:.1f} "
        f"| {found} | {max(np.ceil(alone.bound - 1e-6), 0.0):.0f} | {used:.1f} |"
    )


if __name__ == "__main__":
    main()
