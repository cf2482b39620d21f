"""Do contenders say the same? Their answers compared, pair by pair where there are pairs."""

import numpy as np

CLOSE_M = 6e-5  # 1e-6 minutes at a metre a second
ROUNDED_M = 0.1  # a peer that counts whole millimetres on every street is off by no more
LIMIT_M = 1080.0


def ours(task, answer, median):
    """Say of our own answer what is asked of it beside speed."""
    if task == "polygons":
        return "agreement {:.3%}, {:.3%} of reach".format(*answer["agreement"])
    if task == "snap":
        return f"{len(answer['metre']) / median:,.0f} points a second"
    if task == "table":
        return f"{len(answer['metre']):,} pairs"
    return ""


def same(task, ours, theirs):
    """Compare the answers of a peer with ours, as far as it was asked."""
    if task == "polygons":
        return "not comparable: fewer turns, no border"
    if task == "load":
        return "yes" if (ours["count"] == theirs["count"]).all() else "NO: other streets"
    if "note" in theirs:
        return str(theirs["note"])
    if task in {"table", "sets"}:
        return _pairs(ours, theirs)
    a, b = ours["metre"], theirs["metre"]
    a = a[: len(b)]
    missing = np.isnan(a) != np.isnan(b)
    both = ~np.isnan(a) & ~np.isnan(b)
    known = np.where(np.isnan(a), b, a)[missing]
    return _verdict(len(a), np.abs(a - b)[both], known, "values")


def _pairs(ours, theirs):
    """Match pairs by source and target, of the sources that the peer was asked for."""
    width = 1 + max(int(one["target"].max(initial=0)) for one in (ours, theirs))
    key, other = (
        one["source"].astype(np.int64) * width + one["target"].astype(np.int64)
        for one in (ours, theirs)
    )
    if len(np.unique(other)) < len(other):
        return "NO: pairs stand there twice"
    asked = np.isin(ours["source"], np.unique(theirs["source"]))
    key, metre = key[asked], ours["metre"][asked]
    _, i, j = np.intersect1d(key, other, assume_unique=True, return_indices=True)
    lone = np.concatenate([np.delete(metre, i), np.delete(theirs["metre"], j)])
    return _verdict(len(key), np.abs(metre[i] - theirs["metre"][j]), lone, "pairs")


def _verdict(count, off, lone, what):
    """Say whether all agree: values on one side alone must lie at the limit itself."""
    worst = float(off.max(initial=0.0))
    at_limit = np.abs(lone - LIMIT_M) <= max(worst, CLOSE_M)
    if not at_limit.all():
        return f"NO: {np.count_nonzero(~at_limit):,} of {count:,} {what} on one side alone"
    if worst <= CLOSE_M and not len(lone):
        return f"yes: {count:,} {what} to 1e-6 min"
    if worst <= ROUNDED_M:
        more = f", {len(lone)} at the limit" if len(lone) else ""
        return f"yes, rounded: {count:,} {what} to {100 * worst:.2g} cm{more}"
    return f"NO: off by up to {worst:.3g} m"
