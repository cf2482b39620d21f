"""Streets too thin for their people are told, by community; faults of streets have their places."""

from __future__ import annotations

import geopandas as gpd
import pytest
import shapely

import planner
from planner.district.street_density import street_density, thin_notes, thresholds
from planner.engine.network import Network

CRS = "EPSG:4550"


def communities(**people):
    """Put squares of 1 km² one beside the other."""
    shapes = [shapely.box(1000 * i, 0, 1000 * i + 1000, 1000) for i in range(len(people))]
    return gpd.GeoDataFrame(
        {"name": list(people), "population": list(people.values())},
        geometry=shapes,
        index=list(people),
        crs=CRS,
    )


def network(*lines):
    shapes = [shapely.LineString(line) for line in lines]
    return Network.from_lines(gpd.GeoDataFrame(geometry=shapes, crs=CRS))


def homes(*places):
    return gpd.GeoDataFrame(
        {
            "community": [community for community, *_ in places],
            "population": [people for _, people, *_ in places],
        },
        geometry=gpd.points_from_xy([x for *_, x, _ in places], [y for *_, y in places]),
        crs=CRS,
    )


@pytest.fixture(scope="module")
def lattice():
    """A street along x through both squares, one up their border, five more up the second."""
    return network(
        [(0, 500), (1000, 500)],
        [(1000, 500), (2000, 500)],
        [(1000, 0), (1000, 500), (1000, 1000)],
        *([(x, 0), (x, 500), (x, 1000)] for x in (1100, 1300, 1500, 1700, 1900)),
    )


def test_streets_are_measured_against_area_and_people_by_community(lattice):
    towns = communities(thin=2000, dense=2000)
    people = homes(("thin", 500, 100, 510), ("thin", 1500, 100, 650), ("dense", 2000, 1500, 100))
    found = street_density(towns, people, lattice, lattice.snap(people.geometry), spread=False)
    # The street along the border serves both.
    assert found["street_km"].tolist() == pytest.approx([2.0, 7.0])
    assert found["km_per_km2"].tolist() == pytest.approx([2.0, 7.0])
    assert found["km_per_1000"].tolist() == pytest.approx([1.0, 3.5])
    assert found["far_share"].tolist() == [0.75, 0.0]  # 1,500 of 2,000 live 150 m away
    assert found["off_share"].tolist() == [0.0, 0.0]
    assert found["thin"].tolist() == [True, False]
    told = dict(thin_notes(found, towns))
    assert told["area.street_density"] == {"km": "4.5", "each": "2.25"}
    assert told["area.thin_streets"] == {
        "n": 1, "share": "50%", "least": "4", "named": "thin (2.0)",
    }  # fmt: skip
    assert told["area.far_from_streets"]["share"] == "38%"
    assert told["area.far_from_streets"]["named"].startswith("thin (75%)")


def test_who_lives_beyond_the_limit_is_counted(lattice):
    towns = communities(thin=2000, dense=2000)
    people = homes(("thin", 500, 100, 510), ("thin", 1500, 100, 800), ("dense", 2000, 1500, 100))
    found = street_density(towns, people, lattice, lattice.snap(people.geometry), spread=False)
    assert found["off_share"].tolist() == [0.75, 0.0]


def test_a_village_is_not_measured_as_a_town(lattice):
    towns = communities(village=1499, dense=2000)
    found = street_density(towns, homes(), lattice, lattice.snap(homes().geometry), spread=True)
    assert found["thin"].tolist() == [False, False]
    assert found["far_share"].isna().all()
    assert [key for key, _ in thin_notes(found, towns)] == ["area.street_density"]


def test_every_threshold_has_a_reason_in_both_languages():
    import tomllib  # noqa: PLC0415
    from importlib.resources import files  # noqa: PLC0415

    said = tomllib.loads(files("planner.district").joinpath("thin_streets.toml").read_text("utf-8"))
    assert set(said) == set(thresholds())
    assert all(entry["zh"] and entry["en"] for entry in said.values())


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "fault", "mended"),
    [("t-junction", "near_end", False), ("island-home", "scrap", True)],
)
def test_faults_of_streets_have_their_places(shared, name, fault, mended):
    _, area = planner.check(shared / "cases" / name / "scenario.toml")
    faults = area.faults
    assert (faults["fault"] == fault).any()
    assert faults.loc[faults["fault"] == fault, "mended"].eq(mended).all()
    assert faults.crs == area.network.crs
    assert faults.geometry.within(area.extent.buffer(1)).all()
