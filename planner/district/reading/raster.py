"""Read the part of a raster of population that lies around the district."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from planner.district.area import PopulationGrid
from planner.district.reading.digests import sha256
from planner.district.reading.files import Note, locate, one_line
from planner.engine.crs import WGS84
from planner.engine.grids import MOST_PLACES
from planner.errors import Problems
from planner.settings.files import Demand

NEEDED = ("rasterio", "exactextract")
MOST_CLASSES = 16  # distinct whole numbers: a raster of classes, no more of people
LEAST_CELLS = 64  # to tell classes by


@dataclass(frozen=True, kw_only=True)
class RasterFile:
    """A raster that was opened and found to hold one band in a known CRS.

    Parameters
    ----------
    file
        What messages call it.
    path
        Where it lies.
    sha256
        Digest of its content.
    crs
        Its CRS: as the scenario says, else its own.
    nodata
        The value that means nothing is known; None where there is none.
    """

    file: str
    path: Path
    sha256: str
    crs: pyproj.CRS
    nodata: float | None


def can_read_rasters() -> bool:
    """Return whether what the extra ``planner[raster]`` brings is installed."""
    return all(find_spec(name) is not None for name in NEEDED)


def open_raster(given: Demand, folder: Path, problems: Problems) -> RasterFile | None:
    """Open a raster of population, and look at what it declares.

    Parameters
    ----------
    given
        The file, and how to read it.
    folder
        What its path is relative to.
    problems
        Collects what is wrong: the extra is not installed, no raster, several bands, no CRS, a
        raster of classes.

    Returns
    -------
    The file; None where it cannot be used.
    """
    note: Note = partial(problems.add, file=given.label)
    if not can_read_rasters():
        note("io.no_raster_extra", value=given.file)
        return None
    path = locate(given.file, folder, note)
    if path is None:
        return None
    import rasterio  # noqa: PLC0415  an extra

    try:
        with rasterio.open(path, driver="GTiff") as data:
            own = None if data.crs is None else data.crs.to_wkt()
            classes = data.colorinterp[0].name == "palette"
            turned = data.transform.b or data.transform.d or data.transform.e > 0
            nodata, bands = data.nodata, data.count
    except rasterio.errors.RasterioError as error:
        note("io.no_raster", value=one_line(error))
        return None
    if bands != 1:
        note("io.raster_bands", value=bands)
    elif classes:
        note("io.raster_classes", value=given.file)
    elif turned:
        note("io.no_raster", value="rotated")
    elif (crs := known_crs(given.crs or own, note)) is not None:
        nodata = nodata if given.nodata is None else given.nodata
        return RasterFile(file=given.label, path=path, sha256=sha256(path), crs=crs, nodata=nodata)
    return None


def known_crs(
    said: str | None, note: Note, undeclared: str = "io.raster_no_crs"
) -> pyproj.CRS | None:
    """Return the CRS that is meant; none that is a place's own or that nobody knows.

    Parameters
    ----------
    said
        What the scenario says, else the raster itself.
    note
        Collects what is wrong.
    undeclared
        The problem to note where nobody says any.

    Returns
    -------
    The CRS; None where it is not known.
    """
    try:
        crs = None if said is None else pyproj.CRS.from_user_input(said)
    except pyproj.exceptions.CRSError:
        note("io.unknown_crs", value=said)
        return None
    if crs is None or not (crs.is_geographic or crs.is_projected):
        note(undeclared, value=said)
        return None
    return crs


def read_grid(
    raster: RasterFile, around: gpd.GeoSeries, problems: Problems
) -> PopulationGrid | None:
    """Read the cells around the district.

    Parameters
    ----------
    raster
        The file, as opened.
    around
        What is to be covered, in any CRS.
    problems
        Collects what is wrong: a raster of another place, too many cells, negative people, classes.

    Returns
    -------
    The cells; None where they cannot be used.
    """
    import rasterio  # noqa: PLC0415  an extra
    from rasterio.windows import Window  # noqa: PLC0415

    note: Note = partial(problems.add, file=raster.file)
    west, south, east, north = around.to_crs(raster.crs).total_bounds
    with rasterio.open(raster.path, driver="GTiff") as data:
        across, down = data.transform.a, -data.transform.e
        left, top = data.transform.c, data.transform.f
        first = (int(np.floor((west - left) / across)) - 1, int(np.floor((top - north) / down)) - 1)
        last = (int(np.ceil((east - left) / across)) + 1, int(np.ceil((top - south) / down)) + 1)
        start = [max(one, 0) for one in first]
        end = [min(last[0], data.width), min(last[1], data.height)]
        if end[0] <= start[0] or end[1] <= start[1]:
            _note_elsewhere(raster, shapely.box(*data.bounds), around, note)
            return None
        cells = (end[0] - start[0]) * (end[1] - start[1])
        if cells > MOST_PLACES:
            note("io.raster_too_fine", value=f"{cells:,}", most=f"{MOST_PLACES:,}")
            return None
        window = Window(start[0], start[1], end[0] - start[0], end[1] - start[1])
        try:
            band = data.read(1, window=window, masked=True)
        except rasterio.errors.RasterioError as error:
            note("io.no_raster", value=one_line(error))
            return None
    people = _people(band, raster, note)
    if people is None:
        return None
    bounds = (
        left + start[0] * across, top - end[1] * down,
        left + end[0] * across, top - start[1] * down,
    )  # fmt: skip
    return PopulationGrid(file=raster.file, people=people, bounds=bounds, crs=raster.crs)


def _people(
    band: np.ma.MaskedArray[Any, Any], raster: RasterFile, note: Note
) -> NDArray[np.float64] | None:
    """Return the cells with NaN where nothing is known; None where they are no people."""
    whole = np.issubdtype(band.dtype, np.integer)
    people: NDArray[np.float64] = np.ma.filled(band.astype(float), np.nan)
    if raster.nodata is not None:
        people[np.isclose(people, raster.nodata, rtol=1e-6)] = np.nan
    people[~np.isfinite(people)] = np.nan
    below = people[people < 0]
    if below.size:
        note("io.raster_negative", value=f"{below.min():g}", n=int(below.size))
        return None
    known = people[people > 0]
    kinds = np.unique(known[: 10**6]) if whole else np.empty(0)
    if whole and known.size >= LEAST_CELLS and kinds.size <= MOST_CLASSES:
        note("io.raster_classes", value=", ".join(f"{kind:g}" for kind in kinds))
        return None
    return people


def _note_elsewhere(
    raster: RasterFile, extent: shapely.Polygon, around: gpd.GeoSeries, note: Note
) -> None:
    """Note where the raster lies, and where the district."""
    there, here = (
        " … ".join(f"{lon:.2f}, {lat:.2f}" for lon, lat in (box[:2], box[2:]))
        for box in (
            gpd.GeoSeries([extent], crs=raster.crs).to_crs(WGS84).total_bounds,
            around.to_crs(WGS84).total_bounds,
        )
    )
    note("io.raster_elsewhere", value=there, here=here)
