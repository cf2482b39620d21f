"""The study area: every table in one metric CRS, checked against each other and the streets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Self

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from planner.district import remarks
from planner.district.checks import (
    by_name,
    check_homes,
    check_links,
    check_named,
    check_nested,
    check_people,
    check_units,
    check_words,
    places_named,
    twice,
)
from planner.district.cost_unit import cost_unit
from planner.district.entrances import has_entrances, main_entrance, near_streets
from planner.district.fields import Understanding
from planner.district.street_density import street_density, thin_notes
from planner.district.tables import group_columns, in_operation, money_units
from planner.engine import grids
from planner.engine.network import Network, Snapped, scrap_edges
from planner.errors import InputError, Problems
from planner.settings import Settings, labelled
from planner.standards import Kind

EXTENT_MARGIN_M = 50.0
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
        same = other.network is self.network and other.demand.index.equals(self.demand.index)
        if same and (other.demand.geometry.array == self.demand.geometry.array).all():
            other._homes.update(self._homes)  # noqa: SLF001  of the same class
        return other

    @property
    def counted(self) -> gpd.GeoDataFrame:
        """The communities that count: those not mostly beyond the streets' extent."""
        return self.communities[self.communities["inside"]]


@dataclass(frozen=True, kw_only=True)
class Tables:
    """Tables by their contracts, in one metric CRS, on the row of their file.

    ``facilities`` and ``candidates`` carry ``file`` and ``outside`` (what to do with a point
    off the streets: ``error`` or ``skip``) beside the columns of the contract. ``roads`` are the
    streets that vehicles may use, where that is asked; ``left_out`` the rows left out on reading:
    ``file``, ``row``, ``name``, ``reason``; ``notes`` remarks on reading.
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
    faults: gpd.GeoDataFrame = field(default_factory=gpd.GeoDataFrame)
    left_out: pd.DataFrame | None = None
    notes: tuple[tuple[str, dict[str, object]], ...] = ()


def assemble(
    tables: Tables, settings: Settings, kinds: dict[str, Kind], problems: Problems
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

    Returns
    -------
    The study area: every table in one metric CRS, labelled, located in communities and on the
    streets.

    Raises
    ------
    InputError
        If a grid of hexagons or of spread people would have more places than can be computed on.
    """
    notes: list[tuple[str, dict[str, object]]] = [
        ("area.asides", {"file": entry.label, "rows": ", ".join(map(str, entry.asides))})
        for entry in tables.inputs
        if entry.asides
    ]
    notes += tables.notes
    whole = not problems.found  # else rows may be missing that others name
    streets, far = remarks.of_streets(tables.streets)
    notes += far
    extent = shapely.MultiPoint(shapely.get_coordinates(streets.geometry)).convex_hull
    extent = extent.buffer(EXTENT_MARGIN_M)
    communities = _communities(tables, settings, extent, problems)
    skipped = [] if tables.left_out is None else [tables.left_out]
    facilities = _labelled(tables.facilities, "kind", ())
    candidates = _labelled(tables.candidates, "host", facilities.index)
    if whole:
        check_links(tables.links, facilities, communities, problems)
        if tables.communities is not None:
            check_named(facilities, communities, problems)
    links, supplies = _by_target(tables.links)
    if not settings.delivery:  # which refuses a link said twice
        links, told = remarks.of_links(links)
        notes += told
    notes += [*twice(facilities, "kind"), *twice(candidates, "host")]
    if whole and tables.communities is not None:
        notes += remarks.of_communities(communities)
    facilities = _on_streets(facilities, tables.network, settings, problems, skipped)
    candidates = _on_streets(candidates, tables.network, settings, problems, skipped)
    areas = int(has_entrances(facilities).sum() + has_entrances(candidates).sum())
    if areas:
        notes.append(("area.entered_at_edge", {"n": areas}))
    if whole and tables.communities is not None:
        check_homes(tables.demand, communities, settings, problems)
    demand, groups = _demand(
        tables, communities, settings, extent, notes=notes, problems=problems, skipped=skipped
    )
    if demand.empty and tables.demand is not None:
        file = None if settings.demand is None else settings.demand.label
        problems.add("area.no_home_inside", file=file, value=len(tables.demand))
    if whole and tables.demand is not None:
        check_units(facilities, demand, "hamlet", problems)
    communities = _with_people(communities, tables.demand, demand, groups)
    facilities = facilities.assign(
        community=_located(facilities, communities),
        operating=in_operation(facilities, settings.year),
    )
    area = StudyArea(
        communities=communities,
        demand=demand,
        facilities=facilities,
        candidates=candidates.assign(community=_located(candidates, communities)),
        links=links.drop(columns="station", errors="ignore"),
        supplies=supplies.reindex(columns=list(SUPPLY)),
        network=tables.network,
        streets=tables.streets,
        extent=extent,
        backdrop=tables.backdrop,
        groups=groups,
        kinds=kinds,
        spread=tables.demand is None,
        skipped=_listed(skipped),
        inputs=tables.inputs,
        roads=tables.roads,
        faults=_with_scraps(tables.faults, tables.network),
        cost_unit=_cost_unit(tables, settings, problems),
    )
    homes = area.homes(settings.walk.max_snap_m)
    notes += _on_scraps(area, homes)
    if len(demand):  # else nobody reaches anything, and that has been told
        facilities = _without(facilities, _cut_off(area, homes), "on_island", problems, skipped)
    check_words(
        settings,
        kinds,
        groups,
        facilities=tables.facilities,
        candidates=tables.candidates,
        problems=problems,
    )
    check_people(demand, settings, groups, problems)
    density = street_density(area.counted, demand, tables.network, homes, spread=area.spread)
    notes += thin_notes(density, area.counted)
    return area.with_tables(
        facilities=facilities, skipped=_listed(skipped), notes=tuple(notes), density=density
    )


def _communities(
    tables: Tables, settings: Settings, extent: shapely.Polygon, problems: Problems
) -> gpd.GeoDataFrame:
    """Return the communities as given, or hexagons; with ``inside_share`` and ``inside``."""
    frame = tables.communities
    if frame is None:
        width = settings.communities.hexagons_m
        assert width is not None  # noqa: S101  settings hold a file or hexagons
        _check_grid("communities.hexagons_m", gpd.GeoSeries([extent]), width, problems)
        frame = grids.hexagons(extent, width, tables.streets.crs)
        frame = frame.reindex(columns=[*frame.columns, "street", "settlement", "zone"])
    frame = frame.set_index(frame["id"].to_numpy(), drop=False)
    frame = frame.assign(inside_share=_inside_share(frame, tables.demand, extent))
    frame["inside"] = frame["inside_share"] >= settings.coverage.inside_share - 1e-12
    if not frame["inside"].any():
        problems.add("area.no_community_inside", file=settings.communities.file)
    return frame


def _check_grid(key: str, shapes: gpd.GeoSeries, spacing_m: float, problems: Problems) -> None:
    """Refuse a grid of more places than can be computed on, before they are made."""
    size = grids.grid_size(shapes, spacing_m)
    if size > grids.MOST_PLACES:
        fits = spacing_m * (size / grids.MOST_PLACES) ** 0.5
        problems.add(
            "area.too_many_places",
            file=key,
            value=f"{spacing_m:g}",
            n=f"{size:,}",
            most=f"{grids.MOST_PLACES:,}",
            fits=f"{fits:,.0f}",
        )
        problems.raise_any(InputError)


def _inside_share(
    communities: gpd.GeoDataFrame, demand: gpd.GeoDataFrame | None, extent: shapely.Polygon
) -> pd.Series:
    """Measure the share of each community's people, or else area, within the streets' extent."""
    of_area: pd.Series = communities.intersection(extent).area / communities.area
    if demand is None:
        return of_area
    people = demand["population"].to_numpy(float)
    home = _home(demand, communities).to_numpy()
    within = people * demand.intersects(extent).to_numpy()
    sums = pd.DataFrame({"all": people, "within": within}).groupby(home).sum()
    of_people = (sums["within"] / sums["all"]).where(sums["all"] > 0)
    return of_people.reindex(communities.index).fillna(of_area)


def _home(demand: gpd.GeoDataFrame, communities: gpd.GeoDataFrame) -> pd.Series:
    """Find the community of each demand point: the one it names, else the one it lies in.

    It may name it by its id, or by a name that no other has.
    """
    named = demand["community"].map(by_name(communities))
    demand = demand.assign(community=named.where(named.notna(), demand["community"]))
    known = demand["community"].isin(communities.index)
    located = pd.Series(
        _located(demand.reset_index(drop=True), communities).to_numpy(), demand.index
    )
    home: pd.Series = demand["community"].where(known, located)
    return home


def _on_streets(
    frame: gpd.GeoDataFrame,
    network: Network,
    settings: Settings,
    problems: Problems,
    skipped: list[pd.DataFrame],
) -> gpd.GeoDataFrame:
    """Keep the points that lie on the streets; report or skip the others, as their source says."""
    frame = near_streets(frame, network, settings.walk.max_snap_m)
    frame = frame.rename(columns={"nearest_m": "distance_m"})
    kept = _without(frame, frame["distance_m"].notna(), "off_streets", problems, skipped)
    return kept.drop(columns="distance_m")


def _without(
    frame: gpd.GeoDataFrame,
    wrong: pd.Series,
    reason: str,
    problems: Problems,
    skipped: list[pd.DataFrame],
) -> gpd.GeoDataFrame:
    """Return the points but for those nobody can reach: a problem each, or listed if so asked."""
    out = frame[wrong].reindex(columns=[*frame.columns.difference(["distance_m"]), "distance_m"])
    for _, row in out[out["outside"] == "error"].iterrows():
        metres = "" if pd.isna(row["distance_m"]) else f"{row['distance_m']:,.0f}"
        problems.add(
            f"area.{reason}", file=row["file"], row=row["row"], value=row["name"], metres=metres
        )
    listed = out.loc[out["outside"] == "skip", ["file", "row", "name", "distance_m"]]
    skipped.append(listed.assign(reason=reason))
    return frame[~wrong]


def _listed(skipped: list[pd.DataFrame]) -> pd.DataFrame:
    filled = [part for part in skipped if len(part)]
    columns = ["file", "row", "name", "reason", "distance_m"]
    return (
        pd.concat(filled, ignore_index=True).reindex(columns=columns)
        if filled
        else pd.DataFrame([], columns=columns)
    )


def _labelled(
    frame: gpd.GeoDataFrame, prefix: str, taken: Sequence[object] | pd.Index
) -> gpd.GeoDataFrame:
    """Label each row: its id where nothing else has it, over all files, else with a prefix."""
    frame = frame.rename_axis("row").reset_index()
    ids = frame["id"].astype(object)
    number = frame.groupby(prefix, dropna=False).cumcount() + 1
    heads = frame[prefix].fillna("site").astype(str)
    ids = ids.where(ids.notna(), number.astype(str))
    clash = ids.duplicated(keep=False) | frame["id"].isna() | ids.isin(taken)
    ids = ids.mask(clash, heads + "-" + ids.astype(str))
    again = ids.duplicated(keep=False)
    order = ids.groupby(ids).cumcount() + 1
    labels = pd.Index(ids.mask(again, ids.astype(str) + "-" + order.astype(str)))
    return frame.set_index(labels, drop=False).rename_axis(None)


def _demand(
    tables: Tables,
    communities: gpd.GeoDataFrame,
    settings: Settings,
    extent: shapely.Polygon,
    *,
    notes: list[tuple[str, dict[str, object]]],
    problems: Problems,
    skipped: list[pd.DataFrame],
) -> tuple[gpd.GeoDataFrame, tuple[str, ...]]:
    """Return the demand points as given, or people spread over their community's streets."""
    inside = communities[communities["inside"]]
    if tables.demand is not None:
        rows = tables.demand.index
        given = tables.demand.reset_index(drop=True)
        groups = tuple(group_columns(given))
        given["community"] = _home(given, communities)
        if tables.communities is not None:
            notes += remarks.of_homes(given.set_index(rows), communities, groups)
            check_nested(given.set_index(rows), communities, "hamlet", settings, problems)
        given[list(groups)] = given[list(groups)].fillna(0.0)
        lost = given["community"].isna()
        if lost.any():
            people = float(given.loc[lost, "population"].sum())
            notes.append(
                ("area.demand_nowhere", {"n": int(lost.sum()), "people": f"{people:,.0f}"})
            )
            file = "" if settings.demand is None else settings.demand.label
            nowhere = pd.DataFrame({"row": rows[lost], "name": given.loc[lost, "id"]})
            skipped.append(nowhere.assign(file=file, reason="no_community"))
        demand = given[given["community"].isin(inside.index)]
        ids = demand["id"].where(demand["id"].notna(), demand.index.astype(str))
        return demand.set_index(pd.Index(ids)).drop(columns="id").rename_axis(None), groups
    groups = tuple(group_columns(communities.drop(columns=["inside_share", "inside"])))
    shapes = inside.geometry.intersection(extent)
    _check_grid("coverage.spread_m", shapes, settings.coverage.spread_m, problems)
    points = grids.spread_points(shapes, settings.coverage.spread_m)
    near = tables.network.snap(points.geometry, max_snap_m=settings.walk.max_snap_m)
    on_street = ~points.index.isin(near.unreachable.index)
    reachable = points[on_street]
    nowhere = inside.index.difference(pd.Index(reachable["community"].unique()))
    points = points[on_street | points["community"].isin(nowhere)].reset_index(drop=True)
    size = points.groupby("community")["community"].transform("size")
    for group in groups:
        points[group] = points["community"].map(inside[group]).fillna(0.0) / size
    number = points.groupby("community").cumcount() + 1
    labels = points["community"].astype(str) + "/" + number.astype(str)
    return points.set_index(pd.Index(labels)).rename_axis(None), groups


def _with_people(
    communities: gpd.GeoDataFrame,
    given: gpd.GeoDataFrame | None,
    demand: gpd.GeoDataFrame,
    groups: Sequence[str],
) -> gpd.GeoDataFrame:
    """Give communities the people of their demand points where they have no figures themselves.

    Those left out get the people of the points given, so that it can be told whom that leaves out.
    """
    missing = [group for group in groups if group not in communities.columns]
    if not missing:
        return communities
    if given is not None:
        demand = given.assign(community=_home(given, communities))
    sums = demand.groupby("community")[missing].sum().reindex(communities.index, fill_value=0.0)
    return communities.join(sums)


def _located(points: gpd.GeoDataFrame, communities: gpd.GeoDataFrame) -> pd.Series:
    """Find the community that each point lies in: the first, where polygons overlap."""
    if points.empty:
        return pd.Series(index=points.index, dtype=object)
    pairs = communities.sindex.query(points.geometry, predicate="intersects")
    found = pd.Series(communities.index.to_numpy()[pairs[1]], index=points.index[pairs[0]])
    return found[~found.index.duplicated()].reindex(points.index)


def _cut_off(area: StudyArea, homes: Snapped) -> pd.Series:
    """Return which facilities stand on a part of the streets where nobody lives."""
    at = area.network.snap(main_entrance(area.facilities), max_snap_m=homes.max_snap_m)
    part, peopled = at.points["part"], homes.points["part"].dropna()
    return part.notna() & ~part.isin(peopled.unique())


def _on_scraps(area: StudyArea, homes: Snapped) -> list[tuple[str, dict[str, object]]]:
    """Return a remark on places by scraps of street: how many there are, and where they stand."""
    network, limit_m = area.network, homes.max_snap_m
    plain = replace(network, pass_over_m=0.0, kept={})
    notes: list[tuple[str, dict[str, object]]] = []
    length = network.components["length_m"]
    scrap = set(length.index[length < min(network.pass_over_m, 0.1 * length.iloc[0])])
    for key, frame in (("homes", area.demand), ("facilities", area.facilities)):
        if frame.empty or not scrap:
            continue
        places = main_entrance(frame)
        at = homes if key == "homes" else network.snap(places, max_snap_m=limit_m)
        by = plain.snap(places, max_snap_m=limit_m).points["part"].isin(scrap)
        on = at.points["part"].isin(scrap)
        if not by.any():
            continue
        people = frame.loc[by, "population"].sum() if "population" in frame else 0.0
        left = frame.loc[on, "population"].sum() if "population" in frame else 0.0
        told: dict[str, object] = {
            "n": int(by.sum()),
            "people": f"{people:,.0f}",
            "moved": int((by & ~on).sum()),
            "stay": int(on.sum()),
            "left": f"{left:,.0f}",
            "where": places_named(frame[on] if on.any() else frame[by]),
        }
        notes.append((f"area.scraps_{key}", told))
    return notes


def _with_scraps(faults: gpd.GeoDataFrame, network: Network) -> gpd.GeoDataFrame:
    """Add the scraps of street that are passed over: the middle of each, and its length."""
    own = np.flatnonzero(scrap_edges(network))
    if not len(own):
        return faults
    part = network.part_of_junction[network.graph.chain_a[network.edge_chain[own]]]
    longest = pd.DataFrame({"part": part, "edge": own, "metres": network.edge_length_m[own]})
    whole = longest.groupby("part")["metres"].sum()
    longest = longest.sort_values("metres", kind="stable").drop_duplicates("part", keep="last")
    vertex = network.edge_vertex
    middle = (vertex[longest["edge"]] + vertex[longest["edge"] + 1]) // 2
    places = shapely.points(network.ground.vertex_xy[middle])
    found = gpd.GeoDataFrame(geometry=places, crs=network.crs).assign(
        fault="scrap", mended=True, length_m=whole[longest["part"]].to_numpy()
    )
    return gpd.GeoDataFrame(pd.concat([faults, found] if len(faults) else [found]), crs=network.crs)


def _cost_unit(tables: Tables, settings: Settings, problems: Problems) -> str | None:
    """Return the unit that the candidates' costs are in."""
    entries = [entry for entry in tables.inputs if entry.role == "candidates"]
    named = {source.file: source.cost_unit for source in settings.candidates}
    files = [(entry.file, named.get(entry.file), entry.understood) for entry in entries]
    return cost_unit(files, money_units(), problems)


def _by_target(links: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Separate links to communities from links to other facilities."""
    if "station" not in links:
        return links, links.head(0).assign(station=None).reindex(columns=list(SUPPLY))
    to_station = links["station"].notna()
    return links[links["community"].notna()], links[to_station]
