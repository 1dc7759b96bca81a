"""Errors by kind, and the last one with its text."""

from __future__ import annotations

from tui.draw.clean import clean
from tui.draw.fmt import clock, whole
from tui.lines import Block, Line, lpad, say
from tui.panels.text import wrap
from tui.scene import Scene

_TITLE = say("Errors by kind", "title")


def errors(scene: Scene, width: int, height: int) -> Block:
    """Return a row for each kind, the most frequent first, then what the last one said."""
    snap = scene.snapshot
    ranked = sorted(((kind, n) for kind, n in snap.errors.items() if n), key=lambda item: (-item[1], item[0]))
    if not ranked:
        return Block((say("none", "good"),) if height > 0 else (), _TITLE)
    last = _last(scene, width, 3)
    rows: list[Line] = [((lpad(whole(n), 7), "bad"), (f"  {clean(kind)}", "text")) for kind, n in ranked]
    room = max(1, height - len(last))
    return Block(
        (*rows[:room], *last)[: max(0, height)], _TITLE, say(f"{whole(sum(snap.errors.values()))} in all", "bad")
    )


def _last(scene: Scene, width: int, most: int) -> list[Line]:
    last = scene.snapshot.last_error
    if last is None:
        return []
    lead = f"last, at {clock(last.t_s)}: "
    first, *more = wrap(clean(last.text), max(1, width - len(lead)), most) or [""]
    return [((lead, "dim"), (first, "bad")), *(say(" " * len(lead) + line, "bad") for line in more)]
