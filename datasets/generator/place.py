"""Where a made-up district lies on the globe, and the datums of its files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

MICRO = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Place:
    """A plane of metres around a centre, and the lattice of whole micro-degrees over it.

    Streets and borders are worked out on the lattice, so that a vertex shared by two shapes is the
    same pair of numbers in the file too.

    Parameters
    ----------
    centre
        Longitude and latitude in degrees.
    metres_per_degree
        Metres of one degree of longitude and of latitude there.
    """

    centre: tuple[float, float]
    metres_per_degree: tuple[float, float]

    def to_degrees(self, xy: Any) -> np.ndarray:
        """Return longitude and latitude of metres from the centre."""
        return np.asarray(xy) / self.metres_per_degree + self.centre

    def to_metres(self, lonlat: Any) -> np.ndarray:
        """Return metres from the centre of longitude and latitude."""
        return (np.asarray(lonlat) - self.centre) * self.metres_per_degree

    def to_lattice(self, shapes: Any) -> Any:
        """Return shapes in metres as whole micro-degrees from the centre."""
        return shapely.transform(
            shapes,
            lambda xy: np.rint((self.to_degrees(xy) - self.centre) * MICRO),
            include_z=False,
        )

    def from_lattice(self, shapes: Any) -> Any:
        """Return shapes on the lattice in metres."""
        return shapely.transform(
            shapes, lambda xy: self.to_metres(np.asarray(xy) / MICRO + self.centre)
        )

    def on_globe(self, lattice: Any) -> Any:
        """Return shapes on the lattice in degrees; the same pair of numbers stays the same."""
        return shapely.transform(
            lattice, lambda xy: np.round(np.asarray(xy) / MICRO + self.centre, 6)
        )

    def points(self, xy: Any) -> np.ndarray:
        """Return points in degrees of six decimals from metres."""
        return shapely.points(np.round(self.to_degrees(xy), 6))


def near_latitude(lon: float, lat: float) -> Place:
    """Return the place around a point, with the metres of a degree there (WGS-84)."""
    a, e2 = 6_378_137.0, 0.00669437999014
    w = 1 - e2 * np.sin(np.deg2rad(lat)) ** 2
    east = np.deg2rad(a / np.sqrt(w) * np.cos(np.deg2rad(lat)))
    north = np.deg2rad(a * (1 - e2) / w**1.5)
    return Place(centre=(lon, lat), metres_per_degree=(round(float(east)), round(float(north))))


def gcj02(lon: np.ndarray, lat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Shift WGS-84 to GCJ-02, the datum of Chinese web maps, by the published approximation."""
    axis, flat = 6_378_245.0, 0.00669342162296594323
    x, y = lon - 105.0, lat - 35.0

    def wave(base: np.ndarray, *terms: tuple[float, float]) -> np.ndarray:
        return sum((size * np.sin(base * np.pi * pace) for size, pace in terms), np.zeros(len(lon)))

    shared = wave(x, (20.0, 6.0), (20.0, 2.0)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x)) + shared
    north += wave(y, (20.0, 1.0), (40.0, 1 / 3), (160.0, 1 / 12), (320.0, 1 / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x)) + shared
    east += wave(x, (20.0, 1.0), (40.0, 1 / 3), (150.0, 1 / 12), (300.0, 1 / 30)) * 2 / 3
    sine = np.sin(np.deg2rad(lat))
    bulge = 1 - flat * sine * sine
    meridian = axis * (1 - flat) / bulge**1.5
    parallel = axis / np.sqrt(bulge) * np.cos(np.deg2rad(lat))
    return lon + np.rad2deg(east / parallel), lat + np.rad2deg(north / meridian)
