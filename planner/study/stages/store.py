"""Values kept on disk: one file each, checked whenever it is opened, and with no code in it.

A file is a line of magic, the length and digest of a JSON header, the header, and blocks of bytes;
streets lie beside it as `planner.engine.network` keeps them. Files are written beside their place
and moved there in one step, so that any number of processes may write and read at once.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import struct
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from pyproj.exceptions import CRSError
from shapely.errors import ShapelyError
from xxhash import xxh3_128_hexdigest

from planner.engine.network import (
    load_network,
    network_bytes,
    network_of_bytes,
    save_network,
)
from planner.errors import NetworkError
from planner.language import default_lang, text
from planner.study.stages.codec import Records, UnknownTypeError, ValueReader, ValueWriter

_LOG = logging.getLogger(__name__)
_SUFFIX = ".stage"
_STREETS = ".streets"
_MOST_BYTES = 2**30
_MAGIC = b"planner stage 1\n"
_DIGEST_BYTES = 32
_HEAD = struct.Struct(f"<Q{_DIGEST_BYTES}s")
# Whoever can write a file can write a digest that fits: then anything may stand in it.
_MISSHAPEN = (
    ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError,
    struct.error, ShapelyError, CRSError, NetworkError,
)  # fmt: skip


def save_value(value: Any, folder: Path, key: str, records: Records) -> None:
    """Keep a value; where it cannot be written, or is of a type that is not known, it is not kept.

    Together the values of a folder take up to a gigabyte: beyond that those unused for longest are
    dropped.

    Parameters
    ----------
    value
        The value.
    folder
        Where values are kept.
    key
        What it was made of, a digest.
    records
        The records that it may hold.
    """
    writer = ValueWriter(records)
    try:
        told = writer.write(value)
    except UnknownTypeError:
        return
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        for number, network in enumerate(writer.streets):
            save_network(network, _streets_of(folder, key, number), key=key)
        _save(told, writer, folder / f"{key}{_SUFFIX}")
        _drop_oldest(folder / f"{key}{_SUFFIX}")


def load_value(folder: Path, key: str, records: Records) -> tuple[bool, Any]:
    """Open a value that was kept; one that is damaged is passed by, with a word.

    Parameters
    ----------
    folder
        Where values are kept.
    key
        What it must have been made of.
    records
        The records that it may hold.

    Returns
    -------
    Whether there is one, and the value.
    """
    path = folder / f"{key}{_SUFFIX}"
    try:
        content = path.read_bytes()
        found = _read(content, folder, key, records)
        os.utime(path)  # used just now
    except OSError:  # never kept, or its streets were dropped
        return False, None
    except _MISSHAPEN:
        _LOG.warning(text("area.stage_damaged", default_lang(), file=path))
        return False, None
    return True, found


def _streets_of(folder: Path, key: str, number: int) -> Path:
    return folder / f"{key}-{number}{_STREETS}"


def value_bytes(value: Any, records: Records) -> bytes:
    """Return a value as the bytes of one file, streets among them.

    Parameters
    ----------
    value
        The value.
    records
        The records that it may hold.

    Raises
    ------
    UnknownTypeError
        If some part of it is of a type that is not written.
    """
    writer = ValueWriter(records)
    told = writer.write(value)
    streets = [network_bytes(one) for one in writer.streets]
    return b"".join(_written(told, [*writer.blocks, *streets], len(streets)))


def value_of_bytes(content: bytes | memoryview, records: Records) -> Any:
    """Return the value that `value_bytes` was given.

    Parameters
    ----------
    content
        The bytes.
    records
        The records that it may hold.

    Raises
    ------
    ValueError
        If they are damaged, or of something else.
    """
    try:
        told, blocks, within = _parted(memoryview(content))
        own = len(blocks) - within
        streets = [network_of_bytes(bytes(one)) for one in blocks[own:]]
        return ValueReader(records, blocks[:own], streets).read(told)
    except _MISSHAPEN as error:
        raise ValueError(str(error)) from error


def _save(told: Any, writer: ValueWriter, path: Path) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.writelines(_written(told, writer.blocks, len(writer.streets)))
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _written(told: Any, blocks: Sequence[bytes], streets: int) -> Iterator[bytes]:
    """Yield what a file holds, one after the other."""
    digests = [[len(one), xxh3_128_hexdigest(one)] for one in blocks]
    spoken = json.dumps({"v": told, "blocks": digests, "streets": streets}).encode()
    yield _MAGIC + _HEAD.pack(len(spoken), _digest(spoken)) + spoken
    yield from blocks


def _read(content: bytes, folder: Path, key: str, records: Records) -> Any:
    told, blocks, count = _parted(memoryview(content))
    streets = [load_network(_streets_of(folder, key, number), key=key) for number in range(count)]
    return ValueReader(records, blocks, streets).read(told)


def _parted(content: memoryview) -> tuple[Any, list[memoryview], int]:
    """Return what a file tells, its blocks, each as it was written, and how many streets it has."""
    begin = len(_MAGIC) + _HEAD.size
    length, digest = _HEAD.unpack(content[len(_MAGIC) : begin])
    spoken = bytes(content[begin : begin + length])
    if content[: len(_MAGIC)] != _MAGIC or _digest(spoken) != digest:
        message = "not a stage, or damaged"
        raise ValueError(message)
    header = json.loads(spoken)
    rest, at = content[begin + length :], 0
    blocks = []
    for size, own in header["blocks"]:
        block = rest[at : at + size]
        if len(block) != size or xxh3_128_hexdigest(block) != own:
            message = "digests differ"
            raise ValueError(message)
        blocks.append(block)
        at += size
    return header["v"], blocks, int(header["streets"])


def _digest(spoken: bytes) -> bytes:
    return hashlib.blake2b(spoken, digest_size=_DIGEST_BYTES).digest()


def _drop_oldest(newest: Path) -> None:
    """Drop the values unused for longest where the folder holds too much, never the newest.

    The streets of a value go with it.
    """
    found: dict[str, list[tuple[str, os.stat_result]]] = {}
    with os.scandir(newest.parent) as entries:
        for one in entries:
            stem, _, ending = one.name.rpartition(".")
            key, dash, _ = stem.partition("-")
            if f".{ending}" == _SUFFIX or (dash and f".{ending}" == _STREETS):
                with suppress(FileNotFoundError):  # dropped by another process
                    found.setdefault(key, []).append((one.path, one.stat()))
    used = {key: max(told.st_mtime for _, told in own) for key, own in found.items()}
    total = sum(told.st_size for _, told in found.pop(newest.stem))
    for key in sorted(found, key=lambda key: -used[key]):
        total += sum(told.st_size for _, told in found[key])
        if total > _MOST_BYTES:
            for path, _ in found[key]:
                with suppress(OSError):  # in use, or gone already
                    Path(path).unlink()
