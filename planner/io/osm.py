"""OpenStreetMap: streets and features from extracts, files of lines, and the web."""

from __future__ import annotations

import hashlib
import urllib.error
import urllib.request
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pyrosm
import shapely
from pyrosm.exceptions import InvalidOSMFileError, PBFException

from planner.crs import WGS84
from planner.errors import Problems
from planner.io.files import Note, crs_name, locate, one_line, place, sha256
from planner.io.guard import plain_xml
from planner.io.vector import PARQUET, VECTOR, read_vector
from planner.settings import Streets
from planner.tables import normal

PBF = ".pbf"
OSM_XML = (".osm", ".xml")
GRAPHML = ".graphml"

_ANSWERS_WITHIN_S = 15.0
_PBF_ERRORS = (InvalidOSMFileError, PBFException, OSError, ValueError, KeyError, TypeError)
# What pyrosm keeps on an element beside its tags.
_NOT_TAGS = ("id", "osm_type", "lon", "lat", "visible", "version", "timestamp", "changeset", "tags")

_COLUMNS = {
    "name": ("name", "名称", "路名", "道路名称", "街道名称", "road name"),
    "highway": ("highway", "fclass", "道路等级", "道路类型", "等级", "class"),
    "oneway": ("oneway", "单行", "是否单行"),
}
# Ways that nobody walks along, or not any more, or not yet: OSMnx and pyrosm rule alike.
_NOT_WALKED = {
    "abandoned", "bus_guideway", "construction", "cycleway", "motor", "motorway", "motorway_link",
    "no", "planned", "platform", "proposed", "raceway", "razed", "rest_area", "services",
}  # fmt: skip
_CLOSED = {"no", "private"}


@dataclass(frozen=True, kw_only=True)
class RawStreets:
    """Streets as read: lines that meet where they share a vertex.

    Parameters
    ----------
    lines
        The lines, with ``name``, ``highway`` and ``oneway`` where known, on their number from 1.
    file
        The file as the scenario names it, or the place asked for.
    path
        Where the file lies; missing for a place.
    sha256
        Digest of the file, or of the lines where they came from the web.
    rows
        Elements read.
    dropped
        Elements left out because they are not lines.
    crs, datum, encoding
        As declared or found; missing where it does not apply.
    """

    lines: gpd.GeoDataFrame
    file: str
    path: Path | None
    sha256: str
    rows: int
    dropped: int = 0
    crs: str | None = WGS84
    datum: str | None = None
    encoding: str | None = None


def read_streets(
    streets: Streets, area_wgs84: shapely.Geometry | None, folder: Path, problems: Problems
) -> RawStreets | None:
    """Read streets from an extract, a graph or a file of lines, or ask OpenStreetMap for them.

    Parameters
    ----------
    streets
        The file or the place, and how to read it.
    area_wgs84
        Where streets are wanted, in degrees: an extract is read, and OpenStreetMap is asked, for
        this area. Without it all of an extract is read, and the place is looked up by its name.
    folder
        What paths are relative to.
    problems
        Collects what is wrong.

    Returns
    -------
    The streets, or nothing where they cannot be had; then a problem says why.
    """
    if streets.file is None:
        return _asked(streets, area_wgs84, partial(problems.add, file=streets.place))
    note: Note = partial(problems.add, file=streets.file)
    path = locate(streets.file, folder, note)
    if path is None:
        return None
    suffix = path.suffix.lower()
    encoding = None
    if suffix == PBF:
        lines = _pbf_lines(path, area_wgs84, note)
    elif suffix in OSM_XML:
        lines = _xml_lines(path, note)
    elif suffix == GRAPHML:
        lines = _graph_file_lines(path, note)
    elif suffix in (*VECTOR, *PARQUET):
        found = read_vector(path, note, layer=streets.layer, encoding=streets.encoding)
        lines, encoding = found or (None, None)
    else:
        known = (PBF, *OSM_XML, GRAPHML, *VECTOR, *PARQUET)
        note("io.unknown_suffix", value=suffix or path.name, known=" ".join(known))
        return None
    if lines is None:
        return None
    only = _only_lines(lines, streets, note)
    if only is None:
        return None
    kept, dropped = only
    placed = place(kept, note, datum=streets.datum, crs=streets.crs)
    if placed is None:
        return None
    return RawStreets(
        lines=placed,
        file=streets.file,
        path=path,
        sha256=sha256(path),
        rows=len(lines),
        dropped=dropped,
        crs=streets.crs or crs_name(kept.crs),
        datum=streets.datum,
        encoding=encoding,
    )


def features(path: Path, osm: Mapping[str, Any], note: Note) -> gpd.GeoDataFrame | None:
    """Read the features of an extract that have any of some tags.

    Parameters
    ----------
    path
        The extract, a ``.pbf`` file.
    osm
        The tags: a key with true for any value, one value, or several. False leaves a key out.
    note
        Takes what is wrong: no tags asked for, unreadable, nothing found.

    Returns
    -------
    Points and polygons in EPSG:4326, counted from 1: ``id`` (``way/4236349``), ``name``, and one
    column for each tag that occurs; nothing where there are none.
    """
    asked: dict[str, Any] = {
        key: value if isinstance(value, bool | list) else [value]
        for key, value in osm.items()
        if value is not False
    }
    if not asked:
        note("io.no_osm_filter", value=path.name)
        return None
    found = _from_pbf(path, None, note, lambda extract: _matching(extract, asked))
    if found is None:
        return None
    if found.empty:
        words = ", ".join(
            key if value is True else f"{key}={'|'.join(map(str, value))}"
            for key, value in asked.items()
        )
        note("io.no_osm_features", value=words)
        return None
    ids = found["osm_type"].astype(str) + "/" + found["id"].astype("int64").astype(str)
    tags = [name for name in found.columns if name not in (*_NOT_TAGS, "geometry")]
    tagged = found[tags].assign(id=ids, name=found.get("name"))
    first = ["id", "name", *(key for key in asked if key in tags)]
    order = list(dict.fromkeys([*first, *tags]))
    index = pd.RangeIndex(1, len(found) + 1)
    shapes = found.geometry.to_numpy()
    return gpd.GeoDataFrame(tagged[order].set_axis(index), geometry=shapes, crs=WGS84)


def _matching(extract: pyrosm.OSM, asked: Mapping[str, Any]) -> gpd.GeoDataFrame:
    found = extract.get_data_by_custom_criteria(
        custom_filter=dict(asked), filter_type="keep", keep_nodes=True, keep_ways=True
    )
    if found is None or found.empty:
        return gpd.GeoDataFrame(geometry=[], crs=WGS84)
    # A relation at the edge of an extract may come with no shape at all.
    return found[~(found.geometry.isna() | found.geometry.is_empty)]


def _pbf_lines(path: Path, area: shapely.Geometry | None, note: Note) -> gpd.GeoDataFrame | None:
    def walked(extract: pyrosm.OSM) -> gpd.GeoDataFrame:
        found = extract.get_network(network_type="walking")
        return gpd.GeoDataFrame(geometry=[], crs=WGS84) if found is None else found

    lines = _from_pbf(path, area, note, walked)
    return None if lines is None else lines.set_crs(WGS84, allow_override=True)


def _from_pbf(
    path: Path,
    area: shapely.Geometry | None,
    note: Note,
    read: Callable[[pyrosm.OSM], gpd.GeoDataFrame],
) -> gpd.GeoDataFrame | None:
    box = None if area is None or shapely.is_empty(area) else shapely.bounds(area).tolist()
    with warnings.catch_warnings():
        # That nothing was found is noted by the caller; cut relations still hold their place.
        warnings.filterwarnings("ignore", message="Could not find any", category=UserWarning)
        warnings.filterwarnings("ignore", message=r"\d+ relation", category=UserWarning)
        try:
            return read(pyrosm.OSM(str(path), bounding_box=box))
        except _PBF_ERRORS as error:
            note("io.unreadable", value=path.suffix, detail=one_line(error))
            return None


def _xml_lines(path: Path, note: Note) -> gpd.GeoDataFrame | None:
    """Read the walkable ways of OSM XML.

    OSMnx would take every way in the file for a street, outlines of buildings too, and drops the
    tags that say who may walk there.
    """
    place_of: dict[str, tuple[float, float]] = {}
    shapes: list[list[tuple[float, float]]] = []
    tags_of: list[dict[str, str]] = []
    if not plain_xml(path, note):
        return None
    try:
        for _, element in ET.iterparse(path):  # noqa: S314  the user's own file; expat caps entities
            if element.tag == "node":
                at = float(element.attrib["lon"]), float(element.attrib["lat"])
                place_of[element.attrib["id"]] = at
            elif element.tag == "way":
                tags = {tag.attrib["k"]: tag.attrib["v"] for tag in element.iter("tag")}
                nodes = [node.attrib["ref"] for node in element.iter("nd")]
                shape = [place_of[node] for node in nodes if node in place_of]
                if len(shape) > 1 and _is_walked(tags):
                    shapes.append(shape)
                    tags_of.append(tags)
            if element.tag in {"node", "way", "relation"}:
                element.clear()
    except (ET.ParseError, KeyError, ValueError, OSError) as error:
        note("io.unreadable", value=path.suffix, detail=one_line(error))
        return None
    lines = [shapely.LineString(shape) for shape in shapes]
    columns = {key: [tags.get(key) for tags in tags_of] for key in _COLUMNS}
    return gpd.GeoDataFrame(columns, geometry=lines, crs=WGS84)


def _is_walked(tags: Mapping[str, str]) -> bool:
    """Tell whether people may walk along a way."""
    sides = ("sidewalk", "sidewalk:both", "sidewalk:left", "sidewalk:right")
    return (
        "highway" in tags
        and tags["highway"] not in _NOT_WALKED
        and tags.get("area") != "yes"
        and tags.get("service") != "private"
        and tags.get("foot", tags.get("access")) not in _CLOSED
        and all(tags.get(side) != "separate" for side in sides)
    )


def _graph_file_lines(path: Path, note: Note) -> gpd.GeoDataFrame | None:
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
        rows.append({key: _one_value(data.get(key)) for key in _COLUMNS})
    lines = gpd.GeoDataFrame(
        pd.DataFrame(rows, columns=list(_COLUMNS)), geometry=shapes, crs=graph.graph["crs"]
    )
    same = pd.Series(shapely.to_wkb(shapely.normalize(lines.geometry.to_numpy())))
    return lines[~same.duplicated().to_numpy()]


def _one_value(value: Any) -> Any:
    """Take one of several values that OSMnx merged: an edge of two ways has a list of names."""
    return value[0] if isinstance(value, list) else value


def _asked(streets: Streets, area: shapely.Geometry | None, note: Note) -> RawStreets | None:
    """Ask OpenStreetMap for the streets of an area, or of a place by its name."""
    import osmnx as ox  # noqa: PLC0415  takes over a second to import, and few runs need it

    try:
        with _osmnx_without_cache(ox):
            # OSMnx waits a minute before it asks a server it cannot reach.
            _reach(f"{ox.settings.overpass_url}/status")
            if area is None or shapely.is_empty(area):
                graph = ox.graph_from_place(
                    str(streets.place), network_type="walk", retain_all=True
                )
            else:
                graph = ox.graph_from_polygon(area, network_type="walk", retain_all=True)  # type: ignore[arg-type]
    except OSError as error:
        note("io.no_answer", value=streets.place, detail=one_line(error))
        return None
    except (ValueError, TypeError) as error:  # what OSMnx raises for an empty or odd answer
        note("io.empty_answer", value=streets.place, detail=one_line(error))
        return None
    lines = _graph_lines(graph)
    only = _only_lines(lines, streets, note)
    if only is None:
        return None
    kept, _ = only
    return RawStreets(
        lines=kept,
        file=str(streets.place),
        path=None,
        sha256=hashlib.sha256(kept.to_json().encode()).hexdigest(),
        rows=len(lines),
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
def _osmnx_without_cache(ox: Any) -> Iterator[None]:
    """Keep OSMnx from leaving a folder of answers where the user happens to stand."""
    before = ox.settings.use_cache
    ox.settings.use_cache = False
    try:
        yield
    finally:
        ox.settings.use_cache = before


def _only_lines(
    frame: pd.DataFrame, streets: Streets, note: Note
) -> tuple[gpd.GeoDataFrame, int] | None:
    """Keep the lines, one part a row, with the columns that are known; count the rows left out."""
    if not isinstance(frame, gpd.GeoDataFrame):
        note("io.not_lines", value="-")
        return None
    kinds = frame.geom_type
    lines = frame[kinds.isin(["LineString", "MultiLineString"]) & ~frame.geometry.is_empty]
    if lines.empty:
        found = ", ".join(sorted(kinds.dropna().unique()))
        note("io.not_lines" if found else "io.no_streets", value=found or 0)
        return None
    columns: dict[str, Any] = {}
    for key, aliases in _COLUMNS.items():
        column = _column(lines, key, aliases, streets, note)
        if column is not None:
            columns[key] = lines[column].to_numpy()
    parts, owner = shapely.get_parts(lines.geometry.to_numpy(), return_index=True)
    table = pd.DataFrame(columns, index=np.arange(len(lines))).iloc[owner]
    index = pd.RangeIndex(1, len(parts) + 1)
    kept = gpd.GeoDataFrame(table.set_axis(index), geometry=parts, crs=frame.crs)
    return kept, len(frame) - len(lines)


def _column(
    frame: pd.DataFrame, key: str, aliases: tuple[str, ...], streets: Streets, note: Note
) -> str | None:
    """Find a column: as the scenario names it, else by alias."""
    plain = {normal(name): str(name) for name in reversed(frame.columns)}
    named = streets.columns.get(key)
    if named is None:
        return next((plain[normal(alias)] for alias in aliases if normal(alias) in plain), None)
    name = named[0] if isinstance(named, list) else named
    column = plain.get(normal(name))
    if column is None:
        note("tables.no_such_column", value=name, nearest=", ".join(map(str, frame.columns)))
    return column
