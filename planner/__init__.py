"""Who reaches which facilities on foot, where the gaps are, and which sites close them.

The public names are those of `planner.api`; they are loaded when first asked for, so that
``planner --help`` answers at once. How the package is built stands in ``CONTRIBUTING.md``, why in
``docs/decisions.md``, its words in ``docs/glossary.md``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from planner.api import (
        check,
        compare,
        demo,
        demos,
        draw,
        draw_front,
        new,
        read_settings,
        read_standards,
        run,
        save,
        warm_up,
    )
    from planner.checked import CheckResult
    from planner.engine.network import Network, load_network, save_network
    from planner.errors import PlannerError
    from planner.plans import UserPlan as Plan
    from planner.plans import load_plan
    from planner.scenarios import Panel, Sweep, sweep
    from planner.study.comparison import Comparison

__all__ = [
    "CheckResult",
    "Comparison",
    "Network",
    "Panel",
    "Plan",
    "PlannerError",
    "Sweep",
    "capacity",
    "check",
    "compare",
    "coverage",
    "demo",
    "demos",
    "draw",
    "draw_front",
    "load_network",
    "load_plan",
    "network",
    "new",
    "read_settings",
    "read_standards",
    "run",
    "save",
    "save_network",
    "siting",
    "sweep",
    "warm_up",
]

_ROOMS = {
    "CheckResult": "checked",
    "Comparison": "study.comparison",
    "Network": "network",
    "Panel": "scenarios",
    "Plan": "plans",
    "PlannerError": "errors",
    "Sweep": "scenarios",
    "load_network": "network",
    "load_plan": "plans",
    "save_network": "network",
    "sweep": "scenarios",
}
_MODULES = ("capacity", "coverage", "network", "siting")  # of functions on tables and streets


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415

    if name in _MODULES:
        return import_module(f"planner.{name}")
    own = {"Plan": "UserPlan"}.get(name, name)
    return getattr(import_module(f"planner.{_ROOMS.get(name, 'api')}"), own)


def __dir__() -> list[str]:
    """List the public names, for `dir` and the tab key."""
    return sorted(__all__)
