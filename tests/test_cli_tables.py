"""Tables on a terminal: whole words and numbers, whatever its width."""

import io
import re

import pytest
from rich.cells import cell_len
from rich.console import Console

from planner.cli.tabled import FittedTable, wrapped

KINDS = ("Home-care station", "Canteen", "Disaster shelter", "Elder-care institution", "养老机构")
WIDE = [
    ("", *KINDS),
    ("Residents", *["54,757,920"] * 5),
    ("Aged 60+", *["80.2 %"] * 5),
]
LONG = [
    ("Kind", "Status", "Capacity"),
    ("Elder-care institution", "existing 20, under construction 2, closed 1", "3,896"),
    ("街道综合养老服务中心（含社区长者食堂）", "在建 10，拟建 3", "–"),
]


def printed(rows, width):
    console = Console(file=io.StringIO(), width=width)
    console.print(FittedTable(rows[0], rows[1:]))
    return console.file.getvalue()


def words(rows):
    return {word for row in rows for cell in row for word in re.findall(r"[\w.,+-]*\w[,+]?", cell)}


@pytest.mark.parametrize("rows", [WIDE, LONG], ids=["wide", "long"])
@pytest.mark.parametrize("width", [50, 80, 120, 200])
def test_no_word_and_no_number_is_broken(rows, width):
    told = printed(rows, width)
    assert max(map(cell_len, told.splitlines())) <= width
    latin = [word for word in words(rows) if word.isascii()]
    assert len(latin) > 5
    assert [word for word in latin if word not in told] == []


def test_columns_that_do_not_fit_stand_below_each_with_the_first():
    told = printed(WIDE, 50)
    assert told.count("┏") > 1
    assert told.count("Residents") == told.count("┏")
    assert told.count("54,757,920") == len(KINDS)
    assert printed(WIDE, 200).count("┏") == 1


def test_words_break_behind_a_hyphen_rather_than_make_a_second_table():
    rows = [("No.", "What"), ("community-centre-area", "of community-centre-square")]
    assert printed(rows, 60).count("community-centre-area") == 1
    assert printed(rows, 40).count("┏") == 1
    assert re.search(r"- +│ [a-z -]+- +│", printed(rows, 40))


def test_numbers_are_set_to_the_right_and_words_to_the_left():
    lines = printed([("Kind", "Rows"), ("a", "1"), ("b", "1,000")], 80).splitlines()
    assert lines[3] == "│ a    │     1 │"


@pytest.mark.parametrize(
    ("cell", "width", "lines"),
    [
        ("under construction 3", 12, ["under", "construction", "3"]),
        ("现状 258，在建 3", 8, ["现状", "258，在", "建 3"]),
        ("养老服务中心。", 12, ["养老服务中", "心。"]),
        ("80.2 %", 6, ["80.2 %"]),
        ("a\nb", 5, ["a", "b"]),
        ("abcdefgh", 3, ["abc", "def", "gh"]),
        ("", 3, [""]),
    ],
)
def test_cells_are_broken_between_words(cell, width, lines):
    assert wrapped(cell, width) == lines
