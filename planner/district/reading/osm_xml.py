"""Ways of OSM XML, also of an extract that is not whole or not in order."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree as ET

import geopandas as gpd
import shapely

from planner.district.reading.files import Note, one_line
from planner.district.reading.guard import plain_xml
from planner.district.reading.road_words import INCLINE, TAGS
from planner.engine.crs import WGS84

Place = tuple[float, float]


class Ways(NamedTuple):
    """Ways as lines with their tags, and how many lack nodes: cut there, or lost altogether."""

    lines: gpd.GeoDataFrame
    cut: int
    lost: int


def read_ways(path: Path, note: Note) -> Ways | None:
    """Read the ways of OSM XML that are tagged as streets.

    Nodes may stand before or behind the ways. A way is cut where nodes are missing, as at the
    border of an extract: no line is drawn across. What is marked as deleted is not there.

    OSMnx would take every way in the file for a street, outlines of buildings too, and drops the
    tags that say who may walk there.

    Parameters
    ----------
    path
        The file.
    note
        Collects what is wrong.

    Returns
    -------
    The ways in degrees, with name and tags; None where the file cannot be read.
    """
    place_of: dict[str, Place] = {}
    refs_of: list[list[str]] = []
    tags_of: list[dict[str, str]] = []
    if not plain_xml(path, note):
        return None
    try:
        for _, element in ET.iterparse(path):  # noqa: S314  the user's own file; expat caps entities
            if element.tag == "node" and not _is_deleted(element):
                at = float(element.attrib["lon"]), float(element.attrib["lat"])
                place_of[element.attrib["id"]] = at
            elif element.tag == "way" and not _is_deleted(element):
                tags = {tag.attrib["k"]: tag.attrib["v"] for tag in element.iter("tag")}
                if "highway" in tags:
                    refs_of.append([node.attrib["ref"] for node in element.iter("nd")])
                    tags_of.append(tags)
            if element.tag in {"node", "way", "relation"}:
                element.clear()
    except (ET.ParseError, KeyError, ValueError, OSError) as error:
        note("io.unreadable", value=path.suffix, detail=one_line(error))
        return None
    shapes, rows, cut, lost = [], [], 0, 0
    for refs, tags in zip(refs_of, tags_of, strict=True):
        runs = _runs(refs, place_of)
        whole = sum(ref in place_of for ref in refs) == len(refs)
        cut += bool(runs) and not whole
        lost += not runs and not whole
        for run in runs:
            shapes.append(shapely.LineString(run))
            rows.append(tags)
    if lost and not shapes:
        note("io.ways_without_nodes", value=lost)
        return None
    columns = {key: [tags.get(key) for tags in rows] for key in ("name", *TAGS, INCLINE)}
    return Ways(gpd.GeoDataFrame(columns, geometry=shapes, crs=WGS84), cut, lost)


def _runs(refs: list[str], place_of: dict[str, Place]) -> list[list[Place]]:
    """List the stretches of a way between missing nodes, of two nodes or more."""
    runs: list[list[Place]] = [[]]
    for ref in refs:
        if ref in place_of:
            runs[-1].append(place_of[ref])
        else:
            runs.append([])
    return [run for run in runs if len(run) > 1]


def _is_deleted(element: ET.Element) -> bool:
    return element.get("action") == "delete" or element.get("visible") == "false"
