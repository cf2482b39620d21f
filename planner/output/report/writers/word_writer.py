"""Set a report as a Word document."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping

from docx import Document
from docx.document import Document as Docx
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.oxml.ns import qn
from docx.shared import Cm, Emu, Pt
from docx.text.paragraph import Paragraph as Para

from planner.language import text
from planner.output.report.content import (
    Block,
    Heading,
    Paragraph,
    Picture,
    Points,
    Report,
    Table,
    display_width,
    label,
    pieces,
)
from planner.output.report.writers.office import repack
from planner.output.report.writers.typography import TEXT_WIDTH, TITLE_PT, set_up
from planner.output.report.writers.word_tables import set_table
from planner.output.report.writers.word_xml import (
    Bookmarks,
    Styled,
    bookmark,
    field,
    field_marks,
    link,
)

TALLEST = Cm(10.4)  # two pictures with their captions fill a page
FEWEST_LISTED = 8  # tables and pictures that are worth a list of their own


def document(report: Report, pictures: Mapping[str, bytes]) -> bytes:
    """Return a report as a Word document of A4 pages.

    Contents, lists of tables and figures, captions, references and page numbers are fields: Word
    fills their pages in on opening, after asking.

    Parameters
    ----------
    report
        The report.
    pictures
        PNG of each picture by its name.

    Returns
    -------
    The file.
    """
    docx = Document()
    set_up(docx, report)
    _title_page(docx, report)
    styled = Styled(docx)
    _contents(styled, report)
    writer = _Writer(styled, report)
    for block in report.blocks:
        writer.write(block, pictures)
    out = io.BytesIO()
    docx.save(out)
    return repack(out.getvalue())


def _title_page(docx: Docx, report: Report) -> None:
    title = docx.add_paragraph(style="Title")
    for n, line in enumerate(_title_lines(report.title)):
        run = title.add_run()
        if n:
            run.add_break()
        run.add_text(line)
    docx.add_paragraph(report.subtitle, style="Subtitle")
    if report.mark:
        mark = docx.add_paragraph(report.mark, style="Warning")
        mark.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for name, value in report.facts:
        fact = text("report.fact", report.lang, name=name, value=value)
        docx.add_paragraph(fact).alignment = WD_ALIGN_PARAGRAPH.CENTER
    if report.note:
        note = docx.add_paragraph(report.note)
        note.paragraph_format.space_before = Pt(24)
        note.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _new_page(docx)


def _new_page(docx: Docx) -> None:
    docx.add_paragraph().add_run().add_break(WD_BREAK.PAGE)


def _title_lines(title: str) -> list[str]:
    """Break a title that is too long for a line after its colon, else before its bracket.

    Examples
    --------
    >>> _title_lines("臺北市大安區：长者服务据点与避难收容处所的步行覆盖")
    ['臺北市大安區：', '长者服务据点与避难收容处所的步行覆盖']
    >>> _title_lines("江矶区社区养老服务设施布局（2022—2025年）")
    ['江矶区社区养老服务设施布局', '（2022—2025年）']
    """
    if display_width(title) * TITLE_PT / 2 <= TEXT_WIDTH.pt:
        return [title]
    for colon in ("：", ": "):
        head, found, rest = title.partition(colon)
        if found and rest:
            return [head + colon.strip(), rest]
    for bracket in ("（", " ("):
        head, found, rest = title.partition(bracket)
        if head and found:
            return [head, bracket.strip() + rest]
    return [title]


def _contents(styled: Styled, report: Report) -> None:
    """List the headings; and the tables and figures, where there are many."""
    docx = styled.docx
    docx.add_paragraph(text("report.contents", report.lang), style="Contents Title")
    headings = [block for block in report.blocks if isinstance(block, Heading)]
    entries = [(f"toc {head.level}", head.text, f"Toc{n:06d}") for n, head in enumerate(headings)]
    _index(styled, 'TOC \\o "1-2" \\h \\z \\u', entries)
    listed: tuple[tuple[str, str, Iterable[Table | Picture]], ...] = (
        ("report.list_of_tables", "Table", report.tables),
        ("report.list_of_pictures", "Figure", report.pictures),
    )
    if len(list(report.tables)) + len(list(report.pictures)) >= FEWEST_LISTED:
        _new_page(docx)
        for title, series, blocks in listed:
            entries = [
                ("table of figures", f"{label(block, report.lang)} {block.caption}", block.anchor)
                for block in blocks
            ]
            if entries:
                docx.add_paragraph(text(title, report.lang), style="Lists Title")
                _index(styled, f'TOC \\h \\z \\c "{series}"', entries)
    _new_page(docx)


def _index(styled: Styled, code: str, entries: list[tuple[str, str, str]]) -> None:
    """Write a field that lists places with their pages: style, text and bookmark of each."""
    for n, (style, words, name) in enumerate(entries):
        line = styled.paragraph(style)
        if n == 0:
            field_marks(line._p, "begin", code, "separate")  # noqa: SLF001
        place = link(line, name)
        for part in (words, "\t"):
            place.append(line.add_run(part)._r)  # noqa: SLF001
        field(line, f"PAGEREF {bookmark(name)} \\h", "", parent=place)
        if n == len(entries) - 1:
            field_marks(line._p, "end")  # noqa: SLF001


class _Writer:
    """Writes the blocks of a report, one after another."""

    def __init__(self, styled: Styled, report: Report) -> None:
        self.styled, self.docx = styled, styled.docx
        self.report, self.lang = report, report.lang
        self.bookmarks = Bookmarks()
        self.labels = report.labels
        self.headings = 0

    def write(self, block: Block, pictures: Mapping[str, bytes]) -> None:
        """Write a block.

        Parameters
        ----------
        block
            A heading, paragraph, list, picture or table of the report.
        pictures
            The PNG files by the name of a picture.
        """
        if isinstance(block, Heading):
            self._heading(block)
        elif isinstance(block, Paragraph):
            style = "Warning" if block.style == "warning" else "Normal"
            paragraph = self._words(block.text, style)
            if self.lang == "zh" and block.style == "body":
                _indent(paragraph)
        elif isinstance(block, Points):
            for item in block.items:
                self._words(item, "List Bullet")
        elif isinstance(block, Picture):
            self._picture(block, pictures[block.name])
        else:
            self._caption(block)
            set_table(self.docx, block)

    def _heading(self, block: Heading) -> None:
        """Write a heading that the contents can point at."""
        paragraph = self.styled.paragraph(f"Heading {block.level}")
        end = self.bookmarks.start(paragraph, f"Toc{self.headings:06d}")
        paragraph.add_run(block.text)
        paragraph._p.append(end)  # noqa: SLF001
        self.headings += 1

    def _words(self, words: str, style: str) -> Para:
        """Write a text, its references as fields."""
        paragraph = self.styled.paragraph(style)
        for part, anchor in pieces(words):
            if anchor is None:
                paragraph.add_run(part)
            else:
                field(paragraph, f"REF {bookmark(anchor)} \\h", self.labels[anchor])
        return paragraph

    def _picture(self, block: Picture, png: bytes) -> None:
        paragraph = self.docx.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.paragraph_format.keep_with_next = True
        paragraph.paragraph_format.space_after = Pt(0)
        shape = paragraph.add_run().add_picture(io.BytesIO(png), width=TEXT_WIDTH)
        if shape.height > TALLEST:
            shape.width, shape.height = Emu(shape.width * TALLEST // shape.height), TALLEST
        described = shape._inline.docPr  # noqa: SLF001
        described.set("descr", block.described)
        described.set("name", block.name)
        caption = self._caption(block)
        caption.paragraph_format.keep_with_next = False
        caption.paragraph_format.space_after = Pt(10)

    def _caption(self, block: Table | Picture) -> Para:
        """Write a caption, numbered by a field, so that Word can list and renumber them."""
        paragraph = self.styled.paragraph("Caption")
        before, _, after = label(block, self.lang).partition(str(block.number))
        series = "Table" if isinstance(block, Table) else "Figure"
        end = self.bookmarks.start(paragraph, block.anchor)
        paragraph.add_run(before)
        field(paragraph, f"SEQ {series} \\* ARABIC", str(block.number))
        paragraph._p.append(end)  # noqa: SLF001
        paragraph.add_run(f"{after} {block.caption}")
        return paragraph


def _indent(paragraph: Para) -> None:
    """Indent the first line by two characters, as Chinese text is set."""
    indent = paragraph._p.get_or_add_pPr().get_or_add_ind()  # noqa: SLF001
    indent.set(qn("w:firstLine"), "420")
    indent.set(qn("w:firstLineChars"), "200")
