"""Set a report as a Word document."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any
from unicodedata import east_asian_width

from docx import Document
from docx.document import Document as Docx
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Emu, Pt, RGBColor
from docx.text.paragraph import Paragraph as Para

from planner.language import Lang, text
from planner.report.content import Heading, Paragraph, Picture, Points, Report, Table, label
from planner.report.office import MADE, repack

# Latin and East-Asian font of the text and of headings, as offices have them.
FONTS = {
    "zh": (("Times New Roman", "宋体"), ("Arial", "黑体")),
    "en": (("Calibri", "宋体"), ("Calibri", "黑体")),
}
INK, SOFT, WARNING = RGBColor(0x22, 0x22, 0x22), RGBColor(0x60, 0x60, 0x60), RGBColor(0xB0, 0, 0x20)
HEAD_FILL, RULE = "E9EDF2", "8A8A8A"
PAGE_WIDTH, PAGE_HEIGHT, SIDE, TOP = Cm(21.0), Cm(29.7), Cm(2.6), Cm(2.5)
TEXT_WIDTH, TALLEST = Emu(PAGE_WIDTH - 2 * SIDE), Cm(14.0)
WIDEST, NARROWEST, SHORT = 26, 5, 12
LINE_ROOM, MOST_FIXED = 103, 0.7  # cells of a line of a table's text, and the share for figures
CELL_MARGIN = 70  # twentieths of a point


def document(report: Report, pictures: Mapping[str, bytes]) -> bytes:
    """Set a report as a Word document of A4 pages.

    Parameters
    ----------
    report
        The report.
    pictures
        PNG of each map by its name.
    """
    docx = Document()
    _set_up(docx, report)
    _title_page(docx, report)
    _contents(docx, report)
    marks = iter(range(1, len(report.blocks) + 1))
    for block in report.blocks:
        if isinstance(block, Heading):
            _heading(docx, block, next(marks))
        else:
            _block(docx, block, report.lang, pictures)
    out = io.BytesIO()
    docx.save(out)
    return repack(out.getvalue())


def _set_up(docx: Docx, report: Report) -> None:
    """Set the paper, the styles, the running head and the page numbers."""
    section = docx.sections[0]
    section.page_width, section.page_height = PAGE_WIDTH, PAGE_HEIGHT
    section.left_margin = section.right_margin = SIDE
    section.top_margin = section.bottom_margin = TOP
    section.different_first_page_header_footer = True
    properties = docx.core_properties
    properties.title, properties.author, properties.comments = report.title, "planner", ""
    properties.language = "zh-CN" if report.lang == "zh" else "en-GB"
    properties.created = properties.modified = MADE
    body, head = FONTS[report.lang]
    chinese = report.lang == "zh"
    _style(docx, "Normal", body, 10.5, INK, before=0, after=6, line=1.5 if chinese else 1.2)
    _style(docx, "Title", head, 26, INK, bold=True, before=150, after=12)
    _style(docx, "Subtitle", head, 16, SOFT, before=0, after=36)
    _style(docx, "Heading 1", head, 16, INK, bold=True, before=18, after=8)
    _style(docx, "Heading 2", head, 13, INK, bold=True, before=12, after=6)
    _style(docx, "Caption", head, 9, INK, bold=True, before=6, after=4)
    _style(docx, "List Bullet", body, 10.5, INK, before=0, after=3, line=1.4 if chinese else 1.15)
    _style(docx, "Table Text", body, 8.5, INK, before=1, after=1)
    _style(docx, "Warning", head, 10.5, WARNING, bold=True, before=6, after=6)
    _style(docx, "Contents Title", head, 16, INK, bold=True, before=0, after=12)
    for level, size in ((1, 10.5), (2, 9.5)):
        _style(docx, f"toc {level}", body, size, INK, before=2, after=2)
        docx.styles[f"toc {level}"].paragraph_format.left_indent = Cm(0.6 * (level - 1))
    _style(docx, "Header", body, 8.5, SOFT, before=0, after=0)
    _style(docx, "Footer", body, 8.5, SOFT, before=0, after=0)
    for name in ("Title", "Subtitle", "Caption"):
        docx.styles[name].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    docx.styles["Caption"].paragraph_format.keep_with_next = True
    styles = docx.styles.element
    for border in list(styles.iter(qn("w:pBdr"))):
        border.getparent().remove(border)
    # Without a language, programs set Chinese punctuation as Taiwan or Japan do.
    for language in styles.iter(qn("w:lang")):
        language.set(qn("w:val"), "en-GB")
        language.set(qn("w:eastAsia"), "zh-CN")
    running = section.header.paragraphs[0]
    running.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    running.add_run(" · ".join(part for part in (report.title, report.mark) if part))
    foot = section.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    before, _, rest = text("report.page_of", report.lang).partition("{page}")
    between, _, after = rest.partition("{pages}")
    foot.add_run(before)
    _field(foot, "PAGE", "1")
    foot.add_run(between)
    _field(foot, "NUMPAGES", "1")
    foot.add_run(after)


def _style(
    docx: Docx,
    name: str,
    fonts: tuple[str, str],
    size: float,
    colour: RGBColor,
    *,
    bold: bool = False,
    before: float,
    after: float,
    line: float = 1.15,
) -> None:
    """Set a style, made if the template lacks it, in a Latin and an East-Asian font."""
    known = [style.name for style in docx.styles]
    style: Any = (
        docx.styles[name] if name in known else docx.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    )
    if name not in known:
        style.base_style = docx.styles["Normal"]
    style.font.size, style.font.bold, style.font.italic = Pt(size), bold, False
    style.font.color.rgb = colour
    latin, asian = fonts
    names = style.element.get_or_add_rPr().get_or_add_rFonts()
    names.attrib.clear()
    for script, font in (("ascii", latin), ("hAnsi", latin), ("cs", latin), ("eastAsia", asian)):
        names.set(qn(f"w:{script}"), font)
    form = style.paragraph_format
    form.space_before, form.space_after, form.line_spacing = Pt(before), Pt(after), line


def _title_page(docx: Docx, report: Report) -> None:
    docx.add_paragraph(report.title, style="Title")
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
    docx.add_paragraph().add_run().add_break(WD_BREAK.PAGE)


def _contents(docx: Docx, report: Report) -> None:
    """List the headings, with links, in a field that Word can renew.

    Pages are left out: only the program that lays the document out knows them.
    """
    docx.add_paragraph(text("report.contents", report.lang), style="Contents Title")
    headings = [block for block in report.blocks if isinstance(block, Heading)]
    for n, heading in enumerate(headings, start=1):
        line = docx.add_paragraph(style=f"toc {heading.level}")
        if n == 1:
            _parts_of_field(line._p, ("begin", 'TOC \\o "1-2" \\n \\h \\z', "separate"))  # noqa: SLF001
        link = OxmlElement("w:hyperlink")
        link.set(qn("w:anchor"), f"_Toc{n:06d}")
        line._p.append(link)  # noqa: SLF001
        link.append(line.add_run(heading.text)._r)  # noqa: SLF001
        if n == len(headings):
            _parts_of_field(line._p, ("end",))  # noqa: SLF001


def _heading(docx: Docx, block: Heading, mark: int) -> None:
    """Write a heading that the contents can point at."""
    paragraph = docx.add_paragraph(style=f"Heading {block.level}")
    start = _element("w:bookmarkStart", id=mark, name=f"_Toc{mark:06d}")
    paragraph._p.append(start)  # noqa: SLF001
    paragraph.add_run(block.text)
    paragraph._p.append(_element("w:bookmarkEnd", id=mark))  # noqa: SLF001


def _block(
    docx: Docx,
    block: Paragraph | Points | Table | Picture,
    lang: Lang,
    pictures: Mapping[str, bytes],
) -> None:
    if isinstance(block, Paragraph):
        paragraph = docx.add_paragraph(
            block.text, style="Warning" if block.style == "warning" else None
        )
        if lang == "zh" and block.style == "body":
            _indent(paragraph)
    elif isinstance(block, Points):
        for item in block.items:
            docx.add_paragraph(item, style="List Bullet")
    elif isinstance(block, Picture):
        _picture(docx, block, lang, pictures[block.name])
    else:
        _caption(docx, block, lang)
        _table(docx, block)


def _indent(paragraph: Para) -> None:
    """Indent the first line by two characters, as Chinese text is set."""
    indent = paragraph._p.get_or_add_pPr().get_or_add_ind()  # noqa: SLF001
    indent.set(qn("w:firstLine"), "420")
    indent.set(qn("w:firstLineChars"), "200")


def _picture(docx: Docx, block: Picture, lang: Lang, png: bytes) -> None:
    paragraph = docx.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.keep_with_next = True
    shape = paragraph.add_run().add_picture(io.BytesIO(png), width=TEXT_WIDTH)
    if shape.height > TALLEST:
        shape.width, shape.height = Emu(shape.width * TALLEST // shape.height), TALLEST
    described = shape._inline.docPr  # noqa: SLF001
    described.set("descr", block.described)
    described.set("name", block.name)
    caption = _caption(docx, block, lang)
    caption.paragraph_format.keep_with_next = False
    caption.paragraph_format.space_after = Pt(12)


def _caption(docx: Docx, block: Table | Picture, lang: Lang) -> Para:
    """Write a caption, numbered by a field, so that Word can list and renumber them."""
    paragraph = docx.add_paragraph(style="Caption")
    before, _, after = label(block, lang).partition(str(block.number))
    paragraph.add_run(before)
    series = "Table" if isinstance(block, Table) else "Map"
    _field(paragraph, f"SEQ {series} \\* ARABIC", str(block.number))
    paragraph.add_run(f"{after} {block.caption}")
    return paragraph


def _table(docx: Docx, block: Table) -> None:
    table = docx.add_table(rows=0, cols=len(block.head))
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    properties = table._tbl.tblPr  # noqa: SLF001
    borders = OxmlElement("w:tblBorders")
    for side, size, colour in (
        ("top", 12, "222222"),
        ("bottom", 12, "222222"),
        ("insideH", 4, RULE),
    ):
        borders.append(_element(f"w:{side}", val="single", sz=size, space=0, color=colour))
    properties.append(borders)
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margins.append(_element(f"w:{side}", w=CELL_MARGIN, type="dxa"))
    properties.append(margins)
    widths = _widths(block)
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    style = docx.styles["Table Text"].style_id
    for n, texts in enumerate((block.head, *block.rows)):
        row = table.add_row()
        row_properties = row._tr.get_or_add_trPr()  # noqa: SLF001
        row_properties.append(_element("w:cantSplit"))
        if n == 0:
            row_properties.append(_element("w:tblHeader"))
        for cell, words, right, width in zip(row.cells, texts, block.right, widths, strict=True):
            cell.width = width
            paragraph = cell.paragraphs[0]
            paragraph._p.style = style  # noqa: SLF001  the public way looks every style through
            paragraph.add_run(words).bold = n == 0 or None
            if right:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            if n == 0:
                cell._tc.get_or_add_tcPr().append(  # noqa: SLF001
                    _element("w:shd", val="clear", color="auto", fill=HEAD_FILL)
                )
    docx.add_paragraph().paragraph_format.space_after = Pt(0)


def _widths(block: Table) -> list[Emu]:
    """Share the text's width among the columns by what they hold."""
    needs: list[float] = []
    for n, head in enumerate(block.head):
        longest = max((_room(row[n]) for row in block.rows), default=0)
        # A heading may break in two lines, but not within a word; figures should not break.
        word = max((_room(part) for part in head.split() if part.isascii()), default=0)
        half = (_room(head) + 3) // 4 * 2 + 1
        needs.append(min(max(longest, half, word + 1, NARROWEST), WIDEST) + 3)
    # Where all do not fit, texts break before figures do.
    firm = [right or need <= SHORT for need, right in zip(needs, block.right, strict=True)]
    fixed = [need for need, stays in zip(needs, firm, strict=True) if stays]
    if sum(needs) > LINE_ROOM and sum(fixed) < LINE_ROOM * MOST_FIXED:
        shrink = (LINE_ROOM - sum(fixed)) / (sum(needs) - sum(fixed))
        pairs = zip(needs, firm, strict=True)
        needs = [need if stays else need * shrink for need, stays in pairs]
    return [Emu(int(TEXT_WIDTH * need / sum(needs))) for need in needs]


def _room(words: str) -> int:
    return sum(2 if east_asian_width(sign) in "WF" else 1 for sign in words)


def _field(paragraph: Para, code: str, shown: str) -> None:
    """Add a field that Word computes, with what it shows until then."""
    _parts_of_field(paragraph._p, ("begin", code, "separate"))  # noqa: SLF001
    paragraph.add_run(shown)
    _parts_of_field(paragraph._p, ("end",))  # noqa: SLF001


def _parts_of_field(parent: Any, parts: tuple[str, ...]) -> None:
    """Write the marks of a field, and its code, each in a run of its own."""
    for part in parts:
        run = OxmlElement("w:r")
        if part in {"begin", "separate", "end"}:
            run.append(_element("w:fldChar", fldCharType=part))
        else:
            code = OxmlElement("w:instrText")
            code.set(qn("xml:space"), "preserve")
            code.text = f" {part} "
            run.append(code)
        parent.append(run)


def _element(tag: str, **attributes: object) -> Any:
    element = OxmlElement(tag)
    for name, value in attributes.items():
        element.set(qn(f"w:{name}"), str(value))
    return element
