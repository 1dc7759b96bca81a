"""The requests and latencies of one part of a level: its warm-up, or its steady part."""

from __future__ import annotations

from session.window import LatencyFold


class Counted:
    """What was seen in a part; each figure belongs to the part in which it was complete.

    TTFT at the first token, gaps as their tokens arrive, TPOT and E2E at the last token. Only the share of good
    requests goes by when they started: a request that never meets its bounds in time must not fall out of it.
    """

    __slots__ = ("ended", "good", "good_ended", "latency", "started")

    def __init__(self) -> None:
        self.latency = LatencyFold()
        self.ended = 0
        """Finished in this part without error."""
        self.good_ended = 0
        self.started = 0
        """Started in this part and finished without error, wherever."""
        self.good = 0
        """Of those that started here."""

    def with_(self, other: Counted) -> Counted:
        """Return what both parts hold."""
        both = Counted()
        both.latency = self.latency.with_(other.latency)
        both.ended = self.ended + other.ended
        both.good_ended = self.good_ended + other.good_ended
        both.started = self.started + other.started
        both.good = self.good + other.good
        return both
