"""Demand of a siting question: who counts, and how fast they walk."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd

from planner.district.area import StudyArea
from planner.district.walk import Walk
from planner.engine.network import Snapped
from planner.settings import Settings, SitingQuestion
from planner.standards import speeds


@dataclass(frozen=True, kw_only=True)
class DemandSpec:
    """Demand of a siting question: people who count, where they live and how fast they walk.

    Parameters
    ----------
    group
        The group that the answer is told of.
    weight
        Weight of each demand label. Labels are demand points, or numbers where several groups
        live at each.
    point
        Demand point of each label.
    home
        The demand points on the streets.
    pace
        What each group's time is a multiple of the time walked; empty for one group at the usual
        speed.
    weights
        Weight of each group at each demand point, where there are several.
    """

    group: str
    weight: pd.Series
    point: pd.Series
    home: Snapped
    pace: dict[str, float]
    weights: pd.DataFrame

    def times(self, walk: Walk, *ends: gpd.GeoDataFrame, within: float) -> pd.DataFrame:
        """Compute the OD table from home to every end, each group at its own speed.

        Parameters
        ----------
        walk
            Speed and snap limit of the run.
        *ends
            Tables of points on their label, in any number.
        within
            The limit in minutes; a pair beyond it has no row.

        Returns
        -------
        ``demand`` (on the index of ``weight``), ``facility``, ``minutes`` at the group's speed.
        """
        fastest = min([1.0, *self.pace.values()])
        od = walk.times(self.home, *ends, within=within / fastest)
        if not self.pace:
            return od
        # Group after group, each label a number as in ``weight``.
        at = self.weights.index.get_indexer(pd.Index(od["demand"]))
        tables = [
            od.assign(demand=at + number * len(self.weights), minutes=od["minutes"] * factor)
            for number, factor in enumerate(self.pace.values())
        ]
        table = pd.concat(tables, ignore_index=True)
        return table[table["minutes"] <= within].reset_index(drop=True)

    def numbers(self, labels: pd.Series) -> pd.Series:
        """Return the position of each label in the order of ``weight``.

        Parameters
        ----------
        labels
            Labels of demand, in any number of rows.

        Returns
        -------
        The positions, on the rows' index.
        """
        found = self.weight.index.get_indexer(pd.Index(labels))
        return pd.Series(found.astype(np.int64), index=labels.index)

    def numbered_times(self, walk: Walk, *ends: gpd.GeoDataFrame, within: float) -> pd.DataFrame:
        """Compute the OD table of `times` with the position of each demand label in its place.

        From all places that could be proposed the table has millions of rows: names in each of
        them would take longer to write and to look up than the walks themselves.

        Parameters
        ----------
        walk, *ends, within
            As for `times`.

        Returns
        -------
        ``demand`` (0 to n - 1, as `numbers` has it), ``facility``, ``minutes``.
        """
        if self.pace or walk.area.travel is not None:
            od = self.times(walk, *ends, within=within)
            return od.assign(demand=self.numbers(od["demand"]))
        return walk.times(self._numbered_home, *ends, within=within)

    @cached_property
    def _numbered_home(self) -> Snapped:
        """The demand points on the streets, on their positions; what is kept of them has labels."""
        rows = pd.RangeIndex(len(self.home))
        return replace(self.home, points=self.home.points.set_axis(rows), kept={})


def people_of(
    area: StudyArea,
    question: SitingQuestion,
    settings: Settings,
    *,
    group: str | None = None,
    weight: float = 1.0,
) -> DemandSpec:
    """Build the demand of a question: one group, or several with their own speeds and weights.

    Parameters
    ----------
    area
        The study area.
    question
        The question, with its group or groups.
    settings
        The settings of the run.
    group
        The group where the question names none; None means that of the coverage.
    weight
        What each person counts, where there is one group.

    Returns
    -------
    The demand.
    """
    points, walk = area.demand, Walk(area, settings)
    if not question.groups:
        group = walk.group(group or question.group)
        return DemandSpec(
            group=group,
            weight=points[group].astype(float) * weight,
            point=pd.Series(points.index, index=points.index),
            home=walk.homes,
            pace={},
            weights=pd.DataFrame(index=points.index),
        )
    usual = walk.speed_mps
    asked = question.groups
    pace = {}
    for name, one in asked.items():
        own = one.speed_mps or (speeds()[one.preset].speed_mps if one.preset else usual)
        pace[name] = usual / own
    weights = pd.DataFrame({name: points[name] * one.weight for name, one in asked.items()})
    stacked = np.concatenate([weights[name].to_numpy(np.float64) for name in asked])
    return DemandSpec(
        group=next(iter(asked)),
        weight=pd.Series(stacked, index=pd.RangeIndex(len(stacked))),
        point=pd.Series(np.tile(points.index.to_numpy(), len(asked))),
        home=walk.homes,
        pace=pace,
        weights=weights,
    )


def covered(reach: pd.DataFrame, weight: pd.Series, sites: list[object]) -> float:
    """Compute the share of people within the limit of any of some sites.

    Parameters
    ----------
    reach
        The OD table within the limit.
    weight
        People on the label of demand.
    sites
        Labels of the sites, as in ``facility``.

    Returns
    -------
    A share from 0 to 1; NaN where there is nobody.
    """
    total = float(weight.sum())
    reached = reach.loc[reach["facility"].isin(sites), "demand"].unique()
    people = weight.to_numpy()[weight.index.get_indexer(pd.Index(reached))]
    return float(people.sum()) / total if total else float("nan")


@dataclass(frozen=True, kw_only=True)
class SitingCase:
    """A question about one kind, with its study area, demand, facilities and limits.

    Parameters
    ----------
    area, question
        As `planner.study.siting_study.propose` takes them.
    existing
        The facilities of the kind in operation, with their street, zone and settlement.
    people, walk
        Who counts, and how they walk.
    minutes, search_min
        The limit that counts as covered, and how far anybody searches.
    """

    area: StudyArea
    question: SitingQuestion
    existing: gpd.GeoDataFrame
    people: DemandSpec
    walk: Walk
    minutes: float
    search_min: float
