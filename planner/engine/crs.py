"""Coordinates: conversion of the Chinese map datums, and the metric CRS of an area.

GCJ-02 moves WGS 84 by some hundred metres, BD-09 moves GCJ-02 once more; neither has an EPSG code.
CGCS2000 (EPSG:4490) agrees with WGS 84 within a metre and is taken as equal.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal, get_args

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from numpy.typing import ArrayLike, NDArray

Datum = Literal["wgs84", "cgcs2000", "gcj02", "bd09"]
Direction = Literal["to_wgs84", "from_wgs84"]
Degrees = NDArray[np.float64]

WGS84 = "EPSG:4326"
TAIWAN_TM2 = "EPSG:3826"
# Where GCJ-02 is in force: the rectangle of the published algorithm (west, south, east, north).
CHINA_BOUNDS = (72.004, 0.8293, 137.8347, 55.8271)
# The island, with Lanyu and Guishan: west of it lie Penghu, Kinmen and Matsu.
_TAIWAN_BOUNDS = (119.99, 21.8, 122.1, 25.7)

# Krasovsky 1940, the ellipsoid of GCJ-02: semi-major axis in metres, squared eccentricity.
_AXIS_M = 6378245.0
_ECCENTRICITY2 = 0.00669342162296594323
_BD_TURN = np.pi * 3000.0 / 180.0

_CONVERGED_DEG = 1e-13
_MOST_STEPS = 40
# A place on the very bounds comes back this far beyond them, and is still inside.
_ROUNDING_DEG = 1e-10


def from_wgs84(lon: ArrayLike, lat: ArrayLike, datum: Datum) -> tuple[Degrees, Degrees]:
    """Return WGS 84 positions as a datum expresses them.

    Parameters
    ----------
    lon, lat
        Degrees of any one shape; missing where not a number.
    datum
        The datum to express them in.

    Returns
    -------
    Longitude and latitude in degrees, of the same shape. Outside China's bounds nothing moves.

    Notes
    -----
    The offset of GCJ-02 as published with the open-source *EvilTransform* (2013); that of BD-09
    after the public JavaScript interface of Baidu Maps. Both are known to agree with the map
    services within some decimetres.

    Examples
    --------
    >>> lon, lat = from_wgs84(121.8, 29.9, "gcj02")
    >>> round(float(lon), 4), round(float(lat), 4)
    (121.8042, 29.8975)
    """
    x, y = _arrays(lon, lat)
    moved_x, moved_y = _moved(x, y, datum)
    inside = _in_china(x, y)
    return np.where(inside, moved_x, x), np.where(inside, moved_y, y)


def to_wgs84(lon: ArrayLike, lat: ArrayLike, datum: Datum) -> tuple[Degrees, Degrees]:
    """Return the WGS 84 positions of those that a datum expresses.

    Parameters
    ----------
    lon, lat
        Degrees of any one shape; missing where not a number.
    datum
        The datum they are expressed in.

    Returns
    -------
    Longitude and latitude in degrees, of the same shape. Outside China's bounds nothing moves.

    Notes
    -----
    The offset changes by less than 3 % of a step, so the fixed point of ``p = q - offset(p)`` is
    reached in a few rounds, to better than 1e-9 degrees.

    Examples
    --------
    >>> lon, lat = to_wgs84(*from_wgs84(121.8, 29.9, "bd09"), "bd09")
    >>> round(float(lon), 9), round(float(lat), 9)
    (121.8, 29.9)
    """
    x, y = _arrays(lon, lat)
    back_x, back_y = x, y
    for _ in range(_MOST_STEPS):
        moved_x, moved_y = _moved(back_x, back_y, datum)
        step_x, step_y = x - moved_x, y - moved_y
        back_x, back_y = back_x + step_x, back_y + step_y
        steps = np.abs(np.stack([step_x, step_y]))
        if not np.any(steps > _CONVERGED_DEG):
            break
    inside = _in_china(back_x, back_y, slack=_ROUNDING_DEG)
    return np.where(inside, back_x, x), np.where(inside, back_y, y)


def shift(geometry: gpd.GeoSeries, datum: Datum, direction: Direction) -> gpd.GeoSeries:
    """Return geometries moved between WGS 84 and a datum.

    Parameters
    ----------
    geometry
        Shapes in degrees; missing and empty ones stay so.
    datum
        The other datum.
    direction
        ``to_wgs84`` or ``from_wgs84``.

    Returns
    -------
    Shapes on the index of the input. In WGS 84 they carry EPSG:4326; in a datum that has no code
    they carry no CRS.
    """
    convert = to_wgs84 if direction == "to_wgs84" else from_wgs84

    def _at_datum(xy: Degrees) -> Degrees:
        return np.column_stack(convert(xy[:, 0], xy[:, 1], datum))

    crs = WGS84 if direction == "to_wgs84" or datum == "wgs84" else None
    shapes = shapely.transform(geometry.to_numpy(), _at_datum)
    return gpd.GeoSeries(shapes, index=geometry.index, crs=crs, name=geometry.name)


def metric_crs(lon: float, lat: float) -> pyproj.CRS:
    """Return the CRS in metres that an area is computed in.

    Parameters
    ----------
    lon, lat
        Centroid of the data in degrees, WGS 84.

    Returns
    -------
    On Taiwan's main island TWD97 / TM2 zone 121 (EPSG:3826). In mainland China the CGCS2000
    3-degree Gauss-Krueger zone of the nearest central meridian, without zone prefix (EPSG:4534 to
    4554, 75 to 135 degrees east); a place counts as mainland where its latitude lies within the
    extent that the EPSG registry gives for that zone. Elsewhere the WGS 84 / UTM zone.

    Raises
    ------
    ValueError
        If the centroid is not a position in degrees.

    Examples
    --------
    >>> metric_crs(121.85, 29.9).name
    'CGCS2000 / 3-degree Gauss-Kruger CM 123E'
    >>> metric_crs(121.54, 25.03).to_epsg(), metric_crs(24.94, 60.17).to_epsg()
    (3826, 32635)
    """
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        message = f"not a position in degrees: {lon}, {lat}"
        raise ValueError(message)
    if _within(lon, lat, _TAIWAN_BOUNDS):
        return pyproj.CRS(TAIWAN_TM2)
    zone = int(np.floor((lon + 1.5) / 3))
    if 25 <= zone <= 45:
        gauss_krueger = pyproj.CRS.from_epsg(4534 + zone - 25)
        extent = gauss_krueger.area_of_use
        if extent is not None and extent.south <= lat <= extent.north:
            return gauss_krueger
    utm = min(int((lon + 180) // 6) + 1, 60)
    return pyproj.CRS.from_epsg((32600 if lat >= 0 else 32700) + utm)


@lru_cache(maxsize=16)
def transformer_to_wgs84(crs: pyproj.CRS) -> pyproj.Transformer:
    """Return what brings coordinates of a CRS to WGS 84, made once: PROJ searches long for it.

    Parameters
    ----------
    crs
        The CRS.

    Returns
    -------
    pyproj.Transformer
        From x and y to longitude and latitude; threads may share it.

    Examples
    --------
    >>> lon, lat = transformer_to_wgs84(pyproj.CRS(32650)).transform(500_000, 3_318_785)
    >>> round(lon, 3), round(lat, 3)
    (117.0, 30.0)
    """
    return pyproj.Transformer.from_crs(crs, WGS84, always_xy=True)


def _arrays(lon: ArrayLike, lat: ArrayLike) -> tuple[Degrees, Degrees]:
    x, y = np.broadcast_arrays(np.asarray(lon, np.float64), np.asarray(lat, np.float64))
    return x.copy(), y.copy()


def _within(x: float, y: float, bounds: tuple[float, float, float, float]) -> bool:
    west, south, east, north = bounds
    return west <= x <= east and south <= y <= north


def _in_china(x: Degrees, y: Degrees, slack: float = 0.0) -> NDArray[np.bool_]:
    west, south, east, north = CHINA_BOUNDS
    inside: NDArray[np.bool_] = (
        (x >= west - slack) & (x <= east + slack) & (y >= south - slack) & (y <= north + slack)
    )
    return inside


def _moved(x: Degrees, y: Degrees, datum: Datum) -> tuple[Degrees, Degrees]:
    """Return WGS 84 degrees moved into a datum, wherever they lie."""
    if datum not in get_args(Datum):
        raise KeyError(datum)
    if datum in {"wgs84", "cgcs2000"}:
        return x, y
    offset_x, offset_y = _gcj_offset(x, y)
    if datum == "gcj02":
        return x + offset_x, y + offset_y
    return _bd_from_gcj(x + offset_x, y + offset_y)


def _gcj_offset(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    """Return the offset of GCJ-02 in degrees: sums of sines about 105 E, 35 N, in metres."""
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    ripple = 20.0 * np.sin(6.0 * np.pi * x) + 20.0 * np.sin(2.0 * np.pi * x)
    north_m = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north_m += 2.0 / 3.0 * (ripple + 20.0 * np.sin(np.pi * y) + 40.0 * np.sin(np.pi * y / 3.0))
    north_m += 2.0 / 3.0 * (160.0 * np.sin(np.pi * y / 12.0) + 320.0 * np.sin(np.pi * y / 30.0))
    east_m = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east_m += 2.0 / 3.0 * (ripple + 20.0 * np.sin(np.pi * x) + 40.0 * np.sin(np.pi * x / 3.0))
    east_m += 2.0 / 3.0 * (150.0 * np.sin(np.pi * x / 12.0) + 300.0 * np.sin(np.pi * x / 30.0))
    radians = np.radians(lat)
    flattened = 1.0 - _ECCENTRICITY2 * np.sin(radians) ** 2
    meridian_m = _AXIS_M * (1.0 - _ECCENTRICITY2) / flattened**1.5
    parallel_m = _AXIS_M / np.sqrt(flattened) * np.cos(radians)
    return np.degrees(east_m / parallel_m), np.degrees(north_m / meridian_m)


def _bd_from_gcj(x: Degrees, y: Degrees) -> tuple[Degrees, Degrees]:
    """Return GCJ-02 degrees moved into BD-09: a small ripple in polar form, and a constant."""
    radius = np.hypot(x, y) + 0.00002 * np.sin(y * _BD_TURN)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(x * _BD_TURN)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006
