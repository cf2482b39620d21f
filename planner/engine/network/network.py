# ruff: noqa: PLR0917 (the same few arguments stand in the same order in every question)
"""The public class `Network`: travel times, areas within reach and routes on streets."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from planner.engine.network.graph import build, heights, snapping
from planner.engine.network.graph.arrays import Direction, Streets
from planner.engine.network.graph.modes import WALKING, Mode
from planner.engine.network.graph.packed import PackedLines
from planner.engine.network.graph.snapping import Points, Snapped
from planner.engine.network.isochrones import divided_ground as divided
from planner.engine.network.isochrones import reach, service_areas
from planner.engine.network.queries import reached_edges as pieces
from planner.engine.network.queries import routes as ways
from planner.engine.network.queries import times
from planner.engine.network.queries.query import Speed, build_facility_query, build_query

if TYPE_CHECKING:
    import networkx as nx


@dataclass(frozen=True, kw_only=True, eq=False)
class Network(Streets):
    """Streets compiled to flat arrays, ready for searches.

    Build one with `from_edges`, `from_graph` or `from_lines`. It never changes. Streets are walked
    both ways whatever their traffic signs; `oneway` is kept for vehicles.

    Examples
    --------
    >>> nodes = pd.DataFrame({"x": [0, 300, 300], "y": [0, 0, 240]}, index=["a", "b", "c"])
    >>> edges = pd.DataFrame({"u": ["a", "b"], "v": ["b", "c"], "length_m": [300, 240]})
    >>> net = Network.from_edges(nodes, edges, "EPSG:3826")
    >>> canteen = gpd.GeoSeries.from_xy([300], [60], index=["canteen"], crs="EPSG:3826")
    >>> net.nearest(None, canteen, cutoff_min=5, speed_mps=1.0)
      facility  minutes
    a      NaN      NaN
    c  canteen      3.0
    b  canteen      1.0
    """

    @classmethod
    def from_edges(cls, nodes: pd.DataFrame, edges: pd.DataFrame, crs: Any) -> Self:
        """Build a network from a table of nodes and a table of edges.

        Parameters
        ----------
        nodes
            One row per node, indexed by its id: `x` and `y` in metres.
        edges
            One row per edge: `u`, `v` (node ids) and `length_m`; optional `oneway` (true: only from
            u to v; "-1": only back), `geometry` (a straight line is taken where there is none),
            `slope` (rise over run from u to v, felt by walkers) or `seconds` (for vehicles), and
            any others, kept as attributes. Parallel edges and loops are welcome. Nodes with heights
            `z` give slopes too.
        crs
            Projected coordinate reference system in metres.

        Returns
        -------
        The network.

        Raises
        ------
        NetworkError
            Naming every unknown node, every missing or negative length, and a CRS that is missing
            or not in metres.
        """
        return build.from_edges(cls, nodes, edges, crs)

    @classmethod
    def from_graph(cls, graph: nx.Graph[Any]) -> Self:
        """Build a network from a networkx graph, such as a projected one of OSMnx.

        Parameters
        ----------
        graph
            Nodes have `x` and `y`, edges `length` (or `length_m`), the graph a `crs`. Of the two
            directed edges of a two-way street one is kept.

        Returns
        -------
        The network.

        Raises
        ------
        NetworkError
            As `from_edges`.
        """
        return build.from_graph(cls, graph)

    @classmethod
    def from_lines(cls, lines: gpd.GeoDataFrame | PackedLines) -> Self:
        """Build a network from plain lines, which meet where they share a vertex.

        Parameters
        ----------
        lines
            Street lines in a projected CRS in metres. They are split at shared vertices; lines that
            cross without one pass over each other. Columns are kept as edge attributes, and `line`
            tells which row an edge comes from. Where vertices have heights (Z, metres), slopes
            count. Millions of them are better handed over packed.

        Returns
        -------
        The network.

        Raises
        ------
        NetworkError
            If the CRS is missing or not in metres, or a row is not a line.
        """
        packed = lines if isinstance(lines, PackedLines) else PackedLines.of(lines)
        return build.from_lines(cls, packed)

    def __repr__(self) -> str:
        return (
            f"<Network: {len(self.node_xy)} nodes, {len(self.edge_u)} edges, "
            f"{self.edge_length_m.sum() / 1000:.1f} km, {self.crs.to_string()}>"
        )

    def by(self, mode: Mode, closed: Iterable[Any] = ()) -> Self:
        """Build the network of another mode of travel, or with streets closed.

        Parameters
        ----------
        mode
            The way to travel: `WALKING`, `E_BIKE`, `DRIVING` or one of your own.
        closed
            Labels of edges that are barred, such as a bridge.

        Returns
        -------
        Network
            A network of its own: points near a street that is not open to the mode go to the
            nearest one that is.

        Raises
        ------
        NetworkError
            If an edge to be closed does not exist, or nothing stays open.
        """
        return build.under_mode(self, mode, list(closed))

    def with_heights(
        self,
        height_of: Callable[[np.ndarray], np.ndarray],
        every_m: float = 10.0,
        mode: Mode = WALKING,
    ) -> Self:
        """Build the network with heights along its streets, so that slopes count.

        Parameters
        ----------
        height_of
            Returns the heights (n), metres, of places (n x 2) in the network's CRS; NaN where one
            is not known: it lies on the straight between those that are along the same street, and
            a street without any is level.
        every_m
            How far apart heights are asked for along a street, metres: no nearer than 10 m, and no
            nearer than they are known.
        mode
            The way to travel.

        Returns
        -------
        Network
            A network of its own. Edges with the attribute `span` (bridges, tunnels) are walked
            straight between the heights at either end. Its edges have `worth_there` and
            `worth_back` (metres on the flat that a metre is worth from u to v, and back, by
            Tobler's function over stretches of `every_m`) and `steepest` (rise over run).

        Raises
        ------
        NetworkError
            As `by`.
        """
        return heights.with_heights(self, height_of, every_m, mode)

    def snap(self, points: Points, max_snap_m: float = 200.0) -> Snapped:
        """Return points with the nearest street of each.

        Parameters
        ----------
        points
            Points in the network's CRS. A point without geometry is unreachable.
        max_snap_m
            How far the street may be, metres.

        Returns
        -------
        Snapped
            Foot, edge and distance on the points' index. Every other question takes it in place of
            points. Of edges equally near, the first in the network's order is taken.

        Raises
        ------
        NetworkError
            If the CRS differs, labels repeat, or a geometry is no point.
        """
        return snapping.snap(self, points, max_snap_m)

    def travel_times(
        self,
        demand: Points | None,
        facilities: Points,
        cutoff_min: float = 15.0,
        speed_mps: Speed = 1.0,
        max_snap_m: float = 200.0,
        direction: Direction = "to_facility",
    ) -> pd.DataFrame:
        """Return every pair of demand and facility within the cutoff.

        Parameters
        ----------
        demand, facilities
            Points, or what `snap` made of them; `demand=None` stands for every node.
        cutoff_min
            Largest travel time that counts, minutes; a pair exactly at it counts. At zero only who
            stands at the very place counts; infinity sets no limit, and the table holds every pair
            that a way joins.
        speed_mps
            Walking speed, on the street and between the street and a point, metres a second; or one
            for each demand point, on demand's index. Vehicles keep their own speeds on the street.
        max_snap_m
            How far the nearest street may be from a point, metres.
        direction
            Who travels: residents `"to_facility"`, or the service `"from_facility"`. It matters
            where streets are one-way or sloping.

        Returns
        -------
        pandas.DataFrame
            `demand`, `facility` (labels) and `minutes`, facility after facility; no row for a pair
            beyond the cutoff or without a way. Minutes are rounded to 1e-9, and a time less than a
            micrometre beyond the cutoff is the cutoff.

        Raises
        ------
        NetworkError
            If the points, the cutoff or the speed make no sense.
        """
        return times.travel_times(
            build_query(self, demand, facilities, cutoff_min, speed_mps, max_snap_m, direction)
        )

    def nearest(
        self,
        demand: Points | None,
        facilities: Points,
        cutoff_min: float = 15.0,
        speed_mps: Speed = 1.0,
        max_snap_m: float = 200.0,
        direction: Direction = "to_facility",
    ) -> pd.DataFrame:
        """Return the nearest facility of every demand point.

        Parameters
        ----------
        demand, facilities, cutoff_min, speed_mps, max_snap_m, direction
            As for `travel_times`.

        Returns
        -------
        pandas.DataFrame
            `facility` and `minutes` on demand's index (the nodes' labels for `None`), missing where
            no facility is within the cutoff. Of facilities equally near, the first one is named.
        """
        return times.nearest(
            build_query(self, demand, facilities, cutoff_min, speed_mps, max_snap_m, direction)
        )

    def nearest_k(
        self,
        demand: Points | None,
        facilities: Points,
        k: int,
        cutoff_min: float = 15.0,
        speed_mps: Speed = 1.0,
        max_snap_m: float = 200.0,
        direction: Direction = "to_facility",
    ) -> pd.DataFrame:
        """Return the k nearest facilities of every demand point.

        Parameters
        ----------
        demand, facilities, cutoff_min, speed_mps, max_snap_m, direction
            As for `travel_times`.
        k
            Number of facilities; fewer where fewer are within the cutoff, which may be infinite.

        Returns
        -------
        pandas.DataFrame
            `demand`, `facility`, `minutes` and `rank` (1 is the nearest), demand after demand. Of
            facilities equally near, the first one given comes first.

        Raises
        ------
        NetworkError
            If k is no whole number above zero, or as for `travel_times`.
        """
        return times.nearest_k(
            build_query(self, demand, facilities, cutoff_min, speed_mps, max_snap_m, direction), k
        )

    def reach(
        self,
        facilities: Points,
        minutes: float | Iterable[float] = (5.0, 10.0, 15.0),
        speed_mps: float = 1.0,
        max_snap_m: float = 200.0,
        direction: Direction = "to_facility",
        *,
        dissolve: bool = False,
        simplify_m: float = 0.0,
    ) -> gpd.GeoDataFrame:
        """Return the area within reach of each facility along the streets.

        Parameters
        ----------
        facilities, speed_mps, max_snap_m, direction
            As for `travel_times`.
        minutes
            Travel times to draw, above zero and finite: an area has a border.
        dissolve
            Whether to draw one area per time for all facilities together, without `facility`.
        simplify_m
            How coarse the outlines may be, metres; rings stay nested. Zero keeps every bend.

        Returns
        -------
        geopandas.GeoDataFrame
            `facility`, `minutes` and polygons: a point is inside when demand placed there would be
            within that time, up to the resolution of the drawing. Facilities without a street near
            have no row.

        Raises
        ------
        NetworkError
            If a time is zero, negative or infinite, or as for `travel_times`.
        """
        asked = build_facility_query(self, facilities, np.inf, speed_mps, max_snap_m, direction)
        return reach.reach(asked, minutes, dissolve=dissolve, simplify_m=simplify_m)

    def reached_edges(
        self,
        facilities: Points,
        minutes: float = 15.0,
        speed_mps: float = 1.0,
        max_snap_m: float = 200.0,
        direction: Direction = "to_facility",
    ) -> gpd.GeoDataFrame:
        """Return the streets within reach, cut where another facility becomes nearer.

        Parameters
        ----------
        facilities, minutes, speed_mps, max_snap_m, direction
            As for `travel_times`; zero minutes reach no street, infinity every one that a way
            joins.

        Returns
        -------
        geopandas.GeoDataFrame
            One row per street piece within reach: `edge` (label), `facility` (the nearest one),
            `from_m` and `to_m` along the edge, `length_m` and the line.
        """
        return pieces.reached_edges(
            build_facility_query(self, facilities, minutes, speed_mps, max_snap_m, direction)
        )

    def responsibility_areas(
        self,
        facilities: Points,
        minutes: float = 15.0,
        speed_mps: float = 1.0,
        max_snap_m: float = 200.0,
        direction: Direction = "to_facility",
    ) -> gpd.GeoDataFrame:
        """Return the area each facility is the nearest one for: a network Voronoi diagram.

        Parameters
        ----------
        facilities, minutes, speed_mps, max_snap_m, direction
            As for `reach`.

        Returns
        -------
        geopandas.GeoDataFrame
            `facility`, `area_m2` and the area, one row per facility that is the nearest one
            anywhere. Areas do not overlap, and together they fill what is within reach.

        Notes
        -----
        Ground goes with the nearest street, and that with the facility it is nearest to
        (`reached_edges`). Borders are exact where they cross a grid of five metres and straight in
        between; `nearest` tells any one place exactly.
        """
        return service_areas.responsibility_areas(
            build_facility_query(self, facilities, minutes, speed_mps, max_snap_m, direction)
        )

    def divided_ground(self, places: Points, within: shapely.Geometry) -> gpd.GeoDataFrame:
        """Return the part of an area that is nearest to each place: a network Voronoi without gaps.

        Parameters
        ----------
        places
            Points in the network's CRS; how far the nearest street is does not matter.
        within
            The area, polygons in the network's CRS.

        Returns
        -------
        geopandas.GeoDataFrame
            `facility` (the place's label) and its part of the area, which may be several polygons.
            Parts do not overlap, together they are the area, and each holds its own place where
            that lies in the area.

        Notes
        -----
        A stretch of street belongs to the place it is nearest to along the streets
        (`reached_edges`), and ground to the street next to it, however far that is (Okabe et al.,
        Spatial Tessellations, 2000, ch. 3.8). Streets are taken as points 20 m apart, so that a
        border lies within 10 m; `responsibility_areas` draws borders exactly, within reach alone.
        """
        asked = build_facility_query(self, places, np.inf, 1.0, np.inf, "to_facility")
        return divided.divided_ground(asked, within)

    def shed_ratio(
        self,
        facilities: Points,
        minutes: float = 15.0,
        speed_mps: float = 1.0,
        max_snap_m: float = 200.0,
        direction: Direction = "to_facility",
    ) -> pd.DataFrame:
        """Return how reach compares with the circle as the crow flies: the pedestrian-shed ratio.

        A low ratio shows a site cut off by a river, a railway or a wall, where a bridge or a gate
        would help most; 0.6 and more is a good street network.

        Parameters
        ----------
        facilities, minutes, speed_mps, max_snap_m, direction
            As for `reach`.

        Returns
        -------
        pandas.DataFrame
            `area_m2`, `circle_m2` and `ratio` on the facilities' index; missing for a facility
            without a street near.
        """
        return service_areas.shed_ratio(
            build_facility_query(self, facilities, minutes, speed_mps, max_snap_m, direction)
        )

    def routes(
        self,
        pairs: pd.DataFrame,
        demand: Points | None = None,
        facilities: Points | None = None,
        speed_mps: float = 1.0,
        max_snap_m: float = 200.0,
        direction: Direction = "to_facility",
    ) -> gpd.GeoDataFrame:
        """Return the quickest way of each pair as a line, access legs included.

        Parameters
        ----------
        pairs
            `demand` and `facility`: labels of the points given, such as rows of `travel_times`; or
            the points themselves, where no others are given.
        demand, facilities, speed_mps, max_snap_m, direction
            As for `travel_times`.

        Returns
        -------
        geopandas.GeoDataFrame
            On the index of `pairs`: `demand`, `facility`, `minutes`, `length_m` and the line in the
            direction of travel; missing where there is no way.
        """
        by_row = demand is None and facilities is None
        at, to = ways.points_of_pairs(pairs) if by_row else (demand, facilities)
        asked = build_query(self, at, to, np.inf, speed_mps, max_snap_m, direction)
        return ways.routes(asked, pairs, by_row=by_row)

    def critical_streets(
        self,
        demand: Points,
        facilities: Points,
        weight: pd.Series | None = None,
        cutoff_min: float = 15.0,
        speed_mps: float = 1.0,
        max_snap_m: float = 200.0,
        direction: Direction = "to_facility",
        top: int = 10,
    ) -> gpd.GeoDataFrame:
        """Return the street pieces whose closing to passage costs most people their facility.

        A piece is a street between two junctions. Whoever lives on it can still leave it by either
        end.

        Parameters
        ----------
        demand, facilities, cutoff_min, speed_mps, max_snap_m, direction
            As for `travel_times`.
        weight
            People per demand point, on demand's index; one each where it is not given.
        top
            Number of pieces to list.

        Returns
        -------
        geopandas.GeoDataFrame
            The worst first: `people` who lose their last facility within the cutoff, `edges`
            (labels), `length_m` and the line. Pieces that cost nobody are left out.

        Notes
        -----
        Exact: people lose only if every quickest way they have is cut, so that the flow along one
        forest of quickest ways bounds each piece's loss. Pieces are closed and measured in the
        order of that bound until it falls below the losses found.
        """
        return ways.critical_streets(
            build_query(self, demand, facilities, cutoff_min, speed_mps, max_snap_m, direction),
            weight,
            top,
        )
