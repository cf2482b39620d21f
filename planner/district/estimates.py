"""What the data lack and is estimated: shown beside every headline in the same words.

The one place that all estimates use. How far figures on an estimate lie off those on real data
stands in ``estimates.toml``, as measured.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from planner.language import LANGS, Lang, text

What = Literal[
    "ages", "boundaries", "hours", "means", "people", "places", "population", "slope", "streets",
    "times",
]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class DataEstimate:
    """Something that the data lack, and that figures stand on all the same.

    Parameters
    ----------
    what
        What is estimated.
    how
        By which method, where there are several.
    named
        What its sentence names; a value that differs by language is a mapping from each.
    rest
        What is named of those that the method cannot tell of, if there are any.
    """

    what: What
    how: str
    named: Mapping[str, object] = field(default_factory=dict)
    rest: Mapping[str, object] = field(default_factory=dict)

    @property
    def measured(self) -> dict[str, Any]:
        """How far shares lie off those on real data; empty where that was not measured."""
        found: dict[str, Any] = measured().get(self.what, {}).get(self.how, {})
        return found

    def say(self, lang: Lang) -> str:
        """Return what is estimated, how, and with which error.

        Parameters
        ----------
        lang
            Language of the sentences.
        """
        told = [text(f"estimates.{self.what}.{self.how}", lang, **_in(self.named, lang))]
        if self.rest:
            told.append(text(f"estimates.{self.what}.rest", lang, **_in(self.rest, lang)))
        if self.measured:
            figures = {name: f"{self.measured[name]:g}" for name in ("median", "most")}
            where = self.measured[f"where_{lang}"]
            told.append(text("estimates.error", lang, where=where, **figures))
        return ("" if lang == "zh" else " ").join(told)

    def in_brief(self, lang: Lang) -> str:
        """Return what is estimated in two words.

        Parameters
        ----------
        lang
            Language of the words.
        """
        return text(f"estimates.{self.what}.brief", lang, **_in(self.named, lang))

    def record(self) -> dict[str, Any]:
        """Return it for the record: what, how, its values, its error, and the words."""
        return {
            "what": self.what,
            "how": self.how,
            "values": dict(self.named),
            "rest": dict(self.rest),
            "measured": self.measured,
            "words": {lang: self.say(lang) for lang in LANGS},
        }


def _in(values: Mapping[str, Any], lang: Lang) -> dict[str, object]:
    return {name: one[lang] if isinstance(one, dict) else one for name, one in values.items()}


@cache
def measured() -> dict[str, Any]:
    """Return the measured errors of every estimate: by what it is, and by the method."""
    return tomllib.loads(files("planner.district").joinpath("estimates.toml").read_text("utf-8"))
