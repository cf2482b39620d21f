"""What a scenario may ask: where to build, who is really served, what changes."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from planner.crs import Datum

Columns = dict[str, str | list[str]]
Where = dict[str, str | int | list[str] | list[int]]
PositiveMinutes = Annotated[float, Field(gt=0, le=24 * 60)]
Share = Annotated[float, Field(ge=0, le=1)]


class Part(BaseModel):
    """A table of a scenario: no key beside those named, and frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Quota(Part):
    """How many new and existing sites each unit of a level may hold: one per street, say."""

    per: Literal["street", "zone", "settlement", "host"]
    at_least: Annotated[int, Field(ge=0)] = 0
    at_most: Annotated[int, Field(ge=0)] | None = None


class Size(Part):
    """A size that a site may have: what it can serve, at which cost."""

    size: str
    capacity: Annotated[float, Field(gt=0)]
    cost: Annotated[float, Field(ge=0)]


class Phase(Part):
    """How many new sites there may be by a year."""

    year: int
    new: Annotated[int, Field(ge=0)]


class Siting(Part):
    """A siting question: where should new sites of a kind go.

    ``model`` names what is sought; see `planner.siting`. ``minutes`` is the limit that counts as
    covered (``coverage.cutoff_min`` if left out) and ``group`` the people who count. Existing sites
    of the kind are kept, but for those listed as ``closable`` (with what closing gives back) or
    ``movable``. ``share`` is for partial set covering, ``times`` for backup coverage, ``decay``
    for gradual coverage ({5 = 1.0, 10 = 0.6}), ``fair_by`` and ``spread`` for fairness, ``phases``
    for plans over years (``new`` each counts from the beginning; they replace ``new`` and
    ``budget``). ``where`` keeps candidates by the value of a column, ``prefer`` gives points to
    those of a ``host``, and ``one_per_host`` takes one of the same ``name``. ``apart_m`` is the
    least walk between two new sites. ``alternatives`` asks for so many other plans within a share
    ``within`` of the best, ``front`` for the best plan of every number of sites up to so many (of
    every cost up to the budget, where there is one).
    """

    kind: str
    model: Literal[
        "max_cover", "set_cover", "p_median", "p_center", "p_dispersion", "fair_cover"
    ] = "max_cover"
    new: Annotated[int, Field(ge=1)] | None = None
    budget: Annotated[float, Field(ge=0)] | None = None
    minutes: PositiveMinutes | None = None
    group: str | None = None
    share: Annotated[float, Field(gt=0, le=1)] = 1.0
    times: Annotated[int, Field(ge=1)] = 1
    decay: dict[PositiveMinutes, Share] = {}
    fair_by: Literal["street", "zone", "settlement", "community"] = "street"
    spread: Share | None = None
    phases: list[Phase] = []
    candidates: Literal["auto", "given", "streets"] = "auto"
    where: Where = {}
    spacing_m: Annotated[float, Field(gt=0)] = 200.0
    mandatory: list[str] = []
    forbidden: list[str] = []
    closable: dict[str, float] = {}
    movable: list[str] = []
    apart_m: Annotated[float, Field(gt=0)] | None = None
    quotas: list[Quota] = []
    one_per_host: bool = False
    prefer: dict[str, float] = {}
    give_up: Share = 0.0
    sizes: list[Size] = []
    alternatives: Annotated[int, Field(ge=0)] = 0
    within: Share = 0.01
    front: Annotated[int, Field(ge=0)] = 0
    time_limit_s: Annotated[float, Field(gt=0)] = 60.0
    seed: int = 0


class Service(Part):
    """Who is really served by facilities of a kind, once their capacity is counted.

    ``need`` is the share of the group that wants a place at once. ``rule`` fills the nearest
    facility with room, serves most people (then in least time), or keeps whole communities
    together, of which one facility takes ``most_each``. ``column`` names a sub-capacity.
    """

    kind: str
    column: str = "capacity"
    most_each: Annotated[int, Field(ge=1)] | None = None
    group: str | None = None
    need: Annotated[float, Field(gt=0, le=1)] = 1.0
    rule: Literal["nearest", "most", "whole"] = "most"
    minutes: PositiveMinutes | None = None


class Delivery(Part):
    """Which communities get their deliveries in time, over the links of a kind of facility.

    ``need`` is the share of the group that wants a delivery; ``speed_mps`` that of the vehicle.
    """

    kind: str
    link: Literal["delivery", "assignment"] = "delivery"
    group: str | None = None
    need: Annotated[float, Field(gt=0, le=1)] = 1.0
    window_min: PositiveMinutes = 30
    handling_min: Annotated[float, Field(ge=0)] = 0.0
    speed_mps: Annotated[float, Field(gt=0, le=30)] = 4.0


class Change(Part):
    """Something that changes in a year: a facility, or the borders of communities.

    ``action`` says which of the other keys are needed: open (``facility``, ``lon``, ``lat``,
    ``columns`` with name and kind), close, move (``lon``, ``lat``), expand (``add``), link
    (``community``, ``link``), merge (``communities``, ``into``, ``name``), split (``community``,
    ``shares``), convert (``community``, ``settlement``, ``name``).
    """

    action: Literal["open", "close", "move", "expand", "link", "merge", "split", "convert"]
    year: int | None = None
    facility: str | None = None
    community: str | None = None
    communities: list[str] = []
    lon: Annotated[float, Field(ge=-180, le=180)] | None = None
    lat: Annotated[float, Field(ge=-90, le=90)] | None = None
    datum: Datum = "wgs84"
    columns: dict[str, str | int | float] = {}
    add: dict[str, float] = {}
    link: Literal["delivery", "assignment", "outreach"] = "delivery"
    cease: bool = False
    into: str | None = None
    name: str | None = None
    shares: dict[str, float] = {}
    settlement: Literal["urban", "rural"] = "urban"


ANY_CHANGE = {"action", "year"}
NEEDS = {
    "open": ("facility", "lon", "lat", "columns"),
    "close": ("facility",),
    "move": ("facility", "lon", "lat"),
    "expand": ("facility", "add"),
    "link": ("facility", "community"),
    "merge": ("communities", "into"),
    "split": ("community", "shares"),
    "convert": ("community",),
}
MAY = {
    "open": ("datum",),
    "move": ("datum",),
    "link": ("link", "cease"),
    "merge": ("name",),
    "convert": ("settlement", "name"),
}
OF_MODEL = {
    "share": ("set_cover",),
    "times": ("max_cover",),
    "decay": ("max_cover",),
    "phases": ("max_cover",),
    "fair_by": ("fair_cover",),
    "spread": ("fair_cover",),
    "alternatives": ("max_cover", "set_cover", "p_median", "p_center"),
}
NOT_PHASED = ("new", "budget", "times", "decay", "closable", "movable", "sizes", "alternatives")


def lacking(asked: Siting | Service | Change) -> list[str]:
    """List the keys that a question or a change needs beside those it has."""
    if isinstance(asked, Service):
        return []
    if isinstance(asked, Change):
        return [key for key in NEEDS[asked.action] if getattr(asked, key) in (None, [], {})]
    free = asked.model == "set_cover" or asked.phases
    enough = asked.new is not None or (asked.budget is not None and asked.model != "p_dispersion")
    return [] if free or enough else ["new"]


def idle(asked: Siting | Service | Change) -> dict[str, str]:
    """List the keys that were given and would do nothing, each with what it goes with."""
    given: set[str] = {key for key in asked.model_fields_set if not _is_default(asked, key)}
    if isinstance(asked, Change):
        used = ANY_CHANGE.union(NEEDS[asked.action], MAY.get(asked.action, ()))
        return {key: _goes_with(key) for key in sorted(given - used)}
    if isinstance(asked, Service):
        alone = "most_each" in given and asked.rule != "whole"
        return {"most_each": "rule = whole"} if alone else {}
    found = {
        key: "model = " + ", ".join(models)
        for key, models in OF_MODEL.items()
        if key in given and asked.model not in models
    }
    if asked.sizes and "front" in given:
        found["front"] = "sizes = []"
    if asked.phases:
        found |= {key: "phases = []" for key in NOT_PHASED if key in given}
    return found


def _is_default(part: Part, key: str) -> bool:
    default: Any = type(part).model_fields[key].default
    return bool(getattr(part, key) == default)


def _goes_with(key: str) -> str:
    actions = [action for action in NEEDS if key in (*NEEDS[action], *MAY.get(action, ()))]
    return "action = " + ", ".join(actions)
