"""What several test files share: the real data, and a toy city whose minutes are worked out here.

The toy city, in metres from its south-west corner; streets are drawn, one block is 300 m and thus
5 minutes at 1 m/s. Beside the lattice lie two islands: streets that nothing joins to the rest.

    600  c1──────┬──────d1──────H1──────d2      ╷ I2 (nobody lives here)
         │   C   │       │   D   │       │      ╵         ┌──────────┐
         │       │       │ K1°   │       │                │    F     │  beyond the streets:
    300  X1──────S1──────┼───────┼──────X2      ╷         │    f1    │  left out of every share
         │   A   │       │   B   │       │   E  e1        └──────────┘
         │       │       │       │       │      │
      0  a1──────┼───────S3──────b1──────b2     X3
         0   a2°300     600     900    1200    1500      2000     3000

    a2 stands 30 m south of the street at (300, 0), K1 40 m north of it at (660, 300): ° marks the
    access leg. Community A is the south-west, B the south-east, C the north-west, D the north-east
    (A and C end at x = 450, A and B at y = 330), E the island of e1.

    year 2020: S1 operates (opened 2010), S2 = b2's corner opens in 2022, S3 closed in 2015.

    minutes  people aged   to S1 (care station)        to K1 (canteen)            to H1 (shelter)
    a1          100    30   300+300        = 10         660+300+40    = 16 2/3     900+600    = 25
    a2           50    10   30+300         =  5.5       30+360+300+40 = 12 1/6     30+600+600 = 20.5
    b1           80    20   600+300        = 15         240+300+40    =  9 2/3     600        = 10
    b2           40    20   900+300        = 20         540+300+40    = 14 2/3     300+600    = 15
    c1           60    30   300+300        = 10         660+300+40    = 16 2/3     900        = 15
    d1          100    40   300+300        = 10          60+300+40    =  6 2/3     300        =  5
    d2           20    10   900+300        = 20         540+300+40    = 14 2/3     300        =  5
    e1           10     5   never                       never                      never

    Within 15 minutes: care station 390 of 460 people and 130 of 165 aged; canteen 290 and 100;
    shelter 300 and 125 (b1, b2, c1, d1, d2). The best new canteen is X1, five minutes from both a1
    and c1: it adds 60 aged, 160 of 165. With X3 on the island everybody is covered.
"""

import gc
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from support import examples  # noqa: F401  no test has a deadline of its own by the clock
from support.alike import computing_once, reading_once, without_circles
from support.browser import Visit, forget_pages
from support.report_plans import full_plan, nasty_plan, rich_plan  # noqa: F401  fixtures
from support.target_table import DISTRICTS

from planner import api, checking
from planner.engine import jit
from planner.language import Lang
from planner.output import maps
from planner.output.pieces import keep_pieces
from planner.study.plan import Plan
from planner.study.stages import Stages

jit.FEW_STEPS = jit.FEW_IF_KEPT  # tests ask for far more than compiling is worth

ROOT = Path(__file__).resolve().parent.parent
METRIC = "EPSG:4549"
EAST, NORTH = 500_000.0, 3_300_000.0
BLOCKS_X, BLOCKS_Y = range(0, 1201, 300), range(0, 601, 300)

COMMUNITIES = [
    ("A", "东里社区", "南街道", "urban", 150, (-40, -40, 450, 330)),
    ("B", "西里社区", "南街道", "urban", 120, (450, -40, 1240, 330)),
    ("C", "北山村", "北街道", "rural", 60, (-40, 330, 450, 640)),
    ("D", "东岸|“旧港”<b>村", "北街道", "rural", 120, (450, 330, 1240, 640)),
    ("E", "小岛村", "北街道", "rural", 10, (1400, -40, 1600, 340)),
    ("F", "远山村", "北街道", "rural", 30, (2000, 0, 3000, 600)),
]
DEMAND = [
    ("a1", "A", 100, 30, 0, 0),
    ("a2", "A", 50, 10, 300, -30),
    ("b1", "B", 80, 20, 900, 0),
    ("b2", "B", 40, 20, 1200, 0),
    ("c1", "C", 60, 30, 0, 600),
    ("d1", "D", 100, 40, 600, 600),
    ("d2", "D", 20, 10, 1200, 600),
    ("e1", "E", 10, 5, 1500, 150),
    ("f1", "F", 30, 10, 2500, 300),
]
STATIONS = [
    ("S1", "中心养老站", 20, "existing", 2010, None, 300, 300),
    ("S2", "东南养老站", 10, "proposed", 2022, None, 1200, 0),
    ("S3", "旧养老站", 15, "closed", 2005, 2015, 600, 0),
]
CANDIDATES = [
    ("X1", "西门办公楼", "办公楼", 300, 12, 0, 300),
    ("X2", "东门活动室", "活动室", 200, 8, 1200, 300),
    ("X3", "岛上办公楼", "办公楼", 150, 5, 1500, 0),
]
LINKS = [
    ("K1", "A", "delivery"),
    ("K1", "B", "delivery"),
    ("K1", "C", "delivery"),
    *(("H1", place, "assignment") for place in "ABCDE"),
]
SCENARIO = """\
title = "玩具城"
title_en = "Toy city"
attribution = ["made up"]
year = 2020

[communities]
file = "communities.gpkg"

[demand]
file = "demand.csv"
crs = "EPSG:4549"

[streets]
file = "streets.gpkg"

[[facilities]]
file = "stations.csv"
kind = "care_station"
crs = "EPSG:4549"

[[facilities]]
file = "canteens.csv"
datum = "wgs84"

[[facilities]]
file = "shelters.csv"
kind = "shelter"
crs = "EPSG:4549"

[[candidates]]
file = "candidates.csv"
crs = "EPSG:4549"

[[links]]
file = "links.csv"

[coverage]
minutes = [5, 10, 15]
cutoff_min = 15
group = "aged_60"

[[siting]]
kind = "canteen"
new = 1

[[siting]]
kind = "canteen"
model = "set_cover"

[overrides.later]
year = 2022

[overrides.frail]
walk.preset = "frail"
"""


@dataclass(frozen=True, kw_only=True)
class Toy:
    """The toy city as tables, its travel times worked out by hand, and its scenario.

    ``minutes`` is on the demand point, one column for each kind, missing where unreachable.
    """

    communities: gpd.GeoDataFrame
    streets: gpd.GeoDataFrame
    sheets: dict[str, pd.DataFrame]
    minutes: pd.DataFrame
    scenario: str = SCENARIO

    def write(self, folder: Path) -> Path:
        """Write the files that the scenario names, and the scenario itself."""
        folder.mkdir(parents=True, exist_ok=True)
        self.communities.to_file(folder / "communities.gpkg", engine="pyogrio")
        self.streets.to_file(folder / "streets.gpkg", engine="pyogrio")
        for name, sheet in self.sheets.items():
            sheet.to_csv(folder / f"{name}.csv", index=False)
        path = folder / "scenario.toml"
        path.write_text(self.scenario, "utf-8")
        return path


def make_toy() -> Toy:
    """Lay out the toy city."""

    def line(*ends: tuple[float, float]) -> shapely.LineString:
        return shapely.LineString([(EAST + x, NORTH + y) for x, y in ends])

    def sheet(rows: list[tuple], *columns: str) -> pd.DataFrame:
        table = pd.DataFrame(rows, columns=[*columns, "x", "y"]).convert_dtypes()
        return table.assign(x=table["x"] + EAST, y=table["y"] + NORTH)

    across = [line(*((x, y) for x in BLOCKS_X)) for y in BLOCKS_Y]
    up = [line(*((x, y) for y in BLOCKS_Y)) for x in BLOCKS_X]
    islands = [line((1500, 0), (1500, 300)), line((1500, 500), (1500, 600))]
    names = [*(f"横{i}路" for i in range(3)), *(f"纵{i}路" for i in range(5)), "岛路", "荒岛路"]
    canteen = gpd.GeoSeries.from_xy([EAST + 660], [NORTH + 340], crs=METRIC).to_crs(4326)
    *told, boxes = zip(*COMMUNITIES, strict=True)
    shapes = [
        shapely.box(EAST + west, NORTH + south, EAST + east, NORTH + north)
        for west, south, east, north in boxes
    ]
    columns = ["id", "name", "street", "settlement", "population"]
    return Toy(
        communities=gpd.GeoDataFrame(
            dict(zip(columns, told, strict=True)), geometry=shapes, crs=METRIC
        ),
        streets=gpd.GeoDataFrame({"name": names}, geometry=[*across, *up, *islands], crs=METRIC),
        sheets={
            "demand": sheet(DEMAND, "id", "community", "population", "aged_60"),
            "stations": sheet(STATIONS, "id", "name", "capacity", "status", "opened", "closed"),
            "canteens": pd.DataFrame(
                {
                    "编号": ["K1"],
                    "名称": ["长者食堂"],
                    "类型": ["老年食堂"],
                    "餐位": [50],
                    "状态": ["已建"],
                    "启用年份": [2012],
                    "经度": canteen.x,
                    "纬度": canteen.y,
                }
            ),
            "shelters": sheet([("H1", "北门避灾点", 200, 900, 600)], "id", "name", "capacity"),
            "candidates": sheet(CANDIDATES, "id", "name", "host", "floor_area_m2", "cost"),
            "links": pd.DataFrame(LINKS, columns=["facility", "community", "link"]),
        },
        minutes=pd.DataFrame(
            {
                "care_station": [10, 5.5, 15, 20, 10, 10, 20, None],
                "canteen": [50 / 3, 73 / 6, 29 / 3, 44 / 3, 50 / 3, 20 / 3, 44 / 3, None],
                "shelter": [25, 20.5, 10, 15, 15, 5, 5, None],
            },
            index=[name for name, *_ in DEMAND[:-1]],
        ),
    )


def all_commands(group: Any, name: str = "") -> dict[str, Any]:
    """Every command by its full name, those of groups among them."""
    found = {}
    for word, command in group.commands.items():
        full = f"{name} {word}".strip()
        found |= all_commands(command, full) if hasattr(command, "commands") else {full: command}
    return found


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep compiled streets of the tests apart from the user's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PLANNER_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(autouse=True)
def _no_kept_stages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no test find a stage of a run that another has kept: most replace what computes."""
    monkeypatch.setattr("planner.kept.cache_folder", lambda: None)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with the real district and the published optima; never needed in CI."""
    folder = ROOT.parent / "shared"
    if os.environ.get("CI"):
        pytest.skip("CI runs without the shared data")
    if not folder.is_dir():
        pytest.skip(f"no shared data at {folder}")
    return folder


@pytest.fixture(scope="session")
def toy() -> Toy:
    """The toy city, as tables."""
    return make_toy()


@pytest.fixture(scope="session")
def _toy_files(toy: Toy, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = toy.write(tmp_path_factory.mktemp("toy")).parent
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def toy_city(_toy_files: dict[str, bytes], tmp_path: Path) -> Path:
    """The toy city as files of one's own, to run or to spoil: its scenario file."""
    folder = tmp_path / "toy"
    folder.mkdir()
    for name, content in _toy_files.items():
        (folder / name).write_bytes(content)
    return folder / "scenario.toml"


@pytest.fixture(scope="session")
def toy_plan(toy: Toy, tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """The plan of the toy city: not to be changed."""
    return api.run(toy.write(tmp_path_factory.mktemp("plan")))


@pytest.fixture(scope="session")
def toy_saved(toy_plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Lang], Path]:
    """The folder of `toy_plan` saved in a language, made once: not to be changed."""

    @cache
    def saved(lang: Lang) -> Path:
        return api.save(toy_plan, tmp_path_factory.mktemp("saved") / "out", lang=lang)

    return saved


@pytest.fixture
def plain_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Results with a word in place of the map, reports and pictures, which take most of the time.

    For tests of where and how results are written; what stands in them is held elsewhere.
    """
    names = ["report.md", "report.html", "report.docx", "report.xlsx", "summary.txt"]
    monkeypatch.setattr("planner.output.maps.page", lambda *_, **__: "a map")
    monkeypatch.setattr("planner.plans.report.files", lambda *_, **__: dict.fromkeys(names, "-"))


@pytest.fixture
def no_circles() -> Iterator[None]:
    """Plans without circles on foot, which take half of the time of a district.

    For tests of minutes, shares, sites and targets; circles are held elsewhere.
    """
    with without_circles():
        yield


@pytest.fixture(scope="session")
def run_alike(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Plan]:
    """Run scenarios; they share what is read and computed alike, as the steps of a sweep do.

    Their maps in two languages share what has none, as runs of the command line do.
    """
    read, checked = reading_once(), computing_once(api.read_and_check)
    pieces = Stages(folder=tmp_path_factory.mktemp("pieces"))

    def run(scenario: Path, *assign: str) -> Plan:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(checking.load, "load_area", read)
            patch.setattr(api, "read_and_check", checked)
            plan = api.run(scenario, set=assign)
        keep_pieces(plan, pieces)
        return plan

    return run


@pytest.fixture(scope="session")
def chengwan(run_alike: Callable[..., Plan]) -> Plan:
    """The plan of the embedded district, sites and years included: not to be changed."""
    return run_alike(api.demo("chengwan"))


@pytest.fixture(scope="session")
def chengwan_today(run_alike: Callable[..., Plan]) -> Plan:
    """The embedded district as it stands, without sites and years: not to be changed."""
    return run_alike(api.demo("chengwan"), "siting=[]", "years=[]")


@pytest.fixture(scope="session")
def run_daan(run_alike: Callable[..., Plan], shared: Path) -> Callable[..., Plan]:
    """Run Da'an as published with other settings."""
    folder = shared / "data" / "taipei-daan"
    if not folder.is_dir():
        pytest.skip(f"no data of Da'an at {folder}")
    scenario = ROOT / "datasets" / "daan" / "scenario.toml"
    return lambda *assign: run_alike(scenario, f"folder={folder}", *assign)


@pytest.fixture(scope="session")
def daan(run_daan: Callable[..., Plan]) -> Plan:
    """The plan of Da'an as published: not to be changed."""
    return run_daan()


@pytest.fixture(scope="session")
def five_plans(chengwan_today: Plan) -> dict[str, Plan]:
    """The five embedded districts as they stand, on the profile of their document.

    All but Chengwan without circles on foot, which no target asks for.
    """
    with without_circles():
        return {
            name: chengwan_today
            if district == "chengwan"
            else api.run(api.demo(district), set=["siting=[]", "years=[]"])
            for name, district in DISTRICTS.items()
        }


@pytest.fixture(scope="session")
def five_cards(five_plans: dict[str, Plan]) -> dict[str, pd.DataFrame]:
    """The scorecards of the five documents' own profiles, on their targets' ids."""
    return {
        name: plan.scorecard[plan.scorecard["profile"] == name].set_index("id")
        for name, plan in five_plans.items()
    }


@pytest.fixture(scope="session")
def chengwan_page(chengwan_today: Plan) -> str:
    """The map of `chengwan_today` in Chinese."""
    return maps.page(chengwan_today, lang="zh")


@pytest.fixture(scope="session")
def toy_page(toy_plan: Plan) -> str:
    """The map of `toy_plan` in English."""
    return maps.page(toy_plan, lang="en")


@pytest.hookimpl(tryfirst=True)  # before xdist looks at the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let one worker run a whole module, and all modules that go by one costly plan.

    So each plan, and each fixture of a module, is computed once.
    """
    groups = {
        "chengwan": "chengwan",
        "chengwan_today": "chengwan",  # and with it `five_plans` and `five_cards`
        "daan": "chengwan",  # whose tests go by both
        "toy_saved": "toy_saved",
        "full_plan": "report",
    }
    of_module: dict[str, str] = {}
    for item in items:
        for name in groups.keys() & set(getattr(item, "fixturenames", ())):
            of_module[_module(item)] = groups[name]
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            own = _module(item)
            item.add_marker(pytest.mark.xdist_group(of_module.get(own, own)))


def _module(item: pytest.Item) -> str:
    return item.nodeid.split("::")[0]


def pytest_collection_finish() -> None:
    """Let the garbage collector pass over modules and tests, which stay to the end.

    It took a twentieth of the time: it looks through all that there is, over and over.
    """
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


def pytest_unconfigure() -> None:
    """Look for garbage once at the end, where pytest looks five times through all there is."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _close_pages() -> Iterator[None]:
    """Close the pages that a test has opened itself; those of a module end with its browser."""
    before = len(Visit.opened)
    yield
    for visit in Visit.opened[before:]:
        visit.page.close()
    del Visit.opened[before:]


class Browser:
    """Chromium, driven: begun when it is first asked for, and again after it was let go of."""

    def __init__(self) -> None:
        self._open: tuple[Any, Any] | None = None

    def chrome(self) -> Any:
        """Return the browser; where it is missing the test says so, and fails in CI."""
        if self._open is None:
            self._open = _driven()
        return self._open[1]

    def close(self) -> None:
        """End it, and with it the driver's event loop, which is in the way of any other."""
        if self._open is not None:
            driver, chrome = self._open
            self._open = None
            chrome.close()
            driver.stop()


def _driven() -> tuple[Any, Any]:
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    try:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415  its absence is told
    except ImportError:
        found = None
    if found is None and os.environ.get("CI"):
        pytest.fail("CI must have Chromium and playwright: the map is proven in a browser")
    if found is None:
        pytest.skip("no chromium or no playwright on this machine")
    driver = sync_playwright().start()
    try:
        args = ["--no-sandbox", "--disable-gpu", "--process-per-site"]
        return driver, driver.chromium.launch(executable_path=found, args=args)
    except BaseException:
        driver.stop()
        raise


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The one browser of all modules: to begin it takes as long as to draw some maps."""
    one = Browser()
    yield one
    one.close()


@pytest.fixture(scope="module")
def chrome(browser: Browser) -> Iterator[Any]:
    """Chromium, driven; what a module has opened is closed at its end."""
    chrome = browser.chrome()
    yield chrome
    forget_pages(chrome)
