"""The files that tell of communities: their areas, figures, places, outline and ages."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from planner.district.area import AgeStructure
from planner.district.fields import Understanding
from planner.district.reading.ages_list import read_ages
from planner.district.reading.figures import join_figures
from planner.district.reading.named_places import join_places, outlines
from planner.district.reading.table_reader import TableReader
from planner.settings import Communities, NamedFile, Source
from planner.settings.files import CommunityFigures


def read_communities(reader: TableReader) -> gpd.GeoDataFrame | None:
    """Read the communities: as they stand, with the figures of a list, or placed by one.

    Parameters
    ----------
    reader
        Reads the scenario's files.

    Returns
    -------
    The communities; None where the scenario names none, or they cannot be read.
    """
    given = reader.settings.communities
    if given.file is None:
        return None
    source = Source.of(given, places=None)  # what a list of places gives is joined below
    if given.places is not None:
        frame = _with_places(reader, source, given.places, given)
    elif given.figures is None:
        frame = reader.table(source, "communities", groups=given.groups)
    else:
        frame = _with_figures(reader, source, given.figures, given)
    return None if frame is None else gpd.GeoDataFrame(frame.drop(columns="file"))


def read_outline(reader: TableReader) -> gpd.GeoDataFrame | None:
    """Read the outline of the district, or of its streets (towns), with their names.

    Parameters
    ----------
    reader
        Reads the scenario's files.

    Returns
    -------
    Areas with their names; None where the scenario names none, or they cannot be read.
    """
    within = reader.settings.communities.within
    if within is None:
        return None
    raw = reader.read(Source.of(within), "outline")
    return None if raw is None else outlines(raw, within.columns, reader.problems)


def read_age_structure(reader: TableReader) -> AgeStructure | None:
    """Read how old people are, where communities only have residents.

    Parameters
    ----------
    reader
        Reads the scenario's files.

    Returns
    -------
    The age structure; None where the scenario names none, or it cannot be read.
    """
    given = reader.settings.communities.ages
    if given is None:
        return None
    raw = reader.raw(Source.of(given))
    if raw is None:
        return None
    understood = Understanding()
    ages = read_ages(raw.frame, raw.label, given, reader.problems, understood)
    reader.record("ages", raw, raw.rows, understood)
    return ages


def _with_figures(
    reader: TableReader, source: Source, figures_file: CommunityFigures, given: Communities
) -> pd.DataFrame | None:
    """Read boundaries, and the list that holds their figures."""
    listed = Source.of(figures_file)
    boundaries, figures = reader.raw(source), reader.raw(listed)
    if boundaries is None or figures is None:
        return None
    joined = join_figures(boundaries, figures, source.columns, listed.columns, reader.problems)
    reader.record("communities", boundaries, boundaries.rows)
    return reader.conformed(joined, listed, "communities", groups=given.groups)


def _with_places(
    reader: TableReader, source: Source, places: NamedFile, given: Communities
) -> pd.DataFrame | None:
    """Read communities known by code or name, and the list that gives them places."""
    listed = Source.of(places)
    named, found = reader.raw(source), reader.raw(listed)
    if named is None or found is None:
        return None
    made = join_places(named, found, source.columns, listed.columns, reader.problems)
    if made is None:
        return None
    joined, told = made
    reader.record("places", found, told["n"])
    reader.notes.append(("area.places_found", {"file": listed.label, **told}))
    return reader.conformed(joined, source, "communities", groups=given.groups)
