"""Check that all names in tables and settings exist: facilities, communities, kinds, groups."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from planner.district.matching import normal
from planner.errors import Problems, did_you_mean
from planner.language import LANGS, text
from planner.settings import Settings
from planner.standards import Kind

MOST_NAMED = 20
MOST_PLACES = 5


@dataclass(frozen=True, kw_only=True)
class Answers:
    """The words that a column may hold, as targets ask for them.

    Parameters
    ----------
    column
        The column of the contract.
    kinds
        The kinds of facility whose rows are meant; empty for any row.
    known
        The words known, in the form that names are compared by.
    shown
        Those that are suggested.
    """

    column: str
    kinds: frozenset[str]
    known: frozenset[str]
    shown: tuple[str, ...]


OF_COMMUNITY = ("community", "street", "zone", "settlement")  # what a site takes from where it lies


def check_links(
    links: pd.DataFrame,
    facilities: gpd.GeoDataFrame,
    communities: gpd.GeoDataFrame,
    problems: Problems,
) -> None:
    """Check that links lead from facilities that exist to communities or stations that do.

    Parameters
    ----------
    links
        ``facility``, ``community`` and, where there are any, ``station``, with the ``file`` each
        row is from; on the row of that file.
    facilities
        Facilities on their label.
    communities
        Communities on their label.
    problems
        Collects what is wrong, one problem for each row.
    """
    known_labels = {
        "facility": facilities.index,
        "community": communities.index,
        "station": facilities.index,
    }
    for column, known in known_labels.items():
        if column not in links or links.empty:
            continue
        unknown = links[links[column].notna() & ~links[column].isin(known)]
        for row, file, value in zip(unknown.index, unknown["file"], unknown[column], strict=True):
            problems.add(f"area.link_{column}", file=file, row=row, value=value)
    if {"community", "station"} <= set(links.columns):
        nowhere = links[links["community"].isna() & links["station"].isna()]
        for row, file in zip(nowhere.index, nowhere["file"], strict=True):
            problems.add("area.link_nowhere", file=file, row=row)


def by_name(communities: gpd.GeoDataFrame) -> dict[object, object]:
    """Return the label of each community by its name, where no other has the name.

    Parameters
    ----------
    communities
        Communities on their label, with ``name``.

    Returns
    -------
    Label by name; without names that several have, or that are another's label.
    """
    named = communities["name"][~communities["name"].duplicated(keep=False)]
    ids = set(communities.index)
    return {name: label for label, name in named.items() if name is not None and name not in ids}


def check_homes(
    demand: gpd.GeoDataFrame | None,
    communities: gpd.GeoDataFrame,
    settings: Settings,
    problems: Problems,
) -> None:
    """Check that homes name communities that exist.

    One that lies in a community and names another that is unknown contradicts itself. One that
    lies in none is another district's.

    Parameters
    ----------
    demand
        Demand points with ``community`` (missing where none is named), on the row of their file;
        None where people are spread.
    communities
        Communities on their label, in the same CRS.
    settings
        The settings, which name the file of demand.
    problems
        Collects what is wrong.
    """
    if demand is None:
        return
    known = demand["community"].isin([*communities.index, *by_name(communities)])
    unknown = demand[demand["community"].notna() & ~known]
    within = communities.sindex.query(unknown.geometry, predicate="intersects")[0]
    wrong = unknown.iloc[np.unique(within)]
    file = None if settings.demand is None else settings.demand.label
    for row, value in wrong["community"].items():
        problems.add("area.home_community", file=file, row=str(row), value=value, n=len(wrong))


def check_named(
    facilities: gpd.GeoDataFrame, communities: gpd.GeoDataFrame, problems: Problems
) -> None:
    """Check that the communities which facilities name exist; its place tells where one stands.

    Parameters
    ----------
    facilities
        Facilities with ``community`` as their list names it (missing where it does not), ``file``
        and ``row``.
    communities
        Communities on their label, with ``name``.
    problems
        Collects what is wrong, one problem for each row.
    """
    known = {normal(name) for name in (*communities.index, *communities["name"].dropna())}
    named = facilities[facilities["community"].notna()]
    for _, row in named[~named["community"].map(normal).isin(known)].iterrows():
        hint = did_you_mean(str(row["community"]), communities["name"].dropna().tolist())
        problems.add(
            "area.facility_community", file=row["file"], row=str(row["row"]),
            value=row["community"], hint=hint,
        )  # fmt: skip


def check_answers(
    frame: pd.DataFrame, file: str, asked: Iterable[Answers], problems: Problems
) -> None:
    """Check that columns which targets ask for a word hold words that the planner knows.

    Parameters
    ----------
    frame
        A table by its contract, on the row of its file.
    file
        What the messages call the file.
    asked
        The columns and their words.
    problems
        Collects what is wrong, one problem for each row.
    """
    for one in asked:
        if one.column not in frame:
            continue
        own = frame[frame["kind"].isin(one.kinds)] if one.kinds else frame
        said = own.loc[own[one.column].notna(), one.column]
        headed = {lang: text(f"columns.{one.column}", lang) for lang in LANGS}
        for row, value in said[~said.map(normal).isin(one.known)].items():
            problems.add(
                "area.word_not_allowed", file=file, row=str(row), value=value, column=headed,
                known="、".join(one.shown),
            )  # fmt: skip


def twice(places: gpd.GeoDataFrame, of: str) -> list[tuple[str, dict[str, object]]]:
    """Return a remark for places that are listed twice: of one kind, name and place.

    Parameters
    ----------
    places
        Facilities or candidates with ``name``, ``file`` and ``row``, in a metric CRS; places count
        as one within a metre.
    of
        The column that tells places apart beside their name: ``kind`` or ``host``.

    Returns
    -------
    No remark, or one: its key in the catalogue of texts with its values.
    """
    spot = pd.DataFrame(
        {
            of: places[of].astype(object),
            "x": places.geometry.x.round(0),
            "y": places.geometry.y.round(0),
        }
    )
    shared = spot.duplicated(keep=False)
    if not shared.any():
        return []
    places = places[shared]  # of the others no name has to be compared
    spot = spot.loc[places.index].assign(name=places["name"].map(normal))
    again = places[spot.duplicated(keep=False)]
    if again.empty:
        return []
    named = [
        f"{name} ({file} {row})"
        for name, file, row in zip(again["name"], again["file"], again["row"], strict=True)
    ]
    more = " …" if len(named) > MOST_NAMED else ""
    shown = ", ".join(named[:MOST_NAMED]) + more
    key = "area.twice" if of == "kind" else "area.candidates_twice"
    return [(key, {"n": len(again), "named": shown})]


def places_named(frame: gpd.GeoDataFrame) -> str:
    """Return the labels of the first few places with their coordinates in the metric CRS.

    Parameters
    ----------
    frame
        Points on their label, in a metric CRS.

    Returns
    -------
    Such as ``S1 (500300, 3300300), …``, in metres.
    """
    xy = [
        f"{label} ({place.x:.0f}, {place.y:.0f})"
        for label, place in zip(frame.index, frame.geometry, strict=True)
    ]
    return ", ".join(xy[:MOST_PLACES]) + (" …" if len(xy) > MOST_PLACES else "")


def check_words(
    settings: Settings,
    kinds: dict[str, Kind],
    groups: Sequence[str],
    *,
    facilities: gpd.GeoDataFrame,
    candidates: gpd.GeoDataFrame,
    problems: Problems,
) -> None:
    """Check that the kinds, groups and columns that the settings name exist.

    Parameters
    ----------
    settings
        The settings of the run.
    kinds
        The kinds of facility known, by id.
    groups
        The columns of the demand that count people.
    facilities
        Facilities as read: where there are none and nothing is asked, that is a problem.
    candidates
        Candidates as read: their columns may be named in ``where``.
    problems
        Collects what is wrong, by the key of the settings.
    """
    asked = _kinds_named(settings)
    judged = settings.standards.profiles
    if facilities.empty and not asked and not judged and not problems.found:
        problems.add("area.nothing_asked")
    for key, kind in asked:
        if kind not in kinds:
            hint = did_you_mean(kind, kinds)
            problems.add("area.unknown_kind", file=key, value=kind, hint=hint)
    for key, group in _groups_named(settings):
        if group not in groups:
            hint = did_you_mean(group, groups, all_too=True)
            problems.add("area.unknown_group", file=key, value=group, hint=hint)
    if candidates.empty:
        return
    columns = [*candidates.columns.drop(["geometry", "file", "outside"]), *OF_COMMUNITY]
    for i, question in enumerate(settings.siting):
        for column in question.where:
            if column not in columns:
                file, hint = f"siting.{i}.where", did_you_mean(column, columns)
                problems.add("area.unknown_column", file=file, value=column, hint=hint)


def _questions(settings: Settings) -> list[tuple[str, Any]]:
    """List what is asked of siting, service and delivery, by its place in the settings."""
    return [
        (f"{part}.{i}", question)
        for part in ("siting", "service", "delivery")
        for i, question in enumerate(getattr(settings, part))
    ]


def _kinds_named(settings: Settings) -> list[tuple[str, str]]:
    """List the kinds of facility that the settings name, each with its key."""
    chosen = settings.coverage
    named = [("coverage.kinds", kind) for kind in chosen.kinds]
    named += [("coverage.gap_kinds", kind) for kind in chosen.gap_kinds]
    for key, question in _questions(settings):
        several = getattr(question, "all_kinds", None) or [question.kind]
        named += [(f"{key}.kind", kind) for kind in several]
    for i, siting in enumerate(settings.siting):
        named += [(f"siting.{i}.services", kind) for kind in siting.services]
    for i, change in enumerate(settings.changes):
        if "kind" in change.columns:
            named.append((f"changes.{i}.columns.kind", str(change.columns["kind"])))
    return named + ([("map.kind", settings.map.kind)] if settings.map.kind else [])


def _groups_named(settings: Settings) -> list[tuple[str, str]]:
    """List the groups of people that the settings name, each with its key."""
    named = [("coverage.group", settings.coverage.group)]
    for key, question in _questions(settings):
        several = getattr(question, "all_groups", None) or [question.group]
        named += [(f"{key}.group", group) for group in several if group]
    return named


def check_people(
    demand: pd.DataFrame, settings: Settings, groups: Sequence[str], problems: Problems
) -> None:
    """Check that there is anybody of the groups whose coverage is asked for.

    Parameters
    ----------
    demand
        Demand points, with a column for each group.
    settings
        The settings of the run, which name the groups.
    groups
        The columns of ``demand`` that count people.
    problems
        Collects what is wrong.
    """
    named = [group for question in settings.siting for group in question.all_groups]
    named += [one.group for one in settings.service if one.group]
    named += [one.group for one in settings.delivery if one.group]
    asked = [settings.coverage.group, *named]
    for group in dict.fromkeys(asked):
        if group in groups and not demand[group].sum() > 0 and len(demand):
            file = settings.communities.file if settings.demand is None else settings.demand.label
            problems.add("area.nobody", file=file, value=group)
