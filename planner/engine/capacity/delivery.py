"""Deliveries: from a kitchen over stations to communities, in time and within what each can do.

Links run from a facility to a facility or to a community. A *route* follows links from a hub, a
facility that no link leads to, to a community. Everything on a route leaves the hub at minute 0,
waits ``handling_min`` at each station, and has arrived with the last round of each link: a link
driven in ``rounds`` rounds takes its minutes once out for each, and once back between them.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from planner.engine.capacity.pairs import Floats, Ints
from planner.engine.labels import shorten
from planner.errors import InputError, Problem, Problems

PROOF = 1e-9
TOLERANCE_MIN = 1e-9


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """Who gets a meal, when, and over what.

    Parameters
    ----------
    communities
        On the community: ``need``, ``meals`` delivered in time, ``share`` (missing where nothing
        is needed), ``minutes`` of the fastest route (missing without one), ``in_time``, and
        ``reason`` why not all is delivered: ``"no_route"``, ``"too_late"``, ``"short"`` (of
        meals or rounds), or missing.
    routes
        ``route`` (the way, as labels), ``community``, ``minutes``, ``in_time``, ``meals``.
    links
        The links on their row: ``source``, ``target``, ``minutes``, ``rounds``, ``limit`` in
        meals (missing where there is none) and ``meals`` carried.
    facilities
        On the facility: ``capacity``, ``meals`` passing through, and ``use``.
    objective, bound
        Meals delivered in time, and the most that could be.
    gap
        Their difference as a share of the bound.
    status
        ``"optimal"`` if proven, else ``"feasible"``.
    notes
        What the reader should know.
    """

    communities: pd.DataFrame
    routes: pd.DataFrame
    links: pd.DataFrame
    facilities: pd.DataFrame
    objective: float
    bound: float
    gap: float
    status: str
    notes: tuple[Problem, ...] = ()


def timed_links(links: pd.DataFrame, od: pd.DataFrame) -> pd.DataFrame:
    """Return the links with the minutes of each.

    Parameters
    ----------
    links
        ``source`` and ``target``; further columns are kept.
    od
        ``facility`` (the source), ``demand`` (the target) and ``minutes``, by the vehicle used.

    Returns
    -------
    The links with ``minutes``, missing where there is no way.
    """
    known = od.set_index(["facility", "demand"])["minutes"]
    pairs = pd.MultiIndex.from_frame(links[["source", "target"]])
    return links.assign(minutes=known.reindex(pairs).to_numpy())


def deliver(
    links: pd.DataFrame,
    need: pd.Series,
    capacity: pd.Series,
    *,
    window_min: float,
    handling_min: float = 0.0,
) -> Delivery:
    """Compute the deliveries that bring most meals in time, over the fastest routes that allow it.

    A linear program over the routes within the window, solved by HiGHS; the bound is made from
    its prices.

    Parameters
    ----------
    links
        ``source`` (a facility), ``target`` (a facility or community), ``minutes`` one way
        (missing where there is no way); and, where known, ``rounds`` (1 if missing) and ``load``,
        meals a round (no limit if missing).
    need
        Meals each community needs.
    capacity
        Meals each facility can make or pass on in the window; missing if there is no limit known.
    window_min
        Minutes from dispatch within which a meal must arrive.
    handling_min
        Minutes each station takes before it sends on.

    Returns
    -------
    What arrives where and when, over which routes.

    Raises
    ------
    InputError
        If a link names an unknown facility or community, links run in a circle, a label is both
        facility and community, or a number is negative. All at once.
    """
    links = check_links(links, need, capacity, window_min)
    routes = _routes(links, need.index, handling_min)
    in_time = routes["minutes"] <= window_min + TOLERANCE_MIN
    meals, bound = _most_meals(routes[in_time], links, need, capacity)
    routes = routes.assign(in_time=in_time, meals=0.0)
    routes.loc[in_time, "meals"] = meals
    on_link, on_facility = _through(routes, links, capacity)
    objective = float(meals.sum())
    gap = max(bound - objective, 0.0) / bound if bound > 0 else 0.0
    proven = gap <= PROOF
    lost, limitless = links["minutes"].isna(), capacity.isna()
    notes = []
    if lost.any():
        named = shorten(f"{a} - {b}" for a, b in links.loc[lost, ["source", "target"]].to_numpy())
        notes.append(Problem(key="capacity.link_no_way", value=named))
    if limitless.any():
        params = {"n": int(limitless.sum()), "all": len(capacity)}
        named = shorten(capacity.index[limitless])
        notes.append(Problem(key="capacity.no_limit", value=named, params=params))
    return Delivery(
        communities=_arrivals(routes, need),
        routes=routes.drop(columns="rows").assign(route=routes["route"].map(" → ".join)),
        links=links.drop(columns="load").assign(meals=on_link),
        facilities=pd.DataFrame(
            {
                "capacity": capacity,
                "meals": on_facility,
                "use": on_facility / capacity.where(capacity > 0),
            },
            index=capacity.index,
        ),
        objective=objective,
        bound=objective if proven else bound,
        gap=0.0 if proven else gap,
        status="optimal" if proven else "feasible",
        notes=tuple(notes),
    )


def linked(links: pd.DataFrame, operating: pd.Series, *, year: int | None = None) -> set[Hashable]:
    """Return the communities that links serve in a year.

    A station that depends on others (some link leads to it) serves only while one of them does.

    Parameters
    ----------
    links
        ``source``, ``target``, and, where known, ``from_year`` and ``to_year`` (the first year
        without the link).
    operating
        Whether each facility operates in the year.
    year
        The year; without one, links that have ended do not count.

    Returns
    -------
    Ids of the communities.

    Raises
    ------
    InputError
        If a link starts from an unknown facility, or links run in a circle.
    """
    begins, ends = (
        pd.to_numeric(links[name]) if name in links else pd.Series(np.nan, links.index)
        for name in ("from_year", "to_year")
    )
    valid = ends.isna() if year is None else ~(begins > year) & ~(ends <= year)
    problems = Problems()
    _check_sources(links, operating.index, problems)
    suppliers = _suppliers(links[valid], problems)
    problems.raise_any(InputError)
    supplied: set[Hashable] = set()
    for node, sources in suppliers.items():
        if (not sources or not supplied.isdisjoint(sources)) and operating.get(node, True):
            supplied.add(node)
    return supplied.difference(operating.index)


def check_links(
    links: pd.DataFrame, need: pd.Series, capacity: pd.Series, window_min: float
) -> pd.DataFrame:
    """Check links and amounts, and fill in what is optional.

    Parameters
    ----------
    links, need, capacity, window_min
        As for `deliver`; ``minutes`` may be missing.

    Returns
    -------
    The links with ``minutes``, ``rounds``, ``load`` and ``limit``, what all rounds carry.

    Raises
    ------
    InputError
        As `deliver`.
    """
    problems = Problems()
    _check_sources(links, capacity.index, problems)
    known = capacity.index.union(need.index, sort=False)
    for row, target in links.loc[~links["target"].isin(known), "target"].items():
        problems.add("capacity.link_target", file="links", row=str(row), value=target)
    both = capacity.index.intersection(need.index)
    if len(both):
        problems.add("capacity.label_both", value=shorten(both))
    twice = links.duplicated(["source", "target"])
    for row, link in links[twice].iterrows():
        pair = f"{link['source']} - {link['target']}"
        problems.add("capacity.link_twice", file="links", row=str(row), value=pair)
    _suppliers(links, problems)
    numbers = links[["source", "target"]].copy()
    for name, default in (("minutes", np.nan), ("rounds", 1.0), ("load", np.nan)):
        column = links[name] if name in links else pd.Series(default, links.index)
        numbers[name] = pd.to_numeric(column, errors="coerce").fillna(default)
        for row in numbers.index[numbers[name] < 0]:
            problems.add("capacity.negative", file="links", row=str(row), value=row, name=name)
    for name, series in (("need", need), ("capacity", capacity)):
        if (series < 0).any():
            problems.add("capacity.negative", value=shorten(series.index[series < 0]), name=name)
    if need.isna().any():
        problems.add("capacity.not_a_number", value=shorten(need.index[need.isna()]), name="need")
    if not window_min >= 0:
        problems.add("capacity.cutoff", value=window_min)
    problems.raise_any(InputError)
    return numbers.assign(limit=numbers["rounds"] * numbers["load"])


def _check_sources(links: pd.DataFrame, facilities: pd.Index, problems: Problems) -> None:
    for row, source in links.loc[~links["source"].isin(facilities), "source"].items():
        problems.add("capacity.link_source", file="links", row=str(row), value=source)


def _suppliers(links: pd.DataFrame, problems: Problems) -> dict[Hashable, set[Hashable]]:
    """Return whom a link leads from to each place, suppliers first; a circle is a problem."""
    suppliers: dict[Hashable, set[Hashable]] = {}
    for source, target in links[["source", "target"]].itertuples(index=False, name=None):
        suppliers.setdefault(target, set()).add(source)
    try:
        order = [*TopologicalSorter(suppliers).static_order()]
    except CycleError:
        _tell_circles(links, problems)
        return {}
    return {node: suppliers.get(node, set()) for node in order}


def _tell_circles(links: pd.DataFrame, problems: Problems) -> None:
    """Note each circle of links."""
    import networkx as nx  # noqa: PLC0415  a quarter of a second to load

    graph: Any = nx.DiGraph()
    graph.add_edges_from(links[["source", "target"]].itertuples(index=False, name=None))
    for group in nx.strongly_connected_components(graph):
        part = graph.subgraph(group)
        if part.number_of_edges():
            circle = nx.find_cycle(part, source=min(group, key=str))
            way = [str(node) for node, _ in circle]
            problems.add("capacity.link_circle", file="links", value=" → ".join([*way, way[0]]))


def _routes(links: pd.DataFrame, communities: pd.Index, handling_min: float) -> pd.DataFrame:
    """Return every way along the links from a hub to a community, one a row."""
    usable = links[links["minutes"].notna() & (links["rounds"] > 0)]
    leaving: dict[Hashable, list[tuple[Hashable, float, int]]] = {}
    takes = usable["minutes"] * (2 * usable["rounds"] - 1)
    places = links.index.get_indexer(usable.index).tolist()
    for source, target, minutes, row in zip(
        usable["source"], usable["target"], takes, places, strict=True
    ):
        leaving.setdefault(source, []).append((target, minutes, row))
    ends = set(communities)
    hubs = set(links["source"]) - set(links["target"])
    ways: list[tuple[tuple[Hashable, ...], tuple[int, ...], float]]
    ways = [((hub,), (), 0.0) for hub in sorted(hubs, key=str, reverse=True)]
    found: list[tuple[tuple[str, ...], Hashable, float, tuple[int, ...]]] = []
    while ways:
        labels, rows, ready = ways.pop()
        for target, minutes, row in leaving.get(labels[-1], []):
            arrives = ready + minutes
            way = (*labels, target), (*rows, row)
            if target in ends:
                found.append((tuple(map(str, way[0])), target, arrives, way[1]))
            else:
                ways.append((*way, arrives + handling_min))
    return pd.DataFrame(found, columns=["route", "community", "minutes", "rows"])


def _incidence(routes: pd.DataFrame) -> tuple[Ints, Ints]:
    """Return each route with each link it follows, by position."""
    lengths = routes["rows"].map(len).to_numpy(int)
    at = np.repeat(np.arange(len(routes)), lengths)
    rows = np.array([row for way in routes["rows"] for row in way], dtype=np.int64)
    return at, rows


def _most_meals(
    routes: pd.DataFrame, links: pd.DataFrame, need: pd.Series, capacity: pd.Series
) -> tuple[Floats, float]:
    """Choose the meals of each route: most of them, then fewest minutes; and a bound on most."""
    n = len(routes)
    if not n:
        return np.zeros(0), 0.0
    from scipy.optimize import linprog  # noqa: PLC0415  slow to load, for deliveries alone

    at, rows = _incidence(routes)
    source = capacity.index.get_indexer(pd.Index(links["source"]))
    home = need.index.get_indexer(pd.Index(routes["community"]))
    blocks = [
        (home, np.arange(n), need.to_numpy(float)),
        (rows, at, links["limit"].to_numpy(float)),
        (source[rows], at, capacity.to_numpy(float)),
    ]
    parts, limits = [], []
    for which, way, limit in blocks:
        bounded = ~np.isnan(limit)
        block = sparse.csr_array((np.ones(len(way)), (which, way)), shape=(len(limit), n))
        parts.append(block[np.flatnonzero(bounded)])
        limits.append(limit[bounded])
    matrix: Any = sparse.vstack(parts, format="csr")
    limit = np.concatenate(limits)
    solve: Any = linprog
    most = solve(-np.ones(n), A_ub=matrix, b_ub=limit, method="highs")
    # Any prices from 0 up that charge every route at least 1 a meal bound the meals.
    price = np.maximum(-most.ineqlin.marginals, 0.0)
    cheapest = float((matrix.T @ price).min())
    bound = float(limit @ price) / min(cheapest, 1.0) if cheapest > 0 else float(need.sum())
    as_many: Any = sparse.vstack([matrix, sparse.csr_array(-np.ones((1, n)))], format="csr")
    fewest = solve(
        routes["minutes"].to_numpy(float),
        A_ub=as_many,
        b_ub=np.append(limit, most.fun * (1 - 1e-12)),
        method="highs",
    )
    meals = most.x if fewest.x is None else fewest.x
    meals = np.where(np.abs(meals - np.rint(meals)) < 1e-7, np.rint(meals), meals)
    return np.maximum(meals, 0.0), min(bound, float(need.sum()))


def _through(
    routes: pd.DataFrame, links: pd.DataFrame, capacity: pd.Series
) -> tuple[Floats, Floats]:
    """Return the meals over each link and from each facility."""
    at, rows = _incidence(routes)
    meals = routes["meals"].to_numpy(float)[at]
    on_link = np.asarray(np.bincount(rows, meals, len(links)), dtype=np.float64)
    source = capacity.index.get_indexer(pd.Index(links["source"]))
    return on_link, np.asarray(np.bincount(source, on_link, len(capacity)), dtype=np.float64)


def _arrivals(routes: pd.DataFrame, need: pd.Series) -> pd.DataFrame:
    """Return for each community what arrives, when, and what is in the way."""
    by_home = routes.groupby("community")
    table = pd.DataFrame({"need": need.astype(float)})
    table["meals"] = by_home["meals"].sum().reindex(need.index).fillna(0.0)
    table["share"] = table["meals"] / table["need"].where(table["need"] > 0)
    table["minutes"] = by_home["minutes"].min().astype(float).reindex(need.index)
    in_time = by_home["in_time"].any().reindex(need.index)
    table["in_time"] = in_time.eq(True).fillna(False).astype(bool)
    short = table["meals"] < table["need"] * (1 - PROOF)
    reason = pd.Series(None, index=need.index, dtype=object)
    reason[short] = "short"
    reason[~table["in_time"]] = "too_late"
    reason[table["minutes"].isna()] = "no_route"
    table["reason"] = reason
    return table
