"""A recording as a stream of events that is folded as it passes by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol, Self

from results.imports.files import imported
from results.imports.together import Imported
from session.codec import NotARecording
from session.events import Event, Header
from session.fold import State
from session.recording import Reader
from session.view import Snapshot


class Source(Protocol):
    """A recording, or what was made of another tool's file."""

    header: Header
    unread: int

    def poll(self) -> Iterable[Event]:
        """Return the events."""
        ...

    def close(self) -> None:
        """Close what is open."""
        ...


class _Made:
    """Another tool's file in the place of a recording."""

    unread = 0

    def __init__(self, found: Imported) -> None:
        self.header = found.header
        self._events = found.events

    def poll(self) -> list[Event]:
        """Return the events."""
        return self._events

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
        for event in self._reader.poll():
            self._state.apply(event)
            yield event

    def snapshot(self) -> Snapshot:
        """Return the state after what has been iterated over."""
        self._state.unread = self._reader.unread
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


def snapshot_of(path: Path) -> Snapshot:
    """Read a whole file; raise ``OSError`` or :class:`session.codec.NotARecording`."""
    with Stream(path) as stream:
        for _ in stream:
            pass
        return stream.snapshot()
