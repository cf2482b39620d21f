"""The indicators of a plan, computed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from planner.language import Lang, text
from planner.output.indicators.names import with_walk
from planner.output.indicators.register import in_order
from planner.output.indicators.spec import (
    Asked,
    Case,
    Derived,
    Figures,
    IndicatorSpec,
    Theme,
    Unit,
    values_of_texts,
)
from planner.study.plan import Plan


@dataclass(frozen=True, kw_only=True)
class Indicator:
    """One figure of all communities, or of all subdistricts, of a plan.

    Parameters
    ----------
    name
        What it is called by `planner.draw` and in a scenario.
    spec
        What it is.
    case
        What it was computed of.
    figures
        Those of today, on the community, or on the subdistrict's name.
    unit, better, target, text
        As in the spec, unless they follow from the figures; ``text`` is the key of its texts.
    """

    name: str
    spec: IndicatorSpec
    case: Case
    figures: pd.Series
    unit: Unit
    better: Literal["more", "less"] | None
    target: float | None
    text: str

    @property
    def kind(self) -> str | None:
        """The kind of facility that it is of."""
        return self.case.kind

    @property
    def theme(self) -> Theme:
        """Where the reader finds it."""
        return self.spec.theme

    @property
    def derived(self) -> Derived | None:
        """How the page works it out in another state."""
        return self.spec.derived(self.case)

    def words(self, lang: Lang) -> dict[str, str]:
        """Return its ``title`` in a list, and what the legend says ``about`` it.

        Parameters
        ----------
        lang
            The language.

        Returns
        -------
        Its ``title`` in a list, and what the legend says ``about`` it.
        """
        values = values_of_texts(self.spec, self.case, lang)
        return {part: text(f"{self.text}.{part}", lang, **values) for part in ("title", "about")}


def indicators(plan: Plan, more: Sequence[str] = ()) -> list[Indicator]:
    """Return the indicators of a plan: of its kinds, of its places, of its targets.

    Parameters
    ----------
    plan
        The plan.
    more
        Names of indicators that are computed though its scenario does not ask for them.

    Returns
    -------
    Indicators of a plan: of its kinds, of its places, of its targets.
    """
    chosen = plan.settings
    wanted = {*chosen.outputs.indicators, *more} | {chosen.map.indicator}
    asked = Asked.of_plan(plan)
    specs = in_order()
    of_kinds = [spec for spec in specs if spec.theme == "kind"]
    others = [spec for spec in specs if spec.theme != "kind"]
    return [
        *(
            one
            for kind in plan.kinds
            for spec in of_kinds
            for one in _of(plan, kind, spec, asked, wanted)
        ),
        *(one for spec in others for one in _of(plan, None, spec, asked, wanted)),
    ]


def _of(
    plan: Plan, kind: str | None, spec: IndicatorSpec, asked: Asked, wanted: set[str | None]
) -> Iterator[Indicator]:
    """Compute what a plan has of an indicator, once for a plan."""
    for of in spec.each(asked):
        name = spec.name(of)
        if spec.asked and name not in wanted:
            continue
        case = Case(plan=plan, kind=kind, of=of)
        key = f"indicator {kind} {name}"
        if key not in plan.kept:
            plan.kept[key] = spec.compute(case)
        found: pd.Series | Figures | None = plan.kept[key]
        if found is None:
            continue
        if isinstance(found, pd.Series):
            found = Figures(values=found, unit=spec.unit, better=spec.better)
        yield Indicator(
            name=name,
            spec=spec,
            case=case,
            figures=found.values,
            unit=found.unit,
            better=found.better,
            target=found.target,
            text=found.text or spec.key,
        )


def indicator_names(plan: Plan, more: Sequence[str] = ()) -> list[str]:
    """Return the names of all that a map of a plan can be shaded by, each once.

    Parameters
    ----------
    plan
        The plan.
    more
        Further names asked for.

    Returns
    -------
    Names of all that a map of a plan can be shaded by, each once.
    """
    return with_walk(one.name for one in indicators(plan, more))


def columns(plan: Plan) -> list[Indicator]:
    """Return the indicators of a plan that stand in the table of communities.

    Parameters
    ----------
    plan
        The plan.

    Returns
    -------
    Indicators of a plan that stand in the table of communities.
    """
    return [one for one in indicators(plan) if one.spec.column and not one.spec.by_street]
