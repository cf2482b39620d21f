"""What is said of a plan over all districts: its headline, and its record for programs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pandas as pd

from planner.batch.across import SharedOut
from planner.district.cost_unit import with_unit
from planner.language import Lang, group_name, text, times_from
from planner.language.numbers import number, percent


def headline(found: SharedOut, lang: Lang) -> list[str]:
    """Return what must be said of a plan over all districts, the most important first.

    Parameters
    ----------
    found
        The plan.
    lang
        Language of the sentences.

    Returns
    -------
    What it does, how good it is, and what more would add; `caveats` belong beside it.
    """
    with times_from("streets", found.mode):
        return [
            _what(found, lang),
            *_spent(found, lang),
            _how_good(found, lang),
            *_price(found, lang),
        ]


def caveats(found: SharedOut, lang: Lang) -> list[str]:
    """Return what must stand beside the figures of a plan over all districts.

    Parameters
    ----------
    found
        The plan.
    lang
        Language of the sentences.
    """
    counts = {
        "batch.across.left_out": len(found.left_out),
        "batch.across.thinned": sum(one.thinned for one in found.questions),
    }
    return [text(key, lang, n=n) for key, n in counts.items() if n]


def _what(found: SharedOut, lang: Lang) -> str:
    first, table = found.questions[0], found.districts()
    total = table[["people", "covered", "covered_after", "newly"]].sum()
    return text(
        "batch.across.headline",
        lang,
        n=int(table["new_sites"].sum()),
        kind=first.kind_names[lang],
        districts=len(table),
        newly=number(total["newly"]),
        group=group_name(first.group, lang, form="whom"),
        minutes=f"{first.minutes:g}",
        before=_share(total["covered"], total["people"]),
        after=_share(total["covered_after"], total["people"]),
    )


def _share(part: float, whole: float) -> str:
    return percent(part / whole if whole else float("nan"))


def _amount(value: float, found: SharedOut, lang: Lang) -> str:
    return with_unit(number(value), found.questions[0].cost_unit, lang)


def _spent(found: SharedOut, lang: Lang) -> list[str]:
    if found.shared.unit == "sites":
        return []
    of = {"cost": found.plan.cost, "most": found.shared.most}
    amounts = {name: _amount(value, found, lang) for name, value in of.items()}
    return [text("batch.across.spent", lang, **amounts)]


def _how_good(found: SharedOut, lang: Lang) -> str:
    plan = found.plan
    model = found.questions[0].part.model
    if plan.status == "optimal":
        return text(f"batch.across.proven_{model}", lang)
    values = {"bound": number(plan.bound), "objective": number(plan.objective)}
    return text(f"batch.across.bound_{model}", lang, gap=percent(plan.gap, 2), **values)


def _price(found: SharedOut, lang: Lang) -> list[str]:
    """Return what more would add, where the price that bounds the plan tells it."""
    price = found.plan.price
    if not price > 0:
        return []
    model = found.questions[0].part.model
    if found.shared.unit == "sites":
        return [text(f"batch.across.price_sites_{model}", lang, price=number(price))]
    hundredth = found.shared.most / 100
    values = {"price": number(price * hundredth), "more": _amount(hundredth, found, lang)}
    return [text(f"batch.across.price_cost_{model}", lang, **values)]


def record(found: SharedOut) -> dict[str, Any]:
    """Return a plan over all districts as plain values.

    Parameters
    ----------
    found
        The plan.

    Returns
    -------
    What was shared; ``status``, ``objective``, ``bound``, ``gap``, ``cost``, ``price`` and
    ``proof`` as `planner.engine.siting.across.Across` has them; ``districts`` and ``sites`` as
    tables, row by row; ``left_out`` with the reasons.
    """
    told = asdict(found.plan)
    told.pop("parts")
    first = found.questions[0]
    return {
        "shared": asdict(found.shared),
        "model": first.part.model,
        "minutes": first.minutes,
        "mode": found.mode,
        "group": first.group,
        "cost_unit": first.cost_unit,
        **{name: _plain(value) for name, value in told.items()},
        "districts": _rows(found.districts()),
        "sites": _rows(found.sites()),
        "left_out": {name: list(why) for name, why in found.left_out.items()},
    }


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {str(name): _plain(value) for name, value in row.items()}
        for row in table.astype(object).to_dict("records")
    ]


def _plain(value: Any) -> Any:
    """Return a value as JSON has it: nothing for what is missing."""
    if value is None or (not isinstance(value, str) and pd.isna(value)):
        return None
    return value.item() if hasattr(value, "item") else value
