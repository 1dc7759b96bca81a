"""An amount over time, in cells of equal width: bounded memory however long it lasts."""

from __future__ import annotations

import math

import msgspec

CELL_S = 0.5
"""Twice a tick: a finer grid would show how ticks fall into cells."""
FARTHEST_S = 1e7
"""Beyond it lies only what a broken clock or a hostile recording says."""
CELLS_KEPT = 512
"""When they run out, two neighbours become one: a level of four minutes has cells of half a second, an hour 8 s."""


class Cells(msgspec.Struct, array_like=True):
    """Tokens, or anything else that adds up, by time since ``start_s``."""

    _start_s: float
    _filled_s: float = -math.inf
    """The last cell is filled up to here; its part beyond is not known to be empty."""
    _amounts: list[float] = []
    width_s: float = CELL_S

    def __post_init__(self) -> None:
        self._filled_s = max(self._filled_s, self._start_s)

    def add(self, t_s: float, amount: float) -> None:
        """Add what came at one instant; nothing where that is before the start."""
        if 0 <= t_s - self._start_s <= FARTHEST_S:
            at = self._at(t_s)
            if at >= len(self._amounts):
                self._reach(t_s)
                at = self._at(t_s)
            if t_s > self._filled_s:
                self._filled_s = t_s
            self._amounts[at] += amount

    def spread(self, begin_s: float, end_s: float, amount: float, until_s: float = math.inf) -> None:
        """Add what came evenly between two instants; the parts before the start and after ``until_s`` are left out."""
        if end_s <= begin_s:
            if end_s <= until_s:
                self.add(end_s, amount)
            return
        if self._start_s <= begin_s and end_s <= until_s and end_s - self._start_s <= FARTHEST_S:
            last = self._at(end_s)
            if last < len(self._amounts) and last == self._at(begin_s):  # most ticks: all in one cell
                if end_s > self._filled_s:
                    self._filled_s = end_s
                self._amounts[last] += amount
                return
        rate = amount / (end_s - begin_s)
        begin_s, end_s = max(begin_s, self._start_s), min(end_s, until_s)
        if end_s <= begin_s or end_s - self._start_s > FARTHEST_S:
            return
        if self._at(end_s) >= len(self._amounts):
            self._reach(end_s)
        if end_s > self._filled_s:
            self._filled_s = end_s
        amounts, first, last = self._amounts, self._at(begin_s), self._at(end_s)
        amounts[first] += rate * self._overlap_s(first, begin_s, end_s)
        if last > first:
            amounts[last] += rate * self._overlap_s(last, begin_s, end_s)
            whole = rate * self.width_s
            for at in range(first + 1, last):
                amounts[at] += whole

    def between(self, begin_s: float, end_s: float) -> float:
        """Return what came between two instants; of a cell that lies across one, the like part."""
        begin_s, end_s = max(begin_s, self._start_s), min(end_s, self._filled_s)
        if end_s < begin_s:
            return 0.0
        first, last = self._at(begin_s), min(self._at(end_s), len(self._amounts) - 1)
        if last <= first:
            return self._part(first, begin_s, end_s) if last == first else 0.0
        inner = sum(self._amounts[first + 1 : last])
        return self._part(first, begin_s, end_s) + inner + self._part(last, begin_s, end_s)

    def _part(self, at: int, begin_s: float, end_s: float) -> float:
        filled_s = min(self.width_s, self._filled_s - (self._start_s + at * self.width_s))
        if filled_s <= 0:
            return self._amounts[at]
        return self._amounts[at] * min(1.0, self._overlap_s(at, begin_s, end_s) / filled_s)

    def amounts(self) -> list[float]:
        """Return the amount of each cell, oldest first."""
        return self._amounts

    def _at(self, t_s: float) -> int:
        return int((t_s - self._start_s) / self.width_s)

    def _overlap_s(self, at: int, begin_s: float, end_s: float) -> float:
        left_s = self._start_s + at * self.width_s
        return max(0.0, min(end_s, left_s + self.width_s) - max(begin_s, left_s))

    def _reach(self, t_s: float) -> None:
        """Make cells, and make them wide enough, to hold an instant."""
        while self._at(t_s) >= CELLS_KEPT:
            pairs = [sum(self._amounts[at : at + 2]) for at in range(0, len(self._amounts), 2)]
            self._amounts = pairs
            self.width_s *= 2
        if (missing := self._at(t_s) + 1 - len(self._amounts)) > 0:
            self._amounts.extend([0.0] * missing)
