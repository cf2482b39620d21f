"""Streets of an extract read once and kept, so that many districts cut theirs out of one reading.

An extract of a province takes minutes and gigabytes to read, and each district wants a small part
of it. What was read whole is kept in the cache, found by the content of the file, and each district
reads the rows near it. It gets the very ways that reading the extract for its area gives: each that
has a node within the box around the area, whole.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from uuid import uuid4

import geopandas as gpd
import numpy as np
import pyarrow as pa
import shapely

from planner.district.reading.digests import sha256
from planner.district.reading.files import cache_folder
from planner.district.reading.folders import hold
from planner.district.reading.road_words import TAGS
from planner.engine.crs import WGS84

RUNS = "planner_runs"
_SUFFIX = ".ways"
_ORDER, _BOX = "planner_order", "bbox"
_ROWS = 10_000  # that are read or passed by together: neighbours on the ground
_MOST_BYTES = 4 * 2**30
_WAIT_S = 0.5


def keep_ways(path: Path, read: Callable[[], gpd.GeoDataFrame | None]) -> bool:
    """Read the ways of an extract and keep them, where they are not kept yet.

    Any number of processes may ask at once: one reads, the others wait.

    Parameters
    ----------
    path
        The extract.
    read
        Reads the ways of all of it, in EPSG:4326, with `RUNS` where any lacks nodes; None where it
        cannot be read.

    Returns
    -------
    Whether they are kept; not where nothing can be written, or the extract cannot be read.
    """
    kept = _kept(path)
    if kept is None:
        return False
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        with _alone(kept):
            if kept.exists():
                return True
            ways = read()
            if ways is None or ways.empty:
                return False
            _write(ways, kept)
    except OSError:
        return False
    _drop_oldest(kept)
    return True


def kept_ways(path: Path, area_wgs84: shapely.Geometry) -> gpd.GeoDataFrame | None:
    """Return the ways of an extract near an area as they were kept.

    Parameters
    ----------
    path
        The extract.
    area_wgs84
        The area, in degrees.

    Returns
    -------
    The ways that have a node in the box around the area, in the extract's order, with `RUNS` where
    any lacks nodes; None where none were kept, or what was kept is damaged.
    """
    kept = _kept(path)
    if kept is None or not kept.exists():
        return None
    box = shapely.bounds(area_wgs84)
    try:
        near = gpd.read_parquet(kept, bbox=tuple(box)).sort_values(_ORDER)
        kept.touch()
    except (OSError, ValueError, KeyError, pa.ArrowException):
        return None
    xy, row = shapely.get_coordinates(near.geometry.to_numpy(), return_index=True)
    inside = ((xy >= box[:2]) & (xy <= box[2:])).all(axis=1)
    found = near[np.isin(np.arange(len(near)), row[inside])].reset_index(drop=True)
    plain = found.drop(columns=[_ORDER, *({_BOX} & set(found.columns))])
    empty = [name for name in plain.columns if plain[name].isna().all()]
    return plain.drop(columns=empty).set_crs(WGS84, allow_override=True)


def _kept(path: Path) -> Path | None:
    """Return where the ways of an extract are kept, by its content and by what reads it."""
    folder = cache_folder()
    if folder is None:
        return None
    made = "\n".join([sha256(path), version("pyrosm"), *TAGS, _code()])
    return folder / f"{hashlib.sha256(made.encode()).hexdigest()[:32]}{_SUFFIX}"


def _code() -> str:
    here = Path(__file__)
    sources = (here, here.with_name("osm.py"), here.with_name("pbf.py"))
    return hashlib.sha256(b"".join(one.read_bytes() for one in sources)).hexdigest()


def _write(ways: gpd.GeoDataFrame, kept: Path) -> None:
    """Write ways, neighbours beside each other: complete or not at all."""
    ordered = ways.assign(**{_ORDER: np.arange(len(ways))})
    ordered = ordered.iloc[np.argsort(ordered.geometry.hilbert_distance().to_numpy())]
    beside = kept.with_name(f".{kept.name}.{uuid4().hex}")
    try:
        ordered.to_parquet(beside, index=False, write_covering_bbox=True, row_group_size=_ROWS)
        beside.replace(kept)
    finally:
        beside.unlink(missing_ok=True)


@contextmanager
def _alone(kept: Path) -> Iterator[None]:
    """Hold what is to be kept against other processes; wait as long as another holds it."""
    with kept.with_suffix(".lock").open("a+b") as lock:
        while not hold(lock):
            time.sleep(_WAIT_S)
        yield


def _drop_oldest(kept: Path) -> None:
    """Drop what was unused for longest, beyond four gigabytes together."""
    found = []
    for one in kept.parent.glob(f"*{_SUFFIX}"):
        with suppress(OSError):
            found.append((one.stat().st_mtime, one.stat().st_size, one))
    total = 0
    for _, size, one in sorted(found, reverse=True):
        total += size
        if total > _MOST_BYTES and one != kept:
            with suppress(OSError):
                one.unlink()
