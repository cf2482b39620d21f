"""Themes: what a bureau's report puts under one heading."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from planner.standards.named import Named
from planner.standards.targets import Target

OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class Theme(Named):
    """A theme of a bureau's report.

    Parameters
    ----------
    id
        Its name in the tables.
    zh, en
        Name shown to readers.
    kinds, groups, columns
        What belongs to it: kinds of facility, groups of people, columns of communities.
    """

    id: str
    zh: str
    en: str
    kinds: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()


@cache
def themes() -> dict[str, Theme]:
    """Read the themes, by id, in the order of a report."""
    found = tomllib.loads(files(__package__).joinpath("themes.toml").read_text("utf-8"))
    lists = ("kinds", "groups", "columns")
    return {
        name: Theme(
            id=name,
            zh=entry["zh"],
            en=entry["en"],
            **{key: tuple(entry.get(key, ())) for key in lists},
        )
        for name, entry in found.items()
    }


def theme_of_kind(kind: str) -> str:
    """Return the theme that a kind of facility belongs to.

    Parameters
    ----------
    kind
        The kind's id.

    Returns
    -------
    The theme's id; that of other services where no theme names the kind.
    """
    return _first([kind]) or OTHER


def themes_of(targets: Iterable[Target]) -> list[str]:
    """Return the theme of each target: its facilities' or people's, else that of the one before.

    Parameters
    ----------
    targets
        Targets, in the order of their profile.

    Returns
    -------
    Ids of themes, one for each target.
    """
    found: list[str] = []
    for target in targets:
        own = _first(_names(target.base or target))
        found.append(own or (found[-1] if found else OTHER))
    return found


def themes_ordered(named: Iterable[str]) -> list[str]:
    """Return every theme once: those named in their order, each other one behind its forerunner.

    Parameters
    ----------
    named
        Ids of themes, in the order of a profile's targets.

    Returns
    -------
    Ids of all themes.

    Examples
    --------
    >>> themes_ordered(["relief", "elder_care"])[-2:]
    ['elder_care', 'meals']
    """
    order = list(dict.fromkeys(named))
    before = None
    for theme in themes():
        if theme not in order:
            order.insert(0 if before is None else order.index(before) + 1, theme)
        before = theme
    return order


def _names(target: Target) -> Iterator[str]:
    """Yield what a target is about, what tells most first."""
    yield from target.kind
    yield from (need.kind for need in target.requires)
    yield from target.where
    yield from (name for name in (target.column, target.group, target.of) if name)


def _first(names: Iterable[str]) -> str | None:
    for name in names:
        for theme in themes().values():
            if name in (*theme.kinds, *theme.groups, *theme.columns):
                return theme.id
    return None
