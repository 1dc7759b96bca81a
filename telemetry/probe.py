"""What every probe is: a thread at a steady pace that tells its owner events, and tells none once it is stopped."""

from __future__ import annotations

from session.events import Event
from telemetry.sources import Clock, Emit, Sources
from telemetry.ticker import Ticker


class Probe:
    """Base of the probes; they say what happens in ``_tick`` and, once at the end, in ``_close``.

    Nothing in a probe raises into the owner: what fails becomes a ``Source`` event with a line for the user.
    """

    def __init__(self, name: str, interval_s: float, emit: Emit, clock: Clock) -> None:
        self._owner_emit, self._clock = emit, clock
        self._sources = Sources(self._emit, clock)
        self._ticker = Ticker(name, interval_s, self._tick, self._close)

    def start(self) -> None:
        """Start; the first reading comes at once."""
        self._ticker.start()

    def nudge(self) -> None:
        """Ask for an extra reading a quarter of a second from now: the load has just changed."""
        self._ticker.nudge()

    def stop(self) -> None:
        """Stop; no event comes after this returns. Never takes longer than half a second."""
        self._ticker.stop()

    def is_alive(self) -> bool:
        """Say whether the thread runs."""
        return self._ticker.is_alive()

    def _emit(self, event: Event) -> None:
        if not self._ticker.stopped:
            self._owner_emit(event)

    def _tick(self) -> None:
        raise NotImplementedError

    def _close(self) -> None:
        raise NotImplementedError
