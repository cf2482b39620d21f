"""Villages and the roads between them, which wind around hills and share their way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import networkx as nx
import numpy as np
import shapely
from chengwan.land import Land
from generator.linework import row
from generator.shapes import noise
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import Delaunay
from shapely import LineString, Point

STEP = 80.0
ISLET_VILLAGE = (7350.0, 5250.0)
ISLET_HAMLET = (9330.0, 4250.0)
BRIDGE_ENDS = [((-7650, -1450), "西桥北"), ((-7350, -2950), "西桥南"), ((-4650, -2450), "环桥南")]

TRUNK = (
    ("沙屿", "城西", "secondary"),
    ("沙屿", "港区", "secondary"),
    ("西桥北", "城西", "tertiary"),
    ("西桥北", "沙屿", "secondary"),
    ("西桥南", "云岫", "secondary"),
    ("云岫", "青垟", "secondary"),
    ("云岫", "环桥南", "secondary"),
    ("环桥南", "老城", "secondary"),
    ("青垟", "老城", "secondary"),
    ("青垟", "螺岙", "secondary"),
    ("螺岙", "新城", "secondary"),
    ("螺岙", "老城", "tertiary"),
    ("鹭汀", "新城", "secondary"),
)


@dataclass(frozen=True, kw_only=True)
class Village:
    """A cluster of houses; a hamlet belongs to the village of the same number."""

    number: int
    x: float
    y: float
    rx: float
    ry: float
    turn: float
    hamlet: bool = False


class Grid:
    """Cells of the country over which roads seek the cheapest way."""

    def __init__(self, land: Land) -> None:
        self.xs = np.arange(-11000, 11001, STEP)
        self.ys = np.arange(-9000, 8001, STEP)
        x, y = np.meshgrid(self.xs, self.ys)
        self.x, self.y = x.ravel(), y.ravel()
        built = shapely.union_all(list(land.quarters.values()))
        wet = shapely.union_all([land.river.buffer(95), *land.water.values()]).buffer(30)
        cost = 1.6 + noise(self.x, self.y, 700, 101)
        cost = np.clip(cost, 0.7, None)
        cost += 6.0 * shapely.contains_xy(land.hills, self.x, self.y)
        cost += 3.0 * shapely.contains_xy(built.buffer(70), self.x, self.y)
        closed = ~shapely.contains_xy(land.ground.buffer(-40), self.x, self.y)
        closed |= shapely.contains_xy(wet, self.x, self.y)
        closed |= shapely.contains_xy(built.buffer(-75), self.x, self.y)
        self.cost, self.closed = cost, closed
        index = np.arange(x.size).reshape(x.shape)
        pairs = [
            (index[:, :-1], index[:, 1:], 1.0), (index[:-1], index[1:], 1.0),
            (index[:-1, :-1], index[1:, 1:], 2**0.5), (index[:-1, 1:], index[1:, :-1], 2**0.5),
        ]  # fmt: skip
        self.a = np.concatenate([p[0].ravel() for p in pairs])
        self.b = np.concatenate([p[1].ravel() for p in pairs])
        far = np.concatenate([np.full(p[0].size, p[2]) for p in pairs])
        keep = ~closed[self.a] & ~closed[self.b]
        self.a, self.b, far = self.a[keep], self.b[keep], far[keep]
        self.weight = far * STEP * (cost[self.a] + cost[self.b]) / 2
        self.used: dict[tuple[int, int], str] = {}
        self.where = {
            (int(a), int(b)): i for i, (a, b) in enumerate(zip(self.a, self.b, strict=True))
        }

    def graph(self) -> csr_array:
        """Give the cells as a sparse graph."""
        shape = (len(self.x),) * 2
        both = coo_array((self.weight, (self.a, self.b)), shape=shape)
        return csr_array(both + both.T)

    def cell(self, x: float, y: float) -> int:
        """Find the open cell nearest to a place."""
        far = np.hypot(self.x - x, self.y - y) + np.where(self.closed, 1e9, 0)
        return int(np.argmin(far))

    def lay(self, start: int, goal: int, highway: str) -> bool:
        """Lay a road, cheaper where one lies already."""
        far, before = dijkstra(self.graph(), indices=start, return_predecessors=True, limit=60_000)
        if not np.isfinite(far[goal]):
            return False
        here = goal
        while here != start:
            back = int(before[here])
            key = (back, here) if (back, here) in self.where else (here, back)
            if key not in self.used:
                self.used[key] = highway
                self.weight[self.where[key]] *= 0.35
            here = back
        return True


def bend(xy: np.ndarray) -> np.ndarray:
    """Shift places smoothly, so that the cells' directions do not show."""
    x, y = np.asarray(xy, dtype=float).T
    dx = 42 * noise(x, y, 900, 111) + 14 * noise(x, y, 260, 113)
    dy = 42 * noise(x, y, 900, 112) + 14 * noise(x, y, 260, 114)
    return np.column_stack([x + dx, y + dy])


def settle(land: Land, count: int, rng: np.random.Generator) -> list[Village]:
    """Choose where villages and their hamlets stand."""
    built = shapely.union_all(list(land.quarters.values()))
    open_land = land.mainland.buffer(-230).difference(
        shapely.union_all([land.hills.buffer(90), land.river.buffer(230), built.buffer(260),
                           *[pond.buffer(150) for pond in land.water.values()]])
    )  # fmt: skip
    x0, y0, x1, y1 = open_land.bounds
    places: list[tuple[float, float]] = [ISLET_VILLAGE]
    apart = 760.0
    while len(places) < count:
        for x, y in rng.uniform((x0, y0), (x1, y1), (4000, 2)):
            if not shapely.contains_xy(open_land, x, y):
                continue
            want = apart * (0.85 + 0.3 * rng.random())
            if min(np.hypot(x - a, y - b) for a, b in places) > want:
                places.append((float(x), float(y)))
                if len(places) == count:
                    break
        apart *= 0.95
    found = []
    for number, (x, y) in enumerate(places[:count]):
        size = float(np.clip(rng.lognormal(np.log(165), 0.28), 95, 300))
        long = 1 + 0.7 * rng.random()
        found.append(
            Village(number=number, x=x, y=y, rx=size * long**0.5, ry=size / long**0.5,
                    turn=rng.uniform(0, np.pi))
        )  # fmt: skip
    hamlets = [Village(number=0, x=ISLET_HAMLET[0], y=ISLET_HAMLET[1], rx=210, ry=90, turn=0.2,
                       hamlet=True)]  # fmt: skip
    for village in found[1:]:
        for _ in range(int(rng.integers(0, 3))):
            a, r = rng.uniform(0, 2 * np.pi), rng.uniform(480, 900)
            x, y = village.x + r * np.cos(a), village.y + r * np.sin(a)
            near = min(np.hypot(x - v.x, y - v.y) for v in found if v is not village)
            if near > 420 and shapely.contains_xy(open_land, x, y):
                hamlets.append(
                    Village(number=village.number, x=float(x), y=float(y), turn=a, hamlet=True,
                            rx=rng.uniform(60, 120), ry=rng.uniform(45, 70))
                )  # fmt: skip
    return found + hamlets


def lanes(village: Village, land: Land, rng: np.random.Generator) -> list[dict[str, Any]]:
    """Draw a village's lanes: a relative-neighbour graph of scattered corners."""
    apart = 46.0
    points = [(0.0, 0.0)]
    for u, v in rng.uniform(-1, 1, (900, 2)):
        if u * u + v * v > 1 + 0.35 * np.sin(3 * np.arctan2(v, u) + village.turn):
            continue
        x, y = u * village.rx, v * village.ry
        if min(np.hypot(x - a, y - b) for a, b in points) > apart * rng.uniform(0.8, 1.3):
            points.append((x, y))
    t = village.turn
    local = np.array(points)
    spin = np.array([[np.cos(t), np.sin(t)], [-np.sin(t), np.cos(t)]])
    xy = bend(np.array([[village.x, village.y]])) + local @ spin
    ok = shapely.contains_xy(land.ground.buffer(-15), *xy.T) & ~shapely.contains_xy(
        shapely.union_all([land.river.buffer(25), *land.water.values()]), *xy.T
    )
    xy = xy[ok]
    if len(xy) < 4:
        return []
    made = []
    for i, j in neighbours(xy):
        if rng.random() < 0.05:
            continue
        far = np.hypot(*(xy[j] - xy[i]))
        side = np.array([xy[j][1] - xy[i][1], xy[i][0] - xy[j][0]]) / far
        middle = (xy[i] + xy[j]) / 2 + side * rng.normal(0, 0.07) * far
        wide = "residential" if rng.random() < 0.55 else "service"
        kind = "footway" if rng.random() < 0.12 else wide
        made.append(row(LineString([xy[i], middle, xy[j]]), kind))
    return made


def neighbours(xy: np.ndarray, slack: float = 1.0) -> list[tuple[int, int]]:
    """Find relative neighbours: pairs with no third point nearer to both."""
    pairs = set()
    for simplex in Delaunay(xy).simplices:
        for i in range(3):
            a, b = sorted((int(simplex[i]), int(simplex[i - 1])))
            pairs.add((a, b))
    far = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    found = []
    for a, b in sorted(pairs):
        other = np.maximum(far[a], far[b])
        other[[a, b]] = np.inf
        if far[a, b] <= slack * other.min():
            found.append((a, b))
    return found


def roads(
    land: Land, villages: list[Village], mains: list[dict[str, Any]], rng: np.random.Generator
) -> list[dict[str, Any]]:
    """Join villages, towns, bridges and the district's ways out by country roads."""
    grid = Grid(land)
    gates = _gates(land) + BRIDGE_ENDS
    spots = [grid.cell(v.x, v.y) for v in villages if land.mainland.contains(Point(v.x, v.y))]
    doors = [grid.cell(*xy) for xy, _ in gates]
    base = grid.graph()
    far = dijkstra(base, indices=doors + spots, limit=30_000)[:, doors + spots]
    label = [name for _, name in gates]
    for a, b, highway in TRUNK:
        best = min(
            ((far[i, j], i, j) for i in range(len(doors)) for j in range(len(doors))
             if label[i] == a and label[j] == b),
        )  # fmt: skip
        grid.lay(doors[best[1]], doors[best[2]], highway)
    for x, y, highway in [(-10900, -3900, "secondary"), (-10900, 300, "primary"),
                          (-10700, 4300, "secondary"), (-4900, -8700, "tertiary"),
                          (400, -8900, "secondary"), (-10900, -1900, "tertiary")]:  # fmt: skip
        way_out = grid.cell(x, y)
        reach = dijkstra(grid.graph(), indices=way_out)
        grid.lay(way_out, min(doors, key=lambda d: reach[d]), highway)
    net = nx.Graph()
    n = len(doors)
    for i in range(len(spots)):
        to_door = far[n + i, :n]
        net.add_edge(f"v{i}", f"gate{int(np.argmin(to_door))}", far=float(to_door.min()))
        for j in range(i):
            if np.isfinite(far[n + i, n + j]):
                net.add_edge(f"v{i}", f"v{j}", far=float(far[n + i, n + j]))
    for k in range(1, n):
        net.add_edge("gate0", f"gate{k}", far=0.0)
    chosen = {frozenset(e) for e in nx.minimum_spanning_edges(net, weight="far", data=False)}
    for i in range(len(spots)):
        near = np.argsort(far[n + i, n:])[1:5]
        for j in near:
            other = np.maximum(far[n + i, n:], far[n + j, n:])
            other[[i, j]] = np.inf
            if j != i and far[n + i, n + j] <= other.min():
                chosen.add(frozenset({f"v{i}", f"v{j}"}))
    where = {f"v{i}": s for i, s in enumerate(spots)} | {f"gate{k}": d for k, d in enumerate(doors)}
    for pair in sorted(chosen, key=sorted):
        a, b = sorted(pair)
        if not (a.startswith("gate") and b.startswith("gate")) and a != b:
            grid.lay(where[a], where[b], "tertiary" if rng.random() < 0.3 else "unclassified")
    made = _draw(grid, set(spots + doors), rng)
    built = shapely.union_all(list(land.quarters.values()))
    edge = shapely.union_all([built.boundary, *[main["geometry"] for main in mains]])
    for d in set(doors):
        here = Point(bend(np.array([[grid.x[d], grid.y[d]]]))[0])
        on_edge = shapely.shortest_line(here, edge)
        made.append(row(on_edge, "tertiary"))
    return made


def _gates(land: Land) -> list[tuple[tuple[float, float], str]]:
    """Give places on the rims of the quarters where country roads may come in."""
    made = []
    every = shapely.union_all(list(land.quarters.values()))
    for name, shape in land.quarters.items():
        for part in shapely.get_parts(shape):
            rim = part.exterior
            count = max(3, int(rim.length / 900))
            for k in range(count):
                at = rim.interpolate((k + 0.5) / count, normalized=True)
                if every.buffer(40).contains(at.buffer(90)):
                    continue
                if land.ground.buffer(-80).contains(at) and land.river.distance(at) > 120:
                    made.append(((at.x, at.y), name))
    return made


def _draw(grid: Grid, fixed: set[int], rng: np.random.Generator) -> list[dict[str, Any]]:
    """Turn the cells that roads use into smooth lines between junctions."""
    net = nx.Graph()
    for (a, b), highway in grid.used.items():
        net.add_edge(a, b, highway=highway)
    stop = {k for k in net if net.degree[k] != 2 or k in fixed}
    for k in list(net):
        if k not in stop:
            kinds = {net.edges[k, j]["highway"] for j in net[k]}
            if len(kinds) > 1:
                stop.add(k)
    made, seen = [], set()
    for start in sorted(stop):
        for follow in sorted(net[start]):
            if (start, follow) in seen:
                continue
            path = [start, follow]
            while path[-1] not in stop:
                path.append(next(j for j in net[path[-1]] if j != path[-2]))
            seen |= {(path[0], path[1]), (path[-1], path[-2])}
            xy = np.column_stack([grid.x[path], grid.y[path]])
            xy = np.vstack([xy[0], (xy[:-1] + xy[1:]) / 2, xy[-1]]) if len(xy) > 2 else xy
            for _ in range(2):
                cut = np.empty((2 * (len(xy) - 1), 2))
                cut[0::2] = 0.75 * xy[:-1] + 0.25 * xy[1:]
                cut[1::2] = 0.25 * xy[:-1] + 0.75 * xy[1:]
                xy = np.vstack([xy[0], cut, xy[-1]])
            line = LineString(bend(xy)).simplify(2.0)
            made.append(row(line, net.edges[start, follow]["highway"]))
            made += _tracks(line, rng)
    return made


def _tracks(line: LineString, rng: np.random.Generator) -> list[dict[str, Any]]:
    """Let field tracks leave a country road."""
    made = []
    for _ in range(int(rng.poisson(line.length / 900))):
        at = rng.uniform(0.1, 0.9) * line.length
        here, ahead = (np.asarray(line.interpolate(at + d).coords[0]) for d in (0, 2))
        heading = np.arctan2(*(ahead - here)[::-1]) + rng.choice([-1, 1]) * np.pi / 2
        points = [here]
        for _ in range(int(rng.integers(2, 6))):
            heading += rng.normal(0, 0.35)
            points.append(points[-1] + 70 * np.array([np.cos(heading), np.sin(heading)]))
        made.append(row(LineString(points), "track"))
    return made
