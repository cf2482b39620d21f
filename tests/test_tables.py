"""Raw data are brought to the contracts, and every fault is named with its file, row and value."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from support.examples import examples

from planner.district.tables import conform, group_columns, in_operation
from planner.errors import Problems
from planner.standards import kinds

PLACE = shapely.Point(121, 30)
SQUARE = shapely.box(0, 0, 1, 1)


def points(columns: dict, shape=PLACE) -> gpd.GeoDataFrame:
    frame = pd.DataFrame(columns)
    frame.index += 2
    return gpd.GeoDataFrame(frame, geometry=[shape] * len(frame), crs="EPSG:4326")


def conformed(raw, table="facilities", **options):
    problems = Problems()
    before = raw.copy(deep=True)
    result = conform(raw, table, file="f.csv", problems=problems, kinds=kinds(), **options)
    pd.testing.assert_frame_equal(raw, before)
    assert result.index.equals(raw.index)
    for lang in ("zh", "en"):
        assert all("f.csv" in problem.say(lang) for problem in problems.found)
    found = [(p.key.removeprefix("tables."), p.row, p.value) for p in problems.found]
    return result, found


@pytest.mark.parametrize(
    "heads",
    [
        ["id", "name", "kind", "capacity", "status", "opened"],
        ["编号", "设施名称", "设施类型", "床位数", "状态", "启用年份"],
        ["編號", "設施名稱", "設施類型", "床位數", "狀態", "啟用年份"],
        [" Code ", "Facility", "TYPE", "容量（张）", "运营状态", "Opening_Year"],
    ],
)
@pytest.mark.parametrize(
    "words",
    [
        ("care_station", "open"),
        ("居家养老服务站", "已建"),
        ("社區照顧關懷據點", "運營"),
        ("Care Station", None),
    ],
)
def test_columns_and_words_by_alias(heads, words):
    kind, status = words
    raw = points(
        dict(zip(heads, [["1"], [" 甲 "], [kind], ["1,200"], [status], ["2018年"]], strict=True))
    )
    result, found = conformed(raw)
    assert found == []
    row = result.iloc[0]
    assert row[["id", "name", "kind", "status"]].tolist() == ["1", "甲", "care_station", "existing"]
    assert (row["capacity"], row["opened"]) == (1200, 2018)
    assert pd.isna(row["closed"])
    assert pd.isna(row["floor_area_m2"])
    assert result.crs == raw.crs


def test_columns_by_the_scenario_sum_and_overrule():
    raw = points({"n": ["a"], "a": [3], "b": ["4"], "capacity": [9], "kind": ["shelter"]})
    columns = {"name": "N", "capacity": ["a", "b"]}
    result, found = conformed(raw, columns=columns, constants={"kind": "canteen", "tier": None})
    assert found == []
    assert result[["name", "capacity", "kind"]].iloc[0].tolist() == ["a", 7, "canteen"]


def test_demand_groups_by_alias_and_by_the_scenario():
    raw = points({"人口": [10, 20], "60岁以上": [1, None], "孤老": [2, 3], "b": [0, 1]})
    result, found = conformed(raw, "demand", groups={"alone": ["孤老", "b"]})
    assert found == []
    assert group_columns(result) == ["population", "alone", "aged_60"]
    assert result["alone"].tolist() == [2, 4]
    assert result["aged_60"].isna().tolist() == [False, True]


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"capacity": ["many", "5"]}, [("not_a_number", "2", "many")]),
        ({"capacity": ["1e400", "5"]}, [("not_a_number", "2", "1e400")]),
        ({"capacity": [-1, 5]}, [("too_small", "2", -1)]),
        ({"id": ["7", "7"]}, [("duplicate", "3", "7")]),
        ({"name": ["a", " "]}, [("missing_value", "3", " ")]),
        ({"kind": ["canteen", "casino"]}, [("unknown_kind", "3", "casino")]),
        ({"kind": ["canteen", None]}, [("missing_value", "3", None)]),
        ({"status": ["x", "open"]}, [("unknown_value", "2", "x")]),
        ({"opened": ["18", "2018-05-01"]}, [("not_a_year", "2", "18")]),
        ({"opened": ["20180501", "2018.0"]}, [("not_a_year", "2", "20180501")]),
        (
            {"capacity": ["x", -1], "kind": ["y", None]},
            [
                ("unknown_kind", "2", "y"),
                ("missing_value", "3", None),
                ("not_a_number", "2", "x"),
                ("too_small", "3", -1),
            ],
        ),
    ],
)
def test_faults_of_values(changes, found):
    raw = points({"id": ["1", "2"], "name": ["a", "b"], "kind": ["canteen"] * 2} | changes)
    named = [
        (key, row, value if isinstance(value, int | None) else str(value))
        for key, row, value in conformed(raw)[1]
    ]
    assert sorted(named, key=str) == sorted(found, key=str)


def test_missing_columns_are_all_named():
    _, found = conformed(points({"x": [1]}))
    assert found == [("missing_column", None, "name"), ("missing_column", None, "kind")]
    _, found = conformed(
        points({"nam": ["a"]}), columns={"name": "name", "kin": "x"}, constants={"kind": "canteen"}
    )
    assert found == [("no_such_column", None, "name"), ("not_in_contract", None, "kin")]


def test_a_column_the_scenario_names_wrongly_is_not_also_missing():
    problems = Problems()
    raw = points({"nam": ["a"], "kind": ["canteen"]})
    conform(raw, "facilities", file="f", problems=problems, kinds=kinds(), columns={"name": "nme"})
    assert [(p.key, p.params["hint"]["en"]) for p in problems.found] == [
        ("tables.no_such_column", "The nearest is: nam.")
    ]


def test_every_fault_of_one_kind_is_kept_with_its_row():
    raw = points({"name": ["a"] * 50, "kind": ["casino"] * 50})
    _, found = conformed(raw)
    assert [key for key, *_ in found] == ["unknown_kind"] * 50
    assert [row for _, row, _ in found] == [str(row) for row in range(2, 52)]


@pytest.mark.parametrize(
    ("shape", "found"),
    [
        (SQUARE, []),
        (None, ["empty_geometry"]),
        (shapely.Polygon(), ["empty_geometry"]),
        (shapely.LineString([(0, 0), (1, 1)]), ["no_polygons"]),
        (PLACE, []),  # boundaries are estimated
        (shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]), ["invalid_polygon"]),
    ],
)
def test_faults_of_polygons(shape, found):
    raw = points({"id": ["1"], "name": ["a"], "population": [5]}, shape)
    assert [key for key, *_ in conformed(raw, "communities")[1]] == found


def test_one_shape_among_polygons_that_is_none_is_named_with_its_row():
    raw = points({"id": ["1", "2"], "name": ["a", "b"], "population": [5, 6]}, SQUARE)
    raw.loc[3, "geometry"] = PLACE
    assert conformed(raw, "communities")[1] == [("not_a_polygon", "3", "Point")]


def test_a_way_among_places_is_no_place():
    raw = points({"name": ["a", "b", "c"], "kind": ["canteen"] * 3}, SQUARE)
    raw.loc[3, "geometry"] = shapely.LineString([(0, 0), (1, 1)])
    raw.loc[4, "geometry"] = PLACE
    assert conformed(raw)[1] == [("line_for_place", "3", "LineString")]


@pytest.mark.parametrize(
    ("written", "number"),
    [("50人", 50), ("1,200 张", 1200), ("３００㎡", 300), ("85.5 m²", 85.5), ("40 m2", 40)],
)
def test_a_unit_behind_a_number_changes_nothing(written, number):
    raw = points({"name": ["a"], "kind": ["canteen"], "capacity": [written]})
    result, found = conformed(raw)
    assert not found
    assert result["capacity"].tolist() == [number]


@pytest.mark.parametrize("written", ["约50人", "3万人", "2亩", "人", "5-8人", "2 km2"])
def test_what_is_no_plain_number_is_refused(written):
    raw = points({"name": ["a"], "kind": ["canteen"], "可安置人数（人）": [written]})
    problems = Problems()
    conform(raw, "facilities", file="f.csv", problems=problems, kinds=kinds())
    (problem,) = problems.found
    assert (problem.key, problem.value) == ("tables.not_a_number", written)
    assert problem.params["column"] == "可安置人数（人）", "as the file calls it"


def test_shapes_of_facilities_become_points_inside():
    crescent = shapely.Point(0, 0).buffer(3) - shapely.Point(1, 0).buffer(3)
    result, found = conformed(points({"name": ["a"], "kind": ["canteen"]}, crescent))
    assert found == []
    assert result.geom_type.tolist() == ["Point"]
    assert crescent.contains(result.geometry.iloc[0])


def test_a_table_without_places_is_named():
    _, found = conformed(pd.DataFrame({"name": ["a"], "kind": ["canteen"]}))
    assert found == [("no_geometry", None, None)]


def test_numbers_that_are_ids_lose_their_decimals():
    raw = pd.DataFrame(
        {"facility": [1.0, 2.0], "community": ["A", "B"], "link": ["送餐", "assignment"]}
    )
    result, found = conformed(raw, "links")
    assert found == []
    rows = result[["facility", "community", "link"]].to_numpy().tolist()
    assert rows == [["1", "A", "delivery"], ["2", "B", "assignment"]]


@pytest.mark.parametrize(
    ("status", "opened", "closed", "operating"),
    [
        # in 2010, 2015, 2020, and with no year named
        ("existing", None, None, [True, True, True, True]),
        ("existing", 2015, None, [False, True, True, True]),
        ("existing", 2010, 2015, [True, False, False, False]),
        ("existing", None, 2015, [True, False, False, False]),
        ("closed", 2010, 2015, [True, False, False, False]),
        ("closed", None, 2015, [True, False, False, False]),
        ("closed", 2010, None, [False, False, False, False]),
        ("closed", None, None, [False, False, False, False]),
        ("proposed", 2015, None, [False, True, True, False]),
        ("proposed", None, None, [False, False, False, False]),
        ("under_construction", 2020, None, [False, False, True, False]),
        ("proposed", 2010, 2015, [True, False, False, False]),
    ],
)
def test_operation_by_year(status, opened, closed, operating):
    table = pd.DataFrame(
        {
            "status": [status],
            "opened": pd.array([opened], "Int64"),
            "closed": pd.array([closed], "Int64"),
        },
        index=["a"],
    )
    found = [in_operation(table, year) for year in (2010, 2015, 2020, None)]
    assert [bool(one["a"]) for one in found] == operating
    assert all(one.dtype == bool for one in found)


@examples(15)
@given(st.lists(st.one_of(st.none(), st.floats(0, 1e9), st.integers(0, 10**9)), min_size=1))
def test_numbers_come_through_as_text_or_number(values):
    raw = points(
        {"name": ["a"] * len(values), "kind": ["canteen"] * len(values), "capacity": values}
    )
    texts = raw.assign(capacity=[None if v is None else repr(v) for v in values])
    as_numbers, as_text = (conformed(frame)[0]["capacity"] for frame in (raw, texts))
    np.testing.assert_array_equal(as_numbers, as_text)


def test_attributes_are_found_by_alias_and_named_ones_kept():
    raw = points(
        {
            "名称": ["甲", "乙"],
            "类型": ["机构养老", "机构养老"],
            "護理型床位（張）": ["12", ""],
            "星级": ["三星", None],
            "院长": ["张", 7],
            "电话": ["1", "2"],
        }
    )
    result, found = conformed(
        raw, constants={"kind": "institution"}, attributes={"director": "院長"}
    )
    assert found == []
    assert result["nursing_beds"].tolist() == pytest.approx([12, np.nan], nan_ok=True)
    assert result["star"].tolist() == ["三星", None]
    assert result["director"].tolist() == ["张", 7]
    assert not {"电话", "院长", "dementia_beds"} & set(result.columns)


def test_attributes_by_name_take_any_column():
    raw = points({"name": ["甲"], "类型": ["老年食堂"], "护理床位": [3], "beds_b": [9]})
    chosen, found = conformed(raw, columns={"nursing_beds": "beds_b"})
    assert (chosen["nursing_beds"].tolist(), found) == ([9], [])
    both, found = conformed(raw, attributes={"nursing_beds": "beds_b"})
    assert (both["nursing_beds"].tolist(), found) == ([9], [])


@pytest.mark.parametrize(
    ("column", "value", "fault"),
    [
        ("护理床位", "many", ("not_a_number", "2", "many")),
        ("护理床位", "-1", ("too_small", "2", "-1")),
    ],
)
def test_attributes_are_checked_as_columns_are(column, value, fault):
    raw = points({"name": ["甲"], "类型": ["老年食堂"], column: [value]})
    assert conformed(raw)[1] == [fault]


def test_an_attribute_that_the_data_lack_is_named():
    raw = points({"name": ["甲"], "类型": ["老年食堂"], "星级": ["三星"]})
    _, found = conformed(raw, attributes={"rooms": "房间"})
    assert found == [("no_such_column", None, "房间")]


def test_attributes_of_communities_count_nobody():
    frame = gpd.GeoDataFrame(
        {"编号": ["1"], "名称": ["甲村"], "人口": [10], "示范村": ["是"], "组": ["一组"]},
        geometry=[SQUARE],
        crs="EPSG:4326",
    )
    result, found = conformed(frame, "communities", attributes={"guide": "组"})
    assert found == []
    assert result[["demonstration", "hamlet", "guide"]].iloc[0].tolist() == ["是", "一组", "一组"]
    assert group_columns(result) == ["population"]
