"""Time the street engine against its peers, on graphs that anyone can make again.

    python benchmarks/network.py                             # everything: about half an hour
    python benchmarks/network.py --graphs helsinki 30000     # a few minutes

Each contender runs in a process of its own, through its public interface. Runs take turns, ours and
then the peer's, so that a busy machine is busy for both. Answers are compared pair by pair, and a
line says what came of it. The tables go to the screen and to `benchmarks/network.md`.
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

import network_answers as answers  # noqa: E402
import network_peers as contenders  # noqa: E402
from streets import streets  # noqa: E402

PLAN = {  # which tasks on which graph, and who is left out because it would take hours
    "helsinki": ("nearest table polygons load snap", "osmnx-polygons"),
    "30000": ("nearest table sets polygons load snap", ""),
    "300000": ("nearest table load snap", ""),
    "3000000": (
        "nearest table load snap",
        "networkx pandana igraph networkit rustworkx scipy-table osmnx",
    ),
}
PEERS = ["networkx", "scipy", "osmnx", "pandana", "igraph", "networkit", "rustworkx", "shapely"]
TOOLS = ["numpy", "numba", "pandas", "geopandas"]
OURS = "planner"
LONG_S = 6.0  # runs are repeated until a contender has had this long
MOST_RUNS = 9
TURN, TURN_S = 5, 0.5  # runs of a turn, unless they take longer


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--graphs", nargs="*", default=list(PLAN), help="helsinki, or a size")
    parser.add_argument("--tasks", nargs="*", default=list(contenders.TASKS))
    parser.add_argument("--skip", nargs="*", default=[], help="contenders to leave out")
    parser.add_argument("--out", type=Path, default=HERE / "network.md")
    parser.add_argument("--child", nargs=4, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        child(*asked.child)
        return
    lines, growth = [*heading(), "", *TITLE], {}
    print("\n".join(lines))
    with tempfile.TemporaryDirectory() as folder:
        for name in asked.graphs:
            graph = Path(folder) / f"{name}.npz"
            nodes = make(name, graph)
            tasks, out = PLAN.get(name, PLAN["300000"])
            for task in [one for one in tasks.split() if one in asked.tasks]:
                rows, ours = compare(task, nodes, name, graph, [*out.split(), *asked.skip])
                growth.setdefault((nodes, name), {})[task] = ours
                for line in rows:
                    print(line, flush=True)
                    lines.append(line)
    more = ["", *grown(growth)]
    print("\n".join(more))
    asked.out.write_text("\n".join([*lines, *more]) + "\n", "utf-8")


def make(name, path):
    """Make a graph and write it; return its number of nodes."""
    xy, ends, length = contenders.helsinki() if name == "helsinki" else streets(int(name))
    np.savez(path, xy=xy, e=ends, w=length)
    return len(xy)


TITLE = [
    "| graph | work | who | set-up s | median s | runs | planner is faster by | peak MB | answer |",
    "| ---: | --- | --- | ---: | ---: | ---: | ---: | ---: | --- |",
]


class Contender:
    """A process that has been set up for a task and runs it when told to."""

    def __init__(self, task, name, graph):
        self.name, self.times = name, []
        self.result = graph.with_suffix(f".{task}.{name}.npz")
        command = [sys.executable, __file__, "--child", task, name, str(graph), str(self.result)]
        self.noise = tempfile.TemporaryFile()  # noqa: SIM115
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.noise, text=True
        )
        self.setup_s = self.hear()

    def hear(self):
        """Read what the process has to say; stop with its last words if it is no more."""
        said = self.process.stdout.readline()
        if not said:
            self.process.wait()
            self.noise.seek(0)
            last = self.noise.read().decode(errors="replace").strip().splitlines() or ["stopped"]
            raise RuntimeError(last[-1])
        return json.loads(said)

    def ask(self, what):
        self.process.stdin.write(what + "\n")
        self.process.stdin.flush()
        return self.hear()

    def turn(self):
        """Run a few times, or once if that is long: after a pause caches are cold."""
        before = len(self.times)
        while len(self.times) < before + TURN and sum(self.times[before:]) < TURN_S:
            self.times.append(self.ask("run"))

    @property
    def satisfied(self):
        return len(self.times) >= MOST_RUNS or sum(self.times) >= LONG_S

    @property
    def median(self):
        return statistics.median(self.times)

    def end(self):
        told = self.ask("end")
        self.process.wait()
        with np.load(self.result) as file:
            return told, dict(file)


def compare(task, nodes, name, graph, out):
    """Run every contender of a task in turns with ours; give the table's lines, and our figures."""
    title, names = contenders.TASKS[task]
    where = f"{nodes:,} | {title}" if name.isdigit() else f"{name} ({nodes:,}) | {title}"
    ours = Contender(task, OURS, graph)
    while not ours.satisfied:
        ours.turn()
    met, lines = [], []
    for peer in names.split()[1:]:
        if peer in out or f"{peer}-{task}" in out:
            continue
        try:
            other = Contender(task, peer, graph)
            before = len(ours.times)
            while not other.satisfied:
                other.turn()
                ours.turn()
            told, found = other.end()
        except (RuntimeError, OSError) as error:
            lines.append(f"| {where} | {peer} | | | | | | did not run: {error!s:.80} |")
            continue
        ratio = other.median * told["factor"] / statistics.median(ours.times[before:])
        met.append((other, told, found, f"{ratio:,.1f}x"))
    told, answer = ours.end()
    lines[:0] = [
        line(where, ours, told, "", answers.ours(task, answer, ours.median)),
        *(line(where, *one[:2], one[3], answers.same(task, answer, one[2])) for one in met),
    ]
    return lines, {"median_s": ours.median, "peak_mb": told["peak_mb"]}


def line(where, contender, told, ratio, said):
    factor = told["factor"]
    scaled = f" (scaled x{factor:.0f})" if factor > 1 else ""
    return (
        f"| {where} | {contender.name}{scaled} | {contender.setup_s:.2f} | "
        f"{contender.median * factor:.4f} | {len(contender.times)} | {ratio} | "
        f"{told['peak_mb']:,.0f} | {said} |"
    )


def child(task, name, graph, result):
    """Set one contender up in this process, then run it whenever told to."""
    # Peers print what they like: our words go by a channel of their own.
    channel = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def say(what):
        channel.write(json.dumps(what) + "\n")
        channel.flush()

    begin = time.perf_counter()
    answer, work = getattr(contenders, f"{task}_{name}")(contenders.Graph(graph))
    say(time.perf_counter() - begin)
    for command in sys.stdin:
        if command.strip() == "end":
            break
        got = None  # the answer before makes room
        begin = time.perf_counter()
        got = work()
        say(time.perf_counter() - begin)
    peak = peak_mb()
    np.savez(result, **answer(got))
    say({"peak_mb": peak, "factor": getattr(work, "factor", 1.0)})


def peak_mb():
    """Most memory that this process has held at once."""
    status = Path("/proc/self/status")
    if status.exists():  # what rusage says there begins with the peak of the parent
        words = dict(line.split(":", 1) for line in status.read_text("ascii").splitlines())
        return int(words["VmHWM"].split()[0]) / 1024
    unit = 1024**2 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def grown(found):
    """Show how our own figures grow with the graph."""
    tasks = [task for task in contenders.TASKS if any(task in one for one in found.values())]
    head = " | ".join(f"{task} s | MB" for task in tasks)
    lines = [
        "How it grows: medians and peak memory of the planner alone.",
        "",
        f"| graph | {head} |",
        "| ---: | " + " | ".join(["---: | ---:"] * len(tasks)) + " |",
    ]
    for (nodes, _), one in sorted(found.items()):
        cells = [
            f"{one[task]['median_s']:.4f} | {one[task]['peak_mb']:,.0f}" if task in one else " | "
            for task in tasks
        ]
        lines.append(f"| {nodes:,} | {' | '.join(cells)} |")
    return lines


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
        "# The street engine beside its peers",
        "",
        f"{machine}, {os.cpu_count()} processors, Python {platform.python_version()}.",
        ", ".join(have) + f". Load before the run: {os.getloadavg()[0]:.1f}.",
        "",
        "Medians through the public interface, runs in turns with ours: a ratio is of runs made at",
        "the same time. Set-up is the rest: reading the graph, building, loading compiled code.",
        "Peers without a cutoff, or too slow for all, are timed on a sample and scaled up.",
        "The peak is that of the whole process.",
    ]


if __name__ == "__main__":
    main()
