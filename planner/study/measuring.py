"""Walks to facilities and the coverage that they come to, now and in other years."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from planner.district import assessment
from planner.district.area import StudyArea
from planner.district.at_year import bring_to_year
from planner.district.changes import over_years
from planner.district.walk import Walk
from planner.engine import coverage as cover
from planner.engine.coverage import Coverage
from planner.settings import Settings
from planner.standards import Profile
from planner.study.plan import district_figures


def of_exact_places(
    walk: Walk, nearest: pd.DataFrame, kinds: tuple[str, ...], settings: Settings
) -> Coverage | None:
    """Measure coverage by facilities with coordinates of their own, where some have none.

    Parameters
    ----------
    walk, kinds, settings
        As for `walk_to_nearest`.
    nearest
        The nearest facility of each kind, by all facilities.

    Returns
    -------
    The coverage; None where every facility has coordinates of its own.
    """
    own = walk.area.operating
    if not own["approximate"].any():
        return None
    exact = own[~own["approximate"]]
    concerned = tuple(kind for kind in kinds if kind in set(own.loc[own["approximate"], "kind"]))
    again = walk_to_nearest(walk, exact, concerned, settings)
    same = nearest[~nearest["kind"].isin(concerned)]
    return measure_coverage(
        walk.area, pd.concat([same, again]), exact, kinds, settings, whole=False
    )


def figures_over_years(area: StudyArea, kinds: tuple[str, ...], settings: Settings) -> pd.DataFrame:
    """Ask the same figures of every year wanted.

    Parameters
    ----------
    area
        The study area, as read.
    kinds, settings
        As for `walk_to_nearest`.

    Returns
    -------
    A row for each year and kind with the district's figures; empty where no years are asked for.
    """

    def _figures(year: int) -> pd.DataFrame:
        then = bring_to_year(area, settings, year)
        nearest = walk_to_nearest(Walk(then, settings), then.operating, kinds, settings)
        measured = measure_coverage(then, nearest, then.operating, kinds, settings, whole=False)
        return district_figures(then, kinds, measured, settings).reset_index()

    return over_years(settings.years, _figures) if settings.years else pd.DataFrame()


def year_before(as_read: StudyArea, area: StudyArea, settings: Settings) -> gpd.GeoDataFrame | None:
    """Return the facilities that operated a year before, with the capacity of then.

    Parameters
    ----------
    as_read
        The study area, as read.
    area
        The same in the year of the run.
    settings
        The settings of the run.

    Returns
    -------
    The facilities; None where the run has no year.

    Notes
    -----
    They stand in the communities of now, so that a new border opens or closes nothing.
    """
    if settings.year is None:
        return None
    then = bring_to_year(as_read, settings, settings.year - 1).operating
    home = area.facilities["community"].reindex(then.index)
    return then.assign(community=home.where(home.notna(), then["community"]))


def walk_to_nearest(
    walk: Walk, facilities: gpd.GeoDataFrame, kinds: tuple[str, ...], settings: Settings
) -> pd.DataFrame:
    """Walk from every demand point to the nearest facility of each kind.

    Parameters
    ----------
    walk
        Walks on the streets of the area.
    facilities
        The facilities walked to; ``kind`` and ``tier`` are read.
    kinds
        The kinds that are looked at.
    settings
        The settings of the run.

    Returns
    -------
    A row for each demand point and kind that is reached: demand, kind, facility, minutes.
    """
    within = max(settings.coverage.search_min, settings.coverage.cutoff_min)
    columns = ["demand", "kind", "facility", "minutes"]
    found = {}
    for kind in kinds:
        own = facilities[facilities["kind"] == kind]
        if len(own):
            found[kind] = walk.nearest(own, within)
    if not found:
        return pd.DataFrame(columns=columns)
    table = pd.concat(found, names=["kind", "demand"]).reset_index()
    return table.loc[table["minutes"].notna(), columns].reset_index(drop=True)


def walk_to_asked(
    walk: Walk,
    facilities: gpd.GeoDataFrame,
    nearest: pd.DataFrame,
    profile: Profile,
    settings: Settings,
) -> pd.DataFrame:
    """Walk to the kinds and tiers that targets ask for and nobody has walked to yet.

    Parameters
    ----------
    walk, facilities, settings
        As for `walk_to_nearest`.
    nearest
        The nearest facility of each kind, as `walk_to_nearest` returns it.
    profile
        The targets.

    Returns
    -------
    As `walk_to_nearest`, with ``tier`` where a target asks for one.
    """
    kinds = walk.area.kinds
    parts = []
    for kind, tier in profile.walks():
        if tier is None and (nearest["kind"] == kind).any():
            continue
        own = facilities[facilities["kind"] == kind]
        if tier is not None:
            own = own[[assessment.tier_of(t, kinds.get(kind)) == tier for t in own["tier"]]]
        parts.append(walk_to_nearest(walk, own, (kind,), settings).assign(tier=tier))
    return pd.concat(parts, ignore_index=True) if parts else nearest.head(0)


def measure_coverage(
    area: StudyArea,
    nearest: pd.DataFrame,
    facilities: gpd.GeoDataFrame,
    kinds: tuple[str, ...],
    settings: Settings,
    *,
    whole: bool = True,
) -> Coverage:
    """Measure coverage, with the links of the facilities that operate.

    Parameters
    ----------
    area
        The study area in the year of the run.
    nearest
        The nearest facility of each kind, as `walk_to_nearest` returns it.
    facilities
        The facilities that operate.
    kinds, settings
        As for `walk_to_nearest`.
    whole
        Whether every limit and level is measured, or the cutoff for the district alone, as years
        are shown.

    Returns
    -------
    The coverage.
    """
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
        minutes=chosen.minutes if whole else (),
        cutoff_min=chosen.cutoff_min,
        covered_share=chosen.covered_share,
        group=chosen.group,
        has={
            kind: set(facilities.loc[facilities["kind"] == kind, "community"].dropna())
            for kind in kinds
        },
        linked={
            kind: set(links.loc[kind_of_link == kind, "community"]) for kind in set(known.dropna())
        },
        levels=cover.LEVELS if whole else ("district", "community"),
    )


def walked_rings(walk: Walk, kinds: tuple[str, ...], settings: Settings) -> gpd.GeoDataFrame:
    """Draw the circles on foot around the facilities of each kind.

    Parameters
    ----------
    walk, kinds, settings
        As for `walk_to_nearest`.

    Returns
    -------
    An area for each facility and limit: ``kind``, ``minutes`` and polygons; without rows where none
    operates.
    """
    operating = walk.area.operating
    parts = []
    for kind in kinds:
        own = operating[operating["kind"] == kind]
        if len(own):
            parts.append(walk.rings(own, *settings.coverage.minutes).assign(kind=kind))
    if not parts:
        return gpd.GeoDataFrame({"kind": [], "minutes": []}, geometry=[], crs=walk.crs)
    return gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=walk.crs)
