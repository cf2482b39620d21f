"""Facts with a stand-in for what is missing, so that the next thing lacking shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from planner.district.assessment.asked_columns import TABLE_OF, wanted_of
from planner.district.assessment.balance import by_unit
from planner.district.assessment.facts import Facts
from planner.district.assessment.indicators import evaluate
from planner.district.assessment.lack import Lack
from planner.district.assessment.status import applies
from planner.district.assessment.tiers import walk
from planner.district.tables import contract_columns
from planner.standards import Kind, Target

LINKS = ("delivery", "assignment", "outreach")


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


def supplied(
    facts: Facts, target: Target, why: tuple[str, Mapping[str, Any]]
) -> tuple[Lack | None, Facts]:
    """Name what is missing, and return the facts with a stand-in for it.

    Parameters
    ----------
    facts
        The facts of the district, stand-ins of before among them.
    target
        A target without a figure.
    why
        The reason: a key of the texts, and its values.

    Returns
    -------
    What is missing, None for travel times alone; and the facts with a stand-in.

    Raises
    ------
    KeyError
        If the reason is one that no stand-in is known for: a fault of the program.
    """
    key, told = why
    base = target if target.base is None else target.base
    kinds = base.kind or tuple(dict.fromkeys(need.kind for need in base.requires))
    match key:
        case "no_kind":
            kinds = tuple(str(told["kind"]).split(", "))
            return Lack(place="facilities", kinds=kinds), _with_kinds(facts, kinds)
        case "no_tier":
            return _with_tiers(facts, base, tuple(str(told["kind"]).split(", ")))
        case "no_column" | "some_missing" | "zero_in_rows":
            return _with_column(facts, base, kinds, told)
        case "some_communities":
            column = str(told["column"])
            people = pd.to_numeric(facts.communities[column]).fillna(1.0)
            table = facts.communities.assign(**{column: people})
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
        case "no_metres":
            return Lack(place="scenario", column="walking"), replace(facts, speed_mps=1.0)
        case "beyond_search":
            lack = Lack(place="scenario", column="search_min")
            return lack, replace(facts, times=facts.times.fillna(0.0))
        case "parts_missing":
            return supplied(facts, *_part_missing(facts, target))
    raise KeyError(key)


def _with_tiers(facts: Facts, base: Target, kinds: tuple[str, ...]) -> tuple[Lack, Facts]:
    """Return the lack of tiers, and facts in which facilities have those that are asked for."""
    asked = {need.kind: need.tier for need in base.requires}
    tiers = asked | dict.fromkeys(base.kind, base.tier)
    told = facts.facilities
    tier = told["kind"].map(tiers).where(told["kind"].isin(kinds)).fillna(told["tier"])
    lack = Lack(place="facilities", kinds=kinds, column="tier")
    return lack, replace(facts, facilities=told.assign(tier=tier))


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
    match TABLE_OF.get(target.indicator, "facilities"):
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
