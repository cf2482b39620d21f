"""The unit of each figure, taken from its target: known even where the figure is missing."""

from __future__ import annotations

from collections.abc import Mapping

from planner.standards import Kind, Target

SHARES = {
    "people_coverage": "people", "served": "people", "complete": "people",
    "facility_share": "facilities",
}  # fmt: skip
COUNTS = {
    "facilities": "facilities", "people": "people", "candidate_sites": "sites",
    "farthest": "minutes",
}  # fmt: skip
LEVELS = {"community": "communities", "street": "streets", "zone": "zones"}


def units_of(target: Target, kinds: Mapping[str, Kind]) -> tuple[str, str]:
    """Return what a target's figure is counted in, and what its numerator is counted in.

    Parameters
    ----------
    target
        The target.
    kinds
        The kinds of facility known, by id.

    Returns
    -------
    The unit of the value (``share``, ``beds``, ``beds/1000 people``, ``index``), and the unit of
    its numerator, which is what one would build.

    Examples
    --------
    >>> units_of(Target(id="t", zh="", en="", indicator="units", unit="street"), {})
    ('streets', 'streets')
    """
    level = LEVELS.get(target.unit, "units")
    match target.indicator:
        case name if name in SHARES:
            return "share", SHARES[name]
        case name if name in COUNTS:
            return COUNTS[name], COUNTS[name]
        case "unit_coverage" | "unit_share":
            return "share", level
        case "units_meeting":
            return "share", level if target.least is None else counted_in(
                target, target.column, kinds
            )
        case "units" | "units_covered":
            return level, level
        case "units_per_facility":
            return f"{level}/1 facilities", level
        case "ratio":
            built = counted_in(target, target.column, kinds)
            under = level if target.of == "units" else counted_in(target, target.of, kinds)
            occupancy = (target.column, target.of) == ("occupants", "capacity")
            same = (built == under or occupancy) and target.per == 1  # taken beds are some of them
            return "share" if same else f"{built}/{target.per:g} {under}", built
        case "balance":
            even = target.measure == "max_min" and target.base is not None
            unit = units_of(target.base, kinds)[0] if even and target.base else "index"
            return unit, unit
    if target.column is None and target.indicator != "capacity":
        return "facilities", "facilities"
    built = counted_in(target, target.column, kinds)
    return built, built


def counted_in(target: Target, column: str | None, kinds: Mapping[str, Kind]) -> str:
    """Return what a column is counted in; capacity, if none is named, in the kind's own unit.

    Parameters
    ----------
    target
        The target, which names the kinds.
    column
        The column; None means capacity.
    kinds
        The kinds of facility known, by id.

    Returns
    -------
    A unit of the catalogue of texts: ``beds``, ``m2``, ``people`` and so on.
    """
    if column in (None, "capacity"):
        words = {kinds[kind].unit for kind in target.kind if kind in kinds}
        return words.pop() if len(words) == 1 else "places"
    if column in ("households", "facilities"):
        return column
    if column == "occupants" or column.endswith("_people"):
        return "people"
    if column.endswith("_m2"):
        return "m2"
    if column.endswith("beds"):
        return "beds"
    return "items" if target.kind and column == target.column else "people"


def of_facilities(target: Target, column: str) -> bool:
    """Return whether a column counts something of facilities, not people or communities.

    Parameters
    ----------
    target
        The target; one without kinds has no facilities.
    column
        The column.

    Returns
    -------
    True for capacity, facilities, floor areas and beds of a target with kinds.
    """
    own = column in ("capacity", "facilities") or column.endswith(("_m2", "beds"))
    return bool(target.kind) and own
