"""Where streets as they are drawn do not make a network: listed, and told with their places."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from planner.district.checks import MOST_PLACES
from planner.engine.network import Faults, find_faults
from planner.settings import StreetSettings


def note_faults(
    lines: gpd.GeoDataFrame,
    asked: StreetSettings,
    file: str,
    notes: list[tuple[str, dict[str, object]]],
) -> gpd.GeoDataFrame:
    """Find where lines do not make a network, and note it.

    Parameters
    ----------
    lines
        The streets, in metres.
    asked
        How near an end all but meets another line, and whether lines are joined there.
    file
        What messages call the streets.
    notes
        Takes a remark on each kind of fault.

    Returns
    -------
    A point for each place, with its ``fault`` and whether it is ``mended``.
    """
    joins = asked.node == "auto"
    faults = find_faults(lines, asked.tolerance_m)
    done = "joined" if joins else "unjoined"
    metres = {"metres": f"{asked.tolerance_m:g}"}
    for key, places, more in (
        (f"crossings_{done}", faults.crossings, metres),
        (f"near_ends_{done}", faults.near_ends, metres),
        ("doubles", faults.doubles, {}),
    ):
        if len(places):
            told = {"file": file, "n": len(places), "where": _named(places)}
            notes.append((f"area.{key}", told | more))
    return _placed(faults, lines.crs, joined=joins)


def _placed(faults: Faults, crs: Any, *, joined: bool) -> gpd.GeoDataFrame:
    """List where lines do not make a network, and whether they were joined there."""
    parts = [
        gpd.GeoDataFrame(geometry=gpd.points_from_xy(*places.T), crs=crs).assign(
            fault=name, mended=mended
        )
        for name, places, mended in (
            ("crossing", faults.crossings, joined),
            ("near_end", faults.near_ends, joined),
            ("double", faults.doubles, False),
        )
        if len(places)
    ]
    return gpd.GeoDataFrame(pd.concat(parts, ignore_index=True)) if parts else gpd.GeoDataFrame()


def _named(places: np.ndarray) -> str:
    """Write down the first few places, in the metric CRS."""
    some = ", ".join(f"({x:.1f}, {y:.1f})" for x, y in places[:MOST_PLACES])
    return some + (" …" if len(places) > MOST_PLACES else "")
