"""The page of a map: one file that opens with no network.

Folium makes the map; Leaflet comes from a package of the index and is written into the page, images
included. The layers travel as one block of data, the payload, that the page's own script draws.
Identifiers are fixed, so that two maps of one plan are the same text.
"""

from __future__ import annotations

import base64
import html
import json
import re
import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, cast
from urllib.parse import quote

import folium
from branca.element import Element, Figure, MacroElement
from jinja2 import Template
from xstatic.pkg import leaflet

from planner.district.assessment import STATUSES
from planner.district.cost_unit import unit_after
from planner.engine.siting import MODELS
from planner.errors import Problems, SettingsError, did_you_mean
from planner.language import Lang, group_name, tag, text
from planner.output.indicators import (
    indicator_names,
    unknown_indicator,
)
from planner.output.layers import LAYERS, in_order, unknown_layer
from planner.output.maps.comparison_layers import comparison_layers
from planner.output.maps.layers import layers as layers_of
from planner.output.maps.notebook_frame import notebook_frame
from planner.output.maps.payload import Payload
from planner.output.maps.payload.terms import Head
from planner.output.maps.quantize import STEPS_PER_DEGREE, Quantizer
from planner.output.maps.theme import BASEMAPS, looks
from planner.study.comparison import Comparison
from planner.study.plan import Plan

BUNDLE = "page.bundle.js"  # of the modules in web/src
STYLES = ("panel.css", "map.css", "modes.css")

# Folium's own popups, which a user may add to a map, make elements of a text by jQuery's `$(text)`.
# Nothing else in a page calls jQuery, so this stands in for its 87 kB.
_MAKE_ELEMENTS = """window.$ = window.$ || ((text) => {
  const template = document.createElement("template");
  template.innerHTML = text.trim();
  return [...template.content.childNodes];
});"""

Tiles = Literal["none", "osm", "tianditu", "amap"]


class _Map(folium.Map):
    """A folium map of a fixed name that asks for nothing from elsewhere."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.default_js = []
        self.default_css = []

    def get_name(self) -> str:
        return "plan_map"

    def _repr_html_(self, **_: Any) -> str:
        """Show the map in a cell of a notebook."""
        figure = cast("Figure", self.get_root())
        return notebook_frame(figure.render(), html.unescape(figure.title or ""))


class _Basemap(folium.TileLayer):
    """A tile layer of a fixed name."""

    def get_name(self) -> str:
        return f"plan_{self.tile_name}"


class _Embedded(Element):
    """Styles and scripts written into the head of the page."""

    _template = Template("<style>{{ this.css }}</style>\n<script>{{ this.js }}</script>")

    def __init__(self, *, css: str, js: str) -> None:
        super().__init__()
        self.css = css
        self.js = js


class _Data(Element):
    """The plan's data, written as they are: a macro of folium's would read them as a template."""

    _template = Template('<script type="application/json" id="plan-data">{{ this.data }}</script>')

    def __init__(self, data: Payload) -> None:
        super().__init__()
        self.data = in_script(json.dumps(data, ensure_ascii=False, separators=(",", ":")))


class _DrawCall(MacroElement):
    """The call that draws the data on the map, once the map is there."""

    _template = Template(
        "{% macro script(this, kwargs) %}planMap.drawPlan({{ this._parent.get_name() }}, "
        'JSON.parse(document.getElementById("plan-data").textContent));{% endmacro %}'
    )

    def get_name(self) -> str:
        return "plan_drawing"


def draw(
    made: Plan | Comparison,
    *,
    lang: Lang,
    kind: str | None = None,
    layers: Sequence[str] | None = None,
    indicator: str | None = None,
    tiles: Tiles | None = None,
) -> folium.Map:
    """Draw a plan as a map that a notebook shows and a browser opens, with no network.

    Parameters
    ----------
    made
        The plan, or two compared: the first, and beside it what differs in the second.
    lang
        Language of the page; names from data keep their own script.
    kind
        Kind of facility shown first; by default the one the settings name, else the first.
    layers
        Names of the layers shown at first, the others being off: see `planner.output.layers`. One
        with features of its own is made if the plan does not have it yet. By default as the
        settings say, else those that most readers want.
    indicator
        What communities are shaded by at first: ``"share"``, ``"minutes"``, ``"walk"`` or any
        other of `planner.output.indicators.indicator_names`. By default as the settings say, else
        the share.
    tiles
        Basemap, which needs the network: ``"none"``, ``"osm"``, ``"tianditu"`` (with the key of the
        settings) or ``"amap"``, on which every layer is shifted to GCJ-02. By default as the
        settings say.

    Returns
    -------
    The map.

    Raises
    ------
    SettingsError
        If the plan has no such kind, layer or indicator.
    """
    plan = made.first if isinstance(made, Comparison) else made
    chosen = plan.settings.map
    tiles = tiles or chosen.tiles
    layers = chosen.layers if layers is None else layers
    _check(plan, kind, layers, indicator)
    wanted = indicator or chosen.indicator or "share"
    more = [] if indicator is None else [indicator]
    known = wanted in ("share", *indicator_names(plan, more))  # a target may turn out to have none
    datum = BASEMAPS[tiles].datum if tiles != "none" else "wgs84"
    drawn = layers_of(plan, lang=lang, datum=datum, more_layers=layers or (), more_indicators=more)
    if isinstance(made, Comparison):
        frame = plan.area.communities
        quantizer = Quantizer(frame.crs, frame.total_bounds, datum)
        second = _head(made.second, lang, tiles)
        drawn = comparison_layers(drawn, made, quantizer, second, lang)
    data: Payload = {
        "lang": lang,
        "tag": tag(lang),
        "texts": _texts(lang),
        "looks": looks(),
        "tiles": tiles,
        "head": _head(plan, lang, tiles),
        "first": kind or chosen.kind,
        "shade": wanted if known else "share",
        "unshaded": None if known else wanted,
        "layers": _shown(layers, tiles, [one["id"] for one in drawn["features"]]),
        **drawn,
    }
    west, south = data["origin"]
    width, height = data["size"]
    centre = [(south + height / 2) / STEPS_PER_DEGREE, (west + width / 2) / STEPS_PER_DEGREE]
    canvas = _Map(
        location=centre, zoom_start=12, tiles=None, zoom_control=False, attribution_control=False,
        zoom_snap=0.25, zoom_delta=0.5, wheel_px_per_zoom_level=90,
    )  # fmt: skip
    figure = cast("Figure", canvas.get_root())
    figure.title = html.escape(data["head"]["title"])
    figure.header.add_child(_Embedded(css=_styles(), js=_scripts()), name="plan_embedded")
    for layer in _tile_layers(plan, lang, tiles):
        canvas.add_child(layer)
    figure.html.add_child(_Data(data), name="plan_data")
    canvas.add_child(_DrawCall())  # type: ignore[no-untyped-call]
    return canvas


def page(made: Plan | Comparison, *, lang: Lang) -> str:
    """Return a plan's map as a whole HTML file.

    Parameters
    ----------
    made
        The plan, or two compared.
    lang
        Language of the page.

    Returns
    -------
    Text of the file, to be written in UTF-8. The same plan gives the same text.
    """
    written: str = draw(made, lang=lang).get_root().render()
    return written


def _check(
    plan: Plan, kind: str | None, layers: Sequence[str] | None, indicator: str | None
) -> None:
    """Refuse what the map does not have, all at once."""
    problems = Problems()

    def _ask(key: str, value: str, known: Sequence[str]) -> None:
        if value not in known:
            problems.add(f"map.unknown_{key}", value=value, hint=did_you_mean(value, known))

    if kind is not None:
        _ask("kind", kind, plan.kinds)
    for layer in layers or ():
        if layer not in LAYERS:
            problems.found.append(unknown_layer(layer, list(LAYERS)))
    more = [] if indicator is None else [indicator]
    if indicator is not None and indicator not in (
        known := ["share", *indicator_names(plan, more)]
    ):
        problems.found.append(unknown_indicator(indicator, list(dict.fromkeys(known))))
    problems.raise_any(SettingsError)


def _shown(layers: Sequence[str] | None, tiles: Tiles, made: Sequence[str]) -> dict[str, bool]:
    """Return whether each layer that the page has is shown at first."""
    there = [spec for spec in in_order() if spec.make is None or spec.id in made]
    if layers is not None:
        return {spec.id: spec.id in layers for spec in there}
    return {spec.id: spec.shown or (spec.id == "streets" and tiles == "none") for spec in there}


def _head(plan: Plan, lang: Lang, tiles: Tiles) -> Head:
    settings = plan.settings
    chosen, speed = settings.coverage, settings.walk.speed
    limits = sorted({*chosen.minutes, chosen.cutoff_min})
    english = lang == "en"
    unit = plan.area.cost_unit
    credit = list(settings.attribution)
    if tiles != "none":
        credit.append(BASEMAPS[tiles].attribution[lang])
    return {
        "title": (english and settings.title_en) or settings.title,
        "note": (english and settings.note_en) or settings.note,
        "year": settings.year,
        "synthetic": settings.synthetic,
        "speed": {"name": speed.name(lang), "mps": speed.speed_mps, "grade": speed.grade},
        "limits": [
            {"minutes": minutes, "metres": round(minutes * 60 * speed.speed_mps)}
            for minutes in limits
        ],
        "cutoff": chosen.cutoff_min,
        "snap": settings.walk.max_snap_m,
        "group": chosen.group,
        "group_name": group_name(chosen.group, lang),
        "covered_share": chosen.covered_share,
        "caveats": plan.caveats(lang),
        "cost_unit": None if unit is None else unit_after(unit, lang),
        "attribution": credit,
    }


def _tile_layers(plan: Plan, lang: Lang, tiles: Tiles) -> list[folium.TileLayer]:
    if tiles == "none":
        return []
    base = BASEMAPS[tiles]
    key = plan.settings.map.tianditu_key or ""
    urls = {"ground": base.url, "labels": base.labels}
    return [
        _Basemap(
            tiles=url.replace("KEY", quote(key, safe="")),
            attr=html.escape(base.attribution[lang]),
            name=name,
            subdomains=base.subdomains,
            max_zoom=base.max_zoom,
            control=False,
        )
        for name, url in urls.items()
        if url
    ]


def _texts(lang: Lang) -> dict[str, str]:
    """Return the texts of the page's own script from the catalogue."""
    catalogue = tomllib.loads(files("planner.language").joinpath("map.toml").read_text("utf-8"))
    words = {name: text(f"map.page.{name}", lang) for name in catalogue["page"]}
    titles = {spec.id: spec.key("title") for spec in MODELS.values()}
    cards = {f"card_{name}": text(f"assessment.status.{name}", lang) for name in STATUSES}
    return (
        words
        | cards
        | {
            f"model_{name}": MODELS[name].name(lang) if key is None else text(key, lang)
            for name, key in titles.items()
        }
    )


def leaflet_styles() -> str:
    """Return Leaflet's styles, its images written into them."""
    folder = Path(leaflet.BASE_DIR)
    css = (folder / "leaflet.css").read_text("utf-8")
    css = re.sub(r"\s*behavior: url\(#default#VML\);", "", css)

    def _inline(match: re.Match[str]) -> str:
        image = base64.b64encode((folder / match[1]).read_bytes()).decode()
        return f"url(data:image/png;base64,{image})"

    return re.sub(r"url\((images/[\w-]+\.png)\)", _inline, css)


def leaflet_script() -> str:
    """Return Leaflet's script, as it may stand within a page."""
    library = (Path(leaflet.BASE_DIR) / "leaflet.js").read_text("utf-8")
    return _embedded(library)


@cache
def _styles() -> str:
    return leaflet_styles() + "".join(map(_own, STYLES))


@cache
def _scripts() -> str:
    return "\n".join([leaflet_script(), _embedded(_MAKE_ELEMENTS), _embedded(_own(BUNDLE))])


def _embedded(script: str) -> str:
    """Return a script without what leads to its source, or ends the element it stands in."""
    script = re.sub(r"^//# sourceMappingURL=.*$", "", script, flags=re.MULTILINE)
    return script.replace("</script", r"<\/script")


def _own(name: str) -> str:
    return files(__package__).joinpath(name).read_text("utf-8")


def in_script(data: str) -> str:
    """Keep data from ending the script element they stand in.

    Parameters
    ----------
    data
        JSON.

    Returns
    -------
    The same JSON, otherwise written.
    """
    return data.replace("<", r"\u003c").replace("\u2028", r"\u2028").replace("\u2029", r"\u2029")
