"""Where snapshots come from: a recording that is being written, or one that is played back."""

from __future__ import annotations

import math
import time
import weakref
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from session.checkpoints import TROUBLE
from session.cursor import Cursor, Points
from session.fold import State
from session.gpu_past import GpuPast
from session.index import Index
from session.marks import Mark
from session.recording import Reader
from session.view import Snapshot

Clock = Callable[[], float]
SPEED_MIN, SPEED_MAX = 0.25, 32.0
SLICE_S = 0.12
"""A read folds for so long at most on its way to where the user wants to be."""
AHEAD_S = 0.025
"""And for so long to know the rest of a recording: nobody waits for that, and the screen answers keys in between."""


class LiveSession:
    """Follows a recording on the host that writes it."""

    transport = None

    def __init__(self, path: Path, clock: Clock = time.monotonic) -> None:
        self.path = str(path)
        self._clock = clock
        self._reader = Reader(path)
        self._state = State(self._reader.header)

    def read(self) -> None:
        """Read what is new."""
        for batch in self._reader.batches():
            self._state.apply_all(batch)
        self._state.unread, self._state.lost = self._reader.unread, tuple(self._reader.lost)

    def refresh(self) -> Snapshot:
        """Read what is new and return the present state."""
        self.read()
        return self._state.snapshot(self._clock() - self._reader.header.clock_ns / 1e9)

    @property
    def marks(self) -> Sequence[Mark]:
        """Levels, notes and troubles so far, in order."""
        return self._state.kept.marks.all

    def close(self) -> None:
        """Close the recording."""
        self._reader.close()


class ReplaySession:
    """Plays a recording: the same snapshots, at any time and speed, without ever holding all its events.

    An instant is the nearest checkpoint before it and the events since. Where a recording has no checkpoints that
    this version can use, it is read once, a slice with every refresh, and they are kept in memory.
    """

    growing = False
    present = False
    past = None
    """What a session that goes on has beside its present; here ``refresh`` returns the instant looked at."""

    def __init__(self, path: Path, clock: Clock = time.monotonic) -> None:
        self.path = str(path)
        self._clock = clock
        self._index = Index.open(path)
        weakref.finalize(self, self._index.close)
        self._points = Points(self._index)
        self._past = GpuPast(self._index)
        self._cursor = Cursor(self._index, self._points, self._past.history)
        self._ahead = Cursor(self._index, self._points)
        """Reads to the end, for the marks and for checkpoints."""
        self._read = self._there = False
        self._last = clock()
        self.transport = self
        self.duration_s = self._index.duration_s
        self.position_s = 0.0
        self.playing = True
        self.speed = 1.0
        self._read_ahead(2 * SLICE_S)
        self._past.fill(SLICE_S)

    @property
    def marks(self) -> Sequence[Mark]:
        """Levels, notes and troubles, in order; of what has been read, while the recording still is."""
        return self._ahead.state.kept.marks.all

    def play_pause(self) -> None:
        """Pause, or play on; from the end it plays from the start again."""
        if not self.playing and self.position_s >= self.duration_s:
            self.seek(0.0)
        self.playing = not self.playing

    def seek(self, t_s: float) -> None:
        """Go to an instant, in seconds since the session began."""
        self.position_s = min(max(0.0, t_s), self.duration_s)

    def read(self) -> None:
        """Fold up to the present position, which moves while playing; for :data:`SLICE_S` at most."""
        now = self._clock()
        if self.playing:
            self.seek(self.position_s + (now - self._last) * self.speed)
            self.playing = self.position_s < self.duration_s
        self._last = now
        try:
            self._go()
        except TROUBLE:
            self._distrust()
            self._go()

    def refresh(self) -> Snapshot:
        """Return the state at the present position.

        Where that is not reached yet it is the state on the way there, and ``reading`` says so.
        """
        self.read()
        try:
            return self._present()
        except TROUBLE:
            self._distrust()
            self._go()
            return self._present()

    def close(self) -> None:
        """Close the recording."""
        self._index.close()

    def _distrust(self) -> None:
        """Begin again without the file's checkpoints."""
        self._points.distrust()
        self._cursor.restart()
        self._ahead.restart()
        self._read = False

    def _go(self) -> None:
        began = time.perf_counter()
        self._cursor.near(self.position_s)
        self._there = self._cursor.forward(self.position_s, SLICE_S)
        if self._there and not self._read:
            self._read_ahead(min(AHEAD_S, began + SLICE_S - time.perf_counter()))
        self._past.fill(min(AHEAD_S, began + SLICE_S - time.perf_counter()))

    def _present(self) -> Snapshot:
        there = self._there
        state = self._cursor.state
        state.unread, state.lost = self._index.unread, tuple(self._index.lost)
        snapshot = state.snapshot(self.position_s if there else None)
        share = None if there and self._read else self._ahead.share if there else self._cursor.share
        return snapshot if share is None else replace(snapshot, reading=share)

    def _read_ahead(self, within_s: float) -> None:
        try:
            self._ahead.near(self.duration_s)
            self._read = self._ahead.forward(math.inf, within_s)
        except TROUBLE:
            self._points.distrust()
            self._ahead.restart()


def fold_file(path: Path) -> State:
    """Read a whole recording, a bounded part at a time; raise ``OSError`` or :class:`session.codec.NotARecording`."""
    reader = Reader(path)
    try:
        state = State(reader.header)
        for batch in reader.batches():
            state.apply_all(batch)
        state.unread, state.lost = reader.unread, tuple(reader.lost)
        return state
    finally:
        reader.close()
