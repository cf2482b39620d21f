"""Lines that cross or all but meet without a shared vertex are found, and joined where asked."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from planner.engine.network import find_faults, join_lines
from planner.network import Network

CRS = "EPSG:4550"


def lines(*shapes, **columns):
    return gpd.GeoDataFrame(
        columns, geometry=[shapely.LineString(shape) for shape in shapes], crs=CRS
    ).set_axis(range(1, len(shapes) + 1))


def grid(n=5, step=100.0, jitter=0.0):
    random = np.random.default_rng(7)
    end = step * (n - 1)
    shapes = [[(0, i * step), (end, i * step)] for i in range(n)]
    shapes += [[(i * step, 0), (i * step, end)] for i in range(n)]
    moved = np.array(shapes, float) + random.uniform(-jitter, jitter, (2 * n, 2, 2))
    return lines(*moved)


def test_crossings_without_a_vertex_are_found():
    faults = find_faults(lines([(0, 0), (10, 0)], [(4, -5), (4, 5)]))
    assert faults.crossings.tolist() == [[4.0, 0.0]]
    assert len(faults.near_ends) == 0


def test_lines_that_share_a_vertex_have_no_fault():
    faults = find_faults(
        lines([(0, 0), (4, 0), (10, 0)], [(4, -5), (4, 0), (4, 5)], [(10, 0), (10, 9)])
    )
    assert [len(one) for one in faults] == [0, 0, 0]


@pytest.mark.parametrize("levels", [{"layer": ["0", "1"]}, {"bridge": [None, "yes"]}])
def test_a_bridge_is_no_crossing(levels):
    drawn = lines([(0, 0), (10, 0)], [(4, -5), (4, 5)], **levels)
    assert len(find_faults(drawn).crossings) == 0
    assert len(Network.from_lines(join_lines(drawn)).components) == 2


def test_ends_that_miss_and_lines_drawn_twice():
    drawn = lines([(0, 0), (10, 0)], [(5, 0.03), (5, 8)], [(10, 0.04), (20, 0)], [(10, 0), (0, 0)])
    faults = find_faults(drawn, 0.1)
    # (10, 0) is the end of two lines, and of no street that ends blind.
    assert faults.near_ends.tolist() == [[5.0, 0.03], [10.0, 0.04]]
    assert faults.doubles.tolist() == [[5.0, 0.0]]
    assert len(Network.from_lines(drawn).components) == 3
    assert len(Network.from_lines(join_lines(drawn, 0.1)).components) == 1


def test_a_t_junction_without_a_vertex():
    drawn = lines([(0, 0), (10, 0)], [(5, 0), (5, 8)])
    assert find_faults(drawn).near_ends.tolist() == [[5.0, 0.0]]
    assert len(Network.from_lines(join_lines(drawn)).components) == 1


@pytest.mark.parametrize("jitter", [0.0, 0.05])
def test_a_survey_grid_becomes_the_grid(jitter):
    drawn = grid(jitter=jitter)
    network = Network.from_lines(join_lines(drawn))
    assert len(network.components) == 1
    assert network.components["length_m"].iloc[0] == pytest.approx(10 * 400, abs=2)
    places = gpd.GeoSeries(gpd.points_from_xy([0, 300], [100, 400]), index=["a", "b"], crs=CRS)
    od = network.travel_times(places[["a"]], places[["b"]], cutoff_min=60, speed_mps=1)
    assert od["minutes"].iloc[0] == pytest.approx(600 / 60, abs=0.01)  # by the streets, with turns
    assert len(find_faults(join_lines(drawn)).crossings) == 0


def test_columns_stay_with_their_lines():
    drawn = lines([(0, 0), (10, 0)], [(4, -5), (4, 5)], name=["East", "North"])
    assert join_lines(drawn)["name"].tolist() == ["East", "North"]


@pytest.mark.parametrize("gap", [0.0, 0.03])
@pytest.mark.parametrize("turned", [False, True])
def test_an_end_that_comes_back_to_its_own_line_is_joined(gap, turned):
    loop = [(0, 0), (100, 0), (200, 0), (200, 100), (50, 100), (50, gap)]
    frame = lines(loop[::-1] if turned else loop)
    assert len(find_faults(frame).near_ends) == 1
    network = Network.from_lines(join_lines(frame))
    # The stem up to the joint, and the loop behind it.
    assert sorted(network.edge_length_m) == pytest.approx([50, 500], abs=0.1)


def test_a_short_hook_and_a_closed_loop_are_left_alone():
    hook = lines([(0, 0), (100, 0), (100.3, 0.2), (100, 0.4)])
    loop = lines([(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)])
    for frame in (hook, loop):
        assert len(find_faults(frame).near_ends) == 0
        assert len(join_lines(frame).geometry.iloc[0].coords) == len(frame.geometry.iloc[0].coords)
