"""Straight distances: the very pairs that a plain comparison of all points finds."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.examples import examples

from planner import siting
from planner.errors import SitingError


def points(rng, n, spread, prefix=""):
    xy = rng.normal(500_000.0, spread, (n, 2)).round(1)
    names = [f"{prefix}{i}" for i in rng.permutation(n)] if prefix else rng.permutation(n)
    return pd.DataFrame(xy, columns=["x", "y"], index=names)


@given(st.integers(0, 10**6), st.sampled_from([0.0, 1.0, 250.0, 4_000.0, np.inf]))
@examples(25)
def test_pairs_by_brute_force(seed, cutoff):
    rng = np.random.default_rng(seed)
    people = points(rng, int(rng.integers(1, 60)), rng.choice([0.0, 2.0, 3_000.0]))
    places = points(rng, int(rng.integers(1, 20)), rng.choice([0.0, 2.0, 900.0]), prefix="s")
    if rng.random() < 0.3:
        places["y"] = 500_000.0  # all in a row
    if rng.random() < 0.3:
        people.iloc[0] = places.iloc[0]
    od = siting.straight_od(people, places, cutoff_m=cutoff)
    gap = people.to_numpy()[:, None] - places.to_numpy()[None]
    apart = np.hypot(gap[..., 0], gap[..., 1])
    row, col = np.nonzero(apart <= cutoff)
    assert od["demand"].tolist() == people.index[row].tolist()
    assert od["facility"].tolist() == places.index[col].tolist()
    assert od["metres"].to_numpy() == pytest.approx(apart[row, col])


def test_a_table_in_order_gives_the_same_plan_as_a_shuffled_one():
    rng = np.random.default_rng(4)
    people, places = points(rng, 400, 1_000.0), points(rng, 40, 900.0)
    demand = pd.Series(rng.integers(1, 50, 400), index=people.index)
    od = siting.straight_od(people, places, cutoff_m=400.0)
    before = od.copy()
    one = siting.max_cover(od, demand, p=5, metric="metres")
    other = siting.max_cover(od.sample(frac=1.0, random_state=1), demand, p=5, metric="metres")
    assert one.status == "optimal"
    assert one.objective == other.objective
    assert one.unreached.tolist() == other.unreached.tolist()
    pd.testing.assert_frame_equal(od, before)
    twice = pd.concat([od, od.iloc[[7]]]).sort_values(["demand", "facility"])
    with pytest.raises(SitingError):
        siting.max_cover(twice, demand, p=5, metric="metres")


def test_no_pairs_no_sites_and_no_coordinates():
    people = pd.DataFrame({"x": [0.0, 9.0], "y": [0.0, 0.0]})
    far = pd.DataFrame({"x": [500.0], "y": [-80_000.0]})
    assert siting.straight_od(people, far, cutoff_m=100.0).empty
    assert siting.straight_od(people, far.iloc[:0], cutoff_m=100.0).empty
    nowhere = pd.DataFrame({"x": [np.nan, 1.0], "y": [0.0, 0.0]}, index=["a", "b"])
    with pytest.raises(SitingError, match="a") as caught:
        siting.straight_od(nowhere, far, cutoff_m=-1.0)
    assert len(caught.value.problems) == 2
