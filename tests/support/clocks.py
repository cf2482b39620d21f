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


class Ticking(Clock):
    """A clock on which every look takes a second; its parts go on with it."""

    def __init__(self, limit_s: float, now: list[float] | None = None) -> None:
        super().__init__(60.0)
        self.now = [0.0] if now is None else now
        self.end = self.now[0] + limit_s

    def left(self) -> float:
        self.now[0] += 1.0
        return max(self.end - self.now[0], 0.0)

    def part(self, share: float) -> "Ticking":
        return Ticking(self.left() * share, self.now)
