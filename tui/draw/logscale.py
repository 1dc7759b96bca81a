"""Logarithmic scales with round ends and round marks."""

from __future__ import annotations

import math
from dataclasses import dataclass

_ROUND = (1.0, 2.0, 5.0)


@dataclass(frozen=True, slots=True)
class LogScale:
    """From ``low`` to ``high``, both above zero."""

    low: float
    high: float

    @staticmethod
    def around(least: float, most: float) -> LogScale:
        """Return a scale with round ends (1, 2, 5 times a power of ten) about two values above zero."""
        low, high = _round_down(least), _round_up(most)
        return LogScale(low, high if high > low else low * 10)

    def fraction(self, value: float) -> float:
        """Return where a value above zero lies, 0 at ``low`` and 1 at ``high``."""
        return math.log(value / self.low) / math.log(self.high / self.low)

    def marks(self, most: int) -> list[float]:
        """Return round values to mark, at most so many: 1, 2 and 5 of each decade, else every decade, else fewer."""
        first, last = math.floor(math.log10(self.low)), math.ceil(math.log10(self.high))
        decades = [10.0**power for power in range(first, last + 1)]
        fine = self._inside([step * decade for decade in decades for step in _ROUND])
        if len(fine) <= most:
            return fine
        coarse = self._inside(decades)
        return coarse[:: max(1, math.ceil(len(coarse) / max(1, most)))]

    def _inside(self, values: list[float]) -> list[float]:
        return [value for value in values if self.low * (1 - 1e-9) <= value <= self.high * (1 + 1e-9)]


def _round_down(value: float) -> float:
    power = 10.0 ** math.floor(math.log10(value))
    return max(step * power for step in _ROUND if step * power <= value * (1 + 1e-9) or step == 1.0)


def _round_up(value: float) -> float:
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (*_ROUND, 10.0) if step * power >= value * (1 - 1e-9))
