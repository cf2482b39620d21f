"""Which columns of a table hold coordinates, of which datum, and the points they make.

Headings tell more than the axis: 百度经度, lon_gcj02 and 经度（WGS84） name the datum. Of several
pairs that of the declared datum is read; a pair of another datum never is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj

from planner.district.matching import half_width, heading, normal
from planner.district.reading.files import Note
from planner.engine.crs import Datum
from planner.errors import did_you_mean
from planner.settings import Source
from planner.settings.datum_words import DATUM_WORDS

_LON = ("lon", "lng", "long", "longitude", "经度", "东经", "x", "x坐标", "坐标x", "经度坐标")
_LAT = ("lat", "latitude", "纬度", "北纬", "y", "y坐标", "坐标y", "纬度坐标")
_EASTING = ("x", "easting", "east", "x坐标", "坐标x", "东坐标", "横坐标", "coordx", "xcoord")
_NORTHING = ("y", "northing", "north", "y坐标", "坐标y", "北坐标", "纵坐标", "coordy", "ycoord")
_JOINT = (
    "坐标", "经纬度", "经纬度坐标", "坐标位置", "位置坐标", "地理坐标", "坐标点", "lonlat",
    "lnglat", "latlon", "latlng", "纬经度", "coordinates", "coordinate", "coords", "location",
)  # fmt: skip
_LATITUDE_FIRST = re.compile(r"^(latlon|latlng|纬经度)|^纬度.*经度|^lat[^a-z].*l(on|ng)|^y.*x")
_REMARKS = {
    "度", "°", "度数", "十进制", "十进制度", "小数", "小数度", "decimal", "degrees", "deg",
    "e", "n", "东经", "北纬", "经度", "纬度", "lon", "lat", "lng", "x", "y", "m", "米", "必填",
    "坐标",
}  # fmt: skip
_ALIKE = {"cgcs2000": "wgs84"}  # within a metre
_THOUSANDS = re.compile(r"^-?\d{1,3}(,\d{3})+(\.\d+)?$")
_PLAIN = re.compile(r"(?:-?[0-9]++(?:\.[0-9]++)?\n)*+")
_AROUND_A_NUMBER = " \t\r\n\"'`“”‘’「」,;°度EeNn东经北纬東經緯"
_PENDING = {
    "坐标待采集", "待采集", "待测", "待定", "待补", "待补充", "待核实", "暂无", "无", "无坐标",
    "未知", "不详", "缺", "缺失", "未采集", "未定位", "tbd", "n/a", "na", "none", "null", "nan",
    "unknown", "-", "--", "/", "—", "——", "–", "？", "?",
}  # fmt: skip


class Pair(NamedTuple):
    """Columns of x and y, or one column of both, and the datum that their headings name."""

    x: str
    y: str
    datum: Datum | None = None
    latitude_first: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are used up."""
        return (self.x,) if self.x == self.y else (self.x, self.y)


class PlacedRows(NamedTuple):
    """A table with points, what was left out and why, and what the headings say."""

    frame: pd.DataFrame
    left_out: pd.DataFrame
    datum: Datum | None = None
    columns: tuple[str, ...] = ()


def none_left_out(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the list of rows left out where there are none: ``reason``, on the frame's index.

    Parameters
    ----------
    frame
        The table as read.
    """
    return pd.DataFrame({"reason": pd.Series(dtype=object, index=frame.index[:0])})


def points(frame: pd.DataFrame, source: Source, note: Note, *, projected: bool) -> PlacedRows:
    """Make points of a table's coordinate columns.

    Parameters
    ----------
    frame
        The table as read.
    source
        What the scenario says of it: names of columns, and whether rows without coordinates are
        skipped.
    note
        Collects what is wrong: each row without coordinates, or with something else in their place,
        and headings that name another datum than the one declared.
    projected
        Whether the coordinates are metres.

    Returns
    -------
    The rows that have coordinates, as points without a CRS (the table as it was where it has no
    such columns), the rows skipped, and the datum that the headings name. Where places are looked
    for by name or community, rows without coordinates stay, without a point.
    """
    nobody = none_left_out(frame)
    pair = _pair(frame, source, note, projected=projected)
    if pair is None and not source.finds_places:
        return PlacedRows(frame, nobody)
    if pair is None:
        nowhere = gpd.GeoDataFrame(frame, geometry=[None] * len(frame), crs=None)
        return PlacedRows(nowhere, nobody)
    cells = _axes(frame, pair)
    x, y = (pd.to_numeric(column, errors="coerce").astype(float) for column in cells)
    blank = (cells[0] == "") | (cells[1] == "") | ((x == 0) & (y == 0))
    wrong = ~blank & ~(np.isfinite(x) & np.isfinite(y))
    usable = ~(blank | wrong)
    skips, finds = source.missing_coordinates == "skip", source.finds_places
    faults = [] if skips else [("not_a_coordinate", wrong)]
    if not skips and not finds:
        faults.insert(0, ("missing_coordinates", blank))
    for key, rows in faults:
        for row, *pair_of_cells in zip(
            frame.index[rows], *(one[rows] for one in cells), strict=True
        ):
            note(f"io.{key}", row=row, value=", ".join(cell or "–" for cell in pair_of_cells))
    at = gpd.GeoSeries(gpd.points_from_xy(x, y), index=frame.index)
    if usable.all():
        placed = gpd.GeoDataFrame(frame, geometry=at, crs=None)
        return PlacedRows(placed, nobody, pair.datum, pair.columns)
    kept = usable | blank if finds else usable
    placed = gpd.GeoDataFrame(frame[kept], geometry=at.where(usable, None)[kept], crs=None)
    left = nobody
    if skips:
        reason = np.where(blank, "no_coordinates", "not_a_coordinate")
        left = pd.DataFrame({"reason": reason}, index=frame.index)[~kept]
    return PlacedRows(placed, left, pair.datum, pair.columns)


def _axes(frame: pd.DataFrame, pair: Pair) -> tuple[pd.Series, pd.Series]:
    """Return the cleaned cells of x and of y; one column of both is parted."""
    if pair.x != pair.y:
        return _cleaned_cells(frame[pair.x]), _cleaned_cells(frame[pair.y])
    parted = frame[pair.x].map(_parted, na_action=None)
    one, two = (parted.map(lambda both, i=i: both[i]) for i in (0, 1))
    return (two, one) if pair.latitude_first else (one, two)


def _pair(frame: pd.DataFrame, source: Source, note: Note, *, projected: bool) -> Pair | None:
    """Find the columns of x and y: those named, else by alias; else one column of both."""
    known = [str(column) for column in frame.columns]
    named = [
        next((source.columns[key] for key in keys if key in source.columns), None)
        for keys in (("lon", "x"), ("lat", "y"))
    ]
    if any(named):
        found = [_by_name(known, name, note) if name else None for name in named]
        for i, aliases in enumerate(
            (_EASTING + _LON if projected else _LON, _NORTHING + _LAT if projected else _LAT)
        ):
            if named[i] is None:
                of_axis = _of_axis(known, aliases)
                found[i] = min(((rank, one) for _, rank, one in of_axis), default=(0, None))[1]
        x, y = found
        return None if x is None or y is None else Pair(x, y)
    pairs = _pairs(known, projected=projected)
    if not pairs:
        return None
    wanted = source.datum or _datum_of_crs(source.crs)
    fitting = [pair for pair in pairs if wanted is None or _fits(pair.datum, wanted)]
    if not fitting:
        note("io.other_datum", value=", ".join(pairs[0].columns), datum=wanted, says=pairs[0].datum)
        return pairs[0]
    # The pair that names the declared datum; undeclared, the one that needs no guess.
    if wanted is None and any(pair.datum is None for pair in fitting):
        return next(pair for pair in fitting if pair.datum is None)
    order = [_alike(wanted)] if wanted else ["wgs84", "gcj02", "bd09"]
    return next(pair for datum in (*order, None) for pair in fitting if _alike(pair.datum) == datum)


def _pairs(known: Sequence[str], *, projected: bool) -> list[Pair]:
    """List the pairs of columns whose headings are alike but for the axis, the joint ones last."""
    xs = _of_axis(known, _EASTING + _LON if projected else _LON)
    ys = _of_axis(known, _NORTHING + _LAT if projected else _LAT)
    pairs = []
    for datum in dict.fromkeys(datum for datum, _, _ in xs):
        x = min((rank, column) for said, rank, column in xs if said == datum)[1]
        own = [(rank, column) for said, rank, column in ys if said == datum]
        if own:
            pairs.append(Pair(x, min(own)[1], datum))
    if pairs or projected:
        return pairs
    for column in known:
        word, said = _without_datum(column.replace("座標", "坐标").replace("座标", "坐标"))
        flat = normal(column).replace("座标", "坐标")
        if (
            word in _JOINT
            or (said is not None and not word)
            or re.fullmatch(
                r"坐标\((经度.纬度|纬度.经度|lon.lat|lng.lat|lat.l(on|ng)|[xy].[xy])\)|"
                r"经度[,，、/ ]?纬度|纬度[,，、/ ]?经度",
                flat,
            )
        ):
            inner = re.sub(r".*\(|\)", "", flat) if "(" in flat else flat
            first = bool(_LATITUDE_FIRST.search(inner))
            pairs.append(Pair(column, column, said, first))
    return pairs


def _of_axis(known: Sequence[str], aliases: Sequence[str]) -> list[tuple[Datum | None, int, str]]:
    """List the columns of an axis: the datum that each names, the rank of its alias, the column."""
    found = []
    for column in known:
        word, datum = _without_datum(column)
        if word in aliases:
            found.append((datum, aliases.index(word), column))
    return found


def _without_datum(column: str) -> tuple[str, Datum | None]:
    """Part a heading into its axis and its datum, if it names one."""
    base, remarks = heading(column)
    datum: Datum | None = None
    for name, words in DATUM_WORDS:
        pattern = re.compile(rf"(?:{words})坐标系?|(?:{words})")
        parts = [base, *remarks]
        if any(pattern.search(part) for part in parts):
            datum = name
            base, *rest = (pattern.sub("", part).strip("-:/.") for part in parts)
            remarks = tuple(rest)
    unknown = [remark for remark in remarks if remark and remark not in _REMARKS]
    return (normal(column) if unknown else base), datum


def _fits(said: str | None, wanted: str) -> bool:
    return said is None or _alike(said) == _alike(wanted)


def _alike(datum: str | None) -> str | None:
    return None if datum is None else _ALIKE.get(datum, datum)


def _datum_of_crs(crs: str | None) -> str | None:
    """Return the datum that a declared CRS stands for: never one of the map services'."""
    return None if crs is None else "wgs84"


def _by_name(known: Sequence[str], name: str | list[str], note: Note) -> str | None:
    name = name[0] if isinstance(name, list) else name
    column = name if name in known else None
    if column is None:
        same = [one for one in known if normal(one) == normal(name)]
        column = same[0] if len(same) == 1 else None
    if column is None:
        note("tables.no_such_column", value=name, hint=did_you_mean(name, known))
    return column


def _cleaned_cells(column: pd.Series) -> pd.Series:
    """Return the cells of an axis as texts, cleaned; a column of plain numbers as it is."""
    texts = set(map(type, column)) == {str}
    # A call for each cell would take as long as all else.
    if texts and _PLAIN.fullmatch("\n".join([*column, ""])):
        return column
    return column.map(_cleaned, na_action=None)


def _cleaned(cell: Any) -> str:
    """Strip what stands around a number: quotes, spaces, a degree sign; full width to half."""
    if cell is None or cell != cell:  # noqa: PLR0124  NaN is not itself
        return ""
    if str(cell).strip().casefold() in _PENDING:
        return ""
    text = half_width(cell).strip(_AROUND_A_NUMBER)
    return text.replace(",", "") if _THOUSANDS.match(text) else text


def _parted(cell: Any) -> tuple[str, str]:
    """Part a cell that holds both coordinates."""
    if cell is None or cell != cell or str(cell).strip().casefold() in _PENDING:  # noqa: PLR0124
        return "", ""
    text = half_width(cell).strip("()[] ")
    parts = [part for part in re.split(r"[,;、\s|/]+", text) if part]
    if len(parts) != 2:
        return text or "", "?" if text else ""
    return _cleaned(parts[0]), _cleaned(parts[1])


def is_projected(crs: str | None) -> bool:
    """Return whether a declared CRS counts in metres.

    Parameters
    ----------
    crs
        A CRS as declared: a code or a name; None where none is.

    Returns
    -------
    Whether it is known and projected.
    """
    try:
        return crs is not None and bool(pyproj.CRS.from_user_input(crs).is_projected)
    except pyproj.exceptions.CRSError:
        return False
