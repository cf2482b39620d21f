"""Read street tables, graphs and lines, check them, and compile them to a `Network`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError

from planner.engine.network.graph.compile import Made, compile_network
from planner.engine.network.graph.modes import (
    STEEPEST,
    WALKING,
    WORTH,
    Mode,
    check_mode,
    edge_costs,
)
from planner.engine.network.graph.packed import PackedLines
from planner.engine.network.graph.places import number_places
from planner.engine.network.graph.slopes import climbs
from planner.engine.network.search.kernels import FAR
from planner.errors import NetworkError, Problems

if TYPE_CHECKING:
    import networkx as nx

_ONEWAY = {"yes": 1, "true": 1, "1": 1, "-1": -1, "reverse": -1}
_SHOWN = 5
_LONGEST_M = 1e7  # a street longer than this is none, and its cost would not fit


def from_edges(make: type[Made], nodes: pd.DataFrame, edges: pd.DataFrame, crs: Any) -> Made:
    """Build a network from tables: see `Network.from_edges`.

    Parameters
    ----------
    make
        The class of network.
    nodes
        Nodes by label: `x`, `y`, perhaps `z`, metres.
    edges
        Edges by label: `u`, `v`, `length_m`, perhaps `oneway`, `geometry`, attributes.
    crs
        A projected system in metres.

    Returns
    -------
    The network.

    Raises
    ------
    NetworkError
        With everything that is wrong, check after check.
    """
    return _from_tables(make, nodes, edges, None, crs)


def _from_tables(
    make: type[Made],
    nodes: pd.DataFrame,
    edges: pd.DataFrame,
    drawn: tuple[np.ndarray, np.ndarray] | None,
    crs: Any,
) -> Made:
    """Check tables and compile them; vertices and the first of each edge may come beside them."""
    problems = Problems()
    metric = metric_crs(crs, problems)
    xy, length = _read_columns(nodes, edges, problems)
    u, v = _ends(nodes, edges, problems)
    _check_lines(edges, metric, problems)
    vertices, start = _vertices(edges, xy, u, v) if drawn is None else drawn
    attributes = _attributes(edges, problems)
    if "z" in nodes.columns and not {"slope", WORTH[0]} & set(attributes.columns):
        z = _numbers(nodes["z"])
        rise = np.divide(z[v] - z[u], length, out=np.zeros(len(u)), where=length > 0)
        # Heights are often noise on the shortest streets.
        attributes = attributes.assign(slope=np.clip(rise, -STEEPEST, STEEPEST))
    oneway = _oneway(edges["oneway"]) if "oneway" in edges.columns else np.zeros(len(u), np.int8)
    forward, backward = edge_costs(WALKING, length, oneway, attributes)
    return compile_network(
        make,
        crs=metric,
        unit="m",
        node_label=nodes.index,
        node_xy=xy,
        edge_label=edges.index,
        u=u,
        v=v,
        length_m=length,
        oneway=oneway,
        vertices=vertices,
        vertex_start=start,
        attributes=attributes,
        forward=forward,
        backward=backward,
        turned=np.zeros(len(u), bool),
    )


def _read_columns(
    nodes: pd.DataFrame, edges: pd.DataFrame, problems: Problems
) -> tuple[np.ndarray, np.ndarray]:
    """Return places of nodes (n x 2) and lengths of edges, after checking that all are there."""
    for table, columns in ((nodes, ("x", "y")), (edges, ("u", "v", "length_m"))):
        for column in columns:
            if column not in table.columns:
                key = "network.no_lengths" if column == "length_m" else "network.no_column"
                problems.add(key, value=column)
    problems.raise_any(NetworkError)
    if edges.empty:
        problems.add("network.no_edges")
    note_labels(problems, "network.duplicate_node", nodes.index[nodes.index.duplicated()])
    note_labels(problems, "network.duplicate_edge", edges.index[edges.index.duplicated()])
    xy = np.column_stack([_numbers(nodes[axis]) for axis in ("x", "y")])
    note_labels(problems, "network.node_without_place", nodes.index[~np.isfinite(xy).all(axis=1)])
    length = _numbers(edges["length_m"])
    note_labels(problems, "network.missing_length", edges.index[~(length < _LONGEST_M)])
    note_labels(problems, "network.negative_length", edges.index[length < 0])
    problems.raise_any(NetworkError)
    return xy, length


def _ends(
    nodes: pd.DataFrame, edges: pd.DataFrame, problems: Problems
) -> tuple[np.ndarray, np.ndarray]:
    """Return the numbers of the nodes that edges run from and to, all of them known."""
    u, v = (nodes.index.get_indexer(pd.Index(edges[end])) for end in ("u", "v"))
    for end, at in (("u", u), ("v", v)):
        note_labels(
            problems, "network.unknown_node", pd.Index(edges[end].to_numpy()[at < 0]).unique()
        )
    problems.raise_any(NetworkError)
    return u, v


def _check_lines(edges: pd.DataFrame, metric: CRS, problems: Problems) -> None:
    """Refuse edges drawn as something else than lines, or in another CRS than the network's."""
    if "geometry" not in edges.columns:
        return
    kind = shapely.get_type_id(np.asarray(edges["geometry"].array, dtype=object))
    note_labels(problems, "network.not_a_line", edges.index[~np.isin(kind, [-1, 1, 2, 5])])
    drawn_in = getattr(edges["geometry"], "crs", None)
    if drawn_in is not None and drawn_in != metric:
        names = {"value": drawn_in.to_string(), "wanted": metric.to_string()}
        problems.add("network.lines_in_other_crs", **names)
    problems.raise_any(NetworkError)


def _attributes(edges: pd.DataFrame, problems: Problems) -> pd.DataFrame:
    """Return what else is known of edges; seconds and slopes as numbers that make sense."""
    attributes = pd.DataFrame(
        edges.drop(columns=["u", "v", "length_m", "oneway", "geometry"], errors="ignore")
    )
    for column in {"seconds", "slope"} & set(attributes.columns):
        value = _numbers(attributes[column])
        bad = np.isinf(value) | (np.isnan(value) & attributes[column].notna().to_numpy())
        bad |= (value < 0) if column == "seconds" else (np.abs(value) > STEEPEST)
        note_labels(problems, f"network.bad_{column}", edges.index[bad])
        attributes = attributes.assign(**{column: value})
    problems.raise_any(NetworkError)
    return attributes


def from_graph(make: type[Made], graph: nx.Graph[Any]) -> Made:
    """Build a network from a graph of networkx or OSMnx: see `Network.from_graph`.

    Parameters
    ----------
    make
        The class of network.
    graph
        The graph: nodes with x and y, edges with length in metres, its `crs`.

    Returns
    -------
    The network.

    Raises
    ------
    NetworkError
        As `from_edges`.
    """
    problems = Problems()
    crs = metric_crs(graph.graph.get("crs"), problems)
    problems.raise_any(NetworkError)
    nodes = pd.DataFrame.from_dict(
        {
            name: (data.get("x"), data.get("y"), data.get("z", data.get("elevation")))
            for name, data in graph.nodes(data=True)
        },
        orient="index",
        columns=["x", "y", "z"],
    )
    if nodes["z"].isna().all():
        nodes = nodes.drop(columns="z")
    ends = graph.edges(data=True)
    if not ends:
        problems.add("network.no_edges")
    problems.raise_any(NetworkError)
    edges = pd.DataFrame.from_records([data for _, _, data in ends])
    edges["u"], edges["v"] = [u for u, _, _ in ends], [v for _, v, _ in ends]
    edges = edges.rename(columns={"length": "length_m"})
    if graph.is_directed() and "length_m" in edges.columns:
        edges = _one_of_each_pair(edges)
    return from_edges(make, nodes, edges.reset_index(drop=True), crs)


def from_lines(make: type[Made], lines: PackedLines) -> Made:
    """Build a network from lines that meet at shared vertices: see `Network.from_lines`.

    Parameters
    ----------
    make
        The class of network.
    lines
        The streets, in a projected system in metres.

    Returns
    -------
    The network.

    Raises
    ------
    NetworkError
        As `from_edges`, and if a row is no line.
    """
    problems = Problems()
    crs = metric_crs(lines.crs, problems)
    note_labels(problems, "network.not_a_line", lines.strange)
    problems.raise_any(NetworkError)
    if not len(lines.row):
        problems.add("network.no_edges")
        problems.raise_any(NetworkError)
    # Handed on without a name: what only a part of the work needs is dropped on the way.
    return _from_tables(make, *_split_where_shared(lines), crs)


def _split_where_shared(
    lines: PackedLines,
) -> tuple[pd.DataFrame, pd.DataFrame, tuple[np.ndarray, np.ndarray]]:
    """Return the nodes and edges of lines, and the vertices of the edges with their starts."""
    xy, first, last = lines.xy, lines.start[:-1], lines.start[1:] - 1
    # Two vertices are one place when they agree to the micrometre.
    place, place_at = number_places(xy)
    is_end = np.zeros(len(place_at), bool)
    is_end[place[first]] = is_end[place[last]] = True
    is_node = is_end | (np.bincount(place) > 1)
    # An edge runs from each node vertex to the next one of its line.
    begin, finish = (
        np.flatnonzero(is_node[place] & ~_marks(ends, len(xy))) for ends in (last, first)
    )
    count = finish - begin + 1
    start = np.concatenate([[0], np.cumsum(count)])
    number = np.cumsum(is_node) - 1
    u, v = number[place[begin]], number[place[finish]]
    nodes = pd.DataFrame(xy[place_at[is_node]], columns=["x", "y"])
    row = lines.row[np.searchsorted(last, begin)]
    del place, place_at, finish
    taken = np.arange(start[-1]) - np.repeat(start[:-1] - begin, count)
    vertices = xy[taken]
    z = None if lines.z is None else lines.z[taken]
    del count, begin, taken
    edges = lines.table.drop(columns=["u", "v", "length_m"], errors="ignore").iloc[row]
    edges = edges.assign(line=lines.table.index[row], u=u, v=v, length_m=_lengths(vertices, start))
    edges = edges.reset_index(drop=True)
    if z is not None and "slope" not in edges:
        edges = pd.concat([edges, climbs(vertices, z, start)], axis="columns")
    return nodes, edges, (vertices, start)


def under_mode(network: Made, mode: Mode, closed: Any) -> Made:
    """Build a network anew for a mode of travel: see `Network.by`.

    Parameters
    ----------
    network
        The network.
    mode
        The mode of travel.
    closed
        Labels of edges that nobody may use.

    Returns
    -------
    The network.

    Raises
    ------
    NetworkError
        If the mode makes no sense, an edge is not known, or nothing is left open.
    """
    problems = Problems()
    check_mode(mode, problems)
    closed = pd.Index(closed)
    note_labels(problems, "network.unknown_edge", closed[~closed.isin(network.edge_label)])
    problems.raise_any(NetworkError)
    turned = network.edge_turned
    oneway = np.where(turned, -network.edge_oneway, network.edge_oneway)
    forward, backward = edge_costs(mode, network.edge_length_m, oneway, network.attributes)
    shut = network.edge_label.isin(closed)
    keep = np.flatnonzero(~shut & ((forward < FAR) | (backward < FAR)))
    if not len(keep):
        problems.add("network.all_closed")
    problems.raise_any(NetworkError)
    count = np.diff(network.edge_vertex)[keep]
    start = np.concatenate([[0], np.cumsum(count)])
    vertex = np.arange(start[-1]) - np.repeat(start[:-1] - network.edge_vertex[keep], count)
    made = compile_network(
        type(network),
        crs=network.crs,
        unit=mode.unit,
        node_label=network.node_label,
        node_xy=network.node_xy,
        edge_label=network.edge_label.take(keep),
        u=network.edge_u[keep],
        v=network.edge_v[keep],
        length_m=network.edge_length_m[keep],
        oneway=network.edge_oneway[keep],
        vertices=network.ground.vertex_xy[vertex],
        vertex_start=start,
        attributes=network.attributes.iloc[keep],
        forward=np.where(turned, backward, forward)[keep],
        backward=np.where(turned, forward, backward)[keep],
        turned=turned[keep],
    )
    return replace(made, pass_over_m=network.pass_over_m, kept={})


def metric_crs(crs: Any, problems: Problems) -> Any:
    """Return a projected system in metres.

    Parameters
    ----------
    crs
        What names it.
    problems
        Takes what is wrong.

    Returns
    -------
    The system; None where it is not known.
    """
    metric = None
    if crs is not None:
        try:
            metric = CRS.from_user_input(crs)
        except CRSError:
            problems.add("network.bad_crs", value=str(crs))
            return metric
    if metric is None:
        problems.add("network.no_crs")
    elif not metric.is_projected:
        problems.add("network.geographic_crs", value=metric.to_string())
    elif abs(metric.axis_info[0].unit_conversion_factor - 1) > 1e-9:
        problems.add("network.not_metres", value=metric.axis_info[0].unit_name)
    return metric


def _numbers(column: pd.Series) -> np.ndarray:
    """Return a column as float; what is not a number becomes NaN."""
    number = pd.to_numeric(column, errors="coerce")
    value: np.ndarray = number.to_numpy(np.float64, na_value=np.nan)
    return value


def note_labels(problems: Problems, key: str, labels: pd.Index) -> None:
    """Note one problem for all rows that have it, with the first few of them.

    Parameters
    ----------
    problems
        Collects what is wrong.
    key
        The problem.
    labels
        Labels of the rows that have it; nothing is noted without any.
    """
    if len(labels):
        shown = ", ".join(map(str, labels[:_SHOWN]))
        more = " …" if len(labels) > _SHOWN else ""
        problems.add(key, value=shown + more, count=len(labels))


def _oneway(column: pd.Series) -> np.ndarray:
    """Return the spellings of one-way as 1 (from u to v), -1 (against) and 0 (both ways)."""
    text = column.map(lambda one: str(one).lower())
    return text.map(_ONEWAY).fillna(0).to_numpy(np.int8)


def _vertices(
    edges: pd.DataFrame, xy: np.ndarray, u: np.ndarray, v: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the drawn line of each edge, from u to v; a straight one where none is given."""
    straight = np.stack([xy[u], xy[v]], axis=1).reshape(-1, 2)
    start = np.arange(0, 2 * len(u) + 1, 2, dtype=np.int64)
    if "geometry" not in edges.columns:
        return straight, start
    line = np.asarray(edges["geometry"].array, dtype=object)
    none = shapely.is_missing(line) | shapely.is_empty(line)
    if none.any():
        line = line.copy()
        line[none] = shapely.linestrings(straight.reshape(-1, 2, 2)[none])
    vertices, owner = shapely.get_coordinates(line, return_index=True)
    start = np.searchsorted(owner, np.arange(len(u) + 1)).astype(np.int64)
    head, tail = vertices[start[:-1]], vertices[start[1:] - 1]
    as_is = np.hypot(*(head - xy[u]).T) + np.hypot(*(tail - xy[v]).T)
    other = np.hypot(*(head - xy[v]).T) + np.hypot(*(tail - xy[u]).T)
    turn = np.repeat(other < as_is, np.diff(start))
    mirrored = np.repeat(start[:-1] + start[1:] - 1, np.diff(start)) - np.arange(start[-1])
    return vertices[np.where(turn, mirrored, np.arange(start[-1]))], start


def _lengths(vertices: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Return the length of each line, metres: of two vertices or more, one line after another."""
    if len(start) == 1:
        return np.empty(0)
    step = np.hypot(*np.diff(vertices, axis=0, append=vertices[-1:]).T)
    step[start[1:] - 1] = 0.0  # from the end of one line to the start of the next
    return np.add.reduceat(step, start[:-1])


def _one_of_each_pair(edges: pd.DataFrame) -> pd.DataFrame:
    """Keep one of the two directed edges that make up a two-way street; mark the rest one-way."""
    u, v = edges["u"].map(str), edges["v"].map(str)
    ahead = (u <= v).to_numpy()
    low, high = u.where(ahead, v), v.where(ahead, u)
    length = edges["length_m"].round(6)
    twin = pd.DataFrame({"low": low, "high": high, "length": length, "ahead": ahead})
    twin["turn"] = twin.groupby(["low", "high", "length", "ahead"], dropna=False).cumcount()
    shared = twin.duplicated(["low", "high", "length", "turn"], keep=False).to_numpy()
    keep = ~(shared & ~ahead)
    if "oneway" in edges.columns:
        return edges[keep]
    return edges.assign(oneway=~shared & (u != v).to_numpy())[keep]


def _marks(at: np.ndarray, n: int) -> np.ndarray:
    marks = np.zeros(n, bool)
    marks[at] = True
    return marks
