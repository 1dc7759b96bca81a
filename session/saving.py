"""When a recording that is being written gets a checkpoint: the writer's side."""

from __future__ import annotations

from session.checkpoints import TROUBLE, dump
from session.events import Event, Header
from session.fold import State

EVERY_EVENTS = 4500
EVERY_S = 180.0
"""A seek folds at most so many events and seconds: a tenth of a second's work."""
SHARE = 4
"""As many times the bytes of a checkpoint are written as events before the next one: checkpoints stay a small part of
the file, however large the state has grown."""
MAX_BYTES = 8 << 20
"""Larger ones are not written; readers then fold for longer."""


class Saver:
    """Folds what is written, and says when to write what that comes to."""

    def __init__(self, header: Header) -> None:
        self._state: State | None = State(header)
        self._events = 0
        self._bytes = 0
        self._since_s = 0.0
        self._needed_bytes = 0

    def add(self, event: Event, line_bytes: int) -> None:
        """Fold an event that is written, in a line of that many bytes."""
        if self._state is None:
            return
        self._bytes += line_bytes
        self._events += 1
        try:
            self._state.apply(event)
        except TROUBLE:  # a checkpoint is a convenience: measuring goes on without
            self._state = None

    def due(self) -> tuple[float, bytes] | None:
        """Return the instant and the bytes of a checkpoint, where it is time for one."""
        state = self._state
        if state is None or self._bytes < self._needed_bytes:
            return None
        if self._events < EVERY_EVENTS and state.t_s - self._since_s < EVERY_S:
            return None
        return self.last()

    def last(self) -> tuple[float, bytes] | None:
        """Return the instant and the bytes of a checkpoint of the present state, where anything is new."""
        state = self._state
        if state is None or self._events == 0:
            return None
        blob = dump(state)
        self._events, self._bytes, self._since_s = 0, 0, state.t_s
        self._needed_bytes = SHARE * len(blob)
        return (state.t_s, blob) if len(blob) <= MAX_BYTES else None
