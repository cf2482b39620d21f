"""Targets: the indicator, the value required by year, and the source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from planner.language import Lang, written
from planner.standards.named import Named
from planner.standards.presets import Grade

Mode = Literal["has", "reached", "delivery", "assignment", "outreach", "one_link", "delivered"]
Spread = Literal["max_min", "gini", "cv"]


def _steps(given: Any) -> Any:
    """Return a plain threshold as one that holds in every year."""
    return {0: given} if isinstance(given, int | float) else given


def _several(given: Any) -> Any:
    return (given,) if isinstance(given, str) else given


def _no_flag(given: Any) -> Any:
    """Refuse true and false where a number is meant: they would count as 1 and 0."""
    if isinstance(given, bool):
        message = "a number, neither true nor false"
        raise ValueError(message)  # noqa: TRY004  what pydantic turns into a problem
    return given


Names = Annotated[tuple[str, ...], BeforeValidator(_several)]
Amount = Annotated[float, BeforeValidator(_no_flag), Field(ge=0, le=1e12)]
Positive = Annotated[float, BeforeValidator(_no_flag), Field(gt=0, le=1e12)]
Year = Annotated[int, BeforeValidator(_no_flag), Field(ge=1900, le=2200)]
Steps = Annotated[dict[Literal[0] | Year, Amount], BeforeValidator(_steps)]
Bounds = Amount | tuple[Amount, Amount]


class _StandardPart(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Need(_StandardPart):
    """What a living circle must hold: a kind (of a tier) within so many minutes."""

    kind: str
    tier: str | None = None
    minutes: Positive


class Reported(_StandardPart):
    """A figure as a bureau reported it: a number, a share as printed (``"80%"``), or both.

    ``total`` names what the share is a share of, where several figures claim the same;
    ``or_more`` says that the number is a least one ("over 2,000").
    """

    numerator: Amount | None = None
    share: Annotated[str | None, Field(pattern=r"^\d+(\.\d+)?\s*[%‰]?$")] = None
    denominator: Amount | None = None
    year: Year | None = None
    total: str | None = None
    or_more: bool = False


class Target(Named, _StandardPart):
    """One thing required or reported, and how to measure it.

    Parameters
    ----------
    id
        Name within its profile.
    zh, en
        What it says, shown to readers.
    indicator
        How it is measured: an entry of ``indicators.toml``.
    kind, tier
        Facilities that count: of any of the kinds, and of that tier alone. A facility of an upper
        tier does not stand for one of a lower.
    each, where, offers
        Further conditions on them: least (or least and most) of a column or of a ratio ``a/b`` of
        two; value of an attribute (any of several; ``true`` for yes, ``"*"`` for anything filled
        in); services that each must offer, all of them.
    unit, by
        Level at which units are counted, and what makes one count: it has a facility, is reached
        on foot, or is linked to one (by delivery, assignment, outreach; by exactly one link; or
        delivered to within ``minutes``).
    scope
        Communities that count, by the value of a column.
    group, minutes, metres
        The people who count, and the limit on foot, in time or in length; those of the run if not
        given.
    column, of, per
        What is summed up, what it is divided by, and for how many of it: ``beds`` of ``aged_60``
        per 1,000.
    least, most
        What each unit must hold.
    requires
        What a complete living circle holds.
    target, across, measure
        For a balance: the target whose figure is compared, over what, and how.
    base
        That target itself, filled in on reading.
    must, aim, until
        The threshold, and the one aspired to, by year where they rise in steps; and the last year
        they hold in.
    sense
        Whether more is better.
    source, clause, grade
        Where it stands, and how far that was checked.
    rows
        Further numbers under which it is known.
    reported
        The figure as reported.
    not_applicable
        Why it does not concern the district, as its scenario says; None where it does.
    """

    id: str
    profile: str = ""
    zh: str
    en: str
    indicator: str
    kind: Names = ()
    tier: str | None = None
    each: dict[str, Bounds] = {}
    where: dict[str, bool | str | list[str]] = {}
    offers: Names = ()
    unit: str = "community"
    by: tuple[Mode, ...] = ()
    scope: dict[str, str | list[str]] = {}
    group: str | None = None
    minutes: Positive | None = None
    metres: Positive | None = None
    column: str | None = None
    of: str | None = None
    per: Positive = 1
    least: Amount | None = None
    most: Amount | None = None
    requires: tuple[Need, ...] = ()
    target: str | None = None
    base: Target | None = None
    across: str | None = None
    measure: Spread | None = None
    must: Steps = {}
    aim: Steps = {}
    until: Year | None = None
    sense: Literal["at_least", "at_most"] = "at_least"
    source: str = ""
    clause: str = ""
    grade: Grade = "unverified"
    rows: Names = ()
    reported: Reported | None = None
    not_applicable: str | None = None

    @property
    def stepped(self) -> bool:
        """Whether a threshold depends on the year."""
        return any(year for year in (*self.must, *self.aim))

    def threshold(self, year: int | None) -> tuple[float | None, float | None, int | None]:
        """Return what holds in a year: must, aim, and the year it is due in if that is to come.

        The latest step up to the year holds; before the first one, that one is to come; after the
        last year none does.

        Parameters
        ----------
        year
            The year; None for any.

        Returns
        -------
        The thresholds in the indicator's unit, None where nothing is asked; and the year from which
        they hold, None where they do already.

        Examples
        --------
        >>> steps = {2022: 0.2, 2023: 0.4}
        >>> target = Target(id="t", zh="", en="", indicator="facilities", must=steps)
        >>> target.threshold(2024), target.threshold(2020)
        ((0.4, None, None), (0.2, None, 2022))
        """
        if self.until is not None and year is not None and year > self.until:
            return None, None, None
        must, due = step_of(self.must, year)
        aim, aim_due = step_of(self.aim, year)
        return must, aim, due if self.must else aim_due

    def question(self) -> str:
        """Return what is measured, apart from what is asked of it: equal for comparable targets."""
        said = {
            "id", "profile", "zh", "en", "must", "aim", "until", "source", "clause", "grade",
            "rows", "reported", "base", "least", "most", "not_applicable",
        }  # fmt: skip
        return self.model_dump_json(exclude=said, exclude_defaults=True)


def step_of(steps: Mapping[int, float], year: int | None) -> tuple[float | None, int | None]:
    """Return the step that holds in a year, or the first one and when it will.

    Parameters
    ----------
    steps
        Thresholds by the year from which they hold; 0 means always.
    year
        The year; None for any.

    Returns
    -------
    The threshold, None without steps; and the year it holds from where that is to come, else None.
    """
    if not steps:
        return None, None
    begun = [step for step in steps if step == 0 or (year is not None and step <= year)]
    if begun:
        return steps[max(begun)], None
    first = min(steps)
    return steps[first], first


class Registered(Named, _StandardPart):
    """A quantity of a document that no map can show: it is kept in a register, and why.

    Parameters
    ----------
    zh, en
        What the document asks for or reports.
    why_zh, why_en
        Why it is not computed.
    """

    zh: str
    en: str
    why_zh: str
    why_en: str

    def why(self, lang: Lang) -> str:
        """Return why it is not computed, in a language.

        Parameters
        ----------
        lang
            The language.
        """
        return written(self.why_zh) if lang == "zh" else self.why_en


class Profile(Named, _StandardPart):
    """The targets of one document or standard, or of several put together.

    Parameters
    ----------
    id
        Name of its file, or the names of several.
    zh, en
        Name shown to readers.
    note_zh, note_en
        Remark for readers, such as why it is empty.
    source, grade
        What holds for a target that names none itself.
    extends
        Profiles whose targets it takes over.
    drop
        Ids of theirs that it leaves out.
    targets
        By id.
    registered
        What the document states besides and nobody computes on a map, by row of the document.
    """

    id: str
    zh: str
    en: str
    note_zh: str = ""
    note_en: str = ""
    source: str = ""
    grade: Grade = "unverified"
    extends: Names = ()
    drop: Names = ()
    targets: dict[str, Target] = {}
    registered: dict[str, Registered] = {}

    def note(self, lang: Lang) -> str:
        """Return the remark for readers.

        Parameters
        ----------
        lang
            Their language.

        Returns
        -------
        The remark; empty where there is none.
        """
        return written(self.note_zh) if lang == "zh" else self.note_en

    def walks(self) -> list[tuple[str, str | None]]:
        """List the kinds and tiers to whose nearest facility travel times are needed."""
        found: dict[tuple[str, str | None], None] = {}
        for target in self.targets.values():
            if target.indicator in {"people_coverage", "farthest"} or "reached" in target.by:
                found |= dict.fromkeys((kind, target.tier) for kind in target.kind)
            found |= dict.fromkeys((need.kind, need.tier) for need in target.requires)
        return list(found)
