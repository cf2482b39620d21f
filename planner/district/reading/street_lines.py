"""Streets as lines: the columns that are known, a part a row, and who may use each."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd

from planner.district.fields import Understanding, named_column
from planner.district.matching import normal
from planner.district.reading import access, road_columns
from planner.district.reading.files import Note
from planner.district.reading.inclines import (
    HEIGHTS,
    SLOPE,
    find_incline,
    with_heights,
    with_slopes,
)
from planner.district.reading.road_words import INCLINE as TAG
from planner.district.reading.road_words import TAGS
from planner.engine.crs import WGS84
from planner.engine.network import line_parts
from planner.errors import did_you_mean
from planner.settings import StreetSettings
from planner.settings.heights import INCLINE
from planner.standards import StreetUsers

LEVELS = ("layer", "bridge", "tunnel")  # what tells lines that cross from lines that meet
# What pyrosm keeps on an element beside its tags.
NOT_TAGS = ("id", "osm_type", "lon", "lat", "visible", "version", "timestamp", "changeset", "tags")
_NAMES = ("name", "名称", "路名", "道路名称", "街道名称", "road name")
STREET_KEYS = ("name", *TAGS)


@dataclass(frozen=True, kw_only=True)
class RawStreets:
    """Streets as read: lines that meet where they share a vertex.

    Parameters
    ----------
    lines
        The lines that people may walk along, with ``name`` and the tags that are known, on their
        number from 1.
    roads
        The lines that vehicles may use, likewise.
    ridden
        The lines that the residents' own means may use, where they do not come on foot.
    file
        The file as the scenario names it, or the place asked for.
    path
        Where the file lies; missing for a place.
    sha256
        Digest of the file, or of the lines where they came from the web.
    rows
        Elements read.
    dropped
        Elements left out because they are not lines, or no streets.
    not_walked
        How many lines people may not walk along, by class.
    cut
        Ways that lack nodes, and were cut there.
    understood
        Which column was taken for which tag.
    crs, datum, encoding
        As declared or found; missing where it does not apply.
    """

    lines: gpd.GeoDataFrame
    roads: gpd.GeoDataFrame
    file: str
    path: Path | None
    sha256: str
    rows: int
    dropped: int = 0
    not_walked: dict[str, int] = field(default_factory=dict)
    cut: int = 0
    ridden: gpd.GeoDataFrame | None = None
    understood: Understanding | None = None
    crs: str | None = WGS84
    datum: str | None = None
    encoding: str | None = None


class PartedLines(NamedTuple):
    """Lines by who may use them.

    Parameters
    ----------
    walked, driven
        Lines that people may walk along, and those that vehicles may use.
    ridden
        Lines that the residents' own means may use, where they do not come on foot.
    not_walked
        How many lines nobody may walk along, by their class.
    """

    walked: gpd.GeoDataFrame
    driven: gpd.GeoDataFrame
    ridden: gpd.GeoDataFrame | None
    not_walked: dict[str, int]


_MAY_RIDE = {"wheelchairs": access.wheeled, "cyclists": access.cycled, "vehicles": access.driven}


def by_users(lines: gpd.GeoDataFrame, note: Note, users: StreetUsers) -> PartedLines | None:
    """Part lines by who may use them; note where nobody may walk along any.

    Parameters
    ----------
    lines
        Streets with the tags that tell who may use them.
    note
        Collects what is wrong.
    users
        Whose streets residents come along.

    Returns
    -------
    The lines; None where nobody may walk along any.
    """
    tags = pd.DataFrame(lines.drop(columns="geometry"))
    # Of millions of lines few differ in what decides.
    alike, code = access.distinct(tags)
    on_foot, by_vehicle = access.walked(alike)[code], access.driven(alike)[code]
    if not on_foot.any():
        note("io.no_streets", value=0)
        return None
    if "oneway" in lines or "junction" in lines or "highway" in lines:
        lines = lines.assign(oneway=access.oneway(alike).to_numpy()[code])
    classes = tags["highway"] if "highway" in tags else pd.Series("", index=tags.index)
    counts = classes[~on_foot].map(lambda one: "–" if pd.isna(one) else str(one)).value_counts()
    told = ("name", "highway", "oneway", *LEVELS, HEIGHTS, SLOPE)
    drawn = lines[[name for name in told if name in lines]].set_geometry(lines.geometry)
    may = _MAY_RIDE[users](alike)[code] if users in _MAY_RIDE else None
    return PartedLines(
        walked=drawn[on_foot],
        driven=drawn[by_vehicle],
        ridden=None if may is None else drawn[may],
        not_walked={str(k): int(n) for k, n in counts.items()},
    )


class OnlyLines(NamedTuple):
    """The lines of a table of streets.

    Parameters
    ----------
    kept
        The lines, one part a row, with the columns that are known.
    dropped
        How many rows were left out.
    understood
        What the columns were taken for.
    """

    kept: gpd.GeoDataFrame
    dropped: int
    understood: Understanding


def only_lines(frame: pd.DataFrame, streets: StreetSettings, note: Note) -> OnlyLines | None:
    """Keep the lines, one part a row, with the columns that are known; count the rows left out.

    Parameters
    ----------
    frame
        Streets as a file has them.
    streets
        What the scenario says of its streets: the columns that it names.
    note
        Collects what is wrong.

    Returns
    -------
    The lines; None where there are none, or a column is named that does not exist.
    """
    if not isinstance(frame, gpd.GeoDataFrame):
        note("io.not_lines", value="-")
        return None
    whole = road_columns.spelt_out(frame)
    shapes_are = whole.geom_type
    column_of = _columns(whole, streets, note)
    lines = whole[
        shapes_are.isin(["LineString", "MultiLineString"])
        & ~whole.geometry.is_empty
        & ~road_columns.no_streets(whole, column_of.get("highway"))
    ]
    if lines.empty:
        found = ", ".join(sorted(shapes_are.dropna().unique()))
        note("io.not_lines" if found else "io.no_streets", value=found or 0)
        return None
    incline = find_incline(lines, column_of.pop(TAG, None), streets.heights, note)
    columns = {key: _texts(lines[column]) for key, column in column_of.items()}
    if incline is not None:
        columns[SLOPE] = with_slopes(lines[incline], note)
    parts, owner = line_parts(lines.geometry.to_numpy())
    table = pd.DataFrame(columns, index=np.arange(len(lines))).iloc[owner]
    index = pd.RangeIndex(1, len(parts) + 1)
    kept = gpd.GeoDataFrame(table.set_axis(index), geometry=parts, crs=whole.crs)
    kept = with_heights(kept, streets.heights, note)
    said = column_of if incline is None else column_of | {TAG: incline}
    used = {*said.values(), *NOT_TAGS, "nodes", "geometry"}
    if TAG in frame and frame[TAG].isna().all():
        used.add(TAG)  # readers of OpenStreetMap make a column of every tag they know
    understood = Understanding(
        fields={key: (column,) for key, column in said.items()},
        unused=tuple(str(column) for column in frame.columns if str(column) not in used),
    )
    return OnlyLines(kept, len(whole) - len(lines), understood)


def _columns(frame: pd.DataFrame, streets: StreetSettings, note: Note) -> dict[str, str]:
    """Find the column of the name and of each tag: as the scenario names it, else as it is found.

    Columns without any value are left aside.
    """
    named = {}
    tells = streets.heights is not None and streets.heights.file == INCLINE
    known = (*STREET_KEYS, TAG) if tells else STREET_KEYS
    for key, given in streets.columns.items():
        if key not in known:
            note("tables.not_in_contract", value=key, hint=did_you_mean(key, known))
            continue
        name = given[0] if isinstance(given, list) else given
        column = named_column(frame, name)
        if column is None:
            note("tables.no_such_column", value=name, hint=did_you_mean(name, frame.columns))
        else:
            named[key] = column
    filled = frame.drop(columns="geometry").dropna(axis="columns", how="all")
    if "name" not in streets.columns:
        plain = {normal(column): str(column) for column in reversed(filled.columns)}
        found = [plain[normal(alias)] for alias in _NAMES if normal(alias) in plain]
        named |= {"name": found[0]} if found else {}
    others = road_columns.find_columns(filled, set(named.values()))
    return {key: column for key, column in others.items() if key not in streets.columns} | named


def _texts(column: pd.Series) -> Any:
    """Return the cells of a column as texts; a column of texts stays as it is, and small."""
    if isinstance(column.dtype, pd.StringDtype):
        return column.array
    return column.map(_one_text).to_numpy()


def _one_text(cell: Any) -> Any:
    """Return a cell of several values as one text."""
    if isinstance(cell, list | tuple | np.ndarray):
        return "; ".join(map(str, cell))
    return cell
