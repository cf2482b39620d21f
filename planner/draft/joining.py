"""Which tables belong together: boundaries and figures, names and places, residents and ages."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd

from planner.district.matching import normal
from planner.district.reading.named_places import places_beside
from planner.draft.questions import Ask, Question
from planner.draft.roles import DraftedTable, Guess, Role, counted_elsewhere, read_as
from planner.engine.crs import WGS84

WELL_ENOUGH = 0.5  # of the rows of a table, to be known to another
AGED = ("aged_60", "aged_65", "aged_70", "aged_80")  # groups that a list of ages gives


def choose_one(parts: Sequence[DraftedTable], role: Role, ask: Ask) -> None:
    """Keep one table of a role that a scenario has once; the others are left out, and say so.

    Parameters
    ----------
    parts
        The tables of the folder; their guesses are changed.
    role
        The role.
    ask
        Asks somebody which it is, the likeliest proposed.
    """
    own = [part for part in parts if part.guess.role == role]
    if len(own) < 2:
        return
    order = sorted(own, key=lambda part: (-part.guess.weight, len(part.table.file)))
    names = {part.table.name: part.table.name for part in order}
    question = Question(
        key=f"draft.ask.{role}", values={}, answers=names, proposed=order[0].table.name
    )
    chosen = ask(question)
    for part in own:
        if chosen is None:
            part.guess = Guess(role="unused", why=[("draft.why.passed_over", {})])
        elif part.table.name != chosen:
            part.guess = Guess(role="unused", why=[("draft.why.another", {"name": chosen})])
        else:
            others = ", ".join(name for name in names if name != chosen)
            part.guess.why.append(("draft.why.chosen", {"others": others}))


def join_figures(parts: Sequence[DraftedTable]) -> None:
    """Join boundaries without people to a list of people without boundaries.

    Parameters
    ----------
    parts
        The tables of the folder; their guesses are changed.
    """
    if any(part.guess.role == "communities" for part in parts):
        return
    best, pair = WELL_ENOUGH, None
    for areas in parts:
        for people in parts:
            if areas.table.shape != "polygon" or people.table.shape != "none":
                continue
            if "population" in people.guess.fields:
                known = max(_shared(areas, people, "id"), _shared(areas, people, "name"))
                if known > best:
                    best, pair = known, (areas, people)
    if pair is None:
        return
    areas, people = pair
    figures = {"file": people.table.file, "layer": people.table.layer}
    figures = {key: one for key, one in figures.items() if one is not None}
    values: dict[str, object] = {"name": people.table.name, "share": f"{best:.0%}"}
    areas.guess = Guess(
        role="communities",
        keys={"figures": figures},
        why=[("draft.why.joined", values)],
        fields=people.guess.fields,
    )
    people.guess.why = [("draft.why.taken_in", {"name": areas.table.name})]


def give_places(parts: Sequence[DraftedTable]) -> None:
    """Give lists of names the lists of their places that lie beside them.

    Of communities where there are no boundaries: a list of points that has their codes or names.
    Of facilities what `planner geocode` found for them.

    Parameters
    ----------
    parts
        The tables of the folder; their guesses are changed.
    """
    for part in parts:
        own = next((one for one in parts if one.table.file == places_beside(part.table.file)), None)
        if own is not None and part is not own and part.guess.role in ("facilities", "candidates"):
            part.guess.keys["places"] = own.table.file
            part.guess.why.append(("draft.why.places", {"name": own.table.name}))
            own.guess = Guess(
                role="unused", why=[("draft.why.places_of", {"name": part.table.name})]
            )
    if any(part.guess.role == "communities" for part in parts):
        return
    best, pair = WELL_ENOUGH, None
    for people in parts:
        for points in parts:
            if people.table.shape == "none" and points.table.shape == "point":
                known = _known_places(people, points)
                if known > best:
                    best, pair = known, (people, points)
    if pair is not None:
        _join_points(*pair, best)


def _known_places(people: DraftedTable, points: DraftedTable) -> float:
    """Return the share of a list of communities that a list of points has, by code or name."""
    if "population" not in people.guess.fields:
        return 0.0
    fields = read_as(points.table, "communities").fields
    points_as = DraftedTable(table=points.table, guess=Guess(role="unused", fields=fields))
    return max(_shared(people, points_as, key) for key in ("id", "name"))


def _join_points(people: DraftedTable, points: DraftedTable, share: float) -> None:
    """Make a list of people the communities, at the places that a list of points gives."""
    places: dict[str, object] = {"file": points.table.file}
    if points.table.layer is not None:
        places["layer"] = points.table.layer
    places["datum"] = points.table.datum or "wgs84"
    values: dict[str, object] = {"name": points.table.name, "share": f"{share:.0%}"}
    why: list[tuple[str, dict[str, object]]] = [("draft.why.placed_by", values)]
    if points.table.datum is None:
        why.append(("draft.why.datum_assumed", {}))
    assert isinstance(points.table.frame, gpd.GeoDataFrame)  # noqa: S101  it has points
    people.guess = Guess(
        role="communities", keys={"places": places}, why=why, fields=people.guess.fields
    )
    points.guess = Guess(role="unused", why=[("draft.why.places_of", {"name": people.table.name})])
    name = read_as(points.table, "communities").fields.get("name", ())
    frame = points.table.frame.set_crs(WGS84, allow_override=True)
    people.places = frame.rename(columns=dict.fromkeys(name[:1], "name"))


def count_by_raster(parts: Sequence[DraftedTable]) -> None:
    """Find communities without people where a raster counts them.

    Parameters
    ----------
    parts
        The tables of the folder; their guesses are changed.
    """
    roles = {part.guess.role for part in parts}
    raster = any(part.guess.role == "demand" and part.table.is_raster for part in parts)
    if "communities" in roles or not raster:
        return
    for part in parts:
        found = counted_elsewhere(part.table) if part.guess.role == "unused" else None
        if found is not None:
            found.why.append(("draft.why.counted_by_raster", {}))
            part.guess = found


def lay_ages(parts: Sequence[DraftedTable], ask: Ask) -> None:
    """Give communities that only have residents a list of ages.

    Parameters
    ----------
    parts
        The tables of the folder; their guesses are changed.
    ask
        Asks somebody what the figures of the list are, where nothing tells.
    """
    choose_one(parts, "ages", ask)
    communities = next((one for one in parts if one.guess.role == "communities"), None)
    own = [one.guess for one in parts if one.guess.role in ("communities", "demand")]
    known = {name for one in own for name in (*one.fields, *one.keys.get("groups", {}))}
    for part in parts:
        if part.guess.role != "ages":
            continue
        needed = set(part.guess.fields) & set(AGED) - known
        unit = _unit_of_ages(part, ask)
        if communities is None or not needed or part.guess.left:
            why = "draft.why.ages_unit" if part.guess.left else "draft.why.ages_not_needed"
            part.guess = Guess(role="unused", why=[(why, {"file": part.table.file})])
            continue
        table = part.table
        asked = {"file": table.file, "layer": table.layer, "encoding": table.encoding, "unit": unit}
        plain = table.encoding in (None, "utf-8")
        keys = {key: one for key, one in asked.items() if one and not (key == "encoding" and plain)}
        communities.guess.keys["ages"] = table.file if len(keys) == 1 else keys
        groups = ", ".join(sorted(needed))
        values: dict[str, object] = {"name": table.name, "groups": groups}
        communities.guess.why.append(("draft.why.ages", values))


def _unit_of_ages(part: DraftedTable, ask: Ask) -> str | None:
    """Ask what the figures of a list of ages are, where nothing tells; None where that is clear."""
    if not part.guess.left:
        return None
    values = {"name": part.table.name}
    answers = dict.fromkeys(("people", "share", "percent"), "")
    answer = ask(Question(key="draft.ask.ages_unit", values=values, answers=answers))
    if answer is not None:
        part.guess.left.clear()
    return answer


def _shared(areas: DraftedTable, people: DraftedTable, key: str) -> float:
    """Return the share of areas whose id or name stands in a list of people."""
    if key not in areas.guess.fields or key not in people.guess.fields:
        return 0.0
    ours, theirs = (
        part.table.frame[part.guess.fields[key][0]].dropna().map(normal) for part in (areas, people)
    )
    return float(ours.isin(set(theirs)).mean()) if len(ours) else 0.0
