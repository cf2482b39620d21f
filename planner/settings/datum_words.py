"""What people call a datum, in headings and in scenarios."""

from __future__ import annotations

import re

from planner.engine.crs import Datum

DATUM_WORDS: tuple[tuple[Datum, str], ...] = (
    ("gcj02", r"gcj-?02|gcj|高德地图|高德|腾讯地图|腾讯|火星|amap|gaode|tencent"),
    ("bd09", r"bd-?09(ll|mc)?|百度地图|百度|baidu"),
    ("wgs84", r"wgs-?84|wgs|epsg:?4326|gps"),
    (
        "cgcs2000",
        r"cgcs-?2000|国家2000|大地2000|2000(国家大地)?坐标系?|天地图|epsg:?4490|twd97|tm2",
    ),
)


def datum_named(words: str) -> Datum | None:
    """Return the datum that a word means, whatever it is called.

    Parameters
    ----------
    words
        A name of a datum or of a map service.

    Returns
    -------
    The datum; None where the words name none, or several.

    Examples
    --------
    >>> datum_named("GCJ-02"), datum_named("百度坐标"), datum_named("西安80")
    ('gcj02', 'bd09', None)
    """
    plain = re.sub(r"[\s_]+", "", words.casefold())
    named = [datum for datum, known in DATUM_WORDS if re.search(known, plain)]
    return named[0] if len(named) == 1 else None
