"""A thread that does one thing at a steady pace, can be asked to hurry, and stops at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

NUDGE_S = 0.25
STOP_S = 0.5
"""Longest wait of :meth:`Ticker.stop`; a call that still hangs then ends alone, in a daemon thread."""


class Ticker:
    """Calls ``tick`` in a thread of its own, on multiples of ``interval_s`` after the start.

    Ticks that a slow one overran are left out, so the pace never drifts nor catches up in a burst.
    ``closing`` is called in the same thread, once, at the end.
    """

    def __init__(
        self, name: str, interval_s: float, tick: Callable[[], None], closing: Callable[[], None] | None = None
    ) -> None:
        self._interval_s = interval_s
        self._tick = tick
        self._closing = closing
        self._changed = threading.Condition()
        self._stopped = False
        self._nudged_at: float | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @property
    def stopped(self) -> bool:
        """Whether it was told to stop."""
        return self._stopped

    def start(self) -> None:
        """Start; the first tick comes at once."""
        self._thread.start()

    def nudge(self) -> None:
        """Ask for one more tick, a quarter of a second after the last call."""
        with self._changed:
            self._nudged_at = time.monotonic() + NUDGE_S
            self._changed.notify()

    def stop(self) -> None:
        """Stop and wait for the thread, no longer than half a second."""
        with self._changed:
            self._stopped = True
            self._changed.notify()
        if self._thread.ident is not None and self._thread is not threading.current_thread():
            self._thread.join(STOP_S)

    def is_alive(self) -> bool:
        """Say whether the thread runs."""
        return self._thread.is_alive()

    def _run(self) -> None:
        start = time.monotonic()
        try:
            while not self._stopped:
                self._tick()
                self._wait(start)
        finally:
            if self._closing is not None:
                self._closing()

    def _wait(self, start: float) -> None:
        now = time.monotonic()
        due = start + ((now - start) // self._interval_s + 1) * self._interval_s
        with self._changed:
            while not self._stopped:
                wake = due if self._nudged_at is None else min(due, self._nudged_at)
                left = wake - time.monotonic()
                if left <= 0:
                    if wake == self._nudged_at:
                        self._nudged_at = None
                    return
                self._changed.wait(left)
