"""The streets and homes that a page walks on: what it needs to answer "what if we put it here?".

The street network goes into the page edge by edge, the demand points with the foot they have on it
and with today's minutes, so that the page computes by the rule of `planner.network` and starts from
its figures. Numbers are packed as the smallest integers that hold them.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from planner.maps.placing import Placing
from planner.network import Network
from planner.scenario import Plan

SHARE_STEPS = 65_535
TICKS_PER_MIN = 1000
CM_PER_COST = 1e-7  # the network counts in billionths of a metre
CLOSED = 2**32 - 1
_SEEN_CM = 2**31
_TERMS = ((0, 0), (1, 0), (0, 1), (2, 0), (1, 1), (0, 2), (3, 0), (2, 1), (1, 2), (0, 3))


def walking(
    plan: Plan, placing: Placing, facilities: gpd.GeoSeries | None = None
) -> dict[str, Any] | None:
    """Bring the streets, homes and facilities of a plan to the form that a page walks on.

    Parameters
    ----------
    plan
        The plan.
    placing
        Where shapes stand on the page.
    facilities
        The facilities in the order of the page; those of the plan if not given.

    Returns
    -------
    Packed columns; nothing where there is nobody to walk, or the streets do not count in metres.
    """
    network, demand = plan.area.network, plan.area.demand
    if demand.empty or network.unit != "m":
        return None
    walk, chosen = plan.settings.walk, plan.settings.coverage
    vertex = network.edge_vertex
    inner = np.ones(len(network.ground.vertex_xy), dtype=bool)
    inner[vertex[:-1]] = inner[vertex[1:] - 1] = False
    straight = np.array_equal(network.edge_forward, network.edge_backward)
    return {
        "mps": walk.speed.speed_mps,
        "search": max(chosen.search_min, chosen.cutoff_min),
        "metres": _metres(placing),
        "nodes": _offsets(placing, network.node_xy),
        "inner": _offsets(placing, network.ground.vertex_xy[inner]),
        "bends": pack(np.diff(vertex) - 2),
        "u": pack(network.edge_u),
        "v": pack(network.edge_v),
        "ahead": pack(_cm(network.edge_forward)),
        "back": None if straight else pack(_cm(network.edge_backward)),
        "homes": {
            "at": _offsets(placing, shapely.get_coordinates(demand.geometry.to_numpy())),
            **_homes(plan, network),
        },
        "facilities": _feet(
            network,
            plan.area.facilities.geometry if facilities is None else facilities,
            walk.max_snap_m,
        ),
    }


def pack(values: Iterable[Any] | NDArray[Any]) -> str:
    """Write integers as text: type and base64, little-endian, in the shortest form."""
    numbers = np.asarray(values, dtype=np.int64)
    low, high = (int(numbers.min()), int(numbers.max())) if numbers.size else (0, 0)
    kind = "vi" if low < 0 else "vu"
    if max(-low, high) >= 2**31:
        kind = "u4"
    written = _varied(numbers << 1 ^ numbers >> 63 if low < 0 else numbers)
    for plain in ("u1", "i1", "u2", "i2", "u4", "i4"):
        holds = np.iinfo(plain)
        if holds.min <= low and high <= holds.max:
            if numbers.size * holds.bits // 8 <= len(written) or kind == "u4":
                kind, written = plain, numbers.astype(f"<{plain}").tobytes()
            break
    else:
        msg = f"no type of a page holds {low} to {high}"
        raise ValueError(msg)
    return f"{kind}:{base64.b64encode(written).decode()}"


def _varied(numbers: NDArray[np.int64]) -> bytes:
    """Write numbers in as few bytes as each needs: seven bits a byte, then one for more."""
    rows = [numbers.ravel() >> shift & 127 for shift in range(0, 35, 7)]
    more = [numbers.ravel() >> shift + 7 > 0 for shift in range(0, 35, 7)]
    table = np.column_stack([row | part << 7 for row, part in zip(rows, more, strict=True)])
    kept = np.column_stack([np.ones(len(table), bool), *more[:-1]])
    written: bytes = table.astype(np.uint8)[kept].tobytes()
    return written


def _cm(cost: NDArray[np.int64]) -> NDArray[np.int64]:
    cm = np.rint(cost * CM_PER_COST)
    return np.where(cm < _SEEN_CM, cm, CLOSED).astype(np.int64)


def _offsets(placing: Placing, xy: NDArray[np.float64]) -> str:
    return pack(placing.run(xy))


def _metres(placing: Placing) -> dict[str, Any]:
    """Fit the way back from steps to metres: a cubic is exact to millimetres over a district."""
    grid = np.linspace(-0.1, 1.1, 9)
    u, v = (axis.ravel() for axis in np.meshgrid(grid, grid))
    scale = np.maximum(placing.size, 1)
    metres = placing.metres(np.column_stack([u, v]) * scale)
    terms = np.column_stack([u**i * v**j for i, j in _TERMS])
    origin = metres.mean(axis=0)
    found = np.linalg.lstsq(terms, metres - origin, rcond=None)[0]
    return {
        "scale": scale.tolist(),
        "powers": _TERMS,
        "x": [round(float(value), 6) for value in found[:, 0]],
        "y": [round(float(value), 6) for value in found[:, 1]],
    }


def _feet(network: Network, points: Any, max_snap_m: float) -> dict[str, str]:
    """Tell where points stand on the streets: edge + 1 (0: none), share of it, leg to it."""
    at = network.snap(points, max_snap_m=max_snap_m)
    there = at.edge >= 0
    return {
        "edge": pack(at.edge + 1),
        "share": pack(np.rint(np.where(there, at.fraction, 0) * SHARE_STEPS).astype(np.int64)),
        "access": pack(np.rint(np.where(there, at.access_m, 0) * 100).astype(np.int64)),
    }


def _homes(plan: Plan, network: Network) -> dict[str, Any]:
    area = plan.area
    demand = area.demand
    place = pd.Series(range(len(area.communities)), index=area.communities.index)
    people = demand[list(area.groups)].to_numpy(float)
    parts = 1 if np.array_equal(people, np.rint(people)) else 1000
    return {
        **_feet(network, demand.geometry, plan.settings.walk.max_snap_m),
        "community": pack(place.reindex(demand["community"]).to_numpy(int)),
        "parts": parts,
        "people": {
            group: pack(np.rint(people[:, n] * parts).astype(np.int64))
            for n, group in enumerate(area.groups)
        },
        "ticks": {kind: _ticks(plan, kind) for kind in plan.kinds},
    }


def _ticks(plan: Plan, kind: str) -> str:
    """Pack today's minutes as ticks + 1, 0 where nothing is reached.

    They are rounded up, so that who is beyond a limit of whole ticks stays beyond it.
    """
    rows = plan.coverage.nearest[plan.coverage.nearest["kind"] == kind]
    minutes = rows.set_index("demand")["minutes"].reindex(plan.area.demand.index).to_numpy(float)
    ticks = np.ceil(np.nan_to_num(minutes, nan=-1.0) * TICKS_PER_MIN - 1e-5)
    return pack(np.maximum(ticks + 1, 0).astype(np.int64))
