"""What can hardly be meant is told, wherever it stands: homes, communities, links, streets."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from shapely import affinity

from planner import api
from planner.district import remarks
from planner.language import LANGS, text

CRS = "EPSG:4550"


def communities(*boxes, people=100.0):
    shapes = [shapely.box(*box) for box in boxes]
    names = [chr(ord("A") + i) for i in range(len(boxes))]
    return gpd.GeoDataFrame(
        {"name": names, "population": people}, geometry=shapes, index=names, crs=CRS
    )


def homes(*rows):
    """Homes on rows 2, 3, …: community, people, people over 60, x and y."""
    community, people, aged, x, y = zip(*rows, strict=True)
    return gpd.GeoDataFrame(
        {"community": community, "population": people, "aged_60": aged},
        geometry=gpd.points_from_xy(x, y),
        index=range(2, 2 + len(rows)),
        crs=CRS,
    )


def said(found):
    """The values of each remark by its key; each can be put in words."""
    for key, values in found:
        for lang in LANGS:
            assert "{" not in text(key, lang, **values)
    return dict(found)


TWO = communities((0, 0, 1000, 1000), (1000, 0, 2000, 1000))


def test_nothing_is_told_of_sound_data():
    sound = homes(("A", 100, 10, 10, 10), ("B", 60, 5, 1500, 10), ("B", 40, 5, 1500, 10))
    assert remarks.of_homes(sound, TWO, ["population", "aged_60"]) == []
    assert remarks.of_communities(TWO) == []


def test_a_home_far_from_the_community_it_names_is_told():
    found = said(
        remarks.of_homes(homes(("A", 100, 10, 10, 10), ("B", 100, 5, 499, 10)), TWO, ["population"])
    )
    assert found["area.homes_elsewhere"]["rows"] == "3"
    assert found["area.homes_elsewhere"]["people"] == "100"
    near = homes(("A", 100, 10, 10, 10), ("B", 100, 5, 501, 10))
    assert remarks.of_homes(near, TWO, ["population"]) == []


def test_homes_listed_twice_are_told():
    twice = homes(("A", 50, 10, 10, 10), ("B", 100, 5, 1500, 10), ("A", 50, 10, 10, 10))
    found = said(remarks.of_homes(twice, TWO, ["population", "aged_60"]))
    assert found == {"area.homes_twice": {"n": 2, "people": "100", "rows": "2, 4"}}
    other = homes(("A", 50, 10, 10, 10), ("B", 100, 5, 1500, 10), ("A", 50, 11, 10, 10))
    assert remarks.of_homes(other, TWO, ["population", "aged_60"]) == []


def test_homes_without_a_figure_are_told():
    lacks = homes(("A", 100, None, 10, 10), ("B", 100, 5, 1500, 10))
    found = said(remarks.of_homes(lacks, TWO, ["population", "aged_60"]))
    assert found == {"area.no_figure_of_home": {"n": 1, "group": "aged_60", "rows": "2"}}


@pytest.mark.parametrize(
    ("people", "held", "named"),
    [
        ((100, 100), None, None),
        ((105, 104), None, None),  # counted on another day
        ((106, 106), "212", "–"),
        ((149, 49), "198", "B (49 / 100)"),
        ((151, 50), "201", "A (151 / 100)"),
    ],
)
def test_people_that_do_not_add_up_are_told(people, held, named):
    found = said(
        remarks.of_homes(
            homes(("A", people[0], 0, 10, 10), ("B", people[1], 0, 1500, 10)), TWO, ["population"]
        )
    )
    told = found.get("area.people_differ")
    assert (told and told["held"]) == held
    assert (told and told["named"]) == named


@pytest.mark.parametrize(
    ("boxes", "pairs"),
    [
        (((0, 0, 1000, 1000), (0, 0, 1000, 1000)), "A (A) + B (B)"),
        (((0, 0, 1000, 1000), (900, 0, 1900, 1000)), "A (A) + B (B)"),
        (((0, 0, 1000, 1000), (100, 100, 200, 200)), "A (A) + B (B)"),
        (((0, 0, 1000, 1000), (995, 0, 1995, 1000)), None),  # a border drawn by hand
        (((0, 0, 1000, 1000), (1000, 0, 2000, 1000)), None),
    ],
)
def test_communities_over_one_another_are_told(boxes, pairs):
    found = said(remarks.of_communities(communities(*boxes)))
    assert found.get("area.overlap", {}).get("named") == pairs


def test_a_link_said_twice_counts_once():
    links = pd.DataFrame(
        {
            "facility": ["K", "K", "K"],
            "community": ["A", "A", "B"],
            "link": ["delivery"] * 3,
            "file": "l.csv",
        },
        index=[2, 3, 4],
    )
    kept, told = remarks.of_links(links)
    assert kept.index.tolist() == [2, 4]
    assert said(told) == {"area.links_twice": {"n": 1, "named": "K – A (l.csv 3)"}}
    assert remarks.of_links(kept)[1] == []


def test_a_street_far_from_all_others_says_nothing_of_how_far_the_data_reach(toy, toy_city):
    sound = api.check(toy_city).area
    far = affinity.translate(toy.streets.geometry[0], 400_000, 0)
    one = gpd.GeoDataFrame({"name": ["远"]}, geometry=[far], crs=toy.streets.crs)
    frame = gpd.GeoDataFrame(pd.concat([toy.streets, one]))
    frame.to_file(toy_city.parent / "streets.gpkg", engine="pyogrio")
    found = api.check(toy_city).area
    assert dict(found.notes)["area.stray_streets"]["n"] == 1
    assert found.extent.equals(sound.extent)
    assert found.communities["inside"].equals(sound.communities["inside"])


def test_of_two_communities_the_one_by_the_streets_chooses_the_projection(toy, toy_city):
    frame = toy.communities.iloc[:2].copy()
    away = affinity.translate(frame.geometry[1], -500_000, 0)
    frame.loc[frame.index[1], "geometry"] = away
    frame.to_file(toy_city.parent / "communities.gpkg", engine="pyogrio")
    toy.sheets["links"].iloc[:1].to_csv(toy_city.parent / "links.csv", index=False)
    homes = toy.sheets["demand"]
    homes[homes["community"] == "A"].to_csv(toy_city.parent / "demand.csv", index=False)
    found = api.check(toy_city, set=["siting=[]"]).area
    assert found.communities.crs.to_epsg() == 4549
    assert dict(found.notes)["area.strays"]["n"] == 1


def test_candidates_listed_twice_are_told(toy, toy_city):
    sheet = toy.sheets["candidates"]
    again = pd.concat([sheet, sheet.iloc[[0]].assign(id="X9")])
    again.to_csv(toy_city.parent / "candidates.csv", index=False)
    told = dict(api.check(toy_city).area.notes)["area.candidates_twice"]
    assert told["named"] == "西门办公楼 (candidates.csv 2), 西门办公楼 (candidates.csv 5)"
