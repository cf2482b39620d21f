"""What an OpenStreetMap extract (.pbf) unpacks to, and where its ways lack nodes."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from planner.district.reading.bounds import megabytes, most_bytes
from planner.district.reading.files import Note

_LENGTH = struct.Struct(">I")
_MOST_HEADER = 64 * 2**10  # both limits are the format's own
_MOST_BLOB = 32 * 2**20
_DATA, _SIZE, _RAW, _ZLIB = 3, 3, 1, 3
_VARINT, _BYTES = 0, 2


def check_pbf(path: Path, note: Note) -> bool:
    """Check that an extract does not unpack to very much more than it is.

    Every blob is unpacked and counted, none kept: the sizes that they state may be false.

    Parameters
    ----------
    path
        The file.
    note
        Takes what is wrong; what is no extract at all is left to its reader.

    Returns
    -------
    Whether it may be read.
    """
    left = most = most_bytes(path)
    try:
        with path.open("rb") as stream:
            for size in _blobs(stream):
                left -= size
                if size > _MOST_BLOB or left < 0:
                    bound = most if left < 0 else _MOST_BLOB
                    note("io.unpacks_to", value=f"> {megabytes(bound)}", most=megabytes(bound))
                    return False
    except (struct.error, IndexError, zlib.error, ValueError, StopIteration, RuntimeError):
        return True
    return True


def _blobs(stream: BinaryIO) -> Iterator[int]:
    """Return how much each blob unpacks to."""
    while head := stream.read(_LENGTH.size):
        (length,) = _LENGTH.unpack(head)
        if length > _MOST_HEADER:
            raise ValueError(length)
        size = next(value for key, value in _fields(stream.read(length)) if key == _SIZE)
        if not isinstance(size, int) or size > _MOST_BLOB:
            raise ValueError(size)
        yield sum(_unpacks_to(key, value) for key, value in _fields(stream.read(size)))


def _unpacks_to(key: int, value: int | memoryview) -> int:
    if not isinstance(value, memoryview):
        return 0
    if key == _RAW:
        return len(value)
    if key != _ZLIB:
        return 0
    unpack = zlib.decompressobj()
    return len(unpack.decompress(value, _MOST_BLOB + 1))


def _fields(message: bytes) -> Iterator[tuple[int, int | memoryview]]:
    """Return the fields of a message of Protocol Buffers: their numbers, and what they hold."""
    view, at = memoryview(message), 0
    while at < len(view):
        tag, at = _varint(view, at)
        if tag & 7 == _VARINT:
            value, at = _varint(view, at)
            yield tag >> 3, value
        elif tag & 7 == _BYTES:
            length, at = _varint(view, at)
            yield tag >> 3, view[at : at + length]
            at += length
        else:
            raise ValueError(tag)


def _varint(view: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = view[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
        if shift > 63:
            raise ValueError(value)


def lacking_nodes(ways: gpd.GeoDataFrame) -> np.ndarray:
    """Return which ways have fewer places than nodes: some nodes are not in the extract.

    Parameters
    ----------
    ways
        Ways as lines, with ``nodes``: the ids of each, in order.

    Returns
    -------
    A truth value for each way.
    """
    count = ways["nodes"].map(len).to_numpy(int)
    found: np.ndarray = shapely.get_num_coordinates(ways.geometry.to_numpy()) < count
    return found


def whole_runs(ways: gpd.GeoDataFrame, held: pd.Index) -> np.ndarray:
    """Find where ways lack nodes: the reader draws them straight across.

    Parameters
    ----------
    ways
        Ways as lines, with ``nodes``: the ids of each, in order.
    held
        Ids of the nodes that the extract holds.

    Returns
    -------
    For each way that lacks nodes a list: for each of its places the number of the run without a gap
    that it is in; empty where its nodes are told otherwise, so that nothing is known of where it
    lacks some. None for a way that lacks none.
    """
    runs = np.full(len(ways), None, object)
    count = shapely.get_num_coordinates(ways.geometry.to_numpy())
    for row in np.flatnonzero(lacking_nodes(ways)):
        there = np.isin(np.asarray(ways["nodes"].iloc[row], np.int64), held)
        run = np.cumsum(~there)[there]
        runs[row] = run.tolist() if len(run) == count[row] else []
    return runs


def cut_ways(ways: gpd.GeoDataFrame, runs: np.ndarray) -> gpd.GeoDataFrame:
    """Cut ways where nodes are missing.

    Parameters
    ----------
    ways
        Ways as lines.
    runs
        Of each, as `whole_runs` tells them.

    Returns
    -------
    The ways; of those that lack nodes the parts between, and none where no part is left.
    """
    shapes = ways.geometry.to_numpy().copy()
    for row, own in enumerate(runs):
        if own is None or not len(own):
            continue
        xy, run = shapely.get_coordinates(shapes[row]), np.asarray(own)
        parts = [xy[run == one] for one in np.unique(run)]
        lines = [shapely.LineString(part) for part in parts if len(part) > 1]
        shapes[row] = shapely.MultiLineString(lines) if lines else None
    cut = ways.set_geometry(shapes, crs=ways.crs)
    return cut[cut.geometry.notna()]
