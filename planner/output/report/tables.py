"""One set of tables feeds every output: text, spreadsheets and layers for a GIS."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from planner.output.indicators import columns as indicator_columns
from planner.output.layers import features, made_for
from planner.output.shortage import shortage
from planner.study.plan import Plan
from planner.study.siting_study import SitingAnswer

WGS84 = "EPSG:4326"

# The parts that people split into, and their shares; columns of the other tables.
_PARTS = {"served_share": "served", "over_share": "over_capacity", "beyond_share": "out_of_reach"}
_LOAD = ("capacity", "people", "use", "wanted", "lack", "lack_rank", "mean_min", "farthest_min",
         "scarce", "reason")  # fmt: skip
_AGREES = ("numerator_agrees", "share_agrees", "denominator_agrees")


def tables(plan: Plan) -> dict[str, pd.DataFrame]:
    """Build the tables of a plan.

    Parameters
    ----------
    plan
        The plan.

    Returns
    -------
    By name, with the columns of the data model: ``summary``, ``people``, ``streets``,
    ``communities``, ``gaps``, ``sites``, ``left_out`` and ``skipped``. Where the plan has them:
    ``scorecard``, ``scorecard_after`` (once the suggested sites stand), ``lacking`` (what would
    answer targets without data), ``completeness``, ``circle_lacking`` (how many lack what of a
    living circle) and ``reported``; ``service``,
    ``service_communities``, ``load`` and ``delivery``, with the number of their question;
    ``alternatives``, ``front`` and ``fairness``, with the number of their siting question, and
    ``front_time``, ``front_longest`` and ``front_fairness``, what else it trades; ``years``; and a
    table of each layer asked for. They are built once for a plan, and every output reads the same:
    do not change them in place.
    """
    if "tables" not in plan.kept:
        plan.kept["tables"] = _build(plan)
    return dict(plan.kept["tables"])


def _build(plan: Plan) -> dict[str, pd.DataFrame]:
    people = plan.coverage.people
    limit = people["minutes"] == plan.settings.coverage.cutoff_min
    group = people["group"] == plan.settings.coverage.group
    by_street = people[(people["level"] == "street") & limit & group]
    shares = plan.coverage.unit_shares
    streets = by_street.drop(columns=["level", "group", "minutes"]).merge(
        shares[shares["level"] == "street"].drop(columns="level"), on=["kind", "unit"], how="left"
    )
    counted = plan.area.communities[["name", "street", "settlement", "zone"]]
    units = plan.coverage.units.merge(
        counted, left_on="community", right_index=True, how="left", validate="many_to_one"
    )
    front = ["kind", "community", "name", "street", "settlement", "zone"]
    left_out = plan.area.communities[~plan.area.communities["inside"]]
    return {
        "summary": plan.summary().reset_index(),
        "people": people[people["level"] != "community"],
        "streets": streets.rename(columns={"unit": "street"}),
        "communities": _with_indicators(
            plan, units[[*front, *(c for c in units.columns if c not in front)]]
        ),
        "gaps": plan.gaps,
        **_targets(plan),
        **_service(plan),
        **_delivery(plan),
        **_of_siting(plan),
        "sites": _sites(plan),
        **({"years": plan.years} if len(plan.years) else {}),
        **{
            spec.id: pd.DataFrame(features(plan, spec).drop(columns="geometry"))
            for spec in made_for(plan)
        },
        "left_out": pd.DataFrame(left_out[["name", "street", "population", "inside_share"]])
        .rename_axis("community")
        .reset_index(),
        "skipped": plan.area.skipped,
    }


def _with_indicators(plan: Plan, units: pd.DataFrame) -> pd.DataFrame:
    """Add the indicators that are a column of their own, as asked for."""
    found: dict[str, pd.Series] = {}
    for one in indicator_columns(plan):
        column = found.setdefault(one.name, pd.Series(np.nan, index=units.index))
        own = units.index if one.kind is None else units.index[units["kind"] == one.kind]
        column.loc[own] = one.figures.reindex(units.loc[own, "community"]).to_numpy(float)
    return units.assign(**found)


def _targets(plan: Plan) -> dict[str, pd.DataFrame]:
    """Return the scorecard, with living circles, and what was reported."""
    card = plan.scorecard.reset_index(drop=True)
    if card.empty:
        return {}
    found = {"scorecard": card}
    if len(plan.scorecard_after):
        found["scorecard_after"] = plan.scorecard_after.reset_index(drop=True)
    if len(plan.lacking):
        found["lacking"] = plan.lacking
    circles = card[card["indicator"] == "complete"]
    if len(circles):
        names = {"numerator": "complete", "denominator": "people", "value": "share"}
        columns = ["target", "name_zh", "name_en", *names, "note_zh", "note_en"]
        found["completeness"] = circles[columns].rename(columns=names).reset_index(drop=True)
    if plan.circles:
        group = plan.settings.coverage.group
        lacking = pd.concat(
            [
                circle.lacking[["kind", "minutes", group]].assign(target=target)
                for target, circle in plan.circles.items()
            ]
        )
        about = card[["target", "name_zh", "name_en"]]
        found["circle_lacking"] = about.merge(
            lacking.rename(columns={group: "lacking"}), on="target", validate="one_to_many"
        )
    if len(plan.reported):
        about = card[["target", "name_zh", "name_en", "unit"]]
        found["reported"] = about.merge(
            plan.reported.drop(columns=["total", *_AGREES]), on="target", validate="one_to_one"
        )
    return found


def _service(plan: Plan) -> dict[str, pd.DataFrame]:
    """Return the answers on capacity below each other: who is served, how full facilities are."""
    if not plan.service:
        return {}
    splits, loads = [], []
    for number, answer in enumerate(plan.service, start=1):
        splits.append(answer.split.assign(question=number))
        lacking = shortage(plan, answer)[["wanted", "lack", "lack_rank"]]
        load = answer.load.join(lacking).rename_axis("facility").reset_index()
        # Only an allocation of most people tells which facilities hold back the others.
        known = answer.question.rule == "most"
        scarce = load["scarce"].astype("boolean").where(pd.Series(known, index=load.index))
        reason = pd.Series(None, index=load.index, dtype=object)
        reason[load["people"].eq(0)] = "nobody_sent"
        reason[load["capacity"].eq(0)] = "no_room"
        reason[load["capacity"].isna()] = "no_capacity"
        loads.append(
            load.assign(
                question=number,
                kind=answer.question.kind,
                scarce=scarce,
                reason=reason,
            )
        )
    split = pd.concat(splits, ignore_index=True)
    for share, part in _PARTS.items():
        split[share] = split[part] / split["people"].where(split["people"] > 0)
    figures = [column for pair in _PARTS.items() for column in reversed(pair)]
    units = split[split["level"] != "community"]
    places = plan.area.communities[["name", "street"]]
    each = split[split["level"] == "community"].rename(columns={"unit": "community"})
    each = each.join(places, on="community")
    front = ["question", "kind", "facility", "name"]
    load = pd.concat(loads, ignore_index=True).astype({"scarce": "boolean"})
    return {
        "service": units[["question", "kind", "level", "unit", "group", "people", *figures]]
        .reset_index(drop=True),
        "service_communities": each[
            ["question", "kind", "community", "name", "street", "group", "people", *figures]
        ].reset_index(drop=True),
        "load": load[[*front, *_LOAD]],
    }  # fmt: skip


def _delivery(plan: Plan) -> dict[str, pd.DataFrame]:
    """Return the answers on deliveries below each other."""
    parts = []
    places = plan.area.communities[["name", "street"]]
    for number, answer in enumerate(plan.delivery, start=1):
        part = answer.delivery.communities.rename_axis("community").reset_index()
        reason = part["reason"].mask(part["need"].eq(0), "no_need")
        part = part.assign(question=number, kind=answer.question.kind, reason=reason)
        parts.append(part.join(places, on="community"))
    columns = ["question", "kind", "community", "name", "street"]
    columns += ["need", "meals", "share", "minutes", "in_time", "reason"]
    return {"delivery": pd.concat(parts, ignore_index=True)[columns]} if parts else {}


def _of_siting(plan: Plan) -> dict[str, pd.DataFrame]:
    """Return the tables that not every siting question asks for."""
    found = {}
    for name in ("alternatives", "front", "fairness"):
        parts = [
            (_front(answer) if name == "front" else getattr(answer, name)).assign(question=number)
            for number, answer in enumerate(plan.siting, start=1)
            if len(getattr(answer, name))
        ]
        if parts:
            table = pd.concat(parts, ignore_index=True)
            found[name] = table[["question", *table.columns.drop("question")]]
    for name in ("time", "longest", "fairness"):
        parts = [
            _whole(answer.trades[name]).assign(question=number)
            for number, answer in enumerate(plan.siting, start=1)
            if name in answer.trades
        ]
        if parts:
            table = pd.concat(parts, ignore_index=True)
            found[f"front_{name}"] = table[["question", *table.columns.drop("question")]]
    return found


def _whole(front: pd.DataFrame) -> pd.DataFrame:
    """Return a front without the column of where further plans are, if none are anywhere."""
    told = "further" in front and front["further"].any()
    return front if told else front.drop(columns="further", errors="ignore")


def _front(answer: SitingAnswer) -> pd.DataFrame:
    """Return a front with its number of sites named so, and what each plan adds."""
    front = _whole(answer.front)
    if "cost" in front and answer.question.budget is None:
        front = front.rename(columns={"cost": "sites"})
    if "covered" in front:
        front = front.assign(gain=front["covered"].diff())
    first = [column for column in ("sites", "cost", "mean", "covered", "gain") if column in front]
    return front[[*first, *front.columns.difference(first, sort=False)]]


def chosen_sites(plan: Plan) -> gpd.GeoDataFrame:
    """Return the chosen sites of every question below each other.

    Parameters
    ----------
    plan
        The plan.

    Returns
    -------
    Sites on their label, with ``question`` (from 1), ``kind`` and ``model``.
    """
    columns = ["name", "host", "tier", "cost", "community", "rank", "added", "cumulative"]
    columns += ["year", "size", "served", "houses", "lost", "next_best", "geometry"]
    parts = [
        answer.sites[[column for column in columns if column in answer.sites]].assign(
            question=number, kind=answer.question.kind, model=answer.question.model
        )
        for number, answer in enumerate(plan.siting, start=1)
    ]
    if not parts:
        return gpd.GeoDataFrame({"kind": []}, geometry=[], crs=plan.area.demand.crs)
    return gpd.GeoDataFrame(pd.concat(parts), crs=plan.area.demand.crs)


def _sites(plan: Plan) -> pd.DataFrame:
    chosen = chosen_sites(plan)
    if chosen.empty:
        return pd.DataFrame({"question": [], "kind": [], "site": []})
    places = chosen.to_crs(WGS84).geometry
    community, places_of = chosen["community"], plan.area.communities
    table = chosen.drop(columns=["geometry", "community"]).rename_axis("site").reset_index()
    front = ["question", "model", "kind", "rank", "site", "name"]
    table = pd.DataFrame(table[[*front, *(c for c in table.columns if c not in front)]])
    return table.assign(
        street=community.map(places_of["street"]).to_numpy(),
        community=community.to_numpy(),
        community_name=community.map(places_of["name"]).to_numpy(),
        longitude=places.x.round(6).to_numpy(),
        latitude=places.y.round(6).to_numpy(),
    )
