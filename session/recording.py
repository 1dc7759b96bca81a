"""Recordings on disk: append, read whole, follow while they grow.

A recording is a header line and one event a line. It is written append-only with mode 0600 and flushed
within half a second; a reader takes whole lines only, so a file cut at any byte opens.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from pathlib import Path

from session.codec import MAX_LINE, NotARecording, decode, decode_header, encode
from session.events import Event, Header

READ_SIZE = 1 << 20


class Writer:
    """Appends events to a new file.

    Raises ``FileExistsError`` where the file is there already and ``OSError`` where it cannot be written;
    a failed append may leave a torn last line, which readers skip.
    """

    def __init__(self, path: Path, header: Header) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
        self.path = path
        self._fd = os.open(path, flags, 0o600)
        with contextlib.suppress(OSError):  # not every file system has locks
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)  # says that it is being written
        self._write(encode(header))

    def append(self, lines: list[bytes]) -> None:
        """Write whole lines in one call."""
        self._write(b"".join(lines))

    def close(self) -> None:
        """Close the file; safe to call twice."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(self._fd, view) :]


class Reader:
    """Reads a recording from its start, and on as it grows.

    Raises ``OSError`` where the file cannot be opened and :class:`NotARecording` where it is none.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.unread = 0
        """Lines that this version could not read."""
        self._tail = b""
        self._skipping = False
        self._file = path.open("rb")
        try:
            self.header = self._read_header()
        except BaseException:
            self._file.close()
            raise

    def poll(self) -> list[Event]:
        """Return the events that were added since the last call."""
        events: list[Event] = []
        while data := self._file.read(READ_SIZE):
            self._take(data, events)
        return events

    def part(self) -> list[Event] | None:
        """Return the events of the next mebibyte; ``None`` at the present end of the file."""
        events: list[Event] = []
        if not (data := self._file.read(READ_SIZE)):
            return None
        self._take(data, events)
        return events

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _read_header(self) -> Header:
        line = self._file.readline(MAX_LINE)
        if not line.endswith(b"\n"):
            raise NotARecording(
                "the recording is cut inside its first line: nothing was recorded yet"
                if line.startswith(b'{"type":"header"')
                else "this is not a rooftop recording (its first line is no header)"
                if line
                else "the recording is empty"
            )
        return decode_header(line)

    def _take(self, data: bytes, events: list[Event]) -> None:
        *whole, self._tail = (self._tail + data).split(b"\n")
        for line in whole:
            if self._skipping:
                self._skipping = False
            elif line:
                event = decode(line)
                if event is None:
                    self.unread += 1
                else:
                    events.append(event)
        if len(self._tail) > MAX_LINE:
            self.unread += not self._skipping
            self._tail = b""
            self._skipping = True
