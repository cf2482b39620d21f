"""Time the map in a real browser: the embedded district, and one of 1,000 communities.

    python benchmarks/maps.py                      # both: a few minutes
    python benchmarks/maps.py --maps chengwan
    python benchmarks/maps.py --maps MAP.html      # any map there is

The large district is made by code: communities that are Voronoi cells of a jittered lattice, the
streets of `streets.py` (100,000 nodes), 40 homes a community, and 3,000 facilities of three kinds.
Each map is opened in headless Chromium, with no graphics card: drawing is slower here than on a
desk. The table goes to the screen and to `benchmarks/maps.md`.
"""

import argparse
import os
import platform
import shutil
import statistics
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from playwright.sync_api import sync_playwright

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from streets import streets  # noqa: E402

import planner  # noqa: E402
from planner.output import maps  # noqa: E402

CRS = "EPSG:4549"
CORNER = np.array([500_000.0, 3_300_000.0])
SIDE = 32  # communities along one side, less those beyond the thousand
HOMES = 40
KINDS = {"care_station": 1200, "canteen": 1000, "shelter": 800}
PLACES = 20  # clicks, steps and frames are medians of so many

SCENARIO = """
title = "大区"
title_en = "Large district"
synthetic = true
lang = "zh"
year = 2020
communities.file = "communities.gpkg"
demand = { file = "demand.parquet" }
streets.file = "streets.parquet"
facilities = [{ file = "facilities.csv", crs = "EPSG:4549" }]
coverage = { minutes = [5, 10, 15], cutoff_min = 15, group = "aged_60" }
"""

# Each returns the milliseconds that its script took, and those until the frame after it was drawn.
FRAME = """(work) => new Promise((done) => {
    const begun = performance.now();
    work();
    const script = performance.now() - begun;
    requestAnimationFrame(() => setTimeout(() => done([script, performance.now() - begun])));
})"""
CLICK = f"""async ([lat, lng]) => {{
    plan.state.placing = true;
    const before = plan.trials.all().length;
    const took = await ({FRAME})(() => plan.map.fire("click", {{ latlng: L.latLng(lat, lng) }}));
    const stands = plan.trials.all().length > before;
    plan.state.placing = false;
    plan.trials.clear();
    await new Promise((done) => setTimeout(done, 150));
    return stands ? took : null;
}}"""
YEAR = f"""(year) => ({FRAME})(() => {{
    const slide = document.getElementById("year");
    slide.value = year;
    slide.dispatchEvent(new Event("input"));
}})"""
PAN = f"(by) => ({FRAME})(() => plan.map.panBy([by, by / 2], {{ animate: false }}))"
ZOOM = f"(by) => ({FRAME})(() => plan.map.setZoom(plan.map.getZoom() + by, {{ animate: false }}))"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--maps", nargs="*", default=["chengwan", "large"], help="or a map's file")
    parser.add_argument("--keep", type=Path, help="folder to keep the maps in")
    parser.add_argument("--out", type=Path, default=HERE / "maps.md")
    asked = parser.parse_args()
    chrome = shutil.which("chromium") or shutil.which("chromium-browser")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=chrome, args=["--no-sandbox", "--disable-gpu"]
        )
        lines = [*heading(browser.version), "", *TITLE]
        print("\n".join(lines))
        for name in asked.maps:
            path = Path(name) if name.endswith(".html") else make(name, Path(folder))
            if asked.keep and not name.endswith(".html"):
                asked.keep.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, asked.keep)
            lines.append(row(path.stem, path, browser))
            print(lines[-1], flush=True)
        browser.close()
    asked.out.write_text("\n".join(lines) + "\n", "utf-8")


def make(name, folder):
    """Run a district and write its map."""
    scenario = planner.demo("chengwan") if name == "chengwan" else large(folder / "large")
    path = folder / f"{name}.html"
    path.write_text(maps.page(planner.run(scenario), lang="zh"), "utf-8")
    return path


def large(folder):
    """Write a district of 1,000 communities and 3,000 facilities; return its scenario file."""
    folder.mkdir()
    rng = np.random.default_rng(5)
    xy, ends, _ = streets(100_000)
    low, high = xy.min(axis=0), xy.max(axis=0)
    origin = CORNER - low
    lines = shapely.linestrings(xy[ends] + origin)
    gpd.GeoDataFrame({"highway": classes(xy[ends])}, geometry=lines, crs=CRS).to_parquet(
        folder / "streets.parquet"
    )
    places = communities(rng, high - low)
    places.to_file(folder / "communities.gpkg")
    middle = shapely.get_coordinates(places.geometry.centroid.to_numpy())
    home = np.repeat(np.arange(len(places)), HOMES)
    spread = rng.normal(0, 120, (len(home), 2))
    aged = rng.poisson(8, len(home))
    demand = {
        "id": [f"h{n}" for n in range(len(home))],
        "community": places["id"].to_numpy()[home],
        "population": aged + rng.poisson(24, len(home)),
        "aged_60": aged,
    }
    gpd.GeoDataFrame(demand, geometry=shapely.points(middle[home] + spread), crs=CRS).to_parquet(
        folder / "demand.parquet"
    )
    facilities(rng, high - low).to_csv(folder / "facilities.csv", index=False)
    scenario = folder / "scenario.toml"
    scenario.write_text(SCENARIO, "utf-8")
    return scenario


def classes(ends):
    """Class streets by where they lie: a main one each three kilometres, a lesser each one."""
    middle = ends.mean(axis=1)
    off = {each: np.abs((middle + each / 2) % each - each / 2).min(axis=1) for each in (3000, 1000)}
    lesser = np.where(off[1000] < 45, "tertiary", "residential")
    return np.where(off[3000] < 45, "primary", lesser)


def communities(rng, size):
    """Lay out a thousand communities as cells around the points of a jittered lattice."""
    step = size / SIDE
    cell = np.stack(np.meshgrid(np.arange(SIDE), np.arange(SIDE)), -1).reshape(-1, 2)[:1000]
    points = (cell + rng.uniform(0.2, 0.8, cell.shape)) * step + CORNER
    frame = shapely.box(*CORNER, *(CORNER + size))
    cells = shapely.voronoi_polygons(shapely.multipoints(points), extend_to=frame, ordered=True)
    shapes = shapely.intersection(shapely.get_parts(cells), frame)
    number = np.arange(len(points))
    return gpd.GeoDataFrame(
        {
            "id": [f"c{n}" for n in number],
            "name": [f"第{n + 1}社区" for n in number],
            "street": [f"{a}{b}街道" for a, b in zip(*(cell // 8).T, strict=True)],
            "settlement": "urban",
            "population": 1200,
        },
        geometry=shapes,
        crs=CRS,
    )


def facilities(rng, size):
    """Put facilities of three kinds at random places, opened from 2000 to 2024."""
    kind = np.repeat(list(KINDS), list(KINDS.values()))
    at = rng.uniform(0, 1, (len(kind), 2)) * size + CORNER
    return pd.DataFrame(
        {
            "id": [f"f{n}" for n in range(len(kind))],
            "name": [f"第{n + 1}号" for n in range(len(kind))],
            "kind": kind,
            "capacity": rng.integers(10, 120, len(kind)),
            "status": "existing",
            "opened": rng.integers(2000, 2021, len(kind)),
            "x": at[:, 0],
            "y": at[:, 1],
        }
    )


COLUMNS = [
    "map", "communities", "facilities", "nodes", "MB", "drawn s", "click: script ms",
    "click: frame ms", "slowest click: script ms", "year: frame ms", "pan: frame ms",
    "zoom: frame ms",
]  # fmt: skip
TITLE = [
    f"| {' | '.join(COLUMNS)} |",
    "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
]


def row(name, path, browser):
    """Open a map and measure it; give its line of the table."""
    page = browser.new_page(viewport={"width": 1400, "height": 900})
    wrong = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    drawn = []
    for _ in range(3):
        page.goto(path.as_uri())
        page.wait_for_function("document.body.dataset.drawn", timeout=120_000)
        drawn.append(int(page.evaluate("document.body.dataset.drawn")) / 1000)
    size = page.evaluate(
        "() => [plan.data.communities.name.length, plan.data.facilities.kind.length,"
        " plan.views.ground().streets.nodeCount]"
    )
    clicks = [page.evaluate(CLICK, place) for place in homes(page)]
    clicks = [one for one in clicks if one][:PLACES]
    first, last = page.evaluate(
        "() => { const { min, max } = document.getElementById('year'); return [+min, +max]; }"
    )
    years = [page.evaluate(YEAR, last - n % (last - first)) for n in range(PLACES)]
    page.evaluate("() => { plan.state.year = null; plan.refresh(); }")
    pans = [page.evaluate(PAN, 120 if n % 2 else -120) for n in range(PLACES)]
    zooms = [page.evaluate(ZOOM, 0.5 if n % 2 else -0.5) for n in range(PLACES)]
    page.close()
    if wrong:
        raise RuntimeError(wrong[0])

    def middle(rows, n=1):
        return f"{statistics.median(one[n] for one in rows):.0f}"

    cells = [
        name, *(f"{n:,}" for n in size), f"{path.stat().st_size / 1e6:.1f}",
        f"{statistics.median(drawn):.1f}", middle(clicks, 0), middle(clicks),
        f"{max(one[0] for one in clicks):.0f}", middle(years), middle(pans), middle(zooms),
    ]  # fmt: skip
    return f"| {' | '.join(cells)} |"


def homes(page):
    """Pick places to click, where people live, the same each time."""
    at = page.evaluate("() => plan.data.communities.label.map(plan.unpack.point).filter(Boolean)")
    chosen = np.random.default_rng(3).permutation(len(at))[: 2 * PLACES]
    return [at[n] for n in chosen]


def heading(chromium):
    """Say what was measured, with what, on what."""
    tools = ", ".join(f"{name} {version(name)}" for name in ("planner", "folium", "playwright"))
    return [
        "# The map in a browser",
        "",
        f"Medians of {PLACES}; of drawing, of 3. A click puts a trial site where people live:",
        "`script` until the new shares stand in the page, `frame` until the next frame.",
        "",
        f"{time.strftime('%Y-%m-%d')}, Python {platform.python_version()}, {tools}, headless",
        f"Chromium {chromium} without a graphics card, {os.cpu_count()} cores (shared).",
    ]


if __name__ == "__main__":
    main()
