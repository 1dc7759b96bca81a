"""The line under a replay: where it is among the levels, the notes and the troubles."""

from __future__ import annotations

from collections.abc import Collection
from itertools import pairwise

from tui.draw.clean import clean
from tui.draw.fmt import clock
from tui.lines import Block, Line, fit, say, width_of
from tui.panels.log import MARKS
from tui.scene import Scene, Tape

LEAST = 12
"""Cells of the line itself without which only figures are shown."""


def progress(scene: Scene, width: int, height: int) -> Block:
    """Return the line: position, levels with their amounts, marks, length and speed."""
    del height
    if scene.tape is None or width <= 0:
        return Block(())
    tape = scene.tape
    full = clock(tape.duration_s)
    sign = "▶" if tape.playing else "‖"
    left: Line = ((f"{sign} {clock(tape.position_s).rjust(len(full))} ", "value"),)
    right: Line = say(f" {full} ×{tape.speed:g}", "dim")
    room = width - width_of(left) - width_of(right)
    if room < LEAST:
        return Block((fit((*left, *right), width),))
    return Block(((*left, *track(tape, room), *right),))


def track(tape: Tape, width: int) -> Line:
    """Return the recording as ``width`` cells; what has been played is drawn stronger.

    In a cell the position hides everything else, then come troubles, notes, and a level's edge.
    """
    here = _cell(tape.position_s, tape.duration_s, width)
    cells = [("━", "accent") if x < here else ("─", "border") for x in range(width)]
    over = {
        _cell(mark.t_s, tape.duration_s, width): sign
        for kind, sign in MARKS.items()
        for mark in tape.marks
        if mark.kind == kind
    }
    over[here] = ("●", "value")
    _levels(cells, tape, here, over)
    for x, sign in over.items():
        cells[x] = sign
    return tuple(cells)


def _levels(cells: list[tuple[str, str]], tape: Tape, here: int, over: Collection[int]) -> None:
    """Draw the edges of levels, and their amounts where they have room before the next and nothing stands on them."""
    width = len(cells)
    levels = [mark for mark in tape.marks if mark.kind == "level"]
    edges = [(_cell(mark.t_s, tape.duration_s, width), clean(mark.text)) for mark in levels]
    for (x, text), (after, _) in pairwise([*edges, (width, "")]):
        if after == x:
            continue  # a level shorter than a cell: the next one's edge stands here
        cells[x] = ("┊", "dim")
        if len(text) < after - x and not any(at in over for at in range(x + 1, x + 1 + len(text))):
            for at, char in enumerate(text, x + 1):
                cells[at] = (char, "text" if at < here else "dim")


def _cell(t_s: float, duration_s: float, width: int) -> int:
    """Return the cell of an instant: the last one is the end alone."""
    if duration_s <= 0:
        return 0
    return max(0, min(width - 1, int(t_s / duration_s * (width - 1))))
