"""Sentences of the text for bureaus, theme by theme."""

from __future__ import annotations

import pandas as pd

from planner.output.report.content import Block, Heading, Paragraph
from planner.output.report.phrasing import ReportContext, sentence
from planner.standards import themes


class ThemeSentences(dict[str, dict[str, list[str]]]):
    """Sentences by theme and by what they speak of, each in the order of its first sentence."""

    def put(self, theme: str, subject: str, *sentences: str) -> None:
        """Add sentences; empty ones are left out.

        Parameters
        ----------
        theme
            The theme.
        subject
            What the sentences speak of.
        *sentences
            The sentences.
        """
        for told in filter(None, sentences):
            self.setdefault(theme, {}).setdefault(subject, []).append(told)


def by_theme(voice: ReportContext, said: ThemeSentences) -> list[Block]:
    """Set sentences: a heading for each theme, a paragraph for each thing they speak of.

    Parameters
    ----------
    voice
        The plan, its tables and the language of the report.
    said
        The sentences.

    Returns
    -------
    Blocks.
    """
    blocks: list[Block] = []
    for theme, subjects in said.items():
        blocks.append(Heading(text=themes()[theme].name(voice.lang), level=2))
        blocks += [Paragraph(text=voice.joined(*told)) for told in subjects.values()]
    return blocks


def whole_sentence(voice: ReportContext, *parts: str) -> str:
    """Return a sentence of what follows on each other, its stop before a closing bracket's own.

    Parameters
    ----------
    voice
        The plan, its tables and the language of the report.
    *parts
        What follows on each other, without a stop.

    Returns
    -------
    The sentence.
    """
    return voice.say("bureau.stop", said=sentence("".join(parts)))


def targets_with_figures(voice: ReportContext, name: str = "scorecard") -> pd.DataFrame:
    """Return the targets that have a figure.

    Parameters
    ----------
    voice
        The plan, its tables and the language of the report.
    name
        The table: ``scorecard``, or ``scorecard_after`` once suggested sites stand.

    Returns
    -------
    Rows of the scorecard that have a ``value``; none where there is no scorecard.
    """
    card = voice.made.get(name)
    if card is None or card.empty:
        return pd.DataFrame({"target": [], "theme": [], "kind": [], "indicator": [], "value": []})
    return card[card["value"].notna()]
