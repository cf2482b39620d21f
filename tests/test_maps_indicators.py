"""Shading by any indicator: figures of the plan's tables, classes, colours, and the page itself."""

import dataclasses
import itertools
import math

import numpy as np
import pandas as pd
import pytest
from support.browser import Visit
from test_maps import NASTY, data_of, make_plan, make_tables

from planner import api, cli
from planner.district.assessment import by_street, by_unit, evaluate, gather
from planner.errors import SettingsError
from planner.output import indicators, layers, maps, palette
from planner.output.maps.classes import SCHEMES, bounds, bounds_about

ROUNDING = {"share": 6e-5, "minutes": 0.06, "people": 0.51}


@pytest.fixture(scope="module")
def district(chengwan_today):
    return chengwan_today


@pytest.fixture(scope="module")
def data(chengwan_page):
    return data_of(chengwan_page)


def figures(data: dict, name: str, kind: str | None = None) -> pd.Series:
    (found,) = [one for one in data["indicators"] if (one["name"], one["kind"]) == (name, kind)]
    labels = data["towns"]["name"] if found["by_street"] else range(len(found["values"]))
    return pd.Series(found["values"], index=labels, dtype=float)


def on_place(plan, table: pd.Series) -> list[float]:
    return table.reindex(plan.area.communities.index).tolist()


def same(found: pd.Series, expected: list[float], tolerance: float) -> None:
    assert len(found) == len(expected)
    assert found.notna().tolist() == [not math.isnan(value) for value in expected]
    assert np.nanmax(np.abs(found.to_numpy() - np.array(expected))) <= tolerance


def test_shares_of_every_group_are_those_of_the_people_table(district, data):
    people = district.coverage.people
    for kind, group in itertools.product(district.kinds, ("population", "aged_65", "aged_80")):
        rows = people[
            (people["kind"] == kind)
            & (people["group"] == group)
            & (people["minutes"] == 15)
            & (people["level"] == "community")
        ].set_index("unit")["share"]
        expected = on_place(district, rows)
        same(figures(data, f"share_{group}", kind), expected, ROUNDING["share"])


def test_capacity_per_thousand_counts_what_stands_in_the_place(district, data):
    area = district.area
    beds, old = {}, {}
    for label, row in area.facilities[area.facilities["operating"]].iterrows():
        if row["kind"] == "institution":
            beds.setdefault(row["community"], []).append(row["capacity"])
        assert label
    for _, home in area.demand.iterrows():
        old[home["community"]] = old.get(home["community"], 0.0) + home["aged_60"]
    expected = [
        sum(beds.get(label, [])) * 1000 / old[label] if old.get(label) else math.nan
        for label in area.communities.index
    ]
    same(figures(data, "capacity", "institution"), expected, 0.51)
    street = area.communities["street"]
    by_name = figures(data, "capacity_by_street", "institution")
    for name, value in by_name.items():
        members = street.index[street == name]
        places = sum(sum(beds.get(label, [])) for label in members)
        assert value == pytest.approx(places * 1000 / sum(old[m] for m in members), abs=0.06)


def test_a_facility_of_unknown_capacity_leaves_its_place_without_a_figure():
    tables = make_tables(["甲"])
    tables.facilities.loc[:, "status"] = "existing"
    found = figures(data_of(maps.page(make_plan(tables), lang="en")), "capacity", "canteen")
    assert found[0] == pytest.approx(50 * 1000 / sum(30.0 + n for n in range(3)), rel=0.01)
    assert math.isnan(found[2 * 3 + 2])  # the second canteen has no known capacity, and nobody near
    assert (found[1:8] == 0).all()


def test_who_is_served_is_the_split_of_the_allocation(district, data):
    split = district.service[0].split
    split = split[(split["level"] == "community") & (split["group"] == "population")]
    split = split.set_index("unit")
    for name in ("over_capacity", "out_of_reach"):
        expected = on_place(district, split[name])
        same(figures(data, name, "shelter"), expected, ROUNDING["people"])
    share = (split["served"] / split["people"]).where(split["people"] > 0)
    same(figures(data, "served", "shelter"), on_place(district, share), ROUNDING["share"])


def test_places_have_their_people_density_and_columns(district, data):
    counted = district.area.counted
    living = district.area.demand.groupby("community")["population"].sum()
    same(figures(data, "population"), on_place(district, living), ROUNDING["people"])
    density = living / (counted.geometry.area / 1e6)
    same(figures(data, "density"), on_place(district, density), 0.51)
    same(figures(data, "households"), on_place(district, counted["households"]), 0.51)
    old = district.area.demand.groupby("community")["aged_60"].sum() / living
    same(figures(data, "aged_60_of_population"), on_place(district, old), ROUNDING["share"])


def test_lines_of_the_scorecard_are_evaluated_street_by_street(district, data):
    found = figures(data, "1-1-people")
    for street, share in found.items():
        told = district.coverage.share("canteen", minutes=15, group="aged_60", unit=street)
        assert share == pytest.approx(told, abs=ROUNDING["share"])
    table = district.scorecard_streets
    assert set(table["target"]) <= set(
        district.scorecard.loc[district.scorecard["value"].notna(), "target"]
    )
    beds = table[table["target"] == "1-13"].set_index("street")["value"]
    assert beds.sum() == district.scorecard.set_index("target").loc["1-13", "value"]


def test_by_street_agrees_with_figures_part_by_part(toy_plan):
    settings, area = toy_plan.settings, toy_plan.area
    facts = gather(
        area, toy_plan.coverage.nearest, group=settings.coverage.group,
        cutoff_min=settings.coverage.cutoff_min, covered_share=settings.coverage.covered_share,
        speed_mps=settings.walk.speed.speed_mps,
    )  # fmt: skip
    profile = api.read_standards(["beilun-2018"])
    key = "1-9-people"
    card = pd.DataFrame({"target": [key, "1-12"], "value": [0.5, None]})
    found = by_street(facts, profile, card).set_index("street")
    expected = by_unit(facts, profile.targets[key], "street", evaluate)["value"].dropna()
    assert found["value"].to_dict() == expected.to_dict()
    assert set(found["target"]) <= {key}
    nowhere = by_street(
        gather(
            area, toy_plan.coverage.nearest, group="population", cutoff_min=15, covered_share=0.5,
            speed_mps=1.0,
        ).within(area.counted.index[:0]),
        profile,
        card,
    )  # fmt: skip
    assert nowhere.empty


# Classes


def best_breaks(values: list[float], most: int) -> float:
    """Try every way to cut sorted values into classes: the least sum of squares within."""
    values = sorted(values)
    cuts = itertools.combinations(range(1, len(values)), most - 1)
    return min(
        sum(
            float(np.square(np.array(values[a:b]) - np.mean(values[a:b])).sum())
            for a, b in itertools.pairwise((0, *cut, len(values)))
        )
        for cut in cuts
    )


def within(values: list[float], tops: list[float]) -> float:
    place = np.searchsorted(np.array(tops), np.array(values), side="left")
    return sum(
        float(np.square(own - own.mean()).sum())
        for own in (np.array(values)[place == i] for i in range(len(tops) + 1))
        if len(own)
    )


def test_classes_are_quantiles_equal_steps_and_natural_breaks():
    random = np.random.default_rng(4)
    for _ in range(5):
        values = sorted(random.choice(1000, size=13, replace=False).astype(float).tolist())
        found = bounds([*values, None], "people")
        inner = [1 / 5, 2 / 5, 3 / 5, 4 / 5]
        assert found["quantiles"] == pytest.approx(np.quantile(values, inner), abs=0.51)
        step = (values[-1] - values[0]) / 5
        equal = [values[0] + n * step for n in (1, 2, 3, 4)]
        assert found["equal"] == pytest.approx(equal, abs=0.51)
        assert within(values, found["natural"]) == pytest.approx(best_breaks(values, 5))


def test_classes_of_little_data():
    for scheme in SCHEMES:
        assert bounds([], "share")[scheme] == []
        assert bounds([None, 0.3, 0.3], "share")[scheme] == []
    two = bounds([0.0, 1.0], "people")
    assert two["quantiles"] == two["natural"] == [0.0]
    assert bounds([0.0] * 90 + [float(n) for n in range(20)], "people")["quantiles"][0] == 0.0
    many = bounds([n / 7 for n in range(9000)], "amount")
    assert all(len(found) == 4 for found in many.values())
    assert many["natural"] == pytest.approx(many["equal"], rel=0.02)


def test_a_target_is_a_bound_with_classes_on_both_sides():
    found = bounds_about([0.1, 0.2, 0.3, 0.4, 0.6, 0.7, 0.9, None], "share", 0.5)
    for tops in found.values():
        assert 0.5 in tops
        assert tops == sorted(tops)
        assert 1 <= sum(top < 0.5 for top in tops) <= 2
        assert sum(top > 0.5 for top in tops) == 1
    assert bounds_about([0.9, 1.0], "share", 1.0)["equal"] == [1.0]
    assert bounds_about([], "share", 1.0)["natural"] == [1.0]


# What the eye sees with protanopia and deuteranopia (Machado, Oliveira and Fernandes 2009).
MACHADO = {
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
               [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
               [-0.011820, 0.042940, 0.968881]],
    "normal": np.eye(3).tolist(),
}  # fmt: skip


def lab(colour: str, sight: str) -> np.ndarray:
    srgb = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(np.array(MACHADO[sight]) @ linear, 0, 1)
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    x, y, z = (xyz @ seen) / np.array([0.9505, 1.0, 1.089])
    f = [t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in (x, y, z)]
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("sight", MACHADO)
def test_colours_of_neighbouring_classes_can_be_told_apart(sight):
    below, above = palette.BELOW_COLOURS, palette.ABOVE_COLOURS
    for ramp in (palette.SHARE_COLOURS, palette.AMOUNT_COLOURS, (*below, *above)):
        for one, other in itertools.pairwise(ramp):
            assert np.linalg.norm(lab(one, sight) - lab(other, sight)) > 9
    for one, other in itertools.product(below, above):
        assert np.linalg.norm(lab(one, sight) - lab(other, sight)) > 9
    light = [lab(colour, sight)[0] for colour in palette.AMOUNT_COLOURS]
    assert light == sorted(light, reverse=True)


# What a caller may ask for


def test_draw_begins_with_the_layers_and_the_indicator_asked_for(toy_plan, toy_page):
    asked = maps.draw(toy_plan, lang="en", layers=["streets", "labels"], indicator="minutes")
    found = data_of(asked.get_root().render())
    assert [name for name, on in found["layers"].items() if on] == ["streets", "labels"]
    assert found["shade"] == "minutes"
    plain = data_of(toy_page)
    assert plain["shade"] == "share"
    assert plain["layers"]["streets"]
    assert not plain["layers"]["links"]
    made = layers.made_for(toy_plan)
    drawn = [spec.id for spec in layers.in_order() if spec.make is None or spec in made]
    assert sorted(plain["layers"]) == sorted(drawn)
    for name in indicators.indicator_names(toy_plan):
        assert data_of(api.draw(toy_plan, indicator=name).get_root().render())["shade"] == name


def test_draw_names_all_that_it_does_not_know(toy_plan):
    with pytest.raises(SettingsError) as caught:
        maps.draw(toy_plan, lang="en", kind="x1", layers=["rings", "x2"], indicator="x3")
    said = caught.value.say("en")
    assert len(said) == 3
    for name, known in (("x1", "canteen"), ("x2", "homes"), ("x3", "share, minutes, walk")):
        assert any(f"'{name}'" in line and known in line for line in said)


def test_a_scenario_chooses_what_is_shown():
    plan = make_plan(make_tables(NASTY), map={"indicator": "lacking", "layers": ["gaps"]})
    found = data_of(maps.page(plan, lang="zh"))
    assert found["shade"] == "lacking"
    assert [name for name, on in found["layers"].items() if on] == ["gaps"]
    with pytest.raises(SettingsError, match="roads"):
        maps.page(make_plan(make_tables(NASTY), map={"layers": ["roads"]}), lang="zh")


def test_what_may_be_asked_for_is_known_before_anything_is_computed(toy_plan, district):
    """Whatever a run turns out to have passes beforehand, and nothing else does."""
    profile = api.read_standards(district.settings.standards.profiles)
    for plan, targets in ((toy_plan, None), (district, profile)):
        possible = indicators.possible_names(plan.area, plan.settings, targets)
        assert len(set(possible)) == len(possible)
        asked = {spec.id for spec in indicators.in_order() if spec.asked}
        had = set(indicators.indicator_names(plan, sorted(asked)))
        assert had <= set(possible)
        of_targets = set(targets.targets) if targets else set()
        assert {name.removesuffix("_by_community") for name in set(possible) - had} <= of_targets


@pytest.mark.parametrize("command", ["run", "check"])
def test_an_unknown_indicator_stops_a_run_before_it_begins(
    toy_city, tmp_path, monkeypatch, capsys, command
):
    def never(*_: object, **__: object) -> None:
        pytest.fail("computed for nothing")

    monkeypatch.setattr("planner.study.scenario.run", never)
    out = ["--out", str(tmp_path / "out")] if command == "run" else []
    asked = ["--set", "map.indicator=lackng", "--lang", "en"]
    with pytest.raises(SystemExit) as ended:
        cli.main([command, str(toy_city), *out, *asked])
    assert ended.value.code == 2
    told = capsys.readouterr().err
    assert "map.indicator" in told
    assert "The nearest is: lacking" in told
    assert "share_by_street" in told
    assert not (tmp_path / "out").exists()


def test_a_target_without_figures_leaves_the_map_shaded_by_the_share(toy_plan, toy_page):
    """It may be asked for, and only the run shows that there is nothing to shade by."""
    settings = toy_plan.settings
    asked = settings.model_copy(
        update={"map": settings.map.model_copy(update={"indicator": "beds_per_1000"})}
    )
    found = data_of(maps.page(dataclasses.replace(toy_plan, settings=asked), lang="en"))
    assert (found["shade"], found["unshaded"]) == ("share", "beds_per_1000")
    assert data_of(toy_page)["unshaded"] is None


# In the browser


@pytest.fixture(scope="module")
def visit(chrome, chengwan_page, tmp_path_factory):
    return Visit(chrome, chengwan_page, tmp_path_factory.mktemp("indicators"))


LEGENDS = """([states, scheme]) => states.map(([kind, shade]) => {
    Object.assign(plan.state, { kind, shade, scheme });
    plan.refresh();
    const rows = [...document.querySelectorAll('.scale.counted li')];
    return rows.map((row) => [row.querySelector('.swatch').style.background,
      Number(row.querySelector('small').firstChild.textContent.replaceAll(',', ''))]);
})"""  # all in one: between two calls the map would be painted


@pytest.mark.browser
@pytest.mark.parametrize("scheme", SCHEMES)
def test_legend_counts_the_communities_of_each_class(visit, data, scheme):
    inside = np.array(data["communities"]["inside"], dtype=bool)
    street = {name: place for place, name in enumerate(data["towns"]["name"])}
    home = [street.get(name) for name in data["communities"]["street"]]
    tried = 0
    states = [[one["kind"] or "canteen", one["name"]] for one in data["indicators"]]
    legends = visit(LEGENDS, [states, scheme])
    for one, rows in zip(data["indicators"], legends, strict=True):
        assert sum(count for _, count in rows) == inside.sum()
        if one["of"]:
            continue
        values = one["values"]
        if one["by_street"]:
            values = [None if place is None else values[place] for place in home]
        values = np.array([math.nan if v is None else v for v in values])[inside]
        tops = np.array(one["bounds"][scheme])
        if one["target"] is not None and one["better"] == "more":
            tops = np.where(tops == one["target"], tops - 1e-7, tops)
        place = np.searchsorted(tops, values[~np.isnan(values)] - 1e-9, side="left")
        expected = np.bincount(place, minlength=len(tops) + 1).tolist()
        found = [count for _, count in rows[: len(expected)]]
        assert (found[::-1] if one["better"] == "more" else found) == expected, one["name"]
        missing = int(np.isnan(values).sum())
        assert [count for _, count in rows[len(expected) :]] == ([missing] if missing else [])
        tried += 1
    assert tried > 25
    assert visit.wrong == []


@pytest.mark.browser
def test_shading_is_chosen_with_the_keyboard_and_falls_back(visit):
    page = visit.page
    visit(
        "() => { Object.assign(plan.state, { kind: 'shelter', shade: 'share', scheme: null });"
        " plan.refresh(); }"
    )
    page.focus("#indicator")
    page.keyboard.press("ArrowDown")
    page.wait_for_function("plan.state.shade === 'lacking'")
    page.select_option("#indicator", label="可达但超出容量")
    page.wait_for_function("plan.state.shade === 'over_capacity'")
    assert visit("() => document.activeElement.id") == "indicator"
    assert "容量不足" in page.locator(".legend .caption").first.inner_text()
    page.focus("#scheme")
    page.keyboard.press("ArrowDown")
    page.wait_for_function("plan.state.scheme === 'equal'")
    page.locator("label.kind", has_text="老年食堂").click()
    assert visit("() => plan.state.shade") == "share"  # canteens have no question of capacity
    assert visit("() => document.querySelector('#scheme').value") == "equal"
    assert visit.wrong == []


@pytest.mark.browser
def test_what_has_no_figure_is_hatched_and_named(chrome, tmp_path):
    tables = make_tables(["甲"])
    tables.communities.loc[3, "households"] = 40.0
    tables.communities.loc[4, "households"] = 70.0
    plan = make_plan(tables, map={"indicator": "households"})
    visit = Visit(chrome, maps.page(plan, lang="en"), tmp_path)
    fills = visit(
        "() => [...document.querySelectorAll('.leaflet-communities-pane path')]"
        ".map((path) => path.getAttribute('fill'))"
    )
    assert sum("hatch-empty" in fill for fill in fills) == 9 - 2
    assert "no figure" in visit.page.locator(".legend").inner_text()
    assert len({fill for fill in fills if fill.startswith("#")}) == 2
    assert visit.wrong == []


@pytest.mark.browser
def test_a_place_without_facilities_can_be_shaded_too(chrome, tmp_path):
    plan = dataclasses.replace(make_plan(make_tables(["甲"])), kinds=())
    visit = Visit(
        chrome, maps.draw(plan, lang="en", indicator="population").get_root().render(), tmp_path
    )
    assert visit("() => plan.state.shade") == "population"
    assert "Residents" in visit.page.locator(".legend .caption").inner_text()
    assert visit.wrong == []
