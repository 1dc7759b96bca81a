"""When a change of the load has taken effect: the end of a level's warm-up."""

from __future__ import annotations

from session.events import Level, Request, Tick


class WarmUp:
    """Watches a level's beginning.

    Warm-up ends when as many requests of the level have finished as are in flight. By Little's law that is one mean
    stay after the server took them up: each place has turned over once, the opening burst of prefills is through, and
    where the load was lowered what was too much has drained. In an open loop beyond what the server can do, the queue
    grows as fast as requests finish, or faster: warm-up may never end, and such a level has no steady part.
    """

    def __init__(self, load: Level, start_s: float, fixed_s: float | None) -> None:
        self.start_s = start_s
        self.end_s = None if fixed_s is None else start_s + fixed_s
        """``None`` while it lasts."""
        self.requests = 0 if fixed_s is not None else load.concurrency
        """How many requests it took: the steady part must see as many again, or it has not seen each place once."""
        self._fixed = fixed_s is not None
        self._load = load
        self._in_flight: dict[int, int] = {}
        self._finished = 0

    def tick(self, tick: Tick) -> None:
        """Note how many requests are in flight."""
        self._in_flight[tick.worker] = tick.in_flight

    def finished(self, request: Request) -> None:
        """Add a request of the level that finished without error."""
        self._finished += 1
        goal = max(1, self._load.concurrency, sum(self._in_flight.values()))
        if self.end_s is None and self._finished >= goal:
            self.end_s, self.requests = request.t_s, goal

    def over(self, t_s: float) -> bool:
        """Whether an instant lies after it."""
        return self.end_s is not None and t_s > self.end_s
