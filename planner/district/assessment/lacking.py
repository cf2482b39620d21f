"""What a target without data lacks: which list, column or question would give it a figure.

Nothing is said twice: a target is measured as ever, what its figure is missing for is supplied as a
made-up stand-in, and it is measured again, until it has a figure or does not apply.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import pandas as pd

from planner.district.assessment.balance import by_unit
from planner.district.assessment.choose import NO, NOTHING, YES
from planner.district.assessment.facts import Facts
from planner.district.assessment.indicators import evaluate
from planner.district.assessment.status import applies
from planner.district.assessment.tiers import walk
from planner.district.assessment.words import data_name
from planner.district.checks import Answers
from planner.district.matching import normal
from planner.district.tables import contract_columns
from planner.language import LANGS, Lang, text
from planner.standards import Kind, Profile, Target

Place = Literal["facilities", "communities", "people", "demand", "candidates", "links", "scenario"]

LACKING = ["with_zh", "with_en", "answers", "targets"]
MOST_STEPS = 60
UNGRADED = ("其他", "一般", "普通", "未定级", "other")
LINKS = ("delivery", "assignment", "outreach")
_OF = {"candidate_sites": "candidates", "units": "communities", "unit_share": "communities"}


@dataclass(frozen=True, kw_only=True)
class Lack:
    """One thing that a target lacks.

    Parameters
    ----------
    place
        Where it belongs: the list of facilities of some kinds, the communities, the counts of
        people, the demand points, the candidates, the links of some kinds, or the scenario.
    kinds
        The kinds of facility; of several, any one does for the list.
    column
        The column, or the key of the scenario; None where the whole list is lacking.
    rows
        In how many rows the column is to be filled in; None where it is lacking as a whole.
    """

    place: Place
    kinds: tuple[str, ...] = ()
    column: str | None = None
    rows: int | None = None


def nothing_known(kinds: Mapping[str, Kind]) -> Facts:
    """Return the facts of a district that has given nothing: two communities, and their people.

    Parameters
    ----------
    kinds
        The kinds of facility known, by id.
    """
    homes = pd.Index(["?1", "?2"])
    none = pd.DataFrame(columns=["kind", "tier", "status", "opened", "operating", "community"])
    return Facts(
        communities=pd.DataFrame({"population": 1.0}, index=homes),
        demand=pd.DataFrame({"community": homes, "population": 1.0}),
        facilities=none.astype({"operating": bool}),
        earlier=None,
        links=pd.DataFrame(columns=["facility", "community", "link"]),
        times=pd.DataFrame(index=range(len(homes))),
        kinds=kinds,
        held=frozenset(),
        linked=frozenset(),
        supplies=pd.DataFrame(columns=["facility", "station", "link"]),
        groups=("population",),
        group="population",
        cutoff_min=15,
        covered_share=0.5,
        speed_mps=1.0,
    )


def lacks(facts: Facts, target: Target) -> tuple[Lack, ...]:
    """Return all that a target lacks to have a figure.

    Parameters
    ----------
    facts
        The facts of the district.
    target
        The target.

    Returns
    -------
    What is lacking, in the order in which it is asked for; empty for a target that has a figure or
    does not apply.
    """
    found: dict[Lack, None] = {}
    for _ in range(MOST_STEPS):
        why = evaluate(facts, target).why
        if why is None or not applies(why):
            break
        lack, facts = _supplied(facts, target, why)
        if lack is not None:
            found[lack] = None
    return tuple(found)


def lacking(
    facts: Facts, profile: Profile, among: Iterable[str] | None = None
) -> dict[tuple[Lack, ...], list[str]]:
    """Return what would give the targets without data a figure, what answers most of them first.

    Parameters
    ----------
    facts
        The facts of the district.
    profile
        The targets.
    among
        Keys of those to look at, such as those without data; all if not given.

    Returns
    -------
    Keys of targets by all that they lack together: each has a figure, or is known not to apply,
    once all of it is there.
    """
    found: dict[tuple[Lack, ...], list[str]] = {}
    for key in profile.targets if among is None else among:
        if lack := lacks(facts, profile.targets[key]):
            found.setdefault(lack, []).append(key)
    return dict(sorted(found.items(), key=lambda entry: (-len(entry[1]), len(entry[0]))))


def lacking_table(
    found: Mapping[tuple[Lack, ...], list[str]], profile: Profile, kinds: Mapping[str, Kind]
) -> pd.DataFrame:
    """Return what is lacking in words.

    Parameters
    ----------
    found
        What `lacking` gives.
    profile
        The targets.
    kinds
        The kinds of facility known, by id.

    Returns
    -------
    ``with_zh`` and ``with_en``: what would answer targets; ``answers``: how many; ``targets``:
    their numbers. What answers most comes first.
    """
    rows = [
        [
            *(say_lacks(lack, kinds, lang) for lang in LANGS),
            len(keys),
            ", ".join(dict.fromkeys(profile.targets[key].id for key in keys)),
        ]
        for lack, keys in found.items()
    ]
    return pd.DataFrame(rows, columns=LACKING)


def say_lacks(lack: Iterable[Lack], kinds: Mapping[str, Kind], lang: Lang) -> str:
    """Return in words what is lacking; the columns of a list stand with it.

    Parameters
    ----------
    lack
        What is lacking.
    kinds
        The kinds of facility known, by id.
    lang
        Language of the words.
    """
    told: list[str] = []
    rest = list(lack)
    while rest:
        one = rest.pop(0)
        same = [other for other in rest if (other.place, other.kinds) == (one.place, one.kinds)]
        rest = [other for other in rest if other not in same]
        whole = one.column is None
        columns = [other for other in ([] if whole else [one]) + same if other.column is not None]
        told.append(_list_in_words(one, columns, kinds, lang, whole=whole))
    return text("assessment.lacking.plus", lang).join(told)


def _list_in_words(
    one: Lack, columns: list[Lack], kinds: Mapping[str, Kind], lang: Lang, *, whole: bool
) -> str:
    names = [kinds[kind].name(lang) for kind in one.kinds]
    kind = text("assessment.lacking.or", lang).join(names)
    if one.place == "scenario":
        return text("problems.comma", lang).join(
            text(f"assessment.lacking.scenario_{column.column}", lang, kind=kind)
            for column in columns
        )
    said = [
        text("assessment.lacking.column", lang, column=data_name(str(column.column), lang))
        if column.rows is None
        else text(
            "assessment.lacking.rows", lang, column=data_name(str(column.column), lang),
            n=column.rows,
        )
        for column in columns
    ]  # fmt: skip
    place = text(f"assessment.lacking.{one.place}", lang, kind=kind)
    if not said:
        return place
    comma = text("problems.comma", lang)
    key = "whole_with" if whole else "only"
    return text(f"assessment.lacking.{key}", lang, place=place, columns=comma.join(said))


def answers_of(profile: Profile, kinds: Mapping[str, Kind], table: str) -> list[Answers]:
    """Return the columns of a table that targets ask for yes or no, or for a tier.

    Parameters
    ----------
    profile
        The targets.
    kinds
        The kinds of facility known, by id.
    table
        ``facilities``, ``communities`` or ``candidates``.

    Returns
    -------
    The columns and the words that they may hold; the words of a tier for each kind.
    """
    found: dict[str, set[str]] = {}
    graded: dict[str, dict[str, None]] = {}
    for target in profile.targets.values():
        if _OF.get(target.indicator, "facilities") == table:
            for column, wanted in target.where.items():
                if isinstance(wanted, bool):
                    found.setdefault(column, set()).update(target.kind)
        if table != "facilities":
            continue
        tiers = [(kind, target.tier) for kind in target.kind]
        for kind, tier in [*tiers, *((need.kind, need.tier) for need in target.requires)]:
            if tier is not None:
                graded.setdefault(kind, {}).update(dict.fromkeys(kinds[kind].siblings(tier)))
    yes_or_no = frozenset(YES | NO)
    answers = [
        Answers(column=column, kinds=frozenset(own), known=yes_or_no, shown=(yes(), no()))
        for column, own in found.items()
    ]
    for kind, asked in graded.items():
        names = kinds[kind].tiers
        # A facility may be of no tier: then it bears the kind's own name, or a word for none.
        plain = (kinds[kind].zh, kinds[kind].en, *kinds[kind].aliases, *UNGRADED)
        every = {normal(one) for tier, own in names.items() for one in (tier, *own)}
        every |= {normal(one) for one in plain} | NOTHING
        shown = tuple(own[0] for tier, own in names.items() if tier in asked)
        answers.append(
            Answers(column="tier", kinds=frozenset({kind}), known=frozenset(every), shown=shown)
        )
    return answers


def yes() -> str:
    """Return the word for yes in lists."""
    return text("words.yes", "zh")


def no() -> str:
    """Return the word for no in lists."""
    return text("words.no", "zh")


def wanted_of(target: Target, column: str) -> tuple[str | bool, ...]:
    """Return the words that a target asks a column for: empty where any value does.

    Parameters
    ----------
    target
        The target.
    column
        A column of facilities, candidates or communities.

    Returns
    -------
    Words as the profile has them; True or False where yes or no is asked.
    """
    found: list[str | bool] = []
    for one in (target, target.base):
        for asked in ({}, {}) if one is None else (one.where, one.scope):
            wanted = asked.get(column)
            if wanted is not None and wanted != "*":
                found += wanted if isinstance(wanted, list) else [wanted]
    return tuple(dict.fromkeys(found))


def _supplied(
    facts: Facts, target: Target, why: tuple[str, Mapping[str, Any]]
) -> tuple[Lack | None, Facts]:
    """Name what is missing, and return the facts with a stand-in for it."""
    key, told = why
    base = target if target.base is None else target.base
    kinds = base.kind or tuple(dict.fromkeys(need.kind for need in base.requires))
    match key:
        case "no_kind":
            kinds = tuple(str(told["kind"]).split(", "))
            return Lack(place="facilities", kinds=kinds), _with_kinds(facts, kinds)
        case "no_tier":
            kinds = tuple(str(told["kind"]).split(", "))
            tiers = {need.kind: need.tier for need in base.requires} | dict.fromkeys(
                base.kind, base.tier
            )
            tier = facts.facilities["kind"].map(tiers).where(facts.facilities["kind"].isin(kinds))
            table = facts.facilities.assign(tier=tier.fillna(facts.facilities["tier"]))
            lack = Lack(place="facilities", kinds=kinds, column="tier")
            return lack, replace(facts, facilities=table)
        case "no_column" | "some_missing" | "zero_in_rows":
            return _with_column(facts, base, kinds, told)
        case "some_communities":
            column = str(told["column"])
            table = facts.communities.fillna({column: 1.0})
            lack = Lack(place="communities", column=column, rows=_some(told))
            return lack, replace(facts, communities=table)
        case "no_level" | "scope_unsaid":
            return _with_level(facts, base, kinds, told)
        case "no_group":
            return _with_group(facts, str(told["group"]))
        case "no_links":
            return Lack(place="links", kinds=kinds), _with_links(facts, kinds)
        case "no_candidates":
            sites = pd.DataFrame({"community": facts.communities.index})
            return Lack(place="candidates"), replace(facts, candidates=sites)
        case "no_year":
            return Lack(place="scenario", column="year"), replace(facts, earlier=facts.facilities)
        case "no_allocation":
            group = base.group or facts.group
            rows = [{"kind": kind, "group": group, "people": 1.0, "served": 1.0} for kind in kinds]
            served = _more(facts.served, facts, rows)
            return Lack(place="scenario", kinds=kinds, column="service"), replace(
                facts, served=served
            )
        case "no_deliveries":
            rows = [{"kind": kind, "minutes": 1.0} for kind in kinds]
            delivered = _more(facts.delivered, facts, rows)
            return Lack(place="scenario", kinds=kinds, column="delivery"), replace(
                facts, delivered=delivered
            )
        case "no_times":
            names = str(told["what"]).split(", ")
            return None, replace(facts, times=facts.times.assign(**dict.fromkeys(names, 0.0)))
        case "beyond_search":
            lack = Lack(place="scenario", column="search_min")
            return lack, replace(facts, times=facts.times.fillna(0.0))
        case "parts_missing":
            return _supplied(facts, *_part_missing(facts, target))
    raise KeyError(key)


def _part_missing(facts: Facts, target: Target) -> tuple[Target, tuple[str, Mapping[str, Any]]]:
    """Return the target of the first part of a balance without data, and what it lacks."""
    assert target.base is not None  # noqa: S101  a balance has one
    parts = by_unit(facts, target.base, str(target.across), evaluate)
    lost = parts[parts["value"].isna() & parts["why"].map(applies)]
    part: Any = lost.index[0]
    update = {"group": {"group": part}, "kind": {"kind": (part,)}}.get(str(target.across), {})
    return target.base.model_copy(update=update), lost["why"].iloc[0]


def _some(told: Mapping[str, Any]) -> int | None:
    """Return in how many rows a column is to be filled in; None where that is every row."""
    return None if "n" not in told or told["n"] == told["of"] else int(told["n"])


def _with_kinds(facts: Facts, kinds: Iterable[str]) -> Facts:
    """Build the facts with a facility of each kind in every community."""
    rows = [
        {"kind": kind, "tier": None, "status": "existing", "operating": True, "community": home}
        for kind in kinds
        for home in facts.communities.index
    ]
    new = pd.DataFrame(rows, index=[f"?{row['kind']}/{row['community']}" for row in rows])
    walks = {walk(kind, tier): 0.0 for kind in kinds for tier in (None, *facts.kinds[kind].tiers)}
    return replace(
        facts,
        facilities=pd.concat([facts.facilities, new]),
        held=facts.held | set(kinds),
        times=facts.times.assign(**walks),
    )


def _with_column(
    facts: Facts, target: Target, kinds: tuple[str, ...], told: Mapping[str, Any]
) -> tuple[Lack, Facts]:
    """Fill in a column of the facilities, the candidates or the communities."""
    column = str(told["column"])
    value = _value(target, column)
    match _OF.get(target.indicator, "facilities"):
        case "communities":
            lack = Lack(place="communities", column=column, rows=_some(told))
            table = facts.communities.assign(**{column: value})
            return lack, replace(facts, communities=table)
        case "candidates":
            assert facts.candidates is not None  # noqa: S101  else it is they that are missing
            lack = Lack(place="candidates", column=column, rows=_some(told))
            return lack, replace(facts, candidates=facts.candidates.assign(**{column: value}))
    held = tuple(kind for kind in kinds if kind in facts.held)
    lack = Lack(place="facilities", kinds=held, column=column, rows=_some(told))
    earlier = None if facts.earlier is None else _filled(facts.earlier, column, held, value)
    table = _filled(facts.facilities, column, held, value)
    return lack, replace(facts, facilities=table, earlier=earlier)


def _filled(
    table: pd.DataFrame, column: str, kinds: Iterable[str], value: str | float
) -> pd.DataFrame:
    cells = table[column] if column in table else pd.Series(None, table.index, dtype=object)
    return table.assign(**{column: cells.astype(object).mask(table["kind"].isin(kinds), value)})


def _value(target: Target, column: str) -> str | float:
    """Return a value of a column that a target understands."""
    if column == "services":
        return "、".join(target.offers) or "-"
    wanted = wanted_of(target, column)
    if not wanted:
        return "有" if column in target.where else 1.0
    first = wanted[0]
    return first if not isinstance(first, bool) else "是" if first else "否"


def _with_level(
    facts: Facts, target: Target, kinds: tuple[str, ...], told: Mapping[str, Any]
) -> tuple[Lack, Facts]:
    """Fill in a level of units: of the communities, or, where it is finer, of homes and places."""
    column = str(told.get("level", told.get("column")))
    if column in contract_columns("demand"):
        if column not in facts.demand or facts.demand[column].isna().all():
            table = facts.demand.assign(**{column: facts.demand["community"]})
            return Lack(place="demand", column=column), replace(facts, demand=table)
        table = facts.facilities.assign(**{column: facts.facilities["community"]})
        return Lack(place="facilities", kinds=kinds, column=column), replace(
            facts, facilities=table
        )
    wanted = wanted_of(target, column)
    units = pd.Series(facts.communities.index.astype(str), facts.communities.index, dtype=object)
    units = units.mask(units.notna(), wanted[0]) if wanted else units
    known = facts.communities[column] if column in facts.communities else units.mask(units.notna())
    table = facts.communities.assign(**{column: known.where(known.notna(), units)})
    lack = Lack(place="communities", column=column, rows=_some(told))
    return lack, replace(facts, communities=table)


def _with_group(facts: Facts, group: str) -> tuple[Lack, Facts]:
    """Count a group of people, or a column of the communities."""
    if group in contract_columns("communities"):
        table = facts.communities.assign(**{group: 1.0})
        return Lack(place="communities", column=group), replace(facts, communities=table)
    new = replace(
        facts,
        groups=(*facts.groups, group),
        demand=facts.demand.assign(**{group: 1.0}),
    )
    return Lack(place="people", column=group), new


def _with_links(facts: Facts, kinds: Iterable[str]) -> Facts:
    own = facts.facilities[facts.facilities["kind"].isin(list(kinds))]
    rows = [
        {"facility": label, "community": home, "link": link}
        for label, home in own["community"].items()
        for link in LINKS
    ]
    links = pd.concat([facts.links, pd.DataFrame(rows)]) if rows else facts.links
    return replace(facts, links=links, linked=facts.linked | set(kinds))


def _more(table: pd.DataFrame | None, facts: Facts, rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Add rows for every community."""
    new = pd.DataFrame(rows).merge(pd.DataFrame({"community": facts.communities.index}), "cross")
    return new if table is None else pd.concat([table, new])
