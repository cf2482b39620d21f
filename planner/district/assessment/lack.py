"""One thing that a target lacks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Place = Literal["facilities", "communities", "people", "demand", "candidates", "links", "scenario"]


@dataclass(frozen=True, kw_only=True)
class Lack:
    """One thing that a target lacks.

    Parameters
    ----------
    place
        Where it belongs: the list of facilities of some kinds, the communities, the counts of
        people, the demand points, the candidates, the links of some kinds, or the scenario.
    kinds
        The kinds of facility; of several, any one does for the list.
    column
        The column, or the key of the scenario; None where the whole list is lacking.
    rows
        In how many rows the column is to be filled in; None where it is lacking as a whole.
    """

    place: Place
    kinds: tuple[str, ...] = ()
    column: str | None = None
    rows: int | None = None
