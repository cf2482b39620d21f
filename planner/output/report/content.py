"""What a report says, before it is set as Markdown, HTML or Word.

The words are written once, as plain text: each writer escapes them for its own format.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal
from unicodedata import east_asian_width

from planner.language import Lang, text

# What XML cannot hold: control characters and halves of surrogate pairs; and non-characters, two of
# which mark a reference.
_NOT_IN_XML = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
_REFERENCE = re.compile("\ufdd0([^\ufdd1]*)\ufdd1")
_NUMERALS = "一二三四五六七八九十"


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
    question
        Number of the question it answers, 0 for none.
    number
        Its number among the tables.
    """

    name: str
    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: tuple[bool, ...]
    question: int = 0
    number: int = 0

    @property
    def anchor(self) -> str:
        """What references to it point at."""
        return table_anchor(self.name, self.question)


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A map or a curve.

    Parameters
    ----------
    name
        Name of its file, without suffix.
    caption
        What stands below it.
    described
        What it shows, for those who cannot see it.
    shows
        A map of a kind, one of the stock of all kinds, the front of a siting question, or what its
        sites add one by one.
    kind
        The kind of facility it shows.
    question
        Number of the siting question that it shows, 0 for none.
    number
        Its number among the pictures.
    """

    name: str
    caption: str
    described: str
    shows: Literal[
        "map", "stock", "steps", "front", "front_time", "front_longest", "front_fairness"
    ] = "map"
    kind: str = ""
    question: int = 0
    number: int = 0

    @property
    def anchor(self) -> str:
        """What references to it point at."""
        return picture_anchor(self.name)


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
    to_paste
        Those of its chapters that are written to be pasted elsewhere, numbered on their own.
    """

    lang: Lang
    title: str
    subtitle: str
    facts: tuple[tuple[str, str], ...]
    mark: str | None
    note: str | None
    credit: tuple[str, ...]
    blocks: tuple[Block, ...]
    to_paste: tuple[Block, ...] = ()

    @property
    def tables(self) -> Iterator[Table]:
        """The tables, in order."""
        return (block for block in self.blocks if isinstance(block, Table))

    @property
    def pictures(self) -> Iterator[Picture]:
        """The maps and curves, in order."""
        return (block for block in self.blocks if isinstance(block, Picture))

    @property
    def labels(self) -> dict[str, str]:
        """What references to the tables and pictures are called, by anchor."""
        numbered_ = (block for block in self.blocks if isinstance(block, Table | Picture))
        return {block.anchor: called(block, self.lang) for block in numbered_}


def label(block: Table | Picture, lang: Lang) -> str:
    """Return what the caption of a table or a picture begins with: ``Table 1.``, ``图2``.

    Parameters
    ----------
    block
        The table or picture, numbered.
    lang
        Language of the words.

    Returns
    -------
    The words.
    """
    key = "report.table_n" if isinstance(block, Table) else "report.picture_n"
    return text(key, lang, n=block.number)


def called(block: Table | Picture, lang: Lang) -> str:
    """Return what sentences call a table or a picture: ``Table 1``, ``图2``.

    Parameters
    ----------
    block
        The table or picture, numbered.
    lang
        Language of the words.

    Returns
    -------
    The words.
    """
    return label(block, lang).rstrip(".")


def table_anchor(name: str, question: int = 0) -> str:
    """Return the anchor that references to a table point at.

    Parameters
    ----------
    name
        Name of the table.
    question
        Number of its question, by which tables of one name differ; 0 for none.

    Returns
    -------
    The anchor.
    """
    return f"table_{name}_{question}" if question else f"table_{name}"


def picture_anchor(name: str) -> str:
    """Return the anchor that references to a picture point at.

    Parameters
    ----------
    name
        Name of the picture.

    Returns
    -------
    The anchor.
    """
    return f"picture_{name}"


def reference(anchor: str) -> str:
    """Return a reference to be written into a text, for `pieces` to find.

    Parameters
    ----------
    anchor
        What it points at.

    Returns
    -------
    The anchor between two signs that stand in no text.
    """
    return f"\ufdd0{anchor}\ufdd1"


def pieces(words: str) -> Iterator[tuple[str, str | None]]:
    """Split a text at its references.

    Parameters
    ----------
    words
        The text.

    Returns
    -------
    Pairs: a piece of text and None, or an empty text and an anchor.

    Examples
    --------
    >>> list(pieces(f"see {reference('table_gaps')}."))
    [('see ', None), ('', 'table_gaps'), ('.', None)]
    """
    for n, part in enumerate(_REFERENCE.split(words)):
        if n % 2:
            yield "", part
        elif part:
            yield part, None


def numbered(blocks: list[Block], lang: Lang) -> tuple[Block, ...]:
    """Return blocks with headings, tables and pictures numbered.

    Parameters
    ----------
    blocks
        The blocks, in the order of the report.
    lang
        Language, which decides how headings are numbered.

    Returns
    -------
    The blocks.
    """
    chapter, part, table, picture = 0, 0, 0, 0
    found: list[Block] = []
    for block in blocks:
        if isinstance(block, Heading):
            chapter, part = (chapter + 1, 0) if block.level == 1 else (chapter, part + 1)
            if lang == "zh":
                sign = f"{chinese(chapter)}、" if block.level == 1 else f"（{chinese(part)}）"
            else:
                sign = f"{chapter} " if block.level == 1 else f"{chapter}.{part} "
            found.append(replace(block, text=sign + block.text))
        elif isinstance(block, Table):
            table += 1
            found.append(replace(block, number=table))
        elif isinstance(block, Picture):
            picture += 1
            found.append(replace(block, number=picture))
        else:
            found.append(block)
    return tuple(found)


def chinese(n: int) -> str:
    """Return a number up to 99 in Chinese.

    Parameters
    ----------
    n
        The number, from 1.

    Returns
    -------
    Its characters.

    Examples
    --------
    >>> chinese(10), chinese(21)
    ('十', '二十一')
    """
    tens, ones = divmod(n, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{_NUMERALS[tens - 1]}十"
    return head + (_NUMERALS[ones - 1] if ones else "")


def clean(value: Any) -> str:
    r"""Return a text on one line, without what no XML file can hold.

    Parameters
    ----------
    value
        Anything; its text is used.

    Returns
    -------
    The text.

    Examples
    --------
    >>> clean("a\x00b\nc")
    'ab c'
    """
    return " ".join(_NOT_IN_XML.sub("", str(value)).split())


def display_width(words: str) -> int:
    """Count the cells that a text takes: two for a Chinese character.

    Parameters
    ----------
    words
        The text.

    Returns
    -------
    Cells, each as wide as a Latin letter.
    """
    return sum(2 if east_asian_width(sign) in "WF" else 1 for sign in words)
