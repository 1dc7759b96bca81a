"""How the latencies of a level are distributed: columns over a logarithmic axis, with p50, p90 and p99 marked."""

from __future__ import annotations

import math

from session.gaps import GAMMA, value_of
from session.view import Latencies, Shape, Stats
from tui.draw.axis import nice_max
from tui.draw.columns import bars
from tui.draw.fmt import axis, ms, whole
from tui.draw.logscale import LogScale
from tui.lines import Block, Line, fit, join, lpad, pad, say
from tui.scene import Scene

_NAME = 5
_MARKS = (("▲", "p50"), ("○", "p90"), ("◆", "p99"))
_CELLS_A_LABEL = 9
_MARGIN = 1.03
"""Left free at both ends; it keeps a distribution of one value from filling the axis, too."""


def histograms(scene: Scene, width: int, height: int) -> Block:
    """Return TTFT, TPOT, ITL and E2E of the newest level that was timed."""
    snap = scene.snapshot
    title, scales = say("Distributions", "title"), say("ms, log; height log", "dim")
    shapes = snap.shapes
    if shapes is None:
        return Block((say("nothing has been timed yet", "dim"),) if height > 0 else (), title)
    level = next(
        (level for level in (snap.level, *reversed(snap.levels)) if level and level.number == shapes.level), None
    )
    latencies = level.latencies if level else Latencies()
    parts = (
        ("TTFT", shapes.ttft, latencies.ttft, "accent"),
        ("TPOT", shapes.tpot, latencies.tpot, "tpot"),
        ("ITL", shapes.itl, latencies.itl, "tok_s"),
        ("E2E", shapes.e2e, latencies.e2e, "value"),
    )
    each, rest = divmod(max(0, height), len(parts))
    lines: list[Line] = []
    for place, (name, shape, stats, role) in enumerate(parts):
        lines.extend(_one(name, shape, stats, role, width, each + (place < rest)))
    trust = level.trust if level else None
    part = "steady part" if trust is not None and not trust.short else "warm-up included"
    which = f"level {shapes.level}, {part}"
    return Block(tuple(lines[: max(0, height)]), join([title, say(which, "dim")]), scales)


def _one(name: str, shape: Shape, stats: Stats, role: str, width: int, height: int) -> list[Line]:
    """Return a distribution in so many lines: figures, columns and axis, or all in one."""
    if height < 1 or width < 2 * _NAME:
        return []
    if height < 3:
        figures = _figures(stats, width - _NAME - 12)
        room = max(4, width - _NAME - sum(len(text) for text, _ in figures) - 1)
        drawn = _drawn(shape, room, 1)
        row = drawn[0][0] if drawn else pad("–", room)
        return [fit(((pad(name, _NAME), role), (pad(row, room), role), (" ", "text"), *figures), width)]
    head: Line = ((pad(name, _NAME), role), *_figures(stats, width - _NAME, count=True))
    found = _drawn(shape, width - _NAME, height - 2)
    if found is None:
        return [fit(head, width), *[()] * (height - 1)]
    rows, scale = found
    lead = (" " * _NAME, "text")
    return [fit(head, width), *((lead, (row, role)) for row in rows), (lead, *_axis(scale, stats, width - _NAME))]


def _figures(stats: Stats, room: int, *, count: bool = False) -> Line:
    """Return the percentiles with their marks, as many as there is room for."""
    values = (stats.p50, stats.p90, stats.p99)
    parts = [
        ((f"{mark}{name} ", "dim"), (lpad(ms(value), 5), "value"))
        for (mark, name), value in zip(_MARKS, values, strict=True)
    ]
    if count:
        parts.append(((f"{whole(stats.count)} in all", "dim"), ("", "text")))
    line: Line = ()
    for part in parts:
        longer = join([line, part])
        if sum(len(text) for text, _ in longer) > room and line:
            break
        line = longer
    return line


def _drawn(shape: Shape, width: int, height: int) -> tuple[list[str], LogScale] | None:
    """Return the columns of a distribution and its axis, in milliseconds; ``None`` where it is empty."""
    spans = _spans(shape)
    if not spans or width < 1:
        return None
    scale = LogScale(min(low for low, _, _ in spans) / _MARGIN, max(high for _, high, _ in spans) * _MARGIN)
    counts = _spread(spans, scale, width)
    most = math.log1p(max(counts))
    return bars([math.log1p(count) / most for count in counts], height), scale


def _spans(shape: Shape) -> list[tuple[float, float, float]]:
    """Return (least, most, count) of each bucket, or value, in milliseconds."""
    edge = math.sqrt(GAMMA)
    values = [(1000 * value, 1000 * value, 1.0) for value in shape.values if value > 0]
    middles = ((1000 * value_of(bucket), count) for bucket, count in shape.buckets.items())
    return values + [(middle / edge, middle * edge, float(count)) for middle, count in middles]


def _spread(spans: list[tuple[float, float, float]], scale: LogScale, width: int) -> list[float]:
    """Share counts among columns; a bucket that lies over several is cut, so that its width makes no comb."""
    counts = [0.0] * width
    for low, high, count in spans:
        begin, end = (min(width - 1e-9, max(0.0, scale.fraction(edge) * width)) for edge in (low, high))
        if int(begin) == int(end):
            counts[int(begin)] += count
            continue
        for column in range(int(begin), int(end) + 1):
            counts[column] += count * (min(end, column + 1) - max(begin, column)) / (end - begin)
    return counts


def _axis(scale: LogScale, stats: Stats, width: int) -> Line:
    """Return the line below the columns: the marks of the percentiles, and round values where they leave room."""
    cells: list[tuple[str, str]] = [("─", "border")] * width
    for (mark, _), quantile in zip(_MARKS, (stats.p50, stats.p90, stats.p99), strict=True):
        if quantile is not None and quantile > 0 and width > 0:
            cells[_at(scale, quantile * 1000, width)] = (mark, "value")
    for value in _round_values(scale, max(2, width // _CELLS_A_LABEL)):
        text = axis(value)
        start = max(0, min(width - len(text), _at(scale, value, width) - len(text) // 2))
        if all(cell == ("─", "border") for cell in cells[max(0, start - 1) : start + len(text) + 1]):
            cells[start : start + len(text)] = [(char, "dim") for char in text]
    return tuple(cells)


def _round_values(scale: LogScale, most: int) -> list[float]:
    """Return values to label: 1, 2 and 5 of each decade, or evenly spaced ones where those are too few."""
    found = scale.marks(most)
    if len(found) > 2:
        return found
    step = nice_max((scale.high - scale.low) / most)
    return [n * step for n in range(math.ceil(scale.low / step), int(scale.high / step) + 1)]


def _at(scale: LogScale, value: float, width: int) -> int:
    return min(width - 1, max(0, int(scale.fraction(value) * width)))
