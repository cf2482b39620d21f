"""Who is served within capacity: the public names of the capacity engine.

Examples
--------
>>> od = pd.DataFrame({"demand": ["a", "b"], "facility": ["x", "x"], "minutes": [4.0, 9.0]})
>>> pairs = read_pairs(od, pd.Series({"a": 30, "b": 20}), pd.Series({"x": 40}), cutoff_min=15)
>>> serve_most(pairs).split.loc["b", ["served", "over_capacity"]].tolist()
[10.0, 10.0]
"""

from planner.engine.capacity import *  # noqa: F403
from planner.engine.capacity import __all__  # noqa: F401
