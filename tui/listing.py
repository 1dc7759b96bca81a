"""Which row of a list is chosen, and which rows are on the screen: pure arithmetic."""

from __future__ import annotations

from tui.scene import Look


def chosen(look: Look, rows: int, *, from_end: bool) -> int:
    """Return the chosen row of so many, from 0; without a choice the last, or the first."""
    if look.row is not None:
        return max(0, min(rows - 1, look.row))
    return max(0, rows - 1) if from_end else 0


def window(row: int, rows: int, room: int) -> range:
    """Return the rows that are shown in ``room`` lines: the chosen one is in the middle, but for the ends."""
    room = max(0, room)
    top = max(0, min(row - room // 2, rows - room))
    return range(top, min(rows, top + room))


def position(shown: range, rows: int) -> str:
    """Say which rows are shown where not all are."""
    return f"{shown.start + 1}–{shown.stop} of {rows:,}" if len(shown) < rows else ""
