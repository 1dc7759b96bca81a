"""Any stretch of a recording without the rest of it: chunks, what is in them, and checkpoints between them."""

from __future__ import annotations

import os
import tempfile
from bisect import bisect_right
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple, Protocol

from session.bodies import open_body
from session.codec import NotARecording
from session.events import Event, Header
from session.framed_index import FramedFile
from session.lines import events_of
from session.lost import Lost
from session.opening import Packed, open_file, open_source
from session.parts_of import next_part
from session.plain_index import PlainFile
from session.stretches import Checkpoint, Stretch


class Chunk(NamedTuple):
    """Events that can be read by themselves."""

    number: int
    """From 0, through all parts."""
    part: int
    """From 0: which file."""
    offset: int
    """Where it begins in that file."""
    from_s: float
    to_s: float
    """Instants of its events; neighbours may overlap by half a second."""


class File(Protocol):
    """One file of a recording, by stretches."""

    stretches: list[Stretch]
    checkpoints: list[Checkpoint]

    def lines(self, number: int) -> Iterator[list[bytes]]:
        """Give the lines of a stretch."""

    def blob(self, checkpoint: Checkpoint) -> tuple[str, bytes] | None:
        """Return a checkpoint's tag and blob, where they are sound."""

    @property
    def lost(self) -> list[Lost]:
        """What could not be read so far."""

    @property
    def goes_on(self) -> bool:
        """Whether the file says that another part follows."""

    def close(self) -> None:
        """Close the file."""


class Index:
    """A recording at random. Opening reads no events; of a growing recording it knows what was there then."""

    def __init__(self, header: Header, files: list[File], rest_lost: str | None = None) -> None:
        """``rest_lost`` says why nothing is known of what comes after the last file."""
        self._rest_lost = rest_lost
        self.header = header
        self._unread: dict[int, int] = {}
        self._files = files
        self.chunks = [
            Chunk(0, part, one.offset, one.from_s, one.to_s)
            for part, file in enumerate(files)
            for one in file.stretches
        ]
        self.chunks = [chunk._replace(number=number) for number, chunk in enumerate(self.chunks)]
        firsts = [sum(len(file.stretches) for file in files[:part]) for part in range(len(files))]
        self._firsts = firsts
        self._checkpoints = sorted(
            (one.t_s, firsts[part] + one.stretch, part, one)
            for part, file in enumerate(files)
            for one in file.checkpoints
        )

    @classmethod
    def open(cls, path: Path) -> Index:
        """Open a recording with all its parts; raise ``OSError`` or :class:`session.codec.NotARecording`."""
        files: list[File] = []
        header, file = _open_file(path)
        files.append(file)
        last = header
        while last.session is not None:
            path = next_part(path, last.part)
            try:
                following, file = _open_file(path)
            except (OSError, NotARecording):
                break
            if (following.session, following.part) != (last.session, last.part + 1):
                file.close()
                break
            files.append(file)
            last = following
        return cls(header, files, f"the next part, {path.name}, is missing" if files[-1].goes_on else None)

    @property
    def duration_s(self) -> float:
        """The last instant."""
        return max((chunk.to_s for chunk in self.chunks), default=0.0)

    @property
    def unread(self) -> int:
        """Lines that this version could not read, of the chunks that were read so far."""
        return sum(self._unread.values())

    @property
    def checkpoint_times(self) -> list[float]:
        """Instants of the checkpoints, whether or not this version can use them."""
        return [one[0] for one in self._checkpoints]

    @property
    def lost(self) -> list[Lost]:
        """Stretches that cannot be read, of what was read so far."""
        lost = [one for file in self._files for one in file.lost]
        return lost + ([Lost(self.duration_s, None, self._rest_lost)] if self._rest_lost is not None else [])

    def lines(self, chunk: Chunk) -> Iterator[list[bytes]]:
        """Give the lines of a chunk, a bounded number at a time."""
        return self._files[chunk.part].lines(chunk.number - self._firsts[chunk.part])

    def batches(self, from_chunk: int = 0, to_chunk: int | None = None) -> Iterator[list[Event]]:
        """Give the events of chunks ``from_chunk`` to before ``to_chunk``, a bounded number at a time, as written."""
        for chunk in self.chunks[from_chunk:to_chunk]:
            unread = 0
            for lines in self.lines(chunk):
                events, some = events_of(lines)
                unread += some
                yield events
            self._unread[chunk.number] = unread

    def events(self, from_chunk: int = 0, to_chunk: int | None = None) -> Iterator[Event]:
        """Give the events of chunks ``from_chunk`` to before ``to_chunk``, in the order they were written."""
        for batch in self.batches(from_chunk, to_chunk):
            yield from batch

    def checkpoint_before(self, t_s: float) -> tuple[float, str, bytes, int] | None:
        """Return instant, tag, blob and following chunk of the last sound checkpoint that is not after ``t_s``.

        It holds all that the chunks before the one returned come to; that chunk may be one beyond the last.
        """
        for at in range(bisect_right(self._checkpoints, t_s, key=lambda one: one[0]) - 1, -1, -1):
            when_s, chunk, part, one = self._checkpoints[at]
            found = self._files[part].blob(one)
            if found is not None:
                return when_s, *found, chunk
        return None

    def close(self) -> None:
        """Close the files."""
        for file in self._files:
            file.close()


def _open_file(path: Path) -> tuple[Header, File]:
    body = open_body(path)
    header, is_framed = body.header, body.framed
    body.close()
    file = _seekable(path)
    try:
        return header, FramedFile(file) if is_framed else PlainFile(file)
    except BaseException:
        file.close()
        raise


def _seekable(path: Path) -> BinaryIO:
    """Open a file to be read anywhere; one packed by gzip is expanded into a nameless one first."""
    source = open_source(path)
    if not isinstance(source, Packed):
        source.close()
        return open_file(path)
    expanded = tempfile.TemporaryFile(prefix="rooftop-", buffering=0)  # noqa: SIM115
    try:
        while data := source.read():
            os.write(expanded.fileno(), data)
    finally:
        source.close()
    return expanded
