"""Tables as wide as the terminal: no number is broken, nor a word where there is room for it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from rich.cells import cell_len, chop_cells
from rich.console import Console, ConsoleOptions, RenderResult
from rich.markup import escape
from rich.table import Table

Unit = re.Pattern[str]
BORDER = 3  # cells that a column takes beside its words: a line, and a space on either side
SHORT_CHINESE = 8  # cells: four characters, below which a column of Chinese is hard to read
_WIDE = "[⺀-\u9fff豈-\ufaff＀-｠]"
_CLOSING = "[，。、；：！？）》】」”),.;:!?%]"
_WORD = re.compile(rf"{_WIDE}{_CLOSING}*|(?:(?!{_WIDE})\S)+{_CLOSING}*")
_PART = re.compile(
    rf"{_WIDE}{_CLOSING}*|(?:(?!{_WIDE})[^\s-])*-+|(?:(?!{_WIDE})[^\s-])+{_CLOSING}*"
)


class FittedTable:
    """A table that is drawn as wide as where it is printed.

    Where columns do not fit beside each other with their longest words whole, words break behind
    their hyphens; where that is not enough either, the columns that are too many stand in further
    tables below, each with the first column again.

    Parameters
    ----------
    heads
        The columns' headings.
    rows
        The cells, row by row.
    """

    def __init__(self, heads: Iterable[object], rows: Iterable[Iterable[object]]) -> None:
        self.heads = [str(head) for head in heads]
        self.rows = [[str(cell) for cell in row] for row in rows]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw the table, or the tables that it takes."""
        width = options.max_width
        cells = [[head, *(row[at] for row in self.rows)] for at, head in enumerate(self.heads)]
        unit = _WORD if _fits(cells, width, _WORD) or not _fits(cells, width, _PART) else _PART
        for columns in _beside(cells, width, unit):
            own = [cells[at] for at in columns]
            yield _drawn(own, _widths(own, width, unit), unit)


def _fits(cells: Sequence[Sequence[str]], width: int, unit: Unit) -> bool:
    return sum(_least(column, unit) + BORDER for column in cells) < width


def _beside(cells: Sequence[Sequence[str]], width: int, unit: Unit) -> Iterator[list[int]]:
    """Yield the columns that stand beside each other, block by block."""
    least = [_least(column, unit) + BORDER for column in cells]
    block = [0]
    for at in range(1, len(least)):
        if sum(least[one] for one in (*block, at)) + 1 > width and len(block) > 1:
            yield block
            block = [0]
        block.append(at)
    yield block


def _drawn(cells: Sequence[Sequence[str]], widths: Sequence[int], unit: Unit) -> Table:
    """Draw columns, each with its heading first; those of numbers are set to the right."""
    table = Table()
    for (head, *column), width in zip(cells, widths, strict=True):
        numbers = bool(column) and all(map(_is_number, column))
        table.add_column(
            escape("\n".join(wrapped(head, width, unit))),
            justify="right" if numbers else "left",
            width=width,
            overflow="fold",
        )
    for row in zip(*(column[1:] for column in cells), strict=True):
        lines = zip(row, widths, strict=True)
        table.add_row(*(escape("\n".join(wrapped(cell, width, unit))) for cell, width in lines))
    return table


def _widths(cells: Sequence[Sequence[str]], width: int, unit: Unit) -> list[int]:
    """Share out the width: the widest columns give way first, none below its longest word."""
    room = width - BORDER * len(cells) - 1
    given = [max(cell_len(line) for cell in column for line in _lines(cell)) for column in cells]
    least = [_least(column, unit) for column in cells]
    while sum(given) > room and max(given) > 1:
        wide = [at for at, one in enumerate(given) if one > least[at]] or range(len(given))
        given[max(wide, key=given.__getitem__)] -= 1  # below, where a word is wider than the room
    return given


def _least(column: Iterable[str], unit: Unit) -> int:
    """Return the cells that a column needs to break no word; Chinese breaks anywhere."""
    return max(
        max(
            max((cell_len(word) for word in _words(line, unit)), default=1),
            min(cell_len(line), SHORT_CHINESE),
        )
        for cell in column
        for line in _lines(cell)
    )


def _is_number(cell: str) -> bool:
    """Return whether a cell holds a figure, or a dash for one: nothing that is read as words."""
    return not any(map(str.isalpha, cell))


def _lines(cell: str) -> list[str]:
    return cell.splitlines() or [""]


def _words(line: str, unit: Unit) -> list[str]:
    return [line] if _is_number(line) else unit.findall(line)


def wrapped(cell: str, width: int, unit: Unit = _WORD) -> list[str]:
    """Return a cell's lines, broken between words; within one only where it is wider than a line.

    Parameters
    ----------
    cell
        The words.
    width
        Most cells of a line; a Chinese character takes two.
    unit
        What is not broken as long as it fits a line.

    Returns
    -------
    The lines.

    Examples
    --------
    >>> wrapped("under construction 3", 12)
    ['under', 'construction', '3']
    """
    return [part for line in _lines(cell) for part in _broken(line, width, unit)]


def _broken(line: str, width: int, unit: Unit) -> Iterator[str]:
    """Yield the parts of a line that are no wider than so many cells."""
    if cell_len(line) <= width:
        yield line
        return
    made, after = "", 0
    for word in _words(line, unit):
        start = line.index(word, after)
        between, after = line[after:start], start + len(word)
        if made and cell_len(made + between + word) <= width:
            made += between + word
            continue
        if made:
            yield made
        *full, made = chop_cells(word, width) if cell_len(word) > width else [word]
        yield from full
    yield made
