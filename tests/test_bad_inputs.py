"""A table of bad inputs: each is refused with its file, its row, its value and a remedy.

Each entry spoils one thing in the toy city. `check` alone must find it, and say in both languages
where it stands and what mends it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from planner import api
from planner.errors import PlannerError, Problem
from planner.language import LANGS, has_text, text


@dataclass(frozen=True, kw_only=True)
class Bad:
    """One bad input: what is spoilt, and how it must be told."""

    name: str
    key: str
    file: str
    row: str | None = None
    value: str = ""
    sheet: str | None = None
    column: str = ""
    at: int = 0
    cell: Any = None
    scenario: tuple[str, str] | None = None
    assign: str | None = None


def cell(sheet: str, column: str, value: Any, key: str, at: int = 0) -> Bad:
    """A bad value in a cell: the first row of data is row 2, below the heading."""
    return Bad(
        name=f"{sheet}, {column}: {value!r} ({key})",
        key=key,
        file=f"{sheet}.csv",
        row=str(at + 2),
        value=str(value),
        sheet=sheet,
        column=column,
        at=at,
        cell=value,
    )


def lacks(sheet: str, column: str, named: str) -> Bad:
    """A column that is not there; the message calls it by its name in the contract."""
    return Bad(
        name=f"{sheet} without {column}",
        key="tables.missing_column",
        file=f"{sheet}.csv",
        value=named,
        sheet=sheet,
        column=column,
    )


def setting(key: str, value: str, shown: str | None = None) -> Bad:
    """A setting that has a value it may not have."""
    return Bad(
        name=f"{key} = {value}",
        key="settings.wrong_value",
        file="scenario.toml",
        value=value if shown is None else shown,
        assign=f"{key}={value}",
    )


def written(name: str, old: str, new: str, key: str, file: str, value: str = "") -> Bad:
    """A scenario that says something else."""
    return Bad(name=name, key=key, file=file, value=value, scenario=(old, new))


def change(said: str, key: str, value: str) -> Bad:
    """A change that does not hold."""
    added = "[overrides.later]"
    new = f"[[changes]]\n{said}\n\n{added}"
    return written(f"change: {said}", added, new, key, "changes.0", value)


NUMBERS = [
    ("demand", "population"),
    ("demand", "aged_60"),
    ("stations", "capacity"),
    ("canteens", "餐位"),
    ("shelters", "capacity"),
    ("candidates", "floor_area_m2"),
]
NO_NUMBERS = [
    ("abc", "tables.not_a_number"),
    ("inf", "tables.not_a_number"),
    ("12..5", "tables.not_a_number"),
    ("1e400", "tables.not_a_number"),
    ("-5", "tables.too_small"),
    ("1e15", "tables.too_large"),
]
YEARS = [("stations", "opened"), ("canteens", "启用年份")]
PLACES = [
    ("demand", "x"),
    ("stations", "y"),
    ("shelters", "x"),
    ("candidates", "y"),
    ("canteens", "经度"),
]
NOT_LOCAL = [
    "http://127.0.0.1:9/a.csv",
    "https://127.0.0.1:9/a.gpkg",
    "/vsicurl/http://127.0.0.1:9/a.csv",
    "/vsizip/a.zip",
    "PG:dbname=a",
    "WFS:http://127.0.0.1:9/",
    "s3://a/b.csv",
    "package:pyrosm/../../a.csv",
]
SETTINGS = [
    *(("coverage.spread_m", value) for value in ("0", "nan", "inf", "true", "1e-9", "1e300")),
    *(("coverage.cutoff_min", value) for value in ("0", "nan", "-inf", "true", "1e9")),
    *(("coverage.covered_share", value) for value in ("0", "1.5", "nan", "true")),
    *(("walk.speed_mps", value) for value in ("0", "-1", "9", "1e-300", "true")),
    *(("walk.max_snap_m", value) for value in ("0", "nan", "1e308")),
    *(("year", value) for value in ("1", "2500", "2020.5", "true")),
    *(("siting.0.new", value) for value in ("0", "1.5", "999999999999", "true")),
    *(("siting.0.spacing_m", value) for value in ("0", "1e-9", "nan")),
    *(("siting.0.time_limit_s", value) for value in ("0", "inf", "true")),
    *(("siting.0.alternatives", value) for value in ("-1", "999999999")),
    *(("siting.0.seed", value) for value in ("-1", "1e30")),
]

TABLE = [
    *(
        cell(*place, value, key, at=1 if place[0] == "demand" else 0)
        for place in NUMBERS
        for value, key in NO_NUMBERS
    ),
    *(
        cell(*place, value, "tables.not_a_year")
        for place in YEARS
        for value in ("0001", "20250", "abc", "9999", "-2018")
    ),
    *(cell(*place, "abc", "io.not_a_coordinate") for place in PLACES),
    *(
        cell(sheet, "id", value, "tables.duplicate", at=1)
        for sheet, value in (("demand", "a1"), ("stations", "S1"), ("candidates", "X1"))
    ),
    *(
        cell(sheet, "name", "", "tables.missing_value")
        for sheet in ("stations", "shelters", "candidates")
    ),
    cell("canteens", "类型", "casino", "tables.unknown_kind"),
    cell("canteens", "类型", "", "tables.missing_value"),
    cell("stations", "status", "dancing", "tables.unknown_value"),
    cell("canteens", "状态", "跳舞", "tables.unknown_value"),
    cell("links", "link", "love", "tables.unknown_value"),
    cell("links", "facility", "Z9", "area.link_facility"),
    cell("links", "community", "Z9", "area.link_community"),
    lacks("demand", "population", "population"),
    lacks("stations", "name", "name"),
    lacks("canteens", "名称", "name"),
    lacks("canteens", "类型", "kind"),
    lacks("shelters", "name", "name"),
    lacks("candidates", "name", "name"),
    lacks("links", "facility", "facility"),
    *(setting(*one) for one in SETTINGS),
    *(
        written(f"path {path}", '"links.csv"', f'"{path}"', "io.not_local", path, path)
        for path in NOT_LOCAL
    ),
    *(
        written(
            f"encoding {codec}",
            '"links.csv"',
            f'"links.csv"\nencoding = "{codec}"',
            "io.unknown_encoding",
            "links.csv",
            codec,
        )
        for codec in ("rot13", "zip", "idna", "punycode", "no-such")
    ),
    written("no such file", '"links.csv"', '"link.csv"', "io.no_file", "link.csv", "link.csv"),
    written(
        "no such package",
        '"links.csv"',
        '"package:antigravity/a.csv"',
        "io.no_package",
        "package:antigravity/a.csv",
        "antigravity",
    ),
    written(
        "no such suffix",
        '"links.csv"',
        '"scenario.toml"',
        "io.unknown_suffix",
        "scenario.toml",
        ".toml",
    ),
    written(
        "no such CRS",
        'crs = "EPSG:4549"',
        'crs = "EPSG:0"',
        "io.unknown_crs",
        "demand.csv",
        "EPSG:0",
    ),
    written(
        "no such street",
        'file = "streets.gpkg"',
        'file = "streets.gpkg"\nclosed = ["无名路"]',
        "io.no_street_of_name",
        "streets.closed",
        "无名路",
    ),
    change('action = "close"\nfacility = "S9"', "changes.unknown_facility", "S9"),
    change(
        'action = "expand"\nfacility = "S1"\nadd = {capacity = -50}', "changes.below_zero", "S1"
    ),
    change('action = "expand"\nfacility = "S1"\nadd = {name = 1}', "changes.no_amounts", "name"),
    change(
        'action = "expand"\nfacility = "S1"\nadd = {nonsense = 1}',
        "changes.unknown_column",
        "nonsense",
    ),
    change('action = "close"\nfacility = "S1"\nyear = 2005', "changes.closes_first", "S1"),
    change('action = "merge"\ncommunities = ["A", "B"]\ninto = "C"', "changes.id_taken", "C"),
    change('action = "merge"\ncommunities = ["A"]\ninto = "Z"', "changes.merge_few", "Z"),
    change(
        'action = "split"\ncommunity = "A"\nshares = {P = 0.5, Q = 0.6}',
        "changes.split_shares",
        "A",
    ),
    change('action = "link"\nfacility = "S1"\ncommunity = "Z"', "changes.unknown_community", "Z"),
    change('action = "move"\nfacility = "S1"\nlon = 0\nlat = 0', "years.off_streets", "S1"),
]


def spoilt(bad: Bad, scenario: Path) -> None:
    """Spoil what an entry says in the toy city's files."""
    if bad.sheet is not None:
        path = scenario.parent / f"{bad.sheet}.csv"
        sheet = pd.read_csv(path, dtype=object, keep_default_na=False)  # noqa: TID251  as text
        if bad.cell is None:
            sheet = sheet.drop(columns=bad.column)
        else:
            sheet.loc[bad.at, bad.column] = bad.cell
        sheet.to_csv(path, index=False)
    if bad.scenario is not None:
        old, new = bad.scenario
        said = scenario.read_text("utf-8")
        assert old in said
        scenario.write_text(said.replace(old, new, 1), "utf-8")


def test_the_table_is_long_and_names_each_once():
    assert len({bad.name for bad in TABLE}) == len(TABLE) >= 100


def together() -> list[list[Bad]]:
    """Part the table into as few lists as can be, each of inputs that may be bad at once.

    No two of a list spoil one column or one setting, and what is checked later stands apart from
    what would be in its way.
    """
    lists: list[tuple[str, set[str], list[Bad]]] = []
    for bad in TABLE:
        stage = "setting" if bad.assign else bad.key if bad.cell is not None else bad.name
        stage = stage if stage.startswith(("area", "setting", "tables.dup")) else stage[:3]
        if bad.scenario is not None or (bad.sheet is not None and bad.cell is None):
            stage = bad.name
        place = bad.assign.split("=")[0] if bad.assign else f"{bad.sheet} {bad.column}"
        for known, taken, listed in lists:
            if known == stage and place not in taken:
                taken.add(place)
                listed.append(bad)
                break
        else:
            lists.append((stage, {place}, [bad]))
    return [listed for *_, listed in lists]


def test_the_lists_hold_the_table():
    assert sorted(bad.name for bads in together() for bad in bads) == sorted(
        bad.name for bad in TABLE
    )


@pytest.mark.parametrize("bads", together(), ids=lambda bads: f"{bads[0].name} (+{len(bads) - 1})")
def test_bad_inputs_are_told_with_their_places_and_remedies(toy_city, bads):
    """Each is told once and by its place, however many others are bad beside it."""
    for bad in bads:
        spoilt(bad, toy_city)
    with pytest.raises(PlannerError) as raised:
        api.check(toy_city, set=[bad.assign for bad in bads if bad.assign])
    if len(bads) > 1:
        assert len(raised.value.problems) == len(bads), raised.value.say("en")
    for bad in bads:
        check_told(bad, raised.value)


def is_of(bad: Bad, problem: Problem) -> bool:
    """Return whether a problem is told of the file, and of the column or setting, that is bad."""
    where = bad.assign.split("=")[0] if bad.assign else bad.column
    named = problem.params.get("key" if bad.assign else "column")
    alone = bad.assign is None and bad.cell is None
    return alone or (problem.file == bad.file and named in {where, None})


def check_told(bad: Bad, raised: PlannerError) -> None:
    """Hold what is told of one bad input to its file, row, value and remedy."""
    told = [one for one in raised.problems if one.key == bad.key and is_of(bad, one)]
    assert len(told) == 1, (bad, raised.say("en"))
    (problem,) = told
    row = None if problem.row is None else str(problem.row)
    assert (problem.file, row) == (bad.file, bad.row)
    shown = str(problem.value).lower() if bad.assign else str(problem.value or "")
    for lang in LANGS:
        said = problem.say(lang)
        assert bad.file in said
        assert shown in said.lower() if bad.assign else shown in said
        assert bad.row is None or bad.row in said
        assert has_text(f"{bad.key}.fix")
        assert text(f"{bad.key}.fix", lang).split("{")[0] in said
    if not bad.assign:
        assert bad.value in said
