"""What cannot be answered is told by a clear word, on every page alike and in both languages."""

import dataclasses

import pytest
from test_one_truth import check_comparison, pages_of

import planner
from planner import api
from planner.errors import InputError
from planner.language import LANGS, text
from planner.output import report


def refused(work) -> dict:
    """Return what is told of each problem, by its key: Chinese and English."""
    with pytest.raises(InputError) as caught:
        work()
    told = zip(*(caught.value.say(lang) for lang in LANGS), strict=True)
    keys = [problem.key for problem in caught.value.problems]
    return dict(zip(keys, told, strict=True))


def two_files(toy, folder, first: str, second: str, more: str = ""):
    """Write the toy city with its candidates in two files, whose costs have these headings."""
    path = toy.write(folder)
    sheet = toy.sheets["candidates"]
    sheet.head(2).rename(columns={"cost": first}).to_csv(folder / "candidates.csv", index=False)
    sheet.tail(1).rename(columns={"cost": second}).to_csv(folder / "more.csv", index=False)
    also = f'[[candidates]]\nfile = "more.csv"\ncrs = "EPSG:4549"\n{more}\n[[links]]'
    path.write_text(toy.scenario.replace("[[links]]", also), "utf-8")
    return path


def test_candidates_whose_costs_differ_in_unit_are_refused(toy, tmp_path):
    path = two_files(toy, tmp_path, "费用（万元）", "费用（元）")
    told = refused(lambda: planner.check(path))
    assert list(told) == ["tables.mixed_money"], "one fault is told once"
    for words in told["tables.mixed_money"]:
        assert "candidates.csv, more.csv" in words


@pytest.mark.parametrize("more", ['cost_unit = "元"', ""])
def test_a_unit_that_the_scenario_gives_or_nobody_counts_too(toy, tmp_path, more):
    path = two_files(toy, tmp_path, "费用（万元）", "cost", more)
    told = refused(lambda: planner.check(path))
    assert list(told) == ["area.cost_units"]
    for words in told["area.cost_units"]:
        assert "candidates.csv: 万元" in words
        assert f"more.csv: {'元' if more else '–'}" in words


def test_one_unit_is_told_behind_every_cost(toy, tmp_path):
    path = two_files(toy, tmp_path, "费用（万元）", "费用（万元）")
    plan = api.run(path, set=["siting=[{kind='canteen',new=1}]"])
    assert plan.area.cost_unit == "万元"
    (cost,) = (f"{cost:g}" for cost in plan.siting[0].sites["cost"])
    assert f"{cost} 万元" in report.markdown(plan, "zh")
    assert f"{cost} × 10,000 yuan" in report.markdown(plan, "en")


def test_plans_of_two_districts_are_not_compared(toy, tmp_path):
    first = api.run(toy.write(tmp_path / "first"), set=["siting=[]"])
    far = dataclasses.replace(
        toy, communities=toy.communities.assign(id=[f"Z{one}" for one in toy.communities["id"]]),
        sheets={
            name: sheet.assign(**{one: "Z" + sheet[one] for one in {"community"} & {*sheet}})
            for name, sheet in toy.sheets.items()
        },
    )  # fmt: skip
    second = api.run(far.write(tmp_path / "second"), set=["siting=[]", "title='另一座城'"])
    told = refused(lambda: planner.compare(first, second))
    assert list(told) == ["comparison.other_district"]
    for words in told["comparison.other_district"]:
        assert "玩具城" in words
        assert "另一座城" in words


def test_a_district_of_which_all_is_left_out_is_refused(toy, tmp_path):
    """Its streets lie elsewhere, as with a wrong datum."""
    far = dataclasses.replace(
        toy, streets=toy.streets.assign(geometry=toy.streets.geometry.translate(50_000, 0))
    )
    told = refused(lambda: api.run(far.write(tmp_path)))
    (chinese, english) = told["area.no_community_inside"]
    assert chinese.startswith("communities.gpkg")
    assert english.startswith("communities.gpkg")


@pytest.fixture(scope="module")
def beyond(toy, tmp_path_factory):
    """The toy city in a year that its facilities tell nothing of."""
    return api.run(toy.write(tmp_path_factory.mktemp("beyond")), set=["year=1990"])


@pytest.mark.browser
@pytest.mark.parametrize("lang", LANGS)
def test_a_year_beyond_the_data_is_told_on_every_page(beyond, chrome, lang, tmp_path, capsys):
    pages = pages_of(beyond, lang, chrome, tmp_path, capsys)
    told = text("area.left_out.year", lang, year=1990, first=2005, last=2022)
    assert told in pages.terminal
    assert told in pages.words()
    assert told in pages.first_sheet
    assert told in [value for _, value in pages.content.facts]
    assert told in pages.record["caveats"][lang]
    assert told in pages.visit("() => document.querySelector('.headline').textContent")


@pytest.mark.browser
@pytest.mark.parametrize("lang", LANGS)
def test_a_comparison_tells_a_year_beyond_the_data_on_every_page(
    toy_plan, beyond, chrome, lang, tmp_path, capsys, monkeypatch
):
    monkeypatch.setenv("COLUMNS", "400")
    told = text("area.left_out.year", lang, year=1990, first=2005, last=2022)
    assert told in beyond.caveats(lang), "and the walk finds each caveat on each page"
    check_comparison(planner.compare(toy_plan, beyond), lang, chrome, tmp_path, capsys)


@pytest.mark.browser
@pytest.mark.parametrize("lang", LANGS)
def test_a_trial_stands_in_the_community_that_the_button_names(
    toy_plan, chrome, lang, tmp_path, capsys
):
    visit = pages_of(toy_plan, lang, chrome, tmp_path, capsys, painted=True).visit
    names = list(toy_plan.area.communities["name"])
    for place in ("C", "B"):
        at = list(toy_plan.area.communities.index).index(place)
        visit("() => plan.trials.clear()")
        visit(f"() => plan.show({at})")
        button = visit.page.locator("#trial-centre")
        assert button.inner_text() == text("map.page.whatif_here", lang).replace(
            "{name}", names[at]
        )
        button.click()
        stands = visit(
            "(i) => plan.drawing.communities[i].getBounds().contains(plan.trials.all()[0].latlng)",
            at,
        )
        assert stands
        assert names[at] in visit.page.locator(".trials ol").inner_text()
    assert visit.wrong == []
