"""The workbook's own sheets: contents, checks by formulas, charts; its words and its formulas."""

import io
import re
import shutil
import subprocess
import warnings
import zipfile
from dataclasses import replace

import pytest
from openpyxl import Workbook, load_workbook
from support.report_plans import workbook_of

from planner.language import has_text, text
from planner.output.report.tables import tables
from planner.output.report.writers import rows, workbook
from planner.output.report.writers.cells import write
from planner.output.report.writers.office import repack

LANGS = ("zh", "en")
PLANS = [("rich_plan", "zh"), ("nasty_plan", "en"), ("full_plan", "zh"), ("full_plan", "en")]
# Words of the data model that no reader should meet in a cell of a text column.
RAW = re.compile(
    r"^(care_station|canteen|shelter|to_facility|existing|max_cover|set_cover|optimal|feasible|"
    r"urban|rural|district|population|aged_\d+|True|False|nan|None|<NA>|inf|off_streets|share|"
    r"communities|facilities|people|no_need|too_late|no_route|short|beds/1000 people)$"
)


def opened(made, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what LibreOffice writes and openpyxl does not know
        return load_workbook(io.BytesIO(made), **options)


def cells_of(book, reference):
    sheet, first, last = re.fullmatch(
        r"'(.+)'!(\$?[A-Z]+\$?\d+)(?::(\$?[A-Z]+\$?\d+))?", reference
    ).groups()
    first, last = first.replace("$", ""), (last or first).replace("$", "")
    return [cell.value for row in book[sheet][f"{first}:{last}"] for cell in row]


def computed(book, sheet, formula):
    """Work a formula of the checks out, by plain loops over the cells it names."""
    what = re.fullmatch(r"=SUMPRODUCT\(\((.+?)=\$B(\d+)\)\*(?:\((.+)=\"(.+)\"\)|(.+))\)", formula)
    if what:
        by, row, of, word, values = what.groups()
        asked = book[sheet][f"B{row}"].value
        keys = cells_of(book, by)
        worth = [cell == word for cell in cells_of(book, of)] if of else cells_of(book, values)
        return sum(float(n or 0) for key, n in zip(keys, worth, strict=True) if key == asked)
    if what := re.fullmatch(r"=COUNTIF\((.+),\$B(\d+)\)", formula):
        asked = book[sheet][f"B{what[2]}"].value
        return cells_of(book, what[1]).count(asked)
    if what := re.fullmatch(r"=ROUND\(D(\d+)-C\1,3\)", formula):
        row = what[1]
        return round(book[sheet][f"D{row}"].value - book[sheet][f"C{row}"].value, 3)
    return cells_of(book, formula[1:])[0]


@pytest.mark.parametrize(("which", "lang"), PLANS)
def test_checks_count_anew_what_the_report_states(which, lang, request):
    plan = request.getfixturevalue(which)
    made = workbook_of(plan, lang)
    formulas, values = opened(made), opened(made, data_only=True)
    title = text("report.sheet.checks", lang)
    rows = list(values[title].iter_rows(min_row=2, values_only=True))
    assert len(rows) >= 4 * len(plan.kinds)
    for row, (what, of, stated, counted, difference) in enumerate(rows, start=2):
        assert what
        assert of
        assert counted == pytest.approx(stated, abs=1e-6)
        assert difference == 0
        for column, stored in (("D", counted), ("E", difference)):
            formula = formulas[title][f"{column}{row}"].value
            assert computed(values, title, formula) == pytest.approx(stored, abs=1e-9)


def test_a_wrong_figure_is_found_out(rich_plan):
    """A community more than the communities' sheet holds: the check says so in red."""
    found = rich_plan.coverage
    people = found.people.assign(covered=found.people["covered"] + 7)
    wrong = replace(rich_plan, coverage=replace(found, people=people))
    book = opened(workbook_of(wrong, "zh"), data_only=True)
    sheet = book["核对"]
    told = {row[0]: row[4] for row in sheet.iter_rows(min_row=2, values_only=True)}
    assert told["各社区覆盖人数之和＝全区覆盖人数"] == -7
    rules = [r for ranges in sheet.conditional_formatting for r in ranges.rules]
    assert {r.operator for r in rules} == {"equal", "notEqual"}


@pytest.mark.parametrize("lang", LANGS)
def test_every_sheet_is_named_and_explained(full_plan, lang):
    book = opened(workbook_of(full_plan, lang))
    first, *others = book.worksheets
    listed = {row[0]: row[1] for row in first.iter_rows(values_only=True) if row[0]}
    for sheet in others:
        assert listed[sheet.title], sheet.title
        assert "_" not in sheet.title
    for name in tables(full_plan):  # those of layers are named by their layer
        assert workbook.sheet_name(name, lang)
        assert workbook.about_sheet(name, lang)
    for name in workbook.OTHERS:
        assert has_text(f"report.sheet.{name}")
        assert has_text(f"report.about.{name}")
    for about, told in workbook.questions(full_plan, lang):
        assert listed[about] == told
    assert len(workbook.questions(full_plan, lang)) == 6


@pytest.mark.parametrize("lang", LANGS)
def test_headings_stand_whole_over_their_figures(full_plan, lang):
    """No word of a heading is broken, and one over figures ends where they end."""
    book = opened(workbook_of(full_plan, lang), data_only=True)
    for name in tables(full_plan):
        sheet = book[workbook.sheet_name(name, lang)]
        for heading, *cells in sheet.iter_cols(max_row=5):
            width = sheet.column_dimensions[heading.column_letter].width
            assert width > 1.1 * max(map(len, str(heading.value).split())), heading.value
            figures = {type(cell.value) for cell in cells} & {int, float}
            if figures:
                assert heading.alignment.horizontal == "right", (name, heading.value)


@pytest.mark.parametrize(("which", "lang"), PLANS)
def test_no_word_of_the_data_model_is_shown(which, lang, request):
    plan = request.getfixturevalue(which)
    for sheet in opened(workbook_of(plan, lang), data_only=True).worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, str) and lang == "zh":
                    assert not RAW.match(cell.value), (sheet.title, cell.coordinate)
                assert not (cell.row == 1 and "_" in str(cell.value))


def test_units_are_said_in_words(rich_plan):
    for lang, told in (("zh", {"占比", "处"}), ("en", {"share", "facilities"})):
        sheet = opened(workbook_of(rich_plan, lang))[text("report.sheet.scorecard", lang)]
        head = text("report.card.unit", lang)
        column = next(cell.column for cell in sheet[1] if cell.value == head)
        units = {row[column - 1].value for row in sheet.iter_rows(min_row=2)}
        assert units & told
        assert not any("/1000" in str(unit) or "_" in str(unit) for unit in units)


def test_headings_have_room_and_limits_are_whole_minutes(rich_plan):
    book = opened(workbook_of(rich_plan, "zh"))
    for sheet in book.worksheets[1:-2]:
        for cell in sheet[1]:
            lines = sheet.row_dimensions[1].height / 15
            width = sheet.column_dimensions[cell.column_letter].width - 1
            taken = sum(2 if ord(sign) > 0x2E80 else 1 for sign in str(cell.value))
            assert taken <= lines * width, cell.value
    people = book[text("report.sheet.people", "zh")]
    (column,) = (cell.column for cell in people[1] if cell.value == text("columns.minutes", "zh"))
    assert {people.cell(row, column).number_format for row in range(2, 9)} == {"#,##0"}
    gaps = book[text("report.sheet.gaps", "zh")]
    (column,) = (cell.column for cell in gaps[1] if cell.value == text("columns.minutes", "zh"))
    assert gaps.cell(2, column).number_format == "0.0", "minutes walked keep a decimal"


def test_a_sign_by_its_number_in_a_name_stays_as_written():
    cell = Workbook().active.cell(1, 1)
    write(cell, "甲_x0041_乙_x00_")
    assert cell.value == "甲_x005F_x0041_乙_x00_", "as the format escapes it"


@pytest.mark.parametrize("lang", LANGS)
def test_charts_are_drawn_from_the_sheets(rich_plan, full_plan, lang):
    for plan, least in ((rich_plan, 3), (full_plan, 3)):
        made = workbook_of(plan, lang)
        book = opened(made, data_only=True)
        with zipfile.ZipFile(io.BytesIO(made)) as archive:
            charts = [archive.read(n).decode() for n in archive.namelist() if "/chart" in n]
        assert len(charts) >= least
        for chart in charts:
            named = re.findall(r"<(?:\w+:)?f>([^<]+)</", chart)
            assert named
            for reference in named:
                assert any(value is not None for value in cells_of(book, reference))


@pytest.mark.skipif(shutil.which("localc") is None, reason="LibreOffice Calc is not installed")
def test_libreoffice_computes_the_stored_values(full_plan, tmp_path):
    """The stored values are taken out first, so that it has to compute."""
    made = workbook_of(full_plan, "zh")
    bare = tmp_path / "bare.xlsx"
    with zipfile.ZipFile(io.BytesIO(made)) as old, zipfile.ZipFile(bare, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name.startswith("xl/worksheets/sheet"):
                part = re.sub(rb"(</f>)<v>[^<]*</v>", rb"\1", part)
            new.writestr(name, part)
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    program = ["soffice", profile, "--headless", "--convert-to", "xlsx"]
    subprocess.run(
        [*program, "--outdir", tmp_path / "out", bare], check=True, capture_output=True, timeout=240
    )
    again = opened((tmp_path / "out" / "bare.xlsx").read_bytes(), data_only=True)
    formulas, stored = opened(made), opened(made, data_only=True)
    count = 0
    for sheet in formulas.worksheets:
        for cell in (cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"):
            told = stored[sheet.title][cell.coordinate].value
            assert again[sheet.title][cell.coordinate].value == pytest.approx(told, abs=1e-9)
            count += 1
    assert count > 100


def test_rows_are_written_as_openpyxl_writes_them():
    values = ["=1+1", "a<b&c", " x\n y\x00", "_x0041_", "", None, float("nan"), float("inf"), True,
              3, 3.0, 109.70000000000005, -1e-7, 1e20, "社区"]  # fmt: skip
    shapes = ["General", "0.0%"] * 7 + ["0.0"]
    theirs, ours = Workbook(), Workbook()
    filled = rows.SheetRows(ours.active)
    for n, column in enumerate((values, values[::-1]), start=1):
        for book in (theirs, ours):
            write(book.active.cell(1, n), "heading")
        for row, (value, shape) in enumerate(zip(column, shapes, strict=True), start=2):
            cell = theirs.active.cell(row, n)
            write(cell, value)
            cell.number_format = shape
        filled.add(column, shapes, {})
    packages = io.BytesIO(), io.BytesIO()
    for book, package in zip((theirs, ours), packages, strict=True):
        book.save(package)
    whole = repack(packages[1].getvalue(), rows.with_rows(packages[1], {1: filled}))
    theirs, ours = (opened(made).active for made in (packages[0].getvalue(), whole))
    assert ours.dimensions == theirs.dimensions == f"A1:B{len(values) + 1}"
    for wanted, found in zip(theirs.iter_rows(), ours.iter_rows(), strict=True):
        for one, other in zip(wanted, found, strict=True):
            for name in ("value", "data_type", "number_format", "quotePrefix"):
                assert getattr(other, name) == getattr(one, name), (one.coordinate, name)


def test_a_formula_is_written_with_what_it_comes_to():
    book, package = Workbook(), io.BytesIO()
    filled = rows.SheetRows(book.active)
    filled.add([0.5, None], ["0%", "0%"], {0: ('=IF(A3="",1/2,"<")', 0.5)})
    book.save(package)
    whole = repack(package.getvalue(), rows.with_rows(package, {1: filled}))
    assert opened(whole).active["A2"].value == '=IF(A3="",1/2,"<")'
    assert opened(whole, data_only=True).active["A2"].value == 0.5
