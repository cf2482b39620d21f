"""The ground that 北渚區 stands on.

All shapes are in metres east and north of the centre; `PLACE` puts them on the globe.
"""

from __future__ import annotations

import numpy as np
from generator import names
from generator.blocks import Quarter
from generator.ground import Land, Road, around, shape_land
from generator.place import near_latitude
from generator.shapes import outline, stream

PLACE = near_latitude(123.9, 30.4)
VILLAGES = 38

_DISTRICT = outline(
    [
        (-2300, -4300),
        (-2600, -2400),
        (-3300, -600),
        (-3200, 1400),
        (-3700, 3200),
        (-2200, 4700),
        (-200, 4300),
        (1300, 4600),
        (2300, 3000),
        (2000, 1000),
        (2700, -900),
        (3700, -2600),
        (3300, -4300),
        (1500, -4500),
        (-400, -4400),
    ],
    80,
    14,
)
_QUARTERS = (
    Quarter(
        name="中渚",
        corners=around(-400, -3300, 1300, 850, 2),
        turn_deg=17,
        dense=1.5,
        spacing=(120, 98),
        warp_m=20,
        drop=0.14,
        old=0.26,
        lanes=True,
        words=("街", "巷"),
    ),
    Quarter(
        name="白沙",
        corners=around(1500, -2700, 1100, 850, 3),
        turn_deg=-10,
        dense=1.3,
        spacing=(165, 140),
        warp_m=12,
        drop=0.10,
        old=0.2,
    ),
    Quarter(
        name="孔浦",
        corners=around(2500, -3600, 800, 650, 4),
        turn_deg=30,
        dense=1.0,
        spacing=(170, 145),
        warp_m=12,
        drop=0.12,
        old=0.18,
    ),
    Quarter(
        name="文教",
        corners=around(-1500, -2200, 850, 800, 5),
        turn_deg=6,
        dense=1.2,
        spacing=(190, 160),
        warp_m=10,
        drop=0.08,
        old=0.15,
    ),
    Quarter(
        name="庄桥",
        corners=around(1100, -700, 750, 560, 6),
        turn_deg=24,
        dense=0.9,
        spacing=(150, 120),
        warp_m=14,
        drop=0.12,
        old=0.21,
    ),
    Quarter(
        name="慈湖",
        corners=around(300, 1900, 560, 460, 7),
        turn_deg=-16,
        dense=0.85,
        spacing=(130, 105),
        warp_m=16,
        drop=0.14,
        old=0.27,
        words=("街", "巷"),
    ),
)
_ROADS = (
    Road(
        name="北渚大道",
        highway="primary",
        bridges=True,
        points=[
            (150, -4400),
            (100, -2900),
            (-300, -1200),
            (-100, 400),
            (300, 1900),
            (-300, 3100),
            (-1200, 4400),
        ],
    ),
    Road(
        name="文教路",
        bridges=True,
        points=[(-2500, -2500), (-1300, -2500), (200, -2550), (1700, -2300), (3300, -2500)],
    ),
    Road(
        name="庄桥路",
        bridges=True,
        points=[(-3000, -700), (-1500, -900), (0, -800), (1300, -700), (2600, -1000)],
    ),
    Road(
        name="孔浦路",
        points=[(700, -4200), (1500, -3300), (1400, -2000), (1150, -500), (1500, 900)],
    ),
)


def ground(rng: np.random.Generator) -> Land:
    """Shape the ground: an old town on the river in the south, a valley of villages, hills."""
    river = stream(
        [
            (-4200, -4300),
            (-2300, -4800),
            (-300, -4950),
            (1800, -5000),
            (3600, -4750),
            (5200, -4100),
        ],
        230,
        61,
    )
    brook = stream(
        [
            (-1100, 5200),
            (-1000, 3200),
            (-350, 1300),
            (-500, -600),
            (200, -2100),
            (250, -3900),
            (400, -5000),
        ],
        26,
        63,
    )
    return shape_land(
        PLACE,
        _DISTRICT,
        water={"渚江": river, "慈溪浦": brook},
        hills=[
            (-2500, 900, 600, 900),
            (1500, 3200, 520, 800),
            (-2700, 4100, 400, 300),
            (1500, 300, 380, 420),
        ],
        quarters=_QUARTERS,
        villages=names.villages(VILLAGES, rng),
        apart_m=720,
        roads=_ROADS,
        rng=rng,
    )
