"""Requests: those that ended, the slowest, how latencies are distributed and lie over time, and the errors."""

from __future__ import annotations

from tui.layout import Cell, Place, Row, is_wide, one, stack
from tui.panels.errors import errors
from tui.panels.histograms import histograms
from tui.panels.requesttable import COLUMNS, listed, request_table
from tui.panels.scatter import scatter
from tui.panels.slowest import slowest
from tui.scene import Scene
from tui.views.view import View

_KINDS_SHOWN = 6


def _arrange(width: int, height: int, scene: Scene) -> tuple[Place, ...]:
    kinds = min(_KINDS_SHOWN, len(scene.snapshot.finished.kinds))
    return stack(_wide_rows(kinds) if is_wide(width) else _narrow_rows(kinds), width, height)


def _wide_rows(kinds: int) -> tuple[Row, ...]:
    return (
        Row((Cell("scatter", 0.58), Cell("histograms", 0.42)), 5, 16, 60, 1, 2),
        Row((Cell("requests", 0.58), Cell("slowest", 0.42)), 4, 12, 60, 0, 3),
        one("errors", 1, max(1, 2 * kinds), max(1, 2 * kinds), 2),
    )


def _narrow_rows(kinds: int) -> tuple[Row, ...]:
    return (
        one("histograms", 4, 4, 12, 2),
        one("scatter", 4, 6, 40, 1, 2),
        one("requests", 3, 5, 40, 0, 2),
        one("errors", 1, max(1, min(3, kinds)), max(1, kinds), 3),
    )


def _rows(scene: Scene) -> int:
    return len(listed(scene))


VIEW = View(
    "requests",
    "Requests",
    _arrange,
    {
        "requests": request_table,
        "slowest": slowest,
        "histograms": histograms,
        "scatter": scatter,
        "errors": errors,
    },
    order=("requests", "scatter", "histograms", "slowest", "errors"),
    listing="requests",
    rows=_rows,
    columns=COLUMNS,
    spans=True,
)
