"""Places by code or by name: of communities in a list, and of the streets (towns) in an outline."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any

import geopandas as gpd
import pandas as pd

from planner.district.fields import Notes, find_columns
from planner.district.matching import normal, value_key
from planner.district.reading.read import Raw
from planner.district.tables import columns_of
from planner.errors import Problems, did_you_mean

Columns = Mapping[str, str | list[str]]

_CODE = re.compile(r"\d{12}")  # of the statistics bureau, down to the community
# What the committee of a community is called beside the community itself.
_COMMITTEE = re.compile(
    r"(居民委员会|居委会|居委|(?<=村)(村民委员会|民委员会|村委会|委会|委员会))$"
)


@dataclass(frozen=True, kw_only=True)
class PlaceFinder:
    """Rows of a list of places by what they may be known by.

    Parameters
    ----------
    codes, names, bare
        Rows by their code of twelve digits, by their name as names are compared, and by their name
        without what a committee adds to it.
    street
        The street (town) of each row, where the list has it.
    known
        All names as written.
    """

    codes: Mapping[str, list[object]]
    names: Mapping[str, list[object]]
    bare: Mapping[str, list[object]]
    street: Mapping[Any, str]
    known: tuple[str, ...]

    @classmethod
    def of(cls, frame: pd.DataFrame, columns: Mapping[str, str]) -> PlaceFinder:
        """Build it of a list.

        Parameters
        ----------
        frame
            The list.
        columns
            Its columns of ``id``, ``name`` and ``street``, those that it has.
        """
        name, street = columns.get("name"), columns.get("street")
        return cls(
            codes=_rows_by(frame, columns.get("id"), _code),
            names=_rows_by(frame, name, normal),
            bare=_rows_by(frame, name, bare_name),
            street={} if street is None else dict(frame[street].map(normal)),
            known=() if name is None else tuple(map(str, frame[name].dropna())),
        )

    def by_name(self, cells: Mapping[str, object]) -> list[object]:
        """Return the rows of a community's name; of several, those of its street.

        Parameters
        ----------
        cells
            ``name`` and, where it is known, ``street``.
        """
        name = cells.get("name")
        if name is None or pd.isna(name):  # type: ignore[call-overload]
            return []
        hits = self.names.get(normal(name)) or self.bare.get(bare_name(name), [])
        if len(hits) < 2 or "street" not in cells:
            return hits
        here = normal(cells["street"])
        return [row for row in hits if self.street.get(row) == here] or hits


def join_places(
    named: Raw, places: Raw, ours: Columns, theirs: Columns, problems: Problems
) -> tuple[Raw, dict[str, int]] | None:
    """Give communities the places of a list: by the code of twelve digits, else by the name.

    Of places that share a name, the one of the same street is taken. The committee's name stands
    for its community's where no name is the same to the letter.

    Parameters
    ----------
    named
        Communities without a place.
    places
        The list, with coordinates or shapes.
    ours, theirs
        Columns of the two as the scenario names them.
    problems
        Collects communities that the list does not hold, or holds several times.

    Returns
    -------
    (communities, counts)
        The communities with the place each, on their own row; and how many: ``n`` that have one,
        ``of`` all, ``by_code``. None where the list has no places, or neither ids nor names.
    """
    own, listed = _columns(named, ours), _columns(places, theirs)
    if not isinstance(places.frame, gpd.GeoDataFrame):
        problems.add("tables.no_geometry", file=places.label)
        return None
    if not {"id", "name"} & set(own) & set(listed):
        problems.add("io.nothing_to_join", file=named.label, boundaries=places.label)
        return None
    find = PlaceFinder.of(places.frame, listed)
    at: dict[object, object] = {}
    unknown: list[dict[str, Any]] = []
    by_code = 0
    for row in named.frame.index:
        cells = {key: named.frame.loc[row, column] for key, column in own.items()}
        hits = find.codes.get(_code(cells.get("id")), [])
        by_code += bool(hits)
        hits = hits or find.by_name(cells)
        if len(hits) == 1:
            at[row] = hits[0]
            continue
        said = cells.get("name", cells.get("id"))
        if hits:
            rows = ", ".join(map(str, hits))
            told = {"value": said, "places": places.label, "rows": rows}
            problems.add("io.several_places", file=named.label, row=row, **told)
        else:
            unknown.append({"row": row, "value": said, "hint": did_you_mean(said, find.known)})
    counted: dict[str, Any] = {"n": len(unknown), "of": len(named.frame), "places": places.label}
    for one in unknown:
        problems.add("io.no_place", file=named.label, **counted, **one)
    plain = pd.DataFrame(named.frame.loc[list(at)]).drop(columns="geometry", errors="ignore")
    there = places.frame.geometry.loc[list(at.values())]
    frame = gpd.GeoDataFrame(plain, geometry=there.to_numpy(), crs=there.crs)
    counts = {"n": len(at), "of": len(named.frame), "by_code": by_code}
    return replace(named, frame=frame), counts


def outlines(raw: Raw, columns: Columns, problems: Problems) -> gpd.GeoDataFrame | None:
    """Return the polygons of an outline with the names of the streets (towns) that they are of.

    Parameters
    ----------
    raw
        The outline as read.
    columns
        Its columns as the scenario names them.
    problems
        Collects what is no polygon, and several polygons without names.

    Returns
    -------
    ``name`` and the polygons; None where there are none.
    """
    frame = raw.frame
    if not isinstance(frame, gpd.GeoDataFrame):
        problems.add("tables.no_geometry", file=raw.label)
        return None
    areas = frame.geom_type.isin(["Polygon", "MultiPolygon"])
    if not areas.all():
        kinds = ", ".join(sorted({str(kind) for kind in frame.geom_type[~areas]}))
        problems.add("io.outline_no_polygon", file=raw.label, value=kinds)
        return None
    found = _columns(raw, columns)
    name = found.get("street", found.get("name"))
    if name is None and len(frame) > 1:
        problems.add("io.outline_without_names", file=raw.label, value=len(frame))
        return None
    names = pd.Series("", frame.index) if name is None else frame[name].astype(str)
    return gpd.GeoDataFrame({"name": names}, geometry=frame.geometry.make_valid(), crs=frame.crs)


def _columns(raw: Raw, columns: Columns) -> dict[str, str]:
    """Return the column of a file for id, name and street, where it is one alone."""
    spec, units = columns_of("communities")
    known = {name: spec[name] for name in ("id", "name", "street")}
    found = find_columns(raw.frame, known, columns, units, Notes(raw.file, Problems()))
    return {name: own[0] for name, own in found.items() if len(own) == 1}


def _rows_by(
    frame: pd.DataFrame, column: str | None, key: Callable[[object], str]
) -> dict[str, list[object]]:
    rows: dict[str, list[object]] = {}
    for row, cell in ({} if column is None else frame[column].dropna()).items():
        if key(cell):
            rows.setdefault(key(cell), []).append(row)
    return rows


def _code(cell: object) -> str:
    key = value_key(cell)
    return key if _CODE.fullmatch(key) else ""


def places_beside(file: str) -> str:
    """Return the name of the list that holds the places found for a file's rows.

    Parameters
    ----------
    file
        The file, relative to its scenario.

    Examples
    --------
    >>> places_beside("lists/canteens.xlsx")
    'lists/canteens.places.csv'
    """
    return file.removesuffix(PurePosixPath(file).suffix) + ".places.csv"


def bare_name(name: object) -> str:
    """Return a community's name as names are compared, without what a committee adds to it.

    Parameters
    ----------
    name
        The name as written.

    Examples
    --------
    >>> bare_name("澄江社区居民委员会"), bare_name("柳林村村委会")
    ('澄江社区', '柳林村')
    """
    return _COMMITTEE.sub("", normal(name))
