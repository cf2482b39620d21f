"""A district's raw files counted with pandas, shapely and a textbook search alone.

Nothing of the planner is used: files are opened as they are, in their encodings, scripts and
datums, so that what the planner measures can be held against figures that share no line with it.
"""

# ruff: noqa: TID251  to open files as they are is what this is for

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components, dijkstra, maximum_flow

SNAP_M = 200.0  # farther off the streets a place reaches nothing (README, `max_snap_m`)
SCRAP_M = 1000.0  # shorter parts of the streets join nothing: places pass them over
EDGE_MIN = 1e-6  # who needs 15 minutes to a part in ten million is within 15 minutes
FOOT_ONLY = {"footway", "pedestrian", "path", "steps", "cycleway"}
BUILT_LATER = {"在建", "规划", "規劃"}


def listed(
    path: Path, *, sheet: str | None = None, encoding: str = "utf-8-sig", gcj: bool = False
) -> gpd.GeoDataFrame:
    """Open a list of places, in degrees of WGS 84 whatever its datum."""
    if path.suffix == ".geojson":
        return gpd.read_file(path)
    if path.suffix == ".xlsx":
        table = pd.read_excel(path, sheet_name=sheet, engine="openpyxl")
    else:
        table = pd.read_csv(path, encoding=encoding)
    lon, lat = (table.filter(regex=name).iloc[:, 0] for name in ("[经經]度", "[纬緯]度"))
    xy = [_without_offset(*one) if gcj else one for one in zip(lon, lat, strict=True)]
    return gpd.GeoDataFrame(table, geometry=gpd.points_from_xy(*zip(*xy, strict=True)), crs=4326)


def _without_offset(lon: float, lat: float) -> tuple[float, float]:
    """Undo the offset of GCJ-02 by going back what is too far, until nothing is."""
    x, y = lon, lat
    for _ in range(30):
        dx, dy = _offset(x, y)
        x, y = lon - dx, lat - dy
    return x, y


def _offset(lon: float, lat: float) -> tuple[float, float]:
    """Return the offset of GCJ-02 in degrees, as published in 2013."""
    x, y, sin, pi = lon - 105, lat - 35, math.sin, math.pi
    waves = (20 * sin(6 * pi * x) + 20 * sin(2 * pi * x)) * 2 / 3
    root = math.sqrt(abs(x))
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + waves
    north += (20 * sin(pi * y) + 40 * sin(pi * y / 3)) * 2 / 3
    north += (160 * sin(pi * y / 12) + 320 * sin(pi * y / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + waves
    east += (20 * sin(pi * x) + 40 * sin(pi * x / 3)) * 2 / 3
    east += (150 * sin(pi * x / 12) + 300 * sin(pi * x / 30)) * 2 / 3
    axis, squared = 6378245.0, 0.00669342162296594323  # Krasovsky 1940
    bend = 1 - squared * sin(math.radians(lat)) ** 2
    metres_north = axis * (1 - squared) / bend**1.5 * math.radians(1)
    metres_east = axis / math.sqrt(bend) * math.cos(math.radians(lat)) * math.radians(1)
    return east / metres_east, north / metres_north


@dataclass(frozen=True)
class District:
    """A district's raw tables: communities on their code, homes, lists of places, streets.

    ``epsg`` is the zone in which metres are counted, ``year`` the one asked for.
    """

    year: int
    epsg: int
    communities: gpd.GeoDataFrame
    homes: gpd.GeoDataFrame
    streets: gpd.GeoDataFrame
    lists: dict[str, gpd.GeoDataFrame]

    def all(self, *names: str) -> gpd.GeoDataFrame:
        """Return lists as they are, with the ``unit`` each place stands in and whether it is up."""
        return pd.concat([self._placed[name] for name in names])

    def up(self, *names: str, **words: object) -> gpd.GeoDataFrame:
        """Return what is open in the year within the district, of those whose cells say so."""
        rows = self.all(*names)
        rows = rows[rows["up"] & rows["unit"].notna()]
        for column, said in words.items():
            rows = rows[rows[column].isin([said] if isinstance(said, str) else said)]
        return rows

    def since_last_year(self, *names: str, **words: object) -> gpd.GeoDataFrame:
        """Return what is open and was not a year ago."""
        rows = self.up(*names, **words)
        return rows[rows[_first(rows, "启用年份", "啟用年份")] == self.year]

    def to_come(self, *names: str) -> gpd.GeoDataFrame:
        """Return what is said to be built or planned and is not open yet."""
        rows = self.all(*names)
        return rows[~rows["up"] & rows[_first(rows, "状态", "狀態")].isin(BUILT_LATER)]

    def total(self, column: str) -> float:
        """Sum up a column of the communities."""
        return float(self.communities[column].sum())

    @cached_property
    def _placed(self) -> dict[str, gpd.GeoDataFrame]:
        return {name: self._place(rows) for name, rows in self.lists.items()}

    def _place(self, rows: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        rows = rows.to_crs(self.epsg)
        at, area = self.communities.sindex.query(rows.geometry, predicate="intersects")
        unit = pd.Series(self.communities.index[area], index=at).groupby(level=0).first()
        up = rows[_first(rows, "启用年份", "啟用年份")] <= self.year
        if "停用年份" in rows:
            up &= ~(rows["停用年份"] <= self.year)
        return rows.assign(unit=unit.reindex(range(len(rows))).to_numpy(), up=up)

    @cached_property
    def on_foot(self) -> Ways:
        """The streets that people walk: all of these files, footways and lanes among them."""
        return Ways(self.streets, self._ends, both_ways=True)

    @cached_property
    def by_van(self) -> Ways:
        """The streets of vehicles, one way where they are."""
        driven = self.streets[~self.streets["highway"].isin(FOOT_ONLY)]
        return Ways(driven, self._ends, both_ways=False)

    @cached_property
    def _ends(self) -> gpd.GeoSeries:
        """Homes and places by their code."""
        places = [rows.set_index(_first(rows, "编号", "編號")).geometry for rows in
                  self._placed.values()]  # fmt: skip
        return pd.concat([self.homes.geometry, *places])

    def walk(self, rows: gpd.GeoDataFrame) -> pd.Series:
        """Return metres from each home to the nearest of some places, missing without a way."""
        codes = rows[_first(rows, "编号", "編號")]
        return self.on_foot.metres_from(list(codes)).reindex(self.homes.index)

    def reached(self, rows: gpd.GeoDataFrame) -> pd.Series:
        """Return which homes are within 15 minutes of the nearest of some places, at 1 m/s."""
        return self.walk(rows) / 60 <= 15 + EDGE_MIN

    def people(self, group: str, yes: pd.Series) -> tuple[float, float]:
        """Count the people of homes for which something holds, and all of them."""
        return float(self.homes.loc[yes, group].sum()), float(self.homes[group].sum())

    def shares(self, group: str, yes: pd.Series, level: str) -> np.ndarray:
        """Return the share of people for whom something holds, in each unit of a level."""
        unit = self.homes["community"].map(self.communities[level])
        have = self.homes[group].where(yes, 0).groupby(unit).sum()
        return (have / self.homes[group].groupby(unit).sum()).to_numpy()


class Ways:
    """Streets with places on them: a graph of corners and of the feet of all places.

    A place joins the nearest street at its nearest point, by a leg that is gone, too; streets
    join where their ends are the same point.
    """

    def __init__(
        self, streets: gpd.GeoDataFrame, places: gpd.GeoSeries, *, both_ways: bool
    ) -> None:
        self.places = places.index
        lines = streets.geometry.to_numpy()
        ends = np.vstack([shapely.get_coordinates(shapely.get_point(lines, k)) for k in (0, -1)])
        _, corner = np.unique(ends.round(6), axis=0, return_inverse=True)
        start, end = corner.reshape(2, -1)
        line, self.leg = _nearest_street(lines, start, end, places.to_numpy())
        offset = shapely.line_locate_point(lines[line], places.to_numpy())
        n, first = len(lines), int(corner.max()) + 1
        stops = pd.DataFrame(
            {
                "line": np.concatenate([np.arange(n), line, np.arange(n)]),
                "at": np.concatenate([np.zeros(n), offset, shapely.length(lines)]),
                "turn": np.repeat([0, 1, 2], [n, len(places), n]),
                "stop": np.concatenate([start, first + np.arange(len(places)), end]),
            }
        ).sort_values(["line", "turn", "at"], kind="stable")
        here, there = stops.iloc[:-1].reset_index(), stops.iloc[1:].reset_index()
        same = here["line"] == there["line"]
        a, b = here.loc[same, "stop"], there.loc[same, "stop"]
        metres = there.loc[same, "at"] - here.loc[same, "at"]
        back = both_ways | ~streets["oneway"].to_numpy()[here.loc[same, "line"]].astype(bool)
        self.first, self.size = first, first + len(places)
        edges = pd.DataFrame({"a": [*a, *b[back]], "b": [*b, *a[back]],
                              "m": [*metres, *metres[back]]})  # fmt: skip
        edges = edges.groupby(["a", "b"], as_index=False)["m"].min()  # of two streets the shorter
        self.edges = edges.assign(m=edges["m"].clip(lower=1e-9))  # a length of 0 is no edge

    def metres_from(self, codes: list[str]) -> pd.Series:
        """Return metres from the nearest of some places to each place, both legs included."""
        at = np.flatnonzero(self.places.isin(codes) & (self.leg <= SNAP_M))
        extra = pd.DataFrame({"a": self.size, "b": self.first + at,
                              "m": np.maximum(self.leg[at], 1e-9)})  # fmt: skip
        edges = pd.concat([self.edges, extra])
        graph = coo_array((edges["m"], (edges["a"], edges["b"])), shape=(self.size + 1,) * 2)
        far = dijkstra(graph.tocsr(), indices=self.size)[self.first : self.size] + self.leg
        found = pd.Series(np.where(np.isfinite(far) & (self.leg <= SNAP_M), far, np.nan))
        return found.set_axis(self.places)

    def metres_within(self, code: str, most: float) -> pd.Series:
        """Return metres from one place to those no farther than so many."""
        at = int(np.flatnonzero(self.places == code)[0])
        far = dijkstra(self._graph, indices=self.first + at, limit=most)
        metres = pd.Series(far[self.first : self.size] + self.leg + self.leg[at], self.places)
        return metres[metres <= most]

    @cached_property
    def _graph(self) -> csr_array:
        e = self.edges
        return coo_array((e["m"], (e["a"], e["b"])), shape=(self.size,) * 2).tocsr()


def _nearest_street(
    lines: np.ndarray, start: np.ndarray, end: np.ndarray, places: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the nearest street of each place and how far it is, scraps passed over."""
    n = int(max(start.max(), end.max())) + 1
    joined = coo_array((np.ones(len(start)), (start, end)), shape=(n, n))
    part = connected_components(joined, directed=False)[1][start]
    length = pd.Series(shapely.length(lines)).groupby(part).sum()
    whole = (length >= min(SCRAP_M, 0.1 * length.max())).to_numpy()[part]
    line = shapely.STRtree(lines).nearest(places)
    off = shapely.distance(lines[line], places)
    rest = np.flatnonzero(whole)
    other = rest[shapely.STRtree(lines[rest]).nearest(places)]
    aside = shapely.distance(lines[other], places)
    moved = ~whole[line] & (aside <= SNAP_M)
    return np.where(moved, other, line), np.where(moved, aside, off)


def most_sheltered(needs: pd.Series, room: pd.Series, pairs: pd.DataFrame) -> int:
    """Return how many can be served at most: a largest flow from homes over pairs to places.

    ``needs`` and ``room`` are whole numbers by home and by place, ``pairs`` has ``home`` and
    ``place``.
    """
    homes, places = len(needs), len(room)
    source, sink = homes + places, homes + places + 1
    h, p = needs.index.get_indexer(pairs["home"]), room.index.get_indexer(pairs["place"])
    rows = np.concatenate([np.full(homes, source), h, homes + np.arange(places)])
    columns = np.concatenate([np.arange(homes), homes + p, np.full(places, sink)])
    most = np.concatenate([needs, needs.to_numpy()[h], room]).astype(np.int32)
    graph = coo_array((most, (rows, columns)), shape=(sink + 1, sink + 1)).tocsr()
    return int(maximum_flow(csr_array(graph), source, sink).flow_value)


def _first(table: pd.DataFrame, *names: str) -> str:
    return next(name for name in names if name in table)
