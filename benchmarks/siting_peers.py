"""Solve one location problem with spopt and CBC, or with plain HiGHS; print what it took.

Run by ``siting.py`` with an interpreter that has the peers: ``siting_peers.py PROBLEM.npz PEER``.
"""

import json
import resource
import sys
import time
import warnings

import numpy as np

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
    found = kinds[model]().solve(pulp.PULP_CBC_CMD(msg=False, gapRel=0, timeLimit=600))
    return float(found.problem.objective.value()), 0.0 if found.problem.status == 1 else 1.0


def highs(model: str, data: dict) -> tuple[float, float]:
    """Solve an MCLP as a plain program: one row per demand, nothing merged, no start."""
    import highspy
    from scipy import sparse

    if model != "max_cover":
        raise ValueError(model)
    by, weight, p = data["by"], data["weight"], data["p"]
    n, m = by.shape
    rows = sparse.vstack(
        [
            sparse.hstack([by, -sparse.eye_array(n)]),
            sparse.csr_array(np.concatenate([np.ones(m), np.zeros(n)])[None, :]),
        ]
    ).tocsr()
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = n + m, n + 1
    lp.col_cost_ = np.concatenate([np.zeros(m), weight])
    lp.col_lower_, lp.col_upper_ = np.zeros(n + m), np.ones(n + m)
    lp.row_lower_ = np.append(np.zeros(n), -np.inf)
    lp.row_upper_ = np.append(np.full(n, np.inf), float(p))
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_, lp.a_matrix_.index_ = rows.indptr, rows.indices
    lp.a_matrix_.value_ = rows.data
    kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
    lp.integrality_ = [kinds[j < m] for j in range(n + m)]
    lp.sense_ = highspy.ObjSense.kMaximize
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("mip_rel_gap", 0.0)
    solver.setOptionValue("time_limit", float(data["limit"]))
    solver.passModel(lp)
    solver.run()
    info = solver.getInfo()
    return float(info.objective_function_value), float(info.mip_gap)


def main() -> None:
    from scipy import sparse

    path, peer = sys.argv[1:]
    with np.load(path) as stored:
        data = {name: stored[name] for name in stored.files}
    model = str(data["model"])
    shape = tuple(data["shape"])
    if peer == "highs":
        ends = (data["row"], data["col"])
        data["by"] = sparse.coo_array((np.ones(len(ends[0])), ends), shape=shape).tocsr()
    else:
        minutes = np.full(shape, 1e6)  # spopt knows no sparse table
        minutes[data["row"], data["col"]] = data["values"]
        if model == "set_cover":  # nor demand that cannot be covered
            minutes = minutes[(minutes <= data["cutoff"]).any(axis=1)]
        data["minutes"] = minutes
    data["p"], data["cutoff"] = int(data["p"]), float(data["cutoff"])
    start = time.perf_counter()
    objective, gap = {"spopt": spopt, "highs": highs}[peer](model, data)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"objective": objective, "gap": gap, "seconds": seconds, "peak_mb": peak}))


if __name__ == "__main__":
    main()
