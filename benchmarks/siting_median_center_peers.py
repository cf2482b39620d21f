"""Solve one published problem with a peer; print what it took.

Run by ``siting_median_center.py``: ``siting_median_center_peers.py PEER KIND PROBLEM.npz``. Each
stops itself after ``limit`` CPU seconds, those of building its program included.
"""

import json
import resource
import sys
import time
import warnings

import numpy as np
from cpu_limit import at_limit, spent
from siting_peers import cbc_for, stop_at

warnings.simplefilter("ignore")
Found = tuple[float, float]


def spopt(kind: str, data: dict) -> Found:
    import pulp
    from spopt import locate

    distances, p = data["distances"], int(data["p"])
    if kind == "center":
        model = locate.PCenter.from_cost_matrix(distances, p_facilities=p)
    else:
        model = locate.PMedian.from_cost_matrix(distances, data["people"], p_facilities=p)
    try:
        model = model.solve(cbc_for(data["limit"]))
    except RuntimeError:  # no plan in time
        return np.inf, -np.inf
    value = model.problem.objective.value()
    proven = model.problem.sol_status == pulp.LpSolutionOptimal
    return (np.inf if value is None else float(value)), float(value) if proven else -np.inf


def highs(kind: str, data: dict) -> Found:
    """Solve the textbook's program: who is served where, and the farthest where that counts."""
    import highspy

    distances, people, p = data["distances"], data["people"], int(data["p"])
    room, n = float(data["room"]), len(distances)
    model = highspy.Highs()
    for name, value in (("output_flag", False), ("mip_rel_gap", 0.0)):
        model.setOptionValue(name, value)
    stop_at(model, data["limit"])
    is_open = [model.addBinary() for _ in range(n)]
    served = [[model.addBinary() for _ in range(n)] for _ in range(n)]
    model.addConstr(model.qsum(is_open) <= p)
    for i in range(n):
        model.addConstr(model.qsum(served[i]) == 1)
        for j in range(n):
            model.addConstr(served[i][j] <= is_open[j])
    for j in range(n if np.isfinite(room) else 0):
        load = model.qsum(people[i] * served[i][j] for i in range(n))
        model.addConstr(load <= room * is_open[j])
    if kind == "center":
        farthest = model.addVariable(lb=0.0)
        for i in range(n):
            way = model.qsum(distances[i, j] * served[i][j] for j in range(n))
            model.addConstr(way <= farthest)
        model.minimize(farthest)
    else:
        model.minimize(
            model.qsum(distances[i, j] * served[i][j] for i in range(n) for j in range(n))
        )
    info = model.getInfo()
    known = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    return float(info.objective_function_value) if known else np.inf, float(info.mip_dual_bound)


def ortools(kind: str, data: dict) -> Found:
    """Solve the capacitated p-median with OR-Tools' CP-SAT."""
    from ortools.sat.python import cp_model

    if kind != "pmedcap":
        raise ValueError(kind)
    distances, people = data["distances"].astype(int), data["people"].astype(int)
    n = len(distances)
    model = cp_model.CpModel()
    is_open = [model.new_bool_var("") for _ in range(n)]
    served = [[model.new_bool_var("") for _ in range(n)] for _ in range(n)]
    model.add(sum(is_open) <= int(data["p"]))
    for i in range(n):
        model.add_exactly_one(served[i])
        for j in range(n):
            model.add_implication(served[i][j], is_open[j])
    for j in range(n):
        load = sum(int(people[i]) * served[i][j] for i in range(n))
        model.add(load <= int(data["room"]) * is_open[j])
    model.minimize(sum(int(distances[i, j]) * served[i][j] for i in range(n) for j in range(n)))
    solver = cp_model.CpSolver()
    at_limit(data["limit"], solver.stop_search)
    status = solver.solve(model)
    known = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
    return solver.objective_value if known else np.inf, solver.best_objective_bound


def main() -> None:
    peer, kind, path = sys.argv[1:]
    with np.load(path) as stored:
        data = {name: stored[name] for name in stored.files}
    wall, cpu = time.perf_counter(), spent()
    data["limit"] = cpu + float(data["limit"])
    objective, bound = {"spopt": spopt, "highs": highs, "ortools": ortools}[peer](kind, data)
    found = {"objective": objective, "bound": bound, "cpu": spent() - cpu}
    found |= {"wall": time.perf_counter() - wall}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(found | {"peak_mb": peak}))


if __name__ == "__main__":
    main()
