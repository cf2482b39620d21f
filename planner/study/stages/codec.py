"""Values as text and bytes that hold data alone, and back: tables, arrays, shapes, plain records.

What is written is JSON with numbered blocks of bytes. Reading it makes values of the types that
are listed here and of the records that the reader names; nothing of it can name code to run. A type
that is not known is refused when it is written, so that nothing comes back as something else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from datetime import date, datetime, time
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from geopandas.array import GeometryArray
from pydantic import BaseModel
from pyproj import CRS

from planner.engine.network import Network
from planner.study.stages.words import bytes_of_words, words_of_bytes

_PLAIN = (str, int, float, bool, type(None))
_MASKED = {
    "boolean": (pd.arrays.BooleanArray, np.bool_),
    "Int64": (pd.arrays.IntegerArray, np.int64),
    "Float64": (pd.arrays.FloatingArray, np.float64),
}
_MANY_WORDS = 200  # from which they are written as bytes
_LINEAR_RING = 2  # which WKB has no type for
Records = Mapping[str, type]


class UnknownTypeError(TypeError):
    """A value of a type that is not written."""


def named(*records: type) -> dict[str, type]:
    """Return records by the name that they are written under.

    Parameters
    ----------
    *records
        Dataclasses and pydantic models that hold data alone.

    Examples
    --------
    >>> from planner.district.area import Input
    >>> named(Input)
    {'Input': <class 'planner.district.area.Input'>}
    """
    return {record.__name__: record for record in records}


class ValueWriter:
    """Turns values into JSON; ``blocks`` gathers their bytes, ``streets`` their networks.

    Parameters
    ----------
    records
        The records that may be written.
    """

    def __init__(self, records: Records) -> None:
        self.records = set(records.values())
        self.blocks: list[bytes] = []
        self.streets: list[Network] = []

    def write(self, value: Any) -> Any:
        """Return a value as JSON knows it.

        Parameters
        ----------
        value
            Anything of a type that is known.

        Returns
        -------
        Plain values, lists and dictionaries.

        Raises
        ------
        UnknownTypeError
            If some part of it is of another type.
        """
        kind = type(value)
        if kind in _PLAIN:
            return value
        if kind is list:
            return [self.write(one) for one in value]
        if kind in self.records:
            return self._record(value)
        write = _WRITERS.get(kind)
        if write is None and isinstance(value, np.generic):
            write = _of_numpy
        if write is None and isinstance(value, pd.Index):
            write = _of_index
        if write is None and isinstance(value, shapely.Geometry):
            write = _of_shape
        if write is None:
            raise UnknownTypeError(kind.__name__)
        return write(self, value)

    def block(self, content: bytes) -> int:
        """Keep bytes beside the text.

        Parameters
        ----------
        content
            The bytes.

        Returns
        -------
        Their number.
        """
        self.blocks.append(content)
        return len(self.blocks) - 1

    def _record(self, value: Any) -> Any:
        name = type(value).__name__
        if isinstance(value, BaseModel):
            said = value.model_dump(exclude_unset=True)
            return {"is": "record", "of": name, "v": self.write(said)}
        parts = {one.name: getattr(value, one.name) for one in fields(value) if one.init}
        return {"is": "record", "of": name, "v": self.write(parts)}


def _of_numpy(to: ValueWriter, value: Any) -> Any:
    if value.dtype.kind not in "bifu":
        raise UnknownTypeError(type(value).__name__)
    return {"is": "numpy", "of": value.dtype.str, "v": to.block(value.tobytes())}


def _of_array(to: ValueWriter, value: np.ndarray) -> Any:
    if value.dtype == object:
        if value.ndim != 1:
            raise UnknownTypeError("object array")
        return {"is": "objects", "v": to.write(value.tolist())}
    if value.dtype.kind not in "bifuMm":
        raise UnknownTypeError(str(value.dtype))
    block = to.block(np.ascontiguousarray(value).tobytes())
    return {"is": "array", "of": value.dtype.str, "shape": list(value.shape), "v": block}


def _of_column(to: ValueWriter, value: Any) -> Any:
    """Write the values of a series or an index, of whatever kind of pandas."""
    kind = value.dtype
    if isinstance(kind, pd.StringDtype):  # one of whose arrays is one of numpy's, too
        return _of_words(to, value)
    if isinstance(value, pd.arrays.NumpyExtensionArray):
        return _of_array(to, value.to_numpy())
    if isinstance(value, GeometryArray):
        return _of_shapes(to, value)
    if isinstance(kind, np.dtype):
        return _of_array(to, np.asarray(value))
    if str(kind) in _MASKED:
        own = np.asarray(value.to_numpy(_MASKED[str(kind)][1], na_value=0))
        gone = np.asarray(value.isna())
        return {"is": "masked", "of": str(kind), "v": to.write(own), "gone": to.write(gone)}
    raise UnknownTypeError(str(kind))


def _of_words(to: ValueWriter, value: Any) -> Any:
    """Write words: a few as JSON, many as one run of bytes, where they need not become objects."""
    storage, with_na = value.dtype.storage, value.dtype.na_value is pd.NA
    if storage != "pyarrow" or len(value) < _MANY_WORDS:
        words = value.to_numpy(object, na_value=None).tolist()
        return {"is": "words", "of": storage, "na": with_na, "v": words}
    content, sizes = bytes_of_words(value)
    gone = to.write(np.asarray(value.isna(), dtype=np.bool_))
    return {
        "is": "text", "na": with_na, "v": to.block(content), "sizes": to.write(sizes), "gone": gone
    }  # fmt: skip


def _of_shapes(to: ValueWriter, value: GeometryArray) -> Any:
    shapes = np.asarray(value, dtype=object)
    if (shapely.get_type_id(shapes) == _LINEAR_RING).any():
        raise UnknownTypeError("LinearRing")
    known = shapely.to_wkb(shapes)
    parts = [b"" if one is None else one for one in known]
    sizes = np.array([len(one) for one in parts], dtype=np.int64)
    crs = None if value.crs is None else to.write(value.crs)
    return {"is": "shapes", "v": to.block(b"".join(parts)), "sizes": to.write(sizes), "crs": crs}


def _of_shape(to: ValueWriter, value: Any) -> Any:
    return {"is": "shape", "v": _of_shapes(to, GeometryArray(np.array([value], dtype=object)))}


def _of_crs(_: ValueWriter, value: CRS) -> Any:
    same = CRS.from_user_input(value.srs) == value
    return {"is": "crs", "v": value.srs if same else value.to_wkt()}


def _of_index(to: ValueWriter, value: pd.Index) -> Any:
    if type(value) is pd.RangeIndex:
        steps = [int(value.start), int(value.stop), int(value.step)]
        return {"is": "range", "v": steps, "name": to.write(value.name)}
    if type(value) is pd.MultiIndex:
        levels = [value.get_level_values(n) for n in range(value.nlevels)]
        return {"is": "levels", "v": [to.write(one) for one in levels]}
    if type(value) is not pd.Index:
        raise UnknownTypeError(type(value).__name__)
    return {"is": "index", "v": _of_column(to, value.array), "name": to.write(value.name)}


def _of_series(to: ValueWriter, value: pd.Series) -> Any:
    own = _of_column(to, value.array)
    return {"is": "series", "v": own, "index": to.write(value.index), "name": to.write(value.name)}


def _of_frame(to: ValueWriter, value: pd.DataFrame) -> Any:
    """Write a table; remarks of whoever read it (``attrs``) are none of the data."""
    columns = [_of_column(to, value.iloc[:, n].array) for n in range(value.shape[1])]
    told = {"v": columns, "index": to.write(value.index), "columns": to.write(value.columns)}
    if isinstance(value, gpd.GeoDataFrame):
        named = value._geometry_column_name  # noqa: SLF001  missing where there is none
        return {"is": "places", "active": to.write(named), **told}
    return {"is": "frame", **told}


def _of_dict(to: ValueWriter, value: dict[Any, Any]) -> Any:
    return {"is": "dict", "k": to.write([*value]), "v": to.write([*value.values()])}


def _of_moment(kind: str, value: datetime | time) -> Any:
    if value.tzinfo is not None:  # of which the text has the hours alone, not the place
        raise UnknownTypeError("time zone")
    return {"is": kind, "v": value.isoformat()}


def _of_set(to: ValueWriter, value: Any) -> Any:
    return {"is": type(value).__name__, "v": to.write([*value])}


def _of_streets(to: ValueWriter, value: Network) -> Any:
    if value.mirrored:
        raise UnknownTypeError("mirrored streets")
    if not any(value is one for one in to.streets):
        to.streets.append(value)
    number = next(n for n, one in enumerate(to.streets) if one is value)
    return {"is": "streets", "v": number, "pass_over_m": value.pass_over_m}


_WRITERS: dict[type, Callable[[ValueWriter, Any], Any]] = {
    bytes: lambda to, value: {"is": "bytes", "v": to.block(value)},
    tuple: lambda to, value: {"is": "tuple", "v": to.write([*value])},
    dict: _of_dict,
    set: _of_set,
    frozenset: _of_set,
    type(pd.NA): lambda _, __: {"is": "NA"},
    type(pd.NaT): lambda _, __: {"is": "NaT"},
    pd.Timestamp: lambda _, value: _of_moment("timestamp", value),
    datetime: lambda _, value: _of_moment("datetime", value),
    date: lambda _, value: {"is": "date", "v": value.isoformat()},
    time: lambda _, value: _of_moment("time", value),
    np.ndarray: _of_array,
    pd.Series: _of_series,
    pd.DataFrame: _of_frame,
    gpd.GeoDataFrame: _of_frame,
    CRS: _of_crs,
    Network: _of_streets,
}


class ValueReader:
    """Makes values again of what a `ValueWriter` has written.

    Parameters
    ----------
    records
        The records that may be made.
    blocks
        The bytes by their number.
    streets
        The networks by their number.
    """

    def __init__(
        self, records: Records, blocks: Sequence[bytes | memoryview], streets: Sequence[Network]
    ) -> None:
        self.records, self.blocks, self.streets = records, blocks, streets

    def read(self, told: Any) -> Any:
        """Return the value that was written.

        Parameters
        ----------
        told
            What `ValueWriter.write` returned.

        Returns
        -------
        The value.

        Raises
        ------
        KeyError
            If it is of a type or a record that is not known.
        """
        if type(told) is list:
            return [one if type(one) in _PLAIN else self.read(one) for one in told]
        return told if type(told) in _PLAIN else _READERS[told["is"]](self, told)

    def array(self, told: Any) -> np.ndarray:
        """Return an array of numbers, of memory of its own.

        Parameters
        ----------
        told
            What was written of it.

        Returns
        -------
        The array.

        Raises
        ------
        KeyError
            If it is of objects, which nothing may make.
        """
        kind = np.dtype(told["of"])
        if kind.hasobject:
            raise KeyError(told["of"])
        return np.frombuffer(self.blocks[told["v"]], kind).reshape(told["shape"]).copy()

    def record(self, told: Any) -> Any:
        """Return a record of those that may be made.

        Parameters
        ----------
        told
            What was written of it.

        Returns
        -------
        The record.
        """
        record: Any = self.records[told["of"]]
        parts = self.read(told["v"])
        return record.model_validate(parts) if issubclass(record, BaseModel) else record(**parts)


def _objects(by: ValueReader, told: Any) -> np.ndarray:
    values = by.read(told["v"])
    made = np.empty(len(values), dtype=object)
    made[:] = values
    return made


def _masked(by: ValueReader, told: Any) -> Any:
    return _MASKED[told["of"]][0](by.read(told["v"]), by.read(told["gone"]))


def _words(_: ValueReader, told: Any) -> Any:
    more = {} if told["na"] else {"na_value": np.nan}
    return pd.array(told["v"], dtype=pd.StringDtype(told["of"], **more))


def _text(by: ValueReader, told: Any) -> Any:
    content = bytes(by.blocks[told["v"]])
    return words_of_bytes(
        content, by.read(told["sizes"]), by.read(told["gone"]), with_na=told["na"]
    )


def _shapes(by: ValueReader, told: Any) -> GeometryArray:
    ends = np.cumsum(by.read(told["sizes"]))
    content = bytes(by.blocks[told["v"]])
    starts = [0, *ends[:-1]]
    parts = [content[a:b] or None for a, b in zip(starts, ends, strict=False)]
    wkb = np.empty(len(parts), dtype=object)
    wkb[:] = parts
    return GeometryArray(shapely.from_wkb(wkb), by.read(told["crs"]))


def _index(by: ValueReader, told: Any) -> pd.Index:
    values = by.read(told["v"])
    made: pd.Index = pd.Index(values, dtype=values.dtype, name=by.read(told["name"]))
    return made


def _levels(by: ValueReader, told: Any) -> pd.MultiIndex:
    levels = [by.read(one) for one in told["v"]]
    return pd.MultiIndex.from_arrays(levels, names=[one.name for one in levels])


def _series(by: ValueReader, told: Any) -> pd.Series:
    values = by.read(told["v"])
    index, name = by.read(told["index"]), by.read(told["name"])
    made: pd.Series = pd.Series(values, index=index, dtype=values.dtype, name=name)
    return made


def _frame(by: ValueReader, told: Any) -> pd.DataFrame:
    index = by.read(told["index"])
    columns = [by.read(one) for one in told["v"]]
    own = {n: pd.Series(one, index=index, dtype=one.dtype) for n, one in enumerate(columns)}
    frame = pd.DataFrame(own, index=index)
    frame.columns = by.read(told["columns"])
    return frame


def _places(by: ValueReader, told: Any) -> gpd.GeoDataFrame:
    frame = gpd.GeoDataFrame(_frame(by, told))
    frame._geometry_column_name = by.read(told["active"])  # noqa: SLF001
    return frame


def _streets(by: ValueReader, told: Any) -> Network:
    made: Network = replace(by.streets[told["v"]], pass_over_m=told["pass_over_m"], kept={})
    return made


_READERS: dict[str, Callable[[ValueReader, Any], Any]] = {
    "record": ValueReader.record,
    "bytes": lambda by, told: bytes(by.blocks[told["v"]]),
    "tuple": lambda by, told: tuple(by.read(told["v"])),
    "dict": lambda by, told: dict(zip(by.read(told["k"]), by.read(told["v"]), strict=True)),
    "set": lambda by, told: set(by.read(told["v"])),
    "frozenset": lambda by, told: frozenset(by.read(told["v"])),
    "NA": lambda _, __: pd.NA,
    "NaT": lambda _, __: pd.NaT,
    "timestamp": lambda _, told: pd.Timestamp(told["v"]),
    "datetime": lambda _, told: datetime.fromisoformat(told["v"]),
    "date": lambda _, told: date.fromisoformat(told["v"]),
    "time": lambda _, told: time.fromisoformat(told["v"]),
    "numpy": lambda by, told: np.frombuffer(by.blocks[told["v"]], np.dtype(told["of"]))[0],
    "array": ValueReader.array,
    "objects": _objects,
    "masked": _masked,
    "words": _words,
    "text": _text,
    "shapes": _shapes,
    "shape": lambda by, told: by.read(told["v"])[0],
    "crs": lambda _, told: CRS.from_user_input(told["v"]),
    "range": lambda by, told: pd.RangeIndex(range(*told["v"]), name=by.read(told["name"])),
    "levels": _levels,
    "index": _index,
    "series": _series,
    "frame": _frame,
    "places": _places,
    "streets": _streets,
}
