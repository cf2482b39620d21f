"""Names as people type them: in either script, in pinyin, or by its first letters.

To read the dictionary of pinyin and to look a thousand names up takes a fifth of a map's time, and
a district's names stay as they are: they are kept from run to run beside its streets.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path

from opencc import OpenCC

from planner.district.reading.files import cache_folder

KEPT = "names.json"
MOST_KEPT = 30_000  # names: more take longer to read than they save


def spellings(names: Iterable[str | None]) -> list[str]:
    """Spell names in other ways.

    Parameters
    ----------
    names
        Names in either script or in letters; None where missing.

    Returns
    -------
    For each name one text: the name in the other script where that differs, a bar, and its pinyin
    with a space between syllables where it has any. The page compares in lower case.

    Examples
    --------
    >>> spellings(["澄湾社区", "Kallio", None])
    ['澄灣社區|cheng wan she qu', '|', '|']
    """
    wanted = [name or "" for name in names]
    folder = cache_folder()
    known = {} if folder is None else _known(folder / KEPT)
    new = {name: _spelling(name) for name in dict.fromkeys(wanted) if name not in known}
    found = [known[name] if name in known else new[name] for name in wanted]
    if folder is not None and 0 < len(new) <= MOST_KEPT:
        if len(known) + len(new) > MOST_KEPT:
            known.clear()
        known.update(new)
        _keep(folder / KEPT, known)
    return found


def _spelling(name: str) -> str:
    from pypinyin import lazy_pinyin  # noqa: PLC0415  its dictionary is read then: a map's cost

    others = {_converter(way).convert(name) for way in ("t2s", "s2t")} - {name}
    syllables = lazy_pinyin(name, errors="ignore")
    return f"{' '.join(sorted(others))}|{' '.join(syllables)}"


@cache
def _converter(way: str) -> OpenCC:
    return OpenCC(way)


@cache
def _known(path: Path) -> dict[str, str]:
    """Return the names that are kept; none where the file is damaged, or of other dictionaries."""
    with suppress(OSError, ValueError):
        digest, _, told = path.read_text("utf-8").partition("\n")
        if digest == _digest(told):
            known: dict[str, str] = json.loads(told)
            return known
    return {}


def _keep(path: Path, known: dict[str, str]) -> None:
    """Write the names down in one step; where there is no place for them, they are spelt anew."""
    told = json.dumps(known, ensure_ascii=False)
    part = path.with_suffix(f".{os.getpid()}")
    with suppress(OSError, UnicodeError):
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(f"{_digest(told)}\n{told}", "utf-8", newline="\n")
        part.replace(path)
    with suppress(OSError):
        part.unlink(missing_ok=True)


def _digest(told: str) -> str:
    made_by = " ".join(f"{name} {version(name)}" for name in ("pypinyin", "opencc"))
    return hashlib.sha256(f"{made_by}\n{told}".encode("utf-8", "surrogatepass")).hexdigest()
