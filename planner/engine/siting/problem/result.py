"""The answer to a siting question, its figures measured anew from the OD table."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from planner.engine.siting.problem.inputs import Ints, Label, is_count
from planner.engine.siting.problem.measures import host_cost, nearest_site, rank_sites, used_hosts
from planner.engine.siting.problem.problem import SitingProblem
from planner.errors import Problem, SitingError, fail

PROOF = 1e-9  # relative difference of bound and objective that floating point explains
ROUNDING = 1e-6  # the same, for models whose costs are rounded to whole steps
PREFERENCE_OPEN = "siting.preference_open"  # the note of an answer
Asked = ParamSpec("Asked")
Answered = TypeVar("Answered")


@dataclass(frozen=True, kw_only=True)
class Solution:
    """Where to build, and how sure that is.

    Parameters
    ----------
    model
        Name of the model asked.
    chosen
        New sites, that which adds most first.
    fixed, closed
        Existing sites kept, and closed.
    assignment
        Nearest open site of each demand label within the cutoff, missing where there is none.
    objective, bound
        Worth of the plan in the model's own measure, and the best that any plan could reach.
    gap
        Their difference as a share of the larger; 0 if proven.
    status
        ``"optimal"`` if proven, else ``"feasible"``, as where preference was not settled in time;
        ``"infeasible"`` where a run tells that there is no plan.
    added
        One row per new site in the order of ``chosen``: rank, site, added (demand newly reached),
        cumulative (demand reached so far, with existing sites) and saved (weighted metric saved by
        demand reached before).
    covered, total, share
        Demand reached, all demand, and their ratio.
    unreached
        Demand labels that no site of the question can reach.
    flows
        Who is served where: demand, site, weight. One row per demand reached, unless capacity
        divides it.
    sizes
        Size chosen for each open site, where sizes were offered.
    cost
        Cost of the new sites and of sizes; 0 where no costs were given.
    notes
        What the user should know, though it stopped nothing.
    proof
        What the bound rests on: ``"search"`` (the certified Lagrangian bound and branching of this
        package), ``"benders"`` (its Benders cuts) or ``"highs"`` (HiGHS on the whole program).
    asked
        The model's parameters and rules, so that `planner.siting.verify` can check the answer.
    """

    model: str
    chosen: tuple[Label, ...]
    fixed: tuple[Label, ...]
    closed: tuple[Label, ...]
    assignment: pd.Series
    objective: float
    bound: float
    gap: float
    status: str
    added: pd.DataFrame
    covered: float
    total: float
    share: float
    unreached: pd.Index
    flows: pd.DataFrame
    sizes: pd.Series
    cost: float
    notes: tuple[Problem, ...] = ()
    proof: str = "highs"
    asked: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def preference_open(self) -> bool:
        """Whether time was too short to settle which of the plans as good is preferred."""
        return any(note.key == PREFERENCE_OPEN for note in self.notes)


def record_question(model: Callable[Asked, Answered]) -> Callable[Asked, Answered]:
    """Return a model whose answers carry what was asked, beside the tables.

    Parameters
    ----------
    model
        The model's function.

    Returns
    -------
    The model, as it was but for its answers' field ``asked``.
    """
    signature = inspect.signature(model)

    @wraps(model)
    def asking(*args: Asked.args, **kwargs: Asked.kwargs) -> Answered:
        """Ask the model, and note what was asked.

        Parameters
        ----------
        *args
            As for the model.
        **kwargs
            As for the model; an iterator is read once.

        Returns
        -------
        The model's answer, its field ``asked`` filled.
        """
        bound = signature.bind(*args, **kwargs)
        asked = {**bound.arguments, **bound.arguments.get("rules", {})}
        for name, value in asked.items():
            if isinstance(value, Iterator):  # read once, so that it can be read again
                asked[name] = list(value)
        tables = {name: asked.pop(name) for name in ("od", "demand") if name in asked}
        asked.pop("rules", None)
        answer = model(**tables, **asked)  # type: ignore[call-arg]
        done: Answered = replace(answer, asked=asked)  # type: ignore[type-var]
        return done

    return asking


def heed_preference(answer: Solution, is_settled: bool) -> Solution:  # noqa: FBT001
    """Return an answer that says so where preference was not settled in time.

    Parameters
    ----------
    answer
        The answer, its status that of its objective.
    is_settled
        Whether it is sure that preference had all its say; true where none was asked for.

    Returns
    -------
    The answer, ``"feasible"`` and with a note where it is not.
    """
    if is_settled or answer.preference_open:
        return answer
    notes = (*answer.notes, Problem(key=PREFERENCE_OPEN))
    return replace(answer, status="feasible", notes=notes)


def make_solution(
    question: SitingProblem,
    is_open: NDArray[np.bool_],
    objective: float,
    bound: float,
    *,
    unit: float = 0.0,
    proven: bool = False,
    flows: pd.DataFrame | None = None,
    sizes: pd.Series | None = None,
    size_cost: float = 0.0,
    spare: bool = False,
    notes: tuple[Problem, ...] = (),
    proof: str = "highs",
) -> Solution:
    """Build the answer of a plan, its figures measured anew.

    Parameters
    ----------
    question
        The question.
    is_open
        Which sites (m) the plan opens.
    objective
        Measured from the plan, not taken from the solver.
    bound
        Proven bound.
    unit
        A step of which every plan's objective is a multiple, zero if there is none: a gap below
        one step is then a proof.
    proven
        Whether bound and objective met before costs were rounded.
    flows, sizes, size_cost
        Who is served where, by what sizes at what cost, if capacity divides demand.
    spare
        Whether sites that are the nearest of nobody may be left out, where the rules allow it.
    notes
        Further notes.
    proof
        What the bound rests on, as in `Solution`.

    Returns
    -------
    The answer.

    Raises
    ------
    ArithmeticError
        If the bound excludes the plan: one of the two is wrong.
    """
    _check_plan(question, is_open)
    gap = 0.0 if bound == objective else abs(bound - objective)  # both may be infinite
    scale = max(abs(bound), abs(objective))
    near = PROOF * scale if np.isfinite(scale) else 0.0  # a share of what is infinite is no proof
    beyond = bound - objective if question.least else objective - bound
    if beyond > max(1e-6 * scale, unit * 1e-3):
        raise ArithmeticError(f"the bound {bound} excludes the plan's {objective}")
    rounded = max(ROUNDING * scale, PROOF * float(question.weight.sum())) if proven else 0.0
    if gap < unit * (1 - 1e-6) or gap <= max(near, rounded):
        bound, gap = objective, 0.0
    nearest = nearest_site(question, is_open)
    if spare and question.preference is None:
        is_open = _without_spare(question, is_open, nearest)
    new = np.flatnonzero(is_open[question.n_fixed :]) + question.n_fixed
    old = is_open & (np.arange(len(is_open)) < question.n_fixed)
    order, added = rank_sites(question.reach, question.weight, question.sites, old=old, new=new)
    reached = nearest >= 0
    assignment = pd.Series(question.sites.take(nearest), index=question.demand, name="site")
    assignment = assignment.where(reached)
    covered, total = float(question.weight[reached].sum()), float(question.weight.sum())
    if flows is None:
        flows = pd.DataFrame(
            {
                "demand": question.demand[reached],
                "site": question.sites.take(nearest[reached]),
                "weight": question.weight[reached],
            }
        )
    existing = is_open[: question.n_fixed]
    return Solution(
        model=question.model,
        chosen=tuple(question.sites[order]),
        fixed=tuple(question.sites[: question.n_fixed][existing]),
        closed=tuple(question.sites[: question.n_fixed][~existing]),
        assignment=assignment,
        objective=float(objective),
        bound=float(bound),
        gap=gap / scale if scale else 0.0,
        status="feasible" if gap else "optimal",
        added=added,
        covered=covered,
        total=total,
        share=covered / total if total else 1.0,
        unreached=question.demand[~question.reached],
        flows=flows,
        sizes=pd.Series(dtype=object, name="size") if sizes is None else sizes,
        cost=float(question.cost[new].sum()) + size_cost + host_cost(question, is_open),
        notes=(*question.notes, *notes),
        proof=proof,
    )


def _check_plan(question: SitingProblem, is_open: NDArray[np.bool_]) -> None:
    """Raise where a plan breaks a rule.

    Raises
    ------
    ArithmeticError
        If it does: a bug of a search, never a user's fault.
    """
    for limit in question.limits:
        if not limit.holds(is_open):
            raise ArithmeticError(f"the plan breaks a rule: {limit.key} {limit.name}")
    for name, members, least, within in question.floors:
        near = sparse.csr_array(question.reach[members] * 1.0)
        row = np.repeat(np.arange(len(members)), np.diff(near.indptr))
        hit = members[np.unique(row[is_open[near.indices] & (near.data <= within)])]
        if question.weight[hit].sum() < least * (1 - 1e-9):
            raise ArithmeticError(f"the plan stays below a floor: {name}")
    if question.hosts is not None and len(used_hosts(question, is_open)) > question.hosts.most:
        raise ArithmeticError("the plan uses more hosts than asked")


def _without_spare(
    question: SitingProblem, is_open: NDArray[np.bool_], nearest: Ints
) -> NDArray[np.bool_]:
    """Return a plan without the new sites that are the nearest of nobody, if rules allow it."""
    needed = question.always.copy()
    needed[: question.n_fixed] = True
    needed[nearest[nearest >= 0]] = True
    if all(limit.holds(is_open & needed) for limit in question.limits):
        return is_open & needed
    return is_open


def no_plan(
    model: str, od: pd.DataFrame, demand: pd.Series, fixed: Iterable[Label], metric: str = "minutes"
) -> Solution:
    """Return what can be said where there is no plan: what stands, and whom it reaches.

    Parameters
    ----------
    model, od, demand, fixed
        As the model was asked.
    metric
        As in `Rules`.

    Returns
    -------
    plan
        Its status is ``"infeasible"``; it chooses nothing, and its figures are missing.
    """
    stands = list(fixed)
    near = od[od["facility"].isin(stands)].sort_values([metric, "facility"], kind="stable")
    nearest = near.drop_duplicates("demand").set_index("demand")["facility"]
    assignment = nearest.reindex(demand.index).rename("site")
    reached = assignment.notna()
    covered, total = float(demand[reached].sum()), float(demand.sum())
    names = pd.Index(["rank", "site", "added", "cumulative", "saved"])
    flows = {"demand": demand.index, "site": assignment, "weight": demand}
    return Solution(
        model=model,
        chosen=(),
        fixed=tuple(stands),
        closed=(),
        assignment=assignment,
        objective=np.nan,
        bound=np.nan,
        gap=np.nan,
        status="infeasible",
        added=pd.DataFrame(columns=names),
        covered=covered,
        total=total,
        share=covered / total if total else 1.0,
        unreached=demand.index[~demand.index.isin(od["demand"])],
        flows=pd.DataFrame(flows)[reached].reset_index(drop=True),
        sizes=pd.Series(dtype=object, name="size"),
        cost=0.0,
    )


def check_most(most: int) -> None:
    """Raise where a number of plans of a front means nothing.

    Parameters
    ----------
    most
        How many plans at most.

    Raises
    ------
    SitingError
        If that is no whole number from 1 up.
    """
    if not is_count(most, 1):
        raise fail(SitingError, "siting.most_plans", value=most)


def cut_front(front: pd.DataFrame, most: int) -> pd.DataFrame:
    """Return so many plans of a front, with ``further``: behind which one it goes on.

    Parameters
    ----------
    front
        The front, its plans in the last column.
    most
        How many plans at most.

    Returns
    -------
    The first plans, with the column ``further`` before the last one.
    """
    shown = front.head(most)
    cut = len(front) > len(shown)
    further = [cut and number == len(shown) for number in range(1, len(shown) + 1)]
    shown.insert(len(shown.columns) - 1, "further", further)
    return shown
