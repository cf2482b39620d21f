"""A batch from its table to the whole: every district a task, and what became of each."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from planner import api
from planner.batch import across, executors, overview
from planner.batch.across import SharedOut
from planner.batch.districts import read_districts, shared_extracts
from planner.batch.journal import DISTRICTS, Journal, check_out, held
from planner.batch.overview import WORKBOOK
from planner.batch.shared_budget import SharedBudget, check_districts, shared_of
from planner.batch.task import ENDED_WELL, DistrictOutcome, DistrictTask
from planner.district.reading import standing
from planner.errors import PlannerError, Problem, SettingsError, fail
from planner.language import Spoken, default_lang, language_of, text
from planner.output.chosen import OF_REPORT, PARTS_OF_MANY, chosen, without_report

_LOG = logging.getLogger(__name__)
Told = Callable[[int, int], None]  # how many of how many districts are done


@dataclass(frozen=True, kw_only=True)
class Batch:
    """What became of the districts of a batch; see `batch`.

    Parameters
    ----------
    folder
        Where its files are.
    outcomes
        What became of each district, in the table's order.
    across
        The plan over all districts, where they share new sites or a budget.
    unshared
        Why there is no such plan, where that showed only once the districts were read.
    """

    folder: Path
    outcomes: tuple[DistrictOutcome, ...]
    across: SharedOut | None = None
    unshared: tuple[Problem, ...] = ()

    @property
    def failed(self) -> tuple[DistrictOutcome, ...]:
        """The districts without a result."""
        return tuple(one for one in self.outcomes if one.state not in ENDED_WELL)

    def count(self, state: str) -> int:
        """Return how many districts ended so.

        Parameters
        ----------
        state
            As in `DistrictOutcome`.
        """
        return sum(one.state == state for one in self.outcomes)


def batch(
    table: str | Path,
    out: str | Path,
    *,
    workers: int = 0,
    scheduler: str | None = None,
    resume: bool = False,
    use: Sequence[str] = (),
    set: Sequence[str] = (),  # noqa: A002  as on the command line
    outputs: Sequence[str] | None = None,
    lang: Spoken | None = None,
    new: int | None = None,
    budget: float | None = None,
    question: str | None = None,
    told: Told | None = None,
    watched: Callable[[str, int], None] | None = None,
) -> Batch:
    """Run many districts, each into a folder of its own, and join what they come to.

    Parameters
    ----------
    table
        A table of scenarios or a folder of them; see `read_districts`.
    out
        Where to: ``districts/NAME`` for each, ``overview`` for the whole, and ``batch.json``.
    workers
        Local processes; none computes here.
    scheduler
        Address of a Dask scheduler, in place of local processes; its workers must see the same
        folders.
    resume
        Whether districts whose result stands are left as they are.
    use, set
        Overrides and single settings laid over each, before those of its own row.
    outputs
        What of each result is written; all but ``plan`` if not given.
    lang
        Language of what is written; each scenario's if not given.
    new, budget
        How many new sites, or how much money, all districts have together: sites are chosen over
        all of them, where they do most good.
    question
        Which siting question of each district shares it: its kind, or its number from 0; the first
        by default.
    told
        Called with how many districts are done, and of how many.
    watched
        Called with the address of Dask's dashboard, empty without one, and how many workers there
        are.

    Returns
    -------
    What became of each district. One that fails stops no other.

    Raises
    ------
    PlannerError
        If the table does not hold, the folder is somebody else's, the districts' questions cannot
        share what there is, or the scheduler or its workers cannot be used: nothing is written
        then.

    Examples
    --------
    >>> batch("districts.csv", "province", workers=4, resume=True).failed  # doctest: +SKIP
    ()
    """
    if scheduler is not None and workers:
        raise fail(SettingsError, "batch.both", file="--scheduler")
    shared = shared_of(new, budget, question)
    parts = chosen(outputs, PARTS_OF_MANY)
    folder = Path(out).absolute()
    districts = read_districts(table, folder)
    check_out(folder)
    words = language_of(lang) or default_lang()
    lacking = [] if outputs else [text(f"cli.{part}", words) for part in OF_REPORT]
    for line in without_report(words, [*lacking, WORKBOOK]):
        _LOG.warning(line)
    if shared is not None:
        check_districts(districts, shared, use, set)
    if scheduler is None:  # workers elsewhere compile for themselves
        api.warm_up()
    extracts = shared_extracts(districts, use, set)
    program = standing.code_digest()
    tasks = [
        DistrictTask(
            name=one.name,
            scenario=str(one.scenario),
            use=(*use, *one.use),
            assign=(*set, *one.assign),
            folder=str(folder / DISTRICTS / one.name),
            outputs=parts,
            lang=lang,
            words=words,
            resume=resume,
            program=program,
            shared=None if shared is None else tuple(filter(None, [shared.question])),
            extract=str(extracts[one.name]) if one.name in extracts else None,
        )
        for one in districts
    ]
    on_dask = executors.client_for(workers, scheduler) if workers or scheduler else nullcontext()
    with on_dask as client:
        if client is not None:
            found = executors.check_workers(client, program, parts)
            if watched is not None:
                link = client.dashboard_link if executors.has_dashboard() else ""
                watched(link, found)
        with held(folder):
            outcomes = (
                executors.in_process(tasks)
                if client is None
                else executors.on_workers(client, tasks)
            )
            journal = _followed(folder, tasks, outcomes, told)
            run = partial(executors.in_order, client, work=across.compute)
            return _joined(journal, folder, shared, run)


def _followed(
    folder: Path, tasks: list[DistrictTask], outcomes: executors.Outcomes, told: Told | None
) -> Journal:
    """Note what becomes of each district, however it comes."""
    journal = Journal(folder, tasks)
    if told is not None:
        told(0, len(tasks))
    try:
        for outcome in outcomes:
            journal.add(outcome)
            if told is not None:
                told(len(journal.outcomes), len(tasks))
    except BaseException:
        journal.write(ended=False)  # what was done is known to who goes on
        raise
    return journal


def _joined(journal: Journal, folder: Path, shared: SharedBudget | None, run: across.Run) -> Batch:
    """Join the results, with what the districts have of what they share."""
    tasks, ordered = journal.tasks, journal.ordered()
    found: SharedOut | None = None
    wrong: tuple[Problem, ...] = ()
    journal.write(ended=False)
    if shared is not None:
        whole = {one.name for one in ordered if one.state in ENDED_WELL}
        lost = {one.name: one.problems for one in ordered if one.name not in whole}
        sound = [task for task in tasks if task.name in whole]
        try:
            found = across.share_out(sound, lost, shared, folder, run) if sound else None
        except PlannerError as error:  # the districts' own results are joined all the same
            wrong = tuple(error.problems)
    overview.save(folder, tasks, ordered, found)
    journal.write(ended=True)
    return Batch(folder=folder, outcomes=ordered, across=found, unshared=wrong)
