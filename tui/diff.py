"""Finds the cells of a line that must be sent again, and makes lines cheap to send."""

from __future__ import annotations

import re
from itertools import repeat

from rich.cells import cell_len

from tui.lines import Line

narrow = re.compile("[ -~\u00a1-\u00ac\u00ae-\u00ff\u2010-\u2027\u2190-\u21ff\u2500-\u259f\u2800-\u28ff]*").fullmatch
"""Whether all characters of a text are known to take one cell: Latin, dashes, arrows, boxes, blocks, braille."""
_SHORT = 12
"""Longer runs of blanks stay apart: a run is sent as a whole where any of it changed."""


def changed_span(old: Line, new: Line) -> tuple[int, int]:
    """Return the first column that differs and the one after the last; (0, 0) where none does.

    One span a line: Textual sends whole runs of colour, and several spans of a line cost more than one.
    """
    if old == new:
        return 0, 0
    start, x = _same_start(old, new)
    before, after = _cells(old[start:]), _cells(new[start:])
    both = min(len(before), len(after))
    first = next((at for at in range(both) if before[at] != after[at]), both)
    end = max(len(before), len(after))
    if len(before) == len(after):
        end = next((at + 1 for at in range(both - 1, first - 1, -1) if before[at] != after[at]), first)
    return (x + first, x + end) if end > first else (0, 0)


def _same_start(old: Line, new: Line) -> tuple[int, int]:
    """Return how many spans at the start are the same, and the cells that they take."""
    x = 0
    for at, (before, after) in enumerate(zip(old, new, strict=False)):
        if before != after:
            return at, x
        x += cell_len(before[0])
    return min(len(old), len(new)), x


def compact(line: Line) -> Line:
    """Join spans of one role, and blanks to what is before them: every change of colour costs 40 bytes."""
    spans: list[tuple[str, str]] = []
    for text, role in line:
        if spans and _joins(spans[-1][1], text, role):
            spans[-1] = (spans[-1][0] + text, spans[-1][1])
        elif text:
            spans.append((text, role))
    return tuple(spans)


def _joins(before: str, text: str, role: str) -> bool:
    if before == role:
        return True
    return len(text) <= _SHORT and not text.strip(" ") and "/" not in role and "/" not in before


def _cells(line: Line) -> list[tuple[str, str]]:
    """Return what is in each cell; the second half of a wide character is empty."""
    cells: list[tuple[str, str]] = []
    for text, role in line:
        if narrow(text):
            cells.extend(zip(text, repeat(role)))
            continue
        for char in text:
            size = cell_len(char)
            if size == 0 and cells:
                cells[-1] = (cells[-1][0] + char, cells[-1][1])
            cells.extend(((char, role), ("", role))[:size])
    return cells
