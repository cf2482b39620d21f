"""What to mend in a line that is not TOML: the traps that people fall into, each by its remedy."""

from __future__ import annotations

import re

from planner.language import LANGS, Lang, text

_AT_LINE = re.compile(r"at line (\d+)")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"|\'[^\']*\'|#.*')
_WIDE = re.compile("[“”‘’„「」『』＂＇：＝；，。［］【】｛｝＃\u3000]")
_BARE = re.compile(r"=\s*([^\s\d\"'\[{+\-#tf][^#]*|[tf](?!rue\b|alse\b)[^#]*)")
_PATH = re.compile(r'"([A-Za-z]:\\[^"]*|[^"]*\\[^"]*)"')


def toml_remedy(content: str, complaint: str) -> dict[Lang, str]:
    r"""Return what to do about a text that TOML does not take.

    Parameters
    ----------
    content
        The text.
    complaint
        What `tomllib` says, with the line in it.

    Returns
    -------
    The remedy in each language, to be passed to a problem as ``hint``.

    Examples
    --------
    >>> wide = "Invalid value (at line 1, column 9)"
    >>> toml_remedy("title = “澄湾区”", wide)["en"]
    'The sign “ is full-width: write half-width quotes, colons, commas and brackets.'
    >>> path = "Unescaped '\\' in a string (at line 1, column 12)"
    >>> toml_remedy('file = "D:\\data\\a.csv"', path)["en"]
    'A backslash has a meaning of its own between double quotes: write "D:/data/a.csv".'
    """
    found = _AT_LINE.search(complaint)
    lines = content.splitlines()
    number = int(found[1]) if found else len(lines)
    line = lines[number - 1] if 0 < number <= len(lines) else ""
    key, values = _trap(line, complaint)
    return {lang: text(f"toml_traps.{key}", lang, **values) for lang in LANGS}


def _trap(line: str, complaint: str) -> tuple[str, dict[str, object]]:
    """Name the trap of a line, and what its remedy says of it."""
    plain = _QUOTED.sub("", line)
    if path := _PATH.search(line):
        return "backslash", {"path": path[1].replace("\\", "/")}
    if wide := _WIDE.search(plain):
        return "wide", {"sign": wide[0]}
    if "twice" in complaint or "overwrite" in complaint:
        return "twice", {"name": plain.strip().strip("[]").strip() or "facilities"}
    if "=" not in plain and ":" in plain:
        return "colon", {}
    if plain.rstrip().endswith((",", ";")):
        return "comma", {"sign": plain.rstrip()[-1]}
    if bare := _BARE.search(line):
        return "bare", {"value": bare[1].strip()}
    return "other", {}
