"""The looks of a Word report: paper, styles, running head and page numbers."""

from __future__ import annotations

from typing import Any

from docx.document import Document as Docx
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING, WD_TAB_ALIGNMENT, WD_TAB_LEADER
from docx.oxml.ns import qn
from docx.shared import Cm, Emu, Pt, RGBColor

from planner.language import text
from planner.output.report.content import Report
from planner.output.report.writers.office import MADE, office_tag
from planner.output.report.writers.word_xml import element, field, insert

# Latin and East-Asian font of the text and of headings, as offices have them.
FONTS = {
    "zh-CN": (("Times New Roman", "宋体"), ("Arial", "黑体")),
    "en-GB": (("Calibri", "宋体"), ("Calibri", "黑体")),
}
TRADITIONAL = (("Times New Roman", "新細明體"), ("Arial", "微軟正黑體"))
INK, SOFT, WARNING = RGBColor(0x22, 0x22, 0x22), RGBColor(0x60, 0x60, 0x60), RGBColor(0xB0, 0, 0x20)
PAGE_WIDTH, PAGE_HEIGHT, SIDE, TOP = Cm(21.0), Cm(29.7), Cm(2.6), Cm(2.5)
TEXT_WIDTH = Emu(PAGE_WIDTH - 2 * SIDE)
LONGEST_PROPERTY = 255
AFTER_UPDATE = (
    "hdrShapeDefaults", "footnotePr", "endnotePr", "compat", "docVars", "rsids", "themeFontLang",
    "clrSchemeMapping", "shapeDefaults", "decimalSymbol", "listSeparator",
)  # fmt: skip
TITLE_PT, TABLE_PT, TABLE_LINE_PT = 24, 8.5, 12.5


def set_up(docx: Docx, report: Report) -> None:
    """Set the paper, the styles, the running head and the page numbers.

    Parameters
    ----------
    docx
        The document.
    report
        The report, with title and language.
    """
    section = docx.sections[0]
    section.page_width, section.page_height = PAGE_WIDTH, PAGE_HEIGHT
    section.left_margin = section.right_margin = SIDE
    section.top_margin = section.bottom_margin = TOP
    section.different_first_page_header_footer = True
    properties = docx.core_properties
    properties.title = report.title[:LONGEST_PROPERTY]
    properties.author, properties.comments = "planner", ""
    properties.language = office_tag(report.lang)
    properties.created = properties.modified = MADE
    # Only the program that lays the document out knows its pages: it is asked to fill them in.
    update = element("w:updateFields", val="true")
    insert(docx.settings.element, update, *AFTER_UPDATE)
    _styles(docx, report)
    running = section.header.paragraphs[0]
    running.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    running.add_run(" · ".join(part for part in (report.title, report.mark) if part))
    foot = section.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    before, _, rest = text("report.page_of", report.lang).partition("{page}")
    between, _, after = rest.partition("{pages}")
    foot.add_run(before)
    field(foot, "PAGE", "1")
    foot.add_run(between)
    field(foot, "NUMPAGES", "1")
    foot.add_run(after)


def _styles(docx: Docx, report: Report) -> None:
    body, head = FONTS.get(office_tag(report.lang), TRADITIONAL)
    chinese = report.lang == "zh"
    _style(docx, "Normal", body, 10.5, INK, before=0, after=6, line=1.5 if chinese else 1.2)
    _style(docx, "Title", head, TITLE_PT, INK, bold=True, before=150, after=12)
    _style(docx, "Subtitle", head, 16, SOFT, before=0, after=36)
    _style(docx, "Heading 1", head, 16, INK, bold=True, before=18, after=8)
    _style(docx, "Heading 2", head, 13, INK, bold=True, before=12, after=6)
    _style(docx, "Caption", head, 9, INK, bold=True, before=6, after=4)
    _style(docx, "List Bullet", body, 10.5, INK, before=0, after=3, line=1.4 if chinese else 1.15)
    _style(docx, "Table Text", body, TABLE_PT, INK, before=1, after=1)
    _style(docx, "Warning", head, 10.5, WARNING, bold=True, before=6, after=6)
    _style(docx, "Contents Title", head, 16, INK, bold=True, before=0, after=12)
    _style(docx, "Lists Title", head, 12, INK, bold=True, before=14, after=6)
    for name, size, level in (("toc 1", 10.5, 0), ("toc 2", 9.5, 1), ("table of figures", 9.5, 0)):
        _style(docx, name, body, size, INK, before=2, after=2)
        form = docx.styles[name].paragraph_format
        form.left_indent = Cm(0.6 * level)
        form.tab_stops.add_tab_stop(TEXT_WIDTH, WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS)
    _style(docx, "Header", body, 8.5, SOFT, before=0, after=0)
    _style(docx, "Footer", body, 8.5, SOFT, before=0, after=0)
    for name in ("Title", "Subtitle", "Caption"):
        docx.styles[name].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    docx.styles["Caption"].paragraph_format.keep_with_next = True
    # Fixed lines: figures and Chinese, whose fonts differ in height, stand on one base line.
    rows = docx.styles["Table Text"].paragraph_format
    rows.line_spacing_rule, rows.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(TABLE_LINE_PT)
    styles = docx.styles.element
    for border in list(styles.iter(qn("w:pBdr"))):
        border.getparent().remove(border)
    # Without a language, programs set Chinese punctuation as Taiwan or Japan do.
    theme = docx.settings.element.iter(qn("w:themeFontLang"))
    for language in (*styles.iter(qn("w:lang")), *theme):
        language.set(qn("w:val"), office_tag("en"))
        language.set(qn("w:eastAsia"), office_tag("zh"))


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
    styles: Any = docx.styles
    if name in styles:
        style = styles[name]
    else:
        style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = styles["Normal"]
    style.font.size, style.font.bold, style.font.italic = Pt(size), bold, False
    style.font.color.rgb = colour
    latin, asian = fonts
    names = style.element.get_or_add_rPr().get_or_add_rFonts()
    names.attrib.clear()
    for script, font in (("ascii", latin), ("hAnsi", latin), ("cs", latin), ("eastAsia", asian)):
        names.set(qn(f"w:{script}"), font)
    form = style.paragraph_format
    form.space_before, form.space_after, form.line_spacing = Pt(before), Pt(after), line
