"""A recording of format 1 by stretches: lines tell their own time, so looking at a few places will do."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import BinaryIO

from session.codec import MAX_LINE
from session.lines import Lines, time_of
from session.lost import Lost
from session.stretches import Checkpoint, Stretch

STRIDE = 1 << 20
LOOK = 1 << 14


class PlainFile:
    """Lines of text in a file that can be read anywhere."""

    goes_on = False

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._fd = file.fileno()
        self.checkpoints: list[Checkpoint] = []
        self.stretches = self._find()
        self._skipped: dict[int, int] = {}

    @property
    def lost(self) -> list[Lost]:
        """Nothing that would be known."""
        return []

    def lines(self, number: int) -> Iterator[list[bytes]]:
        """Give the lines of a stretch."""
        at, end = self.stretches[number][:2]
        lines = Lines()
        while at < end and (data := os.pread(self._fd, min(STRIDE, end - at), at)):
            at += len(data)
            yield lines.feed(data)

    def blob(self, checkpoint: Checkpoint) -> tuple[str, bytes] | None:
        """There are none."""
        del checkpoint
        return None

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _find(self) -> list[Stretch]:
        size = os.fstat(self._fd).st_size
        begins = [(os.pread(self._fd, MAX_LINE, 0).find(b"\n") + 1, 0.0)]
        for at in range(STRIDE, size, STRIDE):
            found = self._line_after(at, min(at + STRIDE, size))
            if found is not None and found[0] > begins[-1][0]:
                begins.append(found)
        last_s = max(self._last_s(size), begins[-1][1])
        ends = [*begins[1:], (size, last_s)]
        return [
            Stretch(offset, end, from_s, max(to_s, from_s))
            for (offset, from_s), (end, to_s) in zip(begins, ends, strict=True)
        ]

    def _line_after(self, at: int, end: int) -> tuple[int, float] | None:
        """Return where the first line that tells a time begins, between ``at`` and ``end``, and its time."""
        while at < end:
            data = os.pread(self._fd, LOOK, at)
            begin = data.find(b"\n") + 1
            while 0 < begin < len(data):
                t_s = time_of(data[begin : begin + 100])
                if t_s is not None:
                    return at + begin, t_s
                begin = data.find(b"\n", begin) + 1
            at += LOOK - 100
        return None

    def _last_s(self, size: int) -> float:
        data = os.pread(self._fd, MAX_LINE, max(0, size - MAX_LINE))
        times = [t_s for line in data.split(b"\n")[1:] if (t_s := time_of(line)) is not None]
        return max(times, default=0.0)
