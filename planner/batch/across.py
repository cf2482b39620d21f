"""Sites over all districts of a batch under one number of sites or one budget."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pandas as pd

from planner.batch.questions import SharedQuestion, digest_of, read_question
from planner.batch.shared_budget import SharedBudget
from planner.batch.task import DistrictTask, check_worker
from planner.engine.siting import rank_within
from planner.engine.siting.across import (
    Across,
    Brief,
    PartAsk,
    PartPlan,
    PartQuestion,
    Told,
    answer,
    brief_of,
    site_across,
)
from planner.engine.siting.across.part import Unit
from planner.errors import PlannerError, Problem, SitingError, fail
from planner.language import Lang, speaking

KEPT = ".across"


@dataclass(frozen=True, kw_only=True)
class AcrossTask:
    """What a worker is asked of one district's question: plain texts.

    Parameters
    ----------
    name, folder
        The district, and its folder of results.
    digest
        Of its question.
    unit
        What is shared.
    ask
        What is asked; None for what the whole has to know before.
    kept
        The file that keeps the answer.
    words
        Language of messages.
    program
        Digest of the code that asks.
    """

    name: str
    folder: str
    digest: str
    unit: Unit
    ask: PartAsk | None
    kept: str
    words: Lang
    program: str


@dataclass(frozen=True, kw_only=True)
class SharedOut:
    """What the districts have of what they share, and how good that is.

    Parameters
    ----------
    shared
        What they share.
    plan
        The plan over all.
    questions
        The question of each district of the plan, in its order.
    left_out
        Why a district is not in the plan, by its name.
    """

    shared: SharedBudget
    plan: Across
    questions: tuple[SharedQuestion, ...]
    left_out: Mapping[str, tuple[str, ...]]

    @property
    def mode(self) -> str:
        """How residents come: the same in all districts."""
        return self.questions[0].mode

    def districts(self) -> pd.DataFrame:
        """Return what each district has.

        Returns
        -------
        A row a district: ``district``, ``new_sites``, ``cost``, ``people`` who count, ``covered``
        before and ``covered_after`` within the limit, ``newly``, and the ``objective`` before and
        after where that is no count of people.
        """
        rows = []
        for part, question in zip(self.plan.parts, self.questions, strict=True):
            own, new = self._sites(part, question), question.part.demand
            before = _covered(question, question.part.rules.get("fixed") or ())
            newly = float(own["added"].sum())
            row = {
                "district": part.name,
                "new_sites": len(part.sites),
                "cost": float(own["cost"].sum()) if self.shared.unit == "cost" else None,
                "people": float(new.sum()),
                "covered": before,
                "covered_after": before + newly,
                "newly": newly,
            }
            if question.part.least:
                row |= {"minutes_before": part.before, "minutes_after": part.objective}
            rows.append(row)
        return pd.DataFrame(rows)

    def sites(self) -> pd.DataFrame:
        """Return the new sites.

        Returns
        -------
        A row a site: ``district``, ``site``, ``site_name``, ``community_name``, ``host``, ``cost``,
        ``added`` people within the limit, ``lon`` and ``lat`` (WGS 84).
        """
        frames = [
            self._sites(part, question).assign(district=part.name)
            for part, question in zip(self.plan.parts, self.questions, strict=True)
        ]
        columns = ["district", "site", "name", "community", "host", "cost", "added", "lon", "lat"]
        table = pd.concat(frames, ignore_index=True)[columns]
        return table.rename(columns={"name": "site_name", "community": "community_name"})

    def _sites(self, part: PartPlan, question: SharedQuestion) -> pd.DataFrame:
        """Return the sites of a district, that which adds most first."""
        near = question.part.od[question.part.od["minutes"] <= question.minutes]
        fixed = list(question.part.rules.get("fixed") or ())
        added = rank_within(fixed, part.sites, near, question.part.demand)
        own = question.candidates.reindex(list(added["site"])).rename_axis("site").reset_index()
        return own.assign(added=added["added"].to_numpy(float))


def _covered(question: SharedQuestion, sites: Iterable[Any]) -> float:
    """Return how many people are within the limit of some sites."""
    table = question.part.od
    near = table[(table["minutes"] <= question.minutes) & table["facility"].isin(list(sites))]
    return float(question.part.demand[near["demand"].unique()].sum())


Run = Callable[[Sequence[AcrossTask]], list[Any]]


def compute(task: AcrossTask) -> Told | Brief | tuple[Problem, ...]:
    """Answer for a district, from what was kept if it was asked before.

    Parameters
    ----------
    task
        What is asked.

    Returns
    -------
    The answer, or why there is none.
    """
    kept = Path(task.kept)
    kind = Brief if task.ask is None else Told
    with suppress(OSError, ValueError, TypeError, KeyError):
        told = json.loads(kept.read_text("utf-8"))
        if task.ask is None:  # districts with the same question are kept as one
            told |= {"name": task.name, "costs": tuple(told["costs"])}
        else:
            told |= {"sites": tuple(told["sites"])}
        return kind(**told)
    try:
        with speaking(task.words):
            check_worker(task.program)
            part = read_question(task.name, Path(task.folder), task.digest).part
            found = (
                brief_of(part, task.unit) if task.ask is None else answer(part, task.unit, task.ask)
            )
    except PlannerError as error:
        return tuple(error.problems)
    _keep(kept, found)
    return found


def _keep(path: Path, found: Told | Brief) -> None:
    """Keep an answer, complete or not at all; a disk that does not allow it loses time alone."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    with suppress(OSError):
        path.parent.mkdir(exist_ok=True)
        beside.write_text(json.dumps(asdict(found), default=_of_numpy), "utf-8")
        beside.replace(path)


def _of_numpy(value: Any) -> Any:
    return value.item()


def share_out(
    tasks: Sequence[DistrictTask],
    lost: Mapping[str, tuple[str, ...]],
    shared: SharedBudget,
    folder: Path,
    run: Run,
) -> SharedOut:
    """Deal out what the districts share, to where it does most good.

    Parameters
    ----------
    tasks
        The districts that have a result.
    lost
        Why the others have none, by name.
    shared
        What is shared.
    folder
        The folder of the batch, which keeps what districts answered.
    run
        Computes tasks, in the order given.

    Returns
    -------
    The plan over all districts.

    Raises
    ------
    SitingError
        If no district can be asked, costs are in different units, or what the districts' own rules
        ask for takes more than there is.
    """
    search = _DistrictAnswers(tasks, shared, folder, run)
    briefs, left_out = search.begin()
    if not briefs:
        raise SitingError([one for problems in left_out.values() for one in problems])
    names = [brief.name for brief in briefs]
    units = {search.question(name).cost_unit for name in names}
    if shared.unit == "cost" and len(units) > 1:
        told = ", ".join(sorted(unit or "–" for unit in units))
        raise fail(SitingError, "across.cost_units", file=shared.option, value=told)
    found = site_across(
        briefs, shared.unit, shared.most, search.ask, lambda: [search.part(name) for name in names]
    )
    words = tasks[0].words
    why = {name: tuple(one.say(words) for one in own) for name, own in left_out.items()}
    search.clear()
    return SharedOut(
        shared=shared,
        plan=found,
        questions=tuple(search.question(name) for name in names),
        left_out={**lost, **why},
    )


class _DistrictAnswers:
    """The districts' questions, and their answers as they come."""

    def __init__(
        self, tasks: Sequence[DistrictTask], shared: SharedBudget, folder: Path, run: Run
    ) -> None:
        self.tasks = {task.name: task for task in tasks}
        self.shared, self.kept, self.run = shared, folder / KEPT, run
        self.digests = {task.name: digest_of(Path(task.folder)) for task in tasks}
        self.used: set[str] = set()
        if not (tasks and tasks[0].resume):
            self.clear()

    def question(self, name: str) -> SharedQuestion:
        """Return a district's question.

        Parameters
        ----------
        name
            The district.
        """
        return read_question(name, Path(self.tasks[name].folder), self.digests[name])

    def part(self, name: str) -> PartQuestion:
        """Return a district's question in labels and tables.

        Parameters
        ----------
        name
            The district.
        """
        return self.question(name).part

    def begin(self) -> tuple[list[Brief], dict[str, tuple[Problem, ...]]]:
        """Return what is known of each district that has a plan, and why others have none."""
        names = list(self.tasks)
        told = self.run([self._task(name, None) for name in names])
        sound = [name for name, one in zip(names, told, strict=True) if isinstance(one, Brief)]
        least = self.run([self._task(name, PartAsk(name=name, way="least")) for name in sound])
        possible = {name for name, one in zip(sound, least, strict=True) if isinstance(one, Told)}
        left_out = {
            name: one
            for name, one in [*zip(names, told, strict=True), *zip(sound, least, strict=True)]
            if isinstance(one, tuple)
        }
        briefs = [one for one in told if isinstance(one, Brief) and one.name in possible]
        return briefs, left_out

    def ask(self, asks: Sequence[PartAsk]) -> list[Told]:
        """Return what districts answer.

        Parameters
        ----------
        asks
            A district's name each, with the price or the limit that it is asked at.

        Returns
        -------
        The answers, in the order asked; those of before are read from the folder that keeps them.

        Raises
        ------
        SitingError
            If a district has no answer: with the problems of all that have none.
        """
        found = self.run([self._task(one.name, one) for one in asks])
        wrong = [problem for one in found if isinstance(one, tuple) for problem in one]
        if wrong:
            raise SitingError(wrong)
        return list(found)

    def _task(self, name: str, ask: PartAsk | None) -> AcrossTask:
        task, digest = self.tasks[name], self.digests[name]
        asked = [digest, self.shared.unit, ask and [ask.way, repr(float(ask.at))], task.program]
        key = sha256(json.dumps(asked).encode()).hexdigest()[:32]
        self.used.add(f"{key}.json")
        return AcrossTask(
            name=name,
            folder=task.folder,
            digest=digest,
            unit=self.shared.unit,
            ask=ask,
            kept=str(self.kept / f"{key}.json"),
            words=task.words,
            program=task.program,
        )

    def clear(self) -> None:
        """Remove answers that nobody asked for this time."""
        with suppress(OSError):
            for path in self.kept.iterdir():
                if path.name not in self.used:
                    path.unlink()
