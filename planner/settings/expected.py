"""What a value of a scenario should be, in words, where it has the wrong form."""

from __future__ import annotations

from typing import Any

from planner.language import LANGS, Lang, text
from planner.settings.datum_words import datum_named

# What pydantic calls the wrong form of a value, and what is expected then.
_WORDS = {
    "int": "int", "int_from_float": "int", "int_parsing_size": "int", "float": "float",
    "string": "string", "bool": "bool",
    "finite_number": "float", "string_too_short": "words",
    "list": "list", "too_short": "list", "dict": "dict", "model": "dict",
}  # fmt: skip
_LISTS, _TABLES = ("list_type",), ("dict_type", "model_type", "model_attributes_type")


def expected(found: Any, value: Any) -> dict[Lang, str]:
    """Return what a value should be: the bounds and choices of its type, and what was meant.

    Parameters
    ----------
    found
        One of the errors that pydantic tells.
    value
        The value given.

    Returns
    -------
    The words in each language.
    """
    context = found.get("ctx", {})
    # A value of several types has the type at the end: dict[str,int].
    name = next(part for part in reversed(found["loc"]) if "[" not in str(part))
    signs = {"gt": ">", "ge": "≥", "lt": "<", "le": "≤"}
    bounds = [f"{signs[key]} {context[key]:g}" for key in signs if key in context]
    if bounds:
        return dict.fromkeys(LANGS, ", ".join(bounds))
    if "expected" in context:
        choices = str(context["expected"])
        said = {lang: choices.replace(" or ", text("settings.or", lang)) for lang in LANGS}
        meant = datum_named(value) if name == "datum" and isinstance(value, str) else None
        if meant:
            said = {lang: text("settings.meant", lang, all=said[lang], one=meant) for lang in LANGS}
        return said
    if found["type"] in _LISTS and isinstance(value, dict):
        return {lang: text("settings.expected.tables", lang, name=name) for lang in LANGS}
    if found["type"] in _TABLES and isinstance(value, list):
        return {lang: text("settings.expected.one_table", lang, name=name) for lang in LANGS}
    kind = str(found["type"]).removesuffix("_type").removesuffix("_parsing")
    word = _WORDS.get(kind)
    return {lang: text(f"settings.expected.{word}", lang) if word else kind for lang in LANGS}
