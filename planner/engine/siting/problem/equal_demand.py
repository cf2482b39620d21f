"""Demand with the same sites at the same figures, merged so that a program has fewer rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from planner.engine.siting.problem.covering_rows import group_rows
from planner.engine.siting.problem.inputs import Ints
from planner.engine.siting.problem.problem import SitingProblem


@dataclass(frozen=True, kw_only=True)
class MergedDemand:
    """A question with equal demand merged.

    Parameters
    ----------
    question
        The smaller question. Demand that no site reaches is its last.
    pair
        A pair of the larger question that stands for each of its pairs, along ``reach.data``.
    of
        Demand of the smaller question for each of the larger (n).
    """

    question: SitingProblem
    pair: Ints
    of: Ints


def merge_equal_demand(
    question: SitingProblem, figures: Iterable[NDArray[Any]], groups: Iterable[Ints]
) -> MergedDemand:
    """Merge demand that the same sites serve alike, where places may be divided.

    Places are divided between people, whoever they are: flows to the merged demand can be split
    among its parts in proportion. Floors hold for both alike, since demand that a floor tells apart
    is not merged.

    Parameters
    ----------
    question
        The question.
    figures
        Figures of each pair, along ``question.reach.data``: only demand equal in all is merged.
    groups
        Numbers of the demand of groups that have to stay apart, beside those of floors.

    Returns
    -------
    The smaller problem, and what leads from its plans back to the demand given.
    """
    reach, (n, m) = question.reach, question.reach.shape
    code = np.zeros(reach.nnz, dtype=np.int64)
    limits = {within for *_, within in question.floors if np.isfinite(within)}
    for values_of_pairs in (*figures, *(reach.data <= within for within in sorted(limits))):
        values, number = np.unique(values_of_pairs, return_inverse=True)
        code = np.unique(code * len(values) + number, return_inverse=True)[1]
    sort = np.zeros(n, dtype=np.int64)
    for members in (*groups, *(members for _, members, *_ in question.floors)):
        inside = np.zeros(n, dtype=np.int64)
        inside[members] = 1
        sort = np.unique(2 * sort + inside, return_inverse=True)[1]
    codes = int(code.max(initial=0)) + 1
    lists = np.insert(code * m + reach.indices, reach.indptr[1:], sort + codes * m)
    first, of = group_rows(reach.indptr + np.arange(n + 1), lists, question.reached)
    of = np.where(of < 0, len(first), of)
    kept = reach[first]
    starts = np.repeat(reach.indptr[first] - kept.indptr[:-1], np.diff(kept.indptr))
    size = len(first) + 1
    smaller = sparse.csr_array(
        (kept.data, kept.indices, np.append(kept.indptr, kept.indptr[-1])), shape=(size, m)
    )
    weight = np.bincount(of, weights=question.weight, minlength=size)
    floors = [
        (name, np.unique(of[members]), least, within)
        for name, members, least, within in question.floors
    ]
    return MergedDemand(
        question=replace(
            question,
            demand=pd.RangeIndex(size),
            weight=weight.astype(np.float64),
            reach=smaller,
            floors=tuple(floors),
        ),
        pair=starts + np.arange(kept.nnz),
        of=of,
    )
