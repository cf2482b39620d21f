"""The study area, and the tables it is assembled from: every one in one metric CRS."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Self

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

from planner.district.estimates import DataEstimate, What
from planner.district.fields import Understanding
from planner.district.travel_table import TravelTable
from planner.engine.network import Network, Snapped
from planner.settings import labelled
from planner.standards import Kind

SUPPLY = ("facility", "station", "link", "rounds", "load")


@dataclass(frozen=True, kw_only=True)
class Input:
    """One input as it was understood, for the record and for checking.

    Parameters
    ----------
    role
        What it is: communities, demand, streets, facilities, candidates, links or backdrop.
    file
        The file as the scenario names it.
    sha256
        Digest of its content, or of the answer where it came from the web.
    rows, used
        Rows read, and rows used after filters and skips.
    skipped
        Rows left out for want of usable coordinates.
    asides
        Rows of a sheet that hold totals or remarks, and were not read as data.
    sheet
        The sheet read, where the file has several.
    other_sheets
        The sheets that were not read.
    understood
        Which column was taken for what; missing where there is no contract.
    crs, datum, encoding
        As declared or found; missing where it does not apply.
    """

    role: str
    file: str
    sha256: str
    rows: int
    used: int
    skipped: int = 0
    asides: tuple[int, ...] = ()
    sheet: str | None = None
    other_sheets: tuple[str, ...] = ()
    understood: Understanding | None = None
    crs: str | None = None
    datum: str | None = None
    encoding: str | None = None

    @property
    def label(self) -> str:
        """What readers call it: the file, and its sheet where the file has several."""
        return labelled(self.file, self.sheet)


@dataclass(frozen=True, kw_only=True)
class StudyArea:
    """A district, ready to be computed on.

    Parameters
    ----------
    communities
        Polygons on their id, by the contract of the table, with ``inside_share`` (of the area
        within the streets' extent) and ``inside`` (whether the community counts).
    demand
        Points where people live, on their id: ``community`` and one column for each group. Only
        points of communities that count.
    facilities
        Points on their id, with ``operating`` in the year, and ``community`` that holds them; where
        some are areas, ``entrances``: see `planner.district.entrances`.
    candidates
        Sites where one could build, on their id.
    links
        Which facility serves which community: ``facility``, ``community``, ``link``.
    supplies
        Which facility supplies which other one: ``facility``, ``station``, ``link``, and, where
        known, ``rounds`` and ``load`` (what one round carries), which links may have, too.
    network
        The streets, compiled.
    streets
        The streets as lines, for drawing: ``name``, ``highway`` where known.
    extent
        The streets' extent: their convex hull and a small margin.
    backdrop
        Sea, water, hills and the like, for drawing: ``kind`` and ``name``.
    groups
        The columns that count people, ``population`` first.
    kinds
        The kinds of facility known, by id.
    spread
        Whether the demand points were spread over the communities for want of better.
    skipped
        Rows left out because a source says so: ``file``, ``row``, ``name``, ``reason``,
        ``distance_m`` to the nearest street.
    inputs
        What was read.
    roads
        The streets that vehicles may use, compiled; missing where nothing is delivered.
    density
        How thin the streets of each community that counts are against its people: see
        `planner.district.street_density`.
    faults
        Where the streets do not make a network: ``fault`` (``crossing``, ``near_end``, ``double``,
        ``scrap``), ``mended`` (whether it was joined or passed over), ``length_m`` of a scrap, and
        a point.
    cost_unit
        The unit of the candidates' costs, as the scenario or a heading tells it.
    estimates
        What the data lack and is estimated: see `planner.district.estimates`.
    travel
        Travel times of the user's own, in place of walks along the streets; None where the streets
        are walked.
    notes
        Remarks for the reader: keys of the catalogue of texts with their values.
    """

    communities: gpd.GeoDataFrame
    demand: gpd.GeoDataFrame
    facilities: gpd.GeoDataFrame
    candidates: gpd.GeoDataFrame
    links: pd.DataFrame
    network: Network
    streets: gpd.GeoDataFrame
    extent: shapely.Polygon
    backdrop: gpd.GeoDataFrame | None
    groups: tuple[str, ...]
    kinds: dict[str, Kind]
    spread: bool
    skipped: pd.DataFrame
    inputs: tuple[Input, ...]
    notes: tuple[tuple[str, dict[str, object]], ...] = ()
    roads: Network | None = None
    density: pd.DataFrame = field(default_factory=pd.DataFrame)
    faults: gpd.GeoDataFrame = field(default_factory=gpd.GeoDataFrame)
    supplies: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(SUPPLY)))
    cost_unit: str | None = None
    estimates: tuple[DataEstimate, ...] = ()
    travel: TravelTable | None = None
    _homes: dict[float, Snapped] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @cached_property
    def operating(self) -> gpd.GeoDataFrame:
        """The facilities that operate in the year."""
        return self.facilities[self.facilities["operating"]]

    def homes(self, max_snap_m: float) -> Snapped:
        """Return the demand points on the streets, snapped once for each limit.

        Parameters
        ----------
        max_snap_m
            How far the nearest street may be from a point, metres.

        Returns
        -------
        Where each demand point meets the streets.
        """
        if max_snap_m not in self._homes:
            snapped = self.network.snap(self.demand.geometry, max_snap_m=max_snap_m)
            self._homes[max_snap_m] = snapped
        return self._homes[max_snap_m]

    def with_tables(self, **tables: Any) -> Self:
        """Return the same area with other tables.

        Demand points that stay where they are keep their places on the streets.

        Parameters
        ----------
        **tables
            The fields to exchange, by name.

        Returns
        -------
        A new area; this one stays as it is.
        """
        other = replace(self, **tables)
        if other.network is self.network and _at_one_place(other.demand, self.demand):
            other._homes.update(self._homes)  # noqa: SLF001  of the same class
        return other

    def is_estimated(self, what: What) -> bool:
        """Return whether something of the district is estimated.

        Parameters
        ----------
        what
            What: see `planner.district.estimates`.
        """
        return any(one.what == what for one in self.estimates)

    @cached_property
    def counted(self) -> gpd.GeoDataFrame:
        """The communities that count: those not mostly beyond the streets' extent."""
        return self.communities[self.communities["inside"]]


def _at_one_place(one: gpd.GeoDataFrame, two: gpd.GeoDataFrame) -> bool:
    """Return whether demand points have stayed where they were."""
    if one is two:
        return True
    places = (frame.geometry.to_numpy() for frame in (one, two))
    return one.index.equals(two.index) and bool(shapely.equals_identical(*places).all())


@dataclass(frozen=True, kw_only=True)
class StraightWays:
    """Ways that are a multiple of the straight line, for want of streets.

    Parameters
    ----------
    extent
        The area in which people walk.
    detour
        The multiple.
    """

    extent: shapely.Polygon
    detour: float


@dataclass(frozen=True, kw_only=True)
class AgeStructure:
    """How old the people of streets, zones or of the district are.

    Parameters
    ----------
    file
        What messages call the list.
    units
        On the row of the list: ``level`` (``street``, ``zone`` or ``district``) and ``name``.
    shares
        On the same rows, a column for each group: its share of the people, from 0 to 1; missing
        where the list has none.
    counts
        Likewise how many people of the group there are; missing where the list has shares alone.
    """

    file: str
    units: pd.DataFrame
    shares: pd.DataFrame
    counts: pd.DataFrame


@dataclass(frozen=True, kw_only=True)
class PopulationGrid:
    """The part of a raster of population that lies around the district.

    Parameters
    ----------
    file
        What messages call it.
    people
        People of each cell, rows from north to south; NaN where nothing is known.
    bounds
        West, south, east and north of the cells.
    crs
        The CRS of the bounds.
    """

    file: str
    people: NDArray[np.float64]
    bounds: tuple[float, float, float, float]
    crs: pyproj.CRS


@dataclass(frozen=True, kw_only=True)
class Tables:
    """Tables by their contracts, in one metric CRS, on the row of their file.

    ``facilities`` and ``candidates`` carry ``file`` and ``outside`` (what to do with a point
    off the streets: ``error`` or ``skip``) beside the columns of the contract. ``roads`` are the
    streets that vehicles may use, where that is asked; ``ridden`` those of the residents' own
    vehicle, where they come by one; ``left_out`` the rows left out on reading:
    ``file``, ``row``, ``name``, ``reason``; ``notes`` remarks on reading. ``communities`` are
    polygons, or points within the ``outline`` of the district or of their streets (polygons with
    ``name``). ``straight`` says that there are no streets: ``network`` is a lattice then. ``ages``
    is laid over those who only have residents. ``buildings`` are where the people of communities
    live, ``grid`` how they are distributed, in ``cells`` cut at their borders, instead of homes
    with people of their own (``demand``). ``travel`` are travel times of the user's own:
    ``demand``, ``facility``, ``minutes``, with the ``file``. ``slopes`` is what is told
    where slopes count.
    """

    communities: gpd.GeoDataFrame | None
    demand: gpd.GeoDataFrame | None
    facilities: gpd.GeoDataFrame
    candidates: gpd.GeoDataFrame
    links: pd.DataFrame
    network: Network
    streets: gpd.GeoDataFrame
    backdrop: gpd.GeoDataFrame | None
    inputs: tuple[Input, ...]
    roads: Network | None = None
    ridden: Network | None = None
    faults: gpd.GeoDataFrame = field(default_factory=gpd.GeoDataFrame)
    left_out: pd.DataFrame | None = None
    outline: gpd.GeoDataFrame | None = None
    straight: StraightWays | None = None
    ages: AgeStructure | None = None
    buildings: gpd.GeoDataFrame | None = None
    grid: PopulationGrid | None = None
    cells: gpd.GeoDataFrame | None = None
    travel: pd.DataFrame | None = None
    slopes: tuple[DataEstimate, ...] = ()
    notes: tuple[tuple[str, dict[str, object]], ...] = ()
