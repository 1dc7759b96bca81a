"""Cells of absolute time: a column stands for the same seconds from frame to frame."""

from __future__ import annotations

from dataclasses import dataclass

from tui.draw.axis import time_step
from tui.draw.fmt import clock

_SECONDS_A_CELL = (1, 2, 3, 5, 10, 15, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600)
_CELLS_A_LABEL = 12


@dataclass(frozen=True, slots=True)
class Cells:
    """``width`` columns of ``cell_s`` seconds, the first beginning at ``first * cell_s``."""

    first: int
    width: int
    cell_s: int

    @property
    def start_s(self) -> int:
        """Time of the left edge."""
        return self.first * self.cell_s

    def labels(self) -> list[tuple[int, str, str]]:
        """Return what stands below: column, text and role."""
        span_s = self.width * self.cell_s
        step = time_step(span_s, max(2, self.width // _CELLS_A_LABEL))
        begin = -(-self.start_s // step) * step
        times = range(begin, self.start_s + span_s, step)
        return [((t_s - self.start_s) // self.cell_s, clock(t_s), "dim") for t_s in times]


def choose_cells(now_s: float, span_s: int | None, width: int) -> Cells:
    """Choose the resolution for a span (``None``: everything), and a left edge that moves in leaps of a quarter."""
    wanted = now_s if span_s is None else min(now_s, span_s)
    fitting = (cell for cell in _SECONDS_A_CELL if cell * width >= wanted)
    cell_s = next(fitting, int(wanted // max(1, width)) + 1)
    newest = int(now_s // cell_s)
    leap = max(1, width // 4)
    first = 0 if newest < width else -((width - newest - 1) // leap) * leap
    return Cells(first, width, cell_s)
