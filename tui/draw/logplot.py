"""The frame of a chart whose two axes are logarithmic: labels at the left and below a canvas."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from tui.draw.braille import Canvas
from tui.draw.fmt import axis
from tui.draw.logscale import LogScale
from tui.draw.plot import LEFT, below_line
from tui.lines import Line, Lines, lpad

_CELLS_A_LABEL, _ROWS_A_LABEL = 8, 2


class LogPlot:
    """Puts values on a canvas: x to the right, y upwards."""

    def __init__(self, width: int, height: int, x: LogScale, y: LogScale) -> None:
        self.canvas = Canvas(width, height)
        self.x = x
        self.y = y

    def dot(self, x: float, y: float) -> tuple[int, int]:
        """Return the dot of a point; what lies outside is moved to the edge."""
        fraction = min(1.0, max(0.0, self.x.fraction(x)))
        return round(fraction * (2 * self.canvas.width - 1)), self.canvas.level(self.y.fraction(y))

    def cell(self, x: float, y: float) -> tuple[int, int]:
        """Return the cell of a point."""
        column, row = self.dot(x, y)
        return column // 2, row // 4

    def path(self, points: Sequence[tuple[float, float]], role: str) -> None:
        """Join points by straight lines."""
        dots = [self.dot(*point) for point in points]
        for start, end in pairwise(dots):
            self.canvas.line(start, end, role)

    def lines(self) -> Lines:
        """Return the chart with its labels."""
        labels = {
            self.cell(self.x.low, value)[1]: axis(value)
            for value in self.y.marks(max(2, self.canvas.height // _ROWS_A_LABEL))
        }
        rows = [_row(line, labels.get(y)) for y, line in enumerate(self.canvas.lines())]
        marks = self.x.marks(max(2, self.canvas.width // _CELLS_A_LABEL))
        return (*rows, below_line(self.canvas.width, [(self.cell(v, self.y.low)[0], axis(v), "dim") for v in marks]))


def _row(line: Line, label: str | None) -> Line:
    if label is None:
        return ((" " * (LEFT - 1), "text"), ("│", "border"), *line)
    return ((lpad(label, LEFT - 1), "dim"), ("┤", "border"), *line)
