"""Who may use a street: what its class and its access tags say to walkers and to vehicles.

The rules are asked of every file of streets alike, whether its classes are OpenStreetMap's
(``highway``), Geofabrik's (``fclass``) or in Chinese, and whatever its column of classes is called.
For walkers they follow OSMnx and pyrosm, but that cycleways open to walkers and the outlines of
pedestrian squares are walked.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planner.district.reading.road_words import (
    MOTORWAYS,
    NO_STREETS,
    NOT_DRIVEN,
    NOT_THERE,
    NOT_WALKED,
    STATES_NOT_THERE,
    TAGS,
    Flags,
    Tags,
    any_of,
    kinds_of,
)

_MOTOR_ROADS = {"trunk", "trunk_link", *MOTORWAYS}  # with homes along few of them, if any
_NEITHER = {"", "no", "f", "false", "0", "否"}  # bridge nor tunnel
_CYCLEWAYS = {"cycleway", "自行车道", "非机动车道", "绿道"}
_CLOSED = {
    "no", "n", "f", "false", "0", "private", "closed", "禁止", "禁行", "禁止通行", "禁止步行",
    "禁止行人", "行人禁行", "不允许", "不准", "否", "不", "不可", "不能", "不可以", "不通",
    "不通行", "不可通行", "不能通行", "不可步行", "封闭", "封路", "关闭", "私有", "私人",
}  # fmt: skip
_OPEN = {
    "yes", "y", "t", "designated", "permissive", "destination", "delivery", "official", "true", "1",
    "是", "可", "可以", "允许", "准许", "开放",
}  # fmt: skip
_SIDES = ("sidewalk", "sidewalk:both", "sidewalk:left", "sidewalk:right")
_ONEWAY = {
    "yes": "yes", "true": "yes", "1": "yes", "f": "yes", "是": "yes", "单行": "yes", "单向": "yes",
    "正向": "yes", "-1": "-1", "reverse": "-1", "t": "-1", "反向": "-1", "逆向": "-1",
}  # fmt: skip


def distinct(tags: pd.DataFrame) -> tuple[pd.DataFrame, NDArray[np.intp]]:
    """Return the ways that differ in their tags, each once, and which of them every way is.

    Parameters
    ----------
    tags
        A column for each of `TAGS` that is known (n rows); further columns count nothing.

    Returns
    -------
    The ways that differ (m rows), numbered from 0, and the number of each way's like (n).
    """
    own = tags[[name for name in tags if name in TAGS]]
    code = np.zeros(len(own), np.intp)
    for name in own:
        number = kinds_of(own[name])[0]
        code = pd.factorize(code * (number.max(initial=0) + 1) + number)[0]
    first = np.unique(code, return_index=True)[1]
    return own.iloc[first].reset_index(drop=True), code


def walked(tags: pd.DataFrame) -> Flags:
    """Return which ways people may walk along.

    Parameters
    ----------
    tags
        A column for each of `TAGS` that is known, missing where a way lacks it.

    Returns
    -------
    Boolean array, one for each way.
    """
    tag = Tags(tags)
    by_foot = np.where(tag["foot"] != "", tag["foot"], tag["access"])
    shut = any_of(by_foot, _CLOSED)
    invited = any_of(tag["foot"], _OPEN)
    square = any_of(tag["highway"], {"pedestrian", "footway"})
    flat = any_of(tag["area"], {"yes", "true", "1"}) & ~square
    sides = np.logical_or.reduce([tag[side] == "separate" for side in _SIDES])
    cycleway = any_of(tag["highway"], {"cycleway"}) & invited
    not_walked = any_of(tag["highway"], NOT_WALKED) & ~cycleway
    motorroad = any_of(tag["motorroad"], {"yes"}) & ~invited
    private = any_of(tag["service"], {"private"})
    out: Flags = ~(_not_there(tag) | not_walked | shut | flat | sides | private | motorroad)
    return out


def wheeled(tags: pd.DataFrame) -> Flags:
    """Return which ways people may go along by wheelchair, as far as tags tell.

    Parameters
    ----------
    tags
        As for `walked`.

    Returns
    -------
    Boolean array, one for each way.
    """
    out: Flags = walked(tags) & ~any_of(Tags(tags)["wheelchair"], _CLOSED)
    return out


def cycled(tags: pd.DataFrame) -> Flags:
    """Return which ways people may go along by bicycle or e-bike, riding or walking beside it.

    Parameters
    ----------
    tags
        As for `walked`.

    Returns
    -------
    Boolean array, one for each way.
    """
    tag = Tags(tags)
    ways = any_of(tag["highway"], _CYCLEWAYS) & ~_not_there(tag)
    said = np.where(tag["bicycle"] != "", tag["bicycle"], tag["vehicle"])
    said = np.where(said != "", said, tag["access"])
    invited = any_of(tag["bicycle"], _OPEN)
    shut = any_of(said, _CLOSED) & ~any_of(tag["bicycle"], {"dismount"})
    motorroad = any_of(tag["motorroad"], {"yes"}) & ~invited
    out: Flags = (walked(tags) | driven(tags) | ways) & ~shut & ~motorroad
    return out


def lived_on(lines: gpd.GeoDataFrame) -> Flags:
    """Return along which ways people may live: not on bridges, in tunnels, or by motor roads.

    Parameters
    ----------
    lines
        Ways with their tags, as `walked` knows them; what is not tagged counts as lived on.

    Returns
    -------
    Boolean array, one for each way.
    """
    alike, code = distinct(pd.DataFrame(lines.drop(columns="geometry")))
    tag = Tags(alike)
    above = [~any_of(tag[name], _NEITHER) for name in ("bridge", "tunnel")]
    no_home = np.logical_or.reduce([*above, any_of(tag["highway"], _MOTOR_ROADS)])
    found: Flags = ~no_home[code]
    return found


def driven(tags: pd.DataFrame) -> Flags:
    """Return which ways vehicles may use.

    Parameters
    ----------
    tags
        As for `walked`.

    Returns
    -------
    Boolean array, one for each way.
    """
    tag = Tags(tags)
    said = tag["access"]
    for key in ("vehicle", "motor_vehicle", "motorcar"):  # the last, most specific, decides
        said = np.where(tag[key] != "", tag[key], said)
    vehicle = np.where(tag["motor_vehicle"] != "", tag["motor_vehicle"], tag["vehicle"])
    let_in = any_of(tag["highway"], {"pedestrian", "footway"}) & any_of(vehicle, _OPEN)
    foot_alone = any_of(tag["highway"], NOT_DRIVEN) & ~let_in
    flat = any_of(tag["area"], {"yes", "true", "1"})
    return ~(_not_there(tag) | foot_alone | flat | any_of(said, _CLOSED))


def oneway(tags: pd.DataFrame) -> pd.Series:
    """Return which way vehicles may go, in OpenStreetMap's words; roundabouts go one way.

    Parameters
    ----------
    tags
        As for `walked`.

    Returns
    -------
    ``yes`` or ``-1`` (the reverse) on the index of ``tags``; missing where both ways are open.
    """
    tag = Tags(tags)
    words = pd.Series(tag["oneway"], index=tags.index).map(_ONEWAY)
    implied = any_of(tag["junction"], {"roundabout", "circular"}) | any_of(
        tag["highway"], {"motorway"}
    )
    said = pd.Series(tag["oneway"] != "", index=tags.index)
    return words.mask(pd.Series(implied, index=tags.index) & ~said, "yes")


def _not_there(tag: Tags) -> Flags:
    under_way = tag["construction"]
    building = (under_way != "") & ~any_of(under_way, {"no", "minor", "false", "0", "否"})
    shut: Flags = any_of(tag["highway"], NOT_THERE | NO_STREETS) | building
    return shut | any_of(tag["status"], STATES_NOT_THERE)
