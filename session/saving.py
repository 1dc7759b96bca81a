"""When a recording that is being written gets a checkpoint: the writer's side."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from session.events import Event, Header

if TYPE_CHECKING:
    from session.deltas import Base
    from session.fold import State

EVERY_EVENTS = 1800
EVERY_S = 90.0
"""A seek folds at most so many events and seconds: less than a tenth of a second's work."""
BASE_S = 1200.0
"""So long checkpoints are told by what has changed since a whole one; then comes the next whole one."""
SHARE = 1
"""As many times the bytes of a checkpoint are written as events before the next one: checkpoints stay a small part of
the file, however large the state has grown."""
MAX_BYTES = 8 << 20
"""Larger ones are not written; readers then fold for longer."""
AT_ONCE = 256
CORE_SHARE = 0.05
"""Of a core, for folding: a thousand requests a second are folded at that. What is more waits, for a quieter time."""
SAVED_S = 1.0
"""Of the processor's time, kept from quiet times at most."""
MOST_WAITING = 40_000
"""Events that wait; beyond, the session goes on without checkpoints, and readers make their own."""


class Made(NamedTuple):
    """A checkpoint."""

    t_s: float
    tag: str
    blob: bytes


class Saver:
    """Folds what is written, some events at a time, and says when to write what that comes to.

    The fold is imported with the first events that are folded: the writer is up sooner.
    """

    def __init__(self, header: Header, clock: Callable[[], float] = time.thread_time) -> None:
        """``clock`` tells the processor's time that was spent here, in seconds."""
        self._header = header
        self._clock = clock
        self._state: State | None = None
        self._base: Base | None = None
        self._given_up = False
        self._waiting: list[Event] = []
        self._events = 0
        self._bytes = 0
        self._since_s = 0.0
        self._needed_bytes = 0
        self._newest_s = 0.0
        self._left_s = SAVED_S

    def add(self, event: Event, line_bytes: int) -> None:
        """Take an event that is written, in a line of that many bytes."""
        if self._given_up:
            return
        self._bytes += line_bytes
        self._events += 1
        self._waiting.append(event)
        if event.t_s > self._newest_s:
            self._left_s = min(SAVED_S, self._left_s + CORE_SHARE * (event.t_s - self._newest_s))
            self._newest_s = event.t_s
        if len(self._waiting) >= AT_ONCE and self._left_s > 0:
            self._fold(2 * AT_ONCE)
        elif len(self._waiting) > MOST_WAITING:
            self._give_up()

    def due(self) -> Made | None:
        """Return a checkpoint, where it is time for one and all events are folded but the newest."""
        if self._left_s <= 0 or len(self._waiting) > AT_ONCE:
            return None
        early = self._events < EVERY_EVENTS and self._newest_s - self._since_s < EVERY_S
        return None if early or self._bytes < self._needed_bytes else self.last()

    def last(self) -> Made | None:
        """Return a checkpoint of the present state, where anything is new."""
        if self._events == 0:
            return None
        self._fold(len(self._waiting))
        if self._state is None:
            return None
        begun_s = self._clock()
        made, cost = self._made(self._state)
        self._left_s -= self._clock() - begun_s
        self._events, self._bytes, self._since_s = 0, 0, self._state.t_s
        self._needed_bytes = SHARE * cost
        return made if len(made.blob) <= MAX_BYTES else None

    def lost(self) -> None:
        """Hear that the last checkpoint was not written: the next one is a whole one."""
        self._base = None

    def _made(self, state: State) -> tuple[Made, int]:
        """Return a checkpoint, and how many bytes it counts for: a whole one serves many."""
        from session.checkpoints import delta_layout, dump, layout
        from session.deltas import Base

        blob, base = dump(state), self._base
        if base is not None and state.t_s - base.t_s < BASE_S:
            delta = base.delta(blob)
            if len(delta) <= len(blob) // 2:
                return Made(state.t_s, delta_layout(), delta), len(delta)
        self._base = Base(state.t_s, blob) if len(blob) <= MAX_BYTES else None
        new = base is None or state.t_s - base.t_s >= BASE_S
        return Made(state.t_s, layout(), blob), len(blob) // 8 if new else len(blob)

    def _fold(self, most: int) -> None:
        from session.checkpoints import TROUBLE
        from session.fold import State
        from session.gpu_history import GpuHistory
        from session.level_views import LevelViews

        begun_s = self._clock()
        events, self._waiting = self._waiting[:most], self._waiting[most:]
        try:
            if self._state is None and not self._given_up:
                self._state = State(self._header)
                self._state.share(LevelViews(), GpuHistory())  # the GPUs' past is in no checkpoint
            if self._state is not None:
                self._state.apply_all(events)
        except TROUBLE:  # a checkpoint is a convenience: measuring goes on without
            self._give_up()
        self._left_s -= self._clock() - begun_s

    def _give_up(self) -> None:
        self._state, self._base, self._given_up, self._waiting = None, None, True, []
