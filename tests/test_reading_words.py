"""Words, numbers and years of cells and headings: nothing in them is dropped unknowingly."""

from __future__ import annotations

import math

import openpyxl
import pandas as pd
import pytest

from planner import api
from planner.district.cells import fault_of, number, year
from planner.district.matching import normal, value_key
from planner.district.reading.read import read_raw
from planner.district.tables import Understanding, conform
from planner.errors import InputError, Problem, Problems, grouped
from planner.settings import Source
from planner.standards import kinds


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("运营", "运营（2019年起暂停）"), ("幸福站（东）", "幸福站（西）"),
        ("A-1", "A1"), ("1-2", "12"),
        ("人口（男）", "人口（女）"), ("幸福站①", "幸福站1"), ("10²", "102"), ("甲'站'", "甲站"),
    ],
)  # fmt: skip
def test_what_differs_stays_different(one, two):
    assert normal(one) != normal(two)
    assert value_key(one) != value_key(two)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("人口（人）", "人口(人)"),
        ("狀態", "状态"),
        (" Ｏpen ", "open"),
        ("care_station", "Care Station"),
    ],
)
def test_what_is_equal_is_equal(one, two):
    assert normal(one) == normal(two)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("1,200", 1200), ("1,200,000.5", 1_200_000.5), ("20，30", None), ("1,5", None),
        ("0,500", None), ("12,34", None), ("1.234,5", None), ("20、30", None), ("12①", None),
        ("5²", None), ("50%", None), ("2万", None), ("50人", 50), (True, None), ("１２", 12),
        ("3-5", None), ("1 200", None), ("nan", None), ("inf", None), ("30（含护理10）", None),
    ],
)  # fmt: skip
def test_numbers(cell, value):
    found = number(cell)
    assert (None if math.isnan(found) else found) == value


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("2019年1月", 2019), ("2019-01-31 00:00:00", 2019), ("2019.6", 2019), ("2019年底", 2019),
        ("2018-2020", None), ("2019（2021年关闭）", None), ("2019年起暂停", None),
        ("2019-13", None), ("0001", None), (2019.0, 2019),
    ],
)  # fmt: skip
def test_years(cell, value):
    assert year(cell) == value


def facilities(**columns):
    raw = pd.DataFrame({"名称": ["甲"], **{name: [cell] for name, cell in columns.items()}})
    problems, told = Problems(), Understanding()
    frame = conform(
        raw,
        "facilities",
        file="f.csv",
        problems=problems,
        constants={"kind": "canteen"},
        kinds=kinds(),
        understood=told,
    )
    return frame, [p.key for p in problems.found if p.key != "tables.no_geometry"], told


@pytest.mark.parametrize(
    ("heading", "cell", "field", "value"),
    [
        ("日供餐能力（份）", "120", "capacity", 120), ("核定床數", "30", "capacity", 30),
        ("核定總床位數", "30", "capacity", 30), ("床位（张）", "30", "capacity", 30),
        ("床位（百张）", "3", "capacity", 300), ("建筑面积（亩）", "3", "floor_area_m2", 2000),
        ("建筑面积（万㎡）", "0.5", "floor_area_m2", 5000),
        ("开业时间", "2019年1月", "opened", 2019),
        ("开业时间（年）", "2019", "opened", 2019), ("状态", "正常运营", "status", "existing"),
        ("状态", "已建成", "status", "existing"), ("状态", "營業", "status", "existing"),
        ("状态", "停业", "status", "closed"), ("床位（男）", "30", "capacity", None),
        ("床位（2023年）", "30", "capacity", 30), ("床位[张]", "30", "capacity", 30),
        ("运营状况", "停业", "status", "closed"), ("是否运营", "否", "status", "closed"),
        ("營運狀態", "試營業", "status", "existing"), ("使用情况", "未启用", "status", "proposed"),
        ("建设进度", "在施", "status", "under_construction"),
        ("日均供餐能力（份）", "120", "capacity", 120), ("預計收容人數", "80", "capacity", 80),
        ("养老床位数（张）", "30", "capacity", 30), ("学位", "30", "capacity", 30),
        ("投入运营时间", "2019-05", "opened", 2019), ("始建年份", "2019", "opened", 2019),
        ("关停时间", "2021年3月", "closed", 2021), ("停办年份", "2021", "closed", 2021),
        ("房屋面积（㎡）", "300", "floor_area_m2", 300),
    ],
)  # fmt: skip
def test_headings_and_words_of_offices(heading, cell, field, value):
    frame, faults, told = facilities(**{heading: cell})
    assert faults == []
    found = frame[field].iloc[0] if field in frame else None
    if value is None:
        assert pd.isna(found) or (field, found) == ("status", "existing")
        assert told.unused == (heading,)
        assert told.near == {heading: field}
    else:
        assert found == pytest.approx(value) if isinstance(value, int) else found == value
        assert told.fields[field] == (heading,)


@pytest.mark.parametrize("name", [
        "食堂名称", "中心名称", "单位名称", "项目名称", "站名", "助餐点", "避难场所名称",
        "日间照料中心名称", "长者食堂名称", "收容所名稱", "名字",
    ],
)  # fmt: skip
def test_names_of_facilities(name):
    raw = pd.DataFrame({name: ["甲"]})
    problems = Problems()
    found = conform(
        raw, "facilities", file="f", problems=problems, constants={"kind": "canteen"}, kinds=kinds()
    )
    assert found["name"].tolist() == ["甲"]


@pytest.mark.parametrize(
    "code",
    [
        "编码",
        "社区代码",
        "村（社区）编码",
        "行政区划代码",
        "统计用区划代码",
        "居委会代码",
        "V_ID",
        "社区ID",
        "村居ID",
        "统计局代码",
        "国标码",
        "GEOID",
    ],
)
@pytest.mark.parametrize("name", ["社区名", "村（社区）名称", "居委会", "行政村名称", "居委名称"])
@pytest.mark.parametrize(
    "people",
    [
        "户籍人口", "实有人口", "人数", "pop2020", "常住人口（万人）", "七普常住人口", "人口总量",
        "常住人數", "2020年常住人口",
    ],
)  # fmt: skip
def test_headings_of_communities(code, name, people):
    raw = pd.DataFrame({code: ["1"], name: ["甲"], people: [2]})
    problems = Problems()
    found = conform(raw, "communities", file="c", problems=problems)
    assert [p.key for p in problems.found] == ["tables.no_geometry"]
    assert found["population"].tolist() == [20_000 if "万" in people else 2]


@pytest.mark.parametrize(
    ("heading", "group"),
    [
        ("60周岁及以上人口", "aged_60"), ("60岁以上老年人", "aged_60"), ("老年人口数", "aged_60"),
        ("65岁及以上人口", "aged_65"), ("80周岁以上", "aged_80"), ("高龄人口", "aged_80"),
        ("低保人口（人）", "low_income"), ("失能老人数", "disabled_severe"),
    ],
)  # fmt: skip
def test_headings_of_groups(heading, group):
    raw = pd.DataFrame({"编号": ["1"], "名称": ["甲"], "人口": [9], heading: [3]})
    found = conform(raw, "communities", file="c", problems=Problems())
    assert found[group].tolist() == [3]


@pytest.mark.parametrize("heading", ["60岁以上（男）", "60岁以上（独居）", "60岁以上户数"])
def test_a_part_of_a_group_is_not_the_group(heading):
    raw = pd.DataFrame({"编号": ["1"], "名称": ["甲"], "人口": [9], heading: [3]})
    assert "aged_60" not in conform(raw, "communities", file="c", problems=Problems())


def test_no_heading_or_word_stands_for_two_things():
    """An alias that two columns of a table had would go to the first without a word."""
    import tomllib  # noqa: PLC0415
    from importlib.resources import files  # noqa: PLC0415

    said = tomllib.loads(files("planner.district").joinpath("tables.toml").read_text("utf-8"))
    tables = [
        {
            name: [name, *rule.get("aliases", [])]
            for name, rule in {**table["columns"], **table.get("attributes", {})}.items()
        }
        for table in said.values()
        if "columns" in table
    ]
    people = said["communities"]["columns"]
    groups = {name: [name, *words] for name, words in said["groups"].items()}
    groups |= {name: [name, *rule.get("aliases", [])] for name, rule in people.items()}
    words = {
        f"{name} {choice}": [choice, *own]
        for name, rule in said["facilities"]["columns"].items()
        for choice, own in rule.get("choices", {}).items()
    }
    assert len(tables) == 8
    for meant in (*tables, groups, words):
        plain = [word for own in meant.values() for word in {normal(one) for one in own}]
        assert sorted(plain) == sorted(set(plain))


def test_two_columns_that_fit_alike_are_not_chosen_between():
    raw = pd.DataFrame({"编号": ["1"], "名称": ["甲"], "人口（人）": [2], "人口（万人）": [2]})
    problems = Problems()
    conform(raw, "communities", file="c", problems=problems)
    assert [p.key for p in problems.found][:1] == ["tables.two_columns"]


def test_a_wrong_word_of_the_scenario_is_told_once_and_of_the_scenario():
    raw = pd.DataFrame({"名称": ["甲"] * 50})
    problems = Problems()
    conform(
        raw, "facilities", file="f.csv", problems=problems, constants={"kind": "canten"},
        kinds=kinds(), scenario_key="facilities.0",
    )  # fmt: skip
    (fault,) = [p for p in problems.found if p.key == "tables.unknown_kind"]
    assert (fault.file, fault.row, fault.value) == ("facilities.0.kind", None, "canten")


def test_cells_of_excel_that_say_nothing(tmp_path):
    book = openpyxl.Workbook()
    hidden, seen = book.active, book.create_sheet("2024")
    hidden.sheet_state = "hidden"
    hidden.append(["旧"])
    for row in (
        ["名称", "床位", "经度", "纬度"],
        ["甲", "#REF!", 121.8, 29.9],
        ["乙", "=B2*2", 121.8, 29.9],
    ):
        seen.append(row)
    seen["B2"].data_type = "e"
    book.save(tmp_path / "a.xlsx")
    problems = Problems()
    raw = read_raw(Source(file="a.xlsx", datum="wgs84"), tmp_path, problems)
    assert (problems.found, raw.sheet, raw.other_sheets) == ([], "2024", ("Sheet",))
    assert raw.frame["床位"].map(fault_of).tolist() == ["error", "unkept"]


def test_of_many_problems_of_a_kind_twenty_are_put_in_words():
    many = [Problem(key="io.empty", file="a.csv", row=row, value=0) for row in range(6404)]
    many.append(Problem(key="io.empty", file="b.csv", value=0))
    lines = grouped(many, "en")
    assert len(lines) == 22
    assert lines[20] == "a.csv: 6384 more problems of this kind."
    assert str(InputError(many)).count("\n") == 21


@pytest.mark.parametrize("said", ["单位：万人", "（计量单位：万元）", "单位：千人、平方米"])
def test_a_unit_above_the_header_is_asked_about(tmp_path, said):
    (tmp_path / "a.csv").write_text(f"一览表\n{said}\n编号,名称,人口\n1,甲,2\n", encoding="utf-8")
    problems = Problems()
    read_raw(Source(file="a.csv"), tmp_path, problems)
    assert [(p.key, p.row) for p in problems.found] == [("io.counted_in", 2)]


def test_who_filled_it_in_is_no_unit(tmp_path):
    text = "一览表\n填报单位：万里街道办\n编号,名称,人口\n1,甲,2\n"
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    problems = Problems()
    read_raw(Source(file="a.csv"), tmp_path, problems)
    assert problems.found == []


def test_an_office_says_what_its_words_mean(toy_city):
    folder = toy_city.parent
    stations = pd.read_csv(folder / "stations.csv")  # noqa: TID251
    stations["status"] = stations["status"].replace({"existing": "幸福运转", "closed": "已 归档"})
    stations.to_csv(folder / "stations.csv", index=False)
    found = api.check(toy_city, raises=False)
    assert {one.key for one in found.problems} == {"tables.unknown_value"}
    assert "[words]" in found.problems[0].say("en")
    said = ['words={"幸福运转"="existing", "已归档"="closed"}']
    area = api.check(toy_city, set=said).area
    status = area.facilities.query("kind == 'care_station'")["status"].tolist()
    assert status == ["existing", "proposed", "closed"]


def test_a_word_that_is_said_to_mean_nothing_known(toy_city):
    found = api.check(toy_city, set=['words={"运转"="exists"}'], raises=False)
    (problem,) = found.problems
    assert (problem.file, problem.value) == ("words", "exists")
    assert "existing" in problem.say("en")
