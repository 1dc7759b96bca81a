"""Recordings on disk: append (:class:`Writer`), read whole and follow while they grow (:class:`Reader`).

docs/recording.md describes the file. :mod:`session.index` reads any part of one without the rest.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from session.bodies import Body, open_body
from session.codec import NotARecording
from session.events import Event
from session.lines import events_of
from session.lost import Lost
from session.parts_of import next_part
from session.writing import Writer

__all__ = ["Lost", "Reader", "Writer"]


class Reader:
    """Reads a recording from its start, through all its parts, and on as it grows.

    Raises ``OSError`` where the file cannot be opened and :class:`NotARecording` where it is none.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._body = open_body(path)
        self._part_path = path
        self._past: list[Body] = []
        self._undecoded = 0
        self.header = self._body.header
        self.header_line = self._body.header_line
        """The header as it was written."""

    @property
    def unread(self) -> int:
        """Lines that this version could not read."""
        return self._undecoded + sum(body.skipped for body in self._bodies)

    @property
    def lost(self) -> list[Lost]:
        """Stretches that cannot be read; those behind what was read so far are not known yet."""
        lost = [one for body in self._bodies for one in body.lost]
        if self._body.goes_on:
            name = next_part(self._part_path, self._body.header.part).name
            lost.append(Lost(self._body.last_s, None, f"the next part, {name}, is missing"))
        return lost

    def poll(self) -> list[Event]:
        """Return the events that were added since the last call."""
        return [event for batch in self.batches() for event in batch]

    def batches(self) -> Iterator[list[Event]]:
        """Give the events that were added since the last call, a bounded number at a time."""
        for lines in self.lines():
            events, unread = events_of(lines)
            self._undecoded += unread
            yield events

    def lines(self) -> Iterator[list[bytes]]:
        """Give the lines that were added since the last call, as they were written but for their ends."""
        yield from self._body.more()
        while (following := self._next_body()) is not None:
            yield from self._body.more()  # what was added before the next part was made
            self._body.close()
            self._past.append(self._body)
            self._body = following
            yield from self._body.more()

    def close(self) -> None:
        """Close the file."""
        self._body.close()

    @property
    def _bodies(self) -> list[Body]:
        return [*self._past, self._body]

    def _next_body(self) -> Body | None:
        """Open the part that follows, where there is one of this session."""
        header = self._body.header
        path = next_part(self._part_path, header.part)
        if header.session is None or not path.exists():
            return None
        try:
            body = open_body(path)
        except (OSError, NotARecording):
            return None
        if (body.header.session, body.header.part) != (header.session, header.part + 1):
            body.close()
            return None
        self._part_path = path
        return body
