"""Street-like test graphs, the ones that every speed figure is quoted on.

A jittered grid of about 100 m blocks with a quarter of its edges dropped, the largest
component kept, and most edges subdivided, so that the mean degree is about 2.3, as in
lightly simplified OpenStreetMap walking networks. Node and edge order are shuffled,
since OSM ids carry no spatial order.

    python streets.py 30000 streets-30k.npz

writes `xy` (n x 2 metres), `e` (m x 2 node numbers) and `w` (m lengths in metres).
"""

import sys

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components


def streets(target: int, seed: int = 1):
    """Return (xy, e, w) of a graph with about `target` nodes; the same seed gives the same graph."""
    rng = np.random.default_rng(seed)
    n = int(np.sqrt(target / 2.45))
    row, col = np.meshgrid(np.arange(n), np.arange(n), indexing="ij")
    xy = np.stack([col.ravel() * 100.0, row.ravel() * 100.0], 1) + rng.normal(0, 15, (n * n, 2))

    cell = np.arange(n * n).reshape(n, n)
    e = np.concatenate(
        [
            np.stack([cell[:, :-1].ravel(), cell[:, 1:].ravel()], 1),
            np.stack([cell[:-1].ravel(), cell[1:].ravel()], 1),
        ]
    )
    e = e[rng.random(len(e)) > 0.25]
    _, label = connected_components(
        coo_matrix((np.ones(len(e)), (e[:, 0], e[:, 1])), shape=(n * n, n * n)), directed=False
    )
    e = e[label[e[:, 0]] == np.argmax(np.bincount(label))]

    interior = rng.choice([0, 1, 2], size=len(e), p=[0.35, 0.35, 0.30])
    points, segments, nxt = [xy], [e[interior == 0]], n * n
    for k in (1, 2):
        a = e[interior == k]
        chain = [a[:, 0]]
        for i in range(1, k + 1):
            new = np.arange(nxt, nxt + len(a))
            nxt += len(a)
            t = i / (k + 1)
            points.append(xy[a[:, 0]] * (1 - t) + xy[a[:, 1]] * t + rng.normal(0, 5, (len(a), 2)))
            chain.append(new)
        chain.append(a[:, 1])
        segments += [np.stack(pair, 1) for pair in zip(chain, chain[1:])]
    xy, e = np.concatenate(points), np.concatenate(segments)

    used = np.unique(e)
    shuffled = rng.permutation(len(used))
    renumber = np.full(len(xy), -1)
    renumber[used] = shuffled
    out = np.empty((len(used), 2))
    out[shuffled] = xy[used]
    e = renumber[e]
    w = np.hypot(*(out[e[:, 0]] - out[e[:, 1]]).T)
    order = rng.permutation(len(e))
    return out, e[order].astype(np.int32), w[order]


if __name__ == "__main__":
    xy, e, w = streets(int(sys.argv[1]))
    np.savez(sys.argv[2], xy=xy, e=e, w=w)
    print(len(xy), "nodes", len(e), "edges, mean length", round(float(w.mean()), 1), "m")
