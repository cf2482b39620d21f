"""Residents come by wheelchair, bicycle, e-bike or car: minutes by hand, words, what is refused."""

import csv
import json
import re
import tomllib

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT, make_toy
from support.alike import without_circles
from support.browser import Visit

import planner
from planner import api
from planner.batch import batch
from planner.errors import PlannerError
from planner.language import text, times_from
from planner.output.maps import network_payload as payload
from planner.output.maps.quantize import Quantizer
from planner.standards import modes, speeds

RIDE, WALK = 15 / 3.6, 1.0  # metres a second, e-bike and on foot
LAID = "横1路"  # the canteen stands 40 m from it, 60 m from 纵2路


def minutes(path, mode, *more, home="b1"):
    """Minutes from a home at (900, 0) to the canteen at (660, 340)."""
    walks = ["siting=[]", "candidates=[]", "links=[]"]  # alone, and what they go by
    with without_circles():
        plan = planner.run(path, set=[f"travel.mode={mode}", *walks, *more])
    nearest = plan.coverage.nearest
    return nearest[(nearest["kind"] == "canteen") & (nearest["demand"] == home)]["minutes"].item()


def with_tags(path, **tags):
    """Give the street by the canteen one value of each tag, and all others another."""
    streets = make_toy().streets
    on = {
        tag: np.where(streets["name"] == LAID, laid, others) for tag, (laid, others) in tags.items()
    }
    streets.assign(**on).to_file(path.parent / "streets.gpkg", engine="pyogrio")
    return streets


def problems(path, *settings):
    with pytest.raises(PlannerError) as caught:
        api.check(path, set=settings)
    return {(one.key, str(one.value)) for one in caught.value.problems}


def test_an_e_bike_rides_along_streets_and_its_rider_walks_to_the_door(toy_city):
    assert minutes(toy_city, "e_bike") == pytest.approx((540 / RIDE + 40 / WALK) / 60)
    slow = minutes(toy_city, "e_bike", "walk.speed_mps=0.5")
    assert slow == pytest.approx((540 / RIDE + 40 / 0.5) / 60)
    assert minutes(toy_city, "bicycle") == pytest.approx((540 / (13.46 / 3.6) + 40) / 60)


def test_a_bicycle_is_pushed_along_streets_for_walkers_and_goes_up_no_stairs(toy_city):
    with_tags(toy_city, highway=("footway", "residential"))
    # 60 m beside it from the corner, where the other way would be 240 m.
    assert minutes(toy_city, "e_bike") == pytest.approx((600 / RIDE + 60 + 40) / 60)
    with_tags(toy_city, highway=("steps", "residential"))
    # Not along the stairs: from 40 m up 纵2路, 60 m aside.
    assert minutes(toy_city, "e_bike") == pytest.approx((640 / RIDE + 60) / 60)


def test_a_bicycle_takes_cycleways_that_nobody_walks_and_no_street_that_says_so(toy_city):
    with_tags(toy_city, highway=("cycleway", "residential"))
    assert minutes(toy_city, "e_bike") == pytest.approx((540 / RIDE + 40) / 60)
    with_tags(toy_city, bicycle=("no", None))
    assert minutes(toy_city, "e_bike") == pytest.approx((640 / RIDE + 60) / 60)


@pytest.mark.parametrize(("tag", "value"), [("highway", "steps"), ("wheelchair", "no")])
def test_a_wheelchair_goes_at_its_own_speed_and_not_where_it_cannot_pass(toy_city, tag, value):
    with_tags(toy_city, **{tag: (value, "residential" if tag == "highway" else None)})
    own = speeds()["wheelchair"].speed_mps
    assert minutes(toy_city, "wheelchair") == pytest.approx(700 / own / 60)
    assert minutes(toy_city, "wheelchair", "walk.preset=frail") == pytest.approx(700 / 0.64 / 60)
    assert minutes(toy_city, "walk") == pytest.approx(580 / 60)


def test_a_car_keeps_to_one_way_streets_and_to_the_speed_of_each_class(toy_city):
    with_tags(toy_city, highway=("主干路", "residential"))
    by_class = 300 / (20 / 3.6) + 240 / (40 / 3.6) + 40
    assert minutes(toy_city, "drive") == pytest.approx(by_class / 60)
    # One-way eastwards, against the way from b1.
    with_tags(toy_city, highway=("主干路", "residential"), oneway=("yes", "no"))
    round_about = 600 / (20 / 3.6) + 60 / (40 / 3.6) + 40
    assert minutes(toy_city, "drive") == pytest.approx(round_about / 60)
    assert minutes(toy_city, "e_bike") == pytest.approx((540 / RIDE + 40) / 60)


def test_streets_without_a_known_class_are_told_with_the_speed_they_are_taken_at(toy_city):
    streets = with_tags(toy_city, highway=("主干路", "别的路"))
    plan = planner.run(toy_city, set=["travel.mode=drive", "siting=[]"])
    told = dict(plan.area.notes)["modes.other_class"]
    km = streets[streets["name"] != LAID].length.sum() / 1000
    assert told == {"km": f"{km:.1f}", "named": f"别的路 {km:.1f}", "kmh": "20"}


def test_people_live_where_they_lived_whatever_they_come_by(toy_city):
    with_tags(toy_city, highway=("footway", "residential"))
    lines = toy_city.read_text("utf-8").replace(
        '[demand]\nfile = "demand.csv"\ncrs = "EPSG:4549"\n', ""
    )
    toy_city.write_text(lines, "utf-8")
    on_foot, driven = (
        api.check(toy_city, set=[f"travel.mode={mode}", "coverage.group=population"]).area
        for mode in ("walk", "drive")
    )
    assert on_foot.demand.geometry.geom_equals(driven.demand.geometry).all()
    assert len(driven.network.edge_u) < len(on_foot.network.edge_u)


def test_the_page_walks_on_the_minutes_of_the_mode(toy_city):
    with_tags(toy_city, highway=("主干路", "residential"), oneway=("yes", "no"))
    plan = planner.run(toy_city, set=["travel.mode=drive", "walk.speed_mps=0.8", "siting=[]"])
    network = plan.area.network
    assert network.unit == "s"
    metres = plan.settings.walk.speed.speed_mps
    ahead = payload._cm(network.edge_forward, metres) / 100 / metres
    known = network.edge_forward < 10**18
    assert ahead[known] == pytest.approx(network.edge_forward[known] / 1e9, abs=0.01)
    shapes = plan.area.communities
    made = payload.network_payload(plan, Quantizer(shapes.crs, shapes.total_bounds, "wgs84"))
    assert made is not None
    assert made["back"] is not None
    assert made["mps"] == 0.8


def test_every_page_speaks_of_the_mode(toy_city, tmp_path):
    plan = planner.run(toy_city, set=["travel.mode=e_bike"])
    for lang, wrong, right in (
        ("en", r"on foot|minutes' walk|Walking (speed|at)", "min by e-bike"),
        ("zh", r"步行(15|圈|可达|时间|速度)|步行 15", "电动自行车骑行15分钟内"),
    ):
        folder = plan.save(tmp_path / lang, lang=lang, outputs=["map", "report", "record"])
        for page in ("map.html", "report.html", "report.md", "summary.txt"):
            said = (folder / page).read_text("utf-8")
            assert text("modes.e_bike", lang) in said, page
            if page != "map.html":  # which carries Leaflet and the script, too
                assert not re.search(wrong, said), (page, re.search(wrong, said))
        assert right in (folder / "map.html").read_text("utf-8")
        told = [one for one in plan.caveats(lang) if "17.09" in one]
        assert len(told) == 1
        assert told[0].split("，")[0] in (folder / "summary.txt").read_text("utf-8")
    record = json.loads((tmp_path / "en" / "plan.json").read_text("utf-8"))
    assert [one["what"] for one in record["estimates"]] == ["means"]


def test_two_plans_of_different_modes_are_told_apart(toy_city):
    on_foot, ridden = (
        planner.run(toy_city, set=[f"travel.mode={mode}"]) for mode in ("walk", "e_bike")
    )
    both = planner.compare(on_foot, ridden)
    differing = dict(both.settings[["setting", "second"]].to_numpy().tolist())
    assert differing["travel.mode"] == "e_bike"
    with times_from("vehicle", "several"):
        assert "each plan in its own way" in text("map.page.units_reached", "en")


def test_what_a_mode_cannot_mean_is_refused_with_a_remedy(toy_city):
    path, drive = toy_city, "travel.mode=drive"
    assert problems(path, "travel.mode=horse") == {("modes.unknown", "horse")}
    assert problems(path, drive, "walk.avoid=['steps']", "walk.factors={steps=2.0}") == {
        ("modes.own_speed", "walk.avoid"), ("modes.own_speed", "walk.factors"),
    }  # fmt: skip
    assert problems(path, drive, "siting.0.apart_m=300") == {
        ("modes.own_speed", "siting.0.apart_m")
    }
    groups = 'siting.0.groups={aged_60={preset="frail", weight=1}}'
    assert ("modes.own_speed", "siting.0.groups.aged_60") in problems(path, drive, groups)
    table = "travel.table=od.csv"
    assert ("modes.with_table", "drive") in problems(path, drive, table)
    lines = path.read_text("utf-8").replace('file = "streets.gpkg"', "straight = true")
    other = path.with_name("straight.toml")
    other.write_text(lines, "utf-8")
    assert problems(other, "travel.mode=wheelchair") == {("modes.without_streets", "wheelchair")}
    shed = 'outputs.layers=["pedestrian_shed"]'
    assert problems(path, drive, shed) == {("modes.layer_on_foot", "pedestrian_shed")}
    with_tags(path, highway=("footway", "footway"))
    assert problems(path, drive) == {("modes.no_lines", "drive")}


def test_avoid_adds_to_what_a_wheelchair_cannot_pass(toy_city):
    with_tags(toy_city, highway=("track", "residential"))
    wheeled = minutes(toy_city, "wheelchair", "walk.avoid=['track']", "walk.speed_mps=1.0")
    assert wheeled == pytest.approx(700 / 60)


def test_layers_along_the_streets_are_those_of_the_mode(toy_city):
    asked = 'outputs.layers=["routes", "responsibility_areas", "reached_streets"]'
    plan = planner.run(toy_city, set=["travel.mode=e_bike", "siting=[]", asked])
    ways = plan.layer("routes")
    assert ways["minutes"].max() < 15
    assert plan.layer("reached_streets")["road_km"].sum() > 3


def test_a_target_in_metres_has_no_figure_by_vehicle(toy_city):
    profile = toy_city.parent / "own.toml"
    profile.write_text(
        'zh = "自定"\nen = "own"\nsource = "test"\ngrade = "unverified"\n'
        '[targets.near]\nzh = "近"\nen = "near"\nindicator = "people_coverage"\n'
        'kind = "canteen"\nmetres = 500\nmust = 0.5\n',
        "utf-8",
    )
    own = 'standards.profiles=["own.toml"]'
    on_foot, ridden = (
        planner.run(toy_city, set=[own, f"travel.mode={mode}", "siting=[]"]).scorecard.iloc[0]
        for mode in ("walk", "e_bike")
    )
    assert on_foot["value"] == pytest.approx(40 / 165)
    assert np.isnan(ridden["value"])
    assert "500 m" in ridden["note_en"]


def test_modes_are_data_with_a_source_and_words():
    words = tomllib.loads((ROOT / "planner" / "language" / "modes.toml").read_text("utf-8"))
    for name, mode in modes().items():
        assert mode.source
        assert mode.source_zh
        assert mode.grade in {"verified", "secondary", "unverified"}
        assert set(words[name]) == set(words["trip"][name]) == {"zh", "en"}
        assert mode.preset is None or mode.preset in speeds()
        assert all(0 < kmh <= 120 for kmh in mode.kmh.values())
        with times_from("streets", name):
            assert text("map.page.units_reached", "en").endswith(words[name]["en"])


MODES = {"骑区": "e_bike", "走区": "walk", "轮区": "wheelchair", "车区": "drive"}


@pytest.fixture(scope="module")
def by_modes(tmp_path_factory):
    """A batch of the toy city by four modes: its scenario and its folder, not to be changed."""
    home = tmp_path_factory.mktemp("modes")
    scenario = make_toy().write(home / "city")
    with_tags(scenario, highway=("主干路", "residential"), oneway=("yes", "no"))
    table = home / "districts.csv"
    rows = [f"{name},{scenario},{mode}" for name, mode in MODES.items()]
    table.write_text("\n".join(["name,scenario,travel.mode", *rows]), "utf-8")
    found = batch(table, home / "out", outputs=["record"], lang="en", set=["siting=[]"])
    assert [one.state for one in found.outcomes] == ["done"] * len(MODES)
    return scenario, home / "out"


@pytest.mark.parametrize("name", MODES)
def test_a_district_of_a_batch_is_as_a_run_of_its_own(by_modes, tmp_path, name):
    scenario, out = by_modes
    plan = planner.run(scenario, set=[f"travel.mode={MODES[name]}", "siting=[]"])
    alone = plan.save(tmp_path / "alone", lang="en", outputs=["record"])
    whole, own = (
        json.loads((folder / "plan.json").read_text("utf-8"))
        for folder in (out / "districts" / name, alone)
    )
    assert whole["tables"] == own["tables"]
    assert whole["estimates"] == own["estimates"]


def test_a_batch_adds_up_no_two_modes_and_names_each(by_modes):
    _, out = by_modes
    told = (out / "overview" / "coverage.csv").read_text("utf-8-sig")
    head, *cells = csv.reader(told.splitlines())
    sheet = pd.DataFrame(cells, columns=head)
    assert set(sheet["Mode of travel"]) == {modes()[mode].en for mode in MODES.values()}
    whole = sheet[sheet["District"] == "all"]
    assert len(whole) == len(MODES) * whole["Kind"].nunique()
    page = (out / "overview" / "map.html").read_text("utf-8")
    for mode in MODES.values():
        assert json.dumps(text(f"modes.{mode}", "en")) in page
        assert f"1 district {text(f'modes.{mode}', 'en')}" in page


def test_sites_are_not_shared_by_districts_of_different_modes(toy_city, tmp_path):
    table = tmp_path / "districts.csv"
    rows = [f"{name},{toy_city},{MODES[name]}" for name in ("骑区", "走区")]
    table.write_text("\n".join(["name,scenario,travel.mode", *rows]), "utf-8")
    with pytest.raises(PlannerError, match=r"travel\.mode.*e_bike"):
        batch(table, tmp_path / "out", new=2, lang="en")
    table.write_text("\n".join(["name,scenario,travel.mode", *rows[:1]]), "utf-8")
    found = batch(table, tmp_path / "out", new=2, outputs=["record"], lang="en")
    assert found.across is not None
    record = json.loads((tmp_path / "out" / "overview" / "across.json").read_text("utf-8"))
    assert record["mode"] == "e_bike"
    page = (tmp_path / "out" / "overview" / "map.html").read_text("utf-8")
    assert "minutes by e-bike" in page
    assert "on foot" not in page


@pytest.mark.browser
def test_trial_sites_are_driven_to_as_the_plan_drives(toy_city, tmp_path, chrome):
    with_tags(toy_city, highway=("主干路", "residential"), oneway=("yes", "no"))
    plan = planner.run(toy_city, set=["travel.mode=drive", "walk.speed_mps=0.8", "siting=[]"])
    page = (plan.save(tmp_path / "out", lang="en", outputs=["map"]) / "map.html").read_text("utf-8")
    visit = Visit(chrome, page, tmp_path)
    found = visit("""() => {
        plan.state.kind = 'canteen'; plan.state.year = 2020; plan.refresh();
        return [...plan.views.minutes('canteen')].map((n) => (Number.isFinite(n) ? n : null));
    }""")
    nearest = plan.coverage.nearest.query("kind == 'canteen'").set_index("demand")["minutes"]
    wanted = nearest.reindex(plan.area.demand.index).to_numpy(float)
    assert np.array(found, float) == pytest.approx(wanted, abs=0.002, nan_ok=True)
    assert "no way by car" in page
