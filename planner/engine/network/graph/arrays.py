"""The streets as flat arrays: what every search, drawing and file reads."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Literal, NamedTuple, Self

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from planner.engine.network.graph.chains import mirrored
from planner.engine.network.search.kernels import FAR, Graph

Direction = Literal["to_facility", "from_facility"]


class Ground(NamedTuple):
    """Geometry of the streets: vertices, and a grid that lists the segments in each cell."""

    vertex_xy: np.ndarray  # float64, vertices x 2, metres
    vertex_at: np.ndarray  # float64, share of the edge's drawn length before the vertex
    vertex_edge: np.ndarray  # int32
    cell_start: np.ndarray  # int64, cells + 1
    cell_segment: np.ndarray  # int32, first vertex of each segment in a cell
    frame: np.ndarray  # float64: x and y of the grid's corner, cell size, columns, rows


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Streets:
    """A street network as arrays for searches; users work with `Network`.

    Nodes stand in the order: junctions along a Hilbert curve, then the nodes inside chains; edges
    chain after chain, each turned to run along its chain (`edge_turned`). Arrays named `edge_...`
    have one entry per edge in that order, costs in billionths of the `unit`. None can be written
    to; `kept` alone grows, with what was worked out once and serves again.
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
    pass_over_m: float = 0.0  # parts shorter than this are scraps, passed over in putting places
    kept: dict[Any, Any] = field(default_factory=dict)

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"kept": {}}  # worked out again where it serves

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.__post_init__()

    def __post_init__(self) -> None:
        own = [value for value in vars(self).values() if isinstance(value, np.ndarray)]
        for array in (*own, *self.graph, *self.ground):
            array.flags.writeable = False

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

    def travelled(self, direction: Direction) -> Self:
        """Return the streets as searches from facilities meet them.

        Where a street differs by direction, ways to a facility are found by searching from it with
        every street turned round.

        Parameters
        ----------
        direction
            Who travels.

        Returns
        -------
        This network, or its mirror, which is made once.
        """
        if direction == "from_facility" or self.edge_forward is self.edge_backward:
            return self
        if "mirror" not in self.kept:
            same = np.array_equal(self.edge_forward, self.edge_backward)
            self.kept["mirror"] = self if same else self._mirror()
        mirror: Self = self.kept["mirror"]
        return mirror

    def _mirror(self) -> Self:
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
