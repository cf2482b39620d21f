"""The command line: help in both languages, every fault of the input told at once, bugs loud."""

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
import typer
from conftest import EAST, METRIC, NORTH, ROOT, Toy, all_commands

from planner import cli
from planner.cli import commands, show
from planner.errors import PlannerError
from planner.language import default_lang, text

ROOT_COMMAND = typer.main.get_command(commands.app)
COMMANDS = all_commands(ROOT_COMMAND)


@pytest.fixture(autouse=True)
def _plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANNER_LANG", "en")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("NO_COLOR", "1")


def call(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    """Call the command line: exit status, what it printed, and what it complained of."""
    status = 0
    try:
        cli.main([str(argument) for argument in arguments])
    except SystemExit as stop:
        status = int(stop.code or 0)
    said = capsys.readouterr()
    return status, said.out, said.err


def test_the_module_runs_and_tells_its_version():
    asked = [sys.executable, "-m", "planner", "--version"]
    said = subprocess.run(asked, capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["planner", version("planner")]


def edit(name: str, old: str, new: str) -> Callable[[Path], None]:
    """Spoil a file: replace the first occurrence of a text, which must be there."""

    def spoil(folder: Path) -> None:
        path = folder / name
        before = path.read_text("utf-8")
        assert old in before
        path.write_text(before.replace(old, new, 1), "utf-8")

    return spoil


def community(label: str, **changes: object) -> Callable[[Path], None]:
    """Spoil the polygons: give one community other values."""

    def spoil(folder: Path) -> None:
        path = folder / "communities.gpkg"
        frame = gpd.read_file(path)  # noqa: TID251
        for column, value in changes.items():
            frame[column] = [
                value if name == label else old
                for name, old in zip(frame["id"], frame[column], strict=True)
            ]
        path.unlink()
        frame.set_geometry("geometry").to_file(path, engine="pyogrio")

    return spoil


def nowhere(folder: Path) -> None:
    """Take the CRS from the polygons."""
    path = folder / "communities.gpkg"
    frame = gpd.read_file(path)  # noqa: TID251
    path.unlink()
    frame.to_crs(4326).set_crs(None, allow_override=True).to_parquet(folder / "communities.parquet")
    edit("scenario.toml", "communities.gpkg", "communities.parquet")(folder)


def corner(x: float, y: float) -> str:
    return f"{EAST + x},{NORTH + y}"


BOW = shapely.Polygon([(EAST + x, NORTH + y) for x, y in ((0, 0), (400, 300), (400, 0), (0, 300))])
LON, LAT = gpd.GeoSeries.from_xy([EAST + 660], [NORTH + 340], crs=METRIC).to_crs(4326)[0].coords[0]

# What is spoilt; then the file, the row and the value that every message must name, and its remedy.
FAULTS = {
    "missing file": (
        edit("scenario.toml", '"stations.csv"', '"station.csv"'),
        ("station.csv", None, "stations.csv"),
        ("最接近的是：stations.csv", "The nearest is: stations.csv"),
    ),
    "missing column": (
        edit("stations.csv", "id,name", "id,nome"),
        ("stations.csv", None, "name"),
        ("请增加一列", "Add one"),
    ),
    "wrong column of the scenario": (
        edit(
            "scenario.toml",
            'file = "shelters.csv"',
            'file = "shelters.csv"\ncolumns = { capacity = "capacty" }',
        ),
        ("shelters.csv", None, "capacty"),
        ("最接近的是：capacity", "The nearest is: capacity"),
    ),
    "wrong type": (
        edit("stations.csv", ",2022,", ",next year,"),
        ("stations.csv", 3, "next year"),
        ("请写四位年份", "Write four digits"),
    ),
    "duplicate id": (
        edit("stations.csv", "S2,", "S1,"),
        ("stations.csv", 3, "S1"),
        ("唯一编号", "one of its own"),
    ),
    "no datum": (
        edit("scenario.toml", '\ndatum = "wgs84"', ""),
        ("canteens.csv", None, "GCJ-02"),
        ("请写 datum", "Write datum"),
    ),
    "no crs": (nowhere, ("communities.parquet", None, "EPSG:4490"), ("请写 crs", "Write crs")),
    "coordinates swapped": (
        edit("canteens.csv", f"{LON},{LAT}", f"{LAT},{LON}"),
        ("canteens.csv", 2, f"{LAT:.6f}"[:6]),
        ("请改正", "Mend those rows"),
    ),
    "coordinates of another place": (
        edit("stations.csv", corner(300, 300), corner(300, 9300)),
        ("stations.csv", 2, "中心养老站"),
        ("请核对坐标", "Check its coordinates"),
    ),
    "coordinates missing": (
        edit("stations.csv", corner(300, 300), ","),
        ("stations.csv", 2, ""),
        ("请补上经纬度", "Fill them in"),
    ),
    "invalid polygon": (
        community("A", geometry=BOW),
        ("communities.gpkg", 1, "Self-intersection"),
        ("请在 GIS 中修复", "Repair it in a GIS"),
    ),
    "empty polygon": (
        community("B", geometry=shapely.Polygon()),
        ("communities.gpkg", 2, ""),
        ("请补上图形", "Draw it"),
    ),
    "negative population": (
        community("C", population=-60),
        ("communities.gpkg", 3, "-60"),
        ("请核对该值", "Check the value"),
    ),
    "unknown kind": (
        edit("canteens.csv", "老年食堂", "饭馆"),
        ("canteens.csv", 2, "饭馆"),
        ("可用：care_station", "There are: care_station"),
    ),
    "unknown status": (
        edit("stations.csv", "proposed", "perhaps"),
        ("stations.csv", 3, "perhaps"),
        ("可用：existing", "There are: existing"),
    ),
    "capacity of text": (
        edit("shelters.csv", ",200,", ",many,"),
        ("shelters.csv", 2, "many"),
        ("请改为数字", "Write a number"),
    ),
    "empty table": (
        lambda folder: (folder / "shelters.csv").write_text("id,name,capacity,x,y\n"),
        ("shelters.csv", None, ""),
        ("请核对是否选对", "Check that this is the right file"),
    ),
    "unknown key": (
        edit("scenario.toml", "cutoff_min", "cutof_min"),
        ("scenario.toml", None, "coverage.cutof_min"),
        ("最接近的是：cutoff_min", "The nearest is: cutoff_min"),
    ),
    "unknown group": (
        edit("scenario.toml", '"aged_60"', '"aged_90"'),
        ("coverage.group", None, "aged_90"),
        ("可用：population", "There are: population"),
    ),
    "island": (
        edit("shelters.csv", corner(900, 600), corner(1500, 550)),
        ("shelters.csv", 2, "北门避灾点"),
        ("请补上缺失的道路", "Add the missing street"),
    ),
    "unknown facility of a link": (
        edit("links.csv", "K1,A", "K9,A"),
        ("links.csv", 2, "K9"),
        ("请核对设施编号", "Check the facility's id"),
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_bad_input(capsys, monkeypatch, toy_city, name):
    spoil, (file, row, value), remedies = FAULTS[name]
    spoil(toy_city.parent)
    raised: list[PlannerError] = []
    say = PlannerError.say
    monkeypatch.setattr(PlannerError, "say", lambda it, lang: raised.append(it) or say(it, lang))
    out = toy_city.parent.parent / "out"
    status, said, complaint = call(capsys, "run", toy_city, "--out", out)
    assert status == 2
    assert not said
    assert [path.name for path in out.parent.iterdir()] == ["toy"], "nothing was written"
    assert text("cli.problems", "en", n=1) in complaint, "one fault, one message"
    for lang, remedy in zip(("zh", "en"), remedies, strict=True):
        (line,) = say(raised[0], lang)
        assert line in complaint or lang == "zh"
        assert file in line
        assert value in line
        assert row is None or text("problems.at_row", lang, row=row) in line
        assert remedy in line


def test_all_faults_are_told_at_once(capsys, toy_city):
    together = [
        "wrong type", "duplicate id", "coordinates swapped", "negative population",
        "capacity of text", "unknown group",
    ]  # fmt: skip
    for name in together:
        FAULTS[name][0](toy_city.parent)
    edit("candidates.csv", corner(1200, 300), corner(1200, -999))(toy_city.parent)
    status, _, complaint = call(capsys, "check", toy_city)
    assert status == 2
    assert text("cli.problems", "en", n=len(together) + 1) in complaint
    for name in together:
        assert FAULTS[name][2][1] in complaint
    assert "candidates.csv, row 3" in complaint


def test_faults_of_the_scenario_are_told_at_once(capsys, toy_city):
    status, _, complaint = call(
        capsys,
        "run",
        toy_city,
        "--use",
        "nothing",
        "--set",
        "walk.preset=run",
        "--set",
        "wlak=1",
        "--set",
        "x",
    )
    assert status == 2
    assert complaint.count(" • ") == 4
    assert "no walking-speed preset 'run'" in complaint
    assert "The nearest is: walk" in complaint


def test_faults_of_targets_data_and_changes_are_told_at_once(capsys, toy_city):
    unknown = ["--set", 'standards.profiles=["nowhere-2020"]']
    FAULTS["duplicate id"][0](toy_city.parent)
    status, _, complaint = call(capsys, "run", toy_city, *unknown)
    assert status == 2
    assert complaint.count(" • ") == 2
    FAULTS["wrong type"][0](toy_city.parent)
    status, _, complaint = call(capsys, "run", toy_city, *unknown)
    assert complaint.count(" • ") == 3


def test_a_change_that_fails_in_several_years_is_told_once(capsys, toy_city):
    change = 'changes=[{ action = "close", facility = "K9" }]'
    profile = 'standards.profiles=["nowhere-2020"]'
    years = "years=[2020, 2022]"
    status, _, complaint = call(
        capsys, "check", toy_city, "--set", change, "--set", years, "--set", profile
    )
    assert status == 2
    assert complaint.count(" • ") == 2
    assert complaint.count("K9") == 1


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_scenario_that_is_not_there(capsys, tmp_path, lang):
    status, _, complaint = call(capsys, "run", tmp_path / "no.toml", "--lang", lang)
    assert status == 2
    assert "no.toml" in complaint
    assert text("problems.no_scenario.fix", lang) in complaint


def test_a_folder_with_something_else_is_refused_before_any_work(capsys, toy_city, monkeypatch):
    monkeypatch.setattr("planner.api.run", lambda *_, **__: pytest.fail("work was done"))
    mine = toy_city.parent
    status, _, complaint = call(capsys, "run", toy_city, "--out", mine)
    assert status == 2
    assert str(mine) in complaint
    assert toy_city.is_file()


def test_a_bug_keeps_its_traceback(toy_city, monkeypatch, tmp_path):
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("planner.study.scenario.cover.measure", broken)
    with pytest.raises(ZeroDivisionError, match="a bug"):
        cli.main(["run", str(toy_city), "--out", str(tmp_path / "out")])
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_run_says_where_the_results_are(capsys, toy_city, plain_files, tmp_path, lang):
    out = tmp_path / "out"
    status, said, _ = call(
        capsys, "run", toy_city, "-o", out, "--use", "later", "--set", "siting=[]", "--lang", lang
    )
    assert status == 0
    for name in show.FILES.values():
        assert f"{out / name}" in said.replace("\n", "")
        assert (out / name).exists()
    assert ("玩具城" if lang == "zh" else "Toy city") in said
    assert re.search(r"97\.8\s?%", said), "with the station of 2022: 450 of 460"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_check_tells_what_was_understood(capsys, toy_city, monkeypatch, lang):
    monkeypatch.setattr(
        "planner.study.scenario.run", lambda *_: pytest.fail("something was computed")
    )
    status, said, _ = call(capsys, "check", toy_city, "--lang", lang)
    assert status == 0
    for word in ("stations.csv", "EPSG:4549", "wgs84", "2005–2022", "460", text("cli.good", lang)):
        assert word in said
    assert [path.name for path in toy_city.parent.parent.iterdir()] == ["toy"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_demos_are_listed(capsys, lang):
    status, said, _ = call(capsys, "demo", "--list", "--lang", lang)
    assert status == 0
    assert re.search(r"chengwan.*" + text("words.synthetic", lang), said)
    assert "helsinki" in said


def test_an_unknown_demo(capsys):
    status, _, complaint = call(capsys, "demo", "atlantis")
    assert status == 2
    assert "chengwan" in complaint


def test_an_unknown_language_or_option(capsys):
    assert call(capsys, "demo", "--lang", "fr")[0] == 2
    assert call(capsys, "demo", "--nonsense")[0] == 2


MISUSES = {
    "runn": ("planner: ", "run"),
    "standards nix": ("planner standards: ", "show"),
    "run": ("planner run: ", "SCENARIO.toml"),
    "run a.toml --bogus": ("planner run: ", "--bogus"),
    "run a.toml b.toml": ("planner run: ", "b.toml"),
    "run a.toml --out": ("planner: ", "--out"),
    "demo --lang fr": ("planner demo: ", "fr"),
    "standards show x --year z": ("planner standards show: ", "--year"),
}


@pytest.mark.parametrize("arguments", MISUSES)
def test_a_command_called_wrongly_is_told_like_any_other_fault(capsys, monkeypatch, arguments):
    where, named = MISUSES[arguments]
    status, said, complaint = call(capsys, *arguments.split())
    assert (status, said) == (2, "")
    assert text("cli.problems", "en", n=1) in complaint
    assert where in complaint
    assert named in complaint
    monkeypatch.setenv("PLANNER_LANG", "zh")
    told = call(capsys, *arguments.split())[2]
    assert text("cli.problems", "zh", n=1) in told
    assert "--help" in told


@pytest.mark.parametrize("arguments", [[], ["standards"]])
def test_no_command_shows_the_help(capsys, arguments):
    status, said, complaint = call(capsys, *arguments)
    assert status == 2
    assert "Commands" in said + complaint


def test_a_scenario_in_another_encoding(capsys, toy_city):
    toy_city.write_text(toy_city.read_text("utf-8"), "gb18030")
    status, _, complaint = call(capsys, "check", toy_city)
    assert status == 2
    assert text("problems.not_utf8.fix", "en") in complaint


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_an_example_and_explains_every_option(capsys, command, lang):
    status, said, _ = call(capsys, *command.split(), "--lang", lang, "--help")
    assert status == 0
    words = {"zh": "示例：", "en": "Example: "}
    assert f"{words[lang]}planner {command}" in said
    catalogue = tomllib.loads((ROOT / "planner/language/cli.toml").read_text("utf-8"))
    for parameter in COMMANDS[command].params:
        if "--help" in parameter.opts:
            continue
        key = parameter.help.removeprefix("cli.")
        assert key in catalogue, f"{command} {parameter.name} has no help"
        squeezed = re.sub(r"[\s│]+", "", said)
        assert re.sub(r"\s+", "", catalogue[key][lang]) in squeezed
        if not parameter.opts[0].startswith("--"):
            continue
        assert parameter.opts[0] in said


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_help_of_all(capsys, lang):
    for arguments in (("--lang", lang, "--help"), ("--help",)):
        _, said, _ = call(capsys, *arguments)
        assert all(command in said for command in ROOT_COMMAND.commands)


def test_language_of_the_environment(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("PLANNER_LANG", "zh")
    assert "找不到场景文件" in call(capsys, "run", tmp_path / "no.toml")[2]


def test_everything_said_on_the_way_is_in_the_language_asked_for(capsys, toy_city, monkeypatch):
    heard = []
    monkeypatch.setattr("planner.api.check", lambda *_, **__: heard.append(default_lang()) or 1 / 0)
    with pytest.raises(ZeroDivisionError):
        call(capsys, "check", toy_city, "--lang", "zh")
    assert heard == ["zh"], "the engine says so in Chinese, too, when it must be compiled"
    assert default_lang() == "en"


def test_the_toy_itself_is_sound(toy: Toy, capsys, tmp_path):
    assert call(capsys, "check", toy.write(tmp_path / "toy"))[0] == 0


def test_two_scenarios_are_compared(
    capsys: pytest.CaptureFixture[str], toy_city: Path, tmp_path: Path
) -> None:
    out = tmp_path / "compared"
    status, said, _ = call(capsys, "compare", toy_city, "--use", "later", "--out", out)
    assert status == 0
    assert "78.8%" in said
    assert "+18.2 points" in said
    assert (out / "map.html").is_file()
    other = toy_city.with_name("other.toml")
    other.write_text(toy_city.read_text("utf-8").replace("玩具城", "另一城"), "utf-8")
    asked = ["--out", out, "--lang", "zh", "--set", "siting=[]"]
    status, said, _ = call(capsys, "compare", toy_city, other, *asked)
    assert status == 0
    assert "方案B：另一城" in said


def test_nothing_to_compare_is_an_error(
    capsys: pytest.CaptureFixture[str], toy_city: Path, tmp_path: Path
) -> None:
    status, _, complaint = call(capsys, "compare", toy_city, "--out", tmp_path / "compared")
    assert status == 2
    assert "nothing to compare" in complaint
    assert not (tmp_path / "compared").exists()


@pytest.mark.parametrize("word", ["--version", "--help"])
def test_what_needs_no_engine_loads_none(word):
    code = (
        "import sys\n"
        "from planner.cli import main\n"
        f"main([{word!r}])\n"
        "print({'numba', 'pandas', 'geopandas', 'scipy'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "set()"


def test_opening_what_was_kept_loads_no_compiler():
    """Half a second of numba, for every command that computes nothing."""
    code = (
        "import sys, planner.api, planner.study.scenario\n"
        "import planner.output.maps, planner.output.report\n"
        "planner.api.is_warm()\n"
        "print({'numba', 'llvmlite'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "set()"


def test_a_quiet_check_prints_nothing_and_a_verbose_one_its_seconds(toy_city, capsys):
    status, usual, _ = call(capsys, "check", toy_city)
    assert status == 0
    assert call(capsys, "check", toy_city, "--quiet") == (0, "", "")
    status, told, steps = call(capsys, "check", toy_city, "-v")
    assert (status, told) == (0, usual)
    assert re.fullmatch(r"Reading… \d+\.\d s\n", steps)


def test_a_quiet_check_prints_what_is_wrong_all_the_same(tmp_path, capsys):
    status, told, problems = call(capsys, "check", tmp_path / "none.toml", "-q")
    assert (status, told) == (2, "")
    assert "none.toml" in problems


def test_quiet_and_verbose_are_refused_together(toy_city, capsys):
    status, told, problems = call(capsys, "check", toy_city, "-q", "-v")
    assert (status, told) == (2, "")
    assert "Give one of the two." in problems


def test_a_program_gets_its_object_from_a_quiet_check(toy_city, capsys):
    status, told, _ = call(capsys, "check", toy_city, "--json", "--quiet")
    assert status == 0
    assert json.loads(told)["holds"]


@pytest.mark.parametrize(("lang", "words"), [("en", "Exit status: 0"), ("zh", "退出状态：0")])
def test_the_help_tells_exit_statuses_and_completion(lang, words, capsys, monkeypatch):
    monkeypatch.setenv("PLANNER_LANG", lang)
    status, told, _ = call(capsys, "--help")
    assert status == 0
    assert words in told
    assert "--install-completion" in told
    assert text("cli.install_completion", lang)[:12] in told


@pytest.mark.parametrize(
    ("arguments", "keys"),
    [
        (["--help"], ["sweep", "geocode", "install_completion"]),
        (["run", "--help"], ["set", "use", "fresh", "json", "verbose"]),
        ([], ["sweep", "compare"]),
    ],
)
def test_a_narrow_help_is_told_whole_in_chinese(arguments, keys, capsys, monkeypatch):
    monkeypatch.setenv("PLANNER_LANG", "zh")
    monkeypatch.setenv("COLUMNS", "80")
    _, told, _ = call(capsys, *arguments)
    assert "…" not in told
    whole = re.sub(r"[│\s]", "", told)
    assert [key for key in keys if re.sub(r"\s", "", text(f"cli.{key}", "zh")) not in whole] == []


def test_the_shell_completes_commands(monkeypatch):
    asked = {"_PLANNER_COMPLETE": "complete_bash", "COMP_WORDS": "planner che", "COMP_CWORD": "1"}
    said = subprocess.run(
        [sys.executable, "-c", "from planner.cli import main; main()"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **asked},
    )
    assert said.stdout.split() == ["check"]


def test_reading_and_checking_load_no_library_of_the_outputs():
    # What scipy.sparse loads by itself, csgraph before scipy 1.16, is no import of ours.
    code = (
        "import sys, scipy.sparse\n"
        "late = {'folium', 'matplotlib', 'openpyxl', 'docx', 'networkx', 'scipy.optimize',\n"
        "        'scipy.sparse.csgraph', 'scipy.spatial', 'osmnx', 'PIL'} - set(sys.modules)\n"
        "import planner.api\n"
        "print(late & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "set()"
