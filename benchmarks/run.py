"""Measure a whole run stage by stage, in CPU seconds of a process of its own.

    python benchmarks/run.py                       # the embedded district
    python benchmarks/run.py --demo rongpu         # another one
    python benchmarks/run.py --print               # to the screen alone
    python benchmarks/run.py --nodes 100000        # cities on streets of these sizes; 0 for none

Then what asking again costs: the same, another siting question, other outputs, one more scenario.
Each line of the first table is what a stage itself takes, what it calls of other stages left out,
so that the lines add up to the whole; no stage that was kept is used there. CPU time of all
threads, user and system: it says the same on a busy machine. Last, how a run grows: a made-up city
of 1,024 communities, 100,000 homes and 3,000 facilities on larger and larger streets, all outputs.
The tables go to the screen and to `benchmarks/run.md`.
"""

import argparse
import functools
import importlib
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
from collections import defaultdict
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE)]

from city import draw_city  # noqa: E402

SIDE, HOMES, EACH = 32, 100_000, 1_000  # communities along each side; homes; facilities of a kind
KINDS = ("care_station", "canteen", "shelter")
SWEEPS = "1..2", "3..12"  # 2 and 10 numbers of new sites, none of them asked for twice
CITY = """title = "City"
year = 2025
synthetic = true
[communities]
file = "communities.gpkg"
[demand]
file = "homes.gpkg"
[streets]
file = "streets.gpkg"
[coverage]
minutes = [5, 10, 15]
[standards]
profiles = ["beilun-2018"]
[[siting]]
kind = "canteen"
new = 5
"""

# Functions by stage, as module:name where they are looked up; what none of them does is "other".
STAGES = {
    "reading and checking": ["planner.api:read_and_check"],
    "walks and coverage": ["planner.study.scenario:run"],
    "siting": ["planner.study.scenario:propose_all"],
    "capacity and delivery": ["planner.study.scenario:allocate", "planner.study.scenario:deliver"],
    "scorecard": ["planner.study.scenario:hold_against", "planner.study.scenario:hold_once_built"],
    "circles": ["planner.study.scenario:walked_rings"],
    "years": ["planner.study.scenario:figures_over_years"],
    "tables": ["planner.output.report.tables:_build"],
    "map": ["planner.output.maps:page"],
    "report in words": ["planner.output.report.prose.words:compose"],
    "pictures": ["planner.output.report.figures.pictures:draw"],
    "HTML and Markdown": [
        "planner.output.report.writers.html_writer:page",
        "planner.output.report.writers.markdown_writer:markdown",
    ],
    "Word": ["planner.output.report.writers.word_writer:document"],
    "workbook": ["planner.output.report.writers.workbook:workbook"],
    "layers": ["planner.output.report:layers", "planner.output.write:write_gpkg"],
    "tables as CSV": ["planner.output.write:csv_bytes", "planner.output.report:for_readers"],
    "record": ["planner.output.report:record"],
    "stages kept": ["planner.study.stages.stages:save_value"],
}
# Slow to load, and loaded by the stages: loaded first, so that no stage pays for them.
LOADED = (
    "planner.api", "planner.cli.show", "planner.output.maps",
    "planner.output.report.figures.pictures",
    "planner.output.report.prose.words", "planner.output.report.writers.workbook",
    "planner.output.report.writers.word_writer", "planner.output.report.writers.html_writer",
)  # fmt: skip


def cpu_s() -> float:
    """Return the CPU seconds that this process and those it has ended have taken."""
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(used.ru_utime + used.ru_stime for used in both)


class Clock:
    """Adds up what each stage itself takes."""

    def __init__(self) -> None:
        self.taken: dict[str, float] = defaultdict(float)
        self.stages, self.since = ["other"], 0.0

    def turn(self) -> None:
        now = cpu_s()
        self.taken[self.stages[-1]] += now - self.since
        self.since = now

    def begin(self, stage: str) -> None:
        self.turn()
        self.stages.append(stage)

    def end(self) -> None:
        self.turn()
        self.stages.pop()

    def watch(self, stage: str, place: str) -> None:
        """Count what a function takes for a stage."""
        module, _, name = place.partition(":")
        home = importlib.import_module(module)
        watched = getattr(home, name)

        @functools.wraps(watched)
        def timed(*args: object, **named: object) -> object:
            self.begin(stage)
            try:
                return watched(*args, **named)
            finally:
                self.end()

        setattr(home, name, timed)


def one_run(arguments: list[str]) -> None:
    """Run the command line in this process, and print what each stage took, as JSON, last."""
    clock = Clock()
    clock.begin("imports")
    for name in LOADED:
        importlib.import_module(name)
    clock.end()
    for stage, places in STAGES.items():
        for place in places:
            clock.watch(stage, place)
    from planner.cli import main

    main(arguments)
    clock.turn()
    print(json.dumps(clock.taken))


def environment(cache: str | None = None) -> dict[str, str]:
    """Return the environment of a run: Python keeps what it compiles; stages are kept apart."""
    own = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return own if cache is None else own | {"PLANNER_CACHE": cache}


def whole_s(arguments: list[str], folder: str) -> float:
    """Run the command line in a process of its own, and return the CPU seconds that it took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    asked = [sys.executable, "-m", "planner", *arguments]
    subprocess.run(asked, check=True, capture_output=True, env=environment(f"{folder}/cache"))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def asked_again(name: str) -> str:
    """Return a table of what a district costs that was computed before."""
    with tempfile.TemporaryDirectory() as folder:
        demo = ["demo", name, "--out", f"{folder}/result"]
        whole = ["sweep", str(HERE.parent / f"datasets/{name}/scenario.toml"), "--no-maps"]
        sweep = [*whole, "--out", f"{folder}/sweep", "--vary"]
        few, more = (whole_s([*sweep, f"siting.0.new={some}"], folder) for some in SWEEPS)
        rows = {
            "`planner --version`": whole_s(["--version"], folder),
            "the first time, streets compiled anew": whole_s(demo, folder),
            "the same again": whole_s(demo, folder),
            "`--outputs map` alone": whole_s([*demo[:2], "--outputs", "map", *demo[2:]], folder),
            "another siting question (`--set siting.0.new=5`), every output": whole_s(
                [*demo, "--set", "siting.0.new=5"], folder
            ),
            "yet another, the record alone": whole_s(
                [*demo, "--set", "siting.0.new=4", "--outputs", "record"], folder
            ),
            "one more scenario in a sweep (`--vary siting.0.new=…`)": (more - few) / 8,
        }
    lines = [f"| {asked} | {spent:.2f} |" for asked, spent in rows.items()]
    head = ["", f"## `planner demo {name}`, asked again", "", "| what | CPU s |", "| --- | ---: |"]
    return "\n".join([*head, *lines])


def measured(arguments: list[str]) -> dict[str, float]:
    """Run the command line in a process of its own, and return what each stage took."""
    with tempfile.TemporaryDirectory() as folder:
        told = subprocess.run(
            [
                sys.executable,
                __file__,
                "--within",
                *arguments,
                "--fresh",
                "--out",
                f"{folder}/result",
            ],
            check=True,
            capture_output=True,
            text=True,
            env=environment(),
        )
    found: dict[str, float] = json.loads(told.stdout.splitlines()[-1])
    return found


def growth(sizes: list[int]) -> str:
    """Return a table of cities on larger and larger streets, stage by stage."""
    taken = {}
    for nodes in sizes:
        with tempfile.TemporaryDirectory() as folder:
            draw_city(Path(folder), nodes, side=SIDE, homes=HOMES, **dict.fromkeys(KINDS, EACH))
            places = [f'[[facilities]]\nfile = "{kind}.gpkg"\nkind = "{kind}"\n' for kind in KINDS]
            scenario = Path(folder) / "city.toml"
            scenario.write_text("\n".join([CITY, *places]), "utf-8")
            taken[nodes] = measured(["run", str(scenario)])
            print(f"{nodes:,} nodes: {sum(taken[nodes].values()):.1f} CPU s", flush=True)
    stages = sorted(
        STAGES.keys() | {"imports", "other"}, key=lambda one: -taken[sizes[-1]].get(one, 0)
    )
    rows = [[stage, *(f"{taken[n].get(stage, 0):.1f}" for n in sizes)] for stage in stages]
    whole = ["**whole**", *(f"**{sum(taken[n].values()):.1f}**" for n in sizes)]
    facts = f"{SIDE**2:,} communities, {HOMES:,} homes, {EACH * len(KINDS):,} facilities"
    lines = [
        "",
        f"## Growth: {facts}, all outputs; CPU s by nodes of the streets",
        "",
        f"| stage | {' | '.join(f'{n:,}' for n in sizes)} |",
        f"| --- | {' | '.join('---:' for _ in sizes)} |",
    ]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in [*rows, whole])])


def table(title: str, taken: dict[str, float]) -> str:
    """Return a table of a run, the dearest stage first."""
    whole = sum(taken.values())
    rows = sorted(taken.items(), key=lambda row: -row[1])
    lines = [f"| {stage} | {spent:.2f} | {spent / whole:.0%} |" for stage, spent in rows]
    head = ["", f"## {title}", "", "| stage | CPU s | of the whole |", "| --- | ---: | ---: |"]
    return "\n".join([*head, *lines, f"| **whole** | **{whole:.2f}** | |"])


def main() -> None:
    if sys.argv[1:2] == ["--within"]:
        one_run(sys.argv[2:])
        return
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--demo", default="chengwan")
    parser.add_argument("--print", action="store_true", help="to the screen alone")
    parser.add_argument("--nodes", type=int, nargs="*", default=[100_000, 300_000, 1_000_000])
    asked = parser.parse_args()
    one = ["demo", asked.demo]
    measured(one)  # compiles what is not yet, and fills the caches
    parts = [
        table(f"`planner demo {asked.demo}`, warm", measured(one)),
        asked_again(asked.demo),
        *([growth(asked.nodes)] if any(asked.nodes) else []),
    ]
    machine = (
        f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}; "
        f"{os.getloadavg()[0]:.0f} processes at work (CPU time grows where others crowd the caches)"
    )
    told = (
        "# A run, stage by stage\n\n"
        f"planner {version('planner')}; {machine}. Made by `python benchmarks/run.py`.\n"
    )
    page = told + "\n".join(parts) + "\n"
    print(page)
    if not asked.print:
        (HERE / "run.md").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
