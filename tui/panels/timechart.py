"""Tokens per second and time per token over the session's time.

A cell stands for a fixed piece of absolute time, and the window moves in leaps of a quarter: from one
second to the next only the newest column changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from session.view import SeriesPoint
from tui.draw.axis import nice_max, time_step
from tui.draw.braille import Canvas
from tui.draw.fmt import axis, clock
from tui.draw.plot import Scale, chart_title, plot, plot_size
from tui.lines import Block, say
from tui.scene import Scene

SPANS: tuple[int | None, ...] = (120, 600, 3600, None)
"""What the chart can show, in seconds; ``None``: everything."""
_SECONDS_A_DOT = (1, 2, 3, 5, 10, 15, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600)


@dataclass(frozen=True, slots=True)
class Window:
    """Which cells of absolute time are shown: ``dot_s`` seconds a dot, two dots a cell."""

    first: int
    width: int
    dot_s: int

    @property
    def start_s(self) -> int:
        """Time of the left edge."""
        return self.first * 2 * self.dot_s

    def dot(self, t_s: float) -> int:
        """Return the dot column of a time."""
        return int(t_s // self.dot_s) - 2 * self.first


def timechart(scene: Scene, width: int, height: int) -> Block:
    """Return the chart."""
    snap = scene.snapshot
    columns, rows = plot_size(width, height)
    title = chart_title("Over time", "TPOT ms")
    corner = say(span_name(scene.span_s), "dim")
    if columns < 8 or rows < 2:
        return Block((say("no room for the chart", "dim"),), title)
    window = choose_window(snap.now_s, scene.span_s, columns)
    shown = [point for point in snap.series if point.t_s >= window.start_s]
    canvas = Canvas(columns, rows)
    headroom = rows / (rows - 1)  # keeps the lines off the figures in the first row
    rate_top = nice_max(headroom * max((p.output_tok_s or 0.0 for p in shown), default=0.0))
    gaps = [point.tpot_s * 1000 for point in shown if point.tpot_s is not None]
    usual = _usual_most(gaps)
    tpot_top = nice_max(headroom * usual)
    tpots = _binned(((p.t_s, p.tpot_s) for p in shown), window, tpot_top / 1000)
    rates = _binned(((p.t_s, p.output_tok_s) for p in shown), window, rate_top)
    canvas.path(tpots, "tpot")
    canvas.path(rates, "tok_s")
    _arrows(canvas, rates, tpots)
    level_marks(canvas, snap.series, window)
    quiet = not any(point.output_tok_s for point in shown)
    left = Scale(rate_top, (lambda _: "") if quiet else axis, "tok_s")
    over = "+" if gaps and max(gaps) > tpot_top else ""
    right = Scale(tpot_top, lambda v: "" if quiet else axis(v) + (over if v == tpot_top else ""), "tpot")
    return Block(plot(canvas, left, right, time_labels(window)), title, corner)


def choose_window(now_s: float, span_s: int | None, columns: int) -> Window:
    """Choose the resolution for the span, and a left edge that moves in leaps of a quarter."""
    wanted = now_s if span_s is None else min(now_s, span_s)
    fitting = (dot for dot in _SECONDS_A_DOT if dot * 2 * columns >= wanted)
    dot_s = next(fitting, int(wanted // (2 * columns)) + 1)
    newest = int(now_s // (2 * dot_s))
    leap = max(1, columns // 4)
    first = 0 if newest < columns else -((columns - newest - 1) // leap) * leap
    return Window(first, columns, dot_s)


def _usual_most(values: list[float]) -> float:
    """Return the most, but at most twice the 90th percentile: one stall must not flatten the rest."""
    if not values:
        return 0.0
    ranked = sorted(values)
    return min(ranked[-1], 2 * ranked[int(0.9 * (len(ranked) - 1))])


def _binned(
    values: Iterable[tuple[int, float | None]], window: Window, top: float
) -> Sequence[tuple[int, float | None]]:
    """Average the seconds of each dot; a dot without any value is a gap."""
    bins: dict[int, list[float]] = {}
    for t_s, value in values:
        held = bins.setdefault(window.dot(t_s), [])
        if value is not None:
            held.append(value)
    return [(x, sum(held) / len(held) / top if held else None) for x, held in sorted(bins.items())]


def _arrows(
    canvas: Canvas, rates: Sequence[tuple[int, float | None]], tpots: Sequence[tuple[int, float | None]]
) -> None:
    """Point each line at its scale, as the title does, so that no one needs the colours: one from either end."""
    first = next(((x, part) for x, part in rates if part), None)
    last = next(((x, part) for x, part in reversed(tpots) if part is not None), None)
    for point, sign, role in ((first, "←", "tok_s"), (last, "→", "tpot")):
        if point is not None and point[1] is not None:
            canvas.put(point[0] // 2, canvas.level(point[1]) // 4, sign, role)


def level_marks(canvas: Canvas, series: Sequence[SeriesPoint], window: Window) -> None:
    """Draw a line where the level changed, with the load where it has room."""
    free_from = 0
    before = "0"
    for point in series:
        text = _load(point)
        changed, before = text != before, text
        if not changed or point.t_s < window.start_s:
            continue
        x = window.dot(point.t_s) // 2
        for y in range(canvas.height):
            if canvas.free(x, y):
                canvas.put(x, y, "┊", "border")
        if x >= free_from and x + len(text) <= canvas.width:
            canvas.put(x, 0, text, "value")
            free_from = x + len(text) + 1


def _load(point: SeriesPoint) -> str:
    if point.speed is not None:
        return f"×{point.speed:g}" if point.speed else "0"
    return str(point.concurrency) if point.rate_s is None else f"{point.rate_s:g}/s"


def time_labels(window: Window) -> list[tuple[int, str, str]]:
    """Return what stands below a chart over time: column, text and role."""
    cell_s = 2 * window.dot_s
    step = time_step(window.width * cell_s, max(2, window.width // 12))
    first = -(-window.start_s // step) * step
    return [
        ((t_s - window.start_s) // cell_s, clock(t_s), "dim")
        for t_s in range(first, window.start_s + window.width * cell_s, step)
    ]


def span_name(span_s: int | None) -> str:
    """Say how much is shown."""
    if span_s is None:
        return "whole session"
    return f"last {span_s // 60} min" if span_s < 3600 else f"last {span_s // 3600} h"
