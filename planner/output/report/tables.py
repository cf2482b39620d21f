"""One set of tables feeds every output: text, spreadsheets and layers for a GIS."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from planner.district.assessment import say_unit, statuses
from planner.district.cost_unit import headed
from planner.engine.siting import MODELS
from planner.language import LANGS, Lang, has_text, text
from planner.output.columns import Measure, heading, measure_of_indicator
from planner.output.indicators import columns as indicator_columns
from planner.output.layers import features, made_for, of_features
from planner.output.shortage import shortage
from planner.standards import indicators
from planner.study.scenario import Plan
from planner.study.siting_study import SitingAnswer

WGS84 = "EPSG:4326"

_MEASURES: dict[str, Measure] = {
    **dict.fromkeys(("share", "before", "after", "inside_share"), "share"),
    **dict.fromkeys(("has_share", "reached_share", "linked_share"), "share"),
    **dict.fromkeys(("fair", "unfair", "most", "worst"), "share"),
    **dict.fromkeys(("served_share", "over_share", "beyond_share", "use"), "share"),
    **dict.fromkeys(("served", "over_capacity", "out_of_reach", "need", "meals"), "count"),
    **dict.fromkeys(("complete", "implied_low", "implied_high"), "count"),
    **dict.fromkeys(("people", "covered", "lacking", "wanted", "lack", "lack_rank"), "count"),
    **dict.fromkeys(("added", "cumulative", "lost", "gain", "bound"), "count"),
    **dict.fromkeys(("facilities", "capacity", "communities", "new_sites", "sites"), "count"),
    **dict.fromkeys(("rank", "plan", "question", "population", "row", "rows", "used"), "count"),
    **dict.fromkeys(("minutes", "mean_min", "farthest_min"), "minutes"),
    **dict.fromkeys(("cost", "distance_m", "objective", "mean", "longest"), "figure"),
    **dict.fromkeys(("reported_numerator", "reported_denominator"), "figure"),
    **dict.fromkeys(("computed_numerator", "computed_denominator", "computed_value"), "figure"),
    **dict.fromkeys(("longitude", "latitude"), "degrees"),
}

# Tables whose minutes are limits, not times walked.
_BY_LIMIT = ("people", "circle_lacking")

# Columns of the scorecard as readers get them; its figures are in the unit of their row.
CARD = (
    "id", "name", "indicator", "value", "unit", "numerator", "denominator", "must", "aim", "due",
    "pass", "short_by", "short_unit", "note", "source", "clause", "grade",
)  # fmt: skip
# A column that tells a table whose other columns have headings of their own.
_TELLS = {"site": "sites", "meals": "delivery", "mean_min": "load", "out_of_reach": "service",
          "complete": "completeness", "verdict": "reported"}  # fmt: skip
# The parts that people split into, and their shares; columns of the other tables.
_PARTS = {"served_share": "served", "over_share": "over_capacity", "beyond_share": "out_of_reach"}
_LOAD = ("capacity", "people", "use", "wanted", "lack", "lack_rank", "mean_min", "farthest_min",
         "scarce", "reason")  # fmt: skip
_AGREES = ("numerator_agrees", "share_agrees", "denominator_agrees")
_CARD_FIGURES = ("value", "numerator", "denominator", "must", "aim", "short_by")


def measure(name: str, column: str, plan: Plan) -> Measure:
    """Return what a column of a table is measured in.

    Parameters
    ----------
    name
        Name of the table.
    column
        Name of the column in the data.
    plan
        The plan, whose groups of people are columns of the summary.

    Returns
    -------
    The measure, by which the cells are written.
    """
    if name == "scorecard":
        return "figure" if column in _CARD_FIGURES else "text"
    if column == "minutes" and name in _BY_LIMIT:
        return "limit"
    if column in plan.area.groups:
        return "share" if name in ("summary", "years") else "count"
    if column in ("has", "reached", "linked"):
        return "count" if name in ("summary", "years", "streets", "units") else "text"
    if column.startswith("lacking_"):
        return "count"
    layer = of_features(name)
    own = layer.measure(column) if layer else None
    own = own or (measure_of_indicator(column) if name == "communities" else None)
    return own or _MEASURES.get(column, "text")


def model_name(model: object, lang: Lang) -> str:
    """Return the name of a siting model.

    Parameters
    ----------
    model
        The model, as the scenario names it.
    lang
        Language of the name.

    Returns
    -------
    The name.
    """
    spec = MODELS.get(str(model))
    return word(model, lang) if spec is None else spec.name(lang)


def word(value: object, lang: Lang) -> str:
    """Return a value of the data model in words; any other value stays as it is.

    Parameters
    ----------
    value
        The value.
    lang
        Language of the words.

    Returns
    -------
    The words.
    """
    known = (key for key in (f"words.{value}", f"report.word.{value}") if has_text(key))
    key = next(known, None)
    return text(key, lang) if key else str(value)


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
    ``scorecard``, ``completeness``, ``circle_lacking`` (how many lack what of a living circle) and
    ``reported``; ``service``, ``service_communities``,
    ``load`` and ``delivery``, with the number of their question; ``alternatives``, ``front`` and
    ``fairness``, with the number of their siting question, and ``front_time``, ``front_longest``
    and ``front_fairness``, what else it trades; ``years``; and a table of each layer asked for.
    """
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


def for_readers(table: pd.DataFrame, plan: Plan, lang: Lang) -> pd.DataFrame:
    """Return a table with its headings and the words of the data model in a language.

    Parameters
    ----------
    table
        A table, as `tables` gives it.
    plan
        The plan, which knows the kinds.
    lang
        The language.

    Returns
    -------
    The table; figures stay numbers.
    """
    if {"must", "grade"} <= set(table.columns):
        return _card_for_readers(table, lang)
    own_words = {f"{told}_{lang}": told for told in ("name", "note")}
    shown = table[columns_for_readers(table, lang)].rename(columns=own_words)
    special = [told for column, told in _TELLS.items() if column in table]
    if {"verdict", "unit"} <= set(shown):
        shown["unit"] = [_unit(unit, lang) for unit in shown["unit"]]
    if "kind" in shown:
        shown["kind"] = [
            None if pd.isna(kind) else plan.area.kinds[kind].name(lang) for kind in shown["kind"]
        ]
    if "houses" in shown:
        comma = text("report.comma", lang)
        shown["houses"] = [
            None
            if pd.isna(cell)
            else comma.join(plan.area.kinds[k].name(lang) for k in cell.split(";") if k)
            for cell in shown["houses"]
        ]
    if "group" in shown:
        shown["group"] = [heading(group, lang) for group in shown["group"]]
    if "level" in shown and "unit" in shown:
        shown["unit"] = [
            text("words.district", lang) if unit == "*" else word(unit, lang)
            for unit in shown["unit"]
        ]
        shown["level"] = [
            word(level, lang) if level == "district" else heading(level, lang)
            for level in shown["level"]
        ]
    for column, told in (
        ("settlement", word), ("reason", word), ("verdict", word), ("model", model_name),
    ):  # fmt: skip
        if column in shown:
            shown[column] = [None if pd.isna(v) else told(v, lang) for v in shown[column]]
    for column in [c for c in shown.columns if pd.api.types.is_bool_dtype(shown[c].dtype)]:
        answers = {True: text("words.yes", lang), False: text("words.no", lang)}
        shown[column] = shown[column].map(answers, na_action="ignore")

    def head(column: str) -> str:
        if column == "cost":
            return headed(heading(column, lang), plan.area.cost_unit, lang)
        own = (key for told in special if has_text(key := f"report.of_{told}.{column}"))
        found = next(own, None)
        return text(found, lang) if found else heading(column, lang)

    return shown.rename(columns=head)


def _unit(unit: object, lang: Lang) -> str | None:
    return say_unit(str(unit), lang) if isinstance(unit, str) and unit else None


def columns_for_readers(table: pd.DataFrame, lang: Lang) -> list[str]:
    """List the columns of a table that readers of a language get, in their order.

    Parameters
    ----------
    table
        A table, as `tables` gives it.
    lang
        The language.

    Returns
    -------
    Names of columns.
    """
    if {"must", "grade"} <= set(table.columns):
        told = {f"name_{lang}": "name", f"note_{lang}": "note"}
        known = {told.get(column, column): column for column in table.columns}
        return [known[column] for column in CARD if column in known]
    others = {f"{told}_{other}" for told in ("name", "note") for other in LANGS if other != lang}
    return [column for column in table.columns if column not in others]


def _card_for_readers(card: pd.DataFrame, lang: Lang) -> pd.DataFrame:
    """Return a scorecard with its words in a language; its figures stay numbers."""
    shown = card[columns_for_readers(card, lang)].rename(
        columns={f"name_{lang}": "name", f"note_{lang}": "note"}
    )
    for column in ("unit", "short_unit"):
        if column in shown:
            shown[column] = [_unit(unit, lang) for unit in shown[column]]
    if "indicator" in shown:
        shown["indicator"] = [indicators()[name][lang] for name in shown["indicator"]]
    shown["pass"] = [text(f"assessment.status.{status}", lang) for status in statuses(card)]
    shown["grade"] = [text(f"assessment.grade.{grade}", lang) for grade in shown["grade"]]
    return shown.rename(
        columns=lambda column: text(
            f"assessment.columns.{column}"
            if has_text(f"assessment.columns.{column}")
            else f"report.card.{column}",
            lang,
        )
    )


def _targets(plan: Plan) -> dict[str, pd.DataFrame]:
    """Return the scorecard, with living circles, and what was reported."""
    card = plan.scorecard.reset_index(drop=True)
    if card.empty:
        return {}
    found = {"scorecard": card}
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
    columns = ["name", "host", "cost", "community", "rank", "added", "cumulative"]
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
