"""The catalogue of targets: one TOML file for each document or standard.

A profile is such a file, read and checked. It may extend others, in which case a target of the
same id replaces theirs; users add files of their own. What an indicator needs to be told stands in
``indicators.toml``; what it computes, in `planner.assessment`.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

import pydantic
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from planner.errors import InputError, Problems, SettingsError, fail
from planner.language import Lang
from planner.standards.presets import Grade, Kind, kinds

Mode = Literal["has", "reached", "delivery", "assignment", "outreach", "one_link", "delivered"]
Spread = Literal["max_min", "gini", "cv"]


def _steps(given: Any) -> Any:
    """Take a plain threshold as one that holds in every year."""
    return {0: given} if isinstance(given, int | float) else given


def _several(given: Any) -> Any:
    return (given,) if isinstance(given, str) else given


Names = Annotated[tuple[str, ...], BeforeValidator(_several)]
Steps = Annotated[dict[int, float], BeforeValidator(_steps)]
Bounds = float | tuple[float, float]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Need(_Part):
    """What a living circle must hold: a kind (of a tier) within so many minutes."""

    kind: str
    tier: str | None = None
    minutes: Annotated[float, Field(gt=0)]


class Reported(_Part):
    """A figure as a bureau reported it: a number, a share as printed (``"80%"``), or both.

    ``total`` names what the share is a share of, where several figures claim the same;
    ``or_more`` says that the number is a least one ("over 2,000").
    """

    numerator: float | None = None
    share: Annotated[str | None, Field(pattern=r"^\d+(\.\d+)?\s*[%‰]?$")] = None
    denominator: float | None = None
    year: int | None = None
    total: str | None = None
    or_more: bool = False


class Target(_Part):
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
    group, minutes
        The people who count, and the limit on foot; those of the run if not given.
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
    must, aim
        The threshold, and the one aspired to; by year where they rise in steps.
    sense
        Whether more is better.
    source, clause, grade
        Where it stands, and how far that was checked.
    rows
        Further numbers under which it is known.
    reported
        The figure as reported.
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
    minutes: Annotated[float, Field(gt=0)] | None = None
    column: str | None = None
    of: str | None = None
    per: Annotated[float, Field(gt=0)] = 1
    least: float | None = None
    most: float | None = None
    requires: tuple[Need, ...] = ()
    target: str | None = None
    base: Target | None = None
    across: str | None = None
    measure: Spread | None = None
    must: Steps = {}
    aim: Steps = {}
    sense: Literal["at_least", "at_most"] = "at_least"
    source: str = ""
    clause: str = ""
    grade: Grade = "unverified"
    rows: Names = ()
    reported: Reported | None = None

    def name(self, lang: Lang) -> str:
        """Give what it says, for readers."""
        return self.zh if lang == "zh" else self.en

    @property
    def stepped(self) -> bool:
        """Whether a threshold depends on the year."""
        return any(year for year in (*self.must, *self.aim))

    def threshold(self, year: int | None) -> tuple[float | None, float | None, int | None]:
        """Find what holds in a year: must, aim, and the year it is due in if that is to come.

        The latest step up to the year holds; before the first one, that one is to come.

        Examples
        --------
        >>> steps = {2022: 0.2, 2023: 0.4}
        >>> target = Target(id="t", zh="", en="", indicator="facilities", must=steps)
        >>> target.threshold(2024), target.threshold(2020)
        ((0.4, None, None), (0.2, None, 2022))
        """
        must, due = _step(self.must, year)
        aim, aim_due = _step(self.aim, year)
        return must, aim, due if self.must else aim_due

    def question(self) -> str:
        """Say what is measured, apart from what is asked of it: equal for comparable targets."""
        said = {
            "id", "profile", "zh", "en", "must", "aim", "source", "clause", "grade", "rows",
            "reported", "base",
        }  # fmt: skip
        return self.model_dump_json(exclude=said, exclude_defaults=True)


class Profile(_Part):
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

    def name(self, lang: Lang) -> str:
        """Give the name shown to readers."""
        return self.zh if lang == "zh" else self.en

    def note(self, lang: Lang) -> str:
        """Give the remark for readers."""
        return self.note_zh if lang == "zh" else self.note_en

    def walks(self) -> list[tuple[str, str | None]]:
        """List the kinds and tiers to whose nearest facility travel times are needed."""
        found: dict[tuple[str, str | None], None] = {}
        for target in self.targets.values():
            if target.indicator in WALKED or "reached" in target.by:
                found |= dict.fromkeys((kind, target.tier) for kind in target.kind)
            found |= dict.fromkeys((need.kind, need.tier) for need in target.requires)
        return list(found)


WALKED = {"people_coverage", "farthest"}


@cache
def indicators() -> dict[str, dict[str, Any]]:
    """Read what each indicator is called (``zh``, ``en``), ``needs`` and ``may`` be told."""
    found = tomllib.loads(files(__package__).joinpath("indicators.toml").read_text("utf-8"))
    return {str(name): entry for name, entry in found.items()}


def profile_names() -> list[str]:
    """List the profiles of the catalogue."""
    folder = files(__package__).joinpath("profiles")
    return sorted(
        file.name.removesuffix(".toml") for file in folder.iterdir() if file.name.endswith(".toml")
    )


def read_profile(
    names: str | Path | Sequence[str | Path],
    *,
    folder: Path | None = None,
    known_kinds: Mapping[str, Kind] | None = None,
) -> Profile:
    """Read a profile, or put several together.

    Parameters
    ----------
    names
        Names in the catalogue, or paths of files that end in ``.toml``.
    folder
        What paths are relative to.
    known_kinds
        Kinds of facility beside those of the catalogue, by id.

    Raises
    ------
    InputError
        If a file is missing or is not TOML.
    SettingsError
        If a profile, an indicator, a kind, a tier or a key does not exist, a target lacks what
        its indicator needs, or two profiles ask differently of the same thing. All at once.

    Examples
    --------
    >>> len(read_profile("ningbo-home-care").targets)
    0
    """
    wanted = [names] if isinstance(names, str | Path) else list(names)
    problems = Problems()
    known = {**kinds(), **(known_kinds or {})}
    found = [_resolved(name, folder or Path(), (), known, problems) for name in wanted]
    read = [profile for profile in found if profile is not None]
    combined = _together(read, problems)
    problems.raise_any(SettingsError)
    return combined


def _resolved(
    name: str | Path,
    folder: Path,
    trail: tuple[str, ...],
    known: Mapping[str, Kind],
    problems: Problems,
) -> Profile | None:
    """Read one profile, and take over the targets of those it extends."""
    content, file, here = _content(name, folder)
    label = Path(file).stem
    if file in trail:
        problems.add("standards.circle", file=file, value=" → ".join([*trail, file]))
        return None
    profile = _validated(content, label, file, problems)
    if profile is None:
        return None
    _check(profile, file, known, problems)
    parents = [
        _resolved(parent, here, (*trail, file), known, problems) for parent in profile.extends
    ]
    inherited = _together([parent for parent in parents if parent is not None], problems).targets
    for gone in set(profile.drop) - set(inherited):
        problems.add("standards.drops_nothing", file=file, value=gone, known=", ".join(inherited))
    targets = {key: one for key, one in inherited.items() if key not in profile.drop}
    _contradictions(
        [one for key, one in targets.items() if key not in profile.targets],
        profile.targets.values(),
        problems,
    )
    targets |= profile.targets
    for key, target in targets.items():
        if target.target in targets:
            targets[key] = target.model_copy(update={"base": targets[target.target]})
        elif target.target is not None:
            others = ", ".join(targets)
            problems.add(
                "standards.unknown_target", file=file, row=key, value=target.target, known=others
            )
    return profile.model_copy(update={"targets": targets})


def _content(name: str | Path, folder: Path) -> tuple[dict[str, Any], str, Path]:
    """Read a profile's file: of the catalogue, or of the user."""
    if not str(name).endswith(".toml"):
        if name not in profile_names():
            near = difflib.get_close_matches(str(name), profile_names(), n=3, cutoff=0.4)
            known = ", ".join(near or profile_names())
            raise fail(SettingsError, "standards.unknown_profile", value=name, known=known)
        found = files(__package__).joinpath("profiles", f"{name}.toml").read_text("utf-8")
        return tomllib.loads(found), str(name), folder
    path = folder / name
    try:
        return tomllib.loads(path.read_text("utf-8-sig")), str(name), path.parent
    except FileNotFoundError:
        raise fail(InputError, "standards.no_file", file=str(name)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise fail(InputError, "standards.not_toml", file=str(name), value=str(error)) from None


def _validated(
    content: dict[str, Any], label: str, file: str, problems: Problems
) -> Profile | None:
    """Bring a file's content to a profile; its source and grade hold where a target has none."""
    raw: Any = content.get("targets", {})
    defaults = {key: content[key] for key in ("source", "grade") if key in content}
    if isinstance(raw, dict):
        raw = {
            key: {**defaults, **entry, "id": key, "profile": label}
            if isinstance(entry, dict)
            else entry
            for key, entry in raw.items()
        }
    try:
        return Profile.model_validate({**content, "id": label, "targets": raw})
    except pydantic.ValidationError as error:
        for found in error.errors():
            loc = found["loc"]
            path = ".".join(str(step) for step in loc if step != "[key]")
            if found["type"] == "extra_forbidden":
                model = Target if loc[0] == "targets" else Profile
                known = list(model.model_fields)
                near = difflib.get_close_matches(str(loc[-1]), known, n=1, cutoff=0.5) or known
                problems.add(
                    "standards.unknown_key", file=file, value=path, nearest=", ".join(near)
                )
            elif found["type"] == "missing":
                problems.add("standards.missing_key", file=file, value=path)
            else:
                problems.add(
                    "standards.wrong_value", file=file, value=found["input"], key=path,
                    expected=found["msg"],
                )  # fmt: skip
        return None


def _check(profile: Profile, file: str, known: Mapping[str, Kind], problems: Problems) -> None:
    """Check that what the targets name exists, and that each says what its indicator needs."""
    for target in profile.targets.values():
        where = {"file": file, "row": target.id}
        if target.indicator not in indicators():
            near = difflib.get_close_matches(target.indicator, indicators(), n=3, cutoff=0.4)
            problems.add(
                "standards.unknown_indicator",
                **where,
                value=target.indicator,
                known=", ".join(near or indicators()),
            )
            continue
        _check_parameters(target, where, problems)
        needs = [(need.kind, need.tier) for need in target.requires]
        for kind, tier in [*((kind, target.tier) for kind in target.kind), *needs]:
            if kind not in known:
                near = difflib.get_close_matches(kind, known, n=3, cutoff=0.4) or list(known)
                problems.add("standards.unknown_kind", **where, value=kind, known=", ".join(near))
            elif tier is not None and tier not in known[kind].tiers:
                tiers = ", ".join(known[kind].tiers) or "-"
                problems.add("standards.unknown_tier", **where, value=tier, kind=kind, known=tiers)


def _check_parameters(target: Target, where: dict[str, str], problems: Problems) -> None:
    entry = indicators()[target.indicator]
    given = set(target.model_fields_set)
    for need in entry["needs"]:
        if not given & set(need.split("|")):
            problems.add("standards.needs", **where, value=target.indicator, key=need)
    described = {
        "id", "profile", "zh", "en", "indicator", "must", "aim", "sense", "source", "clause",
        "grade", "rows", "reported", "scope",
    }  # fmt: skip
    allowed = described.union(entry["may"], *(need.split("|") for need in entry["needs"]))
    for key in sorted(given - allowed):
        problems.add("standards.not_used", **where, value=key, key=target.indicator)
    if "reached" in target.by and (target.each or target.where or target.offers):
        problems.add("standards.reached_of_some", **where)
    sign = 1 if target.sense == "at_least" else -1
    for year in {*target.must, *target.aim}:
        must, aim = _step(target.must, year)[0], _step(target.aim, year)[0]
        if must is not None and aim is not None and sign * aim < sign * must:
            problems.add("standards.aim_below_must", **where, value=f"{aim:g}", must=f"{must:g}")


def _step(steps: Mapping[int, float], year: int | None) -> tuple[float | None, int | None]:
    """Find the step that holds in a year, or the first one and when it will."""
    if not steps:
        return None, None
    begun = [step for step in steps if step == 0 or (year is not None and step <= year)]
    if begun:
        return steps[max(begun)], None
    first = min(steps)
    return steps[first], first


def _together(profiles: Sequence[Profile], problems: Problems) -> Profile:
    """Put profiles together, noting where they contradict each other."""
    if len(profiles) == 1:
        return profiles[0]
    targets: dict[str, Target] = {}
    for profile in profiles:
        _contradictions(targets.values(), profile.targets.values(), problems)
        for key, target in profile.targets.items():
            same = key in targets and targets[key] != target
            targets[f"{target.profile}/{key}" if same else key] = target
    return Profile(
        id="+".join(profile.id for profile in profiles),
        zh="、".join(profile.zh for profile in profiles),
        en=", ".join(profile.en for profile in profiles),
        targets=targets,
    )


def _contradictions(ones: Iterable[Target], others: Iterable[Target], problems: Problems) -> None:
    """Note each pair of targets that ask differently of the same thing in the same year."""
    asked: dict[str, list[Target]] = {}
    for one in ones:
        asked.setdefault(one.question(), []).append(one)
    for other in others:
        for one in asked.get(other.question(), []):
            for year in sorted({*one.must, *other.must}):
                mine, yours = _step(one.must, year), _step(other.must, year)
                both = mine[1] is None and yours[1] is None
                if both and mine[0] is not None and yours[0] is not None and mine[0] != yours[0]:
                    problems.add(
                        "standards.contradiction",
                        value=f"{one.profile}/{one.id}",
                        other=f"{other.profile}/{other.id}",
                        one_must=f"{mine[0]:g}",
                        other_must=f"{yours[0]:g}",
                        when=str(year or "-"),
                    )
                    break
