"""Datums there and back, and the choice of a metric CRS."""

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from planner.engine import crs
from planner.engine.crs import from_wgs84, metric_crs, shift, to_wgs84

WEST, SOUTH, EAST, NORTH = crs.CHINA_BOUNDS
DATUMS = ["wgs84", "cgcs2000", "gcj02", "bd09"]
longitudes = st.floats(WEST, EAST)
latitudes = st.floats(SOUTH, NORTH)


@given(lon=longitudes, lat=latitudes, datum=st.sampled_from(DATUMS))
def test_round_trip_from_wgs84(lon, lat, datum):
    back = to_wgs84(*from_wgs84(lon, lat, datum), datum)
    np.testing.assert_allclose(back, [lon, lat], rtol=0, atol=1e-9)


@given(
    lon=st.floats(WEST + 0.05, EAST - 0.05),
    lat=st.floats(SOUTH + 0.05, NORTH - 0.05),
    datum=st.sampled_from(DATUMS),
)
def test_round_trip_to_wgs84(lon, lat, datum):
    again = from_wgs84(*to_wgs84(lon, lat, datum), datum)
    np.testing.assert_allclose(again, [lon, lat], rtol=0, atol=1e-9)


def test_round_trip_of_many_points_at_once_and_near_the_kink_at_105_east():
    rng = np.random.default_rng(1)
    lon = np.concatenate([rng.uniform(WEST, EAST, 50_000), 105 + rng.uniform(-1e-8, 1e-8, 1_000)])
    lat = rng.uniform(SOUTH, NORTH, len(lon))
    for datum in DATUMS:
        back_lon, back_lat = to_wgs84(*from_wgs84(lon, lat, datum), datum)
        assert np.abs(back_lon - lon).max() < 1e-9
        assert np.abs(back_lat - lat).max() < 1e-9


def test_known_offsets():
    # Tiananmen, as the conversion tools of the map services give it.
    np.testing.assert_allclose(
        from_wgs84(116.404, 39.915, "gcj02"), [116.41024449916938, 39.91640428150164], atol=1e-9
    )
    np.testing.assert_allclose(
        crs._bd_from_gcj(np.array(116.404), np.array(39.915)),
        [116.41036949371029, 39.92133699351021],
        atol=1e-9,
    )


@given(lon=longitudes, lat=latitudes)
def test_gcj02_moves_every_place_in_china_by_metres_not_kilometres(lon, lat):
    x, y = from_wgs84(lon, lat, "gcj02")
    _, _, metres = pyproj.Geod(ellps="WGS84").inv(lon, lat, float(x), float(y))
    assert 1 < metres < 1_500


@pytest.mark.parametrize("place", [(24.94, 60.17), (-74.0, 40.7), (151.2, -33.9), (139.7, 35.7)])
@pytest.mark.parametrize("datum", DATUMS)
def test_outside_china_nothing_moves(place, datum):
    assert tuple(map(float, from_wgs84(*place, datum))) == place
    assert tuple(map(float, to_wgs84(*place, datum))) == place


def test_cgcs2000_is_taken_as_equal():
    lon, lat = from_wgs84([121.5, 121.6], [29.8, 29.9], "cgcs2000")
    assert lon.tolist() == [121.5, 121.6]
    assert lat.tolist() == [29.8, 29.9]


def test_missing_stays_missing_and_the_input_is_not_touched():
    lon = np.array([np.nan, 121.5])
    lat = np.array([29.9, 29.9])
    x, _ = from_wgs84(lon, lat, "bd09")
    assert np.isnan(x[0])
    assert x[1] != 121.5
    assert lon[1] == 121.5


def test_an_unknown_datum_is_a_bug():
    with pytest.raises(KeyError):
        to_wgs84(121, 30, "wgs72")


def test_shift_moves_every_vertex_of_whole_geometries():
    square = shapely.box(121.5, 29.8, 121.6, 29.9)
    holed = shapely.Polygon(square.exterior, [shapely.box(121.54, 29.84, 121.56, 29.86).exterior])
    shapes = gpd.GeoSeries([holed, shapely.Point(121.5, 29.8), None], index=["a", "b", "c"])
    moved = shift(shapes.set_crs(4326), "gcj02", "from_wgs84")
    assert moved.index.tolist() == ["a", "b", "c"]
    assert moved.crs is None
    assert moved["c"] is None
    assert len(moved["a"].interiors) == 1
    expected = from_wgs84(121.5, 29.8, "gcj02")
    assert shapely.get_coordinates(moved["b"]).tolist() == [list(map(float, expected))]
    back = shift(moved, "gcj02", "to_wgs84")
    assert back.crs.to_epsg() == 4326
    assert back["a"].equals_exact(holed, 1e-9)
    assert shapes["b"] == shapely.Point(121.5, 29.8)


@pytest.mark.parametrize(
    ("lon", "lat", "code"),
    [
        (121.85, 29.90, 4550),  # Beilun, Ningbo: CM 123E
        (116.40, 39.90, 4548),  # Beijing: CM 117E
        (121.47, 31.23, 4549),  # Shanghai: CM 120E
        (113.26, 23.13, 4547),  # Guangzhou: CM 114E
        (75.99, 39.47, 4534),  # Kashgar: CM 75E
        (134.30, 48.30, 4554),  # Fuyuan: CM 135E
        (91.13, 29.65, 4539),  # Lhasa: CM 90E
        (121.54, 25.03, 3826),  # Da'an, Taipei
        (120.20, 22.99, 3826),  # Tainan
        (119.57, 23.57, 32650),  # Penghu
        (126.98, 37.57, 32652),  # Seoul
        (77.21, 28.61, 32643),  # Delhi
        (105.85, 21.03, 32648),  # Hanoi
        (24.94, 60.17, 32635),  # Helsinki
        (151.2, -33.87, 32756),  # Sydney
        (180.0, 0.0, 32660),
    ],
)
def test_metric_crs(lon, lat, code):
    chosen = metric_crs(lon, lat)
    assert chosen.to_epsg() == code
    assert {axis.unit_name for axis in chosen.axis_info} == {"metre"}


@given(lon=st.floats(-180, 180), lat=st.floats(-80, 84))
def test_metric_crs_is_true_to_scale_near_the_centroid(lon, lat):
    chosen = metric_crs(lon, lat)
    to_metres = pyproj.Transformer.from_crs(4326, chosen, always_xy=True)
    x0, y0 = to_metres.transform(lon, lat)
    x1, y1 = to_metres.transform(lon, lat + 0.001)
    _, _, true = pyproj.Geod(ellps="WGS84").inv(lon, lat, lon, lat + 0.001)
    assert np.hypot(x1 - x0, y1 - y0) == pytest.approx(true, rel=0.0015)


@pytest.mark.parametrize("place", [(250000.0, 2770000.0), (np.nan, 30.0), (121.0, 95.0)])
def test_metric_crs_of_no_place(place):
    with pytest.raises(ValueError, match="not a position"):
        metric_crs(*place)
