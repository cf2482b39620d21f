"""Check an answer from its plan alone, by code that shares nothing with the search.

A plan is read as the sites that it names. Every rule is looked at anew, every figure added up anew
from the table, and the best objective is asked of HiGHS (`scipy.optimize.milp`) in the textbook
form of each model, where it settles that within a stated effort. This is meant to be read, not to
be fast.
"""
