"""What a report says, before it is set as Markdown, HTML or Word.

The words are written once, as plain text: each writer escapes them for its own format.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from planner.language import Lang, text

# What XML cannot hold: control characters, halves of surrogate pairs and two non-characters.
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, kw_only=True)
class Heading:
    """A heading of level 1 or 2, its number included."""

    text: str
    level: Literal[1, 2] = 1


@dataclass(frozen=True, kw_only=True)
class Paragraph:
    """A paragraph; a ``warning`` is something that no reader may overlook."""

    text: str
    style: Literal["body", "warning"] = "body"


@dataclass(frozen=True, kw_only=True)
class Points:
    """A list of points."""

    items: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table of texts.

    Parameters
    ----------
    name
        Name that tells it from others, in no language.
    caption
        What stands above it.
    head
        Headings of the columns.
    rows
        Texts of the cells.
    right
        Which columns hold numbers, to be set to the right.
    number
        Its number among the tables.
    """

    name: str
    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: tuple[bool, ...]
    number: int = 0


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A map.

    Parameters
    ----------
    name
        Name of its file, without suffix.
    caption
        What stands below it.
    described
        What it shows, for those who cannot see it.
    kind
        The kind of facility it shows.
    question
        Number of the siting question whose sites it shows, 0 for none.
    number
        Its number among the maps.
    """

    name: str
    caption: str
    described: str
    kind: str
    question: int
    number: int = 0


Block = Heading | Paragraph | Points | Table | Picture


@dataclass(frozen=True, kw_only=True)
class Report:
    """A report.

    Parameters
    ----------
    lang
        Its language.
    title, subtitle
        What stands on the title page.
    facts
        Lines of the title page: what and which.
    mark
        What the reader must know before anything else: that the data are synthetic.
    note
        What the scenario says of itself.
    credit
        Attribution lines of the data.
    blocks
        The report, in order.
    """

    lang: Lang
    title: str
    subtitle: str
    facts: tuple[tuple[str, str], ...]
    mark: str | None
    note: str | None
    credit: tuple[str, ...]
    blocks: tuple[Block, ...]

    @property
    def tables(self) -> Iterator[Table]:
        """The tables, in order."""
        return (block for block in self.blocks if isinstance(block, Table))

    @property
    def pictures(self) -> Iterator[Picture]:
        """The maps, in order."""
        return (block for block in self.blocks if isinstance(block, Picture))


def label(block: Table | Picture, lang: Lang) -> str:
    """Name a table or a map as the text refers to it: table 1, map 2."""
    key = "report.table_n" if isinstance(block, Table) else "report.map_n"
    return text(key, lang, n=block.number)


def clean(value: Any) -> str:
    r"""Drop what no XML file can hold, and lay a text on one line.

    Examples
    --------
    >>> clean("a\x00b\nc")
    'ab c'
    """
    return " ".join(_NOT_IN_XML.sub("", str(value)).split())
