"""All levels of a session, and which of them an event belongs to."""

from __future__ import annotations

from bisect import bisect_right

import msgspec

from session.arrived import token_span
from session.events import Request, Tick
from session.level_figures import figures_of, shapes_of
from session.levels import LevelFold
from session.view import Shapes

CONCLUDED_S = 60.0
"""So long after its end a level whose requests have all ended takes no more figures: a session of thousands of levels
stays small. Far beyond any disorder of a recording."""
ABANDONED_S = 300.0
"""So long after its end it takes none although not all of its requests were seen to end: ticks count those in flight
four times a second, so that one may end uncounted."""


class Book(msgspec.Struct, array_like=True):
    """Levels, oldest first."""

    levels: list[LevelFold] = []
    _starts: list[float] = []
    _unsettled: list[int] = []
    """Places of levels that have ended while some of their requests have not."""
    _open: list[int] = []
    """Places of levels that have ended and are not concluded."""
    shapes: Shapes | None = None
    """The distributions of the newest timed level of those that are concluded, by buckets."""

    def last(self) -> LevelFold | None:
        """Return the present level."""
        return self.levels[-1] if self.levels else None

    def begin(self, level: LevelFold) -> None:
        """Add the level that begins."""
        self.levels.append(level)
        self._starts.append(level.start_s)

    def close(self, t_s: float, in_flight: int) -> None:
        """End the present level, if one is open."""
        if (level := self.last()) is not None and level.end_s is None:
            level.end_s, level.pending = t_s, in_flight
            level.changes += 1
            self._unsettled.append(len(self.levels) - 1)
            self._open.append(len(self.levels) - 1)

    def at(self, t_s: float) -> LevelFold | None:
        """Return the level to which an event at ``t_s`` belongs."""
        at = bisect_right(self._starts, t_s) - 1
        return self.levels[at] if at >= 0 else None

    def of(self, request: Request) -> LevelFold | None:
        """Return the level under which a request was sent: a worker hears of a change a little later than it is."""
        if 0 < request.level <= len(self.levels):
            return self.levels[request.level - 1]
        return self.at(request.start_s)

    def tick(self, tick: Tick, gaps: tuple[float, int], *, limited: bool, idle: bool) -> None:
        """Add a tick to the level in which its middle lies; ``idle``: nothing is in flight any more."""
        if (level := self.at(tick.t_s - tick.dt_s / 2)) is not None:
            level.tick(tick, gaps, limited=limited)
        if (begun := self.at(tick.t_s)) is not None and begun is not level:
            begun.tick_before(tick, gaps)
        if idle and self._unsettled:
            begin_s = tick.t_s - tick.dt_s
            self._settle([at for at in self._unsettled if (self.levels[at].end_s or 0.0) <= begin_s])

    def arrive(self, request: Request) -> None:
        """Add a request's tokens to all levels in which they came; a level without others in flight is settled."""
        first_s, last_s = token_span(request)
        last = bisect_right(self._starts, last_s)
        for at in range(max(0, bisect_right(self._starts, first_s) - 1), last):
            self.levels[at].arrive(request)
        if not self._unsettled:
            return
        for at in self._unsettled:
            level = self.levels[at]
            level.pending -= request.start_s < (level.end_s or 0.0) <= request.t_s
        self._settle([at for at in self._unsettled if self.levels[at].pending <= 0])

    def settle_all(self) -> None:
        """Nothing more can come."""
        self._settle(list(self._unsettled))

    def _settle(self, places: list[int]) -> None:
        for at in places:
            self.levels[at].settle()
            self._unsettled.remove(at)

    def conclude(self, now_s: float) -> None:
        """Keep the figures alone of levels to which nothing can be added any more."""
        for at in list(self._open):
            level = self.levels[at]
            waited_s = now_s - (level.end_s or 0.0)
            if waited_s >= ABANDONED_S or (waited_s >= CONCLUDED_S and at not in self._unsettled):
                if level.timed and (self.shapes is None or level.number > self.shapes.level):
                    self.shapes = shapes_of(level).by_buckets()
                level.conclude(figures_of(level))
                self._open.remove(at)
                if at in self._unsettled:
                    self._unsettled.remove(at)
