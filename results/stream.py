"""A recording as a stream of events, and what it all comes to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol, Self

from results.imports.files import imported
from results.imports.together import Imported
from session.afterwards import with_slo
from session.codec import NotARecording
from session.events import Event, Header
from session.fold import State
from session.gpu_history import GpuHistory
from session.level_views import LevelViews
from session.lost import Lost
from session.recording import Reader
from session.view import Snapshot
from session.whole import final_state, from_checkpoint, is_long


class Source(Protocol):
    """A recording, or what was made of another tool's file."""

    header: Header

    @property
    def unread(self) -> int:
        """Lines that could not be read."""

    @property
    def lost(self) -> list[Lost]:
        """Stretches that could not be read."""

    def batches(self) -> Iterator[list[Event]]:
        """Give the events, some at a time."""

    def close(self) -> None:
        """Close what is open."""


class _Made:
    """Another tool's file in the place of a recording."""

    unread = 0

    @property
    def lost(self) -> list[Lost]:
        """Nothing is lost."""
        return []

    def __init__(self, found: Imported) -> None:
        self.header = found.header
        self._events = found.events

    def batches(self) -> Iterator[list[Event]]:
        """Give the events."""
        yield self._events

    def close(self) -> None:
        """Nothing is open."""


class Stream:
    """Iterates over the events of a recording, or of another tool's file, and has the snapshot at its end.

    The events of a short one are folded as they pass by. Those of a long one are not: its last checkpoint tells the
    same in a fraction of the time. Raises ``OSError`` or :class:`session.codec.NotARecording` on opening. ``slo``:
    bounds (s, by ``ttft``, ``tpot``, ``e2e``) in place of the recorded ones; all events are folded then.
    """

    def __init__(self, path: Path, slo: Mapping[str, float] | None = None) -> None:
        self._path = path
        self._reader = opened(path)
        self._header = with_slo(self._reader.header, slo)
        self._state: State | None = None
        self._end: State | None = None
        if slo or not (isinstance(self._reader, Reader) and is_long(path)):
            self._state = State(self._header)
            self._state.share(LevelViews(), GpuHistory())  # nothing here shows the GPUs' past

    @property
    def header(self) -> Header:
        """What was run."""
        return self._header

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._reader.close()

    def __iter__(self) -> Iterator[Event]:
        state = self._state
        if state is None:  # first: of one that is being written it then holds no level that is not passed
            self._end = from_checkpoint(self._path, lambda: False)
        for batch in self._reader.batches():
            if state is None:
                yield from batch
                continue
            for event in batch:
                state.apply(event)
                yield event

    def snapshot(self) -> Snapshot:
        """Return the state at the end, after all events have been iterated over."""
        state = self._state or self._end
        assert state is not None, "all events are iterated over first"
        state.unread, state.lost = self._reader.unread, tuple(self._reader.lost)
        return state.snapshot()


def opened(path: Path) -> Source:
    """Open a file; raise ``OSError`` or :class:`session.codec.NotARecording`."""
    try:
        return Reader(path)
    except NotARecording:
        found = imported([path])
        if found is None:
            raise
        return _Made(found)


def snapshot_of(path: Path, *, recount: bool = False, slo: Mapping[str, float] | None = None) -> Snapshot:
    """Return the final state of a file; raise ``OSError`` or :class:`session.codec.NotARecording`.

    See :func:`session.whole.final_state` for ``recount``. With ``slo`` all events are counted by these bounds, because
    checkpoints counted good requests by the recording's own.
    """
    if slo:
        with Stream(path, slo) as stream:
            for _ in stream:
                pass
            return stream.snapshot()
    try:
        return final_state(path, recount=recount).snapshot()
    except NotARecording:
        found = imported([path])
        if found is None:
            raise
    state = State(found.header)
    state.apply_all(found.events)
    return state.snapshot()
