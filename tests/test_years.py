"""Changes of a scenario on the toy city, by hand: every action, in the order of its years."""

import pandas as pd
import pyproj
import pytest
from conftest import EAST, METRIC, NORTH

from planner import api
from planner.district.area import StudyArea
from planner.district.at_year import bring_to_year
from planner.engine.crs import from_wgs84
from planner.errors import InputError, PlannerError, SettingsError
from planner.settings import ChangeEntry
from planner.study import scenario
from planner.study.plan import Plan

TO_WGS84 = pyproj.Transformer.from_crs(METRIC, 4326, always_xy=True)


def at(x: float, y: float) -> dict[str, float]:
    lon, lat = TO_WGS84.transform(EAST + x, NORTH + y)
    return {"lon": lon, "lat": lat}


def toml(changes: list[dict]) -> str:
    """Write changes as `--set` takes them."""

    def value(thing: object) -> str:
        if isinstance(thing, dict):
            return "{" + ", ".join(f"{key} = {value(each)}" for key, each in thing.items()) + "}"
        if isinstance(thing, list):
            return "[" + ", ".join(map(value, thing)) + "]"
        return str(thing).lower() if isinstance(thing, bool) else repr(thing)

    return f"changes={value(changes)}"


@pytest.fixture(scope="module")
def area(toy_plan: Plan) -> StudyArea:
    return toy_plan.area


@pytest.fixture
def bring(toy_plan: Plan):
    """Bring the toy city to a year."""

    def put(*changes: dict, year: int | None = 2020) -> StudyArea:
        settings = toy_plan.settings.model_copy(
            update={"changes": [ChangeEntry(**change) for change in changes]}
        )
        return bring_to_year(toy_plan.area, settings, year)

    return put


@pytest.fixture
def run(toy_plan: Plan):
    """Run the toy city with changes."""

    def put(*changes: dict, **asked) -> Plan:
        made = [ChangeEntry(**change) for change in changes]
        asked = {"siting": [], "changes": made, **asked}
        return scenario.run(toy_plan.area, toy_plan.settings.model_copy(update=asked))

    return put


@pytest.fixture
def people(run):
    """Count who is within 15 minutes of a canteen once changes are made."""

    def count(*changes: dict) -> float:
        share = run(*changes).coverage.share("canteen", minutes=15, group="aged_60")
        return round(share * 165, 6)

    return count


OPEN = {
    "action": "open",
    "year": 2019,
    "facility": "K2",
    "columns": {"name": "西门食堂", "kind": "canteen", "capacity": 30},
    **at(0, 300),
}


def test_open(bring, people):
    assert people() == 100
    assert people(OPEN) == 160  # as the candidate X1 would
    assert people(OPEN | {"year": 2021}) == 100
    row = bring(OPEN).facilities.loc["K2"]
    assert row[["name", "kind", "capacity", "opened", "community"]].tolist() == [
        "西门食堂", "canteen", 30, 2019, "A",
    ]  # fmt: skip
    assert row["operating"]
    assert (row.geometry.x - EAST, row.geometry.y - NORTH) == pytest.approx((0, 300), abs=1e-3)
    assert "K2" not in bring(OPEN, year=2018).facilities.index


def test_a_place_in_another_datum(bring):
    lon, lat = from_wgs84(OPEN["lon"], OPEN["lat"], "gcj02")
    there = {"datum": "gcj02", "lon": float(lon), "lat": float(lat)}
    place = bring(OPEN | there).facilities.loc["K2"].geometry
    assert (place.x - EAST, place.y - NORTH) == pytest.approx((0, 300), abs=0.1)
    as_it_stands = bring(OPEN | there | {"datum": "wgs84"}).facilities.loc["K2"].geometry
    assert place.distance(as_it_stands) > 100


def test_close(bring, people):
    close = {"action": "close", "facility": "K1", "year": 2019}
    assert people(close) == 0
    assert people(close | {"year": 2021}) == 100
    assert not bring(close).facilities.loc["K1", "operating"]
    assert bring(close, year=2018).facilities.loc["K1", "operating"]


def test_move(bring, people):
    move = {"action": "move", "facility": "K1", "year": 2020, **at(0, 300)}
    # At X1's place: a1, a2, c1 and d1.
    assert people(move) == 110
    moved = bring(move)
    assert moved.facilities.loc["K1", ["community", "capacity"]].tolist() == ["A", 50]
    pd.testing.assert_frame_equal(moved.links, bring().links)


def test_expand(bring):
    expand = {"action": "expand", "facility": "S1", "year": 2019, "add": {"capacity": 15}}
    assert bring(expand).facilities.loc["S1", "capacity"] == 35
    assert bring(expand, expand | {"year": 2020}).facilities.loc["S1", "capacity"] == 50
    assert bring(expand | {"add": {"capacity": -5}}).facilities.loc["S1", "capacity"] == 15
    assert bring(expand, year=2018).facilities.loc["S1", "capacity"] == 20


def test_link(bring, run):
    link = {"action": "link", "facility": "K1", "community": "D", "year": 2019}
    cease = {"action": "link", "facility": "K1", "community": "A", "cease": True}
    links = bring(link, cease).links
    assert sorted(links.loc[links["facility"] == "K1", "community"]) == ["B", "C", "D"]
    outreach = bring(link | {"link": "outreach"}).links
    assert outreach.iloc[-1][["community", "link"]].tolist() == ["D", "outreach"]
    assert run(link).summary().loc["canteen", "linked"] == 4


def test_merge(bring, run):
    merge = {
        "action": "merge", "communities": ["A", "C"], "into": "AC", "name": "西联社区",
        "year": 2020,
    }  # fmt: skip
    after = bring(merge)
    assert after.communities.loc["AC", ["name", "population", "street", "inside"]].tolist() == [
        "西联社区", 210, "南街道", True,
    ]  # fmt: skip
    assert not {"A", "C"} & set(after.communities.index)
    assert after.demand.loc[["a1", "a2", "c1"], "community"].tolist() == ["AC"] * 3
    assert sorted(after.links.query("facility == 'K1'")["community"]) == ["AC", "B"]
    plan = run(merge)
    assert plan.summary()["communities"].tolist() == [4, 4, 4]
    assert plan.summary().loc["canteen", "linked"] == 2
    # Nobody moved: shares of people are as before.
    assert plan.coverage.share("canteen", minutes=15, group="aged_60") == pytest.approx(100 / 165)


def test_split(bring):
    split = {"action": "split", "community": "B", "shares": {"B1": 0.6, "B2": 0.4}}
    after = bring(split)
    # b1 80 people, b2 40: the cut runs between them.
    assert after.communities.loc[["B1", "B2"], "population"].tolist() == [80, 40]
    assert after.demand.loc[["b1", "b2"], "community"].tolist() == ["B1", "B2"]
    assert sorted(after.links.query("facility == 'K1'")["community"]) == ["A", "B1", "B2", "C"]


def test_convert(bring):
    convert = {"action": "convert", "community": "C", "name": "北山社区", "year": 2020}
    assert bring(convert).communities.loc["C", ["settlement", "name"]].tolist() == [
        "urban", "北山社区",
    ]  # fmt: skip
    assert bring(convert, year=2019).communities.loc["C", "settlement"] == "rural"
    back = {"action": "convert", "community": "A", "settlement": "rural"}
    assert bring(back).communities.loc["A", "settlement"] == "rural"


def test_years_decide_the_order(bring):
    merge = {"action": "merge", "communities": ["A", "C"], "into": "AC", "year": 2018}
    convert = {"action": "convert", "community": "AC", "settlement": "rural", "year": 2019}
    assert bring(convert, merge).communities.loc["AC", "settlement"] == "rural"
    with pytest.raises(InputError) as caught:
        bring(merge, convert | {"year": 2017})
    assert [p.key for p in caught.value.problems] == ["changes.unknown_community"]


def test_without_a_year_all_changes_are_made(bring):
    after = bring(OPEN | {"year": 2030}, {"action": "close", "facility": "K1"}, year=None)
    assert after.facilities["operating"][["K1", "K2"]].tolist() == [False, True]


def test_what_does_not_exist_is_named_all_at_once(bring):
    with pytest.raises(InputError) as caught:
        bring(
            {"action": "close", "facility": "Z"},
            {"action": "expand", "facility": "K1", "add": {"spoons": 1}},
            {"action": "convert", "community": "Q"},
            {"action": "split", "community": "B", "shares": {"B1": 0.6, "B2": 0.6}},
        )
    assert [(p.key.partition(".")[2], p.value) for p in caught.value.problems] == [
        ("unknown_facility", "Z"),
        ("unknown_column", "spoons"),
        ("unknown_community", "Q"),
        ("split_shares", "B"),
    ]


def test_a_place_off_the_streets_is_named(bring):
    with pytest.raises(InputError) as caught:
        bring(OPEN | at(2500, 300), {"action": "move", "facility": "K1", **at(600, 5000)})
    assert [(p.key, p.file, p.value) for p in caught.value.problems] == [
        ("years.off_streets", "changes.0", "K2"),
        ("years.off_streets", "changes.1", "K1"),
    ]
    for lang in ("zh", "en"):
        assert all(caught.value.say(lang))


def test_missing_and_idle_keys_all_at_once(toy_city):
    changes = [{"action": action} for action in ("open", "close", "move", "expand", "link")]
    changes += [{"action": action} for action in ("merge", "split", "convert")]
    changes += [{"action": "close", "facility": "K1", "community": "A", "into": "B"}]
    with pytest.raises(SettingsError) as caught:
        api.check(toy_city, set=[toml(changes)])
    found = {(p.key.partition(".")[2], p.value) for p in caught.value.problems}
    needed = (
        "0.facility 0.lon 0.lat 0.columns 1.facility 2.facility 2.lon 2.lat 3.facility 3.add "
        "4.facility 4.community 5.communities 5.into 6.community 6.shares 7.community"
    )
    assert found == {
        *(("missing_key", f"changes.{key}") for key in needed.split()),
        ("idle_key", "changes.8.community"),
        ("idle_key", "changes.8.into"),
    }
    assert len(caught.value.problems) == len(found)


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (OPEN | {"columns": {"name": "x", "kind": "casino"}}, "area.unknown_kind"),
        (OPEN | {"facility": "K1"}, "changes.id_taken"),
        (OPEN | {"columns": {"kind": "canteen"}}, "changes.open_lacks"),
        (OPEN | {"lon": 400}, "settings.wrong_value"),
        ({"action": "close", "facility": "K9"}, "changes.unknown_facility"),
        ({"action": "burn"}, "settings.wrong_value"),
    ],
)
def test_a_check_finds_what_a_run_would(toy_city, change, key):
    with pytest.raises(PlannerError) as caught:
        api.check(toy_city, set=[toml([change])])
    assert [problem.key for problem in caught.value.problems] == [key]


def test_a_change_in_one_of_the_years_is_checked(toy_city):
    late = toml([{"action": "close", "facility": "K9", "year": 2030}])
    for years in ([], ["years=[2020, 2030]"]):  # what is still to come is checked, too
        with pytest.raises(InputError, match="K9"):
            api.check(toy_city, set=[late, *years])


def test_every_year_is_as_a_run_of_that_year(run):
    changes = [
        OPEN,
        {"action": "close", "facility": "K1", "year": 2021},
        {"action": "merge", "communities": ["A", "C"], "into": "AC", "year": 2022},
        {"action": "expand", "facility": "S1", "add": {"capacity": 5}, "year": 2021},
    ]
    years = [2022, 2010, 2018, 2020]
    found = run(*changes, years=years).years
    assert found["year"].drop_duplicates().tolist() == years
    for year in years:
        alone = run(*changes, year=year).summary()
        then = found[found["year"] == year].drop(columns="year").set_index("kind")
        pd.testing.assert_frame_equal(then, alone[then.columns], check_dtype=False)
    assert run(*changes).years.empty


def test_the_area_stays_as_it_is(area, bring):
    before = {name: getattr(area, name).copy() for name in ("communities", "demand", "facilities")}
    bring(OPEN, {"action": "merge", "communities": ["A", "C"], "into": "AC"})
    for name, frame in before.items():
        pd.testing.assert_frame_equal(getattr(area, name), frame)


def test_nothing_to_change(toy_plan: Plan):
    same = bring_to_year(toy_plan.area, toy_plan.settings, 2020)
    pd.testing.assert_frame_equal(same.facilities, toy_plan.area.facilities)


def test_what_a_year_adds(toy_city):
    """S1 gains 15 places in 2020; that its community gets a new border adds nothing."""
    (toy_city.parent / "own.toml").write_text(
        'zh = "增"\nen = "added"\nsource = "made up"\ngrade = "unverified"\n'
        '[targets.places]\nzh = "新增"\nen = "added"\nindicator = "added"\n'
        'kind = "care_station"\ncolumn = "capacity"\n',
        "utf-8",
    )
    changes = (
        'changes=[{action="expand", year=2020, facility="S1", add={capacity=15}},'
        ' {action="merge", year=2020, communities=["A", "B"], into="AB", name="新里"}]'
    )
    assign = ['standards.profiles=["own.toml"]', "siting=[]"]
    plan = api.run(toy_city, set=[*assign, changes])
    assert plan.scorecard["value"].tolist() == [15]
    assert api.run(toy_city, set=assign).scorecard["value"].tolist() == [0]
