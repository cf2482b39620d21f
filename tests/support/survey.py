"""Draw streets as a survey does: lines that cross without a vertex, ends that miss by a little."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

import geopandas as gpd
import numpy as np
import shapely

STRAIGHT_DEG = 20.0  # who turns less goes on along the same line
BESIDE_M = 0.3  # a line's vertices beside a crossing, in place of the one there


def drawn_by_survey(streets: gpd.GeoDataFrame, seed: int, moved_m: float) -> gpd.GeoDataFrame:
    """Return streets as long lines, every crossing unjoined and every end moved.

    Parameters
    ----------
    streets
        Streets from junction to junction, in metres, with ``bridge``.
    seed
        Of the moves.
    moved_m
        How far ends move at most, metres.
    """
    xy = [shapely.get_coordinates(line) for line in streets.geometry]
    bridge = streets["bridge"].fillna("").astype(str).to_numpy()
    name = streets["name"].fillna("").astype(str).to_numpy()
    at: dict[tuple[float, ...], list[tuple[int, bool]]] = defaultdict(list)
    for i, line in enumerate(xy):
        at[tuple(line[0].round(3))].append((i, True))
        at[tuple(line[-1].round(3))].append((i, False))
    goes_on: dict[tuple[int, bool], tuple[int, bool]] = {}
    for ends in at.values():
        for one, two in _pairs(ends, xy):
            if bridge[one[0]] == bridge[two[0]] and one[0] != two[0]:
                goes_on[one], goes_on[two] = two, one
    random = np.random.default_rng(seed)
    shapes, rows, used = [], [], np.zeros(len(xy), bool)
    for first in range(len(xy)):
        if used[first]:
            continue
        chain = _chain(first, goes_on)
        used[[i for i, _ in chain]] = True
        line = _joined([xy[i] if ahead else xy[i][::-1] for i, ahead in chain])
        for end in (0, -1):
            angle, far = random.uniform(0, 2 * np.pi), random.uniform(0, moved_m)
            line[end] += far * np.array([np.cos(angle), np.sin(angle)])
        shapes.append(shapely.LineString(line))
        rows.append(first)
    table = {"name": name[rows], "highway": streets["highway"].to_numpy()[rows]}
    return gpd.GeoDataFrame({**table, "bridge": bridge[rows]}, geometry=shapes, crs=streets.crs)


def _pairs(ends, xy):
    """Pair the ends at a junction that go straight on, the straightest first."""
    ways = []
    for i, is_start in ends:
        line = xy[i] if is_start else xy[i][::-1]
        step = line[1] - line[0]
        ways.append(step / np.hypot(*step))
    turns = sorted(
        (float(ways[a] @ ways[b]), a, b) for a in range(len(ends)) for b in range(a + 1, len(ends))
    )
    taken: set[int] = set()
    for cosine, a, b in turns:
        if cosine < -np.cos(np.radians(STRAIGHT_DEG)) and not {a, b} & taken:
            taken |= {a, b}
            yield ends[a], ends[b]


def _chain(first, goes_on):
    """List the streets of one line, each with whether it is drawn ahead."""
    seen, back = {first}, [(first, True)]
    while (before := goes_on.get(back[-1])) is not None and before[0] not in seen:
        seen.add(before[0])
        back.append((before[0], not before[1]))
    chain = back[::-1]
    while True:
        i, ahead = chain[-1]
        after = goes_on.get((i, not ahead))
        if after is None or after[0] in seen:
            return chain
        seen.add(after[0])
        chain.append(after)


def _joined(parts):
    """Join parts to one line, with vertices beside the junctions in place of those there."""
    line = [parts[0]]
    for one, two in pairwise(parts):
        before, after = _towards(one[-1], one[-2]), _towards(two[0], two[1])
        line[-1] = line[-1][:-1]
        line += [before[None], after[None], two[1:]]
    return np.concatenate(line)


def _towards(place, other):
    step = other - place
    length = np.hypot(*step)
    return place + step * min(BESIDE_M, length / 3) / length
