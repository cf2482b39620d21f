"""Set a table of a report in a Word document: rules, widths, and where it may break."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape

from docx.document import Document as Docx
from docx.enum.text import WD_LINE_SPACING
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Emu, Pt

from planner.output.report.content import Table, display_width
from planner.output.report.writers.typography import TABLE_PT, TEXT_WIDTH

HEAD_FILL, RULE = "E9EDF2", "8A8A8A"
CELL_MARGIN = 70  # twentieths of a point
# Widths are counted in cells of half a Chinese character.
CELL_PT = TABLE_PT / 2
LINE_ROOM = TEXT_WIDTH.pt / CELL_PT
EDGES = 2 * CELL_MARGIN / 20 / CELL_PT + 0.6  # the margins, and what fonts differ by
WIDER = 0.27  # of a cell: so much more a sign takes in fonts that stand in for Times New Roman
BOLD = 1.12  # a word of a heading beside one of the text
WIDEST, NARROWEST, FEWEST_LINES = 30, 4, 3
SHORT = 8  # a text of four Chinese characters is not broken
WHOLE = 12  # rows of a table that is not broken over pages
TOGETHER = 3  # rows that never stand alone at either end of a page

# What no program breaks well: figures with what is bracketed behind them, and a short bracket.
_UNBROKEN = re.compile(r"（[^（）]{1,4}）[一-鿿]?|[!-~（）–]+")
_MARKS = {"\t": "<w:tab/>", "\r": "<w:br/>", "\n": "<w:br/>"}
_RULES = (("top", 12, "222222"), ("bottom", 12, "222222"), ("insideH", 4, RULE))
LOOKS = (
    '<w:tblPr><w:tblW w:type="auto" w:w="0"/><w:jc w:val="center"/><w:tblBorders>'
    + "".join(
        f'<w:{side} w:val="single" w:sz="{size}" w:space="0" w:color="{colour}"/>'
        for side, size, colour in _RULES
    )
    + '</w:tblBorders><w:tblLayout w:type="fixed"/><w:tblCellMar>'
    + "".join(f'<w:{side} w:w="{CELL_MARGIN}" w:type="dxa"/>' for side in ("left", "right"))
    + '</w:tblCellMar><w:tblLook w:firstColumn="1" w:firstRow="1" w:lastColumn="0" w:lastRow="0"'
    ' w:noHBand="0" w:noVBand="1" w:val="04A0"/></w:tblPr>'
)


def set_table(docx: Docx, block: Table) -> None:
    """Add a table with rules above, below and between, its heading repeated on each page.

    Parameters
    ----------
    docx
        The document.
    block
        The table.
    """
    style = docx.styles["Table Text"].style_id
    docx.element.body._insert_tbl(parse_xml(_table(block, style)))  # noqa: SLF001
    after = docx.add_paragraph().paragraph_format
    # Nearly no line, and a space that a page's end takes away: it never makes an empty page.
    after.space_after, after.line_spacing_rule = Pt(8), WD_LINE_SPACING.EXACTLY
    after.line_spacing = Pt(1)


def _table(block: Table, style: str) -> str:
    """Return a table as XML: cell by cell, python-docx takes as long as for all the rest."""
    widths = [Emu(int(TEXT_WIDTH * share)).twips for share in shares(block)]
    cells = list(zip(widths, block.right, strict=True))
    last = len(block.rows)
    rows = []
    for n, texts in enumerate((block.head, *block.rows)):
        stays = n < last and (last <= WHOLE or n < TOGETHER or n > last - TOGETHER)
        told = zip(texts, cells, strict=True)
        row = "".join(_cell(words, *cell, style, stays=stays, head=n == 0) for words, cell in told)
        repeated = "<w:tblHeader/>" if n == 0 else ""
        rows.append(f"<w:tr><w:trPr><w:cantSplit/>{repeated}</w:trPr>{row}</w:tr>")
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    return f"""<w:tbl {nsdecls("w")}>{LOOKS}<w:tblGrid>{grid}</w:tblGrid>{"".join(rows)}</w:tbl>"""


def _cell(words: str, width: int, right: bool, style: str, *, stays: bool, head: bool) -> str:  # noqa: FBT001
    """Return a cell as XML; its parts stand in the order that Word minds."""
    shade = f'<w:shd w:val="clear" w:color="auto" w:fill="{HEAD_FILL}"/>' if head else ""
    bold = "<w:rPr><w:b/></w:rPr>" if head else "<w:rPr/>"
    together = "<w:keepNext/>" if stays else ""
    side = '<w:jc w:val="right"/>' if right else ""
    return (
        f'<w:tc><w:tcPr><w:tcW w:type="dxa" w:w="{width}"/>{shade}<w:vAlign w:val="center"/>'
        f'</w:tcPr><w:p><w:pPr><w:pStyle w:val="{style}"/>{together}{side}</w:pPr>'
        f"<w:r>{bold}{_text(words)}</w:r></w:p></w:tc>"
    )


def _text(words: str) -> str:
    """Return a text as XML; a line in it is a line break, a tab a tab."""
    parts = (_MARKS.get(part) or _plain(part) for part in re.split(r"([\t\r\n])", words) if part)
    return "".join(parts)


def _plain(words: str) -> str:
    kept = ' xml:space="preserve"' if words != words.strip() else ""
    return f"<w:t{kept}>{escape(words)}</w:t>"


def shares(block: Table) -> list[float]:
    """Compute how a line's width is shared among the columns of a table.

    A column gets at least what its figures, its short texts and the words of its heading need, so
    that none breaks within; the rest goes where texts are long, figures with their words and units
    among them.

    Parameters
    ----------
    block
        The table.

    Returns
    -------
    A share for each column; they add up to 1.
    """
    wish, least = [], []
    for n, (head, right) in enumerate(zip(block.head, block.right, strict=True)):
        texts = [row[n] for row in block.rows]
        longest = max(map(_set_width, texts), default=0)
        whole = longest <= SHORT or (right and all(map(_narrow, texts)))
        figures = longest if whole else max(SHORT, *map(_word, texts))
        broken = max(BOLD * _word(head), _half(head))
        needed = max(min(figures, WIDEST), broken, NARROWEST)
        if needed + 2 >= display_width(head):  # one sign more, and the heading is not broken
            needed = max(needed, display_width(head))
        wish.append(max(min(longest, WIDEST), needed) + EDGES)
        least.append(needed + EDGES)
    widths = _distributed(wish, least)
    # A heading does not leave a single sign on its last line, where a text can spare the width.
    donor = max(range(len(widths)), key=lambda n: (not block.right[n], widths[n]))
    for n, head in enumerate(block.head):
        more = _without_orphan(head, widths[n] - EDGES) + EDGES - widths[n]
        if n != donor and 0 < more <= widths[donor] - least[donor]:
            widths[n] += more
            widths[donor] -= more
    return [width / sum(widths) for width in widths]


def _distributed(wish: list[float], least: list[float]) -> list[float]:
    """Share a line's cells between what columns wish and what they need at least."""
    spare = LINE_ROOM - sum(least)
    wanted = [max(want - need, 0.0) for want, need in zip(wish, least, strict=True)]
    if spare < 0:
        return [need * LINE_ROOM / sum(least) for need in least]
    if sum(wanted) > spare:  # all that is left goes to those that want more
        part = spare / sum(wanted)
        return [need + part * want for need, want in zip(least, wanted, strict=True)]
    return [want * LINE_ROOM / sum(wish) for want in wish]  # the rest is shared evenly


def _without_orphan(head: str, cells: float) -> float:
    """Widen a Chinese heading's column until its last line holds more than one sign."""
    signs, in_line = display_width(head) // 2, int(cells // 2)
    if signs * 2 != display_width(head) or in_line < 2:
        return cells
    while in_line < signs and signs % in_line == 1:
        in_line += 1
    return max(cells, 2.0 * in_line)


def _half(head: str) -> int:
    """Count the cells of a heading broken into two lines as even as can be, three if it is long."""
    whole = display_width(head)
    if whole <= 6:
        return whole
    lines = 2 if whole <= 16 else FEWEST_LINES
    return -(-whole // (2 * lines)) * 2


def _narrow(words: str) -> bool:
    """Return whether a text is one word of figures and Latin letters."""
    return display_width(words) == len(words) and len(words.split()) <= 1


def _word(words: str) -> float:
    """Count the cells of a text's longest word of Latin letters or figures, with its brackets."""
    return max(map(_set_width, _UNBROKEN.findall(words)), default=0)


def _set_width(words: str) -> float:
    """Count the cells that a text takes, in whatever font."""
    return display_width(words) + WIDER * sum(sign.isascii() for sign in words)
