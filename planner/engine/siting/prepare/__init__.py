"""Prepare tables for the models: straight distances, aggregated demand, thinned candidates."""
