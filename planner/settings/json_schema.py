"""The scenario file's schema for editors, which complete keys by it and mark what does not hold."""

from __future__ import annotations

from typing import Any

from planner.language import LANGS, Lang, has_text, text
from planner.settings.schema import Settings
from planner.standards import modes, profile_names, speeds

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_FILE_OR_NAME = {"#/$defs/NamedFile", "#/$defs/AgesFile", "#/$defs/Heights"}


def json_schema(lang: Lang = "en") -> dict[str, Any]:
    """Return the JSON Schema of a scenario, made from the settings themselves.

    It holds names of presets and profiles, and what stands under ``[overrides.NAME]``: any of the
    settings, none of them required.

    Parameters
    ----------
    lang
        Language of what each key means.

    Returns
    -------
    The schema, of draft 2020-12.

    Examples
    --------
    >>> json_schema()["properties"]["walk"]["$ref"]
    '#/$defs/WalkSettings'
    """
    made = _named(_plain(Settings.model_json_schema()))
    made["$defs"]["WalkSettings"]["properties"]["preset"]["enum"] = list(speeds())
    made["$defs"]["TravelSettings"]["properties"]["mode"]["enum"] = list(modes())
    made["$defs"]["Standards"]["properties"]["profiles"]["items"] = {
        "anyOf": [{"enum": list(profile_names())}, {"type": "string", "pattern": r"\.toml$"}]
    }
    made["$defs"]["Override"] = {"type": "object", "additionalProperties": False}
    made["properties"]["overrides"] = {
        "type": "object",
        "additionalProperties": {"$ref": "#/$defs/Override"},
    }
    for part, rule in {"Settings": made, **made["$defs"]}.items():
        for key, taken in rule.get("properties", {}).items():
            rule["properties"][key] = {**taken, "description": meaning(part, key, lang)}
    own = {key: rule for key, rule in made["properties"].items() if key != "overrides"}
    made["$defs"]["Override"]["properties"] = own
    return {"$schema": DIALECT, **made}


def meaning(part: str, key: str, lang: Lang) -> str:
    """Return what a key of a scenario means.

    Parameters
    ----------
    part
        The part of the settings that has the key, by the name of its class.
    key
        The key.
    lang
        Language of the words.

    Returns
    -------
    A sentence or two.
    """
    word = f"in_{key}" if key in LANGS else key  # which the catalogue of texts takes for languages
    own = f"keys.{part}.{word}"
    return text(own if has_text(own) else f"keys.file.{word}", lang)


def _named(part: Any) -> Any:
    """Return a part of a schema in which the name of a file stands for what reads it, too."""
    if isinstance(part, dict):
        if part.get("$ref") in _FILE_OR_NAME:
            return {"anyOf": [part, {"type": "string", "minLength": 1}]}
        return {key: _named(value) for key, value in part.items()}
    return [_named(one) for one in part] if isinstance(part, list) else part


def _plain(part: Any) -> Any:
    """Return a part of a schema with its words as editors show them, and without titles of ours."""
    if isinstance(part, dict):
        kept = {
            key: _plain(value)
            for key, value in part.items()
            if not (key == "title" and isinstance(value, str))
        }
        if isinstance(kept.get("description"), str):
            kept["description"] = kept["description"].replace("``", "`")
        return kept
    return [_plain(one) for one in part] if isinstance(part, list) else part
