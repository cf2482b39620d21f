"""Unicost set covers from the literature: the best known values, found in counted steps."""

import importlib.util
import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from support.examples import seeds

from planner import siting
from planner.engine.siting.solver.covering import least_cover, seek_cover
from planner.engine.siting.solver.program import Clock

SOURCE = Path(__file__).parents[1] / "benchmarks/unicost.py"
spec = importlib.util.spec_from_file_location("unicost", SOURCE)
assert spec is not None
unicost = importlib.util.module_from_spec(spec)
spec.loader.exec_module(unicost)


@pytest.mark.parametrize(
    ("name", "shape"),
    [("sts45", (330, 45)), ("sts81", (1080, 81)), ("cyc6", (240, 192)), ("clr10", (511, 210))],
)
def test_the_generators_give_the_published_sizes(name, shape):
    by = unicost.instance(name)
    assert by.shape == shape
    if name.startswith("sts"):  # every pair of elements stands in one triple
        together = (by.T @ by).toarray()
        assert (together[~np.eye(shape[1], dtype=bool)] == 1).all()
    if name == "cyc6":  # an edge of the cube lies on 5 cycles of 4 edges
        assert set(np.diff(by.tocsc().indptr)) == {5}
        assert set(np.diff(by.indptr)) == {4}
    if name == "clr10":  # of 2**9 colourings of ten, 2**6 leave a 4-subset in one colour, less one
        assert set(np.diff(by.tocsc().indptr)) == {63}


@pytest.mark.parametrize("name", ["sts9", "sts15", "sts27", "sts45", "sts81", "cyc6", "clr10"])
def test_the_search_finds_the_best_known(name):
    by = unicost.instance(name)
    found = seek_cover(by, np.ones(by.shape[1]), 0, pieces=40)
    assert (by @ found >= 1).all()
    assert found.sum() == unicost.BEST[name]


@pytest.mark.parametrize("name", ["sts9", "sts15"])
def test_small_ones_are_proven(name):
    by = unicost.instance(name)
    row, col = by.nonzero()
    od = pd.DataFrame({"demand": row, "facility": col, "minutes": 1.0})
    plan = siting.set_cover(od, pd.Series(1, index=range(by.shape[0])))
    assert (plan.status, plan.objective) == ("optimal", unicost.BEST[name])


def test_a_cover_known_is_never_made_worse():
    by = unicost.instance("cyc6")
    worth = np.random.default_rng(1).integers(1, 9, by.shape[1]).astype(float)
    one = seek_cover(by, worth, 3)
    other = seek_cover(by, worth, 3, start=one, pieces=2)
    assert (by @ other >= 1).all()
    assert worth[other].sum() <= worth[one].sum()
    assert (other == seek_cover(by, worth, 3, start=one, pieces=2)).all()


def test_without_time_the_cover_found_stands_under_an_honest_bound():
    by = unicost.instance("clr10")
    found, bound = least_cover(by, np.ones(by.shape[1]), 0, 1.0, Clock(0.0))
    assert (by @ found >= 1).all()
    assert bound <= 25 <= found.sum()


@pytest.mark.parametrize("seed", seeds(8))
def test_least_covers_by_enumeration(seed):
    rng = np.random.default_rng(seed)
    by = unicost.sparse.csr_array((rng.random((12, 9)) < 0.3).astype(float))
    by = by[np.flatnonzero(np.diff(by.indptr))]
    worth = rng.integers(0, 6, 9) / 2.0
    plans = itertools.product((0, 1), repeat=9)
    least = min(float(worth @ plan) for plan in plans if (by @ np.array(plan) >= 1).all())
    found, bound = least_cover(by, worth, seed, 0.5, Clock(60.0))
    assert (by @ found >= 1).all()
    assert worth @ found == pytest.approx(least)
    assert bound <= least + 1e-9
