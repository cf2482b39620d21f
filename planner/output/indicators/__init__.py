"""The register of indicators: what the map, the tables and a scenario have of each figure.

To add an indicator, `register` its `IndicatorSpec` and write its texts; nothing else has to know of
it.
"""

from __future__ import annotations

from planner.output.indicators.figures import Indicator, columns, indicator_names, indicators
from planner.output.indicators.names import check_indicators, possible_names, unknown_indicator
from planner.output.indicators.register import INDICATORS, in_order, register
from planner.output.indicators.spec import (
    Case,
    Derived,
    Figures,
    IndicatorSpec,
    Unit,
    unit_of,
)

__all__ = [
    "INDICATORS",
    "Case",
    "Derived",
    "Figures",
    "Indicator",
    "IndicatorSpec",
    "Unit",
    "check_indicators",
    "columns",
    "in_order",
    "indicator_names",
    "indicators",
    "possible_names",
    "register",
    "unit_of",
    "unknown_indicator",
]
