"""Keeps the events of a session: into the recording, and in memory while that cannot be written."""

from __future__ import annotations

from collections.abc import Callable

from session.codec import MAX_LINE, encode
from session.events import Event, Log
from session.recording import Writer
from session.saving import Made, Saver

WRITE_S = 0.2
"""Events are gathered for so long: each write costs a frame."""
AGAIN_S = 1.0
"""A recording that cannot be written is tried again after so long."""
HELD_BYTES = 64 << 20
"""Events that wait in memory for a full disk, at most: above an hour of a busy session."""


class Keeper:
    """Writes events. A disk that is full stops nothing; :attr:`trouble` says so until there is room again."""

    def __init__(self, writer: Writer, say: Callable[[str | None], None], saver: Saver | None = None) -> None:
        """Write to ``writer``; ``say`` hears of a trouble in a line for the user, and ``None`` when it is over.

        ``saver`` folds what is written and makes checkpoints of it.
        """
        self._writer = writer
        self._saver = saver
        self._say = say
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0
        self._due_s = 0.0
        self._dropped = 0
        self._dropped_from_s = 0.0
        self.trouble: str | None = None
        """Why events are not in the recording."""

    def keep(self, events: list[Event], now_s: float) -> None:
        """Take over events, and write when it is time."""
        for event in events:
            self._hold(event)
        if self._waiting and now_s >= self._due_s:
            self._write(now_s)

    def close(self, now_s: float) -> None:
        """Write what is left and close the recording."""
        if self._waiting:
            self._write(now_s)
        if self._saver is not None and not self._waiting:
            self._checkpoint(self._saver.last())
        self._writer.close()

    def _hold(self, event: Event) -> None:
        line = encode(event)
        if self._waiting_bytes > HELD_BYTES or len(line) > MAX_LINE:
            self._dropped_from_s = self._dropped_from_s if self._dropped else event.t_s
            self._dropped += 1
            return
        self._waiting.append(line)
        self._waiting_bytes += len(line)
        if self._saver is not None:
            self._saver.add(event, len(line))

    def _checkpoint(self, made: Made | None) -> None:
        if made is not None:
            try:
                self._writer.checkpoint(*made)
            except OSError:  # the recording is whole without it
                if self._saver is not None:
                    self._saver.lost()

    def _write(self, now_s: float) -> None:
        try:
            self._writer.append(self._waiting)
        except OSError as error:
            self._wait(self._writer.left)
            self._due_s = now_s + AGAIN_S
            self._tell(f"the recording cannot be written on: {error.strerror}; what it holds so far is kept")
            return
        self._wait([])
        self._due_s = now_s + WRITE_S
        if self._saver is not None:
            self._checkpoint(self._saver.due())
        if self.trouble is not None or self._dropped:
            self._tell(None)
            self._own_up(now_s)

    def _wait(self, lines: list[bytes]) -> None:
        self._waiting, self._waiting_bytes = lines, sum(map(len, lines))

    def _tell(self, trouble: str | None) -> None:
        if trouble != self.trouble:
            self.trouble = trouble
            self._say(trouble)

    def _own_up(self, now_s: float) -> None:
        """Say in the recording what it does not hold."""
        text = "the recording could not be written for a while; all of it is here"
        if self._dropped:
            text = (
                f"not in the recording, for want of room: {self._dropped:,} events "
                f"from {self._dropped_from_s:.0f} s to {now_s:.0f} s"
            )
        self._dropped = 0
        self._hold(Log(t_s=now_s, severity="warning", text=text))
