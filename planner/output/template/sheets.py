"""What a district is to fill in for a profile: lists and columns, as its targets ask for them.

They are what a district lacks that has given nothing. Headings and words are those that the reader
knows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from planner.district.assessment import NEEDS_YEAR, Lack, data_name, lacks, nothing_known, unit_name
from planner.district.matching import is_traditional
from planner.district.tables import columns_of, groups_known
from planner.language import Lang, Script, has_text, spelled, text
from planner.standards import Kind, Profile, Target

Place = Literal["communities", "demand", "facilities", "candidates", "links"]
_FORBIDDEN = re.compile(r"[\[\]:*?/\\]")
_BASE: dict[Place, tuple[str, ...]] = {
    "communities": ("id", "name", "street", "population"),
    "demand": ("id", "community", "population", "longitude", "latitude"),
    "facilities": (
        "id", "name", "longitude", "latitude", "capacity", "status", "opened", "closed",
    ),
    "candidates": ("id", "name", "longitude", "latitude", "host", "floor_area_m2", "cost"),
    "links": ("facility", "community", "station", "link"),
}  # fmt: skip
_ALWAYS: dict[Place, tuple[str, ...]] = {
    "communities": ("id", "name", "population"),
    "demand": ("population", "longitude", "latitude"),
    "facilities": ("name", "longitude", "latitude"),
    "candidates": ("name", "longitude", "latitude"),
    "links": ("facility", "link"),
}
_EXAMPLES: dict[str, object] = {
    "longitude": 121.8, "latitude": 29.9, "opened": 2018, "population": 2500, "cost": 50,
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of a sheet.

    Parameters
    ----------
    name
        The column of the contract, or the demand group.
    heading
        What stands above it.
    need
        Whether it is ``required``, ``asked`` for by targets, or ``optional``.
    known
        Whether the reader finds it by its heading; else the scenario names it.
    counts
        Whether it counts people.
    level
        Whether it names units that communities or homes belong to.
    targets
        Numbers of the targets that ask for it.
    unit
        What its figures are in; empty for words.
    words
        Words that it may hold.
    closed
        Whether it may hold no other.
    several
        Whether a cell may hold several.
    example
        What stands in the row of examples.
    """

    name: str
    heading: str
    need: Literal["required", "asked", "optional"]
    known: bool = True
    counts: bool = False
    level: bool = False
    targets: tuple[str, ...] = ()
    unit: str = ""
    words: tuple[str, ...] = ()
    closed: bool = False
    several: bool = False
    example: object = None


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A sheet of the workbook.

    Parameters
    ----------
    title
        Its name.
    place
        The table that it is read as.
    kind
        The kind of its facilities; None for others.
    columns
        Its columns.
    targets
        Numbers of the targets that ask for the list itself.
    """

    title: str
    place: Place
    kind: str | None
    columns: tuple[Column, ...]
    targets: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Template:
    """What a district is to fill in for a profile.

    Parameters
    ----------
    profile
        The targets.
    sheets
        The sheets.
    questions
        Questions that the scenario must ask: the part, the kind, and the targets that need it.
    year
        A year that targets hold in; None where none depends on the year.
    lang
        Language of headings and words.
    """

    profile: Profile
    sheets: tuple[Sheet, ...]
    questions: tuple[tuple[str, str, tuple[str, ...]], ...]
    year: int | None
    lang: Lang


class _Asked:
    """Which targets ask for what, by place, kind and column; and in which language it is said."""

    def __init__(self, profile: Profile, known: Mapping[str, Kind], lang: Lang) -> None:
        self.known, self.lang = known, lang
        self.by: dict[tuple[str, str | None, str | None], dict[str, None]] = {}
        self.targets: dict[tuple[str, str | None, str | None], list[Target]] = {}
        bare = nothing_known(known)
        for target in profile.targets.values():
            for lack in lacks(bare, target):
                self._add(lack, target)

    def _add(self, lack: Lack, target: Target) -> None:
        for kind in lack.kinds or (None,):
            key = (lack.place, kind, lack.column)
            self.by.setdefault(key, {})[target.id] = None
            self.targets.setdefault(key, []).append(target)

    def ids(self, place: str, kind: str | None, column: str | None) -> tuple[str, ...]:
        """Return the targets that ask for a column, or for rows of a kind.

        Parameters
        ----------
        place
            ``facilities``, ``communities`` and the like, as `Lack` names them.
        kind
            The kind of facility; None where a column is of no kind.
        column
            The column; None for the rows themselves.
        """
        return tuple(self.by.get((place, kind, column), ()))

    def columns(self, place: str, kind: str | None = None) -> list[str]:
        """Return the columns that targets ask for.

        Parameters
        ----------
        place
            As for `ids`.
        kind
            The kind of facility; None for columns of no kind.
        """
        return [
            column
            for at, of, column in self.by
            if at == place and of == kind and column is not None
        ]

    def kinds(self, place: str, *, lists: bool = False) -> list[str]:
        """Return the kinds that targets ask for, each once.

        Parameters
        ----------
        place
            As for `ids`.
        lists
            Whether only kinds count of which rows are asked for, not a column alone.
        """
        found = [
            kind
            for at, kind, column in self.by
            if at == place and kind is not None and not (lists and column is not None)
        ]
        return list(dict.fromkeys(found))


def template(profile: Profile, kinds: Mapping[str, Kind], lang: Lang) -> Template:
    """Return what a district is to fill in so that every target of a profile has its data.

    Parameters
    ----------
    profile
        The targets.
    kinds
        The kinds of facility known, by id.
    lang
        Language of headings and words; Chinese in the script of `planner.language.spelling`.

    Returns
    -------
    The template.
    """
    asked = _Asked(profile, kinds, lang)
    people = asked.columns("people")
    rows = [
        _sheet(asked, "communities", None, [*asked.columns("communities"), *people]),
        *(
            _sheet(asked, "facilities", kind, asked.columns("facilities", kind))
            for kind in asked.kinds("facilities", lists=True)
        ),
        _sheet(asked, "demand", None, [*people, *asked.columns("demand")]),
        _sheet(asked, "candidates", None, asked.columns("candidates")),
        _sheet(asked, "links", None, []),
    ]
    questions = tuple(
        (column, kind, asked.ids("scenario", kind, column))
        for kind in asked.kinds("scenario")
        for column in asked.columns("scenario", kind)
    )
    years = [year for one in profile.targets.values() for year in (*one.must, *one.aim) if year > 0]
    needs = any(one.stepped or one.indicator in NEEDS_YEAR for one in profile.targets.values())
    year = max(years, default=2020) if needs else None
    return Template(profile=profile, sheets=tuple(rows), questions=questions, year=year, lang=lang)


def script(profile: Profile) -> Script | None:
    """Return the script that the documents of a profile are written in; None for simplified.

    Parameters
    ----------
    profile
        The targets, with their sources in the words of the documents.
    """
    said = [words for one in profile.targets.values() for words in (one.source, one.clause)]
    return "Hant" if is_traditional(said) else None


def _sheet(asked: _Asked, place: Place, kind: str | None, columns: Iterable[str]) -> Sheet:
    """Return a sheet with its base columns and those that targets ask for."""
    kinds, lang = asked.known, asked.lang
    title = kinds[kind].name(lang) if kind else text(f"template.sheet.{place}", lang)
    names = dict.fromkeys([*_BASE[place], *columns])
    if kind is not None and "tier" in names:  # the words it is told by stand near the name
        names = dict.fromkeys(["id", "name", "tier", *names])
    found = [_column(asked, place, kind, name) for name in names]
    return Sheet(
        title=_FORBIDDEN.sub(" ", title)[:31],
        place=place,
        kind=kind,
        columns=tuple(found),
        targets=asked.ids(place, kind, None),
    )


def _column(asked: _Asked, place: Place, kind: str | None, name: str) -> Column:
    """Return a column of a sheet."""
    lang, own_kind = asked.lang, None if kind is None else asked.known[kind]
    rules, _ = columns_of(place)
    rule = rules.get(name, {"type": "number", "unit": "people"})
    of = "people" if (("people", None, name) in asked.by) else place
    targets, key = asked.ids(of, kind, name), (of, kind, name)
    words, closed = _words(asked.targets.get(key, []), rule, own_kind, name, lang)
    unit = _unit(rule, name, own_kind, lang)
    need: Any = "required" if name in _ALWAYS[place] else "asked" if targets else "optional"
    several = name == "services"
    example: object = _EXAMPLES.get(name)
    if example is None:
        numeric = rule["type"] in ("number", "year") or name in _EXAMPLES
        example = 100 if numeric else words[0] if words else text("template.example.text", lang)
    if name == next(iter(_BASE[place])):
        example = text("template.example.mark", lang)
    elif name == "name":
        example = text("template.example.name", lang)
    elif name == "closed":
        example = None
    return Column(
        name=name,
        heading=heading(name, lang, place),
        known=name in rules or name in groups_known() or name in ("longitude", "latitude"),
        counts=of == "people",
        level=any(name in (one.unit, one.across) for one in asked.targets.get(key, [])),
        need=need,
        targets=targets,
        unit=unit,
        words=words,
        closed=closed,
        several=several,
        example=example,
    )


def heading(name: str, lang: Lang, place: Place) -> str:
    """Return the heading of a column, which the reader finds it by.

    Parameters
    ----------
    name
        The column of the contract, or the demand group.
    lang
        Language of the heading.
    place
        The table that it stands in.
    """
    own = (f"template.heading.{place}_{name}", f"template.heading.{name}")
    key = next((key for key in own if has_text(key)), None)
    return text(key, lang) if key else data_name(name, lang)


def _words(
    targets: Iterable[Target],
    rule: Mapping[str, Any],
    kind: Kind | None,
    name: str,
    lang: Lang,
) -> tuple[tuple[str, ...], bool]:
    """Return the words that a column may hold, and whether it may hold no other."""
    if rule["type"] == "choice":
        choices = rule["choices"].items()
        words = [own[0] if lang == "zh" else choice.replace("_", " ") for choice, own in choices]
        return tuple(map(_spelled(lang), words)), True
    if name == "tier" and kind is not None:
        return _tiers(targets, kind, lang), True
    if name == "services":
        offers = dict.fromkeys(offer for target in targets for offer in target.offers)
        return tuple(map(_spelled(lang), offers)), False
    wanted: dict[str, None] = {}
    for target in targets:
        for asked in (target.where, target.scope):
            found = asked.get(name)
            if isinstance(found, bool):
                return (text("words.yes", lang), text("words.no", lang)), True
            if found is not None and found != "*":
                wanted |= dict.fromkeys([found] if isinstance(found, str) else found)
    own = [word for word in wanted if lang == "en" or not word.isascii()] or list(wanted)
    return tuple(map(_spelled(lang), own)), False


def _tiers(targets: Iterable[Target], kind: Kind, lang: Lang) -> tuple[str, ...]:
    """Return the words for the tiers of the schemes that targets ask for, and for none of them."""
    tiers: dict[str, None] = {}
    for target in targets:
        needs = [need.tier for need in target.requires if need.kind == kind.id]
        for tier in (target.tier, *needs):
            if tier is not None:
                tiers |= dict.fromkeys(one for one in kind.tiers if one in kind.siblings(tier))
    names = [kind.tiers[one][0] if lang == "zh" else one.replace("_", " ") for one in tiers]
    other = "其他" if lang == "zh" else "other"
    return tuple(map(_spelled(lang), [*names, other]))


def _spelled(lang: Lang) -> Any:
    return spelled if lang == "zh" else str


def _unit(rule: Mapping[str, Any], name: str, kind: Kind | None, lang: Lang) -> str:
    if name in ("longitude", "latitude"):
        return text("template.unit.degrees", lang)
    if rule["type"] == "year":
        return text("template.unit.year", lang)
    if name == "capacity" and kind is not None:
        return unit_name(kind.unit, lang)
    unit = rule.get("unit") if rule["type"] == "number" else None
    return text(f"template.unit.{unit}", lang) if unit else ""
