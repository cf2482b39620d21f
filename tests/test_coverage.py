"""Coverage: the toy city by hand, plain loops as oracle, and what must always hold."""

import numpy as np
import pandas as pd
import pytest
from conftest import COMMUNITIES, DEMAND
from hypothesis import given
from hypothesis import strategies as st
from support.examples import examples

from planner import coverage as cover

GROUPS = ("population", "aged_60")
HAS = {"care_station": {"A"}, "canteen": {"D"}, "shelter": {"D"}}
LINKED = {"canteen": set("ABC"), "shelter": set("ABCDE")}


def make_demand() -> pd.DataFrame:
    table = pd.DataFrame(DEMAND[:-1], columns=["id", "community", *GROUPS, "x", "y"])
    return table.set_index("id")


def make_communities() -> pd.DataFrame:
    table = pd.DataFrame(COMMUNITIES[:-1])[[0, 1, 2, 3]]
    table.columns = ["id", "name", "street", "settlement"]
    return table.set_index("id").assign(zone=None)


def make_nearest(minutes: pd.DataFrame) -> pd.DataFrame:
    long = minutes.rename_axis("demand").reset_index()
    long = long.melt("demand", var_name="kind", value_name="minutes").dropna()
    return long.assign(facility=long["kind"].str[:1])


def measured(minutes: pd.DataFrame, demand=None, communities=None, **options) -> cover.Coverage:
    asked = {
        "groups": GROUPS,
        "kinds": tuple(minutes.columns),
        "minutes": (5, 10, 15),
        "cutoff_min": 15,
        "covered_share": 0.5,
        "group": "aged_60",
        "has": HAS,
        "linked": LINKED,
    } | options
    return cover.measure(
        make_nearest(minutes),
        demand=make_demand() if demand is None else demand,
        communities=make_communities() if communities is None else communities,
        **asked,
    )


@pytest.fixture(scope="module")
def found(toy) -> cover.Coverage:
    return measured(toy.minutes)


@pytest.mark.parametrize(
    ("kind", "minutes", "people", "aged"),
    [
        ("care_station", 5, 0, 0),
        ("care_station", 10, 310, 110),
        ("care_station", 15, 390, 130),
        ("canteen", 5, 0, 0),
        ("canteen", 10, 180, 60),
        ("canteen", 15, 290, 100),
        ("shelter", 5, 120, 50),
        ("shelter", 10, 200, 70),
        ("shelter", 15, 300, 120),
    ],
)
def test_people_by_hand(found, kind, minutes, people, aged):
    assert found.share(kind, minutes=minutes) == pytest.approx(people / 460)
    assert found.share(kind, minutes=minutes, group="aged_60") == pytest.approx(aged / 165)


@pytest.mark.parametrize(
    ("unit", "share"),
    [
        ("南街道", 230 / 270),
        ("rural", 160 / 190),
        ("A", 1),
        ("B", 80 / 120),
        ("D", 100 / 120),
        ("E", 0),
    ],
)
def test_units_by_hand(found, unit, share):
    assert found.share("care_station", minutes=15, unit=unit) == pytest.approx(share)


def test_communities_by_hand(found):
    units = found.units.set_index(["kind", "community"])
    assert units.loc["care_station", "reached"].tolist() == [True, True, True, True, False]
    assert units.loc["canteen", "reached"].tolist() == [False, True, False, True, False]
    assert units.loc["shelter", "reached"].tolist() == [False, True, True, True, False]
    assert units.loc["care_station", "has"].tolist() == [True, False, False, False, False]
    assert units.loc["canteen", "linked"].tolist() == [True, True, True, False, False]
    assert units.loc["care_station", "linked"].isna().all()
    median = units.loc["care_station", "minutes"]
    assert median.tolist()[:4] == [10, 15, 10, 10]
    assert np.isnan(median["E"]), "unreachable is missing, never a number"
    shares = found.unit_shares.set_index(["kind", "level", "unit"])
    whole = shares.loc[("canteen", "district", "*")]
    assert whole[["communities", "has", "reached", "linked"]].tolist() == [5, 1, 2, 3]
    assert whole["linked_share"] == 0.6
    assert shares.loc[("shelter", "settlement", "rural"), "reached"] == 2
    assert "zone" not in shares.index.get_level_values("level")


def test_gaps_by_hand(found):
    gaps = cover.gaps(found, make_communities(), 15)
    listed = list(zip(gaps["community"], gaps["kind"], gaps["lacking"], strict=True))
    assert listed == [
        ("A", "shelter", 40),
        ("C", "canteen", 30),
        ("A", "canteen", 30),
        ("B", "care_station", 20),
        ("D", "care_station", 10),
        ("E", "canteen", 5),
        ("E", "care_station", 5),
        ("E", "shelter", 5),
    ]
    assert gaps["rank"].tolist() == list(range(1, 9))
    assert gaps["lacking_population"].tolist() == [150, 60, 100, 40, 20, 10, 10, 10]
    assert gaps.loc[0, ["name", "street"]].tolist() == ["东里社区", "南街道"]


def test_a_share_that_was_not_measured_is_an_error(found):
    with pytest.raises(KeyError):
        found.share("canteen", minutes=7)
    with pytest.raises(KeyError):
        found.share("canteen", minutes=5, unit="nowhere")


def test_kinds_without_facilities_and_units_without_people(toy):
    demand = make_demand().query("community != 'C'")
    empty = measured(toy.minutes.drop("c1"), demand, kinds=("canteen", "health"))
    assert empty.share("health", minutes=15) == 0
    assert np.isnan(empty.share("canteen", minutes=15, unit="C")), "nobody lives there"
    (whole,) = empty.unit_shares.query("kind == 'canteen' and level == 'district'").to_dict(
        "records"
    )
    assert whole["communities"] == 4, "a community without people does not count"
    nothing = measured(toy.minutes, kinds=())
    assert nothing.units.empty
    assert nothing.people.empty
    assert cover.gaps(nothing, make_communities(), 15).empty


def test_input_is_left_alone(toy):
    demand, communities = make_demand(), make_communities()
    measured(toy.minutes, demand, communities)
    pd.testing.assert_frame_equal(demand, make_demand())
    pd.testing.assert_frame_equal(communities, make_communities())


minute = st.one_of(
    st.none(), st.sampled_from([0.0, 5.0, 10.0, 15.0, 15.0 + 1e-6]), st.floats(0, 60)
)
cities = st.lists(
    st.tuples(st.sampled_from("ABCDE"), st.integers(0, 50), st.floats(0, 1), minute, minute),
    min_size=1,
    max_size=12,
)
quick = examples(6)


def city(rows) -> tuple[pd.DataFrame, pd.DataFrame]:
    index = [f"d{i}" for i in range(len(rows))]
    demand = pd.DataFrame(
        [(place, people, people * aged) for place, people, aged, *_ in rows],
        columns=["community", *GROUPS],
        index=index,
    )
    minutes = pd.DataFrame([row[3:] for row in rows], columns=["canteen", "shelter"], index=index)
    return demand, minutes.astype(float)


@quick
@given(cities)
def test_against_plain_loops(rows):
    demand, minutes = city(rows)
    found = measured(minutes, demand)
    for kind in minutes:
        for limit in (5, 10, 15):
            for group in GROUPS:
                people = covered = 0.0
                for place in demand.index:
                    people += demand.loc[place, group]
                    if minutes.loc[place, kind] <= limit + 1e-9:
                        covered += demand.loc[place, group]
                share = found.share(kind, minutes=limit, group=group)
                assert share == pytest.approx(covered / people if people else np.nan, nan_ok=True)
        units = found.units[found.units["kind"] == kind].set_index("community")
        for unit in units.index:
            own = demand[demand["community"] == unit]
            old = own["aged_60"].sum()
            near = own["aged_60"][minutes.loc[own.index, kind] <= 15 + 1e-9].sum()
            assert units.loc[unit, "covered"] == pytest.approx(near)
            assert units.loc[unit, "reached"] == (old > 0 and near / old >= 0.5 - 1e-9)
            walks = sorted(
                (m if m == m else np.inf, w)  # noqa: PLR0124  missing is unreachable
                for m, w in zip(minutes.loc[own.index, kind], own["aged_60"], strict=True)
                if w > 0
            )
            half, so_far, median = old / 2, 0.0, np.nan
            for walk, weight in walks:
                so_far += weight
                if so_far >= half * (1 - 1e-9):
                    median = walk if np.isfinite(walk) else np.nan
                    break
            assert units.loc[unit, "minutes"] == pytest.approx(median, nan_ok=True)


@quick
@given(cities, st.floats(0, 30))
def test_coverage_grows_with_minutes_and_with_facilities(rows, faster):
    demand, minutes = city(rows)
    before = measured(minutes, demand)
    table = before.people.set_index(["kind", "level", "unit", "group", "minutes"])["covered"]
    wide = table.unstack()  # noqa: PD010  one column for each limit
    assert (wide.diff(axis=1).iloc[:, 1:] >= -1e-9).all().all()
    people = before.people
    assert (people["covered"] <= people["people"] + 1e-9).all()
    # One more facility: nobody's nearest is farther than before.
    nearer = minutes.assign(canteen=minutes["canteen"].fillna(60).clip(upper=faster))
    after = measured(nearer, demand).people.set_index(table.index.names)["covered"]
    assert (after >= table - 1e-9).all()


@quick
@given(cities, st.randoms(use_true_random=False))
def test_order_and_ids_change_nothing(rows, random):
    demand, minutes = city(rows)
    order = list(demand.index)
    random.shuffle(order)
    new = {label: f"x{i}" for i, label in enumerate(order)}
    shuffled = measured(minutes.loc[order].rename(new), demand.loc[order].rename(new))
    plain = measured(minutes, demand)
    pd.testing.assert_frame_equal(shuffled.people, plain.people)
    pd.testing.assert_frame_equal(shuffled.units, plain.units)
    pd.testing.assert_frame_equal(shuffled.unit_shares, plain.unit_shares)


@quick
@given(cities)
def test_parts_sum_to_the_whole(rows):
    demand, minutes = city(rows)
    found = measured(minutes, demand)
    people = found.people.groupby(["kind", "group", "minutes", "level"])[
        ["people", "covered"]
    ].sum()
    for column in people:
        wide = people[column].unstack().drop(columns="zone", errors="ignore")  # noqa: PD010
        np.testing.assert_allclose(wide.sub(wide["district"], axis=0), 0, atol=1e-6)
    shares = found.unit_shares
    for name in ("has", "reached", "linked"):
        within = shares[f"{name}_share"].dropna()
        assert within.between(0, 1).all()
        sums = shares.groupby(["kind", "level"])[name].sum(min_count=1).unstack()  # noqa: PD010
        if len(sums):
            assert (sums["street"].dropna() == sums["district"].dropna()).all()
