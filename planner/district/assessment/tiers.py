"""The catalogue's names of tiers, and the columns of travel times by kind and tier."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from planner.district.matching import normal
from planner.standards import Kind


def walk(kind: str, tier: str | None) -> str:
    """Return the name of the column of travel times to a kind, or to a tier of it.

    Parameters
    ----------
    kind
        The kind's id.
    tier
        The tier; None for all tiers.

    Returns
    -------
    Such as ``canteen`` or ``canteen/full``.
    """
    return kind if tier is None else f"{kind}/{tier}"


def tiers_of(facilities: pd.DataFrame, kinds: Mapping[str, Kind]) -> pd.Series:
    """Return the tier of each facility as the catalogue names it.

    Parameters
    ----------
    facilities
        Facilities with ``kind`` and ``tier``.
    kinds
        The kinds by their name.

    Returns
    -------
    A tier for each facility.
    """
    named = [
        tier_of(tier, kinds.get(kind))
        for tier, kind in zip(facilities["tier"], facilities["kind"], strict=True)
    ]
    return pd.Series(named, index=facilities.index, dtype=object)


def tier_of(found: object, kind: Kind | None) -> object:
    """Return the catalogue's name of a tier, if it knows the tier.

    Parameters
    ----------
    found
        The tier as the data have it; missing where they say nothing.
    kind
        The kind, with its tiers and their other names; None where it is unknown.

    Returns
    -------
    The catalogue's name, else ``found`` as it is; None without a kind or a text.
    """
    if kind is None or not isinstance(found, str):
        return None
    meant = normal(found)
    same = (
        tier
        for tier, names in kind.tiers.items()
        if meant in {normal(name) for name in (tier, *names)}
    )
    return next(same, found)


def walks_of(nearest: pd.DataFrame) -> pd.Series:
    """Name the column of travel times that each row belongs to.

    Parameters
    ----------
    nearest
        Walks with ``kind`` and, where a tier was asked for, ``tier``.

    Returns
    -------
    A name for each row, as `walk` returns it.
    """
    tier = nearest["tier"] if "tier" in nearest else pd.Series(None, index=nearest.index)
    names: pd.Series = nearest["kind"].where(tier.isna(), nearest["kind"] + "/" + tier.astype(str))
    return names
