"""The template of a profile: a workbook to fill in, and the scenario that reads it."""

from planner.output.template.scenario_file import scenario_text
from planner.output.template.sheets import Column, Sheet, Template, script, template
from planner.output.template.workbook import workbook

__all__ = ["Column", "Sheet", "Template", "scenario_text", "script", "template", "workbook"]
