"""What a draft cannot tell by itself: asked where somebody can answer, else left marked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class Question:
    """A question with several answers.

    Parameters
    ----------
    key
        Key of its text in the catalogue.
    values
        Values of the text's placeholders.
    answers
        What can be answered, and what each means.
    proposed
        What is most likely, if anything is.
    """

    key: str
    values: Mapping[str, object]
    answers: Mapping[str, str]
    proposed: str | None = None


class Ask(Protocol):
    """Asks somebody; gives the answer, or None where nobody answers."""

    def __call__(self, question: Question, /) -> str | None:
        """Ask one question."""


def nobody(question: Question, /) -> str | None:
    """Return what a question proposes: nobody is there to be asked.

    Parameters
    ----------
    question
        The question.

    Returns
    -------
    Its proposed answer.
    """
    return question.proposed
