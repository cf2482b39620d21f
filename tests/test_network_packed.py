"""Lines as arrays, and the numbers of places: what millions of streets are read through."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import LineString, MultiLineString

from planner.engine.network.graph.places import number_places
from planner.network import Network, PackedLines, line_parts

CRS = "EPSG:4549"
A, B, C, D = (0.0, 0.0), (100.0, 0.0), (100.0, 50.0), (300.0, 50.0)


def drawn(shapes, names=None):
    names = names or [f"r{i}" for i in range(len(shapes))]
    index = range(1, len(shapes) + 1)
    return gpd.GeoDataFrame({"name": names}, geometry=shapes, index=index, crs=CRS)


def test_places_are_numbered_as_they_appear_and_to_the_micrometre():
    rng = np.random.default_rng(3)
    xy = rng.integers(-30, 30, (4000, 2)) * 1e-6 + rng.uniform(-4e-7, 4e-7, (4000, 2))
    xy += [500_000, 3_400_000]
    known, number, first = {}, [], []
    for i, at in enumerate(np.rint(xy * 1e6).astype(np.int64).tolist()):
        if tuple(at) not in known:
            known[tuple(at)] = len(known)
            first.append(i)
        number.append(known[tuple(at)])
    place, place_at = number_places(xy)
    assert place.tolist() == number
    assert place_at.tolist() == first


def test_only_lines_of_several_parts_are_taken_apart():
    whole = LineString([A, B])
    both = MultiLineString([[A, B], [C, D]])
    shapes = np.array([whole, None, both, LineString()], object)
    parts, owner = line_parts(shapes)
    assert owner.tolist() == [0, 2, 2, 3]
    assert parts[0] is whole
    assert [one.wkt for one in parts[1:3]] == [one.wkt for one in both.geoms]
    assert parts[3].is_empty


def test_packed_lines_come_back_as_they_were():
    lines = drawn([LineString([A, B, C]), LineString([C, D])])
    back = PackedLines.of(lines).unpacked()
    pd.testing.assert_frame_equal(back, lines)


def test_parts_come_back_as_rows_and_empty_lines_not_at_all():
    lines = drawn([LineString(), MultiLineString([[A, B], [C, D]])], ["none", "both"])
    back = PackedLines.of(lines).unpacked()
    assert back["name"].tolist() == ["both", "both"]
    assert back.index.tolist() == [2, 2]
    assert [list(one.coords) for one in back.geometry] == [[A, B], [C, D]]


def test_a_network_of_packed_lines_is_that_of_the_lines():
    lines = drawn([MultiLineString([[A, B], [C, D]]), LineString(), LineString([B, C])])
    one, two = Network.from_lines(lines), Network.from_lines(PackedLines.of(lines))
    pd.testing.assert_frame_equal(one.edges, two.edges)
    assert sorted(one.edges["line"]) == [1, 1, 3]
    assert len(one.nodes) == 4


@pytest.mark.parametrize("shape", [None, shapely.Point(0, 0), shapely.box(0, 0, 1, 1)])
def test_what_is_no_line_is_named(shape):
    packed = PackedLines.of(drawn([LineString([A, B]), shape]))
    assert packed.strange.tolist() == [2]
