"""Numbers agree everywhere: record, map, workbook, Word, web page, Markdown and printed tables."""

import io
import json
import re

import pandas as pd
import pytest
from docx import Document
from lxml import html
from openpyxl import load_workbook
from test_maps import by_minutes
from test_report_documents import (
    rows_of_docx,
    rows_of_html,
    rows_of_markdown,
)

from planner import api
from planner.district.assessment import status_of
from planner.language import text
from planner.output.maps import layers as page_layers
from planner.output.report import phrasing
from planner.output.report.prose import words
from planner.output.report.table_words import columns_for_readers, for_readers, measure
from planner.output.report.tables import tables

LANGS = ("zh", "en")
COUNTED = ("communities", "has", "reached")


@pytest.fixture(scope="module", params=LANGS)
def saved(request, full_plan, tmp_path_factory):
    """A folder as the user gets it, with the record read back from it."""
    folder = api.save(full_plan, tmp_path_factory.mktemp("agree") / "out", lang=request.param)
    record = json.loads((folder / "plan.json").read_text("utf-8"))
    return full_plan, request.param, folder, record


def by_name(plan, lang, rows):
    """Name the tables of a document by the report they stand in, in order."""
    blocks = list(words.compose(plan, lang).tables)
    assert len(blocks) == len(rows)
    return {(block.name, block.question): own for block, own in zip(blocks, rows, strict=True)}


@pytest.fixture(scope="module")
def documents(saved):
    """The tables of each document, by format, then by name and question."""
    plan, lang, folder, _ = saved
    docx = Document(io.BytesIO((folder / "report.docx").read_bytes()))
    tree = html.fromstring((folder / "report.html").read_text("utf-8"))
    found = {
        "docx": [rows_of_docx(table) for table in docx.tables],
        "html": [rows_of_html(table) for table in tree.iter("table")],
        "md": rows_of_markdown((folder / "report.md").read_text("utf-8")),
    }
    return {form: by_name(plan, lang, rows) for form, rows in found.items()}


def figures(rows):
    """Take the rows of a table without their heading."""
    return [tuple(row) for row in rows[1:]]


def of(record, name, **asked):
    """Pick rows of a table of the record."""
    rows = record["tables"][name]
    return [row for row in rows if all(row[key] == value for key, value in asked.items())]


def test_summary_is_one_everywhere(saved, documents):
    """Shares, facilities, capacity, communities: record, sheet, three documents and the map."""
    plan, lang, folder, record = saved
    book = load_workbook(folder / "report.xlsx", data_only=True)
    sheet = book[text("report.sheet.summary", lang)]
    raw = columns_for_readers(tables(plan)["summary"], lang)
    for rows in documents.values():
        shown = figures(rows["summary", 0])
        head = rows["summary", 0][0]
        for row, cells, told in zip(
            of(record, "summary"), sheet.iter_rows(min_row=2, values_only=True), shown, strict=True
        ):
            of_sheet = dict(zip(raw, cells, strict=True))
            for column, value in row.items():
                if column == "kind":
                    continue
                if value is None:
                    assert of_sheet[column] is None
                else:
                    assert of_sheet[column] == pytest.approx(value, abs=1e-9)
                heading = for_readers(tables(plan)["summary"], plan, lang).columns[
                    raw.index(column)
                ]
                if heading in head:
                    (written,) = phrasing.written([value], measure("summary", column, plan))
                    assert told[head.index(heading)] == written
    on_map = page_layers.layers(plan, lang=lang, datum="wgs84")
    for row in of(record, "summary"):
        kind = next(kind for kind in on_map["kinds"] if kind["id"] == row["kind"])
        today = on_map["figures"][row["kind"]]["before"]
        assert kind["operating"] == row["facilities"]
        assert [today["counts"][name] for name in COUNTED] == [row[name] for name in COUNTED]
        for group in on_map["groups"]:
            assert by_minutes(today["people"][group])[15] == pytest.approx(row[group], abs=5e-5)
        later = on_map["figures"][row["kind"]]["after"] or today
        group = plan.settings.coverage.group
        assert by_minutes(later["people"][group])[15] == pytest.approx(row["after"], abs=5e-5)
        stood = [
            cap for cap, own, runs in zip(
                *(on_map["facilities"][n] for n in ("capacity", "kind", "operating")), strict=True
            ) if own == row["kind"] and runs and cap is not None
        ]  # fmt: skip
        assert (sum(stood) if stood else None) == row["capacity"]


def test_communities_are_one_everywhere(saved):
    """Share, minutes, whether reached: record, sheet and map."""
    plan, lang, folder, record = saved
    on_map = page_layers.layers(plan, lang=lang, datum="wgs84")
    ids = list(plan.area.communities.index)
    book = load_workbook(folder / "report.xlsx", data_only=True)
    rows = list(book[text("report.sheet.communities", lang)].iter_rows(min_row=2, values_only=True))
    raw = columns_for_readers(tables(plan)["communities"], lang)
    for row, cells in zip(of(record, "communities"), rows, strict=True):
        of_sheet = dict(zip(raw, cells, strict=True))
        mapped = on_map["figures"][row["kind"]]["before"]
        at = ids.index(row["community"])
        for column in ("people", "covered", "share", "minutes"):
            assert (of_sheet[column] is None) == (row[column] is None)
            if row[column] is not None:
                assert of_sheet[column] == pytest.approx(row[column], abs=1e-9)
        if row["share"] is not None:
            assert mapped["share"][at] == pytest.approx(row["share"], abs=5e-4)
        assert bool(mapped["reached"][at]) == row["reached"]
        assert bool(mapped["has"][at]) == row["has"]


def test_targets_are_one_everywhere(saved, documents):
    plan, lang, folder, record = saved
    book = load_workbook(folder / "report.xlsx", data_only=True)
    sheet = book[text("report.sheet.scorecard", lang)]
    raw = columns_for_readers(tables(plan)["scorecard"], lang)
    card = record["tables"]["scorecard"]
    for row, cells in zip(card, sheet.iter_rows(min_row=2, values_only=True), strict=True):
        of_sheet = dict(zip(raw, cells, strict=True))
        for column in ("value", "numerator", "denominator", "must", "aim", "short_by"):
            assert of_sheet[column] == (None if row[column] is None else pytest.approx(row[column]))
        status = status_of(row["value"], row["pass"], row["due"], row["applies"])
        assert of_sheet["pass"] == text(f"assessment.status.{status}", lang)
    shown = [row for row in card if not row["value"] is row["must"] is row["aim"] is None]
    for rows in documents.values():
        for row, told in zip(shown, figures(rows["scorecard", 0]), strict=True):
            assert told[0] == row[f"name_{lang}"]
            if row["unit"] == "share" and row["value"] is not None:
                assert told[1] == phrasing.percent(row["value"])
    standards = record["standards"]
    answers = [row["pass"] for row in card]
    assert [standards["met"], standards["not_met"]] == [answers.count(True), answers.count(False)]
    words_ = (folder / "report.md").read_text("utf-8")
    line = {"zh": r"达标 (\d+) 项，未达标 (\d+) 项", "en": r"(\d+) met, (\d+) not met"}[lang]
    assert set(re.findall(line, words_)) == {(str(standards["met"]), str(standards["not_met"]))}


def test_sites_are_one_everywhere(saved, documents):
    """What each site adds, and the shares before and after: record, sheet, documents, map."""
    plan, lang, folder, record = saved
    on_map = page_layers.layers(plan, lang=lang, datum="wgs84")
    book = load_workbook(folder / "report.xlsx", data_only=True)
    sheet = book[text("report.sheet.sites", lang)]
    raw = columns_for_readers(tables(plan)["sites"], lang)
    of_sheet = [
        dict(zip(raw, cells, strict=True)) for cells in sheet.iter_rows(min_row=2, values_only=True)
    ]
    markdown = (folder / "report.md").read_text("utf-8")
    for number, (answer, mapped) in enumerate(
        zip(record["siting"], on_map["answers"], strict=True), start=1
    ):
        sites = of(record, "sites", question=number)
        assert mapped["before"] == pytest.approx(answer["before"], abs=5e-5)
        assert mapped["after"] == pytest.approx(answer["after"], abs=5e-5)
        assert mapped["gap"] == pytest.approx(answer["gap"], abs=5e-5)
        assert phrasing.percent(answer["before"]) in markdown
        assert phrasing.percent(answer["after"]) in markdown
        own = [row for row in of_sheet if row["question"] == number]
        for column in ("rank", "added", "cumulative"):
            told = [row[column] for row in sites]
            assert mapped[column] == pytest.approx(told, abs=1)
            assert [row[column] for row in own] == pytest.approx(told)
        for rows in documents.values():
            if not sites:
                continue
            told = rows["sites", number]
            at = told[0].index(text("columns.added", lang))
            assert [row[at] for row in figures(told)] == [
                phrasing.number(s["added"]) for s in sites
            ]


def test_service_is_one_everywhere(saved, documents):
    """Served, over capacity and out of reach, and how full each facility is."""
    plan, lang, _, record = saved
    on_map = page_layers.layers(plan, lang=lang, datum="wgs84")
    for number, answer in enumerate(plan.service, start=1):
        row = of(record, "service", question=number, level="district", group=answer.group)[0]
        parts = [row[name] for name in ("served", "over_capacity", "out_of_reach")]
        assert sum(parts) == pytest.approx(row["people"])
        supply = on_map["supply"][answer.question.kind]
        assert [*supply["all"].values()] == pytest.approx(parts, abs=0.5)
        load = of(record, "load", question=number)
        assert sum(place["people"] for place in load) == pytest.approx(row["served"])
        assert sum(supply["facilities"]["people"]) == pytest.approx(row["served"], abs=1)
        for rows in documents.values():
            first = figures(rows["service", number])[0]
            assert first[2:5] == tuple(phrasing.number(part) for part in parts)


def test_printed_tables_are_the_records(saved):
    """Each CSV holds as many rows as the record, and the same gaps in the same order."""
    _, _, folder, record = saved
    for name, rows in record["tables"].items():
        table = pd.read_csv(folder / "tables" / f"{name}.csv", encoding="utf-8-sig")  # noqa: TID251
        assert len(table) == len(rows)
        if name == "gaps":
            lacking = [row["lacking"] for row in rows]
            assert any(table[c].tolist() == lacking for c in table.select_dtypes("number"))
