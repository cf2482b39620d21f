"""Read a table or a query of a database: PostgreSQL with PostGIS, or a file of DuckDB.

How to reach a server stands in the environment, never in a scenario: ``file = "database:NAME"``
names the variable. Whatever is asked is asked as part of a query of ours, in a transaction that
only reads; DuckDB may neither open other files nor the network.
"""

from __future__ import annotations

import hashlib
import importlib
import os
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Self

import geopandas as gpd
import pandas as pd
import shapely

from planner.district.reading.bounds import MOST_ROWS, check_cells
from planner.district.reading.digests import DATABASE
from planner.district.reading.files import Note, one_line
from planner.errors import Problems, did_you_mean
from planner.language import LANGS, text

DUCKDB = (".duckdb", ".ddb")
_SERVER = re.compile(r"^(postgres(ql)?://|\w+\s*=)")
_TABLES = (
    "SELECT table_schema, table_name FROM information_schema.tables "
    "WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2"
)
_PASSWORD = re.compile(r"://[^:/]*:(.*)@|password\s*=\s*('[^']*'|\S+)")
_NOT_DATA = ("spatial_ref_sys", "geometry_columns", "geography_columns")
_STATEMENT_MS = 300_000
_CONNECT_S = 15
_WKB = ("geom", "geometry", "wkb", "wkb_geometry", "the_geom", "shape")
_MAGIC = slice(8, 12), b"DUCK"  # of a file of DuckDB: it opens others by extensions from the web
_EPSG = re.compile(r"EPSG:\d+", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class _Answer:
    """Rows of a query: cells by column, the column of shapes as WKB, and their CRS."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    shapes: str | None = None
    crs: str | None = None


def is_database(file: str) -> bool:
    """Return whether a scenario's word for a file names a database.

    Parameters
    ----------
    file
        The word: ``database:NAME``, or the path of a DuckDB file.
    """
    return file.startswith(DATABASE) or file.lower().endswith(DUCKDB)


def read_database(
    file: str, path: Path | None, note: Note, *, table: str | None, query: str | None
) -> pd.DataFrame | None:
    """Read a table or a query.

    Parameters
    ----------
    file
        ``database:NAME``, where the environment's ``NAME`` says how to reach a PostgreSQL server
        (``postgresql://…``) or which DuckDB file to open; else the word for a DuckDB file.
    path
        Where the DuckDB file lies; None where the environment tells.
    note
        Collects what is wrong: no such variable, no library, no connection, no such table.
    table
        The table, with its schema or without.
    query
        The query, in place of a table.

    Returns
    -------
    The rows, counted from 1, with shapes in the CRS that the database names; None where they cannot
    be had.
    """
    said = str(path) if path is not None else _of_environment(file, note)
    if said is None:
        return None
    opened = _Postgres if _SERVER.match(said) else _DuckDB
    if opened is _DuckDB and not _is_duckdb(Path(said), note):
        return None
    driver = _driver(opened, note)
    if driver is None:
        return None
    try:
        with opened(driver, said) as base:
            sql = _sql(base, note, table=table, query=query)
            answer = None if sql is None else base.ask(sql, note)
    except (OSError, driver.Error) as error:
        note("io.database", value=file, detail=_without_secrets(one_line(error), said))
        return None
    return None if answer is None else _frame(answer, note)


def sha256_of_rows(frame: pd.DataFrame) -> str:
    """Compute the digest of what a database gave.

    Parameters
    ----------
    frame
        The rows.

    Returns
    -------
    SHA-256 in hexadecimal.
    """
    plain = pd.DataFrame(frame)
    if isinstance(frame, gpd.GeoDataFrame):
        plain = plain.assign(**{frame.geometry.name: frame.geometry.to_wkb()})
    return hashlib.sha256(plain.to_csv().encode()).hexdigest()


def _of_environment(file: str, note: Note) -> str | None:
    name = file.removeprefix(DATABASE)
    said = os.environ.get(name, "").strip() if name.isidentifier() else ""
    if not said:
        note("io.no_connection", value=name)
        return None
    return said


def _is_duckdb(path: Path, note: Note) -> bool:
    try:
        with path.open("rb") as stream:
            start = stream.read(16)
    except OSError as error:
        note("io.no_access", value=one_line(error))
        return False
    at, magic = _MAGIC
    if start[at] != magic:
        detail = {lang: text("words.foreign_content", lang) for lang in LANGS}
        note("io.unreadable", value=path.suffix, detail=detail)
    return start[at] == magic


def tables_of_duckdb(path: Path) -> list[str]:
    """Return the tables of a DuckDB file; none where it cannot be opened, or nobody can open it.

    Parameters
    ----------
    path
        The file.
    """
    unheard = Problems().add
    driver = _driver(_DuckDB, unheard) if _is_duckdb(path, unheard) else None
    if driver is None:
        return []
    try:
        with _DuckDB(driver, str(path)) as base:
            tables = base.tables()
    except driver.Error:
        return []
    once = Counter(name for _, name in tables)
    return [name if once[name] == 1 else f"{schema}.{name}" for schema, name in tables]


def _driver(opened: type[_Database], note: Note) -> Any:
    """Return the library that opens a kind of database; None where it is not installed."""
    try:
        return importlib.import_module(opened.driver)
    except ImportError:
        note("io.no_database_library", value=opened.driver)
        return None


def _without_secrets(words: str, said: str) -> str:
    """Return an error's words without any part of a password that a connection holds."""
    for secret in filter(None, chain(*_PASSWORD.findall(said))):
        for part in re.split(r"[:/@?#]", secret):
            words = words.replace(part, "…") if part else words
    return words


def _sql(base: _Database, note: Note, *, table: str | None, query: str | None) -> str | None:
    """Return the query to put: the one given, or that of a table that is there."""
    if query is not None:
        return query.strip().rstrip(";")
    tables = base.tables()
    names = [f"{schema}.{name}" for schema, name in tables]
    bare = [name for _, name in tables]
    if table is None and len(tables) == 1:
        return _whole(tables[0])
    if table is None:
        note("io.which_table", value=len(tables), tables=", ".join(names[:20]) or "–")
        return None
    if table in names:
        return _whole(tables[names.index(table)])
    if bare.count(table) == 1:
        return _whole(tables[bare.index(table)])
    note("io.no_layer", value=table, hint=did_you_mean(table, [*names, *bare]))
    return None


def _whole(table: tuple[str, str]) -> str:
    return f"SELECT * FROM {_quoted(*table)}"  # noqa: S608  quoted, and the database's own names


def _within(sql: str, cells: str = "*", most: int = 0) -> str:
    """Return a query of ours around another: nothing but one that reads is a query there."""
    return f"SELECT {cells} FROM ({sql}\n) AS asked LIMIT {most}"  # noqa: S608  see above


def _quoted(*names: str) -> str:
    return ".".join('"' + name.replace('"', '""') + '"' for name in names)


class _Database:
    """A database, open until its block ends."""

    driver: str  # the library that opens it
    base: Any

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.base.close()

    def tables(self) -> list[tuple[str, str]]:
        """List schema and name of all tables and views, but what a database keeps for itself."""
        found = self.base.execute(_TABLES).fetchall()
        return [(schema, name) for schema, name in found if name not in _NOT_DATA]

    def ask(self, sql: str, note: Note) -> _Answer | None:
        """Answer a query; its first column of shapes comes as WKB.

        Parameters
        ----------
        sql
            The query, which may only read.
        note
            Takes what is wrong with the answer.

        Returns
        -------
        Columns, rows and where the shapes are; None where something is wrong, which was noted. At
        most one row more than may be read, which tells that there are too many.
        """
        raise NotImplementedError


class _Postgres(_Database):
    """A PostgreSQL server, asked in one transaction that only reads."""

    driver = "psycopg"

    def __init__(self, driver: Any, said: str) -> None:
        self.base = driver.connect(said, connect_timeout=_CONNECT_S, application_name="planner")
        self.base.read_only = True
        self.base.execute(f"SET statement_timeout = {_STATEMENT_MS}")

    def ask(self, sql: str, note: Note) -> _Answer | None:
        """Answer a query; its first column of shapes comes as WKB.

        Parameters
        ----------
        sql, note
            As for `_Database.ask`.

        Returns
        -------
        As for `_Database.ask`.
        """
        # Prepared, a text holds one statement: none can follow that ends the reading.
        told = self.base.execute(_within(sql), prepare=True).description
        kinds = dict(
            self.base.execute(
                "SELECT oid, typname FROM pg_type WHERE typname IN ('geometry', 'geography')"
            ).fetchall()
        )
        shapes = next((one.name for one in told if one.type_code in kinds), None)
        wanted = [one.name for one in told if one.type_code not in kinds]
        cells = [_quoted(name) for name in wanted]
        if shapes is not None:
            own = _quoted(shapes)
            cells += [f"ST_AsBinary({own})", f"ST_SRID({own}::geometry)"]
        asked = _within(sql, ", ".join(cells), MOST_ROWS + 1)
        rows = self.base.execute(asked, prepare=True).fetchall()
        if shapes is None:
            return _Answer(columns=wanted, rows=rows)
        codes = {row[-1] for row in rows if row[-2] is not None}
        if len(codes) > 1:
            note("io.mixed_srid", value=", ".join(map(str, sorted(codes))))
            return None
        code = codes.pop() if codes else 0
        return _Answer(
            columns=[*wanted, shapes],
            rows=[row[:-1] for row in rows],
            shapes=shapes,
            crs=f"EPSG:{code}" if code else None,
        )


class _DuckDB(_Database):
    """A file of DuckDB, opened to read, and shut off from other files and the network."""

    driver = "duckdb"

    def __init__(self, driver: Any, said: str) -> None:
        self.base = driver.connect(said, read_only=True)
        self.base.execute("SET enable_external_access = false")
        self.base.execute("SET lock_configuration = true")

    def ask(self, sql: str, note: Note) -> _Answer | None:
        """Answer a query; its first column of shapes comes as WKB.

        Parameters
        ----------
        sql, note
            As for `_Database.ask`.

        Returns
        -------
        As for `_Database.ask`.
        """
        del note
        told = self.base.execute(_within(sql)).description
        kinds = {name: str(kind).upper() for name, kind, *_ in told}
        shapes = next((name for name, kind in kinds.items() if kind.startswith("GEOMETRY")), None)
        if shapes is None:
            blobs = (name for name, kind in kinds.items() if kind == "BLOB")
            shapes = next((name for name in blobs if name.lower() in _WKB), None)
        cells = [
            f"ST_AsWKB({_quoted(name)})" if kind.startswith("GEOMETRY") else _quoted(name)
            for name, kind in kinds.items()
        ]
        asked = _within(sql, ", ".join(cells), MOST_ROWS + 1)
        rows = self.base.execute(asked).fetchall()
        named = _EPSG.search(kinds.get(shapes or "", ""))
        crs = named[0].upper() if named else None
        return _Answer(columns=[*kinds], rows=rows, shapes=shapes, crs=crs)


def _frame(answer: _Answer, note: Note) -> pd.DataFrame | None:
    """Make a table of rows, with shapes where there are any."""
    if not check_cells(len(answer.rows), len(answer.columns), note):
        return None
    frame = pd.DataFrame(
        [[_plain(cell) for cell in row] for row in answer.rows],
        columns=[str(name) for name in answer.columns],
        index=pd.RangeIndex(1, len(answer.rows) + 1),
        dtype=object,
    ).infer_objects()
    if answer.shapes is None:
        return frame
    try:
        shapes = shapely.from_wkb([_bytes(cell) for cell in frame[answer.shapes]])
    except (shapely.errors.ShapelyError, TypeError, ValueError) as error:
        note("io.unreadable", value=answer.shapes, detail=one_line(error))
        return None
    rest = frame.drop(columns=answer.shapes)
    made: pd.DataFrame = gpd.GeoDataFrame(rest, geometry=shapely.force_2d(shapes), crs=answer.crs)
    return made


def _bytes(cell: object) -> bytes | None:
    return bytes(cell) if isinstance(cell, (bytes, bytearray, memoryview)) else None


def _plain(cell: Any) -> Any:
    """Return a cell as files have it: numbers, texts, dates; lists and the like as text."""
    if isinstance(cell, (Mapping, list, tuple, set)):
        return str(cell)
    if cell is not None and type(cell).__name__ == "Decimal":
        return float(cell)
    if cell is not None and type(cell).__name__ in {"UUID", "time", "timedelta"}:
        return str(cell)
    return cell
