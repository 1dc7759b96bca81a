"""Throughput and time per token against concurrency, or rate: where the regime bends."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

from session.forecast import Forecast
from session.roofline import roofline
from session.view import LevelView
from tui.draw.axis import nice_max
from tui.draw.braille import Canvas
from tui.draw.fmt import axis
from tui.draw.plot import Scale, chart_title, plot, plot_size
from tui.lines import Block, Line, join, say, width_of
from tui.panels.text import limit_mark, trust_legend, trust_mark
from tui.scene import Scene

_TITLES = {"open": "By requests/s", "trace": "By speed of the trace"}

_EDGES = 8
"""Cells of a frame's upper line that title and corner do not get."""
_DOTTED = 3
"""Dot columns from one dot of a dotted line to the next."""


def levelchart(scene: Scene, width: int, height: int) -> Block:
    """Return the chart; its points are the letters of what limited the step."""
    snap = scene.snapshot
    levels = comparable(snap.levels, snap.prompt_tokens, snap.output_len, scene.mode)
    columns, rows = plot_size(width, height)
    forecast = roofline(snap).forecast if scene.mode == "closed" and levels else None
    title = chart_title(_TITLES.get(scene.mode, "By concurrency"), "TPOT p50 ms")
    corner = join([say(trust_legend(levels), "dim"), say(f"{snap.prompt_tokens}→{snap.output_len} tok", "dim")])
    if forecast is not None:
        corner = _with_note(title, corner, width)
    if columns < 8 or rows < 2:
        return Block((say("no room for the chart", "dim"),), title)
    if not levels:
        return Block((say("one point for each level that ran a few seconds", "dim"),), title, corner)
    canvas = Canvas(columns, rows)
    dots = _columns([level.amount for level in levels], columns)
    foreseen = _foreseen(forecast, levels[0].amount, levels[-1].amount, dots[0], dots[-1]) if forecast else ()
    rate_top = nice_max(max([*(level.rates.output_tok_s or 0.0 for level in levels), *(rate for _, rate in foreseen)]))
    tpot_top = nice_max(max(((level.latencies.tpot.p50 or 0.0) * 1000 for level in levels), default=0.0))
    rates = [_part(level.rates.output_tok_s, rate_top) for level in levels]
    tpots = [_part(level.latencies.tpot.p50, tpot_top / 1000) for level in levels]
    for dot, rate in foreseen:
        canvas.dot(dot, canvas.level(rate / rate_top), "dim")
    canvas.path([point for point in zip(dots, tpots, strict=True) if point[1] is not None], "tpot")
    canvas.path([point for point in zip(dots, rates, strict=True) if point[1] is not None], "tok_s")
    _letters(canvas, dots, tpots, rates, levels)
    below = [(dot // 2, f"{trust_mark(level)}{level.amount:g}", "dim") for dot, level in zip(dots, levels, strict=True)]
    return Block(plot(canvas, Scale(rate_top, axis, "tok_s"), Scale(tpot_top, axis, "tpot"), below), title, corner)


def _with_note(title: Line, corner: Line, width: int) -> Line:
    """Say what the dotted line is, where that takes no other word its place."""
    noted = join([say("dotted: predicted", "dim"), corner])
    return noted if width_of(title) + width_of(noted) + _EDGES <= width else corner


def comparable(
    levels: Sequence[LevelView], prompt_tokens: int, output_len: int, mode: str = "closed"
) -> list[LevelView]:
    """Return the newest level of each load in this mode with these lengths, by load; none without load."""
    newest = {
        level.amount: level
        for level in levels
        if level.amount > 0
        and level.mode == mode
        and (level.prompt_tokens, level.output_len) == (prompt_tokens, output_len)
    }
    return [newest[n] for n in sorted(newest)]


def _columns(loads: Sequence[float], columns: int) -> list[int]:
    """Return the dot column of each load: log2, with a margin so that labels fit."""
    low, high = math.log2(loads[0]), math.log2(loads[-1])
    margin = 2
    room = 2 * (columns - 1 - 2 * margin)
    if high == low:
        return [columns // 2 * 2 for _ in loads]
    return [2 * margin + round((math.log2(n) - low) / (high - low) * room) for n in loads]


@lru_cache(maxsize=8)
def _foreseen(
    forecast: Forecast, least: float, most: float, first: int, last: int
) -> tuple[tuple[int, float], ...]:  # fmt: skip
    """Return every third dot column from the first load to the last, with the output tokens/s that are predicted.

    It is remembered: most frames have the same fit, and the arithmetic would be a third of what they cost.
    """
    low, high = math.log2(least), math.log2(most)
    room = max(1, last - first)
    return tuple(
        (dot, forecast.at(2 ** (low + (high - low) * (dot - first) / room)).tokens_s)
        for dot in range(first, last + 1, _DOTTED)
    )


def _part(value: float | None, top: float) -> float | None:
    return None if value is None else value / top


def _letters(
    canvas: Canvas,
    dots: Sequence[int],
    tpots: Sequence[float | None],
    rates: Sequence[float | None],
    levels: Sequence[LevelView],
) -> None:
    """Mark TPOT by a dot and throughput by the verdict's letter, which wins where both meet."""
    for dot, tpot in zip(dots, tpots, strict=True):
        if tpot is not None:
            canvas.put(dot // 2, canvas.level(tpot) // 4, "•", "tpot")
    for dot, rate, level in zip(dots, rates, levels, strict=True):
        if rate is not None:
            letter, role = limit_mark(level.verdict.step)
            canvas.put(dot // 2, canvas.level(rate) // 4, letter, f"ink/{role}")
