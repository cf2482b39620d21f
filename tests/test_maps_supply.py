"""Capacity on the map: who is served, which facilities are short, and how that is shown."""

import pytest
from support.browser import Visit
from test_maps import data_of, make_plan, make_tables

from planner.language.numbers import whole
from planner.output import maps

SERVICE = [{"kind": "canteen", "group": "population", "need": 0.5}]


@pytest.fixture(scope="module")
def district(chengwan_today):
    return chengwan_today


@pytest.fixture(scope="module")
def data(chengwan_page):
    return data_of(chengwan_page)


def loads(own: dict) -> list[dict]:
    """Read the loads of facilities, which travel column by column, row by row."""
    columns = own["facilities"]
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def test_parts_are_those_of_the_plan(district, data):
    answer, own = district.service[0], data["supply"]["shelter"]
    split = answer.split[answer.split["group"] == "population"].set_index("unit")
    parts = ["served", "over_capacity", "out_of_reach"]
    assert own["all"] == {part: pytest.approx(split.loc["*", part]) for part in parts}
    for place, label in enumerate(district.area.communities.index):
        told = [whole(split.loc[label, part]) for part in parts]
        assert [own["communities"][part][place] for part in parts] == told
    assert set(data["supply"]) == {"shelter"}


def test_a_facility_is_short_where_it_is_the_nearest_for_more_than_it_holds(district, data):
    answer = district.service[0]
    wanted = dict.fromkeys(answer.load.index, 0.0)
    people = district.area.demand["population"]
    for _, row in district.coverage.nearest.iterrows():
        if row["kind"] == "shelter" and row["minutes"] <= 15:
            wanted[row["facility"]] += people[row["demand"]] * 0.1
    labels = district.area.facilities.index
    rows = {labels[row["facility"]]: row for row in loads(data["supply"]["shelter"])}
    assert set(rows) == set(wanted)
    short = 0
    for label, row in rows.items():
        load = answer.load.loc[label]
        assert row["capacity"] == load["capacity"]
        assert row["people"] == pytest.approx(load["people"], abs=0.051)
        assert row["wanted"] == pytest.approx(wanted[label], abs=0.51)
        assert row["short"] == int(wanted[label] > row["capacity"] + 1e-6 or load["scarce"])
        short += row["short"]
    assert 0 < short < len(rows)
    full = answer.load["scarce"]
    assert all(rows[label]["short"] for label in full.index[full])


def test_an_unknown_capacity_is_never_short():
    tables = make_tables(["甲"])
    tables.facilities["capacity"] = float("nan")
    own = data_of(maps.page(make_plan(tables, service=SERVICE), lang="en"))["supply"]["canteen"]
    assert own["facilities"]["short"] == [0] * len(own["facilities"]["facility"])
    assert own["facilities"]["wanted"][0] > 0


MARKS = "() => document.querySelectorAll('.leaflet-facilities-pane path[stroke-dasharray]').length"


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_marks_and_cards_say_what_is_short(chrome, district, chengwan_page, data, lang, tmp_path):
    if lang == "zh":  # chosen on the page, in the other language from the first
        visit = Visit(chrome, chengwan_page, tmp_path)
        visit("() => plan.chooseKind('shelter')")
    else:
        drawn = maps.draw(district, lang=lang, kind="shelter").get_root().render()
        visit = Visit(chrome, drawn, tmp_path)
    own = data["supply"]["shelter"]
    short = [row for row in loads(own) if row["short"]]
    assert visit(MARKS) == len(short)
    ring = visit.page.locator(".short-ring").first
    by_day = ring.evaluate("(path) => getComputedStyle(path).stroke")
    visit.page.click("#theme")
    assert ring.evaluate("(path) => getComputedStyle(path).stroke") != by_day
    visit.page.click("#theme")
    line = visit.page.locator("label.layer", has=visit.page.locator("#layer-over_capacity"))
    assert str(len(short)) in line.inner_text()
    full = next(row for row in short if row["wanted"] > row["capacity"])
    visit(f"() => plan.open('facilities', {full['facility']})")
    card = visit.page.locator(".leaflet-popup .card")
    assert f"{full['wanted'] - full['capacity']:,}" in card.locator(".short").inner_text()
    assert f"{full['people']:g} / {full['capacity']:g}" in card.inner_text()
    place = next(i for i, n in enumerate(own["communities"]["over_capacity"]) if n > 20)
    visit(f"() => plan.show({place})")
    told = visit.page.locator(".leaflet-popup .card .served b").all_inner_texts()
    assert [int(text.replace(",", "")) for text in told] == [
        own["communities"][part][place] for part in ("served", "over_capacity", "out_of_reach")
    ]
    shares = visit.page.locator(".supply .unit em").all_inner_texts()
    parts = [*own["all"].values()]
    assert shares == [f"{part / sum(parts):.1%}" for part in parts]
    visit.page.focus("#layer-over_capacity")
    visit.page.keyboard.press("Space")
    assert visit(MARKS) == 0
    visit.page.keyboard.press("Space")
    visit("() => { plan.state.year = 2014; plan.refresh(); }")
    assert visit(MARKS) == 0  # what is told of capacity is of the plan's year
    assert visit.page.locator(".supply").count() == 0
    assert visit.wrong == []
