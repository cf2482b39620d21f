"""Registers of layers and indicators: what is registered once stands everywhere."""

import dataclasses
import math

import geopandas as gpd
import openpyxl
import pandas as pd
import pyogrio
import pytest
import shapely
from conftest import EAST, NORTH
from support.browser import Visit
from support.readme_tables import READMES, ROOT, filled

from planner import api
from planner.errors import SettingsError
from planner.language import LANGS, has_text, text
from planner.output import indicators, layers, report
from planner.output.columns import heading
from planner.output.indicators import IndicatorSpec
from planner.output.layers import Classes, FeatureColumn, LayerSpec
from planner.settings.schema import Outputs

PLACES = {
    "point": [shapely.Point(300, 300), shapely.Point(900, 0)],
    "line": [shapely.LineString([(0, 0), (600, 0)]), shapely.LineString([(0, 600), (900, 600)])],
    "polygon": [shapely.box(0, 0, 300, 300), shapely.box(600, 0, 900, 300)],
}


def toy_features(geometry):
    def make(plan):
        shapes = gpd.GeoSeries(PLACES[geometry], crs=plan.area.demand.crs)
        return gpd.GeoDataFrame(
            {"name": ["first", "second"], "kind": ["care_station", None], "people": [7, 12]},
            geometry=shapes.translate(EAST, NORTH),
        )

    return make


@pytest.fixture
def toys():
    """A toy of each, registered as anybody would, and gone again afterwards."""
    before = [(part, dict(part)) for part in (layers.LAYERS, indicators.INDICATORS)]
    for geometry in PLACES:
        layers.register(
            LayerSpec(
                id=f"toy_{geometry}",
                order=1000,
                make=toy_features(geometry),
                geometry=geometry,
                title="name",
                colour="#123456",
                classes=Classes(column="people", bounds=(10,), colours=("#aa0000", "#00aa00"))
                if geometry == "point"
                else None,
                columns=(
                    FeatureColumn(id="name", measure="text"),
                    FeatureColumn(id="people", measure="count"),
                ),
                text="layers.routes",
            )
        )
    indicators.register(
        IndicatorSpec(
            id="toy_figure",
            theme="place",
            order=1000,
            compute=lambda case: case.table["population"] / 2,
            unit="amount",
            decimals=0,
            classes=(30, 70),
            better="less",
            column=True,
            text="map.indicators.density",
        )
    )
    yield
    for part, known in before:
        part.clear()
        part.update(known)


ASKED = [f"outputs.layers={[f'toy_{geometry}' for geometry in PLACES]}", "map.indicator=toy_figure"]


@pytest.mark.usefixtures("toys")
def test_a_toy_layer_and_a_toy_indicator_stand_in_every_table(toy_city, tmp_path):
    plan = api.run(toy_city, set=ASKED)
    api.save(plan, tmp_path / "out", lang="en")
    table = pd.read_csv(tmp_path / "out" / "tables" / "toy_line.csv")  # noqa: TID251
    assert table["Name"].tolist() == ["first", "second"]
    assert table["People"].tolist() == [7, 12]
    communities = pd.read_csv(tmp_path / "out" / "tables" / "communities.csv")  # noqa: TID251
    by_name = communities.groupby("Name")["Density"].agg(["min", "max"])
    assert by_name.loc["东里社区"].tolist() == [75, 75]  # 150 people live there, for every kind
    assert by_name.loc["小岛村"].tolist() == [5, 5]
    found = dict(pyogrio.list_layers(tmp_path / "out" / "plan.gpkg"))
    assert {f"toy_{geometry}" for geometry in PLACES} <= set(found)
    places = gpd.read_file(tmp_path / "out" / "plan.gpkg", layer="communities")  # noqa: TID251
    assert places.set_index("id")["toy_figure"][["A", "B"]].tolist() == [75, 60]
    book = openpyxl.load_workbook(tmp_path / "out" / "report.xlsx")
    assert "Density" in [cell.value for cell in book[text("report.sheet.communities", "en")][1]]
    sheet = book["Ways to the nearest facility"]
    assert [cell.value for cell in sheet[2]] == ["first", "Home-care station", 7]
    assert report.record(plan)["tables"]["toy_point"][1]["people"] == 12


@pytest.mark.browser
@pytest.mark.usefixtures("toys")
def test_a_toy_layer_and_a_toy_indicator_are_drawn(toy_city, tmp_path, chrome):
    plan = api.run(toy_city, set=ASKED)
    visit = Visit(chrome, api.draw(plan, lang="en").get_root().render(), tmp_path)
    assert visit("() => plan.state.shade") == "toy_figure"
    fills = visit(
        "() => Object.fromEntries(plan.data.communities.name.map((name, i) =>"
        " [name, plan.drawing.communities[i].options.fillColor]))"
    )
    best, middle, worst = (fills[name] for name in ("小岛村", "东岸|“旧港”<b>村", "东里社区"))
    assert len({best, middle, worst}) == 3
    assert fills["北山村"] == best  # 30 is the first bound
    pane = (
        "() => [...document.querySelectorAll('.leaflet-{}-pane path.leaflet-interactive')].length"
    )
    pane_of = {"point": "feature-points", "line": "features", "polygon": "features"}
    lines, points = pane.format("features"), pane.format("feature-points")
    assert visit(lines) == visit(points) == 0
    for geometry, count in (("point", points), ("line", lines), ("polygon", lines)):
        visit.page.check(f"#layer-toy_{geometry}")
        assert visit(count) == 2  # one of the kind shown, one of none
        if geometry == "point":
            drawn = visit(
                "() => [...document.querySelectorAll('.leaflet-feature-points-pane path')]"
                ".map((path) => path.getAttribute('fill'))"
            )
            assert drawn == ["#aa0000", "#00aa00"]
            legend = visit.page.locator(".legend").inner_text()
            assert "below 10" in legend
            assert "10 or more" in legend
        visit(
            "(pane) => document.querySelector(pane).dispatchEvent("
            "new MouseEvent('click', { bubbles: true }))",
            f".leaflet-{pane_of[geometry]}-pane path.leaflet-interactive",
        )
        card = visit.page.locator(".leaflet-popup .card").last.inner_text()
        assert "first" in card
        assert "7" in card
        visit.page.uncheck(f"#layer-toy_{geometry}")
        assert visit(count) == 0
    visit("() => { plan.state.kind = 'canteen'; plan.refresh(); }")
    visit.page.check("#layer-toy_line")
    assert visit(lines) == 1
    assert visit.wrong == []


def test_one_name_is_registered_once():
    with pytest.raises(ValueError, match="routes"):
        layers.register(layers.LAYERS["routes"])
    with pytest.raises(ValueError, match="density"):
        indicators.register(indicators.INDICATORS["density"])


@pytest.mark.parametrize("lang", LANGS)
def test_what_is_registered_has_its_words(lang):
    for spec in layers.in_order():
        assert spec.about(lang)
        if spec.make is not None:
            assert spec.name(lang)
            assert all(heading(one.id, lang) != one.id for one in spec.columns)
    for spec in indicators.in_order():
        assert has_text(f"{spec.key}.title")
        assert has_text(f"{spec.key}.about")


@pytest.mark.parametrize("readme", READMES)
def test_the_tables_of_the_readme_are_those_of_the_registers(readme):
    said = (ROOT / readme).read_text("utf-8")
    assert said == filled(readme), "stale: python tests/support/readme_tables.py"


def test_unknown_names_are_refused_with_the_nearest(toy_city):
    with pytest.raises(SettingsError) as caught:
        api.check(
            toy_city,
            set=["outputs.layers=['route','rings']", "outputs.indicators=['backups']",
                    "map.layers=['streetz']"],
        )  # fmt: skip
    said = caught.value.say("en")
    for name, near in (("route", "routes"), ("streetz", "streets"), ("backups", "backup")):
        assert any(f"'{name}'" in line and near in line for line in said)
    assert any("'rings'" in line and "outputs.layers" in line for line in said)  # in every map


# What the further layers and indicators say, worked out by hand: see conftest for the minutes.


@pytest.fixture(scope="module")
def asked(toy, tmp_path_factory):
    names = [spec.id for spec in layers.in_order() if spec.make is not None]
    return api.run(
        toy.write(tmp_path_factory.mktemp("asked")),
        use=["later"],
        set=[
            f"outputs.layers={names}", "outputs.indicators=['backup']", "siting=[]",
            "service=[{kind='care_station', group='aged_60'}]",
        ],
    )  # fmt: skip


def table(plan, name, kind):
    found = layers.features(plan, layers.LAYERS[name])
    return found[found["kind"] == kind]


def test_routes_lead_from_the_middle_of_the_people(asked):
    ways = table(asked, "routes", "canteen").set_index("community")
    # a1 of A (30 of 40 aged), b1 of B (equal, the first), c1, d1; nobody leaves the island.
    minutes = {"A": 50 / 3, "B": 29 / 3, "C": 50 / 3, "D": 20 / 3}
    assert ways["minutes"].to_dict() == pytest.approx(minutes)
    assert ways["length_m"].to_dict() == pytest.approx({k: 60 * m for k, m in minutes.items()})
    assert ways["facility_name"].unique().tolist() == ["长者食堂"]
    ends = shapely.get_coordinates(ways.loc["A", "geometry"])[[0, -1]] - (EAST, NORTH)
    assert ends[0].tolist() == [0, 0]
    assert ends[1] == pytest.approx([660, 340], abs=0.01)


def test_responsibility_areas_tell_for_whom_a_facility_is_the_nearest(asked):
    areas = table(asked, "responsibility_areas", "care_station").set_index("facility")
    # S2 opened at (1200, 0): b1 is 5, b2 0 and d2 10 minutes from it; all others go to S1.
    assert areas["people"].to_dict() == {"S1": 110, "S2": 50}
    assert areas["covered"].to_dict() == {"S1": 110, "S2": 50}
    assert areas["area_km2"].tolist() == pytest.approx((areas.area / 1e6).tolist())
    assert areas.loc["S2"].geometry.contains(shapely.Point(EAST + 1190, NORTH))
    assert areas.loc["S1"].geometry.contains(shapely.Point(EAST + 310, NORTH + 300))


def test_roads_within_reach_go_with_the_nearest_facility(asked):
    roads = table(asked, "reached_streets", "shelter").set_index("facility")
    # 900 m from H1 at (900, 600), along the lattice of 1,200 by 600 m: the road in the north as a
    # whole; that in the middle from x = 300 on, that in the south from x = 600 on; and northward
    # 600 m at x = 600, 900 and 1200, 300 m at x = 300, none at x = 0.
    assert roads["road_km"].to_dict() == pytest.approx(
        {"H1": (1200 + 900 + 600 + 1800 + 300) / 1e3}
    )
    assert roads.length["H1"] == pytest.approx(4800)


def test_the_pedestrian_shed_is_the_reach_over_the_circle(asked):
    shed = table(asked, "pedestrian_shed", "canteen").set_index("facility").loc["K1"]
    assert shed["circle_km2"] == pytest.approx(math.pi * 0.9**2)  # 15 minutes at 1 m/s
    rings = asked.rings
    ring = rings[(rings["kind"] == "canteen") & (rings["minutes"] == 15)].area.iloc[0] / 1e6
    assert shed["reach_km2"] == pytest.approx(ring, rel=0.01)
    assert shed["shed_ratio"] == pytest.approx(ring / (math.pi * 0.81), rel=0.01)


def test_critical_roads_are_those_whose_closing_costs_most_people(asked):
    roads = table(asked, "critical_streets", "shelter")
    # To H1 at (900, 600): c1 (30) has only the road along the north within 900 m, b1 (20) only the
    # one straight north, in two stretches between junctions; all others have another way. Whoever
    # stands on a stretch leaves it by either end: c1 the corner in the north-west, H1 the last
    # stretch before it.
    assert roads["cut_off"].tolist() == [30, 20, 20]
    assert roads["rank"].tolist() == [1, 2, 3]
    assert roads["road"].tolist() == ["横2路", "纵3路", "纵3路"]
    assert roads["length_m"].tolist() == pytest.approx([300] * 3)


def figures(plan, name, kind):
    (found,) = [one for one in indicators.indicators(plan) if (one.name, one.kind) == (name, kind)]
    return found.figures.to_dict()


def test_backup_counts_who_has_a_second_facility_within_the_cutoff(asked):
    # b1 (20 of 40 aged in B) is 15 minutes from S1 and 5 from S2; nobody else has both.
    assert figures(asked, "backup", "care_station") == {"A": 0, "B": 0.5, "C": 0, "D": 0, "E": 0}
    shown = report.tables(asked)["communities"]
    assert shown.set_index(["kind", "community"])["backup"]["care_station", "B"] == 0.5
    plain = asked.settings.model_copy(update={"outputs": Outputs()})
    unasked = dataclasses.replace(asked, settings=plain)
    assert "backup" not in {found.name for found in indicators.indicators(unasked)}
    assert "backup" not in report.tables(unasked)["communities"]


def test_access_shares_places_among_those_who_reach_them(asked):
    # S1: 20 places for a1 30, a2 10, b1 20, c1 30, d1 40; S2: 10 for b1 20, b2 20, d2 10.
    first, second = 1000 * 20 / 130, 1000 * 10 / 50
    expected = {
        "A": first, "B": (20 * (first + second) + 20 * second) / 40, "C": first,
        "D": (40 * first + 10 * second) / 50, "E": 0,
    }  # fmt: skip
    assert figures(asked, "access", "care_station") == pytest.approx(expected)
