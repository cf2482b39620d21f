"""Check that levels of units nest: a group in one village, a zone in one street, or a street in it.

A unit is found by its name alone, so one name in two units of the level above is either a slip or
two units that would be counted as one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import geopandas as gpd
import pandas as pd

from planner.district.checks import by_name
from planner.district.matching import normal
from planner.errors import Problems, did_you_mean
from planner.language import LANGS, Lang, text
from planner.settings import Settings, labelled

# Living circles nest by their definition (GB 50180-2018, 2.0.4 to 2.0.7).
CIRCLES = ("block", "circle_5", "circle_10", "circle_15")


@dataclass(frozen=True, kw_only=True)
class Crossing:
    """A unit that lies in two units of the level above it.

    Parameters
    ----------
    row
        The first row that puts it into the other.
    value
        Its name there.
    one
        The unit above that most rows put it into, the first of them where several do.
    other
        The other.
    """

    row: object
    value: str
    one: str
    other: str


def crossings(inner: pd.Series, outer: pd.Series) -> Iterator[Crossing]:
    """Return the units of a level that lie in more than one unit of another.

    Parameters
    ----------
    inner, outer
        The names of both levels on the row of their file; missing where a row has none.

    Returns
    -------
    One crossing for each unit and each further unit above it, in the order of the rows.
    """
    both = inner.notna() & outer.notna()
    if not both.any():
        return
    pairs = pd.DataFrame({"value": inner, "above": outer})[both]
    pairs = pairs.assign(key=pairs["value"].map(normal), over=pairs["above"].map(normal))
    times = pairs.groupby(["key", "over"], sort=False).size().rename("n").reset_index()
    times = times.sort_values("n", ascending=False, kind="stable").drop_duplicates("key")
    home = times.set_index("key")["over"]
    first = pairs.drop_duplicates(["key", "over"])
    name = first.drop_duplicates("over").set_index("over")["above"]
    for row, (value, above, key, over) in zip(first.index, first.to_numpy(), strict=True):
        if home[key] != over:
            yield Crossing(row=row, value=str(value), one=str(name[home[key]]), other=str(above))


def check_levels(communities: pd.DataFrame, settings: Settings, problems: Problems) -> None:
    """Check that the levels which the list of communities holds nest.

    A zone may hold several streets, or a street several zones: taken is what fewer rows gainsay.

    Parameters
    ----------
    communities
        Communities on the row of their file, with ``street`` and ``zone``, and ``block`` and
        ``circle_5`` to ``circle_15`` where the file has them.
    settings
        The settings, which name the file and say whether zones cross streets on purpose.
    problems
        Collects what is wrong, one problem for each unit in each further unit above it.
    """
    held = [level for level in CIRCLES if level in communities]
    pairs = [(inner, outer, "units_cross") for inner, outer in pairwise(held)]
    if not settings.communities.zones_cross_streets:
        both = [("street", "zone"), ("zone", "street")]
        inner, outer = min(
            both, key=lambda pair: len([*crossings(communities[pair[0]], communities[pair[1]])])
        )
        pairs.append((inner, outer, "zones_cross"))
    given = settings.communities.figures or settings.communities
    file = labelled(str(given.file), given.layer)
    for inner, outer, key in pairs:
        for one in crossings(communities[inner], communities[outer]):
            problems.add(
                f"area.{key}", file=file, row=str(one.row), value=one.value, one=one.one,
                other=one.other, inner=_heading(inner), outer=_heading(outer),
            )  # fmt: skip


def check_nested(
    homes: gpd.GeoDataFrame,
    communities: gpd.GeoDataFrame,
    level: str,
    settings: Settings,
    problems: Problems,
) -> None:
    """Check that a level finer than communities nests in them: no unit of it lies in two.

    Parameters
    ----------
    homes
        Demand points with ``community`` (the label of a community, missing where they lie in none),
        on the row of their file; with a column of the level where the file has one.
    communities
        Communities on their label, with ``name``.
    level
        The level, such as ``hamlet``.
    settings
        The settings, which name the file of demand.
    problems
        Collects what is wrong, one problem for each unit in each further community.
    """
    if level not in homes:
        return
    known = homes["community"].where(homes["community"].isin(communities.index))
    name = communities["name"].where(communities["name"].notna(), communities.index.to_series())
    file = None if settings.demand is None else settings.demand.label
    for one in crossings(homes[level], known):
        problems.add(
            "area.hamlet_in_two", file=file, row=str(one.row), value=one.value,
            level=_heading(level), one=name[one.one], other=name[one.other],
        )  # fmt: skip


def check_units(
    facilities: gpd.GeoDataFrame,
    homes: pd.DataFrame,
    communities: gpd.GeoDataFrame,
    level: str,
    problems: Problems,
) -> None:
    """Check units finer than communities which facilities name: homes name them, in its community.

    Parameters
    ----------
    facilities
        Facilities with ``file``, ``row`` and the ``community`` that their list names, missing
        where it names none; a column of the level where a file has one.
    homes
        Demand points with ``community``, and a column of the level where their file has one.
    communities
        Communities on their label, with ``name``.
    level
        The level, such as ``hamlet``.
    problems
        Collects what is wrong, one problem for each row.
    """
    if level not in homes or level not in facilities:
        return
    of_homes = homes[homes[level].notna()]
    home = of_homes.set_index(of_homes[level].map(normal))["community"]
    home = home[~home.index.duplicated()]
    label = {normal(name): own for name, own in by_name(communities).items()}
    label |= {normal(own): own for own in communities.index}
    names = of_homes[level].unique().tolist()
    for _, row in facilities[facilities[level].notna()].iterrows():
        told = {"file": row["file"], "row": str(row["row"]), "value": row[level]}
        told["level"] = _heading(level)
        unit = normal(row[level])
        if unit not in home:
            hint = did_you_mean(str(row[level]), names)
            problems.add("area.facility_unit", **told, hint=hint)
            continue
        named = None if pd.isna(row["community"]) else label.get(normal(row["community"]))
        if named is not None and named != home[unit]:
            one, other = communities["name"][home[unit]], communities["name"][named]
            problems.add("area.facility_unit_elsewhere", **told, one=one, other=other)


def _heading(level: str) -> dict[Lang, str]:
    return {lang: text(f"columns.{level}", lang) for lang in LANGS}
