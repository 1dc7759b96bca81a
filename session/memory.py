"""All that the verdict remembers from window to window, in recorded time."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from regime.evidence import Evidence
from session.calm import Calm
from session.ceilings import Ceilings
from session.events import Metrics
from session.settling import Settling

CATCH_UP = 8
"""Seconds without any event that are judged one by one; nothing is left of the window after so many."""


class Memory(msgspec.Struct, array_like=True):
    """What stands, whether the server is settling, and what its queue stays at."""

    calm: Calm = msgspec.field(default_factory=Calm)
    settling: Settling = msgspec.field(default_factory=Settling)
    ceilings: Ceilings = msgspec.field(default_factory=Ceilings)
    _judged: int = 0
    """The last whole second that was judged."""

    def judge_until(self, t_s: float, evidence: Callable[[float], Evidence]) -> None:
        """Judge each whole second that passes, so that what stands depends on recorded time alone."""
        for second in range(max(self._judged + 1, int(t_s) - CATCH_UP), int(t_s) + 1):
            self.calm.feed(evidence(float(second)))
        self._judged = max(self._judged, int(t_s))

    def metrics(self, sample: Metrics, offered: float | None) -> None:
        """Take in a reading of the server."""
        usage = [e.kv_usage for e in sample.engines.values() if e.kv_usage is not None]
        self.settling.kv(sample.t_s, max(usage, default=None))
        self.ceilings.feed(sample, offered)
