"""Still maps: what they show, the fonts they need, and that they leave no trace."""

import base64
import io
import re
import subprocess
import sys
from dataclasses import replace

import geopandas as gpd
import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
import shapely
from lxml import etree
from matplotlib.colors import to_rgb
from PIL import Image

from planner.output import palette
from planner.output.report.figures import canvas, drawing, fonts, frame
from planner.output.report.figures.pictures import coverage_map, coverage_maps
from planner.output.report.prose import words

COLOURS = {
    name: bytes(round(255 * part) for part in to_rgb(name)) for name in palette.SHARE_COLOURS
}


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def area_of(png, colour):
    """Count the pixels near a colour: a palette of 256 colours may shift it by a step or two."""
    wanted = np.array([round(255 * part) for part in to_rgb(colour)])
    return int((np.abs(pixels(png).astype(int) - wanted).max(axis=2) <= 4).sum())


def with_shares(plan, share):
    found = plan.coverage
    return replace(plan, coverage=replace(found, units=found.units.assign(share=share)))


def test_shading_shows_the_share(toy_plan):
    """Each class of shares fills most of the district with its own colour, and no other does."""
    shares = dict(zip(palette.SHARE_COLOURS, (0.1, 0.3, 0.6, 0.8, 0.95), strict=True))
    for colour, share in shares.items():
        png = coverage_map(with_shares(toy_plan, share), "canteen", "en", question=0)
        others = {other: area_of(png, other) for other in shares}
        swatch = min(others.values())
        assert others.pop(colour) > 20 * swatch
        assert max(others.values()) < 3 * swatch


def test_sites_and_circles_are_drawn_when_asked_for(toy_plan):
    colour = toy_plan.area.kinds["canteen"].colour
    today = coverage_map(toy_plan, "canteen", "en", question=0)
    first = coverage_map(toy_plan, "canteen", "en")
    second = coverage_map(toy_plan, "canteen", "en", question=2)
    assert area_of(today, palette.SITE_COLOUR) == 0
    assert 0 < area_of(first, palette.SITE_COLOUR) < area_of(second, palette.SITE_COLOUR)
    assert area_of(today, colour) > 200
    assert first == coverage_map(toy_plan, "canteen", "en", question=1)


def test_same_plan_same_bytes_whatever_the_users_settings(toy_plan):
    png, svg = coverage_maps(toy_plan, "canteen", "zh").values()
    with mpl.rc_context({"font.size": 40, "lines.linewidth": 9, "savefig.dpi": 33}):
        before = dict(mpl.rcParams)
        assert coverage_map(toy_plan, "canteen", "zh") == png
        assert coverage_map(toy_plan, "canteen", "zh", form="svg") == svg
        assert dict(mpl.rcParams) == before


def test_svg_stands_alone(toy_plan):
    svg = coverage_map(toy_plan, "canteen", "zh", form="svg")
    tree = etree.fromstring(svg)
    links = [node.get("{http://www.w3.org/1999/xlink}href") for node in tree.iter()]
    assert all(link.startswith("#") for link in links if link)
    assert not re.search(rb"@import|url\((?!#)", svg)
    assert not list(tree.iter("{http://www.w3.org/2000/svg}image"))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_without_chinese_fonts_words_are_english(toy_plan, lang, monkeypatch):
    """No warning of missing glyphs either: they are errors here."""
    for look in ("_known", "_installed_since", "_packaged", "_of_any_name"):
        monkeypatch.setattr(fonts, look, tuple)
    assert not fonts.pen().chinese
    assert coverage_map(toy_plan, "canteen", lang) == coverage_map(toy_plan, "canteen", "en")
    content = words.compose(toy_plan, lang, pictures_speak=False)
    warning = [b.text for b in content.blocks if getattr(b, "style", "") == "warning"]
    left_out, font, in_text = warning  # the text for pasting says again what is left out
    assert left_out == toy_plan.left_out.say(lang)
    assert left_out in in_text
    assert "fonts-noto-cjk" in font


def test_chinese_names_need_a_chinese_font(toy_plan):
    pen = fonts.pen()
    if not pen.chinese:
        pytest.skip("no font with Chinese characters on this machine")
    assert pen.can("澄湾区")
    shown = coverage_map(toy_plan, "canteen", "zh")
    assert shown != coverage_map(toy_plan, "canteen", "en")


def test_strange_names_and_colours_are_drawn(toy_plan):
    """Rare characters, mathematics, no name, a name of 900 characters, a colour that is none."""
    area = toy_plan.area
    names = ["$\\frac{1}{0}$", "𠮷🏠\x07", "很长的名字" * 180, "<b>", None, "_^{"]
    canteen = replace(
        area.kinds["canteen"], colour="no colour", zh="$x^2$ 🏠" * 30, en="$x^2$ 🏠 " * 30
    )
    plan = replace(
        toy_plan,
        area=replace(
            area,
            communities=area.communities.assign(street=names),
            kinds={**area.kinds, "canteen": canteen},
        ),
    )
    for lang in ("zh", "en"):
        png = coverage_map(plan, "canteen", lang)
        assert pixels(png).shape == pixels(coverage_map(toy_plan, "canteen", lang)).shape


def test_map_without_figures_says_so(toy_plan):
    png = coverage_map(with_shares(toy_plan, np.nan), "canteen", "en", question=0)
    assert area_of(png, drawing.NOBODY) > 1000
    sea = replace(
        toy_plan, area=replace(toy_plan.area, backdrop=None), rings=toy_plan.rings.iloc[:0]
    )
    assert coverage_map(sea, "canteen", "en").startswith(b"\x89PNG")


def test_backdrop_is_drawn_over_the_shading(toy_plan):
    area = toy_plan.area
    west, south, east, north = area.communities.total_bounds
    lake = area.communities.iloc[[0]][["geometry"]].assign(kind="water", name="湖")
    plan = replace(toy_plan, area=replace(area, backdrop=lake.reset_index(drop=True)))
    before = area_of(coverage_map(toy_plan, "canteen", "en"), palette.BACKDROP["water"])
    after = area_of(coverage_map(plan, "canteen", "en"), palette.BACKDROP["water"])
    assert after > before + 1000
    assert west < east
    assert south < north


def test_size_fits_a_page(toy_plan):
    image = Image.open(io.BytesIO(coverage_map(toy_plan, "canteen", "en")))
    wide, tall = image.size
    assert 1300 < wide < 1600
    assert 0.5 < tall / wide < 1.1
    assert image.info["dpi"][0] == pytest.approx(200, abs=1)


def test_pyplot_is_never_loaded():
    code = "import sys, planner.output.report.figures.pictures"
    code += "; sys.exit('matplotlib.pyplot' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_many_sites_are_not_numbered(toy_plan, monkeypatch):
    monkeypatch.setattr(drawing, "MOST_NUMBERED", 0)
    plain = coverage_map(toy_plan, "canteen", "en")
    monkeypatch.undo()
    assert area_of(plain, palette.SITE_COLOUR) < area_of(
        coverage_map(toy_plan, "canteen", "en"), palette.SITE_COLOUR
    )
    assert pd.Series(toy_plan.kinds).is_unique


def test_a_page_is_drawn_as_it_is_written():
    """A red square of 36 points at 72, 36: as pixels from the top, and in tenths of points."""
    page = canvas.Canvas(width=144, height=144)
    square = canvas.rectangle(72, 36, 36, 36, face="#ff0000")
    page.put(square)
    red = (page.pixels(72) == [255, 0, 0, 255]).all(axis=2)
    assert [side.tolist() for side in np.nonzero(red.any(axis=1))] == [list(range(72, 108))]
    assert [side.tolist() for side in np.nonzero(red.any(axis=0))] == [list(range(72, 108))]
    assert b'fill="#ff0000" d="M720 360l360 0 0 360 -360 0z"' in page.svg()
    again = canvas.Canvas(width=144, height=144)
    again.share(canvas.Layer([square]))
    assert (again.pixels(72) == page.pixels(72)).all()
    assert again.svg() == page.svg()


def test_marks_of_the_map_end_at_its_frame():
    page = canvas.Canvas(width=144, height=144)
    page.put(canvas.rectangle(0, 0, 144, 144, face="#ff0000"), box=(36, 36, 72, 36))
    red = (page.pixels(72) == [255, 0, 0, 255]).all(axis=2)
    assert red.sum() == 72 * 36
    assert red[72:108, 36:108].all()
    assert b'<rect x="360" y="360" width="720" height="360"/>' in page.svg()


def test_a_layer_of_very_many_lines_is_an_image_in_an_svg(monkeypatch):
    """It is turned the right way up: the lower half is red."""
    monkeypatch.setattr(canvas, "MOST_DRAWN", 3)
    page = canvas.Canvas(width=72, height=72)
    page.share(canvas.Layer([canvas.rectangle(0, 0, 72, 36, face="#ff0000")]))
    tree = etree.fromstring(page.svg())
    (image,) = tree.iter("{http://www.w3.org/2000/svg}image")
    assert (image.get("width"), image.get("height")) == ("720", "720")
    link = image.get("{http://www.w3.org/1999/xlink}href")
    shown = Image.open(io.BytesIO(base64.b64decode(link.removeprefix("data:image/png;base64,"))))
    rows = np.asarray(shown)[:, 100].tolist()
    assert rows[:100] == [[255, 0, 0, 255]] * 100  # the page counts upwards
    assert not np.asarray(shown)[101:, :, 3].any()


def test_lines_beyond_number_are_drawn_once_where_they_coincide(monkeypatch):
    """A pixel is 10 m: on a grid of 5 m the second line is the first, turned; the third a point."""
    monkeypatch.setattr(frame, "MOST_MERGED", 3)
    view = frame.Frame(view=(0, 0, 1000, 1000), box=(0, 0, 100, 100), pixel=10)
    lines = [[(0, 0), (99, 1), (99, 52)], [(101, -1), (1, 1)], [(500, 500), (501, 501)]]
    found = view.merged(gpd.GeoSeries([shapely.LineString(line) for line in lines]))
    assert {tuple(line.coords) for line in found} == {
        ((0, 0), (100, 0)),
        ((100, 0), (100, 50)),
    }
    assert len(found) == 2
    monkeypatch.setattr(frame, "MOST_MERGED", 10)
    merged = view.merged(gpd.GeoSeries([shapely.LineString(line) for line in lines[:1]]))
    assert [tuple(line.coords) for line in merged] == [((0, 0), (99, 1), (99, 52))]
