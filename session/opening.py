"""Opens a file to read a recording from: whatever it is, without harm and without waiting."""

from __future__ import annotations

import fcntl
import os
import stat
import zlib
from pathlib import Path
from typing import BinaryIO, Protocol

from session.codec import NotARecording

READ_SIZE = 1 << 18
GZIP = b"\x1f\x8b"
FREE_BYTES = 64 << 20
PIECE = 1 << 10
"""Packed bytes that are expanded at a time: damage takes what is expanded with it."""
MOST_TIMES = 100
"""A packed recording expands to a tenth at best; one that grows far beyond is a bomb."""


class Source(Protocol):
    """Bytes in order, from the start; a file that grows gives more later."""

    rest_lost: str | None
    """Why nothing more can come although there is more."""

    def read(self) -> bytes:
        """Return the next bytes; none where there are no more at present."""

    def rewind(self) -> None:
        """Begin again."""

    def close(self) -> None:
        """Close the file."""


def open_file(path: Path) -> BinaryIO:
    """Open a regular file; raise ``OSError``, or :class:`NotARecording` for a folder, a pipe, a device."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        what = "a folder" if stat.S_ISDIR(mode) else "no regular file"
        raise NotARecording(f"this is {what}, not a recording")
    return os.fdopen(descriptor, "rb", buffering=0)


def being_written(path: Path) -> bool:
    """Return whether a writer has the recording open; raise as :func:`open_file`."""
    with open_file(path) as file:
        try:
            fcntl.flock(file.fileno(), fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


def open_source(path: Path) -> Source:
    """Open a recording, packed by gzip or not."""
    file = open_file(path)
    packed = file.read(2) == GZIP
    file.seek(0)
    return Packed(file) if packed else Plain(file)


class Plain:
    """A file as it is."""

    rest_lost: str | None = None

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def read(self) -> bytes:
        """Return the next bytes."""
        return self._file.read(READ_SIZE)

    def rewind(self) -> None:
        """Begin again."""
        self._file.seek(0)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class Packed:
    """A file in gzip's format, of one member or several."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.rewind()

    def rewind(self) -> None:
        """Begin again."""
        self._file.seek(0)
        self._stream = zlib.decompressobj(31)
        self._packed = b""
        self._read = self._given = 0
        self.rest_lost: str | None = None

    def read(self) -> bytes:
        """Return the next bytes, expanded; a bounded number however far they expand."""
        while self.rest_lost is None:
            if not self._packed:
                self._packed = self._file.read(16 * PIECE)
                self._read += len(self._packed)
            if self._stream.eof and self._packed:
                self._stream = zlib.decompressobj(31)
            held = bool(self._packed)
            if data := self._expand():
                return data
            if not held:
                break
        return b""

    def _expand(self) -> bytes:
        try:
            data = self._stream.decompress(self._packed[:PIECE], READ_SIZE)
        except zlib.error:
            self.rest_lost = "its gzip data are damaged"
            return b""
        left = self._stream.unused_data if self._stream.eof else self._stream.unconsumed_tail
        self._packed = left + self._packed[PIECE:]
        self._given += len(data)
        if self._given > max(FREE_BYTES, MOST_TIMES * self._read):
            self.rest_lost = "it expands further than any recording does"
            return b""
        return data

    def close(self) -> None:
        """Close the file."""
        self._file.close()
