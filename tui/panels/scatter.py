"""Latency over time, a dot for each request that was heard of; failures are crosses."""

from __future__ import annotations

from collections.abc import Sequence

from session.finished import Cloud, spread_of, value_of
from tui.draw.logplot import LogPlot
from tui.draw.logscale import LogScale
from tui.draw.plot import LEFT, below_line
from tui.lines import Block, Line, join, say
from tui.panels.timechart import Window, choose_window, level_marks, span_name, time_labels
from tui.scene import Scene

_CROSS = "✗"


def scatter(scene: Scene, width: int, height: int) -> Block:
    """Return TTFT over time, as first tokens come; sorted by E2E, that of the requests as they end."""
    snap = scene.snapshot
    late = scene.look.sort == "E2E"
    columns, rows = max(0, width - LEFT), max(0, height - 1)
    named = say(f"{'E2E' if late else 'TTFT'} over time", "title")
    if columns < 8 or rows < 2:
        return Block((say("no room for the chart", "dim"),) if height > 0 else (), named)
    window = choose_window(snap.now_s, scene.span_s, columns)
    room = snap.finished.room
    dots = _columns(room.e2e if late else room.ttft, window) if room else []
    crosses = _columns(room.failed, window) if room else []
    spread = spread_of(dots) or spread_of(crosses)
    title = join([named, say("ms, log", "dim")])
    if spread is None:
        said = "no request ended" if late else "no first token came"
        return Block((say(f"{said} in this time", "dim"),), title, say(span_name(scene.span_s), "dim"))
    plot = _Plot(columns, rows, window, _scale(spread, rows))
    plot.dots(dots, "accent")
    level_marks(plot.canvas, snap.series, window)
    failed = plot.crosses(crosses)
    corner = join([say(f"{_CROSS} failed" if failed else "", "bad"), say(span_name(scene.span_s), "dim")])
    return Block(plot.lines(), title, corner)


def _columns(cloud: Cloud, window: Window) -> list[frozenset[int]]:
    return cloud.columns(window.start_s, window.dot_s, 2 * window.width)


def _scale(spread: tuple[float, float], rows: int) -> LogScale:
    """Return a scale in milliseconds that leaves the first row to the figures of the load."""
    scale = LogScale.around(spread[0] * 1000, spread[1] * 1000)
    return LogScale(scale.low, scale.low * (scale.high / scale.low) ** (rows / (rows - 1)))


class _Plot(LogPlot):
    """Dots of time, two a cell, against a logarithmic scale of milliseconds."""

    def __init__(self, columns: int, rows: int, window: Window, scale: LogScale) -> None:
        super().__init__(columns, rows, LogScale(1, 10), scale)
        self._window = window
        self._levels: dict[int, int] = {}

    def _level(self, bucket: int) -> int:
        """Return the dot row of a bucket of latency."""
        found = self._levels.get(bucket)
        if found is None:
            part = self.y.fraction(value_of(bucket) * 1000)
            found = self._levels[bucket] = self.canvas.level(part)
        return found

    def dots(self, columns: Sequence[frozenset[int]], role: str) -> None:
        """Draw what was hit in each column of dots."""
        for x, hit in enumerate(columns):
            for y in {self._level(bucket) for bucket in hit}:
                self.canvas.dot(x, y, role)

    def crosses(self, columns: Sequence[frozenset[int]]) -> bool:
        """Mark failures where they happened; say whether there are any."""
        for x, hit in enumerate(columns):
            for y in {self._level(bucket) // 4 for bucket in hit}:
                self.canvas.put(x // 2, y, _CROSS, "bad")
        return any(columns)

    def lines(self) -> tuple[Line, ...]:
        """Return the chart with latencies at its left and times below."""
        *rows, _ = super().lines()
        return (*rows, below_line(self._window.width, time_labels(self._window)))
