"""Two states, two years or two plans side by side on the map, in a real browser."""

import dataclasses

import pytest
from support.browser import Visit
from test_whatif import agree, measured, trial_points

import planner
from planner import api
from planner.output import maps

pytestmark = pytest.mark.browser
NASTY = "<img src=x onerror=\"document.body.dataset.hacked='yes'\">"
HALF = ["communities", "bands", "rings", "reach", "facilities", "sites"]
CLIPS = f"""() => {HALF}.map((name) => [
    plan.map.getPane(`left-${{name}}`).style.clipPath, plan.map.getPane(name).style.clipPath])"""
FILLS = """(name) => [...document.querySelectorAll(`.leaflet-${name}-pane path`)]
    .map((path) => path.getAttribute('fill'))"""


@pytest.fixture
def toy_visit(chrome, toy_page, tmp_path):
    return Visit(chrome, toy_page, tmp_path)


@pytest.fixture(scope="module")
def pair(toy, toy_plan, tmp_path_factory):
    path = toy.write(tmp_path_factory.mktemp("pair"))
    more = ["walk.preset=elderly", "siting.0.new=2"]
    return toy_plan, api.run(path, use=["later"], set=more)


@pytest.fixture(scope="module")
def compared_page(pair):
    return maps.page(planner.compare(*pair, names=("今天", NASTY)), lang="zh")


def test_each_half_is_clipped_at_the_divider_which_keys_move(toy_visit):
    page = toy_visit.page
    toy_visit("() => { plan.state.kind = 'canteen'; plan.state.when = 'after'; plan.refresh(); }")
    page.check("#swipe")
    handle = page.locator(".swipe")
    assert handle.get_attribute("role") == "slider"
    assert (
        handle.get_attribute("aria-valuetext") == "left: Today 60.6%; right: With new sites 97.0%"
    )
    for left, right in toy_visit(CLIPS):
        assert left.startswith("polygon(")
        assert right.startswith("polygon(")
        assert left != right
    at = int(handle.get_attribute("aria-valuenow"))
    handle.focus()
    for key, expected in (("ArrowRight", at + 5), ("ArrowLeft", at), ("Home", 3), ("End", 97)):
        page.keyboard.press(key)
        assert int(handle.get_attribute("aria-valuenow")) == expected
    page.uncheck("#swipe")
    assert toy_visit(CLIPS) == [["", ""]] * len(HALF)
    assert handle.count() == 0
    assert page.locator(".leaflet-left-communities-pane path").count() == 0
    assert toy_visit.wrong == []


def test_pointer_and_finger_move_the_divider(chrome, toy_page, tmp_path):
    visit = Visit(chrome, toy_page, tmp_path, has_touch=True)
    visit("() => { plan.state.kind = 'canteen'; plan.state.when = 'after'; plan.refresh(); }")
    visit.page.check("#swipe")
    where = "() => Number(document.querySelector('.swipe').getAttribute('aria-valuenow'))"
    box = visit.page.locator(".swipe i").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    visit.page.mouse.move(x, y)
    visit.page.mouse.down()
    visit.page.mouse.move(x - 300, y, steps=4)
    visit.page.mouse.up()
    by_mouse = visit(where)
    assert by_mouse < 30
    touch = visit.page.context.new_cdp_session(visit.page)

    def finger(kind: str, *points: float) -> None:
        touch.send(
            "Input.dispatchTouchEvent",
            {"type": kind, "touchPoints": [{"x": x, "y": y} for x in points]},
        )

    finger("touchStart", x - 300)
    finger("touchMove", x - 200)
    finger("touchMove", x + 100)
    finger("touchEnd")
    assert visit(where) > 50
    assert visit.wrong == []


def test_circles_and_facilities_of_a_state_stay_on_its_side(toy_visit):
    """The circles of the suggested sites belong to the right, those of today to both."""
    toy_visit("() => { plan.state.kind = 'canteen'; plan.state.when = 'after'; plan.refresh(); }")
    toy_visit.page.check("#swipe")
    dashed = """(name) => { let n = 0; plan.map.eachLayer((layer) => {
        if (layer.options.dashArray === '5 4' && layer.options.renderer
            && layer.options.renderer.options.pane === name) n += 1; }); return n; }"""
    assert toy_visit(dashed, "rings") == 1
    assert toy_visit(dashed, "left-rings") == 0
    assert toy_visit.page.locator(".leaflet-sites-pane .pin").count() == 1
    assert toy_visit.page.locator(".leaflet-left-sites-pane .pin").count() == 0
    assert toy_visit(FILLS, "left-communities") != toy_visit(FILLS, "communities")


def test_two_years_stand_side_by_side(toy_visit, toy_city):
    page = toy_visit.page
    toy_visit("() => { plan.state.kind = 'care_station'; plan.refresh(); }")
    page.check("#swipe")
    offered = page.locator("#swipe-left option").evaluate_all(
        "(all) => all.map((one) => one.value)"
    )
    assert offered == ["before", "2005", "2010", "2015", "2022"]
    page.select_option("#swipe-left", "2015")
    page.select_option("#swipe-right", "2022")
    assert page.locator(".swipe .left span").inner_text() == "2015"
    assert page.locator(".swipe .right span").inner_text() == "2022"
    for side, pane, year in (("2015", "left-", 2015), ("2022", "", 2022)):
        plan = api.run(toy_city, set=["siting=[]", f"year={year}"])
        share = plan.coverage.share("care_station", minutes=15, group="aged_60")
        shown = toy_visit(
            "(side) => planMap.inState(plan, side,"
            " () => planMap.shareAt(plan.view().people, 'aged_60', 15))",
            side,
        )
        assert shown == pytest.approx(share, abs=0.001)
        drawn = page.locator(f".leaflet-{pane}facilities-pane path").count()
        operating = plan.area.facilities["operating"] & (
            plan.area.facilities["kind"] == "care_station"
        )
        assert drawn == operating.sum()
    assert toy_visit("() => [plan.state.when, plan.state.year]") == ["before", 2022]
    assert toy_visit.wrong == []


def test_two_plans_share_one_ground(compared_page, pair, chrome, tmp_path):
    """Each side says what its own plan says; shapes are in the page once."""
    visit = Visit(chrome, compared_page, tmp_path)
    first, second = pair
    assert visit("() => [plan.state.swipe, plan.state.left, plan.state.when]") == [
        True, "before", "other",
    ]  # fmt: skip
    for kind in first.kinds:
        for state, coverage in (("before", first.coverage), ("other", second.coverage)):
            people = visit("([kind, when]) => plan.view(kind, when).people.aged_60", [kind, state])
            for one in people:
                expected = coverage.share(kind, minutes=one["minutes"], group="aged_60")
                assert one["share"] == pytest.approx(expected, abs=6e-5)
            units = coverage.units[coverage.units["kind"] == kind].set_index("community")["share"]
            shares = visit("([kind, when]) => plan.view(kind, when).share", [kind, state])
            for label, share in zip(first.area.communities.index, shares, strict=True):
                assert share == (None if label not in units else pytest.approx(units[label]))
    alone = len(maps.page(first, lang="zh"))
    assert len(compared_page) < 1.1 * alone
    assert visit.wrong == []


def test_the_table_of_what_differs_and_its_facilities(compared_page, chrome, tmp_path):
    visit = Visit(chrome, compared_page, tmp_path)
    page = visit.page
    visit("() => { plan.state.kind = 'care_station'; plan.refresh(); }")
    told = page.inner_text(".comparison")
    assert "78.8%" in told
    assert "97.0%" in told
    assert "+18.2" in told
    assert "东南养老站" in told
    assert "仅 B 在用" in told
    settings = page.locator(".comparison details").last.inner_text()
    assert "步行速度" in settings
    assert "walk.preset" not in settings, "what has a name is called by it"
    page.click(".comparison .link")  # opens the card of the station that only B has open
    assert page.locator(".leaflet-popup h3").last.inner_text() == "东南养老站"
    visit("() => { plan.map.closePopup(); plan.state.kind = 'canteen'; plan.refresh(); }")
    for side, pins in (("other", 0), ("other_after", 2), ("after", 1), ("before", 0)):
        page.select_option("#swipe-right", side)
        assert page.locator(".leaflet-sites-pane .pin").count() == pins
    page.select_option("#swipe-left", "other_after")
    assert page.locator(".leaflet-left-sites-pane .pin").count() == 2
    assert page.locator(".swipe .left span").inner_text() == f"B · 选址后：{NASTY}"
    for shade in ("minutes", "walk", "share"):
        page.click(f"#shade-{shade}")
    for i in range(6):
        visit("(i) => plan.show(i)", i)
    page.locator("#layer-homes").check()
    page.emulate_media(media="print")
    visit("() => { window.dispatchEvent(new Event('beforeprint')); }")
    visit("() => { window.dispatchEvent(new Event('afterprint')); }")
    assert visit.wrong == []


def test_names_from_data_do_nothing_in_a_comparison(compared_page, pair, chrome, tmp_path):
    first, second = pair
    area = second.area
    named = dataclasses.replace(
        second,
        area=dataclasses.replace(
            area,
            communities=area.communities.assign(name=NASTY),
            facilities=area.facilities.assign(name=NASTY, tier=NASTY),
        ),
        siting=tuple(
            dataclasses.replace(answer, sites=answer.sites.assign(name=NASTY, host=NASTY))
            for answer in second.siting
        ),
    )
    mixed = planner.compare(first, named, names=(NASTY, "</script><b>"))
    visit = Visit(chrome, maps.page(mixed, lang="en"), tmp_path)
    visit("() => { plan.state.kind = 'care_station'; plan.refresh(); }")
    visit.page.click(".comparison .link")
    visit("() => { plan.state.kind = 'canteen'; plan.state.when = 'other_after'; plan.refresh(); }")
    visit("""() => { plan.map.eachLayer((layer) => {
        if (layer.getTooltip && layer.getTooltip()) layer.openTooltip();
        if (layer.getPopup && layer.getPopup()) layer.openPopup(); }); }""")
    assert visit.page.locator(".comparison dd").first.inner_text() == NASTY
    assert visit("() => document.body.dataset.hacked") is None
    assert visit("() => document.querySelectorAll('img[onerror], .comparison b').length") == 0
    assert visit.wrong == []


def test_a_second_plan_may_have_other_kinds_and_homes(pair, chrome, tmp_path):
    """What the second plan does not have is not offered beside the first."""
    first, second = pair
    rows = second.coverage.units["kind"] != "shelter"
    fewer = dataclasses.replace(
        second,
        kinds=tuple(kind for kind in second.kinds if kind != "shelter"),
        coverage=dataclasses.replace(second.coverage, units=second.coverage.units[rows]),
        area=dataclasses.replace(
            second.area, demand=second.area.demand.rename(index={"a1": "other"})
        ),
    )
    visit = Visit(chrome, maps.page(planner.compare(first, fewer), lang="en"), tmp_path)
    visit.page.check("#kind-shelter", force=True)
    values = visit.page.locator("#swipe-right option").evaluate_all(
        "(all) => all.map((o) => o.value)"
    )
    assert "other" not in values
    assert visit("() => plan.state.when") == "before"
    visit.page.check("#kind-canteen", force=True)
    visit.page.select_option("#swipe-right", "other")
    visit.page.locator("#layer-homes").check()
    visit("(i) => plan.show(i)", 0)
    assert "are not compared: Disaster shelter" in visit.page.inner_text(".comparison")
    assert visit.wrong == []


# Both sides of the divider


@pytest.fixture
def both(compared_page, chrome, tmp_path):
    visit = Visit(chrome, compared_page, tmp_path)
    visit("() => { plan.state.kind = 'care_station'; plan.refresh(); }")
    return visit


def test_a_trial_stands_in_both_plans(both, pair):
    """Each computes it at its own speed and with its own facilities, as a run of it would."""
    at = [both.page.evaluate("() => plan.unpack.point(plan.data.communities.label[2])")]
    lat, lng = at[0]
    both("(at) => plan.trials.add(at)", [lat, lng])
    assert both("() => [plan.state.left, plan.state.when]") == ["trial", "other_trial"]
    shares = {}
    for plan, state, when in (
        (pair[0], "trial", "before"), (pair[1], "other_trial", "other"),
    ):  # fmt: skip
        python = measured(plan, "care_station", trial_points(plan, [(lng, lat)]))
        view = both(
            """(when) => {
            const { people, share, minutes, counts } = plan.view(plan.state.kind, when);
            return { people, share, minutes, counts }; }""",
            state,
        )
        agree(view, python, plan, "care_station")
        shares[when] = python.share("care_station", minutes=15, group="aged_60")
        before = plan.coverage.share("care_station", minutes=15, group="aged_60")
        gain = both("(when) => plan.trials.added('care_station', when)[0].aged_60", when)
        people = plan.area.demand["aged_60"].sum()
        assert gain == pytest.approx((shares[when] - before) * people, abs=0.01 * people)
    told = [f"{share * 100:.1f}%" for share in shares.values()]
    assert both.page.locator(".versus strong").all_inner_texts()[:2] == told
    assert both.page.locator(".swipe strong").all_inner_texts() == told
    assert both.page.locator(".trials table").count() == 2
    assert both.page.locator(".leaflet-pins-pane .pin").count() == 1
    table = both("() => plan.trials.table()[0]")
    assert {"adds_aged_60", "adds_b_aged_60"} <= set(table)
    both("() => plan.trials.undo()")
    assert both("() => [plan.state.left, plan.state.when]") == ["before", "other"]
    assert both.wrong == []


def test_the_largest_gaps_are_told_on_the_side_that_they_are_of(both):
    """Moving the divider over a community turns its label into the other plan's."""
    cut = "() => plan.map.getSize().x * Number(document.querySelector('.swipe').ariaValueNow) / 100"
    labels = "() => [...document.querySelectorAll('.name.gap')].map((one) => one.innerText)"
    gaps = """(side) => planMap.inState(plan, side, () => plan.view().gaps.slice(0, 8)
        .map(({ community: i, lacking: n }) =>
            [plan.map.latLngToContainerPoint(plan.unpack.point(plan.data.communities.label[i])).x,
             plan.say('gap_label', { n: plan.count(Math.round(n)) })]))"""
    seen = {}
    for key in ("Home", "End"):
        both.page.focus(".swipe")
        both.page.keyboard.press(key)
        both.page.wait_for_timeout(100)
        at = both(cut)
        expected = [text for x, text in both(gaps, "before") if x < at]
        expected += [text for x, text in both(gaps, "other") if x >= at]
        seen[key] = sorted(both(labels))
        assert seen[key] == sorted(expected)
    assert seen["Home"] != seen["End"]
    assert both.page.locator(".gaps .heads b").all_inner_texts() == ["A", "B"]


def test_the_scorecard_shows_both_plans(toy, chrome, tmp_path):
    path = toy.write(tmp_path / "carded")
    (path.parent / "own.toml").write_text(
        """zh = "试"
en = "Trial"
source = "made up"
grade = "unverified"
[targets.near]
zh = "步行覆盖"
en = "Reached"
indicator = "people_coverage"
kind = "care_station"
minutes = 15
group = "aged_60"
must = 0.9
""",
        "utf-8",
    )
    asked = ["standards.profiles=['own.toml']", "siting=[]"]
    first = api.run(path, set=asked)
    second = api.run(path, set=[*asked, "year=2022", "walk.preset=standard"])
    visit = Visit(chrome, maps.page(planner.compare(first, second), lang="en"), tmp_path)
    visit.page.click("#scorecard summary")
    sides = visit.page.locator(".scorecard li .side").all_inner_texts()
    values = [plan.scorecard["value"].iloc[0] for plan in (first, second)]
    assert values[0] < 0.9 < values[1]
    for side, name, value, sign in zip(sides, "AB", values, "✕✓", strict=True):
        assert name in side
        assert f"{value * 100:.1f}%" in side
        assert sign in side
    visit.page.select_option("#card-verdict", "differs")
    assert visit.page.locator(".scorecard li:visible").count() == 1
    visit.page.click("#card-0")  # shades both sides, each with its own figures
    assert visit("() => plan.state.shade") == "near"
    for plan, when in ((first, "before"), (second, "other")):
        streets = plan.scorecard_streets.set_index("street")["value"]
        expected = plan.area.communities["street"].map(streets)
        shown = visit(
            "(when) => plan.data.communities.name.map((_, i) => plan.indicators.valueOf(i, when))",
            when,
        )
        for value, figure, inside in zip(
            shown, expected, plan.area.communities["inside"], strict=True
        ):
            assert value == (pytest.approx(figure, abs=1e-4) if inside else None)
    assert visit.wrong == []


def test_years_beside_each_other_both_take_a_trial(toy_visit):
    toy_visit("() => { plan.state.kind = 'care_station'; plan.refresh(); }")
    toy_visit.page.check("#swipe")
    toy_visit.page.select_option("#swipe-left", "2015")
    toy_visit.page.select_option("#swipe-right", "2022")
    bare = toy_visit.page.locator(".versus strong").all_inner_texts()[:2]
    toy_visit(
        """() => { const [gap] = planMap.inState(plan, '2015', () => plan.view().gaps);
        plan.trials.add(plan.unpack.point(plan.data.communities.label[gap.community])); }"""
    )
    assert toy_visit("() => [plan.state.left, planMap.sideOf(plan.state)]") == ["2015+", "2022+"]
    tried = toy_visit.page.locator(".versus strong").all_inner_texts()[:2]
    assert all(float(a[:-1]) <= float(b[:-1]) for a, b in zip(bare, tried, strict=True))
    assert tried[0] != bare[0]
    assert toy_visit.page.locator("#swipe-left").input_value() == "2015+"
    toy_visit("() => plan.trials.clear()")
    assert toy_visit.page.locator(".versus strong").all_inner_texts()[:2] == bare
    toy_visit.page.select_option("#swipe-left", "before")
    toy_visit.page.select_option("#swipe-right", "before")
    toy_visit("() => plan.trials.add(plan.unpack.point(plan.data.communities.label[2]))")
    assert toy_visit("() => [plan.state.left, planMap.sideOf(plan.state)]") == ["before", "trial"]
    assert toy_visit.wrong == []
