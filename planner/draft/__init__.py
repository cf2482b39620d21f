"""A first scenario from a folder: which file is what, how it is read, and what is left to say."""

from planner.draft.draft import Draft, draft
from planner.draft.questions import Ask, Question, nobody

__all__ = ["Ask", "Draft", "Question", "draft", "nobody"]
