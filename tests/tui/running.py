"""A session that is written by hand while the screen looks at it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from session.codec import encode
from session.events import Event
from session.playback import LiveSession, ReplaySession
from session.timeshift import TimeShift
from tests.events import header, ramp
from tests.tui.clock import Clock
from tests.tui.fakes import FakeControls
from tests.tui.helpers import app_of
from tui.app import RooftopApp


class Running:
    """A session that is written by hand, its clock, and the screen over it."""

    def __init__(self, path: Path, events: Iterable[Event] | None = None) -> None:
        self.path = path
        self.clock = Clock(0.0)
        self._events: list[Event] = list(events or ramp((1, 8, 64), hold_s=20.0))
        path.write_bytes(encode(header(clock_ns=0)))
        self.controls = FakeControls()
        self.session = TimeShift(
            LiveSession(path, self.clock), lambda path: ReplaySession(path, self.clock), self.clock
        )
        self.go(50.0)
        self.app: RooftopApp = app_of(self.session, self.controls, clock=self.clock)

    def go(self, seconds: float) -> None:
        self.clock.now += seconds
        written = [event for event in self._events if event.t_s <= self.clock.now]
        self._events = self._events[len(written) :]
        with self.path.open("ab") as file:
            file.write(b"".join(map(encode, written)))
