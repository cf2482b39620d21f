"""Measure very large inputs: streets of 3,000,000 nodes, and a list of 500,000 facilities.

    python benchmarks/large.py                          # both: some ten minutes
    python benchmarks/large.py --tasks rows --rows 50000

Each line is a process of its own that reads and checks everything, as `planner check` does, and
finds the nearest facility of every home where streets are the question. CPU seconds of all threads,
and the most memory held at once. The table goes to the screen and to `benchmarks/large.md`.
"""

import argparse
import contextlib
import io
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from network import peak_mb  # noqa: E402

SIDE = 10  # communities along each side
HOMES, STATIONS = 100_000, 2_000
SMALL = 30_000  # nodes of the streets that a long list stands on
OFF_M = 5_000.0  # beyond the last street
SCENARIO = """title = "Large"
year = 2025
[communities]
file = "communities.gpkg"
[demand]
file = "homes.gpkg"
[streets]
file = "streets.gpkg"
[[facilities]]
file = "{stations}"
kind = "canteen"
{more}
"""
TASKS = {
    "streets": "streets compiled, nearest of {HOMES:,} homes",
    "kept": "the same streets, kept from the run before",
    "drawn": "two pictures and the map of the same streets, what is computed for them left out",
    "rows": "a list of {rows:,} facilities",
    "off": "a list of {rows:,} facilities, all far from any street",
}
TITLE = [
    "| what | nodes of the streets | CPU s | peak GB | answer |",
    "| --- | ---: | ---: | ---: | --- |",
]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tasks", nargs="*", default=list(TASKS), choices=list(TASKS))
    parser.add_argument("--nodes", type=int, default=3_000_000)
    parser.add_argument("--rows", type=int, default=500_000)
    parser.add_argument("--out", type=Path, default=HERE / "large.md")
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        work(*asked.child)
        return
    lines = [*heading(), "", *TITLE]
    print("\n".join(lines))
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        for task in asked.tasks:
            on_streets = task in {"streets", "kept", "drawn"}
            city = place / ("large" if on_streets else "small")
            nodes = asked.nodes if on_streets else SMALL
            if not city.exists():
                alone(draw, city, nodes, asked.rows)
            lines.append(line(task, city, asked.rows))
            print(lines[-1], flush=True)
    asked.out.write_text("\n".join(lines) + "\n", "utf-8")


def alone(do, *what):
    """Do something in a process of its own, whose memory goes with it."""
    child = os.fork()
    if not child:
        do(*what)
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        sys.exit("the city could not be drawn")


def draw(folder, nodes, rows):
    """Draw a city of square communities on street-like lines, one for each edge of the graph."""
    import pandas as pd
    from city import CRS, draw_city

    folder.mkdir()
    xy = draw_city(folder, nodes, side=SIDE, homes=HOMES, stations=STATIONS)
    rng = np.random.default_rng(1)
    for name, east in (("rows", 0.0), ("off", float(xy[:, 0].max() - xy[:, 0].min() + OFF_M))):
        at = xy[rng.choice(len(xy), rows)] + rng.normal([east, 0], 10, (rows, 2))
        pd.DataFrame(
            {
                "名称": [f"食堂{i}" for i in range(rows)], "x": at[:, 0], "y": at[:, 1],
                "餐位": rng.integers(20, 200, rows), "启用年份": rng.integers(2005, 2025, rows),
                "地址": [f"某路{i % 977}号" for i in range(rows)],
            }
        ).to_csv(folder / f"{name}.csv", index=False)  # fmt: skip
    for task in TASKS:
        listed = task in {"rows", "off"}
        text = SCENARIO.format(
            stations=f"{task}.csv" if listed else "stations.gpkg",
            more=f'crs = "{CRS}"' if listed else "",
        )
        (folder / f"{task}.toml").write_text(text, "utf-8")


def line(task, folder, rows):
    """Run a task in a process of its own; return its line of the table."""
    command = [sys.executable, "-W", "ignore", __file__, "--child", task, str(folder)]
    kept = os.environ | {"PLANNER_CACHE": str(folder / "kept")}
    done = subprocess.run(command, check=False, env=kept, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)
    said = json.loads(done.stdout.splitlines()[-1])
    what = TASKS[task].format(rows=rows, HOMES=HOMES)
    return (
        f"| {what} | {said['nodes']:,} | {said['cpu_s']:.1f} | {said['peak_mb'] / 1000:.2f} | "
        f"{said['answer']} |"
    )


def work(task, folder):
    """Do a task and say what it took."""
    scenario = Path(folder) / f"{task}.toml"
    if task == "drawn":
        nodes, answer, before = drawn(scenario)
    else:
        nodes, answer = (nearest if task in {"streets", "kept"} else check)(scenario)
        before = 0.0
    told = {"nodes": nodes, "cpu_s": cpu_s() - before, "peak_mb": peak_mb()}
    print(json.dumps(told | {"answer": answer}))


def cpu_s():
    """Return the CPU seconds of this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def drawn(scenario):
    """Run the scenario; draw a picture of its kind, another of all kinds, and the map."""
    from planner import api
    from planner.output import maps
    from planner.output.report.figures import pictures

    plan = api.run(scenario, set=["coverage.minutes=[15]"])
    before = cpu_s()
    made = [
        *pictures.coverage_maps(plan, plan.kinds[0], "en").values(),
        *pictures.stock_map(plan, "en").values(),
        maps.page(plan, lang="en").encode(),
    ]
    told = f"{sum(map(len, made)) / 1e6:.1f} MB"
    return len(plan.area.network.node_xy), told, before


def nearest(scenario):
    """Read everything, and find the nearest facility of every home."""
    from planner import api

    area = api.check(scenario).area
    near = area.network.nearest(area.homes(200.0), area.facilities.geometry, 15.0)
    share = near["minutes"].notna().mean()
    return len(area.network.node_xy), f"{share:.1%} of homes within 15 minutes"


def check(scenario):
    """Check a scenario as on the command line."""
    from planner import cli

    said = io.StringIO()
    status = 0
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        try:
            cli.main(["check", str(scenario)])
        except SystemExit as stop:
            status = stop.code or 0
    text = said.getvalue()
    return SMALL, f"exit status {status}, {text.count(chr(10)):,} lines, {len(text):,} letters"


def heading():
    """Say what was measured, on what, with which versions."""
    machine = platform.processor() or platform.machine()
    return [
        "# Very large inputs",
        "",
        f"planner {version('planner')}; {machine}, {os.cpu_count()} processors.",
        "Made by `python benchmarks/large.py`: files are read and checked as `planner check` does,",
        "each task in a process of its own.",
    ]


if __name__ == "__main__":
    main()
