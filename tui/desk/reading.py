"""Sums up recordings beside the screen, one at a time, the smallest first."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from session.catalogue import Entry
from tui.desk.ports import Library


class Summaries:
    """A thread that reads what nobody has read yet; ``take`` gives what it has read."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._read: list[Entry] = []
        self._lock = threading.Lock()

    def begin(self, entries: Sequence[Entry]) -> None:
        """Read these, unless others are being read."""
        if not entries or (self._thread is not None and self._thread.is_alive()):
            return
        waiting = sorted(entries, key=lambda entry: entry.size_bytes)
        self._thread = threading.Thread(target=self._work, args=(waiting,), daemon=True, name="desk-summaries")
        self._thread.start()

    def take(self) -> list[Entry]:
        """Return what was read since the last call."""
        with self._lock:
            done, self._read = self._read, []
        return done

    def stop(self) -> None:
        """Read no more."""
        self._stop.set()

    def _work(self, waiting: Sequence[Entry]) -> None:
        for entry in waiting:
            if self._stop.is_set():
                return
            done = self._library.summarise(entry, self._stop.is_set)
            with self._lock:
                self._read.append(done)
