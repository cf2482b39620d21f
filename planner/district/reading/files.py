"""Find files, and bring the coordinates they hold to a CRS that is known."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import geopandas as gpd
import numpy as np
import platformdirs
import pyproj
import shapely
from pyproj.crs.coordinate_operation import ToWGS84Transformation

from planner.district.reading.digests import PACKAGE, is_geodatabase, package_folder
from planner.engine.crs import WGS84, Datum, shift, transformer_to_wgs84
from planner.errors import did_you_mean
from planner.language import Lang

# What GDAL, urllib and pyogrio take for something else than a path on disk.
_ELSEWHERE = re.compile(r"^(/+vsi\w|\w[\w+.-]*://|[a-z][\w+]+:)", re.IGNORECASE)
# A place in China whose longitude and latitude are exchanged, where both could be latitudes.
_EXCHANGED_LAT, _EXCHANGED_LON = (73.0, 90.0), (27.0, 50.0)
_AREA_MARGIN_DEG = 3.0


class Note(Protocol):
    """Notes a problem of the file at hand."""

    def __call__(self, key: str, /, *, row: Any = ..., value: Any = ..., **params: Any) -> None:
        """Note one problem."""


def cache_folder() -> Path | None:
    """Return where compiled streets are kept from run to run, never among the user's data.

    Returns
    -------
    The folder that ``PLANNER_CACHE`` names, else one in the user's cache; nothing where
    ``PLANNER_CACHE`` is ``off``.
    """
    named = os.environ.get("PLANNER_CACHE", "").strip()
    if named.lower() == "off":
        return None
    return Path(named) if named else platformdirs.user_cache_path("planner", appauthor=False)


def seen_from(folder: str | Path, path: str | Path) -> str:
    """Return a path as it is seen from a folder, written alike on every system.

    Parameters
    ----------
    folder
        The folder.
    path
        The path, of whichever system this is.

    Returns
    -------
    The way with forward slashes; the whole path where it lies on another drive of Windows.

    Examples
    --------
    >>> seen_from("data/district", "data/city/streets.gpkg")
    '../city/streets.gpkg'
    """
    try:
        found = os.path.relpath(path, folder)
    except ValueError:  # another drive
        found = os.path.abspath(path)  # noqa: PTH100  as os.path.relpath writes it
    return found.replace(os.sep, "/")


# What TOML makes of a Windows path between double quotes, and the path that was meant.
_BACKSLASHED = str.maketrans({
    "\b": "/b", "\t": "/t", "\n": "/n", "\f": "/f", "\r": "/r", "\x1b": "/e", "\\": "/",
})  # fmt: skip


def locate(file: str, folder: Path, note: Note) -> Path | None:
    """Find the file that a scenario names.

    Parameters
    ----------
    file
        Path from the folder, or ``package:NAME/PATH`` for a file that a package carries.
    folder
        What relative paths are relative to.
    note
        Collects what is wrong: no such package, no such file (and the nearest there is), one that
        cannot be opened.

    Returns
    -------
    The path, or nothing where there is no such file.
    """
    if _points_elsewhere(file):
        note("io.not_local", value=file)
        return None
    if not file.isprintable():
        note("io.unprintable", value=file, path=file.translate(_BACKSLASHED))
        return None
    path: Path | None = folder / file
    if file.startswith(PACKAGE):
        path = _of_package(file.removeprefix(PACKAGE), note)
    if path is None:
        return None
    try:
        is_file, is_folder = path.is_file(), path.is_dir()
    except (OSError, ValueError) as error:  # a name too long, a folder that nobody may enter
        note("io.no_access", value=one_line(error))
        return None
    if is_file:
        try:
            path.open("rb").close()
        except OSError as error:
            note("io.no_access", value=one_line(error))
            return None
        return path
    if is_folder and is_geodatabase(path):
        return path
    if is_folder:
        note("io.is_folder", value=str(path))
    else:
        folder, hint = _nearest_file(path)
        note("io.no_file", value=str(path), hint=hint, folder=str(folder))
    return None


def _points_elsewhere(file: str) -> bool:
    """Return whether a path is none: a web address, ``/vsi…``, a connection string.

    Examples
    --------
    >>> _points_elsewhere("https://example.org/a.geojson"), _points_elsewhere("WFS:http://x")
    (True, True)
    >>> _points_elsewhere("/vsicurl/http://x/a.gpkg"), _points_elsewhere("package:planner/a.csv")
    (True, False)
    >>> _points_elsewhere("../data/a.csv"), _points_elsewhere("C:/data/a.csv")
    (False, False)
    """
    return not file.startswith(PACKAGE) and bool(_ELSEWHERE.match(file))


def _of_package(file: str, note: Note) -> Path | None:
    """Find a file of a package's own data, without running the package."""
    package, _, inner = file.partition("/")
    home = package_folder(package)
    if home is None:
        note("io.no_package", value=package)
        return None
    path = (home / inner).resolve()
    if not path.is_relative_to(home):
        note("io.not_local", value=f"{PACKAGE}{file}")
        return None
    return path


def place(
    frame: gpd.GeoDataFrame,
    note: Note,
    *,
    datum: Datum | None,
    crs: str | None,
    undeclared: str = "io.no_crs",
    seven: Sequence[float] | None = None,
) -> gpd.GeoDataFrame | None:
    """Bring shapes to a CRS that is known.

    Parameters
    ----------
    frame
        Shapes as read, with the CRS that their file names, if any.
    note
        Collects what is wrong: nothing declared, both declared, no degrees, exchanged coordinates.
    datum
        The datum declared; it overrules the file (GeoJSON always claims WGS 84).
    crs
        The CRS declared; it overrules the file.
    undeclared
        The problem to note where nothing says where the coordinates are.
    seven
        Parameters from the datum of the CRS to WGS 84 that the user knows better than PROJ.

    Returns
    -------
    Shapes in EPSG:4326 where a datum is declared, else in their own CRS; nothing where they
    cannot be placed.
    """
    if datum is not None and crs is not None:
        note("io.datum_and_crs", value=crs, datum=datum)
        return None
    if frame.crs is not None and _is_undefined(frame.crs):
        frame = frame.set_crs(None, allow_override=True)
    if crs is not None:
        try:
            frame = frame.set_crs(pyproj.CRS.from_user_input(crs), allow_override=True)
        except pyproj.exceptions.CRSError:
            note("io.unknown_crs", value=crs)
            return None
    elif datum is not None and frame.crs is not None and frame.crs.is_projected:
        # Out of the projection alone: of which datum the degrees are, the scenario says.
        frame = frame.to_crs(frame.crs.geodetic_crs).set_crs(WGS84, allow_override=True)
    elif datum is None and frame.crs is None:
        note(undeclared)
        datum = "wgs84"  # so that whatever else is wrong is found as well
    if seven is not None:
        if datum is not None or frame.crs is None:
            note("io.seven_needs_crs", value=datum or "–")
            return None
        frame = frame.set_crs(_bound(frame.crs, seven), allow_override=True)
    degrees = datum is not None or frame.crs.is_geographic
    checked = _in_degrees(frame, note) if degrees else _in_area(frame, note)
    if checked is None or datum is None:
        return checked
    return checked.set_geometry(shift(checked.geometry, datum, "to_wgs84"))


def _bound(crs: pyproj.CRS, seven: Sequence[float]) -> pyproj.CRS:
    """Return a CRS whose way to WGS 84 is a Helmert transformation of seven parameters.

    Shifts in metres, rotations in seconds of arc about the axes in the sense of a position vector,
    scale in millionths: as Bursa and Wolf, PROJ's ``+towgs84`` and EPSG 9606 have them.
    """
    plain = crs.source_crs or crs if crs.is_bound else crs
    way = ToWGS84Transformation(plain.geodetic_crs, *seven)
    return pyproj.crs.BoundCRS(source_crs=plain, target_crs=WGS84, transformation=way)


def _is_undefined(crs: pyproj.CRS) -> bool:
    """Return whether a CRS says nothing of where on Earth it is, as GeoPackage's 'undefined'."""
    named = crs.name.casefold()
    return not (crs.is_geographic or crs.is_projected) or named.startswith(("undefined", "unknown"))


def crs_name(crs: pyproj.CRS | None) -> str | None:
    """Return the authority code of a CRS, else its own name.

    Parameters
    ----------
    crs
        The CRS; None where it is not known.

    Returns
    -------
    Such as ``EPSG:4549``; None without a CRS.
    """
    if crs is None:
        return None
    authority = crs.to_authority(min_confidence=70)
    return ":".join(authority) if authority else str(crs.name)


def one_line(error: Exception) -> str:
    """Return what a library's error says in one short line.

    Parameters
    ----------
    error
        The error.

    Returns
    -------
    At most 200 letters; the error's type where it says nothing.
    """
    return " ".join(str(error).split())[:200] or type(error).__name__


def _nearest_file(path: Path) -> tuple[Path, dict[Lang, str]]:
    """Return the deepest folder of a missing file's path that exists, and what may be meant."""
    folder = path.parent
    wanted = path.name
    while not folder.is_dir() and folder != folder.parent:
        folder, wanted = folder.parent, folder.name
    names = sorted(entry.name for entry in folder.iterdir()) if folder.is_dir() else []
    return folder, did_you_mean(wanted, names)


def _in_degrees(frame: gpd.GeoDataFrame, note: Note) -> gpd.GeoDataFrame | None:
    """Check that coordinates are degrees; note exchanged ones, and turn them for what follows."""
    west, south, east, north = frame.geometry.bounds.to_numpy().T
    x, y = np.fmax(np.abs(west), np.abs(east)), np.fmax(np.abs(south), np.abs(north))
    beyond = (y > 90) & (x <= 90) & (y <= 180)
    low_lat, high_lat = _EXCHANGED_LAT
    low_lon, high_lon = _EXCHANGED_LON
    chinese = (south >= low_lat) & (north <= high_lat) & (west >= low_lon) & (east <= high_lon)
    exchanged = beyond | chinese
    wrong = ((y > 90) | (x > 180)) & ~exchanged
    for key, rows in (("io.not_degrees", wrong), ("io.swapped", exchanged)):
        _note_places(key, rows, frame, note)
    if wrong.any():
        return None
    if exchanged.any():
        shapes = frame.geometry.to_numpy().copy()
        shapes[exchanged] = shapely.transform(shapes[exchanged], lambda xy: xy[:, ::-1])
        return frame.set_geometry(shapes, crs=frame.crs)
    return frame


def _note_places(key: str, wrong: np.ndarray, frame: gpd.GeoDataFrame, note: Note) -> None:
    """Note each wrong place, but only the first where all are: then the whole file is."""
    at = np.flatnonzero(wrong)
    corners = frame.geometry.bounds.to_numpy()
    for i in at[:1] if wrong.all() else at:
        note(key, row=frame.index[i], value=_pair(*corners[i, :2]), n=len(at))


def _in_area(frame: gpd.GeoDataFrame, note: Note) -> gpd.GeoDataFrame | None:
    """Check that coordinates in metres can be of their CRS, and are not exchanged."""
    area = frame.crs.area_of_use
    west, south, east, north = frame.total_bounds
    if not np.isfinite(west):
        return frame
    x, y = (west + east) / 2, (south + north) / 2
    to_degrees = transformer_to_wgs84(frame.crs)

    def _fits(one: float, two: float) -> bool:
        lon, lat = to_degrees.transform(one, two)
        if area is None or area.west > area.east:
            return bool(np.isfinite(lon) and np.isfinite(lat))
        margin = _AREA_MARGIN_DEG
        return bool(
            area.west - margin <= lon <= area.east + margin
            and area.south - margin <= lat <= area.north + margin
        )

    if _fits(x, y):
        return frame
    if _fits(y, x):
        note("io.swapped", row=frame.index[0], value=_pair(x, y), n=len(frame))
        flipped = shapely.transform(frame.geometry.to_numpy(), lambda xy: xy[:, ::-1])
        return frame.set_geometry(flipped, crs=frame.crs)
    note("io.outside_crs", value=_pair(x, y), crs=crs_name(frame.crs))
    return None


def _pair(x: float, y: float) -> str:
    return f"{x:.10g}, {y:.10g}"
