"""What a scenario may say of the files that it names, and how each is read."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field

from planner.engine.crs import Datum
from planner.settings.part import Columns, Grid, Part, Where, Year

RASTERS = (".tif", ".tiff")
SHEETS = (".xlsx", ".xlsm", ".xls", ".ods")


def labelled(file: str, layer: str | None) -> str:
    """Return what messages call a file: with its sheet where a spreadsheet's is named.

    Parameters
    ----------
    file
        The file as the scenario names it.
    layer
        The sheet or layer that the scenario names.

    Examples
    --------
    >>> labelled("lists.xlsx", "Canteens"), labelled("a.gpkg", "x")
    ('lists.xlsx [Canteens]', 'a.gpkg')
    """
    return f"{file} [{layer}]" if layer and file.lower().endswith(SHEETS) else file


class AnyFile(Part):
    """How any file is read: where its coordinates are, and what its columns are called.

    ``file = "database:NAME"`` names the environment variable that says how to reach a database, of
    which ``layer`` is a table or ``query`` a query; likewise for a file of DuckDB.

    ``seven_parameters`` lead from the datum of the file's CRS to WGS 84: shifts in metres,
    rotations in seconds of arc (position vector), scale in millionths.
    """

    layer: Annotated[str, Field(min_length=1)] | None = None
    query: Annotated[str, Field(min_length=1)] | None = None
    datum: Datum | None = None
    crs: Annotated[str, Field(min_length=1)] | None = None
    seven_parameters: Annotated[list[float], Field(min_length=7, max_length=7)] | None = None
    encoding: Annotated[str, Field(min_length=1)] | None = None
    columns: Columns = {}


class NamedFile(AnyFile):
    """A further file of places: of the outline of the district, or of a list of named places."""

    file: Annotated[str, Field(min_length=1)]
    where: Where = {}

    @property
    def label(self) -> str:
        """What messages call it: the file, and its sheet where one is named."""
        return labelled(self.file, self.layer)


def _as_file(value: object) -> object:
    return {"file": value} if isinstance(value, str) else value


FileOrName = Annotated[NamedFile, BeforeValidator(_as_file)]


class Source(AnyFile):
    """A file, and how to read it.

    ``file`` is relative to the scenario's folder; ``package:NAME/PATH`` names a file that an
    installed package carries. Exactly one of ``datum`` and ``crs`` may be given; a file that
    carries its own CRS needs neither. ``columns`` names the columns of the table's contract,
    ``attributes`` any further ones that targets ask for. ``empty = "skip"`` takes a list without
    rows for one that is not given.

    Facilities and candidates without coordinates are found in the list ``places`` by their name or
    address; ``missing_coordinates = "community"`` puts the others into the middle of the community
    that they name, or that their address or their own name does.
    """

    file: Annotated[str, Field(min_length=1)]
    attributes: dict[str, str] = {}
    where: Where = {}
    places: FileOrName | None = None
    missing_coordinates: Literal["error", "skip", "community"] = "error"
    outside: Literal["error", "skip"] = "error"
    empty: Literal["error", "skip"] = "error"
    osm: dict[str, bool | str | list[str]] = {}

    @classmethod
    def of(cls, part: Part, **more: Any) -> Self:
        """Build what is read where another part of the scenario names a file.

        Parameters
        ----------
        part
            The part; what it says of nothing that a `Source` knows is left aside.
        **more
            Fields that take the place of the part's.

        Returns
        -------
        The file, and how to read it.
        """
        said = {name: told for name, told in part.model_dump().items() if name in cls.model_fields}
        return cls.model_validate(said | more)

    @property
    def finds_places(self) -> bool:
        """Whether rows without coordinates are looked for, in a list or by their community."""
        return self.places is not None or self.missing_coordinates == "community"

    @property
    def label(self) -> str:
        """What messages call it: the file, and its sheet where one is named."""
        return labelled(self.file, self.layer)


class CommunityFigures(AnyFile):
    """A list of the communities' figures, for boundaries that stand in a file of their own."""

    file: Annotated[str, Field(min_length=1)]
    attributes: dict[str, str] = {}
    where: Where = {}


class CandidateSource(Source):
    """A file of candidates; ``cost_unit`` names the unit of its costs if its heading does not."""

    cost_unit: Annotated[str, Field(min_length=1, max_length=20)] | None = None


class AgesFile(NamedFile):
    """A list of how old people are: a row for each street (town) or zone, or for the district.

    ``groups`` names the columns of demand groups that are not found by their headings; ``unit``
    says what the columns hold where headings and figures do not tell.
    """

    groups: Columns = {}
    unit: Literal["people", "share", "percent"] | None = None


AgesOrName = Annotated[AgesFile, BeforeValidator(_as_file)]


class Communities(AnyFile):
    """Communities: a file of polygons, or of points, or hexagons laid over the streets.

    ``figures`` is a list with a row for each polygon, found by its id, else by its name, where the
    file holds the boundaries alone. Of points the boundaries are estimated ``within`` an outline:
    of the district, or of the streets (towns) that communities name. ``places`` is a list that
    gives places to communities known by code or name alone.
    ``zones_cross_streets`` says that zones are no level above or
    below streets: parts of one street may lie in several zones, which hold parts of others.
    """

    file: Annotated[str, Field(min_length=1)] | None = None
    figures: CommunityFigures | None = None
    attributes: dict[str, str] = {}
    where: Where = {}
    groups: Columns = {}
    within: FileOrName | None = None
    places: FileOrName | None = None
    ages: AgesOrName | None = None
    hexagons_m: Grid | None = None
    zones_cross_streets: bool = False


class Demand(Source):
    """Where people live: buildings, dwellings or cells.

    ``people_per_m2`` estimates the people of OpenStreetMap buildings from their floor area.
    ``people = "communities"`` lays the people of each community over the buildings of the file.
    A raster of population (GeoTIFF) tells how the people of each community are distributed, and how
    many they are where communities have no figures; ``source`` and ``year`` are what is told of it,
    ``nodata`` the value that means nothing is known where the file does not declare it.
    """

    people: Literal["own", "communities"] = "own"
    source: str | None = None
    year: Year | None = None
    nodata: Annotated[float, Field(ge=-1e300, le=1e300)] | None = None
    groups: Columns = {}
    people_per_m2: Annotated[float, Field(gt=0, le=100)] | None = None

    @property
    def is_raster(self) -> bool:
        """Whether the file is a raster of population."""
        return self.file.lower().endswith(RASTERS)


class Facilities(Source):
    """Facilities of one kind, or of the kinds that a column names."""

    kind: str | None = None
    tier: str | None = None
    status: str | None = None
