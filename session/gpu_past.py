"""The GPUs' past of a whole recording, read beside the play: of all lines only those of the GPUs are decoded."""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter

from session.codec import decode
from session.events import GpuSample
from session.gpu_history import GpuHistory
from session.index import Index

SECONDS_BYTES = 32 << 20
"""For second by second: a day of eight GPUs."""
_BEGIN = b'{"type":"gpus"'


class GpuPast:
    """Fills one history for all states of a recording, a slice of time at a time."""

    def __init__(self, index: Index) -> None:
        self.history = GpuHistory(seconds_bytes=SECONDS_BYTES)
        self._lines: Iterator[list[bytes]] | None = (lines for chunk in index.chunks for lines in index.lines(chunk))

    def fill(self, within_s: float) -> bool:
        """Read on for about ``within_s`` seconds; return whether all of it is there."""
        deadline = perf_counter() + within_s
        while self._lines is not None and perf_counter() < deadline:
            lines = next(self._lines, None)
            if lines is None:
                self._lines = None
                break
            for line in lines:
                if line.startswith(_BEGIN) and isinstance(event := decode(line), GpuSample):
                    self.history.add(event)
        return self._lines is None
