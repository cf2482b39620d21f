"""Set a report as one HTML page that needs no network and prints well."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from html import escape
from importlib.resources import files

from planner.language import text
from planner.report.content import Block, Heading, Paragraph, Picture, Points, Report, Table, label

# Neither a script nor an address can slip in with the data: the page allows itself none.
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def page(report: Report, pictures: Mapping[str, bytes]) -> str:
    """Set a report as a whole HTML file.

    Parameters
    ----------
    report
        The report.
    pictures
        PNG of each map by its name.
    """
    lang = "zh-CN" if report.lang == "zh" else "en"
    chapters = [b for b in report.blocks if isinstance(b, Heading) and b.level == 1]
    links = "".join(
        f'<li><a href="#s{n}">{escape(chapter.text)}</a></li>'
        for n, chapter in enumerate(chapters, start=1)
    )
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
        f'</header>\n<nav aria-label="{contents}"><ol>{links}</ol></nav>',
        "<main>",
    ]
    chapter = 0
    for block in report.blocks:
        chapter += isinstance(block, Heading) and block.level == 1
        parts.append(_block(block, report, pictures, chapter))
    return "\n".join(part for part in [*parts, "</main>\n</body>\n</html>"] if part) + "\n"


def _block(block: Block, report: Report, pictures: Mapping[str, bytes], chapter: int) -> str:
    if isinstance(block, Heading):
        if block.level == 1:
            return f'<h2 id="s{chapter}">{escape(block.text)}</h2>'
        return f"<h3>{escape(block.text)}</h3>"
    if isinstance(block, Paragraph):
        mark = ' class="warning"' if block.style == "warning" else ""
        return f"<p{mark}>{escape(block.text)}</p>"
    if isinstance(block, Points):
        return "<ul>" + "".join(f"<li>{escape(item)}</li>" for item in block.items) + "</ul>"
    if isinstance(block, Picture):
        image = base64.b64encode(pictures[block.name]).decode()
        caption = escape(f"{label(block, report.lang)} {block.caption}")
        return (
            f'<figure><img alt="{escape(block.described)}" src="data:image/png;base64,{image}">'
            f"<figcaption>{caption}</figcaption></figure>"
        )
    return _table(block, report)


def _table(table: Table, report: Report) -> str:
    def row(cells: tuple[str, ...], tag: str) -> str:
        scope = ' scope="col"' if tag == "th" else ""
        number = ' class="n"'
        inner = "".join(
            f"<{tag}{scope}{number if right else ''}>{escape(cell)}</{tag}>"
            for cell, right in zip(cells, table.right, strict=True)
        )
        return f"<tr>{inner}</tr>"

    caption = escape(f"{label(table, report.lang)} {table.caption}")
    rows = "\n".join(row(cells, "td") for cells in table.rows)
    return (
        f'<div class="wide"><table id="{escape(table.name)}-{table.number}">\n'
        f"<caption>{caption}</caption>\n<thead>{row(table.head, 'th')}</thead>\n"
        f"<tbody>\n{rows}\n</tbody></table></div>"
    )
