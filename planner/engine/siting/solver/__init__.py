"""How it is searched and proven: programs, local search, bounds, branch and bound."""
