"""The ground that 榕埔區 stands on.

All shapes are in metres east and north of the centre; `PLACE` puts them on the globe.
"""

from __future__ import annotations

import numpy as np
from generator.blocks import Quarter
from generator.ground import Land, Road, around, shape_land
from generator.place import near_latitude
from generator.shapes import blob, outline, stream

PLACE = near_latitude(114.9, 21.2)

_DISTRICT = outline(
    [
        (-4000, -700),
        (-4100, 900),
        (-3300, 2400),
        (-1500, 3000),
        (400, 3000),
        (2000, 3700),
        (3500, 3400),
        (4900, 2600),
        (5100, 900),
        (4400, -200),
        (2700, -300),
        (1200, -2100),
        (-600, -2900),
        (-2200, -2500),
        (-3200, -1500),
    ],
    70,
    13,
)
_QUARTERS = (
    Quarter(
        name="老埠",
        corners=around(-900, 350, 1500, 1000, 2),
        turn_deg=14,
        dense=1.5,
        spacing=(125, 100),
        warp_m=20,
        drop=0.14,
        old=0.20,
        lanes=True,
        pairs=True,
        words=("街", "巷"),
    ),
    Quarter(
        name="鱼珠",
        corners=around(-3000, 250, 850, 1000, 3),
        turn_deg=-12,
        dense=1.2,
        spacing=(180, 150),
        warp_m=12,
        drop=0.10,
        old=0.17,
    ),
    Quarter(
        name="红山",
        corners=around(-2200, 1800, 1200, 800, 4),
        turn_deg=28,
        dense=1.0,
        spacing=(170, 140),
        warp_m=14,
        drop=0.10,
        old=0.16,
    ),
    Quarter(
        name="文冲",
        corners=around(-200, 2100, 1000, 800, 5),
        turn_deg=5,
        dense=1.2,
        spacing=(160, 135),
        warp_m=12,
        drop=0.10,
        old=0.17,
    ),
    Quarter(
        name="穗东",
        corners=around(1500, 900, 1000, 1000, 6),
        turn_deg=40,
        dense=1.1,
        spacing=(190, 160),
        warp_m=10,
        drop=0.08,
        old=0.14,
    ),
    Quarter(
        name="南岗",
        corners=around(3400, 1000, 1200, 1000, 7),
        turn_deg=-18,
        dense=1.0,
        spacing=(220, 180),
        warp_m=9,
        drop=0.08,
        old=0.13,
    ),
    Quarter(
        name="荔联",
        corners=around(2700, 2700, 1300, 750, 8),
        turn_deg=10,
        dense=0.9,
        spacing=(210, 170),
        warp_m=9,
        drop=0.10,
        old=0.13,
    ),
    Quarter(
        name="长洲",
        corners=around(-700, -1900, 1300, 600, 9),
        turn_deg=20,
        dense=0.8,
        spacing=(150, 120),
        warp_m=16,
        drop=0.14,
        old=0.22,
        words=("街", "巷"),
    ),
)
_ROADS = (
    Road(
        name="榕埔大道",
        highway="primary",
        points=[(-4000, 300), (-2500, 250), (-900, 150), (700, 400), (2200, 300), (4800, 600)],
    ),
    Road(
        name="港前路",
        points=[
            (-3700, -350),
            (-2200, -450),
            (-700, -400),
            (900, -250),
            (2600, 50),
            (4400, 200),
        ],
    ),
    Road(
        name="红山路",
        points=[
            (-3700, 1500),
            (-2200, 1300),
            (-700, 1450),
            (800, 1700),
            (2300, 1900),
            (4800, 1900),
        ],
    ),
    Road(
        name="长洲大桥路",
        highway="secondary",
        bridges=True,
        points=[(-800, 1500), (-750, 300), (-700, -600), (-750, -1300), (-700, -2300)],
    ),
    Road(name="荔联路", points=[(2200, -200), (2300, 1200), (2700, 2400), (3000, 3300)]),
)


def ground(rng: np.random.Generator) -> Land:
    """Shape the ground: the old port along the river, an island in it, new town in the east."""
    north = stream(
        [
            (-5200, -1300),
            (-3600, -950),
            (-2000, -1050),
            (-400, -800),
            (1200, -700),
            (3000, -900),
            (5500, -700),
        ],
        150,
        51,
    )
    south = stream(
        [
            (-5200, -2300),
            (-3400, -2500),
            (-2400, -3000),
            (-600, -3500),
            (1600, -2900),
            (3200, -1600),
            (5500, -1500),
        ],
        380,
        53,
    )
    return shape_land(
        PLACE,
        _DISTRICT,
        water={"榕江北水道": north, "榕江": south},
        hills=[(-1150, 2600, 380, 240), (900, 2500, 300, 330)],
        parks={
            "红山公园": blob(-1150, 2600, 430, 280, 55),
            "榕荫公园": blob(550, 700, 190, 150, 56),
        },
        quarters=_QUARTERS,
        roads=_ROADS,
        rng=rng,
    )
