"""A recording as a stream of events, and what it all comes to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Self

from session.events import Event, Header
from session.fold import State
from session.gpu_history import GpuHistory
from session.level_views import LevelViews
from session.recording import Reader
from session.view import Snapshot
from session.whole import from_checkpoint, is_long


class Stream:
    """Iterates over the events of a recording, and has the snapshot at its end.

    The events of a short one are folded as they pass by. Those of a long one are not: its last checkpoint tells the
    same in a fraction of the time. Raises ``OSError`` or :class:`session.codec.NotARecording` on opening.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._reader = Reader(path)
        self._state: State | None = None
        if not is_long(path):
            self._state = State(self._reader.header)
            self._state.share(LevelViews(), GpuHistory())  # nothing here shows the GPUs' past

    @property
    def header(self) -> Header:
        """What was run."""
        return self._reader.header

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._reader.close()

    def __iter__(self) -> Iterator[Event]:
        state = self._state
        for batch in self._reader.batches():
            if state is None:
                yield from batch
                continue
            for event in batch:
                state.apply(event)
                yield event

    def snapshot(self) -> Snapshot:
        """Return the state at the end, after all events have been iterated over."""
        state = self._state or from_checkpoint(self._path, lambda: False)
        assert state is not None
        state.unread, state.lost = self._reader.unread, tuple(self._reader.lost)
        return state.snapshot()
