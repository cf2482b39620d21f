"""A raster of population: cells cut at the borders of communities, sums kept to the person."""

import dataclasses
import tomllib

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely
from conftest import EAST, METRIC, NORTH
from test_area import assembled, make_tables

from planner import api
from planner.district.area import PopulationGrid
from planner.district.population_grid import cells_of
from planner.draft import draft
from planner.errors import PlannerError, Problems
from planner.language import LANGS

rasterio = pytest.importorskip("rasterio", reason="the extra planner[raster] is not installed")
pytest.importorskip("exactextract", reason="the extra planner[raster] is not installed")

# rasterio 1.4 multiplies transforms as affine 3 no longer wants it.
pytestmark = pytest.mark.filterwarnings("ignore:Use `@` matmul:PendingDeprecationWarning")

# Cells of 100 m from (-100, -100) to (3100, 700): A reaches from -40 to 450, and from -40 to 330.
WEST, SOUTH, WIDE, HIGH = EAST - 100, NORTH - 100, 32, 8


def grid(people=None):
    """A raster around the toy city, with somebody in every cell unless it is said."""
    people = np.ones((HIGH, WIDE)) if people is None else people
    bounds = (WEST, SOUTH, WEST + 100 * WIDE, SOUTH + 100 * HIGH)
    return PopulationGrid(file="r.tif", people=people, bounds=bounds, crs=pyproj.CRS(METRIC))


@pytest.fixture(scope="module")
def spread(toy):
    return dataclasses.replace(make_tables(toy), demand=None)


def test_cells_are_cut_at_borders(toy):
    boxes = {"a": shapely.box(-40, -40, 450, 330), "b": shapely.box(10, 410, 20, 420)}
    shapes = [shapely.affinity.translate(box, EAST, NORTH) for box in boxes.values()]
    frame = gpd.GeoDataFrame(
        {"name": list(boxes), "inside": True}, geometry=shapes, index=list(boxes), crs=METRIC
    )
    people = np.ones((HIGH, WIDE))
    people[HIGH - 2, 2] = 50.0  # from (100, 0) to (200, 100): within a
    people[HIGH - 1, 0] = np.nan  # the corner, of which a has 40 x 40 m
    problems = Problems()
    cells = cells_of(grid(people), frame, problems)
    assert problems.found == []
    held = cells.groupby("community")["weight"].sum()
    assert held["a"] == pytest.approx(4.9 * 3.7 + 49 - 0.16, rel=1e-6)  # 490 x 370 m
    assert held["b"] == pytest.approx(0.01, rel=1e-5)
    for label, rows in cells.groupby("community"):
        assert frame.geometry[label].covers(rows.geometry).all()
    full = cells[np.isclose(cells["weight"], 50)]
    assert shapely.get_coordinates(full.geometry).tolist() == [[EAST + 150, NORTH + 50]]


def test_people_of_communities_lie_as_the_cells_have_them(spread):
    people = np.ones((HIGH, WIDE))
    people[HIGH - 2, 1] = 99.0  # of A, around (50, 50)
    people[:, 14:18] = 0.0  # nobody on the island E
    area, found = assembled(dataclasses.replace(spread, grid=grid(people)))
    assert found == []
    held = area.demand.groupby("community")["population"].sum()
    assert held.to_dict() == pytest.approx({"A": 150, "B": 120, "C": 60, "D": 120, "E": 10})
    near = area.demand.geometry.distance(shapely.Point(EAST + 50, NORTH + 50)) < 1
    whole = 4.9 * 3.7 + 98
    assert area.demand.loc[near, "population"].sum() == pytest.approx(150 * 99 / whole, rel=1e-5)
    assert dict(area.notes)["area.raster_sum"]["said"] == "460"
    (told,) = area.estimates
    assert (told.what, told.how, told.rest) == ("people", "raster", {"n": 1, "people": "10"})


def test_cells_count_people_where_communities_have_no_figures(spread):
    bare = spread.communities.drop(columns="population")
    said = {"file": "r.tif", "source": "WorldPop", "year": 2020}
    area, found = assembled(dataclasses.replace(spread, communities=bare, grid=grid()), demand=said)
    assert found == []
    wanted = {"A": 4.9 * 3.7, "B": 7.9 * 3.7, "C": 4.9 * 3.1, "D": 7.9 * 3.1, "E": 2 * 3.8, "F": 60}
    assert area.communities["population"].to_dict() == pytest.approx(wanted, rel=1e-5)
    sums = area.demand.groupby("community")["population"].sum()
    assert sums.to_dict() == pytest.approx({k: v for k, v in wanted.items() if k != "F"}, rel=1e-5)
    first, second = area.estimates
    assert (first.what, second.what) == ("population", "people")
    assert first.named["n"] == 5
    for lang in LANGS:
        assert "WorldPop, 2020" in first.say(lang)


def test_hexagons_take_their_people_from_cells(toy_city):
    written(toy_city.parent, np.full((HIGH, WIDE), 3, np.float32))
    said = scenario(toy_city)
    text = said.read_text("utf-8").replace('file = "communities.gpkg"', "hexagons_m = 300")
    said.write_text(text.replace('[[links]]\nfile = "links.csv"\n', ""), "utf-8")
    area = api.check(said).area
    held = area.counted["population"]
    assert held.sum() == pytest.approx(area.demand["population"].sum())
    whole = area.counted[area.counted.covered_by(area.extent.buffer(-60))]
    assert len(whole) > 3
    assert held[whole.index].to_numpy() == pytest.approx(3e-4 * whole.area.to_numpy(), rel=1e-4)


def test_a_raster_that_ends_within_the_district_is_refused(spread):
    half = dataclasses.replace(grid(), bounds=(WEST, SOUTH, WEST + 1600, SOUTH + 800))
    _, found = assembled(dataclasses.replace(spread, grid=half))
    assert found == [("raster_partly", "r.tif", None, "小岛村")]


def written(folder, people, *, at=(WEST, SOUTH + 100 * HIGH), crs=METRIC, **profile):
    """Write a raster as agencies do."""
    people = np.asarray(people)
    bands = people if people.ndim == 3 else people[None]
    told = {"dtype": bands.dtype, "count": len(bands), "crs": crs, **profile}
    transform = rasterio.Affine(100, 0, at[0], 0, -100, at[1])
    with rasterio.open(
        folder / "pop.tif", "w", driver="GTiff", height=bands.shape[1], width=bands.shape[2],
        transform=transform, **told,
    ) as data:  # fmt: skip
        data.write(bands)


def torn(folder):
    """Write a raster whose end is lost."""
    written(folder, np.random.default_rng(1).random((512, 512), np.float32), at=(WEST, SOUTH + 3e4))
    whole = (folder / "pop.tif").read_bytes()
    (folder / "pop.tif").write_bytes(whole[: len(whole) // 8])


def scenario(toy_city, more=""):
    plain = 'file = "demand.csv"\ncrs = "EPSG:4549"\n'
    text = toy_city.read_text("utf-8").replace(plain, f'file = "pop.tif"\n{more}')
    toy_city.write_text(text.replace('group = "aged_60"\n', ""), "utf-8")
    return toy_city


def test_a_geotiff_goes_to_a_plan(toy_city):
    people = np.full((HIGH, WIDE), 2, np.float32)
    people[0, 0] = -200
    written(toy_city.parent, people, nodata=-200)
    plan = api.run(scenario(toy_city, 'source = "GHS-POP"\n'), set=["siting=[]"])
    held = plan.area.demand.groupby("community")["population"].sum()
    assert held.to_dict() == pytest.approx({"A": 150, "B": 120, "C": 60, "D": 120, "E": 10})
    (entry,) = [one for one in plan.area.inputs if one.role == "raster"]
    assert (entry.used, entry.crs) == (HIGH * WIDE - 1, "EPSG:4549")
    assert "GHS-POP" in plan.caveats("zh")[0]


ONES = np.ones((HIGH, WIDE), np.float32)


@pytest.mark.parametrize(
    ("make", "key"),
    [
        (lambda at: written(at, np.where(ONES > 0, -200, 0).astype("float32")), "raster_negative"),
        (lambda at: written(at, np.tile([11, 21, 30, 13], (HIGH, 8)).astype("int16")),
         "raster_classes"),
        (lambda at: written(at, ONES, at=(WEST + 9e5, SOUTH)), "raster_elsewhere"),
        (lambda at: written(at, np.stack([ONES, ONES])), "raster_bands"),
        (lambda at: written(at, ONES, crs=None), "raster_no_crs"),
        (lambda at: (at / "pop.tif").write_text("no raster"), "no_raster"),
        (torn, "no_raster"),
        (lambda _: None, "no_file"),
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_what_is_no_raster_of_this_population_is_told(toy_city, make, key):
    make(toy_city.parent)
    with pytest.raises(PlannerError) as caught:
        api.check(scenario(toy_city))
    assert [one.key for one in caught.value.problems] == [f"io.{key}"]
    for lang in LANGS:
        assert caught.value.say(lang)


def test_a_crs_that_nobody_knows_is_told(toy_city):
    written(toy_city.parent, ONES)
    with pytest.raises(PlannerError) as caught:
        api.check(scenario(toy_city, 'crs = "nowhere"\n'))
    assert [one.key for one in caught.value.problems] == ["io.unknown_crs"]


def test_nodata_and_crs_may_be_said(toy_city):
    people = ONES.copy()
    people[:, 14:18] = -99999
    written(toy_city.parent, people, crs=None)
    said = scenario(toy_city, 'crs = "EPSG:4549"\nnodata = -99999\n')
    area = api.check(said).area
    assert area.estimates[0].rest["n"] == 1  # the island


def test_without_the_extra_its_name_is_told(toy_city, monkeypatch):
    written(toy_city.parent, ONES)
    monkeypatch.setattr("planner.district.reading.raster.find_spec", lambda _: None)
    with pytest.raises(PlannerError) as caught:
        api.check(scenario(toy_city, 'datum = "gcj02"\n'), set=["demand.datum='gcj02'"])
    assert [one.key for one in caught.value.problems] == ["settings.idle_key"]
    with pytest.raises(PlannerError, match=r"planner\[raster\]"):
        api.check(toy_city, set=["demand={file='pop.tif'}"])


def test_a_draft_knows_rasters_of_population_by_their_name(toy, tmp_path):
    toy.write(tmp_path).unlink()
    for name in ("demand", "stations"):  # of which homes come first, and nothing tells the kind
        (tmp_path / f"{name}.csv").unlink()
    written(tmp_path, ONES)
    (tmp_path / "高程.tif").write_bytes((tmp_path / "pop.tif").read_bytes())
    made = draft(tmp_path, "zh")
    assert tomllib.loads(made.text)["demand"] == {"file": "pop.tif"}
    assert "高程.tif" in made.text
    assert made.problems == []
    frame = toy.communities.drop(columns="population")
    frame.to_file(tmp_path / "communities.gpkg", engine="pyogrio")
    made = draft(tmp_path, "zh")
    assert tomllib.loads(made.text)["communities"]["file"] == "communities.gpkg"
    assert made.problems == []
    assert made.left == []
