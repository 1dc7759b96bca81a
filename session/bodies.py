"""What a file holds behind its first bytes: lines of format 1, or frames of format 2; packed by gzip or not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from session.chunks import Chunks
from session.codec import MAX_LINE, NotARecording, decode_header
from session.events import FORMAT, Header
from session.frames import HEADER, MARK, NEXT, TITLE, head_at, unpack
from session.lines import Lines, time_of
from session.lost import Lost
from session.opening import READ_SIZE, Source, open_source
from session.unframing import Unframer

NO_RECORDING = "this is not a rooftop recording (its first line is no header)"


class Body(Protocol):
    """The lines of one file."""

    header: Header
    header_line: bytes
    framed: bool
    """Whether it is of format 2."""

    @property
    def skipped(self) -> int:
        """Lines too long to be events."""

    @property
    def lost(self) -> list[Lost]:
        """What cannot be read."""

    @property
    def last_s(self) -> float:
        """The last instant that was read."""

    @property
    def goes_on(self) -> bool:
        """Whether the file says that another part follows."""

    def more(self) -> Iterator[list[bytes]]:
        """Give the lines that are whole now and were not given before, without their ends."""

    def close(self) -> None:
        """Close the file."""


def open_body(path: Path) -> Body:
    """Open a file; raise ``OSError`` or :class:`NotARecording`."""
    source = open_source(path)
    try:
        begin = source.read()
        if not begin:
            raise NotARecording(source.rest_lost or "the recording is empty")
        source.rewind()
        return _body(source, begin)
    except BaseException:
        source.close()
        raise


def first_frame(begin: bytes) -> int:
    """Return where the first frame is in a file that begins so; -1: there is none."""
    at = begin.find(MARK)
    while at >= 0 and head_at(begin, at) is None:
        at = begin.find(MARK, at + 1)
    return at


def _body(source: Source, begin: bytes) -> Body:
    is_framed = begin.startswith(TITLE) or (not begin.startswith(b"{") and first_frame(begin) >= 0)
    return Framed(source, begin) if is_framed else Plain(source)


class Plain:
    """Format 1: a header line, then a line for each event."""

    framed = False
    goes_on = False

    def __init__(self, source: Source) -> None:
        self._source = source
        self._lines = Lines()
        self._last_s = 0.0
        begin = b""
        while b"\n" not in begin and len(begin) <= MAX_LINE and (data := source.read()):
            begin += data
        self.header_line, end, rest = begin.partition(b"\n")
        if not end or len(self.header_line) > MAX_LINE:
            cut = begin.startswith(b'{"type":"header"') and len(begin) <= MAX_LINE
            raise NotARecording(
                "the recording is cut inside its first line: nothing was recorded yet" if cut else NO_RECORDING
            )
        self.header = decode_header(self.header_line)
        self._rest = rest

    @property
    def skipped(self) -> int:
        """Lines too long to be events."""
        return self._lines.skipped

    @property
    def lost(self) -> list[Lost]:
        """What cannot be read."""
        return [] if self._source.rest_lost is None else [Lost(self._last_s, None, self._source.rest_lost)]

    @property
    def last_s(self) -> float:
        """The last instant that was read."""
        return self._last_s

    def more(self) -> Iterator[list[bytes]]:
        """Give the lines that are new."""
        data, self._rest = self._rest, b""
        while data or (data := self._source.read()):
            lines, data = self._lines.feed(data), b""
            if lines:
                self._last_s = max(self._last_s, time_of(lines[-1]) or 0.0)
                yield lines

    def close(self) -> None:
        """Close the file."""
        self._source.close()


class Framed:
    """Format 2: frames."""

    framed = True

    def __init__(self, source: Source, begin: bytes) -> None:
        self._source = source
        self._skipped = 0
        self._goes_on = False
        self.header, self.header_line = _find_header(source, begin)
        source.rewind()
        self._begin = max(0, first_frame(begin))
        self._chunks = Chunks(first=True)
        self._unframer = Unframer(self._begin)

    @property
    def skipped(self) -> int:
        """Lines too long to be events."""
        return self._skipped

    @property
    def lost(self) -> list[Lost]:
        """What cannot be read."""
        rest = self._source.rest_lost
        return self._chunks.lost + ([] if rest is None else [Lost(self._chunks.last_s, None, rest)])

    @property
    def last_s(self) -> float:
        """The last instant that was read."""
        return self._chunks.last_s

    @property
    def goes_on(self) -> bool:
        """Whether the file says that another part follows."""
        return self._goes_on

    def more(self) -> Iterator[list[bytes]]:
        """Give the lines that are new."""
        while data := self._source.read():
            if self._begin:
                data, self._begin = data[self._begin :], max(0, self._begin - len(data))
            for frame in self._unframer.feed(data):
                self._goes_on |= frame.head is not None and frame.head.kind == NEXT
                for block in self._chunks.take(frame):
                    yield self._split(block)

    def close(self) -> None:
        """Close the file."""
        self._source.close()

    def _split(self, block: bytes) -> list[bytes]:
        lines, skipped = split(block)
        self._skipped += skipped
        return lines


def split(block: bytes) -> tuple[list[bytes], int]:
    """Return the lines of a block of whole ones, and how many were too long."""
    lines = [line for line in block.split(b"\n") if line]
    short = [line for line in lines if len(line) <= MAX_LINE]
    return short, len(lines) - len(short)


def _find_header(source: Source, begin: bytes) -> tuple[Header, bytes]:
    """Return the header; every chunk begins with a copy, for the case that the first is damaged."""
    unframer = Unframer()
    while data := source.read():
        for frame in unframer.feed(data):
            if frame.head is not None and frame.head.kind == HEADER and frame.head.expanded_bytes <= MAX_LINE:
                line = unpack(frame.head, frame.payload)
                if line is not None:
                    return decode_header(line), line.rstrip(b"\n")
    raise NotARecording(_why_headless(begin))


def _why_headless(begin: bytes) -> str:
    digits = re.match(re.escape(TITLE) + rb"(\d{1,6})", begin)
    if digits and int(digits[1]) > FORMAT:
        return (
            f"the recording has format {int(digits[1])}; this version reads up to {FORMAT}: upgrade rooftop to open it"
        )
    if len(begin) < READ_SIZE:
        return "the recording is cut inside its header: nothing was recorded yet"
    return "the recording's header is damaged, and so is every copy of it"
