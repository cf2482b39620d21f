"""Fronts and step curves of a siting question: their figures, their words, their pictures."""

import io
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from lxml import html
from matplotlib.colors import to_rgb
from PIL import Image

from planner.output.report.content import pieces
from planner.output.report.figures import charts, curves, fonts, pictures
from planner.output.report.prose import words
from planner.output.report.tables import tables
from planner.output.report.writers import html_writer, markdown_writer

LANGS = ("zh", "en")
PEOPLE = 165  # aged 60 and over in the toy city, of whom 100 are within reach of a station today


def with_front(plan, **columns):
    front = pd.DataFrame(columns)
    return replace(plan, siting=(replace(plan.siting[0], front=front), *plan.siting[1:]))


def with_sites(plan, added):
    """Let the first question choose as many sites as figures, each adding so many people."""
    first = plan.siting[0]
    sites = pd.concat([first.sites.iloc[[0]]] * len(added))
    sites = sites.set_axis([f"N{n}" for n in range(len(added))]).assign(
        rank=range(1, len(added) + 1), added=added, cumulative=100.0 + np.cumsum(added)
    )
    return replace(plan, siting=(replace(first, sites=sites), *plan.siting[1:]))


@pytest.fixture(scope="module")
def plan(toy_plan):
    """A front of sites against people whose third point is not proven."""
    return with_front(
        toy_plan,
        cost=[0.0, 1.0, 2.0],
        covered=[100.0, 160.0, 162.0],
        share=[100 / PEOPLE, 160 / PEOPLE, 162 / PEOPLE],
        proven=[True, True, False],
        bound=[100.0, 160.0, 165.0],
    )


def curve(plan, shows, question=1):
    return curves.of_question(plan, tables(plan), shows, question)


def test_front_is_read_point_by_point(plan):
    found = curve(plan, "front")
    assert (found.along, found.up) == ("sites", "covered")
    assert found.x == (0, 1, 2)
    assert found.y == (100, 160, 162)
    assert found.gain[1:] == (60, 2)
    assert found.proven == (True, True, False)
    assert found.bound == (100, 160, 165)
    assert found.total == PEOPLE
    assert found.plan == pytest.approx((1, 160)), "one site, as the first question chose"


def test_front_of_money_is_traded_in_money(plan):
    first = plan.siting[0]
    asked = first.question.model_copy(update={"budget": 9.0})
    rich = replace(first, question=asked, result=replace(first.result, cost=7.5))
    found = curve(replace(plan, siting=(rich, *plan.siting[1:])), "front")
    assert found.along == "cost"
    assert found.plan == pytest.approx((7.5, 160))


TRADES = {
    "time": ("mean", "share", [5.0, 6.0, 7.0], [0.5, 0.6, 0.7]),
    "longest": ("mean", "longest", [5.0, 6.0, 7.0], [15.0, 14.0, 9.0]),
    "fairness": ("share", "worst", [0.6, 0.65, 0.7], [0.5, 0.45, 0.2]),
}


@pytest.mark.parametrize("name", TRADES)
def test_other_fronts_are_told_and_drawn(toy_plan, name):
    along, up, x, y = TRADES[name]
    front = pd.DataFrame({along: x, up: y, "proven": True})
    first = replace(toy_plan.siting[0], trades={name: front})
    plan = replace(toy_plan, siting=(first, *toy_plan.siting[1:]))
    found = curve(plan, f"front_{name}")
    assert (found.along, found.up, found.x, found.y) == (along, up, tuple(x), tuple(y))
    assert (found.plan, found.knee) == (None, None)
    for lang in LANGS:
        content = words.compose(plan, lang)
        text = markdown_writer.markdown(content)
        assert "nan" not in text
        assert f"front_{name}_1.png" in text
        told = f"{y[0]:.1%}" if up in ("share", "worst") else f"{y[0]:g}"
        assert told in text
        picture = next(p for p in content.pictures if p.shows == f"front_{name}")
        made = pictures.draw(plan, picture, lang)
        assert made["png"].startswith(b"\x89PNG")
        assert made["svg"].startswith(b"<?xml")


def test_steps_start_from_today_and_add_up(toy_plan):
    found = curve(with_sites(toy_plan, [40.0, 15.0, 5.0]), "steps")
    assert found.x == (0, 1, 2, 3)
    assert found.y == pytest.approx((100, 140, 155, 160))
    assert found.gain[1:] == (40, 15, 5)
    assert found.stepped


@pytest.mark.parametrize("added", [[60.0], [0.0, 0.0, 0.0, 0.0]])
def test_too_little_is_no_curve(toy_plan, added):
    assert curve(with_sites(toy_plan, added), "steps") is None
    assert curve(toy_plan, "front") is None


def test_front_that_shows_the_steps_is_drawn_alone(toy_plan):
    stepped = with_sites(toy_plan, [40.0, 15.0, 5.0])
    both = with_front(stepped, cost=[0.0, 1, 2, 3, 4], covered=[100.0, 140, 155, 160, 161])
    shown = [picture.name for picture in words.compose(both, "en").pictures]
    assert "front_1" in shown
    assert "steps_1" not in shown
    other = with_front(stepped, cost=[0.0, 1, 2, 3, 4], covered=[100.0, 140, 156, 160, 161])
    assert "steps_1" in [picture.name for picture in words.compose(other, "en").pictures]


def test_a_bend_is_told_and_a_straight_line_has_none(toy_plan):
    """Five sites bring 10 each, five more 1 each: the bend is at the fifth."""
    bent = curve(with_sites(toy_plan, [10.0] * 5 + [1.0] * 5), "steps")
    assert bent.knee == 5
    assert curve(with_sites(toy_plan, [6.0] * 10), "steps").knee is None


@pytest.mark.parametrize("lang", LANGS)
def test_words_and_picture_say_the_same(plan, lang):
    content = words.compose(plan, lang)
    text = markdown_writer.markdown(content)
    wanted = {
        "zh": "第 1 处新增覆盖 60 人，增至 2 处时，最后一处新增覆盖 2 人",
        "en": "The first site adds 60 people; of 2 sites, the last adds 2",
    }
    assert wanted[lang] in text
    assert {"zh": "其中 1 点未证明最优", "en": "1 point is not proven optimal"}[lang] in text
    picture = next(picture for picture in content.pictures if picture.shows == "front")
    made = pictures.draw(plan, picture, lang)
    pixels = np.asarray(Image.open(io.BytesIO(made["png"])).convert("RGB")).astype(int)
    for colour, least in ((charts.PLAN, 60), (charts.BARS, 2000), (charts.LINE, 400)):
        near = np.abs(pixels - [round(255 * part) for part in to_rgb(colour)]).max(axis=2) <= 6
        assert near.sum() > least
    assert made == pictures.draw(plan, picture, lang)


def test_axes_are_named_with_their_units(plan):
    for lang, named in (
        ("zh", ("新增处数（处）", "覆盖人数（人）", "每处新增（人）", "覆盖率（占60岁以上人口）")),
        (
            "en",
            ("New sites", "People covered", "Added by each", "Share of people aged 60 and over"),
        ),
    ):
        pen = fonts.Pen(families=("DejaVu Sans",), characters=AnyCharacter(), chinese=True)
        group = {"zh": "60岁以上人口", "en": "people aged 60 and over"}[lang]
        figure = charts.chart(curve(plan, "front"), lang, pen, group=group)
        said = {axes.get_ylabel() for axes in figure.axes}
        said |= {axes.get_xlabel() for axes in figure.axes}
        assert set(named) <= said


class AnyCharacter(frozenset):
    """Characters without end."""

    __slots__ = ()

    def __contains__(self, _sign):
        return True


@pytest.mark.parametrize("lang", LANGS)
def test_every_reference_leads_somewhere(plan, lang):
    content = words.compose(plan, lang)
    told = [getattr(block, "text", "") for block in content.blocks]
    told += [item for block in content.blocks for item in getattr(block, "items", ())]
    anchors = {anchor for line in told for _, anchor in pieces(line) if anchor}
    assert {"table_gaps", "table_sites_1", "picture_sites_1", "picture_front_1"} <= anchors
    assert anchors <= set(content.labels)
    tree = html.fromstring(
        html_writer.page(content, dict.fromkeys((p.name for p in content.pictures), b""))
    )
    ids = [node.get("id") for node in tree.iter() if node.get("id")]
    assert len(set(ids)) == len(ids)
    assert {link.get("href")[1:] for link in tree.iter("a")} <= set(ids)
    assert "\ufdd0" not in markdown_writer.markdown(content)


def test_nothing_to_measure_is_said_in_words(toy_plan):
    """One site alone has no distance to another: the solver's figure is infinite."""
    first = toy_plan.siting[0]
    question = first.question.model_copy(update={"model": "p_dispersion"})
    result = replace(first.result, objective=np.inf, bound=np.inf, gap=0.0)
    alone = replace(toy_plan, siting=(replace(first, question=question, result=result),))
    for lang in LANGS:
        text = markdown_writer.markdown(words.compose(alone, lang))
        assert not re.search(r"\binf\b|\bnan\b", text)
    assert "无从比较" in markdown_writer.markdown(words.compose(alone, "zh"))
