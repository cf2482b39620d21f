"""Fonts of pictures: one with Chinese characters is found wherever there is one."""

import sys
from pathlib import Path
from types import SimpleNamespace

import matplotlib as mpl
import pytest
from fontTools.ttLib import TTFont
from matplotlib import font_manager

from planner.output.report.figures import fonts

LOOKED = (fonts._installed_since, fonts._packaged, fonts._of_any_name)


def named(family, path, signs=""):
    """Make a font of a family from matplotlib's own, with a shape for each of some signs."""
    made = TTFont(f"{mpl.get_data_path()}/fonts/ttf/DejaVuSans.ttf")
    for record in made["name"].names:
        if record.nameID in (1, 4, 16):
            record.string = family
    for table in made["cmap"].tables:
        if (table.isUnicode() and table.format == 12) or table.format == 4:
            table.cmap.update({ord(sign): "A" for sign in signs})
    path.parent.mkdir(parents=True, exist_ok=True)
    made.save(path)
    return path


def forget():
    """Forget every font found: matplotlib keeps paths by family, those of made fonts among them."""
    font_manager.fontManager._findfont_cached.cache_clear()
    for look in LOOKED:
        look.cache_clear()


@pytest.fixture
def bare(monkeypatch):
    """No font with Chinese characters: neither listed nor installed nor packaged."""
    own = [one for one in font_manager.fontManager.ttflist if one.name.startswith("DejaVu")]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", own)
    installed = []
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda: installed)
    monkeypatch.setattr(fonts, "FONT_PACKAGE", "no_such_package_of_fonts")
    forget()
    yield SimpleNamespace(installed=installed)
    forget()


def test_without_any_font_pictures_speak_english(bare):
    assert not fonts.pen().chinese


def test_a_font_installed_since_the_list_was_made_is_found(bare, tmp_path):
    bare.installed.append(str(named("Noto Sans CJK SC", tmp_path / "NotoSansCJK-Regular.ttf")))
    assert fonts.pen().families[0] == "Noto Sans CJK SC"


def test_a_font_of_the_list_whose_file_is_gone_is_passed_over(bare, monkeypatch, tmp_path):
    gone = font_manager.FontEntry(fname=str(tmp_path / "gone.ttf"), name="SimHei")
    monkeypatch.setattr(
        font_manager.fontManager, "ttflist", [*font_manager.fontManager.ttflist, gone]
    )
    assert not fonts.pen().chinese


def test_the_font_of_the_extra_is_found_without_loading_its_package(bare, monkeypatch, tmp_path):
    package = tmp_path / "fonts_for_tests"
    open_font = named("Noto Sans CJK SC", package / fonts.FONT_FILE)
    other = named("SimHei", open_font.parent / "SimHei.ttf")  # whose licence is doubtful
    (package / "__init__.py").write_text("raise ImportError", "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(fonts, "FONT_PACKAGE", "fonts_for_tests")
    assert fonts.pen().families[0] == "Noto Sans CJK SC"
    assert "fonts_for_tests" not in sys.modules
    listed = {Path(entry.fname) for entry in font_manager.fontManager.ttflist}
    assert open_font in listed
    assert other not in listed


def test_a_font_of_any_name_will_do(bare, tmp_path):
    bare.installed.append(str(named("Village Hand", tmp_path / "hand.ttf", fonts.PROBE)))
    assert fonts.pen().families[0] == "Village Hand"


def test_a_bracket_stays_whole():
    assert fonts.broken("居家养老服务站（258）", 16) == "居家养老服务站\n（258）"
    assert fonts.broken("suggested sites (258 in all)", 18) == "suggested sites\n(258 in all)"
