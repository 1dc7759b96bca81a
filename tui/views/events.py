"""Events: the whole log, the errors by kind, and the sources of all figures."""

from __future__ import annotations

from tui.layout import Cell, Place, Row, is_wide, one, stack
from tui.panels.events import events
from tui.panels.sources import sources
from tui.scene import Scene
from tui.views.view import View


def _count(scene: Scene) -> int:
    return len(scene.snapshot.log)


def _arrange(width: int, height: int, scene: Scene) -> tuple[Place, ...]:
    del scene
    if is_wide(width):
        row = Row((Cell("events", 0.64), Cell("errors", 0.36, "sources", height // 2 - 2)), 6, 20, 300, 0, 1)
        return stack((row,), width, height)
    return stack(
        (one("events", 5, 10, 300, 0, 4), one("errors", 1, 3, 12, 1, 1), one("sources", 3, 4, 12, 2)), width, height
    )


VIEW = View(
    "events",
    "Events",
    _arrange,
    {"events": events, "sources": sources},
    order=("events", "errors", "sources"),
    listing="events",
    rows=_count,
)
