"""How much memory a run will take, from the size of its files, before any is read.

The factors were measured on large files of each kind; they are on the safe side, and no more than
a first bound: how many people walk where cannot be seen from a file's size.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError

from planner.district.reading.digests import DATABASE, parts
from planner.district.reading.files import locate
from planner.district.reading.guard import is_what_it_says
from planner.district.reading.vector import PARQUET, VECTOR
from planner.errors import Problems
from planner.settings import Settings, Source

BASE_BYTES = 450 * 2**20  # the program itself, its report and its map
_TEXT = 35.0  # a byte of text becomes objects of cells, then numbers and points
_SHEET = 12.0  # of its XML, unpacked
_SHAPES = 6.0
_STREETS = 5.0  # beside what the shapes take
_EXTRACT = 20.0
_FACTORS = {
    ".csv": _TEXT, ".tsv": _TEXT, ".txt": _TEXT, ".geojson": 8.0, ".json": 8.0, ".gpkg": _SHAPES,
    ".shp": 10.0, ".fgb": _SHAPES, ".parquet": _SHAPES, ".geoparquet": _SHAPES, ".xlsx": _SHEET,
    ".xlsm": _SHEET, ".ods": _SHEET, ".xls": 40.0, ".pbf": _EXTRACT, ".osm": 3.0, ".xml": 3.0,
    ".graphml": 15.0, ".kml": 12.0, ".ovkml": 12.0, ".kmz": 12.0, ".dxf": 8.0, ".gdb": 8.0,
    ".tif": 0.1, ".tiff": 0.1,  # the part around the district alone is read
}  # fmt: skip
_PACKED = (".zip", ".kmz", ".xlsx", ".xlsm", ".ods")


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """What a run will take.

    Parameters
    ----------
    file_bytes
        Bytes of memory for each file of the scenario.
    """

    file_bytes: dict[str, float]

    @property
    def total_bytes(self) -> float:
        """Bytes of memory of the whole run."""
        return BASE_BYTES + sum(self.file_bytes.values())


def estimate(settings: Settings, folder: Path) -> Estimate:
    """Estimate the memory of a run.

    Parameters
    ----------
    settings
        What the run is asked to do.
    folder
        The folder that relative paths are relative to: the scenario's.

    Returns
    -------
    The estimate; a file that cannot be opened takes nothing, and is told of when it is read.
    """
    base = (folder / settings.folder).resolve()
    optional: list[Source | None] = [settings.demand, settings.backdrop]
    several = (*settings.facilities, *settings.candidates, *settings.links)
    named = [(one.file, 1.0) for one in (*optional, *several) if one is not None]
    named += [(settings.communities.file or "", 1.0), (settings.streets.file or "", _STREETS)]
    found: dict[str, float] = {}
    for file, more in named:
        path = (
            locate(file, base, Problems().add) if file and not file.startswith(DATABASE) else None
        )
        if path is not None:
            found[file] = max(found.get(file, 0.0), _plain_bytes(path) * _factor(path) * more)
    return Estimate(file_bytes=found)


def rows_of_communities(settings: Settings, folder: Path) -> int | None:
    """Return how many communities a scenario's file has, without reading them.

    Parameters
    ----------
    settings
        What the run is asked to do.
    folder
        The folder that relative paths are relative to: the scenario's.

    Returns
    -------
    The rows of the file; None where it does not tell before it is read, as lists do not.
    """
    named, base = settings.communities.file, (folder / settings.folder).resolve()
    to_nobody = Problems().add
    if not named or named.startswith(DATABASE):
        return None
    path = locate(named, base, to_nobody)
    try:
        if path is None or not is_what_it_says(path, to_nobody):
            return None
        if path.suffix.lower() in PARQUET:
            return int(pq.read_metadata(path).num_rows)
        if path.suffix.lower() in VECTOR:
            told = pyogrio.read_info(
                path, layer=settings.communities.layer, force_feature_count=True
            )
            return int(told["features"])
    except (OSError, ValueError, pa.ArrowException, DataSourceError, DataLayerError):
        return None
    return None


def _factor(path: Path) -> float:
    return _FACTORS.get(path.suffix.lower(), _SHAPES)


def _plain_bytes(path: Path) -> float:
    """Return the size of a file's content, unpacked where it is packed."""
    suffix = path.suffix.lower()
    try:
        if suffix in _PACKED:
            with zipfile.ZipFile(path) as archive:
                return float(sum(entry.file_size for entry in archive.infolist()))
        if suffix in {".parquet", ".geoparquet"}:
            about = pq.read_metadata(path)
            groups = range(about.num_row_groups)
            return float(sum(about.row_group(group).total_byte_size for group in groups))
        own = () if path.is_dir() else (path,)
        return float(sum(part.stat().st_size for part in (*own, *parts(path))))
    except (OSError, ValueError, zipfile.BadZipFile, pa.ArrowException):
        return 0.0
