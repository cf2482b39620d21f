"""Measure how far shares covered on estimated data lie off those on the data themselves.

Run ``python benchmarks/estimates.py``; ``--daan FOLDER`` adds the real district, whose open data
are not part of the planner. What `planner/district/estimates.toml` states comes from here.

Every district is run as it is, and again without what would be estimated: without homes, so that
people are spread within their community, over streets, areas, buildings without people, or the
cells of a raster; without ages; without boundaries as well. Shares are of everybody and
of the group that counts, for each kind of facility, within 15 minutes.
"""

from __future__ import annotations

import argparse
import tempfile
import tomllib
from collections.abc import Collection
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from planner import api
from planner.district.area import StudyArea

CASES = ("chengwan", "yunpu", "rongpu", "jiangji", "beizhu")
ALL = ("boundaries", "people", "buildings", "raster", "streets", "ages", "places")
CELL_M = 100
STRAIGHT = {"straight": True}
KEPT = ("title", "year", "streets", "facilities", "kinds", "words")


def plain(file: Path, folder: Path) -> dict[str, Any]:
    """Return a scenario that asks for coverage alone, whose paths are absolute."""
    whole = tomllib.loads(file.read_text("utf-8"))
    made = {key: whole[key] for key in (*KEPT, "communities", "demand") if key in whole}
    group = whole.get("coverage", {}).get("group", "population")
    return made | {"folder": str(folder), "coverage": {"group": group, "minutes": [15]}}


def shares(scenario: dict[str, Any]) -> tuple[pd.Series, StudyArea]:
    """Run a scenario: the share within 15 minutes by kind and group, and its study area."""
    plan = api.run(scenario)
    rows = plan.coverage.people
    rows = rows[(rows["level"] == "district") & (rows["minutes"] == 15)]
    rows = rows[rows["group"].isin(["population", plan.settings.coverage.group])]
    return rows.set_index(["kind", "group"])["share"], plan.area


def write_communities(area: StudyArea, folder: Path) -> dict[str, dict[str, Any]]:
    """Write the communities that count as polygons, as points, and the outline of all."""
    frame = area.counted[["id", "name", "street", *area.groups, "geometry"]]
    frame.to_file(folder / "polygons.gpkg")
    frame.assign(geometry=frame.representative_point()).to_file(folder / "points.gpkg")
    streets = frame[frame["street"].notna()].dissolve("street").reset_index()
    streets[["street", "geometry"]].to_file(folder / "streets.gpkg")
    gpd.GeoDataFrame(geometry=[frame.union_all()], crs=frame.crs).to_file(folder / "outline.gpkg")
    groups = {group: group for group in area.groups if group != "population"}
    points = {"file": str(folder / "points.gpkg"), "groups": groups}
    made = {
        "polygons": {"file": str(folder / "polygons.gpkg"), "groups": groups},
        "no_outline": points,
        "outline": points | {"within": str(folder / "outline.gpkg")},
    }
    if len(streets) > 1:
        made["outlines"] = points | {"within": str(folder / "streets.gpkg")}
    return made


def without_groups(communities: dict[str, Any]) -> dict[str, Any]:
    """Return communities that only have residents."""
    return communities | {
        "file": communities["file"].replace("polygons", "residents"),
        "groups": {},
    }


def write_ages(area: StudyArea, folder: Path) -> dict[str, dict[str, Any]]:
    """Write communities with residents alone, and the ages of their streets and of the district."""
    frame = area.counted[["id", "name", "street", "population", "geometry"]]
    frame.to_file(folder / "residents.gpkg")
    groups = [group for group in area.groups if group != "population"]
    people = area.counted[["street", *area.groups]]
    by_street = people[people["street"].notna()].groupby("street")[list(area.groups)].sum()
    by_street.reset_index().to_excel(folder / "ages_street.xlsx", index=False)
    whole = people[list(area.groups)].sum().to_frame().T.assign(district="all")
    whole.to_excel(folder / "ages_district.xlsx", index=False)
    asked = {"unit": "people", "groups": {group: group for group in groups}}
    files = {"street": "ages_street.xlsx", "district": "ages_district.xlsx"}
    made = {how: {"file": str(folder / file), **asked} for how, file in files.items()}
    return made if len(by_street) > 1 else {"district": made["district"]}


def write_facilities(area: StudyArea, folder: Path) -> list[dict[str, Any]]:
    """Write facilities without coordinates, each with its community; those of none with theirs."""
    frame = area.facilities.assign(community=area.facilities["community"].where(_counts(area)))
    columns = ["id", "name", "kind", "tier", "status", "opened", "closed", "capacity", "community"]
    inside = frame["community"].notna()
    made = []
    if inside.any():
        frame.loc[inside, columns].to_excel(folder / "named.xlsx", index=False)
        named = {"file": str(folder / "named.xlsx"), "missing_coordinates": "community"}
        made.append(named | {"columns": {"community": "community"}})
    if not inside.all():
        plain = [*columns[:-1], "geometry"]
        frame.loc[~inside, plain].to_file(folder / "elsewhere.gpkg")
        made.append({"file": str(folder / "elsewhere.gpkg"), "outside": "skip"})
    return made


def _counts(area: StudyArea) -> pd.Series:
    """Return which facilities lie in a community that counts."""
    return area.facilities["community"].isin(area.counted.index)


def write_raster(area: StudyArea, file: Path) -> None:
    """Write the people of all homes as a raster of cells, as those of agencies are."""
    import rasterio

    west, south, east, north = area.counted.total_bounds
    west, north = west // CELL_M * CELL_M - CELL_M, north // CELL_M * CELL_M + 2 * CELL_M
    across, down = int((east - west) / CELL_M) + 2, int((north - south) / CELL_M) + 2
    x, y = area.demand.geometry.x, area.demand.geometry.y
    people, _, _ = np.histogram2d(
        (north - y) / CELL_M, (x - west) / CELL_M, bins=(range(down + 1), range(across + 1)),
        weights=area.demand["population"],
    )  # fmt: skip
    with rasterio.open(
        file, "w", driver="GTiff", width=across, height=down, count=1, dtype="float32",
        crs=area.demand.crs.to_wkt(), transform=rasterio.Affine(CELL_M, 0, west, 0, -CELL_M, north),
    ) as data:  # fmt: skip
        data.write(people.astype("float32"), 1)


def measure(name: str, file: Path, folder: Path, asked: Collection[str] = ALL) -> pd.DataFrame:
    """Return the difference in percentage points of every estimate asked for, by kind and group."""
    scenario = plain(file, folder)
    true, area = shares(scenario)
    rows = []

    def note(what: str, how: str, found: pd.Series, than: pd.Series) -> None:
        off = (100 * (found - than)).dropna().reset_index(name="points")
        rows.append(off.assign(district=name, what=what, how=how))

    with tempfile.TemporaryDirectory() as there:
        ways = write_communities(area, Path(there))
        over = {"coverage": scenario["coverage"] | {"spread": "areas"}}
        if "demand" in scenario and "streets" in asked:
            found, _ = shares(scenario | {"streets": STRAIGHT})
            note("streets", "straight", found, true)
        if "places" in asked:
            lists = write_facilities(area, Path(there))
            found, _ = shares(scenario | {"facilities": lists})
            note("places", "facilities", found, true)
        base = {key: value for key, value in scenario.items() if key != "demand"}
        polygons = ways.pop("polygons")
        spread, _ = shares(base | {"communities": polygons})
        if "demand" in scenario and "people" in asked:
            note("people", "streets", spread, true)
            areas, _ = shares(base | {"communities": polygons} | over)
            note("people", "areas", areas, true)
        if "demand" in scenario and "buildings" in asked:
            area.demand[["geometry"]].to_file(Path(there) / "buildings.gpkg")
            homes = {"file": str(Path(there) / "buildings.gpkg"), "people": "communities"}
            found, _ = shares(base | {"communities": polygons, "demand": homes})
            note("people", "buildings", found, true)
        if "demand" in scenario and "raster" in asked:
            write_raster(area, Path(there) / "people.tif")
            cells = {"file": str(Path(there) / "people.tif")}
            found, _ = shares(base | {"communities": polygons, "demand": cells})
            note("people", "raster", found, true)
        for how, ages in write_ages(area, Path(there)).items() if "ages" in asked else ():
            whole = base | {"communities": polygons}
            found, _ = shares(whole | {"communities": without_groups(polygons) | {"ages": ages}})
            of_age = found.index.get_level_values("group") != "population"
            note("ages", how, found[of_age], spread[of_age])
        for how, communities in ways.items() if "boundaries" in asked else ():
            found, _ = shares(base | {"communities": communities})
            note("boundaries", how, found, spread)
            if how == "outline" and "demand" in scenario:
                straight, _ = shares(base | {"communities": communities, "streets": STRAIGHT})
                note("all three", "outline", straight, true)
            if "demand" in scenario:
                note("both", how, found, true)
    return pd.concat(rows)


def main() -> None:
    """Measure all districts, and print what each estimate comes to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--daan", type=Path, help="folder of the real district's data")
    parser.add_argument("--what", nargs="*", choices=ALL, default=ALL, help="what to measure")
    parser.add_argument("--only", nargs="*", help="names of districts")
    asked = parser.parse_args()
    cases = {name: (api.demo(name), api.demo(name).parent) for name in CASES}
    if asked.daan:
        daan = api.demo("chengwan").parent.parent / "daan" / "scenario.toml"
        cases["daan"] = (daan, asked.daan.resolve())
    made = [
        measure(name, *places, asked.what)
        for name, places in cases.items()
        if not asked.only or name in asked.only
    ]
    table = pd.concat(made).assign(off=lambda rows: rows["points"].abs())
    figures = {"n": ("off", "size"), "mean": ("points", "mean"), "median": ("off", "median"),
               "most": ("off", "max")}  # fmt: skip
    for by in (["what", "how", "district"], ["what", "how"]):
        print(table.groupby(by).agg(**figures).round(2).to_string(), "\n")


if __name__ == "__main__":
    main()
