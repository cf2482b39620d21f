"""The command line."""

from planner.cli.entry import main

__all__ = ["main"]
