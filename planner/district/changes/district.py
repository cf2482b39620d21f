"""The tables that changes act on, and the changes themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import geopandas as gpd
import pandas as pd
import shapely

from planner.errors import Problem, Problems

Label = Any


@dataclass(frozen=True, kw_only=True)
class Change:
    """Something that happens in a year; without a year it has happened.

    Parameters
    ----------
    year
        The year.
    where
        What the messages call the change: its place in the scenario.
    """

    year: int | None = None
    where: str | None = None


@dataclass(frozen=True, kw_only=True)
class Open(Change):
    """A facility opens: its id, place in the tables' CRS, and the columns of its row."""

    facility: str
    at: shapely.Point
    columns: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Close(Change):
    """A facility closes; from that year on it does not operate."""

    facility: Label


@dataclass(frozen=True, kw_only=True)
class Move(Change):
    """A facility moves to another place, and keeps its links and its capacity."""

    facility: Label
    at: shapely.Point


@dataclass(frozen=True, kw_only=True)
class Expand(Change):
    """A facility's amounts grow (or shrink): capacity, nursing beds, floor area."""

    facility: Label
    add: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class Link(Change):
    """A facility begins, or ceases, to serve a community."""

    facility: Label
    community: Label
    link: str
    cease: bool = False


@dataclass(frozen=True, kw_only=True)
class Merge(Change):
    """Communities become one, which takes an id and a name."""

    communities: Sequence[Label]
    into: str
    name: str | None = None


@dataclass(frozen=True, kw_only=True)
class Split(Change):
    """A community is divided, by shares of its people or by shapes.

    Parameters
    ----------
    into
        The new ids, each with its share (they add up to 1) or its shape. Shares cut across
        the community's longer side, in the order given.
    names
        Names of the parts; one that is not given is called as the whole, with its id.
    """

    community: Label
    into: Mapping[str, Any]
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Convert(Change):
    """A village becomes an urban community, or the reverse; it may take a new name."""

    community: Label
    settlement: Literal["urban", "rural"] = "urban"
    name: str | None = None


@dataclass(frozen=True, kw_only=True)
class District:
    """The tables that changes act on, each on its id, in one metric CRS.

    Parameters
    ----------
    communities
        Polygons and what is counted in them.
    demand
        Points with ``community``, or none where people are spread later.
    facilities
        Points, with ``status``, ``opened``, ``closed``, ``capacity``, and ``community``, if known.
    links
        ``facility``, ``community``, ``link``.
    lineage
        ``before`` and ``after``, the community then and now, and ``share`` of its people.
    notes
        What the reader should know.
    """

    communities: gpd.GeoDataFrame
    demand: gpd.GeoDataFrame | None
    facilities: gpd.GeoDataFrame
    links: pd.DataFrame
    lineage: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame({"before": [], "after": [], "share": []})
    )
    notes: tuple[Problem, ...] = ()


def is_known(label: Any, known: pd.Index, what: str, problems: Problems, **where: Any) -> bool:
    """Return whether a label exists; if not, that is a problem.

    Parameters
    ----------
    label
        The label.
    known
        The labels that exist.
    what
        What it is, as the catalogue of texts names it: ``facility``, ``community``, ``column``,
        ``link``.
    problems
        Collects what is wrong.
    **where
        Further values of the text, such as the row.

    Returns
    -------
    Whether it exists.
    """
    if label in known:
        return True
    problems.add(f"changes.unknown_{what}", value=label, **where)
    return False


def is_free(label: str, taken: pd.Index, problems: Problems) -> bool:
    """Return whether an id may be taken; if not, that is a problem.

    Parameters
    ----------
    label
        The new id.
    taken
        The ids in use.
    problems
        Collects what is wrong.

    Returns
    -------
    Whether it is not in use.
    """
    if label in taken:
        problems.add("changes.id_taken", value=label)
        return False
    return True


def holder(communities: gpd.GeoDataFrame, point: shapely.Point) -> Label:
    """Return the community that holds a point: the first, where polygons overlap.

    Parameters
    ----------
    communities
        Polygons on their label.
    point
        A point in their CRS.

    Returns
    -------
    The label; None where no community holds the point.
    """
    found = communities.index[communities.intersects(point)]
    return found[0] if len(found) else None
