"""The map in a real browser: drawn in time and without a word, whatever the data hold."""

import dataclasses
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from support.browser import Visit
from test_maps import BARE, NASTY, make_plan, make_tables, nasty_plan

from planner import language
from planner.district.area import Tables
from planner.output import maps
from planner.study import scenario

pytestmark = pytest.mark.browser
# Whatever waits for a frame or moves is done, and whatever the page puts off: by half a second at
# most, its streets being unpacked.
SETTLED = """() => new Promise((done) => setTimeout(() => requestAnimationFrame(
    () => done(document.getAnimations().length === 0)), 600))"""


@pytest.fixture(scope="module")
def plan() -> scenario.Plan:
    return nasty_plan()


@pytest.fixture(scope="module")
def chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None and os.environ.get("CI"):
        pytest.fail("CI must have Chromium: the map is proven in a browser")
    if found is None:
        pytest.skip("no chromium on this machine")
    return found


def dumped(chromium: str, page: str, folder: Path) -> tuple[str, list[str]]:
    """Open a page by the browser alone, with no network; its document and what the console said."""
    path = folder / "map.html"
    path.write_text(page, "utf-8")
    flags = [
        "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync",
        "--disable-background-networking", "--disable-component-update", "--dump-dom",
        "--window-size=1400,900", "--enable-logging=stderr",
        "--virtual-time-budget=4000",
    ]  # fmt: skip
    run = subprocess.run(
        [chromium, *flags, "--host-resolver-rules=MAP * ~NOTFOUND",
         f"--user-data-dir={folder / 'profile'}", path.as_uri()],
        capture_output=True, timeout=90, check=True, encoding="utf-8",
    )  # fmt: skip
    return run.stdout, [line for line in run.stderr.splitlines() if "CONSOLE" in line]


def browse(chrome: Any, page: str, folder: Path, script: str = "") -> tuple[str, list[str]]:
    """Open a page and run a script on it; its document and what went wrong or was asked for."""
    visit = Visit(chrome, page, folder)
    visit.page.wait_for_function(SETTLED)
    visit(f"() => {{ {script} }}")
    visit.page.wait_for_function(SETTLED)
    visit("""() => {
        const count = (what) => document.querySelectorAll(what).length;
        Object.assign(document.body.dataset, {
            requests: performance.getEntriesByType('resource').map((one) => one.name).join(' '),
            paths: count('path.leaflet-interactive'), canvas: count('canvas'),
        });
    }""")
    return visit.page.content(), visit.wrong


def dataset(dom: str) -> dict[str, str]:
    body = re.search(r"<body[^>]*>", dom)[0]
    return dict(re.findall(r'data-(\w+)="([^"]*)"', body))


@pytest.mark.parametrize("lang", language.LANGS)
def test_browser_draws_the_map_without_a_word(plan, lang, chrome, tmp_path):
    script = (
        "for (const kind of plan.data.kinds) for (const shade of ['share', 'minutes', 'walk'])"
        " for (const when of ['before', 'after']) { plan.state.kind = kind.id;"
        " plan.state.shade = shade; plan.state.when = when; plan.refresh(); }"
        "for (const name in plan.state.layers) { plan.state.layers[name] = true; }"
        "plan.state.kind = 'canteen'; plan.state.shade = 'share'; plan.refresh();"
        "plan.map.eachLayer((layer) => layer.getPopup && layer.getPopup() && layer.openPopup());"
        "plan.state.answer = 1; plan.refresh(); plan.state.answer = 0; plan.refresh();"
        "window.dispatchEvent(new Event('beforeprint'));"
        "document.body.dataset.paper = document.querySelectorAll('canvas').length;"
        "window.dispatchEvent(new Event('afterprint'));"
        "plan.show(0);"
    )
    dom, console = browse(chrome, maps.page(plan, lang=lang), tmp_path, script)
    seen = dataset(dom)
    assert console == []
    assert int(seen["drawn"]) > 0
    assert seen["requests"] == ""
    assert "hacked" not in seen
    assert int(seen["paths"]) >= 10 + 3
    assert int(seen["canvas"]) >= 4
    assert seen["paper"] == "0"  # a canvas prints opaque
    assert dom.count('class="leaflet-marker-icon pin') == 2
    assert 'class="leaflet-popup ' in dom
    assert "&lt;script&gt;document.body.dataset.hacked" in dom
    mark = {"zh": "模拟数据", "en": "Synthetic data"}[lang]
    assert mark in dom


def test_browser_draws_a_bare_plan(chrome, tmp_path):
    dom, console = browse(chrome, maps.page(BARE(), lang="zh"), tmp_path)
    seen = dataset(dom)
    assert console == []
    assert int(seen["drawn"]) > 0
    assert int(seen["paths"]) == 1
    assert "0.0%" in dom
    kindless = dataclasses.replace(BARE(), kinds=())
    dom, console = browse(chrome, maps.page(kindless, lang="zh"), tmp_path)
    assert console == []
    assert "没有设施可供分析" in dom


def crowded(tables: Tables) -> Tables:
    """One facility with a very long name, of which nothing else is known."""
    one = tables.facilities.iloc[[0]].assign(
        name="很长的名称𠮷😀" * 60, tier=None, capacity=np.nan, community=None
    )
    one["opened"] = pd.array([None], dtype="Int64")
    return dataclasses.replace(tables, facilities=one)


def repeated(plan: scenario.Plan, times: int) -> scenario.Plan:
    """Let the first facility stand many times at its place."""
    first = plan.area.facilities.iloc[[0] * times]
    labels = [*plan.area.facilities.index[:1], *(f"again-{n}" for n in range(1, times))]
    return dataclasses.replace(
        plan, area=dataclasses.replace(plan.area, facilities=first.set_axis(labels))
    )


def hollow(tables: Tables) -> Tables:
    """Nothing known of anything but where it is."""
    communities = tables.communities.assign(
        **dict.fromkeys(("name", "street", "settlement", "zone"), None)
    )
    facilities = tables.facilities.assign(name=None, tier=None, capacity=np.nan)
    facilities["opened"] = pd.array([None] * len(facilities), dtype="Int64")
    candidates = tables.candidates.assign(name=None, host=None, cost=np.nan)
    return dataclasses.replace(
        tables, communities=communities, facilities=facilities, candidates=candidates
    )


@pytest.mark.parametrize(
    ("make", "speed", "seen"),
    [(crowded, 3.0, "100.0%"), (hollow, 0.001, "0.0%"), (hollow, 0.5, "no name")],
    ids=["crowd, all covered", "hollow, none covered", "hollow"],
)
def test_browser_draws_what_is_hard_to_draw(make, speed, seen, chrome, tmp_path):
    kinds_asked = {"kinds": ["canteen"]}
    odd = make_plan(make(make_tables(NASTY)), walk={"speed_mps": speed}, coverage=kinds_asked)
    odd = repeated(odd, 5000) if make is crowded else odd
    script = (
        "plan.trials.add(plan.map.getCenter()); plan.find('很');"
        "plan.state.layers.candidates = true;"
        "plan.state.shade = 'minutes'; plan.refresh(); plan.state.shade = 'share'; plan.refresh();"
        "plan.state.year = 2015; plan.refresh(); plan.state.year = null; plan.trials.undo();"
        "plan.refresh(); document.body.dataset.share ="
        " document.querySelector('.headline strong').textContent; plan.show(0);"
    )
    dom, console = browse(chrome, maps.page(odd, lang="en"), tmp_path, script)
    assert console == []
    assert int(dataset(dom)["drawn"]) > 0
    assert seen in dom
    assert "hacked" not in dataset(dom)


def test_browser_draws_the_embedded_district(chromium, chengwan_page, chengwan_today, tmp_path):
    assert len(chengwan_page.encode()) < 6e6
    dom, console = dumped(chromium, chengwan_page, tmp_path)
    assert console == []
    assert int(dataset(dom)["drawn"]) > 0
    assert dom.count("leaflet-interactive") > len(chengwan_today.area.communities)


def test_a_li_is_found_in_either_script_and_in_pinyin(chrome, tmp_path):
    """Taiwan calls its communities 里; their names are in traditional characters."""
    tables = make_tables(["龍門里", "和安里", "大學里", "敦安里", "錦安里"])
    visit = Visit(chrome, maps.page(make_plan(tables), lang="zh"), tmp_path)
    for typed in ("龍門", "龙门里", "longmen", "lml"):
        visit.page.fill("#search", typed)
        first = visit.page.locator("#found li").first
        assert "龍門里" in first.inner_text(), typed
    visit.page.keyboard.press("Enter")
    assert visit.page.locator(".leaflet-popup h3").inner_text() == "龍門里"
    assert visit.wrong == []


def test_what_is_saved_from_the_page_takes_no_name_from_the_data(plan, chrome, tmp_path):
    """Files have names of their own, and a cell from data starts no formula and leaves no cell."""
    visit = Visit(chrome, maps.page(plan, lang="en"), tmp_path)
    visit("""() => { plan.state.kind = 'canteen'; plan.refresh();
        plan.trials.add(plan.unpack.point(plan.data.facilities.at[2])); }""")
    for button, expected in (
        ("#trial-csv", "trial_sites.csv"),
        ("#trial-toml", "trial_sites.toml"),
    ):
        with visit.page.expect_download() as waiting:
            visit.page.click(button)
        assert waiting.value.suggested_filename == expected
    table = visit("() => plan.trials.csv()")
    assert len(table.strip().splitlines()) == 2
    assert not any(name in table for name in NASTY)
    assert visit("() => document.body.dataset.hacked") is None
    assert visit.wrong == []


def test_every_layer_can_be_switched(plan, chrome, tmp_path):
    """Each box of the legend takes away what it stands for, and brings it back."""
    visit = Visit(chrome, maps.page(plan, lang="en"), tmp_path)
    visit("() => { plan.state.kind = 'canteen'; plan.refresh(); }")
    drawn = """() => {
        let n = 0;
        plan.map.eachLayer((one) => {
            const kept = one instanceof L.Renderer && !(one instanceof planMap.Painting);
            if (!(one instanceof L.LayerGroup || kept)) n += 1;
        });
        const gaps = [...document.querySelectorAll('.leaflet-communities-pane path')]
            .filter((one) => one.getAttribute('stroke') === '#31102a');
        return [n, gaps.length];
    }"""
    boxes = visit.page.locator(".layer input")
    names = boxes.evaluate_all("(all) => all.map((one) => one.id)")
    assert {"layer-rings", "layer-facilities", "layer-gaps", "layer-sites", "layer-streets"} <= {
        *names
    }
    for name in names:
        before = visit(drawn)
        box = visit.page.locator(f"#{name}")
        was = box.is_checked()
        box.click()
        assert visit(drawn) != before, name
        visit.page.locator(f"#{name}").click()
        assert visit.page.locator(f"#{name}").is_checked() == was
        assert visit(drawn) == before, name
    assert visit.wrong == []
