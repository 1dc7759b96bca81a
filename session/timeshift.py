"""A running session in whose recording one can go back, while it is being written."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from session.marks import Mark
from session.playback import Clock, LiveSession, ReplaySession
from session.view import Snapshot

PRESENT_S = 0.5
"""Nearer to the present than this is the present."""
NEAR_S = 2.0
"""What is played has come to the present when it has used up what was recorded so long ago."""


class TimeShift:
    """Shows the present like a live session, and on request an earlier instant; both at once.

    ``refresh`` always follows the present, whatever is looked at; ``past`` is the instant looked at. The past is a
    replay of the same file, opened when it is first wanted and dropped on return, so that a session that is only
    watched holds one state.
    """

    growing = True

    def __init__(
        self,
        live: LiveSession,
        open_past: Callable[[Path], ReplaySession] | None = None,
        clock: Clock = time.monotonic,
    ) -> None:
        self._live = live
        self._open_past = open_past or (lambda path: ReplaySession(path, clock))
        self._replay: ReplaySession | None = None
        self._past: Snapshot | None = None
        self._past_s: float | None = None
        """The instant of which ``_past`` is."""
        self._read_bytes, self._read_s = 0, 0.0
        """Size of the recording, and the present, when the past was opened."""
        self._speed = 1.0
        self.path = live.path
        self.transport = self
        self.duration_s = 0.0

    def read(self) -> None:
        """Read what is new of the present."""
        self._live.read()

    def refresh(self) -> Snapshot:
        """Read what is new and return the present state; bring :attr:`past` up to the position."""
        present = self._live.refresh()
        self.duration_s = present.now_s
        if self._replay is not None:
            self._follow(self._replay)
        return present

    @property
    def past(self) -> Snapshot | None:
        """The state at the position; ``None`` at the present."""
        return self._past

    @property
    def present(self) -> bool:
        """Whether the present is looked at."""
        return self._replay is None

    @property
    def position_s(self) -> float:
        """What is looked at, in seconds since the session began."""
        return self.duration_s if self._replay is None else self._replay.position_s

    @property
    def playing(self) -> bool:
        """The present goes on by itself; the past stands until it is played."""
        return self._replay is None or self._replay.playing

    @property
    def speed(self) -> float:
        """Recorded seconds per second while the past is played."""
        return self._speed

    @speed.setter
    def speed(self, speed: float) -> None:
        self._speed = speed
        if self._replay is not None:
            self._replay.speed = speed

    @property
    def marks(self) -> Sequence[Mark]:
        """Levels, notes and troubles so far."""
        return self._live.marks

    def play_pause(self) -> None:
        """Let the past move on, or stand; the present cannot be stopped here."""
        if self._replay is not None:
            self._replay.refresh()  # the clock went on while it stood
            self._replay.play_pause()

    def seek(self, t_s: float) -> None:
        """Look at an instant; at the session's end, or nearly, the present.

        Raises ``OSError`` or ``ValueError`` where the recording cannot be read.
        """
        if t_s >= self.duration_s - PRESENT_S:
            self.return_to_present()
            return
        if self._replay is None or (t_s > self._replay.duration_s and self._has_grown()):
            self._replay = self._opened(playing=self._replay is not None and self._replay.playing)
        self._replay.seek(t_s)

    def return_to_present(self) -> None:
        """Look at the session as it goes on."""
        if self._replay is not None:
            self._replay.close()
        self._replay = self._past = self._past_s = None
        self._speed = 1.0

    def close(self) -> None:
        """Close the recording."""
        self.return_to_present()
        self._live.close()

    def _has_grown(self) -> bool:
        return Path(self.path).stat().st_size > self._read_bytes

    def _opened(self, *, playing: bool) -> ReplaySession:
        """Open what is recorded by now."""
        path = Path(self.path)
        self._read_bytes, self._read_s = path.stat().st_size, self.duration_s
        replay = self._open_past(path)
        replay.speed = self._speed
        if replay.playing != playing:
            replay.play_pause()
        if self._replay is not None:
            self._replay.close()
        return replay

    def _follow(self, replay: ReplaySession) -> None:
        """Bring the past to its position; where it has used up what was recorded when it was opened, open it anew."""
        was_playing = replay.playing
        reading = self._past is not None and self._past.reading is not None
        if was_playing or reading or self._past_s != replay.position_s:
            self._past = replay.refresh()
            self._past_s = replay.position_s
        used_up = was_playing and not replay.playing and self._has_grown()
        if replay.position_s >= self.duration_s - PRESENT_S or (used_up and self.duration_s - self._read_s < NEAR_S):
            self.return_to_present()
        elif used_up:
            at_s = replay.position_s
            self._replay = self._opened(playing=True)
            self._replay.seek(at_s)
