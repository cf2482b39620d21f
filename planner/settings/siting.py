"""The schema of a scenario's siting questions: where should new sites of a kind go."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from planner.engine.siting import MODELS, ModelSpec
from planner.settings.part import (
    Amount,
    Grid,
    Metres,
    Number,
    Part,
    PositiveMinutes,
    Share,
    Speed,
    Weight,
    Where,
    Year,
    given_keys,
)

Trade = Literal["time", "longest", "fairness"]
Count = Annotated[int, Field(ge=0, le=10**6)]
Several = Annotated[int, Field(ge=1, le=10**6)]
Unit = Literal["street", "zone", "settlement", "community"]


class QuotaRule(Part):
    """How many new and existing sites each unit of a level may hold: one per street, say."""

    per: Literal["street", "zone", "settlement", "host"]
    at_least: Count = 0
    at_most: Count | None = None


class FloorRule(Part):
    """What share of its people each unit of a level, or one unit, must see covered."""

    per: Unit
    share: Share
    unit: str | None = None
    minutes: PositiveMinutes | None = None


class Size(Part):
    """A size that a site may have: what it can serve, at which cost."""

    size: str
    capacity: Annotated[float, Field(gt=0, le=1e9)]
    cost: Amount


class Upgrade(Part):
    """An extension of an existing site: how many places it adds, at which cost."""

    size: str
    add: Annotated[float, Field(gt=0, le=1e9)]
    cost: Amount


class Phase(Part):
    """How many new sites there may be by a year, or what may have been spent."""

    year: Year
    new: Count | None = None
    budget: Amount | None = None


class Group(Part):
    """People of a group: how they walk (a preset or a speed), and how much each of them counts."""

    preset: str | None = None
    speed_mps: Speed | None = None
    weight: Weight = 1.0


class Shared(Part):
    """A service that may share a building: how many, at which cost beside it, and for whom."""

    new: Count | None = None
    cost: Amount = 0.0
    minutes: PositiveMinutes | None = None
    group: str | None = None
    weight: Weight = 1.0


class SitingQuestion(Part):
    """A siting question: where should new sites of a kind go.

    ``model`` names what is sought; see `planner.siting`. ``minutes`` is the limit that counts as
    covered (``coverage.cutoff_min`` if left out) and ``group`` the people who count; ``groups``
    takes several, each with its own speed and weight. Existing sites of the kind are kept, but for
    those listed as ``closable`` (with what closing gives back) or ``movable``. ``share`` is for
    partial set covering, ``times`` for backup coverage, ``decay`` for gradual coverage ({5 = 1.0,
    10 = 0.6}), ``weighted`` for the p-center of minutes times people, ``beyond_min`` for what the
    p-median counts for those left without a site, ``fair_by`` and ``spread`` for fairness,
    ``phases`` for plans over years (each counts from the beginning; they replace ``new`` and
    ``budget``).

    ``candidates`` says where from: those given, proposed at junctions of the ``streets``, or spread
    inside ``communities``, ``spacing_m`` apart and thinned to ``thin_to``. ``where`` keeps
    candidates by the value of a column, ``prefer`` gives points to those of a ``host``, and
    ``one_per_host`` takes one of the same ``name``. ``apart_m`` is the least walk between two new
    sites. ``floors`` are least shares of units. ``sizes`` and ``upgrades`` offer places;
    ``upgrade_first`` builds no more than it must.

    ``tier`` says what the new sites are to be, by a tier of their kind, or how many of each
    ({"社区长者食堂" = 2, "助餐点" = 3}): those that add most are the first.

    ``kinds`` in place of ``kind`` sites several together: ``services`` tells their own numbers and
    costs, ``building_cost`` what a building costs once (else the candidates' ``cost``), and
    ``buildings`` how many there may be.

    ``alternatives`` asks for so many other plans within a share ``within`` of the best, ``front``
    for the best plan of every number of sites up to so many (of every cost up to the budget, where
    there is one), and ``trade`` for the plans between covering most and the least mean ``time``,
    between that and the ``longest`` time, or between covering most and ``fairness``.
    """

    kind: str = ""
    kinds: list[str] = []
    model: str = "max_cover"
    tier: Annotated[str, Field(min_length=1)] | dict[str, Several] | None = None
    new: Several | None = None
    budget: Amount | None = None
    minutes: PositiveMinutes | None = None
    group: str | None = None
    groups: dict[str, Group] = {}
    share: Annotated[float, Field(gt=0, le=1)] = 1.0
    times: Annotated[int, Field(ge=1, le=100)] = 1
    decay: dict[PositiveMinutes, Share] = {}
    weighted: bool = False
    beyond_min: PositiveMinutes | None = None
    fair_by: Unit = "street"
    spread: Share | None = None
    phases: list[Phase] = []
    candidates: Literal["auto", "given", "streets", "communities"] = "auto"
    where: Where = {}
    spacing_m: Grid = 200.0
    thin_to: Several | None = None
    mandatory: list[str] = []
    forbidden: list[str] = []
    closable: dict[str, Number] = {}
    movable: list[str] = []
    apart_m: Metres | None = None
    quotas: list[QuotaRule] = []
    floors: list[FloorRule] = []
    one_per_host: bool = False
    prefer: dict[str, Number] = {}
    give_up: Share = 0.0
    sizes: list[Size] = []
    upgrades: list[Upgrade] = []
    upgrade_first: bool = False
    services: dict[str, Shared] = {}
    building_cost: Amount | None = None
    buildings: Several | None = None
    alternatives: Annotated[int, Field(ge=0, le=1000)] = 0
    within: Share = 0.01
    front: Count = 0
    trade: list[Trade] = []
    time_limit_s: Annotated[float, Field(gt=0, le=7 * 86_400)] = 60.0
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0

    @field_validator("model")
    @classmethod
    def _check_model(cls, value: str) -> str:
        """Refuse a model that is not registered."""
        if value not in MODELS:
            known = [repr(name) for name in MODELS]
            expected = f"{', '.join(known[:-1])} or {known[-1]}"
            raise PydanticCustomError("model", "no model", {"expected": expected})
        return value

    @property
    def spec(self) -> ModelSpec:
        """The model asked for."""
        return MODELS[self.model]

    @property
    def all_kinds(self) -> list[str]:
        """The kinds sited: one, or several together."""
        return self.kinds or [self.kind]

    @property
    def tiers(self) -> list[str]:
        """The tiers of the new sites as the question names them, one for each where it counts."""
        if isinstance(self.tier, dict):
            return [tier for tier, n in self.tier.items() for _ in range(n)]
        return [] if self.tier is None else [self.tier]

    @property
    def all_groups(self) -> list[str]:
        """The groups that the question names."""
        named = [self.group, *self.groups, *(one.group for one in self.services.values())]
        return [group for group in named if group is not None]


# Keys that not every model takes, each by what a model's register calls it.
OF_MODEL = {
    "share": "share",
    "times": "times",
    "decay": "decay",
    "weighted": "weighted",
    "beyond_min": "beyond",
    "phases": "years",
    "fair_by": "groups",
    "spread": "spread",
    "alternatives": "near_plans",
    "groups": "weights",
    "floors": "floors",
    "sizes": "sizes",
    "upgrades": "sizes",
}
WITH = {
    "give_up": ("prefer", "upgrade_first"),
    "upgrade_first": ("sizes", "upgrades"),
    "within": ("alternatives",),
}
NOT_PHASED = (
    *("new", "budget", "times", "decay", "closable", "movable", "sizes", "upgrades"),
    *("upgrade_first", "alternatives", "trade"),
)
NOT_PLACED = ("front", "times", "spread")  # with sizes
OF_KINDS = ("services", "building_cost", "buildings")
WITH_KINDS = {
    *("kinds", *OF_KINDS, "budget", "minutes", "group", "candidates", "where", "spacing_m"),
    *("forbidden", "quotas", "floors", "apart_m", "time_limit_s", "seed"),
}


def siting_lacks(asked: SitingQuestion) -> list[str]:
    """List the keys that a siting question needs beside those it has.

    Parameters
    ----------
    asked
        The question.

    Returns
    -------
    Names of keys, those of a list such as ``phases.1.new``.
    """
    if asked.kinds:
        shared = [asked.services.get(kind) for kind in asked.kinds]
        enough = all(one is not None and one.new is not None for one in shared)
        return [] if enough or asked.budget or asked.buildings else ["budget"]
    found = [] if asked.kind else ["kind"]
    given = {"p": asked.new is not None, "budget": asked.budget is not None}
    needs = asked.spec.needs
    enough = bool(asked.phases) or not needs or any(given[need] for need in needs)
    if asked.trade and not asked.phases:  # whose plans are p-medians, or cover most
        enough = any(given.values())
    for key in ("new", "budget"):
        some = [phase for phase in asked.phases if getattr(phase, key) is not None]
        if some and len(some) < len(asked.phases):
            found += [
                f"phases.{i}.{key}"
                for i, phase in enumerate(asked.phases)
                if getattr(phase, key) is None
            ]
    bare = [i for i, phase in enumerate(asked.phases) if phase.new is None and phase.budget is None]
    if len(bare) == len(asked.phases):
        found += [f"phases.{i}.new" for i in bare]
    return found if enough else [*found, "new"]


def siting_idle(asked: SitingQuestion) -> dict[str, str]:
    """List the keys of a siting question that would do nothing, each with what it goes with.

    Parameters
    ----------
    asked
        The question.

    Returns
    -------
    For each such key, the key or value without which it does nothing.
    """
    given = given_keys(asked)
    if asked.kinds:
        strange = {
            f"services.{kind}": "kinds" for kind in asked.services if kind not in asked.kinds
        }
        return dict.fromkeys(sorted(given - WITH_KINDS), "kind") | strange
    found = {key: "kinds" for key in OF_KINDS if key in given}
    found |= {
        key: "model = " + ", ".join(spec.id for spec in MODELS.values() if takes in spec.takes)
        for key, takes in OF_MODEL.items()
        if key in given and takes not in asked.spec.takes
    }
    found |= {
        key: ", ".join(others)
        for key, others in WITH.items()
        if key in given and not given.intersection(others)
    }
    if asked.decay and "front" in given:
        found["front"] = "decay = {}"
    if asked.decay and asked.times > 1:
        found["times"] = "decay = {}"
    if asked.sizes or asked.upgrades:
        found |= {key: "sizes = [], upgrades = []" for key in NOT_PLACED if key in given}
    if asked.phases:
        found |= {key: "phases = []" for key in NOT_PHASED if key in given}
    if asked.groups and "group" in given:
        found["group"] = "groups = {}"
    return found
