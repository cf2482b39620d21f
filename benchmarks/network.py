"""Time the street engine against its peers, on graphs that anyone can make again.

    python benchmarks/network.py                       # all sizes: about half an hour
    python benchmarks/network.py --sizes 30000         # a few minutes

Each contender runs in a process of its own, through its public interface. Answers are compared pair
by pair before any time counts. The table goes to the screen and to `benchmarks/network.md`.
"""

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import network_peers as contenders  # noqa: E402
from streets import streets  # noqa: E402

PLAN = {  # which tasks at which size, and who is left out because it would take hours or the memory
    30_000: ("nearest table sets polygons load snap", ""),
    300_000: ("nearest table load snap", ""),
    3_000_000: ("nearest table", "networkx pandana igraph networkit rustworkx scipy-table"),
}
PEERS = ["networkx", "scipy", "osmnx", "pandana", "igraph", "networkit", "rustworkx", "shapely"]
TOOLS = ["numpy", "numba", "pandas", "geopandas"]
LONG_S = 5.0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="*", default=list(PLAN))
    parser.add_argument("--tasks", nargs="*", default=list(contenders.TASKS))
    parser.add_argument("--skip", nargs="*", default=[], help="contenders to leave out")
    parser.add_argument("--out", type=Path, default=HERE / "network.md")
    parser.add_argument("--child", nargs=4, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        child(*asked.child)
        return
    lines = [*heading(), "", *TITLE]
    print("\n".join(lines))
    with tempfile.TemporaryDirectory() as folder:
        for size in asked.sizes:
            graph = Path(folder) / f"{size}.npz"
            xy, ends, length = streets(size)
            np.savez(graph, xy=xy, e=ends, w=length)
            tasks, out = PLAN.get(size, PLAN[300_000])
            for task in [one for one in tasks.split() if one in asked.tasks]:
                for line in compare(task, size, graph, [*out.split(), *asked.skip]):
                    print(line, flush=True)
                    lines.append(line)
    asked.out.write_text("\n".join(lines) + "\n", "utf-8")


TITLE = [
    "| nodes | work | who | set-up s | median s | planner is faster by | peak MB | same answer |",
    "| ---: | --- | --- | ---: | ---: | ---: | ---: | --- |",
]


def compare(task, size, graph, out):
    """Run every contender of a task and give one line of the table for each."""
    title, names = contenders.TASKS[task]
    base = answer = None
    for name in names.split():
        if name in out or f"{name}-{task}" in out:
            continue
        result = graph.with_suffix(f".{task}.{name}.npy")
        command = [sys.executable, __file__, "--child", task, name, str(graph), str(result)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            reason = (done.stderr.strip().splitlines() or ["stopped"])[-1]
            yield f"| {size:,} | {title} | {name} | | | | | did not run: {reason[:80]} |"
            continue
        got = json.loads(done.stdout.splitlines()[-1])
        values = np.load(result)
        if base is None:
            base, answer = got["median_s"], values
            said = "" if task != "polygons" else "agreement {:.3%}, {:.3%} of reach".format(*values)
        else:
            said = same(task, answer, values)
        ratio = f"{got['median_s'] / base:,.1f}x" if name != "planner" else ""
        scaled = f" (scaled x{got['factor']:.0f})" if got["factor"] > 1 else ""
        yield (
            f"| {size:,} | {title} | {name}{scaled} | {got['setup_s']:.2f} | "
            f"{got['median_s']:.4f} | {ratio} | {got['peak_mb']:,.0f} | {said} |"
        )


def same(task, ours, theirs):
    """Compare answers: rows of pairs as far as the peer was asked, else number by number."""
    if task == "polygons":
        return ""
    if task in {"table", "sets"}:
        ours = ours[:, np.isin(ours[0], np.unique(theirs[0]))]
    theirs = theirs[..., : ours.shape[-1]]
    ours = ours[..., : theirs.shape[-1]]
    if ours.shape == theirs.shape and np.allclose(ours, theirs, rtol=0, atol=6e-5, equal_nan=True):
        return "yes, to 1e-6 min"
    if ours.shape != theirs.shape:
        return f"NO: {ours.shape[-1]:,} rows, not {theirs.shape[-1]:,}"
    worst = np.nanmax(np.abs(ours - theirs))
    missing = int((np.isnan(ours) != np.isnan(theirs)).sum())
    return f"NO: off by up to {worst:.3g} m, {missing} missing on one side"


def child(task, name, graph, result):
    """Measure one contender in this process."""
    begin = time.perf_counter()
    answer, work = getattr(contenders, f"{task}_{name}")(contenders.Graph(graph))
    setup = time.perf_counter() - begin
    times = []
    while not times or (len(times) < 7 and sum(times) < LONG_S):
        begin = time.perf_counter()
        got = work()
        times.append(time.perf_counter() - begin)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    np.save(result, answer(got))
    factor = getattr(work, "factor", 1.0)
    median = statistics.median(times) * factor
    print(json.dumps({"setup_s": setup, "median_s": median, "peak_mb": peak, "factor": factor}))


def heading():
    """Say what was measured, on what, with which versions."""
    have = []
    for peer in [*PEERS, *TOOLS]:
        try:
            have.append(f"{peer} {version(peer)}")
        except PackageNotFoundError:
            have.append(f"{peer} not installed")
    machine = platform.processor() or platform.machine()
    return [
        "# Benchmarks",
        "",
        f"{machine}, {os.cpu_count()} processors, Python {platform.python_version()}.",
        f"{', '.join(have)}. Load before the run: {os.getloadavg()[0]:.1f}.",
        "",
        "Medians of up to seven runs through the public interface; set-up includes reading the",
        "graph. Peers without a cutoff are timed on a sample of sources and scaled up. The peak is",
        "that of the whole process.",
    ]


if __name__ == "__main__":
    main()
