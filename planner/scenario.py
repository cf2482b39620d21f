"""The one orchestrator: from a study area and settings to a plan.

Pure: tables in, plan out. It reads like the method: walk to the nearest facility of each kind,
measure coverage, list the gaps, choose sites for what is asked, and measure again.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from planner import coverage as cover
from planner import places, siting
from planner.area import StudyArea
from planner.coverage import Coverage
from planner.errors import Problems, SitingError
from planner.settings import Settings
from planner.settings import Siting as Question
from planner.siting import Siting
from planner.tables import normal


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
        ``community``, ``added`` and ``cumulative`` people, and the place.
    rings
        Circles on foot around the chosen sites, dissolved: ``minutes`` and the shape.
    proposed
        Whether the candidates were proposed from the streets.
    candidates
        How many sites were there to choose from.
    before, after
        Share of the group covered by the existing sites, and with the chosen ones.
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


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The answer of a run.

    Parameters
    ----------
    settings
        What was asked, overrides resolved.
    area
        The study area it was computed on.
    kinds
        The kinds reported on, in order.
    coverage
        Coverage by what operates in the year.
    gaps
        Who lacks what, worst first.
    siting
        One answer for each siting question.
    after
        Coverage once the sites of the first answer of each kind stand.
    rings
        Circles on foot around the facilities of each kind: ``kind``, ``minutes``, the shape.
    """

    settings: Settings
    area: StudyArea
    kinds: tuple[str, ...]
    coverage: Coverage
    gaps: pd.DataFrame
    siting: tuple[SitingAnswer, ...]
    after: Coverage
    rings: gpd.GeoDataFrame

    def summary(self) -> pd.DataFrame:
        """Sum the plan up in one row for each kind.

        Returns
        -------
        On the kind: ``facilities`` and ``capacity`` in operation, the share of ``population``
        and of each demand group within the cutoff, ``communities`` counted, how many of them
        ``has``, ``reached`` and ``linked``, ``new_sites``, and ``after``: the share of the group
        that counts once the new sites stand.
        """
        chosen = self.settings.coverage
        operating = self.area.facilities[self.area.facilities["operating"]]
        rows: list[dict[str, object]] = []
        for kind in self.kinds:
            own = operating[operating["kind"] == kind]
            shares = {
                group: self.coverage.share(kind, minutes=chosen.cutoff_min, group=group)
                for group in self.area.groups
            }
            table = self.coverage.unit_shares
            units = table[(table["kind"] == kind) & (table["level"] == "district")].iloc[0]
            answer = next((found for found in self.siting if found.question.kind == kind), None)
            rows.append(
                {
                    "kind": kind,
                    "facilities": len(own),
                    "capacity": own["capacity"].sum(min_count=1),
                    **shares,
                    **units[["communities", "has", "reached", "linked"]].to_dict(),
                    "new_sites": len(answer.sites) if answer else 0,
                    "after": self.after.share(kind, minutes=chosen.cutoff_min, group=chosen.group),
                }
            )
        return pd.DataFrame(rows).set_index("kind")


def run(area: StudyArea, settings: Settings) -> Plan:
    """Compute a plan.

    Parameters
    ----------
    area
        The study area.
    settings
        What is asked.

    Raises
    ------
    SitingError
        If a siting question has no sound form.
    """
    operating = area.facilities[area.facilities["operating"]]
    kinds = tuple(
        settings.coverage.kinds or [k for k in area.kinds if k in set(area.facilities["kind"])]
    )
    nearest = _nearest(area, operating, kinds, settings)
    before = _measure(area, nearest, operating, kinds, settings)
    answers = tuple(_site(area, operating, question, settings) for question in settings.siting)
    adopted = {answer.question.kind: answer.sites for answer in reversed(answers)}
    new = [
        sites.assign(kind=kind).set_axis(f"{kind}/" + sites.index.astype(str))
        for kind, sites in adopted.items()  # one site may be chosen for several kinds
    ]
    later = gpd.GeoDataFrame(pd.concat([operating, *new])) if new else operating
    after = before
    if new:
        again = _nearest(area, later, tuple(adopted), settings)
        same = nearest[~nearest["kind"].isin(adopted)]
        after = _measure(area, pd.concat([same, again]), later, kinds, settings)
    gaps = cover.gaps(before, area.counted, settings.coverage.cutoff_min)
    gaps = gaps[gaps["kind"].isin(settings.coverage.gap_kinds or kinds)].reset_index(drop=True)
    return Plan(
        settings=settings,
        area=area,
        kinds=kinds,
        coverage=before,
        gaps=gaps.assign(rank=gaps.index + 1),
        siting=answers,
        after=after,
        rings=_rings(area, operating, kinds, settings),
    )


def _nearest(
    area: StudyArea, facilities: gpd.GeoDataFrame, kinds: tuple[str, ...], settings: Settings
) -> pd.DataFrame:
    """Walk from every demand point to the nearest facility of each kind."""
    walk = settings.walk
    home = area.network.snap(area.demand.geometry, max_snap_m=walk.max_snap_m)
    parts = []
    for kind in kinds:
        own = facilities[facilities["kind"] == kind]
        if own.empty:
            continue
        found = area.network.nearest(
            home,
            own.geometry,
            cutoff_min=max(settings.coverage.search_min, settings.coverage.cutoff_min),
            speed_mps=walk.speed.speed_mps,
            max_snap_m=walk.max_snap_m,
        )
        reached = found.dropna(subset=["minutes"]).rename_axis("demand").reset_index()
        parts.append(reached.assign(kind=kind))
    columns = ["demand", "kind", "facility", "minutes"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def _measure(
    area: StudyArea,
    nearest: pd.DataFrame,
    facilities: gpd.GeoDataFrame,
    kinds: tuple[str, ...],
    settings: Settings,
) -> Coverage:
    """Measure coverage, with the links of the facilities that operate."""
    chosen = settings.coverage
    links = area.links[area.links["facility"].isin(facilities.index)]
    kind_of_link = links["facility"].map(facilities["kind"])
    known = area.links["facility"].map(area.facilities["kind"])
    return cover.measure(
        nearest,
        demand=area.demand,
        communities=area.counted,
        groups=area.groups,
        kinds=kinds,
        minutes=chosen.minutes,
        cutoff_min=chosen.cutoff_min,
        covered_share=chosen.covered_share,
        group=chosen.group,
        has={
            kind: set(facilities.loc[facilities["kind"] == kind, "community"].dropna())
            for kind in kinds
        },
        linked={kind: set(links.loc[kind_of_link == kind, "community"]) for kind in set(known)},
    )


def _site(
    area: StudyArea, operating: gpd.GeoDataFrame, question: Question, settings: Settings
) -> SitingAnswer:
    """Choose new sites of a kind among the candidates, the existing ones kept."""
    walk = settings.walk
    minutes = question.minutes or settings.coverage.cutoff_min
    group = question.group or settings.coverage.group
    candidates, proposed = _candidates(area, question)
    existing = operating[operating["kind"] == question.kind]
    both = pd.concat([existing.geometry, candidates.geometry])
    od = area.network.travel_times(
        area.demand.geometry,
        gpd.GeoSeries(both, crs=area.demand.crs),
        cutoff_min=minutes,
        speed_mps=walk.speed.speed_mps,
        max_snap_m=walk.max_snap_m,
    )
    weights = area.demand[group]
    if question.model == "max_cover":
        result = siting.max_cover(
            od,
            weights,
            p=question.new,
            fixed=list(existing.index),
            candidates=list(candidates.index),
            time_limit_s=question.time_limit_s,
        )
    else:
        result = siting.set_cover(
            od,
            weights,
            fixed=list(existing.index),
            candidates=list(candidates.index),
            time_limit_s=question.time_limit_s,
        )
    added = result.added.set_index("site")
    sites = candidates.loc[list(result.chosen)].join(added[["rank", "added", "cumulative"]])
    by_existing = od.loc[od["facility"].isin(existing.index), "demand"].unique()
    total = float(weights.sum())
    return SitingAnswer(
        question=question,
        minutes=minutes,
        group=group,
        result=result,
        sites=sites,
        rings=area.network.reach(
            sites.geometry,
            minutes=(minutes,),
            speed_mps=walk.speed.speed_mps,
            max_snap_m=walk.max_snap_m,
            dissolve=True,
        ),
        proposed=proposed,
        candidates=len(candidates),
        before=float(weights[by_existing].sum()) / total,
        after=result.share,
    )


def _candidates(area: StudyArea, question: Question) -> tuple[gpd.GeoDataFrame, bool]:
    """Take the candidates given for a kind, or propose some from the streets."""
    given = area.candidates
    if question.candidates != "streets" and len(given):
        suits = given["kinds"].map(
            lambda cell: not cell or normal(question.kind) in map(normal, str(cell).split(";"))
        )
        for column, wanted in question.where.items():
            values = wanted if isinstance(wanted, list) else [wanted]
            suits &= given[column].map(normal).isin({normal(value) for value in values})
        return given[suits], False
    if question.candidates == "given":
        problems = Problems()
        problems.add("scenario.no_candidates", value=question.kind)
        problems.raise_any(SitingError)
    counted = area.counted
    edges = area.network.edges
    degree = pd.concat([edges["u"], edges["v"]]).value_counts()
    junctions = area.network.nodes.geometry.loc[degree.index[degree >= 3].sort_values()]
    within = junctions[junctions.intersects(counted.union_all())]
    sites = places.sites_from_streets(within, question.spacing_m)
    inside = gpd.sjoin(sites, counted[["geometry"]].rename_axis("community").reset_index())
    community = inside["community"][~inside.index.duplicated()]
    sites = sites.assign(community=community, host=None, cost=None, floor_area_m2=None)
    return sites.set_index(pd.Index(sites["id"])).rename_axis(None), True


def _rings(
    area: StudyArea, facilities: gpd.GeoDataFrame, kinds: tuple[str, ...], settings: Settings
) -> gpd.GeoDataFrame:
    """Draw the circles on foot around the facilities of each kind."""
    parts = []
    for kind in kinds:
        own = facilities[facilities["kind"] == kind]
        if own.empty:
            continue
        rings = area.network.reach(
            own.geometry,
            minutes=tuple(settings.coverage.minutes),
            speed_mps=settings.walk.speed.speed_mps,
            max_snap_m=settings.walk.max_snap_m,
            dissolve=True,
        )
        parts.append(rings.assign(kind=kind))
    if not parts:
        return gpd.GeoDataFrame({"kind": [], "minutes": []}, geometry=[], crs=area.demand.crs)
    return gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=area.demand.crs)
