from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from session.codec import encode
from session.events import Event
from session.gpu_history import METRICS
from session.playback import LiveSession, ReplaySession
from session.timeshift import PRESENT_S, TimeShift
from session.view import Snapshot
from tests.events import header, ramp


def told(snapshot: Snapshot) -> str:
    """All that a snapshot says now: of the requests and the GPUs it shows what a session goes on to fill."""
    means = [snapshot.gpu_history.means(0, name, 0, step_s, 20 // step_s) for name in METRICS for step_s in (1, 2, 5)]
    assert any(value is not None for value in means[0])
    return repr((snapshot, [[value and round(value, 3) for value in some] for some in means]))


class Growing:
    """A session whose clock and recording go on together, by hand."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.now_s = 0.0
        self.opened = 0
        self._events: list[Event] = list(ramp((1, 8), hold_s=10.0))
        path.write_bytes(encode(header(clock_ns=0)))
        self.session = TimeShift(LiveSession(path, self.clock), self._open, self.clock)

    def clock(self) -> float:
        return self.now_s

    def go(self, seconds: float) -> None:
        self.now_s += seconds
        written = [event for event in self._events if event.t_s <= self.now_s]
        self._events = self._events[len(written) :]
        with self.path.open("ab") as file:
            file.write(b"".join(map(encode, written)))

    def _open(self, path: Path) -> ReplaySession:
        self.opened += 1
        return ReplaySession(path, self.clock)


@pytest.fixture
def growing(tmp_path: Path) -> Iterator[Growing]:
    made = Growing(tmp_path / "a.rooftop")
    yield made
    made.session.close()


def test_the_present_is_shown_until_one_goes_back(growing: Growing) -> None:
    growing.go(15.0)
    session = growing.session
    assert session.refresh().concurrency == 8
    assert (session.present, session.past, session.position_s) == (True, None, 15.0)
    assert growing.opened == 0, "a session that is only watched is not read twice"


def test_the_past_stands_while_the_present_goes_on(growing: Growing) -> None:
    growing.go(15.0)
    session = growing.session
    session.refresh()
    session.seek(5.0)
    for _ in range(5):
        growing.go(0.5)
        present = session.refresh()
        assert present.now_s == pytest.approx(growing.now_s)
        assert present.concurrency == 8
        assert session.past is not None
        assert (session.past.now_s, session.past.concurrency) == (5.0, 1)
    assert session.duration_s - session.position_s == pytest.approx(12.5)
    session.return_to_present()
    session.refresh()
    assert (session.present, session.past, session.position_s) == (True, None, 17.5)


def test_the_past_is_what_was_seen_then(growing: Growing) -> None:
    growing.go(7.0)
    session = growing.session
    then = told(session.refresh())
    growing.go(8.0)
    session.refresh()
    session.seek(7.0)
    session.refresh()
    assert session.past is not None
    same = told(session.past) == then
    assert same


def test_near_the_present_is_the_present(growing: Growing) -> None:
    growing.go(15.0)
    session = growing.session
    session.refresh()
    session.seek(15.0 - PRESENT_S / 2)
    assert session.present
    session.seek(14.0)
    assert session.position_s == 14.0
    session.seek(99.0)
    assert session.position_s == 15.0


def test_what_came_since_the_past_was_opened_can_be_reached(growing: Growing) -> None:
    growing.go(5.0)
    session = growing.session
    session.refresh()
    session.seek(3.0)
    growing.go(10.0)
    session.refresh()
    session.seek(12.0)
    session.refresh()
    assert session.past is not None
    assert (session.past.now_s, session.past.concurrency) == (12.0, 8)
    assert growing.opened == 2


def test_the_past_plays_on_into_the_present(growing: Growing) -> None:
    growing.go(10.0)
    session = growing.session
    session.refresh()
    session.seek(6.0)
    session.refresh()
    growing.go(3.0)
    session.play_pause()
    session.refresh()
    assert session.position_s == pytest.approx(6.0), "it stood until it was played"
    for step in range(1, 5):
        growing.go(1.0)
        session.refresh()
        assert session.position_s == pytest.approx(6.0 + step)
    session.speed = 8.0
    for _ in range(3):
        growing.go(0.5)
        session.refresh()
    assert session.past is None
    assert (session.speed, session.playing) == (1.0, True)


def test_a_recording_that_grows_no_more_is_not_read_again_and_again(growing: Growing) -> None:
    growing.go(30.0)
    session = growing.session
    session.refresh()
    session.seek(20.0)
    session.refresh()
    session.play_pause()
    for _ in range(20):
        growing.go(1.0)
        session.refresh()
    assert growing.opened == 1
    assert not session.playing
    assert session.past is not None
    assert session.past.ended == "done"


def test_marks_are_those_of_the_present(growing: Growing) -> None:
    growing.go(5.0)
    session = growing.session
    session.refresh()
    session.seek(3.0)
    assert [mark.text for mark in session.marks] == ["1"]
    growing.go(10.0)
    session.refresh()
    assert [mark.text for mark in session.marks] == ["1", "8"]


def test_a_recording_that_is_gone_is_an_error_and_not_the_end(growing: Growing) -> None:
    growing.go(5.0)
    session = growing.session
    session.refresh()
    growing.path.unlink()
    with pytest.raises(OSError, match="No such file"):
        session.seek(1.0)
    assert session.refresh().concurrency == 1
    assert session.present
