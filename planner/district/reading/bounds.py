"""How large a file may become when it is opened: archives, spreadsheets and Parquet.

A small file can hold very much: a bomb of zeros, one cell at the far corner of a sheet, millions of
equal rows. What it would take is measured first, without keeping it.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO
from xml.parsers import expat

import pyarrow as pa
import pyarrow.parquet as pq

from planner.district.reading.files import Note

MOST_BYTES = 2 * 2**30
MOST_ROWS = 5_000_000
MOST_CELLS = 60_000_000
MOST_COLUMNS = 16_384  # as many as a spreadsheet has
_FREE_BYTES = 64 * 2**20  # whatever unpacks to less may do so at any ratio
_MOST_RATIO = 200
_MOST_ENTRIES = 20_000
_BLOCK = 2**20
_LOCAL_HEADER = struct.Struct("<26xHH")
_TAIL = 64
_FREE_CELLS = 2_000_000
_LEAST_FILLED = 20  # one cell in so many is filled, or the sheet is no table
_FAR_COLUMN = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]{2,3})\d""")
_FAR_ROW = re.compile(rb"""\sr\s*=\s*["'][A-Za-z]{1,3}(\d{3,7})["']""")
# What lies within is not looked at: these patterns match nothing in an ordinary sheet.
_NEAR_COLUMN, _NEAR_ROW = b"Z", b"99"
_BATCH = 1024


class _TooLargeError(Exception):
    """What is unpacked takes more than it may."""


def check_archive(path: Path, note: Note, *, only: set[str] | None = None) -> bool:
    """Check that an archive does not unpack to very much more than it is.

    Parameters
    ----------
    path
        A zip archive.
    note
        Collects what is wrong.
    only
        Names of the entries that will be unpacked; all if not given.

    Returns
    -------
    Whether it may be unpacked.

    Raises
    ------
    BadZipFile
        If it is no archive.
    """
    most = most_bytes(path)
    with zipfile.ZipFile(path) as archive:
        entries = [one for one in archive.infolist() if only is None or one.filename in only]
        if len(entries) > _MOST_ENTRIES:
            note("io.too_many_entries", value=len(entries), most=_MOST_ENTRIES)
            return False
        told = sum(one.file_size for one in entries)
    if told > most:
        note("io.unpacks_to", value=megabytes(told), most=megabytes(most))
        return False
    return True


def check_workbook(path: Path, note: Note) -> bool:
    """Check that a spreadsheet unpacks to what can be held, and no cell lies far from the rest.

    The library that reads sheets makes room for the whole rectangle up to the farthest cell.

    Parameters
    ----------
    path
        An ``.xlsx``, ``.xlsm`` or ``.ods`` file; an ``.xls`` file cannot be large.
    note
        Collects what is wrong.

    Returns
    -------
    Whether it may be read.

    Raises
    ------
    BadZipFile
        If it is no archive.
    """
    suffix = path.suffix.lower()
    if suffix == ".xls":
        return True
    if not check_archive(path, note):
        return False
    left = most = most_bytes(path)
    try:
        with zipfile.ZipFile(path) as archive, path.open("rb") as raw:
            for entry in archive.infolist():
                # The sizes that an archive tells may be false: what comes out is counted.
                sheet = _Extent(ods=suffix == ".ods" and entry.filename == "content.xml")
                is_sheet = sheet.ods or "/worksheets/" in entry.filename
                for block in _unpacked(raw, entry, left):
                    left -= len(block)
                    if is_sheet:
                        sheet.add(block)
                if sheet.extent > max(_FREE_CELLS, sheet.cells * _LEAST_FILLED):
                    where = f"R{sheet.rows}C{sheet.columns}"
                    note("io.far_cell", value=where, cells=sheet.cells)
                    return False
    except _TooLargeError:
        note("io.unpacks_to", value=f"> {megabytes(most)}", most=megabytes(most))
        return False
    return True


def check_cells(rows: int, columns: int, note: Note, *, cells: int | None = None) -> bool:
    """Check that a table has no more rows, columns and cells than can be held.

    Parameters
    ----------
    rows, columns
        Its size.
    note
        Takes what is wrong.
    cells
        Cells that it has in all, where its rows differ in length.

    Returns
    -------
    Whether it may be read.
    """
    cells = rows * columns if cells is None else cells
    if rows > MOST_ROWS or columns > MOST_COLUMNS or cells > MOST_CELLS:
        note(
            "io.too_many_cells",
            value=f"{cells:,}",
            rows=f"{rows:,}",
            columns=f"{columns:,}",
            most=f"{MOST_CELLS:,}",
            widest=f"{MOST_COLUMNS:,}",
        )
        return False
    return True


def check_parquet(path: Path, note: Note) -> bool:
    """Check that a Parquet file holds no more rows and bytes than can be held.

    Parameters
    ----------
    path
        The file.
    note
        Collects what is wrong.

    Returns
    -------
    Whether it may be read.

    Raises
    ------
    ArrowInvalid
        If it is no such file.
    """
    with pq.ParquetFile(path) as file:
        about = file.metadata
        if about.num_rows > MOST_ROWS:
            note("io.too_many_rows", value=about.num_rows, most=MOST_ROWS)
            return False
        chunks = [
            about.row_group(group).column(column)
            for group in range(about.num_row_groups)
            for column in range(about.num_columns)
        ]
        # A value said once and used in every row is as large as all that the column says.
        widest = sum(chunk.total_uncompressed_size * max(1, chunk.num_values) for chunk in chunks)
        told = sum(chunk.total_uncompressed_size for chunk in chunks)
        size = told
        if widest > MOST_BYTES >= told:
            size = _measured(file)
        if size > MOST_BYTES:
            note("io.unpacks_to", value=megabytes(size), most=megabytes(MOST_BYTES))
            return False
    return True


def _measured(file: pq.ParquetFile) -> int:
    """Add up what the rows take, batch by batch, until it is too much."""
    size = 0
    for batch in file.iter_batches(batch_size=_BATCH):
        size += batch.nbytes
        if size > MOST_BYTES:
            break
    pa.default_memory_pool().release_unused()
    return size


def _unpacked(raw: BinaryIO, entry: zipfile.ZipInfo, most: int) -> Iterator[bytes]:
    """Unpack an entry block by block, whatever size it says it has."""
    raw.seek(entry.header_offset)
    name, extra = _LOCAL_HEADER.unpack(raw.read(_LOCAL_HEADER.size))
    raw.seek(name + extra, 1)
    left = entry.compress_size
    packed = entry.compress_type != zipfile.ZIP_STORED
    unpack = zlib.decompressobj(-zlib.MAX_WBITS)
    while left > 0 and (given := raw.read(min(left, _BLOCK))):
        left -= len(given)
        while given:
            block = unpack.decompress(given, _BLOCK) if packed else given
            given = unpack.unconsumed_tail if packed else b""
            most -= len(block)
            if most < 0:
                raise _TooLargeError
            yield block


class _Extent:
    """How far the cells of a sheet reach, and how many are filled; fed with its XML."""

    def __init__(self, *, ods: bool) -> None:
        self.ods = ods
        self.cells = self.columns = self.rows = 0
        self._tail = b""
        self._row = self._column = self._repeat = 0
        self._parser = expat.ParserCreate(namespace_separator="}")
        self._parser.StartElementHandler = self._started

    @property
    def extent(self) -> int:
        """Cells of the whole rectangle."""
        return self.columns * self.rows

    def add(self, block: bytes) -> None:
        """Read the next part of the sheet's XML.

        Parameters
        ----------
        block
            The bytes that follow those of before; they may end within a tag.
        """
        if self.ods:
            self._parser.Parse(block)
            return
        self.cells += block.count(b"<c ") + block.count(b"<c>")
        text = self._tail + block
        far = {*_FAR_COLUMN.findall(text), _NEAR_COLUMN}
        self.columns = max(self.columns, *map(_column_number, far))
        self.rows = max(self.rows, *map(int, {*_FAR_ROW.findall(text), _NEAR_ROW}))
        self._tail = text[-_TAIL:]

    def _started(self, name: str, attributes: dict[str, str]) -> None:
        word = name.rpartition("}")[2]
        if word == "table":
            self._row = self._repeat = 0
        elif word == "table-row":
            self._row += self._repeat
            self._repeat = _repeated(attributes, "number-rows-repeated")
            self._column = 0
        elif word == "table-cell":
            self._column += _repeated(attributes, "number-columns-repeated")
            if any(key.endswith("}value-type") for key in attributes):
                self.cells += 1
                self.columns = max(self.columns, self._column)
                self.rows = max(self.rows, self._row + self._repeat)


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - ord("A") + 1
    return number


def _repeated(attributes: dict[str, str], name: str) -> int:
    said = next((value for key, value in attributes.items() if key.endswith(f"}}{name}")), "1")
    return int(said) if said.isdecimal() else 1


def most_bytes(path: Path) -> int:
    """Return to how much an archive of its size may unpack.

    Parameters
    ----------
    path
        The archive.

    Returns
    -------
    Bytes.
    """
    return max(_FREE_BYTES, min(MOST_BYTES, path.stat().st_size * _MOST_RATIO))


def megabytes(size: int) -> str:
    """Return a size in megabytes, as messages say it.

    Parameters
    ----------
    size
        Bytes.

    Returns
    -------
    Whole megabytes, with commas.
    """
    return f"{size / 2**20:,.0f}"
