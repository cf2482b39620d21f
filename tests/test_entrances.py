"""Places that are areas are reached at their edge."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from conftest import METRIC

from planner import api
from planner.district.entrances import all_entrances, along_edge, main_entrance, near_streets
from planner.engine.network import Network
from planner.output.maps.layers import layers
from planner.output.maps.packing import pack

SQUARE = shapely.box(0, 30, 400, 430)  # north of a street along x
HOLED = SQUARE.difference(shapely.box(100, 100, 300, 300))


def series(*shapes):
    return gpd.GeoSeries(list(shapes), crs=METRIC)


def test_an_edge_is_taken_every_few_metres_and_small_places_are_points():
    found = along_edge(series(SQUARE, shapely.box(0, 0, 40, 40), None, HOLED))
    assert found[1] is found[2] is None
    assert len(shapely.get_parts(found[0])) == 1600 / 5 + 1
    assert shapely.distance(found[0], shapely.boundary(SQUARE)) == 0
    inner = shapely.get_parts(found[3])
    assert (shapely.distance(inner, shapely.Point(200, 200)) < 142).any()


def test_the_edge_of_a_large_place_takes_longer_steps():
    (found,) = along_edge(series(shapely.box(0, 0, 10_000, 10_000)))
    steps = np.diff(shapely.get_coordinates(found), axis=0)
    assert len(steps) == 500
    assert np.hypot(*steps.T).max() == pytest.approx(80)


@pytest.fixture
def street():
    lines = gpd.GeoDataFrame(geometry=[shapely.LineString([(0, 0), (1000, 0)])], crs=METRIC)
    return Network.from_lines(lines)


def places(*shapes):
    middles = series(*(shape.representative_point() for shape in shapes))
    return gpd.GeoDataFrame({"entrances": along_edge(series(*shapes))}, geometry=middles)


def test_only_what_a_street_is_near_to_is_an_entrance(street):
    far = shapely.box(0, 330, 400, 730)
    found = near_streets(places(SQUARE, far), street, 100.0)
    assert found["nearest_m"].isna().tolist() == [True, False]
    assert found["nearest_m"][1] == 330
    assert shapely.get_coordinates(found["entrances"][0])[:, 1].max() <= 100
    assert main_entrance(found)[0].y == 30
    points, place = all_entrances(found)
    assert (place == 1).sum() == 1
    assert len(points) == len(place)


def test_without_areas_nothing_changes(street):
    plain = gpd.GeoDataFrame(geometry=series(shapely.Point(5, 5)))
    assert main_entrance(plain).equals(plain.geometry)
    points, place = all_entrances(plain)
    assert points.equals(plain.geometry)
    assert place.equals(plain.index)


@pytest.fixture
def park(toy, toy_city):
    """Put a park beside the toy city's first street, as a file of its own, in place of a list."""
    line = toy.streets.geometry[0]
    a, b = line.interpolate(100), line.interpolate(700)
    ahead = np.array([b.x - a.x, b.y - a.y]) / 600
    aside = np.array([-ahead[1], ahead[0]])
    corner = np.array([a.x, a.y]) + 5 * aside
    shape = shapely.Polygon(
        [corner, corner + 600 * ahead, corner + 600 * ahead + 900 * aside, corner + 900 * aside]
    )
    frame = gpd.GeoDataFrame(
        {"id": ["P"], "name": ["公园"], "capacity": [500]}, geometry=[shape], crs=toy.streets.crs
    )
    frame.to_file(toy_city.parent / "park.gpkg")
    said = toy_city.read_text("utf-8")
    said += '\n[[facilities]]\nfile = "park.gpkg"\nkind = "institution"\n'
    toy_city.write_text(said, "utf-8")
    return toy_city


def test_people_walk_to_the_edge_of_a_park_in_every_question(park):
    said = park.read_text("utf-8")
    said += '\n[[service]]\nkind = "institution"\n'
    park.write_text(said, "utf-8")
    plan = api.run(park, set=["coverage.minutes=[5, 10]"])
    assert ("area.entered_at_edge", {"n": 1}) in plan.area.notes
    home = plan.area.demand
    snapped = plan.area.network.snap(home.geometry)
    # By hand: the walk to the edge's nearest point, through the points of the edge 5 m apart.
    points, _ = all_entrances(plan.area.facilities[plan.area.facilities["kind"] == "institution"])
    table = plan.area.network.travel_times(snapped, points, cutoff_min=60.0)
    wanted = table.groupby("demand")["minutes"].min()
    near = plan.coverage.nearest
    found = near[near["kind"] == "institution"].set_index("demand")["minutes"]
    pd.testing.assert_series_equal(
        found.sort_index(), wanted.sort_index().loc[found.sort_index().index], check_names=False
    )
    assert len(found)
    served = plan.service[0].allocation.split["served"].sum()
    assert (
        served
        == home.loc[found[found <= plan.settings.coverage.cutoff_min].index][
            plan.settings.coverage.group
        ].sum()
    )
    rings = plan.rings[plan.rings["kind"] == "institution"]
    assert len(rings) == 2
    at_edge = points.iloc[[0]].buffer(1).iloc[0]
    assert rings.geometry.intersects(at_edge).all()


def test_a_park_that_moves_is_a_point_there(park):
    _, area = api.check(park)
    there = area.facilities.to_crs(4326).geometry.loc["S1"]
    said = park.read_text("utf-8")
    said += f'\n[[changes]]\naction = "move"\nfacility = "P"\nlon = {there.x}\nlat = {there.y}\n'
    park.write_text(said, "utf-8")
    plan = api.run(park)
    assert plan.area.facilities["entrances"].isna().all()


def test_the_page_walks_to_every_entrance(park):
    plan = api.run(park)
    walk = layers(plan, lang="en", datum="wgs84")["walk"]
    assert walk["entrances"] is not None
    facilities = plan.area.facilities
    entered = len(all_entrances(facilities)[0]) - len(facilities)
    place = facilities.index.get_loc("P")
    assert walk["entrances"]["facility"] == pack(np.full(entered, place))
