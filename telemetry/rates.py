"""Counters into rates: how fast each rose between two readings of a GPU."""

from __future__ import annotations

from collections.abc import Hashable

SHORTEST_S = 0.1
"""Drivers refresh their counters at about this pace: closer readings would measure that."""
LONGEST_S = 10.0


class Rates:
    """The last reading of each counter, and the rate that it gave.

    A counter that fell has wrapped or was reset, nobody knows how often: that stretch has no rate.
    """

    def __init__(self) -> None:
        self._last: dict[Hashable, tuple[float, float]] = {}
        self._rates: dict[Hashable, float | None] = {}
        self.fell: set[Hashable] = set()
        """Counters that were seen to fall."""

    def per_s(self, key: Hashable, t_s: float, value: float | None) -> float | None:
        """Return the rise per second since the last reading; asked again too soon, the last answer."""
        if value is None:
            self._last.pop(key, None)
            return None
        if key in self._last:
            before_s, before = self._last[key]
            span_s = t_s - before_s
            if span_s < SHORTEST_S:
                return self._rates.get(key)
            if value < before:
                self.fell.add(key)
            self._rates[key] = (value - before) / span_s if value >= before and span_s <= LONGEST_S else None
        self._last[key] = (t_s, value)
        return self._rates.get(key)
