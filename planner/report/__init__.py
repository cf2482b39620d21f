"""The report of a plan: tables for readers, the text, the record for machines, layers for a GIS."""

from planner.report.record import record
from planner.report.tables import for_readers, layers, tables
from planner.report.words import markdown

__all__ = ["for_readers", "layers", "markdown", "record", "tables"]
