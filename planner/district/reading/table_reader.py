"""One file of a scenario as a table that holds to its contract, and a record of what was read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import geopandas as gpd
import pandas as pd

from planner.district.area import Input
from planner.district.checks import Answers, check_answers
from planner.district.fields import Understanding
from planner.district.once import Once
from planner.district.reading.addresses import place_by_name
from planner.district.reading.read import Raw, note_sheet, read_raw
from planner.district.tables import Table, conform
from planner.errors import Problem, Problems
from planner.settings import Settings, Source
from planner.standards import Kind

# What is missing where another sheet of a spreadsheet was meant.
_LACKS = {"tables.missing_column", "tables.no_geometry", "tables.no_such_column"}
Made = TypeVar("Made")
_MOST_NAMED = 20  # rows named in a remark


@dataclass(kw_only=True)
class TableReader:
    """Reads the files of one scenario as tables, noting problems and what was read.

    Parameters
    ----------
    settings
        What the run is asked to do.
    folder
        What paths are relative to.
    problems
        Collects what is wrong.
    kinds
        The kinds of the catalogue and of the scenario.
    answers
        For each table the answers that a profile of targets asks for.
    once
        Does each part once, where scenarios are read in turn.
    inputs, left_out, notes
        What was read, rows that were left out, and remarks for the reader.
    left_empty
        Files that have no rows and may be empty.
    """

    settings: Settings
    folder: Path
    problems: Problems
    kinds: dict[str, Kind]
    answers: dict[str, list[Answers]]
    once: Once = field(default_factory=lambda: Once(holds=False))
    inputs: list[Input] = field(default_factory=list)
    left_out: list[pd.DataFrame] = field(default_factory=list)
    notes: list[tuple[str, dict[str, object]]] = field(default_factory=list)
    left_empty: list[str] = field(default_factory=list)

    def part(self, name: str, rests_on: Sequence[object], make: Callable[[], Made]) -> Made:
        """Return a part of what is read; where it was read before, that with all that it noted.

        Parameters
        ----------
        name
            The part's name.
        rests_on
            What decides it, beside all that the settings say but for sites.
        make
            Reads it.
        """
        logs = (self.problems.found, self.inputs, self.left_out, self.notes, self.left_empty)
        every = (self.settings, str(self.folder), repr(self.answers), *rests_on)
        return self.once.do(name, every, logs, make)

    def read(self, source: Source, role: str) -> Raw | None:
        """Read a file that has no contract.

        Parameters
        ----------
        source
            The file, as the scenario names it.
        role
            What it is read as, in the record of what was read.

        Returns
        -------
        The file as it stands; None where it cannot be read.
        """
        raw = read_raw(source, self.folder, self.problems, self.once)
        if raw is not None:
            self.record(role, raw, raw.rows)
        return raw

    def record(
        self, role: str, raw: Raw, used: int, understood: Understanding | None = None
    ) -> None:
        """Write a file on the record of what was read.

        Parameters
        ----------
        role
            What it was read as.
        raw
            The file.
        used
            How many of its rows are used.
        understood
            What its columns and cells were taken for; None where it has no contract.
        """
        if len(raw.left_out):
            out = raw.left_out.rename_axis("row").reset_index()
            self.left_out.append(out.assign(file=raw.label))
        if raw.asides:
            asides = pd.DataFrame({"row": list(raw.asides), "reason": "aside"})
            self.left_out.append(asides.assign(file=raw.label))
        if raw.hidden:
            rows = ", ".join(map(str, raw.hidden[:_MOST_NAMED]))
            more = " …" if len(raw.hidden) > _MOST_NAMED else ""
            told = {"file": raw.label, "n": len(raw.hidden), "rows": rows + more}
            self.notes.append(("area.hidden_rows", told))
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

    def table(
        self,
        source: Source,
        table: Table,
        constants: dict[str, Any] | None = None,
        groups: dict[str, str | list[str]] | None = None,
        scenario_key: str = "",
    ) -> pd.DataFrame | None:
        """Read a file and bring it to its contract.

        Parameters
        ----------
        source
            The file, as the scenario names it.
        table
            The contract.
        constants
            Columns that have one value in the whole file.
        groups
            Columns of the file by the group whose people they count.
        scenario_key
            Where the scenario names the file.

        Returns
        -------
        Its rows without a fault and the column ``file``; None where there are none.
        """
        raw = self.raw(source)
        if raw is None:
            return None
        return self.conformed(
            raw, source, table, constants=constants, groups=groups, scenario_key=scenario_key
        )

    def raw(self, source: Source) -> Raw | None:
        """Read a file; note one that has no rows and may be empty.

        Parameters
        ----------
        source
            The file, as the scenario names it.

        Returns
        -------
        The file as it stands; None where it cannot be read or has no rows.
        """
        known = len(self.problems.found)
        raw = read_raw(source, self.folder, self.problems, self.once)
        if raw is None and len(self.problems.found) == known:
            self.notes.append(("area.empty_list", {"file": source.label}))
            self.left_empty.append(source.label)
        return raw

    def conformed(
        self,
        raw: Raw,
        source: Source,
        table: Table,
        *,
        constants: dict[str, Any] | None = None,
        groups: dict[str, str | list[str]] | None = None,
        scenario_key: str = "",
    ) -> pd.DataFrame | None:
        """Bring a file that has been read to its contract.

        Parameters
        ----------
        raw
            The file as it stands.
        source
            The file, as the scenario names it.
        table, constants, groups, scenario_key
            As for `table`.

        Returns
        -------
        Its rows without a fault and the column ``file``; None where there are none.
        """
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
        self.record(table, raw, len(frame), understood)
        return _sound(frame.assign(file=source.label), self.problems.found[known:])

    def _counted_by_raster(self) -> bool:
        given = self.settings.demand
        return given is not None and given.is_raster and given.people == "own"

    def points(
        self,
        source: Source,
        table: Table,
        constants: dict[str, Any],
        scenario_key: str = "",
        *,
        communities: gpd.GeoDataFrame | None,
    ) -> Any:
        """Read facilities or candidates; ``approximate`` are those placed by their community.

        Parameters
        ----------
        source
            The file, as the scenario names it.
        table, constants, scenario_key
            As for `table`.
        communities
            The communities that rows without coordinates may name; None where there are none.

        Returns
        -------
        The rows with the columns ``outside``, ``approximate`` and ``community`` (the one that a row
        was placed by); None where there are none.
        """
        told = (repr(source), table, scenario_key, repr(constants), communities)
        return self.part(
            "points",
            told,
            lambda: self._points(source, table, constants, scenario_key, communities),
        )

    def _points(
        self,
        source: Source,
        table: Table,
        constants: dict[str, Any],
        scenario_key: str,
        communities: gpd.GeoDataFrame | None,
    ) -> Any:
        """Read facilities or candidates; see `points`."""
        raw, named = self.raw(source), pd.Series(dtype=object)
        if raw is not None and source.finds_places:
            raw, named = self._with_found_places(raw, source, communities)
        if raw is None:
            return None
        frame = self.conformed(raw, source, table, constants=constants, scenario_key=scenario_key)
        if frame is None:
            return None
        approximate = frame.index.isin(named.index)
        home = frame.get("community", pd.Series(None, frame.index, dtype=object))
        if approximate.any():
            home = home.mask(frame.index.isin(named.dropna().index), named.reindex(frame.index))
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
            # Places that nobody has found yet are no fault of the list.
            found = self.raw(Source.of(source.places, missing_coordinates="skip"))
            if found is None:
                return None, pd.Series(dtype=object)
            self.record("places", found, found.rows)
            listed = found, source.places
        placed = place_by_name(raw, source, listed, communities, self.problems)
        told = {way: placed.counts.get(way, 0) for way in ("list", "column", "address", "name")}
        n = int(raw.frame.geometry.isna().sum())
        self.notes.append(("area.placed_by_name", {"file": source.label, "n": n, **told}))
        return (placed.raw if len(placed.raw.frame) else None), placed.communities


def _sound(frame: pd.DataFrame, faults: Sequence[Problem]) -> pd.DataFrame | None:
    """Keep the rows without a fault; nothing where a fault is not that of a row."""
    if not faults:
        return None if frame.empty else frame
    rows = [fault.row for fault in faults]
    kept = frame[~frame.index.astype(str).isin(rows)]
    return None if None in rows or kept.empty else kept
