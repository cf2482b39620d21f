"""Shapes as nature draws them: smooth lines, uneven edges, rounded blobs. All in metres."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from shapely import LineString, Polygon
from shapely.geometry.base import BaseGeometry


def noise(x: np.ndarray, y: np.ndarray, wave_m: float, seed: int) -> np.ndarray:
    """Evaluate a smooth random field of about -1 to 1, the same for the same seed."""
    rng = np.random.default_rng(seed)
    total = np.zeros(np.broadcast(x, y).shape)
    for _ in range(7):
        angle, phase = rng.uniform(0, 2 * np.pi, 2)
        k = 2 * np.pi / wave_m * rng.uniform(0.6, 1.5)
        total += np.sin(k * (np.cos(angle) * x + np.sin(angle) * y) + phase)
    return total / 4


def curve(points: Sequence[tuple[float, float]], step_m: float) -> np.ndarray:
    """Draw a smooth line through points (Catmull-Rom), a vertex about every `step_m`."""
    p = np.asarray(points, dtype=float)
    p = np.vstack([2 * p[0] - p[1], p, 2 * p[-1] - p[-2]])
    parts = []
    for a, b, c, d in zip(p[:-3], p[1:-2], p[2:-1], p[3:], strict=True):
        n = max(2, int(np.hypot(*(c - b)) / step_m))
        t = np.linspace(0, 1, n, endpoint=False)[:, None]
        parts.append(
            0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2
                   + (3 * b - a - 3 * c + d) * t**3)
        )  # fmt: skip
    return np.vstack([*parts, p[-2]])


def ragged(line: np.ndarray, size_m: float, seed: int) -> np.ndarray:
    """Shift every vertex by a smooth random field: big swings and small teeth."""
    x, y = line.T
    shift = [
        size_m * noise(x, y, 1300, seed + k) + 0.45 * size_m * noise(x, y, 330, seed + 10 + k)
        for k in (0, 1)
    ]
    return line + np.column_stack(shift)


def blob(x: float, y: float, rx: float, ry: float, seed: int) -> Polygon:
    """Draw a rounded, uneven closed shape."""
    a = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    r = 1 + 0.28 * noise(np.cos(a), np.sin(a), 1.7, seed)
    return Polygon(np.column_stack([x + rx * r * np.cos(a), y + ry * r * np.sin(a)]))


def outline(points: Sequence[tuple[float, float]], size_m: float, seed: int) -> Polygon:
    """Draw a closed, uneven shape through points."""
    return largest(Polygon(ragged(curve([*points, points[0]], 90), size_m, seed)).buffer(0))


def stream(points: Sequence[tuple[float, float]], half_m: float, seed: int) -> Polygon:
    """Draw a river of even width through points."""
    line = curve(points, 60)
    x, y = line.T
    bent = line + np.column_stack([noise(x, y, 1500, seed), noise(x, y, 1500, seed + 1)]) * 45
    return largest(LineString(bent).simplify(4).buffer(half_m).simplify(5))


def largest(shape: BaseGeometry) -> Polygon:
    """Pick the largest polygon of a shape."""
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    return max(parts, key=lambda part: part.area)
