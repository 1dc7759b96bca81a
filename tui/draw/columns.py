"""Columns of block characters, to an eighth of a line: histograms and strips over time."""

from __future__ import annotations

from collections.abc import Sequence

_EIGHTHS = " ▁▂▃▄▅▆▇█"


def columns(fractions: Sequence[float | None], height: int) -> list[str]:
    """Return the lines of a chart of columns, the top first; zero is a thin line, ``None`` is blank."""
    eighths = [None if part is None else _eighths(part, height) for part in fractions]
    return [_line(eighths, 8 * row) for row in range(height - 1, -1, -1)]


def bars(fractions: Sequence[float], height: int) -> list[str]:
    """Return the same for counts: none is blank."""
    return columns([part or None for part in fractions], height)


def _eighths(fraction: float, height: int) -> int:
    return max(1, round(min(1.0, max(0.0, fraction)) * 8 * height))


def _line(eighths: Sequence[int | None], below: int) -> str:
    """Return the line that has so many eighths below it."""
    return "".join([" " if tall is None else _EIGHTHS[min(8, max(0, tall - below))] for tall in eighths])
