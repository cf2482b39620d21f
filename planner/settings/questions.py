"""Questions of a scenario beside siting: allocation, deliveries, and changes over years."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from planner.engine.crs import Datum
from planner.settings.part import Number, Part, PositiveMinutes, Year, given_keys
from planner.settings.siting import SitingQuestion, siting_idle, siting_lacks


class ServiceQuestion(Part):
    """Who is really served by facilities of a kind, once their capacity is counted.

    ``need`` is the share of the group that wants a place at once. ``rule`` fills the nearest
    facility with capacity left, serves most people (then in least time), or keeps whole communities
    together, of which one facility takes ``most_each``. ``column`` names a sub-capacity.
    """

    kind: str
    column: str = "capacity"
    most_each: Annotated[int, Field(ge=1, le=10**6)] | None = None
    group: str | None = None
    need: Annotated[float, Field(gt=0, le=1)] = 1.0
    rule: Literal["nearest", "most", "whole"] = "most"
    minutes: PositiveMinutes | None = None


class DeliveryQuestion(Part):
    """Which communities get their deliveries in time, over the links of a kind of facility.

    ``need`` is the share of the group that wants a delivery; ``speed_mps`` that of the vehicle.
    """

    kind: str
    link: Literal["delivery", "assignment"] = "delivery"
    group: str | None = None
    need: Annotated[float, Field(gt=0, le=1)] = 1.0
    window_min: PositiveMinutes = 30
    handling_min: Annotated[float, Field(ge=0, le=24 * 60)] = 0.0
    speed_mps: Annotated[float, Field(ge=0.001, le=30)] = 4.0


class ChangeEntry(Part):
    """Something that changes in a year: a facility, or the borders of communities.

    ``action`` says which of the other keys are needed: open (``facility``, ``lon``, ``lat``,
    ``columns`` with name and kind), close, move (``lon``, ``lat``), expand (``add``), link
    (``community``, ``link``), merge (``communities``, ``into``, ``name``), split (``community``,
    ``shares``), convert (``community``, ``settlement``, ``name``).
    """

    action: Literal["open", "close", "move", "expand", "link", "merge", "split", "convert"]
    year: Year | None = None
    facility: str | None = None
    community: str | None = None
    communities: list[str] = []
    lon: Annotated[float, Field(ge=-180, le=180)] | None = None
    lat: Annotated[float, Field(ge=-90, le=90)] | None = None
    datum: Datum = "wgs84"
    columns: dict[str, str | int | Number] = {}
    add: dict[str, Number] = {}
    link: Literal["delivery", "assignment", "outreach"] = "delivery"
    cease: bool = False
    into: str | None = None
    name: str | None = None
    shares: dict[str, Annotated[float, Field(gt=0, lt=1)]] = {}
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


def lacking(asked: SitingQuestion | ServiceQuestion | ChangeEntry) -> list[str]:
    """List the keys that a question or a change needs beside those it has.

    Parameters
    ----------
    asked
        The question or change.

    Returns
    -------
    Names of keys, those of a list such as ``phases.1.new``.
    """
    if isinstance(asked, SitingQuestion):
        return siting_lacks(asked)
    if isinstance(asked, ServiceQuestion):
        return []
    return [key for key in NEEDS[asked.action] if getattr(asked, key) in (None, [], {})]


def idle(asked: SitingQuestion | ServiceQuestion | ChangeEntry) -> dict[str, str]:
    """List the keys that were given and would do nothing, each with what it goes with.

    Parameters
    ----------
    asked
        The question or change.

    Returns
    -------
    For each such key, the key or value without which it does nothing.
    """
    if isinstance(asked, SitingQuestion):
        return siting_idle(asked)
    given = given_keys(asked)
    if isinstance(asked, ServiceQuestion):
        alone = "most_each" in given and asked.rule != "whole"
        return {"most_each": "rule = whole"} if alone else {}
    used = ANY_CHANGE.union(NEEDS[asked.action], MAY.get(asked.action, ()))
    return {key: _goes_with(key) for key in sorted(given - used)}


def _goes_with(key: str) -> str:
    actions = [action for action in NEEDS if key in (*NEEDS[action], *MAY.get(action, ()))]
    return "action = " + ", ".join(actions)
