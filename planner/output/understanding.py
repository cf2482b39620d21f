"""How each file was understood, as `check` shows it: columns by field, and columns unused."""

from __future__ import annotations

import pandas as pd

from planner.district.area import Input, StudyArea
from planner.district.cells import place_of_unheaded
from planner.language import Lang, has_text, text

MOST_ROWS = 20


def lines(found: StudyArea, lang: Lang) -> list[str]:
    """Return how each file was understood: its columns, those not used, its words, its sheets.

    Parameters
    ----------
    found
        The study area, with what was understood of each file.
    lang
        Language of the lines.

    Returns
    -------
    Lines to print, file after file.
    """
    read: dict[str, set[str | None]] = {}
    for entry in found.inputs:
        read.setdefault(entry.file, set()).add(entry.sheet)
    told = []
    for entry in found.inputs:
        told += _of_file(entry, read[entry.file], lang)
        if entry.role == "communities" and found.is_estimated("boundaries"):
            told.append(text("cli.points_as_areas", lang))
    return told


def skipped(found: StudyArea, lang: Lang) -> list[str]:
    """Return how many rows were left out and why, and the first of them.

    Parameters
    ----------
    found
        The study area, with the rows left out.
    lang
        Language of the lines.

    Returns
    -------
    Lines to print.
    """
    rows = found.skipped
    comma = text("problems.comma", lang)
    counts = rows["reason"].value_counts().items()
    reasons = comma.join(f"{_reason(str(reason), lang)} {n}" for reason, n in counts)
    told = [text("cli.skipped", lang, n=len(rows), reasons=reasons)]
    for _, row in rows.head(MOST_ROWS).iterrows():
        values = {"file": row["file"], "row": row["row"], "name": _said(row["name"])}
        told.append(text("cli.skipped_row", lang, reason=_reason(row["reason"], lang), **values))
    if len(rows) > MOST_ROWS:
        told.append(text("cli.skipped_more", lang, n=len(rows) - MOST_ROWS))
    return told


def _of_file(entry: Input, read: set[str | None], lang: Lang) -> list[str]:
    comma = text("problems.comma", lang)
    told = []
    if entry.understood is not None:
        known = entry.understood
        fields = [
            f"{' + '.join(_column(column, known.factors, lang) for column in columns)} → {name}"
            for name, columns in known.fields.items()
        ]
        told.append(text("cli.fields", lang, file=entry.label, fields=comma.join(fields) or "–"))
        if known.unused:
            told.append(
                text(
                    "cli.unused",
                    lang,
                    columns=comma.join(_heading(column, lang) for column in known.unused),
                )
            )
        told += [
            text("cli.near", lang, column=column, field=name) for column, name in known.near.items()
        ]
        for name, words in known.words.items():
            if not words or name not in known.fields:
                continue
            meant = [f"{word} → {meaning}" for word, meaning in words.items()]
            more = " …" if len(meant) > MOST_ROWS else ""
            shown = comma.join(meant[:MOST_ROWS]) + more
            told.append(text("cli.words", lang, field=name, words=shown))
    unread = [name for name in entry.other_sheets if name not in read]
    if unread:
        others = comma.join(unread)
        told.append(text("cli.other_sheets", lang, sheet=entry.sheet, others=others))
    return told


def _column(column: str, factors: dict[str, float], lang: Lang) -> str:
    factor = factors.get(column)
    return column if factor is None else column + text("cli.times", lang, factor=f"{factor:g}")


def _said(name: object) -> str:
    return "–" if pd.isna(name) else str(name)  # type: ignore[call-overload]


def _reason(reason: str, lang: Lang) -> str:
    key = f"words.{reason}"
    return text(key, lang) if has_text(key) else reason


def _heading(column: str, lang: Lang) -> str:
    """Return a column's heading, or where one stands that has none."""
    place = place_of_unheaded(column)
    return column if place is None else text("cli.unheaded", lang, column=place)
