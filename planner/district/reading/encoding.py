"""Bytes to text: UTF-8, GB 18030 and Big5, as declared or found."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Sequence
from functools import cache

import opencc

# Big5 as Windows writes it, then with the signs of Hong Kong; both are called Big5.
_CHINESE = {"gb18030": "gb18030", "cp950": "big5", "big5hkscs": "big5"}
_NAMED_AS = {"gbk": "gb18030", "gb2312": "gb18030", "big5": "cp950", "utf-8": "utf-8-sig"}
# Codecs that Python calls text, and that no file of text is in.
_NO_TEXT = {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "utf_7"}
_SCORED_LETTERS = 100_000
_LEAST_SCORE = 0.6


def find_encoding(pieces: Sequence[bytes]) -> str | None:
    """Find the encoding of text.

    Parameters
    ----------
    pieces
        The whole text, or its cells; a cell may end within a letter, as in a dBase field.

    Returns
    -------
    Name of a codec: UTF-8 or UTF-16 where the bytes say so; else that of GB 18030 and Big5 which
    decodes everything into the most signs in common use. Missing where neither gives sense.
    """
    if any(piece.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) for piece in pieces[:1]):
        return "utf-16"
    if decodes(pieces, "utf-8"):
        return "utf-8"
    scores = {
        codec: _commonness(decode(piece, codec) for piece in pieces)
        for codec in _CHINESE
        if decodes(pieces, codec)
    }
    best = max(scores, key=scores.__getitem__, default=None)
    return best if best is not None and scores[best] >= _LEAST_SCORE else None


def decode(piece: bytes, codec: str) -> str:
    """Decode strictly, but for a letter cut off at the end.

    Parameters
    ----------
    piece
        Bytes of text.
    codec
        An encoding by any of its names.

    Returns
    -------
    The text, without a last letter that is not whole.

    Raises
    ------
    UnicodeDecodeError
        If bytes before the end are not of the encoding.
    LookupError
        If there is no such encoding of text.
    """
    known = _text_codec(codec)
    return codecs.getincrementaldecoder(_NAMED_AS.get(known, known))("strict").decode(piece)


def decodes(pieces: Iterable[bytes], codec: str) -> bool:
    """Return whether an encoding exists and decodes every piece.

    Parameters
    ----------
    pieces
        Pieces of text, as bytes; each begins with a whole letter.
    codec
        An encoding by any of its names.

    Returns
    -------
    Whether all can be decoded.
    """
    try:
        for piece in pieces:
            decode(piece, codec)
    except (UnicodeDecodeError, LookupError):
        return False
    return True


def common_name(codec: str) -> str:
    """Return the name of an encoding that people use.

    Parameters
    ----------
    codec
        An encoding by any of its names.

    Returns
    -------
    Such as ``gb18030`` or ``big5``; else Python's own name.
    """
    known = _text_codec(codec)
    return _CHINESE.get(known, known)


def _text_codec(codec: str) -> str:
    """Return Python's own name of an encoding of text; ``rot13``, ``zip`` and their like are none.

    Raises
    ------
    LookupError
        If there is no such encoding of text.
    """
    try:
        found = codecs.lookup(codec)
    except ValueError as error:
        raise LookupError(codec) from error
    # The one place where Python says whether bytes become text; `bytes.decode` asks it too.
    if not found._is_text_encoding or found.name.replace("-", "_") in _NO_TEXT:  # noqa: SLF001
        raise LookupError(codec)
    return found.name


def _commonness(texts: Iterable[str]) -> float:
    """Compute the share of signs in common use among all beyond ASCII, each counted once.

    A town with a rare sign in its name may stand in every row.
    """
    signs: set[str] = set()
    read = 0
    for text in texts:
        signs.update(text[:_SCORED_LETTERS])
        read += len(text)
        if read > _SCORED_LETTERS:
            break
    beyond = {sign for sign in signs if ord(sign) > 127}
    return len(beyond & _common_signs()) / len(beyond) if beyond else 1.0


@cache
def _common_signs() -> frozenset[str]:
    """List the signs of everyday Chinese: letters of the first level of both standards.

    GB 2312 and Big5 each put the letters in common use first. One that is in common use in its
    simplified and in its traditional form is seldom what a wrong encoding makes of the bytes.
    """
    simplified = set(_block(range(0xB0, 0xD8), [range(0xA1, 0xFF)], "gb2312"))
    traditional = set(_block(range(0xA4, 0xC7), [range(0x40, 0x7F), range(0xA1, 0xFF)], "big5"))
    letters = sorted(simplified | traditional)
    one_a_line = "\n".join(letters)
    as_simplified = opencc.OpenCC("t2s").convert(one_a_line).split("\n")
    as_traditional = opencc.OpenCC("s2t").convert(one_a_line).split("\n")
    forms = map(chr, [*range(0x3001, 0x3020), *range(0xFF01, 0xFF5F)])
    return frozenset(forms) | {
        letter
        for letter, one, other in zip(letters, as_simplified, as_traditional, strict=True)
        if one in simplified and (other in traditional or letter in traditional)
    }


def _block(leads: range, trails: list[range], codec: str) -> str:
    pairs = bytes(b for lead in leads for part in trails for trail in part for b in (lead, trail))
    return pairs.decode(codec, errors="ignore")
