"""Compiled loops for a region of a covering problem, whose sites cost a rent each."""
# numba infers the types; mypy and ruff do not ask for them here.
# mypy: disable-error-code="no-untyped-def, no-untyped-call, assignment"
# ruff: noqa: ANN001, ANN201, ANN202, PLR0917

from __future__ import annotations

import numpy as np

from planner.engine.jit import compiled, compiled_part
from planner.engine.siting.solver.written_out import copy_into, where_true

FREE, OPEN, BARRED = 0, 1, 2
STALLED = 2e-3  # share of the gap that fifty rounds must close to go on
MOST_MOVES = 200


@compiled
def raise_prices(flat, rent, state, price, share, value, rounds, cooling):
    """Raise the Lagrangian bound of a part by the volume algorithm (Barahona & Anbil 2000).

    The prices prove nothing: see `certify_part`.

    Parameters
    ----------
    flat
        Rows and sites of the region.
    rent
        What each site costs.
    state
        Which sites (m) are free, open or barred.
    price
        What each row pays (n); changed in place.
    share
        How far each site (m) is open on average; changed in place.
    value
        What the best plan known costs.
    rounds, cooling
        How many rounds at most, and how steps shrink.
    """
    limit, m = flat.outside, len(state)
    live = np.ones(len(limit), dtype=np.bool_)
    paid = 0.0
    for j in range(m):
        if state[j] == OPEN:
            paid += rent
            live[flat.rows[flat.colptr[j] : flat.colptr[j + 1]]] = False
    for r in range(len(limit)):
        price[r] = min(price[r], float(limit[r])) if live[r] else 0.0
    row = where_true(live)
    trial = price.copy()
    slack, now = np.zeros(len(limit)), np.zeros(len(limit))
    reduced = np.zeros(m)
    best = before = checked = -np.inf
    factor, most, idle = 0.5, 0.3, 0
    for t in range(rounds):
        reduced[:] = rent
        bound = _bound_of(flat, state, trial, row, paid, reduced, now)
        blend, product = _blend(slack, now, row, most)
        blend = blend if t > 0 else 1.0
        for r in row:
            slack[r] = blend * now[r] + (1.0 - blend) * slack[r]
        for j in range(m):
            taken = state[j] == OPEN or (state[j] == FREE and reduced[j] < 0.0)
            share[j] = blend * taken + (1.0 - blend) * share[j]
        if bound > best:
            idle = 0 if bound - best > 1e-6 * abs(bound) else idle
            best = bound
            copy_into(price, trial)
            factor = min(factor * 1.1, 2.0) if product >= 0.0 else factor
        else:
            idle += 1
            if idle >= 5:
                factor, idle = factor * cooling, 0
        if t % 30 == 29:
            most = most * 0.5 if best - checked < 0.01 * abs(best) and most > 1e-2 else most
            checked = best
        if t % 50 == 49:
            if best - before < STALLED * (value - best):
                break
            before = best
        if best >= value or factor < 1e-4:
            break
        norm = 0.0
        for r in row:
            held = price[r] <= 0.0 if slack[r] < 0.0 else price[r] >= limit[r]
            norm += 0.0 if held else slack[r] * slack[r]
        if norm < 1e-12:
            break
        step = factor * (value - best) / norm
        for r in row:
            trial[r] = min(max(price[r] + step * slack[r], 0.0), float(limit[r]))


@compiled_part
def _bound_of(flat, state, trial, row, paid, reduced, now):
    """Return the bound of some prices beside what is paid; fill in reduced costs and slacks.

    A row's slack is 1 less the sites that the bound opens and that reach it.
    """
    bound = paid
    for r in row:
        now[r] = 1.0
        if trial[r] > 0.0:
            bound += trial[r]
            for k in range(flat.indptr[r], flat.indptr[r + 1]):
                reduced[flat.cols[k]] -= trial[r]
    for j in range(len(state)):
        if state[j] == FREE and reduced[j] < 0.0:
            bound += reduced[j]
            for q in range(flat.colptr[j], flat.colptr[j + 1]):
                now[flat.rows[q]] -= 1.0
    return bound


@compiled_part
def _blend(slack, now, row, most):
    """Return the share of the latest slacks in their mean, and their product with it.

    The share makes the mean shortest, as far as it is no more than ``most`` and no less than a
    tenth of that.
    """
    product, to_now, along = 0.0, 0.0, 0.0
    for r in row:
        change = slack[r] - now[r]
        product += now[r] * slack[r]
        to_now += change * change
        along += slack[r] * change
    share = min(most, max(along / to_now, most / 10.0)) if to_now > 0.0 else most
    return share, product


@compiled
def certify_part(flat, rent, state, price, value):
    """Return in whole numbers what a part costs at least, and fix its sites by reduced costs.

    Parameters
    ----------
    flat, rent, price
        As for `raise_prices`.
    state
        Which sites are free, open or barred; changed in place.
    value
        What the best plan known costs: lost are only plans that cost as much or more.

    Returns
    -------
    The bound, in units of 2**-16.
    """
    limit, indptr, cols = flat.outside, flat.indptr, flat.cols
    reduced = np.full(len(state), rent, dtype=np.int64)
    bound = 0
    for j in range(len(state)):
        if state[j] == OPEN:
            bound += rent
    for r in range(len(limit)):
        pays = min(max(np.int64(np.floor(price[r])), 0), limit[r])
        for k in range(indptr[r], indptr[r + 1]):
            if state[cols[k]] == OPEN:
                pays = 0
                break
        bound += pays
        for k in range(indptr[r], indptr[r + 1]):
            reduced[cols[k]] -= pays
    for j in range(len(state)):
        if state[j] == FREE and reduced[j] < 0:
            bound += reduced[j]
    for j in range(len(state)):
        # To force a site to the side that the bound did not choose adds its reduced cost.
        if state[j] == FREE and reduced[j] > 0 and bound + reduced[j] >= value:
            state[j] = BARRED
        elif state[j] == FREE and reduced[j] < 0 and bound - reduced[j] >= value:
            state[j] = OPEN
    return bound


@compiled
def descend(flat, rent, is_open):
    """Open, close and swap sites while that saves anything; return what the plan costs.

    Parameters
    ----------
    flat, rent
        As for `raise_prices`.
    is_open
        Which sites (m) are open; changed in place.

    Returns
    -------
    Cost of the plan in the end, in units of 2**-16.
    """
    limit, indptr, cols, colptr, rows = flat.outside, flat.indptr, flat.cols, flat.colptr, flat.rows
    m = len(is_open)
    times = np.zeros(len(limit), dtype=np.int64)
    for j in where_true(is_open):
        times[rows[colptr[j] : colptr[j + 1]]] += 1
    for _ in range(MOST_MOVES):
        gain = np.zeros(m, dtype=np.int64)
        for r in range(len(limit)):
            if times[r] == 0:
                for k in range(indptr[r], indptr[r + 1]):
                    gain[cols[k]] += limit[r]
        most, opening, closing = 0, -1, -1
        for j in range(m):
            if not is_open[j] and gain[j] - rent > most:
                most, opening = gain[j] - rent, j
        for i in where_true(is_open):
            loss, after = 0, gain.copy()
            for r in rows[colptr[i] : colptr[i + 1]]:
                if times[r] == 1:
                    loss += limit[r]
                    for k in range(indptr[r], indptr[r + 1]):
                        after[cols[k]] += limit[r]
            if rent - loss > most:
                most, opening, closing = rent - loss, -1, i
            for j in range(m):
                if not is_open[j] and after[j] - loss > most:
                    most, opening, closing = after[j] - loss, j, i
        if most == 0:
            break
        if closing >= 0:
            is_open[closing] = False
            times[rows[colptr[closing] : colptr[closing + 1]]] -= 1
        if opening >= 0:
            is_open[opening] = True
            times[rows[colptr[opening] : colptr[opening + 1]]] += 1
    cost = 0
    for j in range(m):
        cost += rent * is_open[j]
    for r in range(len(limit)):
        cost += limit[r] * (times[r] == 0)
    return cost
