"""The layers that the page draws by itself, from the tables of every plan."""

from __future__ import annotations

from planner.output.layers.spec import LayerSpec

PAGE_LAYERS = (
    LayerSpec(id="rings", order=10, shown=True),
    LayerSpec(id="facilities", order=20, shown=True),
    LayerSpec(id="over_capacity", order=30, shown=True),
    LayerSpec(id="others", order=40),
    LayerSpec(id="gaps", order=50, shown=True),
    LayerSpec(id="sites", order=60, shown=True),
    LayerSpec(id="trials", order=70, shown=True),
    LayerSpec(id="candidates", order=80),
    LayerSpec(id="links", order=90),
    LayerSpec(id="homes", order=100),
    LayerSpec(id="streets", order=110),
    LayerSpec(id="labels", order=120, shown=True),
)
