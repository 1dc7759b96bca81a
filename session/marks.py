"""The instants of a recording that one wants to go to: its levels, notes and troubles."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from session.events import Event, Lengths, Level, Log, Note, Request, Source

ERRORS_APART_S = 10.0
"""Errors of one kind that follow each other faster are one event."""


@dataclass(frozen=True, slots=True)
class Mark:
    """An instant with a name."""

    t_s: float
    kind: str
    """``level``, ``note``, ``warning`` or ``error``."""
    text: str
    """Of a level its amount: ``16``, ``8/s``, ``×2``. Else what was written: text of users and servers, not cleaned."""


class Marks:
    """Collects the marks of events as they come."""

    def __init__(self) -> None:
        self._found: list[Mark] = []
        self._tuple: tuple[Mark, ...] = ()
        self._amount = "0"
        self._errors: dict[str, float] = {}

    @property
    def found(self) -> tuple[Mark, ...]:
        """All marks so far, in order of time; the same object until there are more."""
        if len(self._tuple) != len(self._found):
            self._tuple = tuple(sorted(self._found, key=lambda mark: mark.t_s))
        return self._tuple

    def add_all(self, events: Iterable[Event]) -> None:
        """Take in events."""
        for event in events:
            if (mark := self._mark(event)) is not None:
                self._found.append(mark)

    def _mark(self, event: Event) -> Mark | None:
        match event:
            case Request(error=str(error)) if error != "cancelled":
                before, self._errors[error] = self._errors.get(error), event.t_s
                new = before is None or event.t_s - before > ERRORS_APART_S
                return Mark(event.t_s, "error", error) if new else None
            case Level():
                self._amount = amount_text(event)
                return Mark(event.t_s, "level", self._amount)
            case Lengths():
                return Mark(event.t_s, "level", self._amount)
            case Note():
                return Mark(event.t_s, "note", event.text)
            case Log(severity="warning" | "error"):
                return Mark(event.t_s, event.severity, event.text)
            case Source(ok=False):
                return Mark(event.t_s, "warning", event.reason or f"{event.source} is missing")
        return None


def marks_of(events: Iterable[Event]) -> tuple[Mark, ...]:
    """Return the marks of a whole recording, in order of time."""
    marks = Marks()
    marks.add_all(events)
    return marks.found


def amount_text(level: Level) -> str:
    """Say how much load: requests in flight, ``8/s``, or a trace's speed, ``×2``."""
    if level.speed is not None:
        return f"×{level.speed:g}" if level.speed else "0"
    return str(level.concurrency) if level.rate is None else f"{level.rate:g}/s"
