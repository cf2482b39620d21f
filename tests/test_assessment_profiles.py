"""Every target of every profile computes, given data that hold what it asks for."""

from dataclasses import replace

import pandas as pd
import pytest
from support.small_district import district

from planner.district.assessment import Facts, readable, scorecard
from planner.district.assessment.units import of_facilities
from planner.standards import Profile, Target, profile_names, read_profile


def furnished(asked: Profile) -> Facts:
    """A district that holds every kind, tier, column and level that a profile names."""
    facts = district()
    targets = list(asked.targets.values())
    communities = facts.communities.copy()
    for one in targets:
        for column, wanted in one.scope.items():
            value = wanted if isinstance(wanted, str) else wanted[0]
            free = [c for c in communities.index if column not in communities or
                    communities.loc[c, column] not in named(targets, column)]  # fmt: skip
            communities.loc[free[:2], column] = value
        if one.unit not in {"community", "district"} and one.unit not in communities:
            communities[one.unit] = [f"u{i % 2}" for i in range(len(communities))]
        if not one.kind:
            for column in {one.column, one.of, one.group} - {None, "units", *facts.groups}:
                communities[column] = communities.get(column, 50.0)
            for column, wanted in one.where.items():
                communities[column] = communities.get(column, yes(wanted))
    pairs = {(kind, one.tier) for one in targets for kind in one.kind}
    pairs |= {(need.kind, need.tier) for one in targets for need in one.requires}
    rows = [
        {"kind": kind, "tier": tier, "community": community, "status": "existing",
         "operating": True, "capacity": 40.0, "services": "；".join(offered(targets))}
        for kind, tier in sorted(pairs, key=str)
        for community in communities.index
    ]  # fmt: skip
    rows += [{**row, "status": "proposed", "operating": False} for row in rows]
    facilities = pd.DataFrame(rows, index=[f"f{i}" for i in range(len(rows))])
    for one in targets:
        wanted_columns = {*"/".join(one.each).split("/"), one.column if one.kind else ""}
        wanted_columns |= {one.of} if one.of and of_facilities(one, one.of) else set()
        for column in wanted_columns - {None, "", "facilities"}:
            facilities[column] = facilities.get(column, 40.0)
        for column, wanted in one.where.items():
            facilities[column] = facilities.get(column, yes(wanted))
    operating = facilities[facilities["operating"]]
    names = {kind if tier is None else f"{kind}/{tier}" for kind, tier in pairs}
    names |= {kind for kind, _ in pairs}
    held = frozenset(facilities["kind"])
    people = pd.DataFrame(
        [{"kind": kind, "community": "c0", "group": group, "people": 9.0, "served": 5.0,
          "minutes": 9.0} for kind in held for group in facts.groups]
    )  # fmt: skip
    extra = {one.group for one in targets if one.group} | {one.of for one in targets if one.of}
    extra -= {*communities, *facilities, *facts.groups, "units", "facilities"}
    groups = dict.fromkeys(extra, facts.demand["aged_60"])
    return replace(
        facts,
        communities=communities,
        demand=facts.demand.assign(**groups),
        groups=(*facts.groups, *groups),
        facilities=facilities,
        earlier=operating.iloc[::2],
        links=pd.DataFrame(
            [
                {"facility": label, "community": row["community"], "link": link}
                for label, row in operating.to_dict("index").items()
                for link in ("delivery", "assignment", "outreach")
            ]
        ),
        times=pd.DataFrame(8.0, index=facts.demand.index, columns=sorted(names)),
        held=held,
        linked=held,
        supplies=pd.DataFrame(columns=["facility", "station", "link"]),
        candidates=pd.DataFrame({"host": ["党群服务中心"], "community": ["c0"]}),
        served=people,
        delivered=people,
    )


def named(targets: list[Target], column: str) -> set[str]:
    found: set[str] = set()
    for one in targets:
        wanted = one.scope.get(column, [])
        found |= {wanted} if isinstance(wanted, str) else set(wanted)
    return found


def offered(targets: list[Target]) -> list[str]:
    return sorted({service for one in targets for service in one.offers})


def yes(wanted: object) -> str:
    return (
        "是"
        if wanted is True or wanted == "*"
        else wanted
        if isinstance(wanted, str)
        else wanted[0]
    )


@pytest.mark.parametrize("name", [name for name in profile_names() if name != "ningbo-home-care"])
def test_every_target_computes_where_the_data_hold_what_it_asks_for(name):
    asked = read_profile(name)
    card = scorecard(furnished(asked), asked, 2023)
    lacking = card[card["value"].isna()]
    assert lacking.empty, lacking[["id", "note_en"]].to_string()
    for lang in ("zh", "en"):
        assert readable(card, lang).notna().all(axis=None)
