"""Events go out soon, survive a full disk, and what does not is owned up to."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine import keeper as keeping
from engine.keeper import AGAIN_S, WRITE_S, Keeper
from session.checkpoints import dump, load
from session.events import Event, Log, Note
from session.index import Index
from session.playback import fold_file
from session.recording import Reader, Writer
from session.saving import Saver
from tests.events import header

REAL_WRITE = os.write


class Disk:
    """Stands for ``os.write``: takes ``room`` bytes more, then is full."""

    def __init__(self) -> None:
        self.room: int | None = None
        self.writes = 0

    def write(self, descriptor: int, data: memoryview) -> int:
        self.writes += 1
        if self.room is None:
            return REAL_WRITE(descriptor, data)
        if self.room == 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        part = data[: self.room]
        self.room -= len(part)
        return REAL_WRITE(descriptor, part)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    disk = Disk()
    monkeypatch.setattr("session.writing.os.write", disk.write)
    return disk


class Kept:
    """A keeper with its recording and what it said."""

    def __init__(self, path: Path) -> None:
        self.said: list[str | None] = []
        self.keeper = Keeper(Writer(path, header()), self.said.append, Saver(header()))
        self.reader = Reader(path)
        self.sent: list[Event] = []

    def at(self, now_s: float) -> list[Event]:
        """Keep a note of this instant; return what a follower reads then."""
        note = Note(t_s=now_s, text=f"at {now_s}")
        self.sent.append(note)
        self.keeper.keep([note], now_s)
        return self.reader.poll()


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    kept = Kept(tmp_path / "a.rooftop")
    yield kept
    kept.keeper.close(1e6)
    kept.reader.close()


def test_a_follower_reads_an_event_within_half_a_second(kept: Kept) -> None:
    seen: list[Event] = []
    for tenth in range(30):
        seen += kept.at(tenth / 10)
        assert kept.sent[-1].t_s - seen[-1].t_s <= WRITE_S < 0.5
    assert seen == kept.sent[: len(seen)]


def test_writes_are_few(kept: Kept, disk: Disk) -> None:
    for tenth in range(100):
        kept.at(tenth / 10)
    assert 10 < disk.writes <= 10 / WRITE_S + 1


@pytest.mark.parametrize("room", [0, 1, 30, 45])
def test_a_full_disk_is_said_and_nothing_is_lost(kept: Kept, disk: Disk, room: int) -> None:
    """A write may also be cut in the middle of a frame."""
    seen = kept.at(0.0) + kept.at(1.0)
    disk.room = room
    for second in range(2, 10):
        assert kept.at(float(second)) == []
    assert kept.said == ["the recording cannot be written on: No space left on device; what it holds so far is kept"]
    assert kept.keeper.trouble == kept.said[0]
    disk.room = None
    seen += kept.at(10.0 + AGAIN_S)
    assert kept.said[1:] == [None]
    seen += kept.at(20.0)
    notes = [event for event in seen if isinstance(event, Note)]
    assert notes == kept.sent
    assert [event.text for event in seen if isinstance(event, Log)] == [
        "the recording could not be written for a while; all of it is here"
    ]
    assert (kept.reader.unread, kept.reader.lost) == (0, [])


def test_what_the_memory_does_not_hold_is_owned_up_to(kept: Kept, disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "HELD_BYTES", 200)
    disk.room = 0
    for second in range(10):
        kept.at(float(second))
    disk.room = None
    seen = kept.at(20.0) + kept.at(30.0)
    assert [event.t_s for event in seen if isinstance(event, Note)] == [0.0, 1.0, 2.0, 3.0, 4.0, 30.0]
    assert [event.text for event in seen if isinstance(event, Log)] == [
        "not in the recording, for want of room: 6 events from 5 s to 20 s"
    ]


def test_a_checkpoint_after_a_full_disk_is_of_what_was_written(tmp_path: Path, disk: Disk) -> None:
    """Replaying from it comes to the same as replaying from the start."""
    kept = Kept(tmp_path / "a.rooftop")
    kept.at(0.0)
    disk.room = 0
    for second in range(1, 9):
        kept.at(float(second))
    disk.room = None
    kept.at(20.0)
    kept.keeper.close(30.0)
    kept.reader.close()
    index = Index.open(tmp_path / "a.rooftop")
    found = index.checkpoint_before(1e9)
    assert found is not None
    state = load(found[2], index.header)
    assert state is not None
    assert found[3] == len(index.chunks)
    folded = fold_file(tmp_path / "a.rooftop")
    assert folded.lost == ()
    assert dump(state) == dump(folded)
    assert [event for event in index.events() if isinstance(event, Note)] == kept.sent
    assert index.lost == []
    index.close()
