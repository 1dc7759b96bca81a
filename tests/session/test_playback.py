from __future__ import annotations

from pathlib import Path

import pytest

from session.codec import encode
from session.events import Level, Tick
from session.playback import LiveSession, ReplaySession
from tests.events import header, ramp


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "a.rooftop"
    path.write_bytes(encode(header()) + b"".join(encode(event) for event in ramp((1, 8), hold_s=10.0)))
    return path


def test_replay_runs_at_the_pace_of_the_session(recording: Path) -> None:
    clock = Clock()
    replay = ReplaySession(recording, clock)
    assert replay.refresh().concurrency == 0
    clock.now += 5.0
    assert replay.refresh().concurrency == 1
    clock.now += 10.0
    snapshot = replay.refresh()
    assert snapshot.concurrency == 8
    assert snapshot.now_s == pytest.approx(15.0)


def test_replay_pauses_seeks_and_changes_speed(recording: Path) -> None:
    clock = Clock()
    replay = ReplaySession(recording, clock)
    replay.play_pause()
    clock.now += 50.0
    assert replay.refresh().now_s == 0.0
    replay.seek(12.0)
    assert replay.refresh().concurrency == 8
    replay.seek(2.0)
    back = replay.refresh()
    assert back.concurrency == 1
    assert back.output_tokens == 0
    replay.speed = 4.0
    replay.play_pause()
    clock.now += 1.0
    assert replay.refresh().now_s == pytest.approx(6.0)


def test_replay_stops_at_the_end_and_starts_over(recording: Path) -> None:
    clock = Clock()
    replay = ReplaySession(recording, clock)
    clock.now += 1000.0
    assert replay.refresh().ended == "done"
    assert not replay.playing
    replay.play_pause()
    assert replay.refresh().ended is None
    replay.seek(-5.0)
    assert replay.position_s == 0.0


def test_a_seek_back_and_forth_gives_the_same_frame(recording: Path) -> None:
    replay = ReplaySession(recording, Clock())
    replay.play_pause()
    replay.seek(15.0)
    first = replay.refresh()
    replay.seek(3.0)
    replay.refresh()
    replay.seek(15.0)
    again = replay.refresh()
    assert again.rates.output_tok_s == first.rates.output_tok_s
    assert again.window.tpot.p50 == first.window.tpot.p50
    assert [x.output_tokens for x in again.levels] == [x.output_tokens for x in first.levels]


def test_a_live_session_follows_what_is_written(tmp_path: Path) -> None:
    clock, path = Clock(), tmp_path / "a.rooftop"
    path.write_bytes(encode(header(clock_ns=90_000_000_000)))
    live = LiveSession(path, clock)
    assert live.refresh().now_s == pytest.approx(10.0)
    with path.open("ab") as file:
        file.write(encode(Level(t_s=10.0, concurrency=4)) + encode(Tick(t_s=10.2, dt_s=0.2, in_flight=4)))
    snapshot = live.refresh()
    assert (snapshot.concurrency, snapshot.in_flight) == (4, 4)
    live.close()
