"""What the page works out by itself, in a real browser, against the same worked out in Python."""

import csv
import io

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from support.browser import Visit

from planner import api
from planner import coverage as cover
from planner.study import scenario

pytestmark = pytest.mark.browser
POINT = 0.001
SPOTS = 5


@pytest.fixture(scope="module")
def district(chengwan_today):
    return chengwan_today


@pytest.fixture(scope="module")
def visit(chrome, chengwan_page, tmp_path_factory):
    return Visit(chrome, chengwan_page, tmp_path_factory.mktemp("district"), painted=False)


@pytest.fixture(scope="module")
def toy_visit(chrome, toy_page, tmp_path_factory):
    return Visit(chrome, toy_page, tmp_path_factory.mktemp("toy"))


def measured(plan: scenario.Plan, kind: str, more: gpd.GeoDataFrame) -> cover.Coverage:
    """Measure coverage once more facilities of a kind stand, by the plan's own settings."""
    area, chosen, walk = plan.area, plan.settings.coverage, plan.settings.walk
    operating = area.facilities[area.facilities["operating"] & (area.facilities["kind"] == kind)]
    points = pd.concat([operating.geometry, more.geometry])
    found = area.network.nearest(
        area.demand.geometry,
        gpd.GeoSeries(points, crs=area.demand.crs),
        cutoff_min=chosen.search_min,
        speed_mps=walk.speed.speed_mps,
        max_snap_m=walk.max_snap_m,
    ).dropna(subset=["minutes"])
    return cover.measure(
        found.rename_axis("demand").reset_index().assign(kind=kind),
        demand=area.demand,
        communities=area.counted,
        groups=area.groups,
        kinds=[kind],
        minutes=chosen.minutes,
        cutoff_min=chosen.cutoff_min,
        covered_share=chosen.covered_share,
        group=chosen.group,
        has={kind: {*operating["community"], *more["community"]} - {None, np.nan}},
        linked={},
    )


def agree(view: dict, python: cover.Coverage, plan: scenario.Plan, kind: str) -> None:
    """Compare what a page shows with what Python measures."""
    for group, rows in view["people"].items():
        for row in rows:
            expected = python.share(kind, minutes=row["minutes"], group=group)
            assert row["share"] == pytest.approx(expected, abs=POINT), (group, row)
    units = python.units.set_index("community").reindex(plan.area.communities.index)
    share = np.array([np.nan if value is None else value for value in view["share"]], float)
    assert np.array_equal(np.isnan(share), units["share"].isna())
    far = np.abs(share - units["share"].to_numpy(float))
    assert np.nanmax(far) < 0.03  # a dwelling right at the limit may be a large share of a hamlet
    assert np.nanmean(far) < POINT
    minutes = np.array([np.nan if value is None else value for value in view["minutes"]], float)
    assert np.nanmedian(np.abs(minutes - units["minutes"].to_numpy(float))) < 0.01
    table = python.unit_shares
    told = table[table["level"] == "district"].iloc[0]
    assert [view["counts"][name] for name in ("communities", "has")] == [
        told["communities"], told["has"],
    ]  # fmt: skip
    assert abs(view["counts"]["reached"] - told["reached"]) <= 1


def trial_points(plan: scenario.Plan, places: list[tuple[float, float]]) -> gpd.GeoDataFrame:
    lon, lat = zip(*places, strict=True)
    points = gpd.GeoSeries.from_xy(lon, lat, crs="EPSG:4326").to_crs(plan.area.demand.crs)
    homes = plan.area.communities.sindex.query(points, predicate="intersects")
    community = pd.Series(None, index=range(len(places)), dtype=object)
    community.iloc[homes[0]] = plan.area.communities.index.to_numpy()[homes[1]]
    return gpd.GeoDataFrame(
        {"community": community.to_numpy()},
        geometry=points.to_numpy(),
        index=[f"trial-{n}" for n in range(len(places))],
        crs=plan.area.demand.crs,
    )


VIEW = """() => { const { people, share, minutes, counts } = plan.view();
    return { people, share, minutes, counts }; }"""


def test_a_click_says_what_python_says(visit, district):
    """Random homes and places off the streets, one after the other, at two kinds."""
    random = np.random.default_rng(11)
    homes = district.area.demand.geometry.sample(SPOTS, random_state=3)
    xy = shapely.get_coordinates(homes.to_numpy()) + random.uniform(-150, 150, (SPOTS, 2))
    spots = gpd.GeoSeries.from_xy(*xy.T, crs=district.area.demand.crs).to_crs("EPSG:4326")
    for kind in ("canteen", "institution"):
        visit("(kind) => { plan.trials.clear(); plan.state.kind = kind; plan.refresh(); }", kind)
        placed: list[tuple[float, float]] = []
        for spot in spots:
            there = [round(spot.y, 7), round(spot.x, 7)]
            stands = visit("(at) => Boolean(plan.trials.add(at))", there)
            snapped = district.area.network.snap(trial_points(district, [there[::-1]]), 200.0)
            assert stands == (len(snapped.unreachable) == 0)
            if not stands:
                continue
            placed.append((there[1], there[0]))
            python = measured(district, kind, trial_points(district, placed))
            agree(visit(VIEW), python, district, kind)
        assert len(placed) >= SPOTS - 2
        gains = visit("() => plan.trials.table().map((row) => row.adds_aged_60)")
        weight = district.area.demand["aged_60"]
        before = district.coverage.share(kind, minutes=15, group="aged_60")
        total = (python.share(kind, minutes=15, group="aged_60") - before) * weight.sum()
        assert sum(gains) == pytest.approx(total, abs=POINT * weight.sum())
    visit("() => plan.trials.clear()")
    assert visit.wrong == []


def test_undo_clear_move_and_a_place_off_the_streets(toy_visit):
    names = "() => plan.trials.all().map((one) => one.name).join('')"
    middle = toy_visit("() => { const { lat, lng } = plan.map.getCenter(); return [lat, lng]; }")
    toy_visit("() => { plan.state.kind = 'canteen'; plan.refresh(); }")
    today = toy_visit("() => plan.view('canteen', 'before').people")
    for expected in ("A", "AB"):
        assert toy_visit("(at) => Boolean(plan.trials.add(at))", middle)
        assert toy_visit(names) == expected
    toy_visit("(at) => plan.trials.move(plan.trials.all()[0], [at[0] + 0.001, at[1]])", middle)
    assert toy_visit(names) == "AB"
    moved = toy_visit("() => plan.trials.all()[0].latlng.lat")
    assert moved == pytest.approx(middle[0] + 0.001)
    toy_visit("() => plan.trials.undo()")
    assert toy_visit("() => plan.trials.all()[0].latlng.lat") == pytest.approx(middle[0])
    assert not toy_visit("() => Boolean(plan.trials.add([0, 0]))")
    assert "No street within 200 m" in toy_visit.page.inner_text(".trials .warn")
    toy_visit("() => plan.trials.remove(plan.trials.all()[0])")
    assert toy_visit(names) == "B"
    toy_visit("() => plan.trials.clear()")
    assert toy_visit(names) == ""
    toy_visit("() => plan.trials.undo()")
    assert toy_visit(names) == "B"
    toy_visit("() => { plan.trials.undo(); plan.trials.undo(); }")
    toy_visit("() => { while (plan.trials.undoable()) plan.trials.undo(); }")
    assert toy_visit(names) == ""
    assert toy_visit("() => plan.view().people") == today


def test_a_click_on_the_map_places_and_a_drag_moves(toy_visit):
    page = toy_visit.page
    page.click("#trial-place")
    box = page.locator("#plan_map").bounding_box()
    at = toy_visit(
        "() => { const { x, y } = plan.map.latLngToContainerPoint("
        "plan.unpack.point(plan.data.candidates.at[0])); return [x, y]; }"
    )
    page.mouse.click(box["x"] + at[0], box["y"] + at[1] + 4)
    assert toy_visit("() => plan.trials.all().length") == 1
    assert page.locator(".leaflet-popup").count() == 0
    page.click("#trial-place")
    pin = page.locator(".pin.trial").bounding_box()
    page.mouse.move(pin["x"] + 13, pin["y"] + 15)
    page.mouse.down()
    page.mouse.move(pin["x"] + 60, pin["y"] + 15, steps=4)
    page.mouse.up()
    moved = toy_visit("() => plan.map.latLngToContainerPoint(plan.trials.all()[0].latlng).x")
    assert moved == pytest.approx(at[0] + 47, abs=8)
    toy_visit("() => plan.trials.clear()")
    assert toy_visit.wrong == []


def test_trial_sites_go_into_a_scenario(toy_visit, toy_city):
    """As facilities they give the page's shares; as candidates, the siting chooses among them."""
    toy_visit("() => { plan.state.kind = 'canteen'; plan.refresh(); }")
    x1 = toy_visit("() => plan.unpack.point(plan.data.candidates.at[0])")
    toy_visit("(at) => { plan.trials.add(at); plan.trials.add([at[0] + 0.0005, at[1]]); }", x1)
    shares = toy_visit("() => plan.view().people")
    text, snippet = toy_visit("() => [plan.trials.csv(), plan.trials.toml()]")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert [row["id"] for row in rows] == ["trial-A", "trial-B"]
    with toy_visit.page.expect_download() as waiting:
        toy_visit.page.click("#trial-csv")
    assert waiting.value.suggested_filename == "trial_sites.csv"
    waiting.value.save_as(toy_city.parent / "trial_sites.csv")
    assert (toy_city.parent / "trial_sites.csv").read_bytes().decode() == text
    before = toy_city.read_text("utf-8")
    toy_city.write_text(f"{before}\n{snippet}", "utf-8")
    plan = api.run(toy_city, set=["siting=[]"])
    assert {"trial-A", "trial-B"} <= set(plan.area.facilities.index)
    for group, limits in shares.items():
        for one in limits:
            assert one["share"] == pytest.approx(
                plan.coverage.share("canteen", minutes=one["minutes"], group=group)
            )
    other = snippet[snippet.index("# [[candidates]]") :].replace("# ", "")
    toy_city.write_text(f"{before}\n{other}", "utf-8")
    plan = api.run(toy_city, set=["siting=[]"])
    assert {"trial-A", "trial-B"} <= set(plan.area.candidates.index)
    toy_visit("() => plan.trials.clear()")


def test_years_say_what_a_run_of_that_year_says(toy_visit, toy_city):
    toy_visit("() => { plan.trials.clear(); plan.state.kind = 'care_station'; plan.refresh(); }")
    shown = "() => Number(document.querySelector('.headline strong').textContent.slice(0, -1))"
    for year, operating in (
        (2005, ["S3"]),
        (2012, ["S1", "S3"]),
        (2015, ["S1"]),
        (2022, ["S1", "S2"]),
    ):
        plan = api.run(toy_city, set=["siting=[]", f"year={year}"])
        toy_visit.page.locator("#year").fill(str(year))
        facilities = plan.area.facilities.query("kind == 'care_station' and operating")
        assert sorted(facilities.index) == operating
        counted = toy_visit("() => plan.views.facilitiesOf('care_station').length")
        assert counted == len(operating)
        people = toy_visit("() => plan.view().people")
        for group, rows in people.items():
            for row in rows:
                expected = plan.coverage.share("care_station", minutes=row["minutes"], group=group)
                assert row["share"] == pytest.approx(expected, abs=POINT), (year, group, row)
        share = plan.coverage.share("care_station", minutes=15, group="aged_60")
        assert toy_visit(shown) == pytest.approx(100 * share, abs=0.06)
    toy_visit.page.click("#year-own")
    assert toy_visit("() => plan.state.year") is None
    assert toy_visit.wrong == []


def test_search_finds_in_either_script_and_in_pinyin(toy_visit):
    found = "(text) => plan.find(text).map((one) => one.name)"
    assert toy_visit(found, "东里")[0] == "东里社区"
    assert toy_visit(found, "東里")[0] == "东里社区"
    assert toy_visit(found, "dongli")[0] == "东里社区"
    assert toy_visit(found, "dlsq")[0] == "东里社区"
    assert toy_visit(found, "shitang") == ["长者食堂"]
    assert "岛上办公楼" in toy_visit(found, "bangongl")
    toy_visit(
        "() => { const [site] = plan.find('daoshang'); plan.open(site.sort, site.i, site.answer); }"
    )
    assert toy_visit.page.locator(".leaflet-popup h3").last.inner_text() == "岛上办公楼"
    assert toy_visit(found, "没有这个") == []
    page = toy_visit.page
    page.keyboard.press("/")
    page.keyboard.type("bei shan")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.locator(".leaflet-popup h3").last.inner_text() == "北山村"
    card = page.locator(".leaflet-popup").last.inner_text()
    assert "长者食堂" in card  # the nearest of its kind, named
    page.fill("#search", "zzst")
    page.keyboard.press("Enter")
    assert page.locator(".leaflet-popup h3").last.inner_text() == "长者食堂"
    assert toy_visit("() => plan.state.kind") == "canteen"
    assert toy_visit("() => plan.state.reach") is not None
    toy_visit("() => { plan.map.closePopup(); plan.whole(); }")
    assert toy_visit.wrong == []


def test_dark_is_chosen_and_paper_stays_light(toy_visit):
    dark = "() => document.documentElement.classList.contains('dark')"
    assert not toy_visit(dark)
    toy_visit.page.click("#theme")
    assert toy_visit(dark)
    assert toy_visit.page.get_attribute("#theme", "aria-pressed") == "true"
    toy_visit("() => window.dispatchEvent(new Event('beforeprint'))")
    assert not toy_visit(dark)
    toy_visit("() => window.dispatchEvent(new Event('afterprint'))")
    assert toy_visit(dark)
    toy_visit.page.click("#theme")
    assert not toy_visit(dark)
    toy_visit.page.emulate_media(color_scheme="dark")
    assert not toy_visit(dark)  # the reader has chosen
    assert toy_visit.wrong == []


WAYS = """([kind, places]) => { plan.chooseKind(kind); return places.map((i) => {
    const found = plan.ways.find(i, kind);
    if (!found) return null;
    const { home, goal, minutes, metres, why } = found;
    return [home, goal ? goal.facility : null, minutes || null, metres || null, why || null];
    }); }"""


def middle_home(plan: scenario.Plan, community: object) -> object:
    """The home with the least sum of straight ways to all its people, worked out by brute force."""
    homes = plan.area.demand[plan.area.demand["community"] == community]
    homes = homes[homes["aged_60"] > 0]
    xy = shapely.get_coordinates(homes.geometry.to_numpy())
    far = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    return homes.index[np.argmin(far @ homes["aged_60"].to_numpy(float))]


@pytest.mark.parametrize("kind", ["canteen", "institution"])
def test_the_way_to_the_nearest_is_as_long_as_in_python(visit, district, kind):
    area, walk = district.area, district.settings.walk
    places = list(range(0, len(area.communities), 9))
    operating = area.facilities[area.facilities["operating"] & (area.facilities["kind"] == kind)]
    terms = {"speed_mps": walk.speed.speed_mps, "max_snap_m": walk.max_snap_m}
    compared = 0
    for place, found in zip(places, visit(WAYS, [kind, places]), strict=True):
        label = area.communities.index[place]
        if not (area.demand["community"] == label).any():
            assert found is None
            continue
        home, facility, minutes, metres, why = found
        assert area.demand.index[home] == middle_home(district, label)
        own = area.demand.geometry.iloc[[home]]
        told = area.network.nearest(own, operating.geometry, cutoff_min=600, **terms).iloc[0]
        assert (minutes is None) == np.isnan(told["minutes"]) == (why is not None)
        if minutes is None:
            continue
        assert minutes == pytest.approx(told["minutes"], abs=0.1)
        pair = pd.DataFrame(
            {"demand": [own.index[0]], "facility": [area.facilities.index[facility]]}
        )
        route = area.network.routes(pair, own, operating.geometry, **terms).iloc[0]
        assert minutes == pytest.approx(route["minutes"], abs=0.1)
        assert metres == pytest.approx(route["length_m"], abs=6)
        compared += 1
    assert compared > len(places) / 2
    assert visit.wrong == []


DRAWN_WAY = """([i, kind]) => { plan.chooseKind(kind);
    const { legs } = plan.ways.find(i, kind);
    const [west, south] = plan.data.origin;
    const { walker } = plan.views.ground();
    return walker.trace(legs).map(([x, y]) => [(x + west) / 1e6, (y + south) / 1e6]); }"""


def test_the_way_drawn_is_the_route_of_python(visit, district):
    area, walk = district.area, district.settings.walk
    for place in (20, 77, 140):
        home, facility, *_ = visit(WAYS, ["canteen", [place]])[0]
        drawn = shapely.LineString(visit(DRAWN_WAY, [place, "canteen"]))
        drawn = gpd.GeoSeries([drawn], crs="EPSG:4326").to_crs(area.demand.crs).iloc[0]
        labels = area.demand.index[home], area.facilities.index[facility]
        route = area.network.routes(
            pd.DataFrame([labels], columns=["demand", "facility"]),
            area.demand.geometry,
            area.facilities.geometry,
            speed_mps=walk.speed.speed_mps,
            max_snap_m=walk.max_snap_m,
        ).geometry.iloc[0]
        inner = shapely.LineString(shapely.get_coordinates(route)[1:-1])
        assert shapely.hausdorff_distance(drawn, inner, densify=0.05) < 1.5


STREET_MINUTES = """([kind, when, year, places]) => {
    Object.assign(plan.state, { shade: "streets", when, year });
    plan.chooseKind(kind); plan.refresh();
    const { walker, streets, perMinute } = plan.views.ground();
    const wave = plan.views.wave();
    const out = places.map(([lat, lng]) => { const spot = plan.views.onStreet({ lat, lng });
        const metres = walker.metresAt(wave, spot.edge, spot.share) + spot.access;
        return metres <= wave.limit ? metres / perMinute : null; });
    Object.assign(plan.state, { shade: "share", when: "before", year: null }); plan.refresh();
    return out; }"""


@pytest.mark.parametrize("year", [None, 2012])
def test_minutes_along_the_streets_are_those_of_python(visit, district, year):
    area, walk = district.area, district.settings.walk
    random = np.random.default_rng(5)
    edges = area.network.edges.geometry.sample(60, random_state=2)
    points = edges.interpolate(random.uniform(0, 1, len(edges)), normalized=True)
    degrees = points.to_crs("EPSG:4326")
    places = [[point.y, point.x] for point in degrees]
    told = visit(STREET_MINUTES, ["canteen", "before", year, places])
    own = area.facilities[area.facilities["kind"] == "canteen"]
    if year is None:
        own = own[own["operating"]]
    else:
        begun = own["opened"].isna() | (own["opened"] <= year)
        ended = (own["closed"] <= year).fillna(value=False)
        own = own[(own["status"].isin(["existing", "closed"])) & begun & ~ended]
    python = area.network.nearest(
        points,
        own.geometry,
        cutoff_min=district.settings.coverage.search_min,
        speed_mps=walk.speed.speed_mps,
        max_snap_m=walk.max_snap_m,
    )["minutes"].to_numpy(float)
    page = np.array([np.nan if value is None else value for value in told], float)
    assert np.array_equal(np.isnan(page), np.isnan(python))
    assert np.nanmax(np.abs(page - python)) < 0.1
    assert np.isfinite(python).sum() > 30
    assert visit.wrong == []


def test_minutes_along_the_streets_fall_around_a_trial(toy_visit):
    toy_visit("() => { plan.trials.clear(); plan.chooseKind('canteen'); plan.refresh(); }")
    middle = toy_visit("() => plan.unpack.point(plan.data.candidates.at[0])")
    before = toy_visit(STREET_MINUTES, ["canteen", "before", None, [middle]])[0]
    toy_visit("(at) => plan.trials.add(at)", middle)
    after = toy_visit(STREET_MINUTES, ["canteen", "trial", None, [middle]])[0]
    assert after < 1
    assert before is None or before > after
    toy_visit("() => plan.trials.clear()")


def test_colours_of_minutes_darken_with_every_minute(toy_visit):
    """Lightness alone tells the minutes, so that colours need not be seen."""
    colours = toy_visit(
        """() => { const { ramp, end } = planMap.minutesRamp(plan.data);
        return Array.from({ length: 61 }, (_, i) => planMap.rampColour(ramp, (i * end) / 60)); }"""
    )

    def lightness(colour: str) -> float:
        if colour.startswith("#"):
            part = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
        else:
            part = [int(one) for one in colour[4:-1].split(",")]
        linear = [
            (c / 255 / 12.92 if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4) for c in part
        ]
        return 116 * np.dot(linear, (0.2126, 0.7152, 0.0722)) ** (1 / 3) - 16

    seen = np.array([lightness(colour) for colour in colours])
    assert (np.diff(seen) < 0.2).all()
    assert seen[0] - seen[-1] > 60


def test_a_card_draws_the_way_and_says_it(toy_visit):
    toy_visit("() => { plan.trials.clear(); plan.chooseKind('canteen'); plan.show(0); }")
    page = toy_visit.page
    said = page.locator(".card .way").inner_text()
    label = page.locator(".leaflet-marker-icon.way.sum").inner_text()
    assert "min on foot" in said
    minutes = toy_visit("() => plan.ways.find(0, 'canteen').minutes")
    assert f"{round(minutes, 1):g} min" in label
    assert page.locator(".leaflet-ways-pane path").count() >= 5
    page.locator(".card .link").first.click()
    page.wait_for_function("!document.querySelector('.leaflet-popup')")
    assert page.locator(".leaflet-marker-icon.way.sum").count() == 1
    toy_visit("() => plan.show(0)")
    toy_visit("() => { plan.map.closePopup(); }")
    assert page.locator(".leaflet-marker-icon.way").count() == 0
    toy_visit("() => { plan.whole(); }")
    assert toy_visit.wrong == []
