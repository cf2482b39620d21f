"""How far around a district streets are read."""

from types import SimpleNamespace

import geopandas as gpd
import shapely

from planner.district.reading import extent
from planner.district.reading.extent import SPARE_M, around, centred

CRS = "EPSG:4549"
X, Y, SIDE = 500_000.0, 3_400_000.0, 1000.0
REACH_M, SNAP_M = 900.0, 200.0


def test_streets_are_read_around_each_place_near_enough(monkeypatch):
    monkeypatch.setattr(extent, "reach_m", lambda _: REACH_M)
    settings = SimpleNamespace(walk=SimpleNamespace(max_snap_m=SNAP_M))
    district = gpd.GeoDataFrame(geometry=[shapely.box(X, Y, X + SIDE, Y + SIDE)], crs=CRS)
    at = [(500, 500), (10, 10), (-1300, 500), (-1399, 990), (-2000, 500), (-9000, 500)]
    places = gpd.GeoDataFrame(geometry=[shapely.Point(X + x, Y + y) for x, y in at], crs=CRS)
    found = gpd.GeoSeries([around(district, [places], settings)], crs=4326)
    metric = centred(district.geometry)
    wide = district.geometry.to_crs(metric).buffer(REACH_M + SPARE_M).union_all()
    near = places.geometry.to_crs(metric).iloc[:5].buffer(SNAP_M + SPARE_M).union_all()
    apart = found.to_crs(metric).iloc[0].symmetric_difference(wide | near)
    assert apart.area < 1.0
    assert not wide.contains(near)
