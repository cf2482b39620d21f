"""Facilities that stand, whom they serve within their capacity, and sites that are suggested."""

from __future__ import annotations

from typing import TypedDict

from planner.output.maps.payload.units import Number, Place, Shape


class FacilityColumns(TypedDict):
    """A row for each facility; `community` is the place of its community in their columns."""

    at: list[Place | None]
    id: list[str]
    operating: list[int | None]
    name: list[str | None]
    kind: list[str | None]
    tier: list[str | None]
    spelling: list[str]
    state: list[str | None]
    status: list[str]
    capacity: list[Number | None]
    floor_area_m2: list[Number | None]
    opened: list[int | None]
    closed: list[int | None]
    community: list[int | None]
    approximate: list[int]


class CandidateColumns(TypedDict):
    """A row for each candidate that no answer chose."""

    at: list[Place | None]
    name: list[str | None]
    spelling: list[str]
    host: list[str | None]


class LinkColumns(TypedDict):
    """Facilities and the communities that they serve without a walk, by their places."""

    facility: list[int]
    community: list[int]


class SplitPeople(TypedDict):
    """People of the district by how they are served."""

    served: float | None
    over_capacity: float | None
    out_of_reach: float | None


class SplitColumns(TypedDict):
    """People of each community by how they are served."""

    served: list[int | None]
    over_capacity: list[int | None]
    out_of_reach: list[int | None]


class LoadColumns(TypedDict):
    """A row for each facility that operates: what it holds and whom it serves.

    `wanted` counts the people for whom it is the nearest, `lack` how many more these are than it
    holds; `short` says whether it lacks room, `rank` its place among those that do.
    """

    facility: list[int]
    capacity: list[Number | None]
    people: list[float | None]
    minutes: list[float | None]
    wanted: list[int | None]
    lack: list[float | None]
    short: list[int]
    rank: list[int | None]


class KindSupply(TypedDict):
    """Who is served within the capacity of a kind."""

    group: str
    minutes: Number | None
    need: float
    all: SplitPeople
    communities: SplitColumns
    facilities: LoadColumns


class RingShape(TypedDict):
    """The area within a walk of so many minutes."""

    minutes: Number | None
    shape: Shape


class SiteColumns(TypedDict):
    """The answer to one siting question: what was asked, what it comes to, a row for each site."""

    kind: str
    model: str
    minutes: Number | None
    groups: list[str]
    why: list[str]
    optimal: bool
    gap: float | None
    before: float | None
    after: float | None
    proposed: bool
    candidates: int
    closed: list[int]
    at: list[Place | None]
    spelling: list[str]
    community: list[int | None]
    name: list[str | None]
    host: list[str | None]
    rank: list[int | None]
    added: list[int | None]
    cumulative: list[Number | None]
    cost: list[Number | None]
    rings: list[RingShape]
