"""Two plans of one district side by side: what differs, told alike in every table and file."""

import dataclasses
import io
import json

import openpyxl
import pandas as pd
import pytest

import planner
from planner import api, language
from planner.errors import InputError
from planner.output import report
from planner.study import comparison
from planner.study.setting_words import setting_name, setting_value


@pytest.fixture(scope="module")
def toy_pair(toy, tmp_path_factory):
    """The toy city in 2020, and in 2022 with one site more; walked at the same speed."""
    path = toy.write(tmp_path_factory.mktemp("pair"))
    first = api.run(path)
    second = api.run(path, use=["later"], set=["siting.0.new=2"])
    return first, second


@pytest.fixture(scope="module")
def compared(toy_pair):
    return planner.compare(*toy_pair)


def test_shares_are_those_of_the_plans(compared, toy_pair):
    first, second = toy_pair
    rows = compared.shares.set_index(["state", "kind", "group"])
    # Worked out in conftest: S2 opens at b2 in 2022, so that only e1 stays without a station.
    assert rows.loc[("today", "care_station", "population"), "first"] == pytest.approx(390 / 460)
    assert rows.loc[("today", "care_station", "population"), "second"] == pytest.approx(450 / 460)
    assert rows.loc[("today", "care_station", "aged_60"), "change"] == pytest.approx(30 / 165)
    assert rows.loc[("after", "canteen", "aged_60"), "first"] == pytest.approx(160 / 165)
    assert rows.loc[("after", "canteen", "aged_60"), "second"] == pytest.approx(1.0)
    assert ("after", "shelter", "aged_60") not in rows.index  # no sites were asked for
    for (state, kind, group), row in rows.iterrows():
        for plan, side in ((first, "first"), (second, "second")):
            coverage = plan.coverage if state == "today" else plan.after
            assert row[side] == coverage.share(kind, minutes=15, group=group)


def test_counts_and_communities_that_differ(compared):
    counts = compared.units.set_index(["kind", "what"])
    assert counts.loc[("care_station", "facilities")].tolist() == [1, 2, 1]
    assert counts.loc[("care_station", "has")].tolist() == [1, 2, 1]
    assert counts.loc[("canteen", "new_sites")].tolist() == [1, 2, 1]
    assert ("care_station", "linked") not in counts.index  # nobody knows links of stations
    places = compared.communities.set_index(["kind", "community"])
    # b2 (20 aged, of 40 in B) and d2 (10, of 50 in D) are five and ten minutes from S2.
    assert places["covered"].to_dict() == {("care_station", "B"): 20, ("care_station", "D"): 10}
    assert places.loc[("care_station", "D"), ["first", "second"]].tolist() == [0.8, 1.0]


def test_facilities_and_sites_that_differ(compared, toy_pair):
    rows = compared.facilities[["kind", "facility", "what"]].apply(tuple, axis=1).tolist()
    assert ("care_station", "S2", "opens") in rows
    more = {(kind, what) for kind, _, what in rows} - {("care_station", "opens")}
    assert more == {("canteen", "suggested")}
    back = planner.compare(*reversed(toy_pair)).facilities
    assert set(back["what"]) == {"ends", "dropped"}


def test_a_facility_that_moves_or_grows_is_told(toy_pair):
    first, _ = toy_pair
    facilities = first.area.facilities.copy()
    facilities.loc["K1", "capacity"] = 80.0
    facilities.loc[["H1"], "geometry"] = facilities.geometry.loc[["H1"]].translate(60, 0)
    other = dataclasses.replace(first, area=dataclasses.replace(first.area, facilities=facilities))
    rows = planner.compare(first, other).facilities.set_index("facility")
    assert rows["what"].to_dict() == {"K1": "capacity", "H1": "moves"}
    assert rows.loc["K1", ["first", "second"]].tolist() == [50, 80]


def test_a_plan_differs_in_nothing_from_itself(toy_pair):
    first, _ = toy_pair
    same = planner.compare(first, first)
    assert (same.shares["change"] == 0).all()
    assert same.communities.empty
    assert same.facilities.empty
    assert same.targets.empty
    assert same.settings.empty
    assert same.notes == ()
    assert same.called("en") == ("A", "B")
    for lang, words in (("zh", "没有差别"), ("en", "come to the same")):
        assert words in report.comparison_files(same, lang)["comparison.md"]


def test_settings_name_the_plans_and_a_copied_file_is_the_same(compared, toy_pair):
    told = compared.settings.set_index("setting")
    assert told["second"].to_dict() == {"year": "2022", "siting.0.new": "2"}
    assert compared.called("en") == ("2020", "2022")
    assert compared.called("zh") == ("2020年", "2022年")
    assert planner.compare(*toy_pair, names=("今", "后")).names == ("今", "后")
    first, second = toy_pair
    assert setting_name("siting.1.new", "zh") == "新增处数（选址问题2）"
    assert setting_name("siting.0.rules", "zh") == "siting.0.rules"
    assert setting_value("synthetic", "True", first.settings, "zh") == "是"
    limits = first.settings.coverage.model_copy(update={"minutes": [5.0, 10.0]})
    other = first.settings.model_copy(update={"coverage": limits})
    told = planner.compare(first, dataclasses.replace(first, settings=other)).settings
    assert told[["setting", "second"]].to_numpy().tolist() == [["coverage.minutes", "5.0, 10.0"]]
    unset = first.settings.model_copy(update={"year": None})
    named = planner.compare(dataclasses.replace(first, settings=unset), second).called("en")
    assert [name.split(",")[0] for name in named] == ["Year: not set", "2022"]
    first, _ = toy_pair
    elsewhere = first.settings.model_copy(
        update={"streets": first.settings.streets.model_copy(update={"file": "copy.gpkg"})}
    )
    inputs = tuple(
        dataclasses.replace(entry, file="copy.gpkg") if entry.role == "streets" else entry
        for entry in first.area.inputs
    )
    copied = dataclasses.replace(
        first, settings=elsewhere, area=dataclasses.replace(first.area, inputs=inputs)
    )
    assert planner.compare(first, copied).settings.empty
    changed = dataclasses.replace(
        copied,
        area=dataclasses.replace(
            first.area, inputs=tuple(dataclasses.replace(e, sha256="0") for e in inputs)
        ),
    )
    assert "streets.file" in set(planner.compare(first, changed).settings["setting"])


@pytest.mark.parametrize(
    ("was", "now", "turn"),
    [
        ((0.5, False), (0.8, True), "met"),
        ((0.8, True), (0.5, False), "lost"),
        ((None, None), (0.8, True), "decided"),
        ((0.8, False), (None, None), "undecided"),
        ((0.5, False), (0.6, False), "figure"),
        ((0.5, None), (None, None), "figure"),
        ((0.5, True), (0.5, True), None),
        ((None, None), (None, None), None),
    ],
)
def test_targets_tell_what_becomes_of_them(was, now, turn, toy_pair):
    def with_card(plan, value, passed):
        card = pd.DataFrame(
            {"target": ["t"], "name_zh": "试", "name_en": "Trial", "unit": "share",
             "value": [value], "pass": [passed], "due": [None], "applies": [True]}
        ).astype({"value": float, "pass": "boolean"})  # fmt: skip
        return dataclasses.replace(plan, scorecard=card)

    first, second = toy_pair
    rows = comparison.compare(with_card(first, *was), with_card(second, *now)).targets
    assert rows["turn"].tolist() == ([turn] if turn else [])


def test_what_only_one_plan_has_is_noted(toy_pair):
    first, _ = toy_pair
    area = first.area
    fewer = dataclasses.replace(
        first,
        kinds=first.kinds[:2],
        area=dataclasses.replace(
            area,
            communities=area.communities.drop(index="F").rename(index={"E": "E2"}),
            demand=area.demand.assign(population=area.demand["population"] * 2),
        ),
    )
    notes = planner.compare(first, fewer).notes
    assert [note.key.removeprefix("comparison.") for note in notes] == [
        "communities", "kinds_first", "people",
    ]  # fmt: skip
    assert notes[0].params == {"first": 2, "second": 1, "moved": 0}
    assert "避灾安置场所" in notes[1].say("zh")
    assert "Disaster shelter" in notes[1].say("en")


def test_plans_of_two_districts_are_refused(toy_pair):
    first, second = toy_pair
    far = second.area.communities.assign(
        geometry=second.area.communities.geometry.translate(50_000, 0)
    )
    other = dataclasses.replace(
        second, kinds=("cinema",), area=dataclasses.replace(second.area, communities=far)
    )
    with pytest.raises(InputError) as caught:
        planner.compare(first, other)
    assert [problem.key for problem in caught.value.problems] == [
        "comparison.other_district", "comparison.no_kind",
    ]  # fmt: skip
    for lang in language.LANGS:
        assert all(caught.value.say(lang))


@pytest.mark.parametrize("lang", language.LANGS)
def test_every_file_tells_the_same(compared, lang, tmp_path):
    folder = planner.save(compared, tmp_path / "compared", lang=lang)
    files = {path.name for path in folder.iterdir()}
    assert files == {
        "map.html", "comparison.json", "comparison.md", "comparison.html", "comparison.docx",
        "comparison.xlsx", "manifest.json",
    }  # fmt: skip
    record = json.loads((folder / "comparison.json").read_text("utf-8"))
    assert record["first"]["year"], record["second"]["year"] == (2020, 2022)
    assert len(record["tables"]["shares"]) == len(compared.shares)
    words = (folder / "comparison.md").read_text("utf-8")
    assert "78.8% → 97.0%" in words
    assert "<b>" not in words  # a name of the toy city
    page = (folder / "comparison.html").read_text("utf-8")
    assert "78.8% → 97.0%" in page
    book = openpyxl.load_workbook(io.BytesIO((folder / "comparison.xlsx").read_bytes()))
    sheet = book[language.text("comparison.sheet.shares", lang)]
    cells = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    assert [row[3] for row in cells] == compared.shares["first"].tolist()
    assert [row[5] for row in cells] == pytest.approx((100 * compared.shares["change"]).tolist())
    planner.save(compared, folder, lang=lang)  # an earlier comparison may be replaced
