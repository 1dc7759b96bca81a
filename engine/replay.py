"""How far a trace is, which moves with the clock at a speed that may change, and when all of it has ended."""

from __future__ import annotations


class Progress:
    """A place on a trace's own time line, and what each of ``workers`` load workers has left to do."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._at_s = 0.0
        self._since_ns = 0
        self._speed = 0.0
        self._left: dict[int, int] = {}
        self.over = False
        """All of it has ended, or it was left for another load: it does not go on."""

    def move(self, speed: float, now_ns: int) -> float:
        """Go on at ``speed`` from ``now_ns``; return the place at that instant, in seconds of the trace."""
        self._at_s += (now_ns - self._since_ns) / 1e9 * self._speed
        self._since_ns, self._speed = now_ns, speed
        return self._at_s

    def heard(self, worker: int, left: int | None) -> bool:
        """Take note of what a worker has left; return whether this was the end."""
        if left is not None:
            self._left[worker] = left
        ended = not self.over and len(self._left) == self._workers and not any(self._left.values())
        self.over = self.over or ended
        return ended

    def lost(self, worker: int) -> None:
        """Wait for another in the place of a worker that died."""
        self._left.pop(worker, None)
