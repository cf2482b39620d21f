"""Write results: tables for spreadsheets, layers for a GIS."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError

from planner.district.reading.files import one_line

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
# Names that a GeoPackage gives to columns of its own.
_TAKEN = {"fid", "geom"}
_MANY = 10_000  # rows from which Arrow pays
_WAITING = "OGR_SQLITE_SYNCHRONOUS"  # GDAL: when SQLite waits for the disk


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """Return a table as CSV that Excel shows right: UTF-8 with BOM, without the shapes.

    A text that a spreadsheet would take for a formula gets an apostrophe before it. The index is
    not written.

    Parameters
    ----------
    frame
        The table, with or without shapes.

    Returns
    -------
    The file's content.
    """
    shapes = [name for name, kind in frame.dtypes.items() if kind == "geometry"]
    table = pd.DataFrame(frame.drop(columns=shapes)).copy()
    table.columns = pd.Index([_harmless(str(name)) for name in table.columns])
    for i in range(table.shape[1]):
        column = table.iloc[:, i]
        if not (pd.api.types.is_numeric_dtype(column) or column.dtype.kind in "mM"):
            table.isetitem(i, column.astype(object).map(_harmless).array)
    return table.to_csv(index=False, lineterminator="\r\n").encode("utf-8-sig")


def write_gpkg(path: Path, layers: Mapping[str, pd.DataFrame]) -> None:
    """Write layers to a new GeoPackage.

    Parameters
    ----------
    path
        The file; replaced where it exists.
    layers
        Tables with shapes and their CRS, or without shapes, by the name of their layer. The index
        is not written. Lists and mappings become JSON, categories their text; a column whose name
        the format keeps for itself, or that differs from another only by case, gets a number.

    Raises
    ------
    OSError
        If the disk does not allow it: GDAL tells a full disk in words of its own.
    """
    path.unlink(missing_ok=True)
    try:
        _write_layers(path, layers)
    except (DataLayerError, DataSourceError, FeatureError) as error:
        raise OSError(one_line(error)) from error


def _write_layers(path: Path, layers: Mapping[str, pd.DataFrame]) -> None:
    with _unhurried_disk():
        _add_layers(path, layers)


@contextmanager
def _unhurried_disk() -> Iterator[None]:
    """Let SQLite not wait for the disk after each step: the file is new, and no other reads it.

    A layer takes it some hundred milliseconds of waiting and as much work again.
    """
    before = pyogrio.get_gdal_config_option(_WAITING)
    pyogrio.set_gdal_config_options({_WAITING: "OFF"})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({_WAITING: before})


def _add_layers(path: Path, layers: Mapping[str, pd.DataFrame]) -> None:
    for number, (name, frame) in enumerate(layers.items()):
        plain = _plain(frame)
        options: dict[str, Any] = {}
        if isinstance(plain, gpd.GeoDataFrame):
            options["geometry_type"] = _geometry_type(plain)
        pyogrio.write_dataframe(
            plain,
            path,
            layer=name,
            driver="GPKG",
            append=number > 0,
            use_arrow=_in_columns(plain),
            **options,
        )


def _in_columns(plain: pd.DataFrame) -> bool:
    """Return whether a table goes to GDAL column by column, through Arrow, rather than row by row.

    That takes two thirds of the time. Cells of several types would not go into one column.
    """
    if len(plain) < _MANY:
        return False
    cells = (
        plain.drop(columns=plain.geometry.name) if isinstance(plain, gpd.GeoDataFrame) else plain
    )
    return all(
        pd.api.types.is_numeric_dtype(column)
        or isinstance(column.dtype, pd.StringDtype)
        or (column.dtype == object and pd.api.types.infer_dtype(column, skipna=True) == "string")
        for _, column in cells.items()
    )


def _harmless(cell: Any) -> Any:
    if isinstance(cell, str) and cell.startswith(_FORMULA_STARTS):
        return f"'{cell}"
    return cell


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Bring columns to what a GeoPackage can hold."""
    shape = frame.geometry.name if isinstance(frame, gpd.GeoDataFrame) else None
    plain = frame.reset_index(drop=True)
    for i, name in enumerate(frame.columns):
        column = plain.iloc[:, i]
        if name == shape:
            continue
        if isinstance(column.dtype, pd.CategoricalDtype):
            plain.isetitem(i, column.astype(object).array)
        elif column.dtype == object:
            plain.isetitem(i, column.map(_scalar).array)
    return plain.rename(columns=_free_names([str(name) for name in frame.columns], shape))


def _scalar(cell: Any) -> Any:
    if isinstance(cell, np.ndarray):
        cell = cell.tolist()
    if isinstance(cell, list | tuple | dict | set | frozenset):
        content = sorted(map(str, cell)) if isinstance(cell, set | frozenset) else cell
        return json.dumps(content, ensure_ascii=False, default=str)
    return cell


def _free_names(names: list[str], shape: str | None) -> dict[str, str]:
    """Name columns apart without regard to case, and from those of the format."""
    taken = set(_TAKEN)
    free: dict[str, str] = {}
    for name in names:
        if name == shape:
            continue
        new, number = name, 1
        while new.casefold() in taken:
            number += 1
            new = f"{name}_{number}"
        taken.add(new.casefold())
        free[name] = new
    return free


def _geometry_type(frame: gpd.GeoDataFrame) -> str:
    kinds = sorted(frame.geom_type.dropna().unique())
    return str(kinds[0]) if len(kinds) == 1 else "Unknown"
