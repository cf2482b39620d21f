"""Fonts of pictures, and the characters that they have."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from unicodedata import east_asian_width

from matplotlib import font_manager

from planner.output.report.content import clean
from planner.study.plan import Plan

CJK_FAMILIES = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN",
    "Microsoft YaHei", "PingFang SC", "PingFang HK", "Hiragino Sans GB", "Heiti SC", "STHeiti",
    "SimHei", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Noto Sans CJK JP", "Noto Sans CJK TC",
    "Noto Serif CJK SC", "Source Han Serif SC", "SimSun", "Droid Sans Fallback",
    "Arial Unicode MS",
)  # fmt: skip
CJK_FILE = re.compile(
    r"cjk|source ?han|notosanssc|wqy|simhei|simsun|msyh|pingfang|heiti|hiragino|droidsansfallback"
    r"|arial unicode",
    re.IGNORECASE,
)
LATIN_FAMILY = "DejaVu Sans"
# The open font that the extra ``fonts`` brings: Noto Sans CJK SC, under the SIL Open Font License.
FONT_PACKAGE, FONT_FILE = "mplfonts", "fonts/NotoSansCJKsc-Regular.otf"
PROBE = "街道社区养老设施覆盖率缺口选址"  # a font with these has the rest
UNKNOWN = "?"
MOST_LINES = 3


@dataclass(frozen=True, kw_only=True)
class Pen:
    """Fonts to draw text with, and the characters they have."""

    families: tuple[str, ...]
    characters: frozenset[int]
    chinese: bool

    def font(self, points: float, *, bold: bool = False) -> font_manager.FontProperties:
        """Return a font of so many points.

        Parameters
        ----------
        points
            Size in points.
        bold
            Whether it is bold.

        Returns
        -------
        The font.
        """
        return font_manager.FontProperties(
            family=list(self.families), size=points, weight="bold" if bold else "normal"
        )

    def can(self, words: str) -> bool:
        """Return whether every character can be drawn.

        Parameters
        ----------
        words
            The text.

        Returns
        -------
        Whether it can.
        """
        return all(ord(sign) in self.characters for sign in words)

    def fit(self, words: str) -> str:
        """Return a text with a mark where a character cannot be drawn.

        Parameters
        ----------
        words
            The text.

        Returns
        -------
        The text.
        """
        return "".join(sign if ord(sign) in self.characters else UNKNOWN for sign in words)


def pen() -> Pen:
    """Return fonts: one with Chinese characters if there is any, and matplotlib's own."""
    chinese = _known() or _installed_since() or _packaged() or _of_any_name()
    families = (*chinese, LATIN_FAMILY)
    return Pen(families=families, characters=_characters(families), chinese=bool(chinese))


@cache
def _characters(families: tuple[str, ...]) -> frozenset[int]:
    """Return the characters that the fonts of some families have."""
    characters: set[int] = set()
    for family in families:
        properties = font_manager.FontProperties(family=family)
        path = font_manager.fontManager.findfont(properties, fallback_to_default=False)
        characters.update(font_manager.get_font(path).get_charmap())
    return frozenset(characters)


def _known() -> tuple[str, ...]:
    """Return the best family with Chinese characters among those that matplotlib has listed."""
    listed = {
        entry.name
        for entry in font_manager.fontManager.ttflist
        if entry.name in CJK_FAMILIES and Path(entry.fname).exists()
    }
    return tuple(family for family in CJK_FAMILIES if family in listed)[:1]


@cache
def _installed_since() -> tuple[str, ...]:
    """Return such a family that was installed since matplotlib listed its fonts.

    It keeps that list on disk and never looks again, so that a font just installed stays unseen.
    """
    for path in map(Path, font_manager.findSystemFonts()):
        if CJK_FILE.search(path.name):
            _add(path)
    return _known()


@cache
def _packaged() -> tuple[str, ...]:
    """Return the family of the font that the extra ``fonts`` brings; the package stays unloaded."""
    found = find_spec(FONT_PACKAGE)
    for folder in () if found is None else found.submodule_search_locations or ():
        _add(Path(folder) / FONT_FILE)
    return _known()


@cache
def _of_any_name() -> tuple[str, ...]:
    """Return a family that has Chinese characters, whatever it is called."""
    for path in map(Path, sorted(font_manager.findSystemFonts())):
        with suppress(OSError, RuntimeError, ValueError):
            font = font_manager.get_font(str(path))
            if set(map(ord, PROBE)) <= set(font.get_charmap()):
                font_manager.fontManager.addfont(path)
                return (font.family_name,)
    return ()


def _add(path: Path) -> None:
    with suppress(OSError, RuntimeError, ValueError):  # a file that is no font after all
        font_manager.fontManager.addfont(path)


def unwritable(plan: Plan, writing: Pen) -> tuple[str, ...]:
    """List the names that pictures of a plan would show and no font can write.

    Parameters
    ----------
    plan
        The plan.
    writing
        The fonts. Without Chinese characters pictures speak English, and this is told apart from a
        rare character in a name: nothing is listed.

    Returns
    -------
    The names, each once.
    """
    if not writing.chinese:
        return ()
    kinds = [plan.area.kinds[kind] for kind in plan.kinds]
    names = [
        *plan.area.communities["street"].dropna().unique(),
        *(name for kind in kinds for name in (kind.zh, kind.en)),
        *(plan.settings.name(lang) for lang in ("zh", "en")),
        *plan.settings.attribution,
    ]
    told = dict.fromkeys(map(clean, names))
    return tuple(name for name in told if not writing.can(name))


def broken(words: str, width: int) -> str:
    r"""Break a text into lines of so many cells, Latin at its spaces, and no more than three.

    Parameters
    ----------
    words
        The text.
    width
        Cells of a line, each as wide as a Latin letter.

    Returns
    -------
    The lines, three at most; the last one ends in an ellipsis where something is left out.

    Examples
    --------
    >>> broken("people aged 60 and over", 12)
    'people aged\n60 and over'
    >>> broken("建议选址的步行圈", 8)
    '建议选址\n的步行圈'
    >>> broken("居家养老服务站（258）", 16)
    '居家养老服务站\n（258）'
    """
    lines, used = [""], 0
    for part in _unbroken(words, width):
        wide = _cells(part.rstrip())
        if used and used + wide > width:
            lines, used = [*lines, ""], 0
        lines[-1] += part
        used += wide + len(part) - len(part.rstrip())
    cut = [line.rstrip()[:width] for line in lines]
    return "\n".join(cut[:MOST_LINES]) + ("…" if len(cut) > MOST_LINES else "")


def _unbroken(words: str, width: int) -> list[str]:
    """Return the parts between which a text may be broken; a bracket that fits stays whole."""
    parts = []
    for part in re.findall(r"[（(][^（()）]*[）)] ?|[!-~]+ ?|.", words):
        parts += [part] if _cells(part) <= width else re.findall(r"[!-~]+ ?|.", part)
    return parts


def _cells(words: str) -> int:
    return sum(2 if east_asian_width(sign) in "WF" else 1 for sign in words)
