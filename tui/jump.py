"""Reads the time that a user types to go to."""

from __future__ import annotations

import re

from tui.draw.fmt import clock

EXAMPLES = "1:23, 83, 83s, 1h2m, 50%, +30, -1:00"
_CLOCK = re.compile(r"(?:(\d+):)?(\d+):([0-5]?\d(?:\.\d*)?)")
_UNITS = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d*)?)s?)?", re.IGNORECASE)
_PERCENT = re.compile(r"(\d+(?:\.\d*)?)\s*%")
MOST_CHARS = 16


def read_time(text: str, position_s: float, duration_s: float) -> float | str:
    """Return the instant that ``text`` means, in seconds since the session began, or what is wrong with it.

    ``1:23`` and ``1:02:03``, ``83``, ``83s``, ``1h2m``, ``50%``; with a sign it counts from ``position_s``.
    """
    typed = "".join(text.split())
    if not typed:
        return f"a time: {EXAMPLES}"
    sign, rest = (typed[0], typed[1:]) if typed[0] in "+-" else ("", typed)
    amount_s = _seconds(rest, duration_s) if rest.isascii() and len(rest) <= MOST_CHARS else None
    if amount_s is None:
        return f"not a time; try {EXAMPLES}"
    if sign:
        amount_s = position_s + (amount_s if sign == "+" else -amount_s)
    if amount_s > duration_s + 1:
        return f"{clock(amount_s)} is after the end, {clock(duration_s)}"
    if amount_s < 0:
        return "that is before the start"
    return min(amount_s, duration_s)


def _seconds(text: str, duration_s: float) -> float | None:
    if found := _PERCENT.fullmatch(text):
        return float(found[1]) / 100 * duration_s
    found = _CLOCK.fullmatch(text) or _UNITS.fullmatch(text)
    if found is None or not any(found.groups()):
        return None
    hours, minutes, seconds = (float(part or 0) for part in found.groups())
    return hours * 3600 + minutes * 60 + seconds
