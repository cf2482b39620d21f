"""The map in a cell of a notebook: light, apart from it, and the same map."""

import gzip
import html
import re

import pytest
from support.browser import Visit
from test_maps import NASTY, make_plan, make_tables

from planner.output import maps


@pytest.fixture(scope="module")
def district(chengwan_today):
    return chengwan_today


def unpacked(cell: str) -> str:
    loader = html.unescape(re.search(r'srcdoc="([^"]*)"', cell)[1])
    packed, letters = re.search(r'packed = "([^"]*)", letters = "([^"]*)"', loader).groups()
    size = int(re.search(r"subarray\(0, (\d+)\)", loader)[1])
    value = {letter: number for number, letter in enumerate(letters)}
    words = [0] * (len(packed) // 5)
    for i, letter in enumerate(packed):
        words[i // 5] = words[i // 5] * 85 + value[letter]
    return gzip.decompress(b"".join(word.to_bytes(4, "big") for word in words)[:size]).decode()


def test_a_cell_holds_the_same_page_in_half_its_size(district, toy_plan, chengwan_page):
    drawn = maps.draw(district, lang="zh")
    cell = drawn._repr_html_()
    page = drawn.get_root().render()
    assert unpacked(cell) == page == chengwan_page
    assert len(cell.encode()) < 0.55 * len(page.encode())
    again = (maps.draw(toy_plan, lang="zh")._repr_html_() for _ in range(2))
    assert next(again) == next(again)


def test_a_title_cannot_leave_the_frame():
    plan = make_plan(make_tables(NASTY))
    cell = maps.draw(plan, lang="zh")._repr_html_()
    assert "<script>" not in cell
    assert len(re.findall(r"<iframe|<div", cell)) == 2
    assert html.escape(NASTY[0]) in cell


@pytest.mark.browser
def test_a_notebook_draws_what_comes_into_view_apart_from_itself(chrome, district, tmp_path):
    cell = maps.draw(district, lang="en", kind="canteen")._repr_html_()
    notebook = (
        "<!DOCTYPE html><meta charset='utf-8'><body data-drawn='1'>"
        f"<div style='height:9000px'></div><div style='width:900px'>{cell}</div>"
    )
    visit = Visit(chrome, notebook, tmp_path)
    page = visit.page
    page.wait_for_timeout(1500)
    assert len(page.frames) == 1 or page.frames[1].evaluate("() => !document.body.dataset.drawn")
    visit("() => document.querySelector('iframe').scrollIntoView()")
    frame = page.locator("iframe").element_handle().content_frame()
    frame.wait_for_function("document.body && document.body.dataset.drawn")
    assert frame.evaluate("() => plan.state.kind") == "canteen"
    assert frame.evaluate("() => window.origin") == "null"  # it cannot touch the notebook
    assert frame.evaluate("() => document.querySelectorAll('path').length") > 242
    assert visit.wrong == []
