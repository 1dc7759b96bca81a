"""How a step's time grows with the batch: the levels, the line fitted to them, and its knee."""

from __future__ import annotations

from regime.scaling import LEAST_POINTS, Scaling
from tui.draw.fmt import sig3
from tui.draw.logplot import LogPlot
from tui.draw.logscale import LogScale
from tui.draw.plot import LEFT
from tui.lines import Block, Line, say
from tui.panels.text import wrap
from tui.scene import Scene

_TITLE: Line = (("Scaling", "title"), ("  ↑ step ms", "tpot"), ("  batch →", "tok_s"))
_DOTTED = 3
"""Dot columns from one dot of the fitted line to the next."""
_HEADROOM = 1.3


def scaling_chart(scene: Scene, width: int, height: int) -> Block:
    """Return the chart, both axes logarithmic: flat while a sequence more costs nothing, steep when it costs all."""
    found = scene.snapshot.scaling
    if found is None:
        return Block(_waiting(width, height), _TITLE)
    words = _words(found, width, 2 if height >= 9 else 1)
    columns, rows = width - LEFT, height - 1 - len(words)
    corner = say("• measured  ⠂ fitted", "dim")
    if columns < 12 or rows < 2:
        return Block(tuple(words)[: max(0, height)], _TITLE)
    plot = _plot(found, columns, rows)
    _draw_fit(plot, found)
    _draw_knee(plot, found)
    for point in found.points:
        plot.canvas.put(*plot.cell(point.batch, point.step_s * 1e3), "•", "value")
    return Block((*plot.lines(), *words), _TITLE, corner)


def _waiting(width: int, height: int) -> tuple[Line, ...]:
    text = f"{LEAST_POINTS} levels of different batch are needed, each with a step time from the server's metrics"
    return tuple(say(line, "dim") for line in wrap(text, max(1, width), max(1, height)))[: max(0, height)]


def _plot(found: Scaling, columns: int, rows: int) -> LogPlot:
    batches = [point.batch for point in found.points]
    steps = [point.step_s * 1e3 for point in found.points]
    least = min([*steps, *([found.base_s * 1e3] if found.base_s > 0 else [])])
    x = LogScale(min(batches) / _HEADROOM, max(batches) * _HEADROOM)
    return LogPlot(columns, rows, x, LogScale(least / _HEADROOM, max(steps) * _HEADROOM))


def _draw_fit(plot: LogPlot, found: Scaling) -> None:
    """Dot the fitted line, which bends on logarithmic axes."""
    ratio = plot.x.high / plot.x.low
    last = 2 * plot.canvas.width - 1
    for dot in range(0, last + 1, _DOTTED):
        batch = plot.x.low * ratio ** (dot / last)
        step_s = found.base_s + found.slope_s * batch
        if step_s > 0:
            plot.canvas.dot(dot, plot.canvas.level(plot.y.fraction(step_s * 1e3)), "tpot")


def _draw_knee(plot: LogPlot, found: Scaling) -> None:
    if found.knee is None or not plot.x.low <= found.knee <= plot.x.high:
        return
    column, _ = plot.cell(found.knee, plot.y.low)
    for row in range(plot.canvas.height):
        if plot.canvas.free(column, row):
            plot.canvas.put(column, row, "┊", "accent")
    text = f"knee {found.knee:.0f}"
    start = column - len(text) - 1 if column + len(text) + 2 > plot.canvas.width else column + 2
    plot.canvas.put(start, 0, text, "accent")


def _words(found: Scaling, width: int, most: int) -> list[Line]:
    """Say the line and its knee with the 95 % interval, then what twice the batch costs from level to level."""
    text = found.words.removeprefix("scaling: ")
    if found.knee_low is not None and found.knee_high is not None:
        text += f" (95 %: {found.knee_low:.0f}–{found.knee_high:.0f})"
    lines = [text, *([_growth(found, width)] if most > 1 else [])]
    return [say(line, "value" if at == 0 else "dim") for at, line in enumerate(lines) if line]


def _growth(found: Scaling, width: int) -> str:
    """Say by how much a step grows with twice the batch, between neighbouring levels; the largest where not all fit."""
    grown = [f"×{sig3(2**one.value)} to {one.to_batch:.0f}" for one in found.elasticities]
    while grown and len(text := f"twice the batch: {', '.join(grown)}") > width:
        grown.pop(0)
    return text if grown else ""
