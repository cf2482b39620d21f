"""Which facilities a target means, and what their columns say."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd

from planner.district.assessment.facts import Facts, MissingError
from planner.district.matching import normal
from planner.standards import Target

YES = {"是", "有", "已", "已完成", "合格", "达标", "yes", "y", "true", "1", "1.0"}
NOTHING = {"无", "没有", "未评", "未评定", "none", "-", "—", "/"}
NO = {"否", "无", "未", "未完成", "不合格", "未达标", "no", "n", "false", "0", "0.0"}


def chosen(
    facts: Facts, target: Target, among: pd.DataFrame | None = None, *, anywhere: bool = False
) -> pd.DataFrame:
    """Return the facilities that a target means: those in operation, if none are given.

    They stand in the communities that count, or anywhere. A facility counts for its own tier
    alone.

    Parameters
    ----------
    facts
        The facts of the district.
    target
        The target, with its kinds, tier and conditions.
    among
        Facilities to choose from; None means those in operation.
    anywhere
        Whether facilities beyond the communities that count are chosen, too.

    Returns
    -------
    Rows of the facilities: not to be changed, as other targets are given the same.

    Raises
    ------
    MissingError
        If the data hold no such kind at all, or say nothing of its tiers or of a column asked for.
    """
    frame = facts.facilities if among is None else among
    facts.check_known(target.kind, target.tier)
    # This is asked for every target in every street: what streets share is looked up once.
    what = ("chosen", tuple(target.kind), target.tier, among is None)
    whole = frame
    frame = facts.once(what, lambda: _meant(whole, target, operating=among is None), whole)
    if not anywhere:
        own = frame
        frame = facts.once(("here",), lambda: _within(own, facts), own, facts.communities)
    conditions = target.where or target.each or target.offers
    return frame[meets(frame, target)] if conditions else frame


def _meant(frame: pd.DataFrame, target: Target, *, operating: bool) -> pd.DataFrame:
    """Return the facilities of a target's kinds and tier, of those that operate if so asked."""
    meant = frame["kind"].isin(target.kind).to_numpy(bool, copy=True)
    if operating:
        meant &= frame["operating"].to_numpy(bool)
    if target.tier is not None:
        meant &= frame["tier"].eq(target.tier).to_numpy(bool, na_value=False)
    return frame[meant]


def _within(frame: pd.DataFrame, facts: Facts) -> pd.DataFrame:
    """Return the facilities that stand in the communities that count."""
    return frame[frame["community"].isin(facts.communities.index).to_numpy(bool)]


def meets(frame: pd.DataFrame, target: Target) -> pd.Series:
    """Return which facilities, or sites, meet the conditions of a target.

    Parameters
    ----------
    frame
        Facilities or candidates, with the columns that the conditions name.
    target
        The target; its ``where``, ``each`` and ``offers`` are the conditions.

    Returns
    -------
    Boolean series on the index of ``frame``.

    Raises
    ------
    MissingError
        If a column asked for is not known.
    """
    true = pd.Series(True, index=frame.index)
    for column, wanted in target.where.items():
        true &= truth(frame, column, wanted)
    for column, bounds in target.each.items():
        low, high = bounds if isinstance(bounds, tuple) else (bounds, float("inf"))
        true &= amounts(frame, column).between(low - 1e-9, high + 1e-9)
    if target.offers:
        services = _filled(frame, "services").map(_items)
        wanted_items = {normal(service) for service in target.offers}
        true &= services.map(lambda items: wanted_items <= items).astype(bool)
    return true


def amounts(frame: pd.DataFrame, column: str) -> pd.Series:
    """Return a column of numbers, or the ratio ``a/b`` of two; of ``facilities``, 1 each.

    Parameters
    ----------
    frame
        Facilities or candidates.
    column
        The column, two of them with ``/`` between, or ``facilities``.

    Returns
    -------
    Float series on the index of ``frame``, none missing.

    Raises
    ------
    MissingError
        If the column is not known, or not in every row: a sum of the rest would be too small.
    """
    if column == "facilities":
        return pd.Series(1.0, index=frame.index)
    over, _, under = column.partition("/")
    if under:
        bottom = amounts(frame, under)
        none = int(bottom.eq(0).sum())
        if none:
            raise MissingError("zero_in_rows", column=under, n=none, of=len(bottom))
        return amounts(frame, over) / bottom
    if column not in frame:
        raise MissingError("no_column", column=column)
    values = pd.to_numeric(frame[column], errors="coerce").astype(float)
    gone = int(values.isna().sum())
    if gone:
        raise MissingError(
            "some_missing", column=column, n=gone, of=len(values), known=f"{values.sum():,.0f}"
        )
    return values


def truth(frame: pd.DataFrame, column: str, wanted: bool | str | Sequence[str]) -> pd.Series:  # noqa: FBT001
    """Return in which rows a column says what is wanted: yes, anything at all, or one of several.

    Parameters
    ----------
    frame
        Facilities or candidates.
    column
        The column asked for.
    wanted
        True or False for yes or no, ``*`` for anything but a word for nothing (无), else one word
        or several of which one must stand in the cell.

    Returns
    -------
    Boolean series on the index of ``frame``.

    Raises
    ------
    MissingError
        If the column is not known, or yes or no is wanted and not known of every row.
    """
    values = _filled(frame, column)
    if wanted == "*":
        said = values.notna() & values.astype("string").str.strip().ne("").fillna(False)
        return said & ~values.map(normal).isin(NOTHING)
    if isinstance(wanted, bool):
        said = values.map(_yes_or_no)
        if said.isna().any():
            raise MissingError(
                "some_missing", column=column, n=int(said.isna().sum()), of=len(said),
                known=f"{int(said.eq(True).sum()):,}",
            )  # fmt: skip
        return said.astype(bool) == wanted
    names = {normal(name) for name in ([wanted] if isinstance(wanted, str) else wanted)}
    return values.map(lambda cell: bool(names & _items(cell))).astype(bool)


def _filled(frame: pd.DataFrame, column: str) -> pd.Series:
    if column not in frame or (len(frame) and frame[column].isna().all()):
        raise MissingError("no_column", column=column)
    return frame[column]


def _yes_or_no(cell: object) -> bool | None:
    said = normal(cell)
    return True if said in YES else False if said in NO else None


def _items(cell: object) -> set[str]:
    """Split a cell that lists several things."""
    if cell is None or (isinstance(cell, float) and cell != cell):  # noqa: PLR0124  not a number
        return set()
    return {normal(item) for item in re.split(r"[;；、,，|]", str(cell)) if item.strip()}
