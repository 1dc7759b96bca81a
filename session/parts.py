"""The requests and latencies of one part of a level: its warm-up, or its steady part."""

from __future__ import annotations

import msgspec

from session.window import LatencyFold


class Counted(msgspec.Struct, array_like=True):
    """What was seen in a part; each figure belongs to the part in which it was complete.

    TTFT at the first token, gaps as their tokens arrive, TPOT and E2E at the last token. Only the share of good
    requests goes by when they started: a request that never meets its bounds in time must not fall out of it.
    """

    latency: LatencyFold = msgspec.field(default_factory=LatencyFold)
    ended: int = 0
    """Finished in this part without error."""
    good_ended: int = 0
    started: int = 0
    """Started in this part and finished without error, wherever."""
    good: int = 0
    """Of those that started here."""

    def counts(self) -> Counted:
        """Return the counts without the latencies."""
        return Counted(LatencyFold(), self.ended, self.good_ended, self.started, self.good)

    def with_(self, other: Counted) -> Counted:
        """Return what both parts hold."""
        both = Counted()
        both.latency = self.latency.with_(other.latency)
        both.ended = self.ended + other.ended
        both.good_ended = self.good_ended + other.good_ended
        both.started = self.started + other.started
        both.good = self.good + other.good
        return both
