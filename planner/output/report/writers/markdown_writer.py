"""Set a report as Markdown."""

from __future__ import annotations

import re
from collections.abc import Mapping

from planner.language import text
from planner.output.report.content import (
    Block,
    Heading,
    Paragraph,
    Picture,
    Points,
    Report,
    Table,
    label,
    pieces,
)

_SIGNS = re.compile(r"[\\`*\[\]|~$]|(?<!\w)_|_(?!\w)")
_AT_START = re.compile(r"^([#+-]|\d+(?=[.)](?:\s|$)))")


def markdown(report: Report) -> str:
    """Return a report as Markdown: names from data are escaped, maps are linked in ``pictures/``.

    Parameters
    ----------
    report
        The report.

    Returns
    -------
    The text.
    """
    parts = [f"# {_plain(report.title)}", _plain(report.subtitle)]
    if report.mark:
        parts.append(f"> **{_plain(report.mark)}**")
    facts = [text("report.fact", report.lang, name=name, value=told) for name, told in report.facts]
    parts.append("\n".join(f"- {_plain(fact)}" for fact in facts))
    parts += [_plain(report.note)] if report.note else []
    labels = report.labels
    parts += [_block(block, report, labels) for block in report.blocks]
    return "\n\n".join(parts) + "\n"


def _block(block: Block, report: Report, labels: Mapping[str, str]) -> str:
    def _words(told: str) -> str:
        return "".join(_plain(labels[anchor] if anchor else part) for part, anchor in pieces(told))

    if isinstance(block, Heading):
        return f"{'#' * (block.level + 1)} {_plain(block.text)}"
    if isinstance(block, Paragraph):
        return f"> **{_words(block.text)}**" if block.style == "warning" else _words(block.text)
    if isinstance(block, Points):
        return "\n".join(f"- {_words(item)}" for item in block.items)
    if isinstance(block, Picture):
        caption = _plain(f"{label(block, report.lang)} {block.caption}")
        return f"![{_plain(block.described)}](pictures/{block.name}.png)\n\n*{caption}*"
    return _table(block, report)


def _table(table: Table, report: Report) -> str:
    rule = "|" + "".join(" ---: |" if right else " --- |" for right in table.right)
    rows = ["| " + " | ".join(_plain(cell) for cell in row) + " |" for row in table.rows]
    head = "| " + " | ".join(_plain(cell) for cell in table.head) + " |"
    caption = f"**{_plain(f'{label(table, report.lang)} {table.caption}')}**"
    return "\n".join([caption, "", head, rule, *rows])


def _plain(words: str) -> str:
    """Escape what Markdown or HTML would take for more than text."""
    escaped = _SIGNS.sub(lambda match: f"\\{match[0]}", words)
    escaped = escaped.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _AT_START.sub(lambda m: f"{m[1]}\\" if m[1].isdigit() else f"\\{m[1]}", escaped)
