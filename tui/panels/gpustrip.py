"""One quantity of one GPU: its present value, and its past as a strip of columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from session.view import GpuView
from tui.draw.axis import tick_rows
from tui.draw.braille import Canvas
from tui.draw.columns import columns
from tui.lines import Line, fit, lpad, pad, say
from tui.panels.gpumetrics import Metric

_WIDE = 50
_LABEL, _VALUE, _UNIT = 11, 5, 4
_SHORT = 6
_SHORT_VALUE = 4
_CURVE = 3
"""Lines from which the past is a curve."""


def lead_of(width: int) -> int:
    """Return the cells before a strip: what is said of the quantity."""
    return _name_of(width) + 1 + _value_of(width) + 1 + _UNIT + 1


def _name_of(width: int) -> int:
    return _LABEL if width >= _WIDE else _SHORT


def _value_of(width: int) -> int:
    return _VALUE if width >= _WIDE else _SHORT_VALUE


def _top_of(width: int) -> int:
    """Return the cells for the end of the scale."""
    return 6 if width >= _WIDE else 4


def room_of(width: int) -> int:
    """Return the columns of time that a strip of this width has."""
    return max(0, width - lead_of(width) - _top_of(width))


@dataclass(frozen=True, slots=True)
class Past:
    """What one strip is drawn of."""

    means: Sequence[float | None]
    end: float
    """Of the scale, in the units of the means."""


def strip(metric: Metric, view: GpuView, past: Past, size: tuple[int, int], *, dull: bool) -> list[Line]:
    """Return the lines of a strip of this width and height; a gap is blank, zero is a thin line."""
    width, height = size
    parts = [None if mean is None else mean / past.end for mean in past.means]
    drawn = columns(parts, height) if height < _CURVE else _curve(parts, height)
    heads = _heads(metric, view, past.means, width, dull)
    tops = _tops(metric, past.end, height, width)
    role = "dim" if dull else metric.role
    lead, room = lead_of(width), room_of(width)
    lines: list[Line] = []
    for y, row in enumerate(drawn):
        head = fit(heads[y] if y < len(heads) else (), lead)
        lines.append(fit((*head, (pad(row, room), role), *say(tops.get(y, ""), "dim")), width))
    return lines


def _curve(parts: Sequence[float | None], height: int) -> list[str]:
    """Return the lines of a curve; many full columns over each other would be a wall of colour."""
    canvas = Canvas(len(parts), height)
    canvas.path([(2 * place, part) for place, part in enumerate(parts)], "text")
    return canvas.rows()


def _heads(metric: Metric, view: GpuView, means: Sequence[float | None], width: int, dull: bool) -> list[Line]:
    """Return what stands before the strip: the value, then the limit, then the range of what is shown."""
    value, limit = metric.now(view), metric.top(view)
    tone = "dim" if dull or value is None else "value"
    name, figures = _name_of(width), _value_of(width)
    label = metric.label if name == _LABEL else metric.short
    lines: list[Line] = [
        (
            (pad(label, name), "dim" if dull else metric.role),
            (f" {lpad(metric.said(value), figures)}", tone),
            (f" {metric.unit}", "dim"),
        )
    ]
    if metric.limit and limit:
        lines.append(say(f"{lpad(metric.limit, name)} {lpad(metric.said(limit), figures)} {metric.unit}", "dim"))
    if known := [mean for mean in means if mean is not None]:
        low, high = metric.said(min(known)), metric.said(max(known))
        lines.append(say(lpad(low if low == high else f"{low}–{high}", name + 1 + figures) + f" {metric.unit}", "dim"))
    return lines


def _tops(metric: Metric, end: float, height: int, width: int) -> dict[int, str]:
    """Return the labels of the scale by line."""
    most = _short(metric.said(end))
    if height == 1 or width < _WIDE:
        return {0: f" {most}"[: _top_of(width)]}
    ticks = tick_rows(height) if height >= 5 else ((0, 1.0), (height - 1, 0.0))
    return {y: f"┤{_short(metric.said(end * part)) if part else '0'}" for y, part in ticks}


def _short(number: str) -> str:
    """Return a figure of a scale without zeros that say nothing."""
    return number.rstrip("0").rstrip(".") if "." in number else number
