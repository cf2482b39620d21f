"""Demand served alike: what the same sites serve, at the same worth, is one demand to a model."""

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
class Alike:
    """A question with demand put together.

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


def put_together(
    question: SitingProblem, told: Iterable[NDArray[Any]], groups: Iterable[Ints]
) -> Alike:
    """Put demand together that the same sites serve alike, where places may be divided.

    Places are divided between people, whoever they are: flows to the whole can be dealt out to its
    parts in proportion. Floors hold for the whole as for the parts, since what a floor tells apart
    is not put together.

    Parameters
    ----------
    question
        The question.
    told
        Figures of each pair, along ``question.reach.data``, that tell demand apart.
    groups
        Numbers of the demand of groups that tell demand apart, beside those of floors.
    """
    reach, (n, m) = question.reach, question.reach.shape
    code = np.zeros(reach.nnz, dtype=np.int64)
    limits = {within for *_, within in question.floors if np.isfinite(within)}
    for figures in (*told, *(reach.data <= within for within in sorted(limits))):
        values, number = np.unique(figures, return_inverse=True)
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
    return Alike(
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
