"""Siting questions of the scenario beyond the classic ones: the toy city's answers, by loops."""

import dataclasses
import itertools
import json

import numpy as np
import pandas as pd
import pytest
from conftest import EAST, NORTH
from test_siting_study import AGED, MINUTES, MORE, SITES, STREET, aged, none, within

from planner import api
from planner.district.walk import Walk
from planner.engine.siting import MODELS, by_group
from planner.errors import SettingsError, SitingError
from planner.language import text
from planner.output import maps
from planner.settings import SitingQuestion, resolve
from planner.study import scenario
from planner.study.plan import Plan
from planner.study.siting_study import SitingAnswer, check_questions, propose, propose_all
from planner.study.siting_study.demand import people_of

TWO = {"care_station": {"cost": 3}, "canteen": {"cost": 2}}
S1 = {"a1": 10, "a2": 5.5, "b1": 15, "b2": 20, "c1": 10, "d1": 10, "d2": 20}


@pytest.fixture
def ask(toy_plan: Plan):
    """Put a question to the toy city."""

    def put(kind: str = "health", area=toy_plan.area, **asked) -> SitingAnswer:
        return propose(area, SitingQuestion(kind=kind, **asked), toy_plan.settings)

    return put


@pytest.fixture
def ask_all(toy_plan: Plan):
    """Put several questions to the toy city."""

    def put(*asked: dict) -> tuple[SitingAnswer, ...]:
        area = toy_plan.area
        questions = {"siting": [SitingQuestion(**one) for one in asked]}
        return propose_all(area, toy_plan.settings.model_copy(update=questions))

    return put


def near(stands: dict[str, float], *sites: str) -> int:
    homes = {home for home, far in stands.items() if far <= 15 + MORE}
    return aged(homes | within(*sites))


@pytest.mark.parametrize("budget", [12, 17, 19, 24, 30, 45])
@pytest.mark.parametrize("buildings", [None, 1])
def test_kinds_in_shared_buildings_by_enumeration(ask_all, area_cost, budget, buildings):
    best = -1
    subsets = [plan for n in range(4) for plan in itertools.combinations(SITES, n)]
    for a, b in itertools.product(subsets, subsets):
        house = {*a, *b}
        spent = 3 * len(a) + 2 * len(b) + sum(area_cost[site] for site in house)
        if spent <= budget and (buildings is None or len(house) <= buildings):
            best = max(best, near(S1, *a) + near(MINUTES["K1"], *b))
    station, canteen = ask_all(
        {"kinds": [*TWO], "budget": budget, "services": TWO, "buildings": buildings}
    )
    assert station.result.objective + canteen.result.objective == best
    assert (station.question.kind, canteen.question.kind) == ("care_station", "canteen")
    spent = station.sites["cost"].sum() + canteen.sites["cost"].sum()
    house = {*station.sites.index, *canteen.sites.index}
    own = 3 * len(station.sites) + 2 * len(canteen.sites)
    assert spent == pytest.approx(own + sum(area_cost[site] for site in house))
    assert spent <= budget
    for site in set(station.sites.index) & set(canteen.sites.index):
        assert station.sites.loc[site, "houses"] == "canteen"
    assert station.result.notes[-1].key == "siting_study.together"
    assert station.result.notes[-1].value == len(house)


@pytest.fixture
def area_cost(toy_plan: Plan) -> dict[str, float]:
    return toy_plan.area.candidates["cost"].to_dict()


def test_set_cover_several_times(ask):
    """Everybody whom two sites can reach is within reach of two, with the fewest sites."""
    twice = {home for home in AGED if sum(home in within(site) for site in SITES) >= 2}
    enough = [
        n
        for n in range(len(SITES) + 1)
        for plan in itertools.combinations(SITES, n)
        if all(sum(home in within(site) for site in plan) >= 2 for home in twice)
    ]
    answer = ask(model="set_cover", times=2, candidates="given")
    assert (answer.result.objective, answer.result.status) == (min(enough), "optimal")
    assert twice
    proposed = ask(model="set_cover", times=2, candidates="streets", spacing_m=100, thin_to=3)
    whole = ask(model="set_cover", times=2, candidates="streets", spacing_m=100)
    assert proposed.thinned.loss > whole.thinned.loss == 0


def test_kinds_keep_to_quotas_floors_and_spacing(ask_all, toy_plan):
    asked = {"kinds": [*TWO], "budget": 60, "services": TWO}
    quotas = [{"per": "street", "at_most": 1}]
    for answer in ask_all(asked | {"quotas": quotas}):
        existing = toy_plan.area.facilities
        own = existing[(existing["kind"] == answer.question.kind) & existing["operating"]]
        streets = toy_plan.area.communities["street"]
        stands = streets[own["community"]].value_counts()
        new = streets[answer.sites["community"]].value_counts()
        allowed = stands.reindex(new.index, fill_value=0).rsub(1).clip(lower=0)
        assert (new <= allowed).all()
    for apart_m, sites in ((1199, {"X1", "X2", "X3"}), (1201, {"X1", "X3"})):
        answers = ask_all(asked | {"apart_m": apart_m})
        assert {site for answer in answers for site in answer.sites.index} == sites
    far = {"per": "street", "share": 1.0}
    none_there = ask_all({"kinds": [*TWO], "buildings": 1, "services": TWO, "floors": [far]})
    for answer in none_there:
        assert answer.result.status == "infeasible"
        assert answer.why
        assert answer.sites.empty


def test_kinds_need_a_limit_and_take_few_rules():
    base = {"title": "T", "communities": {"file": "c"}, "streets": {"file": "s"}}
    for asked, value in (
        ({"kinds": ["a", "b"]}, "siting.0.budget"),
        ({"kinds": ["a"], "budget": 5, "alternatives": 2}, "siting.0.alternatives"),
        ({"kinds": ["a"], "budget": 5, "services": {"b": {}}}, "siting.0.services.b"),
        ({"kind": "a", "new": 1, "buildings": 2}, "siting.0.buildings"),
        ({"new": 1}, "siting.0.kind"),
        ({"kind": "a", "phases": [{"year": 2025}]}, "siting.0.phases.0.new"),
        ({"kind": "a", "new": 1, "give_up": 0.1}, "siting.0.give_up"),
        ({"kind": "a", "new": 1, "groups": {"x": {"preset": "hasty"}}}, "hasty"),
    ):
        with pytest.raises(SettingsError) as wrong:
            resolve(base | {"siting": [asked]})
        assert value in [problem.value for problem in wrong.value.problems], asked


def test_groups_walk_at_their_own_pace(ask):
    """Those aged 60 walk at half the speed: 15 minutes are 450 m for them, 900 m for all others."""
    slow = {"aged_60": {"speed_mps": 0.5, "weight": 2}, "population": {}}
    answer = ask(new=1, groups=slow)
    everybody = {"a1": 100, "a2": 50, "b1": 80, "b2": 40, "c1": 60, "d1": 100, "d2": 20, "e1": 10}
    best = max(
        2 * aged(within(site, minutes=7.5)) + sum(everybody[home] for home in within(site))
        for site in SITES
    )
    assert answer.result.objective == best
    assert answer.after == pytest.approx(best / (2 * 165 + 460))
    assert set(answer.people["point"]) == set(AGED)
    assert answer.sites["added"].tolist() == [best]


@pytest.mark.parametrize("new", [1, 2, 3])
def test_trades_by_enumeration(ask, new):
    answer = ask(new=new, trade=["time", "longest", "fairness"], candidates="given")
    plans = [plan for n in range(new + 1) for plan in itertools.combinations(SITES, n)]
    reachable = {home for site in SITES for home in MINUTES[site]}
    time, fair, longest = set(), set(), set()
    for plan in plans:
        far = {h: min([MINUTES[s][h] for s in plan if h in MINUTES[s]] + [60]) for h in reachable}
        mean = sum(AGED[h] * min(m, 60) for h, m in far.items()) / aged(reachable)
        homes = within(*plan)
        time.add((round(-mean, 6), round(aged(homes) / 165, 9)))
        shares = [
            sum(AGED[h] for h in homes if STREET[h] == street)
            / sum(AGED[h] for h in AGED if STREET[h] == street)
            for street in ("北街道", "南街道")
        ]
        fair.add((round(aged(homes) / 165, 9), round(min(shares), 9)))
        if all(any(h in MINUTES[s] for s in plan) for h in reachable):
            longest.add((round(-mean, 6), round(-max(far.values()), 6)))

    def best(points):
        return sorted(
            p for p in points
            if not any(q[0] >= p[0] and q[1] >= p[1] and q != p for q in points)
        )  # fmt: skip

    def rows(table, first, second, sign=1):
        return sorted(zip(sign * table[first], table[second], strict=True))

    found = answer.trades
    np.testing.assert_allclose(rows(found["time"], "mean", "share", -1), best(time), atol=1e-5)
    np.testing.assert_allclose(rows(found["fairness"], "share", "worst"), best(fair), atol=1e-6)
    if longest:
        table = found["longest"].assign(longest=-found["longest"]["longest"])
        np.testing.assert_allclose(rows(table, "mean", "longest", -1), best(longest), atol=1e-5)
    else:
        assert "longest" not in found  # so few sites cannot reach everybody


def test_floors(ask):
    # X1 covers most; half of the north needs d1 and d2, which X2 brings.
    south = [{"per": "street", "unit": "南街道", "share": 0.6}]
    assert ask(new=1).result.chosen == ("X1",)
    share = {
        site: sum(AGED[h] for h in within(site) if STREET[h] == "南街道") / 80 for site in SITES
    }
    able = [site for site in SITES if share[site] >= 0.5]
    answer = ask(new=1, floors=[{"per": "street", "unit": "南街道", "share": 0.5}])
    assert answer.result.objective == max(aged(within(site)) for site in able)
    assert none(ask(new=1, floors=south)).keys() == {"infeasible"}
    two = ask(new=2, floors=south)
    assert two.result.status == "optimal"
    with pytest.raises(SitingError) as wrong:
        ask(new=1, floors=[{"per": "street", "unit": "南街", "share": 0.5}])
    assert wrong.value.problems[0].key == "siting_study.unknown_unit"
    everywhere = ask(new=3, floors=[{"per": "community", "share": 1}])
    assert everywhere.result.objective == 165 or everywhere.why


SMALL = [{"size": "small", "capacity": 50, "cost": 10}]
MORE_ROOM = [{"size": "+60", "add": 60, "cost": 4}]


def test_upgrades_before_new_sites(ask):
    """K1 serves 50 of the 100 aged in its reach; 50 more places serve them all."""
    answer = ask("canteen", budget=4, new=1, sizes=SMALL, upgrades=MORE_ROOM)
    assert answer.result.objective == 100
    assert answer.upgraded["size"].to_dict() == {"K1": "+60"}
    assert answer.upgraded["served"].tolist() == [100]
    assert answer.sites.empty
    # At 30, a new site serves as many as the extension, and one of the two is enough.
    either = {"sizes": SMALL, "upgrades": MORE_ROOM, "group": "aged_60", "forbidden": ["X3", "X2"]}
    first = ask("canteen", new=1, upgrade_first=True, give_up=0.4, budget=30, **either)
    assert (len(first.sites), len(first.upgraded)) == (0, 1)
    most = ask("canteen", new=1, budget=30, **either)
    assert (len(most.sites), most.result.objective) == (1, 150)
    assert most.sites["served"].sum() + most.upgraded["served"].sum() == 150
    with pytest.raises(SitingError) as wrong:
        ask("canteen", new=1, upgrades=MORE_ROOM)
    assert wrong.value.problems[0].key == "siting_study.upgrades_alone"


def test_phases_by_budget(ask):
    phases = [{"year": 2021, "budget": 11}, {"year": 2023, "budget": 20}]
    answer = ask(phases=phases)
    # X2 costs 8 and X1 12: 11 buy X2 first, 20 both.
    assert answer.sites["year"].to_dict() == {"X2": 2021, "X1": 2023}


def test_price_of_fairness(ask):
    answer = ask(model="fair_cover", new=1)
    most = max(aged(within(site)) for site in SITES)
    assert answer.price == most - answer.result.objective


def test_points_inside_communities(ask, toy_plan):
    answer = ask(new=1, candidates="communities", spacing_m=100)
    assert answer.proposed
    best = max(aged(within(site)) for site in SITES)
    assert answer.result.objective >= best - 30
    inside = toy_plan.area.counted.union_all()
    assert answer.sites.within(inside).all()


@pytest.mark.parametrize("kind", ["health", "canteen"])  # nothing stands; something does
@pytest.mark.parametrize("thin_to", [1, 2, 4])
def test_thinning_never_costs_more_than_it_says(ask, thin_to, kind):
    every = ask(kind, new=1, candidates="streets", spacing_m=1, minutes=8)
    few = ask(kind, new=1, candidates="streets", spacing_m=1, thin_to=thin_to, minutes=8)
    assert few.candidates <= thin_to
    assert every.thinned.loss == 0
    assert every.result.objective - few.result.objective <= few.thinned.loss
    coarse = ask(kind, new=1, candidates="streets", spacing_m=5000, minutes=8)
    assert every.result.objective - coarse.result.objective <= coarse.thinned.loss
    # The loss told is that of a plan on all places, where the bound over them is the least one.
    assert coarse.thinned.loss == every.result.objective - coarse.result.objective > 0
    fair = ask(model="fair_cover", new=2, candidates="streets", thin_to=2, spacing_m=1)
    assert fair.thinned.kept == 2


def test_groups_whom_nothing_that_stands_reaches(ask):
    """It ended in a traceback: a table without a row has no label to split by group."""
    groups = {"aged_60": {"preset": "frail", "weight": 2.0}}
    answer = ask("canteen", new=2, minutes=4, groups=groups, candidates="streets", spacing_m=50)
    assert answer.before == 0 < answer.after


def test_numbers_stand_for_labels(toy_plan):
    """A table with positions in place of labels is the table, whatever the labels are."""
    settings, found = toy_plan.settings, toy_plan.area.demand
    stands = toy_plan.area.operating
    for labels in (found.index, pd.RangeIndex(500, 500 - len(found), -1)):
        area = toy_plan.area.with_tables(demand=found.set_axis(pd.Index(list(labels))))
        walk = Walk(area, settings)
        asked = people_of(area, SitingQuestion(kind="health", new=1), settings)
        named = asked.times(walk, stands, within=10)
        numbered = asked.numbered_times(walk, stands, within=10)
        assert len(named)
        assert numbered["demand"].dtype == np.int64
        again = numbered.assign(demand=asked.weight.index[numbered["demand"]])
        pd.testing.assert_frame_equal(again, named, check_dtype=False)


def test_groups_walk_at_their_own_speed(toy_plan):
    """Held to `by_group`, which names each label by point and group."""
    area, settings = toy_plan.area, toy_plan.settings
    walk, stands = Walk(area, settings), area.operating
    groups = {"aged_60": {"preset": "frail"}, "population": {"weight": 2.0}}
    asked = people_of(area, SitingQuestion(kind="health", new=1, groups=groups), settings)
    od, demand = by_group(walk.times(walk.homes, stands, within=60), asked.weights, asked.pace)
    number = [demand.index.get_loc(label) for label in od["demand"]]
    assert demand.to_list() == asked.weight.to_list()
    told = od.assign(demand=number)[od["minutes"] <= 10].set_index(["facility", "demand"])
    for found in (asked.times, asked.numbered_times):
        table = found(walk, stands, within=10).set_index(["facility", "demand"])
        pd.testing.assert_frame_equal(table, told, check_like=True, check_index_type=False)


def test_thinning_keeps_each_street_its_own(ask):
    quota = [{"per": "street", "at_least": 1}]
    answer = ask(new=2, candidates="streets", spacing_m=1, quotas=quota, thin_to=2)
    assert answer.result.status == "optimal"


BAD = [
    ({"kind": "health", "new": 9}, "siting.p_large"),
    ({"kind": "health", "budget": 1}, "siting.budget_small"),
    ({"kind": "health", "new": 1, "mandatory": ["Y"]}, "siting_study.unknown_mandatory"),
]


def test_all_bad_questions_at_once_and_by_check(ask_all, toy_plan):
    with pytest.raises(SitingError) as wrong:
        ask_all(*(asked for asked, _ in BAD))
    found = [(problem.key, problem.file) for problem in wrong.value.problems]
    assert found == [(key, f"siting.{i} (health)") for i, (_, key) in enumerate(BAD)]
    area = toy_plan.area
    questions = {"siting": [SitingQuestion(**asked) for asked, _ in BAD]}
    with pytest.raises(SitingError) as wrong:
        check_questions(area, toy_plan.settings.model_copy(update=questions))
    assert [(problem.key, problem.file) for problem in wrong.value.problems] == found


IMPOSSIBLE = [
    {"kind": "canteen", "new": 1, "quotas": [{"per": "street", "at_least": 2}]},
    {"kind": "health", "model": "p_center", "new": 1},
    {"kind": "health", "model": "set_cover", "share": 0.999, "where": {"name": "西门办公楼"}},
    {"kind": "health", "model": "p_dispersion", "new": 2},
    {"kind": "canteen", "new": 1},
]


@pytest.fixture(scope="module")
def impossible(toy_plan) -> Plan:
    asked = {"siting": [SitingQuestion(**one) for one in IMPOSSIBLE]}
    return scenario.run(toy_plan.area, toy_plan.settings.model_copy(update=asked))


def test_a_run_goes_on_without_a_plan(impossible):
    answers = impossible.siting
    assert none(answers[0]) == {"relax_quota": "南街道"}
    assert none(answers[1]) == {"relax_p_reach": 1}
    assert none(answers[2]) == {"share_out_of_reach": 0.999}
    assert answers[2].result.unreached.tolist() == ["b1", "b2", "d2", "e1"]
    # "After" is by the first question of a kind that has a plan.
    assert answers[4].sites.index.tolist() == ["X1"]
    assert impossible.after.share("canteen", minutes=15, group="aged_60") == pytest.approx(
        160 / 165
    )
    assert impossible.summary().loc["canteen", "new_sites"] == 1


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_plan_is_told_in_every_output(impossible, tmp_path, lang):
    parts = None if lang == "zh" else ["report", "record"]  # all can be written
    folder = api.save(impossible, tmp_path / lang, lang=lang, outputs=parts)
    report = (folder / "report.md").read_text("utf-8")
    words = {"zh": ["没有符合全部要求的方案", "99.9%"], "en": ["No plan keeps to all", "99.9%"]}
    assert all(word in report for word in words[lang])
    assert not {"inf", "nan", "NaN"} & set(report.replace("|", " ").split())
    record = json.loads((folder / "plan.json").read_text("utf-8"))
    first, *_, apart, last = record["siting"]
    assert (first["status"], first["objective"], first["gap"]) == ("infeasible", None, None)
    assert lang in first["why"][0]
    assert (apart["status"], apart["objective"]) == ("optimal", None)
    assert (last["status"], last["why"]) == ("optimal", [])


def test_everything_at_once_is_told(toy_plan, tmp_path):
    asked = [
        {"kinds": [*TWO], "budget": 30, "services": TWO},
        {"kind": "canteen", "new": 2, "sizes": SMALL, "upgrades": MORE_ROOM},
        {"kind": "health", "new": 2, "trade": ["time", "longest", "fairness"], "alternatives": 2},
        {"kind": "health", "new": 1, "groups": {"aged_60": {"preset": "frail"}}},
        {"kind": "health", "model": "fair_cover", "new": 1, "candidates": "streets", "thin_to": 3},
    ]
    questions = {"siting": [SitingQuestion(**one) for one in asked]}
    plan = scenario.run(toy_plan.area, toy_plan.settings.model_copy(update=questions))
    folder = api.save(plan, tmp_path / "out", lang="zh")
    report = (folder / "report.md").read_text("utf-8")
    for word in (
        "合计已证明最优",
        "同址其他服务",
        "扩建现有设施",
        "公平的代价",
        "精简为",
        "最差单元",
    ):
        assert word in report, word
    record = json.loads((folder / "plan.json").read_text("utf-8"))
    assert record["siting"][-1]["thinned"].keys() == {"found", "kept", "loss", "share"}
    assert record["siting"][2]["upgraded"][0]["facility"] == "K1"
    for name in ("time", "fairness"):
        assert record["tables"][f"front_{name}"][0]["question"] == 4
    assert pd.read_csv(folder / "tables/front_time.csv").shape[1] == 4  # noqa: TID251


def test_an_area_without_candidates_gets_them_from_the_streets(ask, toy_plan):
    bare = dataclasses.replace(toy_plan.area, candidates=toy_plan.area.candidates.head(0))
    assert ask(area=bare, new=1).proposed
    with pytest.raises(SitingError) as wrong:
        ask(area=bare, new=1, candidates="given")
    assert wrong.value.problems[0].key == "siting_study.no_candidates"
    assert (EAST, NORTH) == (500_000, 3_300_000)


def test_fronts_are_drawn_in_one_call(toy_plan):
    asked = {"siting": [SitingQuestion(kind="health", new=3, front=3, trade=["time", "fairness"])]}
    plan = scenario.run(toy_plan.area, toy_plan.settings.model_copy(update=asked))
    for lang in ("zh", "en"):
        for against in ("sites", "time", "fairness"):
            assert len(plan.siting[0].front) >= 3
            if against == "sites" or len(plan.siting[0].trades[against]) >= 3:
                picture = api.draw_front(plan, against=against, lang=lang)
                assert min(picture.size) > 500
                assert len(picture.convert("RGB").getcolors(10**6)) > 3
    with pytest.raises(SettingsError) as wrong:
        api.draw_front(plan, against="longest")
    assert wrong.value.problems[0].key == "siting_study.no_front"
    with pytest.raises(SettingsError):
        api.draw_front(plan, 2)


def test_the_map_names_every_model_and_says_why_there_is_no_plan(impossible):
    assert len(MODELS) == 6
    for lang in ("zh", "en"):
        page = maps.page(impossible, lang=lang)
        for name, spec in MODELS.items():
            title = spec.key("title")
            words = spec.name(lang) if title is None else text(title, lang)
            assert words.partition("{n")[0] in page
            assert f'"model_{name}"' in page
        assert impossible.siting[2].why[0].say(lang)[:20] in page
