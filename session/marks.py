"""The instants of a session that a person would go to: its levels, notes and troubles."""

from __future__ import annotations

import msgspec

from session.events import Event, Lengths, Level, Log, Note, Request, Source

MARKS_KEPT = 2000
"""The first ones; a session with more of them is a script's."""
TEXT_KEPT = 80
ERRORS_APART_S = 10.0
"""Errors of one kind that follow each other faster are one event."""


class Mark(msgspec.Struct, array_like=True, frozen=True):
    """An instant with a name."""

    t_s: float
    kind: str
    """``level``, ``note``, ``warning`` or ``error``."""
    text: str
    """Of a level its amount: ``16``, ``8/s``, ``×2``. Else what was written: text of users and servers, not cleaned."""


class Marks(msgspec.Struct, array_like=True):
    """All of them, in the order in which they came."""

    all: list[Mark] = []
    amount: str = "0"
    """Of the level that is on."""
    errors: dict[str, float] = {}
    """When an error of each kind was seen last."""

    def take(self, event: Event) -> None:
        """Take in an event."""
        mark = self._mark(event)
        if mark is not None and len(self.all) < MARKS_KEPT:
            self.all.append(mark)

    def _mark(self, event: Event) -> Mark | None:
        match event:
            case Request(error=str(error)) if error != "cancelled":
                before, self.errors[error] = self.errors.get(error), event.t_s
                new = before is None or event.t_s - before > ERRORS_APART_S
                return _named(event.t_s, "error", error) if new else None
            case Level():
                self.amount = amount_text(event)
                return _named(event.t_s, "level", self.amount)
            case Lengths():
                return _named(event.t_s, "level", self.amount)
            case Note():
                return _named(event.t_s, "note", event.text)
            case Log(severity="warning" | "error"):
                return _named(event.t_s, event.severity, event.text)
            case Source(ok=False):
                return _named(event.t_s, "warning", event.reason or f"{event.source} is missing")
        return None


def _named(t_s: float, kind: str, text: str) -> Mark:
    return Mark(t_s, kind, text[:TEXT_KEPT])


def amount_text(level: Level) -> str:
    """Say how much load: requests in flight, ``8/s``, or a trace's speed, ``×2``."""
    if level.speed is not None:
        return f"×{level.speed:g}" if level.speed else "0"
    return str(level.concurrency) if level.rate is None else f"{level.rate:g}/s"
