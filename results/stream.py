"""A recording as a stream of events that is folded as it passes by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Self

from session.afterwards import with_slo
from session.events import Event, Header
from session.fold import State
from session.recording import Reader
from session.view import Snapshot


class Stream:
    """Iterates over the events of a recording, and has the snapshot of what it has passed.

    Raises ``OSError`` or :class:`session.codec.NotARecording` on opening. ``slo``: bounds (s, by ``ttft``, ``tpot``,
    ``e2e``) in place of the recorded ones.
    """

    def __init__(self, path: Path, slo: Mapping[str, float] | None = None) -> None:
        self._reader = Reader(path)
        self._state = State(with_slo(self._reader.header, slo))

    @property
    def header(self) -> Header:
        """What was run."""
        return self._state.header

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
