"""Candidate sites: those given for a kind, or places proposed on the streets and thinned."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from planner.district.area import StudyArea
from planner.district.matching import normal
from planner.engine import grids, siting
from planner.errors import NoPlanError, SitingError, did_you_mean, fail
from planner.settings import SitingQuestion
from planner.study.siting_study.answer import Thinning
from planner.study.siting_study.demand import SitingCase


@dataclass(frozen=True, kw_only=True)
class CandidateSet:
    """Sites to choose from.

    Parameters
    ----------
    sites
        The candidates on their id, with street, zone and settlement.
    proposed
        Whether they were proposed.
    all_reach
        Table of minutes from every place that was there to propose, with the position of each
        demand label in its place; empty where sites are given.
    thinned
        What was dropped; none where sites are given.
    """

    sites: gpd.GeoDataFrame
    proposed: bool
    all_reach: pd.DataFrame
    thinned: siting.Thinned | None


def with_units(sites: gpd.GeoDataFrame, area: StudyArea) -> gpd.GeoDataFrame:
    """Return sites with the street, the zone and the class that each lies in.

    Parameters
    ----------
    sites
        Sites with ``community``.
    area
        The study area.

    Returns
    -------
    The sites with ``street``, ``zone`` and ``settlement``, missing where not known.
    """
    at = area.communities.index.get_indexer(pd.Index(sites["community"]))
    names = ("street", "zone", "settlement")
    units = {name: area.communities[name].array.take(at, allow_fill=True) for name in names}
    return sites.assign(**units)


def standing(area: StudyArea, kind: str) -> gpd.GeoDataFrame:
    """Return the facilities of a kind in operation, with the units that each lies in.

    Parameters
    ----------
    area
        The study area.
    kind
        The kind's id.

    Returns
    -------
    Facilities on their label, with ``street``, ``zone`` and ``settlement``.
    """
    return with_units(area.operating[area.operating["kind"] == kind], area)


def are_given(area: StudyArea, question: SitingQuestion) -> bool:
    """Return whether a question chooses among the candidates given.

    Parameters
    ----------
    area
        The study area, with its candidates.
    question
        The question; ``auto`` means given where there are any.

    Returns
    -------
    Whether it does; else places are proposed.
    """
    asked = question.candidates
    return asked == "given" or (asked == "auto" and len(area.candidates) > 0)


def given(area: StudyArea, question: SitingQuestion, kind: str) -> gpd.GeoDataFrame:
    """Return the candidates given for a kind.

    Parameters
    ----------
    area
        The study area.
    question
        The question, whose ``where`` filters candidates.
    kind
        The kind to be sited; a candidate that names kinds must name it.

    Returns
    -------
    Candidates on their label, with the units they lie in.

    Raises
    ------
    SitingError
        If there are none, or ``where`` names a column they lack.
    """
    if not len(area.candidates):
        raise fail(SitingError, "siting_study.no_candidates", value=kind)
    offered = with_units(area.candidates, area)
    suits = offered["kinds"].map(
        lambda cell: not cell or normal(kind) in map(normal, str(cell).split(";"))
    )
    for column, wanted in question.where.items():
        if column not in offered:
            hint = did_you_mean(column, offered.columns.drop("geometry"))
            raise fail(SitingError, "siting_study.no_such_column", value=column, hint=hint)
        values = wanted if isinstance(wanted, list) else [wanted]
        suits &= offered[column].map(_said).isin({_said(value) for value in values})
    if not suits.any():
        raise fail(SitingError, "siting_study.no_candidates", value=kind)
    return offered[suits.astype(bool)]


def offer(case: SitingCase) -> CandidateSet:
    """Return the candidates given for a kind, or some proposed from the streets.

    Parameters
    ----------
    case
        The question, with the people and existing facilities it is put to.

    Returns
    -------
    The sites to choose from.

    Raises
    ------
    SitingError
        If there are none.
    """
    if not are_given(case.area, case.question):
        return propose_places(case)
    sites = given(case.area, case.question, case.question.kind)
    return CandidateSet(sites=sites, proposed=False, all_reach=pd.DataFrame(), thinned=None)


def propose_places(case: SitingCase) -> CandidateSet:
    """Propose candidates at junctions or inside communities, thinned.

    A place whose people another one reaches too is dropped: no coverage is lost, as long as one
    site may stand in for another. Beyond that, so many are kept as the question says.

    Parameters
    ----------
    case
        The question, with the people and existing facilities it is put to.

    Returns
    -------
    The places kept, and what reaches whom before thinning.

    Raises
    ------
    SitingError
        If there is no place to propose, or none reaches anybody.
    """
    area, question, people, existing = case.area, case.question, case.people, case.existing
    found = with_units(_places(area, question), area)
    if found.empty:
        raise fail(SitingError, "siting_study.no_candidates", value=question.kind)
    among = _spaced(found, question)
    weight = people.weight.reset_index(drop=True)
    stays = not question.closable and not question.movable
    if len(existing) and stays and question.times == 1:
        stands = people.numbered_times(case.walk, existing, within=case.minutes)
        weight = weight.where(~weight.index.isin(stands["demand"]), 0.0)
    reach = people.numbered_times(case.walk, found, within=case.minutes)
    if reach.empty:
        raise fail(SitingError, "siting.candidates_idle", value=question.kind)
    alike = None
    if question.quotas:
        units = [quota.per for quota in question.quotas if quota.per != "host"]
        alike = found[units].fillna("").astype(str).agg("|".join, axis=1) if units else None
    thinned = siting.thin(
        reach,
        weight,
        among=among,
        most=question.thin_to,
        least=max([question.new or 1, *(phase.new or 1 for phase in question.phases)]),
        alike=alike,
        dominated=_one_for_another(question),
    )
    return CandidateSet(
        sites=_named(found.loc[among[among.isin(thinned.kept)]], area, question),
        proposed=True,
        all_reach=reach,
        thinned=thinned,
    )


def all_places(area: StudyArea, question: SitingQuestion) -> gpd.GeoDataFrame:
    """Return all candidates to propose, without thinning.

    Parameters
    ----------
    area
        The study area.
    question
        The question, which says where and how far apart places are proposed.

    Returns
    -------
    Places on their label, with the units they lie in.

    Raises
    ------
    SitingError
        If there is no place to propose.
    """
    found = with_units(_places(area, question), area)
    if found.empty:
        raise fail(SitingError, "siting_study.no_candidates", value=", ".join(question.all_kinds))
    return _named(found.loc[_spaced(found, question)], area, question)


def told(
    case: SitingCase, offer: CandidateSet, reach: pd.DataFrame, result: siting.Solution
) -> Thinning | None:
    """Compute what thinning may have cost, at most.

    Three bounds hold, and the least is returned: each site of a plan replaced by its stand-in loses
    no more than the two differ; no plan covers more than all places together; and, where people
    covered are counted, none covers more than the bound of the question without any thinning and
    without its other rules.

    Parameters
    ----------
    case
        The question, with the people it is put to.
    offer
        The candidates, with what was thinned.
    reach
        The OD table within the limit, from people to existing facilities and candidates.
    result
        The plan chosen.

    Returns
    -------
    How many places were found and kept, and the most people lost; None where nothing was thinned.
    """
    if offer.thinned is None:
        return None
    question, people = case.question, case.people
    new, weight = question.new, people.weight.reset_index(drop=True)
    total = float(weight.sum())
    reach = reach.assign(demand=people.numbers(reach["demand"]))
    near = reach["facility"].isin([*result.fixed, *result.chosen])
    now = _weight_of(weight, reach.loc[near, "demand"])
    bounds = [_weight_of(weight, offer.all_reach["demand"], reach["demand"]) - now]
    if "p" not in question.spec.takes:
        stands = reach[reach["facility"].isin([*result.fixed, *result.closed])]
        every = pd.concat([offer.all_reach["demand"], stands["demand"]])
        bounds = [_often(every, weight, question) - _often(reach["demand"], weight, question)]
    elif new is not None:
        bounds.append(offer.thinned.loss_at_most(new + len(question.movable)))
    plain = question.spec.counts == "people" and question.times == 1 and not question.decay
    if plain and new is not None and min(bounds) > 0 and result.status != "infeasible":
        bounds.append(_bound_of_all(offer, reach, result, weight, question) - now)
    loss = max(min(bounds), 0.0)
    return Thinning(
        found=len(offer.thinned.kept) + len(offer.thinned.dropped),
        kept=len(offer.sites),
        loss=loss,
        share=loss / total if total else 0.0,
    )


def _weight_of(weight: pd.Series, *reached: pd.Series) -> float:
    """Sum up the weight of everybody reached, by their positions in millions of pairs."""
    there = np.zeros(len(weight), dtype=bool)
    for numbers in reached:
        there[numbers.to_numpy()] = True
    return float(weight.to_numpy()[there].sum())


def _often(reached: pd.Series, weight: pd.Series, question: SitingQuestion) -> float:
    """Count the people whom as many sites can reach as the question asks, by pairs' demand."""
    hits = reached.value_counts()
    return float(weight[hits.index[hits >= question.times]].sum())


def _bound_of_all(
    offer: CandidateSet,
    reach: pd.DataFrame,
    result: siting.Solution,
    weight: pd.Series,
    question: SitingQuestion,
) -> float:
    """Bound what so many sites could cover on all places: other rules only lower that.

    What stands covers its people in any case: they are left out of the search, and added to it.
    """
    stands = reach["facility"].isin([*result.fixed, *result.closed])
    covered = weight.index.isin(reach.loc[stands, "demand"])
    left = offer.all_reach[~covered[offer.all_reach["demand"]]]
    most = (question.new or 0) + len(question.movable)
    always = float(weight[covered].sum())
    if left.empty or not most:
        return always
    try:
        plan = siting.max_cover(
            left,
            weight,
            p=min(most, left["facility"].nunique()),
            time_limit_s=question.time_limit_s,
            seed=question.seed,
        )
    except NoPlanError:
        return float("inf")
    return always + plan.bound


def _one_for_another(question: SitingQuestion) -> bool:
    """Return whether a site may stand in for another that reaches nobody beside."""
    rules = (question.apart_m, question.sizes, question.upgrades, question.floors)
    twice = [quota for quota in question.quotas if quota.at_least > 1]
    covering = question.spec.table == "covering"
    counted = covering and question.times == 1 and not question.decay
    return counted and not any(rules) and not twice and not question.alternatives


def _places(area: StudyArea, question: SitingQuestion) -> gpd.GeoDataFrame:
    """Find every place to propose: junctions of the streets, or points inside communities."""
    if question.candidates == "communities":
        found = grids.spread_points(area.counted.geometry, question.spacing_m)
        return found.set_geometry("geometry").rename_axis(None)
    edges = area.network.edges
    degree = pd.concat([edges["u"], edges["v"]]).value_counts()
    junctions = area.network.nodes.geometry.loc[degree.index[degree >= 3].sort_values()]
    inside = gpd.sjoin(
        gpd.GeoDataFrame(geometry=junctions),
        area.counted[["geometry"]].rename_axis("community").reset_index(),
    )
    community = inside["community"][~inside.index.duplicated()]
    points = gpd.GeoDataFrame(geometry=junctions.loc[community.index]).assign(community=community)
    return points.rename_axis(None)


def _spaced(found: gpd.GeoDataFrame, question: SitingQuestion) -> pd.Index:
    """Return one junction of each cell; points inside communities are so far apart already."""
    if question.candidates == "communities":
        index: pd.Index = found.index
        return index
    return grids.one_per_cell(found.geometry, question.spacing_m)


def _named(sites: gpd.GeoDataFrame, area: StudyArea, question: SitingQuestion) -> gpd.GeoDataFrame:
    """Name the places kept as people know them: the streets that cross there, else the community.

    Where that does not tell two places apart, the site's own id stands behind.
    """
    ids = [f"S{number + 1:03d}" for number in range(len(sites))]
    at_junctions = question.candidates == "streets"
    crossing = _crossing_streets(sites.index, area) if at_junctions else {}
    home = sites["community"].map(area.communities["name"]).fillna("")
    known = [" × ".join(crossing.get(label, [name])) for label, name in home.items()]
    once = {name for name, n in Counter(known).items() if n == 1 and " × " in name}
    names = [
        name if name in once else " · ".join(part for part in (name, id_) if part)
        for name, id_ in zip(known, ids, strict=True)
    ]
    sites = sites.assign(id=ids, name=names, host=None, cost=np.nan, floor_area_m2=np.nan)
    return sites.set_index(pd.Index(ids))


def _crossing_streets(junctions: pd.Index, area: StudyArea) -> dict[object, list[str]]:
    """Return the names of the two longest streets that meet at each junction, longest first."""
    edges = area.network.edges
    if "name" not in edges:
        return {}
    named = edges[edges["name"].notna()]
    ends = pd.concat(
        [named.rename(columns={end: "at"})[["at", "name", "length_m"]] for end in "uv"]
    )
    ends = ends[ends["at"].isin(junctions)]
    ends = ends.sort_values(["length_m", "name"], ascending=[False, True], kind="stable")
    ends = ends.drop_duplicates(["at", "name"]).groupby("at").head(2)
    return {label: own.tolist() for label, own in ends.groupby("at")["name"]}


def _said(cell: object) -> str:
    """Write a cell as it is compared: a whole number without its fraction."""
    return normal(f"{cell:.0f}" if isinstance(cell, float) and cell.is_integer() else cell)
