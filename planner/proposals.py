"""Siting questions put to a study area: candidates, travel times and rules in, an answer out.

`planner.siting` knows labels and tables only. Here a question of the scenario is put to it: who may
be chosen, what stands already, which rules hold; and its answer is brought back to the map.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from planner import places, siting
from planner.area import StudyArea
from planner.errors import Problems, SitingError, fail
from planner.settings import Settings
from planner.settings import Siting as Question
from planner.siting import Rules, Siting
from planner.siting.reading import shorten
from planner.tables import normal

ON_MINUTES = ("p_median", "p_center", "p_dispersion")
OF_SITE = ["name", "host", "floor_area_m2", "cost", "community"]


@dataclass(frozen=True, kw_only=True)
class SitingAnswer:
    """Where new sites of a kind should go, and what they change.

    Parameters
    ----------
    question
        What was asked.
    minutes
        The limit on foot that counts as covered.
    group
        The people who count.
    result
        The plan with its objective, bound, gap and status.
    sites
        The chosen sites on their id, best first: ``rank``, ``name``, ``host``, ``cost``,
        ``community``, ``added`` and ``cumulative`` people within the limit, ``year`` where phases
        were asked for, ``size`` where sizes were,
        ``lost`` (people who lose cover if the site is lost), ``next_best`` (the site that would
        make good most of that) and the place.
    rings
        Circles on foot around the chosen sites, dissolved: ``minutes`` and the shape.
    proposed
        Whether the candidates were proposed from the streets.
    candidates
        How many sites were there to choose from.
    before, after
        Share of the group covered by the existing sites, and with the chosen ones.
    alternatives
        Other plans near the best: ``plan``, ``site``, ``name``, ``objective``, ``share``.
    front
        People covered against the number of sites, or their cost: ``cost``, ``covered``,
        ``share``, ``proven``; empty where it was not asked for.
    fairness
        Share covered in each unit by the fair plan and by the plan that covers most, and with
        every candidate built; empty where fairness was not asked for.
    """

    question: Question
    minutes: float
    group: str
    result: Siting
    sites: gpd.GeoDataFrame
    rings: gpd.GeoDataFrame
    proposed: bool
    candidates: int
    before: float
    after: float
    alternatives: pd.DataFrame
    front: pd.DataFrame
    fairness: pd.DataFrame


def propose(
    area: StudyArea, operating: gpd.GeoDataFrame, question: Question, settings: Settings
) -> SitingAnswer:
    """Choose new sites of a kind among the candidates, the existing ones kept.

    Parameters
    ----------
    area
        The study area.
    operating
        The facilities in operation.
    question
        What is asked.
    settings
        The run's settings: speed, limits, and who counts where the question does not say.

    Raises
    ------
    SitingError
        If there are no candidates, the question has no sound form, or a rule names what there is
        not.
    """
    minutes = question.minutes or settings.coverage.cutoff_min
    group = question.group or settings.coverage.group
    candidates, proposed = _candidates(area, question)
    existing = _with_units(operating[operating["kind"] == question.kind], area)
    _check(question, existing, candidates)
    walk = _Walk(area, settings)
    home = area.demand.geometry
    reach = od = walk.times(home, existing, candidates, within=minutes)
    farther = max(question.decay, default=0.0)
    if question.model in ON_MINUTES:
        farther = settings.coverage.search_min
    if farther > minutes:  # these need the times beyond the limit, too
        sites = pd.concat([existing.geometry, candidates.geometry])
        start = sites if question.model == "p_dispersion" else home
        od = walk.times(start, existing, candidates, within=farther)
    weights = area.demand[group].astype(float)
    rules = _rules(area, question, existing, candidates, walk)
    result, years, fairness = _solve(area, question, od, weights, rules)
    covered = _covered(reach, weights, [*existing.index.difference(result.closed), *result.chosen])
    sites = _told(candidates.drop(question.forbidden), result, reach, weights, years)
    return SitingAnswer(
        question=question,
        minutes=minutes,
        group=group,
        result=result,
        sites=sites,
        rings=walk.rings(sites, minutes),
        proposed=proposed,
        candidates=len(candidates),
        before=_covered(reach, weights, list(existing.index)),
        after=covered,
        alternatives=_alternatives(question, od, weights, rules, candidates),
        front=_front(question, reach, weights, rules),
        fairness=fairness,
    )


class _Walk:
    """Walks the area's streets as the settings say."""

    def __init__(self, area: StudyArea, settings: Settings) -> None:
        self.network = area.network
        self.crs = area.demand.crs
        self.speed_mps = settings.walk.speed.speed_mps
        self.max_snap_m = settings.walk.max_snap_m

    def times(self, start: gpd.GeoSeries, *ends: gpd.GeoDataFrame, within: float) -> pd.DataFrame:
        """Walk from every start to every end within so many minutes."""
        places_ = gpd.GeoSeries(pd.concat([end.geometry for end in ends]), crs=self.crs)
        return self.network.travel_times(
            start,
            places_,
            cutoff_min=within,
            speed_mps=self.speed_mps,
            max_snap_m=self.max_snap_m,
        )

    def rings(self, sites: gpd.GeoDataFrame, minutes: float) -> gpd.GeoDataFrame:
        """Draw the circle on foot around sites, dissolved."""
        return self.network.reach(
            sites.geometry,
            minutes=(minutes,),
            speed_mps=self.speed_mps,
            max_snap_m=self.max_snap_m,
            dissolve=True,
        )


def _candidates(area: StudyArea, question: Question) -> tuple[gpd.GeoDataFrame, bool]:
    """Take the candidates given for a kind, or propose some from the streets."""
    if question.candidates != "streets" and len(area.candidates):
        given = _with_units(area.candidates, area)
        suits = given["kinds"].map(
            lambda cell: not cell or normal(question.kind) in map(normal, str(cell).split(";"))
        )
        for column, wanted in question.where.items():
            if column not in given:
                raise fail(SitingError, "proposals.no_such_column", value=column)
            values = wanted if isinstance(wanted, list) else [wanted]
            suits &= given[column].map(_said).isin({_said(value) for value in values})
        if not suits.any():
            raise fail(SitingError, "proposals.no_candidates", value=question.kind)
        return given[suits.astype(bool)], False
    if question.candidates == "given":
        raise fail(SitingError, "proposals.no_candidates", value=question.kind)
    edges = area.network.edges
    degree = pd.concat([edges["u"], edges["v"]]).value_counts()
    junctions = area.network.nodes.geometry.loc[degree.index[degree >= 3].sort_values()]
    within = junctions[junctions.intersects(area.counted.union_all())]
    sites = places.sites_from_streets(within, question.spacing_m)
    inside = gpd.sjoin(sites, area.counted[["geometry"]].rename_axis("community").reset_index())
    community = inside["community"][~inside.index.duplicated()]
    sites = sites.assign(community=community, host=None, cost=np.nan, floor_area_m2=np.nan)
    return _with_units(sites.set_index(pd.Index(sites["id"])).rename_axis(None), area), True


def _with_units(sites: gpd.GeoDataFrame, area: StudyArea) -> gpd.GeoDataFrame:
    """Name the street, the zone and the class that each site lies in."""
    units = area.communities[["street", "zone", "settlement"]]
    return sites.assign(**{name: sites["community"].map(units[name]) for name in units})


def _said(cell: object) -> str:
    """Write a cell as it is compared: a whole number without its fraction."""
    return normal(f"{cell:.0f}" if isinstance(cell, float) and cell.is_integer() else cell)


def _check(question: Question, existing: gpd.GeoDataFrame, candidates: gpd.GeoDataFrame) -> None:
    """Check that the rules name what there is, and that what they stand on is known."""
    problems = Problems()
    hosts = candidates["host"].dropna().unique()
    known_hosts = {normal(host) for host in hosts}
    for key, known in (
        ("mandatory", candidates.index),
        ("forbidden", candidates.index),
        ("closable", existing.index),
        ("movable", existing.index),
    ):
        for label in getattr(question, key):
            if label not in known:
                near = difflib.get_close_matches(label, map(str, known), n=3) or known
                listed = shorten(near) or "-"
                problems.add(f"proposals.unknown_{key}", value=label, known=listed)
    for host in question.prefer:
        if normal(host) not in known_hosts:
            problems.add("proposals.unknown_prefer", value=host, known=", ".join(hosts) or "-")
    if question.budget is not None and not question.sizes and candidates["cost"].isna().all():
        problems.add("siting.budget_without_cost")
    years = pd.Series([phase.year for phase in question.phases], dtype=int)
    for year in years[years.duplicated()]:
        problems.add("proposals.phase_twice", value=year)
    unknown = existing.index[existing["capacity"].isna()]
    if question.sizes and len(unknown):
        problems.add("proposals.no_capacity", value=shorten(unknown))
    problems.raise_any(SitingError)


def _rules(
    area: StudyArea,
    question: Question,
    existing: gpd.GeoDataFrame,
    candidates: gpd.GeoDataFrame,
    walk: _Walk,
) -> Rules:
    """Write the question's rules in labels."""
    rules: Rules = {
        "fixed": list(existing.index),
        "candidates": list(candidates.index),
        "mandatory": question.mandatory,
        "forbidden": question.forbidden,
        "time_limit_s": question.time_limit_s,
        "seed": question.seed,
        "give_up": question.give_up,
        "closable": question.closable or None,
        "movable": question.movable,
    }
    if question.budget is not None:
        rules["budget"] = question.budget
        if candidates["cost"].notna().any():  # else there are sizes, which have costs of their own
            rules["cost"] = candidates["cost"]
    if question.apart_m is not None:
        within = question.apart_m / walk.speed_mps / 60
        between = walk.times(candidates.geometry, candidates, within=within)
        rules["conflicts"] = siting.too_close(between, within)
    if question.quotas:
        rules["quotas"] = _quotas(area, question, existing, candidates)
    if question.one_per_host:
        rules["hosts"] = candidates["name"]
    if question.prefer:
        points = {normal(host): value for host, value in question.prefer.items()}
        rules["preference"] = candidates["host"].map(lambda host: points.get(normal(host), 0.0))
    if question.sizes:
        rules["sizes"] = _sizes(question, existing, candidates)
    return rules


def _quotas(
    area: StudyArea, question: Question, existing: gpd.GeoDataFrame, candidates: gpd.GeoDataFrame
) -> list[siting.Quota]:
    """Bound the sites of each unit; where more stand already than it may hold, none is added."""
    stay = existing.index.difference([*question.closable, *question.movable])
    found = []
    for asked in question.quotas:
        of_site, known = candidates[asked.per], candidates[asked.per]
        if asked.per != "host":
            of_site = pd.concat([existing[asked.per], of_site])
            known = area.counted[asked.per]
        for name in sorted({*known.dropna(), *of_site.dropna()}):
            sites = of_site.index[of_site == name]
            most = asked.at_most
            if most is not None:
                most = max(most, len(stay.intersection(sites)))
            found.append(
                siting.Quota(name=name, sites=list(sites), at_least=asked.at_least, at_most=most)
            )
    return found


def _sizes(
    question: Question, existing: gpd.GeoDataFrame, candidates: gpd.GeoDataFrame
) -> pd.DataFrame:
    """List the sizes to choose from: any for a candidate, its own for an existing site."""
    offered = pd.DataFrame([size.model_dump() for size in question.sizes])
    new = pd.DataFrame({"site": candidates.index}).merge(offered, how="cross")
    stands = {"site": existing.index, "size": "existing", "capacity": existing["capacity"]}
    return pd.concat([new, pd.DataFrame({**stands, "cost": 0.0})], ignore_index=True)


def _solve(
    area: StudyArea,
    question: Question,
    od: pd.DataFrame,
    weights: pd.Series,
    rules: Rules,
) -> tuple[Siting, pd.Series | None, pd.DataFrame]:
    """Ask the model: the plan, the year of each site where phased, shares where fair."""
    nothing = pd.DataFrame()
    if question.phases:
        years = {phase.year: phase.new for phase in question.phases}
        each = pd.DataFrame(dict.fromkeys(sorted(years), weights))
        phased = siting.phase_cover(od, each, p=years, **rules)
        return phased.plans[max(years)], phased.opens, nothing
    if question.model == "fair_cover":
        unit = area.demand["community"]
        if question.fair_by != "community":
            unit = unit.map(area.communities[question.fair_by])
        fair = siting.fair_cover(od, weights, unit, p=question.new, spread=question.spread, **rules)
        return fair.plan, None, fair.shares.rename_axis("unit").reset_index()
    return _model(question)(od, weights, **rules), None, nothing


def _model(question: Question) -> Callable[..., Siting]:
    """Bind a model to its own parameters."""
    match question.model:
        case "set_cover":
            return partial(siting.set_cover, share=question.share)
        case "p_median":
            return partial(siting.p_median, p=question.new)
        case "p_center":
            return partial(siting.p_center, p=question.new)
        case "p_dispersion":
            return lambda od, _, **rules: siting.p_dispersion(od, p=question.new or 1, **rules)
    decay = question.decay or None
    return partial(siting.max_cover, p=question.new, times=question.times, decay=decay)


def _covered(reach: pd.DataFrame, weights: pd.Series, sites: list[Any]) -> float:
    """Measure the share of people within the limit of any of some sites."""
    total = float(weights.sum())
    reached = reach.loc[reach["facility"].isin(sites), "demand"].unique()
    return float(weights[reached].sum()) / total if total else float("nan")


def _told(
    candidates: gpd.GeoDataFrame,
    result: Siting,
    reach: pd.DataFrame,
    weights: pd.Series,
    years: pd.Series | None,
) -> gpd.GeoDataFrame:
    """Tell of each chosen site what it adds, and what happens without it."""
    added = _ranked(result, reach, weights)
    sites = candidates.loc[list(added.index), [*OF_SITE, "geometry"]].join(added)
    if years is not None:
        sites["year"] = years.reindex(sites.index)
    if len(result.sizes):
        sites["size"] = result.sizes.reindex(sites.index)
    of_chosen = reach[reach["facility"].isin([*result.fixed, *result.chosen])]
    times_reached = of_chosen.groupby("demand")["facility"].transform("size")
    alone = of_chosen[times_reached == 1]
    others = reach[reach["facility"].isin(candidates.index.difference(result.chosen))]
    lost, next_best = [], []
    for site in sites.index:
        only = alone.loc[alone["facility"] == site, "demand"]
        lost.append(float(weights[only].sum()))
        made_good = others[others["demand"].isin(only)]
        by_site = weights[made_good["demand"]].groupby(made_good["facility"].to_numpy()).sum()
        next_best.append(by_site.idxmax() if len(by_site) and by_site.max() > 0 else None)
    return sites.assign(lost=lost, next_best=next_best)


def _ranked(result: Siting, reach: pd.DataFrame, weights: pd.Series) -> pd.DataFrame:
    """Rank the chosen sites by the people that each adds within the limit; of equals as chosen."""
    worth = reach.assign(people=reach["demand"].map(weights))
    kept = worth["facility"].isin(result.fixed)
    so_far = float(worth[kept].drop_duplicates("demand")["people"].sum())
    worth = worth[~worth["demand"].isin(worth.loc[kept, "demand"])]
    table = pd.DataFrame(columns=["rank", "added", "cumulative"], dtype=float)
    while len(table) < len(result.chosen):
        left = [site for site in result.chosen if site not in table.index]
        gains = worth.groupby("facility")["people"].sum().reindex(left, fill_value=0.0)
        site, added = gains.idxmax(), float(gains.max())
        so_far += added
        table.loc[site] = [len(table) + 1, added, so_far]
        worth = worth[~worth["demand"].isin(worth.loc[worth["facility"] == site, "demand"])]
    return table.astype({"rank": int})


def _alternatives(
    question: Question,
    od: pd.DataFrame,
    weights: pd.Series,
    rules: Rules,
    candidates: gpd.GeoDataFrame,
) -> pd.DataFrame:
    """List other plans near the best, best first, each with its sites."""
    columns = ["plan", "site", "name", "objective", "share", "in_all"]
    simple = question.model in ("max_cover", "set_cover", "p_median", "p_center")
    if not question.alternatives or question.phases or not simple:
        return pd.DataFrame(columns=columns)
    found = siting.alternatives(
        _model(question),
        od,
        weights,
        k=question.alternatives + 1,
        within=question.within,
        **rules,
    )
    rows = [
        {
            "plan": number,
            "site": site,
            "name": candidates.loc[site, "name"],
            "objective": plan.objective,
            "share": plan.share,
            "in_all": site in found.shared,
        }
        for number, plan in enumerate(found.plans, start=1)
        for site in plan.chosen
    ]
    return pd.DataFrame(rows, columns=columns)


def _front(
    question: Question, reach: pd.DataFrame, weights: pd.Series, rules: Rules
) -> pd.DataFrame:
    """Trade the number or the cost of sites against people covered."""
    columns = ["cost", "covered", "share", "proven"]
    if not question.front:
        return pd.DataFrame(columns=columns)
    if question.budget is None:
        rules = {**rules, "budget": float(question.front)}
    most = question.front + 1
    return siting.cover_front(reach, weights, most=most, **rules)[columns]
