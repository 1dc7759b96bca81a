"""A recording as a stream of events that is folded as it passes by."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol, Self

from results.imports.files import imported
from results.imports.together import Imported
from session.codec import NotARecording
from session.events import Event, Header
from session.fold import State
from session.lost import Lost
from session.recording import Reader
from session.view import Snapshot
from session.whole import final_state


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
    """Iterates over the events of a recording, or of another tool's file, and has the snapshot of what it has passed.

    Raises ``OSError`` or :class:`session.codec.NotARecording` on opening.
    """

    def __init__(self, path: Path) -> None:
        self._reader = opened(path)
        self._state = State(self._reader.header)

    @property
    def header(self) -> Header:
        """What was run."""
        return self._reader.header

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._reader.close()

    def __iter__(self) -> Iterator[Event]:
        for batch in self._reader.batches():
            for event in batch:
                self._state.apply(event)
                yield event

    def snapshot(self) -> Snapshot:
        """Return the state after what has been iterated over."""
        self._state.unread, self._state.lost = self._reader.unread, tuple(self._reader.lost)
        return self._state.snapshot()


def opened(path: Path) -> Source:
    """Open a file; raise ``OSError`` or :class:`session.codec.NotARecording`."""
    try:
        return Reader(path)
    except NotARecording:
        found = imported([path])
        if found is None:
            raise
        return _Made(found)


def snapshot_of(path: Path, *, recount: bool = False) -> Snapshot:
    """Return the final state of a file; raise ``OSError`` or :class:`session.codec.NotARecording`.

    See :func:`session.whole.final_state` for ``recount``.
    """
    try:
        return final_state(path, recount=recount).snapshot()
    except NotARecording:
        found = imported([path])
        if found is None:
            raise
    state = State(found.header)
    state.apply_all(found.events)
    return state.snapshot()
