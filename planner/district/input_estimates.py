"""What of a study area's inputs is estimated: streets, the way people come, places of sites."""

from __future__ import annotations

import geopandas as gpd

from planner.district.area import Tables
from planner.district.estimates import DataEstimate
from planner.language import LANGS, Lang, text
from planner.settings import Settings
from planner.standards import TravelMode


def of_streets(tables: Tables) -> tuple[DataEstimate, ...]:
    """Return the estimate that stands for streets, where there are none.

    Parameters
    ----------
    tables
        The tables, each by its contract.
    """
    if tables.straight is None:
        return ()
    values = {"detour": f"{tables.straight.detour:g}"}
    return (DataEstimate(what="streets", how="straight", named=values),)


def of_mode(settings: Settings) -> tuple[DataEstimate, ...]:
    """Return what stands beside every headline where residents do not come on foot.

    Parameters
    ----------
    settings
        What the run is asked to do.
    """
    means = settings.means
    if means.users == "walkers":
        return ()
    speed = settings.walk.speed
    values = {
        "mode": {lang: means.name(lang) for lang in LANGS},
        "way": {lang: text(f"modes.{means.id}", lang) for lang in LANGS},
        "speed": {lang: speed.name(lang) for lang in LANGS},
        "mps": f"{speed.speed_mps:g}",
        "kmh": f"{means.other_kmh or 0:g}",
        "source": {lang: _rests_on(means, lang, settings) for lang in LANGS},
    }
    how = means.users if means.users != "vehicles" else "drivers"
    return (DataEstimate(what="means", how=how, named=values),)


def of_places(
    facilities: gpd.GeoDataFrame, candidates: gpd.GeoDataFrame
) -> tuple[DataEstimate, ...]:
    """Return the estimate of where facilities and candidates stand that have no coordinates.

    Parameters
    ----------
    facilities, candidates
        Places with ``approximate``: whether one was placed by its community.
    """
    tables = {"facilities": facilities, "candidates": candidates}
    counts = {name: int(frame["approximate"].sum()) for name, frame in tables.items()}
    return tuple(
        DataEstimate(what="places", how=name, named={"n": n, "of": len(tables[name])})
        for name, n in counts.items()
        if n
    )


def _rests_on(means: TravelMode, lang: Lang, settings: Settings) -> str:
    """Return what a mode rests on: with its steepest slope where slopes count."""
    if settings.streets.heights is None or means.steepest is None:
        return means.rests_on(lang)
    steepest = means.steepest
    told = text(
        "heights.steepest",
        lang,
        rise=f"{steepest.rise:g}",
        run=f"{steepest.run:g}",
        source=steepest.rests_on(lang),
    )
    return f"{means.rests_on(lang)}{'；' if lang == 'zh' else '; '}{told}"
