"""How fast siting is, and how sure: against spopt with CBC and against plain HiGHS.

    python benchmarks/siting.py [--peers PYTHON] [--quick]

``PYTHON`` is an interpreter that has spopt and highspy; without it the peers are left out. Every
line is one problem, solved by all in the same run; answers must agree where both are proven.
"""

import argparse
import gc
import json
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from planner import siting

HERE = Path(__file__).resolve().parent
OPTIMA = HERE.parent.parent / "shared/data/published-optima/orlib"


@dataclass(frozen=True, kw_only=True)
class Case:
    """One problem: which model on which table, and how long it may take."""

    name: str
    model: str
    od: pd.DataFrame
    demand: pd.Series
    shape: tuple[int, int]
    p: int = 0
    limit: float = 60.0


def scatter(n: int, m: int, seed: int, *, clustered: bool) -> tuple[np.ndarray, np.ndarray]:
    """Demand uniform in the unit square, or in 60 Gaussian towns; candidates uniform."""
    rng = np.random.default_rng(seed)
    if not clustered:
        return rng.random((n, 2)), rng.random((m, 2))
    towns, size = rng.random((60, 2)), rng.dirichlet(np.ones(60))
    people = towns[rng.choice(60, n, p=size)] + rng.normal(0, 0.04, (n, 2))
    return people, rng.random((m, 2))


def catchments(people: np.ndarray, sites: np.ndarray, radius: float) -> pd.DataFrame:
    """Table of all pairs nearer than a radius."""
    hits = cKDTree(people).query_ball_point(sites, radius)
    row = np.concatenate([np.asarray(hit, dtype=np.int32) for hit in hits])
    col = np.repeat(np.arange(len(sites), dtype=np.int32), [len(hit) for hit in hits])
    apart = np.hypot(*(people[row] - sites[col]).T).astype(np.float32)
    return pd.DataFrame({"demand": row, "facility": col, "minutes": apart})


def case(
    model: str,
    n: int,
    m: int,
    *,
    dense: float,
    limit: float,
    p: int = 0,
    clustered: bool = False,
    seed: int = 7,
) -> Case:
    """Make a random problem, a share of whose pairs lie within reach."""
    people, sites = scatter(n, m, seed, clustered=clustered)
    if dense >= 1:
        row, col = np.divmod(np.arange(n * m), m)
        apart = np.hypot(*(people[row] - sites[col]).T)
        od = pd.DataFrame({"demand": row, "facility": col, "minutes": apart})
    else:
        od = catchments(people, sites, float(np.sqrt(dense / np.pi)))
    weight = np.random.default_rng(8).integers(1, 100, n)
    kind = "clustered" if clustered else "uniform"
    return Case(
        name=f"{model} {n:,} x {m:,} {kind}",
        model=model,
        od=od,
        demand=pd.Series(weight),
        shape=(n, m),
        p=p,
        limit=limit,
    )


def ours(problem: Case) -> tuple[siting.Siting, float]:
    """Ask our model, table to result."""
    asked = {} if problem.model == "set_cover" else {"p": problem.p}
    gc.collect()
    start = time.perf_counter()
    found = getattr(siting, problem.model)(
        problem.od, problem.demand, time_limit_s=problem.limit, **asked
    )
    return found, time.perf_counter() - start


def theirs(problem: Case, peer: str, python: str) -> dict:
    """Ask a peer in an interpreter of its own; reading the problem is not timed."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "problem.npz"
        np.savez(
            path,
            model=problem.model,
            shape=problem.shape,
            row=problem.od["demand"],
            col=problem.od["facility"],
            values=problem.od["minutes"],
            weight=problem.demand,
            p=problem.p,
            cutoff=float(problem.od["minutes"].max()),
            limit=45.0,
        )
        command = [python, str(HERE / "siting_peers.py"), str(path), peer]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def report(problem: Case, peer: str | None, python: str | None) -> None:
    """Solve, compare and print a line."""
    found, seconds = ours(problem)
    line = f"{problem.name:38} {seconds:8.3f} s  {found.status:8} gap {found.gap:.3%}"
    if peer and python:
        other = theirs(problem, peer, python)
        line += f"   {peer} {other['seconds']:8.2f} s  ratio {other['seconds'] / seconds:7.1f}x"
        if other["proven"] and found.status == "optimal":
            same = np.isclose(other["objective"], found.objective, rtol=1e-6)
            line += "  same answer" if same else f"  DIFFERS: {other['objective']}"
        else:
            line += f"  found {other['objective']:,.0f}, ours {found.objective:,.0f}"
    print(line, flush=True)


def published() -> None:
    """Prove OR-Library's pmed1 to pmed20, whose optima stand beside them."""
    optima = {
        number: int(word)
        for number, word in enumerate(
            (OPTIMA.parent / "README.md").read_text().split("order:")[1].replace(".", "").split(), 1
        )
        if number <= 20
    }
    total = 0.0
    for number, optimum in optima.items():
        text = (OPTIMA / f"pmed{number}.txt").read_text()
        (n, _, p), *edges = (
            [int(word) for word in row.split()] for row in text.splitlines() if row
        )
        graph = np.zeros((n, n))
        for u, v, w in edges:
            graph[u - 1, v - 1] = graph[v - 1, u - 1] = w
        row, col = np.divmod(np.arange(n * n), n)
        metres = dijkstra(graph, directed=False).ravel()
        od = pd.DataFrame({"demand": row, "facility": col, "minutes": metres})
        demand = pd.Series(1, index=range(n))
        problem = Case(name="pmed", model="p_median", od=od, demand=demand, shape=(n, n), p=p)
        found, seconds = ours(problem)
        total += seconds
        right = found.status == "optimal" and found.objective == optimum
        print(
            f"pmed{number:<3} {seconds:6.3f} s  {found.objective:6.0f} {'ok' if right else 'WRONG'}"
        )
    print(f"pmed1 to pmed20, all proven: {total:.2f} s together", flush=True)


def million(*, clustered: bool) -> None:
    """Site from a million points, catchments included."""
    n, m = 1_000_000, 1_000
    people, sites = scatter(n, m, 7, clustered=clustered)
    demand = pd.Series(np.random.default_rng(8).integers(1, 100, n))
    start = time.perf_counter()
    od = catchments(people, sites, float(np.sqrt(0.01 / np.pi)))
    reading = time.perf_counter() - start
    limit = 60.0 if not clustered else max(1.0, 30.0 - reading - 4.0)
    problem = Case(
        name="million", model="max_cover", od=od, demand=demand, shape=(n, m), p=50, limit=limit
    )
    found, seconds = ours(problem)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    kind = "clustered" if clustered else "uniform"
    print(
        f"max_cover 1,000,000 x 1,000 {kind}: {reading + seconds:.1f} s from the points "
        f"({reading:.1f} s for catchments), {found.status}, gap {found.gap:.3%}, {memory:.2f} GB",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", help="interpreter that has spopt and highspy")
    parser.add_argument("--quick", action="store_true", help="only what takes seconds")
    parser.add_argument("--million", choices=["uniform", "clustered"], help="that case alone")
    chosen = parser.parse_args()
    if chosen.million:
        million(clustered=chosen.million == "clustered")
        return
    small = case("max_cover", 200, 50, dense=0.05, p=5, limit=9)
    for model in ("max_cover", "p_median", "set_cover"):  # compile first
        ours(Case(**{**vars(small), "model": model, "p": 50 if model == "p_median" else 5}))
    report(case("max_cover", 2000, 500, dense=0.012, p=20, limit=60), "spopt", chosen.peers)
    for seed in (7, 1, 2):  # set covering is easy or hard by luck
        report(
            case("set_cover", 2000, 500, dense=0.012, limit=60, seed=seed), "spopt", chosen.peers
        )
    report(case("p_median", 500, 200, dense=1, p=10, limit=60), "spopt", chosen.peers)
    if OPTIMA.is_dir():
        published()
    if chosen.quick:
        return
    for clustered in (False, True):
        problem = case("max_cover", 20_000, 2_000, dense=0.01, p=50, clustered=clustered, limit=10)
        report(problem, "highs", chosen.peers)
    for kind in ("uniform", "clustered"):  # each in a process of its own, so that memory is its own
        command = [sys.executable, __file__, "--million", kind]
        subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
