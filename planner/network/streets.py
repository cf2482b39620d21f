# ruff: noqa: PLR0917 (the same few arguments stand in the same order in every question)
"""The street network: what every travel time, reach and route is asked of."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from planner.errors import NetworkError, fail
from planner.network import build, pieces, reach, snapping, times, ways
from planner.network.chains import mirrored
from planner.network.kernels import FAR

if TYPE_CHECKING:
    from collections.abc import Iterable

    import networkx as nx
    from pyproj import CRS

    from planner.network.kernels import Graph
    from planner.network.modes import Mode
    from planner.network.snapping import Ground, Points, Snapped
    from planner.network.times import Direction, Speed


@dataclass(frozen=True, kw_only=True, eq=False)
class Network:
    """Streets compiled to flat arrays, ready for searches.

    Build one with `from_edges`, `from_graph` or `from_lines`. It never changes. Streets are walked
    both ways whatever their traffic signs; `oneway` is kept for vehicles.

    Nodes stand in the order: junctions along a Hilbert curve, then the nodes inside chains; edges
    chain after chain, each turned to run along its chain (`edge_turned`). Arrays named `edge_...`
    have one entry per edge in that order, costs in billionths of the `unit`.

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

    crs: CRS
    unit: str
    node_label: pd.Index
    node_xy: np.ndarray
    edge_label: pd.Index
    edge_u: np.ndarray
    edge_v: np.ndarray
    edge_length_m: np.ndarray
    edge_oneway: np.ndarray
    edge_turned: np.ndarray
    edge_forward: np.ndarray
    edge_backward: np.ndarray
    edge_chain: np.ndarray
    edge_from_a: np.ndarray
    edge_from_b: np.ndarray
    edge_vertex: np.ndarray
    chain_edge: np.ndarray
    part_of_junction: np.ndarray
    graph: Graph
    ground: Ground
    attributes: pd.DataFrame
    mirrored: bool = False
    kept: dict[Any, Any] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        own = [value for value in vars(self).values() if isinstance(value, np.ndarray)]
        for array in (*own, *self.graph, *self.ground):
            array.flags.writeable = False

    @classmethod
    def from_edges(cls, nodes: pd.DataFrame, edges: pd.DataFrame, crs: Any) -> Network:
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

        Raises
        ------
        NetworkError
            Naming every unknown node, every missing or negative length, and a CRS that is missing
            or not in metres.
        """
        return build.from_edges(cls, nodes, edges, crs)

    @classmethod
    def from_graph(cls, graph: nx.Graph[Any]) -> Network:
        """Build a network from a networkx graph, such as a projected one of OSMnx.

        Nodes have `x` and `y`, edges `length` (or `length_m`), the graph a `crs`. Of the two
        directed edges of a two-way street one is kept.

        Raises
        ------
        NetworkError
            As `from_edges`.
        """
        return build.from_graph(cls, graph)

    @classmethod
    def from_lines(cls, lines: gpd.GeoDataFrame) -> Network:
        """Build a network from plain lines, which meet where they share a vertex.

        Parameters
        ----------
        lines
            Street lines in a projected CRS in metres. They are split at shared vertices; lines that
            cross without one pass over each other. Columns are kept as edge attributes, and `line`
            tells which row an edge comes from.

        Raises
        ------
        NetworkError
            If the CRS is missing or not in metres, or a row is not a line.
        """
        return build.from_lines(cls, lines)

    def __repr__(self) -> str:
        return (
            f"<Network: {len(self.node_xy)} nodes, {len(self.edge_u)} edges, "
            f"{self.edge_length_m.sum() / 1000:.1f} km, {self.crs.to_string()}>"
        )

    @property
    def components(self) -> pd.DataFrame:
        """Parts of the network with no way between them, the longest first: nodes, length_m."""
        last = len(self.part_of_junction) - 1
        inner = np.flatnonzero(self.edge_v > last)
        part_of_edge = self.part_of_junction[self.graph.chain_a[self.edge_chain]]
        parts = int(self.part_of_junction.max()) + 1
        nodes = np.bincount(self.part_of_junction, minlength=parts)
        nodes += np.bincount(part_of_edge[inner], minlength=parts)
        length = np.bincount(part_of_edge, weights=self.edge_length_m, minlength=parts)
        index = pd.RangeIndex(parts, name="part")
        return pd.DataFrame({"nodes": nodes, "length_m": length}, index=index)

    @property
    def nodes(self) -> gpd.GeoDataFrame:
        """Nodes by label: x, y and point geometry."""
        x, y = self.node_xy.T
        return gpd.GeoDataFrame(
            {"x": x, "y": y},
            index=self.node_label,
            geometry=gpd.points_from_xy(x, y),
            crs=self.crs,
        )

    @property
    def edges(self) -> gpd.GeoDataFrame:
        """Edges by label: u, v, length_m, oneway, the attributes, and the line from u to v."""
        u, v = self.node_label.take(self.edge_u), self.node_label.take(self.edge_v)
        turned = self.edge_turned
        count = np.diff(self.edge_vertex)
        line: Any = shapely.linestrings(
            self.ground.vertex_xy, indices=np.repeat(np.arange(len(count)), count)
        )
        line[turned] = shapely.reverse(line[turned])
        table = pd.DataFrame(
            {
                "u": u.where(~turned, v),
                "v": v.where(~turned, u),
                "length_m": self.edge_length_m,
                "oneway": np.where(turned, -self.edge_oneway, self.edge_oneway),
            },
            index=self.edge_label,
        )
        table[self.attributes.columns] = self.attributes.set_axis(self.edge_label)
        return gpd.GeoDataFrame(table, geometry=line, crs=self.crs)

    def by(self, mode: Mode, closed: Iterable[Any] = ()) -> Network:
        """Make the network of another way to travel, or with streets closed.

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

    def travelled(self, direction: Direction) -> Network:
        """Give the network as searches from facilities meet it.

        Where a street differs by direction, ways to a facility are found by searching from it with
        every street turned round.
        """
        if direction not in ("to_facility", "from_facility"):
            raise fail(NetworkError, "network.bad_direction", value=direction)
        if direction == "from_facility" or self.edge_forward is self.edge_backward:
            return self
        if "mirror" not in self.kept:
            if np.array_equal(self.edge_forward, self.edge_backward):
                self.kept["mirror"] = self
            else:
                self.kept["mirror"] = self._mirror()
        mirror: Network = self.kept["mirror"]
        return mirror

    def _mirror(self) -> Network:
        chain = self.edge_chain
        ahead, back = (
            np.where(cost < FAR, cost, 0) for cost in (self.edge_forward, self.edge_backward)
        )
        whole, whole_back = (
            np.where(cost < FAR, cost, 0)[chain]
            for cost in (self.graph.forward, self.graph.backward)
        )
        return replace(
            self,
            edge_forward=self.edge_backward,
            edge_backward=self.edge_forward,
            edge_from_a=whole_back - self.edge_from_b - back,
            edge_from_b=whole - self.edge_from_a - ahead,
            graph=mirrored(self.graph),
            mirrored=True,
            kept={},
        )

    def snap(self, points: Points, max_snap_m: float = 200.0) -> Snapped:
        """Put points on the nearest street.

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
        """List every pair of demand and facility within the cutoff.

        Parameters
        ----------
        demand, facilities
            Points, or what `snap` made of them; `demand=None` stands for every node.
        cutoff_min
            Largest travel time that counts, minutes; a pair exactly at it counts.
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
            self, demand, facilities, cutoff_min, speed_mps, max_snap_m, direction
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
        """Find the nearest facility of every demand point.

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
        return times.nearest(self, demand, facilities, cutoff_min, speed_mps, max_snap_m, direction)

    def reach(
        self,
        facilities: Points,
        minutes: Iterable[float] = (5.0, 10.0, 15.0),
        speed_mps: float = 1.0,
        max_snap_m: float = 200.0,
        direction: Direction = "to_facility",
        *,
        dissolve: bool = False,
        simplify_m: float = 0.0,
    ) -> gpd.GeoDataFrame:
        """Draw the area within reach of each facility along the streets.

        Parameters
        ----------
        facilities, speed_mps, max_snap_m, direction
            As for `travel_times`.
        minutes
            Travel times to draw.
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
        """
        return reach.reach(
            self,
            facilities,
            minutes,
            speed_mps,
            max_snap_m,
            direction,
            dissolve=dissolve,
            simplify_m=simplify_m,
        )

    def reached_edges(
        self,
        facilities: Points,
        minutes: float = 15.0,
        speed_mps: float = 1.0,
        max_snap_m: float = 200.0,
        direction: Direction = "to_facility",
    ) -> gpd.GeoDataFrame:
        """Cut the streets where the time runs out, and where another facility becomes nearer.

        Parameters
        ----------
        facilities, minutes, speed_mps, max_snap_m, direction
            As for `travel_times`.

        Returns
        -------
        geopandas.GeoDataFrame
            One row per street piece within reach: `edge` (label), `facility` (the nearest one),
            `from_m` and `to_m` along the edge, `length_m` and the line.
        """
        return pieces.reached_edges(self, facilities, minutes, speed_mps, max_snap_m, direction)

    def routes(
        self,
        pairs: pd.DataFrame,
        demand: Points,
        facilities: Points,
        speed_mps: float = 1.0,
        max_snap_m: float = 200.0,
        direction: Direction = "to_facility",
    ) -> gpd.GeoDataFrame:
        """Draw the quickest way of each pair, access legs included.

        Parameters
        ----------
        pairs
            `demand` and `facility`: labels, such as rows of `travel_times`.
        demand, facilities, speed_mps, max_snap_m, direction
            As for `travel_times`.

        Returns
        -------
        geopandas.GeoDataFrame
            On the index of `pairs`: `demand`, `facility`, `minutes`, `length_m` and the line in the
            direction of travel; missing where there is no way.
        """
        return ways.routes(self, pairs, demand, facilities, speed_mps, max_snap_m, direction)


def warm_up() -> None:
    """Compile the engine, or load what was compiled before.

    The first question ever asked on a machine compiles the kernels, which takes ten to twenty
    seconds; a program that calls this first can say so. Later it takes a fraction of a second.
    """
    nodes = pd.DataFrame({"x": [0.0, 100.0, 100.0], "y": [0.0, 0.0, 100.0]})
    edges = pd.DataFrame({"u": [0, 1, 2], "v": [1, 2, 0], "length_m": [100.0, 100.0, 150.0]})
    network = Network.from_edges(nodes, edges, "EPSG:3857")
    at = network.snap(gpd.GeoSeries(gpd.points_from_xy([10.0, 90.0], [5.0, 60.0]), crs=3857))
    network.travel_times(at, at)
    network.nearest(at, at)
    network.reach(at, [1.0])
