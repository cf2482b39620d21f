"""What commands work with, run when first used: ``--help`` and ``--version`` need none of it."""

from typing import TYPE_CHECKING

from planner.cli.later import later

__all__ = [
    "addresses", "api", "as_json", "batching", "drafted",
    "estimating", "limits", "scenarios", "show",
]  # fmt: skip

if TYPE_CHECKING:
    from planner import api, scenarios
    from planner.cli import addresses, as_json, batching, drafted, estimating, limits, show
else:
    api, scenarios = later("planner.api"), later("planner.scenarios")
    addresses, batching = later("planner.cli.addresses"), later("planner.cli.batching")
    drafted, estimating = later("planner.cli.drafted"), later("planner.cli.estimating")
    as_json, limits, show = (later(f"planner.cli.{name}") for name in ("as_json", "limits", "show"))
