"""Routes as lines, and critical streets: those that most people's coverage depends on."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from planner.engine.jit import compiled
from planner.engine.network.graph.arrays import Streets
from planner.engine.network.graph.chains import with_costs
from planner.engine.network.graph.snapping import Snapped
from planner.engine.network.queries.positions import EdgePosition, positions_of
from planner.engine.network.queries.query import NetworkQuery, cost_per_minute, to_minutes
from planner.engine.network.queries.reached_edges import Place, vertices_along
from planner.engine.network.queries.times import at_one_speed, nearest_spots
from planner.engine.network.search.closest import nearest_source
from planner.engine.network.search.kernels import (
    FAR,
    NANO,
    NONE,
    VIA_A,
    Graph,
    make_queue_for,
    search_one,
)
from planner.errors import NetworkError, Problems, fail

_FIRST_LIMIT = 2000 * NANO


def points_of_pairs(pairs: pd.DataFrame) -> tuple[gpd.GeoSeries, gpd.GeoSeries]:
    """Return the points that pairs hold themselves, by the number of their row.

    Parameters
    ----------
    pairs
        Table whose columns `demand` and `facility` hold points.

    Returns
    -------
    demand, facilities
        The points of both columns.

    Raises
    ------
    NetworkError
        If there are none.
    """
    columns = [pairs[name].array for name in ("demand", "facility")]
    if any(column.dtype.name != "geometry" for column in columns):
        raise fail(NetworkError, "network.pairs_without_points")
    demand, facilities = map(gpd.GeoSeries, columns)
    return demand, facilities


def routes(asked: NetworkQuery, pairs: pd.DataFrame, *, by_row: bool) -> gpd.GeoDataFrame:
    """Return the quickest way of each pair as a line: see `Network.routes`.

    Parameters
    ----------
    asked
        The query that holds the points.
    pairs
        Table with columns `demand` and `facility`.
    by_row
        Whether pair i joins the points number i, rather than those of the labels it names.

    Returns
    -------
    `demand`, `facility`, `minutes`, `length_m` and the line, on the index of the pairs.

    Raises
    ------
    NetworkError
        If pairs name labels that no point has.
    """
    travelled, people, at = asked.network, asked.demand, asked.facilities
    assert people is not None  # noqa: S101  a way begins at a point
    speed_mps = asked.speed_mps
    problems = Problems()
    position = {}
    for column, index in (("demand", people.index), ("facility", at.index)):
        asked_for = pd.RangeIndex(len(pairs)) if by_row else pd.Index(pairs[column])
        position[column] = index.get_indexer(asked_for)
        if (lost := asked_for[position[column] < 0].unique()).size:
            shown = ", ".join(map(str, lost[:5]))
            problems.add("network.unknown_point", value=shown, count=len(lost))
    problems.raise_any(NetworkError)
    per_min = cost_per_minute(travelled, speed_mps)
    sources, targets = (
        positions_of(travelled, at, speed_mps),
        positions_of(travelled, people, speed_mps),
    )
    n = len(pairs)
    minutes, length = np.full(n, np.nan), np.full(n, np.nan)
    line = np.full(n, None, dtype=object)
    metres = np.concatenate([[0.0], np.cumsum(travelled.edge_length_m)])
    for source in np.unique(position["facility"]):
        rows = np.flatnonzero(position["facility"] == source)
        search = _RouteSearch(travelled, sources, targets, int(source))
        for row in rows:
            target = int(position["demand"][row])
            total, legs = search.way_to(target, at, people)
            if total >= FAR:
                continue
            minutes[row] = to_minutes(np.array([total]), per_min, np.inf)[0]
            length[row] = at.access_m[source] + people.access_m[target]
            length[row] += sum(
                abs(_metre(metres, begin) - _metre(metres, end)) for begin, end in legs
            )
            points = [
                at.xy[source],
                *(vertices_along(travelled, *leg) for leg in legs),
                people.xy[target],
            ]
            xy = np.vstack(points)
            line[row] = shapely.LineString(xy[::-1] if asked.direction == "to_facility" else xy)
    table = pairs[["demand", "facility"]].assign(minutes=minutes, length_m=length)
    return gpd.GeoDataFrame(table, geometry=line, crs=travelled.crs)


Leg = tuple[Place, Place]  # a stretch of one chain, in the direction of travel


class _RouteSearch:
    """A search from one facility, widened until it has met what is asked for."""

    def __init__(
        self, network: Streets, sources: EdgePosition, targets: EdgePosition, source: int
    ) -> None:
        self.network, self.source = network, source
        self.sources, self.targets = sources.spots, targets.spots
        self.limit = _FIRST_LIMIT
        self._widen()

    def _widen(self) -> None:
        graph = self.network.graph
        n = len(self.network.part_of_junction)
        self.cost, self.via = np.full(n, FAR, np.int64), np.full(n, NONE, np.int32)
        self.count = search_one(
            graph,
            self.sources,
            self.source,
            self.limit,
            self.cost,
            self.via,
            np.empty(n + 1, np.int32),
            make_queue_for(graph),
        )

    def way_to(self, target: int, at: Snapped, people: Snapped) -> tuple[int, list[Leg]]:
        """Return what a target costs and the stretches of street on the way, facility first.

        Parameters
        ----------
        target
            Number of the target.
        at, people
            The facilities and the demand as snapped.
        """
        while True:
            total, end = self._ends(target)
            if total <= self.limit:
                break
            before, self.limit = self.count, min(4 * self.limit, FAR // 2)
            self._widen()
            if self.count == before and self.limit == FAR // 2:
                return FAR, []
        if total >= FAR:
            return FAR, []
        foot = (int(at.edge[self.source]), float(at.fraction[self.source]))
        here = (int(people.edge[target]), float(people.fraction[target]))
        if end == NONE:
            return total, [(foot, here)]
        network, graph = self.network, self.network.graph
        ends = (graph.chain_a, graph.chain_b)
        chain = int(self.targets.chain[target])
        legs: list[Leg] = [(_end_of(network, chain, end), here)]
        node = ends[end][chain]
        while (arc := int(self.via[node])) >= 0:
            chain, against = divmod(int(graph.arc_chain[arc]), 2)
            legs.append((_end_of(network, chain, against), _end_of(network, chain, 1 - against)))
            node = ends[against][chain]
        own = int(self.sources.chain[self.source])
        legs.append((foot, _end_of(network, own, 0 if arc == VIA_A else 1)))
        return total, legs[::-1]

    def _ends(self, target: int) -> tuple[int, int]:
        """Cost of a target, and the end of its chain by which it is reached (-1: along it)."""
        spots, source, graph = self.targets, self.source, self.network.graph
        chain = int(spots.chain[target])
        own = int(self.sources.chain[source])
        if NONE in (chain, own):
            return FAR, NONE
        a, b = int(spots.from_a[target]), int(spots.from_b[target])
        ways = [
            (int(self.cost[graph.chain_a[chain]]) + a, 0),
            (int(self.cost[graph.chain_b[chain]]) + b, 1),
        ]
        if chain == own:
            source_a, source_b = int(self.sources.from_a[source]), int(self.sources.from_b[source])
            access = int(self.sources.access[source])
            ways += [(access + a - source_a, NONE)] if source_a <= a < FAR else []
            ways += [(access + b - source_b, NONE)] if source_b <= b < FAR else []
        total, end = min(ways)
        return total + int(spots.access[target]), end


def critical_streets(asked: NetworkQuery, weight: pd.Series | None, top: int) -> gpd.GeoDataFrame:
    """Return the pieces of street whose closing costs most people: see `Network.critical_streets`.

    Parameters
    ----------
    asked
        The query, at one speed.
    weight
        People of each demand label; None counts each point once.
    top
        How many pieces are wanted.

    Returns
    -------
    `people`, `edges`, `length_m` and the line, the worst first.

    Raises
    ------
    NetworkError
        If a weight is missing or negative.
    """
    streets, people = asked.network, asked.demand
    assert people is not None  # noqa: S101  people stand at points
    load = np.ones(len(people)) if weight is None else _weights(weight, people.index)
    query, graph = at_one_speed(asked, None, asked.speed_mps), streets.graph
    sources, targets = query.sources, query.targets

    def _covered(streets_open: Graph) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        cost, label, via = nearest_source(
            streets_open, sources.spots, sources.order, query.limit, trace=True
        )
        who, _ = nearest_spots(streets_open, query, cost, label)
        return who != NONE, cost, via

    before, cost, via = _covered(graph)
    live = before & (load > 0)
    chain = targets.chain[live]
    at_a = cost[graph.chain_a[chain]] + targets.from_a[live]
    at_b = cost[graph.chain_b[chain]] + targets.from_b[live]
    junction = np.where(at_a <= at_b, graph.chain_a[chain], graph.chain_b[chain])
    through = np.bincount(junction, weights=load[live], minlength=len(cost))
    flow = _flow(graph.arc_chain, graph.chain_a, graph.chain_b, via, through)
    found: list[tuple[float, int]] = []
    for piece in np.argsort(-flow, kind="stable"):
        if flow[piece] <= 0 or (len(found) >= top and found[top - 1][0] >= flow[piece]):
            break
        shut = np.arange(len(graph.forward)) == piece
        barred = with_costs(
            graph, np.where(shut, FAR, graph.forward), np.where(shut, FAR, graph.backward)
        )
        lost = before & ~_covered(barred)[0]
        if (people_lost := float(load[lost].sum())) > 0:
            found.append((people_lost, int(piece)))
            found.sort(key=lambda one: (-one[0], one[1]))
    return _pieces(streets, found[:top])


def _pieces(network: Streets, found: list[tuple[float, int]]) -> gpd.GeoDataFrame:
    spans = [(network.chain_edge[c], network.chain_edge[c + 1]) for _, c in found]
    lines = [
        shapely.LineString(vertices_along(network, (int(a), 0.0), (int(b) - 1, 1.0)))
        for a, b in spans
    ]
    return gpd.GeoDataFrame(
        {
            "people": [people for people, _ in found],
            "edges": [network.edge_label[a:b].to_list() for a, b in spans],
            "length_m": [network.edge_length_m[a:b].sum() for a, b in spans],
        },
        geometry=lines,
        crs=network.crs,
    )


@compiled
def _flow(
    arc_chain: np.ndarray,
    chain_a: np.ndarray,
    chain_b: np.ndarray,
    via: np.ndarray,
    through: np.ndarray,
) -> np.ndarray:
    """Carry loads from junctions towards their sources; return the load that passes each chain."""
    load = through.copy()
    waiting = np.zeros(len(via), np.int64)  # branches of the forest still to come in
    for node in range(len(via)):
        if via[node] >= 0:
            name = arc_chain[via[node]]
            waiting[chain_b[name >> 1] if name & 1 else chain_a[name >> 1]] += 1
    flow = np.zeros(len(chain_a))
    for start in range(len(via)):
        node = start
        while waiting[node] == 0 and via[node] >= 0:
            waiting[node] = -1
            name = arc_chain[via[node]]
            flow[name >> 1] += load[node]
            tail = chain_b[name >> 1] if name & 1 else chain_a[name >> 1]
            load[tail] += load[node]
            waiting[tail] -= 1
            node = tail
    return flow


def _weights(weight: pd.Series, index: pd.Index) -> np.ndarray:
    load = weight.reindex(index).to_numpy(np.float64, na_value=np.nan)
    bad = index[~(load >= 0)]
    if len(bad):
        problems = Problems()
        shown = ", ".join(map(str, bad[:5]))
        problems.add("network.bad_weights", value=shown, count=len(bad))
        problems.raise_any(NetworkError)
    return load


def _end_of(network: Streets, chain: int, end: int) -> Place:
    """Place of a chain's end: 0 for A, 1 for B."""
    edge = network.chain_edge[chain + 1] - 1 if end else network.chain_edge[chain]
    return int(edge), float(end)


def _metre(metres: np.ndarray, place: Place) -> float:
    edge, share = place
    return float(metres[edge] + share * (metres[edge + 1] - metres[edge]))
