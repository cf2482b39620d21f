"""Where the tables of a folder lie: in which datum, and which rows are of this district."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from planner.district.boundaries import neighbours_m
from planner.district.reading.extent import centred
from planner.district.reading.osm import read_streets
from planner.draft.datums import DatumFit, Reference, best_crs, best_datum, with_names
from planner.draft.questions import Ask, Question
from planner.draft.roles import DraftedTable, Role
from planner.engine.crs import WGS84
from planner.errors import Problems
from planner.settings import StreetSettings

MOST_VALUES = 60  # of a column that may tell districts apart
MOST_AROUND = 0.8  # of the places around a district, to be known by one word
MOSTLY_OURS = 2 / 3  # of a file's communities within the streets: it is this district's alone
WELL_ENOUGH = 0.5  # F1 of a district's communities and those within the streets
PLACED_BY: tuple[Role, ...] = ("communities", "streets")  # what others are held against


def place_all(parts: Sequence[DraftedTable], ask: Ask, folder: Path) -> None:
    """Find the datum of what does not name it, and the communities of this district.

    Parameters
    ----------
    parts
        The tables of the folder; their guesses are changed.
    ask
        Asks somebody where fits do not tell datums apart.
    folder
        The folder that is looked at.
    """
    one = {role: next((p for p in parts if p.guess.role == role), None) for role in PLACED_BY}
    communities, streets = one["communities"], one["streets"]
    lines = None if streets is None else _in_wgs84(streets)
    areas = None if communities is None else _in_wgs84(communities)
    if streets is not None and lines is None and not streets.table.is_graph:
        _assume(streets)
        lines = _in_wgs84(streets)
    if communities is not None and communities.table.shape == "point":
        _turned(communities)
        if _said_datum(communities):
            areas = _in_wgs84(communities)
    if communities is not None and areas is None:
        _assume(communities)
        areas = _in_wgs84(communities)
    if areas is None or communities is None:
        return
    if lines is not None:
        _of_this_district(communities, areas, lines)
        areas = _wanted(communities, areas)
    if communities.table.shape == "point" or communities.places is not None:
        areas = _around_points(areas)
    if streets is not None and streets.table.is_graph:
        lines = _extract(streets.table.file, areas, folder)
    reference = Reference(
        areas=with_names(areas), streets=None if lines is None else lines.geometry
    )
    for part in parts:
        shapes = part.table.shapes
        if part.guess.role in ("facilities", "candidates", "demand") and shapes is not None:
            _turned(part)
            if not _said_datum(part) and shapes.crs is None and len(shapes):
                _fitted(part, shapes, reference, ask)


def _extract(file: str, areas: gpd.GeoDataFrame, folder: Path) -> gpd.GeoDataFrame | None:
    """Return the streets of an extract around the communities; None where it cannot be read."""
    around = shapely.box(*areas.total_bounds)
    found = read_streets(StreetSettings(file=file), around, folder, Problems())
    return None if found is None or found.lines.empty else found.lines.to_crs(WGS84)


def _turned(part: DraftedTable) -> None:
    """Exchange the columns of longitude and latitude where each holds the other."""
    if part.table.swapped:
        lat, lon = part.table.coordinates[:2]
        columns = part.guess.keys.setdefault("columns", {})
        columns |= {"lon": lon, "lat": lat}
        part.guess.why.append(("draft.why.swapped", {}))


def _said_datum(part: DraftedTable) -> bool:
    """Set the datum that the headings name; return whether they name one."""
    if part.table.datum is None:
        return False
    part.guess.keys["datum"] = part.table.datum
    part.guess.why.append(("draft.why.datum_said", {"datum": part.table.datum}))
    return True


def _around_points(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return ground around communities known by points, out to the next: what may be theirs."""
    metric = areas.to_crs(centred(areas.geometry))
    wide = metric.buffer(max(neighbours_m(metric.geometry), 1.0))
    return areas.set_geometry(wide.to_crs(WGS84))


def _fitted(part: DraftedTable, shapes: gpd.GeoSeries, reference: Reference, ask: Ask) -> None:
    metric = part.table.is_metric
    fit = (best_crs if metric else best_datum)(shapes, part.table.frame, reference)
    if fit.name is None:
        part.guess.left.append(("draft.left.elsewhere", {}))
        return
    if not fit.around.all():
        n = int(fit.around.sum())
        part.guess.why.append(("draft.why.around", {"n": n, "of": len(shapes)}))
        _own_rows(part, fit.around)
    key = "crs" if metric else "datum"
    if fit.is_clear or metric:
        part.guess.why.append(("draft.why.datum_fits", {"shares": _shares(fit)}))
        part.guess.keys[key] = fit.name
        return
    part.guess.why.append(("draft.why.datum_unclear", {"shares": _shares(fit)}))
    answer = ask(
        Question(
            key="draft.ask.datum",
            values={"name": part.table.name},
            answers=dict.fromkeys(fit.fits, ""),
            proposed="wgs84" if "wgs84" in fit.fits else fit.name,
        )
    )
    if answer is None:
        part.guess.left.append(("draft.left.datum", {"datums": ", ".join(fit.fits)}))
    else:
        part.guess.keys[key] = answer


def _own_rows(part: DraftedTable, around: NDArray[np.bool_]) -> None:
    """Find the word that the rows of a longer list have here, such as the city's name.

    Most that lies around the district must have it: stations beyond the boundary serve, too. Of
    several words that of most rows is taken.
    """
    frame = part.table.frame
    if around.mean() > WELL_ENOUGH:
        return
    found = (0, "", "")
    for column in frame.columns.drop("geometry"):
        words = frame[column]
        if not 1 < words.nunique() <= MOST_VALUES or _is_numbered(words):
            continue
        here = words[around].value_counts(normalize=True)
        if len(here) and here.iloc[0] >= MOST_AROUND:
            n = int((words == here.index[0]).sum())
            found = max(found, (n, str(column), str(here.index[0])))
    n, column, word = found
    if 0 < n < len(frame):
        part.guess.keys["where"] = {column: word}
        values = {"value": word, "column": column, "n": n, "of": len(frame)}
        part.guess.why.append(("draft.why.own_rows", values))


def _shares(fit: DatumFit) -> str:
    """Write how well points lie under each datum: the best three."""
    told = []
    for name, one in list(fit.fits.items())[:3]:
        shares = [one.own if one.own is not None else one.inside, one.near]
        told.append(
            f"{name} " + " / ".join(f"{share:.0%}" for share in shares if share is not None)
        )
    return "; ".join(told)


def _in_wgs84(part: DraftedTable) -> gpd.GeoDataFrame | None:
    """Return the shapes of a part in WGS 84; None where its CRS is not known."""
    frame = part.table.frame
    if part.places is not None:
        return part.places
    if not isinstance(frame, gpd.GeoDataFrame):
        return None
    datum = part.guess.keys.get("datum")
    if datum is not None:
        return frame.set_crs(WGS84, allow_override=True)
    return None if frame.crs is None else frame.to_crs(WGS84)


def _assume(part: DraftedTable) -> None:
    """Read degrees without a CRS as WGS 84, and say so; metres cannot be guessed alone."""
    if part.table.is_metric:
        part.guess.left.append(("draft.left.crs", {}))
    else:
        part.guess.keys["datum"] = "wgs84"
        part.guess.why.append(("draft.why.datum_assumed", {}))


def _of_this_district(part: DraftedTable, areas: gpd.GeoDataFrame, lines: gpd.GeoDataFrame) -> None:
    """Find the column and word that tell this district's communities from those of others."""
    hull = shapely.convex_hull(shapely.union_all(lines.geometry.envelope.to_numpy()))
    within = shapely.intersects(hull, areas.geometry.representative_point().to_numpy())
    if not within.any():
        part.guess.left.append(("draft.left.other_district", {}))
        return
    if within.mean() > MOSTLY_OURS:
        return
    best, found = WELL_ENOUGH, None
    # A word is told before a number: 大安區 before 63000030.
    columns = sorted(areas.columns.drop("geometry"), key=lambda one: _is_numbered(areas[one]))
    for column in columns:
        words = areas[column]
        if not 1 < words.nunique() <= MOST_VALUES:
            continue
        for word, own in within_by(words, within).items():
            if own > best:
                best, found = own, (str(column), word)
    if found is not None:
        column, word = found
        here = areas[column].astype(str) == word
        values = {"value": word, "n": int(here.sum()), "of": len(areas), "column": column}
        part.guess.keys["where"] = {column: word}
        part.guess.why.append(("draft.why.where", values | {"inside": int(within[here].sum())}))


def _is_numbered(words: pd.Series) -> bool:
    return bool(words.astype(str).str.contains(r"\d").mean() > WELL_ENOUGH)


def within_by(words: pd.Series, within: NDArray[np.bool_]) -> dict[str, float]:
    """Return how well each word of a column tells what lies within: F1 of the two sets.

    Parameters
    ----------
    words
        A word for each area (n).
    within
        Whether the area lies within (n).

    Returns
    -------
    F1 by word, from 0 to 1.
    """
    both = words[within].value_counts()
    each = words.value_counts()
    return {
        str(word): float(2 * both.get(word, 0) / (n + within.sum())) for word, n in each.items()
    }


def _wanted(part: DraftedTable, areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    for column, word in part.guess.keys.get("where", {}).items():
        areas = areas[areas[column].astype(str) == word]
    return areas
