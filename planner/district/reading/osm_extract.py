"""OpenStreetMap extracts (.pbf): streets, and features by their tags."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyrosm
import shapely
from pyrosm.exceptions import InvalidOSMFileError, PBFException

from planner.district.reading import extracts
from planner.district.reading.files import Note, one_line
from planner.district.reading.pbf import check_pbf, cut_ways, lacking_nodes, whole_runs
from planner.district.reading.road_words import INCLINE, TAGS
from planner.district.reading.street_lines import NOT_TAGS
from planner.engine.crs import WGS84
from planner.errors import Problems

PBF = ".pbf"
_PBF_ERRORS = (InvalidOSMFileError, PBFException, OSError, ValueError, KeyError, TypeError)


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
    tags = [name for name in found.columns if name not in (*NOT_TAGS, "geometry")]
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


def extract_lines(
    path: Path, area: shapely.Geometry | None, note: Note
) -> tuple[gpd.GeoDataFrame | None, int]:
    """Return the ways tagged as streets, cut where nodes are missing, and how many lack some.

    Parameters
    ----------
    path
        The extract, a ``.pbf`` file.
    area
        The area in degrees (EPSG:4326); None for all of the extract.
    note
        Collects what is wrong.

    Returns
    -------
    The ways in EPSG:4326, None where the extract cannot be read; and how many of them lack nodes.
    """
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

    def _ways(extract: pyrosm.OSM) -> gpd.GeoDataFrame:
        found = extract.get_network(
            custom_filter={"highway": True}, filter_type="keep", extra_attributes=[*TAGS, INCLINE]
        )
        return gpd.GeoDataFrame({"nodes": []}, geometry=[], crs=WGS84) if found is None else found

    def _nodes(extract: pyrosm.OSM) -> gpd.GeoDataFrame:
        found: gpd.GeoDataFrame = extract.get_network(
            custom_filter={"highway": True}, filter_type="keep", nodes=True
        )[0]
        return found

    lines = _from_pbf(path, area, note, _ways, nodes=True)
    if lines is None:
        return None
    if not lines.empty and lacking_nodes(lines).any():
        held = _from_pbf(path, area, note, _nodes)
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
