"""Draft a scenario: look at a folder, decide what each file is, and check what comes of it."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from planner.district.boundaries import neighbours_m
from planner.district.matching import is_traditional, normal
from planner.district.reading.extent import centred
from planner.district.reading.load import load_area
from planner.district.reading.named_places import places_beside
from planner.district.reading.osm import read_streets
from planner.draft.datums import DatumFit, Reference, best_crs, best_datum, with_names
from planner.draft.folder import FolderContents, FoundTable, look
from planner.draft.questions import Ask, Question, nobody
from planner.draft.roles import Guess, Role, counted_elsewhere, guess, read_as
from planner.draft.writing import comment, entry, marked, said, value
from planner.engine.crs import WGS84
from planner.errors import InputError, PlannerError, Problem, Problems, fail
from planner.language import Lang, text
from planner.settings import StreetSettings
from planner.settings.resolve import resolve
from planner.standards import kinds

ROUNDS = 3  # of checking a draft and taking up what the check says
MOST_VALUES = 60  # of a column that may tell districts apart
MOST_AROUND = 0.8  # of the places around a district, to be known by one word
MOSTLY_OURS = 2 / 3  # of a file's communities within the streets: it is this district's alone
WELL_ENOUGH = 0.5  # F1 of a district's communities and those within the streets
# What the check of a draft finds, and the setting that takes it up: key, value, why.
TAKEN_UP = {
    "io.missing_coordinates": ("missing_coordinates", "community", "draft.why.by_community"),
    "io.not_a_coordinate": ("missing_coordinates", "skip", "draft.why.without_coordinates"),
    "area.off_streets": ("outside", "skip", "draft.why.off_streets"),
    "area.on_island": ("outside", "skip", "draft.why.off_streets"),
}
UNNAMED = {
    "io.no_community_named", "io.several_communities", "io.unknown_community_named",
    "io.no_communities_to_name",
}  # fmt: skip
GROUPS = ("aged_60", "aged_65", "population")  # who counts, the first that the data know
COUNTED = ("communities", "demand", "ages")  # what counts people
ORDER: tuple[Role, ...] = (
    "communities", "demand", "streets", "backdrop", "facilities", "candidates", "links", "unused",
)  # fmt: skip
LISTS = ("facilities", "candidates", "links")


@dataclass(kw_only=True)
class DraftedTable:
    """A table of the folder, what it is taken for, and the places that another gives it."""

    table: FoundTable
    guess: Guess
    places: gpd.GeoDataFrame | None = None


@dataclass(kw_only=True)
class Draft:
    """A first scenario.

    Parameters
    ----------
    text
        The scenario, as TOML with comments.
    parts
        What each table is taken for.
    left
        What is left to fill in, in words.
    problems
        What the check of the scenario still finds.
    unread
        Files that cannot be read, and why.
    """

    text: str
    parts: list[DraftedTable]
    left: list[str]
    problems: list[Problem] = field(default_factory=list)
    unread: list[Problem] = field(default_factory=list)


def draft(folder: Path, lang: Lang, ask: Ask = nobody) -> Draft:
    """Draft a scenario from the files of a folder.

    Nothing is written, and nothing is asked of the web.

    Parameters
    ----------
    folder
        The folder.
    lang
        Language of the comments.
    ask
        Asks somebody where the files cannot tell; by default what is likeliest is taken.

    Returns
    -------
    The draft.

    Raises
    ------
    InputError
        If the folder does not exist, or holds no table at all.
    """
    if not folder.is_dir():
        raise fail(InputError, "draft.no_folder", file=str(folder))
    contents = look(folder)
    if not contents.tables:
        others = ", ".join(contents.others[:8]) or "–"
        raise fail(InputError, "draft.no_tables", file=str(folder), value=others)
    parts = [DraftedTable(table=table, guess=guess(table)) for table in contents.tables]
    _join(parts)
    _give_places(parts)
    _counted_by_raster(parts)
    _choose(parts, "communities", ask)
    _choose(parts, "streets", ask)
    _choose(parts, "demand", ask)
    _lay_ages(parts, ask)
    _place(parts, ask, folder)
    for part in parts:
        _ask_kind(part, ask)
        if part.table.encoding not in (None, "utf-8"):
            part.guess.keys["encoding"] = part.table.encoding
            part.guess.why.append(("draft.why.encoding", {"value": part.table.encoding}))
    left = _missing(parts)
    made = Draft(text="", parts=parts, left=[], unread=contents.faults)
    for _ in range(ROUNDS):
        made.text = _written(folder, parts, left, contents, lang)
        made.problems = _faults(made.text, folder) if not left else []
        if not _taken_up(parts, made.problems):
            break
    else:
        made.text = _written(folder, parts, left, contents, lang)
        made.problems = _faults(made.text, folder)
    marked = [line for part in parts for line in _named(part, part.guess.left, lang)]
    made.left = [*said(left, lang), *marked]
    return made


def _choose(parts: Sequence[DraftedTable], role: Role, ask: Ask) -> None:
    """Keep one table of a role that a scenario has once; the others are left out, and say so."""
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


def _join(parts: Sequence[DraftedTable]) -> None:
    """Join boundaries without people to a list of people without boundaries."""
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


def _give_places(parts: Sequence[DraftedTable]) -> None:
    """Give lists of names the lists of their places that lie beside them.

    Of communities where there are no boundaries: a list of points that has their codes or names.
    Of facilities what `planner geocode` found for them.
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


def _counted_by_raster(parts: Sequence[DraftedTable]) -> None:
    """Find communities without people where a raster counts them."""
    roles = {part.guess.role for part in parts}
    raster = any(part.guess.role == "demand" and part.table.is_raster for part in parts)
    if "communities" in roles or not raster:
        return
    for part in parts:
        found = counted_elsewhere(part.table) if part.guess.role == "unused" else None
        if found is not None:
            found.why.append(("draft.why.counted_by_raster", {}))
            part.guess = found


def _lay_ages(parts: Sequence[DraftedTable], ask: Ask) -> None:
    """Give communities that only have residents a list of ages."""
    _choose(parts, "ages", ask)
    communities = next((one for one in parts if one.guess.role == "communities"), None)
    own = [one.guess for one in parts if one.guess.role in ("communities", "demand")]
    known = {name for one in own for name in (*one.fields, *one.keys.get("groups", {}))}
    for part in parts:
        if part.guess.role != "ages":
            continue
        needed = set(part.guess.fields) & {*GROUPS, "aged_70", "aged_80"} - {"population"} - known
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


def _ask_kind(part: DraftedTable, ask: Ask) -> None:
    """Ask for the kind of a list of facilities that does not tell it."""
    unknown = [one for one in part.guess.left if one[0] == "draft.left.kind"]
    if not unknown:
        return
    question = Question(
        key="draft.ask.kind",
        values={"name": part.table.name},
        answers={kind.id: kind.zh for kind in kinds().values()},
    )
    answer = ask(question)
    if answer is not None:
        part.guess.left.remove(unknown[0])
        part.guess.keys["kind"] = answer
        part.guess.why.append(("draft.why.answered", {"value": answer}))


def _place(parts: Sequence[DraftedTable], ask: Ask, folder: Path) -> None:
    """Find the datum of what does not name it, and the communities of this district."""
    one = {role: next((p for p in parts if p.guess.role == role), None) for role in ORDER}
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


def _missing(parts: Sequence[DraftedTable]) -> list[tuple[str, dict[str, object]]]:
    """List what a scenario cannot be without and the folder does not hold."""
    there = {part.guess.role for part in parts if not part.guess.left}
    files = [part.table.name for part in parts if part.guess.role == "unused"]
    values: dict[str, object] = {"files": ", ".join(files) or "–"}
    found = []
    if "communities" not in there:
        found.append(("draft.left.communities", values))
    drawn = any(part.guess.role == "streets" for part in parts)
    if "streets" not in there and (drawn or "communities" not in there):
        found.append(("draft.left.streets", {}))
    if "facilities" not in there:
        found.append(("draft.left.facilities", values))
    return found


def _faults(words: str, folder: Path) -> list[Problem]:
    """Read everything that a draft names; return what is wrong with it."""
    try:
        load_area(resolve(tomllib.loads(words)), folder)
    except PlannerError as error:
        return list(error.problems)
    return []


def _taken_up(parts: Sequence[DraftedTable], problems: Sequence[Problem]) -> bool:
    """Settle what becomes of rows without a place or far from streets; return whether any were."""
    changed = False
    for part in parts:
        own = [one for one in problems if one.file == part.table.label]
        keys, frame = part.guess.keys, part.table.frame
        for key in dict.fromkeys(TAKEN_UP[one.key] for one in own if one.key in TAKEN_UP):
            setting, meant, why = key
            n = len({one.row for one in own if TAKEN_UP.get(one.key) == key})
            if setting in keys or part.guess.left:
                continue
            changed = True
            if setting == "outside" and n >= len(frame):
                part.guess.left.append(("draft.left.elsewhere", {}))
                continue
            keys[setting] = meant
            part.guess.why.append((why, {"n": n}))
        # Where some rows have coordinates, those that name no community are left out as before.
        if any(one.key in UNNAMED for one in own) and part.table.shape != "none":
            changed = True
            keys["missing_coordinates"] = "skip"
            told = [one for one in part.guess.why if one[0] != "draft.why.by_community"]
            n = part.table.without
            part.guess.why[:] = [*told, ("draft.why.without_coordinates", {"n": n})]
    return changed


def _named(
    part: DraftedTable, left: Sequence[tuple[str, dict[str, object]]], lang: Lang
) -> list[str]:
    return [f"{part.table.name}: {words}" for words in said(left, lang)]


def _written(
    folder: Path,
    parts: Sequence[DraftedTable],
    left: Sequence[tuple[str, dict[str, object]]],
    contents: FolderContents,
    lang: Lang,
) -> str:
    lines = [*comment(text("draft.head", lang)), *map(marked, said(left, lang))]
    body = [
        "\n".join(lines),
        "",
        f"title = {value(_title(folder, parts))}",
        f'lang = "{_spoken(parts, lang)}"',
    ]
    chosen = _group(parts)
    for role in ORDER:
        if role == "streets" and not any(part.guess.role == role for part in parts):
            body += ["", marked(text("draft.no_streets", lang)), "[streets]", "straight = true"]
        for part in parts:
            if part.guess.role != role:
                continue
            name, keys = part.table.name, {"file": part.table.file}
            if role == "unused":
                told = "; ".join(said(part.guess.why, lang))
                body += comment(f"{text('draft.unused', lang, name=name)} {told}")
                continue
            if part.table.layer is not None:
                keys["layer"] = part.table.layer
            heading = f"[[{role}]]" if role in LISTS else f"[{role}]"
            why = [f"{name}", *said(part.guess.why, lang)]
            body.append(entry(heading, keys | part.guess.keys, why, said(part.guess.left, lang)))
    unread = text("draft.unread", lang)
    for fault in contents.faults:
        body += comment(f"{unread} {fault.say(lang)}")
    body.append(entry("[coverage]", {"group": chosen}, [text("draft.coverage", lang)], []))
    body.append("")
    body += comment(text("draft.next", lang, kind=_kind(parts)))
    return "\n".join(body) + "\n"


def _title(folder: Path, parts: Sequence[DraftedTable]) -> str:
    """Name the scenario by the district that was told from others, else by the folder."""
    wanted = [one for part in parts for one in part.guess.keys.get("where", {}).values()]
    return str(wanted[0]) if wanted else folder.resolve().name


def _spoken(parts: Sequence[DraftedTable], lang: Lang) -> str:
    """Return the language, in traditional characters where the data are written so."""
    if lang != "zh":
        return lang
    texts = [
        cell
        for part in parts
        if part.guess.role in ("communities", "facilities")
        for column in part.table.frame.columns.drop("geometry", errors="ignore")
        for cell in part.table.frame[column].head(MOST_VALUES)
        if isinstance(cell, str)
    ]
    return "zh-Hant" if is_traditional(texts) else "zh"


def _group(parts: Sequence[DraftedTable]) -> str:
    """Choose who counts: the elderly, where the data count them."""
    known = {"population"}
    for part in parts:
        if part.guess.role in COUNTED:
            known |= set(part.guess.keys.get("groups", {})) | set(part.guess.fields)
    return next(name for name in GROUPS if name in known)


def _kind(parts: Sequence[DraftedTable]) -> str:
    named = [part.guess.keys.get("kind") for part in parts if part.guess.role == "facilities"]
    return next((str(kind) for kind in named if kind), "care_station")
