"""Facilities without coordinates: found in a list, or put into the middle of their community."""

import dataclasses
import json

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from conftest import EAST, METRIC, NORTH

from planner import api
from planner.errors import InputError, PlannerError

FEW = ["siting=[]", "links=[]"]
CRS = 'file = "stations.csv"\nkind = "care_station"\ncrs = "EPSG:4549"\n'
BY_COMMUNITY = CRS + 'missing_coordinates = "community"\n'


def written(toy, folder, stations, entry=BY_COMMUNITY, scenario=None):
    """Write the toy city with another list of stations."""
    path = toy.write(folder)
    stations.to_csv(folder / "stations.csv", index=False)
    text = (scenario or path.read_text("utf-8")).replace(CRS, entry)
    path.write_text(text, "utf-8")
    return path


def stations(*rows, **more):
    """A list of stations: name, address, community, street; no coordinates."""
    frame = pd.DataFrame(rows, columns=["名称", "地址", "所属社区", "街道"]).replace("", None)
    return frame.assign(状态="已建", **more)


def placed(area):
    frame = area.facilities[area.facilities["kind"] == "care_station"]
    return frame.set_index("name")


def refused(path):
    with pytest.raises(PlannerError) as caught:
        api.check(path, set=FEW)
    return [(one.key, int(one.row or 0), one.value) for one in caught.value.problems]


def test_a_row_goes_to_the_community_that_it_names(toy, tmp_path):
    """By a column before the address, by the address before the own name, code or name."""
    listed = stations(
        ("甲站", "西里社区1号", "东里社区居委会", ""),
        ("乙站", "南街道西里社区12号", "", ""),
        ("北山老年食堂", "某路3号", "", ""),
        ("丁站", "", "D", ""),
        ("小島村服務站", "", "", ""),
    )
    area = api.check(written(toy, tmp_path, listed), set=FEW).area
    found = placed(area)
    assert found["community"].to_dict() == {
        "甲站": "A", "乙站": "B", "北山老年食堂": "C", "丁站": "D", "小島村服務站": "E",
    }  # fmt: skip
    assert found["approximate"].all()
    told = dict(area.notes)["area.placed_by_name"]
    assert told == {
        "file": "stations.csv", "n": 5, "list": 0, "column": 2, "address": 1, "name": 2,
    }  # fmt: skip


def test_an_estimated_place_stands_on_a_street(toy, tmp_path):
    """The middle of D lies 40 m from a street; how far is no walk of anybody's."""
    area = api.check(written(toy, tmp_path, stations(("站", "", "D", ""))), set=FEW).area
    at = placed(area).geometry["站"]
    assert area.streets.distance(at).min() < 1e-6
    middle = toy.communities.set_index("id").geometry["D"].representative_point()
    nearest = toy.streets.distance(middle).min()
    assert gpd.GeoSeries([middle], crs=METRIC).to_crs(area.facilities.crs)[0].distance(
        at
    ) == pytest.approx(nearest, abs=0.01)


def test_a_place_moved_to_a_street_elsewhere_stays_its_community_s(toy, tmp_path):
    """F has no street: the nearest one is another's, and the station is F's all the same."""
    area = api.check(written(toy, tmp_path, stations(("站", "", "F", ""))), set=FEW).area
    found = placed(area)
    assert found["community"].to_dict() == {"站": "F"}
    assert not area.communities.geometry["F"].intersects(found.geometry["站"])


def test_what_names_several_communities_or_none_is_a_problem(toy, tmp_path):
    listed = stations(
        ("甲站", "东里社区与西里社区之间", "", ""),
        ("乙站", "某路3号", "", ""),
        ("丙站", "", "东理社区", ""),
        ("东里路服务站", "", "", ""),
    )
    found = refused(written(toy, tmp_path, listed))
    assert found == [
        ("io.several_communities", 2, "东里社区与西里社区之间"),
        ("io.no_community_named", 3, "某路3号"),
        ("io.unknown_community_named", 4, "东理社区"),
        ("io.no_community_named", 5, "东里路服务站"),
    ]
    with pytest.raises(InputError, match="东里社区"):  # the nearest name
        api.check(tmp_path / "scenario.toml", set=FEW)


def test_of_two_communities_of_one_name_the_street_tells(toy, tmp_path):
    communities = toy.communities.copy()
    communities.loc[2, "name"] = "东里社区"  # in the other street
    communities.loc[3, "name"] = "新东里社区"  # a longer name holds the shorter one
    toy = dataclasses.replace(toy, communities=communities)
    listed = stations(
        ("甲站", "", "东里社区", "北街道"),
        ("乙站", "南街道东里社区5号", "", ""),
        ("丙站", "新东里社区5号", "", ""),
    )
    found = placed(api.check(written(toy, tmp_path, listed), set=FEW).area)
    assert found["community"].to_list() == ["C", "A", "D"]


def test_a_list_of_places_comes_first(toy, tmp_path):
    """Rows with coordinates keep theirs; a list knows others, exactly; the rest is estimated."""
    listed = stations(
        ("甲站", "东里社区", "", ""), ("乙站", "解放路3号", "", ""), ("丙站", "", "B", "")
    ).assign(x=[EAST + 300, None, "待采集"], y=[NORTH + 300, None, "待采集"])
    places = pd.DataFrame({"地址": ["解放路3号"], "x": [EAST + 600], "y": [NORTH]})
    entry = BY_COMMUNITY + 'places = { file = "places.csv", crs = "EPSG:4549" }\n'
    path = written(toy, tmp_path, listed, entry)
    places.to_csv(tmp_path / "places.csv", index=False)
    plan = api.run(path, set=FEW)
    found = placed(plan.area)
    assert found["approximate"].to_dict() == {"甲站": False, "乙站": False, "丙站": True}
    here = shapely.points([(EAST + 300, NORTH + 300), (EAST + 600, NORTH)])
    there = gpd.GeoSeries(here, index=["甲站", "乙站"], crs=METRIC).to_crs(plan.area.facilities.crs)
    assert all(found["geometry"][name].distance(at) < 0.01 for name, at in there.items())
    counts = dict(plan.area.notes)["area.placed_by_name"]
    assert (counts["n"], counts["list"], counts["column"]) == (2, 1, 1)


def test_a_row_that_the_list_lacks_is_a_problem_or_left_out(toy, tmp_path):
    entry = CRS + 'places = { file = "places.csv", crs = "EPSG:4549" }\n'
    path = written(toy, tmp_path, stations(("甲站", "", "", ""), ("乙站", "", "A", "")), entry)
    rows = {"名称": ["甲站"], "x": [EAST], "y": [NORTH]}
    pd.DataFrame(rows).to_csv(tmp_path / "places.csv", index=False)
    assert refused(path) == [("io.not_in_list", 3, "乙站")]
    path.write_text(
        path.read_text("utf-8").replace(entry, entry + 'missing_coordinates = "skip"\n')
    )
    area = api.check(path, set=FEW).area
    assert placed(area).index.to_list() == ["甲站"]
    assert area.skipped[["name", "reason"]].to_numpy().tolist() == [["乙站", "no_coordinates"]]
    twice = pd.DataFrame({"名称": ["甲站", "甲站"], "x": [EAST, EAST + 9], "y": [NORTH] * 2})
    twice.to_csv(tmp_path / "places.csv", index=False)
    assert ("io.several_in_list", 0, "甲站") in refused(path)
    pd.DataFrame({"谁": ["甲站"], "x": [EAST], "y": [NORTH]}).to_csv(
        tmp_path / "places.csv", index=False
    )
    assert ("io.nothing_to_find_by", 0, "places.csv") in refused(path)


def test_what_rests_on_estimated_places_stands_beside_the_headline(toy, tmp_path):
    """Station at (300, 300) known, another in E estimated: E's people rest on it."""
    listed = stations(("甲站", "", "", ""), ("乙站", "", "E", "")).assign(
        x=[EAST + 300, None], y=[NORTH + 300, None]
    )
    path = written(toy, tmp_path, listed)
    plan = api.run(path, set=FEW)
    asked = {"minutes": 15, "group": "aged_60"}
    exact = plan.exact.share("care_station", **asked)
    whole = plan.coverage.share("care_station", **asked)
    aged = plan.area.demand["aged_60"]
    here = plan.area.demand["community"] == "E"
    assert whole - exact == pytest.approx(aged[here].sum() / aged.sum())
    for lang, words in (("zh", "不计估算位置"), ("en", "without the facilities placed like that")):
        (told,) = [one for one in plan.caveats(lang) if words in one]
        assert all(f"{100 * share:.1f}%" in told for share in (exact, whole))
    out = api.save(plan, tmp_path / "out", lang="zh", outputs=("record", "map"))
    record = json.loads((out / "plan.json").read_text("utf-8"))
    (kept,) = [one for one in record["estimates"] if one["what"] == "places"]
    assert kept["values"] == {"n": 1, "of": len(plan.area.facilities)}
    assert kept["words"]["zh"] in (out / "map.html").read_text("utf-8")


def test_a_kind_all_at_estimated_places_says_so(toy, tmp_path):
    plan = api.run(written(toy, tmp_path, stations(("甲站", "", "A", ""))), set=FEW)
    assert "居家养老服务站的位置全部是估算的" in plan.caveats("zh")[1]


def test_candidates_may_lack_coordinates_too(toy, tmp_path):
    """Their sites stand where their community is; the estimate is told of candidates."""
    path = toy.write(tmp_path)
    pd.DataFrame({"名称": ["甲楼", "乙楼"], "地址": ["东里社区", "西里社区"]}).to_csv(
        tmp_path / "candidates.csv", index=False
    )
    old = '[[candidates]]\nfile = "candidates.csv"\ncrs = "EPSG:4549"\n'
    new = '[[candidates]]\nfile = "candidates.csv"\nmissing_coordinates = "community"\n'
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")
    area = api.check(path).area
    assert area.candidates["community"].to_list() == ["A", "B"]
    assert [one.how for one in area.estimates if one.what == "places"] == ["candidates"]


def test_hexagons_have_no_name_to_go_by(toy, tmp_path):
    path = written(toy, tmp_path, stations(("甲站", "", "A", "")))
    text = path.read_text("utf-8").replace('file = "communities.gpkg"', "hexagons_m = 300")
    path.write_text(text, "utf-8")
    assert ("io.no_communities_to_name", 0, None) in refused(path)


@pytest.mark.parametrize("table", ["demand", "links.0"])
def test_homes_and_links_are_not_looked_for(toy, tmp_path, table):
    path = toy.write(tmp_path)
    with pytest.raises(PlannerError) as caught:
        api.check(path, set=[f"{table}.missing_coordinates=community"])
    assert [one.value for one in caught.value.problems] == [f"{table}.missing_coordinates"]
