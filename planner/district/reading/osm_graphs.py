"""Streets as OSMnx has them: of a GraphML file, or asked of OpenStreetMap."""

from __future__ import annotations

import hashlib
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import geopandas as gpd
import pandas as pd
import shapely

from planner.district.reading.files import Note, one_line
from planner.district.reading.guard import plain_xml
from planner.district.reading.street_lines import STREET_KEYS, RawStreets, by_users, only_lines
from planner.settings import StreetSettings
from planner.standards import StreetUsers

_ANSWERS_WITHIN_S = 15.0


def graph_file_lines(path: Path, note: Note) -> gpd.GeoDataFrame | None:
    """Read the streets of a graph that OSMnx has saved.

    Parameters
    ----------
    path
        The GraphML file.
    note
        Collects what is wrong.

    Returns
    -------
    A line for each street, the two directions as one; None where the file cannot be read.
    """
    import networkx as nx  # noqa: PLC0415
    import osmnx as ox  # noqa: PLC0415  takes over a second to import, and few runs need it

    damaged = (
        ET.ParseError, nx.NetworkXException, KeyError, ValueError, TypeError, OSError,
        AttributeError, SyntaxError, RecursionError, IndexError,
    )  # fmt: skip
    if not plain_xml(path, note):
        return None
    try:
        return _graph_lines(ox.load_graphml(path))
    except damaged as error:
        note("io.unreadable", value=path.suffix, detail=one_line(error))
        return None


def _graph_lines(graph: Any) -> gpd.GeoDataFrame:
    """Turn the edges of an OSMnx graph into lines, one for the two directions of a street."""
    at = {node: (float(data["x"]), float(data["y"])) for node, data in graph.nodes(data=True)}
    shapes, rows = [], []
    for u, v, data in graph.edges(data=True):
        drawn = data.get("geometry")
        inner = [] if drawn is None else list(drawn.coords)[1:-1]
        # The ends are the nodes themselves, to the last digit, so that lines meet.
        shapes.append(shapely.LineString([at[u], *inner, at[v]]))
        rows.append(
            {key: data.get(key) for key in STREET_KEYS} | {"name": _one_value(data.get("name"))}
        )
    lines = gpd.GeoDataFrame(
        pd.DataFrame(rows, columns=list(STREET_KEYS)), geometry=shapes, crs=graph.graph["crs"]
    )
    same = pd.Series(shapely.to_wkb(shapely.normalize(lines.geometry.to_numpy())))
    return lines[~same.duplicated().to_numpy()]


def _one_value(value: Any) -> Any:
    """Return one of several values that OSMnx merged: an edge of two ways has a list of names."""
    return value[0] if isinstance(value, list) else value


def ask_openstreetmap(
    streets: StreetSettings, area: shapely.Geometry | None, note: Note, users: StreetUsers
) -> RawStreets | None:
    """Ask OpenStreetMap for the streets of an area, or of a place by its name.

    Parameters
    ----------
    streets
        What the scenario says of its streets: its ``place`` is asked for where there is no area.
    area
        The area in degrees (EPSG:4326); None where it is not known.
    note
        Collects what is wrong.
    users
        Whose streets residents come along.

    Returns
    -------
    The streets; None where there is no answer, or no street in it.
    """
    import osmnx as ox  # noqa: PLC0415  takes over a second to import, and few runs need it

    # The walkers' streets come as they always did. Others are told apart by tags of single ways,
    # which OSMnx would drop or join.
    on_foot = users == "walkers"
    network_type = "walk" if users in {"walkers", "wheelchairs"} else "all"
    asked: dict[str, Any] = {"network_type": network_type, "retain_all": True, "simplify": on_foot}
    try:
        with _osmnx_asked_once(ox, () if on_foot else tuple(STREET_KEYS)):
            # OSMnx waits a minute before it asks a server it cannot reach.
            _reach(f"{ox.settings.overpass_url}/status")
            if area is None or shapely.is_empty(area):
                graph = ox.graph_from_place(str(streets.place), **asked)
            else:
                graph = ox.graph_from_polygon(area, **asked)  # type: ignore[arg-type]
    except OSError as error:
        note("io.no_answer", value=streets.place, detail=one_line(error))
        return None
    except (ValueError, TypeError) as error:  # what OSMnx raises for an empty or odd answer
        note("io.empty_answer", value=streets.place, detail=one_line(error))
        return None
    lines = _graph_lines(graph)
    only = only_lines(lines, streets, note)
    if only is None:
        return None
    parted = by_users(only.kept, note, users)
    return (
        None
        if parted is None
        else RawStreets(
            lines=parted.walked,
            roads=parted.driven,
            ridden=parted.ridden,
            not_walked=parted.not_walked,
            file=str(streets.place),
            path=None,
            sha256=hashlib.sha256(only.kept.to_json().encode()).hexdigest(),
            rows=len(lines),
        )
    )


def _reach(url: str) -> None:
    """Fail soon where a server cannot be reached.

    Raises
    ------
    OSError
        If it cannot.
    """
    try:
        urllib.request.urlopen(url, timeout=_ANSWERS_WITHIN_S).close()  # noqa: S310  from OSMnx
    except urllib.error.HTTPError:
        return  # a server that refuses its status can be reached all the same


@contextmanager
def _osmnx_asked_once(ox: Any, tags: Sequence[str]) -> Iterator[None]:
    """Keep OSMnx from leaving a folder of answers where the user stands; have it keep more tags."""
    before = ox.settings.use_cache, ox.settings.useful_tags_way
    ox.settings.use_cache = False
    ox.settings.useful_tags_way = list(dict.fromkeys([*before[1], *tags]))
    try:
        yield
    finally:
        ox.settings.use_cache, ox.settings.useful_tags_way = before
