"""Set a document as plain text that can be pasted anywhere."""

from __future__ import annotations

from planner.language import text
from planner.output.report.content import Block, Heading, Paragraph, Points, Report, clean


def plain(report: Report) -> bytes:
    """Return the chapters of a report that are written to be pasted: one line for each paragraph.

    Parameters
    ----------
    report
        The report.

    Returns
    -------
    The text in UTF-8 with a mark of its coding and the ends of lines of Windows, so that editors
    there show it right.
    """
    lines = [report.title, text("bureau.title", report.lang)]
    lines += [clean(told) for told in (report.mark, report.note, *report.credit) if told]
    for block in report.to_paste:
        lines += _lines(block)
    return "".join(f"{line}\r\n" for line in lines).encode("utf-8-sig")


def _lines(block: Block) -> list[str]:
    if isinstance(block, Heading):
        return ["", block.text]
    if isinstance(block, Paragraph):
        return [block.text]
    if isinstance(block, Points):
        return [f"- {item}" for item in block.items]
    raise TypeError(block)
