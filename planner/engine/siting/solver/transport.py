"""Who is served where from sites that stand: the transportation problem, with few sites.

All demand begins at its cheapest site; what is too much there moves along the cheapest chain of
sites to one with room (successive shortest paths, Ford & Fulkerson 1962). Chains run over sites
alone: a step from one to another costs what moving costs that demand for which it costs least.
"""
# numba infers the types; mypy and ruff do not ask for them here.
# mypy: disable-error-code="no-untyped-def, no-untyped-call"
# ruff: noqa: ANN001, ANN202, PLR0917

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import sparse

from planner.engine.jit import compiled_late, compiled_part
from planner.engine.siting.problem.inputs import Floats, Ints
from planner.engine.siting.solver.written_out import total_of

TINY = 1e-13  # share of all weight that counts as nothing
EQUAL = 1e-12  # share of the largest cost by which rounding may set costs apart


@dataclass(frozen=True, kw_only=True)
class Transport:
    """Who is served where.

    Parameters
    ----------
    flow
        Weight served by each pair, along the entries.
    left
        Weight of each demand (n) that is left out.
    price
        What a unit of each demand pays in the end: its dual price (n).
    """

    flow: Floats
    left: Floats
    price: Floats


class _Ways(NamedTuple):
    """Pairs by demand, and their numbers by site."""

    ptr: Ints
    cols: Ints
    cost: Floats
    row: Ints
    colptr: Ints
    entry: Ints


def transport(
    by: sparse.csr_array, weight: Floats, capacity: Floats, out: float
) -> Transport | None:
    """Serve demand from sites at least cost, where leaving a unit out costs so much.

    Parameters
    ----------
    by
        Cost of serving a unit of each demand from each site (n x k); costs of 0 are kept.
    weight
        Weight of each demand.
    capacity
        Capacity of each site.
    out
        Cost of a unit left out.

    Returns
    -------
    None where rounding stood in the way.
    """
    n, k = by.shape
    row = np.repeat(np.arange(n), np.diff(by.indptr))
    order = np.argsort(by.indices, kind="stable")
    counts = np.bincount(by.indices, minlength=k)
    ways = _Ways(
        ptr=by.indptr.astype(np.int64),
        cols=by.indices.astype(np.int64),
        cost=by.data.astype(np.float64),
        row=row,
        colptr=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        entry=order,
    )
    flow, left, rent = np.zeros(by.nnz), np.zeros(n), np.zeros(k)
    if not _serve(ways, weight.astype(np.float64), capacity, float(out), flow, left, rent):
        return None
    price = np.full(n, float(out))
    np.minimum.at(price, row, ways.cost + rent[ways.cols])
    return Transport(flow=flow, left=left, price=price)


@compiled_late(lambda ways, _, capacity, *_1: 5 * len(ways.cols) + 5 * len(capacity) ** 3)
def _serve(ways, weight, capacity, out, flow, left, rent):
    """Fill in flows, what is left out, and the rent of each site; return whether all went well."""
    k = len(capacity)
    load = np.zeros(k)
    dearest = _serve_cheapest(ways, weight, out, flow, left, load)
    tiny, equal = TINY * total_of(weight), EQUAL * (dearest + 1.0) * (k + 1)
    step = np.full((k, k + 1), np.inf)  # cost of the cheapest move; to the last one: out
    source = np.zeros((k, k + 1), np.int64)  # the pair that it takes from, and gives to
    target = np.zeros((k, k + 1), np.int64)
    for a in range(k):
        _look(ways, flow, out, tiny, step, source, target, a)
    chain = np.zeros(k + 2, np.int64)
    toward = np.full(k, -1)
    dist = np.zeros(k + 1)
    if not _measure(step, load, capacity, tiny, equal, dist, toward):
        return False
    fresh = True  # whether distances are those of the flows as they are
    for begin in range(k):
        while load[begin] > capacity[begin] + tiny:
            length = _follow(step, load, capacity, tiny, equal, dist, begin, chain)
            if length == 0 and not (fresh and toward[begin] >= 0):
                if not _measure(step, load, capacity, tiny, equal, dist, toward):
                    return False
                fresh = True
                continue
            if length == 0:
                length = _as_measured(load, capacity, tiny, toward, begin, chain)
                if length == 0:
                    return False
            fresh = False
            end = chain[length]
            moved = load[begin] - capacity[begin]
            if end < k:
                moved = min(moved, capacity[end] - load[end])
            for i in range(length):
                moved = min(moved, flow[source[chain[i], chain[i + 1]]])
            if moved <= 0.0:
                return False
            _move(ways, flow, left, moved, tiny, step, source, target, chain, length, out)
            load[begin] -= moved
            if end < k:
                load[end] += moved
            for i in range(length):
                e = source[chain[i], chain[i + 1]]
                if flow[e] <= tiny:
                    flow[e] = max(flow[e], 0.0)
                    _look(ways, flow, out, tiny, step, source, target, chain[i])
    if not _measure(step, load, capacity, tiny, equal, dist, toward):
        return False
    for a in range(k):
        rent[a] = max(dist[a], 0.0)
    return True


@compiled_part
def _serve_cheapest(ways, weight, out, flow, left, load):
    """Serve each demand where that costs least, full or not; return the highest cost there is."""
    dearest = abs(out)
    for r in range(len(weight)):
        found, least = -1, out
        for e in range(ways.ptr[r], ways.ptr[r + 1]):
            dearest = max(dearest, abs(ways.cost[e]))
            if ways.cost[e] < least:
                found, least = e, ways.cost[e]
        if found < 0:
            left[r] = weight[r]
        else:
            flow[found] = weight[r]
            load[ways.cols[found]] += weight[r]
    return dearest


@compiled_part
def _as_measured(load, capacity, tiny, toward, begin, chain):
    """Fill in the chain along the very steps that were measured; return its length, 0 for none."""
    k, length, at = len(capacity), 0, begin
    chain[0] = begin
    while at < k and (at == begin or load[at] >= capacity[at] - tiny):
        if length > k:
            return 0
        at = toward[at]
        length += 1
        chain[length] = at
        if at < 0:
            return 0
    return length


@compiled_part
def _move(ways, flow, left, moved, tiny, step, source, target, chain, length, out):
    """Move demand from each site of a chain to the next, or out; offer the moves that are new."""
    k = step.shape[0]
    for i in range(length):
        a, b = chain[i], chain[i + 1]
        e, f = source[a, b], target[a, b]
        flow[e] -= moved
        if b == k:
            left[ways.row[e]] += moved
            continue
        is_new = flow[f] <= tiny
        flow[f] += moved
        if is_new and flow[f] > tiny:
            _offer(ways, step, source, target, b, f, out)


@compiled_part
def _look(ways, flow, out, tiny, step, source, target, a):
    """Find the cheapest move from a site to each other, and out."""
    step[a, :] = np.inf
    for q in range(ways.colptr[a], ways.colptr[a + 1]):
        e = ways.entry[q]
        if flow[e] > tiny:
            _offer(ways, step, source, target, a, e, out)


@compiled_part
def _offer(ways, step, source, target, a, e, out):
    """Update the cheapest moves between sites by those of one pair's demand."""
    k = step.shape[0]
    r, cost = ways.row[e], ways.cost[e]
    if out - cost < step[a, k]:
        step[a, k] = out - cost
        source[a, k] = e
    for f in range(ways.ptr[r], ways.ptr[r + 1]):
        b = ways.cols[f]
        if f != e and ways.cost[f] - cost < step[a, b]:
            step[a, b] = ways.cost[f] - cost
            source[a, b] = e
            target[a, b] = f


@compiled_part
def _measure(step, load, capacity, tiny, equal, dist, toward):
    """Measure how far each site is from room; return whether that has an end."""
    k = len(load)
    dist[:] = np.inf
    dist[k] = 0.0
    toward[:] = -1
    for a in range(k):
        if load[a] < capacity[a] - tiny:
            dist[a] = 0.0
    for _ in range(k + 2):
        changed = False
        for a in range(k):
            if load[a] < capacity[a] - tiny:
                continue
            for b in range(k + 1):
                if step[a, b] + dist[b] < dist[a] - equal:
                    dist[a] = step[a, b] + dist[b]
                    toward[a] = b
                    changed = True
        if not changed:
            return True
    return False


@compiled_part
def _follow(step, load, capacity, tiny, equal, dist, begin, chain):
    """Follow steps that cost what the distances say to a site with room; return how many, or 0."""
    k = len(load)
    at, length = begin, 0
    chain[0] = begin
    while at < k and (at == begin or load[at] >= capacity[at] - tiny):
        following = -1
        for b in range(k + 1):
            if step[at, b] + dist[b] <= dist[at] + equal and b != at:
                following = b
                if b == k or load[b] < capacity[b] - tiny:
                    break
        if following < 0 or length > k:
            return 0
        length += 1
        at = following
        chain[length] = at
    return length
