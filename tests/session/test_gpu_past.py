"""The GPUs' past in a replay: of the whole recording, wherever one goes."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from session import gpu_past, playback
from session.codec import encode
from session.events import Event, GpuReading, GpuSample, Note
from session.gpu_past import GpuPast
from session.playback import LiveSession, ReplaySession
from session.recording import Writer
from session.saving import Saver
from tests.events import header

END_S = 900


def events() -> list[Event]:
    found: list[Event] = []
    for t in range(END_S):
        throttled = {"power": 50.0} if t < 100 else {}
        reading = GpuReading(index=0, power_w=float(t), throttled_pct=throttled)
        found += [GpuSample(t_s=t + 0.1, gpus=[reading]), Note(t_s=t + 0.2, text='{"type":"gpus"')]
    return found


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "a.rooftop"
    writer, saver = Writer(made, header()), Saver(header())
    for event in events():
        line = encode(event)
        writer.append([line])
        saver.add(event, len(line))
        if (point := saver.due()) is not None:
            writer.checkpoint(*point)
    writer.close()
    return made


def test_after_a_seek_the_past_is_there_from_the_start_and_nothing_later(path: Path) -> None:
    replay = ReplaySession(path, lambda: 0.0)
    replay.play_pause()
    for t_s in (700.5, 200.5, 850.5):
        replay.seek(t_s)
        while (snapshot := replay.refresh()).reading is not None:
            pass
        found = snapshot.gpu_history.means(0, "power_w", 0, 1, END_S)
        assert found == [float(t) if t < t_s else None for t in range(END_S)]
        assert snapshot.gpu_history.throttled_s(0) == {"power": pytest.approx(49.5)}
    replay.close()


def test_it_is_what_a_live_session_kept(path: Path) -> None:
    live, replay = LiveSession(path, lambda: 0.0), ReplaySession(path, lambda: 0.0)
    replay.seek(replay.duration_s)
    one, other = live.refresh().gpu_history, replay.refresh().gpu_history
    assert one.means(0, "power_w", 0, 10, 90) == other.means(0, "power_w", 0, 10, 90)
    assert (one.t_s, one.throttled_s(0)) == (other.t_s, other.throttled_s(0))
    live.close()
    replay.close()


def test_it_is_read_in_slices_and_shown_as_it_comes(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = itertools.count()
    monkeypatch.setattr(gpu_past, "perf_counter", lambda: float(next(ticks)))
    monkeypatch.setattr(playback, "SLICE_S", 0.0)
    replay = ReplaySession(path, lambda: 0.0)
    replay.play_pause()
    replay.seek(800.5)
    monkeypatch.setattr(playback, "SLICE_S", 60.0)
    monkeypatch.setattr(replay._past, "fill", lambda _: False)
    known, whole = [], False
    while not whole:
        found = replay.refresh().gpu_history.means(0, "power_w", 0, 1, END_S)
        known.append(sum(value is not None for value in found))
        whole = GpuPast.fill(replay._past, 200.0)
    assert known == sorted(known)
    assert known[0] == 0
    assert len(known) > 5
    assert replay.refresh().gpu_history.means(0, "power_w", 0, 1, END_S)[800] == 800.0
    replay.close()
