"""When a recording that is being written gets a checkpoint: the writer's side."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from session.events import Event, Header

if TYPE_CHECKING:
    from session.fold import State

EVERY_EVENTS = 4500
EVERY_S = 180.0
"""A seek folds at most so many events and seconds: a tenth of a second's work."""
SHARE = 1
"""As many times the bytes of a checkpoint are written as events before the next one: checkpoints stay a small part of
the file, however large the state has grown."""
MAX_BYTES = 8 << 20
"""Larger ones are not written; readers then fold for longer."""


AT_ONCE = 256


class Made(NamedTuple):
    """A checkpoint."""

    t_s: float
    tag: str
    blob: bytes


class Saver:
    """Folds what is written, some events at a time, and says when to write what that comes to.

    The fold is imported with the first events that are folded: the writer is up sooner.
    """

    def __init__(self, header: Header) -> None:
        self._header = header
        self._state: State | None = None
        self._given_up = False
        self._waiting: list[Event] = []
        self._events = 0
        self._bytes = 0
        self._since_s = 0.0
        self._needed_bytes = 0

    def add(self, event: Event, line_bytes: int) -> None:
        """Take an event that is written, in a line of that many bytes."""
        if self._given_up:
            return
        self._bytes += line_bytes
        self._events += 1
        self._waiting.append(event)
        if len(self._waiting) >= AT_ONCE:
            self._fold()

    def due(self) -> Made | None:
        """Return a checkpoint, where it is time for one."""
        newest_s = self._waiting[-1].t_s if self._waiting else self._since_s
        early = self._events < EVERY_EVENTS and newest_s - self._since_s < EVERY_S
        return None if early or self._bytes < self._needed_bytes else self.last()

    def last(self) -> Made | None:
        """Return a checkpoint of the present state, where anything is new."""
        if self._events == 0:
            return None
        self._fold()
        state = self._state
        if state is None:
            return None
        from session.checkpoints import dump, layout

        blob = dump(state)
        self._events, self._bytes, self._since_s = 0, 0, state.t_s
        self._needed_bytes = SHARE * len(blob)
        return Made(state.t_s, layout(), blob) if len(blob) <= MAX_BYTES else None

    def _fold(self) -> None:
        from session.checkpoints import TROUBLE
        from session.fold import State

        events, self._waiting = self._waiting, []
        try:
            if self._state is None and not self._given_up:
                self._state = State(self._header)
            if self._state is not None:
                self._state.apply_all(events)
        except TROUBLE:  # a checkpoint is a convenience: measuring goes on without
            self._state, self._given_up = None, True
