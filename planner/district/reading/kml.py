"""Read KML, as Google Earth, Ovital and map services export it: each placemark is a row.

GDAL's reader makes headings in Chinese into underscores, and parts folders into layers. Here all
placemarks are one table, with the folder that holds each as a column.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import geopandas as gpd
import shapely
from shapely.geometry.base import BaseGeometry

from planner.district.reading.files import Note
from planner.district.reading.guard import plain_xml
from planner.engine.crs import WGS84

KML = (".kml", ".ovkml")
KMZ = ".kmz"
_CONTAINERS = {"Folder", "Document"}
_LINKS = {"NetworkLink", "NetworkLinkControl"}


def read_kml(path: Path, note: Note) -> gpd.GeoDataFrame | None:
    """Read the placemarks of a file.

    Parameters
    ----------
    path
        The file.
    note
        Collects what is wrong: no KML, entities, places that are to be fetched from elsewhere.

    Returns
    -------
    A row for each placemark in the order of the file: ``name``, ``description``, ``folder``, its
    further data under their own names, and its shape in WGS 84 (missing where it has none).
    """
    if not plain_xml(path, note):
        return None
    root = ET.parse(path).getroot()  # noqa: S314  without entities: see above
    if _tag(root) != "kml":
        note("io.no_kml", value=_tag(root))
        return None
    linked = next((part for part in root.iter() if _tag(part) in _LINKS), None)
    if linked is not None:
        href = next((link.text for link in linked.iter() if _tag(link) == "href"), None)
        note("io.pointer", value=(href or _tag(linked)).strip())
        return None
    rows = list(_rows(root, ""))
    further = (key for row, _ in rows for key in row)
    columns = list(dict.fromkeys(["name", "description", "folder", *further]))
    return gpd.GeoDataFrame(
        [row for row, _ in rows],
        columns=columns,
        geometry=[shape for _, shape in rows],
        crs=WGS84,
    )


def _rows(part: ET.Element, folder: str) -> Iterator[tuple[dict[str, str], object]]:
    """Yield the columns and the shape of each placemark below a part of the file."""
    for child in part:
        tag = _tag(child)
        if tag in _CONTAINERS:
            yield from _rows(child, _said(child, "name") or folder)
        elif tag == "Placemark":
            known = {"name": _said(child, "name"), "description": _said(child, "description")}
            row = {key: words for key, words in known.items() if words} | _data(child)
            yield row | ({"folder": folder} if folder else {}), _shape(child)


def _data(placemark: ET.Element) -> dict[str, str]:
    """Return what a placemark says beside its name: ``Data`` and ``SimpleData``, by name."""
    found = {}
    for part in placemark.iter():
        if _tag(part) == "Data":
            found[part.get("name", "")] = _said(part, "value")
        elif _tag(part) == "SimpleData":
            found[part.get("name", "")] = (part.text or "").strip()
    return {name: words for name, words in found.items() if name and words}


def _shape(part: ET.Element) -> BaseGeometry | None:
    """Return the shape of a placemark, or of the parts of a collection."""
    shapes = [made for child in part if (made := _one(child)) is not None]
    if len(shapes) < 2:
        return shapes[0] if shapes else None
    kinds = {shape.geom_type for shape in shapes}
    many = _MANY.get(kinds.pop() if len(kinds) == 1 else "", shapely.GeometryCollection)
    return many(shapes)


def _one(part: ET.Element) -> BaseGeometry | None:
    tag = _tag(part)
    if tag == "MultiGeometry":
        return _shape(part)
    if tag == "Point":
        places = _places(part)
        return shapely.Point(places[0]) if places else None
    if tag in {"LineString", "LinearRing"}:
        places = _places(part)
        return shapely.LineString(places) if len(places) > 1 else None
    if tag == "Polygon":
        rings: dict[str, list[list[tuple[float, float]]]] = {
            "outerBoundaryIs": [],
            "innerBoundaryIs": [],
        }
        for child in part:
            if _tag(child) in rings:
                rings[_tag(child)].append(_places(child))
        outer = rings["outerBoundaryIs"]
        good = bool(outer) and all(len(ring) > 3 for ring in (*outer, *rings["innerBoundaryIs"]))
        return shapely.Polygon(outer[0], rings["innerBoundaryIs"]) if good else None
    return None


_MANY: dict[str, Callable[[Any], BaseGeometry]] = {
    "Point": shapely.MultiPoint,
    "LineString": shapely.MultiLineString,
    "Polygon": shapely.MultiPolygon,
}


def _places(part: ET.Element) -> list[tuple[float, float]]:
    """Return longitudes and latitudes of the first list of coordinates below a part."""
    said = next((child.text for child in part.iter() if _tag(child) == "coordinates"), None)
    found = [one.split(",") for one in (said or "").split()]
    for one in found:
        if len(one) < 2 or not all(map(math.isfinite, map(float, one[:2]))):
            raise ValueError(",".join(one))
    return [(float(x), float(y)) for x, y, *_ in found]


def _said(part: ET.Element, name: str) -> str:
    return next(((child.text or "").strip() for child in part if _tag(child) == name), "")


def _tag(part: ET.Element) -> str:
    return part.tag.rpartition("}")[2]
