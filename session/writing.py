"""Writes a recording of format 2: one file after another, each append one frame, each frame one write."""

from __future__ import annotations

import contextlib
import fcntl
import os
import zlib
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path

import msgspec

from session.codec import MAX_LINE, encode
from session.events import FORMAT, Header
from session.frames import (
    BEGIN,
    CHECKPOINT,
    EVENTS,
    FIRST_LINE,
    HEADER,
    LINK,
    MAX_EXPANDED,
    NEXT,
    Link,
    frame,
    pack_checkpoint,
    pack_link,
)
from session.lines import time_of
from session.parts_of import part_path

CHUNK_S = 60.0
CHUNK_BYTES = 1 << 20
"""A chunk ends after so long, or so many bytes of lines: what a seek expands at most, and what damage costs."""
FRAME_BYTES = 1 << 20
LEVEL = 6


class Writer:
    """Appends events to a new file, and beyond ``limit_bytes`` to the next part of it.

    Raises ``FileExistsError`` where the file is there already and ``OSError`` where it cannot be written. After a
    failed :meth:`append` the lines that were not written are in :attr:`left`; the next append may succeed.
    A header of an older format, from a recording that is copied, gets this one's number.
    """

    def __init__(self, path: Path, header: Header, limit_bytes: int | None = None) -> None:
        self.path = path
        self.left: list[bytes] = []
        """Lines of a failed append that are not in the file."""
        self.dropped = 0
        """Lines longer than any reader takes, which were left out."""
        self._header = msgspec.structs.replace(header, format=max(header.format, FORMAT))
        self._limit = limit_bytes
        self._file = _File(path, self._header)

    def append(self, lines: list[bytes]) -> None:
        """Write whole lines, each with its end."""
        short = [line for line in lines if len(line) <= MAX_LINE]
        self.dropped += len(lines) - len(short)
        self.left = short
        for some in _slices(short):
            self._roll()
            self._file.append(some)
            self.left = self.left[len(some) :]

    def checkpoint(self, t_s: float, tag: str, blob: bytes) -> None:
        """End the chunk and write what folding all events so far comes to; ``tag`` names the blob's layout.

        A blob that no reader would take is left out: nothing needs it.
        """
        if len(blob) > MAX_EXPANDED:
            return
        self._file.checkpoint(t_s, tag, blob)

    def close(self) -> None:
        """Write the last link and close the file; safe to call twice."""
        self._file.close()

    def _roll(self) -> None:
        if self._limit is None or self._file.offset < self._limit:
            return
        header = msgspec.structs.replace(self._header, part=self._header.part + 1)
        try:
            following = _File(part_path(self.path, header.part), header)
        except FileExistsError:
            self._limit = None  # somebody else's file has the name: rather a long file than none
            return
        self._header = header
        with contextlib.suppress(OSError):
            self._file.end(NEXT)
        self._file, last = following, self._file
        last.close()


def _slices(lines: list[bytes]) -> Iterator[list[bytes]]:
    """Give the lines in runs that make a frame of fair size."""
    some: list[bytes] = []
    size = 0
    for line in lines:
        if some and size + len(line) > FRAME_BYTES:
            yield some
            some, size = [], 0
        some.append(line)
        size += len(line)
    if some:
        yield some


def _times(lines: list[bytes], otherwise_s: float) -> tuple[float, float]:
    """Return the first and the last instant of lines, whatever their order."""
    found = [t_s for line in lines if (t_s := time_of(line)) is not None]
    return (min(found), max(found)) if found else (otherwise_s, otherwise_s)


class _File:
    """One file of a recording."""

    def __init__(self, path: Path, header: Header) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
        self._fd = os.open(path, flags, 0o600)
        line = encode(header)
        self._header = (zlib.compress(line, 9), len(line))
        self.offset = 0
        """Bytes in the file."""
        self._number = 0
        self._chunks = 0
        self._chunk: _Chunk | None = None
        self._link = 0
        self._checkpoint = (0, 0.0)
        self._last_s = 0.0
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._write([FIRST_LINE, self._header_frame()])
        except OSError:
            os.close(self._fd)
            os.unlink(path)
            raise

    def append(self, lines: list[bytes]) -> None:
        """Write lines as one frame."""
        data = b"".join(lines)
        from_s, to_s = _times(lines, self._last_s)
        begun: list[bytes] = []
        if self._chunk is not None and self._chunk.full(len(data), from_s):
            begun.append(self._link_frame())
        kind = EVENTS
        chunk = self._chunk
        if chunk is None:
            header = self._header_frame()
            begun.append(header)
            chunk = self._chunk = _Chunk(self.offset + sum(map(len, begun)), from_s)
            kind = BEGIN
        made = self._frame(kind, chunk.pack(data), len(data), from_s, to_s)
        try:
            self._write([*begun, made])
        except OSError:
            chunk.broken = True  # its zlib stream has what the file has not
            raise
        chunk.add(len(lines), len(data), to_s)
        self._last_s = max(self._last_s, to_s)

    def checkpoint(self, t_s: float, tag: str, blob: bytes) -> None:
        """Write a checkpoint behind the chunk."""
        before = [self._link_frame()] if self._chunk is not None else []
        payload = pack_checkpoint(tag, blob)
        at = self.offset + sum(map(len, before))
        self._write([*before, self._frame(CHECKPOINT, payload, len(blob), t_s, t_s)])
        self._checkpoint = (at, t_s)

    def end(self, kind: int) -> None:
        """Write the last link, and a frame before it that says what comes after."""
        link = self._link_frame() if self._chunk is not None else b""
        self._write([link, self._frame(kind, b"", 0, self._last_s, self._last_s)])

    def close(self) -> None:
        """Write the last link and close the file."""
        if self._fd < 0:
            return
        if self._chunk is not None:
            with contextlib.suppress(OSError):
                self._write([self._link_frame()])
        os.close(self._fd)
        self._fd = -1

    def _header_frame(self) -> bytes:
        return self._frame(HEADER, self._header[0], self._header[1], self._last_s, self._last_s)

    def _link_frame(self) -> bytes:
        """End the chunk; return the link that says where it lies."""
        chunk = self._chunk
        assert chunk is not None
        link = Link(
            chunk=self._chunks, offset=chunk.offset, from_s=chunk.from_s, to_s=chunk.to_s, events=chunk.events,
            checkpoint=self._checkpoint[0], checkpoint_s=self._checkpoint[1], before=self._link,
        )  # fmt: skip
        self._chunk, self._checkpoint, self._chunks, self._link = None, (0, 0.0), self._chunks + 1, self.offset
        payload = pack_link(link)
        return self._frame(LINK, payload, len(payload), link.from_s, link.to_s)

    def _frame(self, kind: int, payload: bytes, expanded: int, from_s: float, to_s: float) -> bytes:
        made = frame(kind, self._number, payload, expanded, from_s, to_s)
        self._number += 1
        return made

    def _write(self, frames: list[bytes]) -> None:
        frames = [one for one in frames if one]
        view = memoryview(b"".join(frames))
        begin = self.offset
        try:
            while view:
                view = view[os.write(self._fd, view) :]
        except OSError:
            self.offset = os.fstat(self._fd).st_size
            self._number -= _torn(frames, self.offset - begin)
            raise
        self.offset = os.fstat(self._fd).st_size


def _torn(frames: list[bytes], written: int) -> int:
    """Return how many frames are not whole in the file; the next ones take over their numbers."""
    return sum(end > written for end in accumulate(map(len, frames)))


class _Chunk:
    """Events that share a zlib stream."""

    def __init__(self, offset: int, from_s: float) -> None:
        self.offset = offset
        self.from_s = self.to_s = from_s
        self.events = 0
        self.broken = False
        self._bytes = 0
        self._stream = zlib.compressobj(LEVEL, zlib.DEFLATED, 15, 9)

    def full(self, more: int, now_s: float) -> bool:
        """Return whether more bytes belong into the next chunk."""
        long = now_s - self.from_s >= CHUNK_S
        return self.broken or long or (self._bytes > 0 and self._bytes + more > CHUNK_BYTES)

    def pack(self, data: bytes) -> bytes:
        """Return data behind all that came before."""
        return self._stream.compress(data) + self._stream.flush(zlib.Z_SYNC_FLUSH)

    def add(self, events: int, size: int, to_s: float) -> None:
        """Count what was written."""
        self.events += events
        self._bytes += size
        self.to_s = max(self.to_s, to_s)
