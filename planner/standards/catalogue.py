"""The catalogue of targets: one TOML file for each document or standard.

A profile is such a file, read and checked. It may extend others, in which case a target of the
same id replaces theirs; users add files of their own. What an indicator needs to be told stands in
``indicators.toml``; what it computes, in `planner.district.assessment`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import pydantic

from planner.errors import InputError, Problems, SettingsError, did_you_mean, fail
from planner.standards.presets import Kind, kinds
from planner.standards.targets import Profile, Reported, Target, step_of
from planner.toml_traps import toml_remedy


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
    """Read a profile, or combine several.

    Parameters
    ----------
    names
        Names in the catalogue, or paths of files that end in ``.toml``.
    folder
        What paths are relative to.
    known_kinds
        Kinds of facility beside those of the catalogue, by id.

    Returns
    -------
    The targets, those of extended profiles among them.

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


def with_reported(
    profile: Profile, entries: Sequence[Mapping[str, Any]], *, file: str = "reported"
) -> Profile:
    """Return targets with the figures that a bureau reported beside them.

    Parameters
    ----------
    profile
        The targets.
    entries
        Each names its ``target`` and what was reported: ``numerator``, ``share``,
        ``denominator``, ``year``, ``total``, ``or_more``.
    file
        What the messages call the entries.

    Returns
    -------
    The targets.

    Raises
    ------
    SettingsError
        If a target does not exist, or an entry does not hold. All at once.
    """
    problems = Problems()
    targets = dict(profile.targets)
    for row, entry in enumerate(entries, 1):
        key = str(entry.get("target"))
        if key not in targets:
            problems.add(
                "standards.reported_of_nothing",
                file=file,
                row=row,
                value=key,
                hint=did_you_mean(key, targets),
            )
            continue
        try:
            said = Reported.model_validate({k: v for k, v in entry.items() if k != "target"})
        except pydantic.ValidationError as error:
            _note_errors(error, Reported, file, problems)
            continue
        targets[key] = targets[key].model_copy(update={"reported": said})
    problems.raise_any(SettingsError)
    return profile.model_copy(update={"targets": targets})


def with_not_applicable(
    profile: Profile, reasons: Mapping[str, str], *, file: str = "not_applicable"
) -> Profile:
    """Return targets, some of which do not concern the district.

    Parameters
    ----------
    profile
        The targets.
    reasons
        Why a target does not apply, by its key.
    file
        What the messages call the entries.

    Returns
    -------
    The targets.

    Raises
    ------
    SettingsError
        If a target does not exist, or has no reason. All at once.
    """
    problems = Problems()
    targets = dict(profile.targets)
    for key, why in reasons.items():
        if key not in targets:
            hint = did_you_mean(key, targets)
            problems.add("standards.excuses_nothing", file=file, value=key, hint=hint)
        elif not why.strip():
            problems.add("standards.no_excuse", file=file, value=key)
        else:
            targets[key] = targets[key].model_copy(update={"not_applicable": why.strip()})
    problems.raise_any(SettingsError)
    return profile.model_copy(update={"targets": targets})


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
        hint = did_you_mean(gone, inherited)
        problems.add("standards.drops_nothing", file=file, value=gone, hint=hint)
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
            hint = did_you_mean(target.target, targets)
            problems.add(
                "standards.unknown_target", file=file, row=key, value=target.target, hint=hint
            )
    return profile.model_copy(update={"targets": targets})


def _content(name: str | Path, folder: Path) -> tuple[dict[str, Any], str, Path]:
    """Read a profile's file: of the catalogue, or of the user."""
    if not str(name).endswith(".toml"):
        if name not in profile_names():
            hint = did_you_mean(name, profile_names())
            raise fail(SettingsError, "standards.unknown_profile", value=name, hint=hint)
        found = files(__package__).joinpath("profiles", f"{name}.toml").read_text("utf-8")
        return tomllib.loads(found), str(name), folder
    path, written = folder / name, ""
    try:
        written = path.read_text("utf-8-sig")
        return tomllib.loads(written), str(name), path.parent
    except FileNotFoundError:
        raise fail(InputError, "standards.no_file", file=str(name)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
        told: dict[str, Any] = {"value": str(error), "hint": toml_remedy(written, str(error))}
        raise fail(InputError, "standards.not_toml", file=str(name), **told) from None


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
        _note_errors(error, Profile, file, problems)
        return None


def _note_errors(
    error: pydantic.ValidationError,
    model: type[pydantic.BaseModel],
    file: str,
    problems: Problems,
) -> None:
    """Note each thing that pydantic found wrong."""
    for found in error.errors():
        loc = found["loc"]
        path = ".".join(str(step) for step in loc if step != "[key]")
        if found["type"] == "extra_forbidden":
            inner = Target if loc[0] == "targets" else model
            hint = did_you_mean(loc[-1], inner.model_fields)
            problems.add("standards.unknown_key", file=file, value=path, hint=hint)
        elif found["type"] == "missing":
            problems.add("standards.missing_key", file=file, value=path)
        else:
            problems.add(
                "standards.wrong_value",
                file=file,
                value=found["input"],
                key=path,
                expected=found["msg"],
            )


def _check(profile: Profile, file: str, known: Mapping[str, Kind], problems: Problems) -> None:
    """Check that what the targets name exists, and that each says what its indicator needs."""
    for target in profile.targets.values():
        where = {"file": file, "row": target.id}
        if target.indicator not in indicators():
            problems.add(
                "standards.unknown_indicator",
                **where,
                value=target.indicator,
                hint=did_you_mean(target.indicator, indicators()),
            )
            continue
        _check_parameters(target, where, problems)
        needs = [(need.kind, need.tier) for need in target.requires]
        for kind, tier in [*((kind, target.tier) for kind in target.kind), *needs]:
            if kind not in known:
                hint = did_you_mean(kind, known)
                problems.add("standards.unknown_kind", **where, value=kind, hint=hint)
            elif tier is not None and tier not in known[kind].tiers:
                hint = did_you_mean(tier, known[kind].tiers)
                problems.add("standards.unknown_tier", **where, value=tier, kind=kind, hint=hint)


def _check_parameters(target: Target, where: dict[str, str], problems: Problems) -> None:
    entry = indicators()[target.indicator]
    given = set(target.model_fields_set)
    for need in entry["needs"]:
        if not given & set(need.split("|")):
            problems.add("standards.needs", **where, value=target.indicator, key=need)
    described = {
        "id", "profile", "zh", "en", "indicator", "must", "aim", "until", "sense", "source",
        "clause", "grade", "rows", "reported", "scope", "not_applicable",
    }  # fmt: skip
    allowed = described.union(entry["may"], *(need.split("|") for need in entry["needs"]))
    for key in sorted(given - allowed):
        problems.add("standards.not_used", **where, value=key, key=target.indicator)
    if "reached" in target.by and (target.each or target.where or target.offers):
        problems.add("standards.reached_of_some", **where)
    sign = 1 if target.sense == "at_least" else -1
    for year in {*target.must, *target.aim}:
        must, aim = step_of(target.must, year)[0], step_of(target.aim, year)[0]
        if must is not None and aim is not None and sign * aim < sign * must:
            problems.add("standards.aim_below_must", **where, value=f"{aim:g}", must=f"{must:g}")


def _together(profiles: Sequence[Profile], problems: Problems) -> Profile:
    """Combine profiles, noting where they contradict each other."""
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
        registered={key: one for each in profiles for key, one in each.registered.items()},
    )


def _contradictions(ones: Iterable[Target], others: Iterable[Target], problems: Problems) -> None:
    """Note each pair of targets that ask differently of the same thing in the same year."""
    known: dict[str, list[Target]] = {}
    for one in ones:
        known.setdefault(one.question(), []).append(one)
    for other in others:
        for one in known.get(other.question(), []):
            for year in sorted({*one.must, *other.must, 0}):
                mine, yours = _asked(one, year), _asked(other, year)
                if mine and yours and mine != yours:
                    problems.add(
                        "standards.contradiction",
                        value=f"{one.profile}/{one.id}",
                        other=f"{other.profile}/{other.id}",
                        one_must=mine,
                        other_must=yours,
                        when=str(year or "-"),
                    )
                    break


def _asked(target: Target, year: int) -> str:
    """Return what a target asks for in a year; None before its first step and after its last."""
    must, _, due = target.threshold(year)
    asked = [] if must is None or due else [f"{must:g}"]
    asked += [f"≥ {target.least:g}"] if target.least is not None else []
    asked += [f"≤ {target.most:g}"] if target.most is not None else []
    return ", ".join(asked)
