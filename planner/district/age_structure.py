"""How old people are, where communities only have residents: the structure of a larger unit."""

from __future__ import annotations

from collections.abc import Iterator

import geopandas as gpd
import pandas as pd

from planner.district.area import AgeStructure, Tables
from planner.district.checks import MOST_NAMED
from planner.district.estimates import DataEstimate
from planner.district.matching import normal
from planner.district.placing import Findings
from planner.errors import did_you_mean
from planner.language import LANGS, group_name, text
from planner.settings import Settings

_DIFFERENCE = 0.05  # of the people of an age: counts of two days differ by less


def with_ages(
    tables: Tables,
    communities: gpd.GeoDataFrame,
    points: gpd.GeoDataFrame,
    groups: tuple[str, ...],
    *,
    settings: Settings,
    findings: Findings,
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, tuple[str, ...], tuple[DataEstimate, ...]]:
    """Estimate how old people are where that is not known: residents times the share of their unit.

    A community's own figure always stands. Within a community the people of an age live as all
    people do.

    Parameters
    ----------
    tables
        The tables as read, with the ages.
    communities
        Communities on their id, with ``inside``.
    points
        The demand points, with ``community`` and a column for each group.
    groups
        The groups that the points count.
    settings
        What the run is asked to do.
    findings
        Takes communities whose street or zone the list lacks, and remarks.

    Returns
    -------
    (communities, points, groups, estimates)
        With the groups estimated; what is estimated.
    """
    ages = tables.ages
    if ages is None:
        return communities, points, groups, ()
    own_homes = set(groups) if tables.demand is not None else set()
    wanted = [str(group) for group in ages.shares if group not in own_homes]
    residents = _residents(communities, points)
    at, level = _rows(ages, communities, residents, settings, findings)
    estimated = pd.Series(False, communities.index)
    homes = points["community"]
    share_of_people = points["population"] / homes.map(points.groupby(homes)["population"].sum())
    for group in wanted:
        shares = _shares(ages, group, at, residents)
        said = communities[group] if group in communities else pd.Series(float("nan"), at.index)
        lacks = said.isna() & shares.notna()
        estimated |= lacks & communities["inside"]
        filled = said.where(said.notna(), residents * shares)
        communities = communities.assign(**{group: filled})
        spread = (share_of_people * homes.map(filled)).fillna(0.0)
        known = points[group].where(~homes.map(lacks)) if group in points else spread
        points = points.assign(**{group: known.where(known.notna(), spread)})
    groups = tuple(dict.fromkeys([*groups, *wanted]))
    findings.notes.extend(_remarks(ages, communities, at, wanted))
    if not estimated.any():
        findings.notes.append(("area.ages_idle", {"file": ages.file}))
        return communities, points, groups, ()
    told = _estimate(ages, wanted, residents[estimated], level[estimated])
    return communities, points, groups, (told,)


def _residents(communities: gpd.GeoDataFrame, points: gpd.GeoDataFrame) -> pd.Series:
    if "population" in communities:
        own: pd.Series = communities["population"].fillna(0.0)
        return own
    sums: pd.Series = points.groupby("community")["population"].sum()
    return sums.reindex(communities.index).fillna(0.0)


def _rows(
    ages: AgeStructure,
    communities: gpd.GeoDataFrame,
    residents: pd.Series,
    settings: Settings,
    findings: Findings,
) -> tuple[pd.Series, pd.Series]:
    """Return the row of the list that is of each community, and its level; note those without."""
    units = ages.units
    at = pd.Series(None, communities.index, dtype=object)
    level = pd.Series("district", communities.index)
    for name in ("zone", "street"):
        own = units[units["level"] == name]
        row_of = dict(zip(own["name"].map(normal), own.index, strict=True))
        found = communities[name].map(normal, na_action="ignore").map(row_of)
        at = found.astype(object).where(found.notna(), at)
        level = level.mask(found.notna(), name)
    whole = units.index[units["level"] == "district"]
    if len(whole):
        at = at.where(at.notna(), whole[0])
    kind = "street" if (units["level"] == "street").any() else "zone"
    names = units.loc[units["level"] == kind, "name"].tolist()
    lacking = communities[at.isna() & (residents > 0)]
    for unit, rows in lacking.groupby(lacking[kind].fillna("–"), sort=False):
        findings.problems.add(
            "area.ages_no_unit",
            file=ages.file,
            value=unit,
            n=len(rows),
            named=_some(rows["name"]),
            communities=settings.communities.file,
            hint=did_you_mean(unit, names),
        )
    unused = units[(units["level"] != "district") & ~units.index.isin(at.dropna())]
    if len(unused) and lacking.empty:
        told = {"file": ages.file, "n": len(unused), "named": _some(unused["name"])}
        findings.notes.append(("area.ages_unused", told))
    return at, level


def _shares(ages: AgeStructure, group: str, at: pd.Series, residents: pd.Series) -> pd.Series:
    """Return the share of a group in each community: as listed, else of all who live in its unit.

    What the row of a street lacks is taken from none else.
    """
    people = residents.groupby(at).sum()
    counted = (ages.counts[group] / people.reindex(ages.counts.index)).clip(upper=1.0)
    shares = ages.shares[group].where(ages.shares[group].notna(), counted)
    return at.map(shares).astype(float)


def _remarks(
    ages: AgeStructure, communities: gpd.GeoDataFrame, at: pd.Series, groups: list[str]
) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield a remark for each group whose sums are not what the list says of its units."""
    whole = ages.units["level"] == "district"
    for group in groups:
        said = ages.counts[group].dropna()
        held = communities[group].groupby(at).sum().reindex(said.index)
        held[whole.reindex(said.index)] = communities[group].sum()
        off = (held - said).abs() > _DIFFERENCE * said.clip(lower=1.0)
        off &= held.notna()
        if off.any():
            names = ages.units["name"][off[off].index]
            named = [
                f"{name or '–'} ({held[row]:,.0f} / {said[row]:,.0f})"
                for row, name in names.items()
            ]
            told: dict[str, object] = {"file": ages.file, "n": int(off.sum()), "group": group}
            yield "area.ages_differ", {**told, "named": _some(pd.Series(named))}


def _estimate(
    ages: AgeStructure, groups: list[str], residents: pd.Series, level: pd.Series
) -> DataEstimate:
    """Return what is estimated: of how many communities and people, by which unit."""
    upper = [name for name in ("street", "zone") if (level == name).any()]
    how = upper[0] if upper else "district"
    rest = residents[(level == "district") & (how != "district")]
    names = {
        lang: text("problems.comma", lang).join(
            group_name(group, lang, form="whom") for group in groups
        )
        for lang in LANGS
    }
    told = {"n": len(residents), "people": f"{residents.sum():,.0f}", "file": ages.file}
    other = {"n": len(rest), "people": f"{rest.sum():,.0f}"} if len(rest) else {}
    return DataEstimate(what="ages", how=how, named={**told, "groups": names}, rest=other)


def _some(names: pd.Series) -> str:
    listed = [str(name) for name in names]
    return ", ".join(listed[:MOST_NAMED]) + (" …" if len(listed) > MOST_NAMED else "")
