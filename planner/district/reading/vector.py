"""Read files with shapes: GeoJSON, GeoPackage, shapefiles, FlatGeobuf, KML, DXF, GeoParquet."""

from __future__ import annotations

import codecs
import re
import shutil
import tempfile
import warnings
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any
from xml.etree import ElementTree as ET

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError

from planner.district.once import Once
from planner.district.reading.bounds import (
    MOST_COLUMNS,
    check_archive,
    check_cells,
    check_parquet,
)
from planner.district.reading.digests import (
    GEODATABASE,
    OF_SHAPEFILE,
    beside,
    is_geodatabase,
    missing_parts,
    parts,
)
from planner.district.reading.encoding import common_name, decode, decodes, find_encoding
from planner.district.reading.files import Note, one_line
from planner.district.reading.guard import is_what_it_says, plain_geojson, tables_of_geopackage
from planner.district.reading.kml import KML, KMZ, read_kml
from planner.engine.crs import WGS84
from planner.errors import did_you_mean

DXF = ".dxf"
VECTOR = (".geojson", ".json", ".gpkg", ".shp", ".zip", ".fgb", *KML, KMZ, DXF, GEODATABASE)
_ARCHIVES = {".zip", KMZ}
PARQUET = (".parquet", ".geoparquet")

_READ_ERRORS = (
    DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError,
    OSError, ValueError, KeyError, TypeError, shapely.errors.ShapelyError, zipfile.BadZipFile,
    RuntimeError, zlib.error, EOFError, pa.ArrowException, ET.ParseError,
)  # fmt: skip
_NAME = re.compile(rb'"((?:[^"\\]|\\.){1,80})"\s*:')
_GEODATABASE = re.compile(r"(?:[^/]+/)*?[^/]+\.gdb/", re.IGNORECASE)
_MANY = 500
_BYTE_FOR_BYTE = "ISO-8859-1"


def read_vector(
    path: Path,
    note: Note,
    *,
    layer: str | None = None,
    encoding: str | None = None,
    heights: bool = False,
    once: Once | None = None,
) -> tuple[pd.DataFrame, str | None] | None:
    """Read the features of a file.

    Parameters
    ----------
    path
        A file with one of the suffixes in `VECTOR` or `PARQUET`.
    note
        Collects what is wrong: unreadable, no such layer, not of the declared encoding.
    layer
        Layer to read, where the file has several.
    encoding
        Encoding of the attributes, where declared.
    heights
        Whether shapes keep their heights (Z).
    once
        Reads a file once, where scenarios are read in turn; None reads it each time.

    Returns
    -------
    The features, counted from 1, in the CRS that the file names (a plain table where it has no
    shapes), and the encoding of the attributes where it was a question; nothing where unreadable.
    """
    told = (str(path.resolve()), layer, encoding, heights)
    return (once or Once(holds=False)).noted(
        "features", told, note, lambda note: _read(path, note, layer, encoding, heights=heights)
    )


def _read(
    path: Path, note: Note, layer: str | None, encoding: str | None, *, heights: bool
) -> tuple[pd.DataFrame, str | None] | None:
    """Read the features of a file; see `read_vector`."""
    try:
        with warnings.catch_warnings():
            # GDAL remarks on oddities that the checks below look at themselves.
            warnings.simplefilter("ignore", RuntimeWarning)
            if not is_what_it_says(path, note):
                return None
            if path.suffix.lower() in PARQUET:
                if not check_parquet(path, note):
                    return None
                found: tuple[pd.DataFrame, str | None] | None = (_parquet(path), None)
            else:
                found = _layer(path, note, layer, encoding)
    except _READ_ERRORS as error:
        note("io.unreadable", value=path.suffix, detail=one_line(error))
        return None
    if found is None:
        return None
    frame, codec = found
    frame = frame.set_axis(pd.RangeIndex(1, len(frame) + 1))
    if isinstance(frame, gpd.GeoDataFrame):
        if frame.geometry.name != "geometry":
            frame = frame.rename_geometry("geometry")
        shapes = frame.geometry.to_numpy()
        if not heights and shapely.has_z(shapes).any():
            frame = frame.set_geometry(shapely.force_2d(shapes), crs=frame.crs)
        if frame.crs is not None and frame.crs.equals(WGS84, ignore_axis_order=True):
            frame = frame.set_crs(WGS84, allow_override=True)
    return frame, codec


def _parquet(path: Path) -> pd.DataFrame:
    try:
        shapes: pd.DataFrame = gpd.read_parquet(path)
    except ValueError as error:
        if "geo metadata" not in str(error):
            raise
        return pd.read_parquet(path)
    return shapes


def _layer(
    path: Path, note: Note, layer: str | None, encoding: str | None
) -> tuple[pd.DataFrame, str | None] | None:
    if "!" not in str(path.resolve()):
        return _layer_at(path, note, layer, encoding)
    # pyogrio takes what stands before a `!` for an archive.
    with tempfile.TemporaryDirectory() as folder:
        if is_geodatabase(path):
            copied = shutil.copytree(path, Path(folder) / f"copied{GEODATABASE}")
            return _layer_at(copied, note, layer, encoding)
        for part in (path, *beside(path)):
            shutil.copyfile(part, Path(folder) / f"copied{part.suffix.lower()}")
        return _layer_at(Path(folder) / f"copied{path.suffix.lower()}", note, layer, encoding)


def _layer_at(
    path: Path, note: Note, layer: str | None, encoding: str | None
) -> tuple[pd.DataFrame, str | None] | None:
    match path.suffix.lower():
        case ".zip" | ".kmz":
            with tempfile.TemporaryDirectory() as folder:
                inner = _unpacked(path, Path(folder), note)
                if inner is None or not is_what_it_says(inner, note):
                    return None
                return _layer(inner, note, layer, encoding)
        case ".kml" | ".ovkml":
            placemarks = read_kml(path, note)
            return None if placemarks is None else (placemarks, None)
        case ".shp":
            return _shapefile(path, note, encoding)
        case ".geojson" | ".json":
            return _geojson(path, note, encoding)
        case _:
            name = _layer_name(path, note, layer)
            return None if name is None else (_features(path, layer=name), None)


def _features(source: Path | str, **options: Any) -> pd.DataFrame:
    frame: pd.DataFrame = pyogrio.read_dataframe(source, on_invalid="ignore", **options)
    return frame


def _unpacked(path: Path, folder: Path, note: Note) -> Path | None:
    """Unpack the one file with shapes in an archive, and what belongs to it."""
    with zipfile.ZipFile(path) as archive:
        whole = _geodatabase_in(archive.namelist())
        if whole is not None:
            return _unpacked_geodatabase(path, whole, folder, note)
        names = [PurePosixPath(name) for name in archive.namelist() if not name.endswith("/")]
        shapes = [
            name
            for name in names
            if name.suffix.lower() in set(VECTOR) - _ARCHIVES and not name.name.startswith(".")
        ]
        if len(shapes) != 1:
            found = ", ".join(map(str, shapes))
            note("io.archive", value=len(shapes), found=found or "-")
            return None
        # Plain names: those in Chinese are often packed in an encoding that nobody tells.
        wanted = {
            entry.filename: f"unpacked{name.suffix.lower()}"
            for entry in archive.infolist()
            if (name := PurePosixPath(entry.filename)).parent == shapes[0].parent
            and name.stem == shapes[0].stem
            and name.suffix.lower() in {shapes[0].suffix.lower(), *OF_SHAPEFILE}
        }
        if not check_archive(path, note, only=set(wanted)):
            return None
        for packed, plain in wanted.items():
            with archive.open(packed) as source, folder.joinpath(plain).open("wb") as target:
                shutil.copyfileobj(source, target)
    return folder / f"unpacked{shapes[0].suffix.lower()}"


def _geodatabase_in(names: Sequence[str]) -> str | None:
    """Return the one folder of an archive that is a geodatabase; None where there is not one."""
    heads = {name[: found.end() - 1] for name in names if (found := _GEODATABASE.match(name))}
    return heads.pop() if len(heads) == 1 else None


def _unpacked_geodatabase(path: Path, whole: str, folder: Path, note: Note) -> Path | None:
    """Unpack a geodatabase that a map service or ArcGIS hands out as an archive."""
    target = folder / f"unpacked{GEODATABASE}"
    with zipfile.ZipFile(path) as archive:
        named = {name: PurePosixPath(name) for name in archive.namelist()}
        inner = [name for name, at in named.items() if at.parent.as_posix() == whole]
        wanted = [name for name in inner if not name.endswith(("/", ".lock"))]
        if not check_archive(path, note, only=set(wanted)):
            return None
        target.mkdir()
        for name in wanted:
            with archive.open(name) as source, (target / named[name].name).open("wb") as out:
                shutil.copyfileobj(source, out)
    return target


def layer_names(path: Path) -> list[str]:
    """Return the layers that a GeoPackage (with shapes) or a geodatabase holds; else none.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    Names of layers.
    """
    if is_geodatabase(path) and is_what_it_says(path, _to_nobody):
        return [str(name) for name, _ in pyogrio.list_layers(path)]
    if path.suffix.lower() != ".gpkg":
        return []
    tables = tables_of_geopackage(path, _to_nobody) or []
    return [name for name, shapes in tables if shapes]


def _to_nobody(*_: object, **__: object) -> None:
    """Pass over what is wrong: it is told when the file is read."""


def _layer_name(source: Path, note: Note, layer: str | None) -> str | None:
    """Name the layer to read: the one asked for, else the only one with shapes."""
    if source.suffix.lower() == ".gpkg":
        tables = tables_of_geopackage(source, note)
        if tables is None:
            return None
        layers: list[tuple[str, Any]] = [(name, shapes or None) for name, shapes in tables]
    else:
        layers = [(str(name), kind) for name, kind in pyogrio.list_layers(source)]
    names = [name for name, _ in layers]
    if layer is not None:
        if layer in names:
            return layer
        note("io.no_layer", value=layer, hint=did_you_mean(layer, names))
        return None
    shapes = [name for name, kind in layers if kind is not None] or names
    if len(shapes) == 1:
        return shapes[0]
    note("io.which_layer", value=len(shapes), layers=", ".join(shapes) or "-")
    return None


def _geojson(
    path: Path, note: Note, encoding: str | None
) -> tuple[pd.DataFrame, str | None] | None:
    """Read GeoJSON: one layer, which should be in UTF-8 and sometimes is in GB 18030."""
    data = path.read_bytes()
    codec = encoding or find_encoding([data])
    if codec is None or not decodes([data], codec):
        note("io.wrong_encoding", value=codec or "?")
        return None
    plain = data if codec == "utf-8" else decode(data, codec).encode()
    if not plain_geojson(plain, note) or not _fits(plain, note):
        return None
    # Named so, no other driver is tried on the text.
    if plain is data:
        return _features(f"GeoJSON:{path.resolve()}"), common_name(codec)
    with tempfile.TemporaryDirectory() as folder:
        recoded = Path(folder) / "recoded.geojson"
        recoded.write_bytes(plain)
        return _features(f"GeoJSON:{recoded}"), common_name(codec)


def _fits(data: bytes, note: Note) -> bool:
    """Check that features have not each columns of their own: all have a cell in all of them."""
    names: set[bytes] = set()
    for found in _NAME.finditer(data):
        names.add(found[1])
        if len(names) > MOST_COLUMNS:
            break
    return len(names) < _MANY or check_cells(data.count(b'"Feature"'), len(names), note)


def _shapefile(
    path: Path, note: Note, encoding: str | None
) -> tuple[pd.DataFrame, str | None] | None:
    """Read a shapefile, whose attributes are decoded here: its own word on them is often wrong."""
    missing = missing_parts(path)
    if missing:
        note("io.missing_parts", value=", ".join(missing))
        return None
    frame = _features(path, encoding=_BYTE_FOR_BYTE)
    headers = [str(name).encode(_BYTE_FOR_BYTE) for name in frame.columns]
    cells = {
        name: [None if pd.isna(cell) else cell.encode(_BYTE_FOR_BYTE) for cell in frame[name]]
        for name in frame.columns
        if pd.api.types.is_string_dtype(frame[name].dropna())
    }
    pieces = headers + [cell for column in cells.values() for cell in column if cell]
    codec = encoding
    if codec is None:
        claimed = _codepage(path)
        codec = claimed if claimed and decodes(pieces, claimed) else find_encoding(pieces)
    if codec is None or not decodes(pieces, codec):
        tried = codec or "utf-8"
        rows = (
            row
            for column in cells.values()
            for row, cell in enumerate(column, start=1)
            if cell and not decodes([cell], tried)
        )
        note("io.wrong_encoding", row=min(rows, default=None), value=codec or "?")
        return None
    for name, column in cells.items():
        frame[name] = [None if cell is None else decode(cell, codec) for cell in column]
    names = {
        name: decode(header, codec) for name, header in zip(frame.columns, headers, strict=True)
    }
    return frame.rename(columns=names), common_name(codec)


def _codepage(path: Path) -> str | None:
    """Read which encoding a shapefile claims, in the words of Python."""
    pages = [part for part in parts(path) if part.suffix.lower() == ".cpg"]
    said = pages[0].read_text("ascii", errors="ignore") if pages else ""
    word = said.strip().lower().removeprefix("ansi ")
    try:
        return codecs.lookup(f"cp{word}" if word.isdigit() else word).name
    except LookupError:
        return None
