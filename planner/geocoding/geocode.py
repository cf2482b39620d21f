"""Look up the rows of a list that have no coordinates, and keep every answer as it comes."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import geopandas as gpd
import pandas as pd

from planner.district.cells import text_of
from planner.district.matching import normal
from planner.district.reading.addresses import address_columns
from planner.district.reading.coordinates import points
from planner.district.reading.files import locate
from planner.district.reading.named_places import places_beside
from planner.district.reading.read import open_table
from planner.errors import GeocodingError, InputError, Problems, fail
from planner.geocoding.services import AskedTooFastError, Place, Service
from planner.language import Lang, text
from planner.settings import Source

PAUSE_S = 0.05  # between questions: no service allows many a second for one key
_SPELT = {"wgs84": "WGS 84", "cgcs2000": "CGCS2000", "gcj02": "GCJ-02", "bd09": "BD-09"}
_LONGER_S = (1.0, 5.0, 20.0)  # when it asks for a pause
_FIELDS = ("name", "address", "lon", "lat", "precision", "level", "service")

Progress = Callable[[int, int], None]


def _told_to_nobody(_done: int, _of: int) -> None:
    """Show no progress."""


@dataclass(frozen=True, kw_only=True)
class Geocoded:
    """What has been found for the rows of a list.

    Parameters
    ----------
    file
        The list of places, to be named as ``places`` in a scenario.
    rows
        How many rows lack coordinates.
    exact, near, nothing
        How many of them were found exactly, nearly, or not, this time and before.
    asked
        How many questions were put this time.
    stopped
        Why it ended before the last row; None where it did not.
    """

    file: Path
    rows: int
    exact: int
    near: int
    nothing: int
    asked: int
    stopped: GeocodingError | None = None


def geocode(
    file: Path,
    service: Service,
    key: str,
    *,
    within: str = "",
    layer: str | None = None,
    out: Path | None = None,
    lang: Lang = "zh",
    progress: Progress = _told_to_nobody,
    wait: Callable[[float], None] = time.sleep,
) -> Geocoded:
    """Look up the rows of a list that have no coordinates, by address, else by name.

    What was found before is not asked again: the list of places beside the file is continued, each
    answer written as it comes. Nothing but addresses and names, and ``within``, is sent.

    Parameters
    ----------
    file
        The list: a table of names and addresses.
    service, key
        Who is asked, with whose key.
    within
        City or district, which goes before addresses that do not name it.
    layer
        Sheet of the file, where it has several.
    out
        The list of places; beside the file if not given.
    lang
        Language of its headings.
    progress
        Told after each row: how many are done, of how many.
    wait
        Waits for so many seconds.

    Returns
    -------
    What has been found, and where it is kept.

    Raises
    ------
    InputError
        If the file cannot be read, or has neither names nor addresses; or if the list of places
        holds something else.
    """
    lacking = _lacking(file, layer)
    out = out or file.with_name(places_beside(file.name))
    headings = {name: text(f"geocoding.column.{name}", lang) for name in _FIELDS}
    headings |= {name: f"{headings[name]}（{_SPELT[service.datum]}）" for name in ("lon", "lat")}
    known = _kept(out, service, headings)
    asked, stopped = 0, None
    for done, (name, address) in enumerate(lacking, start=1):
        pair = normal(name), normal(address)
        if pair not in known:
            try:
                place = _patiently(service, address or name, key, within, wait)
            except GeocodingError as error:
                stopped = error
                break
            asked += 1
            known[pair] = place.precision
            _keep(out, headings, _row(name, address, place, service, lang))
            wait(PAUSE_S)
        progress(done, len(lacking))
    found = [known.get((normal(name), normal(address))) for name, address in lacking]
    return Geocoded(
        file=out,
        rows=len(lacking),
        exact=found.count("exact"),
        near=found.count("near"),
        nothing=found.count("none"),
        asked=asked,
        stopped=stopped,
    )


def _lacking(file: Path, layer: str | None) -> list[tuple[str, str]]:
    """Return name and address of the rows without coordinates, each once."""
    problems = Problems()
    source = Source(file=file.name, layer=layer, missing_coordinates="community")
    note = partial(problems.add, file=str(file))
    path = locate(str(file), Path.cwd(), note)
    opened = None if path is None else open_table(path, source, note)
    frame = problems.made(opened, InputError).frame
    columns = address_columns(frame, {})
    if not {"name", "address"} & set(columns):
        there = ", ".join(map(str, frame.columns))
        raise fail(InputError, "geocoding.no_addresses", file=str(file), columns=there)
    if not isinstance(frame, gpd.GeoDataFrame):
        frame = points(frame, source, Problems().add, projected=False).frame
    bare = frame[frame.geometry.isna() | frame.geometry.is_empty]
    cells = {
        key: bare[columns[key]].map(text_of) if key in columns else pd.Series("", bare.index)
        for key in ("name", "address")
    }
    pairs = dict.fromkeys(zip(cells["name"], cells["address"], strict=True))
    return [pair for pair in pairs if any(pair)]


def _kept(out: Path, service: Service, headings: Mapping[str, str]) -> dict[tuple[str, str], str]:
    """Return how exactly each row was found before, by name and address."""
    if not out.exists():
        return {}
    with out.open(encoding="utf-8-sig", newline="") as kept:
        rows = csv.DictReader(kept)
        if [*(rows.fieldnames or ())] != [headings[name] for name in _FIELDS]:
            raise fail(InputError, "geocoding.other_list", file=str(out), value=service.id)
        words = {
            text(f"geocoding.{how}", lang): how
            for how in ("exact", "near", "none")
            for lang in ("zh", "en")
        }
        return {
            (normal(row[headings["name"]]), normal(row[headings["address"]])): words[
                row[headings["precision"]]
            ]
            for row in rows
            if row[headings["precision"]] in words
        }


def _keep(out: Path, headings: Mapping[str, str], row: Sequence[str]) -> None:
    """Add one answer to the list of places, which begins with the first."""
    new = not out.exists()
    with out.open("a", encoding="utf-8-sig" if new else "utf-8", newline="") as kept:
        table = csv.writer(kept)
        if new:
            table.writerow([headings[name] for name in _FIELDS])
        table.writerow(row)


def _row(name: str, address: str, place: Place, service: Service, lang: Lang) -> list[str]:
    at = ["", ""] if place.lon is None else [f"{place.lon:.7f}", f"{place.lat:.7f}"]
    how = text(f"geocoding.{place.precision}", lang)
    return [name, address, *at, how, place.level, service.names[lang]]


def _patiently(
    service: Service, address: str, key: str, within: str, wait: Callable[[float], None]
) -> Place:
    """Ask, and ask again after a pause where the service wants one."""
    for seconds in _LONGER_S:
        try:
            return service.find(address, key, within)
        except AskedTooFastError:
            wait(seconds)
    raise service.used_up(f"{sum(_LONGER_S):g} s")
