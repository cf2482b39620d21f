"""Scenarios: a base, overrides, single keys last, and every fault named at once."""

import pytest

from planner.errors import SettingsError
from planner.settings import Settings, resolve

BASE = {
    "title": "T",
    "communities": {"file": "c.gpkg"},
    "streets": {"file": "s.gpkg"},
    "siting": [{"kind": "canteen", "new": 2}, {"kind": "shelter", "model": "set_cover"}],
    "overrides": {
        "slow": {"walk": {"preset": "frail"}},
        "fast": {"walk": {"preset": "brisk"}},
        "wide": {"walk": {"max_snap_m": 300}, "coverage": {"minutes": [5]}},
    },
}

SITING = {"kind": "canteen", "new": 1}
COVER = {"kind": "x", "model": "set_cover"}
FAIR = SITING | {"model": "fair_cover"}
PHASES = [{"year": 2025, "new": 1}]
PHASED = {"kind": "canteen", "phases": PHASES}
SIZE = {"size": "small", "capacity": 5, "cost": 1}
CLOSE = {"action": "close", "facility": "K1"}
MISSING_NEW = ("missing_key", "siting.0.new")


def faults(scenario=None, **options) -> list[tuple[str, object]]:
    with pytest.raises(SettingsError) as caught:
        resolve(BASE | (scenario or {}), name="s.toml", **options)
    for lang in ("zh", "en"):
        assert all(caught.value.say(lang))
    return [
        (problem.key.removeprefix("settings."), problem.value) for problem in caught.value.problems
    ]


def test_defaults_are_whole():
    settings = resolve(BASE)
    assert settings.walk.speed.speed_mps == 1.0
    assert settings.coverage.minutes == [5, 10, 15]
    assert settings.name("en") == settings.name("zh") == "T"


def test_overrides_in_order_then_single_keys():
    settings = resolve(BASE | {"use": ["wide"]}, use=["slow"], assign=["walk.max_snap_m=150"])
    assert settings.walk.preset == "frail"
    assert settings.walk.max_snap_m == 150
    assert settings.coverage.minutes == [5]
    assert settings.use == ["wide", "slow"]


def test_what_the_schema_does_not_say_is_told_beside_what_it_does():
    scenario = {
        "wlak": {},
        "walk": {"preset": "run"},
        "streets": {"file": "a", "place": "b"},
        "siting": [{"kind": "x"}, {"kind": "x", "new": "many"}],
    }
    assert sorted(faults(scenario), key=str) == [
        ("missing_key", "siting.0.new"),
        ("streets_twice", "streets"),
        ("unknown_key", "wlak"),
        ("unknown_preset", "run"),
        ("wrong_value", "many"),
    ]


@pytest.mark.parametrize(
    ("key", "value", "zh", "en"),
    [
        ("siting.0.new", "many", "整数", "whole number"),
        ("siting.0.seed", "1e30", "整数", "whole number"),
        ("walk.max_snap_m", "far", "数字", "a number"),
        ("lang", "fr", "'zh-HK' 或 'zh-TW'", "'zh-HK' or 'zh-TW'"),
        ("coverage.minutes", "[]", "列表", "a list"),
        ("walk", "3", "表", "a table"),
        ("title", "3", "文字", "text"),
        ("siting.0.tier", "[]", "[tier]", "[tier]"),
        ("communities.encoding", "", "不能为空", "not empty"),
        ("streets.layer", "", "不能为空", "not empty"),
        ("communities.crs", "", "不能为空", "not empty"),
        ("synthetic", "2", "true", "true or false"),
        ("year", "3000", "≤ 2200", "≤ 2200"),
    ],
)
def test_what_is_expected_is_said_in_words(key, value, zh, en):
    with pytest.raises(SettingsError) as caught:
        resolve(BASE, assign=[f"{key}={value}"])
    for lang, words in (("zh", zh), ("en", en)):
        assert words in caught.value.say(lang)[0]


def test_the_scenario_is_left_alone():
    before = repr(BASE)
    resolve(BASE, use=["slow"], assign=["siting.0.new=9", "coverage.minutes=[7]"])
    assert repr(BASE) == before


@pytest.mark.parametrize(
    ("pair", "path", "value"),
    [
        ("siting.0.new=3", lambda s: s.siting[0].new, 3),
        ("walk.preset=elderly", lambda s: s.walk.speed.speed_mps, 0.8),
        ("coverage.minutes=[3, 6]", lambda s: s.coverage.minutes, [3, 6]),
        ('title="a = b"', lambda s: s.title, "a = b"),
        ("title=a = b", lambda s: s.title, "a = b"),
        (
            "walk.speed_mps=0.5",
            lambda s: (s.walk.speed.id, s.walk.speed.speed_mps),
            ("custom", 0.5),
        ),
        ("kinds.x={zh='某', en='x'}", lambda s: s.kinds["x"].zh, "某"),
    ],
)
def test_single_keys(pair, path, value):
    assert path(resolve(BASE, assign=[pair])) == value


@pytest.mark.parametrize(
    ("scenario", "options", "found"),
    [
        ({"wlak": {}}, {}, ("unknown_key", "wlak")),
        ({"walk": {"presett": "x"}}, {}, ("unknown_key", "walk.presett")),
        ({"facilities": [{"file": "a", "kinnd": "x"}]}, {}, ("unknown_key", "facilities.0.kinnd")),
        ({"title": None}, {}, ("wrong_value", None)),
        ({"communities": {}}, {}, ("one_of", "communities")),
        ({"streets": {"file": "a", "place": "b"}}, {}, ("streets_twice", "streets")),
        ({"siting": [{"kind": "x"}]}, {}, ("missing_key", "siting.0.new")),
        ({"siting": [{"new": 1}]}, {}, ("missing_key", "siting.0.kind")),
        ({"siting": [{"kind": "x", "model": "p_dispersion", "budget": 9}]}, {}, MISSING_NEW),
        ({"siting": [SITING | {"share": 0.5}]}, {}, ("idle_key", "siting.0.share")),
        ({"siting": [SITING | {"spread": 0.5}]}, {}, ("idle_key", "siting.0.spread")),
        ({"siting": [FAIR | {"times": 2}]}, {}, ("idle_key", "siting.0.times")),
        ({"siting": [FAIR | {"decay": {"5": 1}}]}, {}, ("idle_key", "siting.0.decay")),
        ({"siting": [FAIR | {"alternatives": 2}]}, {}, ("idle_key", "siting.0.alternatives")),
        ({"siting": [SITING | {"phases": PHASES}]}, {}, ("idle_key", "siting.0.new")),
        ({"siting": [SITING | {"sizes": [SIZE], "front": 3}]}, {}, ("idle_key", "siting.0.front")),
        ({"siting": [PHASED | {"budget": 1}]}, {}, ("idle_key", "siting.0.budget")),
        ({"siting": [PHASED | {"trade": ["time"]}]}, {}, ("idle_key", "siting.0.trade")),
        ({"siting": [COVER | {"trade": ["time"]}]}, {}, ("missing_key", "siting.0.new")),
        (
            {"siting": [SITING | {"decay": {"5": 1}, "times": 2}]},
            {},
            ("idle_key", "siting.0.times"),
        ),
        ({"siting": [PHASED | {"movable": ["K1"]}]}, {}, ("idle_key", "siting.0.movable")),
        ({"siting": [SITING | {"decay": {"five": 1}}]}, {}, ("wrong_value", "five")),
        ({"siting": [SITING | {"decay": {"5": 2}}]}, {}, ("wrong_value", 2)),
        ({"siting": [SITING | {"quotas": [{"per": "x"}]}]}, {}, ("wrong_value", "x")),
        ({"siting": [SITING | {"sizes": [SIZE | {"capacity": 0}]}]}, {}, ("wrong_value", 0)),
        ({"siting": [SITING | {"mandatry": []}]}, {}, ("unknown_key", "siting.0.mandatry")),
        ({"service": [{"kind": "x", "need": 0}]}, {}, ("wrong_value", 0)),
        ({"service": [{"kind": "x", "rule": "all"}]}, {}, ("wrong_value", "all")),
        ({"service": [{"kind": "x", "most_each": 2}]}, {}, ("idle_key", "service.0.most_each")),
        ({"delivery": [{"kind": "x", "link": "outreach"}]}, {}, ("wrong_value", "outreach")),
        ({"delivery": [{}]}, {}, ("missing_key", "delivery.0.kind")),
        ({"changes": [{"action": "close"}]}, {}, ("missing_key", "changes.0.facility")),
        ({"changes": [CLOSE | {"lon": 1}]}, {}, ("idle_key", "changes.0.lon")),
        ({"changes": [CLOSE | {"lat": 91}]}, {}, ("wrong_value", 91)),
        ({"years": [2020, 20201]}, {}, ("wrong_value", 20201)),
        ({"standards": {"profile": "x"}}, {}, ("unknown_key", "standards.profile")),
        ({"walk": {"preset": "run"}}, {}, ("unknown_preset", "run")),
        ({"walk": {"speed_mps": 9}}, {}, ("wrong_value", 9)),
        ({"coverage": {"minutes": [5, -1]}}, {}, ("wrong_value", -1)),
        ({"coverage": {"cutoff_min": "fast"}}, {}, ("wrong_value", "fast")),
        ({"lang": "fr"}, {}, ("wrong_value", "fr")),
        ({"walk": 3}, {}, ("wrong_value", 3)),
        ({"use": "slow"}, {}, ("wrong_value", "slow")),
        ({"overrides": 3}, {}, ("wrong_value", 3)),
        ({"overrides": {"odd": 3}}, {"use": ["odd"]}, ("wrong_value", 3)),
        ({}, {"use": ["none"]}, ("unknown_override", "none")),
        ({}, {"use": ["slow", "fast"]}, ("contradiction", "walk.preset")),
        ({}, {"assign": ["walk.preset"]}, ("not_a_pair", "walk.preset")),
        ({}, {"assign": ["siting.7.new=1"]}, ("no_such_entry", "siting.7.new")),
        ({}, {"assign": ["siting.x.new=1"]}, ("no_such_entry", "siting.x.new")),
        ({}, {"assign": ["siting.9=1"]}, ("no_such_entry", "siting.9")),
        ({}, {"assign": ["title.short=x"]}, ("not_a_table", "title.short")),
        ({}, {"assign": ["title.very.short=x"]}, ("not_a_table", "title.very.short")),
        ({}, {"assign": ["=x"]}, ("unknown_key", "")),
    ],
)
def test_faults_are_named(scenario, options, found):
    assert faults(scenario, **options) == [found]


@pytest.mark.parametrize(
    ("key", "nearest"),
    [
        ("wlak", "walk"),
        ("walk.prset", "preset"),
        ("coverage.minute", "minutes"),
        ("siting.0.kid", "kind"),
        ("siting.0.mandatry", "mandatory"),
        ("standards.profile", "profiles"),
        ("demand.peple_per_m2", "people_per_m2"),
        ("kinds.x.color", "colour"),
    ],
)
def test_nearest_key_is_named(key, nearest):
    base = {**BASE, "demand": {"file": "d"}, "kinds": {"x": {"zh": "某", "en": "x"}}}
    with pytest.raises(SettingsError) as caught:
        resolve(base, assign=[f"{key}=1"])
    hints = [problem.params["hint"] for problem in caught.value.problems]
    assert hints == [{"zh": f"最接近的是：{nearest}。", "en": f"The nearest is: {nearest}."}]


def test_keys_at_their_default_are_no_fault():
    """So that a key of a file can be taken back with ``--set``."""
    asked = [SITING | {"share": 1.0, "times": 1, "alternatives": 0}, PHASED | {"times": 1}]
    assert resolve(BASE | {"siting": asked}).siting[1].phases[0].year == 2025


def test_steps_of_decay_are_numbers():
    settings = resolve(BASE | {"siting": [SITING | {"decay": {"5": 1.0, "7.5": 0.5}}]})
    assert settings.siting[0].decay == {5.0: 1.0, 7.5: 0.5}
    assert Settings.model_validate_json(settings.model_dump_json()) == settings


def test_all_faults_at_once():
    found = faults(
        {"wlak": {}, "coverage": {"cutoff_min": 0, "grup": "x"}, "streets": {}},
        use=["none"],
        assign=["walk"],
    )
    assert len(found) == 6


def test_a_value_of_several_forms_is_named_once():
    assert faults({"communities": {"file": "c", "where": {"TOWN": 1.5}}}) == [("wrong_value", 1.5)]


def test_contradiction_is_settled_by_a_single_key_only_when_equal():
    settings = resolve(BASE, use=["slow", "slow"])
    assert settings.use == ["slow"]


def test_settings_travel_as_json():
    settings = resolve(BASE, use=["wide"])
    assert Settings.model_validate_json(settings.model_dump_json()) == settings


def test_keys_of_an_override_that_is_not_used_exist_too():
    """A misspelt one is told before anybody uses it; what wants another override is not."""
    overrides = {
        "a": {"walk": {"sped_mps": 0.8}},
        "b": 1,
        "c": {"siting": {"3": {"new": 2}}, "coverage": {"cutoff_min": "later"}},
    }
    with pytest.raises(SettingsError) as caught:
        resolve({**BASE, "overrides": overrides})
    found = {(one.key, one.value) for one in caught.value.problems}
    assert found == {
        ("settings.unknown_key", "overrides.a.walk.sped_mps"), ("settings.wrong_value", 1),
    }  # fmt: skip
    assert "speed_mps" in str(caught.value)
