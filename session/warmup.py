"""When a change of the load has taken effect: the end of a level's warm-up."""

from __future__ import annotations

import msgspec

from session.events import Level, Request, Tick


class WarmUp(msgspec.Struct, array_like=True):
    """Watches a level's beginning.

    Warm-up ends when as many requests of the level have finished as are in flight. By Little's law that is one mean
    stay after the server took them up: each place has turned over once, the opening burst of prefills is through, and
    where the load was lowered what was too much has drained. In an open loop beyond what the server can do, the queue
    grows as fast as requests finish, or faster: warm-up may never end, and such a level has no steady part.
    """

    _concurrency: int
    end_s: float | None = None
    """``None`` while it lasts."""
    requests: int = 0
    """How many requests it took: the steady part must see as many again, or it has not seen each place once."""
    _in_flight: dict[int, int] = {}
    _finished: int = 0

    @classmethod
    def of(cls, load: Level, start_s: float, fixed_s: float | None) -> WarmUp:
        """Begin; ``fixed_s`` is how long it lasts where the user said so."""
        if fixed_s is None:
            return cls(load.concurrency, requests=load.concurrency)
        return cls(load.concurrency, start_s + fixed_s)

    def tick(self, tick: Tick) -> None:
        """Note how many requests are in flight."""
        self._in_flight[tick.worker] = tick.in_flight

    def finished(self, request: Request) -> None:
        """Add a request of the level that finished without error."""
        self._finished += 1
        goal = max(1, self._concurrency, sum(self._in_flight.values()))
        if self.end_s is None and self._finished >= goal:
            self.end_s, self.requests = request.t_s, goal

    def over(self, t_s: float) -> bool:
        """Whether an instant lies after it."""
        return self.end_s is not None and t_s > self.end_s
