"""Looks of the map: colours, classes, line weights and basemaps.

Nothing here is a figure of policy; it is what a cartographer would have in the drawer. The ramp of
shares runs in lightness, so it can be read without seeing colour and in grey print: the paler, the
better served, so that gaps stand out.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from planner.engine.crs import Datum
from planner.language import Lang
from planner.output.maps.payload.terms import Looks
from planner.output.palette import (
    ABOVE_COLOURS,
    AMOUNT_COLOURS,
    BACKDROP,
    BELOW_COLOURS,
    MINUTES_BEYOND,
    MINUTES_WITHIN,
    SHARE_BOUNDS,
    SHARE_COLOURS,
)

ABOVE_SHADING = ("hill", "park", "sea", "water", "river")

STREETS = ("path", "minor", "middle", "main")
_CLASS_OF_HIGHWAY = {
    "motorway": "main",
    "trunk": "main",
    "primary": "main",
    "secondary": "middle",
    "tertiary": "middle",
    "path": "path",
    "footway": "path",
    "steps": "path",
    "track": "path",
    "cycleway": "path",
    "bridleway": "path",
    "corridor": "path",
}
_LANE = re.compile(r"[巷弄]|\b(?:lane|alley)\b", re.IGNORECASE)
_MIDDLE = re.compile(r"街$|\bstreet$", re.IGNORECASE)
_MAIN = re.compile(r"(?:路|道|段|桥|橋)$|\b(?:road|avenue|boulevard|highway)\b", re.IGNORECASE)


def street_class(highway: object, name: object) -> str:
    """Return how a street is drawn, by its highway tag, else by what its name ends in.

    A name alone tells little; without both, the street is drawn as minor.

    Parameters
    ----------
    highway
        OpenStreetMap's class, or a list of several; missing where not known.
    name
        The street's name; missing where it has none.

    Returns
    -------
    ``main``, ``middle``, ``minor`` or ``path``.

    Examples
    --------
    >>> street_class("primary_link", None), street_class(None, "信義路四段")
    ('main', 'main')
    >>> street_class(None, "和平東路一段10巷"), street_class(["footway", "steps"], None)
    ('minor', 'path')
    """
    tag = highway[0] if isinstance(highway, list) and highway else highway
    if isinstance(tag, str) and tag:
        return _CLASS_OF_HIGHWAY.get(tag.removesuffix("_link"), "minor")
    if not isinstance(name, str) or _LANE.search(name):
        return "minor"
    if _MAIN.search(name):
        return "main"
    return "middle" if _MIDDLE.search(name) else "minor"


class Basemap(NamedTuple):
    """A tile service: address, datum, attribution, and the text of its labels where separate."""

    url: str
    datum: Datum
    attribution: dict[Lang, str]
    labels: str | None = None
    subdomains: str = "abc"
    max_zoom: int = 18


_TIANDITU = (
    "https://t{{s}}.tianditu.gov.cn/{layer}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0"
    "&LAYER={layer}&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles"
    "&TILEMATRIX={{z}}&TILEROW={{y}}&TILECOL={{x}}&tk=KEY"
)

BASEMAPS = {
    "osm": Basemap(
        url="https://tile.openstreetmap.org/{z}/{x}/{y}.png",
        datum="wgs84",
        attribution={
            "zh": "底图 © OpenStreetMap 贡献者",
            "en": "Basemap © OpenStreetMap contributors",
        },
        max_zoom=19,
    ),
    "tianditu": Basemap(
        url=_TIANDITU.format(layer="vec"),
        labels=_TIANDITU.format(layer="cva"),
        datum="wgs84",
        attribution={"zh": "底图 © 天地图", "en": "Basemap © Tianditu"},
        subdomains="01234567",
    ),
    "amap": Basemap(
        url=(
            "https://webrd0{s}.is.autonavi.com/appmaptile"
            "?lang=zh_cn&size=1&scale=1&style=8&x={x}&y={y}&z={z}"
        ),
        datum="gcj02",
        attribution={"zh": "底图 © 高德地图", "en": "Basemap © Amap"},
        subdomains="1234",
    ),
}


def looks() -> Looks:
    """Return what the page draws with."""
    return {
        "shares": {"bounds": SHARE_BOUNDS, "colours": SHARE_COLOURS},
        "amounts": AMOUNT_COLOURS,
        "target": {"below": BELOW_COLOURS, "above": ABOVE_COLOURS},
        "minutes": {"within": MINUTES_WITHIN, "beyond": MINUTES_BEYOND},
        "backdrop": BACKDROP,
        "above": ABOVE_SHADING,
    }
