"""Travel times that a table of the user's own gives, in place of walks along the streets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True, kw_only=True, eq=False)
class TravelTable:
    """Travel times between labels of the study area.

    Parameters
    ----------
    minutes
        ``demand`` (label of a demand point), ``facility`` (label of a facility or a candidate) and
        ``minutes``; one row for each pair.
    """

    minutes: pd.DataFrame

    def times(self, starts: pd.Index, ends: pd.Index, within: float) -> pd.DataFrame:
        """Return the travel times from starts to ends within a limit.

        Parameters
        ----------
        starts, ends
            Labels of demand points, and of facilities or candidates.
        within
            The limit in minutes.

        Returns
        -------
        ``demand``, ``facility``, ``minutes`` in the order of the starts, then of the ends.
        """
        table = self.minutes
        near = table["minutes"].le(within) & table["facility"].isin(ends)
        near &= table["demand"].isin(starts)
        found = table[near]
        pairs = ((ends, found["facility"]), (starts, found["demand"]))
        rank = [labels.get_indexer(pd.Index(cells)) for labels, cells in pairs]
        order = np.lexsort(rank)
        ordered: pd.DataFrame = found.iloc[order].reset_index(drop=True)
        return ordered

    def nearest(self, starts: pd.Index, ends: pd.Index, within: float) -> pd.DataFrame:
        """Find the nearest end of every start within a limit.

        Parameters
        ----------
        starts, ends, within
            As for `times`; of ends as near the first is taken.

        Returns
        -------
        On the starts: ``facility`` and ``minutes``, missing beyond the limit.
        """
        found = self.times(starts, ends, within)
        least = found.sort_values("minutes", kind="stable").drop_duplicates("demand")
        nearest: pd.DataFrame = least.set_index("demand").reindex(starts)
        return nearest
