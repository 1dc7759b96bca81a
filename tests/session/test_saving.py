from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from session import cursor, saving
from session.codec import encode
from session.events import Event, Note
from session.fold import State
from session.index import Index
from session.playback import ReplaySession, fold_file
from session.recording import Writer
from session.report import report
from session.saving import Saver
from tests.events import header, ramp


class Clock:
    """A clock that stands still."""

    def __call__(self) -> float:
        return 100.0


EVENTS = list(ramp((1, 8, 4, 16), hold_s=60.0))


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saving, "EVERY_EVENTS", 200)
    monkeypatch.setattr(saving, "SHARE", 0)
    monkeypatch.setattr(cursor, "EVERY_EVENTS", 200)
    monkeypatch.setattr(cursor, "NEAR_S", 1.0)


def write(path: Path, events: list[Event], tag: str | None = None) -> Path:
    """Write as the engine does."""
    writer, saver = Writer(path, header()), Saver(header())
    for event in events:
        line = encode(event)
        writer.append([line])
        saver.add(event, len(line))
        if (made := saver.due()) is not None:
            writer.checkpoint(made.t_s, tag or made.tag, made.blob)
    writer.close()
    return path


def plain(path: Path, events: list[Event]) -> Path:
    """Write a recording of format 1."""
    path.write_bytes(b"".join(encode(one) for one in (header(format=1), *events)))
    return path


@pytest.fixture(params=["checkpoints", "another version's checkpoints", "format 1"])
def recording(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "a.rooftop"
    if request.param == "format 1":
        yield plain(path, EVENTS)
    else:
        yield write(path, EVENTS, None if request.param == "checkpoints" else "another")


def at(replay: ReplaySession, t_s: float) -> object:
    replay.seek(t_s)
    while (snapshot := replay.refresh()).reading is not None:
        pass
    return report(snapshot), snapshot.window.tpot.p50, [line.text for line in snapshot.log], len(snapshot.series)


def folded(replay: ReplaySession, t_s: float) -> object:
    """What the events up to an instant come to, from the first on."""
    state = State(replay._index.header)
    state.apply_all(event for event in EVENTS if event.t_s <= t_s)
    snapshot = state.snapshot(t_s)
    return report(snapshot), snapshot.window.tpot.p50, [line.text for line in snapshot.log], len(snapshot.series)


def test_any_instant_in_any_order_is_what_the_events_before_it_come_to(recording: Path) -> None:
    replay = ReplaySession(recording, Clock())
    replay.play_pause()
    for t_s in (200.0, 3.0, 61.0, 61.5, 130.0, 199.0, 0.0, 239.0, 100.0):
        assert at(replay, t_s) == folded(replay, t_s)
    replay.close()


def test_a_replay_knows_its_marks_at_once(tmp_path: Path) -> None:
    replay = ReplaySession(write(tmp_path / "a.rooftop", EVENTS), Clock())
    assert [mark.text for mark in replay.marks] == [
        "1", "8", "4", "16", "0", "the end",
    ]  # fmt: skip
    assert replay.position_s == 0.0
    replay.close()


def test_a_seek_reads_little(tmp_path: Path) -> None:
    path = write(tmp_path / "a.rooftop", EVENTS)
    replay = ReplaySession(path, Clock())
    replay.play_pause()
    replay.refresh()
    read = []
    batches = Index.batches

    def counted(self: Index, first: int = 0, end: int | None = None) -> Iterator[list[Event]]:
        for batch in batches(self, first, end):
            read.append(len(batch))
            yield batch

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Index, "batches", counted)
        at(replay, 150.0)
    assert sum(read) < 450 < len(EVENTS)
    replay.close()


def test_a_recording_without_checkpoints_is_read_in_slices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("session.playback.SLICE_S", 0.0)
    replay = ReplaySession(plain(tmp_path / "a.rooftop", EVENTS), Clock())
    replay.play_pause()
    shares = []
    for _ in range(10_000):
        share = replay.refresh().reading
        if share is None:
            break
        shares.append(share)
    assert len(shares) > 3
    assert shares == sorted(shares)
    assert replay.refresh().reading is None
    assert replay.marks[-1].text == "the end"
    replay.close()


def test_a_checkpoint_that_makes_no_sense_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.rooftop"
    writer, saver = Writer(path, header()), Saver(header())
    for number, event in enumerate(EVENTS):
        writer.append([encode(event)])
        saver.add(event, 0)
        if number == 500:
            made = saver.last()
            assert made is not None
            saver._state.kept.book.levels.clear()  # type: ignore[union-attr]  # starts without levels
            saver.add(Note(t_s=event.t_s, text=""), 0)
            broken = saver.last()
            assert broken is not None
            writer.checkpoint(*broken)
    writer.close()
    replay = ReplaySession(path, Clock())
    replay.play_pause()
    assert at(replay, 200.0) == folded(replay, 200.0)
    replay.close()


def test_a_whole_file_is_folded_from_its_events(tmp_path: Path) -> None:
    state = State(header())
    state.apply_all(EVENTS)
    assert report(fold_file(write(tmp_path / "a.rooftop", EVENTS)).snapshot()) == report(state.snapshot())
