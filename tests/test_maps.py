"""The map: offline, the same twice, safe with any name, and drawn in a real browser."""

import dataclasses
import itertools
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely

from planner import language
from planner.district import assembling
from planner.district.area import Tables
from planner.engine import crs
from planner.errors import Problems, SettingsError
from planner.network import Network
from planner.output import maps, palette
from planner.output.maps import base_layers, circles, communities, theme
from planner.output.maps import names as spelt
from planner.output.maps.quantize import STEPS_PER_DEGREE, Quantizer
from planner.settings import resolve
from planner.standards import kinds
from planner.study import scenario

METRIC = "EPSG:32651"
WEST, SOUTH = 350_000.0, 3_310_000.0
NASTY = [
    "<script>document.body.dataset.hacked='yes'</script>",
    '"><img src=x onerror="document.body.dataset.hacked=\'yes\'">',
    "</script><script>document.body.dataset.hacked='yes'</script>",
    "𠮷野家😀 & <b>社区</b> {n} {{7*7}} {% raw %}",
    "a\u2028b'c\\d${1}`",
]


def make_tables(names: list[str]) -> Tables:
    """A lattice of streets 100 m apart, nine communities on it, and a tenth far beyond."""
    ticks = np.arange(0, 1501, 100.0)
    cut = list(itertools.pairwise(ticks))
    across = [[(WEST + a, SOUTH + y), (WEST + b, SOUTH + y)] for y in ticks for a, b in cut]
    up = [[(WEST + x, SOUTH + a), (WEST + x, SOUTH + b)] for x in ticks for a, b in cut]
    streets = gpd.GeoDataFrame(
        {"highway": ["residential"] * len(across + up)},
        geometry=[shapely.LineString(line) for line in across + up],
        crs=METRIC,
    )
    squares = [
        shapely.box(WEST + x, SOUTH + y, WEST + x + 500, SOUTH + y + 500)
        for y in (0, 500, 1000)
        for x in (0, 500, 1000)
    ] + [shapely.box(WEST + 5000, SOUTH, WEST + 5600, SOUTH + 600)]
    communities = gpd.GeoDataFrame(
        {
            "id": [f"C{i}" for i in range(10)],
            "name": [names[i % len(names)] for i in range(10)],
            "street": [names[0]] * 5 + ["东街道"] * 4 + [None],
            "settlement": ["urban"] * 5 + ["rural"] * 4 + [None],
            "zone": None,
            "population": [100.0 + i for i in range(8)] + [0.0, 50.0],
            "households": np.nan,
            "premises_m2": np.nan,
            "aged_60": [20.0] * 8 + [0.0, 5.0],
        },
        geometry=squares,
        crs=METRIC,
    )

    def points(xy: list[tuple[float, float]]) -> gpd.GeoSeries:
        return gpd.GeoSeries([shapely.Point(WEST + x, SOUTH + y) for x, y in xy], crs=METRIC)

    facilities = gpd.GeoDataFrame(
        {
            "id": ["F1", "F2", "F3"],
            "name": [names[0], names[-1], "第三"],
            "kind": ["canteen", "canteen", "shelter"],
            "tier": [None, names[1 % len(names)], None],
            "capacity": [50.0, np.nan, 400.0],
            "floor_area_m2": np.nan,
            "status": ["existing", "proposed", "existing"],
            "opened": pd.array([2010, 2030, None], dtype="Int64"),
            "closed": pd.array([None] * 3, dtype="Int64"),
            "community": None,
            "file": "f.csv",
            "outside": "error",
        },
        geometry=points([(50, 100), (1400, 1400), (700, 700)]),
        crs=METRIC,
    )
    spots = [(250.0, 800.0), (1200.0, 300.0), (800.0, 1300.0), (1300.0, 1200.0)]
    candidates = gpd.GeoDataFrame(
        {
            "id": [f"K{i}" for i in range(4)],
            "name": [names[i % len(names)] for i in range(4)],
            "host": [names[0], None, None, None],
            "kinds": None,
            "floor_area_m2": np.nan,
            "cost": [10.0, None, None, None],
            "file": "k.csv",
            "outside": "error",
        },
        geometry=points(spots),
        crs=METRIC,
    )
    homes = [(i, x, y) for i in range(8) for x, y in ((60, 70), (260, 240), (440, 410))]
    demand = gpd.GeoDataFrame(
        {
            "id": [f"D{n}" for n in range(len(homes))],
            "community": [f"C{i}" for i, _, _ in homes],
            "population": [30.0 + n for n in range(len(homes))],
            "aged_60": [6.0 + n % 3 for n in range(len(homes))],
        },
        geometry=points([(i % 3 * 500 + x, i // 3 * 500 + y) for i, x, y in homes]),
        crs=METRIC,
    )
    sea = shapely.box(WEST - 2000, SOUTH - 2000, WEST + 7000, SOUTH - 200)
    hill = shapely.Point(WEST + 250, SOUTH + 250).buffer(150)
    return Tables(
        communities=communities,
        demand=demand,
        facilities=facilities,
        candidates=candidates,
        links=pd.DataFrame(
            {"facility": ["F1"], "community": ["C8"], "link": "delivery", "file": "l.csv"}
        ),
        network=Network.from_lines(streets),
        streets=streets,
        backdrop=gpd.GeoDataFrame(
            {"kind": ["sea", "hill"], "name": [names[0], None]}, geometry=[sea, hill], crs=METRIC
        ),
        inputs=(),
    )


def make_plan(tables: Tables, **more: object) -> scenario.Plan:
    settings = resolve(
        {
            "title": NASTY[0],
            "title_en": "A test",
            "attribution": ["© <b>OpenStreetMap</b> contributors"],
            "communities": {"file": "c.gpkg"},
            "streets": {"file": "s.gpkg"},
            "walk": {"speed_mps": 0.5},
            "year": 2026,
            **more,
        }
    )
    problems = Problems()
    place = assembling.assemble(tables, settings, kinds(), problems)
    assert not problems.found
    return scenario.run(place, settings)


def nasty_plan() -> scenario.Plan:
    """A plan whose names are a danger to a page."""
    return make_plan(
        make_tables(NASTY),
        synthetic=True,
        siting=[{"kind": "canteen", "new": 2}, {"kind": "canteen", "model": "set_cover"}],
    )


@pytest.fixture(scope="module")
def plan() -> scenario.Plan:
    return nasty_plan()


def data_of(page: str) -> dict:
    found = re.search(
        r'<script type="application/json" id="plan-data">(.*?)</script>', page, re.DOTALL
    )
    return json.loads(found[1])


def by_minutes(shares: list[dict]) -> dict:
    return {one["minutes"]: one["share"] for one in shares}


def unpack(run: list[int], origin: list[int]) -> np.ndarray:
    steps = np.cumsum(np.reshape(run, (-1, 2)), axis=0) + origin
    return steps / STEPS_PER_DEGREE


class Requests(HTMLParser):
    """Collects all that a page would ask for."""

    def __init__(self) -> None:
        super().__init__()
        self.urls: list[str] = []
        self.tags: set[str] = set()
        self.handlers: list[str] = []
        self.inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inside = tag
        self.tags.add(tag)
        self.urls += [value or "" for name, value in attrs if name in {"src", "href", "srcset"}]
        self.handlers += [name for name, _ in attrs if name.startswith("on")]

    def handle_data(self, data: str) -> None:
        if self.inside == "style":
            self.urls += re.findall(r"url\(['\"]?(?!data:|#)([^)'\"]*)", data)
            self.urls += re.findall(r"@import[^;]*", data)


@pytest.mark.parametrize("lang", language.LANGS)
def test_page_asks_for_nothing(plan, lang):
    page = maps.page(plan, lang=lang)
    found = Requests()
    found.feed(page)
    assert found.urls == []
    assert "link" not in found.tags
    assert "sourceMappingURL" not in page
    assert "data:image/png;base64," in page


def test_two_draws_are_one_text(plan):
    assert maps.page(plan, lang="zh") == maps.page(plan, lang="zh")
    assert maps.page(plan, lang="zh") != maps.page(plan, lang="en")


def test_draw_gives_a_folium_map_that_a_notebook_shows_and_a_user_extends(plan):
    drawn = maps.draw(plan, lang="en", kind="shelter")
    assert isinstance(drawn, folium.Map)
    shown = drawn._repr_html_()
    assert "iframe" in shown
    assert NASTY[0] not in shown
    folium.Marker([30, 121], popup="mine").add_to(drawn)
    assert "mine" in drawn.get_root().render()
    assert data_of(maps.draw(plan, lang="en", kind="shelter").get_root().render())["first"] == (
        "shelter"
    )
    with pytest.raises(SettingsError) as caught:
        maps.draw(plan, lang="en", kind="cinema")
    assert "cinema" in str(caught.value)
    assert "canteen" in str(caught.value)


def test_names_cannot_leave_the_data(plan):
    page = maps.page(plan, lang="zh")
    assert "<script>document.body" not in page
    found = Requests()
    found.feed(page)
    assert found.handlers == []
    assert found.tags <= {"html", "head", "title", "meta", "style", "script", "body", "div"}
    assert data_of(page)["head"]["title"] == NASTY[0]
    assert data_of(page)["communities"]["name"][:5] == NASTY


def test_page_says_what_the_plan_says(plan):
    data = data_of(maps.page(plan, lang="en"))
    assert [(limit["minutes"], limit["metres"]) for limit in data["head"]["limits"]] == [
        (5, 150),
        (10, 300),
        (15, 450),
    ]
    assert data["head"]["synthetic"] is True
    assert [kind["id"] for kind in data["kinds"]] == list(plan.kinds)
    canteen = data["kinds"][0]
    figures = data["figures"]["canteen"]
    shares = by_minutes(figures["before"]["people"]["population"])
    assert shares[15] == pytest.approx(plan.coverage.share("canteen", minutes=15), abs=1e-12)
    after = by_minutes(figures["after"]["people"]["aged_60"])
    assert after[15] == pytest.approx(
        plan.after.share("canteen", minutes=15, group="aged_60"), abs=1e-12
    )
    assert (canteen["operating"], canteen["planned"]) == (1, 1)
    units = plan.coverage.units
    units = units[units["kind"] == "canteen"].set_index("community")["share"]
    for place, share in enumerate(figures["before"]["share"]):
        label = plan.area.communities.index[place]
        expected = units.get(label)
        assert share == (
            None if expected is None or np.isnan(expected) else pytest.approx(expected)
        )
    assert data["communities"]["inside"] == [1] * 9 + [0]
    assert figures["before"]["share"][8] is None
    lacking = plan.gaps[plan.gaps["kind"] == "canteen"]["lacking"]
    assert figures["before"]["gaps"]["lacking"] == [round(n) for n in lacking]
    for when, coverage in (("before", plan.coverage), ("after", plan.after)):
        asked = coverage.unit_shares.query("kind == 'canteen' and level == 'district'")
        (counted,) = asked.to_dict("records")
        told = {name: int(counted[name]) for name in ("communities", "has", "reached", "linked")}
        assert figures[when]["counts"] == told
        for name in ("has", "reached", "linked"):
            peopled = [share is not None for share in figures[when]["share"]]
            flags = itertools.compress(figures[when][name], peopled)
            assert sum(value or 0 for value in flags) == told[name]
    assert figures["after"]["counts"] != figures["before"]["counts"]
    assert data["figures"]["shelter"]["after"] is None
    answer = data["answers"][0]
    assert answer["rank"] == [1, 2]
    assert answer["added"] == [round(n) for n in plan.siting[0].sites["added"]]
    chosen = {label for found in plan.siting for label in found.sites.index}
    assert len(data["candidates"]["at"]) == len(plan.area.candidates) - len(chosen)
    assert data["links"] == {"facility": [0], "community": [8]}
    assert data["facilities"]["capacity"] == [50, None, 400]


def test_shapes_come_back_where_they_were(plan):
    data = data_of(maps.page(plan, lang="en"))
    places = plan.area.communities.to_crs("EPSG:4326").geometry
    for shape, place in zip(data["communities"]["shape"], places, strict=True):
        ring = shapely.Polygon(unpack(shape[0][0], data["origin"]))
        assert shapely.hausdorff_distance(ring, place) < 1e-5
    points = plan.area.facilities.to_crs("EPSG:4326").geometry
    for at, point in zip(data["facilities"]["at"], points, strict=True):
        assert np.allclose(unpack(at, data["origin"])[0], point.coords[0], atol=1e-6)
    length = sum(
        gpd.GeoSeries([shapely.LineString(unpack(run, data["origin"]))], crs="EPSG:4326")
        .to_crs(METRIC)
        .length.iloc[0]
        for road in data["streets"]
        for run in road["lines"]
    )
    assert length == pytest.approx(plan.area.streets.length.sum(), rel=1e-3)


def test_homes_say_within_which_limit_they_are(plan):
    homes = data_of(maps.page(plan, lang="en"))["homes"]
    assert len(homes["people"]) == len(plan.area.demand)
    for kind in plan.kinds:
        rows = plan.coverage.nearest[plan.coverage.nearest["kind"] == kind]
        minutes = rows.set_index("demand")["minutes"]
        for label, digit in zip(plan.area.demand.index, homes["before"][kind], strict=True):
            walked = minutes.get(label, np.inf)
            assert int(digit) == sum(walked > limit + 1e-9 for limit in (5, 10, 15))
    assert homes["after"]["canteen"].count("3") < homes["before"]["canteen"].count("3")
    assert data_of(maps.page(BARE(), lang="en"))["homes"] is None


@pytest.mark.parametrize("seed", range(6))
def test_a_community_goes_to_the_facility_that_is_nearest_for_most_of_its_people(plan, seed):
    area, rng = plan.area, np.random.default_rng(seed)
    kinds = {kind: rows.index for kind, rows in area.facilities.groupby("kind")}
    rows = [
        {"demand": home, "kind": kind, "facility": rng.choice(of), "minutes": 1.0}
        for home in area.demand.index
        for kind, of in kinds.items()
        if rng.random() < 0.9
    ]
    demand = area.demand.assign(population=rng.integers(0, 3, len(area.demand)))
    demand.loc[demand.index[rng.random(len(demand)) < 0.2], "community"] = None
    coverage = dataclasses.replace(plan.coverage, nearest=pd.DataFrame(rows))
    made = dataclasses.replace(
        plan, area=dataclasses.replace(area, demand=demand), coverage=coverage
    )
    group = made.settings.coverage.group
    for kind, of in kinds.items():
        people = dict.fromkeys(area.communities.index, None)
        for row in (row for row in rows if row["kind"] == kind):
            home = demand.loc[row["demand"]]
            if home["community"] in people:
                sums = people[home["community"]] = people[home["community"]] or {}
                sums[row["facility"]] = sums.get(row["facility"], 0) + home[group]
        expected = [
            sums and area.facilities.index.get_loc(min(sums, key=lambda one: (-sums[one], one)))
            for sums in people.values()
        ]
        assert communities.figures(made, kind)["nearest"] == expected, of


@pytest.mark.parametrize("seed", [8, 9, 12])
def test_circles_that_share_much_of_their_border(toy_plan, seed):
    """Cut by one slanted border, they overlap by roundings once they are simplified."""
    places = np.random.default_rng(seed).uniform(0, 4000, (60, 2)) + np.array([WEST, SOUTH])
    slanted = shapely.affinity.rotate(shapely.box(500.123, 400.77, 3333.3, 3111.1), 17.3)
    border = shapely.affinity.translate(slanted, WEST, SOUTH)
    shapes = [
        shapely.union_all(shapely.buffer(shapely.points(places), radius_m, quad_segs=5)) & border
        for radius_m in (150, 300, 450)
    ]
    rings = gpd.GeoDataFrame({"minutes": [5, 10, 15]}, geometry=shapes, crs=METRIC)
    quantizer = Quantizer(rings.crs, rings.total_bounds, "wgs84")
    placed = circles.nested(toy_plan, rings, quantizer)
    for ring, expected, whole in zip(placed, (5, 10, 15), shapes, strict=True):
        drawn = shapely.union_all([_polygon(part) for part in ring["shape"]])
        metres = shapely.transform(drawn, quantizer.metres)
        assert ring["minutes"] == expected
        assert metres.symmetric_difference(whole).area < 0.02 * whole.area


def _polygon(rings):
    outer, *holes = (np.cumsum(np.reshape(ring, (-1, 2)), axis=0) for ring in rings)
    return shapely.Polygon(outer, holes)


def test_circles_nest(plan):
    data = data_of(maps.page(plan, lang="en"))
    rings = data["rings"]["canteen"]
    assert [ring["minutes"] for ring in rings] == [5, 10, 15]
    shapes = [
        shapely.union_all(
            [shapely.Polygon(unpack(part[0], data["origin"])) for part in ring["shape"]]
        )
        for ring in rings
    ]
    for inner, outer in itertools.pairwise(shapes):
        assert outer.buffer(2e-6).contains(inner)
        assert outer.area > inner.area


def test_circles_keep_to_the_border_of_reach(plan):
    """Thinned out, they stray from it by no more than they may, and by a step of the page."""
    data = data_of(maps.page(plan, lang="en"))
    to_page = pyproj.Transformer.from_crs(METRIC, "EPSG:4326", always_xy=True)
    for kind, rings in data["rings"].items():
        exact = plan.rings[plan.rings["kind"] == kind].sort_values("minutes").geometry
        for ring_shape, shape in zip(rings, exact, strict=True):
            parts = [
                unpack(ring, data["origin"]) for polygon in ring_shape["shape"] for ring in polygon
            ]
            xy = to_page.transform(*np.concatenate(parts).T, direction="INVERSE")
            far = shapely.distance(shapely.points(*xy), shape.boundary)
            assert len(far) >= 4
            assert far.max() < circles.RING_TOLERANCE_M + 0.2


def test_sea_goes_on_beyond_its_frame_and_its_coast_stays(plan):
    data = data_of(maps.page(plan, lang="en"))
    ([[ring]],) = [row["shape"] for row in data["backdrop"] if row["kind"] == "sea"]
    drawn = shapely.Polygon(unpack(ring, data["origin"]))
    sea = plan.area.backdrop.to_crs("EPSG:4326").geometry.iloc[0]
    assert drawn.bounds[0] < sea.bounds[0] - 0.4
    bay = shapely.Polygon([(0, 0), (9, 0), (9, 9), (6, 9), (5, 4), (4, 9), (0, 5)])
    (wide,) = base_layers._endless(np.array([bay], dtype=object), np.array([1.0, 1.0, 8.0, 9.0]))
    far = base_layers.FAR_M
    corners = {(float(x), float(y)) for x, y in shapely.get_coordinates(wide)}
    assert corners == {
        (-far, -far), (9 + far, -far), (9 + far, 9 + far), (6, 9 + far), (5, 4), (4, 9), (-far, 5),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("sea", "moved"),
    [
        ((0, 0, 30, 8), (-1, -1, 1, 0)),  # south of the district: its north side is the coast
        ((22, 0, 30, 30), (0, -1, 1, 1)),  # east of it
        ((12, 12, 18, 18), (0, 0, 0, 0)),  # a basin within
        ((0, 0, 30, 30), (-1, -1, 1, 1)),  # around it, an island
    ],
)
def test_a_straight_coast_is_no_frame(sea, moved):
    """Only sides that the district ends before move out: the sea never floods the land."""
    district = np.array([10.0, 10.0, 20.0, 20.0])
    (wide,) = base_layers._endless(np.array([shapely.box(*sea)], dtype=object), district)
    assert wide.bounds == tuple(
        side + base_layers.FAR_M * out for side, out in zip(sea, moved, strict=True)
    )


def test_amap_shifts_every_layer_and_tiles_are_the_only_request(plan):
    plain = data_of(maps.page(plan, lang="zh"))
    shifted_page = maps.draw(plan, lang="zh", tiles="amap").get_root().render()
    shifted = data_of(shifted_page)
    assert "autonavi.com" in shifted_page
    for name in ("facilities", "candidates"):
        for before, after in zip(plain[name]["at"], shifted[name]["at"], strict=True):
            lon, lat = unpack(before, plain["origin"])[0]
            moved = unpack(after, shifted["origin"])[0]
            assert np.allclose(moved, crs.from_wgs84(lon, lat, "gcj02"), atol=3e-6)
            assert np.abs(moved - (lon, lat)).max() > 1e-3
    keyed = dataclasses.replace(
        plan,
        settings=plan.settings.model_copy(
            update={"map": plan.settings.map.model_copy(update={"tianditu_key": "abc123"})}
        ),
    )
    tianditu = maps.draw(keyed, lang="en", tiles="tianditu").get_root().render()
    assert "tk=abc123" in tianditu
    assert data_of(tianditu)["facilities"]["at"] == plain["facilities"]["at"]
    osm = maps.draw(plan, lang="en", tiles="osm").get_root().render()
    assert "Basemap © OpenStreetMap contributors" in data_of(osm)["head"]["attribution"]


def test_every_text_is_there_and_used():
    folder = Path(maps.__file__).parent
    script = "".join(path.read_text("utf-8") for path in folder.glob("web/src/*.js"))
    used = set(re.findall(r"\bsay\(\s*\"(\w+)\"", script)) | set(
        re.findall(r"texts\.(\w+)", script)
    )
    for lang in language.LANGS:
        texts = data_of(maps.page(BARE(), lang=lang))["texts"]
        assert used <= set(texts)
        assert all(texts.values())
    families = (
        "scheme_",
        "status_",
        "theme_",
        "shade_",
        "model_",
        "settlement_",
        "units_",
        "layer_",
        "sites_",
        "card_",
        "grade_",
    )
    quoted = set(re.findall(r"\"(\w+)\"", script))
    idle = {name for name in texts if name not in used | quoted and not name.startswith(families)}
    assert idle == set()


def BARE() -> scenario.Plan:  # noqa: N802
    """One community, no facility, no candidate, no backdrop, no names of streets."""
    tables = make_tables(["独一"])
    communities = tables.communities.iloc[:1].assign(street=None, settlement=None)
    bare = dataclasses.replace(
        tables,
        communities=communities,
        demand=None,
        facilities=tables.facilities.iloc[:0],
        candidates=tables.candidates.iloc[:0],
        links=tables.links.iloc[:0],
        backdrop=None,
    )
    return make_plan(bare, coverage={"kinds": ["canteen"]})


def test_colours_run_in_lightness_and_streets_find_their_class():
    def lightness(colour: str) -> float:
        red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
        return 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2

    steps = [lightness(colour) for colour in palette.SHARE_COLOURS]
    assert all(b > a * 1.2 for a, b in itertools.pairwise(steps))
    assert len(palette.SHARE_COLOURS) == len(palette.SHARE_BOUNDS) + 1
    assert theme.street_class("trunk_link", None) == "main"
    assert theme.street_class(["tertiary", "residential"], None) == "middle"
    assert theme.street_class("residential", "一号路") == "minor"
    assert theme.street_class(None, "和平東路三段228巷") == "minor"
    assert theme.street_class(None, "四維路") == "main"
    assert theme.street_class(np.nan, np.nan) == "minor"


def test_names_once_spelt_are_kept(tmp_path, monkeypatch):
    """What is kept is given; a damaged file, or one of other dictionaries, counts for nothing."""
    monkeypatch.setenv("PLANNER_CACHE", str(tmp_path))
    asked, told = ["澄湾社区", None, "澄湾社区"], ["澄灣社區|cheng wan she qu", "|"]
    wanted = [told[0], told[1], told[0]]
    assert spelt.spellings(asked) == wanted
    kept = tmp_path / spelt.KEPT
    whole = kept.read_text("utf-8")

    def again():
        spelt._known.cache_clear()
        return spelt.spellings(asked)

    with monkeypatch.context() as patch:
        patch.setattr(spelt, "_spelling", None)  # nothing is left to be spelt
        assert again() == wanted
    kept.write_text(whole.replace("cheng", "deng"), "utf-8")
    assert again() == wanted
    assert kept.read_text("utf-8") == whole
    with monkeypatch.context() as patch:
        patch.setattr(spelt, "version", lambda _: "other")
        patch.setattr(spelt, "_spelling", str.upper)
        assert again() == ["澄湾社区", "", "澄湾社区"]
    monkeypatch.setenv("PLANNER_CACHE", "off")
    kept.unlink()
    assert again() == wanted
    assert list(tmp_path.iterdir()) == []


def test_kept_names_stay_few(tmp_path, monkeypatch):
    monkeypatch.setenv("PLANNER_CACHE", str(tmp_path))
    monkeypatch.setattr(spelt, "MOST_KEPT", 2)
    for names in (["a", "b"], ["c"], ["d", "e", "f"]):
        assert spelt.spellings(names) == ["|"] * len(names)
    spelt._known.cache_clear()
    assert set(spelt._known(tmp_path / spelt.KEPT)) == {"c"}
