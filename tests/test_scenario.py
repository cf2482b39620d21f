"""The one orchestrator, on the toy city whose minutes are worked out on paper."""

import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from conftest import EAST, NORTH, Toy

from planner import api
from planner.district.area import StudyArea
from planner.engine.network.graph import snapping
from planner.errors import SitingError
from planner.output.report import tables
from planner.settings import SitingQuestion
from planner.study import scenario
from planner.study.plan import Plan


@pytest.fixture(scope="module")
def area(toy_plan: Plan) -> StudyArea:
    return toy_plan.area


def rerun(plan: Plan, **changes) -> Plan:
    return scenario.run(plan.area, plan.settings.model_copy(update=changes))


def test_minutes_as_on_paper(toy_plan: Plan, toy: Toy):
    wide = toy_plan.coverage.nearest.pivot_table(index="demand", columns="kind", values="minutes")
    wide = wide.reindex(index=toy.minutes.index, columns=toy.minutes.columns)
    pd.testing.assert_frame_equal(wide, toy.minutes, check_names=False, rtol=0, atol=1e-6)


def test_who_is_nearest(toy_plan: Plan):
    nearest = toy_plan.coverage.nearest.set_index(["demand", "kind"])["facility"]
    assert set(nearest.xs("care_station", level="kind")) == {"S1"}
    assert nearest["d2", "shelter"] == "H1"


def test_summary_as_on_paper(toy_plan: Plan):
    assert toy_plan.kinds == ("care_station", "canteen", "shelter")
    found = toy_plan.summary()
    assert found["facilities"].tolist() == [1, 1, 1]
    assert found["capacity"].tolist() == [20, 50, 200]
    np.testing.assert_allclose(found["population"], np.array([390, 290, 300]) / 460)
    np.testing.assert_allclose(found["aged_60"], np.array([130, 100, 120]) / 165)
    assert found["communities"].tolist() == [5, 5, 5]
    assert found["has"].tolist() == [1, 1, 1]
    assert found["reached"].tolist() == [4, 2, 3]
    assert found["linked"].tolist() == [pd.NA, 3, 5]
    assert found["new_sites"].tolist() == [0, 1, 0]
    np.testing.assert_allclose(found["after"], np.array([130, 160, 120]) / 165)


def test_sites_as_on_paper(toy_plan: Plan):
    best, fewest = toy_plan.siting
    assert best.sites.index.tolist() == ["X1"]
    assert best.result.status == fewest.result.status == "optimal"
    assert best.result.objective == best.result.bound == 160
    assert best.result.gap == 0
    assert (best.before, best.after) == (pytest.approx(100 / 165), pytest.approx(160 / 165))
    assert best.sites.loc["X1", ["rank", "added", "cumulative", "community"]].tolist() == [
        1,
        60,
        160,
        "A",
    ]
    assert (best.candidates, best.proposed) == (3, False)
    assert fewest.sites.index.tolist() == ["X1", "X3"]
    assert fewest.result.objective == 2
    assert fewest.after == 1
    # After the first answer of the kind: all but the island.
    assert toy_plan.after.share("canteen", minutes=15) == pytest.approx(450 / 460)
    assert toy_plan.after.share("shelter", minutes=15) == toy_plan.coverage.share(
        "shelter", minutes=15
    )


def test_gaps_are_worst_first(toy_plan: Plan):
    gaps = toy_plan.gaps
    assert (gaps["community"] + gaps["kind"]).head(3).tolist() == [
        "Ashelter",
        "Ccanteen",
        "Acanteen",
    ]
    assert gaps["lacking"].is_monotonic_decreasing
    few = rerun(
        toy_plan, coverage=toy_plan.settings.coverage.model_copy(update={"gap_kinds": ["canteen"]})
    )
    assert set(few.gaps["kind"]) == {"canteen"}
    assert few.gaps["rank"].tolist() == [1, 2, 3]


def test_circles_hold_who_is_within(toy_plan: Plan, toy: Toy):
    rings = toy_plan.rings.set_index(["kind", "minutes"]).geometry
    assert len(rings) == 9
    for kind in toy.minutes:
        for limit in (5, 10, 15):
            within = toy.minutes[kind] <= limit - 0.1
            beyond = ~(toy.minutes[kind] <= limit + 0.1)
            places = toy_plan.area.demand.geometry.reindex(toy.minutes.index)
            assert places[within].intersects(rings[kind, limit].buffer(0.5)).all()
            assert not places[beyond].intersects(rings[kind, limit].buffer(-0.5)).any()


@pytest.mark.parametrize(
    ("year", "people"), [(2004, 0), (2009, 370), (2014, 430), (2020, 390), (2022, 450)]
)
def test_year_decides_what_operates(toy_city, year, people):
    plan = api.run(toy_city, set=[f"year={year}", "siting=[]"])
    assert plan.coverage.share("care_station", minutes=15) == pytest.approx(people / 460)
    assert plan.summary().loc["canteen", "linked"] == (3 if year >= 2012 else 0)


def test_a_closed_station_counted_while_it_stood(toy_city):
    plan = api.run(toy_city, set=["year=2014", "siting=[]"])
    operating = plan.area.facilities["operating"]
    assert operating[operating].index.tolist() == ["S1", "S3", "K1", "H1"]
    nearest = plan.coverage.nearest.query("kind == 'care_station'").set_index("demand")
    assert nearest.loc["b1", ["facility", "minutes"]].tolist() == ["S3", 5]


def test_slower_people_reach_less(toy_city, toy: Toy):
    plan = api.run(toy_city, use=["frail"], set=["siting=[]"])
    found = plan.coverage.nearest.query("kind == 'canteen'").set_index("demand")["minutes"]
    expected = toy.minutes["canteen"].dropna() / 0.64
    np.testing.assert_allclose(found.reindex(expected.index), expected, atol=1e-6)


def test_sites_from_the_streets_where_none_are_given(toy_plan: Plan):
    question = SitingQuestion(kind="canteen", new=1, candidates="streets", spacing_m=100)
    (answer,) = rerun(toy_plan, siting=[question]).siting
    assert answer.proposed
    assert answer.result.objective == 160, "a street corner does as well as X1"
    junctions = toy_plan.area.network.nodes.geometry
    degree = pd.concat([toy_plan.area.network.edges[end] for end in "uv"]).value_counts()
    corner = junctions.distance(answer.sites.geometry.iloc[0]).idxmin()
    assert degree[corner] >= 3
    none = dataclasses.replace(toy_plan.area, candidates=toy_plan.area.candidates[:0])
    settings = toy_plan.settings.model_copy(
        update={"siting": [SitingQuestion(kind="canteen", new=1)]}
    )
    assert scenario.run(none, settings).siting[0].proposed
    asked = SitingQuestion(kind="canteen", new=1, candidates="given")
    with pytest.raises(SitingError) as caught:
        scenario.run(none, settings.model_copy(update={"siting": [asked]}))
    assert caught.value.problems[0].key.endswith(".no_candidates")


def test_candidates_are_filtered_by_column_and_by_kind(toy_plan: Plan):
    question = SitingQuestion(kind="canteen", new=1, where={"host": "活动室"})
    (answer,) = rerun(toy_plan, siting=[question]).siting
    assert answer.candidates == 1
    assert answer.sites.index.tolist() in ([], ["X2"])
    suits = pd.Series(["shelter", "Canteen; shelter", None], ["X1", "X2", "X3"], dtype=object)
    sites = toy_plan.area.candidates.assign(kinds=suits)
    area = dataclasses.replace(toy_plan.area, candidates=sites)
    settings = toy_plan.settings.model_copy(
        update={"siting": [SitingQuestion(kind="canteen", new=1)]}
    )
    assert scenario.run(area, settings).siting[0].candidates == 2


@pytest.mark.parametrize("model", ["max_cover", "set_cover"])
def test_a_filter_that_leaves_no_candidate_is_named(toy_plan: Plan, model):
    question = SitingQuestion(kind="canteen", new=1, model=model, where={"host": "码头"})
    with pytest.raises(SitingError) as caught:
        rerun(toy_plan, siting=[question])
    assert caught.value.problems[0].key.endswith(".no_candidates")


def test_a_kind_that_nobody_offers_yet(toy_plan: Plan):
    plan = rerun(toy_plan, siting=[SitingQuestion(kind="health", new=1)])
    assert plan.kinds[-1] == "health"
    summary = plan.summary().loc["health"]
    assert summary[["facilities", "has", "population"]].tolist() == [0, 0, 0]
    assert summary["after"] > 0
    assert plan.siting[0].before == 0


def test_no_facilities_yet(toy_plan: Plan):
    area = dataclasses.replace(
        toy_plan.area, facilities=toy_plan.area.facilities[:0], links=toy_plan.area.links[:0]
    )
    plan = scenario.run(area, toy_plan.settings)
    assert plan.kinds == ("canteen",)
    assert plan.coverage.share("canteen", minutes=15) == 0
    assert plan.gaps["lacking"].sum() == 165
    assert plan.rings.empty
    assert len(plan.siting[1].sites) >= 2


def test_a_new_facility_never_takes_coverage_away(toy_plan: Plan):
    before, after = toy_plan.coverage.people, toy_plan.after.people
    keys = ["kind", "level", "unit", "group", "minutes"]
    both = before.merge(after, on=keys, suffixes=("", "_after"))
    assert len(both) == len(before)
    assert (both["covered_after"] >= both["covered"] - 1e-9).all()


def test_the_area_is_left_alone(toy_plan: Plan, area: StudyArea):
    frames = {name: getattr(area, name).copy() for name in ("demand", "facilities", "candidates")}
    rerun(toy_plan)
    for name, frame in frames.items():
        pd.testing.assert_frame_equal(getattr(area, name), frame)


def test_the_streets_extent(toy_plan: Plan):
    assert toy_plan.area.extent.contains(shapely.Point(EAST + 1500, NORTH + 300))
    assert list(toy_plan.area.communities.index[~toy_plan.area.communities["inside"]]) == ["F"]


def test_which_kind_of_a_living_circle_is_missing_most(toy_city, tmp_path):
    (toy_city.parent / "own.toml").write_text(
        'zh = "圈"\nen = "circle"\nsource = "made up"\ngrade = "unverified"\n'
        '[targets.circle]\nzh = "齐全"\nen = "complete"\nindicator = "complete"\n'
        'requires = [{kind = "care_station", minutes = 15}, {kind = "canteen", minutes = 15}]\n',
        "utf-8",
    )
    plan = api.run(toy_city, set=['standards.profiles=["own.toml"]', "siting=[]"])
    # Of the aged, 35 of 165 lack a station and 65 a canteen (100 of 165 have one).
    lacking = plan.circles["circle"].lacking.set_index("kind")["aged_60"]
    assert lacking.to_dict() == {"canteen": 65, "care_station": 35}
    # All have both: b1 20 and d1 40 and a2 10.
    card = plan.scorecard.set_index("id").loc["circle"]
    assert (card["numerator"], card["denominator"]) == (70, 165)
    assert tables(plan)["circle_lacking"]["lacking"].tolist() == [65, 35]


def test_a_run_puts_homes_on_the_streets_once(toy_city: Path, tmp_path: Path, monkeypatch):
    snapped = []
    snap = snapping.snap_coordinates

    def count(network, index, xy, max_snap_m):
        snapped.append((network, xy.tolist()))
        return snap(network, index, xy, max_snap_m)

    monkeypatch.setattr(snapping, "snap_coordinates", count)
    plan = api.run(toy_city, set=["years=[2019, 2020]"])
    api.save(plan, tmp_path / "out", lang="en")
    homes = shapely.get_coordinates(plan.area.demand.geometry).tolist()
    assert len(homes) > 1
    # Reading asks once more, of the streets with their scraps, who lives by one.
    assert [network for network, xy in snapped if xy == homes].count(plan.area.network) == 1
