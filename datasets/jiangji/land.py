"""The ground that 江矶区 stands on.

All shapes are in metres east and north of the centre; `PLACE` puts them on the globe.
"""

from __future__ import annotations

import numpy as np
from generator.blocks import Quarter
from generator.ground import Land, Road, around, shape_land
from generator.place import near_latitude
from generator.shapes import blob, outline, stream

PLACE = near_latitude(123.9, 28.6)

_DISTRICT = outline(
    [
        (-3300, -1800),
        (-3100, 100),
        (-2200, 1500),
        (-700, 2500),
        (1100, 2900),
        (2500, 2100),
        (3300, 700),
        (3700, -900),
        (3400, -2300),
        (1900, -2500),
        (300, -2000),
        (-1500, -2400),
    ],
    90,
    11,
)
_RIVER = stream(
    [
        (-3700, 1900),
        (-2300, 2550),
        (-900, 3150),
        (900, 3450),
        (2600, 2850),
        (3850, 1400),
        (4250, -500),
        (4100, -3000),
    ],
    380,
    21,
)
_QUARTERS = (
    Quarter(
        name="港口老城",
        corners=around(1500, 500, 1500, 1500, 2),
        turn_deg=32,
        dense=1.5,
        spacing=(118, 96),
        warp_m=20,
        drop=0.14,
        old=0.30,
        lanes=True,
        words=("街", "巷"),
    ),
    Quarter(
        name="花湖",
        corners=around(-2000, -500, 1500, 1800, 4),
        turn_deg=8,
        dense=1.2,
        spacing=(205, 170),
        warp_m=9,
        drop=0.08,
        old=0.19,
    ),
    Quarter(
        name="临江",
        corners=around(-300, 1600, 1800, 1100, 3),
        turn_deg=55,
        dense=1.25,
        spacing=(165, 140),
        warp_m=12,
        drop=0.10,
        old=0.23,
    ),
    Quarter(
        name="中城",
        corners=around(-250, 150, 1100, 800, 7),
        turn_deg=20,
        dense=1.0,
        spacing=(215, 180),
        warp_m=9,
        drop=0.08,
        old=0.17,
    ),
    Quarter(
        name="矶头",
        corners=around(2500, -1600, 1100, 900, 6),
        turn_deg=15,
        dense=0.9,
        spacing=(185, 150),
        warp_m=12,
        drop=0.12,
        old=0.26,
    ),
    Quarter(
        name="湖南",
        corners=around(600, -1500, 900, 700, 5),
        turn_deg=70,
        dense=1.1,
        spacing=(175, 150),
        warp_m=12,
        drop=0.10,
        old=0.22,
    ),
)
_ROADS = (
    Road(
        name="江矶大道",
        highway="primary",
        points=[
            (-3200, -900),
            (-1800, 150),
            (-300, 450),
            (1200, 300),
            (2300, -700),
            (3300, -1700),
        ],
    ),
    Road(
        name="湖滨大道",
        points=[
            (-2300, -1900),
            (-1500, -700),
            (-700, -620),
            (200, -900),
            (900, -1700),
            (1800, -2200),
        ],
    ),
    Road(
        name="临江大道",
        points=[
            (-2400, 1100),
            (-900, 2100),
            (900, 2400),
            (2300, 1500),
            (3000, 200),
            (3200, -1200),
        ],
    ),
    Road(
        name="澜桥路",
        points=[(-900, 2000), (-300, 900), (-200, 100), (100, -700), (300, -1700)],
    ),
)


def ground(rng: np.random.Generator) -> Land:
    """Shape the ground: the river bends around the city, a lake lies in its back."""
    lake = blob(-700, -1250, 620, 420, 31)
    return shape_land(
        PLACE,
        _DISTRICT,
        water={"大江": _RIVER, "澜湖": lake},
        hills=[(2050, -300, 360, 240)],
        parks={"澜湖公园": lake.buffer(110), "矶山公园": blob(2050, -300, 420, 290, 33)},
        quarters=_QUARTERS,
        roads=_ROADS,
        rng=rng,
    )
