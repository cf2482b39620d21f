"""Communities known by a point or by a name alone: their areas are estimated."""

import dataclasses
import json
import re

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from conftest import EAST, METRIC, NORTH
from test_area import assembled, make_tables
from test_network import lattice, points
from test_network_reach import jittered

from planner import api
from planner.engine.nearest_ground import nearest_ground
from planner.errors import InputError, PlannerError

# Where the toy city's communities have their points: A, B, C, D on streets, E on its island.
AT = {"A": (0, 0), "B": (900, 0), "C": (0, 600), "D": (900, 600), "E": (1500, 150)}
DISTRICT = shapely.box(EAST - 40, NORTH - 40, EAST + 1600, NORTH + 640)


def covers(areas, outline):
    """Areas lie side by side, and are the outline together."""
    assert areas.is_valid.all()
    assert areas.area.sum() == pytest.approx(outline.area, rel=1e-9)
    assert areas.union_all().symmetric_difference(outline).area < 1e-6 * outline.area


def test_ground_goes_with_the_nearest_point():
    rng = np.random.default_rng(5)
    xy, owner = rng.uniform(0, 1000, (60, 2)), rng.integers(0, 7, 60)
    xy[7] = xy[3]  # of two at one place the first stands
    outline = shapely.Point(500, 500).buffer(700)
    areas = nearest_ground(xy, owner, outline)
    covers(areas, outline)
    assert areas.index.tolist() == sorted(set(owner))
    places = rng.uniform(0, 1000, (500, 2))
    nearest = owner[((places[:, None] - xy) ** 2).sum(axis=2).argmin(axis=1)]
    for number, area in areas.items():
        assert (shapely.contains_xy(area, *places.T) == (nearest == number)).all()


def test_no_points_have_no_ground():
    assert nearest_ground(np.empty((0, 2)), np.empty(0, int), DISTRICT).empty


@pytest.mark.parametrize("town", [lambda: jittered(side=9), lambda: lattice(9)])
def test_all_ground_is_divided_along_the_streets(town):
    net = town()
    places = points([(640, 600), (150, 160), (700, 120), (155, 165)], ["b", "a", "c", "d"])
    outline = shapely.box(-700, -300, 1500, 1400)  # far beyond the streets
    areas = net.divided_ground(places, outline).set_index("facility").geometry
    covers(areas, outline)
    assert areas.reindex(places.index).contains(places).all()
    on_streets = points(shapely.get_coordinates(net.edges.interpolate(0.3, normalized=True)))
    nearest = net.nearest(on_streets, places, cutoff_min=np.inf)["facility"]
    drawn = gpd.sjoin(
        gpd.GeoDataFrame(geometry=on_streets), gpd.GeoDataFrame(geometry=areas), how="left"
    )["facility"]
    drawn = drawn[~drawn.index.duplicated()]
    assert (drawn == nearest).mean() >= 0.98  # a border lies within ten metres


def test_a_border_crosses_a_street_halfway():
    """Around the block it is 700 m, and straight across the block 300 m: the streets decide."""
    nodes = pd.DataFrame({"x": [0.0, 0, 400, 400], "y": [0.0, 300, 300, 0]}, index=list("abcd"))
    edges = pd.DataFrame({"u": list("abc"), "v": list("bcd"), "length_m": [300.0, 400, 300]})
    net = type(lattice(3)).from_edges(nodes, edges, METRIC)
    ends = gpd.GeoSeries.from_xy([0, 400], [0, 200], index=["near", "far"], crs=METRIC)
    # From (0, 0) to (400, 200) along the streets: 300 + 400 + 100 m; the middle is at (100, 300).
    areas = net.divided_ground(ends, shapely.box(0, 250, 400, 350)).set_index("facility").geometry
    assert areas["near"].bounds[2] == pytest.approx(100, abs=1)
    assert areas["far"].bounds[0] == pytest.approx(100, abs=1)


@pytest.fixture(scope="module")
def tables(toy):
    """The toy city with points for boundaries; F is nowhere near."""
    made = make_tables(toy)
    frame = made.communities[made.communities["id"] != "F"].copy()
    frame["geometry"] = [shapely.Point(EAST + AT[i][0], NORTH + AT[i][1]) for i in frame["id"]]
    homes = made.demand.assign(community=None)
    return dataclasses.replace(
        made, communities=frame, demand=homes[homes["id"] != "f1"], links=made.links
    )


def outline(*rows):
    return gpd.GeoDataFrame(
        {"name": [name for name, _ in rows]}, geometry=[shape for _, shape in rows], crs=METRIC
    )


def test_people_go_with_the_nearest_point(tables):
    area, found = assembled(dataclasses.replace(tables, outline=outline(("", DISTRICT))))
    assert found == []
    covers(area.communities.geometry, DISTRICT)
    # a2 by (300, 0) is 330 m from A's point; d2 at (1200, 600) is 300 m from D's.
    assert area.demand["community"].to_dict() == {
        "a1": "A", "a2": "A", "b1": "B", "b2": "B", "c1": "C", "d1": "D", "d2": "D", "e1": "E",
    }  # fmt: skip
    assert [(one.what, one.how) for one in area.estimates] == [("boundaries", "outline")]
    assert area.is_estimated("boundaries")


def test_a_community_stays_within_its_own_street(tables):
    """The border of the two streets at y = 330, not the middle at 300 between the points."""
    south = shapely.box(EAST - 40, NORTH - 40, EAST + 1240, NORTH + 330)
    north = shapely.box(EAST - 40, NORTH + 330, EAST + 1600, NORTH + 640).union(
        shapely.box(EAST + 1240, NORTH - 40, EAST + 1600, NORTH + 330)
    )
    streets = outline(("南街道", south), ("北街道", north))
    area, found = assembled(dataclasses.replace(tables, outline=streets))
    assert found == []
    covers(area.communities.geometry[["A", "B"]], south)
    covers(area.communities.geometry[["C", "D", "E"]], north)
    assert area.estimates[0].how == "outlines"


def test_without_an_outline_areas_end_near_the_points(tables):
    """In the south-west corner of the town, 300 m from each other: 300 m beyond, no farther."""
    at = [(0, 0), (300, 0), (0, 300), (300, 300), (600, 0)]
    frame = tables.communities.assign(geometry=[shapely.Point(EAST + x, NORTH + y) for x, y in at])
    area, found = assembled(dataclasses.replace(tables, communities=frame))
    assert found == []
    hull = shapely.MultiPoint([(EAST + x, NORTH + y) for x, y in at]).convex_hull
    assert hull.buffer(300).bounds[2] < area.extent.bounds[2] - 300
    covers(area.communities.geometry, hull.buffer(300).intersection(area.extent.union(hull)))
    assert area.estimates[0].how == "no_outline"


def test_what_no_area_can_be_estimated_of_is_told(tables):
    frame = tables.communities.copy()
    frame.loc[frame["id"] == "B", "geometry"] = frame.geometry.iloc[0]
    _, found = assembled(dataclasses.replace(tables, communities=frame))
    assert found == [("points_at_one_place", "c", "1", "西里社区")]
    small = outline(("", shapely.box(EAST - 40, NORTH - 40, EAST + 1240, NORTH + 640)))
    _, found = assembled(dataclasses.replace(tables, outline=small))
    assert found == [("beyond_outline", "c", "4", "小岛村")]
    streets = outline(("南街道", DISTRICT), ("北镇", DISTRICT))
    _, found = assembled(dataclasses.replace(tables, outline=streets))
    assert [one for one in found if one[0] == "no_outline_of_street"] == [
        ("no_outline_of_street", "c", row, "北街道") for row in ("2", "3", "4")
    ]


def test_an_outline_that_nothing_needs_is_refused(toy):
    whole = dataclasses.replace(make_tables(toy), outline=outline(("", DISTRICT)))
    assert assembled(whole)[1] == [("outline_of_polygons", "c", None, "communities.within")]


def written(toy, folder, communities, **files):
    """The toy city's files, other communities, and what the scenario says of them."""
    path = toy.write(folder)
    for name, frame in files.items():
        frame.to_csv(folder / f"{name}.csv", index=False)
    text = re.sub(r'\[communities\]\nfile = "communities.gpkg"\n', communities, path.read_text())
    path.write_text(text, "utf-8")
    return path


def listed(toy):
    """The communities as a list with coordinates, F left out."""
    at = gpd.GeoSeries.from_xy(
        [EAST + x for x, _ in AT.values()], [NORTH + y for _, y in AT.values()], crs=METRIC
    ).to_crs(4326)
    frame = pd.DataFrame(toy.communities.drop(columns="geometry")).iloc[:5]
    return frame.assign(经度=at.x.to_numpy(), 纬度=at.y.to_numpy())


def refused(path):
    with pytest.raises(PlannerError) as caught:
        api.check(path)
    return [(one.key, one.row, one.value) for one in caught.value.problems]


POINTS = '[communities]\nfile = "points.csv"\ndatum = "wgs84"\nwithin = "outline.geojson"\n'
NAMED = '[communities]\nfile = "named.csv"\nplaces = { file = "places.csv", datum = "wgs84" }\n'


def test_a_list_of_points_goes_to_a_plan(toy, tmp_path):
    path = written(toy, tmp_path, POINTS, points=listed(toy))
    outline(("", DISTRICT)).to_crs(4326).to_file(tmp_path / "outline.geojson")
    plan = api.run(path, set=["siting=[]", "links=[]"])
    assert plan.area.counted.index.tolist() == list("ABCDE")
    saved = api.save(plan, tmp_path / "out", lang="zh", outputs=["report", "record"])
    record = json.loads((saved / "plan.json").read_text("utf-8"))
    (told,) = [one for one in record["estimates"] if one["what"] == "boundaries"]
    assert told["values"] == {"n": 5}
    for lang in ("zh", "en"):
        assert told["words"][lang] in record["caveats"][lang]
        assert plan.area.estimates[0].in_brief(lang) in ("估算边界", "estimated boundaries")
    assert told["words"]["zh"] in (tmp_path / "out" / "summary.txt").read_text("utf-8-sig")
    assert {one["role"] for one in record["inputs"]} >= {"communities", "outline"}


def test_names_find_their_places(toy, tmp_path):
    """By code, by name, by the committee's name, and by the street where two share a name."""
    frame = listed(toy)
    frame["id"] = [f"33020000000{i}" for i in range(5)]
    frame.loc[4, "name"] = "东里社区"  # as the first is called, in the other street
    named = frame[["id", "name", "street", "population"]].copy()
    named["id"] = [named["id"][0], *"bcde"]
    named.loc[0, "name"] = "改了名的社区"
    named.loc[1, "name"] = "西里社区居委会"
    path = written(toy, tmp_path, NAMED, named=named, places=frame)
    found = api.check(path, set=["siting=[]", "links=[]", "demand=nothing"], raises=False)
    assert [p.key for p in found.problems] == ["settings.wrong_value"]
    path.write_text(re.sub(r"\[demand\][^[]*", "", path.read_text("utf-8")), "utf-8")
    area = api.check(path, set=["siting=[]", "links=[]", "coverage.group='population'"]).area
    for label, place in zip(area.communities.index, AT.values(), strict=True):
        point = shapely.Point(EAST + place[0], NORTH + place[1])
        assert area.communities.geometry[label].buffer(0.1).contains(point)
    told = dict(area.notes)["area.places_found"]
    assert told == {"file": "places.csv", "n": 5, "of": 5, "by_code": 1}


def test_names_without_a_place_are_problems(toy, tmp_path):
    frame = listed(toy)
    places = pd.concat([frame, frame[frame["id"] == "B"]])
    named = frame[["id", "name", "street", "population"]].copy()
    named.loc[0, "name"] = "东理社区"
    path = written(toy, tmp_path, NAMED, named=named, places=places)
    found = refused(path)
    assert ("io.no_place", 2, "东理社区") in [(key, int(row), v) for key, row, v in found if row]
    assert ("io.several_places", 3, "西里社区") in [
        (key, int(row), v) for key, row, v in found if row
    ]
    with pytest.raises(InputError, match="东里社区") as caught:  # the nearest name
        api.check(path)
    assert "1 of 5 are not found" in str(caught.value)


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ("hexagons_m = 300\nwithin = 'o.geojson'", "settings.idle_key"),
        ("hexagons_m = 300\nplaces = 'p.csv'", "settings.idle_key"),
        ("file = 'a.csv'\nplaces = 'p.csv'\nfigures = { file = 'f.csv' }", "settings.one_of"),
    ],
)
def test_keys_that_do_not_go_together(toy, tmp_path, keys, problem):
    path = written(toy, tmp_path, f"[communities]\n{keys}\n")
    assert problem in [key for key, _, _ in refused(path)]


def test_an_outline_has_polygons_with_names(toy, tmp_path):
    path = written(toy, tmp_path, POINTS, points=listed(toy))
    file = tmp_path / "outline.geojson"
    gpd.GeoDataFrame({"a": [1]}, geometry=[shapely.Point(1, 1)], crs=4326).to_file(file)
    assert "io.outline_no_polygon" in [key for key, _, _ in refused(path)]
    two = outline(("", DISTRICT), ("", DISTRICT)).to_crs(4326).drop(columns="name")
    two.assign(a=1).to_file(file)
    assert "io.outline_without_names" in [key for key, _, _ in refused(path)]
