"""Slopes: minutes by hand and by networkx, where heights come from, what is told and refused."""

import json
import math
from importlib.util import find_spec

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from conftest import EAST, METRIC, NORTH, make_toy
from support.alike import without_circles
from support.browser import Visit
from support.examples import seeds

import planner
from planner import api
from planner.batch import batch
from planner.district.reading import standing
from planner.district.reading.alike import reading_key
from planner.district.reading.extent import reach_m
from planner.engine.network import Network
from planner.engine.network.graph.modes import Mode
from planner.errors import PlannerError
from planner.output.maps import network_payload as payload
from planner.output.maps.quantize import Quantizer
from planner.settings import resolve
from planner.standards import modes, speeds

raster = pytest.mark.skipif(
    find_spec("rasterio") is None, reason="the extra planner[raster] is not installed"
)
pytestmark = pytest.mark.filterwarnings("ignore:Use `@` matmul:PendingDeprecationWarning")

GROUP = 'coverage.group="population"'
WALKS = ["siting=[]", "candidates=[]", "links=[]"]  # alone, and what they go by
WAYS = ("there", "back", "both")


def tobler(slope):
    """Metres on the flat that a metre at a slope is worth: 6 km/h at best, 5 % down."""
    return math.exp(-3.5 * 0.05) / math.exp(-3.5 * abs(slope + 0.05))


def felt(slope, way):
    there, back = tobler(slope), tobler(-slope)
    return {"there": there, "back": back, "both": (there + back) / 2}[way]


def hill(x, y):
    """A plane that rises by a tenth to the north and by a fiftieth to the east."""
    return 40 + 0.1 * (y - NORTH) + 0.02 * (x - EAST)


def flat(x, _y):
    return np.full(np.shape(x), 7.0)


def tall(path, height=hill, **more):
    """Give the toy city's streets heights, and what else is said."""
    streets = make_toy().streets
    shapes = [
        shapely.LineString([(x, y, float(height(x, y))) for x, y in line.coords])
        for line in streets.geometry
    ]
    streets.set_geometry(gpd.GeoSeries(shapes, crs=METRIC)).assign(**more).to_file(
        path.parent / "streets.gpkg", engine="pyogrio"
    )


def minutes(path, *assign, kind="care_station"):
    with without_circles():
        plan = planner.run(path, set=[*WALKS, GROUP, *assign])
    nearest = plan.coverage.nearest
    return nearest[nearest["kind"] == kind].set_index("demand")["minutes"]


def problems(path, *settings):
    with pytest.raises(PlannerError) as caught:
        api.check(path, set=settings)
    for lang in ("zh", "en"):
        assert all(caught.value.say(lang))
    return {one.key for one in caught.value.problems}


# --- by hand, and by networkx ---------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
def test_minutes_on_a_plane_by_hand(toy_city, way):
    tall(toy_city)
    found = minutes(toy_city, "streets.heights=lines", f"walk.way={way}")
    # To S1 at (300, 300): so many metres to the north and to the east.
    for home, north, east in (("a1", 300, 300), ("c1", -300, 300), ("d1", -300, -300)):
        up = abs(north) * felt(math.copysign(0.1, north), way)
        over = abs(east) * felt(math.copysign(0.02, east), way)
        assert found[home] == pytest.approx((up + over) / 60, abs=1e-9)
    # From 30 m beside the street: the leg to it has no height.
    assert found["a2"] == pytest.approx((30 + 300 * felt(0.1, way)) / 60, abs=1e-9)


def test_slopes_of_a_street_are_told_stretch_by_stretch():
    """Up and down within one street: its ends are level, and it is no street on the flat."""
    line = shapely.LineString([(0, 0, 0), (100, 0, 10), (200, 0, 0)])
    (edge,) = Network.from_lines(gpd.GeoDataFrame(geometry=[line], crs=METRIC)).edges.itertuples()
    assert edge.worth_there == pytest.approx((tobler(0.1) + tobler(-0.1)) / 2)
    assert edge.worth_back == pytest.approx(edge.worth_there)
    assert edge.steepest == pytest.approx(0.1)
    # Three vertices in two metres say nothing of a slope: it is told over ten at least.
    rough = shapely.LineString([(0, 0, 0), (9, 0, 0), (10, 0, 1), (11, 0, 0), (20, 0, 0)])
    (edge,) = Network.from_lines(gpd.GeoDataFrame(geometry=[rough], crs=METRIC)).edges.itertuples()
    assert edge.steepest == pytest.approx(0.1)
    # A height that is not known lies between those that are.
    gap = shapely.LineString([(0, 0, 0), (50, 0, math.nan), (100, 0, 5)])
    (edge,) = Network.from_lines(gpd.GeoDataFrame(geometry=[gap], crs=METRIC)).edges.itertuples()
    assert edge.worth_there == pytest.approx(tobler(0.05))


def streets_on_hills(seed):
    """A lattice with lines left out, each drawn either way, on random ground."""
    random = np.random.default_rng(seed)
    side, step = 5, 100.0
    height = random.uniform(0, 12, (side, side))
    ends = [((i, j), (i + 1, j)) for i in range(side - 1) for j in range(side)]
    ends += [((i, j), (i, j + 1)) for i in range(side) for j in range(side - 1)]
    ends = [pair[:: random.choice([1, -1])] for pair in ends if random.random() < 0.85]
    shapes = [
        shapely.LineString([(EAST + step * i, NORTH + step * j, height[i, j]) for i, j in pair])
        for pair in ends
    ]
    return gpd.GeoDataFrame(geometry=shapes, crs=METRIC), ends, height / step


@pytest.mark.parametrize("seed", seeds(6))
@pytest.mark.parametrize("way", WAYS)
def test_travel_times_are_those_of_networkx_on_the_directed_graph(seed, way):
    lines, ends, rise = streets_on_hills(seed)
    graph = nx.DiGraph()
    for one, two in ends:
        slope = rise[two] - rise[one]
        graph.add_edge(one, two, weight=100 * felt(slope, way))
        graph.add_edge(two, one, weight=100 * felt(-slope, way))
    places = list(graph)
    points = gpd.GeoSeries.from_xy(
        [EAST + 100 * i for i, _ in places], [NORTH + 100 * j for _, j in places],
        index=pd.RangeIndex(len(places)), crs=METRIC,
    )  # fmt: skip
    net = Network.from_lines(lines).by(Mode(way=way))
    found = net.travel_times(points, points, cutoff_min=np.inf)
    table = {(row.demand, row.facility): row.minutes for row in found.itertuples()}
    wanted = {
        (i, places.index(to)): metres / 60
        for i, start in enumerate(places)
        for to, metres in nx.single_source_dijkstra_path_length(graph, start).items()
    }
    assert table.keys() == wanted.keys()
    assert [table[pair] for pair in wanted] == pytest.approx(list(wanted.values()), abs=1e-8)
    if way == "both":
        level = Network.from_lines(lines.set_geometry(shapely.force_2d(lines.geometry.array)))
        on_flat = level.travel_times(points, points, cutoff_min=np.inf)
        flat_table = {(row.demand, row.facility): row.minutes for row in on_flat.itertuples()}
        assert all(table[pair] >= minutes - 1e-9 for pair, minutes in flat_table.items())


@pytest.mark.parametrize("way", WAYS)
def test_level_heights_change_nothing(toy_city, toy_plan, way):
    tall(toy_city, flat)
    plan = api.run(toy_city, set=["streets.heights=lines", f"walk.way={way}"])
    pd.testing.assert_frame_equal(plan.coverage.nearest, toy_plan.coverage.nearest)
    assert [one.result.chosen for one in plan.siting] == [
        one.result.chosen for one in toy_plan.siting
    ]
    assert plan.rings.geometry.geom_equals(toy_plan.rings.geometry).all()


def test_without_the_key_heights_stay_unread(toy_city, toy_plan):
    tall(toy_city, hill)
    same = api.run(toy_city, set=["siting=[]"])
    pd.testing.assert_frame_equal(same.coverage.nearest, toy_plan.coverage.nearest)


# --- where heights come from ----------------------------------------------------------------------


def test_the_column_of_slopes_counts_in_the_direction_drawn(toy_city):
    streets = make_toy().streets
    north = streets["name"].str.startswith("纵")
    streets.assign(坡度=np.where(north, "10 %", "缓坡")).to_file(
        toy_city.parent / "streets.gpkg", engine="pyogrio"
    )
    found = minutes(toy_city, "streets.heights=incline", "walk.way=there")
    assert found["a1"] == pytest.approx((300 + 300 * tobler(0.1)) / 60)
    assert found["c1"] == pytest.approx((300 + 300 * tobler(-0.1)) / 60)
    (told,) = api.check(toy_city, set=["streets.heights=incline"]).area.estimates
    km = streets.length[~north].sum() / 1000
    assert (told.what, told.how) == ("slope", "incline")
    assert told.rest == {"km": f"{km:.1f}", "of": f"{streets.length.sum() / 1000:.1f}"}


def test_heights_survive_joining_closing_another_datum_and_feet(toy_city):
    def plain(x, y):
        return hill(x, y) / 0.3048

    streets = make_toy().streets
    crossing = [  # without a vertex where they cross
        shapely.LineString([(*line.coords[0], plain(*line.coords[0])),
                            (*line.coords[-1], plain(*line.coords[-1]))])
        for line in streets.geometry
    ]  # fmt: skip
    lines = streets.set_geometry(gpd.GeoSeries(crossing, crs=METRIC))
    degrees = lines.to_crs(4326)
    assert shapely.has_z(degrees.geometry.array).all()
    degrees.to_file(toy_city.parent / "streets.gpkg", engine="pyogrio")
    barrier = shapely.box(EAST + 290, NORTH + 40, EAST + 310, NORTH + 60)
    gpd.GeoDataFrame(geometry=[barrier], crs=METRIC).to_file(
        toy_city.parent / "closed.gpkg", engine="pyogrio"
    )
    asked = [
        'streets.heights={ file = "lines", unit = "ft" }', "streets.node=auto",
        "streets.closures=closed.gpkg", "walk.way=there",
    ]  # fmt: skip
    found = minutes(toy_city, *asked)
    over, up = tobler(0.02), tobler(0.1)
    assert found["a1"] == pytest.approx((300 * over + 300 * up) / 60, abs=1e-4)
    # Not up the street that is barred, but by the next: 300 m aside and back again.
    aside = 30 + 300 * up + min(300 * tobler(0.02) + 300 * tobler(-0.02), math.inf)
    assert found["a2"] == pytest.approx(aside / 60, abs=1e-4)


def test_streets_that_meet_at_other_heights_are_told(toy_city):
    streets = make_toy().streets
    shapes = [
        shapely.LineString([(x, y, 5.0 if name == "横1路" else 0.0) for x, y in line.coords])
        for name, line in zip(streets["name"], streets.geometry, strict=True)
    ]
    streets.set_geometry(gpd.GeoSeries(shapes, crs=METRIC)).to_file(
        toy_city.parent / "streets.gpkg", engine="pyogrio"
    )
    told = dict(api.check(toy_city, set=["streets.heights=lines"]).area.notes)["heights.apart"]
    assert told["n"] == 5


CELL = 20.0
WEST, TOP, WIDE, HIGH = EAST - 200, NORTH + 900, 100, 60  # cells of 20 m around the toy city


def written(folder, height=hill, *, crs=METRIC, dtype="float32", unit=None, part=1.0, **profile):
    """Write a raster of heights as agencies do: metres at the middle of each cell."""
    import rasterio  # noqa: PLC0415  an extra

    wide = int(WIDE * part)
    if crs == METRIC:
        transform = rasterio.Affine(CELL, 0, WEST, 0, -CELL, TOP)
        x = WEST + CELL * (np.arange(wide) + 0.5)
        y = TOP - CELL * (np.arange(HIGH) + 0.5)
        z = height(*np.meshgrid(x, y))
    else:
        corner = gpd.GeoSeries.from_xy([WEST], [TOP], crs=METRIC).to_crs(crs).iloc[0]
        step = 2e-4
        transform = rasterio.Affine(step, 0, corner.x, 0, -step, corner.y)
        lon, lat = np.meshgrid(
            corner.x + step * (np.arange(wide) + 0.5), corner.y - step * (np.arange(HIGH) + 0.5)
        )
        at = gpd.GeoSeries.from_xy(lon.ravel(), lat.ravel(), crs=crs).to_crs(METRIC)
        z = height(at.x.to_numpy(), at.y.to_numpy()).reshape(lon.shape)
    bands = np.asarray(z, dtype)
    bands = bands if bands.ndim == 3 else bands[None]
    told = {"dtype": dtype, "count": len(bands), "crs": crs, **profile}
    with rasterio.open(
        folder / "dem.tif", "w", driver="GTiff", width=bands.shape[2], height=bands.shape[1],
        transform=transform, **told,
    ) as out:  # fmt: skip
        out.write(bands)
        if unit:
            out.units = [unit]


@raster
@pytest.mark.parametrize("crs", [METRIC, "EPSG:4326"])
def test_a_raster_gives_the_minutes_of_the_ground_it_holds(toy_city, crs):
    written(toy_city.parent, crs=crs, dtype="float64")
    for way in WAYS:
        found = minutes(toy_city, "streets.heights=dem.tif", f"walk.way={way}")
        up, over = 300 * felt(0.1, way), 300 * felt(0.02, way)
        assert found["a1"] == pytest.approx((up + over) / 60, abs=1e-4)
    (entry,) = [
        one
        for one in api.check(toy_city, set=["streets.heights=dem.tif"]).area.inputs
        if one.role == "heights"
    ]
    assert (entry.file, entry.crs) == ("dem.tif", crs)


@raster
def test_units_of_a_raster_are_read_and_may_be_said(toy_city):
    wanted = (300 * felt(0.1, "both") + 300 * felt(0.02, "both")) / 60
    written(toy_city.parent, lambda x, y: hill(x, y) / 0.3048, dtype="float64", unit="ft")
    assert minutes(toy_city, "streets.heights=dem.tif")["a1"] == pytest.approx(wanted, abs=1e-4)
    written(toy_city.parent, lambda x, y: hill(x, y) * 10, dtype="float64")
    said = 'streets.heights={ file = "dem.tif", unit = "dm" }'
    assert minutes(toy_city, said)["a1"] == pytest.approx(wanted, abs=1e-4)


@raster
def test_cells_without_a_height_are_told_and_count_as_level(toy_city):
    def half(x, y):  # the island of e1 lies beyond
        return np.where(x > EAST + 1300, -9999, hill(x, y))

    written(toy_city.parent, half, nodata=-9999)
    area = api.check(toy_city, set=["streets.heights=dem.tif"]).area
    (told,) = area.estimates
    assert told.rest["km"] == "0.4"
    assert "0.4" in told.say("en")
    # What the file does not declare, the scenario may.
    written(toy_city.parent, half)
    assert problems(toy_city, "streets.heights=dem.tif") == {"heights.beyond"}
    said = 'streets.heights={ file = "dem.tif", nodata = -9999 }'
    assert api.check(toy_city, set=[said]).area.estimates == area.estimates


@raster
def test_streets_far_beyond_the_district_need_no_heights(toy_city):
    streets = make_toy().streets
    places = [(1200, 600), (2500, 600), (30_000, 30_000)]
    far = [
        shapely.LineString([(EAST + x, NORTH + y) for x, y in ends])
        for ends in (places[:2], places[1:])
    ]
    longer = gpd.GeoDataFrame({"name": ["长路", "远路"]}, geometry=far, crs=METRIC)
    written(toy_city.parent)
    pd.concat([streets, longer]).to_file(toy_city.parent / "streets.gpkg", engine="pyogrio")
    (told,) = api.check(toy_city, set=["streets.heights=dem.tif"]).area.estimates
    assert float(told.rest["km"]) > 30


@raster
def test_a_bridge_runs_straight_over_what_the_raster_holds_below_it(toy_city):
    def valley(x, _y):
        return np.where(np.abs(x - EAST - 450) < 100, 0.0, 30.0)

    streets = make_toy().streets
    written(toy_city.parent, valley)
    deep = minutes(toy_city, "streets.heights=dem.tif")["a1"]
    assert deep == pytest.approx(10)  # its way does not cross the valley
    across = minutes(toy_city, "streets.heights=dem.tif")["d1"]
    assert across > 12
    streets.assign(bridge=np.where(streets["name"] == "横1路", "yes", None)).to_file(
        toy_city.parent / "streets.gpkg", engine="pyogrio"
    )
    level = minutes(toy_city, "streets.heights=dem.tif")["d1"]
    assert level == pytest.approx(10)


def test_a_node_of_bridges_alone_hangs_between_the_ground_at_either_end():
    """A bridge drawn as two lines, over a valley: the vertex between them is no ground."""
    shapes = [[(0, 0), (100, 0)], [(100, 0), (250, 0)], [(250, 0), (400, 0)], [(400, 0), (500, 0)]]
    lines = gpd.GeoDataFrame(
        {"span": [False, True, True, False]},
        geometry=[shapely.LineString(one) for one in shapes], crs=METRIC,
    )  # fmt: skip
    net = Network.from_lines(lines).with_heights(
        lambda xy: np.where(np.abs(xy[:, 0] - 250) < 140, -20.0, 0.02 * xy[:, 0])
    )
    edges = net.edges.set_index("line").sort_index()
    slope = 0.02
    for line in (1, 2):
        assert edges["worth_there"][line] == pytest.approx(tobler(slope), rel=1e-5)
        assert edges["worth_back"][line] == pytest.approx(tobler(-slope), rel=1e-5)


# --- what hangs on it -----------------------------------------------------------------------------


def test_a_wheelchair_goes_up_no_street_steeper_than_one_in_twelve(toy_city):
    own = speeds()["wheelchair"].speed_mps
    gentle = 1 / 12.1

    def ramp(slope):
        return lambda x, y: slope * (y - NORTH) * (x < EAST + 1300)  # not on the islands

    asked = ("travel.mode=wheelchair", "streets.heights=lines", "coverage.search_min=90")
    tall(toy_city, ramp(gentle))
    found = minutes(toy_city, *asked)
    assert found["c1"] == pytest.approx((300 + 300 * felt(gentle, "both")) / own / 60)
    tall(toy_city, ramp(1 / 11.9))
    plan = planner.run(toy_city, set=["siting=[]", GROUP, *asked])
    told = dict(plan.area.notes)["heights.too_steep"]
    assert told == {"km": "3.0", "rise": "1", "run": "12"}  # the five streets to the north
    nearest = plan.coverage.nearest.set_index(["kind", "demand"])["minutes"]
    assert nearest["shelter", "c1"] == pytest.approx(900 / own / 60)
    # On a street that nobody lives along, and leaves by none.
    assert plan.area.skipped.set_index("name")["reason"]["中心养老站"] == "closed_off"
    assert "03J926" in plan.caveats("en")[0]
    assert modes()["wheelchair"].steepest.value == pytest.approx(1 / 12)


def test_the_page_walks_on_the_slopes_and_says_what_metres_are(toy_city, tmp_path):
    tall(toy_city)
    plan = planner.run(toy_city, set=["streets.heights=lines", "walk.way=there"])
    network, shapes = plan.area.network, plan.area.communities
    made = payload.network_payload(plan, Quantizer(shapes.crs, shapes.total_bounds, "wgs84"))
    assert made is not None
    assert made["back"] is not None
    cm = payload._cm(network.edge_forward, 1.0)
    assert cm == pytest.approx(network.edge_forward / 1e7, abs=0.5)
    for lang, words, metres in (
        ("en", "Slopes count: heights are those of the streets", "on the flat"),
        ("zh", "计入坡度：高程取自道路文件各顶点的高程", "平路"),
    ):
        folder = plan.save(tmp_path / lang, lang=lang, outputs=["map", "report", "record"])
        for page in ("map.html", "report.html", "report.md", "summary.txt"):
            said = (folder / page).read_text("utf-8")
            assert words in said, page
            assert metres in said, page
    record = json.loads((tmp_path / "en" / "plan.json").read_text("utf-8"))
    assert [(one["what"], one["how"]) for one in record["estimates"]] == [("slope", "lines")]


@pytest.mark.browser
def test_the_page_itself_walks_up_and_down_as_the_plan_does(toy_city, tmp_path, chrome):
    tall(toy_city)
    plan = planner.run(toy_city, set=["siting=[]", "streets.heights=lines", "walk.way=there"])
    page = (plan.save(tmp_path / "out", lang="en", outputs=["map"]) / "map.html").read_text("utf-8")
    visit = Visit(chrome, page, tmp_path)
    place = gpd.GeoSeries.from_xy([EAST], [NORTH + 300], crs=METRIC).to_crs(4326).iloc[0]
    found = visit(
        """(at) => {
        plan.state.kind = 'canteen'; plan.state.year = 2020; plan.trials.add(at); plan.refresh();
        const found = [...plan.views.minutes('canteen', 'trial')];
        return found.map((n) => Number.isFinite(n) ? n : null);
    }""",
        [place.y, place.x],
    )
    stands = plan.area.facilities.query("kind == 'canteen'").geometry
    both = pd.concat([stands, gpd.GeoSeries.from_xy([EAST], [NORTH + 300], crs=stands.crs)])
    nearest = plan.area.network.nearest(
        plan.area.demand.geometry, gpd.GeoSeries(both.to_numpy(), crs=stands.crs),
        cutoff_min=60, speed_mps=1.0, max_snap_m=plan.settings.walk.max_snap_m,
    )["minutes"]  # fmt: skip
    assert nearest["a1"] == pytest.approx(300 * tobler(0.1) / 60)
    assert nearest["c1"] == pytest.approx(300 * tobler(-0.1) / 60)
    assert np.array(found, float) == pytest.approx(nearest.to_numpy(float), abs=0.01, nan_ok=True)


def test_a_district_of_a_batch_goes_by_its_own_heights(toy_city, tmp_path):
    tall(toy_city)
    table = tmp_path / "districts.csv"
    rows = [f"平区,{toy_city},", f"坡区,{toy_city},lines"]
    table.write_text("\n".join(["name,scenario,streets.heights", *rows]), "utf-8")
    found = batch(table, tmp_path / "out", outputs=["record"], lang="en", set=["siting=[]"])
    assert [one.state for one in found.outcomes] == ["done", "done"]
    for name, assign in (("平区", []), ("坡区", ["streets.heights=lines"])):
        alone = planner.run(toy_city, set=["siting=[]", *assign])
        record = alone.save(tmp_path / name, lang="en", outputs=["record"]) / "plan.json"
        own, whole = (
            json.loads(path.read_text("utf-8"))
            for path in (record, tmp_path / "out" / "districts" / name / "plan.json")
        )
        assert whole["tables"] == own["tables"]
        assert bool(whole["estimates"]) == bool(assign)


def test_siting_and_targets_go_by_the_same_slopes(toy_city):
    tall(toy_city)
    plan = planner.run(toy_city, set=["streets.heights=lines"])
    walked = minutes(toy_city, "streets.heights=lines", kind="canteen")
    covered = walked[walked <= 15].index
    people = plan.area.demand["population"]
    share = people[covered].sum() / people.sum()
    assert plan.coverage.share("canteen", minutes=15, group="population") == pytest.approx(share)
    # Both ways alike: from and to make no difference.
    net = plan.area.network
    assert np.array_equal(net.edge_forward, net.edge_backward)


def test_where_slopes_may_shorten_a_way_streets_are_read_farther(toy_city):
    plain, both, there = (
        api.read_settings(toy_city, set=more)[0]
        for more in (
            [], ["streets.heights=lines"], ["streets.heights=lines", "walk.way=there"],
        )
    )  # fmt: skip
    snap = plain.walk.max_snap_m
    assert reach_m(both) == reach_m(plain)
    assert reach_m(there) - snap == pytest.approx((reach_m(plain) - snap) / tobler(-0.05))
    keys = [reading_key(one) for one in (plain, both, there)]
    assert all(keys[i] != keys[j] for i in range(3) for j in range(i))


def test_another_way_finds_nothing_that_was_kept_of_this_one(toy_city, tmp_path, monkeypatch):
    monkeypatch.setattr("planner.kept.cache_folder", lambda: tmp_path / "kept")
    tall(toy_city)

    def run(way):
        assign = ["siting=[]", "streets.heights=lines", f"walk.way={way}"]
        made = standing.made_of(toy_city, assign=assign)
        return api.run(toy_city, set=assign, made=made).coverage.nearest["minutes"].tolist()

    there, back = run("there"), run("back")
    assert there != back
    assert run("there") == there


# --- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("assign", "key"),
    [
        (["streets.heights=dem.asc"], "heights.from_where"),
        (["streets.heights=line"], "heights.from_where"),
        (["streets.heights=lines", "travel.mode=e_bike"], "heights.of_mode"),
        (["streets.heights=lines", "travel.table=od.csv"], "heights.with_table"),
        (['streets={ straight = true, heights = "lines" }'], "settings.idle_key"),
        (["walk.way=there"], "settings.idle_key"),
        (['streets.heights={ file = "lines", nodata = 0 }'], "settings.idle_key"),
        (['streets.heights={ file = "incline", unit = "m" }'], "settings.idle_key"),
        (["streets.heights=lines", "walk.way=up"], "settings.wrong_value"),
        (["streets.heights=lines"], "heights.no_z"),
        (["streets.heights=incline"], "heights.no_incline"),
        (['streets.columns={ incline = "名" }', "streets.heights=incline"],
         "tables.no_such_column"),
        (['streets.columns={ incline = "name" }'], "tables.not_in_contract"),
        (['streets.columns={ incline = "name" }', "streets.heights=incline"], "heights.no_slopes"),
    ],
)  # fmt: skip
def test_heights_that_mean_nothing_are_told(toy_city, assign, key):
    assert key in problems(toy_city, *assign)


def test_heights_lost_on_export_are_told(toy_city):
    tall(toy_city, lambda *_: 0.0)
    assert problems(toy_city, "streets.heights=lines") == {"heights.all_zero"}


def beyond(_x, _y):
    return np.full((HIGH, WIDE), -9999.0)


@raster
@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
@pytest.mark.parametrize(
    ("make", "key"),
    [
        (lambda _: None, "io.no_file"),
        (lambda at: (at / "dem.tif").write_text("no raster"), "heights.no_raster"),
        (lambda at: written(at, lambda x, y: np.stack([x, y])), "heights.bands"),
        (lambda at: written(at, crs=METRIC, part=0.3), "heights.too_few"),
        (lambda at: written(at, part=0.05), "heights.elsewhere"),
        (lambda at: written(at, beyond, nodata=-9999), "heights.all_nodata"),
        (lambda at: written(at, beyond), "heights.beyond"),
        (lambda at: written(at, unit="fathom"), "heights.unit"),
    ],
)
def test_what_is_no_raster_of_these_heights_is_told(toy_city, make, key):
    make(toy_city.parent)
    assert problems(toy_city, "streets.heights=dem.tif") == {key}


@raster
@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_a_raster_without_a_crs_takes_that_of_the_scenario(toy_city):
    import rasterio  # noqa: PLC0415  an extra

    written(toy_city.parent, dtype="float64")
    with rasterio.open(toy_city.parent / "dem.tif") as data:
        band, told = data.read(), data.profile | {"crs": None}
    with rasterio.open(toy_city.parent / "dem.tif", "w", **told) as out:
        out.write(band)
    assert problems(toy_city, "streets.heights=dem.tif") == {"heights.no_crs"}
    said = 'streets.heights={ file = "dem.tif", crs = "EPSG:4549" }'
    wanted = (300 * felt(0.1, "both") + 300 * felt(0.02, "both")) / 60
    assert minutes(toy_city, said)["a1"] == pytest.approx(wanted, abs=1e-4)


@raster
def test_a_raster_that_is_not_there_is_told_beside_all_else(toy_city):
    with pytest.raises(PlannerError) as caught:
        api.check(toy_city, set=["streets.heights=dem.tif", "demand.file=none.csv"])
    assert {one.file for one in caught.value.problems} == {"dem.tif", "none.csv"}


def test_without_the_extra_a_raster_is_told(toy_city, monkeypatch):
    monkeypatch.setattr("planner.district.reading.heights.find_spec", lambda _: None)
    assert problems(toy_city, "streets.heights=dem.tif") == {"heights.no_extra"}


def test_heights_may_be_a_name_or_a_table():
    streets = {"file": "s", "heights": "lines"}
    read = resolve({"title": "x", "communities": {"file": "c"}, "streets": streets})
    assert read.streets.heights.file == "lines"
