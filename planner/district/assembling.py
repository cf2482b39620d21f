"""Assemble a study area: tables checked against each other and the streets, and joined."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, TypeVar

import geopandas as gpd
import pandas as pd
import shapely

from planner.district import input_estimates, remarks, site_tables
from planner.district.age_structure import with_ages
from planner.district.area import StudyArea, Tables
from planner.district.boundaries import with_boundaries
from planner.district.checks import (
    check_homes,
    check_people,
    check_words,
)
from planner.district.demand_points import (
    check_grid,
    demand_points,
    inside_share,
    with_people,
)
from planner.district.estimates import DataEstimate
from planner.district.levels import check_levels, check_units
from planner.district.once import Once
from planner.district.placing import (
    Findings,
    cut_off,
    listed,
    own_community,
    remark_on_scraps,
    with_scraps,
    without,
)
from planner.district.population_grid import with_cells
from planner.district.serving_hours import serving
from planner.district.street_density import street_density, thin_notes
from planner.district.tables import in_operation
from planner.district.travel_labels import bind
from planner.engine import grids
from planner.errors import InputError, Problems
from planner.settings import Settings, labelled
from planner.standards import Kind

Made = TypeVar("Made")
EXTENT_MARGIN_M = 50.0
_SOME = 100_000


def assemble(
    tables: Tables,
    settings: Settings,
    kinds: dict[str, Kind],
    problems: Problems,
    once: Once | None = None,
) -> StudyArea:
    """Check the tables against each other and the streets, and join them to a study area.

    Problems are added to ``problems``; if any were, the study area is not to be used.

    Parameters
    ----------
    tables
        The tables, each by its contract.
    settings
        What the run is asked to do.
    kinds
        The kinds of facility known, by id.
    problems
        Collects what is wrong.
    once
        Does each part once, where scenarios are read in turn; None does all.

    Returns
    -------
    The study area: every table in one metric CRS, labelled, located in communities and on the
    streets.

    Raises
    ------
    InputError
        If a grid of hexagons or of spread people would have more places than can be computed on, or
        nobody tells how many live in hexagons.
    """
    found = Findings(problems=problems, notes=_remarks_on_reading(tables))
    whole = _whole(settings, problems)
    extent = _extent(tables, found)
    if tables.communities is None and tables.demand is None and tables.grid is None:
        problems.add("area.hexagons_without_people", file="communities.hexagons_m")
        problems.raise_any(InputError)
    again = _Again(settings, found, once or Once(holds=False))
    drawn = again.part("drawn", _ground_of(tables), lambda: _drawn(tables, settings, extent, found))
    communities, estimates = drawn.communities, drawn.estimates
    tables = replace(tables, communities=drawn.bounded, cells=drawn.cells)
    if tables.left_out is not None:
        found.skipped.append(tables.left_out)
    sites = site_tables.labelled_sites(tables)
    site_tables.check_sites(tables, sites, communities, found, whole)
    known = "communities" in whole and tables.communities is not None
    if known:
        found.notes.extend(
            again.part("overlaps", (communities,), lambda: remarks.of_communities(communities))
        )
    facilities, candidates = site_tables.placed_sites(tables, sites, settings, found)
    links, supplies = site_tables.linked(tables, settings, found)
    if known:
        check_homes(tables.demand, communities, settings, problems)
    communities, demand, groups, of_people = again.part(
        "lived in",
        (communities, *_ground_of(tables)),
        lambda: _people(tables, communities, settings, extent, found),
    )
    if "demand" in whole and tables.demand is not None:
        check_units(facilities, demand, communities, "hamlet", problems)
    facilities, at_hours = serving(facilities, settings, problems)
    facilities = facilities.assign(
        community=own_community(facilities, communities),
        operating=in_operation(facilities, settings.year),
    )
    travel, timed = bind(tables, demand, (facilities, candidates), found)
    area = StudyArea(
        communities=communities,
        demand=demand,
        facilities=facilities,
        candidates=candidates.assign(community=own_community(candidates, communities)),
        links=links,
        supplies=supplies,
        network=tables.network if tables.ridden is None else tables.ridden,
        streets=tables.streets,
        extent=extent,
        backdrop=tables.backdrop,
        groups=groups,
        kinds=kinds,
        spread=tables.demand is None,
        skipped=listed(found.skipped),
        inputs=tables.inputs,
        roads=tables.roads,
        faults=with_scraps(tables.faults, tables.network),
        cost_unit=site_tables.unit_of_costs(tables, settings, problems),
        travel=travel,
        estimates=(
            *timed,
            *input_estimates.of_mode(settings),
            *tables.slopes,
            *at_hours,
            *input_estimates.of_streets(tables),
            *estimates,
            *of_people,
            *input_estimates.of_places(facilities, candidates),
        ),
    )
    return _checked(area, tables, settings, again)


@dataclass(frozen=True)
class _Again:
    """Does a part of the area, or finds it again with all that came to light of it."""

    settings: Settings
    found: Findings
    once: Once

    def part(self, name: str, rests_on: Sequence[object], make: Callable[[], Made]) -> Made:
        """Return a part.

        Parameters
        ----------
        name
            Its name.
        rests_on
            What decides it, beside all that the settings say but for sites.
        make
            Does it.
        """
        logs = (self.found.problems.found, self.found.notes, self.found.skipped)
        return self.once.do(name, (self.settings, *rests_on), logs, make)


def _ground_of(tables: Tables) -> tuple[object, ...]:
    """Return the tables that neither facilities nor candidates have a part in."""
    return (
        tables.communities,
        tables.demand,
        tables.buildings,
        tables.grid,
        tables.cells,
        tables.outline,
        tables.ages,
        tables.network,
        tables.streets,
        tables.straight,
    )


class _Drawn(NamedTuple):
    """Communities with an area each, as read and on their id; a raster's cells; estimates."""

    bounded: gpd.GeoDataFrame | None
    communities: gpd.GeoDataFrame
    cells: gpd.GeoDataFrame | None
    estimates: tuple[DataEstimate, ...]


def _drawn(tables: Tables, settings: Settings, extent: shapely.Polygon, found: Findings) -> _Drawn:
    """Draw the communities, and cut the cells of a raster at their borders."""
    bounded, estimates = with_boundaries(tables, settings, extent, found.problems)
    tables = replace(tables, communities=bounded)
    communities = _communities(tables, settings, extent, found.problems)
    tables, communities = with_cells(tables, communities, found)
    if bounded is not None:
        check_levels(bounded, settings, found.problems)
    return _Drawn(bounded, communities, tables.cells, estimates)


def _people(
    tables: Tables,
    communities: gpd.GeoDataFrame,
    settings: Settings,
    extent: shapely.Polygon,
    found: Findings,
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, tuple[str, ...], tuple[DataEstimate, ...]]:
    """Return communities with people, demand points, groups, and what of them is estimated."""
    demand, groups, of_people = demand_points(tables, communities, settings, extent, found)
    communities, demand, groups, ages = with_ages(
        tables, communities, demand, groups, settings=settings, findings=found
    )
    if demand.empty and tables.demand is not None:
        file = None if settings.demand is None else settings.demand.label
        found.problems.add("area.no_home_inside", file=file, value=len(tables.demand))
    communities = with_people(communities, tables.demand, demand, groups)
    return communities, demand, groups, (*of_people, *ages)


def _extent(tables: Tables, found: Findings) -> shapely.Polygon:
    """Return the streets' extent; remark on streets far from all others."""
    if tables.straight is not None:
        return tables.straight.extent
    streets, far = remarks.of_streets(tables.streets)
    found.notes.extend(far)
    shapes = streets.geometry.to_numpy()
    # Hull after hull: millions of points would take gigabytes.
    hulls = [
        shapely.LineString(shapely.get_coordinates(shapes[at : at + _SOME])).convex_hull
        for at in range(0, len(shapes), _SOME)
    ]
    return shapely.GeometryCollection(hulls).convex_hull.buffer(EXTENT_MARGIN_M)


def _remarks_on_reading(tables: Tables) -> list[tuple[str, dict[str, object]]]:
    asides: list[tuple[str, dict[str, object]]] = [
        ("area.asides", {"file": entry.label, "rows": ", ".join(map(str, entry.asides))})
        for entry in tables.inputs
        if entry.asides
    ]
    return [*asides, *tables.notes]


def _whole(settings: Settings, problems: Problems) -> set[str]:
    """Return which tables lack no row for a fault in it: others may be checked to name its rows."""
    own = settings.communities
    files = {
        "communities": [labelled(str(one.file), one.layer) for one in (own, own.figures) if one],
        "demand": [settings.demand.label] if settings.demand else [],
        "facilities": [source.label for source in settings.facilities],
    }
    faulty = {problem.file for problem in problems.found}
    return {table for table, labels in files.items() if not faulty & {None, *labels}}


def _checked(area: StudyArea, tables: Tables, settings: Settings, again: _Again) -> StudyArea:
    """Check facilities and words against people, and measure the streets' density."""
    found = again.found
    homes, facilities = area.homes(settings.walk.max_snap_m), area.facilities
    found.notes.extend(remark_on_scraps(area, homes))
    if len(area.demand):  # else nobody reaches anything, and that has been told
        steep = settings.streets.heights is not None and settings.means.steepest is not None
        closes, apart = settings.streets.closes or steep, cut_off(area, homes)
        facilities = facilities.assign(outside="skip") if closes else facilities
        facilities = without(facilities, apart, "closed_off" if closes else "on_island", found)
    check_words(
        settings,
        area.kinds,
        area.groups,
        facilities=tables.facilities,
        candidates=tables.candidates,
        problems=found.problems,
    )
    check_people(area.demand, settings, area.groups, found.problems)
    density = pd.DataFrame()
    if tables.straight is None:
        density = again.part(
            "density",
            (area.communities, area.demand, area.network, area.spread),
            lambda: street_density(
                area.counted, area.demand, area.network, homes, spread=area.spread
            ),
        )
        found.notes.extend(thin_notes(density, area.counted))
    return area.with_tables(
        facilities=facilities,
        skipped=listed(found.skipped),
        notes=tuple(found.notes),
        density=density,
    )


def _communities(
    tables: Tables, settings: Settings, extent: shapely.Polygon, problems: Problems
) -> gpd.GeoDataFrame:
    """Return the communities as given, or hexagons; with ``inside_share`` and ``inside``."""
    frame = tables.communities
    if frame is None:
        width = settings.communities.hexagons_m
        assert width is not None  # noqa: S101  settings hold a file or hexagons
        check_grid("communities.hexagons_m", gpd.GeoSeries([extent]), width, problems)
        frame = grids.hexagons(extent, width, tables.streets.crs)
        frame = frame.reindex(columns=[*frame.columns, "street", "settlement", "zone"])
    frame = frame.set_index(frame["id"].to_numpy(), drop=False)
    frame = frame.assign(inside_share=inside_share(frame, tables.demand, extent))
    frame["inside"] = frame["inside_share"] >= settings.coverage.inside_share - 1e-12
    if not frame["inside"].any():
        problems.add("area.no_community_inside", file=settings.communities.file)
    return frame
