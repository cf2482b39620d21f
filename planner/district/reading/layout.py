"""From a sheet as people lay it out to a plain table.

A list from an office has titles above its header, a header over two rows, cells merged over
several rows, empty rows, totals, and remarks below: "填表人：…".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

import numpy as np
import pandas as pd

from planner.district.cells import Merged, column_letters, place_of_unheaded, unheaded
from planner.district.matching import half_width, heading, normal
from planner.district.reading.files import Note

LATEST_HEADER = 10
_SOME = 1000  # cells that show whether a column's texts repeat

_TOTALS = {"合计", "总计", "小计", "共计", "累计", "total", "subtotal", "grandtotal", "sum"}
_EXAMPLE = re.compile(r"(填写)?(示例|样例|范例)行?(\(.*\))?:?|example( ?row)?(\(.*\))?:?")
_SUM_OF = re.compile(r".{1,20}(小计|合计|总计|共计)(\(.*\))?")  # 外滩街道小计
_OF_WHICH = re.compile(r"其中[:：]")
_COUNTED_IN = re.compile(
    r"(?<![填报制表主管])单位[:：\s]*[^,，、;；\s]{0,6}?[百千万亿]|in (thousand|million)"
)
_REMARK = re.compile(
    r"(注|附注|备注|说明|填表|制表|填报|审核|复核|来源|资料来源|数据来源|note|remark|source)\w{0,4}:"
)

# With a figure, and neither a colon nor brackets: no total and no remark.
_DATA = re.compile(r"[^:：(（\[［【]*\d[^:：(（\[［【]*$")

Rows = Sequence[list[Any]] | np.ndarray
Area = tuple[tuple[int, int], tuple[int, int]]


def table(
    rows: Rows, note: Note, *, merged: Iterable[Area] = ()
) -> tuple[pd.DataFrame, tuple[int, ...]]:
    """Extract the table from a sheet.

    Parameters
    ----------
    rows
        The cells of each row, from the sheet's first: lists, or an array (row, column) of objects;
        changed where cells are merged.
    note
        Collects what is wrong: rows longer than the header.
    merged
        Merged cells: row and column, from 0, of the first and the last of each.

    Returns
    -------
    The rows of data with the header's names, missing where empty, on the row as a person counts
    it (from 1); and the rows, so counted, that hold totals or remarks instead.
    """
    lines = (number for number, row in enumerate(rows) if not all(map(_is_blank, row)))
    filled = list(islice(lines, LATEST_HEADER + 1))
    if not filled:
        return pd.DataFrame(), ()
    head = _header(rows, filled[:LATEST_HEADER])
    names, last = _names(rows, head, next((n for n in filled if n > head), None))
    merged = list(merged)
    _spread(rows, merged, last)
    _check_units(rows[:head], note)
    cells, held = _below(rows, last + 1, len(names), note)
    asides = np.zeros(len(cells), dtype=bool)
    asides[held] = _asides(cells[held])
    number = np.arange(last + 2, last + 2 + len(cells))
    kept = held & ~asides
    frame = pd.DataFrame(cells[kept], columns=names, index=pd.Index(number[kept]), dtype=object)
    _check_headings(rows, merged, range(head, last + 1), frame, note)
    nameless = [name for name in names if place_of_unheaded(name) and frame[name].isna().all()]
    frame = frame.drop(columns=nameless) if nameless else frame
    return frame, tuple(number[asides].tolist())


def _below(rows: Rows, first: int, width: int, note: Note) -> tuple[np.ndarray, np.ndarray]:
    """Return the cells below a header, None where blank, and which rows hold any.

    Column by column, which is ten times as fast as cell by cell where each call has its price.
    """
    below, beyond = rows[first:], np.zeros(len(rows) - first, dtype=bool)
    for number, row in enumerate(below):
        if len(row) > width and (far := [cell for cell in row[width:] if not _is_blank(cell)]):
            note("io.long_row", row=first + number + 1, value=far[0], width=width)
            beyond[number] = True
    if not isinstance(below, np.ndarray):
        filler = [None] * width
        below = [row[:width] + filler[len(row) :] for row in below]
    cells = np.empty((len(below), width), dtype=object)
    if cells.size:
        cells[:] = below[:, :width] if isinstance(below, np.ndarray) else below
    for column in cells.T:
        column[:] = _without_blanks(column)
    return cells, beyond | ~pd.isna(cells).all(axis=1)


def _without_blanks(column: np.ndarray) -> np.ndarray:
    """Return a column with None for what is blank; equal texts are held once."""
    if set(map(type, column)) != {str}:
        return np.array([None if _is_blank(cell) else cell for cell in column], dtype=object)
    if len(set(column[:_SOME])) > _SOME / 2:
        blank = np.array([text.isspace() or not text for text in column])
        return np.where(blank, np.array(None, dtype=object), column)
    codes, texts = pd.factorize(column)
    texts[[text.isspace() or not text for text in texts]] = None
    return texts[codes]


def _header(rows: Rows, filled: Sequence[int]) -> int:
    """Find the header: the first row at least half as full as the fullest near the top.

    Above it stand titles, and who filled in the table when: a cell or two in each row.
    """
    counts = {number: sum(not _is_blank(cell) for cell in rows[number]) for number in filled}
    return next(n for n in filled if 2 * counts[n] > max(counts.values()))


def _names(rows: Rows, head: int, following: int | None) -> tuple[list[str], int]:
    """Name the columns; tell the last row of the header."""
    upper = _words(rows[head])
    lower = [] if following is None else _words(rows[following])
    if following is None or not _goes_on(upper, lower, rows[following]):
        return _unique(upper), head
    width = max(len(upper), len(lower))
    upper, lower = (row + [""] * (width - len(row)) for row in (upper, lower))
    names, group = [], ""
    for above, below in zip(upper, lower, strict=True):
        group = above or group
        plain = below if lower.count(below) == 1 and below not in upper else f"{group}{below}"
        names.append(plain if below else above)
    return _unique(names), following


def _goes_on(upper: list[str], lower: list[str], cells: Sequence[Any]) -> bool:
    """Return whether a header goes on in the row below: words, under what stands over several."""
    width = max(len(upper), len(lower))
    under = [lower[i] if i < len(lower) else "" for i in range(width)]
    over = [upper[i] if i < len(upper) else "" for i in range(width)]
    gaps = [below for above, below in zip(over, under, strict=True) if not above]
    names_alone = any(above and not below for above, below in zip(over, under, strict=True))
    words = all(isinstance(cell, str) and not _is_number(cell) for cell in cells if cell)
    return bool(gaps) and all(gaps) and names_alone and words


def _spread(rows: Rows, merged: Iterable[Area], last: int) -> None:
    """Give every row below a header the words that are merged over several rows of one column.

    A number stands for those cells together: what each of them has is not known, and each says so.
    """
    for (top, left), (bottom, right) in merged:
        if top <= last or top >= len(rows) or left >= len(rows[top]):
            continue
        cell = rows[top][left]
        if _is_blank(cell):
            continue
        word = isinstance(cell, str) and not _is_number(half_width(cell))
        if word and left != right:
            continue  # a remark over the width of a table
        for number, row in enumerate(rows[top : bottom + 1]):
            for column in range(left, min(right + 1, len(row))):
                if (number, column) != (0, left):
                    row[column] = cell if word else Merged(cell)


def _asides(cells: np.ndarray) -> np.ndarray:
    """Return which rows hold totals, remarks below the table, or an example to follow.

    The first two cells of a row say so. Nearly every cell of a long list is seen at once to be
    neither: to bring each to its normal form would take long.
    """
    filled = ~pd.isna(cells)
    rows, start = np.arange(len(cells)), []
    for _ in range(2):
        start.append(np.where(filled.any(axis=1), cells[rows, filled.argmax(axis=1)], None))
        filled[rows, filled.argmax(axis=1)] = False
    wordy = [[cell is not None and not _DATA.match(str(cell)) for cell in one] for one in start]
    found: np.ndarray = np.any(wordy, axis=0)
    for row in np.flatnonzero(found):
        pairs = zip(start, wordy, strict=True)
        found[row] = _is_aside([str(cells[row]) if word[row] else "" for cells, word in pairs])
    return found


def _is_aside(start: Sequence[str]) -> bool:
    """Return whether a row starts as totals, remarks or an example do; data are left empty."""
    words = [normal(cell) for cell in start]
    if _EXAMPLE.fullmatch(words[0]):
        return True
    if any(cell and heading(cell).base.rstrip(":") in _TOTALS for cell in start):
        return True
    sums = any(_SUM_OF.fullmatch(word) for word in words)
    return sums or bool(_REMARK.match(words[0])) or bool(_OF_WHICH.match(words[0]))


def _check_units(above: Rows, note: Note) -> None:
    """Note a title that says all is counted in thousands, say: no column's heading repeats it."""
    for number, row in enumerate(above, start=1):
        for cell in row:
            said = "" if _is_blank(cell) else half_width(cell)
            if _COUNTED_IN.search(said):
                note("io.counted_in", row=number, value=said)


def _check_headings(
    rows: Rows, merged: Iterable[Area], head: range, frame: pd.DataFrame, note: Note
) -> None:
    """Note a heading merged over several columns that hold data: which of them it means is open."""
    for (top, left), (bottom, right) in merged:
        if top not in head or bottom < head[-1]:
            continue  # what stands over several headings of a second row
        held = [i for i in range(left, min(right + 1, frame.shape[1]))
                if frame.iloc[:, i].notna().any()]  # fmt: skip
        nameless = [i for i in held if place_of_unheaded(str(frame.columns[i]))]
        if nameless and len(held) > 1:
            letters = "–".join(column_letters(i) for i in (held[0], held[-1]))
            note("io.merged_heading", row=top + 1, value=str(rows[top][left]), columns=letters)


def _words(row: Sequence[Any]) -> list[str]:
    """List the words of a row up to its last filled cell."""
    width = max((i + 1 for i, cell in enumerate(row) if not _is_blank(cell)), default=0)
    return ["" if _is_blank(cell) else str(cell).strip() for cell in row[:width]]


def _is_number(text: str) -> bool:
    try:
        float(text.replace(",", ""))
    except ValueError:
        return False
    return True


def _is_blank(cell: Any) -> bool:
    if isinstance(cell, str):  # first, as nearly every cell is
        return not cell or cell.isspace()
    return cell is None or cell != cell  # noqa: PLR0124


def _unique(names: Sequence[str]) -> list[str]:
    """Rename columns of one name apart, as pandas does."""
    seen: dict[str, int] = {}
    result = []
    for i, name in enumerate(names):
        plain = name or unheaded(i)
        count = seen.get(plain, 0)
        seen[plain] = count + 1
        result.append(f"{plain}.{count}" if count else plain)
    return result
