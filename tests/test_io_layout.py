"""Sheets as offices lay them out: headers over two rows, merged cells, totals, remarks."""

import csv
import io
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

from planner import api
from planner.district.cells import fault_of
from planner.district.reading import sheets
from planner.district.reading.layout import table
from planner.district.reading.read import read_raw
from planner.district.tables import conform
from planner.errors import PlannerError, Problems
from planner.settings import Source
from planner.standards import kinds

HERE = Path(__file__).parent
HEAD = ["编号", "名称", "经度", "纬度"]
ONE, TWO = ["1", "甲", "121.81", "29.88"], ["2", "乙", "121.82", "29.89"]


def laid_out(*rows, merged=()):
    """Lay rows out; nothing may be wrong."""
    return table([list(row) for row in rows], lambda key, **_: pytest.fail(key), merged=merged)


def test_a_real_xls_with_all_of_it():
    """Written by xlwt in the format of Excel 97: calamine alone stands between it and us."""
    problems = Problems()
    source = Source(file="canteens.xls", datum="gcj02")
    raw = read_raw(source, HERE, problems)
    assert raw.asides == (7, 8)
    assert raw.frame.index.tolist() == [4, 5, 6]
    names = ["序号", "名称", "经度", "纬度", "餐位", "启用年份", "状态"]
    assert raw.frame.columns.tolist() == [*names, "geometry"]
    kind = {"kind": "canteen"}
    found = conform(
        raw.frame, "facilities", file=raw.file, problems=problems, constants=kind, kinds=kinds()
    )
    # A number merged over rows: what the second of them has is not known.
    assert [(p.key, p.row, p.value) for p in problems.found] == [("tables.merged_cell", "6", "140")]
    assert found["id"].tolist() == ["1", "2", "3"]
    assert found["name"].tolist() == ["东街食堂", "西街食堂", "甲_x0041_乙"]
    assert found["opened"].tolist() == [2015, 2016, 2017]
    assert found["status"].tolist() == ["existing", "under_construction", "under_construction"]
    assert found["capacity"].tolist()[:2] == [120, 140]
    assert pd.isna(found["capacity"].iloc[2])


@pytest.mark.parametrize(
    "word", ["合计", "合 计", "總計", "小计：", "共计（个）", "Total", "Sub-total"]
)
def test_totals_are_no_data(word):
    frame, asides = laid_out(HEAD, ONE, [word, "", "", ""], TWO, ["", word, "", "2"])
    assert frame["名称"].tolist() == ["甲", "乙"]
    assert asides == (3, 5)


@pytest.mark.parametrize(
    "remark", ["注：数据截至2024年底", "填表人:张三", "数据来源：民政局", "备 注： 无"]
)
def test_remarks_are_no_data(remark):
    frame, asides = laid_out(HEAD, ONE, TWO, [remark, "审核人：李四", "", ""])
    assert len(frame) == 2
    assert asides == (4,)


def test_what_only_begins_like_totals_is_data():
    rows = [["3", "合计村食堂", "121.8", "29.8"], ["注", "注重路站", "121.8", "29.8"]]
    frame, asides = laid_out(HEAD, *rows)
    assert len(frame) == 2
    assert asides == ()


def test_a_header_over_two_rows():
    upper = ["编号", "名称", "坐标", "", "人口", "", "备注"]
    lower = ["", "", "经度", "纬度", "男", "女", ""]
    frame, _ = laid_out(["一览表"], upper, lower, ["1", "甲", "121.8", "29.8", "3", "4", ""])
    assert frame.columns.tolist() == ["编号", "名称", "经度", "纬度", "男", "女", "备注"]
    assert frame.index.tolist() == [4]


def test_names_that_stand_twice_below_keep_what_stands_above():
    upper = ["编号", "60岁以上", "", "80岁以上", ""]
    lower = ["", "男", "女", "男", "女"]
    frame, _ = laid_out(upper, lower, ["1", "2", "3", "4", "5"])
    names = ["60岁以上男", "60岁以上女", "80岁以上男", "80岁以上女"]
    assert frame.columns.tolist() == ["编号", *names]


@pytest.mark.parametrize("first", [["", "甲", "121.8", "29.8"], ["", "甲", "未知", ""]])
def test_a_first_row_with_gaps_is_data(first):
    frame, _ = laid_out(HEAD, first, TWO)
    assert frame.columns.tolist() == HEAD
    assert len(frame) == 2


@pytest.mark.parametrize("first", [["1", "甲", "121.8"], ["", "甲", "121.8"], ["1", "甲", "未知"]])
def test_a_column_without_a_name_does_not_make_a_header_of_data(first):
    frame, _ = laid_out(["编号", "", "经度"], first, ["2", "乙", "121.9"])
    assert len(frame) == 2


def test_words_merged_over_rows_hold_for_each_and_numbers_are_told(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    rows = [
        ["街道", "名称", "床位", "经度", "纬度"],
        ["东街", "甲", 50, 121.81, 29.88],
        [None, "乙", None, 121.82, 29.89],
        ["西街", "丙", 10, 121.83, 29.9],
    ]
    for row in rows:
        sheet.append(row)
    sheet.merge_cells("A2:A3")
    sheet.merge_cells("C2:C3")
    book.save(tmp_path / "a.xlsx")
    raw = read_raw(Source(file="a.xlsx", datum="wgs84"), tmp_path, Problems())
    assert raw.frame["街道"].tolist() == ["东街", "东街", "西街"]
    assert raw.frame["床位"].iloc[[0, 2]].tolist() == [50, 10]
    assert fault_of(raw.frame["床位"].iloc[1]) == "merged"


@pytest.mark.parametrize("area", ["B2:C3", "B2:C2", "B2:B3"])
def test_a_number_merged_over_cells_in_any_direction_is_told(tmp_path, area):
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (["名称", "床位", "餐位"], ["甲", 50, None], ["乙", None, None], ["丙", 10, 5]):
        sheet.append(row)
    sheet.merge_cells(area)
    book.save(tmp_path / "a.xlsx")
    raw = read_raw(Source(file="a.xlsx"), tmp_path, Problems())
    faults = raw.frame.map(fault_of)
    rows, columns = {"B2:C3": (2, 2), "B2:C2": (1, 2), "B2:B3": (2, 1)}[area]
    assert (faults == "merged").sum().sum() == rows * columns - 1
    assert pd.isna(faults.loc[2, "床位"])


def test_hidden_rows_are_read_and_told(toy, toy_city):
    book = openpyxl.Workbook()
    sheet = book.active
    stations = toy.sheets["stations"].astype(object)
    for row in [list(stations.columns), *stations.to_numpy().tolist()]:
        sheet.append([None if pd.isna(cell) else cell for cell in row])
    sheet.row_dimensions[3].hidden = True
    book.save(toy_city.parent / "stations.xlsx")
    text = toy_city.read_text("utf-8").replace("stations.csv", "stations.xlsx")
    toy_city.write_text(text, "utf-8")
    found = api.check(toy_city)
    told = dict(found.area.notes)["area.hidden_rows"]
    assert told == {"file": "stations.xlsx", "n": 1, "rows": "3"}
    assert {"S1", "S2", "S3"} <= set(found.area.facilities.index)


@pytest.mark.parametrize("cover", [[], [["填表说明"], ["请如实填写"]]])
def test_where_something_is_missing_other_sheets_are_named(toy_city, cover):
    book = openpyxl.Workbook()
    book.active.title = "封面"
    for row in cover:
        book.active.append(row)
    book.create_sheet("名单").append(["id", "name"])
    book.save(toy_city.parent / "stations.xlsx")
    text = toy_city.read_text("utf-8").replace("stations.csv", "stations.xlsx")
    toy_city.write_text(text, "utf-8")
    with pytest.raises(PlannerError) as raised:
        api.check(toy_city)
    (told,) = [one for one in raised.value.problems if one.key == "io.only_sheet"]
    assert (told.file, told.value, told.params["others"]) == ("stations.xlsx", "封面", "名单")


def test_a_heading_over_columns_of_which_one_holds_data_is_its_heading():
    merged = [((0, 1), (0, 2))]
    frame, _ = laid_out(["编号", "名称", "", "经度"], ["1", "甲", "", "121"], merged=merged)
    assert frame.columns.tolist() == ["编号", "名称", "经度"]
    two_rows = [["编号", "位置", ""], ["", "经度", "纬度"], ["1", "121", "29"]]
    frame, _ = laid_out(*two_rows, merged=[((0, 1), (0, 2))])
    assert frame.columns.tolist() == ["编号", "经度", "纬度"]


def test_a_heading_over_two_columns_of_data_is_noted():
    told = []
    rows = [["编号", "床位", "", "经度"], ["1", "20", "5", "121"]]
    table(rows, lambda key, **values: told.append((key, values)), merged=[((0, 1), (0, 2))])
    assert told == [("io.merged_heading", {"row": 1, "value": "床位", "columns": "B–C"})]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_regular_text_is_parted_as_by_the_reader_of_the_language(end):
    """A text without quotes is parted column by column; what it cannot part goes the other way."""
    rng = np.random.default_rng(7)
    parts = ["a", "", " ", "\t", "1,200", "站", "\u3000", "\x85", "\u2028", "\x0c", "'", '"', "\r"]
    taken = 0
    for _ in range(500):
        wide = int(rng.integers(1, 5))
        lines = [
            ";".join(rng.choice(parts, wide + int(rng.random() < 0.03)).tolist())
            for _ in range(int(rng.integers(1, 5)))
        ]
        text = end.join(lines) + end * int(rng.integers(0, 3))
        counts = [line.count(";") for line in text.split("\n")]
        cells = sheets._regular(text, ";", counts)
        if cells is not None:
            taken += 1
            assert cells.tolist() == list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))
    assert 50 < taken < 450


def test_an_array_of_cells_is_laid_out_as_lists_are():
    rows = [["一览表", "", "", ""], HEAD, ONE, ["", " ", None, ""], TWO, ["合计", "", 2.5, ""]]
    rows += [[str(n), f"站{n}", "\u3000", "29.9"] for n in range(3, 2003)]
    frame, asides = laid_out(*rows)
    again, same = table(np.array(rows, dtype=object), lambda key, **_: pytest.fail(key))
    pd.testing.assert_frame_equal(frame, again)
    assert asides == same == (6,)
    assert frame["经度"].isna().sum() == 2000
    assert frame.index[:3].tolist() == [3, 5, 7]
