"""A recording of format 2 by chunks: links tell where they are; a file whose links are damaged is gone through."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import BinaryIO

from session.bodies import first_frame, split
from session.chunks import DAMAGED, Chunks, follows
from session.frames import (
    BEGIN,
    CHECKPOINT,
    EVENTS,
    HEAD_BYTES,
    LINK,
    LINK_BYTES,
    MARK,
    NEXT,
    Head,
    Link,
    head_at,
    sound,
    unpack_checkpoint,
    unpack_link,
)
from session.lost import Lost, added
from session.opening import READ_SIZE
from session.stretches import Checkpoint, Stretch
from session.unframing import Frame, Unframer

WINDOW = 1 << 16
_LINK_MARK = MARK + bytes([LINK])


class FramedFile:
    """Frames in a file that can be read anywhere."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._fd = file.fileno()
        self._size = os.fstat(self._fd).st_size
        self._lost: dict[int, list[Lost]] = {}
        self._lost_between: list[Lost] = []
        self.goes_on = False
        """Whether the file says that another part follows."""
        self.stretches: list[Stretch] = []
        self.checkpoints: list[Checkpoint] = []
        self._find()
        self._close_ends()

    @property
    def lost(self) -> list[Lost]:
        """What could not be read so far."""
        return self._lost_between + [one for number in sorted(self._lost) for one in self._lost[number]]

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

    def _find(self) -> None:
        """Find the chunks by their links, and by going through the frames where links are damaged or not there yet."""
        at, number = max(0, first_frame(os.pread(self._fd, READ_SIZE, 0))), 0
        for end, link in self._links():
            if link.chunk != number:
                self._scan(at, link.offset, link.from_s)
            self._add(link)
            at, number = end, link.chunk + 1
        self._scan(at, self._size)

    def _links(self) -> list[tuple[int, Link]]:
        """Return the links in order, each with where it ends."""
        found: list[tuple[int, Link]] = []
        at = self._link_before(self._size)
        while at:
            frame = self._frame_at(at)
            link = None if frame is None or frame[0].kind != LINK else unpack_link(frame[1])
            if link is None or link.before >= at or not self._begins_at(link.offset):
                at = self._link_before(at)
                continue
            found.append((at + HEAD_BYTES + LINK_BYTES, link))
            at = link.before
        return found[::-1]

    def _link_before(self, end: int) -> int:
        """Return where the last sound link before ``end`` begins; 0 where there is none."""
        while end > 0:
            begin = max(0, end - WINDOW)
            data = os.pread(self._fd, end - begin + len(_LINK_MARK) - 1, begin)
            at = data.rfind(_LINK_MARK)
            while at >= 0:
                if self._frame_at(begin + at) is not None:
                    return begin + at
                at = data.rfind(_LINK_MARK, 0, at)
            end = begin
        return 0

    def _begins_at(self, at: int) -> bool:
        head = head_at(os.pread(self._fd, HEAD_BYTES, at))
        return head is not None and head.kind == BEGIN

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

    def _scan(self, at: int, end: int, next_s: float = 0.0) -> None:
        """Add the chunks between two places by going through their frames."""
        inside, damaged, lost_s, number = False, False, None, None
        for offset, head, _ in self._frames(at, end):
            if head is None:
                damaged = True
                continue
            if (damaged and number is None) or not follows(number, head):
                inside, lost_s = False, self._last_s if lost_s is None else lost_s
            damaged, number = False, head.number
            if head.kind == NEXT:
                self.goes_on = True
            elif head.kind == CHECKPOINT:
                self.checkpoints.append(Checkpoint(head.from_s, offset, len(self.stretches)))
            elif head.kind == BEGIN:
                if lost_s is not None:
                    added(self._lost_between, Lost(lost_s, max(lost_s, head.from_s), DAMAGED))
                self.stretches.append(Stretch(offset, 0, head.from_s, head.to_s))
                inside, lost_s = True, None
            elif head.kind == EVENTS and inside:
                last = self.stretches[-1]
                self.stretches[-1] = last._replace(to_s=max(last.to_s, head.to_s))
        if damaged and lost_s is None:
            lost_s = self._last_s
        if lost_s is not None:
            added(self._lost_between, Lost(lost_s, None if end == self._size else next_s, DAMAGED))

    @property
    def _last_s(self) -> float:
        return self.stretches[-1].to_s if self.stretches else 0.0
