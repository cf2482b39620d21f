"""The indicators: small pure functions from facts and a target to a figure."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import pandas as pd

from planner.district.assessment.balance import by_unit, spread
from planner.district.assessment.choose import amounts, chosen, meets, truth
from planner.district.assessment.circle import completeness
from planner.district.assessment.facts import Facts, Figure, MissingError
from planner.district.assessment.status import applies
from planner.district.assessment.tiers import walk
from planner.district.assessment.units import LEVELS, of_facilities, units_of
from planner.engine.coverage import TOLERANCE_MIN
from planner.standards import Target


def evaluate(facts: Facts, target: Target) -> Figure:
    """Compute the figure of a target, within its scope.

    Parameters
    ----------
    facts
        The facts of the district.
    target
        The target, which names the indicator and what it is applied to.

    Returns
    -------
    Figure, whose value is missing and says why where it cannot be had.
    """
    unit, built = units_of(target, facts.kinds)
    if target.not_applicable is not None:
        why = ("excused", {"reason": target.not_applicable})
        return Figure(why=why, unit=unit, built=built)
    try:
        figure = INDICATORS[target.indicator](facts.scoped(target.scope), target)
    except MissingError as missing:
        figure = Figure(why=(missing.key, missing.params))
    if target.indicator == "units_meeting" and figure.deficits is None:
        built = LEVELS.get(target.unit, "units")
    return replace(figure, unit=unit, built=built)


def _facilities(facts: Facts, target: Target) -> Figure:
    """Count the facilities in operation."""
    return _total(len(chosen(facts, target)))


def _capacity(facts: Facts, target: Target) -> Figure:
    """Sum up the capacity, or another column, of the facilities in operation."""
    return _total(_summed(facts, target, target.column or "capacity"))


def _added(facts: Facts, target: Target) -> Figure:
    """Measure what facilities gained on the year before; what others lost is not set off."""
    if facts.earlier is None:
        raise MissingError("no_year")
    now, before = chosen(facts, target), chosen(facts, target, facts.earlier)
    if target.column is None:
        gained = float(len(now.index.difference(before.index)))
    else:
        have = amounts(now, target.column)
        more = have - amounts(before, target.column).reindex(now.index).fillna(0.0)
        gained = float(more.clip(lower=0).sum())
    if gained == 0 and len(now) and "opened" in now and now["opened"].isna().all():
        raise MissingError("no_column", column="opened")  # else all have stood for ever
    return _total(gained)


def _planned(facts: Facts, target: Target) -> Figure:
    """Count what is under construction or proposed and not yet in operation, or its capacity."""
    waiting = facts.facilities["status"].isin(["under_construction", "proposed"])
    found = chosen(facts, target, facts.facilities[waiting & ~facts.facilities["operating"]])
    if target.column is None:
        return _total(len(found))
    return _total(float(amounts(found, target.column).sum()))


def _unit_coverage(facts: Facts, target: Target) -> Figure:
    """Measure the share of units that have, reach or are linked to a facility of kind and tier.

    Units in which nobody of the group lives are not counted. A unit of several communities is
    reached or linked when so much of its people are as a community needs to count as reached.
    """
    covered = _covered_units(facts, target)
    return _quotient(int(covered.sum()), len(covered), "people")


def _units_covered(facts: Facts, target: Target) -> Figure:
    """Count the units that have, reach or are linked to a facility of kind and tier."""
    return _total(int(_covered_units(facts, target).sum()))


def _units_per_facility(facts: Facts, target: Target) -> Figure:
    """Measure how many units a linked facility is linked to, on average."""
    links = _links(facts, target)
    units = facts.unit_of(links, target.unit)
    pairs = pd.DataFrame({"facility": links["facility"], "unit": units}).drop_duplicates()
    return _quotient(len(pairs), pairs["facility"].nunique(), "facilities")


def _people_coverage(facts: Facts, target: Target) -> Figure:
    """Measure the share of a group that walks to a facility of kind and tier within the limit."""
    weights = _weights(facts, target)
    within = _minutes(facts, target) <= _limit(facts, target)
    return _quotient(float(weights[within].sum()), float(weights.sum()), "people")


def _served(facts: Facts, target: Target) -> Figure:
    """Measure the share of a group that is served within capacity."""
    group = target.group or facts.group
    facts.check_known(target.kind, None)
    if facts.served is None:
        raise MissingError("no_allocation")
    rows = facts.served
    rows = rows[rows["kind"].isin(target.kind) & (rows["group"] == group)]
    if rows.empty:
        raise MissingError("no_allocation")
    return _quotient(float(rows["served"].sum()), float(rows["people"].sum()), "people")


def _farthest(facts: Facts, target: Target) -> Figure:
    """Find the walk of the community farthest off, by its mean person."""
    weights, minutes = _weights(facts, target), _minutes(facts, target)
    if chosen(facts, target, anywhere=True).empty:
        raise MissingError("zero_denominator", what="facilities")
    peopled = weights > 0
    beyond = int((minutes.isna() & peopled).sum())
    if beyond:
        raise MissingError("beyond_search", n=beyond, of=int(peopled.sum()))
    home = facts.demand["community"]
    mean = (weights * minutes).groupby(home).sum() / weights.groupby(home).sum()
    if mean.dropna().empty:
        raise MissingError("zero_denominator", what="people")
    return _total(float(mean.max()))


def _ratio(facts: Facts, target: Target) -> Figure:
    """Divide what there is by whom it is for: beds per 1,000 elderly, m2 per 100 households."""
    of = str(target.of)
    top = _summed(facts, target, target.column or "capacity")
    bottom = facts.unit(target.unit).nunique() if of == "units" else _summed(facts, target, of)
    return _quotient(top, bottom, of, target.per)


def _units_meeting(facts: Facts, target: Target) -> Figure:
    """Measure the share of units that hold what each must, and what the others lack.

    What a unit holds is a column of its communities, or of the facilities that stand in it.
    Divided by ``of`` where that is named; a unit that has none of it is not counted.
    """
    column = str(target.column)
    unit = facts.unit(target.unit)
    if target.kind:
        found = chosen(facts, target)
        have = amounts(found, column).groupby(found["community"].map(unit)).sum()
        have = have.reindex(unit.dropna().unique(), fill_value=0.0)
    else:
        have = facts.people(column).groupby(unit).sum()
    base = pd.Series(1.0, index=have.index)
    if target.of:
        base = facts.people(target.of).groupby(unit).sum() / target.per
        base = base[base > 0]
        have = have.reindex(base.index)
    low, high = target.least, target.most
    short = ((low if low is not None else -math.inf) * base - have).where(lambda lack: lack > 1e-9)
    over = have > (high if high is not None else math.inf) * base + 1e-9
    deficits = tuple(sorted(short.dropna())) if low is not None and not over.any() else None
    figure = _quotient(int((short.isna() & ~over).sum()), len(have), target.of or "communities")
    return replace(figure, deficits=deficits)


def _facility_share(facts: Facts, target: Target) -> Figure:
    """Measure the share of facilities that meet a condition."""
    plain = target.model_copy(update={"each": {}, "where": {}, "offers": ()})
    found = chosen(facts, plain)
    return _quotient(int(meets(found, target).sum()), len(found), "facilities")


def _units(facts: Facts, target: Target) -> Figure:
    """Count units, of those that meet a condition where there is one."""
    return _total(_units_where(facts, target)[0])


def _unit_share(facts: Facts, target: Target) -> Figure:
    """Measure the share of units that meet a condition: one of their communities does."""
    return _quotient(*_units_where(facts, target), "communities")


def _people(facts: Facts, target: Target) -> Figure:
    """Count the people of a group."""
    return _total(float(facts.people(str(target.group)).sum()))


def _complete(facts: Facts, target: Target) -> Figure:
    """Measure the share of a group that has all that a living circle must hold."""
    found = completeness(facts, target.requires)
    row = found.people.loc[target.group or facts.group].to_dict()
    return _quotient(row["complete"], row["people"], "people")


def _balance(facts: Facts, target: Target) -> Figure:
    """Measure how far apart a figure is over zones, groups or kinds: 0 is even."""
    assert target.base is not None  # noqa: S101  filled in when the profile was read
    assert target.measure is not None  # noqa: S101  checked when the profile was read
    whole = evaluate(facts, target.base)
    if whole.why is not None:
        raise MissingError(whole.why[0], **whole.why[1])
    parts = by_unit(facts, target.base, str(target.across), evaluate)
    if len(parts) < 2:
        raise MissingError("one_part", level=target.across)
    lacking = parts[parts["value"].isna()]
    if len(lacking):
        told = ", ".join(map(str, lacking.index))
        missing = lacking["why"].map(applies).any()
        raise MissingError("parts_missing" if missing else "parts_empty", parts=told)
    return Figure(value=spread(parts["value"])[target.measure])


def _candidate_sites(facts: Facts, target: Target) -> Figure:
    """Count the sites where one could build."""
    if facts.candidates is None or facts.candidates.empty:
        raise MissingError("no_candidates")
    return _total(int(meets(facts.candidates, target).sum()))


INDICATORS: dict[str, Callable[[Facts, Target], Figure]] = {
    function.__name__.removeprefix("_"): function
    for function in (
        _facilities, _capacity, _added, _planned, _unit_coverage, _units_covered,
        _units_per_facility, _people_coverage, _served, _farthest, _ratio, _units_meeting,
        _facility_share, _units, _unit_share, _people, _complete, _balance, _candidate_sites,
    )
}  # fmt: skip


def _total(value: float) -> Figure:
    return Figure(value=value, numerator=value)


def _quotient(top: float, bottom: float, what: str, per: float = 1) -> Figure:
    if bottom == 0:
        raise MissingError("zero_denominator", what=what)
    return Figure(value=top / bottom * per, numerator=top, denominator=bottom, per=per)


def _summed(facts: Facts, target: Target, column: str) -> float:
    """Sum up a column of the facilities that a target means, or of the communities."""
    if of_facilities(target, column) or (target.kind and column == target.column):
        return float(amounts(chosen(facts, target), column).sum())
    return float(facts.people(column).sum())


def _units_where(facts: Facts, target: Target) -> tuple[int, int]:
    unit = facts.unit(target.unit)
    named = unit.notna()
    if not target.where:
        return int(unit.nunique()), int(unit.nunique())
    true = pd.Series(True, index=unit.index)
    for column, wanted in target.where.items():
        true &= truth(facts.communities, column, wanted)
    return int(unit[named & true].nunique()), int(unit.nunique())


def _weights(facts: Facts, target: Target) -> pd.Series:
    group = target.group or facts.group
    if group not in facts.groups:
        raise MissingError("no_group", group=group)
    return facts.demand[group].astype(float)


def _minutes(facts: Facts, target: Target) -> pd.Series:
    """Look up the walk to the nearest facility of any of the kinds."""
    chosen(facts, target, anywhere=True)
    names = [walk(kind, target.tier) for kind in target.kind if kind in facts.held]
    if not set(names) <= set(facts.times):
        raise MissingError("no_times", what=", ".join(set(names) - set(facts.times)))
    return facts.times[names].min(axis=1)


def _limit(facts: Facts, target: Target) -> float:
    """Find the limit on foot in minutes, whether it is given in minutes or in metres."""
    if target.metres is not None:
        if facts.speed_mps is None:
            raise MissingError("no_metres", metres=f"{target.metres:g}")
        return target.metres / facts.speed_mps / 60 + TOLERANCE_MIN
    return (target.minutes or facts.cutoff_min) + TOLERANCE_MIN


def _links(facts: Facts, target: Target) -> pd.DataFrame:
    found = chosen(facts, target, anywhere=True)
    if not facts.linked & set(target.kind):
        raise MissingError("no_links", kind=", ".join(target.kind))
    return facts.links[facts.links["facility"].isin(found.index)]


def _covered_units(facts: Facts, target: Target) -> pd.Series:
    """Return which units are covered, in any of the ways that count."""
    weights = _weights(facts, target)
    tables = (facts.demand, facts.communities)
    unit = ("unit", target.unit)
    of_demand = facts.once(unit, lambda: facts.unit_of(facts.demand, target.unit), *tables)
    counted = ("people", target.unit, weights.name)
    totals = facts.once(counted, lambda: weights.groupby(of_demand).sum(), *tables)
    totals = totals[totals > 0]
    covered = pd.Series(False, index=totals.index)
    for mode in target.by:
        if mode == "has":
            found = chosen(facts, target)
            covered |= totals.index.isin(facts.unit_of(found, target.unit).dropna())
        elif mode == "one_link":
            links = _links(facts, target)
            each = links.groupby(facts.unit_of(links, target.unit))["facility"].nunique()
            covered |= (each.reindex(totals.index) == 1).to_numpy()
        else:
            true = _person_by_person(facts, target, mode)
            share = (weights * true).groupby(of_demand).sum().reindex(totals.index) / totals
            covered |= share >= facts.covered_share - TOLERANCE_MIN
    return covered


def _person_by_person(facts: Facts, target: Target, mode: str) -> pd.Series:
    """Return which demand points are reached on foot, or live where a link or a delivery goes."""
    limit = _limit(facts, target)
    if mode == "reached":
        return _minutes(facts, target) <= limit
    if mode == "delivered":
        chosen(facts, target, anywhere=True)
        if facts.delivered is None:
            raise MissingError("no_deliveries")
        rows = facts.delivered
        rows = rows[rows["kind"].isin(target.kind) & (rows["minutes"] <= limit)]
        return facts.demand["community"].isin(rows["community"])
    _links(facts, target)
    # Who supplies a station serves whom the station serves: kitchen, regional station, community.
    own = facts.supplied(chosen(facts, target, anywhere=True).index, mode)
    links = facts.links[(facts.links["link"] == mode) & facts.links["facility"].isin(own)]
    return facts.demand["community"].isin(links["community"])
