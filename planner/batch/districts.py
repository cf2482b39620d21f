"""Which districts a batch has: the rows of a table, or the scenarios in a folder."""

from __future__ import annotations

import os
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd

from planner import api
from planner.district.matching import normal
from planner.district.reading.files import Note, locate
from planner.district.reading.osm_extract import PBF
from planner.district.reading.read import open_table
from planner.errors import InputError, PlannerError, Problems, did_you_mean
from planner.settings import Settings, Source

SCENARIO_FILE = "scenario.toml"
# How a table may head the columns that are no keys of a scenario.
COLUMNS = {
    "scenario": ("scenario", "场景", "场景文件", "方案文件"),
    "name": ("name", "名称", "区县"),
    "use": ("use", "覆盖项"),
}
_FORBIDDEN = set('/\\:*?"<>|=%')  # which a folder or a partition may not have in its name
# What Windows takes for a device, with whichever suffix.
_DEVICES = {"con", "prn", "aux", "nul", *(f"{one}{n}" for one in ("com", "lpt") for n in range(10))}
_MOST_NAME_BYTES = 120


@dataclass(frozen=True, kw_only=True)
class ListedDistrict:
    """One district of a batch.

    Parameters
    ----------
    name
        What its folder of results and its partition are called; unique within the batch.
    scenario
        Its scenario file, as an absolute path.
    use
        Overrides of the scenario laid over it.
    assign
        Single settings ``key=value`` laid over last.
    row
        Its row in the table, as a person counts it; None in a folder.
    """

    name: str
    scenario: Path
    use: tuple[str, ...] = ()
    assign: tuple[str, ...] = ()
    row: int | None = None


def read_districts(given: str | Path, out: str | Path | None = None) -> list[ListedDistrict]:
    """Return the districts of a table or of a folder.

    Parameters
    ----------
    given
        A table (CSV, Excel, …) with a column ``scenario``: paths from the table's folder, each
        with a row of its own; ``name`` and ``use`` (overrides, by commas) are optional, and any
        other column is a key of the scenario (``year``, ``coverage.cutoff_min``) whose cells are
        laid over the district's own, empty ones aside. Or a folder: every scenario file in it, at
        any depth.
    out
        The folder of results; what lies there is no input.

    Returns
    -------
    The districts, in the table's order or by path.

    Raises
    ------
    InputError
        If the table cannot be read, has an unknown column, names a file that is not there, or
        lists a district twice; if the folder holds no scenario: all at once.
    """
    path, problems = Path(given), Problems()
    if path.is_dir():
        found = list(_named(_scenarios(path, None if out is None else Path(out).resolve()), path))
        if not found:
            problems.add("batch.no_scenarios", file=str(path))
    else:
        found = _of_table(path, problems)
    _check_names(found, path, problems)
    problems.raise_any(InputError)
    return found


def shared_extracts(
    districts: Sequence[ListedDistrict], use: Sequence[str] = (), assign: Sequence[str] = ()
) -> dict[str, Path]:
    """Return which districts name an extract of streets that another one names, too.

    Parameters
    ----------
    districts
        The districts.
    use, assign
        Overrides and single settings laid over each, before those of its own.

    Returns
    -------
    The extract (``.pbf``) of each such district, by the district's name. What is wrong with a
    scenario is told when it is its turn.
    """
    found: dict[str, Path] = {}
    for one in districts:
        with suppress(PlannerError, OSError):
            path = _extract_of(one, (*use, *one.use), (*assign, *one.assign))
            found |= {one.name: path} if path is not None else {}
    counts = Counter(found.values())
    return {name: path for name, path in found.items() if counts[path] > 1}


def _extract_of(one: ListedDistrict, use: Sequence[str], assign: Sequence[str]) -> Path | None:
    if PBF not in one.scenario.read_text("utf-8-sig", "replace") + "".join(assign):
        return None  # a scenario's settings take a while to check
    settings, home = api.read_settings(one.scenario, use=use, set=assign)
    file = settings.streets.file
    if file is None or not file.lower().endswith(PBF):
        return None
    path = locate(file, home / settings.folder, lambda *_, **__: None)
    return None if path is None else path.resolve()


def _scenarios(folder: Path, out: Path | None) -> Iterator[Path]:
    """List the scenario files of a folder: TOML with communities, or that nobody can read."""
    for place, inner, names in os.walk(folder):
        inner[:] = sorted(
            name
            for name in inner
            if not name.startswith(".") and (Path(place) / name).resolve() != out
        )
        for name in sorted(names):
            if name.lower().endswith(".toml") and not name.startswith("."):
                file = (Path(place) / name).resolve()
                try:
                    told = tomllib.loads(file.read_text("utf-8-sig"))
                except (OSError, ValueError, RecursionError):
                    yield file  # its own failure, told as such
                    continue
                if "communities" in told:
                    yield file


def _named(files: Iterator[Path], folder: Path) -> Iterator[ListedDistrict]:
    """Name scenarios after their folder or file, and by the whole path where names clash."""
    paths = {file: file.relative_to(folder.resolve()).with_suffix("") for file in files}
    short = {
        file: file.parent.name if file.name == SCENARIO_FILE else inner.name
        for file, inner in paths.items()
    }
    counts = Counter(map(_same, short.values()))
    for file, inner in paths.items():
        parts = inner.parts[:-1] if file.name == SCENARIO_FILE else inner.parts
        clear = counts[_same(short[file])] == 1
        yield ListedDistrict(name=short[file] if clear else "-".join(parts), scenario=file)


def _of_table(path: Path, problems: Problems) -> list[ListedDistrict]:
    note: Note = partial(problems.add, file=path.name)
    located = locate(path.name, path.parent, note)
    opened = None if located is None else open_table(located, Source(file=path.name), note)
    if opened is None:
        return []
    own, keys = _columns(opened.frame, note)
    if "scenario" not in own:
        columns = [str(name) for name in opened.frame.columns]
        note("batch.no_scenario_column", value=", ".join(columns))
        return []
    if not len(opened.frame):
        note("batch.no_rows")
    found = []
    for row, cells in opened.frame.iterrows():
        told = {name: _text(cells[column]) for name, column in own.items()}
        number = int(str(row))
        if not told["scenario"]:
            note("batch.no_scenario_given", row=number)
            continue
        scenario = (path.parent / told["scenario"]).resolve()
        if not scenario.is_file():
            note("batch.no_scenario", row=number, value=told["scenario"])
            continue
        default = scenario.parent.name if scenario.name == SCENARIO_FILE else scenario.stem
        values = {key: _text(cells[key]) for key in keys}
        use = (one.strip() for one in told.get("use", "").replace("，", ",").split(","))
        found.append(
            ListedDistrict(
                name=told.get("name") or default,
                scenario=scenario,
                use=tuple(one for one in use if one),
                assign=tuple(f"{key}={value}" for key, value in values.items() if value),
                row=number,
            )
        )
    return found


def _columns(frame: pd.DataFrame, note: Note) -> tuple[dict[str, str], list[str]]:
    """Return the columns of a table: those of its own, and keys of scenarios."""
    own: dict[str, str] = {}
    keys: list[str] = []
    known = {normal(alias): name for name, aliases in COLUMNS.items() for alias in aliases}
    for column in map(str, frame.columns):
        name = known.get(normal(column))
        if name is not None and name not in own:
            own[name] = column
        elif name is not None:
            note("batch.column_twice", value=column, other=own[name])
        elif column.partition(".")[0] in Settings.model_fields:
            keys.append(column)
        else:
            hint = did_you_mean(column, [*COLUMNS, *Settings.model_fields])
            note("batch.unknown_column", value=column, hint=hint)
    return own, keys


def _text(cell: object) -> str:
    """Return a cell as a person would write it."""
    if cell is None or cell is pd.NA or (isinstance(cell, float) and pd.isna(cell)):
        return ""
    if isinstance(cell, bool):
        return str(cell).lower()
    return f"{cell:.15g}" if isinstance(cell, float) else str(cell).strip()


def _check_names(found: Sequence[ListedDistrict], path: Path, problems: Problems) -> None:
    """Note names that no folder may have, and districts that are listed twice."""
    names: dict[str, ListedDistrict] = {}
    asked: dict[object, ListedDistrict] = {}
    for one in found:
        note = partial(problems.add, file=path.name, row=one.row)
        if _is_odd(one.name):
            note("batch.odd_name", value=one.name)
        same = names.setdefault(_same(one.name), one)
        like = asked.setdefault((one.scenario, one.use, one.assign), one)
        if same is not one:
            note("batch.name_twice", value=one.name, first=same.row or str(same.scenario))
        elif like is not one:
            note("batch.scenario_twice", value=str(one.scenario), first=like.row or like.name)


def _is_odd(name: str) -> bool:
    return (
        not name.isprintable()
        or bool(_FORBIDDEN & set(name))
        or name.startswith(".")
        or name != name.strip(" .")
        or name.partition(".")[0].casefold() in _DEVICES
        or not 0 < len(name.encode()) <= _MOST_NAME_BYTES
    )


def _same(name: str) -> str:
    """Return what tells whether two names would be one folder on some disk."""
    return unicodedata.normalize("NFC", name).casefold()
