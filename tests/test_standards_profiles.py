"""The catalogue of targets: complete, sourced, sound to combine, and refused clearly when not."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.district.assessment import INDICATORS
from planner.district.matching import normal
from planner.errors import InputError, SettingsError
from planner.language import text
from planner.standards import Target, indicators, kinds, profile_names, read_profile, with_reported

ROOT = Path(__file__).resolve().parent.parent
BUREAUS = ["jiangbei-2009", "beilun-2018", "huangpu-2013", "huangshigang-2022", "baoshan-2023"]


def write(folder: Path, name: str, body: str) -> str:
    (folder / name).write_text(f'zh = "试"\nen = "Trial"\n{body}', "utf-8")
    return name


def target(key: str, **values: str) -> str:
    base = {"zh": '"试"', "en": '"Trial"', "indicator": '"facilities"', "kind": '"canteen"'}
    lines = [f"{name} = {value}" for name, value in (base | values).items()]
    return f"\n[targets.{key}]\n" + "\n".join(lines) + "\n"


def said(error: pytest.ExceptionInfo) -> str:
    """All that an error says, in both languages: neither may be wanting."""
    both = [*error.value.say("en"), *error.value.say("zh")]
    assert all(both)
    return "\n".join(both)


@pytest.mark.parametrize("name", profile_names())
def test_every_profile_of_the_catalogue_holds(name):
    profile = read_profile(name)
    assert profile.zh
    assert profile.en
    for key, one in profile.targets.items():
        assert one.zh, key
        assert one.en, key
        assert one.source, key
        assert one.grade in {"verified", "secondary", "unverified"}
        assert one.sense == "at_least" or one.must


def test_every_indicator_is_described_and_computed():
    assert set(indicators()) == set(INDICATORS)
    used = {
        one.indicator for name in profile_names() for one in read_profile(name).targets.values()
    }
    assert used == set(INDICATORS)


def test_ningbo_lists_no_figure_and_says_so():
    profile = read_profile("ningbo-home-care")
    assert not profile.targets
    assert "未查到" in profile.note("zh")
    assert "lists no figure" in profile.note("en")
    assert "ningbo-home-care" in read_profile("beilun-2018").extends


def test_recalled_figures_are_never_graded_verified():
    recalled = {
        "gb50180-2018": ["day-care-300m", "day-care-area", "institution-beds", "size-5"],
        "shelters-national": ["area-long", "distance-emergency"],
        "jb143-2010": ["area-1", "per-elder-3"],
        "national-households": ["new-estates"],
    }
    for name, keys in recalled.items():
        assert {read_profile(name).targets[key].grade for key in keys} == {"unverified"}
    assert read_profile("shelters-national").targets["area-short"].grade == "secondary"
    assert read_profile("gb50437").targets["beds"].grade == "verified"


def test_kinds_are_told_apart_by_name_and_so_are_their_tiers():
    owner: dict[str, str] = {}
    for kind in kinds().values():
        for name in (kind.id, kind.zh, kind.en, *kind.aliases):
            assert owner.setdefault(normal(name), kind.id) == kind.id, name
        names = [normal(name) for tier, known in kind.tiers.items() for name in (tier, *known)]
        assert len(names) == len(set(names)), kind.id


@given(
    st.dictionaries(st.integers(2000, 2040), st.floats(0, 1), min_size=1),
    st.integers(1990, 2050),
)
def test_the_latest_step_holds_and_the_first_is_announced(steps, year):
    must, _, due = Target(id="t", zh="", en="", indicator="people", must=steps).threshold(year)
    begun = [step for step in sorted(steps) if step <= year]
    if begun:
        assert (must, due) == (steps[begun[-1]], None)
    else:
        assert (must, due) == (steps[min(steps)], min(steps))


def test_a_threshold_may_end():
    one = Target(id="t", zh="", en="", indicator="people", must={2023: 400}, until=2023)
    assert one.threshold(2023) == (400, None, None)
    assert one.threshold(2024) == (None, None, None)


def test_a_file_of_ones_own_extends_replaces_and_drops(tmp_path):
    body = 'extends = ["guizhou-2022"]\ndrop = ["size"]\nsource = "S"\ngrade = "verified"\n'
    name = write(tmp_path, "own.toml", body + target("streets", indicator='"facilities"', must="3"))
    profile = read_profile(name, folder=tmp_path)
    parent = read_profile("guizhou-2022")
    assert set(profile.targets) == set(parent.targets) - {"size"}
    assert profile.targets["streets"].must == {0: 3}
    assert profile.targets["streets"].profile == "own"
    assert profile.targets["streets"].source == "S"
    assert profile.targets["circle"] == parent.targets["circle"]


def test_a_file_may_extend_another_beside_it(tmp_path):
    (tmp_path / "deep").mkdir()
    write(tmp_path / "deep", "one.toml", target("a"))
    write(tmp_path / "deep", "two.toml", 'extends = ["one.toml"]\n' + target("b"))
    assert list(read_profile("deep/two.toml", folder=tmp_path).targets) == ["a", "b"]


def test_profiles_put_together_keep_every_target():
    both = read_profile(["beilun-2018", "zhejiang-shelters"])
    alone = [read_profile(name) for name in ("beilun-2018", "zhejiang-shelters")]
    assert len(both.targets) == sum(len(one.targets) for one in alone)


def test_one_id_in_two_profiles_stands_for_two_targets(tmp_path):
    write(tmp_path, "a.toml", target("x"))
    write(tmp_path, "b.toml", target("x", kind='"shelter"'))
    assert list(read_profile(["a.toml", "b.toml"], folder=tmp_path).targets) == ["x", "b/x"]


def test_profiles_that_contradict_each_other_are_refused(tmp_path):
    with pytest.raises(SettingsError) as error:
        read_profile(["guizhou-2022", "anhui-2022"])
    assert len(error.value.problems) == 2
    assert "guizhou-2022/new-estates" in said(error)
    assert "≥ 30" in said(error)
    write(tmp_path, "a.toml", target("x", must="{ 2022 = 1, 2025 = 3 }"))
    write(tmp_path, "b.toml", target("y", must="{ 2022 = 1, 2026 = 4 }"))
    with pytest.raises(SettingsError) as error:
        read_profile(["a.toml", "b.toml"], folder=tmp_path)
    assert "2025" in said(error)
    write(tmp_path, "c.toml", target("z", must="{ 2022 = 1, 2025 = 3 }"))
    assert len(read_profile(["a.toml", "c.toml"], folder=tmp_path).targets) == 2


def test_extending_across_a_contradiction_is_refused_unless_settled(tmp_path):
    write(tmp_path, "parent.toml", target("theirs", must="4", kind='"canteen"'))
    body = 'extends = ["parent.toml"]\n'
    write(tmp_path, "child.toml", body + target("mine", must="5"))
    with pytest.raises(SettingsError):
        read_profile("child.toml", folder=tmp_path)
    write(tmp_path, "settled.toml", 'drop = ["theirs"]\n' + body + target("mine", must="5"))
    assert list(read_profile("settled.toml", folder=tmp_path).targets) == ["mine"]


def test_all_that_is_wrong_with_a_file_is_said_at_once(tmp_path):
    body = (
        target("a", indicator='"facilites"')
        + target("b", kind='"cantine"')
        + target("c", tier='"huge"')
        + target("d", indicator='"unit_coverage"')
        + target("e", minutes="15")
        + target("f", must="5", aim="4")
        + target("g", indicator='"balance"', target='"nothing"', across='"zone"', measure='"cv"')
        + target("h", indicator='"unit_coverage"', by='["reached"]', each="{ capacity = 5 }")
    )
    write(tmp_path, "bad.toml", body)
    with pytest.raises(SettingsError) as error:
        read_profile("bad.toml", folder=tmp_path)
    keys = [problem.key.removeprefix("standards.") for problem in error.value.problems]
    assert keys.count("unknown_target") == 1
    assert {
        "unknown_indicator", "unknown_kind", "unknown_tier", "needs", "not_used", "aim_below_must",
        "reached_of_some",
    } <= set(keys)  # fmt: skip
    words = said(error)
    assert "facilities" in words
    assert "canteen" in words
    assert "full" in words


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (target("a", musst="5"), "must"),
        (target("a", must='"much"'), "must"),
        (target("a", must="{ soon = 5 }"), "soon"),
        ('[targets.a]\nzh = "试"\n', "indicator"),
        ("targets = 5\n", "targets"),
        ("[targets]\na = 5\n", "targets.a"),
        (target("a", reported='{ share = "about 80" }'), "share"),
        ('extends = ["bad.toml"]\n', "bad.toml → bad.toml"),
        ('drop = ["nothing"]\n', "nothing"),
        ('extends = ["no-such"]\n', "no-such"),
    ],
)
def test_each_mistake_has_its_message(tmp_path, body, word):
    write(tmp_path, "bad.toml", body)
    with pytest.raises(SettingsError) as error:
        read_profile("bad.toml", folder=tmp_path)
    assert word in said(error)


def test_files_that_cannot_be_read_are_named(tmp_path):
    with pytest.raises(InputError) as error:
        read_profile("none.toml", folder=tmp_path)
    assert "none.toml" in said(error)
    (tmp_path / "bad.toml").write_text("zh = ", "utf-8")
    with pytest.raises(InputError):
        read_profile("bad.toml", folder=tmp_path)
    with pytest.raises(SettingsError) as error:
        read_profile("beilun-2081")
    assert "beilun-2018" in said(error)


def test_a_scenario_may_add_kinds(tmp_path):
    write(tmp_path, "own.toml", target("a", kind='"sauna"'))
    with pytest.raises(SettingsError):
        read_profile("own.toml", folder=tmp_path)
    extra = {"sauna": kinds()["canteen"]}
    assert read_profile("own.toml", folder=tmp_path, known_kinds=extra).targets["a"].kind == (
        "sauna",
    )


def test_reported_figures_are_entered_beside_their_targets():
    profile = read_profile("gb50437")
    entered = with_reported(profile, [{"target": "beds", "numerator": 3511, "share": "3.2%"}])
    assert entered.targets["beds"].reported.numerator == 3511
    assert profile.targets["beds"].reported is None
    with pytest.raises(SettingsError) as error:
        with_reported(profile, [{"target": "bed"}, {"target": "beds", "number": 3}])
    assert len(error.value.problems) == 2
    assert "beds" in said(error)


def test_walks_name_what_must_be_measured():
    walks = read_profile("shelters-national").walks()
    assert ("shelter", "short") in walks
    assert ("institution", None) in read_profile("gb50180-2018").walks()


# The table in the documentation


def documented() -> list[list[str]]:
    lines = (ROOT / "docs" / "targets.md").read_text("utf-8").splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [row for row in cells if re.fullmatch(r"\d-\d+", row[0])]


def test_documented_targets_exist_and_none_is_left_out():
    found = set()
    for row, kind, profile, key, indicator, says, *_ in documented():
        if kind == "NS":
            one = read_profile(profile).registered[row]
            assert (key, says) == ("register", f"{one.en}: {one.why_en}")
            continue
        one = read_profile(profile).targets[key]
        assert one.indicator == indicator
        assert one.en == says
        assert row in one.rows or key == row or key.startswith(f"{row}-")
        found.add((profile, key))
    catalogue = {(name, key) for name in BUREAUS for key in read_profile(name).targets}
    assert found == catalogue


@pytest.mark.shared
def test_every_row_of_the_targets_is_documented_with_its_class(shared):
    table = (shared / "targets.md").read_text("utf-8")
    rows = re.findall(r"^\| (\d-\d+) \|.*\| ([A-Z/]+) \|$", table, re.MULTILINE)
    assert len(rows) > 100
    assert dict(rows) == {row[0]: row[1] for row in documented()}


def test_texts_of_units_stand_in_both_languages():
    for word in ("beds", "m2", "communities", "streets", "people", "facilities", "minutes"):
        assert text(f"assessment.units.{word}", "zh")
        assert text(f"assessment.units.{word}", "en")
