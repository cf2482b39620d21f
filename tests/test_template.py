"""The workbook to fill in: what it asks for, that it reads back, and that it computes the same."""

import dataclasses
import re
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
from conftest import METRIC

from planner import api, cli
from planner.district.assessment import answers_of, lacks, nothing_known, tier_of
from planner.district.fields import Notes, find_columns, find_groups
from planner.district.matching import normal
from planner.district.tables import columns_of, groups_known
from planner.errors import PlannerError, Problems
from planner.language import spelling
from planner.output.template import script, template
from planner.standards import Profile, kinds, profile_names, read_profile

PROFILE = "beilun-2018"
ALL = Profile(
    id="all",
    zh="全部",
    en="All",
    targets={
        f"{name}/{key}": target
        for name in profile_names()
        for key, target in read_profile(name).targets.items()
    },
)
MORE = """
[coverage]
minutes = [5, 10, 15]
cutoff_min = 15
group = "aged_60"

[[siting]]
kind = "canteen"
new = 1
"""


@pytest.fixture(scope="module", autouse=True)
def asked_once():
    """What targets lack is found once, for every language."""
    known, bare = {}, nothing_known(kinds())

    def found(_, target):
        key = target.model_dump_json()
        known.setdefault(key, None)
        if known[key] is None:
            known[key] = lacks(bare, target)
        return known[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("planner.output.template.sheets.lacks", found)
        yield found


@pytest.mark.parametrize(("lang", "hant"), [("zh", None), ("zh", "Hant"), ("en", None)])
def test_the_reader_finds_every_heading(lang, hant):
    """Of every target of the catalogue."""
    with spelling(hant):
        made = template(ALL, kinds(), lang)
    assert len({sheet.title for sheet in made.sheets}) == len(made.sheets)
    for sheet in made.sheets:
        assert len(sheet.title) <= 31
        heads = [column.heading for column in sheet.columns]
        assert len(set(heads)) == len(heads)
        spec, units = columns_of(sheet.place)
        notes = Notes("sheet", Problems())
        frame = pd.DataFrame(columns=heads)
        found = find_columns(frame, spec, {}, units, notes)
        taken = {one for own in found.values() for one in own}
        if sheet.place in ("communities", "demand"):
            found |= find_groups(
                frame, {}, groups_known(), taken=taken, units=units, notes=notes
            )  # fmt: skip
        assert not notes.problems.found
        for column in sheet.columns:
            if column.known and column.name not in ("longitude", "latitude"):
                assert found[column.name] == [column.heading]


@pytest.mark.parametrize(("lang", "hant"), [("zh", None), ("zh", "Hant"), ("en", None)])
def test_every_word_of_a_drop_down_is_understood(lang, hant):
    known = kinds()
    with spelling(hant):
        made = template(ALL, known, lang)
    tiers, closed = set(), 0
    for sheet in made.sheets:
        rules, _ = columns_of(sheet.place)
        asked = answers_of(ALL, known, sheet.place)
        for column in sheet.columns:
            for word in column.words if column.closed else ():
                closed += 1
                rule = rules.get(column.name, {})
                if "choices" in rule:
                    meant = {normal(one) for own in rule["choices"].items() for one in own[1]}
                    assert normal(word) in meant | {normal(one) for one in rule["choices"]}
                    continue
                own = [one for one in asked if one.column == column.name]
                own = [one for one in own if not one.kinds or sheet.kind in one.kinds]
                assert own, (sheet.title, column.name)
                assert all(normal(word) in one.known for one in own)
                if column.name == "tier":
                    tiers.add((sheet.kind, tier_of(word, known[sheet.kind])))
    assert closed > 60
    for target in ALL.targets.values():
        if target.tier:
            assert {(kind, target.tier) for kind in target.kind} <= tiers


def test_every_list_and_column_that_a_target_asks_for_is_there(asked_once):
    profile = ALL
    made = template(profile, kinds(), "zh")
    of_kind = {sheet.kind: sheet for sheet in made.sheets if sheet.kind}
    by_place = {sheet.place: sheet for sheet in made.sheets if not sheet.kind}
    for target in profile.targets.values():
        for lack in asked_once(None, target):
            if lack.place == "facilities":
                sheets = [of_kind[kind] for kind in lack.kinds]
            elif lack.place == "scenario":
                said = lack.column == "year" or any(
                    target.id in ids and part == lack.column for part, _, ids in made.questions
                )
                assert said, (target.id, lack)
                continue
            else:
                sheets = [by_place["communities" if lack.place == "people" else lack.place]]
            for sheet in sheets:
                columns = {column.name: column for column in sheet.columns}
                if lack.column is None:
                    assert lack.place == "links" or target.id in sheet.targets
                else:
                    assert target.id in columns[lack.column].targets


def test_words_of_the_documents_are_in_their_characters(tmp_path):
    assert script(read_profile("jiangbei-2009")) == "Hant"
    assert script(read_profile("huangpu-2013")) == "Hant"
    assert script(read_profile(PROFILE)) is None
    book, scenario = api.standards_template(["jiangbei-2009"], tmp_path / "a.xlsx")
    assert openpyxl.load_workbook(book).sheetnames[0] == "說明"
    assert 'lang = "zh-Hant"' in scenario.read_text("utf-8")


@pytest.fixture(scope="module")
def blank(tmp_path_factory):
    """The template of Beilun's targets, as it is written."""
    folder = tmp_path_factory.mktemp("blank")
    return api.standards_template([PROFILE], folder / "lists.xlsx")


def fill(blank: tuple[Path, Path], toy, folder: Path) -> Path:
    """Fill the template in with the toy city, leaving the examples; return its scenario."""
    folder.mkdir(parents=True, exist_ok=True)
    book = openpyxl.load_workbook(blank[0])
    made = template(read_profile(PROFILE), kinds(), "zh")
    titles = {sheet.kind or sheet.place: sheet for sheet in made.sheets}

    def put(of: str, rows: pd.DataFrame) -> None:
        sheet = titles[of]
        heads = {column.name: column.heading for column in sheet.columns}
        at = [cell.value for cell in book[sheet.title][1]]
        for row in rows.to_dict("records"):
            said = {heads[name]: value for name, value in row.items() if not pd.isna(value)}
            book[sheet.title].append([said.get(head) for head in at])

    def placed(name: str) -> pd.DataFrame:
        table = toy.sheets[name]
        points = gpd.GeoSeries.from_xy(table["x"], table["y"], crs=METRIC).to_crs(4326)
        return table.drop(columns=["x", "y"]).assign(longitude=points.x, latitude=points.y)

    words = {"existing": "现状", "proposed": "拟建", "closed": "关闭"}
    towns = {"urban": "城市", "rural": "农村"}
    figures = pd.DataFrame(toy.communities.drop(columns="geometry"))
    put("communities", figures.assign(settlement=figures["settlement"].map(towns)))
    put("demand", placed("demand"))
    stations = placed("stations")
    put("care_station", stations.assign(status=stations["status"].map(words)))
    canteens = toy.sheets["canteens"].drop(columns="类型")
    canteens.columns = ["id", "name", "capacity", "status", "opened", "longitude", "latitude"]
    put("canteen", canteens.assign(status="现状"))
    put("shelter", placed("shelters"))
    put("candidates", placed("candidates"))
    links = {"delivery": "配送", "assignment": "安置"}
    put("links", toy.sheets["links"].assign(link=toy.sheets["links"]["link"].map(links)))
    book.save(folder / "lists.xlsx")
    toy.communities[["id", "name", "geometry"]].to_file(folder / "communities.gpkg")
    toy.streets.to_file(folder / "streets.gpkg")
    path = folder / "lists.toml"
    said = re.sub(r"^year = \d+", "year = 2020", blank[1].read_text("utf-8"), flags=re.MULTILINE)
    path.write_text(said + MORE, "utf-8")
    return path


@pytest.fixture(scope="module")
def filled(blank, toy, tmp_path_factory):
    return fill(blank, toy, tmp_path_factory.mktemp("filled"))


def test_a_template_filled_in_gives_the_figures_of_its_district(filled, toy, tmp_path):
    asked = [f"standards.profiles=['{PROFILE}']"]
    ours = api.run(filled)
    theirs = api.run(toy.write(tmp_path / "toy"), set=[*asked, "siting=[{kind='canteen',new=1}]"])
    pd.testing.assert_frame_equal(ours.summary(), theirs.summary().loc[ours.summary().index])
    pd.testing.assert_frame_equal(ours.gaps, theirs.gaps)
    pd.testing.assert_frame_equal(ours.scorecard, theirs.scorecard)
    pd.testing.assert_frame_equal(ours.lacking, theirs.lacking)
    assert ours.siting[0].sites["name"].tolist() == theirs.siting[0].sites["name"].tolist()
    assert ours.scorecard["value"].notna().sum() > 5


def test_examples_are_not_counted_and_that_is_told(filled):
    found = api.check(filled)
    assert found.understood.set_index("role").loc["demand", "used"] == 9
    told = "\n".join(found.notes)
    assert "lists.xlsx" in told
    assert "示例" in told or "examples" in told
    empty = [note for note in found.area.notes if note[0] == "area.empty_list"]
    assert "lists.xlsx [养老机构]" in {values["file"] for _, values in empty}
    assert "institution" not in set(found.area.facilities["kind"])


def spoil(path: Path, folder: Path, sheet: str, change) -> Path:
    """Copy a filled template with a change to one of its sheets."""
    for file in path.parent.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    book = openpyxl.load_workbook(folder / "lists.xlsx")
    change(book, book[sheet])
    book.save(folder / "lists.xlsx")
    return folder / "lists.toml"


def at(sheet, heading: str, row: int, value) -> None:
    column = [cell.value for cell in sheet[1]].index(heading) + 1
    sheet.cell(row, column).value = value


def test_all_that_is_wrong_is_told_with_sheet_and_row(filled, tmp_path, capsys):
    """A word that is not allowed, a name that no community bears, a missing sheet: at once."""

    def change(book, homes):
        at(homes, "所属社区", 3, "東里")
        at(book["社区（村）"], "名称", 4, "西里坊")
        at(book["社区（村）"], "编号", 4, None)
        at(book["社区（村）"], "城乡", 5, "郊区")
        at(book["避灾安置场所"], "标示牌", 3, "也许")
        at(book["居家养老服务站"], "状态", 4, "好的")
        del book["候选点"]

    path = spoil(filled, tmp_path, "居住点", change)
    with pytest.raises(PlannerError) as caught:
        api.check(path)
    told = caught.value.say("zh")
    for where, row, value, remedy in (
        ("lists.xlsx [社区（村）]", 4, "西里坊", "改为边界文件中的写法"),
        ("communities.gpkg", 2, "西里社区", "请为它加一行"),
        ("lists.xlsx [社区（村）]", 5, "郊区", "urban"),
        ("lists.xlsx [避灾安置场所]", 3, "也许", "可填：是、否"),
        ("lists.xlsx [居家养老服务站]", 4, "好的", "existing"),
    ):
        line = [one for one in told if where in one and f"第{row}行" in one and value in one]
        assert line, (where, row, value, told)
        assert remedy in line[0]
    assert [one for one in told if "lists.xlsx [候选点]" in one and "工作表" in one]
    with pytest.raises(SystemExit) as ended:
        cli.main(["run", str(path), "--out", str(tmp_path / "out"), "--lang", "zh"])
    assert ended.value.code == 2
    assert not (tmp_path / "out").exists()
    assert "Traceback" not in capsys.readouterr().err


def test_a_home_or_a_facility_of_no_community_and_a_link_to_none(filled, tmp_path):
    def change(book, homes):
        at(homes, "所属社区", 3, "東里")
        at(book["联系"], "社区编号", 3, "Z")

    told = problems_of(spoil(filled, tmp_path, "居住点", change))
    assert ("area.home_community", "lists.xlsx [居住点]", "3", "東里") in told
    assert ("area.link_community", "lists.xlsx [联系]", 3, "Z") in told


def problems_of(path: Path, **asked) -> list[tuple]:
    with pytest.raises(PlannerError) as caught:
        api.check(path, **asked)
    for problem in caught.value.problems:
        for lang in ("zh", "en"):
            assert len(problem.say(lang)) > 20
    return [(one.key, one.file, one.row, one.value) for one in caught.value.problems]


def with_column(toy, sheet: str, name: str, cells: list):
    """The toy city with one more column in one of its lists."""
    table = toy.sheets[sheet].assign(**{name: cells})
    return dataclasses.replace(toy, sheets={**toy.sheets, sheet: table})


def test_an_id_and_a_name_of_two_communities_are_refused(filled, tmp_path):
    told = problems_of(
        spoil(filled, tmp_path, "社区（村）", lambda _, sheet: at(sheet, "名称", 4, "北山村"))
    )
    assert told[0] == ("io.id_or_name", "lists.xlsx [社区（村）]", 4, "B")


def test_a_community_twice_is_refused(filled, tmp_path):
    def change(book, sheet):
        at(sheet, "编号", 4, "A")
        at(sheet, "名称", 4, "东里社区")

    told = problems_of(spoil(filled, tmp_path, "社区（村）", change))
    assert ("io.community_twice", "lists.xlsx [社区（村）]", 4, "A") in told
    assert ("io.community_without_figures", "communities.gpkg", 2, "西里社区") in told


def test_a_group_in_two_villages_is_refused(toy, tmp_path):
    """Levels that do not nest, in the list of homes; the group's own name tells them apart."""
    groups = ["一组", None, "二组", None, "一 组", "三组", "三组", None, None]
    told = problems_of(with_column(toy, "demand", "村民小组", groups).write(tmp_path))
    assert told == [("area.hamlet_in_two", "demand.csv", "6", "一 组")]
    groups[4] = "北山一组"
    path = with_column(toy, "demand", "村民小组", groups).write(tmp_path)
    assert api.check(path).holds


def of_communities(toy, **columns):
    """The toy city with further columns in its list of communities A to F."""
    return dataclasses.replace(toy, communities=toy.communities.assign(**columns))


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        # A and B lie in the south street, C to F in the north street.
        ({"zone": list("南南北北北南")}, [("zones_cross", "6", "北街道")]),  # a street in two zones
        ({"zone": list("甲乙丙丙乙丁")}, [("zones_cross", "5", "乙")]),  # a zone in two streets
        ({"zone": list("甲乙丙丙丙丁")}, []),
        ({"zone": list("南南北北北北")}, []),
        ({"zone": list("甲甲乙乙乙甲"), "十分钟生活圈": list("子丑寅寅寅寅"),
          "五分钟生活圈": list("一一二三四五")},
         [("units_cross", "2", "一"), ("zones_cross", "6", "北街道")]),
    ],
)  # fmt: skip
def test_levels_that_do_not_nest_are_told_by_row(toy, tmp_path, columns, told):
    """What most rows say stands; the row that says otherwise is named."""
    path = of_communities(toy, **columns).write(tmp_path)
    if told:
        found = [
            (key.removeprefix("area."), row, value) for key, _, row, value in problems_of(path)
        ]
        assert found == told
    else:
        assert api.check(path).holds


def test_zones_may_cross_streets_where_the_scenario_says_so(toy, tmp_path):
    path = of_communities(toy, zone=list("南中北北南中")).write(tmp_path)
    assert len(problems_of(path)) == 2
    assert api.check(path, set=["communities.zones_cross_streets=true"]).holds


def test_a_level_is_told_with_the_sheet_that_holds_it(filled, tmp_path):
    def change(_, sheet):
        sheet.cell(1, sheet.max_column + 1).value = "片区"
        for row, zone in enumerate("南南北北北南", start=3):
            sheet.cell(row, sheet.max_column).value = zone

    told = problems_of(spoil(filled, tmp_path, "社区（村）", change))
    assert told == [("area.zones_cross", "lists.xlsx [社区（村）]", "8", "北街道")]


def test_a_facility_of_a_group_beyond_its_community_is_refused(toy, tmp_path):
    homes = with_column(toy, "demand", "村民小组", ["一组", *[None] * 8])
    grouped = with_column(homes, "shelters", "村民小组", ["一 组"])
    told = problems_of(with_column(grouped, "shelters", "社区编号", ["D"]).write(tmp_path))
    assert told == [("area.facility_unit_elsewhere", "shelters.csv", "2", "一 组")]
    own = with_column(grouped, "shelters", "社区编号", ["东里社区"])
    assert api.check(own.write(tmp_path)).holds


@pytest.mark.parametrize("heading", ["容量", "状态", "启用年份"])
def test_a_heading_merged_over_two_columns_of_data_is_refused(filled, tmp_path, heading):
    """Else the second would be passed over: what is planned would count as built."""

    def change(_, sheet):
        at = [cell.value for cell in sheet[1]].index(heading) + 1
        sheet.merge_cells(start_row=1, start_column=at, end_row=1, end_column=at + 1)

    told = problems_of(spoil(filled, tmp_path, "居家养老服务站", change))
    assert told == [("io.merged_heading", "lists.xlsx [居家养老服务站]", 1, heading)]


def test_a_column_without_a_heading_is_told_by_its_letter(filled, tmp_path, capsys):
    path = spoil(filled, tmp_path, "居家养老服务站", lambda _, own: at(own, "容量", 1, None))
    cli.main(["check", str(path), "--lang", "en"])
    assert "columns not used: column E (without a heading)" in capsys.readouterr().out


def test_faults_in_one_sheet_hide_none_in_another(filled, tmp_path):
    """Rows that nothing else names may be faulty beside names that nobody bears."""

    def change(book, homes):
        at(homes, "所属社区", 3, "無名村")
        at(homes, "人口", 4, "很多")
        at(book["联系"], "社区编号", 3, "Z9")
        at(book["联系"], "联系类型", 4, "送货")
        at(book["候选点"], "费用", 3, "面议")

    told = {key for key, *_ in problems_of(spoil(filled, tmp_path, "居住点", change))}
    assert told == {
        "area.home_community", "tables.not_a_number", "area.link_community", "tables.unknown_value"
    }  # fmt: skip


def test_numbers_as_text_and_rows_left_empty_are_read(filled, tmp_path):
    def change(_, homes):
        for row, people in ((3, "１００"), (4, "50人"), (5, " 80 ")):
            at(homes, "人口", row, people)
        homes.insert_rows(7)
        homes.insert_rows(5, amount=2)

    found = api.check(spoil(filled, tmp_path, "居住点", change))
    assert found.area.demand["population"].tolist() == [100, 50, 80, 40, 60, 100, 20, 10]


def test_a_facility_of_a_group_that_nobody_lives_in_is_refused(toy, tmp_path):
    homes = with_column(toy, "demand", "村民小组", ["一组", *[None] * 8])
    told = problems_of(with_column(homes, "shelters", "村民小组", ["一队"]).write(tmp_path))
    assert told == [("area.facility_unit", "shelters.csv", "2", "一队")]
    assert api.check(with_column(homes, "shelters", "村民小组", ["一组"]).write(tmp_path)).holds


def test_a_facility_that_names_an_unknown_community_is_refused(toy, tmp_path):
    told = problems_of(with_column(toy, "shelters", "社区编号", ["Q"]).write(tmp_path))
    assert told == [("area.facility_community", "shelters.csv", "2", "Q")]
    assert api.check(with_column(toy, "shelters", "社区编号", ["D"]).write(tmp_path)).holds


def test_a_tier_that_nobody_knows_is_refused_where_a_target_asks(toy, tmp_path):
    path = with_column(toy, "stations", "等级", ["睦邻点", "大的", "其他"]).write(tmp_path)
    assert api.check(path).holds
    told = problems_of(path, set=["standards.profiles=['baoshan-2023']", "year=2023"])
    assert told == [("area.word_not_allowed", "stations.csv", "3", "大的")]


def test_a_file_that_exists_is_left_as_it_is(blank, tmp_path, capsys):
    book = tmp_path / "lists.xlsx"
    book.write_text("mine")
    arguments = ["standards", "template", PROFILE, "--lang", "en", "--out"]
    for out, code in ((book, 2), (tmp_path / "lists.csv", 2)):
        with pytest.raises(SystemExit) as ended:
            cli.main([*arguments, str(out)])
        assert ended.value.code == code
    told = capsys.readouterr().err
    assert "the file exists and was left as it is" in told
    assert "no name of an .xlsx file" in told
    assert book.read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lists.xlsx"]
    cli.main([*arguments, str(tmp_path / "new" / "ours.xlsx")])
    assert "ours.toml" in capsys.readouterr().out
    sheets = openpyxl.load_workbook(tmp_path / "new" / "ours.xlsx").sheetnames
    assert sheets[:2] == ["Read me", "Communities"]


def test_drop_downs_hold_the_words_that_the_reader_knows(blank):
    book = openpyxl.load_workbook(blank[0])
    sheet = book["避灾安置场所"]
    heads = {cell.value: cell.column_letter for cell in sheet[1]}
    lists = {
        str(rule.sqref): (rule.formula1, rule.errorStyle)
        for rule in sheet.data_validations.dataValidation
    }
    assert lists[f"{heads['标示牌']}3:{heads['标示牌']}5000"] == ('"是,否"', "stop")
    assert lists[f"{heads['状态']}3:{heads['状态']}5000"] == ('"现状,在建,拟建,关闭"', "stop")
    told = [row for row in book["说明"].iter_rows(values_only=True) if row[1] == "标示牌"]
    assert told[0][0] == "避灾安置场所"
    assert told[0][4:] == ("是，否", "1-18")


def test_several_profiles_and_a_file_of_targets(tmp_path):
    own = tmp_path / "targets" / "own.toml"
    own.parent.mkdir()
    own.write_text(
        'zh = "自定"\nen = "Own"\n[targets.a]\nzh = "冷库"\nen = "Cold stores"\n'
        'indicator = "facilities"\nkind = "cold_shelter"\nwhere = { heated = true }\n',
        "utf-8",
    )
    book, scenario = api.standards_template(["ningbo-home-care", own], tmp_path / "x" / "a.xlsx")
    said = scenario.read_text("utf-8")
    assert 'profiles = ["ningbo-home-care", "../targets/own.toml"]' in said
    assert 'attributes = { heated = "heated" }' in said
    assert "庇护站" in openpyxl.load_workbook(book).sheetnames
    with pytest.raises(PlannerError):
        api.standards_template(["ningbo-home-care"], tmp_path / "b.xlsx")
