"""What `planner.check` finds: the problems, what was understood, and what a reader should know."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from planner.district.area import StudyArea
from planner.errors import Gathered, Problem
from planner.language import Lang, default_lang, text
from planner.output import understanding
from planner.output.chosen import without_report
from planner.settings import Settings
from planner.standards import Profile
from planner.study import unwalked


@dataclass(frozen=True, kw_only=True, repr=False)
class CheckResult:
    """What checking a scenario found; it prints as what the command line says.

    Parameters
    ----------
    found
        The settings and the study area, as far as they could be read.
    gathered
        What does not hold.
    lang
        Language that it is told in.
    profile
        The targets that the scenario holds the district against, if any.

    Examples
    --------
    >>> from planner.api import check, demo
    >>> result = check(demo("helsinki"))
    >>> result.holds, len(result.problems), result.area.groups
    (True, 0, ('population',))
    >>> settings, area = result
    """

    found: tuple[Settings | None, StudyArea | None]
    gathered: Gathered
    lang: Lang | None = None
    profile: Profile | None = None

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All that is wrong, each with file, row, value and remedy."""
        return tuple(problem for error in self.gathered.errors for problem in error.problems)

    @property
    def settings(self) -> Settings:
        """The settings, overrides resolved.

        Raises
        ------
        PlannerError
            If they could not be read: with every problem.
        """
        settings = self.found[0]
        if settings is None:
            raise self.gathered.as_one()
        return settings

    @property
    def area(self) -> StudyArea:
        """The study area.

        Raises
        ------
        PlannerError
            If it could not be read: with every problem.
        """
        area = self.found[1]
        if area is None:
            raise self.gathered.as_one()
        return area

    @property
    def understood(self) -> pd.DataFrame:
        """The files as they were read: ``role``, ``file``, ``rows``, ``used``, ``crs``, …."""
        columns = ["role", "file", "rows", "used", "skipped", "sheet", "datum", "crs", "encoding"]
        inputs = () if self.found[1] is None else self.found[1].inputs
        return pd.DataFrame(
            [[getattr(one, name) for name in columns] for one in inputs], columns=columns
        )

    @cached_property
    def lacking(self) -> pd.DataFrame:
        """What would answer the targets without data, that first which answers most of them.

        ``with_zh`` and ``with_en`` (the list, column or question), ``answers`` (how many targets)
        and ``targets``; empty where none lacks data.
        """
        settings, area = self.found
        return unwalked.lacking(area, settings, self.profile)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader should know: columns taken for what, rows left out, remarks on the data."""
        area, lang = self.found[1], self._lang()
        if area is None:
            return ()
        told = understanding.lines(area, lang) + [one.say(lang) for one in area.estimates]
        if len(area.skipped):
            told += understanding.skipped(area, lang)
        told += [text(key, lang, **values) for key, values in area.notes]
        return (*told, *without_report(lang))

    def __iter__(self) -> Iterator[Settings | StudyArea]:
        """Yield the settings and the study area."""
        yield self.settings
        yield self.area

    def __repr__(self) -> str:
        lang, settings = self._lang(), self.found[0]
        title = [] if settings is None else [settings.name(lang)]
        wrong = [problem.say(lang) for problem in self.problems]
        files = [
            text("cli.checked_file", lang, file=row.file, rows=row.rows, used=row.used)
            for row in self.understood.itertuples()
        ]
        lacking = [] if wrong else self.lacking_lines()
        good = wrong or [text("cli.good", lang)]
        return "\n".join([*title, *files, *self.notes, *lacking, *good])

    def lacking_lines(self, lang: Lang | None = None) -> list[str]:
        """Return `lacking` in words, one line for each row; none where no target lacks data.

        Parameters
        ----------
        lang
            Language of the lines; the result's own if not given.
        """
        spoken = lang or self._lang()
        rows = self.lacking
        told = [
            text("cli.lacking_row", spoken, what=what, targets=targets, n=n)
            for what, n, targets in zip(
                rows[f"with_{spoken}"], rows["answers"], rows["targets"], strict=True
            )
        ]
        return [text("assessment.lacking.title", spoken), *told] if told else []

    def _repr_html_(self) -> str:
        """Show it in a cell of a notebook."""
        return f"<pre>{html.escape(repr(self))}</pre>"

    def _lang(self) -> Lang:
        of_scenario = None if self.found[0] is None else self.found[0].language
        return self.lang or of_scenario or default_lang()
