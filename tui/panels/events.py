"""Everything that happened: notes, changes, warnings and errors, the chosen one in full."""

from __future__ import annotations

from session.view import LogLine
from tui.draw.clean import clean
from tui.draw.fmt import clock
from tui.lines import Block, Line, join, lpad, pad, say
from tui.listing import chosen, position, window
from tui.panels.log import MARKS
from tui.panels.text import wrap
from tui.scene import Scene

_TIME, _KIND = 8, 7
_LEAST_FOR_TEXT = 8
"""Lines from which the chosen event has its full text below."""


def events(scene: Scene, width: int, height: int) -> Block:
    """Return the events about the chosen one, oldest first; without a choice the newest."""
    snap = scene.snapshot
    corner = say(f"{snap.unread:,} lines of the recording not readable", "warn") if snap.unread else ()
    if not snap.log or height < 1:
        return Block((say("nothing yet", "dim"),)[: max(0, height)], say("Events", "title"), corner)
    at = chosen(scene.look, len(snap.log), from_end=True)
    full = _full(snap.log[at], width) if height >= _LEAST_FOR_TEXT else []
    shown = window(at, len(snap.log), height - len(full))
    rows = [_row(snap.log[i], width, chosen=i == at) for i in shown]
    blank: list[Line] = [()] * (height - len(full) - len(rows)) if full else []
    counted = say(position(shown, len(snap.log)) or f"{len(snap.log):,}", "text")
    return Block((*rows, *blank, *full), (("Events", "title"), *_counts(snap.log)), corner or counted)


def _counts(log: tuple[LogLine, ...]) -> Line:
    """Say how many there are of each kind that asks for attention."""
    kinds = (("error", "bad"), ("warning", "warn"), ("note", "accent"))
    counts = [(kind, role, sum(line.severity == kind for line in log)) for kind, role in kinds]
    said = join([say(f"{n:,} {kind}{'s' * (n > 1)}", role) for kind, role, n in counts if n])
    return (("  ", "text"), *said) if said else ()


def _row(line: LogLine, width: int, *, chosen: bool) -> Line:
    """Return one event: time, kind in words, and its text as far as it fits."""
    mark, role = MARKS.get(line.severity, ("·", "dim"))
    kind = pad(line.severity, _KIND) if width >= 60 else ""
    return (
        ("› " if chosen else "  ", "accent"),
        (lpad(clock(line.t_s), _TIME) + "  ", "dim"),
        (f"{mark} {kind}", role),
        (" " + clean(line.text), "bad" if line.severity == "error" else "value" if chosen else "text"),
    )


def _full(line: LogLine, width: int) -> list[Line]:
    """Return the whole text of an event where its row has no room for it."""
    text = clean(line.text)
    if len(text) + _TIME + _KIND + 7 <= width:
        return []
    return [say("─" * max(0, width), "border"), *(say(one, "text") for one in wrap(text, max(1, width), 4))]
