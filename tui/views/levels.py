"""Levels: a table of all of them, the chosen one in words, and their chart."""

from __future__ import annotations

from tui.layout import Cell, Place, Row, is_wide, one, stack
from tui.levelorder import SORTABLE
from tui.panels.leveldetail import level_detail
from tui.panels.leveltable import level_table
from tui.scene import Scene
from tui.views.view import View

_VERY_WIDE = 230
"""Cells from which the chart has room beside the table."""
_TABLE = 170
_HEADS = 2


def _count(scene: Scene) -> int:
    return len(scene.snapshot.levels)


def _arrange(width: int, height: int, scene: Scene) -> tuple[Place, ...]:
    want = min(24, _HEADS + max(1, _count(scene)))
    if width >= _VERY_WIDE:
        part = _TABLE / width
        beside = Cell("level_table", part, "level_detail", min(want, height // 2))
        return stack((Row((beside, Cell("level", 1 - part)), 8, 8, 300, 0, 1),), width, height)
    if is_wide(width):
        below = Row((Cell("level", 0.5), Cell("level_detail", 0.5)), 6, 12, 300, 1, 1)
        return stack((one("level_table", 4, want, want, 0), below), width, height)
    table = one("level_table", 4, want, 300, 0, 1)
    return stack((table, one("level_detail", 2, 5, 14, 1, 1), one("level", 6, 8, 24, 2, 2)), width, height)


VIEW = View(
    "levels",
    "Levels",
    _arrange,
    {"level_table": level_table, "level_detail": level_detail},
    order=("level_table", "level", "level_detail"),
    listing="level_table",
    rows=_count,
    columns=SORTABLE,
)
