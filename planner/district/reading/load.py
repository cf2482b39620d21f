"""From settings to a study area: read every file, bring it to its contract and to one CRS."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import geopandas as gpd
import pandas as pd

from planner.district import assembling
from planner.district.area import AgeStructure, StudyArea, Tables
from planner.district.assessment import answers_of
from planner.district.once import Once
from planner.district.reading.community_files import (
    read_age_structure,
    read_communities,
    read_outline,
)
from planner.district.reading.ground import GroundReader, WalkedGround
from planner.district.reading.population_files import (
    open_population,
    read_buildings,
    read_demand,
    read_population,
    with_people,
)
from planner.district.reading.raster import RasterFile
from planner.district.reading.site_files import check_money, read_sites, stacked, with_entrances
from planner.district.reading.table_reader import TableReader
from planner.district.tables import meanings
from planner.errors import InputError, Problems, did_you_mean
from planner.settings import Settings, Source
from planner.standards import (
    Kind,
    Profile,
    kind_of,
    kinds,
    read_profile,
    with_not_applicable,
    with_reported,
)

ASKED_OF = ("facilities", "communities", "candidates")


def load_area(
    settings: Settings,
    folder: Path,
    profile: Profile | None = None,
    once: Once | None = None,
) -> StudyArea:
    """Read everything that the settings name.

    Parameters
    ----------
    settings
        What the run is asked to do.
    folder
        The folder that relative paths are relative to: the scenario's.
    profile
        The targets that the district is held against: words that they ask for are checked.
    once
        Reads again only what differs from the scenarios that were read with it before, of files
        that stand; None reads everything.

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
    known = _kinds(settings)
    _check_words(settings, known, problems)
    answers = {
        table: [] if profile is None else answers_of(profile, known, table) for table in ASKED_OF
    }
    once = once or Once(holds=False)
    reader = TableReader(
        settings=settings,
        folder=folder,
        problems=problems,
        kinds=known,
        answers=answers,
        once=once,
    )
    tables = _read_tables(reader)
    # Rows without a fault go on, so that what is wrong between tables is found in the same go.
    area = assembling.assemble(tables, settings, known, problems, once) if tables else None
    return problems.made(area, InputError)


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


def _check_words(settings: Settings, known_kinds: dict[str, Kind], problems: Problems) -> None:
    """Check that what the scenario says of an office's words can be meant."""
    known = meanings(known_kinds)
    for word, meaning in settings.words.items():
        if meaning not in known:
            hint = did_you_mean(meaning, known)
            problems.add(
                "tables.unknown_meaning", file="words", value=meaning, word=word, hint=hint
            )


@dataclass(frozen=True, kw_only=True)
class _AsRead:
    """The tables of a scenario as read, each in its own CRS; None for what is not there."""

    communities: gpd.GeoDataFrame | None
    demand: gpd.GeoDataFrame | None
    buildings: gpd.GeoDataFrame | None
    raster: RasterFile | None
    facilities: list[gpd.GeoDataFrame | None]
    candidates: list[gpd.GeoDataFrame | None]
    links: list[pd.DataFrame | None]
    backdrop: gpd.GeoDataFrame | None
    travel: pd.DataFrame | None
    outline: gpd.GeoDataFrame | None
    ages: AgeStructure | None
    closures: gpd.GeoDataFrame | None

    @property
    def placed(self) -> list[gpd.GeoDataFrame]:
        """What has a place of its own: facilities, candidates and the outline."""
        sites = (found for found in (*self.facilities, *self.candidates) if found is not None)
        own = [found[~found["approximate"]] for found in sites]
        return own if self.outline is None else [*own, self.outline]

    @property
    def lived_in(self) -> gpd.GeoDataFrame | None:
        """Where people live, as far as a table tells."""
        return self.demand if self.buildings is None else self.buildings

    def is_whole(self, reader: TableReader) -> bool:
        """Return whether all is there that the rest stands on.

        Parameters
        ----------
        reader
            The reader of the tables, which knows the settings and what was left empty.
        """
        communities, demand = reader.settings.communities, reader.settings.demand
        known = self.lived_in is not None or self.raster is not None
        if demand and not known and demand.label not in reader.left_empty:
            return False
        return self.communities is not None or communities.file is None

    def moved(self, ground_reader: GroundReader, ground: WalkedGround) -> _AsRead:
        """Return the tables in the CRS of the ground.

        Parameters
        ----------
        ground_reader
            Moves a table, and notes what does not lie there.
        ground
            The streets, with the CRS in metres that all is computed in.
        """
        settings = ground_reader.settings
        to = partial(ground_reader.moved, target=ground.metric)
        of_demand = settings.demand.file if settings.demand else None
        within = settings.communities.within
        communities = to(self.communities, file=settings.communities.file)
        demand, buildings = to(self.demand, file=of_demand), to(self.buildings, file=of_demand)
        outline = to(self.outline, file=within.file if within else None)
        backdrop = to(self.backdrop, file=settings.backdrop.file if settings.backdrop else None)
        facilities, candidates = (
            [
                with_entrances(found, to(found, file=source.file))
                for found, source in zip(frames, sources, strict=True)
            ]
            for frames, sources in (
                (self.facilities, settings.facilities),
                (self.candidates, settings.candidates),
            )
        )
        return replace(
            self,
            communities=communities,
            demand=demand,
            buildings=buildings,
            outline=outline,
            backdrop=backdrop,
            facilities=facilities,
            candidates=candidates,
        )


def _read_files(reader: TableReader) -> _AsRead:
    """Read every file but that of the streets, in the order in which problems are told."""
    communities = reader.part("communities", (), lambda: read_communities(reader))
    demand, buildings, raster = reader.part(
        "people", (), lambda: (read_demand(reader), read_buildings(reader), open_population(reader))
    )
    facilities, candidates = read_sites(reader, communities)
    check_money(reader)
    links, backdrop, travel, outline, ages, closures = reader.part(
        "rest", (), lambda: _read_the_rest(reader)
    )
    return _AsRead(
        communities=communities,
        demand=demand,
        buildings=buildings,
        raster=raster,
        facilities=facilities,
        candidates=candidates,
        links=links,
        backdrop=backdrop,
        travel=travel,
        outline=outline,
        ages=ages,
        closures=closures,
    )


def _read_the_rest(
    reader: TableReader,
) -> tuple[
    list[pd.DataFrame | None],
    gpd.GeoDataFrame | None,
    pd.DataFrame | None,
    gpd.GeoDataFrame | None,
    AgeStructure | None,
    gpd.GeoDataFrame | None,
]:
    """Read links, backdrop, travel times, outline, ages and closures."""
    return (
        [reader.table(source, "links") for source in reader.settings.links],
        _read_shapes(reader, reader.settings.backdrop, "backdrop"),
        _read_travel(reader),
        read_outline(reader),
        read_age_structure(reader),
        _read_closures(reader),
    )


def _read_tables(reader: TableReader) -> Tables | None:
    """Read and conform every table; nothing if a part is missing that the rest stands on."""
    ground_reader = GroundReader(
        settings=reader.settings,
        folder=reader.folder,
        problems=reader.problems,
        inputs=reader.inputs,
        notes=reader.notes,
        once=reader.once,
    )
    read = _read_files(reader)
    homes = [] if read.lived_in is None else [read.lived_in]
    ground = ground_reader.read(
        read.communities,
        read.placed,
        homes,
        closures=read.closures,
        whole=read.is_whole(reader),
    )
    if ground is None:
        return None
    read = read.moved(ground_reader, ground)
    if ground.network is None or ground.lines is None:
        return None
    grid = reader.part(
        "grid",
        (read.raster, ground, read.communities),
        lambda: read_population(reader, read.raster, ground, read.communities),
    )
    if read.raster is not None and grid is None:
        return None
    demand, left_out = read.demand, reader.left_out
    return Tables(
        communities=read.communities,
        demand=None if demand is None else with_people(demand, reader.settings.demand),
        facilities=stacked(read.facilities, "facilities", ground.metric),
        candidates=stacked(read.candidates, "candidates", ground.metric),
        links=_stacked_links(read.links),
        network=ground.network,
        streets=ground.lines,
        straight=ground.straight,
        backdrop=read.backdrop,
        travel=read.travel,
        inputs=tuple(reader.inputs),
        roads=ground.roads,
        ridden=ground.ridden,
        slopes=ground.slopes,
        faults=ground_reader.faults,
        outline=read.outline,
        ages=read.ages,
        buildings=read.buildings,
        grid=grid,
        left_out=pd.concat(left_out, ignore_index=True) if left_out else None,
        notes=tuple(reader.notes),
    )


def _stacked_links(links: list[pd.DataFrame | None]) -> pd.DataFrame:
    """Stack the tables of links; without rows where there is none."""
    found = [one for one in links if one is not None]
    empty = pd.DataFrame({"facility": [], "community": [], "link": [], "file": []})
    return pd.concat(found) if found else empty


def _read_travel(reader: TableReader) -> pd.DataFrame | None:
    """Read travel times of the user's own."""
    given = reader.settings.travel
    if given is None or given.table is None:
        return None
    return reader.table(Source.of(given.table), "travel")


def _read_closures(reader: TableReader) -> gpd.GeoDataFrame | None:
    """Read the areas that the scenario closes, and the lines that bar streets."""
    given = reader.settings.streets.closures
    source = None if given is None else Source.of(given)
    return _read_shapes(reader, source, "closures")


def _read_shapes(reader: TableReader, given: Source | None, role: str) -> gpd.GeoDataFrame | None:
    """Read shapes without a contract."""
    raw = None if given is None else reader.read(given, role)
    return None if raw is None else gpd.GeoDataFrame(raw.frame)
