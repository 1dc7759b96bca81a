"""When to read and draw: figures that are means of seconds once a second, and quickly while a hand is at the keys."""

from __future__ import annotations

import math

BEATS = 5
"""A refresh is cut into so many beats; a beat is as quick as it gets."""
_HURRIED = 2 * BEATS


class Pace:
    """Counts beats. Reads fall into the first beat of each whole second, so that the clock skips none."""

    def __init__(self, refresh_s: float) -> None:
        self.refresh_s = refresh_s
        self.beat_s = refresh_s / BEATS
        self._left = 0
        self._since = 0
        self._hurried = _HURRIED
        """Beats left in which every one is a read: at the start, too, when sources come one after the other."""

    def beat(self) -> bool:
        """Count a beat; return whether it is time to read."""
        self._since += 1
        self._left -= 1
        self._hurried -= 1
        return self._left <= 0 or self._hurried >= 0

    def read(self, now_s: float) -> None:
        """Plan the next read after one that said this time."""
        self._since = 0
        self._left = math.ceil((self.refresh_s - now_s % self.refresh_s) / self.beat_s)

    def hurry(self) -> None:
        """Read at every beat for a while: somebody wants to see what a key does."""
        self._hurried = _HURRIED

    @property
    def since_s(self) -> float:
        """About how long ago the last read was."""
        return self._since * self.beat_s
