"""What of a recording cannot be read, and how that is said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

MOST = 1000
"""Stretches that are told apart; beyond, the last one grows."""
MOST_SAID = 5


class Lost(NamedTuple):
    """A stretch of the recording that cannot be read."""

    from_s: float
    to_s: float | None
    """``None``: to the end."""
    reason: str


def added(lost: list[Lost], one: Lost) -> None:
    """Put a stretch behind the others."""
    if len(lost) < MOST:
        lost.append(one)
    else:
        lost[-1] = lost[-1]._replace(to_s=one.to_s)


def lost_lines(lost: Sequence[Lost]) -> list[str]:
    """Return a line for each stretch, a few at most."""
    lines = [f"not readable: {one.from_s:.1f} s {_until(one.to_s)} ({one.reason})" for one in lost[:MOST_SAID]]
    if len(lost) > MOST_SAID:
        lines.append(f"not readable: {len(lost) - MOST_SAID} stretches more")
    return lines


def _until(to_s: float | None) -> str:
    return "to the end" if to_s is None else f"to {to_s:.1f} s"
