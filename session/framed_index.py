"""A recording of format 2 by chunks: links tell where they are; a file whose links are damaged is gone through."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import BinaryIO

from session.bodies import first_frame, split
from session.chunks import DAMAGED, Chunks, Lost
from session.frames import (
    BEGIN,
    CHECKPOINT,
    EVENTS,
    HEAD_BYTES,
    LINK,
    LINK_BYTES,
    MARK,
    Head,
    Link,
    head_at,
    sound,
    unpack_checkpoint,
    unpack_link,
)
from session.opening import READ_SIZE
from session.stretches import Checkpoint, Stretch
from session.unframing import Frame, Unframer

WINDOW = 1 << 16


class FramedFile:
    """Frames in a file that can be read anywhere."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._fd = file.fileno()
        self._size = os.fstat(self._fd).st_size
        self._lost: dict[int, list[Lost]] = {}
        self.stretches: list[Stretch] = []
        self.checkpoints: list[Checkpoint] = []
        links = self._links()
        if links is None:
            self._scan(first_frame(os.pread(self._fd, READ_SIZE, 0)))
        else:
            for _, link in links:
                self._add(link)
            self._scan(links[-1][0])
        self._close_ends()

    @property
    def lost(self) -> list[Lost]:
        """What could not be read so far."""
        return [one for number in sorted(self._lost) for one in self._lost[number]]

    def lines(self, number: int) -> Iterator[list[bytes]]:
        """Give the lines of a chunk."""
        at, end, from_s, to_s = self.stretches[number]
        chunks = Chunks(from_s)
        try:
            for frame in self._frames(at, end):
                if frame.head is not None and frame.head.kind == LINK:
                    break
                for block in chunks.take(frame):
                    yield split(block)[0]
        finally:
            lost = [one if one.to_s is not None else one._replace(to_s=to_s) for one in chunks.lost]
            self._lost[number] = lost

    def blob(self, checkpoint: Checkpoint) -> tuple[str, bytes] | None:
        """Return a checkpoint's tag and blob, where they are sound."""
        found = self._frame_at(checkpoint.offset)
        return None if found is None or found[0].kind != CHECKPOINT else unpack_checkpoint(*found)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _add(self, link: Link) -> None:
        if link.checkpoint:
            self.checkpoints.append(Checkpoint(link.checkpoint_s, link.checkpoint, len(self.stretches)))
        self.stretches.append(Stretch(link.offset, 0, link.from_s, link.to_s))

    def _close_ends(self) -> None:
        ends = [*(one.offset for one in self.stretches[1:]), self._size]
        self.stretches = [one._replace(end=end) for one, end in zip(self.stretches, ends, strict=False)]

    def _links(self) -> list[tuple[int, Link]] | None:
        """Return the links in order, each with where it ends; ``None`` where their chain is broken, or empty."""
        at = self._last_link()
        found: list[tuple[int, Link]] = []
        while at:
            frame = self._frame_at(at)
            link = None if frame is None or frame[0].kind != LINK else unpack_link(frame[1])
            if link is None or link.before >= at or (found and found[-1][1].chunk != link.chunk + 1):
                return None
            found.append((at + HEAD_BYTES + LINK_BYTES, link))
            at = link.before
        return found[::-1] if found and found[-1][1].chunk == 0 else None

    def _last_link(self) -> int:
        end = self._size
        while end > 0:
            begin = max(0, end - WINDOW)
            data = os.pread(self._fd, end - begin + HEAD_BYTES + LINK_BYTES, begin)
            at = data.rfind(MARK + bytes([LINK]))
            while at >= 0:
                if self._frame_at(begin + at) is not None:
                    return begin + at
                at = data.rfind(MARK + bytes([LINK]), 0, at)
            end = begin
        return 0

    def _frame_at(self, at: int) -> tuple[Head, bytes] | None:
        head = head_at(os.pread(self._fd, HEAD_BYTES, at))
        if head is None:
            return None
        payload = os.pread(self._fd, head.payload_bytes, at + HEAD_BYTES)
        return (head, payload) if sound(head, payload) else None

    def _frames(self, at: int, end: int) -> Iterator[Frame]:
        unframer = Unframer(at)
        while at < end and (data := os.pread(self._fd, min(READ_SIZE, end - at), at)):
            at += len(data)
            yield from unframer.feed(data)

    def _scan(self, at: int) -> None:
        """Add the chunks from ``at`` to the end by going through their frames."""
        inside = False
        for offset, head, _ in self._frames(at, self._size):
            if head is None:
                self._lost.setdefault(-1, [Lost(self._last_s, None, DAMAGED)])
            elif head.kind == CHECKPOINT:
                self.checkpoints.append(Checkpoint(head.from_s, offset, len(self.stretches)))
            elif head.kind == BEGIN:
                self.stretches.append(Stretch(offset, 0, head.from_s, head.to_s))
                inside = True
            elif head.kind == EVENTS and inside:
                last = self.stretches[-1]
                self.stretches[-1] = last._replace(to_s=max(last.to_s, head.to_s))

    @property
    def _last_s(self) -> float:
        return self.stretches[-1].to_s if self.stretches else 0.0
