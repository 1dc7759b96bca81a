"""Where snapshots come from: a recording that is being written, or one that is played back."""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Callable
from pathlib import Path

from session.fold import State
from session.marks import Mark, Marks, marks_of
from session.recording import Reader
from session.view import Snapshot

Clock = Callable[[], float]
SPEED_MIN, SPEED_MAX = 0.25, 32.0


class LiveSession:
    """Follows a recording on the host that writes it."""

    transport = None

    def __init__(self, path: Path, clock: Clock = time.monotonic) -> None:
        self.path = str(path)
        self._clock = clock
        self._reader = Reader(path)
        self._state = State(self._reader.header)
        self._marks = Marks()

    @property
    def marks(self) -> tuple[Mark, ...]:
        """Levels, notes and troubles so far."""
        return self._marks.found

    def refresh(self) -> Snapshot:
        """Read what is new and return the present state."""
        events = self._reader.poll()
        self._state.apply_all(events)
        self._marks.add_all(events)
        self._state.unread = self._reader.unread
        return self._state.snapshot(self._clock() - self._reader.header.clock_ns / 1e9)

    def close(self) -> None:
        """Close the recording."""
        self._reader.close()


class ReplaySession:
    """Plays a recording: the same snapshots, at any time and speed."""

    growing = False
    present = False
    past = None
    """What a session that goes on has beside its present; here ``refresh`` returns the instant looked at."""

    def __init__(self, path: Path, clock: Clock = time.monotonic) -> None:
        self.path = str(path)
        self._clock = clock
        reader = Reader(path)
        self._events = sorted(reader.poll(), key=lambda event: event.t_s)
        self._unread = reader.unread
        self._header = reader.header
        reader.close()
        self._times = [event.t_s for event in self._events]
        self.marks = marks_of(self._events)
        """Levels, notes and troubles."""
        self._state = State(self._header)
        self._applied = 0
        self._last = clock()
        self.transport = self
        self.duration_s = self._times[-1] if self._times else 0.0
        self.position_s = 0.0
        self.playing = True
        self.speed = 1.0

    def play_pause(self) -> None:
        """Pause, or play on; from the end it plays from the start again."""
        if not self.playing and self.position_s >= self.duration_s:
            self.seek(0.0)
        self.playing = not self.playing

    def seek(self, t_s: float) -> None:
        """Go to an instant, in seconds since the session began."""
        self.position_s = min(max(0.0, t_s), self.duration_s)

    def refresh(self) -> Snapshot:
        """Return the state at the present position, which moves while playing."""
        now = self._clock()
        if self.playing:
            self.seek(self.position_s + (now - self._last) * self.speed)
            self.playing = self.position_s < self.duration_s
        self._last = now
        self._fold_to(self.position_s)
        return self._state.snapshot(self.position_s)

    def close(self) -> None:
        """Nothing is open; here so that live and replay look alike."""

    def _fold_to(self, t_s: float) -> None:
        goal = bisect_right(self._times, t_s)
        if goal < self._applied:
            self._state, self._applied = State(self._header), 0
        self._state.unread = self._unread
        self._state.apply_all(self._events[self._applied : goal])
        self._applied = goal


def fold_file(path: Path) -> State:
    """Read a whole recording; raise ``OSError`` or :class:`session.codec.NotARecording`."""
    reader = Reader(path)
    try:
        state = State(reader.header)
        state.apply_all(reader.poll())
        state.unread = reader.unread
        return state
    finally:
        reader.close()
