"""Join a list of the communities' figures to the boundaries, which stand in a file of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import geopandas as gpd
import pandas as pd

from planner.district.cells import blank
from planner.district.fields import Notes, find_columns
from planner.district.matching import normal, value_key
from planner.district.reading.read import Raw
from planner.district.tables import columns_of
from planner.errors import Problems, did_you_mean

Columns = Mapping[str, str | list[str]]


def join_figures(
    boundaries: Raw, figures: Raw, ours: Columns, theirs: Columns, problems: Problems
) -> Raw:
    """Join figures to the boundaries of the same id, or else of the same name.

    What the list does not hold, such as the street, is taken from the boundaries where these do.

    Parameters
    ----------
    boundaries
        The polygons, with an id or a name.
    figures
        The list, with an id or a name.
    ours, theirs
        Columns of the boundaries and of the list as the scenario names them.
    problems
        Collects rows of either that have no counterpart, or two.

    Returns
    -------
    The rows of the list that have a polygon, with it, on the row of the list.
    """
    own = _found(boundaries, ours)
    found = _found(figures, theirs)
    shared = [key for key in ("id", "name") if key in own and key in found]
    if not shared:
        problems.add("io.nothing_to_join", file=figures.label, boundaries=boundaries.label)
        return replace(figures, frame=boundaries.frame.head(0))
    known = {key: _rows_by(boundaries.frame[own[key]]) for key in shared}
    place: dict[object, object] = {}
    names = [str(name) for name in boundaries.frame[own[shared[-1]]].dropna()]
    for row in figures.frame.index:
        cells = {key: figures.frame.loc[row, found[key]] for key in shared}
        given = {key: cell for key, cell in cells.items() if not blank(pd.Series([cell]))[0]}
        hits = [known[key].get(_key(cell)) for key, cell in given.items()]
        at = next((hit for hit in hits if hit is not None), None)
        if len({hit for hit in hits if hit is not None}) > 1:
            problems.add(
                "io.id_or_name", file=figures.label, row=row, value=given["id"],
                name=given["name"], boundaries=boundaries.label,
            )  # fmt: skip
        if at is None:
            said = next(iter(given.values()), None)
            name = str(list(given.values())[-1]) if given else ""
            hint = did_you_mean(name, names)
            problems.add(
                "io.no_such_community", file=figures.label, row=row, value=said,
                boundaries=boundaries.label, hint=hint,
            )  # fmt: skip
        elif at in place.values():
            first = next(one for one, hit in place.items() if hit == at)
            problems.add(
                "io.community_twice", file=figures.label, row=row,
                value=next(iter(given.values())), first=first,
            )  # fmt: skip
        else:
            place[row] = at
    left = boundaries.frame.index.difference(pd.Index(list(place.values())))
    for row in left:
        cell = boundaries.frame.loc[row, own[shared[-1]]]
        problems.add(
            "io.community_without_figures", file=boundaries.label, row=row, value=cell,
            figures=figures.label,
        )  # fmt: skip
    rows, at_rows = list(place), list(place.values())
    frame = figures.frame.loc[rows].copy()
    for name, column in own.items():
        if name not in found and column not in frame:
            frame[column] = boundaries.frame.loc[at_rows, column].to_numpy()
    shapes = gpd.GeoSeries(boundaries.frame.geometry).loc[at_rows]
    joined = gpd.GeoDataFrame(frame, geometry=shapes.to_numpy(), crs=shapes.crs)
    return replace(figures, frame=joined)


def _found(raw: Raw, columns: Columns) -> dict[str, str]:
    """Return the column of a file for each column of the contract, where it is one alone."""
    silent = Notes(raw.file, Problems())
    spec, units = columns_of("communities")
    found = find_columns(raw.frame, spec, columns, units, silent)
    return {name: own[0] for name, own in found.items() if len(own) == 1}


def _key(cell: object) -> str:
    return normal(value_key(cell))


def _rows_by(cells: pd.Series) -> dict[str, object]:
    """Return the row of each name; without those that several have."""
    keys = cells.dropna().map(_key)
    alone = keys[~keys.duplicated(keep=False)]
    return {key: row for row, key in alone.items()}
