"""HiGHS on one program given as arrays: in this process, or as the main program of a worker.

A worker is this file run as a script, so that it starts with NumPy and highspy alone. It reads
pickled programs from its input and tells plans and bounds as they come.
"""

from __future__ import annotations

import os
import pickle
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import highspy
import numpy as np
from numpy.typing import NDArray

PROOF = 1e-6  # share by which point and bound may differ
TELL_S = 0.05  # between two bounds told
TOLERANCES = ("mip_feasibility_tolerance", "primal_feasibility_tolerance")


class Stated(NamedTuple):
    """A program as HiGHS takes it.

    Parameters
    ----------
    maximise
        Whether the objective is to be made large.
    worth, low, high, whole
        Of each column: its worth in the objective, bounds, and whether it is a whole number (n).
    row_low, row_high
        Bounds of the rows (k).
    starts, columns, values
        The rows' coefficients, in compressed form.
    options
        Names and values of HiGHS' options.
    start
        Columns and values of a plan known already.
    """

    maximise: bool
    worth: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    whole: NDArray[np.bool_]
    row_low: NDArray[np.float64]
    row_high: NDArray[np.float64]
    starts: NDArray[np.int32]
    columns: NDArray[np.int32]
    values: NDArray[np.float64]
    options: dict[str, Any]
    start: tuple[NDArray[np.int32], NDArray[np.float64]] | None


class Answer(NamedTuple):
    """What HiGHS knows of a program, in the end or until then.

    Parameters
    ----------
    point
        Value of each column; None if no plan was found.
    objective, bound
        Of that point, and proven for every point.
    infeasible
        Whether it is proven that there is none.
    prices
        Where nothing has to be whole: what a unit more of each row's bound would cost.
    """

    point: NDArray[np.float64] | None
    objective: float
    bound: float
    infeasible: bool = False
    prices: NDArray[np.float64] | None = None


def is_proven(answer: Answer, unit: float = 0.0) -> bool:
    """Return whether HiGHS found a plan that no other betters by a step.

    Parameters
    ----------
    answer
        What it knows.
    unit
        A step of which every objective is a multiple, zero if there is none.

    Returns
    -------
    True if point and bound meet.
    """
    near = max(unit * (1.0 - 1e-6), PROOF * max(abs(answer.objective), 1.0))
    return answer.point is not None and abs(answer.objective - answer.bound) <= near


def solve(
    stated: Stated, time_limit_s: float, tell: Callable[[Answer], None] | None = None
) -> Answer:
    """Solve a program to proven optimality, or until HiGHS sees that time has run out.

    Parameters
    ----------
    stated
        The program.
    time_limit_s
        Seconds.
    tell
        Called with what is known whenever a plan is found, or the bound has risen.

    Returns
    -------
    What was found, and a proven bound.
    """
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(stated.worth), len(stated.row_low)
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = stated.worth, stated.low, stated.high
    lp.row_lower_, lp.row_upper_ = stated.row_low, stated.row_high
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = stated.starts
    lp.a_matrix_.index_ = stated.columns
    lp.a_matrix_.value_ = stated.values
    kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
    lp.integrality_ = [kinds[int(is_whole)] for is_whole in stated.whole]
    if stated.maximise:
        lp.sense_ = highspy.ObjSense.kMaximize
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    for name, value in {"output_flag": False, **stated.options}.items():
        solver.setOptionValue(name, value)
    solver.passModel(lp)
    if stated.start is not None:
        solver.setSolution(len(stated.start[0]), *stated.start)
    solver.setOptionValue("time_limit", time_limit_s)
    is_mip = bool(stated.whole.any())
    if tell is not None and is_mip:
        _listen(solver, tell, np.inf if stated.maximise else -np.inf)
    solver.run()
    simpler = _simpler(stated)
    if solver.getModelStatus() == highspy.HighsModelStatus.kSolveError and simpler is not None:
        return solve(simpler, max(time_limit_s - solver.getRunTime(), 0.01), tell)
    return _answer(solver, is_mip, maximise=stated.maximise)


def _simpler(stated: Stated) -> Stated | None:
    """Return the program to try where HiGHS failed; None if there is nothing left to try.

    It fails where it cannot keep to its tolerances: in completing a plan that it was given, or
    anywhere if rows add up large numbers. Its own tolerances only make bounds looser.
    """
    if stated.start is not None:
        return stated._replace(start=None)
    kept = {name: one for name, one in stated.options.items() if name not in TOLERANCES}
    return stated._replace(options=kept) if len(kept) < len(stated.options) else None


def _answer(solver: highspy.Highs, is_mip: bool, *, maximise: bool) -> Answer:  # noqa: FBT001
    status = solver.getModelStatus()
    nowhere = np.inf if maximise else -np.inf
    if status in (
        highspy.HighsModelStatus.kInfeasible,
        highspy.HighsModelStatus.kUnboundedOrInfeasible,
    ):
        return Answer(point=None, objective=-nowhere, bound=-nowhere, infeasible=True)
    info = solver.getInfo()
    if not info.valid:  # it failed, and its bound of zero says nothing
        return Answer(point=None, objective=-nowhere, bound=nowhere)
    done = status == highspy.HighsModelStatus.kOptimal
    bound = info.mip_dual_bound if is_mip else info.objective_function_value if done else nowhere
    if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return Answer(point=None, objective=-nowhere, bound=bound)
    found = solver.getSolution()
    return Answer(
        point=np.asarray(found.col_value),
        objective=info.objective_function_value,
        bound=bound,
        prices=None if is_mip else np.asarray(found.row_dual),
    )


def _listen(solver: highspy.Highs, tell: Callable[[Answer], None], nowhere: float) -> None:
    """Have each better plan told at once, and the bound from time to time."""
    kinds = highspy.cb.HighsCallbackType
    point: NDArray[np.float64] | None = None
    objective, bound, told_at = -nowhere, nowhere, 0.0

    def _hear(kind: Any, _message: str, out: Any, _in: Any, _data: Any) -> None:
        nonlocal point, objective, bound, told_at
        is_plan = kind == kinds.kCallbackMipImprovingSolution
        if is_plan:
            point = np.array(out.mip_solution, dtype=np.float64)
            objective = float(out.objective_function_value)
        risen = np.isfinite(out.mip_dual_bound) and out.mip_dual_bound != bound
        if is_plan or (risen and time.monotonic() > told_at + TELL_S):
            bound, told_at = float(out.mip_dual_bound), time.monotonic()
            if not np.isfinite(bound):
                bound = nowhere
            tell(Answer(point=point, objective=objective, bound=bound))

    solver.setCallback(_hear, None)
    for kind in (kinds.kCallbackMipImprovingSolution, kinds.kCallbackMipInterrupt):
        solver.startCallback(kind)


def work() -> None:
    """Solve programs from the standard input until it ends, and tell of them on the output.

    The output is taken for messages alone: what HiGHS prints by itself goes nowhere. Where the
    input ends, whoever asked is gone, and so is the worker, in the midst of a program or not.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    out = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    asked: queue.SimpleQueue[tuple[Stated, float]] = queue.SimpleQueue()

    def read() -> None:
        try:
            while True:
                fields, seconds = pickle.load(sys.stdin.buffer)  # noqa: S301 - from our own parent
                asked.put((Stated(*fields), time.monotonic() + seconds))
        finally:
            os._exit(0)

    def _say(last: bool, known: Answer) -> None:  # noqa: FBT001
        pickle.dump((last, tuple(known)), out)
        out.flush()

    threading.Thread(target=read, daemon=True).start()
    while True:
        stated, until = asked.get()
        left = max(until - time.monotonic(), 0.01)
        _say(True, solve(stated, left, lambda known: _say(False, known)))


if __name__ == "__main__":
    work()
