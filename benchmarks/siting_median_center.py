"""Published location problems, proven or not: p-medians, capacitated p-medians and p-centers.

    python benchmarks/siting_median_center.py --peers PYTHON     # everything: 20 minutes of CPU
    python benchmarks/siting_median_center.py --rows rl1304-100  # some rows

``PYTHON`` is an interpreter that has spopt, pulp, highspy and ortools (`requirements.txt`). Peers
are asked the problems of ``ASKED`` and stopped after ``PEER_S`` CPU seconds each. Each run has a
process of its own, from table to result. Figures are CPU seconds, since published ones are of one
processor; every optimum is compared with the published one. The table goes to the screen and to
`siting_median_center.md`.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import cpu_limit
import numpy as np
import pandas as pd
from cpu_limit import spent as cpu_s
from scipy.sparse.csgraph import dijkstra
from siting import heading

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent)]

from planner import siting  # noqa: E402
from planner.engine.siting.solver.worker import stop_workers  # noqa: E402

DATA = HERE.parent.parent / "shared/data/published-optima"
LIMIT_S = 60.0
# Optimum, and seconds of Duran-Mateluna, Ales & Elloumi (2023).
RL1304 = {
    5: (3_099_073, 2.8), 10: (2_134_295, 15.4), 20: (1_412_108, 2.3), 50: (795_012, 1.5),
    100: (491_639, 2.4), 200: (268_573, 0.5), 300: (177_326, 0.5), 400: (128_332, 0.2),
    500: (97_024, 0.4),
}  # fmt: skip
PMEDCAP = (713, 740, 751, 651, 664, 778, 787, 820, 715, 829)
CENTERS = (127, 98, 93, 74, 48, 84, 64, 55, 37, 20, 59, 51, 36, 26, 18, 47, 39, 28, 18, 13)
# Graphs of the sizes of pmed21 to pmed40, made up: nodes and sites.
LIKE = {
    21: (500, 5), 22: (500, 10), 23: (500, 50), 24: (500, 100), 25: (500, 167), 26: (600, 5),
    27: (600, 10), 28: (600, 60), 29: (600, 120), 30: (600, 200), 31: (700, 5), 32: (700, 10),
    33: (700, 70), 34: (700, 140), 35: (800, 5), 36: (800, 10), 37: (800, 80), 38: (900, 5),
    39: (900, 10), 40: (900, 90),
}  # fmt: skip
ROWS = [
    *(f"rl1304-{p}" for p in RL1304),
    *(f"pmedcap-{number}" for number in range(1, 11)),
    *(f"center-{number}" for number in range(1, 41)),
]
PEERS = {"rl1304": ("spopt",), "pmedcap": ("highs", "ortools"), "center": ("highs", "spopt")}
PEER_S = 30.0  # CPU seconds of a peer
ASKED = {  # problems that peers are asked, from those that we prove soonest to the slowest
    "rl1304": (5, 100, 500), "pmedcap": (2, 6, 7, 8, 10), "center": (1, 20, 40),
}  # fmt: skip
TITLE = [
    "| problem | n | p | optimum | published s | who | answer | bound | CPU s | wall s | peak MB |",
    "| --- | ---: | ---: | ---: | ---: | --- | ---: | ---: | ---: | ---: | ---: |",
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peers", help="interpreter that has spopt, pulp, highspy and ortools")
    parser.add_argument("--rows", nargs="*", choices=ROWS, default=ROWS)
    parser.add_argument("--out", type=Path, default=HERE / "siting_median_center.md")
    parser.add_argument("--peer-s", type=float, default=PEER_S, help="CPU seconds of each peer")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        print(json.dumps(child(asked.child)))
        return
    lines = ["# Published location problems", "", *heading(None)[2:4], "", *TITLE]
    print("\n".join(lines))
    behind: list[str] = []
    started = cpu_s()
    for name in asked.rows:
        for line in compare(name, asked.peers, asked.peer_s, behind):
            print(line, flush=True)
            lines.append(line)
    asked_for = [name for name in ROWS if name not in asked.rows]
    lines += ["", "What is behind:", "", *(f"- {text}." for text in behind or ["nothing here"])]
    if asked.peers:
        lines += [
            "",
            f"A peer had {asked.peer_s:g} CPU seconds for each problem that it was asked.",
        ]
    lines += ["", f"The run took {(cpu_s() - started) / 60:.1f} minutes of CPU time."]
    if asked_for:
        lines += ["", f"Not run this time: {', '.join(asked_for)}."]
    asked.out.write_text("\n".join(lines) + "\n", "utf-8")


def compare(name: str, python: str | None, peer_s: float, behind: list[str]) -> list[str]:
    """Give the lines of one problem: ours, then the peers'."""
    distances, _, p, _ = problem(name)
    runs = {"planner": ask([sys.executable, __file__, "--child", name])}
    kind, _, number = name.partition("-")
    if python and int(number) in ASKED[kind]:
        for peer in PEERS[kind]:
            command = [python, str(HERE / "siting_median_center_peers.py"), peer, kind]
            runs[peer] = ask_peer(command, name, peer_s)
    optimum, seconds = published(name)
    mine = runs["planner"]
    if mine["bound"] < mine["objective"] - 1e-6:
        behind.append(
            f"{name}: not proven, {figure(mine['objective'])} with a bound of {mine['bound']:,.10g}"
        )
    if seconds and mine["cpu"] > seconds:
        behind.append(
            f"{name}: {mine['cpu']:.1f} s against the published {seconds} s of another machine"
        )
    for who, run in runs.items():
        if (
            who != "planner"
            and np.isfinite(run["objective"])
            and run["bound"] >= run["objective"] - 1e-6
            and run["cpu"] < mine["cpu"]
        ):
            behind.append(
                f"{name}: {who} proves it in {run['cpu']:.1f} s, we in {mine['cpu']:.1f} s"
            )
    lines = []
    for who, run in runs.items():
        wrong = optimum is not None and run["bound"] > optimum + 1e-6
        if wrong or (optimum is not None and run["objective"] < optimum - 1e-6):
            raise ArithmeticError(f"{name}: {who} says {run}")
        head = f"| {name} | {len(distances)} | {p} | {figure(optimum)} | {seconds or ''} "
        lines.append(
            f"{head if who == 'planner' else '| | | | | '}| {who} | {figure(run['objective'])} "
            f"| {figure(run['bound'])} | {run['cpu']:.1f}{run.get('stopped', '')} "
            f"| {run['wall']:.1f} | {run['peak_mb']:,.0f} |"
        )
    return lines


def figure(value: float | None) -> str:
    return "" if value is None or not np.isfinite(value) else f"{round(value, 3):,.10g}"


def published(name: str) -> tuple[float | None, float | None]:
    """Tell the published optimum and seconds, as far as they are known."""
    kind, number = name.split("-")
    if kind == "rl1304":
        return RL1304[int(number)]
    known = PMEDCAP if kind == "pmedcap" else CENTERS
    return (known[int(number) - 1] if int(number) <= len(known) else None), None


def problem(name: str) -> tuple[np.ndarray, np.ndarray, int, float]:
    """Read a problem: distances, what each customer asks of a site, sites, and room of each."""
    kind, number = name.split("-")
    if kind == "rl1304":
        text = (DATA / "tsplib/rl1304.tsp").read_text()
        body = text.split("NODE_COORD_SECTION")[1].split("EOF")[0]
        points = np.array(body.split(), dtype=float).reshape(-1, 3)[:, 1:]
        return apart(points), np.ones(len(points)), int(number), np.inf
    if kind == "pmedcap":
        words = (DATA / f"pmedcap/pmedcap{int(number):02d}.txt").read_text().split()
        n, p, room = (int(word) for word in words[2:5])
        table = np.array(words[5:], dtype=float).reshape(n, 4)
        return apart(table[:, 1:3]), table[:, 3], p, float(room)
    graph, p = read_graph(int(number)) if int(number) <= 20 else make_graph(int(number))
    return dijkstra(graph, directed=False), np.ones(len(graph)), p, np.inf


def apart(points: np.ndarray) -> np.ndarray:
    return np.floor(np.linalg.norm(points[:, None] - points[None], axis=2))


def read_graph(number: int) -> tuple[np.ndarray, int]:
    text = (DATA / f"orlib/pmed{number}.txt").read_text()
    (n, _, p), *edges = ([int(word) for word in line.split()] for line in text.splitlines() if line)
    graph = np.zeros((n, n))
    for u, v, w in edges:
        graph[u - 1, v - 1] = graph[v - 1, u - 1] = w
    return graph, p


def make_graph(number: int) -> tuple[np.ndarray, int]:
    """Make a connected graph of n * n / 50 edges with lengths of 1 to 100, as Beasley's are."""
    n, p = LIKE[number]
    rng = np.random.default_rng(number)
    graph, way = np.zeros((n, n)), rng.permutation(n)
    ends = np.concatenate(
        [np.column_stack([way[:-1], way[1:]]), rng.integers(0, n, (n * n // 50, 2))]
    )
    for (u, v), w in zip(ends, rng.integers(1, 101, len(ends)), strict=True):
        if u != v:
            graph[u, v] = graph[v, u] = w
    return graph, p


def child(name: str) -> dict:
    """Measure a problem in this process; compiled code is loaded before the clock runs."""
    ours("rl1304", *problem("pmedcap-1")[:3], np.inf)
    ours("center", *problem("pmedcap-1")[:3], np.inf)
    asked = problem(name)
    wall, cpu = time.perf_counter(), cpu_s()
    found = ours(name.split("-", maxsplit=1)[0], *asked)
    wall = time.perf_counter() - wall
    stop_workers()  # so that their time counts
    return {
        "objective": found.objective,
        "bound": found.bound,
        "cpu": cpu_s() - cpu,
        "wall": wall,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def ours(
    kind: str, distances: np.ndarray, people: np.ndarray, p: int, room: float
) -> siting.Solution:
    """Ask our model, table to result. A published cost counts each customer once."""
    n = len(distances)
    demand, facility = np.divmod(np.arange(n * n), n)
    each = distances.ravel() / (people[demand] if kind == "pmedcap" else 1.0)
    od = pd.DataFrame({"demand": demand, "facility": facility, "metres": each})
    asked = {"p": p, "metric": "metres", "time_limit_s": LIMIT_S}
    if kind == "pmedcap":
        asked |= {"capacity": pd.Series(room, index=range(n)), "whole": True, "time_limit_s": 600.0}
    model = siting.p_center if kind == "center" else siting.p_median
    return model(od, pd.Series(people if kind == "pmedcap" else 1.0, index=range(n)), **asked)


def ask(command: list[str]) -> dict:
    """Run a process of ours."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


def ask_peer(command: list[str], name: str, limit_s: float) -> dict:
    """Run a peer, which is handed its problem as an archive."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "problem.npz"
        distances, people, p, room = problem(name)
        np.savez(path, distances=distances, people=people, p=p, room=room, limit=limit_s)
        found = cpu_limit.run([*command, str(path)], limit_s)
    if found is not None:
        return found
    nothing = {"objective": np.inf, "bound": -np.inf, "wall": 0.0, "peak_mb": 0.0}
    return nothing | {"cpu": cpu_limit.last_s(limit_s), "stopped": ", stopped"}


if __name__ == "__main__":
    main()
