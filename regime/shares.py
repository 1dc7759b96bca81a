"""How a step's wall time is shared out, and the label that the shares give."""

from __future__ import annotations

from dataclasses import dataclass

LEAD = 0.15
"""A cause is named alone if its share leads by this much. A judgement, not a calibration: about the noise of one
window of counters plus the mix of phases in it."""


@dataclass(frozen=True, slots=True)
class Shares:
    """Shares of a step's wall time; each 0 to 1, together 1."""

    memory: float
    compute: float
    communication: float
    latency: float
    overhead: float

    def ranked(self) -> list[tuple[str, float]]:
        """Names and shares, the largest first."""
        pairs = [
            ("memory", self.memory),
            ("compute", self.compute),
            ("communication", self.communication),
            ("latency", self.latency),
            ("overhead", self.overhead),
        ]
        return sorted(pairs, key=lambda pair: -pair[1])


def label_of(shares: Shares) -> str:
    """The largest share if it leads by :data:`LEAD`, else the two largest joined by ``+``.

    Taking away everything but a share ``s`` speeds a step up by at most 1/s, so the largest is what pays most.
    """
    (first, most), (second, next_most), *_ = shares.ranked()
    return first if most - next_most >= LEAD else f"{first}+{second}"


def same_kind(label: str) -> frozenset[str]:
    """The causes in a label, as far as counters and model can both see them.

    The model cannot tell small kernels from an empty GPU, so ``latency`` and ``overhead`` count as one.
    """
    if label == "balanced":
        return frozenset(("memory", "compute"))
    return frozenset("rest" if part in ("latency", "overhead") else part for part in label.split("+"))
