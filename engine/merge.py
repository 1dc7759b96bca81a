"""Brings events of several workers and probes into one order of time."""

from __future__ import annotations

import heapq

from session.events import Event

PATIENCE_S = 0.5
"""A worker that says nothing for so long is not waited for."""


class Merge:
    """Holds events back until nothing older can come."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Event]] = []
        self._count = 0
        self._upto: dict[int, float] = {}

    def add(self, event: Event) -> None:
        """Add one event."""
        self._count += 1
        heapq.heappush(self._heap, (event.t_s, self._count, event))

    def heard(self, worker: int, upto_s: float) -> None:
        """Note that nothing older than ``upto_s`` will come from a worker."""
        self._upto[worker] = upto_s

    def forget(self, worker: int) -> None:
        """Wait no more for a worker that is gone."""
        self._upto.pop(worker, None)

    def ready(self, now_s: float) -> list[Event]:
        """Return, in order, what can be written now."""
        safe_s = max(min(self._upto.values(), default=now_s), now_s - PATIENCE_S)
        return self._take(safe_s)

    def rest(self) -> list[Event]:
        """Return everything that is left, in order."""
        return self._take(float("inf"))

    def _take(self, upto_s: float) -> list[Event]:
        taken: list[Event] = []
        while self._heap and self._heap[0][0] <= upto_s:
            taken.append(heapq.heappop(self._heap)[2])
        return taken
