"""Bounds by regions: valid whatever prices and cuts they are given, and near when all is done."""

import itertools

import numpy as np
import pytest
from support.examples import seeds
from test_siting_bounds import best_of

from planner.engine.siting.solver import branch_and_bound, regions
from planner.engine.siting.solver.branch_and_bound import prove
from planner.engine.siting.solver.certified import certify
from planner.engine.siting.solver.program import Clock
from planner.engine.siting.solver.reduced import build_reduced
from planner.engine.siting.solver.regions import bound_by_regions, part_sites, suits_regions


def covering(seed, n, m, p, density=0.3):
    rng = np.random.default_rng(seed)
    entry = np.flatnonzero(rng.random(n * m) < density)
    row, site = np.divmod(entry, m)
    outside = rng.integers(1, 40, n)
    nothing = np.zeros(len(entry), dtype=np.int64)
    core, _ = build_reduced(row, site, nothing, outside, p, np.arange(m), base=7)
    return core, best_of((row, site, nothing, outside), m, p) + 7, rng


@pytest.mark.parametrize("seed", seeds(30))
def test_any_prices_and_any_number_of_regions_bound_rightly(seed):
    core, best, rng = covering(seed, 25, 10, 1 + seed % 4)
    price = rng.random(len(core.flat.outside)) * core.flat.outside
    for number, effort in itertools.product((1, 2, 3, 10), (0, 10**6)):
        share = rng.random(10)
        assert bound_by_regions(core, price, share, number, Clock(60.0), effort=effort) <= best


def blocks(weights, p):
    """Build rows and sites in three blocks: in each, any two of three sites share a row."""
    row, site, outside = [], [], []
    for block, weight in enumerate(weights):
        for pair in itertools.combinations(range(3), 2):
            row += [len(outside)] * 2
            site += [3 * block + j for j in pair]
            outside.append(weight)
    entries = np.array(row), np.array(site), np.zeros(len(row), dtype=np.int64), np.array(outside)
    return build_reduced(*entries, p, np.arange(9))[0]


def test_regions_close_what_the_relaxation_leaves_open():
    # One site of each block bares one of its rows: 5 + 6 + 7 is lost. The relaxation opens half of
    # each site of the blocks of 6 and 7 and so loses the block of 5 alone: 15.
    core = blocks([5, 6, 7], 3)
    half = core.flat.outside / 2.0
    relaxed, _ = certify(core, half, np.zeros(0))
    assert relaxed <= 15 << 16
    assert bound_by_regions(core, half, np.full(9, 1 / 3), 3, Clock(60.0)) == 18


def test_parting_follows_the_blocks():
    core = blocks([5, 6, 7], 3)
    region = part_sites(core, core.flat.outside / 2.0, np.full(9, 1 / 3), np.full(9, 6.0), 3)
    assert [len(set(region[3 * k : 3 * k + 3])) for k in range(3)] == [1, 1, 1]
    assert len(set(region)) == 3


def test_only_large_plain_covering_is_asked():
    core, _, _ = covering(1, 25, 10, 3)
    assert not suits_regions(core)


@pytest.mark.parametrize("seed", seeds(10))
def test_a_proof_with_regions_stays_exact(seed, monkeypatch):
    monkeypatch.setattr(regions, "LEAST_ENTRIES", 0)
    monkeypatch.setattr(regions, "NUMBERS", (2,))
    monkeypatch.setattr(branch_and_bound, "NUMBERS", (2,))
    core, best, _ = covering(seed, 60, 14, 4, density=0.25)
    assert suits_regions(core)
    proof = prove(core, Clock(60.0))
    assert proof.value == proof.bound == best
