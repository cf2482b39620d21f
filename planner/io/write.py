"""Write results: folders complete or not at all, tables for spreadsheets, layers for a GIS."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio

from planner.errors import InputError, fail
from planner.io.files import one_line

Content = bytes | str | Callable[[Path], None]

RESULT_MARKS = ("plan.json", "comparison.json")
# What results are called, before any dot; all else in their folder is somebody's own.
_OURS = {"map", "plan", "report", "comparison", "pictures", "tables"}

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
# Names that a GeoPackage gives to columns of its own.
_TAKEN = {"fid", "geom"}


def save_folder(folder: Path, files: Mapping[str, Content]) -> None:
    """Write a folder of results, complete or not at all.

    What stood there before stays whole until everything is written, and returns if the last step
    fails. What a person put beside an earlier result stays.

    Parameters
    ----------
    folder
        The folder to write; replaced where it holds an earlier result.
    files
        Content by path within the folder (``tables/gaps.csv``): bytes, text, or a function that
        writes the file at the path it is given.

    Raises
    ------
    InputError
        If something else stands in the way (see `check_folder`), or the disk does not allow it:
        full, no right to write, a file of the earlier result held open by another program.
    """
    check_folder(folder)
    folder = folder.resolve()
    try:
        _replace(folder, files)
    except OSError as error:
        what = one_line(error)
        raise fail(InputError, "io.cannot_write", file=str(folder), value=what) from error


def _replace(folder: Path, files: Mapping[str, Content]) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    # On the same disk, so that moving it into place is one step.
    workshop = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    new, old = workshop / "new", workshop / "old"
    try:
        new.mkdir()
        for name, content in files.items():
            _write(new, name, content)
        if folder.exists():
            _keep_others(folder, new)
        _swap(folder, new, old)
    finally:
        # An old result that could not be put back is the only one there is: never remove it.
        if folder.exists() or not old.exists():
            shutil.rmtree(workshop, ignore_errors=True)


def check_folder(folder: Path) -> None:
    """Check that results may be written to a folder.

    Raises
    ------
    InputError
        If it is a file, lies where nobody may write, or holds something else than an earlier
        result.
    """
    above = next(place for place in folder.absolute().parents if place.exists())
    if not above.is_dir():
        raise fail(InputError, "io.not_a_folder", file=str(above))
    if not os.access(above, os.W_OK | os.X_OK):
        raise fail(InputError, "io.cannot_write", file=str(folder), value=str(above))
    if folder.is_dir():
        earlier = any((folder / mark).is_file() for mark in RESULT_MARKS)
        if any(folder.iterdir()) and not earlier:
            raise fail(InputError, "io.not_a_result", file=str(folder), value=RESULT_MARKS[0])
    elif folder.exists() or folder.is_symlink():
        raise fail(InputError, "io.not_a_folder", file=str(folder))


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """Write a table as CSV that Excel shows right: UTF-8 with BOM, without the shapes.

    A text that a spreadsheet would take for a formula gets an apostrophe before it. The index is
    not written.
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
    """
    path.unlink(missing_ok=True)
    for number, (name, frame) in enumerate(layers.items()):
        plain = _plain(frame)
        options: dict[str, Any] = {}
        if isinstance(plain, gpd.GeoDataFrame):
            options["geometry_type"] = _geometry_type(plain)
        pyogrio.write_dataframe(
            plain, path, layer=name, driver="GPKG", append=number > 0, **options
        )


def _write(folder: Path, name: str, content: Content) -> None:
    inner = PurePosixPath(name)
    if inner.is_absolute() or ".." in inner.parts:
        message = f"not inside the folder: {name}"
        raise ValueError(message)
    path = folder.joinpath(*inner.parts)
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif isinstance(content, str):
        path.write_text(content, encoding="utf-8", newline="\n")
    else:
        content(path)


def _keep_others(folder: Path, new: Path) -> None:
    """Copy what a person put beside an earlier result to the new one."""
    for entry in folder.iterdir():
        if entry.name.partition(".")[0] in _OURS or (new / entry.name).exists():
            continue
        if entry.is_dir():
            shutil.copytree(entry, new / entry.name, symlinks=True)
        else:
            shutil.copy2(entry, new / entry.name, follow_symlinks=False)


def _swap(folder: Path, new: Path, old: Path) -> None:
    """Put the new folder where the old one stands; put the old one back if that fails."""
    try:
        if folder.exists():
            folder.rename(old)
        new.rename(folder)
    except BaseException:
        if old.exists() and not folder.exists():
            old.rename(folder)
        raise


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
