"""Frames around blocks, with the title in the line."""

from __future__ import annotations

from enum import Enum

from tui.lines import Block, Line, Lines, fill, fit, width_of


class Frame(Enum):
    """How a panel is set off: a box, a line above it, or nothing."""

    BOX = "box"
    RULE = "rule"
    NONE = "none"

    @property
    def boxed(self) -> bool:
        """Whether it is drawn all round."""
        return self is Frame.BOX

    def inside(self, width: int, height: int) -> tuple[int, int]:
        """Return the room that is left for content."""
        if self is Frame.BOX:
            return max(0, width - 4), max(0, height - 2)
        return max(0, width), max(0, height - (self is Frame.RULE))


def framed(block: Block, width: int, height: int, frame: Frame) -> Lines:
    """Return exactly ``height`` lines of ``width`` cells."""
    inner = fill(block.lines, *frame.inside(width, height))
    if frame is Frame.NONE:
        return inner
    if frame is Frame.RULE:
        return fill((_edge(block, width, "──", "──"), *inner), width, height)
    if width < 4 or height < 2:
        return fill((), width, height)
    sides = tuple((("│ ", "border"), *line, (" │", "border")) for line in inner)
    bottom: Line = (("╰" + "─" * (width - 2) + "╯", "border"),)
    return (_edge(block, width, "╭─", "─╮"), *sides, bottom)


def _edge(block: Block, width: int, left: str, right: str) -> Line:
    """Draw the upper line; the corner is dropped, then the title cut, where they do not fit."""
    room = width - 4
    title: Line = ((" ", "text"), *block.title, (" ", "text")) if block.title else ()
    corner: Line = ((" ", "text"), *block.corner, (" ", "text")) if block.corner else ()
    if width_of(title) + width_of(corner) > room:
        corner = ()
    if width_of(title) > room:
        title = fit(title, room)
    rule = "─" * (room - width_of(title) - width_of(corner))
    return ((left, "border"), *title, (rule, "border"), *corner, (right, "border"))
