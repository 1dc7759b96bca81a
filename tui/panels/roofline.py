"""The roofline: what one GPU does per byte and second, beneath what it could do."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from session.roofline import Placed, Roof, Roofline, roofline
from tui.draw.clean import clean
from tui.draw.fmt import sig3
from tui.draw.logplot import LogPlot
from tui.draw.logscale import LogScale
from tui.draw.plot import LEFT
from tui.lines import Block, Line, Lines, join, say
from tui.panels.levelchart import comparable
from tui.panels.text import limit_mark, trust_mark, wrap
from tui.scene import Scene

_TITLE: Line = (("Roofline", "title"), ("  ↑ TFLOP/s per GPU", "tok_s"), ("  FLOP/byte →", "tpot"))
_TERA = 1e12
_HEADROOM = 1.5
"""Of the scales, beyond the outermost points."""


def roofline_chart(scene: Scene, width: int, height: int) -> Block:
    """Return the chart: the roof, the levels as letters of what limited the step, the present in brackets."""
    found = roofline(scene.snapshot)
    if found.roof is None:
        return Block(_why(found.missing, width, height), _TITLE)
    corner = say(f"{sig3(found.roof.bytes_s / _TERA)} TB/s, {sig3(found.roof.flops_s / _TERA)} TFLOP/s", "dim")
    columns, rows = width - LEFT, height - 2
    if columns < 12 or rows < 2:
        return Block((say("no room for the chart", "dim"),), _TITLE, corner)
    levels = _trail(scene, found)
    now = found.now if found.now and found.now.point else None
    plot = _plot(found.roof, [*levels, *([now] if now else [])], columns, rows)
    _draw_roof(plot, found.roof)
    _draw_levels(plot, levels)
    if now is not None:
        _draw_now(plot, now, scene.snapshot.verdict.step)
    return Block((*plot.lines(), _caption(scene, found, levels)), _TITLE, corner)


def _why(reason: str | None, width: int, height: int) -> Lines:
    return tuple(say(line, "dim") for line in wrap(clean(f"no roofline: {reason}"), max(1, width), max(1, height)))


def _trail(scene: Scene, found: Roofline) -> list[Placed]:
    """Return the newest level of each load that can be compared with the present, those with a point alone."""
    snap = scene.snapshot
    shown = comparable(snap.levels, snap.prompt_tokens, snap.output_len, scene.mode)
    placed = {at.level.number: at for at in found.levels if at.level is not None and at.point is not None}
    return [placed[level.number] for level in shown if level.number in placed]


def _plot(roof: Roof, shown: Sequence[Placed], columns: int, rows: int) -> LogPlot:
    points = [placed.point for placed in shown if placed.point]
    x = LogScale.around(
        min([1.0, *(point.intensity for point in points)]),
        max([2 * roof.ridge, *(point.intensity * _HEADROOM for point in points)]),
    )
    lowest = min([roof.at(x.low), *(point.flops_s / _HEADROOM for point in points)])
    highest = max([roof.flops_s, *(point.flops_s for point in points)])
    return LogPlot(columns, rows, x, LogScale.around(lowest / _TERA, highest / _TERA))


def _draw_roof(plot: LogPlot, roof: Roof) -> None:
    """Draw the slope of the memory, the flat of the arithmetic, and a line down from where they meet."""
    low, high, top = plot.x.low, plot.x.high, roof.flops_s / _TERA
    plot.path([(low, roof.at(low) / _TERA), (roof.ridge, top)], "memory")
    plot.path([(roof.ridge, top), (high, top)], "compute")
    column, first = plot.cell(roof.ridge, top)
    for row in range(first + 1, plot.canvas.height):
        plot.canvas.put(column, row, "┊", "border")
    _label(plot, column + 2, plot.canvas.height - 1, "ridge")


def _draw_levels(plot: LogPlot, levels: Sequence[Placed]) -> None:
    points = [(at.point.intensity, at.point.flops_s / _TERA) for at in levels if at.point]
    for start, end in pairwise(points):
        plot.path([start, end], "dim")
    cells = [plot.cell(*point) for point in points]
    for (column, row), at in zip(cells, levels, strict=True):
        letter, role = limit_mark(at.level.verdict.step if at.level else None)
        plot.canvas.put(column, row, letter, f"ink/{role}")
    for (column, row), at in zip(cells, levels, strict=True):
        if at.level is not None:
            text = f"{trust_mark(at.level)}{at.level.amount:g}"
            _ = _label(plot, column + 1, row + 1, text) or _label(plot, column + 1, row - 1, text)


def _draw_now(plot: LogPlot, now: Placed, step: str | None) -> None:
    """Mark the present by brackets about its letter."""
    assert now.point is not None
    column, row = plot.cell(now.point.intensity, now.point.flops_s / _TERA)
    column = min(max(1, column), plot.canvas.width - 2)
    letter, role = limit_mark(step)
    plot.canvas.put(column - 1, row, "[", "value")
    plot.canvas.put(column, row, letter, f"ink/{role}")
    plot.canvas.put(column + 1, row, "]", "value")


def _label(plot: LogPlot, column: int, row: int, text: str) -> bool:
    """Write a label where nothing is drawn, nor beside it; return whether there was room."""
    canvas = plot.canvas
    inside = column >= 0 and column + len(text) <= canvas.width and 0 <= row < canvas.height
    around = range(max(0, column - 1), min(canvas.width, column + len(text) + 1))
    if not inside or not all(canvas.free(x, row) for x in around):
        return False
    canvas.put(column, row, text, "dim")
    return True


def _caption(scene: Scene, found: Roofline, levels: Sequence[Placed]) -> Line:
    """Say the numbers of the present, else of the last level; or why there are none."""
    ridge = _ridge(found)
    at = found.now or (levels[-1] if levels else None) or (found.levels[-1] if found.levels else None)
    if at is None:
        return join([say(ridge, "dim"), say("one point for each level that ran a few seconds", "dim")], "; ")
    if at.point is None:
        return join([say(ridge, "dim"), say(clean(f"no point: {at.missing}"), "dim")], "; ")
    most = "≤" if at.source == "counters" else ""
    intensity, reached = f"{most}{sig3(at.point.intensity)}", f"{most}{sig3(at.point.flops_s / _TERA)}"
    possible = sig3((at.possible_flops_s or 0.0) / _TERA)
    text = f"at {_load(scene, at)}: {intensity} FLOP/B, {reached} TFLOP/s of {possible} possible"
    return join([say(text, "value"), say(ridge, "dim")], "; ")


def _ridge(found: Roofline) -> str:
    """Say where the roofs meet: the batch, or FLOP per byte where the model is not known."""
    if found.ridge_batch is not None:
        return f"ridge at batch {found.ridge_batch:.0f}"
    return f"ridge at {found.roof.ridge:.0f} FLOP/B" if found.roof else ""


def _load(scene: Scene, at: Placed) -> str:
    view = at.level or scene.snapshot
    return {"open": f"{view.amount:g}/s", "trace": f"×{view.amount:g}"}.get(view.mode, f"{view.amount:g}")
