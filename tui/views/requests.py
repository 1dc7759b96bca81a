"""Requests: their latencies and their errors."""

from __future__ import annotations

from tui.layout import Cell, Place, Row, one, stack
from tui.panels.errors import errors
from tui.scene import Scene
from tui.views.view import View


def _arrange(width: int, height: int, scene: Scene) -> tuple[Place, ...]:
    del scene
    rows = (
        Row((Cell("tiles"),), 3, 3, 3, 0, plain=True),
        one("latency", 4, 6, 12, 1),
        one("errors", 2, 4, 60, 2, 1),
    )
    return stack(rows, width, height)


VIEW = View("requests", "Requests", _arrange, {"errors": errors}, order=("latency", "errors"))
