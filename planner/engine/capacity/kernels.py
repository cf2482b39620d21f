"""Compiled loops: the network simplex of the allocation, and floating catchments.

Transport from demand rows to facilities is a network whose trees are almost all leaves: a row that
is served in one place hangs on it and needs no price of its own. Only rows divided between several
facilities, and the facilities themselves, are inner nodes; a change of the tree touches them alone.
"""
# numba infers the types; mypy and ruff do not ask for them here.
# mypy: disable-error-code="no-untyped-def, no-untyped-call"
# ruff: noqa: ANN001, ANN201, ANN202, PLR0917

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from planner.engine.jit import compiled, compiled_part, inlined

NONE = -1
PLENTY = np.int64(2**62)


class Tree(NamedTuple):
    """A spanning tree of facilities (0 to m - 1), the root (m) and rows (from m + 1).

    A row's arc to a facility is up or down, whichever lies nearer the root; a facility's arc to
    the root carries its load, a row's arc to the root the people not served.

    Parameters
    ----------
    parent, depth
        The next node towards the root, and how far it is.
    arc
        The pair that the arc to the parent stands for, -1 for one to the root.
    flow
        People on that arc.
    price
        Cost from the node to the root along the tree. Of leaves it is not kept.
    child, after, before
        Inner children of a node as a linked list. The root's are not kept.
    listed
        Whether a node stands in its parent's list.
    """

    parent: NDArray[np.int32]
    depth: NDArray[np.int32]
    arc: NDArray[np.int64]
    flow: NDArray[np.int64]
    price: NDArray[np.int64]
    child: NDArray[np.int32]
    after: NDArray[np.int32]
    before: NDArray[np.int32]
    listed: NDArray[np.bool_]


@compiled
def network_simplex(indptr, cols, cost, people, capacity, outside, most_pivots):
    """Solve the transport problem by the network simplex (Dantzig 1951; Cunningham 1976).

    Each row's people go to its facilities at a cost a head, within capacities, or stay unserved
    at ``outside`` a head, more than any chain of exchanges can save: so most people are served,
    and of all ways to serve them the cheapest is found. The tree is kept strongly feasible, so
    that the method cannot run in a circle. All numbers are whole: the answer is exact.

    Parameters
    ----------
    indptr, cols
        Facilities of each row as compressed sparse rows.
    cost
        Cost a head of each pair.
    people
        People of each row (n).
    capacity
        Capacity of each facility (m).
    outside
        Cost of a person who is not served.
    most_pivots
        Steps after which to stop.

    Returns
    -------
    People on each pair, the price of each facility, and the pivots made; fewer than
    ``most_pivots`` if the answer is optimal.
    """
    n, m = len(people), len(capacity)
    root, nodes = m, n + m + 1
    tree = Tree(
        np.full(nodes, root, np.int32),
        np.ones(nodes, np.int32),
        np.full(nodes, NONE, np.int64),
        np.zeros(nodes, np.int64),
        np.zeros(nodes, np.int64),
        np.full(nodes, NONE, np.int32),
        np.full(nodes, NONE, np.int32),
        np.full(nodes, NONE, np.int32),
        np.zeros(nodes, np.bool_),
    )
    for i in range(n):
        tree.flow[root + 1 + i] = people[i]
    tree.parent[root] = NONE
    tree.depth[root] = 0
    full = np.zeros(m, np.bool_)
    stack = np.empty(nodes, np.int32)
    # Pricing by blocks: the best of about the square root of all arcs. The first arc that saves
    # takes more pivots, the best of all takes longer to find than the pivot.
    block = max(1, int(np.sqrt(len(cols)) * n / (len(cols) + 1)))
    row, idle, pivots = 0, 0, 0
    while idle < n + m and pivots < most_pivots:
        most, enter_row, enter_arc = np.int64(0), NONE, np.int64(NONE)
        for _ in range(block):
            saved, arc = _best_arc(tree, indptr, cols, cost, full, outside, row)
            if saved > most:
                most, enter_row, enter_arc = saved, row, arc
            row = row + 1 if row + 1 < n + m else 0
            idle += 1
        if most > 0:
            idle = 0
            pivots += 1
            _pivot(tree, cols, cost, capacity, full, outside, enter_row, enter_arc, stack)
    flow = np.zeros(len(cols), np.int64)
    for node in range(nodes):
        if tree.arc[node] != NONE:
            flow[tree.arc[node]] = tree.flow[node]
    return flow, tree.price[:m].copy(), pivots


@inlined
def _price(tree, cost, outside, node, root):
    """Return the price of a node from its parent's."""
    parent, arc = tree.parent[node], tree.arc[node]
    if node > root:
        return outside if parent == root else cost[arc] + tree.price[parent]
    return np.int64(0) if parent == root else tree.price[parent] - cost[arc]


@compiled_part
def _best_arc(tree, indptr, cols, cost, full, outside, row):
    """Return the arc of a row, or the root arc of a facility, that would save most a head."""
    m = len(full)
    n = len(indptr) - 1
    if row >= n:
        facility = row - n
        price = tree.price[facility]
        if tree.parent[facility] == m and tree.arc[facility] == NONE:
            return np.int64(0), np.int64(NONE)
        return (-price if full[facility] else price), np.int64(NONE)
    node = m + 1 + row
    own = tree.price[node] if tree.listed[node] else _price(tree, cost, outside, node, m)
    most, best = own - outside, np.int64(NONE)
    for arc in range(indptr[row], indptr[row + 1]):
        saved = own - cost[arc] - tree.price[cols[arc]]
        if saved > most:
            most, best = saved, np.int64(arc)
    return most, best


@compiled_part
def _pivot(tree, cols, cost, capacity, full, outside, row, arc, stack):
    """Enter an arc into the tree, push people round the circle it closes, drop another arc."""
    root = len(capacity)
    n = len(tree.parent) - root - 1
    spare = PLENTY
    if row < n:
        source = root + 1 + row
        target = root if arc == NONE else cols[arc]
        tree.price[source] = _price(tree, cost, outside, source, root)
        tree.depth[source] = tree.depth[tree.parent[source]] + 1
    else:
        facility = row - n
        spare = capacity[facility]
        source, target = (root, facility) if full[facility] else (facility, root)
    # The last arc to block on the way from the apex to the source, over the new arc, and from the
    # target back to the apex leaves: so the tree stays strongly feasible.
    down, up, down_at, up_at = PLENTY, PLENTY, NONE, NONE
    a, b = source, target
    while a != b:
        if tree.depth[a] >= tree.depth[b]:
            if (a > root or tree.parent[a] == root) and tree.flow[a] < down:
                down, down_at = tree.flow[a], a
            a = tree.parent[a]
        else:
            if b < root:
                left = capacity[b] - tree.flow[b] if tree.parent[b] == root else tree.flow[b]
                if left <= up:
                    up, up_at = left, b
            b = tree.parent[b]
    pushed = min(down, up, spare)
    a, b = source, target
    while a != b:
        if tree.depth[a] >= tree.depth[b]:
            tree.flow[a] += -pushed if a > root or tree.parent[a] == root else pushed
            a = tree.parent[a]
        else:
            tree.flow[b] += pushed if b > root or tree.parent[b] == root else -pushed
            b = tree.parent[b]
    if up > pushed and spare == pushed:
        full[row - n] = not full[row - n]
        return
    amount = pushed
    if row >= n and source == root:
        amount = spare - pushed
    leaves, node, above = (up_at, target, source) if up == pushed else (down_at, source, target)
    if leaves < root and tree.parent[leaves] == root:
        full[leaves] = up == pushed
    top = node
    while True:
        parent, old_arc, old_flow = tree.parent[node], tree.arc[node], tree.flow[node]
        _remove_from_children(tree, node, root)
        tree.parent[node], tree.arc[node], tree.flow[node] = above, arc, amount
        if node < root or tree.child[node] != NONE:
            _add_to_children(tree, node, root)
        if node == leaves:
            break
        above, arc, amount, node = node, old_arc, old_flow, parent
    _reprice(tree, cost, outside, top, root, stack)


@compiled_part
def _add_to_children(tree, node, root):
    """List an inner node among its parent's children; a row that was a leaf becomes one."""
    while True:
        parent = tree.parent[node]
        if parent == root:
            tree.listed[node] = node > root
            return
        first = tree.child[parent]
        tree.after[node], tree.before[node], tree.listed[node] = first, NONE, True
        tree.child[parent] = node
        if first != NONE:
            tree.before[first] = node
        if parent < root or first != NONE:
            return
        node = parent


@compiled_part
def _remove_from_children(tree, node, root):
    """Drop a node from its parent's children; a row left without any becomes a leaf."""
    while tree.listed[node]:
        tree.listed[node] = False
        parent, after, before = tree.parent[node], tree.after[node], tree.before[node]
        if parent == root:
            return
        if after != NONE:
            tree.before[after] = before
        if before != NONE:
            tree.after[before] = after
            return
        tree.child[parent] = after
        if parent < root or after != NONE:
            return
        node = parent


@compiled_part
def _reprice(tree, cost, outside, top, root, stack):
    """Compute the prices of a subtree anew."""
    stack[0], left = top, 1
    while left:
        left -= 1
        node = stack[left]
        tree.price[node] = _price(tree, cost, outside, node, root)
        tree.depth[node] = tree.depth[tree.parent[node]] + 1
        below = tree.child[node]
        while below != NONE:
            stack[left] = below
            left += 1
            below = tree.after[below]


@compiled
def fill_in_order(order, row, cols, people, capacity):
    """Serve pairs in turn, each as many of its people as its facility has capacity left for.

    Parameters
    ----------
    order
        The pairs in the order of their turns.
    row, cols
        Row and facility of each pair.
    people, capacity
        People of each row (n), and capacity of each facility (m).

    Returns
    -------
    People on each pair.
    """
    flow = np.zeros(len(order))
    left, free = people.copy(), capacity.copy()
    for pair in order:
        r, c = row[pair], cols[pair]
        if left[r] > 0 and free[c] > 0:
            taken = min(left[r], free[c])
            flow[pair] = taken
            left[r] -= taken
            free[c] -= taken
    return flow
