"""How fast siting is, and how sure: against spopt, HiGHS alone, CBC by PuLP, and OR-Tools.

    python benchmarks/siting.py --peers PYTHON          # everything: 20 minutes of CPU at the most
    python benchmarks/siting.py --rows lscp million     # some rows, without the peers

``PYTHON`` is an interpreter that has the peers (`requirements.txt`). Each run has a process of its
own and goes through the public interface, table to result; runs take turns, ours, the peer's and
ours again. Seconds are of CPU time. A peer that has not ended after ``peer_s`` of them is stopped,
and a row asks no further seed once it has taken ``ROW_S``; our own limits are of the clock. Answers
must agree where both are proven. The table, and what is behind in it, goes to the screen and to
`siting.md`.
"""

import argparse
import gc
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

import cpu_limit
import numpy as np
import pandas as pd
from cpu_limit import spent as cpu_s
from scipy.sparse.csgraph import dijkstra

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent)]

from planner import siting  # noqa: E402
from planner.engine.siting.solver.worker import stop_workers  # noqa: E402

OPTIMA = HERE.parent.parent / "shared/data/published-optima/orlib"
TOOLS = ["highspy", "numpy", "numba", "pandas", "scipy"]
PEERS = ["spopt", "pulp", "highspy", "ortools"]
EVERY = ("spopt", "highs", "cbc", "ortools")
NAMES = {
    "spopt": "spopt with CBC",
    "highs": "HiGHS alone",
    "cbc": "PuLP with CBC",
    "ortools": "OR-Tools CP-SAT",
}
LONG_S, MOST_RUNS = 2.0, 5  # runs are repeated until they have taken so long together
ROW_S = 90.0  # CPU seconds after which a row asks no further seed


@dataclass(frozen=True, kw_only=True)
class Row:
    """A line of the table: which problem, asked how, on which seeds, against whom.

    Parameters
    ----------
    title, model, n, m, p
        What it is called, which model, and its size.
    dense
        Share of pairs within reach.
    clustered
        Whether demand stands in towns.
    limit_s
        Time limit; that of a million points counts from the points on.
    seeds
        Of the instances.
    peers
        Who is asked beside us, where they can state the question.
    peer_s
        CPU seconds that each of them has.
    rules
        What is asked beside the number: `ruled` (budget, quotas, spacing and hosts), or `places`.
    """

    title: str
    model: str
    n: int
    m: int
    p: int = 0
    dense: float = 0.012
    clustered: bool = False
    limit_s: float = 60.0
    seeds: tuple[int, ...] = (7,)
    peers: tuple[str, ...] = ()
    peer_s: float = 30.0
    rules: str = ""


MCLP = Row(title="MCLP 2,000 x 500, p = 20", model="max_cover", n=2000, m=500, p=20, peers=EVERY)
LARGE = replace(MCLP, title="MCLP 20,000 x 2,000, p = 50, uniform", n=20_000, m=2_000, p=50)
LARGE = replace(LARGE, dense=0.01, limit_s=10.0, peers=EVERY[1:])
MILLION = replace(LARGE, title="MCLP 1,000,000 x 1,000, p = 50, from the points, uniform")
MILLION = replace(MILLION, n=1_000_000, m=1_000, limit_s=60.0, peers=())
RULED = replace(LARGE, title="5,000 x 500, budget, quotas, spacing, hosts, clustered", peers=())
RULED = replace(RULED, n=5_000, m=500, p=25, dense=0.04, limit_s=15.0, clustered=True, seeds=(1,))
RULED = replace(RULED, rules="ruled")
PLACES = replace(LARGE, title="MCLP with places, 8,000 x 110, uniform", n=8_000, m=110, p=20)
PLACES = replace(PLACES, dense=0.04, limit_s=20.0, seeds=(1,), peers=(), rules="places")
ROWS = {
    "mclp": replace(MCLP, seeds=(7, 1, 2)),
    "lscp": replace(MCLP, title="LSCP 2,000 x 500", model="set_cover", p=0, seeds=(*range(10),)),
    "pmedian": replace(
        replace(MCLP, peers=("spopt",), peer_s=150.0),
        title="p-median 500 x 200, p = 10",
        model="p_median",
        n=500,
        m=200,
        p=10,
        dense=1.0,
    ),
    "pmed": replace(MCLP, title="OR-Library pmed1 to pmed20, together", model="pmed", peers=()),
    "uniform": LARGE,
    "clustered": replace(LARGE, title="the same, clustered", clustered=True),
    "ruled": replace(RULED, title=RULED.title + ", MCLP"),
    "ruled_pmedian": replace(RULED, title="the same, p-median", model="p_median", dense=0.02),
    "places": PLACES,
    "places_pmedian": replace(PLACES, title="the same, p-median", model="p_median", dense=0.1),
    "million": MILLION,
    "million10": replace(
        MILLION, title="the same, clustered, in 10 s", clustered=True, limit_s=10.0
    ),
    "million25": replace(
        MILLION, title="the same, clustered, in 25 s", clustered=True, limit_s=25.0
    ),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peers", help="interpreter that has spopt and highspy")
    parser.add_argument("--rows", nargs="*", choices=list(ROWS), default=list(ROWS))
    parser.add_argument("--out", type=Path, default=HERE / "siting.md")
    parser.add_argument("--peer-s", type=float, help="CPU seconds of each peer, for all rows alike")
    parser.add_argument("--seeds", type=int, help="instances of each row at most")
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    for name, row in list(ROWS.items()):
        peer_s = row.peer_s if asked.peer_s is None else asked.peer_s
        ROWS[name] = replace(row, peer_s=peer_s, seeds=row.seeds[: asked.seeds])
    if asked.child:
        name, seed, path = asked.child
        print(json.dumps(child(ROWS[name], int(seed), Path(path))))
        return
    lines, behind = [*heading(asked.peers), "", *TITLE], []
    print("\n".join(lines))
    started = cpu_s()
    for name in asked.rows:
        if name == "pmed" and not OPTIMA.is_dir():
            continue
        found, lag = compare(name, asked.peers)
        print("\n".join(found), flush=True)
        lines += found
        behind += lag
    lines += ["", "What is behind:", "", *(f"- {text}." for text in behind or ["nothing here"])]
    lines += ["", f"The run took {(cpu_s() - started) / 60:.1f} minutes of CPU time."]
    if left_out := [name for name in ROWS if name not in asked.rows]:
        lines += ["", f"Not run this time: {', '.join(left_out)}."]
    asked.out.write_text("\n".join(lines) + "\n", "utf-8")


TITLE = [
    "| work | who | median CPU s | proof | planner is faster by | peak MB | same answer |",
    "| --- | --- | ---: | --- | ---: | ---: | --- |",
]


def compare(name: str, python: str | None) -> tuple[list[str], list[str]]:
    """Run ours, the peers and ours again on every seed; give lines of the table, and what lags."""
    row, ours = ROWS[name], []
    theirs: dict[str, list[dict]] = {peer: [] for peer in row.peers if python}
    started = cpu_s()
    for seed in row.seeds:
        if ours and cpu_s() - started > ROW_S:
            break
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "problem.npz"
            command = [sys.executable, __file__, "--child", name, str(seed), str(path)]
            command += ["--peer-s", str(row.peer_s)]
            mine = ask(command)
            for peer, runs in theirs.items():
                asked = [python, str(HERE / "siting_peers.py"), str(path), peer]
                runs.append(cpu_limit.run(asked, row.peer_s) or stopped(row.peer_s))
            if theirs:
                mine["runs"] += ask(command)["runs"]
            ours.append(mine | {"seconds": statistics.median(mine["runs"])})
    seeds = f" ({len(ours)} of {len(row.seeds)} seeds)" if len(row.seeds) > 1 else ""
    lines = [f"| {row.title}{seeds} | planner | {figures(ours)} | | {peak(ours)} | |"]
    behind = []
    for peer, runs in theirs.items():
        ratio = sorted(b["seconds"] / a["seconds"] for a, b in zip(ours, runs, strict=True))
        spread = f" ({ratio[0]:,.1f}x to {ratio[-1]:,.1f}x)" if len(ours) > 1 else ""
        least = "at least " if any(run["gap"] for run in runs) else ""  # it would have gone on
        lines.append(
            f"| | {NAMES[peer]} | {figures(runs)} | {least}{statistics.median(ratio):,.1f}x"
            f"{spread} | {peak(runs)} | {agreement(ours, runs)} |"
        )
        is_proven = not any(run["gap"] for run in runs)
        if is_proven and (ratio[0] < 1 or any(run["gap"] for run in ours)):
            behind.append(f"{row.title}: {NAMES[peer]} proves it, {ratio[0]:,.1f}x our time")
    if any(run["gap"] for run in ours):
        gap = max(run["gap"] for run in ours)
        behind.append(f"{row.title}: not proven in {row.limit_s:g} s, gap {gap:.2%}")
    return lines, behind


def ask(command: list[str]) -> dict:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


def stopped(limit_s: float) -> dict:
    """Tell of a peer that did not stop by itself."""
    nothing = {"objective": np.nan, "gap": np.inf, "peak_mb": np.nan}
    return nothing | {"seconds": cpu_limit.last_s(limit_s)}


def figures(runs: list[dict]) -> str:
    seconds = statistics.median(run["seconds"] for run in runs)
    gaps = [run["gap"] for run in runs]
    proof = "proven" if not any(gaps) else f"gap {max(gaps):.2%}" if max(gaps) < 9 else "none"
    if ended := sum(not np.isfinite(gap) for gap in gaps):
        proof = f"none: stopped{f' in {ended} of {len(runs)}' if ended < len(runs) else ''}"
    return f"{seconds:.3f} | {proof}"


def peak(runs: list[dict]) -> str:
    known = [run["peak_mb"] for run in runs if np.isfinite(run["peak_mb"])]
    return f"{max(known):,.0f}" if known else ""


def agreement(ours: list[dict], theirs: list[dict]) -> str:
    both = [(a, b) for a, b in zip(ours, theirs, strict=True) if not a["gap"] and not b["gap"]]
    if not both:
        a, b = ours[0]["objective"], theirs[0]["objective"]
        return f"ours {a:,.0f}, theirs {b:,.0f}" if np.isfinite(b) and b else f"ours {a:,.0f} alone"
    wrong = [a for a, b in both if not np.isclose(a["objective"], b["objective"], rtol=1e-6)]
    return f"NO: {len(wrong)} of {len(both)} differ" if wrong else "yes"


def child(row: Row, seed: int, path: Path) -> dict:
    """Measure a row in this process; compiled code is loaded before the clock runs."""
    small = replace(row, n=200, m=50, p=row.p and 5, dense=max(row.dense, 0.05), rules="")
    if row.model in ("pmed", "p_median"):
        small = replace(small, model="p_median", dense=1.0)
    ours(small, *problem(small, 1))
    if row.model == "pmed":
        return published()
    if row.n >= 1_000_000:
        return million(row, seed)
    od, demand = problem(row, seed)
    if row.peers:
        save(row, od, demand, path)
    runs = []
    while not runs or (len(runs) < MOST_RUNS and sum(runs) < LONG_S):
        gc.collect()
        start = cpu_s()
        found = ours(row, od, demand, **rules(row, seed, demand))
        stop_workers()  # so that their time counts
        runs.append(cpu_s() - start)
    return result(found, runs)


def result(found: siting.Solution, runs: list[float]) -> dict:
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"runs": runs, "objective": found.objective, "gap": found.gap, "peak_mb": memory}


def rules(row: Row, seed: int, demand: pd.Series) -> dict:
    """Make what is asked beside the number of sites."""
    rng, sites = np.random.default_rng(3), points(row, seed)[1]
    if row.rules == "places":
        scarce = 0.9 if row.model == "max_cover" else 3.0
        each = demand.sum() * scarce / row.p * rng.uniform(0.5, 1.5, row.m)
        return {"capacity": pd.Series(each.round())}
    if row.rules != "ruled":
        return {}
    zone = (sites * 4).astype(int) @ [4, 1]
    between = siting.straight_od(sites, sites, cutoff_m=0.06)
    beyond = {"beyond": 0.2} if row.model == "p_median" else {}
    return beyond | {
        "cost": pd.Series(rng.integers(5, 30, row.m)),
        "budget": 350,
        "quotas": siting.zone_quotas(zone, at_least=1, at_most=3),
        "conflicts": siting.too_close(between, 0.06, metric="metres"),
        "hosts": pd.Series(rng.integers(0, 150, row.m)),
    }


def ours(
    row: Row, od: pd.DataFrame, demand: pd.Series, spent_s: float = 0.0, **more: object
) -> siting.Solution:
    """Ask our model, table to result."""
    asked = ({"p": row.p} if row.p else {}) | more
    limit = max(row.limit_s - spent_s, 0.1)
    return getattr(siting, row.model)(od, demand, metric="metres", time_limit_s=limit, **asked)


def problem(row: Row, seed: int) -> tuple[pd.DataFrame, pd.Series]:
    """Make a table of all pairs within reach, and weights."""
    people, sites = points(row, seed)
    return siting.straight_od(people, sites, cutoff_m=reach(row)), weights(row)


def points(row: Row, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Demand uniform in the unit square, or in 60 Gaussian towns; candidates uniform."""
    rng = np.random.default_rng(seed)
    if row.clustered:
        towns, size = rng.random((60, 2)), rng.dirichlet(np.ones(60))
        people = towns[rng.choice(60, row.n, p=size)] + rng.normal(0, 0.04, (row.n, 2))
    else:
        people = rng.random((row.n, 2))
    sites = rng.random((row.m, 2))
    return pd.DataFrame(people, columns=["x", "y"]), pd.DataFrame(sites, columns=["x", "y"])


def reach(row: Row) -> float:
    return float(np.sqrt(row.dense / np.pi)) if row.dense < 1 else 2.0


def weights(row: Row) -> pd.Series:
    return pd.Series(np.random.default_rng(8).integers(1, 100, row.n))


def million(row: Row, seed: int) -> dict:
    """Site from a million points, catchments included."""
    people, sites = points(row, seed)
    demand = weights(row)
    start, used = time.perf_counter(), cpu_s()
    od = siting.straight_od(people, sites, cutoff_m=reach(row))
    after = 2.5 if row.clustered else 0.0  # what follows the search, at most
    found = ours(row, od, demand, time.perf_counter() - start + after)
    stop_workers()
    return result(found, [cpu_s() - used])


def published() -> dict:
    """Prove OR-Library's pmed1 to pmed20, whose optima stand beside them."""
    readme = (OPTIMA.parent / "README.md").read_text()
    optima = [int(word) for word in readme.split("order:")[1].replace(".", "").split()[:20]]
    total = 0.0
    for number, optimum in enumerate(optima, 1):
        text = (OPTIMA / f"pmed{number}.txt").read_text()
        (n, _, p), *edges = ([int(w) for w in line.split()] for line in text.splitlines() if line)
        graph = np.zeros((n, n))
        for u, v, w in edges:
            graph[u - 1, v - 1] = graph[v - 1, u - 1] = w
        site, person = np.divmod(np.arange(n * n), n)
        metres = dijkstra(graph, directed=False).ravel()
        od = pd.DataFrame({"demand": site, "facility": person, "metres": metres})
        row = replace(ROWS["pmedian"], p=p)
        gc.collect()
        start = cpu_s()
        found = ours(row, od, pd.Series(1, index=range(n)))
        stop_workers()
        total += cpu_s() - start
        if found.gap or found.objective != optimum:
            raise ArithmeticError(f"pmed{number}: {found.objective}, not {optimum}")
    return result(found, [total])


def save(row: Row, od: pd.DataFrame, demand: pd.Series, path: Path) -> None:
    """Write a problem for the peers."""
    np.savez(
        path,
        model=row.model,
        shape=(row.n, row.m),
        row=od["demand"],
        col=od["facility"],
        values=od["metres"],
        weight=demand,
        p=row.p,
        cutoff=float(od["metres"].max()),
        limit=row.peer_s,
    )


def heading(python: str | None) -> list[str]:
    """Say what was measured, on what, with which versions."""
    have = [f"{tool} {version(tool)}" for tool in TOOLS]
    if python:
        code = f"from importlib.metadata import version as v; print(*map(v, {PEERS}))"
        found = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
        versions = zip(PEERS, found.stdout.split(), strict=True)
        have += ["peers: " + ", ".join(f"{peer} {number}" for peer, number in versions)]
    machine = platform.processor() or platform.machine()
    return [
        "# Siting beside its peers",
        "",
        f"{machine}, {os.cpu_count()} processors, Python {platform.python_version()}.",
        ", ".join(have) + f". Load before the run: {os.getloadavg()[0]:.1f}.",
        "",
        "From table to result, the model built and solved; of several seeds the median, and the",
        "least and largest ratio. Seconds are of CPU time, those of a solver's own process too: a",
        f"peer has {ROWS['mclp'].peer_s:g} of them, for the p-median {ROWS['pmedian'].peer_s:g},",
        f"and is then stopped; a row of several seeds asks no further one after {ROW_S:g}. Our own",
        "limits are of the clock: 60 s, or 10 s at 20,000 x 2,000.",
        "The peak is that of the whole process. A peer stands where it can state the question;",
        "pbp-pmedian could not be had. Rows without peers have too many rules or points for them.",
    ]


if __name__ == "__main__":
    main()
