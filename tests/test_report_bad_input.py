"""Reports of plans that are hard to tell: long, empty, full, or with names that are code."""

import io
import json
import re
import zipfile
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from docx import Document
from lxml import etree, html
from openpyxl import load_workbook

from planner import api
from planner.output import report
from planner.output.report.figures import fonts
from planner.output.report.prose import words
from planner.output.report.writers import markdown_writer

LANGS = ("zh", "en")
EVIL = [
    '=HYPERLINK("http://e.com","x")',
    "+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "-2+3\tx",
    "\x00\x08\x0b\x1b\x7f\x85控\ufdd0制\ufffe符",
    "<w:t>&amp;]]></w:t><script>alert(1)</script>",
]


def opens(files):
    """Open every file of a report; give its words."""
    docx = Document(io.BytesIO(files["report.docx"]))
    book = load_workbook(io.BytesIO(files["report.xlsx"]))
    tree = html.fromstring(files["report.html"])
    for name in ("report.docx", "report.xlsx"):
        with zipfile.ZipFile(io.BytesIO(files[name])) as archive:
            for part in archive.namelist():
                if part.endswith((".xml", ".rels")):
                    etree.fromstring(archive.read(part))
    for name, content in files.items():
        if name.endswith(".png"):
            assert content.startswith(b"\x89PNG")
        if name.endswith(".svg"):
            etree.fromstring(content)
    assert not list(tree.iter("script"))
    for sheet in book.worksheets:
        for cell in (cell for row in sheet.iter_rows() for cell in row):
            if cell.data_type == "f":
                assert not re.search(r"HYPERLINK|cmd|SUM\(1", cell.value)
    told = files["report.md"]
    lost = re.search(r".*\b(nan|NaN|None|inf|<NA>)\b.*", told)
    assert not lost, lost[0]
    assert "<script" not in told
    return told, docx, book


def test_names_that_are_code_or_break_xml(toy, tmp_path):
    """Some of them no file would hand on: they are put into the plan."""
    title = "T\x0b" + '=1+1"&<b>' * 60
    path = toy.write(tmp_path / "evil")
    plan = api.run(path, set=[f"title={json.dumps(title)}", f"note={json.dumps(EVIL[4])}"])
    kinds = {
        name: replace(kind, zh=EVIL[n], en=EVIL[n])
        for n, (name, kind) in enumerate(plan.area.kinds.items())
        if n < len(EVIL)
    }
    places = plan.area.communities.assign(name=EVIL, street=EVIL[::-1])
    kinds = {**plan.area.kinds, **kinds}
    answers = tuple(
        replace(answer, sites=answer.sites.assign(name=EVIL[n], host=EVIL[n + 2]))
        for n, answer in enumerate(plan.siting)
    )
    plan = replace(plan, area=replace(plan.area, kinds=kinds, communities=places), siting=answers)
    for lang in LANGS:
        _, docx, book = opens(report.files(plan, lang))
        assert len(docx.tables) > 6
        cells = [c.value for sheet in book.worksheets for row in sheet.iter_rows() for c in row]
        assert EVIL[0] in cells
        assert "控制符" in cells


def covered(plan, share):
    """Let everybody, or nobody, be covered."""
    found = plan.coverage
    people = found.people.assign(covered=found.people["people"] * share, share=share)
    units = found.units.assign(
        covered=found.units["people"] * share, share=share, reached=bool(share), minutes=5.0
    )
    shares = found.unit_shares.assign(
        reached=found.unit_shares["communities"] * share, reached_share=float(share)
    )
    gaps = plan.gaps.iloc[:0] if share else plan.gaps
    nearest = found.nearest if share else found.nearest.iloc[:0]
    all_ = replace(found, people=people, units=units, unit_shares=shares, nearest=nearest)
    return replace(plan, coverage=all_, after=all_, gaps=gaps)


@pytest.mark.parametrize("share", [0, 1])
def test_nothing_and_everything_covered(toy_plan, share):
    plan = covered(toy_plan, share)
    for lang in LANGS:
        told, *_ = opens(report.files(plan, lang))
        assert f"{share:.1%}" in told
        none = {"zh": "没有缺口", "en": "No gaps"}[lang]
        assert (none in told) == bool(share)


def test_no_siting_no_kinds(toy, tmp_path):
    scenario = toy.scenario.split("[[siting]]")[0]
    plan = api.run(replace(toy, scenario=scenario).write(tmp_path / "plain"))
    bare = replace(
        plan,
        kinds=(),
        rings=plan.rings.iloc[:0],
        gaps=plan.gaps.iloc[:0],
        coverage=replace(
            plan.coverage,
            people=plan.coverage.people.iloc[:0],
            units=plan.coverage.units.iloc[:0],
            unit_shares=plan.coverage.unit_shares.iloc[:0],
        ),
    )
    for one in (plan, bare):
        for lang in LANGS:
            told, *_ = opens(report.files(one, lang))
            assert {"zh": "选址建议", "en": "Suggested sites"}[lang] not in told
    assert "没有可供分析的设施" in markdown_writer.markdown(words.compose(bare, "zh"))


def test_values_missing_in_every_column(toy_plan):
    """What may be missing is: names, streets, capacities, minutes, costs, shares."""
    area = toy_plan.area
    communities = area.communities.assign(name=None, street=None, settlement=None, zone=None)
    facilities = area.facilities.assign(name=None, capacity=np.nan, tier=None)
    found = toy_plan.coverage
    units = found.units.assign(share=np.nan, minutes=np.nan, linked=pd.NA)
    answers = tuple(
        replace(
            answer,
            sites=answer.sites.assign(
                name=None, host=None, cost=np.nan, community=None, lost=np.nan, next_best=None
            ),
        )
        for answer in toy_plan.siting
    )
    plan = replace(
        toy_plan,
        area=replace(area, communities=communities, facilities=facilities),
        coverage=replace(found, units=units),
        gaps=toy_plan.gaps.assign(name=None, street=None, share=np.nan, minutes=np.nan),
        siting=answers,
    )
    for lang in LANGS:
        opens(report.files(plan, lang))
    json.dumps(report.record(plan), allow_nan=False)


@pytest.mark.parametrize("lang", LANGS)
def test_names_that_no_font_can_write_are_told_once(toy_plan, lang):
    writing = fonts.pen()
    if not writing.chinese:
        pytest.skip("no font with Chinese characters on this machine")
    rare = "\U0003fffd街道"  # no font has this character
    streets = toy_plan.area.communities["street"].where(lambda s: s != "南街道", rare)
    communities = toy_plan.area.communities.assign(street=streets)
    plan = replace(toy_plan, area=replace(toy_plan.area, communities=communities))
    assert fonts.unwritable(plan, writing) == (rare,)
    assert fonts.unwritable(toy_plan, writing) == ()
    told = report.files(plan, lang, ["report"])["report.md"]
    needle = {"zh": "缺少以下名称的部分字符", "en": "lack characters of these names"}[lang]
    assert told.count(needle) == 1
    assert rare in told


def test_curves_without_chinese_fonts_are_english(toy_plan, monkeypatch):
    """Missing glyphs would be warnings, and warnings are errors here."""
    for look in ("_known", "_installed_since", "_packaged", "_of_any_name"):
        monkeypatch.setattr(fonts, look, tuple)
    front = pd.DataFrame(
        {"cost": [0.0, 1, 2], "covered": [100.0, 150, 160], "share": 0.5, "proven": True}
    )
    first = replace(toy_plan.siting[0], front=front)
    plan = replace(toy_plan, siting=(first, *toy_plan.siting[1:]))
    files = {lang: report.files(plan, lang, ["report"]) for lang in LANGS}
    assert files["zh"]["pictures/front_1.png"] == files["en"]["pictures/front_1.png"]
    assert files["zh"]["report.md"].count("fonts-noto-cjk") == 1
