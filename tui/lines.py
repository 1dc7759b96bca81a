"""Lines of text with roles: what panels are made of. No colours here; a theme gives them to roles.

A role is a name such as ``dim``, or ``memory/track``: the colour of ``memory`` on the colour of ``track``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size

Span = tuple[str, str]
"""Text and role."""
Line = tuple[Span, ...]
Lines = tuple[Line, ...]

EMPTY: Line = ()


@dataclass(frozen=True, slots=True)
class Block:
    """What a panel shows: a title and a corner for its frame, and its lines."""

    lines: Lines
    title: Line = EMPTY
    corner: Line = EMPTY


def say(text: str, role: str = "text") -> Line:
    """Return a line of one span."""
    return ((text, role),) if text else EMPTY


def width_of(line: Line) -> int:
    """Return the cells that a line takes."""
    return sum([len(text) if text.isascii() else cell_len(text) for text, _ in line])


def fit(line: Line, width: int) -> Line:
    """Cut or pad a line to exactly ``width`` cells; a cut is shown by an ellipsis."""
    used = width_of(line)
    if used <= width:
        return (*line, (" " * (width - used), "text")) if used < width else line
    return (*_head(line, width - 1), ("…", "dim")) if width > 0 else EMPTY


def _head(line: Line, width: int) -> Iterable[Span]:
    for text, role in line:
        size = cell_len(text)
        if size >= width:
            if width > 0:
                yield set_cell_size(text, width), role
            return
        width -= size
        yield text, role


def join(parts: Iterable[Line], gap: str = "  ") -> Line:
    """Put lines one after another with a gap between those that are not empty."""
    spans: list[Span] = []
    for part in parts:
        if part:
            if spans:
                spans.append((gap, "text"))
            spans.extend(part)
    return tuple(spans)


def ends(left: Line, right: Line, width: int) -> Line:
    """Put ``left`` at the left and ``right`` at the right; the left gives way."""
    room = width - width_of(right)
    if room <= 0:
        return fit(right, width)
    return (*fit(left, room), *right)


def pad(text: str, width: int) -> str:
    """Align text to the left of a column."""
    return set_cell_size(text, width) if cell_len(text) > width else text + " " * (width - cell_len(text))


def lpad(text: str, width: int) -> str:
    """Align text to the right of a column; too long, it is kept whole: numbers are never cut."""
    return " " * (width - cell_len(text)) + text


def centre(line: Line, width: int) -> Line:
    """Centre a line."""
    left = max(0, (width - width_of(line)) // 2)
    return fit(((" " * left, "text"), *line) if left else line, width)


def fill(lines: Lines, width: int, height: int) -> Lines:
    """Cut or pad lines to a rectangle."""
    blank: Line = ((" " * width, "text"),) if width else EMPTY
    shown = tuple(fit(line, width) for line in lines[:height])
    return shown + (blank,) * (height - len(shown))
