"""What a file may be: its content is what its suffix says, and points nowhere else.

GDAL goes by content before suffix: text in any file can be a virtual data source, a pipeline or a
web service, which reads other files or asks the network. Here each file is looked at first, and
only what its suffix is meant for goes on.
"""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from xml.parsers import expat

from planner.district.reading.digests import is_geodatabase
from planner.district.reading.files import Note, one_line
from planner.language import LANGS, text

_MAGIC = {
    ".shp": b"\x00\x00\x27\x0a",
    ".fgb": b"fgb\x03fgb",
    ".gpkg": b"SQLite format 3\x00",
    ".parquet": b"PAR1",
    ".geoparquet": b"PAR1",
    ".zip": b"PK",
    ".kmz": b"PK",
}
_CATALOGUE = "a00000001.gdbtable"  # of a file geodatabase: the table of its tables
_APPLICATION = slice(68, 72)  # of a SQLite header
_GEOPACKAGES = {b"GPKG", b"GP10", b"GP11"}
_FGB_HEAD = slice(7, 12)  # version of the patch, length of the header
_START = 4096
_ESCAPED_LETTER = re.compile(rb"\\u00(4[1-9a-f]|5[0-9a]|6[1-9a-f]|7[0-9a])", re.IGNORECASE)
_CRS_WORD = re.compile(rb"""["']crs["'](?!\s*[,}\]])""", re.IGNORECASE)
_DXF_HEAD = re.compile(rb"\s*(999\r?\n[^\n]*\n\s*)*0\s*\r?\nSECTION\s")
_COLON = re.compile(r"\s*:\s*")
# What a named CRS of GeoJSON looks like, and nothing that could be fetched.
_CRS_NAME = re.compile(r"^(urn:ogc:def:crs:[\w:.]+|[A-Za-z]+:\w+)$")
_STEPS = 1000  # of SQLite between two looks at how many there were
_MOST_LOOKS = 10_000
_RTREE = re.compile(
    r"^\s*create\s+virtual\s+table\s.+\susing\s+(rtree|fts[345])\b", re.IGNORECASE | re.DOTALL
)


class _Begun(Exception):  # noqa: N818  no error: it ends the reading of a prolog
    """The first element of an XML file was met."""


class _Declared(Exception):  # noqa: N818
    """An XML file declares a document type, in which entities could be."""


def is_what_it_says(path: Path, note: Note) -> bool:
    """Check that the content of a file is of the kind that its suffix says.

    Parameters
    ----------
    path
        The file.
    note
        Collects what is wrong.

    Returns
    -------
    Whether it is.
    """
    suffix = path.suffix.lower()
    if is_geodatabase(path):
        good = (path / _CATALOGUE).is_file()
        if not good:
            _note_foreign(suffix, note)
        return good
    with path.open("rb") as stream:
        start = stream.read(_START)
    magic = _MAGIC.get(suffix)
    good = magic is None or start.startswith(magic)
    if suffix == ".gpkg":
        good = good and start[_APPLICATION] in _GEOPACKAGES
    if suffix == ".fgb":
        # A zero among the first bytes ends what GDAL would search for the words of other formats.
        good = good and b"\0" in start[_FGB_HEAD]
    if suffix == ".dxf":
        good = _DXF_HEAD.match(start) is not None
    if suffix in {".geojson", ".json"}:
        good = start.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] != b"<"
    if not good:
        _note_foreign(suffix, note)
    return good


def plain_geojson(data: bytes, note: Note) -> bool:
    """Check that no CRS in a text of GeoJSON is a link, which GDAL would follow.

    Parameters
    ----------
    data
        The text, in UTF-8.
    note
        Collects what is wrong.

    Returns
    -------
    Whether none is.
    """
    # Letters are escaped in order to hide a word, if at all.
    data = _ESCAPED_LETTER.sub(lambda found: bytes([int(found.group(1), 16)]), data)
    for found in _CRS_WORD.finditer(data):
        after = data[found.end() : found.end() + _START].decode("utf-8", "replace")
        colon = _COLON.match(after)
        try:
            said = json.JSONDecoder().raw_decode(after, colon.end())[0] if colon else {}
        except (ValueError, RecursionError):
            said = {}
        if not isinstance(said, dict):
            continue  # a column of that name
        properties = said.get("properties")
        name = properties.get("name") if isinstance(properties, dict) else None
        if said.get("type") != "name" or not isinstance(name, str) or not _CRS_NAME.match(name):
            note("io.pointer", value=after.strip(" :\r\n\t")[:80])
            return False
    return True


def plain_xml(path: Path, note: Note) -> bool:
    """Check that an XML file declares no document type, and so no entities.

    Parameters
    ----------
    path
        The file.
    note
        Collects what is wrong; text that is no XML at all is left to its reader.

    Returns
    -------
    Whether it declares none.
    """
    parser = expat.ParserCreate()

    def _declared(*_: object) -> None:
        raise _Declared

    def _begun(*_: object) -> None:
        raise _Begun

    parser.StartDoctypeDeclHandler = _declared
    parser.StartElementHandler = _begun
    try:
        with path.open("rb") as stream:
            while block := stream.read(_START):
                parser.Parse(block)
    except _Declared:
        note("io.xml_entities", value="<!DOCTYPE>")
        return False
    except (_Begun, expat.ExpatError, ValueError, LookupError):
        pass
    return True


def tables_of_geopackage(path: Path, note: Note) -> list[tuple[str, bool]] | None:
    """List the tables of a GeoPackage that may be read, and whether each has shapes.

    Views are left out: what stands in one is run whenever it is read, and may never end.

    Parameters
    ----------
    path
        The file.
    note
        Collects what is wrong: not a GeoPackage, tables that read from elsewhere.

    Returns
    -------
    Name of each table, and whether it has shapes; None where the file is not to be read.
    """
    looks = 0

    def stopped() -> int:
        nonlocal looks
        looks += 1
        return int(looks > _MOST_LOOKS)

    try:
        where = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        with closing(sqlite3.connect(where, uri=True)) as base:
            base.set_progress_handler(stopped, _STEPS)
            base.execute("PRAGMA trusted_schema = OFF")
            found = base.execute("SELECT type, name, sql FROM sqlite_master").fetchall()
            kinds = {str(name).lower(): kind for kind, name, _ in found}
            ours = ("gpkg_contents", "gpkg_geometry_columns", "gpkg_spatial_ref_sys")
            if any(kinds.get(name) != "table" for name in ours):
                _note_foreign(path.suffix, note)
                return None
            strange = [
                str(name)
                for kind, name, sql in found
                if (kind == "view" and str(name).lower().startswith(("gpkg_", "rtree_", "sqlite_")))
                or (kind == "table" and _is_virtual(sql))
            ]
            if strange:
                note("io.pointer", value=strange[0])
                return None
            listed = base.execute("SELECT table_name, data_type FROM gpkg_contents").fetchall()
    except (sqlite3.Error, UnicodeError) as error:
        note("io.unreadable", value=path.suffix, detail=one_line(error))
        return None
    return [
        (str(name), what == "features")
        for name, what in listed
        if kinds.get(str(name).lower()) == "table"
    ]


def _note_foreign(suffix: str, note: Note) -> None:
    detail = {lang: text("words.foreign_content", lang) for lang in LANGS}
    note("io.unreadable", value=suffix, detail=detail)


def _is_virtual(sql: str | None) -> bool:
    """Return whether a table is virtual, and not an index of the format's own."""
    said = (sql or "").lstrip().lower()
    return said.startswith("create virtual") and not _RTREE.match(said)
