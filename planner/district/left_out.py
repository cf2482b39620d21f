"""What no figure counts, and why: shown beside every headline in the same words."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from planner.district.area import StudyArea
from planner.language import Lang, text
from planner.language.numbers import given_percent, number, percent


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """Communities that no figure counts, for too little of them lies where streets are known.

    Parameters
    ----------
    communities, of
        How many communities are left out, and of how many.
    people, everyone
        How many residents they have, and how many all communities have.
    inside_share
        The share of its area that must lie within the streets' extent for a community to count.
    """

    communities: int
    of: int
    people: float
    everyone: float
    inside_share: float

    @property
    def share(self) -> float | None:
        """The share of all residents that is left out; none where there are no residents."""
        return self.people / self.everyone if self.everyone > 0 else None

    def say(self, lang: Lang) -> str:
        """Return what is left out, and why, in a sentence; an empty text where nothing is.

        Parameters
        ----------
        lang
            Language of the sentence.
        """
        return text("area.left_out.sentence", lang, **self._words()) if self.communities else ""

    def in_brief(self, lang: Lang) -> str:
        """Return what is left out in a few words; an empty text where nothing is.

        Parameters
        ----------
        lang
            Language of the words.
        """
        return text("area.left_out.brief", lang, **self._words()) if self.communities else ""

    def _words(self) -> dict[str, str]:
        return {
            "n": number(self.communities),
            "of": number(self.of),
            "people": number(self.people),
            "everyone": number(self.everyone),
            "share": percent(self.share),
            "inside": given_percent(self.inside_share),
        }


def left_out(area: StudyArea, inside_share: float) -> LeftOut:
    """Return what is left out of the figures of a study area.

    Parameters
    ----------
    area
        The study area.
    inside_share
        The share that the settings ask for (``coverage.inside_share``).
    """
    people = area.communities["population"].fillna(0.0).astype(float)
    inside = area.communities["inside"].astype(bool)
    return LeftOut(
        communities=int((~inside).sum()),
        of=len(inside),
        people=float(people[~inside].sum()),
        everyone=float(people.sum()),
        inside_share=inside_share,
    )


def year_beyond_data(facilities: pd.DataFrame, year: int | None, lang: Lang) -> str:
    """Return a sentence on a year outside those that the facilities tell; else an empty text.

    Parameters
    ----------
    facilities
        Facilities with the years in which they ``opened`` and ``closed``, where known.
    year
        The year that the figures are of, or none.
    lang
        Language of the sentence.
    """
    known = pd.concat([facilities["opened"], facilities["closed"]]).dropna()
    if year is None or known.empty or int(known.min()) <= year <= int(known.max()):
        return ""
    values = {"year": year, "first": int(known.min()), "last": int(known.max())}
    return text("area.left_out.year", lang, **values)
