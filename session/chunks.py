"""Lines out of the frames of chunks, and the account of what is lost."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from session.frames import BEGIN, EVENTS, Head
from session.lost import Lost, added
from session.unframing import Frame

DAMAGED = "the file is damaged there"
MISSING = "a part of the file is missing there"


class Chunks:
    """Expands the events of frames in order; after damage it waits for the next chunk's beginning."""

    def __init__(self, from_s: float = 0.0, *, first: bool = False) -> None:
        """Begin at ``from_s``; with ``first`` the next frame is to be the file's first."""
        self._lost: list[Lost] = []
        self._open: Lost | None = None
        self._damaged = False
        """Bytes before here are no frame. Nothing is lost by that if the next frame's number follows: a write that was
        cut short by a full disk was made anew."""
        self._stream: zlib._Decompress | None = None
        self._number: int | None = -1 if first else None
        self._last_s = from_s

    @property
    def lost(self) -> list[Lost]:
        """What could not be read so far."""
        if self._open is None and self._damaged:
            return [*self._lost, Lost(self._last_s, None, DAMAGED)]
        return self._lost + ([self._open] if self._open else [])

    @property
    def last_s(self) -> float:
        """The last instant that was read."""
        return self._last_s

    def take(self, frame: Frame) -> Iterator[bytes]:
        """Give the lines of a frame, whole ones in one block."""
        head = frame.head
        if head is None:
            self._damaged = True
            return
        if not follows(self._number, head):
            self.lose(DAMAGED if self._damaged else MISSING)
        self._damaged = False
        self._number = head.number
        if head.kind == BEGIN:
            self._begin(head)
        if head.kind in (BEGIN, EVENTS):
            yield from self._expand(head, frame.payload)

    def lose(self, reason: str) -> None:
        """Note that something is lost from the last instant on."""
        self._stream = None
        if self._open is None:
            self._open = Lost(self._last_s, None, reason)

    def _begin(self, head: Head) -> None:
        if self._open is not None:
            added(self._lost, self._open._replace(to_s=max(head.from_s, self._open.from_s)))
            self._open = None
        self._stream = zlib.decompressobj()

    def _expand(self, head: Head, payload: bytes) -> Iterator[bytes]:
        if self._stream is None:
            self.lose(MISSING)
            return
        try:
            data = self._stream.decompress(payload, head.expanded_bytes + 1)
        except zlib.error:
            self.lose(DAMAGED)
            return
        if len(data) != head.expanded_bytes or self._stream.unconsumed_tail:
            self.lose(DAMAGED)
            return
        self._last_s = max(self._last_s, head.to_s)
        yield data


def follows(number: int | None, head: Head) -> bool:
    """Return whether a frame is the one after that with ``number``; true where that is not known."""
    return number is None or head.number == (number + 1) & 0xFFFF
