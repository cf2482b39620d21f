"""Pages made of the registers: keys, commands, indicators and targets, Python's names."""

import importlib
import inspect
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import typer

import planner
from planner.cli.commands import app
from planner.cli.words import in_words
from planner.district import assessment
from planner.language import Lang
from planner.settings.json_schema import json_schema
from planner.standards import kinds, profile_names, read_profile
from planner.standards.catalogue import indicators

DOORS = ("siting", "network", "capacity", "coverage")
WORDS: dict[Lang, dict[str, str]] = {
    "en": {
        "keys": "Every key of a scenario",
        "keys_about": "Made from the settings themselves, as the JSON Schema is"
        " (`planner schema`); how they go together is told under [Scenario](scenario.md).",
        "top": "At the top",
        "key": "key", "takes": "takes", "else": "if not given", "needed": "**needed**",
        "list": "list of", "table": "table", "or": " or ", "text": "text",
        "number": "number", "integer": "whole number", "boolean": "`true` or `false`",
        "null": "nothing", "any": "anything", "least": "from", "most": "to", "above": "above",
        "below": "below", "in": "Stands in",
        "options": "Arguments and options of each command",
        "option": "argument or option", "means": "means",
        "standards": "Indicators and targets",
        "standards_about": "What a target may measure, and the targets of every profile of the"
        " catalogue, as `planner standards show` prints them.",
        "indicators": "Indicators", "indicator": "indicator", "is": "measures",
        "needs": "a target needs", "may": "and may have",
        "python": "Python",
        "python_about": "The public names of `planner`, and of the engine's doors.",
    },
    "zh": {
        "keys": "场景的全部键",
        "keys_about": "由设置本身生成，与 JSON Schema（`planner schema`）一致。"
        "各键怎样配合使用，见[场景设置](scenario.md)。",
        "top": "顶层",
        "key": "键", "takes": "取值", "else": "不写时", "needed": "**必需**",
        "list": "清单：", "table": "表", "or": "或", "text": "文字", "number": "数",
        "integer": "整数", "boolean": "`true` 或 `false`", "null": "无", "any": "任意",
        "least": "不小于", "most": "不大于", "above": "大于", "below": "小于", "in": "用于",
        "options": "各命令的参数和选项",
        "option": "参数或选项", "means": "含义",
        "standards": "指标与目标",
        "standards_about": "目标可以衡量什么，以及目录中每个指标文件的各项目标"
        "（与 `planner standards show` 所列一致）。",
        "indicators": "指标", "indicator": "指标", "is": "衡量",
        "needs": "目标须写明", "may": "还可写明",
        "python": "Python",
        "python_about": "`planner` 的公开名称，以及各引擎的公开名称：说明为英文，见"
        '<a href="../../reference/python.html">Python</a>\u3002',
    },
}  # fmt: skip


def pages(lang: Lang) -> dict[str, str]:
    """Return every page, by its name without suffix."""
    return {
        "reference/keys": keys(lang),
        "reference/commands": commands(lang),
        "reference/standards": standards(lang),
        "reference/python": python(lang),
    }


def keys(lang: Lang) -> str:
    """Write the page of all keys: a table for each part of the settings."""
    words, schema = WORDS[lang], json_schema(lang)
    parts = schema["$defs"]
    used = _places(schema)
    made = [f"# {words['keys']}\n\n{words['keys_about']}\n\n## {words['top']}\n\n"]
    made.append(_key_table(schema, words))
    for name, part in parts.items():
        if "properties" in part and name != "Override":
            where = ", ".join(f"`{place}`" for place in used.get(name, ()))
            made += [f"\n## {name} {{ #{name.lower()} }}\n\n{words['in']} {where}\n\n"]
            made.append(_key_table(part, words))
    return "".join(made)


def _places(schema: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the keys that take each part of the settings."""
    found: dict[str, list[str]] = {}
    parts = {"": schema, **schema["$defs"]}
    for name, part in parts.items():
        for key, rule in part.get("properties", {}).items():
            if name != "Override":
                for one in _refs(rule):
                    found.setdefault(one, []).append(f"{name}.{key}".removeprefix("."))
    return found


def _refs(rule: Any) -> Iterator[str]:
    """Yield the names of the parts that a rule refers to."""
    if isinstance(rule, dict):
        if "$ref" in rule:
            yield rule["$ref"].rpartition("/")[2]
        for below in rule.values():
            yield from _refs(below)
    elif isinstance(rule, list):
        for below in rule:
            yield from _refs(below)


def _key_table(part: Mapping[str, Any], words: Mapping[str, str]) -> str:
    needed = part.get("required", ())
    rows = (
        (
            f"`{key}`",
            _takes(rule, words),
            words["needed"] if key in needed else _default(rule),
            rule["description"],
        )
        for key, rule in part["properties"].items()
    )
    return table((words["key"], words["takes"], words["else"], words["means"]), rows)


def _default(rule: Mapping[str, Any]) -> str:
    value = rule.get("default")
    if value is None or value in ({}, []):
        return ""
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _takes(rule: Mapping[str, Any], words: Mapping[str, str]) -> str:
    """Put into words what a key takes."""
    if "$ref" in rule:
        name = rule["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})" if name != "Override" else words["table"]
    if "const" in rule:
        return f"`{rule['const']}`"
    if "enum" in rule:
        return ", ".join(f"`{one}`" for one in rule["enum"])
    for key in ("anyOf", "oneOf", "allOf"):
        if key in rule:
            told = [_takes(one, words) for one in rule[key] if one.get("type") != "null"]
            return words["or"].join(dict.fromkeys(told))
    kind = rule.get("type")
    if kind == "array":
        items = rule.get("items")
        return f"{words['list']} {_takes(items, words)}" if items else words["list"]
    if kind == "object":
        below = rule.get("additionalProperties")
        return (
            f"{words['table']}: {_takes(below, words)}"
            if isinstance(below, dict)
            else (words["table"])
        )
    bounds = {
        "minimum": "least", "maximum": "most",
        "exclusiveMinimum": "above", "exclusiveMaximum": "below",
    }  # fmt: skip
    told = [f"{words[name]} {rule[key]:g}" for key, name in bounds.items() if key in rule]
    name = words["text" if kind == "string" else str(kind or "any")]
    return f"{name} ({', '.join(told)})" if told else name


def commands(lang: Lang) -> str:
    """Write the arguments and options of every command, as its own help tells them."""
    words = WORDS[lang]
    made = [f"## {words['options']}\n"]
    for name, command in _all_commands(in_words(typer.main.get_command(app), lang)):
        rows = (
            (_called(parameter), getattr(parameter, "help", "") or "")
            for parameter in command.params
        )
        made.append(f"\n### `planner {name}`\n\n{command.help}\n\n")
        made.append(table((words["option"], words["means"]), rows))
        made.append(f"\n{command.epilog}\n" if command.epilog else "")
    return "".join(made)


def _all_commands(group: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    for word, command in group.commands.items():
        name = f"{before} {word}".strip()
        if hasattr(command, "commands"):
            yield from _all_commands(command, name)
        else:
            yield name, command


def _called(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return f"`{parameter.metavar or parameter.name}`"
    takes = f" {parameter.metavar}" if parameter.metavar else ""
    return ", ".join(f"`{name}{takes}`" for name in parameter.opts)


def standards(lang: Lang) -> str:
    """Write what targets may measure, and the targets of every profile."""
    words = WORDS[lang]
    rows = (
        (f"`{name}`", one[lang], _codes(one.get("needs", ())), _codes(one.get("may", ())))
        for name, one in indicators().items()
    )
    made = [f"# {words['standards']}\n\n{words['standards_about']}\n\n## {words['indicators']}\n\n"]
    made.append(table((words["indicator"], words["is"], words["needs"], words["may"]), rows))
    for name in profile_names():
        profile = read_profile(name)
        told = assessment.described(profile, lang, kinds=kinds())
        made.append(f"\n## {profile.name(lang)} {{ #{name} }}\n\n`{name}`")
        made.append(f"\n\n{note}\n\n" if (note := profile.note(lang)) else "\n\n")
        cells = ((f"`{key}`", *row[1:]) for key, row in zip(told.index, told.values, strict=True))
        made.append(table(told.columns, cells))
    return "".join(made)


def python(lang: Lang) -> str:
    """Write the page of Python's public names; mkdocstrings puts their docstrings there."""
    words = WORDS[lang]
    made = [f"# {words['python']}\n\n{words['python_about']}\n"]
    if lang != "en":  # docstrings are English, and each may stand on one page alone
        return "".join(made)
    seen: set[str] = set()
    made += [_documented("planner", name, seen) for name in planner.__all__ if name not in DOORS]
    for door in DOORS:
        module = importlib.import_module(f"planner.{door}")
        own = [name for name in module.__all__ if callable(getattr(module, name))]
        made.append(f"\n## `planner.{door}`\n\n{(inspect.getdoc(module) or '').splitlines()[0]}\n")
        made += [_documented(module.__name__, name, seen) for name in own]
    return "".join(made)


def _documented(module: str, name: str, seen: set[str]) -> str:
    """Ask mkdocstrings for a name where it is defined, under the name that users write."""
    thing = getattr(importlib.import_module(module), name)
    home = f"{thing.__module__}.{thing.__qualname__}"
    made = f"\n### `{module}.{name}`\n\n"
    if home in seen:
        return f"{made}[See above][{home}].\n"
    seen.add(home)
    return f"{made}::: {home}\n    options:\n      show_root_heading: false\n"


def table(heads: Iterable[object], rows: Iterable[Iterable[object]]) -> str:
    """Write a table of Markdown."""
    heads = list(heads)
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(map(_cell, line))} |\n" for line in lines)


def _cell(value: object) -> str:
    return str(value).replace("\n", " ").replace("|", "\\|")


def _codes(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
