"""Places made up for want of better: spread points, hexagons, sites at junctions."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from support.examples import examples, seeds

from planner.engine import grids

CRS = "EPSG:4549"


def test_points_lie_evenly_in_their_polygon():
    shapes = gpd.GeoSeries(
        [shapely.box(0, 0, 500, 400), shapely.Point(1000, 0).buffer(200)], index=["A", "B"], crs=CRS
    )
    found = grids.spread_points(shapes, 50)
    assert found.crs == shapes.crs
    for label, shape in shapes.items():
        own = found[found["community"] == label]
        assert own.within(shape).all()
        assert len(own) == pytest.approx(shape.area / 50**2, rel=0.05)
        assert own.union_all().centroid.distance(shape.centroid) < 5


def test_a_small_polygon_gets_a_finer_grid_and_a_sliver_one_point():
    shapes = gpd.GeoSeries(
        [shapely.box(3, 3, 60, 50), shapely.box(0, 0, 0.5, 0.5)], index=["small", "sliver"], crs=CRS
    )
    found = grids.spread_points(shapes, 100).groupby("community").size()
    assert found["small"] >= grids.LEAST_POINTS
    assert found["sliver"] == 1


def test_no_polygons_no_points():
    assert grids.spread_points(gpd.GeoSeries([], crs=CRS), 100).empty


@examples(8)
@given(st.floats(50, 500), st.floats(100, 3000), st.floats(100, 3000))
def test_hexagons_tile_the_extent(width_m, length, height):
    extent = shapely.box(0, 0, length, height)
    found = grids.hexagons(extent, width_m, CRS)
    if found.empty:
        return
    area = np.sqrt(3) / 2 * width_m**2
    np.testing.assert_allclose(found.area, area)
    whole = found.union_all()
    assert whole.area == pytest.approx(area * len(found)), "no two overlap"
    inner = extent.buffer(-1.2 * width_m)
    assert inner.is_empty or whole.buffer(1e-6).contains(inner), "no gaps"
    assert found["id"].is_unique
    assert found.centroid.intersects(extent.buffer(1e-6)).all()


def test_hexagons_are_named_by_row_and_column():
    found = grids.hexagons(shapely.box(0, 0, 400, 30 * 100), 100, CRS)
    assert found["id"].iloc[0] == "A01"
    assert {"A04", "Z02", "AA01"} <= set(found["id"])
    middle = found.set_index("id").centroid
    assert middle.y["A01"] > middle.y["B02"] > middle.y["AA01"]
    assert middle.x["A02"] - middle.x["A01"] == pytest.approx(100)


def test_one_site_for_each_cell_the_nearest_to_its_middle():
    xy = [(10, 10), (60, 40), (150, 50), (140, 20), (-30, -70)]
    points = gpd.GeoSeries(gpd.points_from_xy(*zip(*xy, strict=True)), index=list("abcde"), crs=CRS)
    found = grids.one_per_cell(points, 100)
    assert [(p.x, p.y) for p in points[found]] == [(60, 40), (150, 50), (-30, -70)]
    assert grids.one_per_cell(points.iloc[::-1], 100).tolist() == found.tolist()


def test_points_along_lines_stand_for_the_same_length_each():
    """A has 300 m of one street and 100 m of another: 16 points; B the last 50 m: ten points."""
    shapes = gpd.GeoSeries(
        [shapely.box(0, 0, 300, 200), shapely.box(300, 0, 350, 200), shapely.box(900, 0, 999, 99)],
        index=["A", "B", "C"], crs=CRS,
    )  # fmt: skip
    lines = gpd.GeoSeries(
        [shapely.LineString([(0, 50), (350, 50)]), shapely.LineString([(10, 100), (10, 200)])],
        crs=CRS,
    )
    found = grids.spread_along(shapes, lines, 25)
    assert found.groupby("community").size().to_dict() == {"A": 16, "B": 10}
    own = found[found["community"] == "A"].geometry
    along = own[own.y == 50]
    assert sorted(along.x) == [12.5 + 25 * i for i in range(12)]
    assert sorted(own[own.y != 50].y) == [112.5, 137.5, 162.5, 187.5]
    # B has 50 m alone: as many points as stand 5 m apart, not 2.
    assert sorted(found[found["community"] == "B"].geometry.x) == [302.5 + 5 * i for i in range(10)]


@pytest.mark.parametrize("seed", seeds(20))
def test_lines_wholly_within_are_what_cutting_them_gives(seed):
    rng = np.random.default_rng(seed)
    corners = rng.uniform(0, 100, (12, 2, 1)) + rng.uniform(-20, 20, (12, 2, 8))
    areas = shapely.convex_hull(shapely.multipoints(corners.transpose(0, 2, 1)))
    walks = rng.uniform(0, 100, (60, 1, 2)) + rng.integers(-4, 5, (60, 5, 2)).cumsum(axis=1)
    walks[::4, 2] = walks[::4, 1]  # a vertex twice
    walks[::7, -1] = walks[::7, 0]  # closed
    lines = shapely.linestrings(walks)
    lines[::5] = shapely.multilinestrings(np.stack([lines[::5], lines[1::5]], axis=1))
    area, line = np.divmod(np.arange(len(areas) * len(lines)), len(lines))
    kept = grids._cut(lines, line, areas, area)
    cut = shapely.intersection(lines[line], areas[area])
    assert shapely.equals_identical(kept, cut).all()
    assert shapely.covers(areas[area], lines[line]).any()
    assert not shapely.is_simple(lines).all()


def test_no_lines_no_points_along_them():
    shapes = gpd.GeoSeries([shapely.box(0, 0, 9, 9)], crs=CRS)
    assert grids.spread_along(shapes, gpd.GeoSeries([], crs=CRS), 25).empty
    assert grids.spread_along(shapes[:0], gpd.GeoSeries([], crs=CRS), 25).empty
