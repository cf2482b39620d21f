"""The streets of residents who do not come on foot: speeds by class, and what is closed to them."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pandas as pd

from planner.district.matching import normal
from planner.district.reading.restrictions import MOST_NAMED, Notes, habits
from planner.engine.network import Network
from planner.engine.network.graph.modes import Mode, street_class
from planner.settings import Settings
from planner.standards import KMH


def mode_of(network: Network, settings: Settings, notes: Notes) -> Mode:
    """Return how the residents' mode of travel goes along streets.

    A vehicle has speeds by class of street; where it is pushed, and from door to street, its rider
    walks at the scenario's speed.

    Parameters
    ----------
    network
        The compiled streets that the mode may use.
    settings
        The scenario: its mode, its walking speed, and ``walk.avoid`` and ``walk.factors`` where
        the mode goes at a walking speed.
    notes
        Take what is pushed along, and streets whose class has no speed of its own.

    Returns
    -------
    The mode of travel, by the classes that the streets have.
    """
    means = settings.means
    classes = street_class(network.attributes, "highway")
    kinds = [str(kind) for kind in classes.unique()]
    banned = frozenset(kind for kind in kinds if _first(kind, means.avoid) is not None)
    if not means.is_vehicle:
        usual = habits(network, settings, notes)
        return Mode(banned=banned | usual.banned, penalty=usual.penalty)
    walked = settings.walk.speed.speed_mps * KMH
    pushed = {kind: walked for kind in kinds if _first(kind, means.pushed) is not None}
    own = {kind: means.kmh[name] for kind in kinds if (name := _first(kind, means.kmh)) is not None}
    km = pd.Series(network.edge_length_m / 1000).groupby(classes.to_numpy()).sum()
    others = [kind for kind in kinds if kind not in {*banned, *pushed, *own}]
    if pushed:
        notes.append(("modes.pushed", _told(km, pushed)))
    if own and others:  # of a mode that has one speed alone, none is missing
        kmh = f"{means.other_kmh:g}"
        notes.append(("modes.other_class", _told(km, others) | {"kmh": kmh}))
    return Mode(
        speed_kmh=own | pushed, other_kmh=means.other_kmh, banned=banned, oneway=means.oneway
    )


def _first(kind: str, known: Collection[str] | Mapping[str, float]) -> str | None:
    """Return the first known class that the words of a street's class mean."""
    plain = {normal(name): name for name in known}
    words = (normal(word) for word in kind.split(";"))
    return next((plain[word] for word in words if word in plain), None)


def _told(km: pd.Series, kinds: Collection[str]) -> dict[str, object]:
    listed = sorted(kinds, key=lambda kind: -km[kind])
    named = ", ".join(f"{kind or '–'} {km[kind]:.1f}" for kind in listed[:MOST_NAMED])
    return {"km": f"{float(km[listed].sum()):.1f}", "named": named}
