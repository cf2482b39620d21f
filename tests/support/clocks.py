"""A clock for tests that must not depend on the machine."""

from planner.engine.siting.solver.program import Clock


class Looks(Clock):
    """A clock that runs out after so many looks."""

    def __init__(self, most: int) -> None:
        super().__init__(60.0)
        self.most, self.seen = most, 0

    def left(self) -> float:
        self.seen += 1
        return 60.0 if self.seen <= self.most else 0.0
