"""Solve one location problem with a peer: spopt, HiGHS, CBC by PuLP, OR-Tools; print what it took.

Run by ``siting.py`` with an interpreter that has the peers: ``siting_peers.py PROBLEM.npz PEER``.
Each stops itself after ``limit`` CPU seconds, those of building its program included.
"""

import json
import resource
import sys
import warnings

import numpy as np
from cpu_limit import at_limit, spent

warnings.simplefilter("ignore")


def spopt(model: str, data: dict) -> tuple[float, float]:
    import pulp
    from spopt import locate

    minutes, weight, p, cutoff = (data[name] for name in ("minutes", "weight", "p", "cutoff"))
    kinds = {
        "max_cover": lambda: locate.MCLP.from_cost_matrix(minutes, weight, cutoff, p_facilities=p),
        "set_cover": lambda: locate.LSCP.from_cost_matrix(minutes, cutoff),
        "p_median": lambda: locate.PMedian.from_cost_matrix(minutes, weight, p_facilities=p),
    }
    asked = kinds[model]()
    try:
        found = asked.solve(cbc_for(data["limit"])).problem
    except RuntimeError:  # no plan in time
        return 0.0, 10.0
    value, proven = found.objective.value(), found.sol_status == pulp.LpSolutionOptimal
    return (0.0 if value is None else float(value)), 0.0 if proven else 10.0


def cbc_for(limit: float):
    """Make CBC stop after the CPU seconds that are left; PuLP itself knows those of the clock."""
    import pulp

    left = max(limit - spent(), 1.0)
    return pulp.PULP_CBC_CMD(msg=False, gapRel=0, options=["timeMode cpu", f"sec {left:.1f}"])


def highs(model: str, data: dict) -> tuple[float, float]:
    """Solve an MCLP as a plain program: one row per demand, nothing merged, no start."""
    import highspy
    from scipy import sparse

    by, weight, p = data["by"], data["weight"], data["p"]
    n, m = by.shape
    lp = highspy.HighsLp()
    if model == "max_cover":
        rows = sparse.vstack(
            [
                sparse.hstack([by, -sparse.eye_array(n)]),
                sparse.csr_array(np.concatenate([np.ones(m), np.zeros(n)])[None, :]),
            ]
        ).tocsr()
        lp.col_cost_ = np.concatenate([np.zeros(m), weight])
        lp.row_lower_ = np.append(np.zeros(n), -np.inf)
        lp.row_upper_ = np.append(np.full(n, np.inf), float(p))
        lp.sense_ = highspy.ObjSense.kMaximize
    elif model == "set_cover":
        rows = by[np.diff(by.indptr) > 0]
        lp.col_cost_ = np.ones(m)
        lp.row_lower_, lp.row_upper_ = np.ones(rows.shape[0]), np.full(rows.shape[0], np.inf)
    else:
        raise ValueError(model)
    lp.num_row_, lp.num_col_ = rows.shape
    lp.col_lower_, lp.col_upper_ = np.zeros(lp.num_col_), np.ones(lp.num_col_)
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_, lp.a_matrix_.index_ = rows.indptr, rows.indices
    lp.a_matrix_.value_ = rows.data
    kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
    lp.integrality_ = [kinds[j < m] for j in range(lp.num_col_)]
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("mip_rel_gap", 0.0)
    stop_at(solver, data["limit"])
    solver.passModel(lp)
    solver.run()
    info = solver.getInfo()
    return float(info.objective_function_value), float(info.mip_gap)


def stop_at(solver, limit: float) -> None:
    """Have HiGHS stop after so many CPU seconds."""
    import highspy

    def hear(_kind, _message, _out, answer, _data) -> None:
        if answer is not None:
            answer.user_interrupt = spent() > limit

    solver.setCallback(hear, None)
    kinds = highspy.cb.HighsCallbackType
    for kind in (kinds.kCallbackMipInterrupt, kinds.kCallbackSimplexInterrupt):
        solver.startCallback(kind)


def cbc(model: str, data: dict) -> tuple[float, float]:
    """Write the program with PuLP, pairs within reach alone, and solve it with CBC."""
    import pulp

    by, weight, p = data["by"], data["weight"], data["p"]
    n, m = by.shape
    covers = [by.indices[by.indptr[i] : by.indptr[i + 1]] for i in range(n)]
    is_open = [pulp.LpVariable(f"x{j}", cat="Binary") for j in range(m)]
    if model == "max_cover":
        program = pulp.LpProblem("cover", pulp.LpMaximize)
        hit = [pulp.LpVariable(f"y{i}", 0, 1) for i in range(n)]
        program += pulp.lpSum(float(weight[i]) * hit[i] for i in range(n))
        program += pulp.lpSum(is_open) <= p
        for i in range(n):
            program += pulp.lpSum(is_open[j] for j in covers[i]) >= hit[i]
    elif model == "set_cover":
        program = pulp.LpProblem("cover", pulp.LpMinimize)
        program += pulp.lpSum(is_open)
        for i in range(n):
            if len(covers[i]):
                program += pulp.lpSum(is_open[j] for j in covers[i]) >= 1
    else:
        raise ValueError(model)
    program.solve(cbc_for(data["limit"]))
    value = program.objective.value()
    proven = program.sol_status == pulp.LpSolutionOptimal
    return (0.0 if value is None else float(value)), 0.0 if proven else 10.0


def ortools(model: str, data: dict) -> tuple[float, float]:
    """Solve it with CP-SAT."""
    from ortools.sat.python import cp_model

    by, weight, p = data["by"], data["weight"].astype(int), data["p"]
    n, m = by.shape
    program = cp_model.CpModel()
    is_open = [program.new_bool_var("") for _ in range(m)]
    covers = [by.indices[by.indptr[i] : by.indptr[i + 1]] for i in range(n)]
    if model == "max_cover":
        hit = [program.new_bool_var("") for _ in range(n)]
        program.add(sum(is_open) <= p)
        for i in range(n):
            program.add_bool_or([*(is_open[j] for j in covers[i]), hit[i].negated()])
        program.maximize(sum(int(weight[i]) * hit[i] for i in range(n)))
    elif model == "set_cover":
        for i in range(n):
            if len(covers[i]):
                program.add_bool_or([is_open[j] for j in covers[i]])
        program.minimize(sum(is_open))
    else:
        raise ValueError(model)
    solver = cp_model.CpSolver()
    at_limit(data["limit"], solver.stop_search)
    status = solver.solve(program)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return 0.0, 10.0
    value, bound = solver.objective_value, solver.best_objective_bound
    gap = 0.0 if status == cp_model.OPTIMAL else abs(bound - value) / max(abs(bound), abs(value))
    return value, gap


def main() -> None:
    from scipy import sparse

    path, peer = sys.argv[1:]
    with np.load(path) as stored:
        data = {name: stored[name] for name in stored.files}
    model = str(data["model"])
    shape = tuple(data["shape"])
    if peer != "spopt":
        ends = (data["row"], data["col"])
        data["by"] = sparse.coo_array((np.ones(len(ends[0])), ends), shape=shape).tocsr()
    else:
        minutes = np.full(shape, 1e6)  # spopt knows no sparse table
        minutes[data["row"], data["col"]] = data["values"]
        if model == "set_cover":  # nor demand that cannot be covered
            minutes = minutes[(minutes <= data["cutoff"]).any(axis=1)]
        data["minutes"] = minutes
    data["p"], data["cutoff"] = int(data["p"]), float(data["cutoff"])
    data["limit"] = spent() + float(data["limit"])
    start = spent()
    peers = {"spopt": spopt, "highs": highs, "cbc": cbc, "ortools": ortools}
    objective, gap = peers[peer](model, data)
    seconds = spent() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"objective": objective, "gap": gap, "seconds": seconds, "peak_mb": peak}))


if __name__ == "__main__":
    main()
