"""Chengwan in other coordinates, and as a survey draws it: the plan is that of the original."""

from __future__ import annotations

import shutil
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from planner import api
from planner.district.reading.read import read_raw
from planner.engine.crs import metric_crs, shift
from planner.errors import Problems
from planner.settings import Source
from tests.support.survey import drawn_by_survey

# Of what the district's own scenario asks, that which is compared: its first siting question.
ASKED = [
    "years=[]", 'siting=[{kind="canteen", new=6}]', "service=[]", "delivery=[]",
    "standards.profiles=[]",
]  # fmt: skip
FILES = {
    "communities.gpkg": None, "dwellings.parquet": None, "streets.parquet": None,
    "street_centres.geojson": None, "backdrop.geojson": None, "care_stations.csv": "gcj02",
    "shelters.csv": "wgs84", "institutions.csv": "wgs84", "candidates.csv": "wgs84",
    "canteens.xlsx": "wgs84", "other_facilities.csv": "wgs84",
}  # fmt: skip
FIGURES = ("population", "aged_60")

pytestmark = pytest.mark.usefixtures("no_circles")


@pytest.fixture
def folder(tmp_path):
    """The files of Chengwan, to be changed."""
    source = api.demo("chengwan").parent
    shutil.copytree(source, tmp_path / "chengwan", ignore=shutil.ignore_patterns("*.py"))
    return tmp_path / "chengwan"


@pytest.fixture(scope="module")
def frames() -> dict[str, gpd.GeoDataFrame]:
    """Every file of Chengwan with places, in degrees of WGS 84, by its name: not to be changed."""
    folder = api.demo("chengwan").parent
    found = {}
    for name, datum in FILES.items():
        problems = Problems()
        encoding = "gb18030" if name == "care_stations.csv" else None
        raw = read_raw(Source(file=name, datum=datum, encoding=encoding), folder, problems)
        assert problems.found == []
        plain = raw.frame.drop(columns=[*raw.used, "geometry"]).map(
            lambda cell: None if pd.isna(cell) else str(cell)
        )
        if name.endswith((".gpkg", ".parquet")):
            plain = raw.frame.drop(columns="geometry")
        shapes = raw.frame.geometry.to_numpy()
        found[name] = gpd.GeoDataFrame(plain, geometry=shapes, crs=4326)
    return found


def write(folder: Path, frames: dict[str, gpd.GeoDataFrame], how: dict[str, str]) -> Path:
    """Write each file anew, as shapes; say in the scenario how its coordinates are meant."""
    scenario = folder / "scenario.toml"
    text = scenario.read_text("utf-8")
    for declared in ('datum = "wgs84"\n', 'datum = "gcj02"\n', 'encoding = "gb18030"\n'):
        text = text.replace(declared, "")
    for name, frame in frames.items():
        copy = Path(name).stem + ".gpkg"
        (folder / name).unlink()
        frame.to_file(folder / copy, layer="copy", engine="pyogrio")
        declared = "".join(f'\n{key} = "{value}"' for key, value in how.items())
        text = text.replace(f'file = "{name}"', f'file = "{copy}"{declared}')
    scenario.write_text(text, "utf-8")
    return scenario


def differences(plan, original) -> dict[str, object]:
    """By how much a plan differs from the original."""
    one, two = (
        found.coverage.nearest.set_index(["kind", "demand"])["minutes"]
        for found in (plan, original)
    )
    both = pd.concat([one, two], axis=1, keys=["plan", "original"])
    shares = [
        plan.coverage.share(kind, minutes=minutes, group=group)
        - original.coverage.share(kind, minutes=minutes, group=group)
        for kind in ("care_station", "canteen", "shelter")
        for group in FIGURES
        for minutes in (5, 10, 15)
    ]
    return {
        "lost": int((both["plan"].isna() != both["original"].isna()).sum()),
        "minutes": (both["plan"] - both["original"]).abs(),
        "share": float(np.abs(shares).max()),
        "sites": tuple(found.siting[0].result.chosen for found in (plan, original)),
    }


@pytest.mark.parametrize("way", ["cgcs2000 in metres", "gcj02"])
def test_a_copy_in_other_coordinates_gives_the_plan_of_the_original(folder, frames, chengwan, way):
    if way == "gcj02":
        moved = {
            name: frame.set_geometry(shift(frame.geometry, "gcj02", "from_wgs84"))
            for name, frame in frames.items()
        }
        how = {"datum": "gcj02"}
    else:
        # Degrees of CGCS2000 are taken for those of WGS 84, which they equal within a metre.
        moved = {
            name: frame.set_crs(4490, allow_override=True).to_crs(4550)
            for name, frame in frames.items()
        }
        how = {}
    found = differences(api.run(write(folder, moved, how), set=ASKED), chengwan)
    assert found["lost"] == 0
    assert found["minutes"].max() < 0.02
    assert found["share"] < 1e-3
    assert found["sites"][0] == found["sites"][1]


def test_a_survey_drawing_gives_the_plan_of_the_original(folder):
    # The original has 71 ends that miss by less than half a metre itself: joined in both.
    joined = [*ASKED, 'streets.node="auto"']
    original = api.run(folder / "scenario.toml", set=joined)
    streets = gpd.read_parquet(folder / "streets.parquet")
    middle = shapely.centroid(shapely.MultiPoint(shapely.get_coordinates(streets.geometry)))
    drawn = drawn_by_survey(streets.to_crs(metric_crs(middle.x, middle.y)), 1, 0.05)
    drawn.to_parquet(folder / "streets.parquet")
    plan = api.run(folder / "scenario.toml", set=joined)
    crossings = plan.area.faults[plan.area.faults["fault"] == "crossing"]
    assert len(crossings) > 10_000
    assert crossings["mended"].all()
    found = differences(plan, original)
    # One of 15,528 junctions is lost in the drawing itself: two lines pass 3 cm apart there, and
    # neither crosses the other nor ends.
    assert found["lost"] <= 5
    assert (found["minutes"] > 0.1).mean() < 0.015
    assert found["share"] < 1e-3
    assert found["sites"][0] == found["sites"][1]
