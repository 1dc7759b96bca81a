"""What happened: notes, changes, warnings and errors."""

from __future__ import annotations

from session.lost import lost_lines
from session.view import LogLine, Snapshot
from tui.draw.clean import clean
from tui.draw.fmt import clock
from tui.lines import Block, Line, lpad, say
from tui.scene import Scene

MARKS = {"note": ("✎", "accent"), "warning": ("!", "warn"), "error": ("✗", "bad")}
"""Sign and role of a kind of event, the gravest last."""


def log(scene: Scene, width: int, height: int) -> Block:
    """Return the newest lines, the newest last."""
    del width
    snap = scene.snapshot
    lines = tuple(log_line(line, 5) for line in snap.log[-height:]) if height > 0 else ()
    corner = say("; ".join(_unreadable(snap)), "warn")
    return Block(lines or (say("nothing yet", "dim"),), say("Log", "title"), corner)


def _unreadable(snap: Snapshot) -> list[str]:
    """Return what of the recording cannot be read, the first stretch by its time."""
    said = [f"{snap.unread:,} lines of the recording not readable"] if snap.unread else []
    return said + [clean(line) for line in lost_lines(snap.lost)[:1]]


def log_line(line: LogLine, width: int = 0) -> Line:
    """Return one line with its time and a mark of its kind."""
    mark, role = MARKS.get(line.severity, ("·", "dim"))
    text = "bad" if line.severity == "error" else "text"
    return ((lpad(clock(line.t_s), width) + " ", "dim"), (mark + " ", role), (clean(line.text), text))
