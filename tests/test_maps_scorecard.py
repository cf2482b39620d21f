"""The scorecard beside the map: the report's words, found, filtered, and shown on the map."""

import dataclasses

import pytest
from support.browser import Visit
from test_maps import NASTY, data_of

from planner.district import assessment
from planner.output import maps


@pytest.fixture(scope="module")
def district(chengwan_today):
    plan = chengwan_today
    card = plan.scorecard.copy()
    card.loc[1, ["grade", "pass", "must", "short_by"]] = ["unverified", False, 0.9, 5000.0]
    card.loc[2, ["name_zh", "name_en"]] = NASTY[:2]
    card.loc[3, "profile"] = "own.toml"
    # The embedded district answers every target of its document: let one lack its column.
    card.loc[4, ["value", "numerator", "denominator"]] = float("nan")
    card.loc[4, ["pass", "reaches_aim"]] = None
    card.loc[4, ["note_zh", "note_en"]] = [
        "数据中没有“送餐人数”列。",
        "No such column in the data.",
    ]
    return dataclasses.replace(plan, scorecard=card)


@pytest.fixture(scope="module")
def pages(district):
    """Its map in each language."""
    return {lang: maps.page(district, lang=lang) for lang in ("zh", "en")}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_lines_are_the_words_of_the_report(district, pages, lang):
    data = data_of(pages[lang])["scorecard"]
    told = assessment.readable(district.scorecard, lang)
    assert [row["name"] for row in data["rows"]] == district.scorecard[f"name_{lang}"].tolist()
    for row, (_, words) in zip(data["rows"], told.iterrows(), strict=True):
        assert {row["value"], row["must"], row["note"], row["source"]} <= set(words)
    card = district.scorecard
    for verdict, found in (
        ("met", card["pass"].fillna(value=False)),
        ("missed", ~card["pass"].fillna(value=True)),
        ("missing", card["value"].isna()),
        ("due_later", card["value"].notna() & card["due"].notna()),
        ("listed", card["value"].notna() & card["pass"].isna() & card["due"].isna()),
    ):
        assert [row["verdict"] == verdict for row in data["rows"]] == found.tolist()
    assert data["profiles"][1] == "own.toml"
    assert data["profiles"][0] != "beilun-2018"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_without_targets_there_are_no_lines(toy_plan, lang):
    assert toy_plan.scorecard.empty
    assert data_of(maps.page(toy_plan, lang=lang))["scorecard"] is None


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_lines_are_found_opened_and_shown_on_the_map(chrome, district, pages, lang, tmp_path):
    visit = Visit(chrome, pages[lang], tmp_path, painted=False)
    page = visit.page
    lines = page.locator(".scorecard li:visible")
    assert lines.count() == 0  # folded at first
    page.focus("#scorecard summary")
    page.keyboard.press("Enter")
    card = district.scorecard
    assert lines.count() == len(card)
    page.select_option("#card-verdict", "missed")
    assert lines.count() == int((card["pass"] == False).sum())  # noqa: E712  a missing one is neither
    assert {"zh": "未核实", "en": "unverified"}[lang] in lines.first.inner_text()
    page.select_option("#card-verdict", "missing")
    first = card[card["value"].isna()].iloc[0]
    assert lines.count() == int(card["value"].isna().sum())
    assert first[f"note_{lang}"] in lines.first.inner_text()
    page.select_option("#card-verdict", "")
    page.fill("#card-query", card.loc[1, f"name_{lang}"])
    assert lines.count() == 1
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert visit("() => plan.state.shade") == "1-1-people"
    assert visit("() => document.activeElement.getAttribute('aria-expanded')") == "true"
    assert card.loc[1, "source"] in lines.first.inner_text()
    assert visit("() => document.querySelector('#scorecard').open")
    assert page.locator(".scorecard .chosen").count() == 1
    fills = visit(
        "() => new Set([...document.querySelectorAll('.leaflet-communities-pane path')]"
        ".map((path) => path.getAttribute('fill'))).size"
    )
    assert fills > 2
    page.fill("#card-query", "no such target")
    assert lines.count() == 0
    assert "hacked" not in visit("() => ({ ...document.body.dataset })")
    assert visit.wrong == []
