"""Keep compiled networks on disk: one file, mapped into memory, checked whenever it is opened.

The file is a line of magic, the length and digest of a JSON header, the header, and the arrays,
each on a 64-byte boundary. The digests find every change of a bit, however many: a sum or an XOR
would not. XXH3 reads memory as fast as it comes; a cryptographic digest takes fifteen times as
long, and like this one keeps nobody out who writes a whole new file. What such a file holds is
checked too, so that no search can leave its arrays. The file is written beside its place and moved
there in one step, so that a reader never meets half a file and two writers cannot mix.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import os
import struct
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from pyproj import CRS
from pyproj.exceptions import CRSError
from xxhash import xxh3_128_digest, xxh3_128_hexdigest

from planner.engine.network.graph.arrays import Ground
from planner.engine.network.graph.soundness import is_sound
from planner.engine.network.network import Network
from planner.engine.network.search.kernels import Graph
from planner.engine.network.search.threads import in_chunks
from planner.errors import NetworkError, fail

_MAGIC = b"planner street network 4\n"
_DIGEST_BYTES = 32
_HEAD = struct.Struct(f"<Q{_DIGEST_BYTES}s")
_LONGEST_HEADER = 2**20
_BLOCK = 64
_DIGESTED = 2**22  # bytes digested in one go, so that threads share the work
# Whoever can write a file can write a digest that fits: then anything may stand in it.
_MISSHAPEN = (
    ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError,
    pa.ArrowException, CRSError,
)  # fmt: skip
_ARRAYS = [
    "node_xy",
    "edge_u",
    "edge_v",
    "edge_length_m",
    "edge_oneway",
    "edge_turned",
    "edge_forward",
    "edge_backward",
    "edge_chain",
    "edge_from_a",
    "edge_from_b",
    "edge_vertex",
    "chain_edge",
    "part_of_junction",
]


def save_network(network: Network, path: str | Path, *, key: str = "") -> None:
    """Write a network to one file.

    Parameters
    ----------
    network
        The network.
    path
        Where to; the folder is made where it is missing, a file there is replaced in one step.
    key
        What the network was made from: whoever opens it may ask for that.

    Examples
    --------
    >>> save_network(network, "streets.net")  # doctest: +SKIP
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.writelines(_written(network, key))
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def network_bytes(network: Network) -> bytes:
    """Return a network as the bytes of its file.

    Parameters
    ----------
    network
        The network.
    """
    return b"".join(_written(network, ""))


def _written(network: Network, key: str) -> Iterator[bytes | memoryview]:
    """Yield what a file of a network holds, one after the other."""
    arrays = {name: getattr(network, name) for name in _ARRAYS}
    for prefix, group in (("graph", network.graph), ("ground", network.ground)):
        arrays |= {f"{prefix}.{name}": array for name, array in group._asdict().items()}
    frames = {
        "node_label": network.node_label,
        "edge_label": network.edge_label,
    }
    for name, label in frames.items():
        simple = not isinstance(label, pd.MultiIndex) and label.dtype == np.int64
        arrays[name] = (
            label.to_numpy()
            if simple
            else to_bytes(label.to_frame(index=False, name=_names(label)))
        )
    arrays["attributes"] = to_bytes(network.attributes)
    header: dict[str, Any] = {
        "crs": _said(network.crs),
        "unit": network.unit,
        "key": key,
        "labels": {name: [label.nlevels, list(label.names)] for name, label in frames.items()},
        "arrays": {},
    }
    offset = 0
    for name, array in arrays.items():
        header["arrays"][name] = [array.dtype.str, array.shape, offset, _digest(array)]
        offset += -(-array.nbytes // _BLOCK) * _BLOCK
    header["bytes"] = offset
    text = json.dumps(header).encode()
    lead = _MAGIC + _HEAD.pack(len(text), _digest_of_header(text)) + text
    yield lead + b"\0" * (-len(lead) % _BLOCK)
    for array in arrays.values():
        yield _plain(array)
        yield b"\0" * (-array.nbytes % _BLOCK)


def load_network(path: str | Path, *, key: str | None = None) -> Network:
    """Open a network written by `save_network`; its arrays are mapped, not read.

    Parameters
    ----------
    path
        The file.
    key
        What it must have been made from; anything will do if not given.

    Returns
    -------
    The network.

    Raises
    ------
    NetworkError
        If the file is not such a network, was written by another version or made from something
        else, or is damaged.
    FileNotFoundError
        If there is no such file.

    Examples
    --------
    >>> load_network("streets.net").nearest(homes, canteens)  # doctest: +SKIP
    """
    path = Path(path)
    with path.open("rb") as file:
        if not file.read(len(_MAGIC)).startswith(_MAGIC):
            raise fail(NetworkError, "network.not_a_network", file=str(path))
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    return _checked(mapped, str(path), key)


def network_of_bytes(content: bytes, *, file: str = "?") -> Network:
    """Return the network that `network_bytes` was given.

    Parameters
    ----------
    content
        The bytes.
    file
        What they were read from, for messages.

    Raises
    ------
    NetworkError
        If they are not those of a network, were written by another version, or are damaged.
    """
    return _checked(content, file, None)


def _checked(content: bytes | mmap.mmap, file: str, key: str | None) -> Network:
    """Return the network that a file holds, once its digests are found to be right."""
    begin = len(_MAGIC) + _HEAD.size
    if len(content) < begin or content[: len(_MAGIC)] != _MAGIC:
        raise fail(NetworkError, "network.not_a_network", file=file)
    length, digest = _HEAD.unpack(content[len(_MAGIC) : begin])
    text = content[begin : begin + min(length, _LONGEST_HEADER)]
    if _digest_of_header(text) != digest:
        raise fail(NetworkError, "network.damaged", file=file)
    begin = -(-(begin + len(text)) // _BLOCK) * _BLOCK
    try:
        return _read(json.loads(text), content, begin, key)
    except _MISSHAPEN as error:
        raise fail(NetworkError, "network.damaged", file=file) from error


def _said(crs: CRS) -> str:
    """Return a CRS as it was said, so that streets kept say it as those just compiled."""
    return crs.srs if CRS.from_user_input(crs.srs) == crs else crs.to_wkt()


def _read(header: Any, mapped: bytes | mmap.mmap, begin: int, key: str | None) -> Network:
    """Return the network that a file holds.

    Raises
    ------
    ValueError
        If the content is not that of a network; the like of it as what is missing or misshapen.
    """
    if len(mapped) != begin + header["bytes"] or (key is not None and header["key"] != key):
        message = "not the file that was asked for"
        raise ValueError(message)
    arrays = {}
    for name, (kind, shape, offset, digest) in header["arrays"].items():
        array = np.frombuffer(mapped, kind, int(np.prod(shape, dtype=np.int64)), begin + offset)
        if array.dtype.hasobject or _digest(array) != digest:
            message = "digests differ"
            raise ValueError(message)
        arrays[name] = array.reshape(shape)
    if not is_sound(arrays):
        message = "arrays do not fit together"
        raise ValueError(message)
    labels = {
        name: _label(arrays[name], levels, names)
        for name, (levels, names) in header["labels"].items()
    }
    groups = {
        prefix: kind(*(arrays[f"{prefix}.{name}"] for name in kind._fields))
        for prefix, kind in (("graph", Graph), ("ground", Ground))
    }
    fields: dict[str, Any] = {name: arrays[name] for name in _ARRAYS} | labels | groups
    attributes = _to_frame(arrays["attributes"])
    if (len(labels["node_label"]), len(labels["edge_label"]), len(attributes)) != (
        len(arrays["node_xy"]),
        len(arrays["edge_u"]),
        len(arrays["edge_u"]),
    ):
        message = "labels do not fit the arrays"
        raise ValueError(message)
    crs = CRS.from_user_input(header["crs"])
    return Network(crs=crs, unit=str(header["unit"]), attributes=attributes, **fields)


def _names(label: pd.Index) -> Any:
    return [str(i) for i in range(label.nlevels)] if label.nlevels > 1 else "0"


def _label(array: np.ndarray, levels: int, names: list[str | None]) -> Any:
    if array.dtype == np.int64:
        return pd.Index(array, name=names[0], copy=False)
    frame = _to_frame(array)
    if levels > 1:
        return pd.MultiIndex.from_frame(frame, names=names)
    return pd.Index(frame["0"].array, name=names[0])


def to_bytes(frame: pd.DataFrame) -> np.ndarray:
    """Return a table as an Arrow stream; values that Arrow has no type for become text.

    Parameters
    ----------
    frame
        The table.

    Returns
    -------
    The stream, bytes (n).
    """
    columns = {}
    for name, column in frame.items():
        try:
            columns[str(name)] = pa.array(column, from_pandas=True)
        except (pa.ArrowInvalid, pa.ArrowTypeError):
            columns[str(name)] = pa.array(column.map(str), from_pandas=True)
    table = pa.table(columns) if columns else pa.table({"": np.zeros(len(frame), np.int8)})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return np.frombuffer(sink.getvalue(), np.uint8)


def _to_frame(array: np.ndarray) -> pd.DataFrame:
    table = pa.ipc.open_stream(pa.py_buffer(array)).read_all()
    if table.column_names == [""]:
        return pd.DataFrame(index=pd.RangeIndex(table.num_rows))
    frame: pd.DataFrame = table.to_pandas()
    return frame


def _plain(array: np.ndarray) -> memoryview:
    """Return the bytes of an array."""
    plain: Any = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
    return memoryview(plain)


def _digest(array: np.ndarray) -> str:
    """Compute the digest of an array: that of the digests of its parts, made by several threads."""
    content = _plain(array)
    parts = in_chunks(len(content), lambda a, b: xxh3_128_digest(content[a:b]), _DIGESTED)
    return xxh3_128_hexdigest(b"".join(parts))


def _digest_of_header(text: bytes) -> bytes:
    return hashlib.blake2b(text, digest_size=_DIGEST_BYTES).digest()
