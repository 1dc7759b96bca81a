"""Numbers for people: three significant figures, units, and a dash where nothing is known."""

from __future__ import annotations

import math

DASH = "–"


def sig3(value: float | None) -> str:
    """Three significant figures, plain digits."""
    if value is None or not math.isfinite(value):
        return DASH
    size = abs(value)
    if size >= 99.95:
        return f"{value:.0f}"
    if size >= 9.995:
        return f"{value:.1f}"
    return f"{value:.2f}" if size else "0"


def ms(seconds: float | None) -> str:
    """Seconds as a number of milliseconds, without the unit."""
    return DASH if seconds is None else sig3(seconds * 1000)


def ms_unit(seconds: float | None) -> str:
    """Seconds as milliseconds with the unit; from 10 s on, as seconds."""
    if seconds is None or not math.isfinite(seconds):
        return DASH
    return f"{sig3(seconds)} s" if seconds >= 9.9995 else f"{ms(seconds)} ms"


def kilo(value: float | None) -> str:
    """A rate with k and M, three significant figures."""
    if value is None or not math.isfinite(value):
        return DASH
    size = abs(value)
    if size < 999.5:
        return sig3(value)
    if size < 999_500:
        return f"{sig3(value / 1e3)}k"
    return f"{sig3(value / 1e6)}M"


def axis(value: float) -> str:
    """A label of a scale: no more digits than it needs."""
    if abs(value) >= 1e6:
        return f"{value / 1e6:.4g}M"
    return f"{value / 1e3:.4g}k" if abs(value) >= 1e3 else f"{value:.4g}"


def whole(value: float | None) -> str:
    """A whole number with thousands separated."""
    return DASH if value is None or not math.isfinite(value) else f"{value:,.0f}"


def pct(percent: float | None) -> str:
    """Percent without the sign; one decimal below ten."""
    if percent is None or not math.isfinite(percent):
        return DASH
    return f"{percent:.1f}" if 0 < abs(percent) < 9.95 else f"{percent:.0f}"


def share(fraction: float | None) -> str:
    """A fraction as whole percent with the sign."""
    return DASH if fraction is None or not math.isfinite(fraction) else f"{fraction * 100:.0f} %"


def gib(count: float | None) -> str:
    """Bytes as GiB, without the unit."""
    if count is None or not math.isfinite(count):
        return DASH
    size = count / 2**30
    return f"{size:.0f}" if size >= 99.5 else f"{size:.1f}"


def gb_s(rate: float | None) -> str:
    """Bytes per second as GB/s, without the unit."""
    return DASH if rate is None else sig3(rate / 1e9)


def clock(seconds: float) -> str:
    """Session time as m:ss or h:mm:ss."""
    whole_s = max(0, int(seconds))
    hours, rest = divmod(whole_s, 3600)
    minutes, secs = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{secs:02d}" if hours else f"{minutes}:{secs:02d}"


def age(seconds: float) -> str:
    """How old something is."""
    return f"{lasting(seconds)} old"


def lasting(seconds: float) -> str:
    """How long something lasts, in the unit that says it shortest."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"
