"""planner: which people reach which facilities on foot, where the gaps are, and what closes them."""
