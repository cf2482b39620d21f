"""The report as Word, Excel, HTML and Markdown: one set of figures, and names that stay names."""

import io
import json
import re
import zipfile
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from docx import Document
from docx.oxml.ns import qn
from lxml import etree, html
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from support.report_plans import SUPPLY, variant, workbook_of
from test_maps import by_minutes

from planner.engine.siting.problem.result import heed_preference
from planner.language import spelling
from planner.output import report
from planner.output.maps import layers as page_layers
from planner.output.report import phrasing
from planner.output.report.content import Heading, Paragraph, Table, chinese, clean, label
from planner.output.report.figures import pictures
from planner.output.report.prose import words
from planner.output.report.table_words import for_readers, measure
from planner.output.report.tables import tables
from planner.output.report.writers import (
    html_writer,
    markdown_writer,
    word_tables,
    word_writer,
    workbook,
)

LANGS = ("zh", "en")
COUNTED = ("communities", "has", "reached")
# The formulas that a workbook holds: shares, checks, and cells of the charts' own table.
CELLS = r"'\w+'!\$[A-Z]+\$\d+:\$[A-Z]+\$\d+"
OWN_FORMULA = re.compile(
    r'=IF\([A-Z]+\d+=0,"",[A-Z]+\d+/[A-Z]+\d+\)'
    rf'|=SUMPRODUCT\(\({CELLS}=\$B\d+\)\*(?:{CELLS}|\({CELLS}="\w+"\))\)'
    rf"|=COUNTIF\({CELLS},\$B\d+\)|=ROUND\(D\d+-C\d+,3\)|='\w+'!\$[A-Z]+\$\d+"
)
BLANK_PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00"
    b"\x1f\x15\xc4\x89\x00\x00\x00\rIDATx\x9cc\xf8\xff\xff\xff\x7f\x00\t\xfb\x03\xfd\x05CE\xca"
    b"\x00\x00\x00\x00IEND\xaeB`\x82"
)


def blank(content):
    return {picture.name: BLANK_PNG for picture in content.pictures}


def docx_of(plan, lang):
    content = words.compose(plan, lang)
    return content, Document(io.BytesIO(word_writer.document(content, blank(content))))


def sheets_of(plan, lang, **options):
    return load_workbook(io.BytesIO(workbook_of(plan, lang)), **options)


def rows_of_docx(table):
    return [[cell.text for cell in row.cells] for row in table.rows]


def rows_of_html(table):
    return [[cell.text_content() for cell in row] for row in table.iter("tr")]


def rows_of_markdown(text):
    """Tables of a Markdown file, the escapes taken off."""
    found = re.findall(r"(?:^\|.*\|\n?)+", text, flags=re.MULTILINE)
    return [
        [
            [unescaped(cell.strip()) for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
            for n, line in enumerate(block.strip().split("\n"))
            if n != 1
        ]
        for block in found
    ]


def unescaped(words_):
    plain_ = re.sub(r"\\([\\`*\[\]|~$_.)#+>-])", r"\1", words_)
    return plain_.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


@pytest.mark.parametrize(
    ("which", "lang"),
    [("rich_plan", "zh"), ("nasty_plan", "en"), ("full_plan", "zh"), ("full_plan", "en")],
)
def test_all_formats_hold_the_same_tables(which, lang, request):
    plan = request.getfixturevalue(which)
    content, docx = docx_of(plan, lang)
    wanted = [[list(table.head), *map(list, table.rows)] for table in content.tables]
    assert len(wanted) >= 8
    assert [rows_of_docx(table) for table in docx.tables] == wanted
    tree = html.fromstring(html_writer.page(content, blank(content)))
    assert [rows_of_html(table) for table in tree.iter("table")] == wanted
    assert rows_of_markdown(markdown_writer.markdown(content)) == wanted


@pytest.mark.parametrize(
    ("which", "lang"),
    [("rich_plan", "zh"), ("nasty_plan", "en"), ("full_plan", "zh"), ("full_plan", "en")],
)
def test_workbook_holds_the_tables_themselves(which, lang, request):
    plan = request.getfixturevalue(which)
    book = sheets_of(plan, lang, data_only=True)
    made = tables(plan)
    assert len(book.sheetnames) == 1 + len(made) + len(workbook.OTHERS)
    for name, sheet in zip(made, book.worksheets[1:-2], strict=True):
        shown = for_readers(made[name], plan, lang)
        cells = list(sheet.iter_rows(values_only=True))
        assert list(cells[0]) == [clean(column) for column in shown.columns]
        assert len(cells) == len(shown) + 1
        for row, told in zip(cells[1:], shown.itertuples(index=False), strict=True):
            for cell, value in zip(row, told, strict=True):
                if phrasing.missing(value):
                    assert cell is None
                elif isinstance(value, str):
                    assert (cell or "") == clean(value)
                else:
                    assert cell == pytest.approx(float(value), rel=1e-15)


@pytest.mark.parametrize("lang", LANGS)
def test_words_workbook_and_map_agree(rich_plan, lang):
    """Figures of the sheets, written as the report writes them, stand in its tables and words."""
    book = sheets_of(rich_plan, lang, data_only=True)
    content = words.compose(rich_plan, lang)
    summary = tables(rich_plan)["summary"]
    sheet = book.worksheets[1]
    by_name = {table.name: table for table in content.tables}
    columns = {cell.value: n for n, cell in enumerate(sheet[1])}
    units = dict(
        zip(
            (cell.value for cell in sheet[1]),
            (measure("summary", column, rich_plan) for column in summary.columns),
            strict=True,
        )
    )
    for row, texts in zip(sheet.iter_rows(min_row=2), by_name["summary"].rows, strict=True):
        for head, words_ in zip(by_name["summary"].head, texts, strict=True):
            assert phrasing.written([row[columns[head]].value], units[head]) == [words_]
    lines = "".join(item for block in content.blocks for item in getattr(block, "items", ()))
    on_map = page_layers.layers(rich_plan, lang=lang, datum="wgs84")
    for (_, row), kind in zip(summary.iterrows(), on_map["kinds"], strict=True):
        today = on_map["figures"][kind["id"]]["before"]
        assert phrasing.percent(row["aged_60"]) in lines
        assert by_minutes(today["people"]["aged_60"])[15] == pytest.approx(row["aged_60"], abs=5e-5)
        assert [today["counts"][name] for name in COUNTED] == [row[name] for name in COUNTED]


def test_figures_are_those_worked_out_by_hand(toy_plan):
    text = markdown_writer.markdown(words.compose(toy_plan, "zh"))
    assert "覆盖60岁及以上人口 60.6%（165 人中的 100 人）" in text
    assert "由 60.6% 提高到 97.0%，多覆盖 60 人" in text
    assert "至多覆盖 160 人，本方案正是 160 人" in text
    assert "达到所求的覆盖至少需要新增 2 处" in text
    assert "西门办公楼" in text
    assert "新增覆盖 60 人，至此覆盖率为 97.0%" in text


def test_names_are_never_code_in_html(nasty_plan):
    content = words.compose(nasty_plan, "en")
    source = html_writer.page(content, blank(content))
    tree = html.fromstring(source)
    assert not list(tree.iter("script", "iframe", "object", "link"))
    assert [image.get("src")[:22] for image in tree.iter("img")] == [
        "data:image/png;base64,"
    ] * len(list(content.pictures))
    for node in tree.iter():
        assert not [name for name in node.attrib if name.startswith("on")]
        assert not [v for v in node.attrib.values() if v.startswith(("http:", "https:", "java"))]
    assert "<script>alert(1)</script>" in tree.text_content()
    assert "default-src 'none'" in source
    assert "@import" not in source
    assert "url(" not in source


def test_names_are_never_code_in_markdown(nasty_plan):
    text = markdown_writer.markdown(words.compose(nasty_plan, "en"))
    assert "<script" not in text
    assert "<img" not in text
    assert r"\[l\](javascript:1)" in text
    assert r"\`x\` \$y\$ \*z\*" in text


def test_names_are_never_formulas_in_a_workbook(nasty_plan):
    book = sheets_of(nasty_plan, "zh")
    found = {}
    for sheet in book.worksheets[1:]:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    assert OWN_FORMULA.fullmatch(cell.value)
                elif isinstance(cell.value, str):
                    found[cell.value] = cell.quotePrefix
    for name in ("=1+1", "@SUM(A1)", "-2+3", "+4", '=HYPERLINK("http://e.com")', "=1"):
        assert found[name], name
    assert not found["<script>alert(1)</script>"]
    assert "𠮷𡈼野家社区🏠" in found
    assert "ab" not in found
    assert "abc" in found
    assert "很长的名字" * 200 in found


def test_long_names_are_cut_in_documents_alone(nasty_plan):
    _, docx = docx_of(nasty_plan, "zh")
    cells = [cell for table in docx.tables for row in rows_of_docx(table) for cell in row]
    assert max(map(len, cells)) <= 60
    assert any(cell.endswith("…") for cell in cells)


def test_shares_are_formulas_with_their_values(toy_plan):
    formulas, values = (sheets_of(toy_plan, "en", data_only=stored) for stored in (False, True))
    count = 0
    for sheet in formulas.worksheets[1:-2]:
        shown = values[sheet.title]
        for cell in (cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"):
            over, under = re.search(r"([A-Z]+\d+)/([A-Z]+\d+)", cell.value).groups()
            assert shown[cell.coordinate].value == pytest.approx(
                shown[over].value / shown[under].value
            )
            assert cell.number_format == "0.0%"
            count += 1
    made = tables(toy_plan)
    expected = made["people"]["share"].notna().sum() + made["communities"]["share"].notna().sum()
    assert count >= expected + 2 * len(made["streets"])


def test_workbook_is_made_for_use(rich_plan):
    book = sheets_of(rich_plan, "zh")
    first, *others = book.worksheets
    assert first["A1"].value == "玩具城"
    links = [cell.hyperlink.location for row in first.iter_rows() for cell in row if cell.hyperlink]
    assert [re.match(r"'(.+)'!A1", link)[1] for link in links] == [s.title for s in others]
    assert "1 米/秒" in "".join(str(cell.value) for cell in first["B"])
    for sheet in others[:-1]:
        assert sheet.freeze_panes == "A2"
        assert sheet.print_title_rows == "$1:$1"
        assert "&P" in sheet.oddFooter.center.text
        assert sheet.auto_filter.ref == f"A1:{get_column_letter(sheet.max_column)}{sheet.max_row}"
        assert sheet.column_dimensions["A"].width >= 8
    rules = {
        (sheet.title, rule.type)
        for sheet in others
        for ranges in sheet.conditional_formatting
        for rule in ranges.rules
    }
    assert {("缺口", "dataBar"), ("人口覆盖", "colorScale"), ("指标", "cellIs")} <= rules
    gaps = book["缺口"]
    assert gaps["F2"].number_format == "#,##0"
    assert gaps["G2"].number_format == "0.0%"
    assert isinstance(gaps["F2"].value, int)


@pytest.mark.parametrize("kind", ["docx", "xlsx"])
def test_office_files_hold_no_time(toy_plan, kind, monkeypatch):
    def make():
        content = words.compose(toy_plan, "zh")
        if kind == "docx":
            return word_writer.document(content, blank(content))
        return workbook.workbook(toy_plan, content)

    made = make()
    monkeypatch.setattr("time.time", lambda: 2_000_000_000.0)
    monkeypatch.setattr("time.localtime", lambda *_: (2033, 5, 18, 3, 33, 20, 2, 138, 0))
    assert make() == made
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert {entry.date_time[0] for entry in archive.infolist()} == {2000}
        core = archive.read("docProps/core.xml").decode()
    assert set(re.findall(r"(\d{4})-\d\d-\d\dT", core)) == {"2000"}


@pytest.mark.parametrize("lang", LANGS)
def test_word_document_is_made_for_print(rich_plan, lang):
    content, docx = docx_of(rich_plan, lang)
    section = docx.sections[0]
    assert (round(section.page_width.cm, 1), round(section.page_height.cm, 1)) == (21.0, 29.7)
    by_style = {}
    for paragraph in docx.paragraphs:
        by_style.setdefault(paragraph.style.name, []).append(paragraph.text)
    headings = [block for block in content.blocks if isinstance(block, Heading)]
    assert by_style["Title"] == [content.title]
    for level in (1, 2):
        told = [heading.text for heading in headings if heading.level == level]
        assert by_style[f"Heading {level}"] == told
        assert by_style[f"toc {level}"] == [f"{line}\t" for line in told]
    assert len(by_style["Caption"]) == len(list(content.tables)) + len(list(content.pictures))
    body = etree.tostring(docx.element).decode()
    assert body.count(" SEQ Table ") == len(docx.tables)
    assert body.count(" SEQ Figure ") == len(docx.inline_shapes) == len(list(content.pictures))
    anchors = set(re.findall(r'w:anchor="(\w+)"', body))
    assert anchors == set(re.findall(r'w:bookmarkStart [^>]*w:name="(\w+)"', body))
    assert set(re.findall(r" REF (\w+) ", body)) <= anchors
    assert set(re.findall(r" PAGEREF (\w+) ", body)) == anchors, "each place listed has its page"
    assert body.count(" TOC ") == 3, "contents, tables, figures"
    assert docx.settings.element.find(qn("w:updateFields")).get(qn("w:val")) == "true"
    marks = re.findall(r'w:fldCharType="(\w+)"', body)
    assert marks.count("begin") == marks.count("separate") == marks.count("end")
    footer = etree.tostring(section.footer._element).decode()
    assert " PAGE " in footer
    assert " NUMPAGES " in footer
    for table, told in zip(docx.tables, content.tables, strict=True):
        assert table.rows[0]._tr.find(f".//{qn('w:tblHeader')}") is not None
        for cell, right in zip(table.rows[1].cells, told.right, strict=True):
            assert (cell.paragraphs[0].alignment == 2) == right
    for name, font in (("Normal", "宋体"), ("Heading 1", "黑体"), ("Table Text", "宋体")):
        fonts = docx.styles[name].element.rPr.rFonts
        assert fonts.get(qn("w:eastAsia")) == font
        assert not [key for key in fonts.attrib if "Theme" in key]
    for parent, order in (
        ("tblPr", ("tblStyle", "tblW", "jc", "tblBorders", "tblLayout", "tblCellMar", "tblLook")),
        ("tcPr", ("tcW", "shd", "vAlign")),
    ):
        for node in docx.element.iter(qn(f"w:{parent}")):
            told = [etree.QName(child).localname for child in node]
            assert told == [name for name in order if name in told], "Word minds the order"
    settings = [etree.QName(child).localname for child in docx.settings.element]
    assert settings.index("updateFields") < settings.index("compat")
    described = {shape._inline.docPr.get("descr") for shape in docx.inline_shapes}
    assert described == {picture.described for picture in content.pictures}


def test_a_figure_stays_in_one_line_with_its_bracket():
    """LibreOffice breaks before no bracket, but within the figure where the column is narrow."""
    told = ("低保对象", "1,696（0.51%）", "10 中的 10（100.0%）", "25.3", "推算分母" * 40)
    block = Table(
        name="reported", caption="", head=("目标", "上报", "测算", "费用（万元）", "说明"),
        rows=(told,), right=(False, False, False, True, False),
    )  # fmt: skip
    cells = [
        share * word_tables.LINE_ROOM - word_tables.EDGES for share in word_tables.shares(block)
    ]
    assert cells[1] >= len("1,696") + 2 + len("0.51%") + 2
    assert cells[2] >= len("10") + 2 + len("100.0%") + 2
    assert cells[3] >= 8, "the unit of a heading stays whole"


@pytest.mark.parametrize(
    ("lang", "script", "tag", "html_tag", "word_font", "cell_font"),
    [
        ("zh", None, "zh-CN", "zh-CN", "宋体", "宋体"),
        ("zh", "Hant", "zh-TW", "zh-Hant", "新細明體", "新細明體"),
        ("zh", "HK", "zh-HK", "zh-HK", "新細明體", "新細明體"),
        ("en", None, "en-GB", "en", "宋体", "Calibri"),
    ],
)
def test_documents_tell_their_language(toy_plan, lang, script, tag, html_tag, word_font, cell_font):
    """Programs choose the forms of characters and the marks of punctuation by it."""
    with spelling(script):
        content, docx = docx_of(toy_plan, lang)
        book = sheets_of(toy_plan, lang)
        page = html_writer.page(content, blank(content))
    assert docx.core_properties.language == book.properties.language == tag
    told = [*docx.styles.element.iter(qn("w:lang")),
            *docx.settings.element.iter(qn("w:themeFontLang"))]  # fmt: skip
    assert len(told) == 2
    asian = tag if lang == "zh" else "zh-CN"
    assert {one.get(qn("w:eastAsia")) for one in told} == {asian}
    assert docx.styles["Normal"].element.rPr.rFonts.get(qn("w:eastAsia")) == word_font
    assert {cell.font.name for cell in book.worksheets[0]["A"][:1]} == {cell_font}
    assert f'<html lang="{html_tag}">' in page


def test_scorecard_marks_what_is_unverified(rich_plan):
    content = words.compose(rich_plan, "zh")
    card = rich_plan.scorecard
    table = next(table for table in content.tables if table.name == "scorecard")
    told = card[card[["value", "must", "aim"]].notna().any(axis=1)]
    assert len(table.rows) == len(told) > 0
    doubt = int((card["grade"] == "unverified").sum())
    assert doubt
    marked = int((told["grade"] == "unverified").sum())
    assert sum(row[-1] == "未核实" for row in table.rows) == marked > 0
    assert len(sheets_of(rich_plan, "zh")["指标"]["A"]) == len(card) + 1
    warnings = [b.text for b in content.blocks if isinstance(b, Paragraph) and b.style == "warning"]
    assert any(f"其中 {doubt} 项" in text for text in warnings)
    met = int(card["pass"].fillna(False).sum())
    assert any(
        f"共 {len(card)} 项，达标 {met} 项" in getattr(b, "text", "") for b in content.blocks
    )


def test_who_is_served_as_worked_out_by_hand(full_plan):
    """S1 has 20 places for 130 aged within reach; the shelter limits nobody, the canteen is full.

    Whole communities, half of whose aged live within 10 minutes of K1, are B and D; D fills it.
    """
    made = tables(full_plan)
    split = made["service"].set_index(["question", "level", "unit", "group"])
    parts = ["people", "served", "over_capacity", "out_of_reach"]
    assert split.loc[(1, "district", "*", "aged_60"), parts].tolist() == [165, 20, 110, 35]
    assert split.loc[(2, "district", "*", "population"), parts].tolist() == [460, 300, 0, 160]
    assert split.loc[(3, "district", "*", "aged_60"), parts].tolist() == [165, 50, 40, 75]
    np.testing.assert_allclose(split[parts[1:]].sum(axis=1), split["people"])
    shares = split[["served_share", "over_share", "beyond_share"]].sum(axis=1)
    np.testing.assert_allclose(shares, 1)
    each = made["service_communities"].query("question == 1 and group == 'aged_60'")
    assert each["served"].sum() == 20
    assert set(each["name"]) == set(full_plan.area.counted["name"])
    load = made["load"].set_index("facility")
    assert load.loc["S1", ["capacity", "people", "use", "scarce"]].tolist() == [20, 20, 1, True]
    assert pd.isna(load.loc["S1", "reason"])
    assert load.loc["H1", ["capacity", "use", "scarce"]].isna().all(), "not known, and not 0"
    assert load.loc["H1", "reason"] == "no_capacity"
    assert load.loc["H1", "farthest_min"] == pytest.approx(15)


def test_deliveries_as_worked_out_by_hand(full_plan):
    """K1 makes 50 meals for A, B and C, who need 110; nothing leads to D and E."""
    table = tables(full_plan)["delivery"].set_index("community")
    assert table["need"].to_dict() == {"A": 40, "B": 40, "C": 30, "D": 50, "E": 5}
    assert table["meals"].sum() == pytest.approx(50)
    assert table.loc[["D", "E"], "reason"].tolist() == ["no_route"] * 2
    assert table.loc[["D", "E"], "minutes"].isna().all()
    assert set(table.loc[["A", "B", "C"], "reason"].dropna()) == {"short"}
    assert table.loc[["A", "B", "C"], "in_time"].all()
    text = markdown_writer.markdown(words.compose(full_plan, "en"))
    assert "of 165 needed, 50 arrive within 30 minutes (30.3%)" in text
    assert "at most 50 arrive in time; here 50 do (gap 0.00%)" in text


def test_supply_and_years_are_told_as_in_the_tables(full_plan):
    content = words.compose(full_plan, "zh")
    text = markdown_writer.markdown(content)
    assert "需要服务的 165 人，步行 15 分钟内得到服务的 20 人（12.1%）" in text
    assert "超出容量的 110 人（66.7%），无法到达的 35 人（21.2%）" in text
    assert "任何分配至多服务 20 人，本分配正是 20 人（差距 0.00%）" in text
    assert "规则本身不求服务人数最多" in text, "of the nearest rule nothing is proven"
    own = {}
    for table in content.tables:
        own.setdefault(table.name, []).append(table)
    assert len(own["service"]) == len(own["load"]) == 3
    assert own["service"][0].rows[0][1:5] == ("165", "20", "110", "35")
    assert "紧缺" in own["load"][0].head
    assert "紧缺" not in own["load"][1].head, "the rule does not tell what holds back others"
    assert "容量未知" in own["load"][1].rows[0][-1]
    years = own["years"][0]
    assert years.head[1:] == ("2014", "2020", "2022")
    made = tables(full_plan)["years"]
    for row, kind in zip(years.rows, full_plan.kinds, strict=True):
        assert list(row[1:]) == [
            phrasing.percent(share) for share in made.loc[made["kind"] == kind, "aged_60"]
        ]
    now = full_plan.summary()["aged_60"]
    assert [row[2] for row in years.rows] == [phrasing.percent(share) for share in now]


def test_reported_figures_stand_beside_computed_ones(full_plan):
    """Within 15 minutes of canteen and shelter both are b1, b2, d1 and d2: 90 aged of 165."""
    made = tables(full_plan)
    assert made["reported"].set_index("name_en")["verdict"].to_dict() == {
        "Communities with deliveries": "agrees",
        "Care stations": "differs",
    }
    circle = made["completeness"].iloc[0]
    assert (circle["complete"], circle["people"]) == (90, 165)
    assert circle["share"] == pytest.approx(90 / 165)
    content = words.compose(full_plan, "en")
    table = next(table for table in content.tables if table.name == "reported")
    assert table.rows[0][:4] == ("Care stations", "2", "1 facility", "differs")
    assert table.rows[1][:4] == (
        "Communities with deliveries", "3 (60%)", "3 of 5 (60.0%)", "agrees",
    )  # fmt: skip
    more = replace(full_plan, reported=full_plan.reported.assign(reported_or_more=True))
    told = next(table for table in words.compose(more, "zh").tables if table.name == "reported")
    assert told.rows[0][1] == "2 以上"  # else 2 beside 3 could not agree
    book = sheets_of(full_plan, "en", data_only=True)["Reported"]
    computed = next(cell for cell in book[1] if cell.value == "Computed figure").column
    formats = {row[computed - 1].number_format for row in book.iter_rows(min_row=2)}
    assert formats == {"0.0%", "#,##0"}


def test_the_record_proves_every_answer(full_plan):
    record = json.loads(json.dumps(report.record(full_plan), allow_nan=False))
    assert [(one["kind"], one["status"]) for one in record["service"]] == [
        ("care_station", "optimal"), ("shelter", "rule"), ("canteen", "optimal"),
    ]  # fmt: skip
    for one in (*record["service"], *record["delivery"], *record["siting"]):
        assert one["bound"] >= one["objective"] > 0
        assert one["gap"] == pytest.approx(0)
    assert record["service"][1]["notes"][0]["en"].startswith("1 of 1 facilities has no known")
    assert [entry["id"] for entry in record["standards"]["profiles"]] == ["targets.toml"]
    assert record["standards"]["targets"] == 3 == len(record["tables"]["scorecard"])
    assert record["standards"]["met"] + record["standards"]["not_met"] == 2


def test_sites_tell_community_by_id_and_name(full_plan):
    sites = tables(full_plan)["sites"]
    assert sites["community"].isin(full_plan.area.communities.index).all()
    heads = list(for_readers(sites, full_plan, "en").columns)
    at = list(sites.columns).index("community_name")
    assert heads[at] == "Community"
    assert heads[list(sites.columns).index("community")] == "Community id"
    assert sites["community_name"].isin(full_plan.area.communities["name"]).all()


def test_alternatives_stand_beside_the_plan(rich_plan):
    made = {table.name: table for table in words.compose(rich_plan, "en").tables}
    assert [row[1] for row in made["alternatives"].rows] == ["西门办公楼", "东门活动室"]
    assert made["front"].head[:3] == ("Sites", "Covered", "More than the row before")
    assert made["front"].rows == (
        ("0", "100", "–", "60.6%", "yes", "100"),
        ("1", "160", "60", "97.0%", "yes", "160"),
        ("2", "165", "5", "100.0%", "no", "166"),
    )
    assert made["fairness"].rows == (("南街道", "50.0%", "40.0%", "100.0%"),)


def test_time_limited_answer_is_not_called_optimal(toy_plan):
    first = toy_plan.siting[0]
    open_ = replace(
        first, result=replace(first.result, status="feasible", bound=165.0, gap=5 / 165)
    )
    text = markdown_writer.markdown(words.compose(replace(toy_plan, siting=(open_,)), "en"))
    assert "feasible, not proven optimal" in text
    assert "no plan is better than 165, so at most 3.03% is lost" in text
    assert "How sure: proven" not in text


@pytest.mark.parametrize(
    ("lang", "proven", "open_", "remedy"),
    [
        ("en", "How sure: proven optimal", "suits preference", "Allow more time"),
        ("zh", "可靠性：已证明最优", "是否另有更合偏好", "请给更多时间"),
    ],
)
def test_preference_that_was_not_settled_stands_beside_the_proof(
    toy_plan, lang, proven, open_, remedy
):
    first = toy_plan.siting[0]
    left = replace(first, result=heed_preference(first.result, False))
    assert left.result.status == "feasible"
    text = markdown_writer.markdown(words.compose(replace(toy_plan, siting=(left,)), lang))
    (line,) = [line for line in text.splitlines() if open_ in line]
    assert line.index(proven) < line.index(open_)
    assert remedy not in text  # the sentence stands in for the note
    short = replace(left, result=replace(left.result, bound=165.0, gap=5 / 165))
    given = replace(short, question=first.question.model_copy(update={"give_up": 0.5}))
    text = markdown_writer.markdown(words.compose(replace(toy_plan, siting=(given,)), lang))
    assert proven not in text
    assert {"en": "feasible, not proven optimal", "zh": "可行，但在限定时间内未证明最优"}[
        lang
    ] in text
    assert open_ in text


@pytest.mark.parametrize("lang", LANGS)
def test_a_better_plan_found_by_the_check_is_told(toy_plan, lang):
    first = toy_plan.siting[0]
    found = replace(first.verified, optimum=165.0)
    cut = replace(first.result, status="feasible", bound=170.0, gap=10 / 170)
    plan = replace(toy_plan, siting=(replace(first, result=cut, verified=found),))
    text = markdown_writer.markdown(words.compose(plan, lang))
    same = {"en": "finds the same optimum", "zh": "最优值也与之相同"}[lang]
    assert first.verified.settled
    assert same in markdown_writer.markdown(words.compose(toy_plan, lang))
    assert same not in text
    assert {"en": "the best of any plan is 165", "zh": "独立求出的最优值为 165"}[lang] in text


@pytest.mark.parametrize("lang", LANGS)
def test_headings_tables_and_maps_are_numbered(rich_plan, lang):
    content = words.compose(rich_plan, lang)
    assert [table.number for table in content.tables] == list(
        range(1, len(list(content.tables)) + 1)
    )
    first = next(block for block in content.blocks if isinstance(block, Heading))
    assert first.text == {"zh": "一、结论", "en": "1 Summary"}[lang]
    table = next(content.tables)
    assert label(table, lang) == {"zh": "表1", "en": "Table 1."}[lang]
    names = [picture.name for picture in content.pictures]
    assert len(set(names)) == len(names)


def test_chinese_numerals():
    told = [chinese(n) for n in (1, 10, 11, 20, 21, 99)]
    assert told == ["一", "十", "十一", "二十", "二十一", "九十九"]


def emptied(plan, which):
    """Take something away that a plan may lack."""
    found = plan.coverage
    if which == "siting":
        return replace(plan, siting=())
    if which == "gaps":
        return replace(plan, gaps=plan.gaps.iloc[:0])
    if which == "streets":
        people = found.people[found.people["level"] != "street"]
        return replace(plan, coverage=replace(found, people=people))
    if which == "sites":
        answers = tuple(
            replace(answer, sites=answer.sites.iloc[:0], rings=answer.rings.iloc[:0])
            for answer in plan.siting
        )
        return replace(plan, siting=answers)
    unknown = found.units.assign(share=np.nan, minutes=np.nan)
    return replace(
        plan,
        coverage=replace(found, people=found.people.assign(share=np.nan), units=unknown),
        gaps=plan.gaps.assign(share=np.nan, minutes=np.nan, name=None, street=None),
    )


@pytest.mark.parametrize("which", ["siting", "gaps", "streets", "sites", "shares"])
def test_report_lives_with_less(toy_plan, which):
    plan = emptied(toy_plan, which)
    content, docx = docx_of(plan, "zh")
    assert len(docx.tables) == len(list(content.tables)) >= 4
    assert "nan" not in markdown_writer.markdown(content).lower()
    cells = "".join(cell.lower() for t in content.tables for row in t.rows for cell in row)
    assert "none" not in cells
    assert len(sheets_of(plan, "en").worksheets) >= 8
    kind = plan.kinds[0]
    assert pictures.coverage_map(plan, kind, "en").startswith(b"\x89PNG")


def test_report_lives_without_facilities_to_serve(toy, tmp_path):
    """In 2004 there is neither station nor canteen, and nothing is linked."""
    scenario = toy.scenario.replace("year = 2020", "year = 2004", 1).split("[[siting]]")[0]
    asked = SUPPLY.split("[standards]", maxsplit=1)[0]
    plan = variant(toy, tmp_path, scenario=scenario + asked)
    made = tables(plan)
    whole = made["service"].query("question == 1 and level == 'district' and group == 'aged_60'")
    assert whole.iloc[0][["people", "served", "out_of_reach"]].tolist() == [165, 0, 165]
    assert made["delivery"]["minutes"].isna().all()
    assert set(made["delivery"]["reason"]) == {"no_route"}
    content, docx = docx_of(plan, "en")
    assert len(docx.tables) == len(list(content.tables))
    assert "nan" not in markdown_writer.markdown(content).lower()
    json.dumps(report.record(plan), allow_nan=False)


def test_notes_of_changes_are_told(toy, tmp_path):
    merge = """
[[changes]]
action = "merge"
year = 2019
communities = ["A", "E"]
into = "AE"
name = "合并社区"
"""
    plan = variant(toy, tmp_path, scenario=toy.scenario + merge)
    text = markdown_writer.markdown(words.compose(plan, "en"))
    assert "The communities merged into 'AE' do not touch (A, E)" in text
    assert "合并社区" in text


def test_report_of_one_community(toy, tmp_path):
    sheets = {**toy.sheets, "links": toy.sheets["links"].iloc[[1]]}
    sheets["demand"] = sheets["demand"][sheets["demand"]["community"] == "B"]
    alone = toy.communities[toy.communities["id"] == "B"]
    plan = variant(toy, tmp_path, communities=alone, sheets=sheets)
    made = report.files(plan, "zh")
    assert "计入 1 个社区" in made["report.md"]
    assert len(Document(io.BytesIO(made["report.docx"])).tables) >= 6


def test_files_of_a_report(toy_plan):
    made = report.files(toy_plan, "en")
    names = {"report.md", "report.html", "report.docx", "report.xlsx", "summary.txt"}
    linked = set(re.findall(r"\]\((pictures/[\w.]+)\)", made["report.md"]))
    assert len(linked) == len(toy_plan.kinds) + len(toy_plan.siting)
    assert set(made) == names | linked | {name.replace(".png", ".svg") for name in linked}
    assert all(made[name].startswith(b"\x89PNG") for name in linked)
    assert all(isinstance(made[name], bytes) for name in ("report.docx", "report.xlsx"))
    assert report.markdown(toy_plan, "en") == made["report.md"]
    assert made == report.files(toy_plan, "en")


def test_control_characters_are_dropped():
    assert clean("a\x00b\x1f\ud800c\ufffe\nd") == "abc d"


def test_every_table_has_rows_as_wide_as_its_head(rich_plan):
    for table in words.compose(rich_plan, "zh").tables:
        assert isinstance(table, Table)
        assert {len(row) for row in table.rows} == {len(table.head)} == {len(table.right)}
