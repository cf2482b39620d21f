"""A first scenario from a folder: what each file is, in which datum, and what is left to say."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from conftest import EAST, NORTH, Toy
from rich.console import Console

from planner import api
from planner.cli import drafted, main
from planner.draft import Question, draft, nobody
from planner.draft.ages import bands, groups_of
from planner.engine.crs import shift
from planner.errors import InputError

PLACED = ("file", "layer", "datum", "kind", "encoding")


def copied(name: str, folder: Path) -> Path:
    """The files of an embedded district, without its scenario."""
    source = api.demo(name).parent
    leave = shutil.ignore_patterns("*.py", "scenario.toml", "__pycache__")
    shutil.copytree(source, folder / name, ignore=leave)
    return folder / name


def entries(scenario: dict, role: str) -> set[tuple]:
    """What a scenario says of how each list is read; a kind that stands in a column may be said."""
    return {tuple(one.get(key) for key in PLACED if key != "kind") for one in scenario[role]}


def drafted_toy(toy: Toy, folder: Path, ask=nobody):
    toy.write(folder).unlink()
    return draft(folder, "en", ask)


def knows(question: Question) -> str | None:
    """An officer who knows what the lists are."""
    name = dict(question.values).get("name")
    return "care_station" if name == "stations.csv" else nobody(question)


def test_a_district_s_folder_gives_the_scenario_that_a_person_wrote(tmp_path):
    made = draft(copied("yunpu", tmp_path), "zh")
    told, written = tomllib.loads(made.text), tomllib.loads(api.demo("yunpu").read_text("utf-8"))
    assert (made.left, made.problems, made.unread) == ([], [], [])
    for role in ("communities", "demand", "streets", "backdrop"):
        assert told[role] == written[role]
    for role in {"facilities", "candidates", "links"} & written.keys():
        assert entries(told, role) == entries(written, role)
    assert told["lang"] == written["lang"]
    assert told["coverage"]["group"] == written["coverage"]["group"]


def test_the_toy_city_comes_out_as_it_is(toy, toy_plan, tmp_path):
    made = drafted_toy(toy, tmp_path, knows)
    assert made.left == []
    assert made.problems == []
    (tmp_path / "drafted.toml").write_text(made.text, "utf-8")
    plan = api.run(tmp_path / "drafted.toml", set=["year=2020"])
    for kind in ("care_station", "canteen", "shelter"):
        for group in ("population", "aged_60"):
            found = plan.coverage.share(kind, minutes=15, group=group)
            assert found == toy_plan.coverage.share(kind, minutes=15, group=group)
    told = tomllib.loads(made.text)
    assert told["demand"]["crs"] == "EPSG:4549"
    assert [one["file"] for one in told["candidates"]] == ["candidates.csv"]


def test_a_kind_that_nobody_knows_is_left_marked(toy, tmp_path):
    made = drafted_toy(toy, tmp_path)
    assert len(made.left) == 1
    assert made.left[0].startswith("stations.csv: ")
    told = tomllib.loads(made.text)
    assert [one["file"] for one in told["facilities"]] == ["canteens.csv", "shelters.csv"]
    block = made.text[made.text.index("# >>>") :]
    assert block.splitlines()[1:3] == ["# [[facilities]]", '# file = "stations.csv"']


def in_datum(folder: Path, file: str, datum: str, *, swapped: bool = False) -> None:
    """Write the places of a list in another datum, or under each other's headings."""
    table = pd.read_csv(folder / file, encoding="utf-8-sig")  # noqa: TID251
    lon, lat = table.columns[-2:]
    there = gpd.GeoSeries.from_xy(table[lon], table[lat], crs=4326)
    there = shift(there, datum, "from_wgs84")
    table[lon], table[lat] = (there.y, there.x) if swapped else (there.x, there.y)
    table.to_csv(folder / file, index=False)


def test_a_datum_is_told_by_how_places_lie(tmp_path):
    folder = copied("rongpu", tmp_path)
    in_datum(folder, "shelters.csv", "bd09")
    in_datum(folder, "institutions.csv", "wgs84", swapped=True)
    told = tomllib.loads(draft(folder, "zh").text)
    assert told["lang"] == "zh-Hant"
    lists = {one["file"]: one for one in told["facilities"]}
    assert {file: one["datum"] for file, one in lists.items()} == {
        **{one["file"]: "wgs84" for one in told["facilities"]}, "shelters.csv": "bd09",
    }  # fmt: skip
    swapped = {file: one["columns"] for file, one in lists.items() if "columns" in one}
    assert swapped == {"institutions.csv": {"lon": "緯度", "lat": "經度"}}
    assert lists["care_stations.csv"]["encoding"] == "big5"


def test_a_list_of_another_district_is_left_out_and_said(toy, tmp_path):
    toy.write(tmp_path).unlink()
    far = toy.sheets["shelters"].assign(x=EAST + 90_000, y=NORTH + 400_000)
    far.to_csv(tmp_path / "shelters.csv", index=False)
    made = draft(tmp_path, "en", knows)
    assert [line.split(":")[0] for line in made.left] == ["shelters.csv"]
    told = tomllib.loads(made.text)
    assert "shelters.csv" not in [one["file"] for one in told["facilities"]]


def test_of_two_files_that_may_be_the_communities_one_is_asked_for(toy, tmp_path):
    toy.write(tmp_path).unlink()
    toy.communities.assign(households=1).to_file(tmp_path / "more.gpkg", engine="pyogrio")
    asked = []

    def ask(question: Question) -> str | None:
        asked.append(question)
        return "communities.gpkg" if question.key == "draft.ask.communities" else knows(question)

    told = tomllib.loads(draft(tmp_path, "en", ask).text)
    (question,) = (one for one in asked if one.key == "draft.ask.communities")
    assert (set(question.answers), question.proposed) == (
        {"communities.gpkg", "more.gpkg"}, "more.gpkg",
    )  # fmt: skip
    assert told["communities"]["file"] == "communities.gpkg"


def test_people_by_age_bands_are_summed(toy, tmp_path):
    toy.write(tmp_path).unlink()
    (tmp_path / "demand.csv").unlink()
    (tmp_path / "links.csv").unlink()
    people = toy.communities["population"]
    old = (people * 0.2).round()
    bands_of = {"0-14岁": people - 2 * old, "15至59岁": old, "60岁及以上": old}
    table = toy.communities.drop(columns="population").assign(**bands_of)
    table.to_file(tmp_path / "communities.gpkg", engine="pyogrio")
    made = draft(tmp_path, "en", knows)
    assert made.problems == []
    told = tomllib.loads(made.text)["communities"]
    assert told["columns"] == {"population": ["0-14岁", "15至59岁", "60岁及以上"]}
    assert told["groups"] == {"aged_60": ["60岁及以上"]}


def test_bands_of_one_sex_or_with_a_gap_are_none():
    assert bands(["A0A14_M_CNT", "A15UP_M_CNT"]) == []
    assert bands(["0-14岁", "16岁以上"]) == []
    chain = bands(["A0A4_CNT", "A5A59_CNT", "A60A79_CNT", "A80UP_CNT", "A0A4_F_CNT"])
    assert groups_of(chain) == {"aged_60": ["A60A79_CNT", "A80UP_CNT"], "aged_80": ["A80UP_CNT"]}


def test_without_streets_it_says_where_to_get_them(toy, tmp_path):
    toy.write(tmp_path).unlink()
    (tmp_path / "streets.gpkg").unlink()
    made = draft(tmp_path, "en", knows)
    (told,) = [line for line in made.text.splitlines() if line.startswith("# >>>")]
    assert ".osm.pbf" in told
    assert tomllib.loads(made.text)["streets"] == {"straight": True}  # until then
    assert made.problems == []


def pictures(folder: Path) -> None:
    folder.mkdir()
    (folder / "大合照.png").write_bytes(b"\x89PNG")


@pytest.mark.parametrize(
    ("prepare", "key"),
    [
        (lambda _: None, "draft.no_folder"),
        (Path.mkdir, "draft.no_tables"),
        (pictures, "draft.no_tables"),
    ],
)
def test_a_folder_without_data_is_refused(prepare, key, tmp_path):
    prepare(tmp_path / "here")
    with pytest.raises(InputError) as told:
        api.new(tmp_path / "here")
    assert [one.key for one in told.value.problems] == [key]
    assert not (tmp_path / "here" / "scenario.toml").exists()


def test_nothing_is_overwritten(toy_city, capsys):
    before = (toy_city.parent / "scenario.toml").read_bytes()
    with pytest.raises(SystemExit) as ended:
        main(["new", str(toy_city.parent), "--yes", "--lang", "en"])
    assert ended.value.code == 2
    assert "scenario.toml" in capsys.readouterr().err
    assert (toy_city.parent / "scenario.toml").read_bytes() == before


def test_the_command_writes_shows_and_says_what_comes_next(toy, tmp_path, capsys):
    toy.write(tmp_path).unlink()
    main(["new", str(tmp_path), "--yes", "--lang", "en"])
    shown = capsys.readouterr().out
    assert "Left to fill in:" in shown
    assert "stations.csv" in shown
    assert tomllib.loads((tmp_path / "scenario.toml").read_text("utf-8"))["title"] == tmp_path.name


@pytest.mark.parametrize(
    ("said", "meant"), [(["7", "2"], "b"), (["b"], "b"), ([""], "a"), (["-"], None)]
)
def test_answers_at_the_terminal(said, meant, monkeypatch):
    given = iter(said)
    monkeypatch.setattr(Console, "input", lambda *_, **__: next(given))
    question = Question(
        key="draft.ask.streets", values={}, answers={"a": "a", "b": "b"}, proposed="a"
    )
    assert drafted.asker(Console().status(""), "en")(question) == meant


def test_files_that_cannot_be_read_are_told(toy, tmp_path):
    toy.write(tmp_path).unlink()
    (tmp_path / "坏.xlsx").write_bytes(b"no workbook")
    (tmp_path / "说明.docx").write_bytes(b"")
    made = draft(tmp_path, "en", knows)
    assert [one.file for one in made.unread] == ["坏.xlsx"]
    assert "坏.xlsx" in made.text
    assert made.left == []


def test_lines_without_any_column_are_streets_and_a_lone_column_is_told(toy, tmp_path):
    toy.write(tmp_path).unlink()
    (tmp_path / "streets.gpkg").unlink()
    toy.streets[["geometry"]].to_file(tmp_path / "道路.gpkg")
    (tmp_path / "备注.csv").write_text("备注\n待核实\n", encoding="utf-8")
    (tmp_path / "空表.csv").write_text("名称,经度,纬度\n", encoding="utf-8")
    made = draft(tmp_path, "en", knows)
    assert tomllib.loads(made.text)["streets"]["file"] == "道路.gpkg"
    assert [(one.file, one.key) for one in made.unread] == [
        ("备注.csv", "draft.no_columns"),
        ("空表.csv", "draft.no_columns"),
    ]


@pytest.mark.shared
def test_the_published_files_of_daan_need_one_try(shared, tmp_path):
    folder = tmp_path / "daan"
    shutil.copytree(shared / "data" / "taipei-daan", folder)
    made = api.new(folder, lang="zh")
    assert (made.left, made.problems) == ([], [])
    told = tomllib.loads(made.text)
    assert told["communities"]["where"] == {"TOWN": "大安區"}
    assert {one["datum"] for one in told["facilities"]} == {"wgs84"}
    area = api.check(folder / "scenario.toml").area
    assert len(area.counted) == 34
    assert int(area.communities["population"].sum()) == 289_908
    assert np.isclose(area.counted["population"].sum(), 289_908 - 96_841)


def test_boundaries_and_a_list_of_people_become_communities(toy, tmp_path):
    toy.write(tmp_path).unlink()
    (tmp_path / "demand.csv").unlink()
    plain = toy.communities.drop(columns=["population", "id"])
    plain.to_file(tmp_path / "communities.gpkg", engine="pyogrio")
    listed = pd.DataFrame(toy.communities.drop(columns="geometry"))
    listed = listed.rename(columns={"id": "社区编号", "name": "社区名称", "population": "常住人口"})
    listed.to_excel(tmp_path / "人口.xlsx", index=False)
    made = draft(tmp_path, "zh", knows)
    assert made.left == []
    assert made.problems == []
    assert tomllib.loads(made.text)["communities"]["figures"] == {"file": "人口.xlsx"}
    (tmp_path / "drafted.toml").write_text(made.text, "utf-8")
    area = api.check(tmp_path / "drafted.toml").area
    assert area.communities["population"].to_dict() == (
        toy.communities.set_index("id")["population"].to_dict()
    )


def test_rows_without_a_place_are_left_out_of_their_sheet_alone(toy, tmp_path):
    toy.write(tmp_path).unlink()
    with pd.ExcelWriter(tmp_path / "设施.xlsx") as book:
        for sheet, name in (("养老服务站", "stations"), ("避灾点", "shelters")):
            table = toy.sheets[name].copy()
            if name == "stations":
                table.loc[len(table)] = {**table.iloc[0], "id": "S9", "x": None, "y": None}
            table.to_excel(book, sheet_name=sheet, index=False)
    (tmp_path / "stations.csv").unlink()
    (tmp_path / "shelters.csv").unlink()
    made = draft(tmp_path, "zh")
    assert (made.left, made.problems) == ([], [])
    sheets = {one.get("layer"): one for one in tomllib.loads(made.text)["facilities"]}
    assert sheets["养老服务站"]["missing_coordinates"] == "skip"
    assert "missing_coordinates" not in sheets["避灾点"]
    assert [sheets[name]["kind"] for name in ("养老服务站", "避灾点")] == [
        "care_station",
        "shelter",
    ]


def test_what_is_passed_over_is_left_marked(toy, tmp_path):
    toy.write(tmp_path).unlink()
    toy.communities.assign(households=1).to_file(tmp_path / "more.gpkg", engine="pyogrio")
    made = draft(tmp_path, "en", lambda _: None)
    told = tomllib.loads(made.text)
    assert "communities" not in told
    assert any("communities" in line for line in made.left)
    assert "None" not in made.text
    (tmp_path / "more.gpkg").unlink()
    made = draft(tmp_path, "en", lambda _: None)  # the one canteen lies well in any datum
    assert any(line.startswith("canteens.csv: Say which datum") for line in made.left)
    assert "canteens.csv" not in [one["file"] for one in tomllib.loads(made.text)["facilities"]]


def test_a_number_may_tell_districts_apart(toy, tmp_path):
    toy.write(tmp_path).unlink()
    others = [
        toy.communities.assign(
            id=toy.communities["id"] + str(n), geometry=toy.communities.translate(0, n * 5000)
        )
        for n in range(1, 4)
    ]
    every = pd.concat([toy.communities, *others]).assign(
        区=np.repeat([101, 102, 103, 104], len(toy.communities))
    )
    every.to_file(tmp_path / "communities.gpkg", engine="pyogrio")
    made = draft(tmp_path, "en", knows)
    assert made.problems == []
    assert tomllib.loads(made.text)["communities"]["where"] == {"区": "101"}
    assert "6 of 24 are taken" in made.text


def test_of_a_list_of_a_whole_city_the_rows_around_are_taken(toy, tmp_path):
    toy.write(tmp_path).unlink()
    own = toy.sheets["shelters"]
    others = [
        own.assign(id=own["id"] + str(n), name=own["name"] + str(n), x=own["x"] + n * 30_000)
        for n in range(1, 4)
    ]
    every = pd.concat([own, *others]).assign(区=np.repeat(["甲", "乙", "丙", "丁"], len(own)))
    every.to_csv(tmp_path / "shelters.csv", index=False)
    made = draft(tmp_path, "en", knows)
    (shelters,) = (
        one for one in tomllib.loads(made.text)["facilities"] if one["file"] == "shelters.csv"
    )
    assert shelters["where"] == {"区": "甲"}
    assert "1 of 4 rows is taken" in made.text


def test_headings_with_line_breaks_stay_comments(toy, tmp_path):
    toy.write(tmp_path).unlink()
    strange = {"序\n号 = 1\n[x": [1], "备\n注": ["无"]}
    pd.DataFrame(strange).to_excel(tmp_path / "其他.xlsx", index=False)
    odd = toy.sheets["stations"].assign(状态=["a\nb = 1", "拟建", "关闭"]).drop(columns="status")
    odd.to_excel(tmp_path / "养老服务站.xlsx", index=False)
    (tmp_path / "stations.csv").unlink()
    made = draft(tmp_path, "zh")
    told = tomllib.loads(made.text)
    assert "x" not in told
    assert any("养老服务站.xlsx" in line for line in made.left)
    assert [one["file"] for one in told["facilities"]] == ["canteens.csv", "shelters.csv"]


def test_points_of_communities_without_streets_make_a_scenario(toy: Toy, tmp_path: Path):
    """Two lists of an office: no polygons, no streets; what is missing is estimated."""
    frame = toy.communities.iloc[:5]
    at = frame.representative_point().to_crs(4326)
    listed = {
        "社区名称": frame["name"], "所属街道": frame["street"], "常住人口": frame["population"],
        "经度": at.x, "纬度": at.y,
    }  # fmt: skip
    pd.DataFrame(listed).to_excel(tmp_path / "社区一览.xlsx", index=False)
    toy.sheets["canteens"].drop(columns="类型").to_excel(tmp_path / "老年食堂.xlsx", index=False)
    made = draft(tmp_path, "zh")
    assert made.left == []
    assert made.problems == []
    scenario = tomllib.loads(made.text)
    assert scenario["streets"] == {"straight": True}
    assert scenario["communities"]["file"] == "社区一览.xlsx"
    assert [one["file"] for one in scenario["facilities"]] == ["老年食堂.xlsx"]
    (told,) = [line for line in made.text.splitlines() if line.startswith("# >>>")]
    assert ".osm.pbf" in told
    assert made.text.splitlines()[made.text.splitlines().index(told) + 1] == "[streets]"


def test_a_list_of_points_gives_way_to_boundaries(toy: Toy, tmp_path: Path):
    frame = toy.communities
    frame.to_file(tmp_path / "boundaries.gpkg")
    at = frame.representative_point().to_crs(4326)
    listed = {"社区": frame["name"], "人口": frame["population"], "经度": at.x, "纬度": at.y}
    pd.DataFrame(listed).to_csv(tmp_path / "a.csv", index=False)
    roles = {part.table.file: part.guess.role for part in draft(tmp_path, "zh").parts}
    assert roles == {"boundaries.gpkg": "communities", "a.csv": "unused"}
