"""The tables of siting models, layers and indicators in both READMEs, made from the registers.

python tests/support/readme_tables.py    # writes them between their marks
"""

import re
from pathlib import Path

from planner.engine.siting import MODELS
from planner.language import Lang, text
from planner.output import indicators, layers
from planner.settings.siting import OF_MODEL

ROOT = Path(__file__).resolve().parents[2]
READMES: dict[str, Lang] = {"README.md": "en", "README.zh.md": "zh"}
WORDS = {
    "en": {
        "models": ("model", "seeks", "keys that not all models take"),
        "layers": ("layer", "shows", "made if asked for"),
        "indicators": ("indicator", "is", "computed if asked for"),
        "yes": "yes",
    },
    "zh": {
        "models": ("模型", "所求", "并非各模型通用的键"),
        "layers": ("图层", "表示", "须写明才生成"),
        "indicators": ("指标", "含义", "须写明才计算"),
        "yes": "是",
    },
}


# What stands for the values of an indicator's words.
BLANKS = {
    "en": {
        "group": "People", "kind": "the kind", "minutes": "15", "unit": "its unit", "need": "",
        "column": "A column", "target": "A target", "value": "…",
    },
    "zh": {
        "group": "人群", "kind": "该类设施", "minutes": "15", "unit": "计量单位", "need": "",
        "column": "某列", "target": "某项目标", "value": "…",
    },
}  # fmt: skip


def model_table(lang: Lang) -> str:
    """Write the table of siting models."""
    rows = []
    for spec in MODELS.values():
        keys = ", ".join(f"`{key}`" for key, takes in OF_MODEL.items() if takes in spec.takes)
        rows.append(f"| `{spec.id}` | {text(str(spec.key('about')), lang)} | {keys} |\n")
    return f"| {' | '.join(WORDS[lang]['models'])} |\n| --- | --- | --- |\n" + "".join(rows)


def layer_table(lang: Lang) -> str:
    """Write the table of layers."""
    rows = [(spec.id, spec.about(lang), spec.make is not None) for spec in layers.in_order()]
    return _table("layers", rows, lang)


def indicator_table(lang: Lang) -> str:
    """Write the table of indicators."""
    rows = [
        (spec.id, text(f"{spec.key}.about", lang, **BLANKS[lang]), spec.asked)
        for spec in indicators.in_order()
    ]
    return _table("indicators", rows, lang)


def _table(name: str, rows: list[tuple[str, str, bool]], lang: Lang) -> str:
    words = WORDS[lang]
    head = f"| {' | '.join(words[name])} |\n| --- | --- | --- |\n"
    return head + "".join(
        f"| `{key}` | {about} | {words['yes'] if asked else ''} |\n" for key, about, asked in rows
    )


def filled(readme: str) -> str:
    """Return a README with its tables made anew."""
    lang = READMES[readme]
    words = (ROOT / readme).read_text("utf-8")
    tables = {
        "models": model_table(lang),
        "layers": layer_table(lang),
        "indicators": indicator_table(lang),
    }
    for name, table in tables.items():
        marked = rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)"
        words, count = re.subn(
            marked, lambda found, made=table: found[1] + made + found[2], words, flags=re.DOTALL
        )
        assert count == 1, f"{readme} has no marks of {name}"
    return words


if __name__ == "__main__":
    for readme in READMES:
        (ROOT / readme).write_text(filled(readme), "utf-8")
