"""The scorecard of the targets."""

from __future__ import annotations

from typing import TypedDict


class TargetText(TypedDict):
    """A line of the scorecard, in words; `profile` is the place of its document."""

    key: str
    id: str
    name: str
    value: str
    must: str
    aim: str
    short_by: str
    note: str
    source: str
    profile: int
    verdict: str
    grade: str


class ScorecardText(TypedDict):
    """The documents of a scorecard by their titles, and its lines."""

    profiles: list[str]
    rows: list[TargetText]
