"""Pieces of outputs kept from run to run by the content that they are made of.

What is drawn is told by what goes into the drawing, to the last point, not by what the scenario
says: another siting question leaves the pictures and circles of what stands as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import numpy as np
import shapely
from numpy.typing import NDArray
from xxhash import xxh3_128

from planner.study.plan import Plan
from planner.study.stages import Stages

Value = TypeVar("Value")
_STAGES = "stages"


def keep_pieces(plan: Plan, stages: Stages) -> None:
    """Let what outputs make of a plan be kept where the stages of its run are.

    Parameters
    ----------
    plan
        The plan.
    stages
        The stages of its run.
    """
    plan.kept[_STAGES] = stages


def piece(
    plan: Plan, name: str, content: Callable[[], Iterable[Any]], make: Callable[[], Value]
) -> Value:
    """Return a piece of an output: as it was kept, else made now, and kept where stages are.

    Parameters
    ----------
    plan
        The plan.
    name
        What the piece is.
    content
        Tells all that it is made of: arrays of numbers, bytes, and plain values
        whose ``repr`` is their content.
    make
        Makes it: arrays, bytes, plain values.

    Returns
    -------
    The piece.
    """
    stages: Stages | None = plan.kept.get(_STAGES)
    if stages is None or stages.folder is None:
        return make()
    told = xxh3_128()
    for part in content():
        whole = _told(part)
        told.update(f"{type(part).__name__} {len(whole)} ".encode())
        told.update(whole)
    return stages.get(f"piece {name}", {"content": told.hexdigest()}, make)


def shapes_told(shapes: NDArray[np.object_]) -> Iterable[Any]:
    """Return shapes to the last point, as a piece may be made of them.

    Parameters
    ----------
    shapes
        The shapes.

    Returns
    -------
    The bytes of each, as WKB has them; None where one is missing.
    """
    told: Iterable[Any] = shapely.to_wkb(shapes)
    return told


def _told(part: Any) -> bytes:
    if isinstance(part, np.ndarray):
        head = f"{part.dtype.str}{part.shape}".encode()
        return head + np.ascontiguousarray(part).tobytes()
    return part if isinstance(part, bytes) else repr(part).encode()
