"""Basemaps: the right tiles are asked for, every layer fits their datum, and none is needed."""

import dataclasses
import io
import math
import re
from urllib.parse import parse_qs, urlparse

import pytest
from PIL import Image

from planner.engine import crs
from planner.output import maps

pytestmark = pytest.mark.browser
WIDE = {"width": 1400, "height": 900}


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (256, 256), (200, 220, 230)).save(out, "PNG")
    return out.getvalue()


def tile_of(lon: float, lat: float, zoom: int) -> tuple[float, float]:
    """Web Mercator tile numbers of a place, with the share of the tile west and north of it."""
    x = (lon + 180) / 360 * 2**zoom
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**zoom
    return x, y


def asked_tile(url: str) -> tuple[int, int, int]:
    """Zoom, column and row that an address asks for."""
    if "openstreetmap" in url:
        zoom, x, y = re.search(r"/(\d+)/(\d+)/(\d+)\.png$", url).groups()
        return int(zoom), int(x), int(y)
    query = parse_qs(urlparse(url).query)
    names = ("TILEMATRIX", "TILECOL", "TILEROW") if "tianditu" in url else ("z", "x", "y")
    return tuple(int(query[name][0]) for name in names)


class Served:
    """A page whose tiles come from here, or from nowhere."""

    def __init__(self, browser, html, folder, *, reachable=True):
        (folder / "map.html").write_text(html, "utf-8")
        self.urls: list[str] = []
        self.wrong: list[str] = []
        self.page = browser.new_page(viewport=WIDE, reduced_motion="reduce")
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))

        def answer(route):
            self.urls.append(route.request.url)
            if reachable:
                route.fulfill(body=picture(), content_type="image/png")
            else:
                route.abort()

        self.page.route(re.compile("^https?:"), answer)
        self.page.goto((folder / "map.html").as_uri())
        self.page.wait_for_function("document.body.dataset.drawn")


@pytest.fixture
def keyed(toy_plan):
    chosen = toy_plan.settings.map.model_copy(update={"tianditu_key": "a&b=c"})
    return dataclasses.replace(
        toy_plan, settings=toy_plan.settings.model_copy(update={"map": chosen})
    )


@pytest.mark.parametrize(
    ("tiles", "datum", "host", "servers", "credit"),
    [
        ("osm", "wgs84", r"tile\.openstreetmap\.org", 1, "OpenStreetMap"),
        ("tianditu", "wgs84", r"t[0-7]\.tianditu\.gov\.cn", 8, "天地图"),
        ("amap", "gcj02", r"webrd0[1-4]\.is\.autonavi\.com", 4, "高德地图"),
    ],
)
def test_tiles_are_the_right_ones_and_layers_fit_them(
    tiles, datum, host, servers, credit, keyed, chrome, tmp_path
):
    html = maps.draw(keyed, lang="zh", tiles=tiles).get_root().render()
    served = Served(chrome, html, tmp_path)
    page = served.page
    page.evaluate("() => { plan.map.setZoom(16, { animate: false }); }")
    page.wait_for_function(
        "[...document.querySelectorAll('.leaflet-tile')].length > 0 &&"
        " [...document.querySelectorAll('.leaflet-tile')].every((one) => one.complete)"
    )
    hosts = {urlparse(url).netloc for url in served.urls}
    assert all(re.fullmatch(host, one) for one in hosts)
    assert 1 <= len(hosts) <= servers
    layers = {parse_qs(urlparse(url).query).get("LAYER", [""])[0] for url in served.urls}
    if tiles == "tianditu":
        assert layers == {"vec", "cva"}
        assert {parse_qs(urlparse(url).query)["tk"][0] for url in served.urls} == {"a&b=c"}
    # A known place, shifted as the service is, lies in the tile and at the pixel that it should.
    facilities = keyed.area.facilities.to_crs("EPSG:4326")
    place = list(facilities.index).index("K1")
    point = facilities.geometry.iloc[place]
    lon, lat = crs.from_wgs84(point.x, point.y, datum)
    if datum == "gcj02":
        assert abs(lon - point.x) > 1e-3
    zoom = 16
    x, y = tile_of(float(lon), float(lat), zoom)
    assert (zoom, int(x), int(y)) in {asked_tile(url) for url in served.urls}
    drawn = page.evaluate(
        """([place, zoom, x, y]) => {
            const { left, top } = plan.map.getContainer().getBoundingClientRect();
            const at = plan.map.latLngToContainerPoint(
                plan.unpack.point(plan.data.facilities.at[place]));
            const asked = (src) => [`/${zoom}/${x}/${y}.png`, `TILEROW=${y}&TILECOL=${x}`,
                `x=${x}&y=${y}&z=${zoom}`].some((part) => src.includes(part));
            const tile = [...document.querySelectorAll('.leaflet-tile')]
                .find((one) => asked(one.src)).getBoundingClientRect();
            return [left + at.x, top + at.y, tile.left, tile.top, tile.width, tile.height];
        }""",
        [place, zoom, int(x), int(y)],
    )
    at_x, at_y, tile_x, tile_y, width, height = drawn
    assert at_x == pytest.approx(tile_x + (x % 1) * width, abs=1.0)
    assert at_y == pytest.approx(tile_y + (y % 1) * height, abs=1.0)
    assert credit in page.inner_text(".leaflet-control-attribution")
    assert page.inner_text(".notice.tiles") == ""
    assert page.locator(".leaflet-communities-pane path").count() == len(keyed.area.communities)
    assert served.wrong == []


@pytest.mark.parametrize(
    ("lang", "words"), [("zh", "底图服务无法访问"), ("en", "The basemap cannot be reached")]
)
def test_without_the_service_the_map_works_and_says_so(lang, words, keyed, chrome, tmp_path):
    html = maps.draw(keyed, lang=lang, tiles="tianditu").get_root().render()
    served = Served(chrome, html, tmp_path, reachable=False)
    page = served.page
    page.wait_for_function("document.querySelector('.notice.tiles').textContent")
    assert words in page.inner_text(".notice.tiles")
    assert page.locator(".leaflet-communities-pane path").count() == len(keyed.area.communities)
    page.evaluate("() => plan.trials.add(plan.unpack.point(plan.data.candidates.at[0]))")
    assert page.evaluate("() => plan.state.when") == "trial"
    assert served.wrong == []


def test_no_basemap_asks_for_nothing(keyed, chrome, tmp_path):
    html = maps.draw(keyed, lang="en", tiles="none").get_root().render()
    served = Served(chrome, html, tmp_path)
    assert served.urls == []
    assert served.page.locator(".leaflet-tile").count() == 0
    assert served.page.inner_text(".notice.tiles") == ""
