"""All GPUs in a line or two: mean, and the spread where they differ."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from session.view import GpuView
from tui.draw.clean import clean
from tui.draw.fmt import gib, pct, whole
from tui.lines import Line, join, say, width_of
from tui.panels.text import stale
from tui.panels.throttle import throttle_reasons


def gpu_summary(views: Sequence[GpuView], width: int, height: int) -> tuple[Line, ...]:
    """Return as many facts as the lines hold, the most telling first."""
    dull = any(stale(view.age_s) for view in views)
    lines: list[Line] = [()]
    for fact in _facts(views, dull):
        longer = join([lines[-1], fact])
        if width_of(longer) <= width or not lines[-1]:
            lines[-1] = longer
        elif len(lines) < height:
            lines.append(fact)
    return tuple(lines)


def _facts(views: Sequence[GpuView], dull: bool) -> list[Line]:
    name = clean(views[0].info.name).removeprefix("NVIDIA ")
    kinds = {view.info.name for view in views}
    who = f"{len(views)}× {name}" if len(kinds) == 1 and len(views) > 1 else name
    watts = _power(views)
    held = ", ".join(dict.fromkeys(filter(None, (throttle_reasons(v.reading.throttle, short=True) for v in views))))
    lost = sum(view.reading.missing is not None for view in views)
    return [
        say(who, "dim"),
        say(f"{lost} missing", "warn") if lost else (),
        _fact("DRAM", _spread([v.reading.dram_pct for v in views], pct), " %", _tint("memory", dull)),
        _fact("tensor", _spread([v.reading.tensor_pct for v in views], pct), " %", _tint("compute", dull)),
        _fact("", watts, " W", _tint("text", dull)),
        _fact("mem", _memory(views), " GiB", _tint("text", dull)),
        _fact("throttled", held, "", "warn") if held else (),
        _fact("", _spread([v.reading.temp_c for v in views], whole), " °C", _tint("text", dull)),
        _fact("SM", _spread([v.reading.sm_pct for v in views], pct), " %", _tint("text", dull)),
        _fact("busy", _spread([v.reading.util_pct for v in views], pct), " %", "dim"),
    ]


def _tint(role: str, dull: bool) -> str:
    return "dim" if dull else role


def _fact(label: str, value: str, unit: str, role: str) -> Line:
    return ((f"{label} " if label else "", "dim"), (value, role), (unit, "dim"))


def _spread(values: Sequence[float | None], form: Callable[[float | None], str]) -> str:
    """Return one figure, or the least and the most."""
    known = [value for value in values if value is not None]
    if not known:
        return form(None)
    low, high = form(min(known)), form(max(known))
    return low if low == high else f"{low}–{high}"


def _power(views: Sequence[GpuView]) -> str:
    limits = [v.reading.power_limit_w or v.info.power_limit_w for v in views]
    return f"{_spread([v.reading.power_w for v in views], whole)}/{_spread(limits, whole)}"


def _memory(views: Sequence[GpuView]) -> str:
    used = _spread([v.reading.memory_used_bytes for v in views], gib)
    return f"{used}/{_spread([v.info.memory_total_bytes for v in views], gib)}"
