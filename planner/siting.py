"""Location models on travel-time tables: the public names of the siting engine.

Examples
--------
>>> minutes = {"demand": ["a", "b", "b"], "facility": ["X", "X", "Y"], "minutes": [4.0, 9.0, 2.0]}
>>> people = pd.Series({"a": 30, "b": 50})
>>> plan = max_cover(pd.DataFrame(minutes), people, p=1, cutoff=5)
>>> plan.chosen, plan.objective, plan.status
(('Y',), 50.0, 'optimal')
>>> homes, sites = pd.DataFrame({"x": [0.0], "y": [0.0]}), pd.DataFrame({"x": [3.0], "y": [4.0]})
>>> straight_od(homes, sites, cutoff_m=100)["metres"].tolist()  # where there are no streets
[5.0]
"""

from planner.engine.siting import *  # noqa: F403
from planner.engine.siting import __all__  # noqa: F401
