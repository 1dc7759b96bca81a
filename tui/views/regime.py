"""Regime: why a step takes as long as it does, what it could take, and how that moves with the batch."""

from __future__ import annotations

from tui.layout import Cell, Place, Row, is_wide, one, stack
from tui.panels.budget import budget
from tui.panels.predicted import predicted
from tui.panels.scaling import scaling_chart
from tui.scene import Scene
from tui.views.view import View


def _arrange(width: int, height: int, scene: Scene) -> tuple[Place, ...]:
    del scene
    if is_wide(width):
        rows: tuple[Row, ...] = (
            Row((Cell("verdict", 0.5), Cell("budget", 0.5)), 4, 10, 13, 1, 1),
            Row((Cell("roofline", 0.5), Cell("scaling", 0.5)), 6, 11, 60, 0, 4),
            Row((Cell("level", 0.5), Cell("predicted", 0.5)), 5, 8, 24, 2, 2),
        )
    else:
        rows = (
            one("verdict", 2, 2, 8, 1, 1),
            one("budget", 5, 8, 9, 2),
            one("roofline", 5, 8, 60, 0, 3),
            one("scaling", 5, 8, 24, 3, 2),
            one("predicted", 3, 7, 12, 4),
            one("level", 6, 8, 24, 5, 2),
        )
    return stack(rows, width, height)


VIEW = View(
    "regime",
    "Regime",
    _arrange,
    {"budget": budget, "scaling": scaling_chart, "predicted": predicted},
    order=("roofline", "budget", "scaling", "level", "predicted", "verdict"),
)
