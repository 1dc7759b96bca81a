"""Three lines for whoever starts it for the first time: what to press while there is nothing to see."""

from __future__ import annotations

from tui.lines import Line
from tui.scene import Scene


def is_start(scene: Scene) -> bool:
    """Whether a live session has neither load nor anything measured."""
    snap = scene.snapshot
    return scene.tape is None and scene.target == 0 and not (snap.requests or snap.in_flight or snap.levels)


def start_lines(scene: Scene) -> tuple[Line, ...]:
    """Return the lines, with the keys as they are bound."""
    key = scene.keys.first
    views = f"{key('overview')}–{key('events')} {key('next_view')}"
    load = ((key("double"), "starts load at 1 and doubles it,"), (key("halve"), "halves it,"), (key("type"), "sets it"))
    view = ((views, "change the view,"), (key("maximise"), "makes a panel large"))
    more = ((key("help"), "lists all keys and says what the figures mean,"), (key("quit"), "quits"))
    return _line(*load), _line(*view), _line(*more)


def _line(*parts: tuple[str, str]) -> Line:
    return tuple(span for sign, text in parts for span in ((f" {sign} ", "key"), (text, "dim")))
