"""Places for rows that have no coordinates: from a list, or by the community that they name.

A bureau knows its stations by name, address and community. What a list of places holds, such as
what a geocoder found, comes first. The others are put into the middle of their community: the one
that a column names, by its code or name, else the one whose name their address holds, else the one
whose name their own name holds. Such places are approximate, and said to be.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, get_args

import geopandas as gpd
import pandas as pd
import pyproj
import shapely

from planner.district.cells import text_of
from planner.district.fields import Notes, find_columns
from planner.district.matching import normal
from planner.district.reading.named_places import PlaceFinder, bare_name
from planner.district.reading.read import Raw
from planner.district.tables import columns_of
from planner.errors import Problems, did_you_mean
from planner.settings import NamedFile, Source

Way = Literal["column", "address", "name"]

_ENDINGS = ("社区", "村", "里", "居委会", "村委会", "居民委员会", "村民委员会", "小区")
_ENDS_AS_PLACE = re.compile(r"(社区|村|里|园|苑|坊|弄|新村|嘉园|花园|居委会|村委会)$")
_A_ROAD = re.compile(r"[东南西北中上下]?(路|街|巷|道|大道|大街|弄)")
_NEAR = ("近似", "near", "approximate")  # of a place that a list holds, and that is not exact
_LEAST_LETTERS = 2  # of a name that is looked for inside another text


@dataclass(frozen=True, kw_only=True)
class PlacedByName:
    """Rows of a file that had no coordinates, and how they have a place now.

    Parameters
    ----------
    raw
        The file, with the places.
    communities
        On the rows whose place is approximate: the id of the community in whose middle a row
        stands, missing where a list says that its place is but near.
    counts
        How many rows a list placed (``list``), and how many their community by each way.
    """

    raw: Raw
    communities: pd.Series
    counts: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class _Community:
    """A community as it may be named inside an address."""

    label: object
    words: frozenset[str]
    stem: str
    street: str


def place_by_name(
    raw: Raw,
    source: Source,
    listed: tuple[Raw, NamedFile] | None,
    communities: gpd.GeoDataFrame | None,
    problems: Problems,
) -> PlacedByName:
    """Give places to the rows of a file that have no coordinates.

    Parameters
    ----------
    raw
        The file, some of its rows without a geometry.
    source
        How the scenario reads it.
    listed
        The list of places, with what the scenario says of it; None where there is none.
    communities
        The communities by their contract; None where there are none, or they have faults.
    problems
        Collects rows that nothing places, or that may be in several communities.

    Returns
    -------
    The file with the places found; rows without one are left out of it, as the scenario asks.
    """
    frame = gpd.GeoDataFrame(raw.frame)
    shapes = frame.geometry.copy()
    columns = address_columns(frame, source.columns)
    called = frame[columns.get("name", columns.get("address", str(frame.columns[0])))].map(text_of)
    counts: Counter[str] = Counter()
    home: dict[object, object] = {}
    if listed is not None:
        found = _from_list(frame, columns, *listed, problems)
        counts["list"] = len(found)
        shapes.loc[found.index] = found.geometry.to_crs(frame.crs).to_numpy()
        home |= dict.fromkeys(found.index[found["near"]])
    lacking = frame.index[shapes.isna()]
    if source.missing_coordinates == "community" and communities is not None:
        middles = _middles(communities, frame.crs)
        known = _Known(communities)
        for row in lacking:
            hit = known.community_of(frame.loc[row], columns, source.label, row, problems)
            if hit is not None:
                label, way = hit
                shapes.loc[row] = middles[label]
                counts[way] += 1
                home[row] = communities["id"][label]
    elif source.missing_coordinates == "error":
        for row in lacking:
            problems.add("io.not_in_list", file=source.label, row=row, value=called[row])
    placed = shapes.notna()
    left = pd.DataFrame({"reason": "no_coordinates", "name": called})[~placed]
    kept = frame.set_geometry(shapes)[placed]
    return PlacedByName(
        raw=replace(
            raw, frame=kept, left_out=pd.concat([raw.left_out, left.assign(name=called[~placed])])
        ),
        communities=pd.Series(home, dtype=object),
        counts=counts,
    )


class _Known:
    """The communities of a district, looked for in columns and inside texts."""

    def __init__(self, communities: gpd.GeoDataFrame) -> None:
        self.names = communities["name"].astype(str)
        named = {key: key for key in ("id", "name", "street") if key in communities}
        self.finder = PlaceFinder.of(communities, named)
        self.by_id: dict[str, list[object]] = {}
        for label, own in communities["id"].items():
            self.by_id.setdefault(normal(own), []).append(label)
        streets = communities.get("street", pd.Series("", communities.index)).fillna("")
        self.all = [
            _Community(
                label=label, words=_words(name), stem=_stem(name), street=normal(streets[label])
            )
            for label, name in self.names.items()
        ]

    def community_of(
        self,
        cells: pd.Series,
        columns: Mapping[str, str],
        file: str,
        row: int | str,
        problems: Problems,
    ) -> tuple[object, Way] | None:
        """Return the community of a row, and by what it was found; note where there is none.

        Parameters
        ----------
        cells
            The cells of the row.
        columns
            Which column holds the id, the name, the street and the like, by what it holds.
        file, row
            Where it stands, for messages.
        problems
            Takes why there is none, or why it is not clear which.

        Returns
        -------
        The community's label and the way it was found; None where it was not.
        """
        told = {key: text_of(cells[column]) for key, column in columns.items()}
        street = told.get("street", "")
        for way in get_args(Way):
            said = told.get("community" if way == "column" else way, "")
            if not said:
                continue
            hits = self._named(said, street) if way == "column" else self._inside(said, street)
            if way == "name" and not hits:
                hits = self._heading(said, street)
            if len(hits) == 1:
                return hits[0], way
            if hits or way == "column":
                problem = "io.several_communities" if hits else "io.unknown_community_named"
                named = [str(self.names[label]) for label in hits]
                hint = did_you_mean(said, self.names.tolist())
                values = {"named": ", ".join(named)} if hits else {"hint": hint}
                problems.add(problem, file=file, row=row, value=said, **values)
                return None
        said = told.get("address") or told.get("name") or ""
        problems.add("io.no_community_named", file=file, row=row, value=said)
        return None

    def _named(self, said: str, street: str) -> list[object]:
        """Return the communities that a column of communities names: by id or name."""
        by_id = self.by_id.get(normal(said), [])
        return by_id or self.finder.by_name({"name": said, "street": street})

    def _inside(self, said: str, street: str) -> list[object]:
        """Return the communities that a text names; of a name in another the longer one counts."""
        text, where = normal(said), normal(street)
        spans = {
            (found.start(), found.end(), one.label): one
            for one in self.all
            for word in one.words
            if word in text
            for found in re.finditer(re.escape(word), text)
        }
        longest = {
            one.label: one
            for (start, end, _), one in spans.items()
            if not any(a <= start and end <= b and b - a > end - start for a, b, _ in spans)
        }
        return _near(longest, where, text)

    def _heading(self, said: str, street: str) -> list[object]:
        """Return the communities whose name without its ending begins a facility's own name."""
        text = normal(said)
        begin = {
            one.label: one
            for one in self.all
            if len(one.stem) >= _LEAST_LETTERS
            and text.startswith(one.stem)
            and not _A_ROAD.match(text[len(one.stem) :])
        }
        most = max((len(one.stem) for one in begin.values()), default=0)
        longest = {label: one for label, one in begin.items() if len(one.stem) == most}
        return _near(longest, normal(street), text)


def _near(found: dict[object, _Community], street: str, text: str) -> list[object]:
    """Return the communities found; of several those of the street named, if there are any."""
    if len(found) < 2:
        return list(found)
    near = [label for label, one in found.items() if _of_street(one.street, street, text)]
    return near or list(found)


def _of_street(street: str, said: str, text: str) -> bool:
    """Return whether a community's street is the one that a row or its address names."""
    return bool(street) and (street == said or street in text)


def _stem(name: str) -> str:
    """Return what a community's name begins with: 松津 of 松津社区."""
    bare = bare_name(name)
    return next((bare[: -len(end)] for end in ("社区", "村", "里") if bare.endswith(end)), bare)


def _words(name: str) -> frozenset[str]:
    """Return what names a community without doubt inside an address."""
    bare = bare_name(name)
    if len(bare) < _LEAST_LETTERS:
        return frozenset()
    if _ENDS_AS_PLACE.search(bare) and len(bare) > _LEAST_LETTERS:
        return frozenset({bare})
    return frozenset(bare + ending for ending in _ENDINGS)


def address_columns(frame: pd.DataFrame, columns: Mapping[str, str | list[str]]) -> dict[str, str]:
    """Return the columns by which the place of a row may be found, those that a file has.

    Parameters
    ----------
    frame
        The file's rows.
    columns
        Those that the scenario names.

    Returns
    -------
    Column of the file for ``name``, ``address``, ``community``, ``street`` and ``precision``.
    """
    facilities, units = columns_of("facilities")
    candidates, _ = columns_of("candidates")
    homes, _ = columns_of("demand")
    communities, _ = columns_of("communities")
    aliases = {*facilities["name"]["aliases"], *candidates["name"]["aliases"]}
    spec = {
        "name": {**facilities["name"], "aliases": sorted(aliases)},
        "address": facilities["address"],
        "community": homes["community"],
        "street": communities["street"],
        "precision": {"type": "text", "aliases": ["精度"]},
    }
    own = {key: name for key, name in columns.items() if key in spec}
    found = find_columns(frame, spec, own, units, Notes("", Problems()))
    return {key: names[0] for key, names in found.items() if len(names) == 1}


def _from_list(
    frame: gpd.GeoDataFrame,
    columns: Mapping[str, str],
    listed: Raw,
    given: NamedFile,
    problems: Problems,
) -> gpd.GeoDataFrame:
    """Return the places that a list has of the rows without one, and whether they are but near.

    A name stands for a row where the addresses of both, if both have one, are the same; without a
    name that is known the address alone does.
    """
    places = listed.frame
    lacking = frame[frame.geometry.isna()]
    none = gpd.GeoDataFrame({"near": []}, geometry=[], index=lacking.index[:0], crs=frame.crs)
    if not isinstance(places, gpd.GeoDataFrame):
        problems.add("tables.no_geometry", file=given.label)
        return none
    theirs = address_columns(places, given.columns)
    keys = [key for key in ("name", "address") if key in columns and key in theirs]
    if not keys:
        problems.add("io.nothing_to_find_by", file=given.label, value=listed.label)
        return none
    at: dict[object, object] = {}
    for key in [tuple(keys), *((one,) for one in keys)][len(keys) < 2 :]:
        by: dict[tuple[str, ...], list[object]] = {}
        for one in places.index:
            listed_as = tuple(normal(text_of(places.loc[one, theirs[part]])) for part in key)
            by.setdefault(listed_as, []).append(one)
        for row in lacking.index.difference(list(at)):
            cells = tuple(normal(text_of(lacking.loc[row, columns[part]])) for part in key)
            rows = by.get(cells, []) if all(cells) else []
            spots = {shapely.get_coordinates(places.geometry[one]).tobytes() for one in rows}
            if len(spots) > 1:
                told, value = ", ".join(map(str, rows)), text_of(lacking.loc[row, columns[key[0]]])
                problems.add("io.several_in_list", file=given.label, value=value, rows=told)
            if rows:
                at[row] = rows[0]
    if not at:
        return none
    own = places.loc[list(at.values())]
    said = own[theirs["precision"]] if "precision" in theirs else pd.Series("", own.index)
    near = said.map(text_of).str.casefold().isin(_NEAR).to_numpy()
    return gpd.GeoDataFrame(
        {"near": near}, geometry=own.geometry.to_numpy(), index=list(at), crs=places.crs
    )


def _middles(communities: gpd.GeoDataFrame, crs: pyproj.CRS) -> Mapping[object, shapely.Geometry]:
    """Return a point in the middle of each community, in another CRS."""
    inside = gpd.GeoSeries(
        communities.geometry.representative_point(), index=communities.index, crs=communities.crs
    )
    return dict(inside.to_crs(crs).items())
