"""Frames out of bytes as they come: what is damaged is stepped over to the next sound frame."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from session.frames import HEAD_BYTES, MARK, Head, head_at, sound


class Frame(NamedTuple):
    """A sound frame, or a stretch of bytes that are none."""

    offset: int
    """Where it begins in the file."""
    head: Head | None
    """``None``: damage, whose extent is all that is known."""
    payload: bytes = b""


class Unframer:
    """Takes bytes in order and gives the frames in them."""

    def __init__(self, offset: int = 0) -> None:
        self._buffer = bytearray()
        self._offset = offset
        self._bad = False

    @property
    def waiting(self) -> int:
        """Bytes of a frame that is not whole yet."""
        return len(self._buffer)

    def feed(self, data: bytes) -> Iterator[Frame]:
        """Give the frames that are whole now."""
        self._buffer += data
        at = 0
        while len(self._buffer) - at >= HEAD_BYTES:
            head = head_at(self._buffer, at)
            if head is None:
                found = self._search(at + 1)
                yield from self._damage(at)
                at = found
                continue
            end = at + HEAD_BYTES + head.payload_bytes
            if len(self._buffer) < end:
                break
            payload = bytes(self._buffer[at + HEAD_BYTES : end])
            if not sound(head, payload):
                # Its end cannot be trusted: a write that was cut short has the next frame inside it.
                yield from self._damage(at)
                at = self._search(at + 1)
                continue
            self._bad = False
            yield Frame(self._offset + at, head, payload)
            at = end
        del self._buffer[:at]
        self._offset += at

    def _search(self, at: int) -> int:
        found = self._buffer.find(MARK, at)
        return found if found >= 0 else max(at, len(self._buffer) - len(MARK) + 1)

    def _damage(self, at: int) -> Iterator[Frame]:
        if not self._bad:
            self._bad = True
            yield Frame(self._offset + at, None)
