"""Set a report as one HTML page that needs no network and prints well."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from html import escape
from importlib.resources import files

from planner.language import tag, text
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

# Neither a script nor an address can slip in with the data: the page allows itself none.
NUMBER = ' class="n"'
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def page(report: Report, pictures: Mapping[str, bytes]) -> str:
    """Return a report as a whole HTML file.

    Parameters
    ----------
    report
        The report.
    pictures
        PNG of each map by its name.

    Returns
    -------
    The text.
    """
    lang = tag(report.lang)
    facts = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(told)}</dd>" for name, told in report.facts
    )
    contents = text("report.contents", report.lang)
    parts = [
        f'<!DOCTYPE html>\n<html lang="{lang}">\n<head>\n<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(report.title)}</title>",
        f"<style>\n{files(__package__).joinpath('page.css').read_text('utf-8')}</style>",
        "</head>\n<body>\n<header>",
        f"<h1>{escape(report.title)}</h1>",
        f'<p class="subtitle">{escape(report.subtitle)}</p>',
        f'<p class="warning">{escape(report.mark)}</p>' if report.mark else "",
        f"<dl>{facts}</dl>",
        f"<p>{escape(report.note)}</p>" if report.note else "",
        f'</header>\n<nav aria-label="{contents}">{_contents(report)}</nav>',
        "<main>",
    ]
    heading = 0
    labels = report.labels
    for block in report.blocks:
        heading += isinstance(block, Heading)
        parts.append(_block(block, report, pictures, labels, heading))
    return "\n".join(part for part in [*parts, "</main>\n</body>\n</html>"] if part) + "\n"


def _contents(report: Report) -> str:
    """List chapters and their parts, with links."""
    parts, inside = [], False
    headings = [block for block in report.blocks if isinstance(block, Heading)]
    for n, heading in enumerate(headings, start=1):
        if (heading.level == 2) != inside:
            parts.append("<ol>" if heading.level == 2 else "</ol></li>")
            inside = heading.level == 2
        elif n > 1:
            parts.append("</li>")
        parts.append(f'<li><a href="#s{n}">{escape(heading.text)}</a>')
    return f"<ol>{''.join(parts)}{'</li></ol></li>' if inside else '</li>'}</ol>" if parts else ""


def _words(words: str, labels: Mapping[str, str]) -> str:
    """Escape a text, its references as links."""
    return "".join(
        escape(part) if anchor is None else f'<a href="#{anchor}">{escape(labels[anchor])}</a>'
        for part, anchor in pieces(words)
    )


def _block(
    block: Block,
    report: Report,
    pictures: Mapping[str, bytes],
    labels: Mapping[str, str],
    heading: int,
) -> str:
    if isinstance(block, Heading):
        tag = f"h{block.level + 1}"
        return f'<{tag} id="s{heading}">{escape(block.text)}</{tag}>'
    if isinstance(block, Paragraph):
        mark = ' class="warning"' if block.style == "warning" else ""
        return f"<p{mark}>{_words(block.text, labels)}</p>"
    if isinstance(block, Points):
        return (
            "<ul>" + "".join(f"<li>{_words(item, labels)}</li>" for item in block.items) + "</ul>"
        )
    if isinstance(block, Picture):
        image = base64.b64encode(pictures[block.name]).decode()
        caption = escape(f"{label(block, report.lang)} {block.caption}")
        return (
            f'<figure id="{block.anchor}">'
            f'<img alt="{escape(block.described)}" src="data:image/png;base64,{image}">'
            f"<figcaption>{caption}</figcaption></figure>"
        )
    return _table(block, report)


def _table(table: Table, report: Report) -> str:
    names = table.right.index(False) if False in table.right else -1  # the column that names rows

    def _row(cells: tuple[str, ...], *, head: bool) -> str:
        inner = ""
        for n, (cell, right) in enumerate(zip(cells, table.right, strict=True)):
            tag = "th" if head or n == names else "td"
            scope = ' scope="col"' if head else ' scope="row"' if tag == "th" else ""
            inner += f"<{tag}{scope}{NUMBER if right else ''}>{escape(cell)}</{tag}>"
        return f"<tr>{inner}</tr>"

    caption = escape(f"{label(table, report.lang)} {table.caption}")
    rows = "\n".join(_row(cells, head=False) for cells in table.rows)
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{caption}">'
        f'<table id="{table.anchor}">\n'
        f"<caption>{caption}</caption>\n<thead>{_row(table.head, head=True)}</thead>\n"
        f"<tbody>\n{rows}\n</tbody></table></div>"
    )
