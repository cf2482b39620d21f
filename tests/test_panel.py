"""A panel computes each choice as a run would, and tells what cannot be chosen."""

import io
import sys
from html import escape

import pytest
from PIL import Image

import planner
from planner.district.reading import load
from planner.errors import SettingsError


@pytest.fixture
def panel(toy_city):
    return planner.Panel(toy_city, lang="en")


def test_a_choice_is_what_a_run_gives(panel, toy_city, monkeypatch):
    monkeypatch.setattr(load, "load_area", None)  # all is read
    chosen = {"kind": "canteen", "minutes": 10, "speed_mps": 0.6, "new": 0}
    found = panel.view(**chosen)
    monkeypatch.undo()
    asked = ["siting=[]", "coverage.cutoff_min=10", "walk.speed_mps=0.6"]
    whole = planner.run(toy_city, set=asked)
    assert found.figures.equals(whole.summary().astype(object).loc["canteen"])
    assert Image.open(io.BytesIO(found.picture)).format == "PNG"
    assert "data:image/png" in found._repr_html_()
    assert found.caveats == tuple(whole.caveats("en"))


def test_what_is_estimated_stands_beside_the_figures(toy_city):
    straight = ["siting=[]", "streets={straight=true}"]
    view = planner.Panel(toy_city, set=straight, lang="en").view()
    assert view.caveats
    assert all(escape(told) in view._repr_html_() for told in view.caveats)


def test_sites_are_asked_for_by_their_number(panel):
    assert panel.sited
    kind = next(iter(panel.sited))
    shares = [panel.view(kind=kind, new=n).figures["after"] for n in (0, 1, 2)]
    assert shares == sorted(shares)
    assert shares[0] < shares[1]
    assert [len(panel.view(kind=kind, new=n).plan.siting) for n in (0, 1)] == [0, 1]


def test_what_cannot_be_chosen_is_told(panel):
    other = next(kind for kind in panel.kinds if kind not in panel.sited)
    for chosen, key in (({"kind": "zoo"}, "no_kind"), ({"kind": other, "new": 2}, "not_sited")):
        with pytest.raises(SettingsError) as told:
            panel.view(**chosen)
        assert [one.key for one in told.value.problems] == [f"panel.{key}"]
    with pytest.raises(SettingsError):
        panel.view(minutes=-1)


def test_without_widgets_it_says_what_to_install(panel, monkeypatch):
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    with pytest.raises(SettingsError, match="planner\\[notebook\\]"):
        panel.show()


def test_a_slider_moves_map_and_figures(panel):
    box = panel.show()
    controls, shown = box.children
    before = shown.value
    slider = next(one for one in controls.children if one.description == "Speed (m/s)")
    slider.value = 0.3
    assert "data:image/png" in shown.value
    assert shown.value != before
