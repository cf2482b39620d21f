"""The page docs/columns.md: every column, with all headings and words that it is known by.

python tests/support/columns_page.py    # writes it
"""

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from planner.output.columns import heading
from planner.standards import kinds, modes, speeds

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "columns.md"
CONTRACTS = tomllib.loads((ROOT / "planner" / "district" / "tables.toml").read_text("utf-8"))
TABLES = {
    "communities": "Communities 社区（村）",
    "demand": "Homes 居住点",
    "facilities": "Facilities 设施",
    "candidates": "Candidate sites 候选点",
    "links": "Links 联系",
    "travel": "Travel times 到达时间",
    "ages": "Ages 年龄构成",
    "buildings": "Buildings 建筑",
}
INTRO = """# Columns, and the headings they are known by · 各表的列与识别的表头

Made from the planner's own contracts by `python tests/support/columns_page.py`; do not edit.
本页由程序生成。

A heading is compared without regard to case, white space, script (simplified or traditional) and
full-width signs. In brackets behind it a unit may stand (which multiplies: 万人, 亩) or a year; any
other word in brackets makes it another column. What is not found is named in the scenario:
`columns = { name = "站名" }`; words of an office's own under `[words]`. Coordinates are found as
经度 and 纬度 (lon, lat), X and Y, or in one column (坐标), with the datum in the heading
(高德经度).
比较表头时不计大小写、空格、繁简与全半角。没有识别的，在场景中写 `columns = { name = "站名" }`；
本单位的用词写在 `[words]`。
"""


def page() -> str:
    """Write the page."""
    parts = [INTRO]
    for table, title in TABLES.items():
        contract = CONTRACTS[table]
        parts.append(f"\n## {title}\n\n" + _rows(_columns(contract)))
        if contract.get("attributes"):
            parts.append("\nFor targets 指标用列：\n\n" + _rows(contract["attributes"]))
    parts.append("\n## Groups of people 人群\n\n" + _rows(CONTRACTS["groups"]))
    parts.append("\n## Kinds of facility 设施类型\n\n" + _kinds())
    parts.append("\n## Walking speeds 步行速度\n\n" + _speeds())
    parts.append("\n## Modes of travel 出行方式\n\n" + _modes())
    return "".join(parts)


def _columns(contract: Mapping[str, Any]) -> dict[str, Any]:
    like = {name: CONTRACTS["communities"]["columns"][name] for name in contract.get("like", ())}
    plain = {name: {**rule, "required": False} for name, rule in like.items()}
    return {**plain, **contract["columns"]}


def _rows(columns: Mapping[str, Any]) -> str:
    lines = [
        "| column 列 | heading 名称 | holds 内容 | found as 识别的表头 | words 识别的用词 |\n",
        "| --- | --- | --- | --- | --- |\n",
    ]
    for name, given in columns.items():
        rule = given if isinstance(given, dict) else {"aliases": given}
        lines.append(
            _line(
                (
                    f"`{name}`",
                    _named(name),
                    _holds(rule),
                    _list(rule.get("aliases", ())),
                    _words(rule),
                )
            )
        )
    return "".join(lines)


def _named(name: str) -> str:
    return " ".join(dict.fromkeys((heading(name, "zh"), heading(name, "en"))))


def _holds(rule: Mapping[str, Any]) -> str:
    told = [rule.get("type", "number")]
    told += [f"unit: {rule['unit']}"] if "unit" in rule else []
    told += ["**required 必需**"] if rule.get("required") else []
    told += [f"else `{rule['default']}`"] if "default" in rule else []
    return ", ".join(told)


def _words(rule: Mapping[str, Any]) -> str:
    return "; ".join(
        f"`{choice}`: {_list(words)}" for choice, words in rule.get("choices", {}).items()
    )


def _kinds() -> str:
    lines = [
        "| kind 类型 | name 名称 | known as 识别的用词 | tiers 等级 |\n",
        "| --- | --- | --- | --- |\n",
    ]
    for name, kind in kinds().items():
        tiers = "; ".join(f"`{tier}`: {_list(words)}" for tier, words in kind.tiers.items())
        lines.append(_line((f"`{name}`", f"{kind.zh} {kind.en}", _list(kind.aliases), tiers)))
    return "".join(lines)


def _speeds() -> str:
    lines = ["| preset | m/s | name 名称 | source 依据 |\n", "| --- | ---: | --- | --- |\n"]
    for name, speed in speeds().items():
        named = f"{speed.zh} {speed.en}"
        lines.append(_line((f"`{name}`", f"{speed.speed_mps:g}", named, speed.source)))
    return "".join(lines)


def _modes() -> str:
    lines = [
        "| mode 方式 | name 名称 | km/h | avoids 不走 | source 依据 |\n",
        "| --- | --- | --- | --- | --- |\n",
    ]
    for name, mode in modes().items():
        kmh = [f"{mode.other_kmh:g}" if mode.is_vehicle else "`[walk]`"]
        kmh += [f"{row['kmh']:g}: {_list(row['classes'])}" for row in mode.streets]
        kmh += [f"`[walk]`: {_list(mode.pushed)}"] if mode.pushed else []
        named = f"{mode.zh} {mode.en}"
        avoids, source = [*mode.avoid], mode.source
        if (steep := mode.steepest) is not None:
            slope = f"{steep.rise:g}:{steep.run:g}"
            avoids.append(f"> {slope}")
            source = f"{source}; {slope}: {steep.source}"
        lines.append(_line((f"`{name}`", named, "; ".join(kmh), _list(avoids), source)))
    return "".join(lines)


def _list(words: Iterable[str]) -> str:
    return "、".join(words)


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(str(cell).replace('|', '/') for cell in cells)} |\n"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
