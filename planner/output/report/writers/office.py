"""What Word and Excel files need alike: the same bytes each time, and the tag of their language."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile

from planner.language import tag

# Office files tell when they were made; a report tells what it was made from instead.
MADE = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)

_MODIFIED = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(<)")


def office_tag(lang: str) -> str:
    """Return the tag of a language that Office knows, with the script of `spelling`.

    Parameters
    ----------
    lang
        ``zh`` or ``en``.

    Returns
    -------
    The tag; traditional characters of no region are those of Taiwan.

    Examples
    --------
    >>> office_tag("zh"), office_tag("en")
    ('zh-CN', 'en-GB')
    """
    return {"zh-Hant": "zh-TW", "en": "en-GB"}.get(tag(lang), tag(lang))


def repack(package: bytes, parts: dict[str, bytes] | None = None) -> bytes:
    """Pack an Office file again so that it holds no time of its making.

    Parameters
    ----------
    package
        The file.
    parts
        Parts to take in place of those of the same name.

    Returns
    -------
    The file.
    """
    out = io.BytesIO()
    stamp = f"{MADE:%Y-%m-%dT%H:%M:%SZ}".encode()
    with (
        zipfile.ZipFile(io.BytesIO(package)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            content = (parts or {}).get(name) or old.read(name)
            if name == "docProps/core.xml":
                content = _MODIFIED.sub(rb"\g<1>" + stamp + rb"\g<2>", content)
            entry = zipfile.ZipInfo(name, (MADE.year, 1, 1, 0, 0, 0))
            # Pictures are compressed already.
            packed = name.endswith(".png")
            entry.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            new.writestr(entry, content)
    return out.getvalue()
