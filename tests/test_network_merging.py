"""Lines joined end to end are those that GEOS joins, whichever way they are found."""

from itertools import pairwise

import numpy as np
import pytest
import shapely

from planner.engine.network.graph.merging import merge_lines


def steps(lines):
    """Each line as what it is made of: its steps in no order, neither way first."""
    xy = [shapely.get_coordinates(line) for line in lines]
    return sorted(sorted(tuple(sorted(map(tuple, step))) for step in pairwise(one)) for one in xy)


@pytest.mark.parametrize("seed", range(40))
def test_lines_are_joined_as_geos_joins_them(seed):
    rng = np.random.default_rng(seed)
    count = int(rng.integers(3, 25))
    nodes = rng.permutation(36)[:count]
    places = np.column_stack([nodes % 6, nodes // 6]).astype(float)
    lines = []
    for _ in range(int(rng.integers(1, 60))):
        one, two = rng.integers(0, count, 2)
        between = np.round(rng.uniform(0, 6, (int(rng.integers(0, 3)), 2)), 6)
        lines.append(shapely.LineString([places[one], *between, places[two]]))
    lines = np.array(lines, dtype=object)
    joined = shapely.get_parts(merge_lines(lines, many=0))
    assert steps(joined) == steps(shapely.get_parts(merge_lines(lines)))
    for line in joined:  # from end to end, no step twice and none back
        assert shapely.get_num_coordinates(line) >= 2
    assert shapely.length(joined).sum() == pytest.approx(shapely.length(lines).sum())


def test_a_ring_without_junction_and_lines_without_length():
    ring = [
        shapely.LineString(way) for way in ([(0, 0), (1, 0)], [(1, 1), (1, 0)], [(1, 1), (0, 0)])
    ]
    dot = shapely.LineString([(5, 5), (5, 5)])
    joined = shapely.get_parts(merge_lines(np.array([*ring, dot], dtype=object), many=0))
    assert len(joined) == 1
    assert joined[0].is_closed
    assert joined[0].length == pytest.approx(2 + 2**0.5)
