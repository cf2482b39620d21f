"""From settings to a study area: read every file, bring it to its contract and to one CRS."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyproj
import shapely

from planner import area as study
from planner import crs
from planner.area import Input, StudyArea, Tables
from planner.changes import check_years
from planner.errors import InputError, NetworkError, Problem, Problems
from planner.io.files import cache_folder
from planner.io.osm import RawStreets, read_streets
from planner.io.read import Raw, read_raw
from planner.network import Network, cached_from_lines
from planner.settings import Demand, Settings, Source
from planner.standards import Kind, Profile, kind_of, kinds, read_profile, with_reported
from planner.tables import Table, conform

WGS84 = "EPSG:4326"


def load_area(settings: Settings, folder: Path) -> StudyArea:
    """Read everything that the settings name.

    Parameters
    ----------
    settings
        What the run is asked to do.
    folder
        The folder that relative paths are relative to: the scenario's.

    Raises
    ------
    InputError
        If anything cannot be read or does not hold what it should: all problems at once.
    """
    problems = Problems()
    folder = (folder / settings.folder).resolve()
    reader = _Reader(settings, folder, problems)
    tables = reader.tables()
    # Rows without a fault go on, so that what is wrong between tables is found in the same go.
    area = study.assemble(tables, settings, reader.kinds, problems) if tables else None
    problems.raise_any(InputError)
    assert area is not None  # noqa: S101  assembled, or a problem says why not
    return area


def load_profile(settings: Settings, folder: Path) -> Profile | None:
    """Read the targets that the settings name; nothing where they name none.

    Raises
    ------
    SettingsError
        If a profile does not exist, or its targets do not hold.
    InputError
        If a file of targets is missing or is not TOML.
    """
    if not settings.standards.profiles:
        return None
    base = (folder / settings.folder).resolve()
    asked = settings.standards
    profile = read_profile(asked.profiles, folder=base, known_kinds=_kinds(settings))
    return with_reported(profile, asked.reported, file="standards.reported")


def _kinds(settings: Settings) -> dict[str, Kind]:
    """Know the kinds of the catalogue, and those that the scenario adds."""
    return kinds() | {name: kind_of(name, new.model_dump()) for name, new in settings.kinds.items()}


class _Reader:
    """Reads the tables of one scenario, noting problems and what was read."""

    def __init__(self, settings: Settings, folder: Path, problems: Problems) -> None:
        self.settings = settings
        self.folder = folder
        self.problems = problems
        self.inputs: list[Input] = []
        self.kinds = _kinds(settings)

    def tables(self) -> Tables | None:
        """Read and conform every table; nothing if a part is missing that the rest stands on."""
        settings = self.settings
        communities = self._communities()
        around = None if communities is None else _around(communities, settings)
        streets = read_streets(settings.streets, around, self.folder, self.problems)
        demand = self._demand()
        facilities = [
            self._points(
                source,
                "facilities",
                {"kind": source.kind, "tier": source.tier, "status": source.status},
            )
            for source in settings.facilities
        ]
        for found in facilities:
            if found is not None and {"opened", "closed"} <= set(found.columns):
                check_years(found, self.problems)
        candidates = [self._points(source, "candidates", {}) for source in settings.candidates]
        links = [self._table(source, "links") for source in settings.links]
        backdrop = self._backdrop()
        if streets is None or (communities is None and settings.communities.file):
            return None
        if demand is None and settings.demand:
            return None
        metric = _metric(communities, streets)
        lines, network = self._network(streets, metric)
        if network is None:
            return None
        return Tables(
            communities=None if communities is None else communities.to_crs(metric),
            demand=None if demand is None else _with_people(demand, settings.demand, metric),
            facilities=_stacked(facilities, "facilities", metric),
            candidates=_stacked(candidates, "candidates", metric),
            links=pd.concat([found for found in links if found is not None])
            if any(found is not None for found in links)
            else pd.DataFrame({"facility": [], "community": [], "link": [], "file": []}),
            network=network,
            streets=lines,
            backdrop=None if backdrop is None else backdrop.to_crs(metric),
            inputs=tuple(self.inputs),
        )

    def _read(self, source: Source, role: str) -> Raw | None:
        raw = read_raw(source, self.folder, self.problems)
        if raw is not None:
            self._note(role, raw, raw.rows)
        return raw

    def _note(self, role: str, raw: Raw, used: int) -> None:
        self.inputs.append(
            Input(
                role=role,
                file=raw.file,
                sha256=raw.sha256,
                rows=raw.rows,
                used=used,
                skipped=raw.skipped,
                asides=raw.asides,
                sheet=raw.sheet,
                crs=raw.crs,
                datum=raw.datum,
                encoding=raw.encoding,
            )
        )

    def _table(
        self,
        source: Source,
        table: Table,
        constants: dict[str, Any] | None = None,
        groups: dict[str, str | list[str]] | None = None,
    ) -> pd.DataFrame | None:
        raw = read_raw(source, self.folder, self.problems)
        if raw is None:
            return None
        known = len(self.problems.found)
        frame = conform(
            raw.frame,
            table,
            file=source.file,
            problems=self.problems,
            columns=source.columns,
            attributes=source.attributes,
            groups=groups,
            constants=constants,
            kinds=self.kinds,
        )
        self._note(table, raw, len(frame))
        return _sound(frame.assign(file=source.file), self.problems.found[known:])

    def _points(self, source: Source, table: Table, constants: dict[str, Any]) -> Any:
        frame = self._table(source, table, constants)
        return None if frame is None else frame.assign(outside=source.outside)

    def _communities(self) -> gpd.GeoDataFrame | None:
        given = self.settings.communities
        if given.file is None:
            return None
        source = Source.model_validate(given.model_dump(exclude={"groups", "hexagons_m"}))
        frame = self._table(source, "communities", groups=given.groups)
        return None if frame is None else gpd.GeoDataFrame(frame.drop(columns="file"))

    def _demand(self) -> gpd.GeoDataFrame | None:
        given = self.settings.demand
        if given is None:
            return None
        if given.people_per_m2 is None:
            frame = self._table(given, "demand", groups=given.groups)
            return None if frame is None else gpd.GeoDataFrame(frame.drop(columns="file"))
        raw = self._read(given, "demand")
        return None if raw is None else gpd.GeoDataFrame(raw.frame)

    def _backdrop(self) -> gpd.GeoDataFrame | None:
        if self.settings.backdrop is None:
            return None
        raw = self._read(self.settings.backdrop, "backdrop")
        return None if raw is None else gpd.GeoDataFrame(raw.frame)

    def _network(
        self, streets: RawStreets, metric: pyproj.CRS
    ) -> tuple[gpd.GeoDataFrame, Network | None]:
        self.inputs.append(
            Input(
                role="streets",
                file=streets.file,
                sha256=streets.sha256,
                rows=streets.rows,
                used=streets.rows - streets.dropped,
                crs=streets.crs,
                datum=streets.datum,
                encoding=streets.encoding,
            )
        )
        lines = streets.lines.to_crs(metric)
        kept = cache_folder()
        try:
            if kept is None:
                return lines, Network.from_lines(lines)
            return lines, cached_from_lines(lines, kept)
        except NetworkError as error:
            self.problems.found += error.problems
            return lines, None


def _sound(frame: pd.DataFrame, faults: Sequence[Problem]) -> pd.DataFrame | None:
    """Keep the rows without a fault; nothing where a fault is not that of a row."""
    rows = [fault.row for fault in faults]
    kept = frame[~frame.index.astype(str).isin(rows)]
    return None if None in rows or kept.empty else kept


def _around(communities: gpd.GeoDataFrame, settings: Settings) -> shapely.Geometry:
    """Widen the communities by as far as people walk: the area to ask streets for."""
    metres = settings.coverage.cutoff_min * 60 * settings.walk.speed.speed_mps
    shapes = communities.geometry[communities.is_valid & ~communities.is_empty]
    metric = _centred(shapes)
    wide = shapes.to_crs(metric).buffer(metres)
    whole: shapely.Geometry = wide.to_crs(WGS84).union_all()
    return whole


def _metric(communities: gpd.GeoDataFrame | None, streets: RawStreets) -> pyproj.CRS:
    frame = communities if communities is not None and len(communities) else streets.lines
    return _centred(frame.geometry)


def _centred(shapes: gpd.GeoSeries) -> pyproj.CRS:
    west, south, east, north = shapes.to_crs(WGS84).total_bounds
    return crs.metric_crs((west + east) / 2, (south + north) / 2)


def _stacked(
    parts: list[gpd.GeoDataFrame | None], table: Table, metric: pyproj.CRS
) -> gpd.GeoDataFrame:
    """Put the tables of several files under each other, in one CRS."""
    found = [part.to_crs(metric) for part in parts if part is not None]
    if found:
        return gpd.GeoDataFrame(pd.concat(found), crs=metric)
    empty = conform(
        gpd.GeoDataFrame({"name": [], "kind": []}, geometry=[], crs=metric),
        table,
        file="-",
        problems=Problems(),
    )
    return gpd.GeoDataFrame(empty.assign(file=None, outside=None), crs=metric)


def _with_people(
    demand: gpd.GeoDataFrame, given: Demand | None, metric: pyproj.CRS
) -> gpd.GeoDataFrame:
    """Bring demand to the metric CRS; estimate people from floor area where that is asked."""
    frame = demand.to_crs(metric)
    if given is None or given.people_per_m2 is None:
        return frame
    levels = frame.get("building:levels", pd.Series(1.0, index=frame.index))
    floors = pd.to_numeric(levels, errors="coerce").fillna(1.0)
    people = frame.area * floors * given.people_per_m2
    frame = frame[["id"]].assign(
        community=None, population=people, geometry=frame.representative_point()
    )
    return gpd.GeoDataFrame(frame, crs=metric)
