"""The distributions of the newest level that was timed, taken once a second: histograms need no more."""

from __future__ import annotations

from collections.abc import Sequence

from session.level_figures import shapes_of
from session.levels import LevelFold
from session.view import Shapes


class Distributions:
    """Remembers what it told until the second, the number of levels or the end of the session changes."""

    def __init__(self) -> None:
        self._told: tuple[int, int, bool] | None = None
        self._shapes: Shapes | None = None

    def of(self, levels: Sequence[LevelFold], now_s: float, *, ended: bool) -> Shapes | None:
        """Return what histograms are drawn from; ``None`` before anything was timed."""
        key = int(now_s), len(levels), ended
        if key != self._told or self._shapes is None:
            self._told = key
            self._shapes = next((shapes_of(level) for level in reversed(levels) if level.timed), None)
        return self._shapes
