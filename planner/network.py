"""Streets to minutes: the public names of the network engine.

Examples
--------
>>> street = gpd.GeoDataFrame(geometry=[shapely.LineString([(0, 0), (900, 0)])], crs="EPSG:4549")
>>> homes = gpd.GeoSeries.from_xy([100, 800], [0, 0], index=["near", "far"], crs="EPSG:4549")
>>> stations = gpd.GeoSeries.from_xy([0], [0], index=["S"], crs="EPSG:4549")
>>> found = Network.from_lines(street).nearest(homes, stations, cutoff_min=15, speed_mps=0.8)
>>> found["minutes"].round(1).tolist()
[2.1, nan]
"""

from planner.engine.network import *  # noqa: F403
from planner.engine.network import __all__  # noqa: F401
