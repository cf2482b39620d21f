"""The engine: networks, coverage, capacity and siting on labels and tables.

It knows neither a scenario's settings nor a study area, and could be a package of its own.
"""
