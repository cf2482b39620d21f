"""What a table of a folder is, told by its shapes, its headings, its words and its name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import geopandas as gpd
import pandas as pd

from planner.district.fields import Understanding, data_columns
from planner.district.matching import normal
from planner.district.reading.ages_list import read_ages
from planner.district.reading.raster import can_read_rasters
from planner.district.tables import Table, conform
from planner.draft.ages import bands, groups_of
from planner.draft.folder import FoundTable
from planner.errors import Problems
from planner.output.palette import BACKDROP
from planner.settings.files import AgesFile
from planner.standards import Kind, kinds

Role = Literal[
    "communities", "demand", "streets", "facilities", "candidates", "links", "backdrop", "ages",
    "unused",
]  # fmt: skip

LOOKED_AT = 1000  # rows whose words are looked at
MOST_ALIKE = 0.05  # of communities whose name another has, too
LEAST_ALIAS = 2  # signs of a kind's name, to be found in the name of a file
# What offices call files of candidates, of homes and of what is drawn below a map.
CANDIDATE_WORDS = ("候选", "备选", "可用", "闲置", "选址", "拟选", "candidate", "sites")
DEMAND_WORDS = ("楼栋", "住宅", "住户", "房屋", "居民点", "dwelling", "building", "homes", "demand")
BUILDING_WORDS = ("建筑", "房屋", "楼", "footprint")
RASTER_WORDS = ("pop", "ppp", "人口", "ghs", "landscan", "hrsl")
BACKDROP_WORDS = ("底图", "背景", "水系", "水面", "backdrop", "background")


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How a table reads under a contract.

    Parameters
    ----------
    fields
        For each column of the contract that was found, the columns of the file.
    strange
        Words of a column of kinds or statuses that are not known.
    """

    fields: Mapping[str, tuple[str, ...]]
    strange: tuple[str, ...]


@dataclass(kw_only=True)
class Guess:
    """What a table is taken for, why, and what nobody can tell from it.

    Parameters
    ----------
    role
        Its part in a scenario.
    keys
        What the scenario says of it beside its file.
    why
        The evidence: keys of texts, each with its values.
    left
        What has to be filled in before it can be read, likewise.
    fields
        For each column of the contract that was found, the columns of the file.
    weight
        How much speaks for the role, to choose among several tables.
    """

    role: Role
    keys: dict[str, Any] = field(default_factory=dict)
    why: list[tuple[str, dict[str, object]]] = field(default_factory=list)
    left: list[tuple[str, dict[str, object]]] = field(default_factory=list)
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    weight: float = 0.0


@dataclass(kw_only=True)
class DraftedTable:
    """A table of the folder, what it is taken for, and the places that another gives it.

    Parameters
    ----------
    table
        The table.
    guess
        What it is taken for.
    places
        Where its rows are, in WGS 84, where another table says so; None where none does.
    """

    table: FoundTable
    guess: Guess
    places: gpd.GeoDataFrame | None = None


def guess(table: FoundTable) -> Guess:
    """Return what a table is taken for.

    Parameters
    ----------
    table
        A table of the folder.

    Returns
    -------
    The guess.
    """
    if table.shape == "line":
        highway = any(normal(column) == "highway" for column in table.frame.columns)
        weight = 3.0 if table.is_graph else 2.0 if highway else 1.0
        why = "draft.why.graph" if table.is_graph else "draft.why.lines"
        return Guess(role="streets", why=[(why, {"n": len(table.frame)})], weight=weight)
    if table.is_raster:
        return _raster(table)
    if table.shape == "polygon":
        return _areas(table)
    if table.shape == "point":
        return _places(table)
    return _plain(table)


def read_as(
    table: FoundTable,
    contract: Table,
    *,
    columns: Mapping[str, str | list[str]] | None = None,
    constants: Mapping[str, Any] | None = None,
) -> Reading:
    """Read a table under a contract, to see what of it is understood.

    Parameters
    ----------
    table
        The table; its first rows are looked at.
    contract
        The contract.
    columns, constants
        What a scenario would say of it.

    Returns
    -------
    The reading.
    """
    problems, told = Problems(), Understanding()
    conform(
        table.frame.head(LOOKED_AT), contract, file=table.file, problems=problems, columns=columns,
        constants=constants, kinds=kinds(), understood=told,
    )  # fmt: skip
    of_key: dict[str, list[str]] = {}
    for problem in problems.found:
        of_key.setdefault(problem.key, []).append(str(problem.value))
    strange = [*of_key.get("tables.unknown_kind", []), *of_key.get("tables.unknown_value", [])]
    return Reading(
        fields=told.fields,
        strange=tuple(dict.fromkeys(strange)),
    )


def _areas(table: FoundTable) -> Guess:
    """Communities, buildings, or what lies below a map."""
    if _is_backdrop(table):
        return Guess(role="backdrop", why=[("draft.why.backdrop", {})])
    reading = read_as(table, "communities")
    found = _communities(table, reading)
    if found is not None:
        return found
    homes = read_as(table, "demand")
    if "population" in homes.fields:
        return _demand(table, homes)
    lived_in = _buildings(table)
    if lived_in is not None:
        return lived_in
    own = _places(table)
    if own.role in ("facilities", "candidates") and not own.left:
        return own
    named = _unused("draft.why.no_people", table)
    named.fields = reading.fields
    return named


def counted_elsewhere(table: FoundTable) -> Guess | None:
    """Return the guess that areas are communities whose people a raster counts.

    Parameters
    ----------
    table
        A table of polygons.

    Returns
    -------
    The guess; None where they have no names, or are nothing but what lies below a map.
    """
    if table.shape != "polygon" or _is_backdrop(table) or _buildings(table) is not None:
        return None
    return _communities(table, read_as(table, "communities"), with_people=False)


def _communities(table: FoundTable, reading: Reading, *, with_people: bool = True) -> Guess | None:
    """Return the guess that areas are communities; None where they have no names or no people."""
    if "name" not in reading.fields:
        return None
    made = Guess(role="communities", fields=reading.fields, weight=1.0)
    columns: dict[str, str | list[str]] = {}
    if "population" not in reading.fields and with_people:
        chain = bands(data_columns(table.frame))
        if not chain:
            return None
        columns["population"] = [band.column for band in chain]
        made.keys["groups"] = groups_of(chain)
        values = {"first": chain[0].column, "last": chain[-1].column, "n": len(chain)}
        made.why.append(("draft.why.bands", values))
        made.weight += len(chain) / 100
    name = reading.fields["name"][0]
    if "id" not in reading.fields:
        if table.frame[name].duplicated().any():
            made.left.append(("draft.left.no_id", {"value": name}))
        else:
            columns |= {"id": name, "name": name}
            made.why.append(("draft.why.name_is_id", {"value": name}))
    if columns:
        made.keys["columns"] = columns
    made.why.insert(0, _headings(reading))
    made.weight += len(reading.fields) / 10
    return made


def _places(table: FoundTable) -> Guess:
    """Communities known by points, homes, candidates or facilities."""
    homes = read_as(table, "demand")
    said = _said(table)
    sites = read_as(table, "candidates")
    offers = {"cost", "kinds"} & set(sites.fields)
    kind = kind_of_words(table)
    places = read_as(table, "facilities", constants={"kind": kind} if kind else None)
    told = "kind" in places.fields
    by_column = read_as(table, "facilities")
    if kind is None and not told and not offers and "capacity" not in places.fields:
        listed = _listed_communities(table, said)
        if listed is not None:
            return listed
    if "kind" in by_column.fields and not by_column.strange:
        kind, told, places = None, True, by_column
    called_sites = any(word in said for word in CANDIDATE_WORDS)
    if "name" in sites.fields and (called_sites or (offers and not told and kind is None)):
        return Guess(role="candidates", why=[_headings(sites)])
    if "population" in homes.fields and (
        "name" not in places.fields or any(word in said for word in DEMAND_WORDS)
    ):
        return _demand(table, homes)
    if "name" not in places.fields:
        return _buildings(table) or _unused("draft.why.no_names", table)
    made = Guess(role="facilities", why=[_headings(places)])
    if kind is not None:
        made.keys["kind"] = kind
        made.why.append(("draft.why.kind_by_name", {"kind": kind}))
    elif not told:
        made.left.append(("draft.left.kind", {"kinds": ", ".join(kinds())}))
    if places.strange:
        made.left.append(
            (
                "draft.left.words",
                {"words": "、".join(places.strange[:10]), "first": places.strange[0]},
            )
        )
    return made


def _listed_communities(table: FoundTable, said: str) -> Guess | None:
    """Return the guess that points are communities: each has a name of its own, and people."""
    reading = read_as(table, "communities")
    if any(word in said for word in (*DEMAND_WORDS, *CANDIDATE_WORDS)):
        return None
    if "name" not in reading.fields or len(table.frame) < 2:
        return None
    names = table.frame[reading.fields["name"][0]].dropna()
    if names.duplicated().mean() > MOST_ALIKE:
        return None
    found = _communities(table, reading)
    if found is not None:
        found.weight -= 1.0  # boundaries, where there are any, are better
        found.why.append(("draft.why.points", {"n": len(table.frame)}))
    return found


def _plain(table: FoundTable) -> Guess:
    """Tables without a place: links, and lists that lack coordinates."""
    links = read_as(table, "links")
    ends = {"facility", "community", "station"} & set(links.fields)
    if "facility" in ends and len(ends) > 1 and "link" in links.fields:
        return Guess(role="links", why=[_headings(links)])
    communities = read_as(table, "communities")
    if {"name", "population"} <= set(communities.fields):
        listed = _unused("draft.why.communities_without_shapes", table)
        listed.fields = communities.fields
        return listed
    if "name" not in communities.fields and (ages := _ages(table)) is not None:
        return ages
    if not (kind_of_words(table) or "kind" in read_as(table, "facilities").fields):
        return _unused("draft.why.nothing_known", table)
    made = _places(table)
    if made.role not in ("facilities", "candidates"):
        return _unused("draft.why.no_coordinates", table)
    made.keys["missing_coordinates"] = "community"
    made.why.append(("draft.why.by_community", {"n": len(table.frame)}))
    return made


def _ages(table: FoundTable) -> Guess | None:
    """Return the guess that a list is how old the people of streets or of the district are."""
    problems, told = Problems(), Understanding()
    asked = AgesFile(file=table.file)
    made = read_ages(table.frame, table.file, asked, problems, told)
    if made is None:
        return None
    unclear = [one for one in problems.found if one.key == "io.ages_unclear"]
    left: list[tuple[str, dict[str, object]]] = [
        ("draft.left.ages_unit", {"value": one.value}) for one in unclear[:1]
    ]
    fields = {name.removesuffix(" %"): own for name, own in told.fields.items()}
    reading = Reading(fields=told.fields, strange=())
    return Guess(role="ages", why=[_headings(reading)], left=left, fields=fields)


def _demand(table: FoundTable, reading: Reading) -> Guess:
    return Guess(
        role="demand",
        why=[_headings(reading)],
        fields=reading.fields,
        weight=len(table.frame) / 1e6,
    )


def _buildings(table: FoundTable) -> Guess | None:
    """Return the guess that a layer holds buildings: by its name, or as it tells their floors."""
    reading = read_as(table, "buildings")
    said = any(word in _said(table) for word in (*DEMAND_WORDS, *BUILDING_WORDS))
    if not said and "floors" not in reading.fields:
        return None
    counted: dict[str, object] = {"n": len(table.frame)}
    why = [_headings(reading), ("draft.why.buildings", counted)]
    return Guess(role="demand", keys={"people": "communities"}, why=why, weight=-1.0)


def _raster(table: FoundTable) -> Guess:
    """Return the guess that a raster is of population, by its name: others are heights or land."""
    if not any(word in _said(table) for word in RASTER_WORDS):
        return _unused("draft.why.raster_unknown", table)
    if not can_read_rasters():
        return _unused("draft.why.raster_extra", table)
    return Guess(role="demand", why=[("draft.why.raster", {})], weight=-2.0)


def _unused(why: str, table: FoundTable) -> Guess:
    headings = "、".join(data_columns(table.frame)[:8])
    return Guess(role="unused", why=[(why, {"columns": headings})])


def _headings(reading: Reading) -> tuple[str, dict[str, object]]:
    """Return which headings were understood, such as ``编号 = id``."""
    pairs = [f"{'+'.join(own)} = {name}" for name, own in reading.fields.items()]
    return "draft.why.headings", {"pairs": ", ".join(pairs[:12])}


def _said(table: FoundTable) -> str:
    return normal(table.name)


def kind_of_words(table: FoundTable) -> str | None:
    """Return the kind that a file's or a sheet's name tells; the sheet's comes first.

    Parameters
    ----------
    table
        The table.

    Returns
    -------
    Id of the kind; None where no name or alias of a kind stands in it.
    """
    known = kinds().values()
    for words in (table.layer, table.file.rsplit(".", 1)[0]):
        found = [
            (len(alias), kind.id)
            for kind in known
            for alias in _aliases(kind)
            if len(alias) >= LEAST_ALIAS and words is not None and alias in normal(words)
        ]
        if found:
            return max(found)[1]
    return None


def _aliases(kind: Kind) -> Sequence[str]:
    return [normal(alias) for alias in (kind.id, kind.zh, kind.en, *kind.aliases)]


def _is_backdrop(table: FoundTable) -> bool:
    """Return whether areas are of the kinds that are drawn below a map, or are called so."""
    if any(word in _said(table) for word in BACKDROP_WORDS):
        return "kind" in table.frame
    if "kind" not in table.frame:
        return False
    values = table.frame["kind"]
    texts = values if isinstance(values, pd.Series) else pd.Series(dtype=object)
    return bool(len(texts)) and set(texts.dropna().astype(str)) <= set(BACKDROP)
