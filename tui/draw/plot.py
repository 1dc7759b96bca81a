"""The frame of a chart: labels at the left, the right and below a canvas."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tui.draw.axis import tick_rows
from tui.draw.braille import Canvas
from tui.lines import Line, Lines, lpad, pad

LEFT, RIGHT = 6, 6
"""Cells for the labels of the two scales, with their ticks."""
_HALVED, _QUARTERED = 6, 13
"""Lines from which a scale has a label in its middle, and at its quarters."""


@dataclass(frozen=True, slots=True)
class Scale:
    """A vertical scale from 0 to ``top``: how to say a value, and in which role."""

    top: float
    text: Callable[[float], str]
    role: str


def chart_title(name: str, right: str) -> Line:
    """Name a chart and say which scale each of its lines belongs to."""
    return ((name, "title"), ("  ← tok/s", "tok_s"), (f"  {right} →", "tpot"))


def plot_size(width: int, height: int) -> tuple[int, int]:
    """Return the canvas that fits a panel: without the labels beside and the line below.

    It leaves up to three lines empty where its scale then gets labels between its ends.
    """
    rows = max(0, height - 1)
    spare = (rows - 1) % 4 if rows >= _QUARTERED else 1 - rows % 2 if rows >= _HALVED else 0
    return max(0, width - LEFT - RIGHT), rows - spare


def plot(canvas: Canvas, left: Scale, right: Scale, below: Sequence[tuple[int, str, str]]) -> Lines:
    """Put labels around a canvas; ``below`` holds (column, text, role), and drops what would collide."""
    ticks = dict(tick_rows(canvas.height))
    rows = [_row(line, ticks.get(y), left, right) for y, line in enumerate(canvas.lines())]
    return (*rows, below_line(canvas.width, below))


def _row(line: Line, fraction: float | None, left: Scale, right: Scale) -> Line:
    if fraction is None:
        return ((" " * (LEFT - 1), "text"), ("│", "border"), *line, ("│", "border"), (" " * (RIGHT - 1), "text"))
    return (
        (lpad(left.text(left.top * fraction), LEFT - 1), left.role),
        ("┤", "border"),
        *line,
        ("├", "border"),
        (pad(right.text(right.top * fraction), RIGHT - 1), right.role),
    )


def below_line(width: int, labels: Sequence[tuple[int, str, str]]) -> Line:
    """Return the line of labels below a canvas, each centred on its column; what would collide is dropped."""
    spans: list[tuple[str, str]] = [(" " * LEFT, "text")]
    at = 0
    for column, text, role in labels:
        start = max(0, min(width - len(text), column - len(text) // 2))
        if start < at + (1 if at else 0):
            continue
        spans.extend(((" " * (start - at), "text"), (text, role)))
        at = start + len(text)
    return tuple(span for span in spans if span[0])
