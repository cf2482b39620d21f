"""The streets and homes that a page walks on: what it needs to answer "what if we put it here?".

The street network goes into the page edge by edge, the demand points with the foot they have on it
and with today's minutes, so that the page computes by the rule of `planner.network` and starts from
its figures. Numbers are packed as the smallest integers that hold them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planner.district.entrances import all_entrances, has_entrances, main_entrance
from planner.engine.network import Network, Snapped, network_bytes
from planner.output.maps.packing import pack
from planner.output.maps.payload.units import Packed
from planner.output.maps.payload.walking import EntranceFeet, Feet, HomeFeet, MetresFit, WalkColumns
from planner.output.maps.quantize import Quantizer
from planner.output.pieces import piece, shapes_told
from planner.study.plan import Plan

SHARE_STEPS = 65_535
TICKS_PER_MIN = 1000
CM_PER_COST = 1e-7  # the network counts in billionths of a metre
CLOSED = 2**32 - 1
_SEEN_CM = 2**31
_TERMS = ((0, 0), (1, 0), (0, 1), (2, 0), (1, 1), (0, 2), (3, 0), (2, 1), (1, 2), (0, 3))


def network_payload(
    plan: Plan, quantizer: Quantizer, facilities: gpd.GeoDataFrame | None = None
) -> WalkColumns | None:
    """Return the streets, homes and facilities of a plan in the form that a page walks on.

    Parameters
    ----------
    plan
        The plan.
    quantizer
        Where shapes stand on the page.
    facilities
        The facilities in the order of the page; those of the plan if not given.

    Returns
    -------
    Packed columns; nothing where there is nobody to walk, or a table gives the times. Of streets
    that a vehicle goes along, each has the metres that are walked in the time.
    """
    network, demand = plan.area.network, plan.area.demand
    if demand.empty or plan.area.travel is not None:
        return None
    walk, chosen = plan.settings.walk, plan.settings.coverage
    metres = 1.0 if network.unit == "m" else walk.speed.speed_mps
    vertex = network.edge_vertex
    inner = np.ones(len(network.ground.vertex_xy), dtype=bool)
    inner[vertex[:-1]] = inner[vertex[1:] - 1] = False
    facilities = plan.area.facilities if facilities is None else facilities
    straight = np.array_equal(network.edge_forward, network.edge_backward)
    homes, doors = _feet_of_all(plan, main_entrance(facilities))
    return {
        "straight": plan.area.is_estimated("streets"),
        "mps": walk.speed.speed_mps,
        "search": max(chosen.search_min, chosen.cutoff_min),
        "metres": _metres(quantizer),
        "nodes": _offsets(quantizer, network.node_xy),
        "inner": _offsets(quantizer, network.ground.vertex_xy[inner]),
        "bends": pack(np.diff(vertex) - 2),
        "u": pack(network.edge_u),
        "v": pack(network.edge_v),
        "ahead": pack(_cm(network.edge_forward, metres)),
        "back": None if straight else pack(_cm(network.edge_backward, metres)),
        "homes": _homes(plan, homes),
        "facilities": doors,
        "entrances": _entrances(network, facilities, walk.max_snap_m),
    }


def _cm(cost: NDArray[np.int64], metres: float) -> NDArray[np.int64]:
    """Return costs as centimetres: of streets, or those walked at so many metres a second."""
    cm = np.rint(cost * CM_PER_COST * metres)
    return np.where(cm < _SEEN_CM, cm, CLOSED).astype(np.int64)


def _offsets(quantizer: Quantizer, xy: NDArray[np.float64]) -> Packed:
    return pack(quantizer.run(xy))


def _metres(quantizer: Quantizer) -> MetresFit:
    """Return the way back from steps to metres: a cubic is exact to millimetres over a district."""
    grid = np.linspace(-0.1, 1.1, 9)
    u, v = (axis.ravel() for axis in np.meshgrid(grid, grid))
    scale = np.maximum(quantizer.size, 1)
    metres = quantizer.metres(np.column_stack([u, v]) * scale)
    terms = np.column_stack([u**i * v**j for i, j in _TERMS])
    origin = metres.mean(axis=0)
    found = np.linalg.lstsq(terms, metres - origin, rcond=None)[0]
    return {
        "scale": scale.tolist(),
        "u": [i for i, _ in _TERMS],
        "v": [j for _, j in _TERMS],
        "x": [round(float(value), 6) for value in found[:, 0]],
        "y": [round(float(value), 6) for value in found[:, 1]],
    }


def _feet_of_all(plan: Plan, doors: gpd.GeoDataFrame) -> tuple[Feet, Feet]:
    """Return where homes and facilities stand on the streets, put there once for the same streets.

    Only this part of a page asks for compiled code: kept, it lets a map be drawn again without.
    """
    area, limit = plan.area, plan.settings.walk.max_snap_m
    network = area.network

    def _content() -> Iterable[Any]:
        yield network_bytes(network)
        yield from (network.pass_over_m, limit)
        for points in (area.demand, doors):
            yield len(points)
            yield from shapes_told(points.geometry.to_numpy())

    def _make() -> list[Feet]:
        return [_feet(area.homes(limit)), _feet(network.snap(doors, max_snap_m=limit))]

    homes, facilities = piece(plan, "feet", _content, _make)
    return homes, facilities


def _feet(at: Snapped) -> Feet:
    """Return where points stand on the streets: edge + 1 (0: none), share of it, leg to it."""
    there = at.edge >= 0
    return {
        "edge": pack(at.edge + 1),
        "share": pack(np.rint(np.where(there, at.fraction, 0) * SHARE_STEPS).astype(np.int64)),
        "access": pack(np.rint(np.where(there, at.access_m, 0) * 100).astype(np.int64)),
    }


def _entrances(
    network: Network, facilities: gpd.GeoDataFrame, max_snap_m: float
) -> EntranceFeet | None:
    """Return where areas are entered beside their main entrances; nothing where there are none."""
    if not has_entrances(facilities).any():
        return None
    numbered = facilities.reset_index(drop=True)
    points, place = all_entrances(numbered)
    more = place.duplicated()
    return {
        "facility": pack(place.to_numpy()[more]),
        **_feet(network.snap(points[more], max_snap_m=max_snap_m)),
    }


def _homes(plan: Plan, feet: Feet) -> HomeFeet:
    area = plan.area
    demand = area.demand
    place = pd.Series(range(len(area.communities)), index=area.communities.index)
    people = demand[list(area.groups)].to_numpy(float)
    parts = 1 if np.array_equal(people, np.rint(people)) else 1000
    return {
        **feet,
        "community": pack(place.reindex(demand["community"]).to_numpy(int)),
        "parts": parts,
        "people": {
            group: pack(np.rint(people[:, n] * parts).astype(np.int64))
            for n, group in enumerate(area.groups)
        },
        "ticks": {kind: _ticks(plan, kind) for kind in plan.kinds},
    }


def _ticks(plan: Plan, kind: str) -> Packed:
    """Return today's minutes as ticks + 1, 0 where nothing is reached.

    They are rounded up, so that who is beyond a limit of whole ticks stays beyond it.
    """
    rows = plan.coverage.nearest[plan.coverage.nearest["kind"] == kind]
    minutes = rows.set_index("demand")["minutes"].reindex(plan.area.demand.index).to_numpy(float)
    ticks = np.ceil(np.nan_to_num(minutes, nan=-1.0) * TICKS_PER_MIN - 1e-5)
    return pack(np.maximum(ticks + 1, 0).astype(np.int64))
