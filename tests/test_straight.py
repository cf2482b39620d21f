"""A district without streets: walks are a multiple of the straight line, and every page says so."""

import dataclasses
import json
import re

import geopandas as gpd
import numpy as np
import pytest
import shapely
from conftest import EAST, METRIC, NORTH

from planner import api
from planner.engine.network import lattice, spacing_of
from planner.errors import PlannerError
from planner.network import Network
from planner.output import maps
from planner.standards import detour

STRAIGHT = "[streets]\nstraight = true\n"


def without_streets(toy, folder, streets=STRAIGHT):
    """The toy city's scenario with something else in place of its streets."""
    path = toy.write(folder)
    text = path.read_text("utf-8").replace('[streets]\nfile = "streets.gpkg"\n', streets)
    path.write_text(text, "utf-8")
    return path


def problems_of(path, **more):
    with pytest.raises(PlannerError) as caught:
        api.check(path, **more)
    return {one.key: one for one in caught.value.problems}


@pytest.mark.parametrize(("spacing_m", "off"), [(50.0, 0.02), (100.0, 0.03)])
def test_ways_on_the_lattice_are_a_multiple_of_the_straight_line(spacing_m, off):
    """The mean of ways as long as matter; no single one is off by more than an eighth."""
    side, factor = 3000, 1.4
    area = shapely.box(-200, -200, side + 200, side + 200)
    net = Network.from_edges(*lattice(area, spacing_m, factor), METRIC)
    rng = np.random.default_rng(2)
    here = rng.uniform(800, side - 800, (300, 2))
    turn, metres = rng.uniform(0, 2 * np.pi, 300), rng.uniform(400, 800, 300)
    there = here + np.stack([np.cos(turn), np.sin(turn)], axis=1) * metres[:, None]
    pair = [gpd.GeoSeries.from_xy(*xy.T, crs=METRIC) for xy in (here, there)]
    table = net.travel_times(*pair, cutoff_min=np.inf, speed_mps=1.0)
    own = table[table["demand"] == table["facility"]].set_index("demand")["minutes"] * 60
    ratio = own.reindex(range(300)) / metres / factor
    assert ratio.mean() == pytest.approx(1.0, abs=off)
    assert ratio.between(0.875, 1.125).mean() >= 0.97


def test_a_lattice_over_a_county_is_as_light_as_one_over_a_town():
    county = shapely.box(0, 0, 60_000, 50_000)
    nodes, edges = lattice(county, spacing_of(county), 1.3)
    assert len(nodes) < 90_000
    assert len(edges) < 260_000
    assert spacing_of(shapely.box(0, 0, 3000, 3000)) == 50


@pytest.fixture(scope="module")
def plan(toy, tmp_path_factory):
    return api.run(
        without_streets(toy, tmp_path_factory.mktemp("straight")),
        set=["siting=[]", "outputs.layers=['routes']", "streets.detour=1.2"],
    )


def test_walks_are_straight_and_longer_by_the_factor(plan):
    """K1 is at (660, 340): b1 at (900, 0) is 416 m away as the crow flies, and walks 499 m."""
    nearest = plan.coverage.nearest
    canteen = nearest[nearest["kind"] == "canteen"].set_index("demand")["minutes"]
    for home, (x, y) in {"b1": (900, 0), "d1": (600, 600), "a2": (300, -30)}.items():
        metres = 1.2 * np.hypot(x - 660, y - 340)
        assert canteen[home] * 60 == pytest.approx(metres, rel=0.09)
    # Nothing is an island, nothing beyond the streets: E and F count.
    assert plan.area.counted.index.tolist() == list("ABCDEF")
    assert not plan.left_out.communities


def test_no_street_is_drawn_and_no_way_follows_the_lattice(plan):
    assert plan.area.streets.empty
    ways = plan.layer("routes")
    assert len(ways)
    assert (shapely.get_num_coordinates(ways.geometry.to_numpy()) == 2).all()
    assert plan.area.density.empty
    page = maps.page(plan, lang="zh")
    assert re.search(r'"straight": ?true', page)


def test_every_page_says_that_there_are_no_streets(plan, tmp_path):
    (one,) = [one for one in plan.area.estimates if one.what == "streets"]
    assert one.say("zh").startswith("没有道路：估算")
    assert one.say("en").startswith("No streets: estimated")
    assert "1.2" in one.say("en")
    saved = api.save(plan, tmp_path / "out", lang="zh", outputs=["map", "report", "record"])
    record = json.loads((saved / "plan.json").read_text("utf-8"))
    assert one.say("zh") in record["caveats"]["zh"]
    assert one.say("zh") in (saved / "summary.txt").read_text("utf-8-sig")
    told = (saved / "report.md").read_text("utf-8")
    assert one.say("zh") in told
    # Nowhere does a walk go along streets that are not there.
    pages = [
        told,
        (saved / "summary.txt").read_text("utf-8"),
        (saved / "map.html").read_text("utf-8"),
    ]
    assert [word for page in pages for word in re.findall(r"沿道路[^分]{0,9}", page)] == []


def test_the_factor_is_data_with_a_source(toy, tmp_path):
    area = api.check(without_streets(toy, tmp_path), set=["siting=[]"]).area
    assert area.estimates[0].named == {"detour": f"{detour().value:g}"}
    assert detour().low < detour().value < detour().high
    assert detour().source


def test_no_streets_are_refused_with_how_to_get_some(toy, tmp_path):
    for streets, key in (("", "no_streets"), ("[streets]\n", "no_streets")):
        found = problems_of(without_streets(toy, tmp_path / key, streets))
        assert list(found) == [f"settings.{key}"]
        (one,) = found.values()
        assert "straight = true" in one.say("zh")
        assert ".osm.pbf" in one.say("en")
    found = problems_of(without_streets(toy, tmp_path / "b", '[streets]\nfile = "zj.osm.pbf"\n'))
    assert list(found) == ["io.no_street_file"]
    assert "straight = true" in found["io.no_street_file"].say("zh")


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ("straight = true\nfile = 's.gpkg'", "settings.streets_twice"),
        ("straight = true\nnode = 'auto'", "settings.idle_key"),
        ("file = 'streets.gpkg'\ndetour = 1.3", "settings.idle_key"),
        ("straight = true\ndetour = 0.9", "settings.wrong_value"),
    ],
)
def test_keys_that_do_not_go_together(toy, tmp_path, keys, problem):
    assert list(problems_of(without_streets(toy, tmp_path, f"[streets]\n{keys}\n"))) == [problem]


def test_layers_of_streets_are_refused(toy, tmp_path):
    path = without_streets(toy, tmp_path)
    found = problems_of(path, set=["outputs.layers=['routes','pedestrian_shed']"])
    assert [(key, one.value) for key, one in found.items()] == [
        ("map.layer_of_streets", "pedestrian_shed")
    ]


def test_hexagons_need_streets(toy, tmp_path):
    path = without_streets(toy, tmp_path)
    text = path.read_text("utf-8").replace('file = "communities.gpkg"', "hexagons_m = 300")
    path.write_text(text, "utf-8")
    assert "io.hexagons_need_streets" in problems_of(path)


def test_points_without_streets_take_the_nearest_ground(toy, tmp_path):
    frame = toy.communities
    points = dataclasses.replace(toy, communities=frame.set_geometry(frame.representative_point()))
    path = without_streets(points, tmp_path)
    area = api.check(path, set=["siting=[]"]).area
    assert [(one.what, one.how) for one in area.estimates] == [
        ("streets", "straight"), ("boundaries", "straight"),
    ]  # fmt: skip
    middle = shapely.Point(EAST + 200, NORTH + 145)  # near A's point
    assert area.communities.geometry["A"].contains(middle)
