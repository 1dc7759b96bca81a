"""What an index knows of one file."""

from __future__ import annotations

from typing import NamedTuple


class Stretch(NamedTuple):
    """Bytes whose events can be read by themselves."""

    offset: int
    end: int
    """Where the next one begins, or the file ended."""
    from_s: float
    to_s: float


class Checkpoint(NamedTuple):
    """Where a checkpoint is."""

    t_s: float
    offset: int
    stretch: int
    """Number of the stretch that follows it."""
