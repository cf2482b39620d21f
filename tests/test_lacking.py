"""What targets without data lack: what is taken away is named, and answers them once it is back."""

import io
from dataclasses import replace

import openpyxl
import pandas as pd
import pytest
from support.small_district import ask, district, profile
from support.target_table import DISTRICTS

from planner import api, cli
from planner.district.assessment import Lack, lacking, lacks, nothing_known, status_counts, statuses
from planner.language import LANGS, text
from planner.output.report.prose import words
from planner.output.report.writers import workbook
from planner.standards import kinds, read_profile
from planner.study import unwalked


def test_each_need_is_found_behind_the_other():
    facts = district()
    asked = ask("facility_share", kind="institution", where={"smart": True}, tier="welfare")
    assert lacks(facts, asked) == (
        Lack(place="facilities", kinds=("institution",)),
        Lack(place="facilities", kinds=("institution",), column="tier"),
        Lack(place="facilities", kinds=("institution",), column="smart"),
    )
    assert lacks(facts, ask("facilities", kind=["institution", "canteen"])) == ()
    villages = ask("ratio", kind="canteen", of="aged_80", scope={"estate": "new"})
    assert lacks(facts, villages) == (
        Lack(place="communities", column="estate"), Lack(place="people", column="aged_80"),
    )  # fmt: skip
    groups = ask("unit_coverage", kind="canteen", by=["has"], unit="hamlet")
    assert lacks(facts, groups) == (
        Lack(place="demand", column="hamlet"),
        Lack(place="facilities", kinds=("canteen",), column="hamlet"),
    )


def test_rows_to_fill_in_are_counted():
    facts = district()
    own = facts.facilities["kind"].eq("canteen") & facts.facilities["operating"]
    some = own & own.cumsum().le(2)
    frame = facts.facilities.assign(capacity=facts.facilities["capacity"].mask(some))
    found = lacks(replace(facts, facilities=frame), ask("capacity", kind="canteen"))
    assert found == (Lack(place="facilities", kinds=("canteen",), column="capacity", rows=2),)


def test_what_does_not_apply_lacks_nothing():
    facts = district()
    assert lacks(facts, ask("facilities", kind="canteen", scope={"zone": "西"})) == ()
    assert lacks(facts, ask("facilities", kind="institution", not_applicable="none")) == ()


def test_what_answers_most_comes_first():
    facts = district()
    targets = profile(
        ask("facilities", kind="institution"), ask("facilities", kind="canteen", where={"a": True}),
        ask("units", where={"a": True}), ask("facility_share", kind="canteen", where={"a": True}),
    )  # fmt: skip
    found = lacking(facts, targets)
    column = (Lack(place="facilities", kinds=("canteen",), column="a"),)
    assert list(found.values()) == [["t1", "t3"], ["t0"], ["t2"]]
    assert next(iter(found)) == column


@pytest.fixture(params=DISTRICTS)
def gathered(five_plans, request):
    """The facts of an embedded district without walks, and the targets of its document."""
    settings, _ = api.read_settings(api.demo(DISTRICTS[request.param]))
    facts = unwalked.facts_unwalked(five_plans[request.param].area, settings)
    return facts, read_profile(request.param)


def emptied(table, kinds, column):
    """Empty a column of facilities of some kinds, as if their list had none."""
    return table.assign(**{column: table[column].astype(object).mask(table["kind"].isin(kinds))})


def without(facts, lack):
    """Take away what a target lacks."""
    match lack.place:
        case "facilities" if lack.column is None:
            table = facts.facilities[~facts.facilities["kind"].isin(lack.kinds)]
            return replace(facts, facilities=table, held=facts.held - set(lack.kinds))
        case "facilities":
            tables = {name: getattr(facts, name) for name in ("facilities", "earlier")}
            return replace(facts, **{
                name: None if table is None else emptied(table, lack.kinds, lack.column)
                for name, table in tables.items()
            })  # fmt: skip
        case "links":
            return replace(facts, linked=facts.linked - set(lack.kinds))
        case "candidates" if lack.column is None:
            return replace(facts, candidates=facts.candidates.head(0))
        case "people":
            return replace(
                facts,
                groups=tuple(group for group in facts.groups if group != lack.column),
                demand=facts.demand.drop(columns=lack.column, errors="ignore"),
                communities=facts.communities.drop(columns=lack.column, errors="ignore"),
            )
        case "scenario":
            field = {"year": "earlier", "service": "served", "delivery": "delivered"}[lack.column]
            return replace(facts, **{field: None})
    table = getattr(facts, lack.place)
    return replace(facts, **{lack.place: table.drop(columns=lack.column)})


def test_what_is_taken_from_a_district_is_named_and_answers_once_it_is_back(gathered):
    """Everything that each target of the five documents asks for, taken away by itself."""
    facts, targets = gathered
    bare = nothing_known(kinds())
    taken = 0
    for key, target in targets.targets.items():
        assert lacks(facts, target) == (), key
        asked = lacks(bare, target)
        if target.base is not None:  # what that lacks is taken away for its own sake
            asked = tuple(one for one in asked if one not in lacks(bare, target.base))
        for lack in asked:
            found = lacks(without(facts, lack), target)
            named = [(one.place, one.column) for one in found]
            assert (lack.place, lack.column) in named, (key, lack, found)
            assert all(set(one.kinds) <= set(lack.kinds) for one in found), (key, lack, found)
            taken += 1
    assert taken > len(targets.targets)


@pytest.fixture(scope="module")
def lost(toy, tmp_path_factory):
    """The toy city held against Beilun's targets, most of which it lacks data for."""
    path = toy.write(tmp_path_factory.mktemp("lacking"))
    return path, api.run(path, set=ASKED)


ASKED = ["siting=[]", "standards.profiles=['beilun-2018']"]


def test_a_check_and_a_run_tell_the_same(lost):
    path, plan = lost
    found = api.check(path, set=ASKED)
    pd.testing.assert_frame_equal(found.lacking, plan.lacking)
    card = plan.scorecard
    missing = card.loc[statuses(card).eq("missing"), "id"]
    named = [one for row in plan.lacking["targets"] for one in row.split(", ")]
    assert sorted(named) == sorted(missing)
    assert plan.lacking["answers"].sum() == len(missing)
    assert plan.lacking["answers"].is_monotonic_decreasing
    told = plan.lacking.set_index("targets")
    assert told.loc["1-18", "with_zh"] == "“避灾安置场所”清单的“标示牌”列"
    assert told.loc["1-18", "with_en"] == "the column 'Signs' of the list of 'Disaster shelter'"
    assert api.check(path).lacking.empty


@pytest.mark.parametrize("lang", LANGS)
def test_it_is_told_in_terminal_report_and_workbook(lost, lang, capsys):
    path, plan = lost
    told = plan.lacking[f"with_{lang}"].tolist()
    cli.main(["check", str(path), "--lang", lang, *(w for one in ASKED for w in ("-s", one))])
    printed = capsys.readouterr().out
    rows = zip(told, plan.lacking["targets"], plan.lacking["answers"], strict=True)
    lines = [text("cli.lacking_row", lang, what=what, targets=ids, n=n) for what, ids, n in rows]
    title = text("assessment.lacking.title", lang)
    assert "\n".join([title, *lines]) in printed
    report = words.compose(plan, lang)
    table = next(one for one in report.tables if one.name == "lacking")
    shown = [row[0].removesuffix("…") for row in table.rows]
    assert all(what.startswith(one) for one, what in zip(shown, told, strict=False))
    assert len(table.rows) == 12
    book = openpyxl.load_workbook(io.BytesIO(workbook.workbook(plan, report)), read_only=True)
    sheet = book[text("report.sheet.lacking", lang)]
    rows = list(sheet.iter_rows(min_row=2, values_only=True))
    assert rows == list(
        plan.lacking[[f"with_{lang}", "answers", "targets"]].itertuples(index=False, name=None)
    )


def test_communities_and_streets_alone_are_told_what_to_gather(toy, tmp_path, capsys):
    path = toy.write(tmp_path / "toy")
    none = [f"{part}=[]" for part in ("facilities", "candidates", "links", "siting", "service")]
    given = [word for one in [*none, *ASKED[1:]] for word in ("--set", one)]
    assert not cli.main(["check", str(path), *given, "--lang", "en"])
    assert (
        "the list of 'Disaster shelter' (with the column 'Signs'): 1-18" in capsys.readouterr().out
    )
    written = ["--out", str(tmp_path / "out"), "--outputs", "report"]
    assert not cli.main(["run", str(path), *given, *written])
    card = api.run(path, set=[*none, *ASKED[1:]]).scorecard
    said = text("report.scorecard_line", "en", n=len(card), **status_counts(card))
    assert said in capsys.readouterr().out
    assert (tmp_path / "out/report.docx").exists()
