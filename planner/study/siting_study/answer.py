"""The answer to a siting question."""

from __future__ import annotations

from dataclasses import dataclass, field

import geopandas as gpd
import pandas as pd

from planner.engine.siting import Solution, Verification
from planner.errors import Problem
from planner.settings import SitingQuestion


@dataclass(frozen=True, kw_only=True)
class Thinning:
    """How candidates were proposed and thinned, and what that may cost.

    Parameters
    ----------
    found
        How many places there were.
    kept
        How many of them became candidates.
    loss
        People whom the best plan on all places could cover more than the best on those kept, at
        most.
    share
        The same as a share of all people who count.
    """

    found: int
    kept: int
    loss: float
    share: float


@dataclass(frozen=True, kw_only=True)
class SitingAnswer:
    """Where new sites of a kind should go, and what they change.

    Parameters
    ----------
    question
        What was asked; of several kinds sited together, each has an answer of its own.
    minutes
        The limit on foot that counts as covered.
    group
        The people who count (the first of them, where several groups do).
    result
        The plan with its objective, bound, gap and status. Where there is no plan the status is
        ``"infeasible"``, nothing is chosen, and objective, bound and gap are missing.
    verified
        What checking the plan anew found, by code that shares nothing with the search; none where
        there is no plan. Of several kinds sited together it speaks of all.
    why
        Why there is no plan, and what would let there be one; empty where there is one.
    sites
        The chosen sites on their id, best first: ``rank``, ``name``, ``host``, ``cost``,
        ``community``, ``added`` and ``cumulative`` people within the limit, ``year`` where phases
        were asked for, ``size`` and ``served`` where sizes were, ``houses`` (the other kinds in
        the same building) where kinds were sited together, when ``cost`` holds the site's part of
        the building; ``lost`` (people who lose cover if the site is lost), ``next_best`` (the site
        that would make good most of that) and the place.
    upgraded
        Existing sites that are extended: ``name``, ``size``, ``served``.
    rings
        Circles on foot around the chosen sites, dissolved: ``minutes`` and the shape.
    proposed
        Whether the candidates were proposed from the streets.
    thinned
        How those were thinned, none where they were given.
    candidates
        How many sites were there to choose from.
    before, after
        Share of the people covered by the existing sites, and with the chosen ones.
    people
        On the demand labels of ``result``: ``weight`` and ``point``, the demand point they live at.
    alternatives
        Other plans near the best: ``plan``, ``site``, ``name``, ``objective``, ``share``.
    front
        People covered against the number of sites, or their cost: ``cost``, ``covered``,
        ``share``, ``proven``, and ``further``: whether plans may lie between it and the next that
        are not shown; empty where it was not asked for.
    trades
        Further fronts, by what was asked: ``time`` (``mean``, ``share``), ``longest`` (``mean``,
        ``longest``), ``fairness`` (``share``, ``worst``), each with ``proven`` and ``further``:
        whether the front goes on beyond its last plan.
    fairness
        Share covered in each unit by the fair plan and by the plan that covers most, and with
        every candidate built; empty where fairness was not asked for.
    price
        People that the fair plan covers less than the plan that covers most; missing where
        fairness was not asked for.
    """

    question: SitingQuestion
    minutes: float
    group: str
    result: Solution
    verified: Verification | None = None
    why: tuple[Problem, ...] = ()
    sites: gpd.GeoDataFrame
    upgraded: pd.DataFrame
    rings: gpd.GeoDataFrame
    proposed: bool
    thinned: Thinning | None
    candidates: int
    before: float
    after: float
    people: pd.DataFrame
    alternatives: pd.DataFrame
    front: pd.DataFrame
    trades: dict[str, pd.DataFrame] = field(default_factory=dict)
    fairness: pd.DataFrame
    price: float = float("nan")
