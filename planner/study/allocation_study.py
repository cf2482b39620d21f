"""A scenario's questions of capacity and delivery: who is served within capacity, and in time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import geopandas as gpd
import pandas as pd

from planner.district.area import StudyArea
from planner.district.entrances import main_entrance
from planner.district.walk import Walk
from planner.engine import capacity
from planner.engine.capacity import Allocation, Delivery
from planner.engine.network import Mode
from planner.errors import InputError, Problems, SettingsError, fail
from planner.settings import DeliveryQuestion, ServiceQuestion, Settings


@dataclass(frozen=True, kw_only=True)
class ServiceAnswer:
    """Who is served by facilities of a kind, and who is beyond their capacity.

    Parameters
    ----------
    question
        What was asked.
    minutes, group
        The limit on foot, and the people who count.
    allocation
        Who is served where, and how far that is proven to serve most.
    split
        ``kind``, ``level``, ``unit``, ``group``, ``people``, ``served``, ``over_capacity``,
        ``out_of_reach``; the three add up to the people. All groups where the whole population
        was asked about, else the group alone.
    load
        On the facility: ``name``, ``capacity``, ``people``, ``use``, ``mean_min``,
        ``farthest_min``, ``scarce``.
    access
        On the demand point: places for each person within reach by the two-step floating
        catchment area; empty where no capacity is known.
    """

    question: ServiceQuestion
    minutes: float
    group: str
    allocation: Allocation
    split: pd.DataFrame
    load: pd.DataFrame
    access: pd.Series


@dataclass(frozen=True, kw_only=True)
class DeliveryAnswer:
    """Which communities get their deliveries in time."""

    question: DeliveryQuestion
    delivery: Delivery


Answer = TypeVar("Answer", ServiceAnswer, DeliveryAnswer)


def allocate(area: StudyArea, question: ServiceQuestion, settings: Settings) -> ServiceAnswer:
    """Allocate people to the facilities of a kind, as far as capacity goes.

    Parameters
    ----------
    area
        The study area.
    question
        What is asked: kind, group, limit, rule and the share of people who want a place.
    settings
        The settings of the run: speed, snap limit, and what holds where the question says nothing.

    Returns
    -------
    Who is served where, of each community, street and the district, and how full facilities are.

    Raises
    ------
    InputError
        If there is nobody to serve.
    SettingsError
        If the facilities have no such column of capacity.
    """
    walk = Walk(area, settings)
    minutes, group = walk.minutes(question.minutes), walk.group(question.group)
    own = area.operating[area.operating["kind"] == question.kind]
    od = walk.times(walk.homes, own, within=minutes)
    people = area.demand[group].astype(float) * question.need
    if question.column not in own:
        raise fail(SettingsError, "area.no_such_capacity", value=question.column)
    held = own[question.column]
    pairs = capacity.read_pairs(od, people, held)
    if question.rule == "whole":
        share = settings.coverage.covered_share
        units, whole = capacity.by_unit(od, people, area.demand["community"], reached_share=share)
        of_units = capacity.read_pairs(units, whole, held)
        allocation = capacity.serve_whole(of_units, most_each=question.most_each)
        split = _split_of_units(allocation, area, question.kind, group)
    else:
        serve = capacity.serve_most if question.rule == "most" else capacity.serve_nearest
        allocation = serve(pairs)
        # Of a part of the people nothing follows for the others: only whose places were asked for.
        groups = list(area.groups) if group == "population" else [group]
        split = capacity.three_way(
            allocation,
            kind=question.kind,
            demand=_scaled(area.demand, groups, question.need),
            communities=area.counted,
            groups=groups,
        )
    access = pd.Series(dtype=float)
    if held.notna().any():
        access = capacity.floating(pairs, capacity.uniform(minutes)).places["score"]
    return ServiceAnswer(
        question=question,
        minutes=minutes,
        group=group,
        allocation=allocation,
        split=split,
        load=own[["name"]].join(allocation.load),
        access=access,
    )


def served_people(answers: tuple[ServiceAnswer, ...]) -> pd.DataFrame | None:
    """Return who is served, by kind, community and group.

    Of several questions on a kind the first counts, so that nobody is counted twice.

    Parameters
    ----------
    answers
        The answers on capacity, in the order asked.

    Returns
    -------
    ``kind``, ``community``, ``group``, ``people``, ``served``; None where nobody asked.
    """
    parts = [
        answer.split[answer.split["level"] == "community"]
        .rename(columns={"unit": "community"})
        .loc[:, ["kind", "community", "group", "people", "served"]]
        for answer in _first_of_kind(answers)
    ]
    return pd.concat(parts, ignore_index=True) if parts else None


def deliver(area: StudyArea, question: DeliveryQuestion, settings: Settings) -> DeliveryAnswer:
    """Compute deliveries over the links of a kind of facility, by vehicle along the streets.

    Dispatch begins at the facilities of the question's kind (a central kitchen, say), and goes on
    over the stations that they supply. One-way streets bind, and the last way leads to the middle
    of the community.

    Parameters
    ----------
    area
        The study area; its ``roads``, where there are any, are what vehicles use.
    question
        What is asked: kind, link, group, window in minutes and speed.
    settings
        The settings of the run.

    Returns
    -------
    Minutes from dispatch to each community, and how much of its need arrives in time.

    Raises
    ------
    InputError
        If links run in a circle, or name what does not exist.
    """
    own, middle, ways = _links_of(area, question)
    need = _need(area, question, settings)
    gates = main_entrance(own)
    stops = middle.index.intersection(pd.Index(ways["target"].unique()), sort=False)
    ends = pd.concat([middle.loc[stops], gates])
    streets = area.network if area.roads is None else area.roads
    vehicle = streets.by(Mode(other_kmh=question.speed_mps * 3.6, oneway=True))
    od = vehicle.travel_times(
        gpd.GeoSeries(ends, crs=area.demand.crs),
        gates,
        cutoff_min=max(question.window_min, settings.coverage.search_min),
        speed_mps=question.speed_mps,
        max_snap_m=settings.walk.max_snap_m,
        direction="from_facility",
    )
    delivery = capacity.deliver(
        capacity.timed_links(ways, od),
        need,
        own["capacity"],
        window_min=question.window_min,
        handling_min=question.handling_min,
    )
    return DeliveryAnswer(question=question, delivery=delivery)


def check_allocations(area: StudyArea, settings: Settings, problems: Problems) -> None:
    """Check what questions of capacity and delivery ask against what there is, without walking.

    Parameters
    ----------
    area
        The study area.
    settings
        The settings of the run, with the questions.
    problems
        Collects what is wrong: a column that facilities do not have, links in a circle or twice.
    """
    for number, asked in enumerate(settings.service):
        if asked.column not in area.operating:
            problems.add(
                "area.no_such_capacity", file=f"service.{number}.column", value=asked.column
            )
    for question in settings.delivery:
        own, _, ways = _links_of(area, question)
        need = _need(area, question, settings)
        try:
            capacity.check_links(ways, need, own["capacity"], question.window_min)
        except InputError as wrong:
            problems.found += [one for one in wrong.problems if one not in problems.found]


def _need(area: StudyArea, question: DeliveryQuestion, settings: Settings) -> pd.Series:
    """Return how much each community that counts needs."""
    group = question.group or settings.coverage.group
    people = area.demand.groupby("community")[group].sum() * question.need
    need: pd.Series = people.reindex(area.counted.index, fill_value=0.0)
    return need


def _links_of(
    area: StudyArea, question: DeliveryQuestion
) -> tuple[gpd.GeoDataFrame, gpd.GeoSeries, pd.DataFrame]:
    """Return the facilities that deliver, the middle of each community, and the links between."""
    operating = area.operating
    hubs = operating.index[operating["kind"] == question.kind]
    supplies = area.supplies[area.supplies["link"] == question.link]
    own = operating.loc[_supplied(supplies, hubs, operating.index)]
    supplies = supplies[supplies["facility"].isin(own.index) & supplies["station"].isin(own.index)]
    links = area.links[
        (area.links["link"] == question.link) & area.links["facility"].isin(own.index)
    ]
    middle = _middle(area)
    # Where nobody lives, nothing is delivered.
    links = links[links["community"].isin(area.counted.index.intersection(middle.index))]
    ways = pd.concat(
        [
            supplies.rename(columns={"facility": "source", "station": "target"}),
            links.rename(columns={"facility": "source", "community": "target"}),
        ]
    )
    ways = ways.reindex(columns=["source", "target", "rounds", "load"]).reset_index(drop=True)
    return own, middle, ways


def _supplied(supplies: pd.DataFrame, hubs: pd.Index, operating: pd.Index) -> pd.Index:
    """List the hubs, and the operating facilities that they supply, directly or over others."""
    reached = hubs
    while True:
        fed = supplies.loc[supplies["facility"].isin(reached), "station"].unique()
        further = reached.union(operating.intersection(pd.Index(fed)), sort=False)
        if len(further) == len(reached):
            return operating[operating.isin(reached)]
        reached = further


def delivered_minutes(answers: tuple[DeliveryAnswer, ...]) -> pd.DataFrame | None:
    """Return minutes from dispatch, by kind and community.

    Parameters
    ----------
    answers
        The answers on deliveries, in the order asked.

    Returns
    -------
    ``community``, ``minutes``, ``kind``; None where nobody asked.
    """
    parts = [
        answer.delivery.communities[["minutes"]]
        .rename_axis("community")
        .reset_index()
        .assign(kind=answer.question.kind)
        for answer in _first_of_kind(answers)
    ]
    return pd.concat(parts, ignore_index=True) if parts else None


def _first_of_kind(answers: tuple[Answer, ...]) -> list[Answer]:
    """Return the first answer on each kind."""
    first: dict[str, Answer] = {}
    for answer in answers:
        first.setdefault(answer.question.kind, answer)
    return list(first.values())


def _middle(area: StudyArea) -> gpd.GeoSeries:
    """Find the demand point nearest to the middle of each community's people."""
    points = area.demand
    weight = points["population"].astype(float) + 1e-9
    sums = pd.DataFrame(
        {"w": weight, "x": points.geometry.x * weight, "y": points.geometry.y * weight}
    )
    sums = sums.groupby(points["community"]).sum()
    home = points["community"]
    off_x = points.geometry.x - home.map(sums["x"] / sums["w"])
    off_y = points.geometry.y - home.map(sums["y"] / sums["w"])
    nearest = (off_x**2 + off_y**2).groupby(home).idxmin()
    middle = points.geometry.loc[nearest]
    return gpd.GeoSeries(middle.to_numpy(), index=nearest.index, crs=points.crs)


def _scaled(demand: pd.DataFrame, groups: list[str], need: float) -> pd.DataFrame:
    """Count only the share of each group that wants a place."""
    scaled = demand[["community", *groups]].copy()
    scaled[groups] = scaled[groups].astype(float) * need
    return scaled


def _split_of_units(allocation: Allocation, area: StudyArea, kind: str, group: str) -> pd.DataFrame:
    """Sum up an allocation of whole communities, for each level and unit."""
    columns = ["people", "served", "over_capacity", "out_of_reach"]
    each = allocation.split[columns].reindex(area.counted.index, fill_value=0.0)
    units = {"district": pd.Series("*", index=each.index)}
    units |= {name: area.counted[name] for name in ("street", "settlement", "zone")}
    units["community"] = each.index.to_series()
    sums = pd.concat({level: each.groupby(of, sort=False).sum() for level, of in units.items()})
    table = sums.rename_axis(["level", "unit"]).reset_index().assign(kind=kind, group=group)
    return table[["kind", "level", "unit", "group", *columns]]
