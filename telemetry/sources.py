"""The state of each source of data, said only when it changes."""

from __future__ import annotations

from collections.abc import Callable

from session.events import Event, Source

Emit = Callable[[Event], None]
Clock = Callable[[], float]


class Sources:
    """Emits a ``Source`` event where a source's state or reason differs from the last one."""

    def __init__(self, emit: Emit, clock: Clock) -> None:
        self._emit = emit
        self._clock = clock
        self._last: dict[str, tuple[bool, str | None]] = {}

    def ok(self, source: str, reason: str | None = None) -> None:
        """Say that a source delivers, and what is to be known of it all the same."""
        self._say(source, True, reason)

    def missing(self, source: str, reason: str) -> None:
        """Say why a source delivers nothing."""
        self._say(source, False, reason)

    def _say(self, source: str, ok: bool, reason: str | None) -> None:
        if self._last.get(source) != (ok, reason):
            self._last[source] = (ok, reason)
            self._emit(Source(t_s=self._clock(), source=source, ok=ok, reason=reason))
