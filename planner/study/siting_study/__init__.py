"""A scenario's siting questions: candidates, travel times and rules in, answers out.

`planner.siting` knows labels and tables only. Here a question of the scenario is put to it: who may
be chosen, what stands already, which rules hold; and its answer is brought back to the map.
"""

from planner.study.siting_study.answer import SitingAnswer, Thinning
from planner.study.siting_study.checks import check_questions
from planner.study.siting_study.propose import in_tables, propose, propose_all

__all__ = ["SitingAnswer", "Thinning", "check_questions", "in_tables", "propose", "propose_all"]
