"""What a folder holds: its tables, sheets and layers, opened once, and what is none of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd

from planner.district.once import Once
from planner.district.reading.coordinates import points
from planner.district.reading.database import DUCKDB, tables_of_duckdb
from planner.district.reading.digests import is_geodatabase
from planner.district.reading.osm import STREET_FILES
from planner.district.reading.read import TABLE_FILES, open_table
from planner.district.reading.vector import layer_names
from planner.engine.crs import Datum
from planner.errors import Problem, Problems
from planner.settings import Source
from planner.settings.files import RASTERS, labelled

DEEPEST = 2  # folders below the one that is named
LEAST_METRES = 1000.0  # coordinates as large are no degrees
# A spreadsheet's other sheets, and what is beside a shapefile, are met with their file.
BESIDE = {".shx", ".dbf", ".prj", ".cpg", ".sbn", ".sbx", ".qpj", ".qmd"}

Shape = Literal["polygon", "line", "point", "none"]


@dataclass(frozen=True, kw_only=True)
class FoundTable:
    """One table of a folder, as it stands in its file.

    Parameters
    ----------
    file
        Path from the folder, with ``/`` between its parts.
    layer
        Sheet or layer, where the file has several.
    frame
        Its rows; with shapes where it has any, in the CRS that the file names or in none.
    shape
        What its shapes are.
    encoding
        Encoding of its text, where that was a question.
    datum
        The datum that the headings of its coordinates name.
    coordinates
        Columns that hold coordinates.
    swapped
        Whether longitude stands under the heading of latitude.
    without
        Rows without usable coordinates, which are not in ``frame``.
    is_graph
        Whether it is an extract or a graph of streets, which is not opened here.
    is_raster
        Whether it is a raster, which is not opened here either.
    """

    file: str
    frame: pd.DataFrame
    shape: Shape
    layer: str | None = None
    encoding: str | None = None
    datum: Datum | None = None
    coordinates: tuple[str, ...] = ()
    swapped: bool = False
    without: int = 0
    is_graph: bool = False
    is_raster: bool = False

    @property
    def shapes(self) -> gpd.GeoSeries | None:
        """Its shapes, where it has any."""
        return self.frame.geometry if isinstance(self.frame, gpd.GeoDataFrame) else None

    @property
    def is_metric(self) -> bool:
        """Whether its coordinates are metres in a CRS that nothing names."""
        shapes = self.shapes
        if shapes is None or shapes.crs is not None or shapes.empty:
            return False
        return bool(np.nanmedian(np.abs(shapes.bounds.to_numpy())) > LEAST_METRES)

    @property
    def name(self) -> str:
        """File, and sheet or layer where there is one."""
        return self.file if self.layer is None else f"{self.file} · {self.layer}"

    @property
    def label(self) -> str:
        """What messages call it."""
        return labelled(self.file, self.layer)


@dataclass(kw_only=True)
class FolderContents:
    """The tables of a folder, what could not be read and why, and files that are no data."""

    tables: list[FoundTable] = field(default_factory=list)
    faults: list[Problem] = field(default_factory=list)
    others: list[str] = field(default_factory=list)


def look(folder: Path, once: Once | None = None) -> FolderContents:
    """Open every table of a folder.

    Parameters
    ----------
    folder
        The folder; folders in it are looked into two floors deep, hidden ones are not.
    once
        Opens each file once, however often it is read with it; None holds nothing.

    Returns
    -------
    What it holds, in the order of names.
    """
    found = FolderContents()
    for path in _files(folder, DEEPEST):
        file = path.relative_to(folder).as_posix()
        suffix = path.suffix.lower()
        if suffix in STREET_FILES:
            found.tables.append(
                FoundTable(file=file, frame=pd.DataFrame(), shape="line", is_graph=True)
            )
        elif suffix in RASTERS:
            empty = pd.DataFrame()
            found.tables.append(FoundTable(file=file, frame=empty, shape="none", is_raster=True))
        elif suffix in TABLE_FILES:
            problems = Problems()
            tables = list(_tables(path, file, problems, once))
            found.tables += tables
            if not tables:
                if not problems.found:
                    problems.add("draft.no_columns", file=file)
                found.faults += problems.found[:1]
        elif suffix not in BESIDE:
            found.others.append(file)
    return found


def _files(folder: Path, deepest: int) -> Iterator[Path]:
    inner = []
    for path in sorted(folder.iterdir()):
        if path.name.startswith((".", "~$")):
            continue
        if path.is_file() or is_geodatabase(path):
            yield path
        elif path.is_dir():
            inner.append(path)
    for below in inner if deepest else ():
        if not (below / "plan.json").exists():  # a result of the planner
            yield from _files(below, deepest - 1)


def _tables(path: Path, file: str, problems: Problems, once: Once | None) -> Iterator[FoundTable]:
    """Open each sheet or layer of a file."""
    named = tables_of_duckdb if path.suffix.lower() in DUCKDB else layer_names
    layers: list[str | None] = [*named(path)]
    layers = layers if len(layers) > 1 else [None]
    asked = set()
    while layers:
        layer = layers.pop(0)
        note = partial(problems.add, file=file)
        opened = open_table(path, Source(file=file, layer=layer), note, once)
        if opened is None:
            continue
        if layer is None and opened.other_sheets:
            layers += opened.other_sheets
            layer = opened.sheet
        asked.add(layer)
        shapes = isinstance(opened.frame, gpd.GeoDataFrame)  # which streets may have alone
        if len(opened.frame) and (shapes or len(opened.frame.columns) > 1):
            yield _placed(opened.frame, file, layer, opened.encoding)


def _placed(frame: pd.DataFrame, file: str, layer: str | None, encoding: str | None) -> FoundTable:
    """Find the points of a table that has no shapes."""
    if isinstance(frame, gpd.GeoDataFrame):
        return FoundTable(
            file=file, layer=layer, frame=frame, shape=_shape(frame.geometry), encoding=encoding
        )
    source = Source(file=file, missing_coordinates="skip")
    unheard = Problems()  # what is wrong with a table is told by the check of the scenario
    for projected in (False, True):
        rows = points(frame, source, unheard.add, projected=projected)
        if isinstance(rows.frame, gpd.GeoDataFrame) and len(rows.frame):
            break
    else:
        return FoundTable(file=file, layer=layer, frame=frame, shape="none", encoding=encoding)
    placed, swapped = rows.frame, False
    x, y = placed.geometry.x, placed.geometry.y
    if len(placed) and x.median() < y.median() and 70 < y.median() < 140 and x.median() < 60:
        swapped = True
        placed = placed.set_geometry(gpd.points_from_xy(y, x))
    return FoundTable(
        file=file,
        layer=layer,
        frame=placed,
        shape="point",
        encoding=encoding,
        datum=rows.datum,
        coordinates=rows.columns,
        swapped=swapped,
        without=len(rows.left_out),
    )


def _shape(shapes: gpd.GeoSeries) -> Shape:
    kinds = shapes.geom_type.dropna()
    names: dict[Shape, str] = {"polygon": "Polygon", "line": "LineString", "point": "Point"}
    for shape, name in names.items():
        if len(kinds) and kinds.str.endswith(name).mean() > 0.5:
            return shape
    return "none"
