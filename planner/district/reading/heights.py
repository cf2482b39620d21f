"""Heights of the ground, out of a raster, and the streets with the slopes that they make."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from planner.district.area import Input
from planner.district.estimates import DataEstimate
from planner.district.reading.digests import sha256
from planner.district.reading.files import Note, crs_name, locate, one_line
from planner.district.reading.raster import known_crs
from planner.engine.crs import WGS84
from planner.engine.network import Network
from planner.engine.network.graph.modes import Mode, steepness
from planner.engine.network.graph.slopes import SPAN, STRETCH_M
from planner.errors import Problems
from planner.language import LANGS, text
from planner.settings import Settings
from planner.settings.heights import METRES, Heights

LOWEST_M, HIGHEST_M = -500.0, 9000.0  # of the ground: beyond, a value stands for no data
LEAST_SHARE = 0.5  # of the district's streets that must have heights of a raster
_MOST_CELLS = 60_000_000
_UNITS = {"m": ("m", "metre", "meter", "metres", "meters"), "ft": ("ft", "foot", "feet")}
_DEGREE_M = 111_000.0


@dataclass(frozen=True, kw_only=True)
class HeightGrid:
    """The part of a raster of heights that lies around the streets.

    Parameters
    ----------
    z
        Heights of cells, metres, rows from north to south; NaN where nothing is known.
    west, north
        The outer corner of the first cell.
    across, down
        Width and height of a cell, in units of the raster's CRS.
    cell_m
        The wider side of a cell, metres.
    to_raster
        From the CRS of the streets to that of the raster.
    """

    z: NDArray[np.float64]
    west: float
    north: float
    across: float
    down: float
    cell_m: float
    to_raster: pyproj.Transformer

    def at(self, xy: np.ndarray) -> np.ndarray:
        """Return the heights of places, between the middles of the cells around each.

        Parameters
        ----------
        xy
            Places in the CRS of the streets (n x 2).

        Returns
        -------
        Metres (n), bilinear; NaN beyond the raster and where all cells around lack one.
        """
        x, y = self.to_raster.transform(*xy.T)
        column, row = (x - self.west) / self.across - 0.5, (self.north - y) / self.down - 0.5
        rows, columns = self.z.shape
        beyond = ~((column >= -0.5) & (column <= columns - 0.5))
        beyond |= ~((row >= -0.5) & (row <= rows - 0.5))
        column, row = (np.where(beyond, 0.0, one) for one in (column, row))
        left, top = np.floor(column).astype(int), np.floor(row).astype(int)
        share_x, share_y = column - left, row - top
        total, weight = np.zeros(len(xy)), np.zeros(len(xy))
        for right in (0, 1):
            for lower in (0, 1):
                value = self.z[
                    np.clip(top + lower, 0, rows - 1), np.clip(left + right, 0, columns - 1)
                ]
                part = np.abs(1 - right - share_x) * np.abs(1 - lower - share_y)
                part = np.where(np.isnan(value), 0.0, part)
                total += part * np.nan_to_num(value)
                weight += part
        height: np.ndarray = np.divide(
            total, weight, out=np.full(len(xy), np.nan), where=weight > 0
        )
        height[beyond] = np.nan
        return height


@dataclass(kw_only=True)
class SlopedStreets:
    """What makes slopes count on the streets of one scenario, and what is told of it.

    Parameters
    ----------
    settings
        What the run is asked to do.
    folder
        What paths are relative to.
    problems, inputs, notes
        Take what is wrong, what was read, and remarks for the reader.
    path
        Where the raster lies, once it is found.
    grid
        Heights of a raster, once they are read.
    district
        Where the district lies, in the CRS of the streets, once they are read; None where nobody
        tells.
    estimates
        What is told beside every headline, once the streets are made.
    """

    settings: Settings
    folder: Path
    problems: Problems
    inputs: list[Input]
    notes: list[tuple[str, dict[str, object]]]
    path: Path | None = None
    grid: HeightGrid | None = None
    district: shapely.Geometry | None = None
    estimates: list[DataEstimate] = field(default_factory=list)

    @property
    def given(self) -> Heights | None:
        """Where heights come from; None where slopes do not count."""
        return self.settings.streets.heights

    def find(self) -> None:
        """Find the raster that the scenario names, and note where it cannot be read at all."""
        given = self.given
        if given is None or not given.is_raster:
            return
        note: Note = partial(self.problems.add, file=given.file)
        if find_spec("rasterio") is None:
            note("heights.no_extra", value=given.file)
            return
        self.path = locate(given.file, self.folder, note)

    def read(self, around: gpd.GeoDataFrame | None, communities: gpd.GeoDataFrame | None) -> bool:
        """Read the raster that the scenario names, around the streets.

        Parameters
        ----------
        around
            The streets, in the CRS in metres that all is computed in; None where they cannot be.
        communities
            The communities, in any CRS; None where streets alone say where the district is.

        Returns
        -------
        Whether streets may be made: heights are there, or none are asked for.
        """
        given = self.given
        if given is None or not given.is_raster or around is None:
            return True
        if self.path is None:  # which has been told
            return False
        box = gpd.GeoSeries([shapely.box(*around.total_bounds)], crs=around.crs)
        if communities is not None and len(communities):
            shapes = communities.geometry.to_crs(around.crs).to_numpy()
            self.district = shapely.GeometryCollection(list(shapes)).convex_hull
        self.grid = _read_grid(given, box, self.path, self.problems, self.inputs)
        return self.grid is not None

    def with_spans(self, lines: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Return streets with the column that tells bridges and tunnels.

        Parameters
        ----------
        lines
            The streets, with ``bridge`` and ``tunnel`` where that is known.

        Returns
        -------
        The streets; as they are where heights are not those of a raster of the ground.
        """
        if self.grid is None:
            return lines
        says = [lines[name] for name in ("bridge", "tunnel") if name in lines]
        span = np.zeros(len(lines), bool)
        for column in says:
            said = column.fillna("").astype(str).str.strip().str.lower()
            span |= ~said.isin({"", "no", "0", "f", "false", "<na>", "none", "否"}).to_numpy()
        return lines.assign(**{SPAN: span}) if span.any() else lines

    def under(self, network: Network, mode: Mode) -> Network:
        """Return streets as a mode goes along them, slopes and all; tell what they rest on.

        Parameters
        ----------
        network
            The compiled streets.
        mode
            The mode of travel, without what is too steep for it.

        Returns
        -------
        The streets; without those too steep for the residents' means.

        Raises
        ------
        NetworkError
            If no street is left.
        """
        given = self.given
        if given is None:
            return network.by(mode)
        felt = replace(mode, way=self.settings.walk.way)
        if self.grid is None:
            sloped = network.by(felt)
        else:
            sloped = network.with_heights(self.grid.at, self.grid.cell_m, felt)
        self._tell(sloped, given)
        limit = self.settings.means.steepest
        if limit is None:
            return sloped
        left = sloped.by(replace(felt, steepest=limit.value))
        km = (sloped.edge_length_m.sum() - left.edge_length_m.sum()) / 1000
        told: dict[str, object] = {
            "km": f"{km:.1f}",
            "rise": f"{limit.rise:g}",
            "run": f"{limit.run:g}",
        }
        self.notes.append(("heights.too_steep", told))
        return left

    def _tell(self, network: Network, given: Heights) -> None:
        """Note where heights come from, and those that are too few."""
        lacking = np.isnan(steepness(network.attributes))
        metres = network.edge_length_m
        share = self._share_without(network, lacking)
        if self.grid is not None and share > LEAST_SHARE:
            self.problems.add("heights.too_few", file=given.file, value=f"{share:.0%}")
            return
        how = "raster" if given.is_raster else given.file
        way = {lang: text(f"heights.way.{self.settings.walk.way}", lang) for lang in LANGS}
        cell = "" if self.grid is None else f"{self.grid.cell_m:.3g}"
        named = {"file": given.file, "way": way, "cell": cell}
        rest = {} if not lacking.any() else {
            "km": f"{metres[lacking].sum() / 1000:.1f}", "of": f"{metres.sum() / 1000:.1f}",
        }  # fmt: skip
        self.estimates = [DataEstimate(what="slope", how=how, named=named, rest=rest)]

    def _share_without(self, network: Network, lacking: np.ndarray) -> float:
        """Return what share of the district's streets have no height, by length."""
        metres = network.edge_length_m
        if self.district is not None:  # an extract is read far beyond it
            inside = shapely.contains_xy(self.district, *network.node_xy.T)
            own = inside[network.edge_u] & inside[network.edge_v]
            metres = np.where(own, metres, 0.0) if own.any() else metres
        return float(metres[lacking].sum() / metres.sum()) if metres.sum() > 0 else 1.0


def _read_grid(
    given: Heights, around: gpd.GeoSeries, path: Path, problems: Problems, inputs: list[Input]
) -> HeightGrid | None:
    """Read the heights around a place; None where they cannot be used, which a problem says."""
    note: Note = partial(problems.add, file=given.file)
    import rasterio  # noqa: PLC0415  an extra

    try:
        with rasterio.open(path, driver="GTiff") as data:
            crs = _usable(data, given, note)
            factor = None if crs is None else _factor(data, given, note)
            if crs is None or factor is None:
                return None
            found = _window(data, crs, around, note)
            if found is None:
                return None
            window, shape, cell_m = found
            # A value for no data that the raster does not declare must not get into a mean.
            how = rasterio.enums.Resampling
            coarser = how.average if given.nodata is None else how.nearest
            band = data.read(1, window=window, out_shape=shape, masked=True, resampling=coarser)
            corner = data.window_bounds(window)
            scale, offset = data.scales[0], data.offsets[0]
    except rasterio.errors.RasterioError as error:
        note("heights.no_raster", value=one_line(error))
        return None
    z = _heights(band, given, factor=factor, scaled=(scale, offset), note=note)
    if z is None:
        return None
    known = int((~np.isnan(z)).sum())
    inputs.append(
        Input(
            role="heights",
            file=given.file,
            sha256=sha256(path),
            rows=z.size,
            used=known,
            crs=crs_name(crs),
        )
    )
    return HeightGrid(
        z=z,
        west=corner[0],
        north=corner[3],
        across=(corner[2] - corner[0]) / shape[1],
        down=(corner[3] - corner[1]) / shape[0],
        cell_m=cell_m,
        to_raster=pyproj.Transformer.from_crs(around.crs, crs, always_xy=True),
    )


def _usable(data: Any, given: Heights, note: Note) -> pyproj.CRS | None:
    """Return the CRS of a raster of heights; None where it holds none, or lies askew."""
    if data.count != 1:
        note("heights.bands", value=data.count)
    elif data.colorinterp[0].name == "palette":
        note("heights.classes", value=given.file)
    elif data.transform.b or data.transform.d or data.transform.e > 0:
        note("heights.no_raster", value="rotated")
    else:
        own = None if data.crs is None else data.crs.to_wkt()
        return known_crs(given.crs or own, note, "heights.no_crs")
    return None


def _factor(data: Any, given: Heights, note: Note) -> float | None:
    """Return how many metres a unit of the raster is: as the scenario says, else the raster."""
    declared = (data.units[0] or "").strip().lower()
    if given.unit is not None or not declared:
        return METRES[given.unit or "m"]
    for unit, words in _UNITS.items():
        if declared in words:
            return METRES[unit]
    note("heights.unit", value=declared, known=", ".join(METRES))
    return None


def _window(
    data: Any, crs: pyproj.CRS, around: gpd.GeoSeries, note: Note
) -> tuple[Any, tuple[int, int], float] | None:
    """Return the window of a raster to read, how many cells of it, and how wide one is, metres."""
    from rasterio.windows import Window  # noqa: PLC0415  an extra

    west, south, east, north = around.to_crs(crs).total_bounds
    across, down = data.transform.a, -data.transform.e
    left, top = data.transform.c, data.transform.f
    first = (int(np.floor((west - left) / across)) - 1, int(np.floor((top - north) / down)) - 1)
    last = (int(np.ceil((east - left) / across)) + 1, int(np.ceil((top - south) / down)) + 1)
    start = [max(one, 0) for one in first]
    end = [min(last[0], data.width), min(last[1], data.height)]
    wide, high = end[0] - start[0], end[1] - start[1]
    if wide <= 0 or high <= 0:
        _note_elsewhere(shapely.box(*data.bounds), crs, around, note)
        return None
    sides = _cell_m(across, down, (south + north) / 2, crs)
    # Finer than half a stretch no cell tells more: cells are averaged on reading.
    fewer = [max(1, int(STRETCH_M / 2 // side)) for side in sides]
    shape = (max(1, high // fewer[1]), max(1, wide // fewer[0]))
    if shape[0] * shape[1] > _MOST_CELLS:
        note("heights.too_many", value=f"{shape[0] * shape[1]:,}", most=f"{_MOST_CELLS:,}")
        return None
    cell_m = max(sides[0] * wide / shape[1], sides[1] * high / shape[0])
    return Window(start[0], start[1], wide, high), shape, cell_m


def _cell_m(across: float, down: float, lat: float, crs: pyproj.CRS) -> tuple[float, float]:
    """Return width and height of a cell, metres."""
    if crs.is_geographic:
        return across * _DEGREE_M * float(np.cos(np.radians(lat))), down * _DEGREE_M
    metre = crs.axis_info[0].unit_conversion_factor
    return across * metre, down * metre


def _heights(
    band: np.ma.MaskedArray[Any, Any],
    given: Heights,
    *,
    factor: float,
    scaled: tuple[float, float],
    note: Note,
) -> NDArray[np.float64] | None:
    """Return the cells in metres, NaN where nothing is known; None where they are no heights."""
    raw: NDArray[np.float64] = np.ma.filled(band.astype(float), np.nan)
    if given.nodata is not None:
        raw[np.isclose(raw, given.nodata, rtol=1e-6)] = np.nan
    raw[~np.isfinite(raw)] = np.nan
    if np.isnan(raw).all():
        note("heights.all_nodata", value=given.file)
        return None
    z = (raw * scaled[0] + scaled[1]) * factor
    beyond = (z < LOWEST_M) | (z > HIGHEST_M)
    if beyond.any():
        note("heights.beyond", value=f"{raw[beyond][0]:g}", n=int(beyond.sum()))
        return None
    return z


def _note_elsewhere(
    extent: shapely.Polygon, crs: pyproj.CRS, around: gpd.GeoSeries, note: Note
) -> None:
    """Note where the raster lies, and where the streets."""
    there, here = (
        " … ".join(f"{lon:.2f}, {lat:.2f}" for lon, lat in (box[:2], box[2:]))
        for box in (
            gpd.GeoSeries([extent], crs=crs).to_crs(WGS84).total_bounds,
            around.to_crs(WGS84).total_bounds,
        )
    )
    note("heights.elsewhere", value=there, here=here)
