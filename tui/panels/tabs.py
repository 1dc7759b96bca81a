"""The line of views: which there are, which is on, and which of its panels is maximised."""

from __future__ import annotations

from collections.abc import Sequence

from tui.lines import Block, Line, fit, join, say, width_of
from tui.scene import Scene

_GAP = 1
Names = Sequence[tuple[str, str]]
"""Of the views: name and title."""


def tabs(views: Names, scene: Scene, width: int) -> Block:
    """Return the views with the key of each; where it is narrow, only the one that is on has its title."""
    items = _items(views, scene, width)
    line = join(items, " " * _GAP)
    if scene.look.large:
        key = scene.keys.first("restore")
        hints = (say(f"{key} shows all panels again", "dim"), say(f"{key} all", "dim"), ())
        line = join([line, next(hint for hint in hints if width_of(line) + width_of(hint) + 2 <= width or not hint)])
    return Block((fit(line, width),))


def tab_at(views: Names, scene: Scene, width: int, x: int) -> str | None:
    """Return the name of the view that is written at column ``x``."""
    start = 0
    for (name, _), item in zip(views, _items(views, scene, width), strict=True):
        if start <= x < start + width_of(item):
            return name
        start += width_of(item) + _GAP
    return None


def _items(views: Names, scene: Scene, width: int) -> list[Line]:
    full = [_item(name, title, scene) for name, title in views]
    if width_of(join(full, " " * _GAP)) <= width:
        return full
    return [_item(name, title if name == scene.look.view else "", scene) for name, title in views]


def _item(name: str, title: str, scene: Scene) -> Line:
    """Write a view; the one that is on stands in a block of colour and between brackets."""
    key = scene.keys.first(name)
    if name == scene.look.view:
        return say(f"[{key} {title}]", "ink/accent")
    return ((f" {key}", "key"), (f" {title}" if title else "", "dim"), (" ", "text"))
