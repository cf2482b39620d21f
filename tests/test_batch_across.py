"""Sites over many districts under one number or one budget: the engine, and `planner batch`."""

import json
import shutil
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from conftest import Toy
from test_cli import call

from planner import api
from planner.batch import across as batch_across
from planner.batch import batch
from planner.engine.siting import across, max_cover
from planner.engine.siting.across import knapsack
from planner.errors import NoPlanError, SitingError
from tests.fuzz import across as fuzz

NAMES = ["甲区", "乙区", "丙区"]
SPEEDS = ["1.0", "1.4", "0.8"]
OUTPUTS = ["--outputs", "record"]


@pytest.fixture(autouse=True)
def _plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANNER_LANG", "en")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("NO_COLOR", "1")


# the engine


def test_districts_that_share_are_as_good_as_enumeration_says():
    counts, wrong = fuzz.run(range(40, 58))
    assert wrong == []
    assert counts["asked"] >= 10
    assert counts["without a plan"] >= 1


def test_a_knapsack_takes_the_best_of_each():
    rng = np.random.default_rng(3)
    for _ in range(20):
        costs = [rng.integers(0, 6, rng.integers(1, 4)) for _ in range(4)]
        values = [rng.integers(-5, 9, len(own)).astype(float) for own in costs]
        budget = int(rng.integers(0, 12))
        sums = {0: 0.0}
        for own, worth in zip(costs, values, strict=True):
            after: dict[int, float] = {}
            for spent, value in sums.items():
                for cost, more in zip(own.tolist(), worth.tolist(), strict=True):
                    total = spent + cost
                    after[total] = max(after.get(total, -np.inf), value + more)
            sums = after
        right = max((value for spent, value in sums.items() if spent <= budget), default=-np.inf)
        found, chosen = knapsack.choose_points(costs, values, budget)
        assert found == right
        if chosen:
            picked = [own[n] for own, n in zip(values, chosen, strict=True)]
            assert sum(picked) == right
            assert sum(own[n] for own, n in zip(costs, chosen, strict=True)) <= budget


def test_costs_are_counted_in_their_own_step():
    assert knapsack.steps_of(np.array([120_000.0, 85_000, 0]), 5e6) == (5000.0, True)
    assert knapsack.steps_of(np.array([1.5, 2.25]), 10) == (0.75, True)
    step, exact = knapsack.steps_of(np.array([1.0, 3.0]), 1e6)
    assert (step, exact) == (1e6 / knapsack.MOST_CELLS, False)


def parts_of(rng: np.random.Generator, n: int) -> list[across.PartQuestion]:
    """Districts of 60 homes and 12 candidates, of uneven size."""
    found = []
    for number in range(n):
        pairs = rng.random((60, 12)) < 0.15
        home, site = np.nonzero(pairs)
        od = pd.DataFrame({"demand": home, "facility": site + 100, "minutes": 5.0})
        people = pd.Series(rng.integers(1, 50 * (number + 1), 60).astype(float))
        cost = {site: float(rng.integers(2, 9)) for site in range(100, 112)}
        rules = {"cost": cost, "candidates": list(range(100, 112))}
        found.append(
            across.PartQuestion(
                name=f"n{number}", model="max_cover", od=od, demand=people, rules=rules
            )
        )
    return found


@pytest.mark.parametrize(("unit", "most"), [("sites", 9), ("cost", 31.0)])
def test_by_price_and_fronts_it_is_as_one_question(unit, most):
    parts = parts_of(np.random.default_rng(5), 5)
    by_name = {part.name: part for part in parts}
    asks: list[across.PartAsk] = []

    def ask(given):
        asks.extend(given)
        return [across.answer(by_name[one.name], unit, one) for one in given]

    briefs = [across.brief_of(part, unit) for part in parts]
    found = across.site_across(briefs, unit, most, ask)
    joined = across.joined.join(parts).part
    limit = {"p": most, "cost": None} if unit == "sites" else {"budget": most}
    whole = max_cover(joined.od, joined.demand, **{**joined.rules, **limit})
    assert whole.status == found.status == "optimal"
    assert found.objective == found.bound == whole.objective
    assert found.cost <= most
    assert found.price > 0
    # Each district is asked at a few prices, not at every number of sites or budget.
    assert len(asks) < 100
    # What a unit more adds lies near the price.
    more = max_cover(joined.od, joined.demand, **{**joined.rules, **limit, **{
        name: value + 1 for name, value in limit.items() if value is not None
    }})  # fmt: skip
    assert more.objective - whole.objective <= 2 * found.price


def test_what_cannot_be_shared_is_refused():
    (part,) = parts_of(np.random.default_rng(1), 1)
    for change, word in [({"closable": {100: 1.0}}, "closable"), ({"sizes": pd.DataFrame({
        "site": [100], "size": ["a"], "capacity": [1.0], "cost": [1.0]})}, "sizes")]:  # fmt: skip
        bad = across.PartQuestion(**{**part.__dict__, "rules": {**part.rules, **change}})
        with pytest.raises(SitingError, match=word):
            across.brief_of(bad, "sites")
    with pytest.raises(SitingError, match="p_center"):
        across.brief_of(across.PartQuestion(**{**part.__dict__, "model": "p_center"}), "sites")
    free = across.PartQuestion(
        **{**part.__dict__, "rules": {"candidates": part.rules["candidates"]}}
    )
    with pytest.raises(SitingError, match="cost"):
        across.brief_of(free, "cost")
    must = across.PartQuestion(
        **{**part.__dict__, "rules": {**part.rules, "mandatory": [100, 101]}}
    )
    with pytest.raises(NoPlanError, match="2 at least"):
        across.site_across(
            [across.brief_of(must, "sites")], "sites", 1,
            lambda asks: [across.answer(must, "sites", ask) for ask in asks],
        )  # fmt: skip


# planner batch


@pytest.fixture(scope="module")
def table(toy: Toy, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three districts, the toy city where people walk at different speeds: not to be changed."""
    home = tmp_path_factory.mktemp("province")
    toy.write(home / "city")
    rows = [f"{name},city/scenario.toml,{v}" for name, v in zip(NAMES, SPEEDS, strict=True)]
    text = "\n".join(["name,scenario,walk.speed_mps", *rows])
    (home / "districts.csv").write_text(text, "utf-8")
    return home / "districts.csv"


@pytest.fixture(scope="module")
def shared(table: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three new canteens over all districts: not to be changed."""
    out = tmp_path_factory.mktemp("shared") / "out"
    batch(table, out, outputs=["record"], new=3, lang="en", set=["siting.1.time_limit_s=30"])
    return out


def record_of(out: Path) -> dict:
    return json.loads((out / "overview" / "across.json").read_text("utf-8"))


def front_of(table: Path, speed: str) -> list[float]:
    """Aged covered by the best 0 to 3 canteens of one district, found by a run of its own."""
    asked = [f"walk.speed_mps={speed}", "siting=[{kind='canteen', new=3, front=3}]"]
    (answer,) = api.run(table.parent / "city" / "scenario.toml", set=asked).siting
    front = answer.front
    return [front.loc[front["cost"] <= n, "covered"].max() for n in range(4)]


def test_the_best_places_of_all_districts_are_taken(table, shared):
    told = record_of(shared)
    fronts = [front_of(table, speed) for speed in SPEEDS]
    best = max(
        sum(front[n] for front, n in zip(fronts, given, strict=True))
        for given in np.ndindex(4, 4, 4)
        if sum(given) <= 3
    )
    assert told["status"] == "optimal"
    assert told["objective"] == told["bound"] == pytest.approx(best)
    assert told["shared"] == {"unit": "sites", "most": 3.0, "question": None}
    for row, front in zip(told["districts"], fronts, strict=True):
        assert row["covered"] == pytest.approx(front[0])
        assert row["covered_after"] == pytest.approx(front[row["new_sites"]])
        assert row["newly"] == pytest.approx(row["covered_after"] - row["covered"])
    assert sum(row["new_sites"] for row in told["districts"]) == len(told["sites"]) <= 3
    place = told["sites"][0]
    assert place["site_name"]
    assert 20 < place["lat"] < 40
    assert sum(one["added"] for one in told["sites"]) == pytest.approx(
        sum(row["newly"] for row in told["districts"])
    )


def test_workbook_and_map_tell_it(shared):
    book = openpyxl.load_workbook(shared / "overview" / "summary.xlsx")
    rows = list(book["Sites by district"].iter_rows(values_only=True))
    assert [row[0] for row in rows[1:]] == NAMES
    assert len(list(book["New sites"].iter_rows())) == 1 + len(record_of(shared)["sites"])
    page = (shared / "overview" / "map.html").read_text("utf-8")
    assert "over 3 districts" in page
    assert "Proven" in page
    data = page.split('id="batch-data">')[1].split("</script>")[0]
    told = json.loads(data)
    assert f"({next(iter(told['kinds'].values()))}) over 3" in page  # it opens with what is sited
    sites = [one for own in told["districts"] for one in own["sites"]]
    assert sorted(one[0] for one in sites) == sorted(
        x["site_name"] for x in record_of(shared)["sites"]
    )


def test_resumed_nothing_is_asked_twice(table, shared, tmp_path, capsys, monkeypatch):
    shutil.copytree(shared, tmp_path / "out")
    asked: list[str] = []
    answer = batch_across.answer
    monkeypatch.setattr(batch_across, "answer", lambda *given: asked.append("") or answer(*given))
    status, said, _ = call(
        capsys, "batch", table, "--out", tmp_path / "out", "--resume", "--new", 3, "--lang", "en",
        *OUTPUTS, "--set", "siting.1.time_limit_s=30",
    )  # fmt: skip
    assert status == 0
    assert "0 computed, 3 stand" in said
    assert "over 3 districts" in said
    assert asked == []
    assert record_of(tmp_path / "out") == record_of(shared)
    status, said, _ = call(
        capsys, "batch", table, "--out", tmp_path / "out", "--resume", "--new", 2, "--lang", "en",
        "--json", *OUTPUTS, "--set", "siting.1.time_limit_s=30",
    )  # fmt: skip
    told = json.loads(said)["across"]
    assert (status, told["cost"] <= 2, told["status"]) == (0, True, "optimal")
    assert asked  # another number is another question


def test_a_budget_is_kept_and_what_fails_is_told_beside(table, tmp_path, capsys):
    (tmp_path / "broken").mkdir()
    text = (table.parent / "city" / "scenario.toml").read_text("utf-8")
    (tmp_path / "broken" / "scenario.toml").write_text(text, "utf-8")  # none of its files is there
    rows = [f"{name},{table.parent}/city/scenario.toml,2020" for name in NAMES[:1]]
    rows.append(f"{NAMES[1]},{table.parent}/city/scenario.toml,2022")
    rows.append("空区,broken/scenario.toml,")
    again = tmp_path / "districts.csv"
    again.write_text("\n".join(["name,scenario,year", *rows]), "utf-8")
    status, said, _ = call(
        capsys, "batch", again, "--out", tmp_path / "out", "--budget", 13, *OUTPUTS,
        "--question", "canteen",
    )  # fmt: skip
    assert status == 3
    told = record_of(tmp_path / "out")
    assert told["cost"] == sum(one["cost"] for one in told["sites"]) <= 13
    assert list(told["left_out"]) == ["空区"]
    assert "1 district is not in it" in said
    assert "Of 13" in said


def test_costs_in_different_units_share_no_budget(table, tmp_path, capsys):
    rows = table.read_text("utf-8").replace("walk.speed_mps", "candidates.0.cost_unit")
    rows = rows.replace(",1.0", ",万元").replace(",1.4", ",千元")
    (table.parent / "units.csv").write_text("\n".join(rows.split("\n")[:3]), "utf-8")
    status, said, complained = call(
        capsys, "batch", table.parent / "units.csv", "--out", tmp_path / "out", "--budget", 20,
        *OUTPUTS,
    )  # fmt: skip
    (table.parent / "units.csv").unlink()
    assert (status, "2 computed" in said) == (3, True)
    assert all(word in complained for word in ("万元", "千元", "--budget"))
    assert "own results are written" in complained
    assert (tmp_path / "out" / "overview" / "coverage.csv").exists()
    assert not (tmp_path / "out" / "overview" / "across.json").exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--new", 3, "--budget", 5], ["--new", "--budget", "together"]),
        (["--new", 0], ["above 0"]),
        (["--budget", -5], ["--budget", "-5"]),
        (["--budget", "nan"], ["--budget", "above 0"]),
        (["--question", "canteen"], ["--question", "--new"]),
        (["--new", 3, "--question", 7], ["甲区", "乙区", "'7'", "[[siting]]"]),
        (["--new", 3, "--question", "shelter"], ["甲区", "'shelter'"]),
        (["--new", 3, "--question", 1], ["'set_cover'", "max_cover, p_median"]),
        (["--new", 3, "--set", "siting.0.sizes=[{size='s', capacity=9, cost=1}]"], ["sizes"]),
        (["--new", 1, "--set", "siting.0.mandatory=['X1']"], ["3 at least", "--new"]),
        (["--budget", 20, "--set", "siting.0.mandatory=['X1']"], ["36", "--budget"]),
        (["--new", 3, "--lang", "zh", "--question", 7], ["没有选址题“7”"]),
    ],
)
def test_what_districts_cannot_share_is_refused_at_once(table, tmp_path, capsys, options, words):
    out = tmp_path / "out"
    status, said, complained = call(capsys, "batch", table, "--out", out, *OUTPUTS, *options)
    assert (status, said) == (2, "")
    assert all(word in complained for word in words), complained
    assert not out.exists()


def test_districts_that_count_differently_are_named(table, tmp_path, capsys):
    rows = table.read_text("utf-8").replace("walk.speed_mps", "coverage.cutoff_min")
    (table.parent / "other.csv").write_text(rows, "utf-8")
    status, _, said = call(
        capsys, "batch", table.parent / "other.csv", "--out", tmp_path / "out", "--new", 2
    )
    (table.parent / "other.csv").unlink()
    assert status == 2
    assert "'minutes'" in said
    assert "1.4: 乙区" in said
