"""Walking times by a plain search, to hold the engine's against: every place becomes a vertex."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra


def minutes_to_nearest(
    streets: gpd.GeoSeries, homes: gpd.GeoSeries, facilities: gpd.GeoSeries, speed_mps: float
) -> pd.Series:
    """Minutes from each home to the nearest facility, the ways to and from the street included.

    Everything in metres. A place joins the nearest street at its nearest point; all of them cut
    the street there, and a search from all facilities at once runs over the pieces.
    """
    lines = streets.to_numpy()
    places = np.concatenate([homes.to_numpy(), facilities.to_numpy()])
    tree = shapely.STRtree(lines)
    line = tree.nearest(places)
    offset = shapely.line_locate_point(lines[line], places)
    off_street = shapely.distance(lines[line], places)
    first, last = (shapely.get_coordinates(shapely.get_point(lines, end)) for end in (0, -1))
    ends, number = np.unique(np.vstack([first, last]), axis=0, return_inverse=True)
    vertices, count = len(ends), len(lines)
    number = number.ravel()
    # The stops along each street: its start, the places that join it, its end.
    stops = pd.DataFrame(
        {
            "line": np.concatenate([np.arange(count), line, np.arange(count)]),
            "at": np.concatenate([np.zeros(count), offset, shapely.length(lines)]),
            "turn": np.repeat([0, 1, 2], [count, len(places), count]),
            "stop": np.concatenate(
                [number[:count], vertices + np.arange(len(places)), number[count:]]
            ),
        }
    ).sort_values(["line", "turn", "at"], kind="stable")
    here, there = stops.iloc[:-1], stops.iloc[1:]
    same = here["line"].to_numpy() == there["line"].to_numpy()
    a, b = here["stop"].to_numpy()[same], there["stop"].to_numpy()[same]
    metres = (there["at"].to_numpy() - here["at"].to_numpy())[same]
    size = vertices + len(places)
    # A length of nought is no edge to scipy; of two streets between two corners the shorter counts.
    edges = pd.DataFrame({"a": np.minimum(a, b), "b": np.maximum(a, b), "m": metres})
    edges = edges.groupby(["a", "b"], as_index=False)["m"].min()
    weight = np.maximum(edges["m"].to_numpy(), 1e-6)
    graph = coo_array((weight, (edges["a"], edges["b"])), shape=(size, size)).tocsr()
    source = size
    wide = coo_array(
        (np.maximum(off_street[len(homes) :], 1e-6),
         (np.full(len(facilities), source), vertices + len(homes) + np.arange(len(facilities)))),
        shape=(size + 1, size + 1),
    )  # fmt: skip
    graph.resize(size + 1, size + 1)
    both = graph + graph.T
    far = dijkstra((both + wide).tocsr(), directed=True, indices=source)
    reached = far[vertices : vertices + len(homes)] + off_street[: len(homes)]
    return pd.Series(np.where(np.isfinite(reached), reached / speed_mps / 60, np.nan), homes.index)
