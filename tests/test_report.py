"""What a plan's folder tells: tables with headings in both languages, and a report that agrees."""

import json
import re
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
from conftest import ROOT

from planner import api
from planner.language import LANGS
from planner.output import report
from planner.study.plan import Plan

GOLDEN = ROOT / "tests" / "toy_plan.json"
NASTY = "东岸|“旧港”<b>村"


@pytest.fixture(scope="module", params=LANGS)
def saved(request: pytest.FixtureRequest, toy_saved) -> tuple[str, Path]:
    return request.param, toy_saved(request.param)


def golden(plan: Plan) -> dict:
    """What a plan finds, not what it was made with; of sites what does not hang on ties."""
    record = json.loads(json.dumps(report.record(plan)))
    kept = {name: record[name] for name in ("title", "year", "walk", "crs", "demand")}
    firm = ("kind", "model", "minutes", "group", "status", "objective", "before", "after")
    kept["siting"] = [{name: answer[name] for name in firm} for answer in record["siting"]]
    names = ("summary", "people", "communities", "gaps", "left_out")
    return kept | {"tables": {name: record["tables"][name] for name in names}}


def test_the_toy_plan_is_as_it_was(toy_plan: Plan):
    """Against ``toy_plan.json``, which is `golden` of the plan as JSON, looked through by hand."""
    was, now = json.loads(GOLDEN.read_text("utf-8")), golden(toy_plan)
    tables, of_now = was.pop("tables"), now.pop("tables")
    assert now == was
    for name, table in tables.items():
        found, known = pd.DataFrame(of_now[name]), pd.DataFrame(table)
        pd.testing.assert_frame_equal(found[known.columns], known, rtol=1e-9, atol=1e-5)


def test_tables_speak_the_language(saved):
    lang, folder = saved
    for path in sorted((folder / "tables").glob("*.csv")):
        table = pd.read_csv(path, encoding="utf-8-sig")  # noqa: TID251
        for column in table.columns:
            assert bool(re.search(r"[\u4e00-\u9fff]", column)) == (lang == "zh"), column
            assert column == "" or "_" not in column
    summary = pd.read_csv(folder / "tables" / "summary.csv", encoding="utf-8-sig")  # noqa: TID251
    kinds = {"zh": "居家养老服务站", "en": "Home-care station"}
    assert summary.iloc[0, 0] == kinds[lang]


def test_report_agrees_with_the_summary(saved, toy_plan: Plan):
    _, folder = saved
    words = (folder / "report.md").read_text("utf-8")
    summary = toy_plan.summary()
    for share in [*summary["population"], *summary["aged_60"], summary.loc["canteen", "after"]]:
        assert re.search(rf"{share * 100:.1f}\s?%", words)
    assert "西门办公楼" in words
    assert "远山村" in words, "left out, and said so"
    assert "460" in words


def test_names_from_data_are_escaped(saved):
    _, folder = saved
    words = (folder / "report.md").read_text("utf-8")
    assert "旧港" in words
    assert "<b>" not in words
    rows = [line for line in words.splitlines() if line.startswith("|") and "旧港" in line]
    assert rows
    for row in rows:
        above = words[: words.index(row)].splitlines()
        rule = next(line for line in reversed(above) if re.match(r"^\|[ :|-]+\|$", line))
        bars = len(re.findall(r"(?<!\\)\|", row))
        assert bars == rule.count("|"), "a bar in a name is not a border"


@pytest.mark.parametrize("lang", LANGS)
def test_nasty_titles_and_names_stay_text(toy_plan: Plan, toy_city, tmp_path, lang):
    evil = "<script>alert(1)</script>"
    plan = api.run(toy_city, set=[f"title={evil}", f"title_en={evil}", "siting=[]"])
    folder = api.save(plan, tmp_path / "out", lang=lang)
    assert "<script" not in (folder / "report.md").read_text("utf-8")
    assert "<script>alert" not in (folder / "map.html").read_text("utf-8")


def test_layers_open_in_a_gis(saved, toy_plan: Plan):
    _, folder = saved
    path = folder / "plan.gpkg"
    layers = {
        name: pyogrio.read_dataframe(path, layer=name) for name, _ in pyogrio.list_layers(path)
    }
    assert set(layers) >= {
        "communities",
        "facilities",
        "candidates",
        "demand",
        "rings",
        "sites",
        "streets",
    }
    for layer in layers.values():
        assert isinstance(layer, gpd.GeoDataFrame)
        assert layer.crs == toy_plan.area.demand.crs
        assert layer.geometry.notna().all()
    found = layers["communities"].set_index("name")
    assert found.loc["东里社区", "care_station_share"] == 1
    assert layers["demand"]["canteen_minutes"].isna().sum() == 1, "the island is missing, not 0"
    assert len(layers["sites"]) == 3
    area = toy_plan.area
    for name, table in (("communities", area.communities), ("facilities", area.facilities)):
        assert layers[name].columns[0] == "id"
        assert layers[name]["id"].tolist() == table.index.tolist()
    assert layers["demand"]["id"].tolist() == area.demand.index.tolist()
    assert set(layers["sites"]["id"]) <= set(area.candidates.index)


def test_circles_of_the_layers_are_light_and_the_same(saved, toy_plan: Plan):
    rings = pyogrio.read_dataframe(saved[1] / "plan.gpkg", layer="rings")
    whole = toy_plan.rings
    assert rings["minutes"].tolist() == whole["minutes"].tolist()
    assert rings.count_coordinates().sum() < 0.6 * whole.count_coordinates().sum()
    assert rings.is_valid.all()
    apart = rings.symmetric_difference(whole, align=False).area
    assert (apart <= 0.3 * whole.length).all(), "within the tolerance along every border"


def test_the_record_is_plain_and_strict(saved):
    _, folder = saved
    words = (folder / "plan.json").read_text("utf-8")
    record = json.loads(words, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    assert record["title"] == "玩具城"
    assert NASTY in words.encode().decode("unicode_escape", errors="ignore") or "旧港" in words
    assert record["tables"]["gaps"][-1]["minutes"] is None
    assert record["settings"]["map"]["tiles"] == "none"
    assert "tianditu_key" not in record["settings"]["map"]
