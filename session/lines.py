"""Whole lines out of bytes as they come, and events out of lines."""

from __future__ import annotations

import re
from collections.abc import Iterable

from session.codec import MAX_LINE, decode
from session.events import Event


class Lines:
    """Cuts bytes into lines. A line longer than ``MAX_LINE`` is skipped and counted, never kept."""

    def __init__(self) -> None:
        self.skipped = 0
        self._tail = b""
        self._skipping = False

    def feed(self, data: bytes) -> list[bytes]:
        """Return the lines that are whole now, without their ends; what is left waits for more."""
        *whole, self._tail = (self._tail + data).split(b"\n")
        if self._skipping and whole:
            del whole[0]
            self._skipping = False
        lines = [line for line in whole if line and len(line) <= MAX_LINE]
        self.skipped += sum(len(line) > MAX_LINE for line in whole)
        if len(self._tail) > MAX_LINE:
            self.skipped += not self._skipping
            self._tail = b""
            self._skipping = True
        return lines

    def drop(self) -> None:
        """Forget the part of a line that waits."""
        self._tail, self._skipping = b"", False


def events_of(lines: Iterable[bytes]) -> tuple[list[Event], int]:
    """Return the events of lines, and how many lines this version could not read."""
    found = [decode(line) for line in lines]
    events = [event for event in found if event is not None]
    return events, len(found) - len(events)


_TIME = re.compile(rb'\{"type":"[^"]{1,40}","t_s":(-?\d{1,15}(?:\.\d{1,20})?(?:[eE][-+]?\d{1,3})?)[,}]')


def time_of(line: bytes) -> float | None:
    """Return a line's ``t_s`` without reading the rest of it."""
    found = _TIME.match(line)
    return float(found[1]) if found else None
