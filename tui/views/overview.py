"""Everything at once: the tiles, the verdict, two charts, the levels, the server and the GPUs."""

from __future__ import annotations

from tui.layout import Cell, Place, Row, frame_for, is_wide, one, stack
from tui.panels.gpus import gpus
from tui.panels.latency import latency
from tui.panels.levelchart import levelchart
from tui.panels.levels import levels
from tui.panels.log import log
from tui.panels.roofline import roofline_chart
from tui.panels.server import server
from tui.panels.start import is_start
from tui.panels.tiles import tiles
from tui.panels.timechart import timechart
from tui.panels.verdict import verdict
from tui.scene import Scene
from tui.views.view import View


def _arrange(width: int, height: int, scene: Scene) -> tuple[Place, ...]:
    count = len(scene.snapshot.gpus)
    if is_wide(width):
        return stack(_wide_rows(width, height, count, scene.chart), width, height)
    return stack(_narrow_rows(count, scene.chart, start=is_start(scene)), width, height)


def _narrow_rows(count: int, chart: str, *, start: bool) -> tuple[Row, ...]:
    second = _second(chart)
    other = second if chart == "time" else "time"
    charts = {chart: one(chart, 4, 7, 30, 2, 3), other: one(other, 6, 8, 24, 7, 3)}
    return (
        Row((Cell("tiles"),), 3, 3, 3, 0, plain=True),
        one("verdict", 4 if start else 2, 4, 8, 1, 1),
        charts["time"],
        charts[second],
        one("latency", 5, 6, 6, 5),
        one("levels", 4, 6, 12, 6, 1),
        one("gpus", 1, max(1, min(count, 4)) + 1, max(2, count + 1), 3, 2),
        one("server", 1, 1, 2, 4, 1),
        one("log", 2, 3, 6, 8, 1),
    )


def _second(chart: str) -> str:
    """Return the chart that stands beside, or below, the one over time."""
    return chart if chart == "roofline" else "level"


def _wide_rows(width: int, height: int, count: int, chart: str) -> tuple[Row, ...]:
    left = 0.58 if width < 200 else 0.5
    many = count > 4
    boxed = frame_for(width, height).boxed
    return (
        Row((Cell("tiles"),), 3, 3, 3, 0, plain=not boxed),
        Row((Cell("verdict", left), Cell("latency", 1 - left)), 3, 6 if many else 9, 10, 1),
        Row((Cell("time", 0.5), Cell(_second(chart), 0.5)), 5, 7 if many else 8, 60, 2, 4),
        Row((Cell("levels", 0.62), Cell("server", 0.38, "log", 3)), 6, 6, 24, 4, 2),
        one("gpus", 1, max(2, count + 1), max(2, count + 1), 3),
    )


VIEW = View(
    "overview",
    "Overview",
    _arrange,
    {
        "tiles": tiles,
        "verdict": verdict,
        "latency": latency,
        "time": timechart,
        "level": levelchart,
        "roofline": roofline_chart,
        "levels": levels,
        "server": server,
        "log": log,
        "gpus": gpus,
    },
    order=("verdict", "time", "level", "roofline", "latency", "levels", "gpus", "server", "log", "tiles"),
    spans=True,
)
