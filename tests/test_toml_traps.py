"""Lines that are not TOML, or not what was meant: each is met with its remedy."""

import pytest

from planner import api
from planner.errors import InputError, PlannerError, SettingsError
from planner.language import LANGS
from planner.toml_traps import toml_remedy

NOT_TOML = {
    "title = “澄湾区”": ("半角", "half-width"),
    'title：="x"': ("“：”", "The sign ："),
    'title = "x"，': ("“，”", "The sign ，"),
    'file = "D:\\data\\a.csv"': ('"D:/data/a.csv"', '"D:/data/a.csv"'),
    "title = 澄湾区": ('"澄湾区"', '"澄湾区"'),
    "file = a.csv  # the list": ('"a.csv"', '"a.csv"'),
    "lang = false_friends": ('"false_friends"', '"false_friends"'),
    'title: "x"': ("等号", "stands =, not a colon"),
    'title = "x",': ("请删去", "Delete the ,"),
    "[streets]\na=1\n[streets]": ("[[streets]]", "[[streets]]"),
    "[streets]\n[[streets]]": ("[[streets]]", "[[streets]]"),
    "[streets": ("引号与括号", "Check quotes and brackets"),
    'title = "x': ("引号与括号", "Check quotes and brackets"),
}
NOT_MEANT = {
    "[facilities]\nfile = 'a'": ("[[facilities]]", "[[facilities]]"),
    "[[streets]]\nfile = 'a'": ("[streets]", "[streets]"),
    "[[facilities]]\nfile = 'a'\ndatum = 'GCJ-02'": ('"gcj02"', '"gcj02"'),
    "[[facilities]]\nfile = 'a'\ndatum = '高德'": ('"gcj02"', '"gcj02"'),
    "[[facilities]]\nfile = 'a'\ndatum = 'WGS 84'": ('"wgs84"', '"wgs84"'),
    "[[facilities]]\nfile = 'a'\ndatum = '百度地图'": ('"bd09"', '"bd09"'),
}


def told(tmp_path, content, error):
    path = tmp_path / "s.toml"
    path.write_text(content, "utf-8")
    with pytest.raises(error) as caught:
        api.read_settings(path)
    return [" ".join(caught.value.say(lang)) for lang in LANGS]


@pytest.mark.parametrize("content", NOT_TOML)
def test_what_is_not_toml_has_its_remedy(tmp_path, content):
    for line, remedy in zip(told(tmp_path, content, InputError), NOT_TOML[content], strict=True):
        assert "s.toml" in line
        assert remedy in line


@pytest.mark.parametrize("content", NOT_MEANT)
def test_what_was_meant_is_told(tmp_path, content):
    for line, remedy in zip(
        told(tmp_path, content, SettingsError), NOT_MEANT[content], strict=True
    ):
        assert remedy in line


def test_a_windows_path_between_double_quotes(toy_city):
    """`\\n` and `\\t` are a new line and a tab to TOML, which takes them without a word."""
    content = toy_city.read_text("utf-8").replace('"links.csv"', '"D:\\new\\table.csv"')
    toy_city.write_text(content, "utf-8")
    with pytest.raises(PlannerError) as caught:
        api.check(toy_city)
    for lang in LANGS:
        line = " ".join(caught.value.say(lang))
        assert "'D:/new/table.csv'" in line
        assert line.isprintable()


def test_a_complaint_without_a_line_is_met_too():
    assert set(toml_remedy("", "odd")) == set(LANGS)
