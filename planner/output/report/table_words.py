"""Tables as readers get them: headings, words and units in their language."""

from __future__ import annotations

import pandas as pd

from planner.district.assessment import say_unit, statuses
from planner.district.cost_unit import headed
from planner.engine.siting import MODELS
from planner.language import LANGS, Lang, has_text, text
from planner.output.columns import Measure, heading, measure_of_indicator
from planner.output.layers import of_features
from planner.standards import indicators
from planner.study.plan import Plan

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
    **dict.fromkeys(
        ("answers", "rank", "plan", "question", "population", "row", "rows", "used"), "count"
    ),
    **dict.fromkeys(("minutes", "mean_min", "farthest_min"), "minutes"),
    **dict.fromkeys(("cost", "distance_m", "objective", "mean", "longest"), "figure"),
    **dict.fromkeys(("reported_numerator", "reported_denominator"), "figure"),
    **dict.fromkeys(("computed_numerator", "computed_denominator", "computed_value"), "figure"),
    **dict.fromkeys(("longitude", "latitude"), "degrees"),
}

# Tables whose minutes are limits, not times walked.
_BY_LIMIT = ("people", "circle_lacking")

# Tables of targets: as it stands, and once the suggested sites stand.
CARDS = ("scorecard", "scorecard_after")
# Columns of the scorecard as readers get them; its figures are in the unit of their row.
CARD = (
    "id", "name", "indicator", "value", "unit", "numerator", "denominator", "must", "aim", "due",
    "pass", "short_by", "short_unit", "note", "source", "clause", "grade",
)  # fmt: skip
TOLD = ("name", "note", "with")  # columns that stand in each language
# A column that tells a table whose other columns have headings of their own.
_TELLS = {"site": "sites", "meals": "delivery", "mean_min": "load", "out_of_reach": "service",
          "complete": "completeness", "verdict": "reported"}  # fmt: skip
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
    if name in CARDS:
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
    own_words = {f"{told}_{lang}": told for told in TOLD}
    shown = table[columns_for_readers(table, lang)]
    shown.columns = pd.Index([own_words.get(column, column) for column in shown.columns])
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

    def _head(column: str) -> str:
        if column == "cost":
            return headed(heading(column, lang), plan.area.cost_unit, lang)
        own = (key for told in special if has_text(key := f"report.of_{told}.{column}"))
        found = next(own, None)
        return text(found, lang) if found else heading(column, lang)

    shown.columns = pd.Index([_head(column) for column in shown.columns])
    return shown


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
    others = {f"{told}_{other}" for told in TOLD for other in LANGS if other != lang}
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
