"""Scales with round ends."""

from __future__ import annotations

import math

_STEPS = (1.0, 1.2, 1.6, 2.0, 2.4, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
"""Ends whose quarters are short numbers."""
_TIME_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400)


def nice_max(value: float) -> float:
    """Return the round number at or above ``value``; it moves in steps, so that a scale rests."""
    if value <= 0 or not math.isfinite(value):
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in _STEPS if value <= step * power * (1 + 1e-9))


def time_step(span_s: float, most: int) -> int:
    """Return the smallest round step that marks ``span_s`` at most ``most`` times."""
    for step in _TIME_STEPS:
        if span_s / step <= max(1, most):
            return step
    days = math.ceil(span_s / 86400 / max(1, most))
    return days * 86400


def tick_rows(height: int) -> tuple[tuple[int, float], ...]:
    """Return the rows that get a label, with the fraction of the scale that each stands for."""
    if height < 2:
        return ((0, 1.0),)
    parts = 4 if height >= 9 and (height - 1) % 4 == 0 else 2 if height >= 5 and height % 2 else 1
    last = height - 1
    return tuple((last - last * part // parts, part / parts) for part in range(parts, -1, -1))
