"""How a step's wall time is shared out, and the label that the shares give."""

from __future__ import annotations

from dataclasses import dataclass

LEAD = 0.15
"""A cause is named alone if its share leads by this much. A judgement, not a calibration: about the noise of one
window of counters plus the mix of phases in it."""

STICK = 0.10
"""A label that stands is left this much later than it is entered, so that a share at the threshold does not flicker."""


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

    def of(self, cause: str) -> float:
        """The share of one cause by its name."""
        return dict(self.ranked())[cause]


def label_of(shares: Shares, last: str | None = None) -> str:
    """The largest share if it leads by :data:`LEAD`, else the two largest joined by ``+``.

    Taking away everything but a share ``s`` speeds a step up by at most 1/s, so the largest is what pays most.
    ``last`` is the label that stands: a single cause stays so until its lead is under ``LEAD - STICK``, and a pair
    keeps its order while neither leads.
    """
    (first, most), (second, next_most), *_ = shares.ranked()
    enough = LEAD - STICK if last == first else LEAD
    if most - next_most >= enough:
        return first
    return last if last == f"{second}+{first}" else f"{first}+{second}"


def same_kind(label: str) -> frozenset[str]:
    """The causes in a label, as far as counters and model can both see them.

    The model cannot tell small kernels from an empty GPU, so ``latency`` and ``overhead`` count as one.
    """
    if label == "balanced":
        return frozenset(("memory", "compute"))
    return frozenset("rest" if part in ("latency", "overhead") else part for part in label.split("+"))
