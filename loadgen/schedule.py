"""Calls for each arrival when it is due, and never forgets one because it is late."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterator

PRECISE_GAP_S = 0.010
"""Event loops wake to the millisecond. With at least this between two arrivals of a worker, the rest of the
millisecond is waited for in turns of the loop: at most a tenth of a core. Closer arrivals may be a millisecond late;
either way ``queue_s`` says how late."""


class Schedule:
    """Calls ``arrive(due_ns)`` for every instant of a sequence as its time comes."""

    def __init__(self, clock_ns: Callable[[], int], arrive: Callable[[int], None]) -> None:
        self._clock_ns = clock_ns
        self._arrive = arrive
        self._dues: Iterator[int] | None = None
        self._next_ns: int | None = None
        """``None``: there are no more."""
        self._precise = True
        self._timer: asyncio.Handle | None = None

    def follow(self, dues: Iterator[int], from_ns: int, mean_gap_s: float) -> None:
        """Follow another sequence, which begins at ``from_ns`` and may end; what was due before is still called for."""
        self.stop(from_ns)
        self._dues = dues
        self._precise = mean_gap_s >= PRECISE_GAP_S
        self._next_ns = next(dues, None)
        self._wait()

    def stop(self, at_ns: int) -> None:
        """Call for nothing that is due after ``at_ns``."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._call(min(at_ns, self._clock_ns()))
        self._dues = self._next_ns = None

    def _call(self, until_ns: int) -> None:
        while self._dues is not None and self._next_ns is not None and self._next_ns <= until_ns:
            due_ns, self._next_ns = self._next_ns, next(self._dues, None)
            self._arrive(due_ns)

    def _wake(self) -> None:
        self._timer = None
        self._call(self._clock_ns())
        self._wait()

    def _wait(self) -> None:
        if self._next_ns is None:
            return
        left_ms = max(0.0, (self._next_ns - self._clock_ns()) / 1e6)
        whole_ms = math.floor(left_ms) if self._precise else math.ceil(left_ms)
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(whole_ms / 1000, self._wake) if whole_ms else loop.call_soon(self._wake)
