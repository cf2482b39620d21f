"""Compile streets once: networks kept in a folder, found again by what they were made from."""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from planner.engine.network.graph.packed import PackedLines
from planner.engine.network.network import Network
from planner.engine.network.store.storage import load_network, save_network, to_bytes
from planner.errors import NetworkError
from planner.language import default_lang, text

_LOG = logging.getLogger(__name__)
_SUFFIX = ".streets"
_MOST_BYTES = 2**30
# What decides how streets are laid out: a network compiled by other code is another network.
_CODE = ("graph", "search/kernels.py", "store/storage.py")


def cached_network(
    build: Callable[[], Network],
    folder: str | Path,
    inputs: Iterable[str | Path | bytes],
    options: Mapping[str, Any] | None = None,
) -> Network:
    """Open a network compiled before from the same inputs, or compile it now and keep it.

    Any number of processes may do so at once. A damaged network is compiled anew; where nothing can
    be written, none is kept. Together the networks of a folder take up to a gigabyte: beyond that
    those unused for longest are dropped.

    Parameters
    ----------
    build
        Makes the network; it is only called when there is none, or a damaged one.
    folder
        Where networks are kept.
    inputs
        Files the network is made from (their content counts, not their name or date), or bytes.
    options
        All else that shapes the network, in types that JSON knows.

    Returns
    -------
    The network.

    Raises
    ------
    FileNotFoundError
        If an input is not there.
    """
    key = hashlib.sha256(_code() + json.dumps(options or {}, sort_keys=True).encode())
    for one in inputs:
        content = one if isinstance(one, bytes) else Path(one).read_bytes()
        key.update(hashlib.sha256(content).digest())
    name = key.hexdigest()[:32]
    path = Path(folder) / f"{name}{_SUFFIX}"
    try:
        network = load_network(path, key=name)
    except (OSError, NetworkError, ValueError, RecursionError) as error:
        if isinstance(error, NetworkError):
            _LOG.warning(text("network.made_anew", default_lang(), file=path))
        network = build()
        with suppress(OSError):
            save_network(network, path, key=name)
            _drop_oldest(path)
    else:
        with suppress(OSError):
            os.utime(path)  # used just now
    return network


def cached_from_lines(lines: gpd.GeoDataFrame | PackedLines, folder: str | Path) -> Network:
    """Build a network from plain lines, or open the one built before from the same lines.

    Parameters
    ----------
    lines
        As for `Network.from_lines`.
    folder
        Where networks are kept.

    Returns
    -------
    The network.

    Raises
    ------
    NetworkError
        As `Network.from_lines`.
    """
    packed = lines if isinstance(lines, PackedLines) else PackedLines.of(lines)
    index = packed.table.index
    levels = range(index.nlevels)
    labels = pd.DataFrame({str(level): index.get_level_values(level) for level in levels})
    # All that `from_lines` sees, as digests: copies of millions of streets would take gigabytes.
    inputs = [_bytes_of(one) for one in (packed.xy, packed.start, packed.row)]
    inputs += [_bytes_of(to_bytes(table)) for table in (packed.table, labels)]
    inputs += [str(len(packed.strange)).encode()]
    inputs += [] if packed.z is None else [_bytes_of(packed.z)]
    wkt = None if packed.crs is None else packed.crs.to_wkt()
    return cached_network(lambda: Network.from_lines(packed), folder, inputs, {"crs": wkt})


def _bytes_of(array: np.ndarray) -> bytes:
    """Return the bytes of an array as a digest."""
    plain: Any = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
    return hashlib.sha256(memoryview(plain)).digest()


@cache
def _code() -> bytes:
    engine = Path(__file__).parents[1]
    named = [engine / name for name in _CODE]
    sources = [file for one in named for file in ([one] if one.is_file() else one.glob("*.py"))]
    return b"".join(file.read_bytes() for file in sorted(sources))


def _drop_oldest(newest: Path) -> None:
    """Drop the networks unused for longest where the folder holds too much, never the newest."""
    kept = [(one.stat(), one) for one in newest.parent.glob(f"*{_SUFFIX}") if one != newest]
    kept.sort(key=lambda one: one[0].st_mtime, reverse=True)
    total = newest.stat().st_size
    for stat, one in kept:
        total += stat.st_size
        if total > _MOST_BYTES:
            with suppress(OSError):  # in use where files in use cannot be dropped, or gone already
                one.unlink()
