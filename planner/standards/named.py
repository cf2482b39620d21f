"""What readers call a thing of the catalogues, in their language."""

from __future__ import annotations

from typing import Protocol

from planner.language import Lang, written


class _InTwoLanguages(Protocol):
    @property
    def zh(self) -> str: ...

    @property
    def en(self) -> str: ...


class Named:
    """A thing with a Chinese and an English name, ``zh`` and ``en``."""

    def name(self: _InTwoLanguages, lang: Lang) -> str:
        """Return the name shown to readers.

        Parameters
        ----------
        lang
            Their language; Chinese is written in the script of `planner.language.spelling`.
        """
        return written(self.zh) if lang == "zh" else self.en
