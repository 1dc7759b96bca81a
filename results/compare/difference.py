"""How far a figure of one side is from that of another, and whether that could be chance."""

from __future__ import annotations

from dataclasses import dataclass

from results.compare.estimate import Estimate


@dataclass(frozen=True, slots=True)
class Difference:
    """Of the second from the first, as a share of the first: 0.1 is 10 % more."""

    change: float | None
    """``None`` where either is not known, or the first is 0."""
    low: float | None = None
    high: float | None = None
    """95 % interval; both ``None`` where it is not known."""
    why: str | None = None
    """Why there is no interval."""

    @property
    def significant(self) -> bool | None:
        """Whether the interval leaves out 0; ``None`` where there is no interval."""
        if self.low is None or self.high is None:
            return None
        return self.low > 0 or self.high < 0


def difference(base: Estimate, other: Estimate) -> Difference:
    """Compare two figures; independent draws of both give the interval of their ratio."""
    if base.value is None or other.value is None:
        return Difference(None, why="not known on both sides")
    if base.value <= 0:
        return Difference(None if other.value > 0 else 0.0, why="the first is 0")
    change = other.value / base.value - 1
    for lacking in (base, other):
        if not lacking.draws:
            return Difference(change, why=lacking.why)
    # The one side's draws in another order: both were made with generators that may share a seed.
    shifted = other.draws[1:] + other.draws[:1]
    ratios = sorted(b / a - 1 for a, b in zip(base.draws, shifted, strict=True) if a > 0)
    if len(ratios) < len(base.draws) // 2:
        return Difference(change, why="the first is within its error of 0")
    cut = round(0.025 * len(ratios))
    return Difference(change, min(change, ratios[cut]), max(change, ratios[-1 - cut]))
