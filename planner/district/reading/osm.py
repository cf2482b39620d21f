"""OpenStreetMap: streets and features from extracts, files of lines, and the web."""

from __future__ import annotations

import hashlib
import urllib.error
import urllib.request
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import pandas as pd
import pyrosm
import shapely
from pyrosm.exceptions import InvalidOSMFileError, PBFException

from planner.district.fields import Understanding, named_column
from planner.district.matching import normal
from planner.district.reading import access, extracts
from planner.district.reading.access import TAGS
from planner.district.reading.database import (
    DUCKDB,
    is_database,
    read_database,
    sha256_of_rows,
)
from planner.district.reading.digests import DATABASE, sha256
from planner.district.reading.files import Note, crs_name, locate, one_line, place
from planner.district.reading.guard import plain_xml
from planner.district.reading.osm_xml import read_ways
from planner.district.reading.pbf import check_pbf, cut_ways, lacking_nodes, whole_runs
from planner.district.reading.vector import PARQUET, VECTOR, read_vector
from planner.engine.crs import WGS84
from planner.engine.network import line_parts
from planner.errors import Problems, did_you_mean
from planner.settings import StreetSettings

PBF = ".pbf"
OSM_XML = (".osm", ".xml")
GRAPHML = ".graphml"
STREET_FILES = (PBF, ".osm", GRAPHML)  # they hold streets, whatever else
LEVELS = ("layer", "bridge", "tunnel")  # what tells lines that cross from lines that meet

_ANSWERS_WITHIN_S = 15.0
_PBF_ERRORS = (InvalidOSMFileError, PBFException, OSError, ValueError, KeyError, TypeError)
# What pyrosm keeps on an element beside its tags.
_NOT_TAGS = ("id", "osm_type", "lon", "lat", "visible", "version", "timestamp", "changeset", "tags")

_NAMES = ("name", "名称", "路名", "道路名称", "街道名称", "road name")
_KEYS = ("name", *TAGS)


@dataclass(frozen=True, kw_only=True)
class RawStreets:
    """Streets as read: lines that meet where they share a vertex.

    Parameters
    ----------
    lines
        The lines that people may walk along, with ``name`` and the tags that are known, on their
        number from 1.
    roads
        The lines that vehicles may use, likewise.
    file
        The file as the scenario names it, or the place asked for.
    path
        Where the file lies; missing for a place.
    sha256
        Digest of the file, or of the lines where they came from the web.
    rows
        Elements read.
    dropped
        Elements left out because they are not lines, or no streets.
    not_walked
        How many lines people may not walk along, by class.
    cut
        Ways that lack nodes, and were cut there.
    understood
        Which column was taken for which tag.
    crs, datum, encoding
        As declared or found; missing where it does not apply.
    """

    lines: gpd.GeoDataFrame
    roads: gpd.GeoDataFrame
    file: str
    path: Path | None
    sha256: str
    rows: int
    dropped: int = 0
    not_walked: dict[str, int] = field(default_factory=dict)
    cut: int = 0
    understood: Understanding | None = None
    crs: str | None = WGS84
    datum: str | None = None
    encoding: str | None = None


def read_streets(
    streets: StreetSettings, area_wgs84: shapely.Geometry | None, folder: Path, problems: Problems
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
    opened = _opened(streets, area_wgs84, folder, note)
    if opened is None:
        return None
    lines, path, encoding, cut = opened
    digest = sha256_of_rows(lines) if streets.file.startswith(DATABASE) else sha256(path)
    only, rows = _only_lines(lines, streets, note), len(lines)
    if only is None:
        return None
    del lines, opened  # millions of them take gigabytes
    seven = streets.seven_parameters
    placed = place(only.kept, note, datum=streets.datum, crs=streets.crs, seven=seven)
    if placed is None:
        return None
    users = _by_users(placed, note)
    return (
        None
        if users is None
        else RawStreets(
            lines=users.walked,
            roads=users.driven,
            not_walked=users.not_walked,
            cut=cut,
            file=streets.file,
            path=path,
            sha256=digest,
            rows=rows,
            dropped=only.dropped,
            understood=only.understood,
            crs=streets.crs or crs_name(only.kept.crs),
            datum=streets.datum,
            encoding=encoding,
        )
    )


class _OpenedStreets(NamedTuple):
    """Lines as a file has them, where it lies, its encoding, and how many ways were cut."""

    lines: gpd.GeoDataFrame
    path: Path
    encoding: str | None = None
    cut: int = 0


def _opened(
    streets: StreetSettings, area_wgs84: shapely.Geometry | None, folder: Path, note: Note
) -> _OpenedStreets | None:
    """Open an extract, a graph, a file of lines or a table of a database."""
    assert streets.file is not None  # noqa: S101  else OpenStreetMap is asked
    if streets.query is not None and not is_database(streets.file):
        note("io.query_needs_database", value=streets.file)
        return None
    if streets.file.startswith(DATABASE):
        return _of_database(streets, Path(streets.file), note)
    path = locate(streets.file, folder, partial(_tell_no_file, note))
    if path is None:
        return None
    suffix = path.suffix.lower()
    encoding, cut = None, 0
    if suffix in DUCKDB:
        return _of_database(streets, path, note)
    if suffix == PBF:
        lines, cut = _pbf_lines(path, area_wgs84, note)
    elif suffix in OSM_XML:
        ways = read_ways(path, note)
        lines, cut = (None, 0) if ways is None else (ways.lines, ways.cut + ways.lost)
    elif suffix == GRAPHML:
        lines = _graph_file_lines(path, note)
    elif suffix in (*VECTOR, *PARQUET):
        found = read_vector(path, note, layer=streets.layer, encoding=streets.encoding)
        lines, encoding = found or (None, None)
    else:
        known = (PBF, *OSM_XML, GRAPHML, *VECTOR, *PARQUET, *DUCKDB)
        note("io.unknown_suffix", value=suffix or path.name, known=" ".join(known))
        return None
    return None if lines is None else _OpenedStreets(lines, path, encoding, cut)


def _of_database(streets: StreetSettings, path: Path, note: Note) -> _OpenedStreets | None:
    assert streets.file is not None  # noqa: S101  a database is named
    at = None if streets.file.startswith(DATABASE) else path
    rows = read_database(streets.file, at, note, table=streets.layer, query=streets.query)
    return None if rows is None else _OpenedStreets(rows, path)


def _tell_no_file(note: Note, key: str, **told: Any) -> None:
    """Note what is wrong with a file of streets; where there is none, how to get one."""
    note("io.no_street_file" if key == "io.no_file" else key, **told)


def features(path: Path, osm: Mapping[str, Any], note: Note) -> gpd.GeoDataFrame | None:
    """Read the features of an extract that have any of some tags.

    Parameters
    ----------
    path
        The extract, a ``.pbf`` file.
    osm
        The tags: a key with true for any value, one value, or several. False leaves a key out.
    note
        Collects what is wrong: no tags asked for, unreadable, nothing found.

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


def _pbf_lines(
    path: Path, area: shapely.Geometry | None, note: Note
) -> tuple[gpd.GeoDataFrame | None, int]:
    """Return the ways tagged as streets, cut where nodes are missing, and how many lack some."""
    some = area is not None and not shapely.is_empty(area)
    lines = extracts.kept_ways(path, area) if area is not None and some else None
    lines = _ways_of_pbf(path, area, note) if lines is None else lines
    if lines is None:
        return None, 0
    runs = lines[extracts.RUNS].to_numpy() if extracts.RUNS in lines else np.full(len(lines), None)
    plain = lines.drop(columns=extracts.RUNS, errors="ignore")
    return cut_ways(plain, runs), sum(one is not None for one in runs)


def share_ways(path: Path) -> bool:
    """Read the streets of an extract and keep them, so that districts cut theirs out of them.

    Parameters
    ----------
    path
        The extract, a ``.pbf`` file.

    Returns
    -------
    Whether they are kept; where they are not, each district reads the extract, and tells what is
    wrong with it.
    """
    return extracts.keep_ways(path, lambda: _ways_of_pbf(path, None, Problems().add))


def _ways_of_pbf(path: Path, area: shapely.Geometry | None, note: Note) -> gpd.GeoDataFrame | None:
    """Read the ways tagged as streets, and of those that lack nodes the runs without a gap."""

    def ways(extract: pyrosm.OSM) -> gpd.GeoDataFrame:
        found = extract.get_network(
            custom_filter={"highway": True}, filter_type="keep", extra_attributes=list(TAGS)
        )
        return gpd.GeoDataFrame({"nodes": []}, geometry=[], crs=WGS84) if found is None else found

    def nodes(extract: pyrosm.OSM) -> gpd.GeoDataFrame:
        found: gpd.GeoDataFrame = extract.get_network(
            custom_filter={"highway": True}, filter_type="keep", nodes=True
        )[0]
        return found

    lines = _from_pbf(path, area, note, ways, nodes=True)
    if lines is None:
        return None
    if not lines.empty and lacking_nodes(lines).any():
        held = _from_pbf(path, area, note, nodes)
        if held is None:
            return None
        lines = lines.assign(**{extracts.RUNS: whole_runs(lines, pd.Index(held["id"]))})
    return lines.drop(columns="nodes").set_crs(WGS84, allow_override=True)


def _from_pbf(
    path: Path,
    area: shapely.Geometry | None,
    note: Note,
    read: Callable[[pyrosm.OSM], gpd.GeoDataFrame],
    *,
    nodes: bool = False,
) -> gpd.GeoDataFrame | None:
    """Read from an extract; with ``nodes`` elements keep the ids of theirs."""
    if not check_pbf(path, note):
        return None
    box = None if area is None or shapely.is_empty(area) else shapely.bounds(area).tolist()
    with warnings.catch_warnings():
        # That nothing was found is noted by the caller; cut relations still hold their place.
        warnings.filterwarnings("ignore", message="Could not find any", category=UserWarning)
        warnings.filterwarnings("ignore", message=r"\d+ relation", category=UserWarning)
        try:
            return read(pyrosm.OSM(str(path), bounding_box=box, keep_node_info=nodes))
        except _PBF_ERRORS as error:
            note("io.unreadable", value=path.suffix, detail=one_line(error))
            return None


class _Users(NamedTuple):
    walked: gpd.GeoDataFrame
    driven: gpd.GeoDataFrame
    not_walked: dict[str, int]


def _by_users(lines: gpd.GeoDataFrame, note: Note) -> _Users | None:
    """Part lines by who may use them; note where nobody may walk along any."""
    tags = pd.DataFrame(lines.drop(columns="geometry"))
    # Of millions of lines few differ in what decides.
    alike, code = access.distinct(tags)
    on_foot, by_vehicle = access.walked(alike)[code], access.driven(alike)[code]
    if not on_foot.any():
        note("io.no_streets", value=0)
        return None
    if "oneway" in lines or "junction" in lines or "highway" in lines:
        lines = lines.assign(oneway=access.oneway(alike).to_numpy()[code])
    classes = tags["highway"] if "highway" in tags else pd.Series("", index=tags.index)
    counts = classes[~on_foot].map(lambda one: "–" if pd.isna(one) else str(one)).value_counts()
    drawn = lines[[name for name in ("name", "highway", "oneway", *LEVELS) if name in lines]]
    drawn = drawn.set_geometry(lines.geometry)
    return _Users(drawn[on_foot], drawn[by_vehicle], {str(k): int(n) for k, n in counts.items()})


def _graph_file_lines(path: Path, note: Note) -> gpd.GeoDataFrame | None:
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
        rows.append({key: data.get(key) for key in _KEYS} | {"name": _one_value(data.get("name"))})
    lines = gpd.GeoDataFrame(
        pd.DataFrame(rows, columns=list(_KEYS)), geometry=shapes, crs=graph.graph["crs"]
    )
    same = pd.Series(shapely.to_wkb(shapely.normalize(lines.geometry.to_numpy())))
    return lines[~same.duplicated().to_numpy()]


def _one_value(value: Any) -> Any:
    """Return one of several values that OSMnx merged: an edge of two ways has a list of names."""
    return value[0] if isinstance(value, list) else value


def _asked(streets: StreetSettings, area: shapely.Geometry | None, note: Note) -> RawStreets | None:
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
    users = _by_users(only.kept, note)
    return (
        None
        if users is None
        else RawStreets(
            lines=users.walked,
            roads=users.driven,
            not_walked=users.not_walked,
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
def _osmnx_without_cache(ox: Any) -> Iterator[None]:
    """Keep OSMnx from leaving a folder of answers where the user happens to stand."""
    before = ox.settings.use_cache
    ox.settings.use_cache = False
    try:
        yield
    finally:
        ox.settings.use_cache = before


class _OnlyLines(NamedTuple):
    kept: gpd.GeoDataFrame
    dropped: int
    understood: Understanding


def _only_lines(frame: pd.DataFrame, streets: StreetSettings, note: Note) -> _OnlyLines | None:
    """Keep the lines, one part a row, with the columns that are known; count the rows left out."""
    if not isinstance(frame, gpd.GeoDataFrame):
        note("io.not_lines", value="-")
        return None
    whole = access.spelt_out(frame)
    shapes_are = whole.geom_type
    column_of = _columns(whole, streets, note)
    lines = whole[
        shapes_are.isin(["LineString", "MultiLineString"])
        & ~whole.geometry.is_empty
        & ~access.no_streets(whole, column_of.get("highway"))
    ]
    if lines.empty:
        found = ", ".join(sorted(shapes_are.dropna().unique()))
        note("io.not_lines" if found else "io.no_streets", value=found or 0)
        return None
    columns = {key: _texts(lines[column]) for key, column in column_of.items()}
    parts, owner = line_parts(lines.geometry.to_numpy())
    table = pd.DataFrame(columns, index=np.arange(len(lines))).iloc[owner]
    index = pd.RangeIndex(1, len(parts) + 1)
    kept = gpd.GeoDataFrame(table.set_axis(index), geometry=parts, crs=whole.crs)
    used = {*column_of.values(), *_NOT_TAGS, "nodes", "geometry"}
    understood = Understanding(
        fields={key: (column,) for key, column in column_of.items()},
        unused=tuple(str(column) for column in frame.columns if str(column) not in used),
    )
    return _OnlyLines(kept, len(whole) - len(lines), understood)


def _columns(frame: pd.DataFrame, streets: StreetSettings, note: Note) -> dict[str, str]:
    """Find the column of the name and of each tag: as the scenario names it, else as it is found.

    Columns without any value are left aside.
    """
    named = {}
    for key, given in streets.columns.items():
        if key not in _KEYS:
            note("tables.not_in_contract", value=key, hint=did_you_mean(key, _KEYS))
            continue
        name = given[0] if isinstance(given, list) else given
        column = named_column(frame, name)
        if column is None:
            note("tables.no_such_column", value=name, hint=did_you_mean(name, frame.columns))
        else:
            named[key] = column
    filled = frame.drop(columns="geometry").dropna(axis="columns", how="all")
    if "name" not in streets.columns:
        plain = {normal(column): str(column) for column in reversed(filled.columns)}
        found = [plain[normal(alias)] for alias in _NAMES if normal(alias) in plain]
        named |= {"name": found[0]} if found else {}
    others = access.find_columns(filled, set(named.values()))
    return {key: column for key, column in others.items() if key not in streets.columns} | named


def _texts(column: pd.Series) -> Any:
    """Return the cells of a column as texts; a column of texts stays as it is, and small."""
    if isinstance(column.dtype, pd.StringDtype):
        return column.array
    return column.map(_one_text).to_numpy()


def _one_text(cell: Any) -> Any:
    """Return a cell of several values as one text."""
    if isinstance(cell, list | tuple | np.ndarray):
        return "; ".join(map(str, cell))
    return cell
