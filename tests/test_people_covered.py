"""People covered from a table of travel times alone equal a count by hand; faults are told."""

import numpy as np
import pandas as pd
import pytest

from planner.coverage import people_covered
from planner.errors import InputError


def by_hand(od, people, limit, unit, name, group):
    known = od.groupby("demand")["minutes"].min()
    rows = [one for one in people.index if name in ("*", unit[one])]
    whole = sum(people.loc[one, group] for one in rows)
    near = [one for one in rows if known.get(one, np.inf) <= limit]
    return whole, sum(people.loc[one, group] for one in near)


@pytest.mark.parametrize("seed", range(6))
def test_it_equals_a_count_by_hand(seed):
    rng = np.random.default_rng(seed)
    labels = [f"d{i}" for i in range(30)]
    groups = ["population", "aged_60"]
    people = pd.DataFrame(rng.integers(0, 9, (30, 2)), index=labels, columns=groups)
    unit = pd.Series(rng.choice(["A", "B", "C"], 30), index=labels)
    pairs = rng.choice(30 * 5, 60, replace=False)
    od = pd.DataFrame(
        {
            "demand": [labels[i // 5] for i in pairs],
            "facility": pairs % 5,
            "minutes": rng.integers(1, 20, 60).astype(float),
        }
    )
    found = people_covered(od, people, minutes=[5, 15], unit=unit)
    assert len(found) == (1 + unit.nunique()) * 2 * 2
    for row in found.itertuples():
        whole, near = by_hand(od, people, row.minutes, unit, row.unit, row.group)
        assert (row.people, row.covered) == (whole, near)
        assert row.share == (near / whole if whole else pytest.approx(np.nan, nan_ok=True))
    alone = people_covered(od, people["population"], minutes=[15])
    same = found[(found["unit"] == "*") & (found["group"] == "population")].iloc[-1]
    assert alone["share"].tolist() == [same["share"]]


PEOPLE = pd.Series({"a": 3, "b": 2})
OD = pd.DataFrame({"demand": ["a"], "facility": ["x"], "minutes": [4.0]})


@pytest.mark.parametrize(
    ("od", "people", "unit", "keys"),
    [
        (OD.drop(columns="minutes"), PEOPLE, None, {"capacity.od_columns"}),
        (OD.assign(demand="z"), PEOPLE, None, {"capacity.demand_unknown"}),
        (OD.assign(minutes=-1.0), PEOPLE, None, {"capacity.minutes_negative"}),
        (OD, PEOPLE - 3, None, {"capacity.negative"}),
        (OD, PEOPLE, pd.Series({"a": "A"}), {"capacity.unit_missing"}),
        (pd.concat([OD, OD]), PEOPLE, None, {"capacity.pair_twice"}),
    ],
)
def test_what_does_not_hold_is_told(od, people, unit, keys):
    with pytest.raises(InputError) as told:
        people_covered(od, people, minutes=[5], unit=unit)
    assert {problem.key for problem in told.value.problems} == keys


def test_nobody_near_is_nobody_covered():
    found = people_covered(OD.head(0), PEOPLE, minutes=[5])
    assert found[["people", "covered", "share"]].to_numpy().tolist() == [[5.0, 0.0, 0.0]]
