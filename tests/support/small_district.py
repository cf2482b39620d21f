"""A small random district, and how to ask it things: nothing in it is special."""

import random

import numpy as np
import pandas as pd

from planner.district.assessment import Facts, Figure, evaluate
from planner.standards import Profile, Target, kinds

CUTOFF, SHARE = 15, 0.5
TIERS = {"care_station": ["point", "room"], "canteen": ["full", "meal_point"], "shelter": [None]}


def district(seed: int = 1, communities: int = 12) -> Facts:
    """A small random district: nothing in it is special."""
    rng = random.Random(seed)  # noqa: S311  a test, not a secret
    ids = [f"c{i}" for i in range(communities)]
    table = pd.DataFrame(
        {
            "name": ids,
            "street": [f"s{i % 3}" for i in range(communities)],
            "settlement": [rng.choice(["urban", "rural"]) for _ in ids],
            "zone": [rng.choice("南北中") for _ in ids],
            "population": [float(rng.randint(50, 900)) for _ in ids],
            "households": [float(rng.randint(20, 300)) for _ in ids],
            "premises_m2": [float(rng.randint(100, 800)) for _ in ids],
            "low_income": [float(rng.randint(0, 9)) for _ in ids],
        },
        index=ids,
    )
    table.loc[ids[:2], ["settlement", "zone"]] = [["urban", "南"], ["rural", "北"]]
    homes = [rng.choice(ids[:-1]) for _ in range(60)]
    demand = pd.DataFrame(
        {
            "community": homes,
            "population": [float(rng.randint(0, 40)) for _ in homes],
            "aged_60": [float(rng.randint(0, 12)) for _ in homes],
        },
        index=[f"d{i}" for i in range(60)],
    )
    rows = []
    for kind, tiers in TIERS.items():
        rows += [
            {
                "kind": kind,
                "tier": rng.choice(tiers),
                "capacity": float(rng.randint(10, 90)),
                "nursing_beds": float(rng.randint(0, 9)),
                "floor_area_m2": float(rng.randint(50, 900)),
                "status": "existing",
                "operating": number < 7,
                "community": rng.choice(ids),
            }
            for number in range(9)
        ]
    facilities = pd.DataFrame(rows, index=[f"f{i}" for i in range(len(rows))])
    facilities.loc[~facilities["operating"], "status"] = "proposed"
    operating = facilities[facilities["operating"]]
    links = pd.DataFrame(
        [
            {
                "facility": label,
                "community": rng.choice(ids),
                "link": rng.choice(["delivery", "assignment", "outreach"]),
            }
            for label in operating.index
            for _ in range(2)
        ]
    )
    times = pd.DataFrame(index=demand.index)
    for kind, tiers in TIERS.items():
        for tier in tiers:
            name = kind if tier is None else f"{kind}/{tier}"
            times[name] = [rng.choice([np.nan, rng.uniform(1, 30)]) for _ in homes]
        if tiers != [None]:
            times[kind] = times[[f"{kind}/{tier}" for tier in tiers]].min(axis=1)
    return Facts(
        communities=table,
        demand=demand,
        facilities=facilities,
        earlier=operating.iloc[2:].assign(capacity=lambda frame: frame["capacity"] - 5),
        links=links,
        times=times,
        kinds=kinds(),
        held=frozenset(TIERS),
        linked=frozenset(TIERS),
        supplies=pd.DataFrame(columns=["facility", "station", "link"]),
        groups=("population", "aged_60"),
        group="aged_60",
        cutoff_min=CUTOFF,
        covered_share=SHARE,
        speed_mps=1.0,
        year=2023,
    )


def ask(indicator: str, **values: object) -> Target:
    return Target(id="t", zh="试", en="Trial", indicator=indicator, **values)


def figure(facts: Facts, indicator: str, **values: object) -> Figure:
    return evaluate(facts, ask(indicator, **values))


def why(facts: Facts, indicator: str, **values: object) -> str:
    found = figure(facts, indicator, **values)
    assert found.value is None
    return found.why[0]


def profile(*targets: Target) -> Profile:
    named = {f"t{i}": one.model_copy(update={"id": f"t{i}"}) for i, one in enumerate(targets)}
    return Profile(id="trial", zh="试", en="Trial", targets=named)
