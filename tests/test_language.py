"""The catalogue of texts: complete in both languages, used, and never asked for what it lacks."""

import ast
import re
import string
import tomllib
from collections.abc import Iterator
from typing import get_args

import pytest
from conftest import ROOT
from support.sources import trees

from planner import language, settings
from planner.language import (
    LANGS,
    default_lang,
    has_text,
    language_of,
    spelled,
    spelling,
    text,
)
from planner.standards import kinds

ROOM = ROOT / "planner"
CATALOGUES = {
    path.stem: tomllib.loads(path.read_text("utf-8")) for path in ROOM.rglob("language/*.toml")
}
FILE_NAMES = (".docx", ".xlsx", ".toml", ".css", ".js", ".html", ".json", ".csv", ".md", ".gpkg")


def entries(part: dict, path: str) -> Iterator[tuple[str, dict]]:
    for name, below in part.items():
        if set(below) & set(LANGS):
            instead = [key for key in ("straight", "table", "vehicle", "sloped") if key in below]
            yield f"{path}.{name}", {key: said for key, said in below.items() if key not in instead}
            for key in instead:  # what is said where there are no streets, or a table of times
                yield f"{path}.{name}.{key}", below[key]
        else:
            yield from entries(below, f"{path}.{name}")


TEXTS = {key: entry for room, part in CATALOGUES.items() for key, entry in entries(part, room)}


def blanks(template: str) -> set[str]:
    named = {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}
    return named - {"by", "trip"}  # `text` fills them in by itself


def constants() -> set[str]:
    """Strings of the source that are not parts of an f-string."""
    nodes = [node for tree in trees().values() for node in ast.walk(tree)]
    parts = {id(part) for node in nodes if isinstance(node, ast.JoinedStr) for part in node.values}
    return {
        node.value
        for node in nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts
    }


def patterns() -> set[str]:
    """Keys put together in an f-string, as patterns: f"words.{value}" asks for any word."""
    found = set()
    for tree in trees().values():
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                parts = [
                    re.escape(p.value) if isinstance(p, ast.Constant) else r"(\w+)"
                    for p in node.values
                ]
                found.add("".join(parts))
    return found


def problem_calls() -> Iterator[tuple[str, str, set[str]]]:
    """Calls that note a problem: where, its key, and the names of the values it gets."""
    for path, tree in trees().items():
        of_tables = {"tables.py", "conversion.py", "fields.py", "ages_list.py"}
        short = "tables" if path.name in of_tables else "problems"
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or any(k.arg is None for k in node.keywords):
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name not in {"add", "note", "fail", "rows", "where"} or not node.args:
                continue
            key = node.args[1] if name == "fail" else node.args[0]
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                full = key.value if "." in key.value else f"{short}.{key.value}"
                yield f"{path.name}:{node.lineno}", full, {str(k.arg) for k in node.keywords}


def faults_of(key: str) -> list[str]:
    """List what is wrong with a text: a language that lacks, differs in its values or is mixed."""
    entry = TEXTS[key]
    if set(entry) != set(LANGS):
        return ["languages"]
    if not any(entry.values()):
        return [] if ".units." in key else ["empty: only a figure without a unit says nothing"]
    quoted = r"“[^”]*”|\"[^\"]*\""
    found = {
        "empty": not all(entry[lang].strip() for lang in LANGS),
        "values differ": blanks(entry["zh"]) != blanks(entry["en"]),
        "no Chinese": not re.search(r"[\u4e00-\u9fff]|^[\W\d]+$|\{\w+\}", entry["zh"]),
        "Chinese": bool(re.search(r"[\u4e00-\u9fff]", re.sub(quoted, "", entry["en"]))),
    }
    return [fault for fault, is_so in found.items() if is_so]


def test_texts_are_whole_in_both_languages():
    assert len(TEXTS) > 1000
    assert {key: faults for key in TEXTS if (faults := faults_of(key))} == {}


# 街道 is the subdistrict alone, as here; a road is 道路, the streets together are 路网.
SUBDISTRICT = re.compile(r"[各分每]个?街道|街道（乡?镇）|[甲乙]街道|给没有候选点的街道|最差的街道")
ALONE = {"columns.street", "comparison.column.street", "map.page.town", "report.sheet.streets"}
ROAD = re.compile(r"[沿距离到段]街道|街道(?:网|数据|引擎|路|范围|附近|上的|不连|线)|开放街道")


def test_chinese_calls_no_road_a_subdistrict():
    said = {key: entry["zh"] for key, entry in TEXTS.items() if key not in ALONE}
    for path in (ROOT / "README.zh.md", ROOT / "datasets" / "helsinki" / "scenario.toml"):
        said[path.name] = path.read_text("utf-8")
    wrong = [key for key, words in said.items() if "街道" in SUBDISTRICT.sub("", words)]
    assert wrong == []
    assert [TEXTS[key]["zh"] for key in ALONE] == ["街道"] * len(ALONE)


def test_standards_call_no_road_a_subdistrict():
    files = sorted((ROOM / "standards").rglob("*.toml"))
    assert [path.name for path in files if ROAD.search(path.read_text("utf-8"))] == []


def test_every_problem_says_what_mends_it():
    headings = {"comparison.column", "report.check"}  # tables with a column called so
    problems = {key.rpartition(".")[0] for key in TEXTS if key.endswith(".what")} - headings
    assert len(problems) > 60
    without = {key for key in problems if f"{key}.fix" not in TEXTS}
    assert {key.rpartition(".")[2] for key in without} <= {"and_more"}


def test_every_text_asked_for_exists():
    rooms = "|".join(CATALOGUES)
    # Paths of settings, which messages name, look alike.
    parts = {room: settings.Settings.model_fields.get(room) for room in CATALOGUES}
    paths = {
        f"{room}.{name}"
        for room, part in parts.items()
        if part is not None
        for model in (part.annotation, *get_args(part.annotation))
        for name in getattr(model, "model_fields", ())
    }
    asked = {
        key
        for key in constants()
        if re.fullmatch(rf"({rooms})(\.[a-z_0-9]+)+", key) and not key.endswith(FILE_NAMES)
    } - paths
    assert len(asked) > 50
    parts_of = ({""}, {".what"}, {".title", ".about"})  # a text, a problem, an indicator
    there = {
        key for key in asked if any({key + part for part in own} <= set(TEXTS) for own in parts_of)
    }
    assert sorted(asked - there) == []


def test_every_problem_noted_exists_and_gets_its_values():
    calls = list(problem_calls())
    assert len(calls) > 60
    for where, key, given in calls:
        assert f"{key}.what" in TEXTS, where
        wanted = blanks(TEXTS[f"{key}.what"]["en"]) | blanks(
            TEXTS.get(f"{key}.fix", {}).get("en", "")
        )
        assert wanted <= given | {"file", "row", "value", "column"}, where


def test_no_text_is_idle():
    known = constants()
    scripts = "".join(path.read_text("utf-8") for path in ROOM.glob("output/maps/web/src/*.js"))
    data = [
        ROOM / "district" / "tables.toml",
        ROOM / "standards" / "modes.toml",
        *ROOM.glob("standards/profiles/*.toml"),
    ]
    named = known | set(
        re.findall(r"\w+", scripts + "".join(path.read_text("utf-8") for path in data))
    )
    shapes = [re.compile(pattern) for pattern in patterns() if r"(\w+)" in pattern]
    of_page = [
        re.sub(r"\$\{.*?\}", r"\\w+", word) for word in re.findall(r"`(\w+\$\{[^`]*)`", scripts)
    ]

    def is_named(word: str) -> bool:
        made = (shape.fullmatch(word) for shape in shapes if shape.pattern != r"(\w+)")
        return word in named or any(m and named.issuperset(m.groups()) for m in made)

    def used(key: str) -> bool:
        plain = re.sub(r"(\.what|\.fix)?(\.straight|\.table|\.vehicle|\.sloped)?$", "", key)
        if plain.startswith("map.indicators."):
            plain = plain.removesuffix(".title").removesuffix(".about")
        if plain in known or plain.startswith("keys."):  # held in tests/test_json_schema.py
            return True
        if any(re.fullmatch(rf"map\.page\.{shape}", plain) for shape in of_page):
            return True
        return any(
            (match := shape.fullmatch(plain)) and all(map(is_named, match.groups()))
            for shape in shapes
        )

    assert [key for key in TEXTS if not used(key)] == []


@pytest.mark.parametrize(
    ("n", "begins"),
    [
        (1, "1 new site raises the share"),
        ("1", "1 new site raises the share"),
        (0, "0 new sites raise the share"),
        (2, "2 new sites raise the share"),
        ("1,001", "1,001 new sites raise the share"),
    ],
)
def test_one_is_singular(n, begins):
    said = dict.fromkeys(blanks(TEXTS["report.siting_line"]["en"]), "…")
    line = text("report.siting_line", "en", **{**said, "n": n})
    assert line.removeprefix("…, …: ").startswith(begins)


def test_words_that_go_by_a_number_come_in_two():
    specs = [
        (key, spec)
        for key, entry in TEXTS.items()
        for said in entry.values()
        for _, _, spec, _ in string.Formatter().parse(said)
        if spec and "|" in spec
    ]
    assert len(specs) > 50
    assert [found for found in specs if len(set(found[1].split("|"))) != 2] == []


# Where the number is never 1, stands for several, or is no number.
NEVER_ONE = {
    "area.too_many_places", "capacity.left_out", "capacity.no_limit", "capacity.unknown_capacity",
    "comparison.words", "io.too_many_cells", "io.too_many_rows", "report.front_sites",
    "report.maps_note", "report.steps",
}  # fmt: skip
COUNTED = (
    "people|persons|sites|communities|facilities|candidates|rows|points|plans|places|gaps|cells|"
    "columns|residents|constraints|figures|homes|weights|targets|buildings|questions|labels|ids"
)


def test_no_noun_follows_a_count_in_the_plural_alone():
    plural = re.compile(rf"\{{\w+\}} (?:(?:new|more|other|demand|existing) )?(?:{COUNTED})\b")
    found = {key for key, entry in TEXTS.items() if plural.search(entry["en"])}
    assert {key for key in found if ".".join(key.split(".")[:2]) not in NEVER_ONE} == set()


def test_text_fills_in():
    assert text("words.minutes", "zh", n=5) == "5分钟"
    assert has_text("words.minutes")
    assert not has_text("words.nothing")
    assert not has_text("nowhere.nothing")
    with pytest.raises(KeyError):
        text("words.nothing", "en")


@pytest.mark.parametrize(
    ("environment", "lang"),
    [
        ({"PLANNER_LANG": "zh"}, "zh"),
        ({"PLANNER_LANG": "en_GB", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LC_ALL": "C", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"PLANNER_LANG": "fr", "LANG": "de_DE"}, "en"),
    ],
)
def test_language_of_the_environment(monkeypatch, environment, lang):
    for name in ("PLANNER_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert default_lang() == lang


def test_catalogue_is_read_once():
    assert language._catalogue("words") is language._catalogue("words")


def test_traditional_characters_follow_the_region():
    with spelling("Hant"):
        assert text("cli.map", "zh") == "地圖"
        assert kinds()["care_station"].name("zh") == "居家養老服務站"
        assert text("cli.map", "en") == "map"
        with spelling(None):
            assert text("cli.map", "zh") == "地圖", "nothing asked for leaves it"
    with spelling("TW"):
        assert spelled("软件") == "軟體", "with the region's own words"
        words = "各社区的设施类型、服务对象与步行函数，道路网络的文件"
        assert spelled(words) == "各社區的設施類型、服務對象與步行函數，道路網路的檔案"
    assert text("cli.map", "zh") == "地图"
    assert [language_of(one) for one in ("zh-HK", "en", None)] == ["zh", "en", None]
