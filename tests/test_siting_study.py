"""Every key of a siting question reaches its model: the toy city's answers, found by hand.

``health`` is a kind that nobody offers yet; of ``canteen`` there is K1. Aged 60 and over: a1 30,
a2 10, b1 20, b2 20, c1 30, d1 40, d2 10, e1 5.
"""

import dataclasses
import itertools

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from conftest import EAST, NORTH

from planner.district.area import StudyArea
from planner.engine.siting import MODELS
from planner.errors import SitingError
from planner.settings import SitingQuestion
from planner.study import scenario
from planner.study.plan import Plan
from planner.study.siting_study import SitingAnswer, propose

AGED = {"a1": 30, "a2": 10, "b1": 20, "b2": 20, "c1": 30, "d1": 40, "d2": 10, "e1": 5}
STREET = {name: "北街道" if name[0] in "cde" else "南街道" for name in AGED}
MINUTES = {  # along the lattice, a block is 5 minutes, a2 stands half a minute off the street
    "X1": {"a1": 5, "a2": 10.5, "b1": 20, "b2": 25, "c1": 5, "d1": 15, "d2": 25},
    "X2": {"a1": 25, "a2": 20.5, "b1": 10, "b2": 5, "c1": 25, "d1": 15, "d2": 5},
    "X3": {"e1": 2.5},
    "K1": {
        "a1": 50 / 3, "a2": 73 / 6, "b1": 29 / 3, "b2": 44 / 3, "c1": 50 / 3, "d1": 20 / 3,
        "d2": 44 / 3,
    },
}  # fmt: skip
SITES = ("X1", "X2", "X3")
MORE = 1e-6  # minutes that rounding may add


def within(*sites: str, minutes: float = 15) -> set[str]:
    return {home for site in sites for home, far in MINUTES[site].items() if far <= minutes + MORE}


def aged(homes: set[str]) -> int:
    return sum(AGED[home] for home in homes)


@pytest.fixture(scope="module")
def area(toy_plan: Plan) -> StudyArea:
    return toy_plan.area


@pytest.fixture
def ask(toy_plan: Plan):
    """Put a question to the toy city."""

    def put(kind: str = "health", area: StudyArea = toy_plan.area, **asked) -> SitingAnswer:
        return propose(area, SitingQuestion(kind=kind, **asked), toy_plan.settings)

    return put


def chosen(answer: SitingAnswer) -> list[str]:
    assert answer.result.status == "optimal"
    return sorted(answer.sites.index)


def faults(ask, **asked) -> dict[str, object]:
    with pytest.raises(SitingError) as caught:
        ask(**asked)
    for lang in ("zh", "en"):
        assert all(caught.value.say(lang))
    return {problem.key.partition(".")[2]: problem.value for problem in caught.value.problems}


def none(answer: SitingAnswer) -> dict[str, object]:
    """Read why there is no plan; all else of the answer holds nothing, and is there."""
    assert answer.result.status == "infeasible"
    assert np.isnan([answer.result.objective, answer.result.bound, answer.result.gap]).all()
    assert (len(answer.sites), len(answer.rings), answer.result.chosen) == (0, 0, ())
    assert answer.after == answer.before
    assert all(problem.say(lang) for problem in answer.why for lang in ("zh", "en"))
    return {problem.key.partition(".")[2]: problem.value for problem in answer.why}


@pytest.mark.parametrize("kind", ["health", "canteen"])
@pytest.mark.parametrize("new", [1, 2, 3])
def test_new_by_enumeration(ask, kind, new):
    stands = ("K1",) if kind == "canteen" else ()
    best = max(aged(within(*stands, *plan)) for plan in itertools.combinations(SITES, new))
    answer = ask(kind, new=new)
    assert answer.result.objective == best == aged(within(*stands, *answer.result.chosen))
    assert answer.before == pytest.approx(aged(within(*stands)) / 165)
    assert answer.after == pytest.approx(best / 165)


@pytest.mark.parametrize(
    ("budget", "sites"),
    [(4, []), (5, ["X3"]), (11, ["X2"]), (12, ["X1"]), (19, ["X1", "X3"]), (20, ["X1", "X2"])],
)
def test_budget(ask, budget, sites):
    if budget < 5:
        assert faults(ask, budget=budget) == {"budget_small": 4}
        return
    answer = ask(budget=budget)
    assert chosen(answer) == sites
    assert answer.result.cost <= budget


@pytest.mark.parametrize(("minutes", "homes"), [(5, {"a1", "c1"}), (11, {"a1", "a2", "c1"})])
def test_minutes_and_group(ask, minutes, homes, area):
    answer = ask(new=1, minutes=minutes, where={"name": "西门办公楼"})
    assert answer.minutes == minutes
    assert answer.result.objective == aged(homes)
    everybody = ask(new=1, minutes=minutes, where={"name": "西门办公楼"}, group="population")
    assert everybody.result.objective == area.demand.loc[sorted(homes), "population"].sum()
    assert everybody.rings["minutes"].tolist() == [minutes]


@pytest.mark.parametrize("share", [0.03, 0.6, 0.7, 0.96, 0.97, 1])
def test_share_by_enumeration(ask, share):
    plans = (plan for n in range(4) for plan in itertools.combinations(SITES, n))
    fewest = next(plan for plan in plans if aged(within(*plan)) >= share * 165)
    answer = ask(model="set_cover", share=share)
    assert answer.result.objective == len(fewest) == len(answer.sites)
    assert answer.after >= share


def test_times(ask):
    once, twice = ask(new=2), ask(new=2, times=2)
    assert once.result.objective == 160
    assert twice.result.objective == aged(within("X1") & within("X2")) == 40
    # K1 counts as one of the two: X2 backs up 90 people, X1 only 50.
    assert chosen(ask("canteen", new=1, times=2)) == ["X2"]


@pytest.mark.parametrize(
    ("minutes", "decay", "objective"),
    [
        (15, {5: 1.0, 10: 0.6, 15: 0.2}, 30 + 30 + 0.2 * 10 + 0.2 * 40),
        (15, {"5": 1, "12": 0.5}, 30 + 30 + 0.5 * 10),
        (5, {5: 1, 12: 0.5}, 30 + 30 + 0.5 * 10),  # beyond what counts as covered, too
        (15, {5: 0.1, 15: 0.1}, 11),
    ],
)
def test_decay(ask, minutes, decay, objective):
    if min(decay.values()) == max(decay.values()):
        assert ask(new=1, decay=decay, minutes=minutes).result.objective == pytest.approx(objective)
        return
    answer = ask(new=1, minutes=minutes, decay=decay)
    assert answer.result.chosen == ("X1",)
    assert answer.result.objective == pytest.approx(objective)
    assert answer.after == pytest.approx(aged(within("X1", minutes=minutes)) / 165)


def test_p_median(ask):
    # X3 alone reaches the island; X1 is nearer to the people than X2.
    answer = ask(model="p_median", new=2)
    assert chosen(answer) == ["X1", "X3"]
    hours = sum(AGED[home] * far for site in ("X1", "X3") for home, far in MINUTES[site].items())
    assert answer.result.objective == pytest.approx(hours)
    # People added are those within the limit, though the model looks farther.
    assert answer.sites["added"].to_dict() == {"X1": 110, "X3": 5}
    assert answer.after == pytest.approx(115 / 165)


def test_p_center(ask):
    answer = ask(model="p_center", new=3)
    assert chosen(answer) == list(SITES)
    assert answer.result.objective == pytest.approx(15)
    assert ask(model="p_center", new=2).result.objective == pytest.approx(25)
    assert ask("canteen", model="p_center", new=2).result.objective == pytest.approx(44 / 3)


def test_p_dispersion(ask):
    answer = ask(model="p_dispersion", new=3)
    assert answer.result.objective == pytest.approx(20)
    assert answer.sites["cumulative"].max() == 165
    # Nobody walks from the island: two sites with no way between them are as far apart as can be.
    apart = ask(model="p_dispersion", new=2)
    assert "X3" in chosen(apart)
    assert (np.isnan(apart.result.objective), apart.result.gap) == (True, 0)
    assert [note.key for note in apart.result.notes] == ["siting.unconnected"]
    # K1 counts: X2 is 580 m from it, X1 700 m, and X3 beyond all.
    answer = ask("canteen", model="p_dispersion", new=2)
    assert chosen(answer) == ["X1", "X3"]
    assert answer.result.objective == pytest.approx(700 / 60)
    assert answer.sites["added"].to_dict() == {"X1": 60, "X3": 5}


def test_fair(ask):
    free = ask(model="fair_cover", new=2)
    assert chosen(free) == ["X1", "X2"]
    shares = free.fairness.set_index("unit")
    assert shares["fair"].to_dict() == pytest.approx({"南街道": 1.0, "北街道": 80 / 85})
    # X1 covers half of the south and 70 of 85 in the north; X2 half of both, nearly.
    assert chosen(ask(model="fair_cover", new=1)) == ["X1"]
    assert chosen(ask(model="fair_cover", new=1, spread=0.1)) == ["X2"]
    by_home = ask(model="fair_cover", new=3, fair_by="community").fairness
    assert by_home["unit"].tolist() == list("ABCDE")
    by_class = ask(model="fair_cover", new=1, fair_by="settlement").fairness
    assert set(by_class["unit"]) == {"urban", "rural"}


def test_fairness_needs_units(ask):
    assert faults(ask, model="fair_cover", new=1, fair_by="zone") == {"no_units": "zone"}
    assert faults(ask, new=1, trade=["fairness"], fair_by="zone") == {"no_units": "zone"}


def test_rules_on_units_that_nobody_knows_are_refused(ask):
    """They were passed over without a word: no community of the toy city names its zone."""
    quota, floor = [{"per": "zone", "at_most": 1}], [{"per": "zone", "share": 0.5}]
    assert faults(ask, new=1, quotas=quota) == {"no_units": "zone"}
    assert faults(ask, new=1, floors=floor, candidates="streets") == {"no_units": "zone"}


def test_places_are_proposed_where_not_all_units_are_known(ask, area):
    streets = area.communities["street"].where(area.communities.index != area.communities.index[0])
    some = dataclasses.replace(area, communities=area.communities.assign(street=streets))
    quota = [{"per": "street", "at_most": 1}]
    answer = ask(area=some, new=2, candidates="streets", quotas=quota, thin_to=3)
    assert answer.result.status == "optimal"
    assert answer.result.objective == 160


def test_phases(ask):
    answer = ask(phases=[{"year": 2023, "new": 3}, {"year": 2021, "new": 1}])
    assert answer.sites["year"].to_dict() == {"X1": 2021, "X2": 2023, "X3": 2023}
    assert answer.after == 1
    assert faults(ask, phases=[{"year": 2021, "new": 1}] * 2) == {"phase_twice": 2021}
    falling = [{"year": 2021, "new": 2}, {"year": 2023, "new": 1}]
    assert faults(ask, phases=falling) == {"years_fall": 2023}


@pytest.mark.parametrize(
    ("where", "sites"),
    [
        ({"host": "办公楼"}, ["X1", "X3"]),
        ({"host": ["辦公樓", "活动室"]}, [*SITES]),
        ({"street": "北街道"}, ["X3"]),
        ({"settlement": "urban", "host": "办公楼"}, ["X1"]),
        ({"community": ["B", "E"]}, ["X2", "X3"]),
        ({"floor_area_m2": 300}, ["X1"]),
        ({"cost": [8, 5]}, ["X2", "X3"]),
    ],
)
def test_where(ask, where, sites):
    assert chosen(ask(model="set_cover", where=where)) == sites


def test_a_column_that_candidates_do_not_have(ask):
    assert faults(ask, new=1, where={"colour": "red"}) == {"no_such_column": "colour"}


def test_mandatory_and_forbidden(ask):
    assert chosen(ask(new=1, mandatory=["X3"])) == ["X3"]
    assert chosen(ask(new=1, forbidden=["X1"])) == ["X2"]
    assert none(ask(new=1, mandatory=["X1", "X3"])) == {"relax_p": 1}


@pytest.mark.parametrize(
    "asked",
    [
        {"mandatory": ["X1", "X9"]},
        {"forbidden": ["X9"]},
        {"closable": {"X9": 1.0}},
        {"movable": ["X9"]},
        {"closable": {"X1": 1.0}},
        {"movable": ["S1"]},
        {"prefer": {"码头": 2.0}},
    ],
    ids=str,
)
def test_labels_that_do_not_exist_are_named(ask, asked):
    ((key, names),) = asked.items()
    assert faults(ask, kind="canteen", new=1, **asked) == {f"unknown_{key}": list(names)[-1]}


def test_all_wrong_labels_at_once(ask):
    wrong = {"mandatory": ["P"], "forbidden": ["Q"], "closable": {"R": 1}, "prefer": {"T": 1}}
    assert len(faults(ask, kind="canteen", new=1, **wrong)) == 4


def test_closable_gives_back_to_the_budget(ask, toy_plan):
    # 12 buy X1, 160 people; with the 13 that closing K1 gives back all three, everybody.
    answer = ask("canteen", budget=12, closable={"K1": 13})
    assert answer.result.closed == ("K1",)
    assert chosen(answer) == list(SITES)
    assert answer.after == 1
    settings = toy_plan.settings.model_copy(update={"siting": [answer.question]})
    plan = scenario.run(toy_plan.area, settings)
    # Ten minutes on foot with K1 gone: d1 is left out, and a2 and d1 are with nobody nearer.
    covered = aged(within(*SITES, minutes=10))
    assert plan.after.share("canteen", minutes=10, group="aged_60") == pytest.approx(covered / 165)
    assert covered == 115
    assert chosen(ask("canteen", budget=12, closable={"K1": 1})) == ["X1"]


def test_movable_allows_one_more(ask):
    # Within five minutes K1 serves nobody: moved, there are two new ones.
    answer = ask("canteen", new=1, minutes=5, movable=["K1"])
    assert answer.result.closed == ("K1",)
    assert chosen(answer) == ["X1", "X2"]
    assert chosen(ask("canteen", new=1, minutes=5)) == ["X1"]


@pytest.mark.parametrize(("apart_m", "sites"), [(1199, ["X1", "X2"]), (1201, ["X1", "X3"])])
def test_apart(ask, apart_m, sites):
    assert chosen(ask(new=2, apart_m=apart_m)) == sites


@pytest.mark.parametrize(
    ("kind", "new", "quota", "sites"),
    [
        ("health", 2, {"per": "street", "at_most": 1}, ["X1", "X3"]),
        ("health", 2, {"per": "street", "at_least": 1}, ["X1", "X3"]),
        ("health", 1, {"per": "settlement", "at_most": 1}, ["X1"]),
        ("health", 2, {"per": "host", "at_most": 1}, ["X1", "X2"]),
        # K1 stands in the north already, where one is enough.
        ("canteen", 3, {"per": "street", "at_most": 1}, ["X1"]),
        ("canteen", 3, {"per": "street", "at_most": 0}, []),
        ("canteen", 1, {"per": "street", "at_least": 1}, ["X1"]),
    ],
)
def test_quotas(ask, kind, new, quota, sites):
    assert chosen(ask(kind, new=new, quotas=[quota])) == sites


def test_a_quota_that_cannot_be_kept_is_named(ask):
    least = {"per": "street", "at_least": 1}
    assert faults(ask, new=2, quotas=[least], where={"street": "南街道"}) == {
        "quota_short": "北街道"
    }
    assert faults(ask, new=3, quotas=[least | {"at_least": 2}]) == {"quota_short": "北街道"}


def test_one_per_host(ask, area):
    names = area.candidates["name"].where(area.candidates.index != "X2", "西门办公楼")
    same = dataclasses.replace(area, candidates=area.candidates.assign(name=names))
    assert chosen(ask(new=2, one_per_host=True)) == ["X1", "X2"]
    assert chosen(ask(area=same, new=2, one_per_host=True)) == ["X1", "X3"]


@pytest.mark.parametrize(("give_up", "site"), [(0.0, "X1"), (0.1, "X1"), (0.2, "X2")])
def test_prefer(ask, give_up, site):
    # X2 covers 90 people and X1 110: a fifth has to be given up for it.
    answer = ask(new=1, prefer={"活动室": 5}, give_up=give_up)
    assert answer.sites.index.tolist() == [site]
    assert answer.result.bound == 110


SIZES = [
    {"size": "small", "capacity": 50, "cost": 1},
    {"size": "large", "capacity": 200, "cost": 4},
]


def test_sizes(ask, area):
    roomy = ask(new=1, sizes=SIZES)
    assert (roomy.result.objective, roomy.sites["size"].to_dict()) == (110, {"X1": "large"})
    # 13 buy X1 with room for 50, or X2 with room for all of its 90.
    tight = ask(budget=13, sizes=SIZES)
    assert (tight.result.objective, tight.sites["size"].to_dict()) == (90, {"X2": "large"})
    # Where candidates cost nothing of their own, sizes do.
    free = dataclasses.replace(area, candidates=area.candidates.assign(cost=np.nan))
    assert ask(area=free, budget=4, sizes=SIZES).sites["size"].to_dict() == {"X1": "large"}


def test_sizes_need_the_capacity_of_what_stands(ask, area):
    capacity = area.facilities["capacity"].where(area.facilities.index != "K1")
    unknown = dataclasses.replace(area, facilities=area.facilities.assign(capacity=capacity))
    assert faults(ask, kind="canteen", area=unknown, new=1, sizes=SIZES) == {"no_capacity": "K1"}
    known = ask("canteen", new=1, sizes=SIZES)  # K1 has 50 meals
    assert known.result.objective == 50 + 110


def test_alternatives(ask):
    found = ask(new=1, alternatives=2, within=1).alternatives
    assert found["site"].tolist() == ["X1", "X2", "X3"]
    assert found["objective"].tolist() == [110, 90, 5]
    assert not found["in_all"].any()
    assert len(ask(new=1, alternatives=1, within=1).alternatives) == 2
    assert len(ask(new=1, alternatives=2, within=0.5).alternatives) == 2
    assert len(ask(new=1, alternatives=2, within=0.01).alternatives) == 1
    assert ask(new=1).alternatives.empty
    two = ask(new=2, alternatives=1, within=0.5).alternatives  # X1 is in 160 and in 115
    assert two.groupby("site")["in_all"].first().to_dict() == {"X1": True, "X2": False, "X3": False}


def test_front(ask):
    front = ask(new=1, front=3).front
    assert front[["cost", "covered"]].to_numpy().tolist() == [[0, 0], [1, 110], [2, 160], [3, 165]]
    assert front["proven"].all()
    priced = ask(budget=25, front=9).front
    costs = {"X1": 12, "X2": 8, "X3": 5}
    best: dict[int, int] = {}
    for size in range(4):
        for plan in itertools.combinations(SITES, size):
            cost = sum(costs[site] for site in plan)
            best[cost] = max(best.get(cost, 0), aged(within(*plan)))
    expected = [
        (cost, covered)
        for cost, covered in sorted(best.items())
        if all(covered > best[other] for other in best if other < cost)
    ]
    assert list(zip(priced["cost"], priced["covered"], strict=True)) == expected
    assert ask(new=1).front.empty


def test_a_front_that_is_cut_says_so(ask):
    whole = ask(budget=25, front=9)
    assert not whole.front["further"].any()
    assert not [note for note in whole.result.notes if note.key == "siting.front_sampled"]
    cut = ask(budget=25, front=2)
    assert cut.front["cost"].tolist()[0] == whole.front["cost"].tolist()[0]
    assert cut.front["cost"].tolist()[-1] == whole.front["cost"].tolist()[-1]
    assert len(cut.front) == 3
    assert len(whole.front) > 3
    assert set(cut.front["covered"]) <= set(whole.front["covered"])
    noted = [note for note in cut.result.notes if note.key == "siting.front_sampled"]
    assert [note.value for note in noted] == [3]


def test_front_with_rules(ask):
    front = ask(new=2, front=3, mandatory=["X3"]).front
    assert front[["cost", "covered"]].to_numpy().tolist() == [[1, 5], [2, 115], [3, 165]]


def test_time_limit_and_seed_reach_the_model(ask, monkeypatch):
    given = {}
    spec = MODELS["max_cover"]
    seen = dataclasses.replace(spec, solve=lambda *a, **k: given.update(k) or spec.solve(*a, **k))
    monkeypatch.setitem(MODELS, "max_cover", seen)
    ask(new=1, time_limit_s=7, seed=3)
    assert (given["time_limit_s"], given["seed"]) == (7, 3)


@pytest.mark.parametrize("kind", ["health", "canteen"])
@pytest.mark.parametrize("new", [1, 2, 3])
def test_lost_and_next_best_against_loops(ask, kind, new):
    stands = ["K1"] if kind == "canteen" else []
    answer = ask(kind, new=new)
    sites = list(answer.result.chosen)
    so_far = within(*stands)
    for site in answer.sites.index:
        others = [other for other in [*stands, *sites] if other != site]
        only = within(site) - within(*others)
        row = answer.sites.loc[site]
        assert row["lost"] == aged(only)
        assert row["added"] == aged(within(site) - so_far)
        so_far |= within(site)
        assert row["cumulative"] == aged(so_far)
        goods = {s: aged(only & within(s)) for s in SITES if s not in sites}
        best = max(goods, key=goods.get, default=None)
        assert row["next_best"] == (best if best and goods[best] else None)


def test_next_best_is_never_a_forbidden_one(ask):
    assert ask(new=1).sites.loc["X1", "next_best"] == "X2"
    assert ask(new=1, forbidden=["X2"]).sites.loc["X1", "next_best"] is None


def test_more_than_there_are_candidates(ask):
    assert faults(ask, new=4) == {"p_large": 4}


def test_a_budget_without_costs(ask, area):
    free = dataclasses.replace(area, candidates=area.candidates.assign(cost=np.nan))
    assert faults(ask, area=free, budget=9) == {"budget_without_cost": None}
    some = area.candidates["cost"].where(area.candidates.index != "X2")
    some = dataclasses.replace(area, candidates=area.candidates.assign(cost=some))
    assert faults(ask, area=some, budget=9) == {"value_missing": "X2"}
    assert "budget_without_cost" in faults(ask, candidates="streets", budget=9)


def test_candidates_that_nobody_reaches(ask, area):
    beyond = gpd.GeoSeries.from_xy([EAST + 1500] * 3, [NORTH + 550] * 3, index=list(SITES))
    moved = area.candidates.set_geometry(beyond.set_crs(area.demand.crs))
    idle = dataclasses.replace(area, candidates=moved)
    assert "candidates_idle" in faults(ask, area=idle, new=1)
    partly = moved.geometry.where(moved.index == "X3", area.candidates.geometry)
    answer = ask(area=dataclasses.replace(area, candidates=moved.set_geometry(partly)), new=1)
    assert [note.key for note in answer.result.notes] == ["siting.candidate_idle"]
    assert chosen(answer) == ["X1"]


def test_candidates_from_the_streets(ask, area):
    answer = ask(new=1, candidates="streets", spacing_m=100, forbidden=[])
    assert answer.proposed
    best = max(
        aged({home for home in AGED if far.get(home, np.inf) <= 15 + MORE})
        for far in corners(area).values()
    )
    assert answer.result.objective == best
    # A junction that reaches nobody whom another one does not is dropped, and costs nothing.
    assert (answer.thinned.found, answer.thinned.loss) == (15 - 4, 0)
    assert answer.thinned.kept == answer.candidates < 11
    every = ask(new=1, candidates="streets", spacing_m=1, alternatives=1)
    assert (every.candidates, every.thinned.loss) == (11, 0)


def corners(area: StudyArea) -> dict[tuple[int, int], dict[str, float]]:
    """Walk from every corner of the lattice to every home, in blocks."""
    homes = {name: point for name, point in area.demand.geometry.items() if name != "e1"}
    return {
        (x, y): {
            name: (abs(h.x - EAST - x) + abs(max(h.y - NORTH, 0) - y)) / 60
            + (0.5 if name == "a2" else 0)
            for name, h in homes.items()
        }
        for x in range(0, 1201, 300)
        for y in range(0, 601, 300)
    }


def test_proposed_places_bear_names_that_people_know(ask, area):
    """At a crossing its two streets; else the community, with the site's own id."""
    sites = ask(new=4, candidates="streets", spacing_m=1).sites
    for point, name in zip(sites.geometry, sites["name"], strict=True):
        x, y = round((point.x - EAST) / 300), round((point.y - NORTH) / 300)
        assert set(name.split(" × ")) == {f"横{y}路", f"纵{x}路"}
    sites = ask(new=2, candidates="communities", spacing_m=200).sites
    home = area.communities["name"].reindex(sites["community"])
    assert sites["name"].tolist() == [f"{a} · {b}" for a, b in zip(home, sites.index, strict=True)]


def test_a_kind_that_is_not_reported_on(toy_plan):
    chosen_kinds = toy_plan.settings.coverage.model_copy(update={"kinds": ["shelter"]})
    asked = {"coverage": chosen_kinds, "siting": [SitingQuestion(kind="canteen", new=1)]}
    plan = scenario.run(toy_plan.area, toy_plan.settings.model_copy(update=asked))
    assert plan.kinds == ("shelter",)
    assert plan.siting[0].result.chosen == ("X1",)
    assert plan.summary()["new_sites"].tolist() == [0]


def test_the_area_stays_as_it_is(ask, area):
    before = area.candidates.copy(), area.facilities.copy()
    ask("canteen", new=1, quotas=[{"per": "street", "at_most": 1}], where={"street": "南街道"})
    pd.testing.assert_frame_equal(area.candidates, before[0])
    pd.testing.assert_frame_equal(area.facilities, before[1])
