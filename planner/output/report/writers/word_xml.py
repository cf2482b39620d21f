"""Parts of a Word document that python-docx has no words for: fields, bookmarks, links."""

from __future__ import annotations

from typing import Any

from docx.document import Document as Docx
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph as Para

LONGEST_NAME = 40  # of a bookmark


def element(tag: str, **attributes: object) -> Any:
    """Build an element; the attributes are of Word's own namespace.

    Parameters
    ----------
    tag
        Its tag, with prefix, such as ``w:shd``.
    **attributes
        Values by name without prefix.

    Returns
    -------
    The element.
    """
    made = OxmlElement(tag)
    for name, value in attributes.items():
        made.set(qn(f"w:{name}"), str(value))
    return made


def insert(parent: Any, child: Any, *followers: str) -> None:
    """Insert a child before the first of those that have to follow it; Word minds their order.

    Parameters
    ----------
    parent
        The element that gets the child.
    child
        The child.
    *followers
        Tags without prefix that have to stand behind it.
    """
    after = {qn(f"w:{name}") for name in followers}
    place = next((n for n, other in enumerate(parent) if other.tag in after), len(parent))
    parent.insert(place, child)


def field(paragraph: Para, code: str, shown: str, *, parent: Any = None) -> None:
    """Add a field that Word computes, with what it shows until then.

    Parameters
    ----------
    paragraph
        Where to.
    code
        The field's code.
    shown
        What it shows until it is computed.
    parent
        A link of the paragraph that holds the field, if one does.
    """
    holder = paragraph._p if parent is None else parent  # noqa: SLF001
    field_marks(holder, "begin", code, "separate")
    if shown:
        holder.append(paragraph.add_run(shown)._r)  # noqa: SLF001
    field_marks(holder, "end")


def field_marks(parent: Any, *parts: str) -> None:
    """Write the marks of a field, and its code, each in a run of its own.

    Parameters
    ----------
    parent
        The element that they are appended to.
    *parts
        ``begin``, ``separate``, ``end``, or the code of the field.
    """
    for part in parts:
        run = OxmlElement("w:r")
        if part in {"begin", "separate", "end"}:
            run.append(element("w:fldChar", fldCharType=part))
        else:
            code = OxmlElement("w:instrText")
            code.set(qn("xml:space"), "preserve")
            code.text = f" {part} "
            run.append(code)
        parent.append(run)


class Styled:
    """Adds paragraphs in a style, each style looked up once: python-docx looks all styles through.

    Parameters
    ----------
    docx
        The document.
    """

    def __init__(self, docx: Docx) -> None:
        self.docx = docx
        self.ids: dict[str, str | None] = {}

    def paragraph(self, style: str) -> Para:
        """Add an empty paragraph at the document's end.

        Parameters
        ----------
        style
            Name of its style.

        Returns
        -------
        The paragraph.
        """
        if style not in self.ids:
            part: Any = self.docx.part
            self.ids[style] = part.get_style_id(style, WD_STYLE_TYPE.PARAGRAPH)
        made = self.docx.add_paragraph()
        made._p.style = self.ids[style]  # noqa: SLF001
        return made


class Bookmarks:
    """Names places of a document, each with a number of its own."""

    def __init__(self) -> None:
        self.made = 0

    def start(self, paragraph: Para, name: str) -> Any:
        """Begin a bookmark.

        Parameters
        ----------
        paragraph
            The paragraph that it begins in.
        name
            The anchor that references point at.

        Returns
        -------
        The element that ends it, to be appended.
        """
        self.made += 1
        mark = element("w:bookmarkStart", id=self.made, name=bookmark(name))
        paragraph._p.append(mark)  # noqa: SLF001
        return element("w:bookmarkEnd", id=self.made)


def bookmark(name: str) -> str:
    """Return the bookmark's name of an anchor, which keeps it out of lists.

    Parameters
    ----------
    name
        The anchor.

    Returns
    -------
    The name, of at most 40 signs.
    """
    return f"_{name}"[:LONGEST_NAME]


def link(paragraph: Para, name: str) -> Any:
    """Add a link to a bookmark.

    Parameters
    ----------
    paragraph
        The paragraph that gets it.
    name
        The anchor that it leads to.

    Returns
    -------
    The link; what is appended to it leads there.
    """
    made = element("w:hyperlink", anchor=bookmark(name), history=1)
    paragraph._p.append(made)  # noqa: SLF001
    return made
