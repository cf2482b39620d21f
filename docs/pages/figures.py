"""The pictures of the method, drawn from a toy town by the engine itself.

The town: streets every 200 m, a river between its halves with one bridge, homes at every corner.
"""

import itertools
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from html import escape

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from planner import capacity, siting
from planner.language import Lang
from planner.network import Network

WIDE, HIGH, BLOCK, RIVER, BRIDGE = 2400, 1600, 200, 1300, 1000  # metres
MINUTES = 10.0  # 600 m at 1 m/s
CRS = "EPSG:32651"
STATIONS = gpd.GeoSeries(shapely.points([(900, 800), (2000, 1000)]), ["A", "B"], crs=CRS)
PLACES = {"A": 300, "B": 60}
INK, PAPER, WATER, STREET = "#333", "#fff", "#b9dcee", "#ccc"
REACHED, LACKING, SECOND, NEW = "#00796b", "#d95f02", "#7570b3", "#b8860b"
WORDS: dict[Lang, dict[str, str]] = {
    "en": {
        "straight": "600 m in a straight line", "along": "600 m along the streets: 10 minutes",
        "bridge": "the only bridge", "before": "covered already",
        "covered": "covered: {n} of {of} people, {share:.0%}",
        "lacking": "not covered", "served": "has a place ({n} people)",
        "over": "within reach, no place left ({n})", "out": "out of reach ({n})",
        "places": "{name}: {n} places", "few": "few places per head",
        "many": "many places per head",
        "candidate": "candidate", "chosen": "chosen: {n} more people covered",
        "better": "proven: no other two cover more",
    },
    "zh": {
        "straight": "直线600米", "along": "沿道路600米：10分钟", "bridge": "唯一的桥",
        "covered": "覆盖：{of} 人中的 {n} 人，{share:.0%}", "before": "已覆盖", "lacking": "未覆盖",
        "served": "有名额（{n} 人）", "over": "走得到而没有名额（{n} 人）",
        "out": "走不到（{n} 人）", "places": "{name}：{n} 个名额", "few": "人均名额少",
        "many": "人均名额多", "candidate": "候选点", "chosen": "选中：多覆盖 {n} 人",
        "better": "已证明：任何两处都不能覆盖更多",
    },
}  # fmt: skip


@cache
def town() -> Network:
    """Build the streets: a grid, cut by the river but for the bridge."""
    columns, rows = range(0, WIDE + 1, BLOCK), range(0, HIGH + 1, BLOCK)
    along = [((x, y), (x + BLOCK, y)) for x in columns[:-1] for y in rows]
    dry = [line for line in along if line[1][1] == BRIDGE or not line[0][0] < RIVER < line[1][0]]
    up = [((x, y), (x, y + BLOCK)) for x in columns for y in rows[:-1]]
    return Network.from_lines(gpd.GeoDataFrame(geometry=shapely.linestrings(dry + up), crs=CRS))


@cache
def homes() -> gpd.GeoDataFrame:
    """Build the homes: ten people at each corner, twenty towards the middle of each half."""
    corners = itertools.product(range(0, WIDE + 1, BLOCK), range(0, HIGH + 1, BLOCK))
    at = [(x, y) for x, y in corners if abs(x - RIVER) > BLOCK / 4]
    people = [20 if 400 <= y <= 1200 else 10 for _, y in at]
    return gpd.GeoDataFrame({"people": people}, geometry=shapely.points(at), crs=CRS)


@cache
def walks() -> pd.DataFrame:
    """Return who reaches which station within the time."""
    return town().travel_times(homes().geometry, STATIONS, cutoff_min=MINUTES)


def pictures(lang: Lang) -> dict[str, str]:
    """Return each picture as SVG, by its name."""
    return {name: draw(WORDS[lang]) for name, draw in DRAWN.items()}


def circle(words: Mapping[str, str]) -> str:
    """Draw a circle along streets beside the straight one."""
    at = STATIONS[["A"]]
    area = town().reach(at, MINUTES).geometry.iloc[0]
    reached = town().reached_edges(at, MINUTES).geometry
    ring = at.iloc[0].buffer(MINUTES * 60)
    body = [
        _shape(area, fill=REACHED, opacity=0.2), _streets(),
        *(_line(one, REACHED, 5) for one in reached),
        _shape(ring, stroke=LACKING, dash="14 10"), _station("A"), _bridge(words),
    ]  # fmt: skip
    return _svg(body, [(REACHED, words["along"]), (LACKING, words["straight"])])


def coverage(words: Mapping[str, str]) -> str:
    """Draw who is covered."""
    people, inside = homes()["people"], homes().index.isin(walks()["demand"])
    n, of = int(people[inside].sum()), int(people.sum())
    body = [_streets(), *_dots(np.where(inside, REACHED, LACKING)), *map(_station, STATIONS.index)]
    told = words["covered"].format(n=n, of=of, share=n / of)
    return _svg(body, [(REACHED, told), (LACKING, words["lacking"])])


def allocation(words: Mapping[str, str]) -> str:
    """Draw who finds a place, who is over capacity and who is out of reach."""
    people = homes()["people"]
    split = capacity.serve_most(capacity.read_pairs(walks(), people, pd.Series(PLACES))).split
    split = split.reindex(people.index)
    colours = np.select(
        [split["served"] > 0, split["over_capacity"] > 0], [REACHED, SECOND], LACKING
    )
    body = [_streets(), *_dots(colours), *(_station(name, words) for name in STATIONS.index)]
    legend = [
        (colour, words[told].format(n=int(split[column].sum())))
        for colour, told, column in (
            (REACHED, "served", "served"),
            (SECOND, "over", "over_capacity"),
            (LACKING, "out", "out_of_reach"),
        )
    ]
    return _svg(body, legend)


def floating(words: Mapping[str, str]) -> str:
    """Draw the places per head in reach of each home (2SFCA)."""
    pairs = capacity.read_pairs(walks(), homes()["people"], pd.Series(PLACES))
    score = capacity.floating(pairs, capacity.uniform(MINUTES)).places["score"]
    score = score.reindex(homes().index).fillna(0.0)
    colours = [_mixed(part) for part in score / score.max()]
    body = [_streets(), *_dots(colours), *(_station(name, words) for name in STATIONS.index)]
    return _svg(body, [(REACHED, words["many"]), (_mixed(0.0), words["few"])])


def sites(words: Mapping[str, str]) -> str:
    """Draw candidates, and the two that cover most people beside what exists."""
    at = [(200, 200), (200, 1400), (1000, 1400), (1600, 200), (2200, 200), (1800, 1600), (0, 800)]
    places = gpd.GeoSeries(shapely.points(at), [f"k{n}" for n in range(len(at))], crs=CRS)
    both = pd.concat([STATIONS, places])
    od = town().travel_times(homes().geometry, both, cutoff_min=MINUTES)
    people = homes()["people"].astype(float)
    plan = siting.max_cover(od, people, p=2, fixed=list(STATIONS.index), cutoff=MINUTES)
    before = homes().index.isin(walks()["demand"])
    after = homes().index.isin(
        od.loc[od["facility"].isin([*STATIONS.index, *plan.chosen]), "demand"]
    )
    colours = np.select([before, after], [REACHED, NEW], LACKING)
    body = [_streets(), *_dots(colours), *map(_station, STATIONS.index)]
    body += [_square(one, NEW if name in plan.chosen else PAPER) for name, one in places.items()]
    gained = int(people[after & ~before].sum())
    proof = f"; {words['better']}" if plan.status == "optimal" else ""
    legend = [
        (REACHED, words["before"]),
        (NEW, words["chosen"].format(n=gained) + proof),
        (LACKING, words["lacking"]),
        (PAPER, words["candidate"]),
    ]
    return _svg(body, legend)


DRAWN: dict[str, Callable[[Mapping[str, str]], str]] = {
    "circle": circle, "coverage": coverage, "allocation": allocation, "floating": floating,
    "sites": sites,
}  # fmt: skip


def _svg(body: Iterable[str], legend: Iterable[tuple[str, str]]) -> str:
    """Write a picture, with north up, and its legend below."""
    marks = [
        f'<rect x="0" y="{HIGH + 170 + 90 * n}" width="60" height="60" fill="{colour}"'
        f' stroke="{INK}"/><text x="90" y="{HIGH + 220 + 90 * n}">{escape(told)}</text>'
        for n, (colour, told) in enumerate(legend)
    ]
    box = f"-150 -150 {WIDE + 300} {HIGH + 300 + 90 * len(marks)}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" font-size="56"'
        f' font-family="sans-serif" fill="{INK}"><rect x="-150" y="-150" width="100%"'
        f' height="100%" fill="{PAPER}"/>{"".join(body)}{"".join(marks)}</svg>\n'
    )


def _mixed(part: float) -> str:
    """Return a colour between sand and that of what is reached."""
    sand, full = (243, 227, 211), (0, 121, 107)
    return "#" + "".join(
        f"{round(a + (b - a) * part):02x}" for a, b in zip(sand, full, strict=True)
    )


def _up(y: float) -> float:
    return HIGH - y


def _path(ring: shapely.Geometry) -> str:
    return "M" + "L".join(f"{x:.0f} {_up(y):.0f}" for x, y in shapely.get_coordinates(ring))


def _shape(
    area: shapely.Geometry, *, fill: str = "none", stroke: str = "none", opacity: float = 1.0,
    dash: str = "",
) -> str:  # fmt: skip
    rings = [ring for part in shapely.get_parts(area) for ring in (part.exterior, *part.interiors)]
    return (
        f'<path d="{"Z".join(map(_path, rings))}Z" fill="{fill}" fill-opacity="{opacity}"'
        f' fill-rule="evenodd" stroke="{stroke}" stroke-width="8" stroke-dasharray="{dash}"/>'
    )


def _line(line: shapely.Geometry, colour: str, width: float) -> str:
    return f'<path d="{_path(line)}" fill="none" stroke="{colour}" stroke-width="{width * 2}"/>'


@cache
def _streets() -> str:
    river = f'<rect x="{RIVER - 50}" y="-150" width="100" height="{HIGH + 300}" fill="{WATER}"/>'
    edges = town().edges.geometry
    return river + "".join(_line(one, STREET, 4) for one in edges)


def _dots(colours: Iterable[str]) -> list[str]:
    return [
        f'<circle cx="{point.x:.0f}" cy="{_up(point.y):.0f}" r="{5 * people**0.5:.0f}"'
        f' fill="{colour}"/>'
        for point, people, colour in zip(homes().geometry, homes()["people"], colours, strict=True)
    ]


def _station(name: str, words: Mapping[str, str] | None = None) -> str:
    point = STATIONS[name]
    told = words["places"].format(name=name, n=PLACES[name]) if words else name
    return (
        f'<circle cx="{point.x:.0f}" cy="{_up(point.y):.0f}" r="34" fill="{INK}" stroke="{PAPER}"'
        f' stroke-width="8"/><text x="{point.x + 45:.0f}" y="{_up(point.y) - 25:.0f}"'
        f' stroke="{PAPER}" stroke-width="14" paint-order="stroke">{escape(told)}</text>'
    )


def _square(point: shapely.Point, colour: str) -> str:
    return (
        f'<rect x="{point.x - 32:.0f}" y="{_up(point.y) - 32:.0f}" width="64" height="64"'
        f' fill="{colour}" stroke="{INK}" stroke-width="8"/>'
    )


def _bridge(words: Mapping[str, str]) -> str:
    return (
        f'<text x="{RIVER + 70}" y="{_up(BRIDGE) - 25}" stroke="{PAPER}" stroke-width="14"'
        f' paint-order="stroke">{escape(words["bridge"])}</text>'
    )
