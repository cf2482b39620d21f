"""Drafting at a terminal: what was understood, what is asked, and what is left to fill in."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.status import Status

from planner.cli.tabled import FittedTable
from planner.draft import Ask, Draft, Question
from planner.draft.writing import value
from planner.errors import grouped
from planner.language import Lang, text

PASSED_OVER = "-"


def asker(busy: Status, lang: Lang) -> Ask:
    """Return a function that asks somebody at the terminal.

    Parameters
    ----------
    busy
        The notice that the planner is at work, silent while it waits for an answer.
    lang
        Language of the questions.

    Returns
    -------
    A function of a question, which gives the answer, or None where it is passed over.
    """

    def ask(question: Question, /) -> str | None:
        """Ask a question at the terminal, its possible answers numbered.

        Parameters
        ----------
        question
            What the folder alone does not tell.

        Returns
        -------
        One of its answers; None where the person passes over it.
        """
        busy.stop()
        console, values = Console(stderr=True), list(question.answers)
        console.print(f"[bold]{escape(text(question.key, lang, **question.values))}[/]")
        for n, one in enumerate(values, start=1):
            about = question.answers[one]
            words = one if about in ("", one) else f"{one}  {about}"
            console.print(f"  {n}. {escape(words)}", highlight=False)
        prompt = text("draft.cli.choose", lang, proposed=question.proposed or PASSED_OVER)
        answer = _answer(console, prompt, values, question.proposed)
        busy.start()
        return answer

    return ask


def _answer(console: Console, prompt: str, values: list[str], proposed: str | None) -> str | None:
    """Ask until an answer is one of those, its number, nothing, or a dash."""
    while True:
        try:
            said = console.input(f"{escape(prompt)} > ").strip()
        except EOFError:
            return proposed
        if said in ("", PASSED_OVER):
            return proposed if said == "" else None
        if said in values:
            return said
        if said.isdecimal() and 1 <= int(said) <= len(values):
            return values[int(said) - 1]


def draft(made: Draft, path: Path, lang: Lang) -> None:
    """Print what a draft took each file for, and what comes next.

    Parameters
    ----------
    made
        The draft.
    path
        The scenario that was written.
    lang
        Language of what is printed.
    """
    console = Console()
    heads = (text("cli.file", lang), text("draft.cli.as", lang), text("draft.cli.evidence", lang))
    rows = []
    for part in made.parts:
        role, keys = part.guess.role, part.guess.keys
        known = {name: keys[name] for name in ("kind", "datum", "crs", "where") if name in keys}
        evidence = ", ".join(f"{name} = {value(one)}" for name, one in known.items())
        if role == "unused":
            words = text("draft.cli.unused", lang)
            evidence = "; ".join(text(key, lang, **said) for key, said in part.guess.why)
        else:
            words = text(f"report.role.{role}", lang)
        rows.append((part.table.name, words, evidence))
    console.print(FittedTable(heads, rows))
    for fault in made.unread:
        console.print(f"[yellow]{escape(fault.say(lang))}[/]", highlight=False, soft_wrap=True)
    console.print(text("draft.cli.written", lang, file=path), highlight=False, soft_wrap=True)
    if made.left:
        console.print(f"[bold]{text('draft.cli.left', lang)}[/]")
        for line in made.left:
            console.print(f" • {escape(line)}", highlight=False, soft_wrap=True)
    if made.problems:
        n = len(made.problems)
        console.print(f"[bold]{text('draft.cli.problems', lang, n=n)}[/]")
        for line in grouped(made.problems, lang):
            console.print(f" • {escape(line)}", highlight=False, soft_wrap=True)
    done = "draft.cli.then" if made.left or made.problems else "draft.cli.ready"
    console.print(text(done, lang, file=path), highlight=False, soft_wrap=True)
