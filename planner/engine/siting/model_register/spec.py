"""What a siting model is: its function, what it takes, and its check."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from planner.engine.siting.models.fairness import Fair
from planner.engine.siting.problem.result import Solution
from planner.engine.siting.verification.plan_check import PlanCheck
from planner.language import Lang, has_text, text

Table = Literal["covering", "minutes", "sites"]
Words = Literal["name", "about", "objective", "proof", "title"]


@dataclass(frozen=True, kw_only=True)
class ModelSpec:
    """A siting model that a scenario can ask for.

    Parameters
    ----------
    id
        What a scenario calls it under ``siting.model``.
    solve
        The function of the OD table, the weights, the parameters below and `Rules`.
    check
        The check of its answers, in the textbook form; its ``least`` says whether the objective is
        made small.
    table
        The OD table it works on: ``"covering"``, pairs within the limit that counts as covered;
        ``"minutes"``, pairs as far as anybody searches; ``"sites"``, pairs of sites, where nobody
        is served and no weights are given.
    takes
        Its own parameters by name, and what it takes beside the rules that all models take:
        ``floors``, ``sizes``, ``weights`` (several groups of people), ``years`` (plans over years,
        by `phase_cover`) and ``near_plans`` (by `alternatives`).
    needs
        Parameters of which one must be given, ``p`` or ``budget``; none where nothing has to limit
        the sites.
    counts
        What a unit of the objective is, where that is a person covered or a new site.
    text
        Key of its texts ``name``, ``about``, ``objective``, ``title`` and ``proof`` (the last two
        if there are any); ``models.ID`` unless given.
    """

    id: str
    solve: Callable[..., Solution | Fair]
    check: type[PlanCheck]
    table: Table
    takes: tuple[str, ...]
    needs: tuple[str, ...] = ("p", "budget")
    counts: Literal["people", "sites"] | None = None
    text: str | None = None

    @property
    def least(self) -> bool:
        """Whether the objective is made small."""
        return self.check.least

    def key(self, words: Words) -> str | None:
        """Return the key of one of its texts, None where it has no such text.

        Parameters
        ----------
        words
            Which text: ``"name"``, ``"about"`` (what it seeks), ``"objective"`` (what the objective
            is, with its unit), ``"proof"`` (how a proof is told) or ``"title"`` (on the map).

        Returns
        -------
        The key in the catalogue of texts.
        """
        key = f"{self.text}.{words}" if self.text else f"models.{self.id}.{words}"
        return key if has_text(key) else None

    def name(self, lang: Lang) -> str:
        """Return its name in a language.

        Parameters
        ----------
        lang
            The language.

        Returns
        -------
        The name, from the catalogue of texts.
        """
        return text(f"{self.text}.name" if self.text else f"models.{self.id}.name", lang)
