"""From settings to a study area: read every file, bring it to its contract and to one CRS."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyproj

from planner.district import assembling
from planner.district.area import (
    AgeStructure,
    Input,
    PopulationGrid,
    StudyArea,
    Tables,
)
from planner.district.assessment import answers_of
from planner.district.boundaries import are_points
from planner.district.changes import check_years
from planner.district.checks import check_answers
from planner.district.entrances import along_edge
from planner.district.fields import Understanding
from planner.district.reading.addresses import place_by_name
from planner.district.reading.ages_list import read_ages
from planner.district.reading.extent import with_footprints
from planner.district.reading.figures import join_figures
from planner.district.reading.files import crs_name
from planner.district.reading.ground import GroundReader, WalkedGround
from planner.district.reading.named_places import join_places, outlines
from planner.district.reading.raster import RasterFile, open_raster, read_grid
from planner.district.reading.read import Raw, note_sheet, read_raw
from planner.district.reading.reproject import reproject
from planner.district.tables import Table, conform, meanings
from planner.errors import InputError, Problem, Problems, did_you_mean
from planner.settings import Communities, Demand, NamedFile, Settings, Source
from planner.standards import (
    Kind,
    Profile,
    kind_of,
    kinds,
    read_profile,
    with_not_applicable,
    with_reported,
)

# What is missing where another sheet of a spreadsheet was meant.
_LACKS = {"tables.missing_column", "tables.no_geometry", "tables.no_such_column"}
ASKED_OF = ("facilities", "communities", "candidates")
_MOST_NAMED = 20  # rows named in a remark
AROUND_M = 5000.0  # of points and streets: areas that are estimated or laid reach no farther


def load_area(settings: Settings, folder: Path, profile: Profile | None = None) -> StudyArea:
    """Read everything that the settings name.

    Parameters
    ----------
    settings
        What the run is asked to do.
    folder
        The folder that relative paths are relative to: the scenario's.
    profile
        The targets that the district is held against: words that they ask for are checked.

    Returns
    -------
    The study area, checked.

    Raises
    ------
    InputError
        If anything cannot be read or does not hold what it should: all problems at once.
    """
    problems = Problems()
    folder = (folder / settings.folder).resolve()
    reader = _Reader(settings, folder, problems, profile)
    tables = reader.tables()
    # Rows without a fault go on, so that what is wrong between tables is found in the same go.
    area = assembling.assemble(tables, settings, reader.kinds, problems) if tables else None
    problems.raise_any(InputError)
    assert area is not None  # noqa: S101  assembled, or a problem says why not
    return area


def load_profile(settings: Settings, folder: Path) -> Profile | None:
    """Read the targets that the settings name.

    Parameters
    ----------
    settings
        The settings of the run.
    folder
        The folder that relative paths are relative to: the scenario's.

    Returns
    -------
    The targets, with what was reported of them; None where the settings name no profile.

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
    profile = with_reported(profile, asked.reported, file="standards.reported")
    return with_not_applicable(profile, asked.not_applicable, file="standards.not_applicable")


def _kinds(settings: Settings) -> dict[str, Kind]:
    """Know the kinds of the catalogue, and those that the scenario adds."""
    return kinds() | {name: kind_of(name, new.model_dump()) for name, new in settings.kinds.items()}


class _Reader:
    """Reads the tables of one scenario, noting problems and what was read."""

    def __init__(
        self, settings: Settings, folder: Path, problems: Problems, profile: Profile | None = None
    ) -> None:
        self.settings = settings
        self.folder = folder
        self.problems = problems
        self.inputs: list[Input] = []
        self.left_out: list[pd.DataFrame] = []
        self.notes: list[tuple[str, dict[str, object]]] = []
        self.ground = GroundReader(
            settings=settings,
            folder=folder,
            problems=problems,
            inputs=self.inputs,
            notes=self.notes,
        )
        self.left_empty: set[str] = set()
        self.kinds = _kinds(settings)
        self._check_words()
        self.answers = {
            table: [] if profile is None else answers_of(profile, self.kinds, table)
            for table in ASKED_OF
        }

    def _check_words(self) -> None:
        """Check that what the scenario says of an office's words can be meant."""
        known = meanings(self.kinds)
        for word, meaning in self.settings.words.items():
            if meaning not in known:
                hint = did_you_mean(meaning, known)
                self.problems.add(
                    "tables.unknown_meaning", file="words", value=meaning, word=word, hint=hint
                )

    def tables(self) -> Tables | None:
        """Read and conform every table; nothing if a part is missing that the rest stands on."""
        settings, given = self.settings, self.settings.communities
        communities = self._communities()
        demand, buildings, raster = self._demand(), self._buildings(), self._raster()
        facilities, candidates = self._sites(communities)
        self._check_money()
        links = [self._table(source, "links") for source in settings.links]
        backdrop, travel = self._backdrop(), self._travel()
        placed = [
            found[~found["approximate"]]
            for found in (*facilities, *candidates)
            if found is not None
        ]
        outline, ages = self._outline(), self._ages()
        placed = placed if outline is None else [*placed, outline]
        whole = communities is not None or given.file is None
        lived_in = demand if buildings is None else buildings
        if (
            lived_in is None
            and raster is None
            and settings.demand
            and settings.demand.label not in self.left_empty
        ):
            whole = False
        homes = [] if lived_in is None else [lived_in]
        closures = self._closures()
        ground = self.ground.read(communities, placed, homes, closures=closures, whole=whole)
        if ground is None:
            return None
        to = partial(self.ground.moved, target=ground.metric)
        communities = to(communities, file=settings.communities.file)
        demand = to(demand, file=settings.demand.file if settings.demand else None)
        buildings = to(buildings, file=settings.demand.file if settings.demand else None)
        outline = to(outline, file=given.within.file if given.within else None)
        backdrop = to(backdrop, file=settings.backdrop.file if settings.backdrop else None)
        facilities, candidates = (
            [
                _with_entrances(found, to(found, file=source.file))
                for found, source in zip(frames, sources, strict=True)
            ]
            for frames, sources in (
                (facilities, settings.facilities),
                (candidates, settings.candidates),
            )
        )
        if ground.network is None or ground.lines is None:
            return None
        grid = self._grid(raster, ground, communities)
        if raster is not None and grid is None:
            return None
        return Tables(
            communities=communities,
            demand=None if demand is None else _with_people(demand, settings.demand),
            facilities=_stacked(facilities, "facilities", ground.metric),
            candidates=_stacked(candidates, "candidates", ground.metric),
            links=pd.concat([found for found in links if found is not None])
            if any(found is not None for found in links)
            else pd.DataFrame({"facility": [], "community": [], "link": [], "file": []}),
            network=ground.network,
            streets=ground.lines,
            straight=ground.straight,
            backdrop=backdrop,
            travel=travel,
            inputs=tuple(self.inputs),
            roads=ground.roads,
            faults=self.ground.faults,
            outline=outline,
            ages=ages,
            buildings=buildings,
            grid=grid,
            left_out=pd.concat(self.left_out, ignore_index=True) if self.left_out else None,
            notes=tuple(self.notes),
        )

    def _sites(self, communities: gpd.GeoDataFrame | None) -> tuple[list[Any], list[Any]]:
        """Read facilities and candidates, each file by itself; None stands for one with faults."""
        facilities = [
            self._points(
                source,
                "facilities",
                {"kind": source.kind, "tier": source.tier, "status": source.status},
                f"facilities.{number}",
                communities=communities,
            )
            for number, source in enumerate(self.settings.facilities)
        ]
        for found in facilities:
            if found is not None and {"opened", "closed"} <= set(found.columns):
                check_years(found, self.problems)
        candidates = [
            self._points(source, "candidates", {}, communities=communities)
            for source in self.settings.candidates
        ]
        return facilities, candidates

    def _read(self, source: Source, role: str) -> Raw | None:
        raw = read_raw(source, self.folder, self.problems)
        if raw is not None:
            self._note(role, raw, raw.rows)
        return raw

    def _note(
        self, role: str, raw: Raw, used: int, understood: Understanding | None = None
    ) -> None:
        out = raw.left_out.rename_axis("row").reset_index()
        asides = pd.DataFrame({"row": list(raw.asides), "reason": "aside"})
        if raw.hidden:
            rows = ", ".join(map(str, raw.hidden[:_MOST_NAMED]))
            more = " …" if len(raw.hidden) > _MOST_NAMED else ""
            told = {"file": raw.label, "n": len(raw.hidden), "rows": rows + more}
            self.notes.append(("area.hidden_rows", told))
        self.left_out += [part.assign(file=raw.label) for part in (out, asides) if len(part)]
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
                other_sheets=raw.other_sheets,
                understood=understood,
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
        scenario_key: str = "",
    ) -> pd.DataFrame | None:
        raw = self._raw(source)
        if raw is None:
            return None
        return self._conformed(
            raw, source, table, constants=constants, groups=groups, scenario_key=scenario_key
        )

    def _raw(self, source: Source) -> Raw | None:
        """Read a file; tell of one that has no rows and may be empty."""
        known = len(self.problems.found)
        raw = read_raw(source, self.folder, self.problems)
        if raw is None and len(self.problems.found) == known:
            self.notes.append(("area.empty_list", {"file": source.label}))
            self.left_empty.add(source.label)
        return raw

    def _conformed(
        self,
        raw: Raw,
        source: Source,
        table: Table,
        *,
        constants: dict[str, Any] | None = None,
        groups: dict[str, str | list[str]] | None = None,
        scenario_key: str = "",
    ) -> pd.DataFrame | None:
        known = len(self.problems.found)
        understood = Understanding()
        frame = conform(
            raw.frame,
            table,
            file=source.label,
            problems=self.problems,
            columns=source.columns,
            attributes=source.attributes,
            groups=groups,
            constants=constants,
            kinds=self.kinds,
            words=self.settings.words,
            scenario_key=scenario_key,
            spoken_for=raw.used,
            optional=("population",) if self._counted_by_raster() else (),
            understood=understood,
        )
        check_answers(frame, source.label, self.answers.get(table, ()), self.problems)
        lacks = _LACKS & {problem.key for problem in self.problems.found[known:]}
        if lacks and source.layer is None:
            note_sheet(raw.sheet, raw.other_sheets, partial(self.problems.add, file=source.label))
        self._note(table, raw, len(frame), understood)
        return _sound(frame.assign(file=source.label), self.problems.found[known:])

    def _counted_by_raster(self) -> bool:
        given = self.settings.demand
        return given is not None and given.is_raster and given.people == "own"

    def _points(
        self,
        source: Source,
        table: Table,
        constants: dict[str, Any],
        scenario_key: str = "",
        *,
        communities: gpd.GeoDataFrame | None,
    ) -> Any:
        """Read facilities or candidates; ``approximate`` are those placed by their community."""
        raw, named = self._raw(source), pd.Series(dtype=object)
        if raw is not None and source.finds_places:
            raw, named = self._with_found_places(raw, source, communities)
        if raw is None:
            return None
        frame = self._conformed(raw, source, table, constants=constants, scenario_key=scenario_key)
        if frame is None:
            return None
        approximate = frame.index.isin(named.index)
        own = frame.get("community", pd.Series(None, frame.index, dtype=object))
        home = own.mask(frame.index.isin(named.dropna().index), named.reindex(frame.index))
        return frame.assign(outside=source.outside, approximate=approximate, community=home)

    def _with_found_places(
        self, raw: Raw, source: Source, communities: gpd.GeoDataFrame | None
    ) -> tuple[Raw | None, pd.Series]:
        """Look for the places of rows without coordinates, in a list or by their community."""
        if not isinstance(raw.frame, gpd.GeoDataFrame) or not raw.frame.geometry.isna().any():
            return raw, pd.Series(dtype=object)
        if source.missing_coordinates == "community" and self.settings.communities.file is None:
            self.problems.add("io.no_communities_to_name", file=source.label)
            return None, pd.Series(dtype=object)
        listed = None
        if source.places is not None:
            skipping = {"missing_coordinates": "skip"}  # what nobody has found yet
            given = Source.model_validate(source.places.model_dump() | skipping)
            found = self._raw(given)
            if found is None:
                return None, pd.Series(dtype=object)
            self._note("places", found, found.rows)
            listed = found, source.places
        placed = place_by_name(raw, source, listed, communities, self.problems)
        told = {way: placed.counts.get(way, 0) for way in ("list", "column", "address", "name")}
        n = int(raw.frame.geometry.isna().sum())
        self.notes.append(("area.placed_by_name", {"file": source.label, "n": n, **told}))
        return (placed.raw if len(placed.raw.frame) else None), placed.communities

    def _check_money(self) -> None:
        """Check that files whose costs are compared count them in one unit."""
        counted = [
            (entry.file, entry.understood.yuan["cost"])
            for entry in self.inputs
            if entry.understood is not None and "cost" in entry.understood.yuan
        ]
        if len({yuan for _, yuan in counted}) > 1:
            first = counted[0][1]
            for file, yuan in counted:
                if yuan != first:
                    files = ", ".join(name for name, _ in counted)
                    self.problems.add("tables.mixed_money", file=file, value=files)

    def _communities(self) -> gpd.GeoDataFrame | None:
        given = self.settings.communities
        if given.file is None:
            return None
        made_of = {"groups", "hexagons_m", "figures", "within", "places", "ages"}
        own = given.model_dump(exclude=made_of | {"zones_cross_streets"})
        source = Source.model_validate(own)
        if given.places is not None:
            frame = self._with_places(source, given.places, given)
        elif given.figures is None:
            frame = self._table(source, "communities", groups=given.groups)
        else:
            frame = self._with_figures(source, given)
        return None if frame is None else gpd.GeoDataFrame(frame.drop(columns="file"))

    def _with_figures(self, source: Source, given: Communities) -> pd.DataFrame | None:
        """Read boundaries, and the list that holds their figures."""
        assert given.figures is not None  # noqa: S101  else there is nothing to join
        listed = Source.model_validate(given.figures.model_dump())
        boundaries, figures = self._raw(source), self._raw(listed)
        if boundaries is None or figures is None:
            return None
        joined = join_figures(boundaries, figures, source.columns, listed.columns, self.problems)
        self._note("communities", boundaries, boundaries.rows)
        return self._conformed(joined, listed, "communities", groups=given.groups)

    def _with_places(
        self, source: Source, places: NamedFile, given: Communities
    ) -> pd.DataFrame | None:
        """Read communities known by code or name, and the list that gives them places."""
        listed = Source.model_validate(places.model_dump())
        named, found = self._raw(source), self._raw(listed)
        if named is None or found is None:
            return None
        made = join_places(named, found, source.columns, listed.columns, self.problems)
        if made is None:
            return None
        joined, told = made
        self._note("places", found, told["n"])
        self.notes.append(("area.places_found", {"file": listed.label, **told}))
        return self._conformed(joined, source, "communities", groups=given.groups)

    def _outline(self) -> gpd.GeoDataFrame | None:
        """Read the outline of the district, or of its streets (towns), with their names."""
        within = self.settings.communities.within
        if within is None:
            return None
        raw = self._read(Source.model_validate(within.model_dump()), "outline")
        return None if raw is None else outlines(raw, within.columns, self.problems)

    def _travel(self) -> pd.DataFrame | None:
        """Read travel times of the user's own."""
        given = self.settings.travel
        if given is None:
            return None
        return self._table(Source.model_validate(given.table.model_dump()), "travel")

    def _closures(self) -> gpd.GeoDataFrame | None:
        """Read the areas that the scenario closes, and the lines that bar streets."""
        given = self.settings.streets.closures
        if given is None:
            return None
        raw = self._read(Source.model_validate(given.model_dump()), "closures")
        return None if raw is None else gpd.GeoDataFrame(raw.frame)

    def _ages(self) -> AgeStructure | None:
        """Read how old people are, where communities only have residents."""
        given = self.settings.communities.ages
        if given is None:
            return None
        raw = self._raw(Source.model_validate(given.model_dump(exclude={"groups", "unit"})))
        if raw is None:
            return None
        understood = Understanding()
        ages = read_ages(raw.frame, raw.label, given, self.problems, understood)
        self._note("ages", raw, raw.rows, understood)
        return ages

    def _demand(self) -> gpd.GeoDataFrame | None:
        given = self.settings.demand
        if given is None or given.people == "communities" or given.is_raster:
            return None
        if given.people_per_m2 is None:
            frame = self._table(given, "demand", groups=given.groups)
            return None if frame is None else gpd.GeoDataFrame(frame.drop(columns="file"))
        raw = self._read(given, "demand")
        return None if raw is None else gpd.GeoDataFrame(raw.frame)

    def _buildings(self) -> gpd.GeoDataFrame | None:
        """Read the buildings that the people of communities live in, with their footprints."""
        given = self.settings.demand
        if given is None or given.people == "own" or given.is_raster:
            return None
        frame = self._table(given, "buildings")
        return None if frame is None else with_footprints(gpd.GeoDataFrame(frame))

    def _raster(self) -> RasterFile | None:
        """Open the raster of population, where the scenario names one."""
        given = self.settings.demand
        if given is None or not given.is_raster:
            return None
        return open_raster(given, self.folder, self.problems)

    def _grid(
        self, raster: RasterFile | None, ground: WalkedGround, communities: gpd.GeoDataFrame | None
    ) -> PopulationGrid | None:
        """Read the cells of the raster around the district."""
        if raster is None:
            return None
        shapes = ground.lines if communities is None else communities
        assert shapes is not None  # noqa: S101  hexagons need streets
        drawn = communities is not None and not are_points(communities)
        around = shapes.geometry if drawn else shapes.geometry.buffer(AROUND_M)
        grid = read_grid(raster, around, self.problems)
        if grid is not None:
            rows, used = grid.people.size, int((grid.people > 0).sum())
            self.inputs.append(
                Input(
                    role="raster",
                    file=raster.file,
                    sha256=raster.sha256,
                    rows=rows,
                    used=used,
                    crs=crs_name(raster.crs),
                )
            )
        return grid

    def _backdrop(self) -> gpd.GeoDataFrame | None:
        if self.settings.backdrop is None:
            return None
        raw = self._read(self.settings.backdrop, "backdrop")
        return None if raw is None else gpd.GeoDataFrame(raw.frame)


def _with_entrances(
    given: gpd.GeoDataFrame | None, moved: gpd.GeoDataFrame | None
) -> gpd.GeoDataFrame | None:
    """Exchange where areas are entered for their outlines, which were not moved."""
    if given is None or moved is None or "outline" not in given:
        return moved
    outlines = gpd.GeoDataFrame(geometry=given["outline"].to_numpy(), crs=given.crs)
    there = reproject(outlines, moved.crs, Problems().add)
    edges = None if there is None else along_edge(there.frame.geometry)
    return moved.drop(columns="outline").assign(entrances=edges)


def _sound(frame: pd.DataFrame, faults: Sequence[Problem]) -> pd.DataFrame | None:
    """Keep the rows without a fault; nothing where a fault is not that of a row."""
    rows = [fault.row for fault in faults]
    kept = frame[~frame.index.astype(str).isin(rows)]
    return None if None in rows or kept.empty else kept


def _stacked(
    parts: list[gpd.GeoDataFrame | None], table: Table, metric: pyproj.CRS
) -> gpd.GeoDataFrame:
    """Stack the tables of several files, all in one CRS."""
    found = [part for part in parts if part is not None]
    if found:
        return gpd.GeoDataFrame(pd.concat(found), crs=metric)
    empty = conform(
        gpd.GeoDataFrame({"name": [], "kind": []}, geometry=[], crs=metric),
        table,
        file="-",
        problems=Problems(),
    )
    marks = {"file": None, "outside": None, "approximate": False, "community": None}
    return gpd.GeoDataFrame(empty.assign(**marks), crs=metric)


def _with_people(demand: gpd.GeoDataFrame, given: Demand | None) -> gpd.GeoDataFrame:
    """Estimate people from floor area where that is asked."""
    frame = demand
    if given is None or given.people_per_m2 is None:
        return frame
    levels = frame.get("building:levels", pd.Series(1.0, index=frame.index))
    floors = pd.to_numeric(levels, errors="coerce").fillna(1.0)
    people = frame.area * floors * given.people_per_m2
    frame = frame[["id"]].assign(
        community=None, population=people, geometry=frame.representative_point()
    )
    return gpd.GeoDataFrame(frame, crs=demand.crs)
