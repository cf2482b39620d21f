"""Points put together by the sites that reach them: the same answer as on all points."""

import numpy as np
import pandas as pd
import pytest

from planner import siting
from planner.engine.siting.prepare import aggregate
from planner.errors import SitingError


def town(seed, n=400, m=9):
    rng = np.random.default_rng(seed)
    points = pd.DataFrame(rng.uniform(0, 30, (n, 2)).round(2), columns=["x", "y"])
    points.index = pd.Index(rng.permutation(n) + 1000)
    sites = pd.DataFrame(rng.uniform(0, 30, (m, 2)).round(2), columns=["x", "y"])
    sites.index = pd.Index([f"s{j}" for j in range(m)])
    return points, pd.Series(rng.integers(1, 101, n), index=points.index), sites


@pytest.mark.parametrize("at_once", [1, 37, 10_000])
def test_groups_are_those_of_a_plain_comparison(monkeypatch, at_once):
    monkeypatch.setattr(aggregate, "AT_ONCE", at_once)
    points, weight, sites = town(1)
    groups = siting.aggregate_points(points, weight, sites, cutoff_m=5.0)
    gap = points.to_numpy()[:, None] - sites.to_numpy()[None]
    metres = np.hypot(gap[..., 0], gap[..., 1])
    by_set: dict[tuple[str, ...], list[int]] = {}
    for i, row in enumerate(metres):
        by_set.setdefault(tuple(sites.index[row <= 5.0]), []).append(i)
    alone = by_set.pop(())
    assert len(groups.weight) == len(by_set) + 1
    assert groups.weight.iloc[-1] == weight.iloc[alone].sum()
    assert set(groups.group[alone]) == {len(by_set)}
    listed = groups.od.groupby("demand")
    for names, members in by_set.items():
        (number,) = set(groups.group[members])
        pairs = listed.get_group(number)
        assert tuple(pairs["facility"]) == names
        assert groups.weight[number] == weight.iloc[members].sum()
        farthest = metres[members][:, sites.index.isin(names)].max(axis=0)
        assert pairs["metres"].tolist() == pytest.approx(farthest)


@pytest.mark.parametrize("seed", range(6))
def test_covering_models_answer_as_on_all_points(seed):
    points, weight, sites = town(seed)
    od = siting.straight_od(points, sites, cutoff_m=6.0)
    groups = siting.aggregate_points(points, weight, sites, cutoff_m=6.0)
    asked = {"metric": "metres", "fixed": ["s0"], "conflicts": [("s1", "s2")]}
    one = siting.max_cover(od, weight, p=3, **asked)
    other = siting.max_cover(groups.od, groups.weight, p=3, **asked)
    assert one.status == other.status == "optimal"
    assert (one.objective, one.total) == (other.objective, other.total)
    covered = groups.is_covered(other)
    assert weight[covered].sum() == other.objective
    near = od[od["facility"].isin([*other.fixed, *other.chosen])]["demand"]
    assert set(points.index[covered]) == set(near)
    few = siting.set_cover(od, weight, share=0.3, metric="metres")
    assert (
        few.objective
        == siting.set_cover(groups.od, groups.weight, share=0.3, metric="metres").objective
    )


def test_nobody_in_reach_and_everybody_in_reach():
    points, weight, sites = town(2, n=20)
    far = siting.aggregate_points(points, weight, sites + 1000.0, cutoff_m=5.0)
    assert far.od.empty
    assert far.weight.tolist() == [weight.sum()]
    near = siting.aggregate_points(points, weight, sites, cutoff_m=100.0)
    assert near.weight.tolist() == [weight.sum()]
    assert near.od["facility"].tolist() == sites.index.tolist()


def test_what_is_missing_is_told_together():
    points, weight, sites = town(3, n=5)
    points.iloc[2, 0] = np.nan
    with pytest.raises(SitingError) as caught:
        siting.aggregate_points(points, weight.iloc[:4], sites, cutoff_m=-1.0)
    keys = [problem.key for problem in caught.value.problems]
    assert keys == ["siting.point_missing", "siting.cutoff", "siting.weight_order"]
