"""The ground that 沄浦区 stands on.

All shapes are in metres east and north of the centre; `PLACE` puts them on the globe.
"""

from __future__ import annotations

import numpy as np
from generator import names
from generator.blocks import Quarter
from generator.ground import Land, Road, around, shape_land
from generator.place import near_latitude
from generator.shapes import outline, stream

PLACE = near_latitude(123.9, 31.4)
VILLAGES = 24

_DISTRICT = outline(
    [
        (-3400, -4000),
        (-3900, -1800),
        (-3600, 600),
        (-4200, 2300),
        (-2500, 3400),
        (-300, 3300),
        (1300, 4100),
        (3300, 3800),
        (4200, 2500),
        (3700, 700),
        (4100, -1200),
        (3500, -3400),
        (1500, -4200),
        (-1000, -4000),
    ],
    70,
    12,
)
_SEA = outline(
    [
        (-1500, 6500),
        (-1200, 4700),
        (1300, 4650),
        (3700, 4350),
        (4850, 2700),
        (5000, -300),
        (8000, -900),
        (8000, 6500),
    ],
    60,
    45,
)
_QUARTERS = (
    Quarter(
        name="沄南",
        corners=around(-600, -3100, 2900, 950, 2),
        turn_deg=6,
        dense=1.5,
        spacing=(215, 175),
        warp_m=8,
        drop=0.08,
        old=0.34,
    ),
    Quarter(
        name="泾桥",
        corners=around(2600, -2500, 1000, 900, 3),
        turn_deg=18,
        dense=1.3,
        spacing=(200, 165),
        warp_m=8,
        drop=0.08,
        old=0.31,
    ),
    Quarter(
        name="沄中",
        corners=around(300, -900, 1300, 700, 4),
        turn_deg=-8,
        dense=1.1,
        spacing=(185, 150),
        warp_m=10,
        drop=0.10,
        old=0.30,
    ),
    Quarter(
        name="西塘",
        corners=around(-2700, -1000, 650, 600, 5),
        turn_deg=25,
        dense=0.9,
        spacing=(150, 120),
        warp_m=14,
        drop=0.12,
        old=0.35,
    ),
    Quarter(
        name="塔桥",
        corners=around(1800, 900, 800, 600, 6),
        turn_deg=12,
        dense=0.9,
        spacing=(160, 130),
        warp_m=12,
        drop=0.12,
        old=0.33,
    ),
    Quarter(
        name="北塘",
        corners=around(-800, 1600, 700, 560, 7),
        turn_deg=-20,
        dense=0.85,
        spacing=(150, 120),
        warp_m=14,
        drop=0.12,
        old=0.35,
    ),
    Quarter(
        name="沙浜",
        corners=around(900, 3000, 620, 520, 8),
        turn_deg=30,
        dense=0.8,
        spacing=(150, 120),
        warp_m=14,
        drop=0.12,
        old=0.37,
    ),
    Quarter(
        name="海塘",
        corners=around(3000, 2500, 620, 560, 9),
        turn_deg=4,
        dense=0.8,
        spacing=(150, 125),
        warp_m=12,
        drop=0.12,
        old=0.36,
    ),
)
_ROADS = (
    Road(
        name="沄浦大道",
        highway="primary",
        bridges=True,
        points=[
            (-300, -4100),
            (-250, -2400),
            (150, -700),
            (350, 600),
            (100, 2000),
            (700, 3600),
        ],
    ),
    Road(
        name="泾桥路",
        bridges=True,
        points=[(-3600, -2500), (-1700, -2350), (300, -2050), (2300, -1700), (3800, -1500)],
    ),
    Road(
        name="塔桥路",
        bridges=True,
        points=[
            (2500, -3400),
            (2350, -1700),
            (1900, -200),
            (1800, 1000),
            (2500, 2200),
            (3700, 3000),
        ],
    ),
    Road(
        name="北塘公路",
        bridges=True,
        points=[
            (-3900, 1900),
            (-2300, 1500),
            (-700, 1500),
            (800, 1350),
            (2300, 1600),
            (3900, 1900),
        ],
    ),
    Road(
        name="西塘公路",
        bridges=True,
        points=[(-2700, -3700), (-2600, -1900), (-2650, -500), (-2750, 600), (-2900, 2600)],
    ),
)


def ground(rng: np.random.Generator) -> Land:
    """Shape the ground: flat, cut by canals, dense in the south, fields in the north."""
    canal = stream([(-4800, -150), (-2600, -50), (-300, 500), (1900, -50), (4700, 300)], 32, 41)
    brook = stream(
        [(-1700, -4800), (-1850, -2600), (-1650, -300), (-1900, 2000), (-2100, 4300)], 22, 43
    )
    return shape_land(
        PLACE,
        _DISTRICT,
        water={"沄塘": canal, "西浜": brook, "海": _SEA},
        quarters=_QUARTERS,
        villages=names.villages(VILLAGES, rng),
        apart_m=850,
        roads=_ROADS,
        rng=rng,
    )
