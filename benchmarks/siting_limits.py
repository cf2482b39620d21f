"""What a limit of time is worth: every model under its main rules, stopped after 2 and 10 seconds.

    python benchmarks/siting_limits.py                          # 1,400,000 pairs, half an hour
    python benchmarks/siting_limits.py --demand 3000 --sites 300 --only p_center fair_cover

Each question goes from table to result in this process; what is compiled is compiled before, on a
small problem. A question that is still open has to use its limit, and may overrun it by a second or
a tenth, whichever is more. A front and alternatives have the limit for each plan. The table goes to
the screen and to `siting_limits.md`.

With ``--busy`` time is what it would be on a machine that does nothing else: CPU time of this
process, and time of the clock while it waits for HiGHS, whose limits are of the clock.
"""

import argparse
import os
import platform
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF

import numpy as np
import pandas as pd

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent)]

from planner import siting  # noqa: E402
from planner.engine import jit  # noqa: E402
from planner.engine.siting.solver import program  # noqa: E402
from planner.engine.siting.solver.worker import stop_workers  # noqa: E402
from planner.errors import NoPlanError  # noqa: E402

LIMITS = (2.0, 10.0)
TOOLS = ("highspy", "numpy", "numba", "pandas", "scipy")
BUSY = [
    "",
    "The machine was busy with other work: wall seconds are CPU seconds of the process, and those",
    "of the clock while it waited for HiGHS, which had part of a processor alone. So steps are as",
    "long as on an idle machine; what HiGHS reaches in its time is less.",
]
SETTLED = "yes: gap given up for preference"
TITLE = [
    "| model | rule | limit s | wall s | CPU s | sites | gap | limit kept |",
    "| --- | --- | ---: | ---: | ---: | ---: | ---: | --- |",
]


@dataclass(frozen=True, kw_only=True)
class Town:
    """A made-up problem: demand in towns, candidates anywhere, a tenth of the sites existing."""

    od: pd.DataFrame
    near: pd.DataFrame
    demand: pd.Series
    between: pd.DataFrame
    existing: list[int]
    zones: pd.Series
    groups: pd.Series
    p: int


def town(n: int, m: int, dense: float, seed: int = 7) -> Town:
    """Make a problem with so many pairs within reach: the share ``dense`` of n x m."""
    rng = np.random.default_rng(seed)
    centres, size = rng.random((60, 2)), rng.dirichlet(np.ones(60))
    people = centres[rng.choice(60, n, p=size)] + rng.normal(0, 0.04, (n, 2))
    people, sites = np.clip(people, 0, 1), rng.random((m, 2))
    reach = float(np.sqrt(dense / np.pi))
    points, places = (pd.DataFrame(xy, columns=["x", "y"]) for xy in (people, sites))
    od = siting.straight_od(points, places, cutoff_m=reach).rename(columns={"metres": "minutes"})
    between = siting.straight_od(places, places, cutoff_m=0.5).rename(columns={"metres": "minutes"})
    for table in (od, between):
        table["minutes"] = (table["minutes"] * 10_000).round()
    return Town(
        od=od,
        near=od[od["minutes"] <= 5_000 * reach],
        demand=pd.Series(rng.integers(1, 100, n)),
        between=between[between["demand"] != between["facility"]],
        existing=list(range(m // 20)),
        zones=pd.Series((sites * 4).astype(int) @ [4, 1]),
        groups=pd.Series((people * 2).astype(int).clip(0, 1) @ [2, 1]),
        p=max(3, round(m**0.5 * 1.5)),
    )


def questions(made: Town) -> dict[tuple[str, str], Callable[[float], object]]:
    """Write every question, to be asked with a limit."""
    od, near, demand, p = made.od, made.near, made.demand, made.p
    m = int(od["facility"].max()) + 1
    rng = np.random.default_rng(3)
    cost = pd.Series(rng.integers(5, 30, m))
    points = pd.Series(rng.integers(0, 5, m).astype(float))
    places = pd.Series((demand.sum() * rng.uniform(0.6, 1.8, m) / p).round())
    sizes = pd.concat(
        [
            pd.DataFrame({"site": range(m), "size": "small", "capacity": places, "cost": 5.0}),
            pd.DataFrame({"site": range(m), "size": "large", "capacity": 2 * places, "cost": 8.0}),
        ]
    )
    floors = [
        siting.Floor(name=str(name), share=0.3, demand=list(inside))
        for name, inside in made.groups.groupby(made.groups).groups.items()
    ]
    rules = {
        "number": {},
        "budget": {"cost": cost, "budget": 15.0 * p},
        "quotas": {"quotas": siting.zone_quotas(made.zones, at_most=max(2, p // 8))},
        "spacing": {"conflicts": siting.too_close(made.between, 300)},
        "mandatory": {"mandatory": list(range(m - 3, m))},
        "existing": {"fixed": made.existing},
        "closable": {"fixed": made.existing, "movable": made.existing},
        "floors": {"floors": floors},
        "host costs": {
            "hosts": pd.Series(rng.integers(0, m // 4 + 1, m)),
            "host_cost": pd.Series(2.0, index=range(m // 4 + 1)),
            "cost": cost,
            "budget": 16.0 * p,
        },
        "preference": {"preference": points, "give_up": 0.01},
        "capacity": {"capacity": places},
        "sizes": {"sizes": sizes, "budget": 7.0 * p},
        "upgrades": {"sizes": sizes, "budget": 7.0 * p, "fixed": made.existing},
        "whole": {"capacity": places, "whole": True},
    }
    simple = ("number", "budget", "quotas", "spacing", "mandatory", "existing", "closable")
    further = ("floors", "host costs", "preference", "capacity", "sizes", "upgrades")
    plain = {name: rules[name] for name in (*simple, *further)}
    found: dict[tuple[str, str], Callable[[float], object]] = {}

    def add(model: str, rule: str, function: Callable, *tables: object, **asked: object) -> None:
        found[model, rule] = lambda limit_s: function(*tables, **asked, time_limit_s=limit_s)

    for rule, asked in {**plain, "whole": rules["whole"]}.items():
        add("max_cover", rule, siting.max_cover, near, demand, p=p, **asked)
        reached = {"beyond": 9_000.0} if rule in ("sizes", "upgrades") else {}
        add("p_median", rule, siting.p_median, od, demand, p=4 * p, **asked, **reached)
    for rule, asked in plain.items():
        if rule not in ("budget", "host costs"):
            add("set_cover", rule, siting.set_cover, od, demand, **{**asked, "budget": None})
        add("p_center", rule, siting.p_center, od, demand, p=4 * p, **asked)
    add("max_cover", "times = 2", siting.max_cover, near, demand, p=p, times=2)
    add("max_cover", "decay", siting.max_cover, od, demand, p=p, decay=lambda t: 1 / (1 + t / 900))
    add("set_cover", "share = 0.9", siting.set_cover, od, demand, share=0.9)
    add("set_cover", "costs", siting.set_cover, od, demand, cost=cost)
    add("set_cover", "times = 2", siting.set_cover, od, demand, times=2)
    add("p_median", "beyond", siting.p_median, od, demand, p=p, beyond=9_000.0)
    add("p_center", "weighted", siting.p_center, od, demand, p=4 * p, weighted=True)
    for rule in ("number", "quotas", "spacing", "existing", "preference"):
        add("p_dispersion", rule, siting.p_dispersion, made.between, p=p, **rules[rule])
    groups = made.groups
    for rule in ("number", "quotas", "capacity"):
        add("fair_cover", rule, siting.fair_cover, near, demand, groups, p=p, **rules[rule])
    add("fair_cover", "spread", siting.fair_cover, near, demand, groups, p=p, spread=0.05)
    years = pd.DataFrame({2026: demand, 2028: demand * 1.1, 2030: demand * 0.9})
    new = {2026: p // 3, 2028: p // 2, 2030: p}
    for rule in ("number", "quotas", "preference"):
        add("phases", rule, siting.phase_cover, near, years, p=new, **rules[rule])
    kinds = ("canteen", "station", "clinic")
    tables, weights = (dict.fromkeys(kinds, each) for each in (near, demand))
    every = {kind: list(range(m)) for kind in kinds}
    for rule, asked in (
        ("buildings", {"buildings": p, "p": dict.fromkeys(kinds, p)}),
        (
            "budget",
            {"cost": dict.fromkeys(kinds, cost), "building_cost": cost, "budget": 25.0 * p},
        ),
    ):
        add("together", rule, siting.cover_together, tables, weights, candidates=every, **asked)
    near_best = {"k": 3, "within": 0.05, "p": p}
    for function in (siting.max_cover, siting.p_median, siting.p_center):
        table, more = (near, {}) if function is siting.max_cover else (od, {"p": 4 * p})
        asked = {**near_best, **more}
        add(
            "alternatives", function.__name__, siting.alternatives, function, table, demand, **asked
        )
    add("front", "cost", siting.cover_front, near, demand, most=4, cost=cost, budget=15.0 * p)
    add("front", "number", siting.cover_front, near, demand, most=4, budget=float(p))
    beyond = {"beyond": 9_000.0, "within": float(near["minutes"].max())}
    add("front", "time", siting.time_front, od, demand, most=3, p=p, **beyond)
    add("front", "longest", siting.mean_max_front, od, demand, most=3, p=4 * p)
    add("front", "fairness", siting.fair_front, near, demand, groups, most=3, p=p)
    return found


def told(answer: object) -> tuple[str, str, int, bool]:
    """Tell the sites and the gap of an answer, of how many plans, and whether it is open."""
    if isinstance(answer, NoPlanError):
        late = any("time" in problem.key for problem in answer.problems)
        return "none", "no plan in time" if late else "none exists", 1, late
    if isinstance(answer, pd.DataFrame):
        sites = [len(plan.chosen) for plan in answer["plan"]]
        open_ = not answer["proven"].all()
        proof = f"{int(answer['proven'].sum())} of {len(answer)} proven"
        return f"{min(sites)} to {max(sites)}", proof, 2 * len(answer) + 2, open_
    if isinstance(answer, siting.Alternatives):
        plans = answer.plans
        open_ = any(plan.gap for plan in plans)
        gap = max(plan.gap for plan in plans)
        return f"{len(plans)} plans", f"{gap:.2%}", len(plans) + 1, open_
    plans = getattr(answer, "plans", None) or {"": getattr(answer, "plan", answer)}
    sites = sum(len(plan.chosen) for plan in plans.values())
    if isinstance(answer, siting.Phased):
        sites = len(answer.opens)
    gap = getattr(answer, "gap", None)
    gap = next(iter(plans.values())).gap if gap is None else gap
    proven = getattr(answer, "status", next(iter(plans.values())).status) == "optimal"
    return str(sites), "proven" if proven else f"{gap:.2%}", 1, not proven


class BusyClock:
    """Time as it would be on a machine that does nothing else.

    It stands in for the module `time` of the engine's clocks.
    """

    def __init__(self) -> None:
        self.waited = 0.0

    def monotonic(self) -> float:
        """Return seconds: of CPU time, and of waiting for HiGHS."""
        return time.process_time() + self.waited

    def counted(self, function: Callable) -> Callable:
        """Return a function whose whole time counts, used or not."""

        def waiting(*args: object) -> object:
            wall, cpu = time.perf_counter(), time.process_time()
            try:
                return function(*args)
            finally:
                spent = time.perf_counter() - wall
                self.waited += spent - (time.process_time() - cpu)

        return waiting

    def install(self) -> None:
        """Have the engine read this clock."""
        program.time = self
        jit.time = self  # what compiling took is taken off, on the same clock
        program.solve_aside = self.counted(program.solve_aside)
        program.highs.solve = self.counted(program.highs.solve)


def cpu_s() -> float:
    """Return the CPU seconds of this process and of those that it has ended."""
    return sum(sum(resource.getrusage(who)[:2]) for who in (RUSAGE_SELF, RUSAGE_CHILDREN))


def measure(
    ask: Callable[[float], object], limit_s: float, now: Callable[[], float] = time.perf_counter
) -> tuple[list[str], bool]:
    """Ask one question; give its figures, and whether it kept to its limit."""
    compiled, wall, cpu = jit.compiling_s(), now(), cpu_s()
    try:
        answer = ask(limit_s)
    except NoPlanError as none:
        answer = none
    wall = now() - wall
    stop_workers()  # so that their time counts
    cpu = cpu_s() - cpu
    compiled = jit.compiling_s() - compiled
    wall, cpu = wall - compiled, cpu - compiled
    sites, gap, runs, is_open = told(answer)
    most = runs * (limit_s + max(1.0, limit_s / 10))
    kept = "yes" if wall <= most else f"over by {wall - runs * limit_s:.1f} s"
    if kept == "yes" and is_open and runs == 1 and wall < 0.9 * limit_s:
        kept = SETTLED if within_what_is_given_up(answer) else "ended early"
    fine = kept in {"yes", SETTLED}
    return [f"{limit_s:g}", f"{wall:.1f}", f"{cpu:.1f}", sites, gap, kept], fine


def within_what_is_given_up(answer: object) -> bool:
    """Return whether the gap of an answer is but what it was free to give up for preference."""
    asked, gap = getattr(answer, "asked", {}), getattr(answer, "gap", np.inf)
    return asked.get("preference") is not None and gap <= asked.get("give_up", 0.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--demand", type=int, default=20_000)
    parser.add_argument("--sites", type=int, default=1_000)
    parser.add_argument("--dense", type=float, default=0.07, help="share of pairs within reach")
    parser.add_argument("--limits", type=float, nargs="*", default=list(LIMITS))
    parser.add_argument("--only", nargs="*", help="models, all by default")
    parser.add_argument("--rules", nargs="*", help="rules, all by default")
    parser.add_argument("--out", type=Path, default=HERE / "siting_limits.md")
    parser.add_argument("--busy", action="store_true", help="count no time of other work")
    asked = parser.parse_args()
    for ask in questions(town(150, 40, 0.4)).values():
        measure(ask, 0.3)  # compiles
    measure(questions(town(900, 60, 0.5))["p_median", "capacity"], 3.0)  # large: in two parts
    clock, now = BusyClock(), time.perf_counter
    if asked.busy:
        clock.install()
        now = clock.monotonic
    made = town(asked.demand, asked.sites, asked.dense)
    lines = [*heading(made, busy=asked.busy), "", *TITLE]
    print("\n".join(lines), flush=True)
    kept = []
    for (model, rule), ask in questions(made).items():
        if (asked.only and model not in asked.only) or (asked.rules and rule not in asked.rules):
            continue
        for limit_s in asked.limits:
            row, fine = measure(ask, limit_s, now)
            kept.append(fine)
            lines.append("| " + " | ".join([model, rule, *row]) + " |")
            print(lines[-1], flush=True)
    lines += ["", f"{sum(kept)} of {len(kept)} kept to their limit and used it while open."]
    print(lines[-1])
    if not (asked.only or asked.rules):
        asked.out.write_text("\n".join(lines) + "\n", "utf-8")


def heading(made: Town, *, busy: bool) -> list[str]:
    """Say what was measured, on what."""
    machine = platform.processor() or platform.machine()
    have = ", ".join(f"{tool} {version(tool)}" for tool in TOOLS)
    n, m, p = len(made.demand), int(made.od["facility"].max()) + 1, made.p
    tools = f"{machine}, {os.cpu_count()} processors, Python {platform.python_version()}, {have}."
    size = f"{n:,} demand points, {m:,} candidates, {len(made.od):,} pairs within reach and"
    return [
        "# Siting stopped by a limit of time",
        "",
        f"{tools} Load before the run: {os.getloadavg()[0]:.1f}.",
        "",
        f"{size} {len(made.near):,} within half of it (covering); {p} new sites, {4 * p} where all",
        "have to be reached. From table to result, without compiling. A question still open has to",
        "use its limit, and may overrun it by a second or a tenth of it, whichever is more; fronts",
        "and alternatives have it for each plan.",
        *(BUSY if busy else []),
    ]


if __name__ == "__main__":
    main()
