"""The five embedded districts give a figure for each of the 169 targets of the five documents.

``data/five_documents.toml`` holds what each comes to, counted in the files or as published; what
rests on walks is held against a plain search along the streets.
"""

import re
import tomllib
from fractions import Fraction
from math import prod
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from support import target_table
from support.plain_walk import minutes_to_nearest

import planner

PINNED = tomllib.loads(
    (Path(__file__).parent / "data" / "five_documents.toml").read_text(encoding="utf-8")
)
COUNTS = {
    "jiangbei-2009": 22, "beilun-2018": 52, "huangpu-2013": 37, "huangshigang-2022": 21,
    "baoshan-2023": 37,
}  # fmt: skip
SPEED = 1.0  # of the preset "standard"
LIMIT = 15 + 1e-6
NEAR = 2e-3  # people on the very edge of a limit


@pytest.fixture(scope="module")
def plans(chengwan_today):
    return {
        name: chengwan_today
        if pinned["district"] == "chengwan"
        else planner.run(planner.demo(pinned["district"]), set=["siting=[]", "years=[]"])
        for name, pinned in PINNED.items()
    }


@pytest.fixture(scope="module")
def cards(plans):
    return {
        name: plan.scorecard[plan.scorecard["profile"] == name].set_index("id")
        for name, plan in plans.items()
    }


def worked(term: str) -> float:
    """What a fraction such as ``315*100/1310`` comes to."""
    top, _, under = term.partition("/")
    return float(prod(Fraction(part) for part in top.split("*")) / Fraction(under or "1"))


def test_each_of_169_targets_has_a_figure(cards):
    assert {name: len(card) for name, card in cards.items()} == COUNTS
    assert sum(COUNTS.values()) == 169
    missing = [
        (name, key) for name, card in cards.items() for key in card.index[card["value"].isna()]
    ]
    assert not missing


def test_figures_are_what_was_counted(cards):
    wrong = {}
    for name, pinned in PINNED.items():
        card = cards[name]
        named = {*pinned["counted"], *pinned["walked"], *pinned["spread"]}
        assert named == set(card.index)
        for key, term in pinned["counted"].items():
            if card.loc[key, "value"] != pytest.approx(worked(term), rel=1e-9):
                wrong[key] = (card.loc[key, "value"], term)
    assert not wrong


def test_144_rows_are_computed_or_registered_with_why(cards):
    """The page is made from the registers and the five plans; each row stands in it."""
    assert len(target_table.classes()) == 144
    page = target_table.PAGE.read_text("utf-8")
    assert page[page.index("| Row |") :] == target_table.table(cards), "target_table.py writes it"
    shown = set(re.findall(r"^\| (\d-\d+) \|", page, re.MULTILINE))
    assert shown == set(target_table.classes())


def test_what_was_published_comes_out(plans):
    """Every figure that a document states agrees, but where the document contradicts itself."""
    verdicts = pd.concat([plan.reported.set_index("target")["verdict"] for plan in plans.values()])
    stated = sum("reported" in target for name in PINNED for target in profile(name).values())
    assert len(verdicts) == stated
    assert dict(verdicts[verdicts != "agrees"]) == {
        "1-23": "contradicts_itself", "1-23-edge": "contradicts_itself"
    }  # fmt: skip


def profile(name):
    path = Path(planner.__file__).parent / "standards" / "profiles" / f"{name}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))["targets"]


class Walked:
    """Walks in a plan's district by the plain search, each asked for once."""

    def __init__(self, plan):
        self.area, self.known = plan.area, {}

    def minutes(self, kind):
        if kind not in self.known:
            rows = self.area.operating
            found = rows[rows["kind"] == kind].geometry
            homes = self.area.demand.geometry
            self.known[kind] = minutes_to_nearest(self.area.streets.geometry, homes, found, SPEED)
        return self.known[kind]

    def share(self, group, *kinds, among=None):
        nearest = pd.concat([self.minutes(kind) for kind in kinds], axis=1).min(axis=1)
        people = self.area.demand[group].astype(float)
        people = people if among is None else people[among]
        return float(people[nearest[people.index] <= LIMIT].sum() / people.sum())

    def shares_by(self, level, group, *kinds):
        unit = self.area.demand["community"].map(self.area.communities[level])
        return [self.share(group, *kinds, among=unit == one) for one in unit.unique()]


@pytest.fixture(scope="module")
def walked(plans):
    return {name: Walked(plan) for name, plan in plans.items()}


def test_jiangbei_by_a_plain_search(cards, walked):
    card, walk = cards["jiangbei-2009"]["value"], walked["jiangbei-2009"]
    assert card["0-16-people"] == pytest.approx(walk.share("aged_60", "care_station"), abs=NEAR)
    by_street = walk.shares_by("street", "aged_60", "care_station")
    assert card["0-16"] == pytest.approx(max(by_street) - min(by_street), abs=NEAR)
    area = walk.area
    people = area.demand["population"].astype(float)
    villages = area.communities.index[area.communities["settlement"] == "rural"]
    weighted = (people * walk.minutes("community_centre")).groupby(area.demand["community"]).sum()
    mean = weighted / people.groupby(area.demand["community"]).sum()
    assert card["0-17-farthest"] == pytest.approx(mean[villages].max(), abs=0.02)


def test_beilun_by_a_plain_search(cards, walked):
    card, walk = cards["beilun-2018"]["value"], walked["beilun-2018"]
    for target, group, kind in (
        ("1-1-people", "aged_60", "canteen"),
        ("1-9-people", "aged_60", "care_station"),
        ("1-16-people", "population", "shelter"),
        ("1-39", "population", "service_hall"),
    ):
        assert card[target] == pytest.approx(walk.share(group, kind), abs=NEAR), target
    # Nobody is served whom no shelter is near, and no more than there are places for.
    assert 0.5 < card["1-17-served"] <= walk.share("population", "shelter") + NEAR


def test_huangpu_by_a_plain_search(cards, walked):
    card, walk = cards["huangpu-2013"]["value"], walked["huangpu-2013"]
    kinds = ["institution", "care_station", "street_centre"]
    each = [walk.share("aged_60", kind) for kind in kinds]
    assert card["2-16"] == pytest.approx(max(each) - min(each), abs=NEAR)
    assert card["2-16-types"] == pytest.approx(walk.share("aged_60", *kinds), abs=NEAR)
    both = walk.share("aged_60", "care_station", "community_station")
    assert card["2-15"] == pytest.approx(both, abs=NEAR)
    area = walk.area
    east = area.demand["community"].map(area.communities["zone"]) == "東部"
    assert card["2-5"] == pytest.approx(walk.share("aged_60", "institution", among=east), abs=NEAR)
    beyond = area.operating[~area.operating["community"].isin(area.communities.index)]
    assert list(beyond["kind"]) == ["institution"], "one beyond the boundary, which counts here"
    assert card["2-5"] > 0


def test_baoshan_by_a_plain_search(cards, walked):
    card, walk = cards["baoshan-2023"]["value"], walked["baoshan-2023"]
    kinds = ["care_station", "street_centre"]
    assert card["4-13"] == pytest.approx(walk.share("aged_60", *kinds), abs=NEAR)
    zones = np.sort(walk.shares_by("zone", "aged_60", *kinds))
    assert card["4-12"] == pytest.approx(zones[-1] - zones[0], abs=NEAR)
    pairs = np.abs(zones[:, None] - zones[None]).sum() / 2
    assert card["4-12-gini"] == pytest.approx(pairs / (len(zones) ** 2 * zones.mean()), abs=NEAR)
    people = walk.area.demand["population"].astype(float)
    have_all = np.logical_and.reduce(
        [walk.minutes(kind) <= LIMIT for kind in ("care_station", "canteen", "health")]
    )
    assert card["4-20"] == pytest.approx(people[have_all].sum() / people.sum(), abs=NEAR)


def test_meals_that_arrive_within_half_an_hour(plans, cards):
    """Of 39 communities behind the kitchen, those whose way takes 30 minutes at the most."""
    plan = plans["beilun-2018"]
    minutes = plan.delivery[0].delivery.communities["minutes"]
    assert cards["beilun-2018"].loc["1-5-minutes", "numerator"] == (minutes <= 30).sum()
    assert (minutes.dropna() > 5).all(), "five minutes are spent at each station alone"


def test_spreads_are_those_of_their_parts(plans, cards):
    """Coefficients of variation, worked out from the tables: deviation over mean."""
    area = plans["huangshigang-2022"].area
    by_street = area.communities.groupby("street")["premises_m2"].mean()
    assert cards["huangshigang-2022"].loc["3-9-balance", "value"] == pytest.approx(
        by_street.std(ddof=0) / by_street.mean()
    )
    area = plans["baoshan-2023"].area
    size = area.demand.groupby("community")["population"].sum()
    street = area.communities["street"]
    mean = size.groupby(street).mean()
    card = cards["baoshan-2023"]["value"]
    assert card["4-22-balance"] == pytest.approx(mean.std(ddof=0) / mean.mean())
    own = area.operating[area.operating["kind"].isin(["care_station", "street_centre", "canteen"])]
    zone = area.communities["zone"]
    square = own.groupby(own["community"].map(zone))["floor_area_m2"].sum()
    rate = square / size.groupby(zone).sum()
    assert card["4-12-cv"] == pytest.approx(rate.std(ddof=0) / rate.mean())


@pytest.mark.parametrize("pinned", PINNED.values(), ids=list(PINNED))
def test_small_enough_to_ship(pinned):
    folder = planner.demo(pinned["district"]).parent
    size = sum(path.stat().st_size for path in folder.iterdir() if path.is_file())
    assert size < (1_300_000 if pinned["district"] == "chengwan" else 800_000)
    settings, _ = planner.read_settings(folder / "scenario.toml")
    assert settings.synthetic
    assert settings.note
    assert settings.note_en
