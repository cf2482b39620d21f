"""The location models, each from its tables to its proven answer."""
