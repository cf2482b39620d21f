"""The ground that people walk on: streets read, joined and compiled, or ways in a straight line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from planner.district.area import Input, StraightWays
from planner.district.estimates import DataEstimate
from planner.district.once import Once
from planner.district.reading import access
from planner.district.reading.extent import around, centred, strays
from planner.district.reading.files import cache_folder
from planner.district.reading.heights import SlopedStreets
from planner.district.reading.inclines import SLOPE, apart, carried, raised
from planner.district.reading.osm import read_streets
from planner.district.reading.reproject import ROUGH_M, reproject
from planner.district.reading.restrictions import habits, without_closed
from planner.district.reading.riding import mode_of
from planner.district.reading.straight import straight_ways
from planner.district.reading.street_faults import note_faults
from planner.district.reading.street_lines import LEVELS, RawStreets
from planner.engine.memory import trim_memory
from planner.engine.network import (
    Network,
    PackedLines,
    cached_from_lines,
    join_lines,
)
from planner.engine.network.graph.modes import WALKING
from planner.engine.network.graph.slopes import SPAN
from planner.errors import NetworkError, Problems
from planner.language import LANGS
from planner.settings import Settings

Made = TypeVar("Made")
SCRAP_M = 1000.0  # streets that join no others and are shorter are scraps


@dataclass(frozen=True, kw_only=True)
class WalkedGround:
    """What people walk on: streets as lines and compiled, or ways in a straight line.

    Parameters
    ----------
    metric
        The CRS in metres that all is computed in.
    lines, network
        The streets as lines, and compiled; None where they cannot be.
    roads
        The streets that vehicles may use, where deliveries ask for them.
    ridden
        The streets as residents go along them who do not come on foot.
    straight
        Ways in a straight line, where there are no streets.
    slopes
        What is told beside every headline where slopes count.
    """

    metric: pyproj.CRS
    lines: gpd.GeoDataFrame | None
    network: Network | None
    roads: Network | None = None
    ridden: Network | None = None
    straight: StraightWays | None = None
    slopes: tuple[DataEstimate, ...] = ()


@dataclass(kw_only=True)
class GroundReader:
    """Reads the ground of one scenario, noting problems and what was read.

    Parameters
    ----------
    settings
        What the run is asked to do.
    folder
        What paths are relative to.
    problems
        Collects what is wrong.
    inputs, notes
        Take what was read, and remarks for the reader.
    once
        Does each part once, where scenarios are read in turn.
    faults
        Where the lines do not make a network, once they have been read.
    """

    settings: Settings
    folder: Path
    problems: Problems
    inputs: list[Input]
    notes: list[tuple[str, dict[str, object]]]
    once: Once = field(default_factory=lambda: Once(holds=False))
    faults: gpd.GeoDataFrame = field(default_factory=gpd.GeoDataFrame)
    slopes: SlopedStreets = field(init=False)

    def __post_init__(self) -> None:
        self.slopes = SlopedStreets(
            settings=self.settings,
            folder=self.folder,
            problems=self.problems,
            inputs=self.inputs,
            notes=self.notes,
        )

    def read(
        self,
        communities: gpd.GeoDataFrame | None,
        placed: list[gpd.GeoDataFrame],
        homes: list[gpd.GeoDataFrame],
        *,
        closures: gpd.GeoDataFrame | None,
        whole: bool,
    ) -> WalkedGround | None:
        """Read streets and compile them, or build a lattice where there are none.

        Parameters
        ----------
        communities
            The communities; None where hexagons stand for them, or they cannot be read.
        placed
            Facilities, candidates and outlines, as far as they have places of their own.
        homes
            Where people live, as far as that is known.
        closures
            What the scenario closes: areas, and lines across streets.
        whole
            Whether all else is there: without it streets are read, and not compiled.

        Returns
        -------
        The ground; None where it cannot be had, or not all else is there.
        """
        if self.settings.streets.straight:
            return self._straight(communities, [*placed, *homes], whole=whole)
        return self._streets(communities, placed, closures, whole=whole)

    def _streets(
        self,
        communities: gpd.GeoDataFrame | None,
        placed: list[gpd.GeoDataFrame],
        closures: gpd.GeoDataFrame | None,
        *,
        whole: bool,
    ) -> WalkedGround | None:
        """Read and compile the streets; nothing where that fails, or not all else is there."""
        area = None if communities is None else around(communities, placed, self.settings)
        ground, self.faults = self._part(
            "streets",
            (communities, None if area is None else shapely.to_wkb(area), closures, whole),
            lambda: (self._of_streets(communities, area, closures, whole=whole), self.faults),
        )
        return ground

    def _part(self, name: str, rests_on: Sequence[object], make: Callable[[], Made]) -> Made:
        """Return a part of the ground; where it was made before, that with all that it noted."""
        logs = (self.problems.found, self.inputs, self.notes)
        every = (self.settings, str(self.folder), *rests_on)
        return self.once.do(name, every, logs, make)

    def _of_streets(
        self,
        communities: gpd.GeoDataFrame | None,
        area: shapely.Geometry | None,
        closures: gpd.GeoDataFrame | None,
        *,
        whole: bool,
    ) -> WalkedGround | None:
        """Read the streets of an area and compile them; see `_streets`."""
        users = self.settings.means.users
        self.slopes.find()
        streets = read_streets(
            self.settings.streets, area, self.folder, self.problems, users, once=self.once
        )
        if streets is None or not whole:
            return None
        apart = (
            None if communities is None else strays(communities.geometry, streets.lines.geometry)
        )
        metric = _metric(communities, streets, apart)
        if communities is not None and apart is not None:
            self._tell_strays(communities[apart])
        moved = self._moved(streets.lines, metric, streets.file)
        own = communities if communities is None or apart is None else communities[~apart]
        if not self.slopes.read(moved, own):
            return None
        roads, ridden = self._roads(streets, closures, metric), None
        if streets.ridden is not None:
            ridden = self._ridden(streets.ridden, streets.file, closures, metric)
            if ridden is None:
                return None
        # Streets as read are held no longer than they are needed: millions take gigabytes.
        none = _none_of(streets.lines)
        streets = replace(streets, lines=none, roads=none, ridden=None)
        lines = self._joined(moved, streets.file)
        del moved
        if lines is None:
            return WalkedGround(metric=metric, lines=None, network=None, roads=roads, ridden=ridden)
        lived_on, packed = access.lived_on(lines), PackedLines.of(self._plain(lines))
        walked = packed
        if self.settings.streets.closes:  # people live along a street that is closed all the same
            left = without_closed(lines, closures, self.settings, self.problems, self.notes)
            walked = PackedLines.of(self._plain(left))
        del lines
        trim_memory()
        network = self._network(walked, streets)
        trim_memory()
        lines = packed.unpacked().assign(lived_on=lived_on)
        return WalkedGround(
            metric=metric,
            lines=lines.drop(columns=[SLOPE, SPAN], errors="ignore"),
            network=network,
            roads=roads,
            ridden=ridden,
            slopes=tuple(self.slopes.estimates),
        )

    def _straight(
        self, communities: gpd.GeoDataFrame | None, placed: list[gpd.GeoDataFrame], *, whole: bool
    ) -> WalkedGround | None:
        """Build a lattice where there are no streets; nothing where not all else is there."""
        around_them = _bytes_of(placed) if self.once.holds else ()
        return self._part(
            "straight",
            (communities, whole, *around_them),
            lambda: self._lattice(communities, placed, whole=whole),
        )

    def _lattice(
        self, communities: gpd.GeoDataFrame | None, placed: list[gpd.GeoDataFrame], *, whole: bool
    ) -> WalkedGround | None:
        """Build a lattice; see `_straight`."""
        if communities is None:
            if self.settings.communities.file is None:
                self.problems.add("io.hexagons_need_streets", file="communities.hexagons_m")
            return None
        if not whole:
            return None
        apart = strays(communities.geometry)
        self._tell_strays(communities[apart])
        metric = centred(communities.geometry[~apart])
        network, ways = straight_ways(communities[~apart], placed, self.settings, metric)
        none = gpd.GeoDataFrame({"name": [], "highway": []}, geometry=[], crs=metric)
        return WalkedGround(metric=metric, lines=none, network=network, straight=ways)

    def _tell_strays(self, far: gpd.GeoDataFrame) -> None:
        if len(far):
            named = ", ".join(f"{name} ({row})" for row, name in far["name"].items())
            file = str(self.settings.communities.file)
            self.notes.append(("area.strays", {"file": file, "n": len(far), "named": named}))

    def moved(
        self, frame: gpd.GeoDataFrame | None, target: pyproj.CRS, file: str | None
    ) -> gpd.GeoDataFrame | None:
        """Bring a layer to a CRS; note where no sound way is known, and tell a rough one.

        Parameters
        ----------
        frame
            The layer; None where there is none.
        target
            The CRS wanted.
        file
            What messages call the layer.

        Returns
        -------
        The layer in the CRS; None where there is none, or no sound way.
        """
        return self._part(
            "moved", (frame, target.to_wkt(), file), lambda: self._moved(frame, target, file)
        )

    def _moved(
        self, frame: gpd.GeoDataFrame | None, target: pyproj.CRS, file: str | None
    ) -> gpd.GeoDataFrame | None:
        """Bring a layer to a CRS, streets too, which are held by nothing; see `moved`."""
        if frame is None:
            return None
        moved = reproject(frame, target, partial(self.problems.add, file=file))
        if moved is None:
            return None
        if moved.accuracy_m > ROUGH_M:
            metres = f"{moved.accuracy_m:g}"
            self.notes.append(("area.rough_datum", {"file": str(file), "metres": metres}))
        return raised(moved.frame)

    def _joined(self, lines: gpd.GeoDataFrame | None, file: str) -> gpd.GeoDataFrame | None:
        """Report where lines do not make a network, and join them there where that is asked."""
        if lines is None or not lines.geom_type.isin(["LineString", "MultiLineString"]).all():
            return lines
        asked = self.settings.streets
        self.faults = note_faults(lines, asked, file, self.notes)
        self.notes.extend(apart(lines, file))
        return self._without_gaps(lines) if asked.node == "auto" else lines

    def _without_gaps(self, lines: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        return carried(join_lines(lines, self.settings.streets.tolerance_m), lines)

    def _plain(self, lines: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Drop what says on which level a line is: it has been asked."""
        told = self.slopes.with_spans(lines)
        return told.drop(columns=[name for name in LEVELS if name in told])

    def _roads(
        self, streets: RawStreets, closures: gpd.GeoDataFrame | None, metric: pyproj.CRS
    ) -> Network | None:
        """Compile the streets that vehicles may use, where the scenario asks for deliveries."""
        if not self.settings.delivery:
            return None
        if streets.roads.empty:
            self.problems.add("io.no_roads", file=streets.file)
            return None
        return self._of_others(streets.roads, streets.file, closures, metric)

    def _ridden(
        self,
        lines: gpd.GeoDataFrame,
        file: str,
        closures: gpd.GeoDataFrame | None,
        metric: pyproj.CRS,
    ) -> Network | None:
        """Compile the streets of residents who do not come on foot."""
        means = self.settings.means
        if lines.empty:
            mode = {lang: means.name(lang) for lang in LANGS}
            self.problems.add("modes.no_lines", file=file, value=means.id, mode=mode)
            return None
        network = self._of_others(lines, file, closures, metric)
        try:
            if network is None:
                return None
            return self.slopes.under(network, mode_of(network, self.settings, self.notes))
        except NetworkError as error:
            self.problems.found += error.problems
            return None

    def _of_others(
        self,
        given: gpd.GeoDataFrame,
        file: str,
        closures: gpd.GeoDataFrame | None,
        metric: pyproj.CRS,
    ) -> Network | None:
        """Compile streets that others use than people on foot."""
        lines = self._moved(given, metric, file)
        if lines is not None and self.settings.streets.node == "auto":
            lines = self._without_gaps(lines)
        if lines is not None and self.settings.streets.closes:  # told of the walked streets
            lines = without_closed(lines, closures, self.settings, Problems(), [])
        return None if lines is None else self._compiled(PackedLines.of(self._plain(lines)))

    def _network(self, lines: PackedLines, streets: RawStreets) -> Network | None:
        self.inputs.append(
            Input(
                role="streets",
                file=streets.file,
                sha256=streets.sha256,
                rows=streets.rows,
                used=streets.rows - streets.dropped - sum(streets.not_walked.values()),
                understood=streets.understood,
                crs=streets.crs,
                datum=streets.datum,
                encoding=streets.encoding,
            )
        )
        if streets.cut:
            self.notes.append(("area.ways_cut", {"file": streets.file, "n": streets.cut}))
        if streets.not_walked:
            classes = ", ".join(f"{name} {n}" for name, n in streets.not_walked.items())
            told = {"n": sum(streets.not_walked.values()), "classes": classes}
            self.notes.append(("area.not_walked", told))
        return self._compiled(lines, walked=True)

    def _compiled(self, lines: PackedLines, *, walked: bool = False) -> Network | None:
        kept = cache_folder()
        try:
            made = Network.from_lines(lines) if kept is None else cached_from_lines(lines, kept)
            made = replace(made, pass_over_m=SCRAP_M, kept={})
            if not walked or self.settings.means.users != "walkers":
                return made
            mode = habits(made, self.settings, self.notes)
            plain = mode == WALKING and self.slopes.given is None
            return made if plain else self.slopes.under(made, mode)
        except NetworkError as error:
            self.problems.found += error.problems
            return None


def _bytes_of(frames: Sequence[gpd.GeoDataFrame]) -> Iterator[bytes]:
    """Yield the shapes of tables, and the CRS that they are in."""
    for frame in frames:
        yield b"".join(one or b"-" for one in frame.geometry.to_wkb())
        yield b"" if frame.crs is None else frame.crs.to_wkt().encode()


def _none_of(lines: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return a table without its rows; a slice would hold them all the same."""
    return lines.iloc[[]].copy()


def _metric(
    communities: gpd.GeoDataFrame | None, streets: RawStreets, apart: np.ndarray | None
) -> pyproj.CRS:
    """Return the CRS in metres for the communities that are no strays, else for the streets."""
    if communities is None or apart is None or not len(communities):
        return centred(streets.lines.geometry)
    return centred(communities.geometry[~apart])
