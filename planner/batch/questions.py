"""A district's siting question as files beside its result, for districts that share a budget."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import pandas as pd

from planner.district.reading.folders import Content
from planner.engine.crs import WGS84
from planner.engine.siting import Floor, Quota, Rules
from planner.engine.siting.across import PartQuestion
from planner.errors import SettingsError, fail
from planner.language import LANGS, Lang
from planner.settings import Settings, SitingQuestion
from planner.study.plan import Plan
from planner.study.siting_study import in_tables

FOLDER = "parts/siting"
QUESTION = f"{FOLDER}/question.json"
TABLES = ("minutes", "demand", "candidates")
_LISTS = ("fixed", "candidates", "mandatory", "forbidden", "conflicts")


@dataclass(frozen=True, kw_only=True)
class SharedQuestion:
    """A district's question as it was written.

    Parameters
    ----------
    part
        The question in labels and tables.
    candidates
        On their label: ``name``, ``host``, ``community``, ``cost``, ``lon`` and ``lat`` (WGS 84).
    minutes
        The limit that counts as covered.
    mode
        How residents come.
    group
        The people who count.
    kind_names
        What is sited, by language.
    cost_unit
        The unit of costs, None where it is not told.
    thinned
        Whether candidates were proposed and some of them left out.
    digest
        Of all of it.
    """

    part: PartQuestion
    candidates: pd.DataFrame
    minutes: float
    mode: str
    group: str
    kind_names: dict[Lang, str]
    cost_unit: str | None
    thinned: bool
    digest: str


def place_of(settings: Settings, asked: str | None) -> int | None:
    """Return the place of the question that districts share, None where there is none.

    Parameters
    ----------
    settings
        A district's settings.
    asked
        A kind of facility, or the question's number from 0; the first question if None.
    """
    if asked is None or asked.isdecimal():
        number = int(asked or 0)
        return number if number < len(settings.siting) else None
    named = (n for n, one in enumerate(settings.siting) if asked in one.all_kinds)
    return next(named, None)


def question_files(plan: Plan, asked: str | None) -> dict[str, Content]:
    """Return the files that hold a district's question.

    Parameters
    ----------
    plan
        The district's plan.
    asked
        Which question, as for `place_of`.

    Returns
    -------
    What writes each, by path within the folder of results.

    Raises
    ------
    SettingsError
        If the district has no such question.
    SitingError
        If the question has no sound form.
    """
    place = place_of(plan.settings, asked)
    if place is None:
        raise fail(SettingsError, "across.no_question", value=asked or "0")
    question = plan.settings.siting[place].model_copy(update={"budget": None})
    tables = in_tables(plan.area, question, plan.settings)
    sites, rules = tables.offer.sites, dict(tables.rules)
    if sites["cost"].notna().any():
        rules["cost"] = sites["cost"].dropna()
    places = sites.geometry.to_crs(WGS84)
    shown = pd.DataFrame(sites[["name", "host", "community", "cost"]])
    names = plan.area.communities["name"]
    shown = shown.assign(
        community=shown["community"].map(names).fillna(shown["community"]),
        lon=places.x.round(6).to_numpy(),
        lat=places.y.round(6).to_numpy(),
    )
    thinned = tables.offer.thinned
    told = {
        "kind_names": {lang: plan.area.kinds[question.kind].name(lang) for lang in LANGS},
        "model": question.model,
        "own": own_of(question),
        "minutes": tables.case.minutes,
        "mode": plan.settings.means.id,
        "group": tables.case.people.group,
        "cost_unit": plan.area.cost_unit,
        "thinned": thinned is not None and len(tables.offer.sites) < _found(tables.offer.all_reach),
        "rules": _plain(rules),
    }
    weight = tables.case.people.weight
    frames = {
        "minutes": tables.od[["demand", "facility", "minutes"]],
        "demand": pd.DataFrame({"label": weight.index, "weight": weight.to_numpy(float)}),
        "candidates": shown.rename_axis("label").reset_index(),
    }
    files: dict[str, Content] = {
        f"{FOLDER}/{name}.parquet": partial(frame.to_parquet, index=False)
        for name, frame in frames.items()
    }
    return {QUESTION: json.dumps(told, ensure_ascii=False, default=_number), **files}


def _found(reach: pd.DataFrame) -> int:
    return int(reach["facility"].nunique()) if len(reach) else 0


def own_of(question: SitingQuestion) -> dict[str, Any]:
    """Return the parameters of a question that its model takes beside its rules.

    Parameters
    ----------
    question
        The question.
    """
    given: dict[str, Any] = {
        "times": question.times,
        "decay": list(map(list, question.decay.items())) or None,
        "beyond": question.beyond_min,
    }
    return {name: value for name, value in given.items() if name in question.spec.takes}


def _plain(rules: dict[str, Any]) -> dict[str, Any]:
    """Return rules as JSON has them."""
    told: dict[str, Any] = {
        name: list(rules[name]) for name in _LISTS if rules.get(name) is not None
    }
    for name in ("quotas", "floors"):
        told[name] = [
            {
                key: list(value) if key in {"sites", "demand"} else value
                for key, value in one.items()
            }
            for one in map(asdict, rules.get(name) or ())
        ]
    for name in ("cost", "hosts"):
        if rules.get(name) is not None:
            given = pd.Series(rules[name]).dropna()
            told[name] = [list(pair) for pair in zip(given.index, given.tolist(), strict=True)]
    for name in ("closable", "movable", "sizes"):
        if rules.get(name) is not None and len(rules[name]):
            told[name] = True
    return told | {name: rules[name] for name in ("time_limit_s", "seed")}


def _number(value: Any) -> Any:
    return value.item()


def digest_of(folder: Path) -> str:
    """Return a digest of a district's question as it was written.

    Parameters
    ----------
    folder
        The district's folder of results.
    """
    found = hashlib.sha256()
    for path in (QUESTION, *(f"{FOLDER}/{name}.parquet" for name in TABLES)):
        found.update(hashlib.sha256((folder / path).read_bytes()).digest())
    return found.hexdigest()


@lru_cache(maxsize=4)
def read_question(name: str, folder: Path, digest: str) -> SharedQuestion:
    """Read a district's question.

    Parameters
    ----------
    name
        Name of the district.
    folder
        Its folder of results.
    digest
        What `digest_of` gives of it.

    Returns
    -------
    The question.
    """
    told = json.loads((folder / QUESTION).read_text("utf-8"))
    frames = {one: pd.read_parquet(folder / FOLDER / f"{one}.parquet") for one in TABLES}
    own = told["own"]
    if own.get("decay"):
        own["decay"] = {float(limit): share for limit, share in own["decay"]}
    demand = frames["demand"]
    return SharedQuestion(
        part=PartQuestion(
            name=name,
            model=told["model"],
            od=frames["minutes"],
            demand=pd.Series(demand["weight"].to_numpy(), index=pd.Index(demand["label"])),
            rules=_rules(told["rules"]),
            own=own,
        ),
        candidates=frames["candidates"].set_index("label"),
        minutes=told["minutes"],
        mode=told["mode"],
        group=told["group"],
        kind_names=told["kind_names"],
        cost_unit=told["cost_unit"],
        thinned=told["thinned"],
        digest=digest,
    )


def _rules(told: dict[str, Any]) -> Rules:
    """Return rules as the models take them."""
    given = {name: value for name, value in told.items() if name not in {"quotas", "floors"}}
    given["conflicts"] = [tuple(pair) for pair in told.get("conflicts", ())]
    given["quotas"] = [Quota(**one) for one in told["quotas"]]
    given["floors"] = [Floor(**one) for one in told["floors"]]
    for name in ("cost", "hosts"):
        if name in told:
            given[name] = dict(_pairs(told[name]))
    return given  # type: ignore[return-value]


def _pairs(told: Sequence[Sequence[Any]]) -> list[tuple[Any, Any]]:
    return [(label, value) for label, value in told]
