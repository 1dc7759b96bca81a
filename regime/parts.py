"""A step's time in named parts, measured and modelled: what a stacked bar is drawn from."""

from __future__ import annotations

from dataclasses import dataclass

from regime.budget import COMPUTE_EFFICIENCY, DRAM_EFFICIENCY, StepBudget
from regime.evidence import Evidence
from regime.measured import Measured
from regime.modelled import Modelled

NAMES = ("weights", "kv", "memory", "compute", "communication", "latency", "host", "rest")
"""In the order in which they are drawn. ``memory`` is weights and KV where they cannot be told apart, ``rest`` is
latency and host where they cannot."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a step."""

    name: str
    share: float
    """Of the step, 0 to 1."""
    seconds: float | None
    """``None`` where the step time is not known."""


@dataclass(frozen=True, slots=True)
class Parts:
    """All parts of a step; the shares add up to 1."""

    parts: tuple[Part, ...]
    roofline: float | None = None
    """Of the time observed, the share that theoretical DRAM and tensor peaks would need; ``None`` without a model."""

    def of(self, name: str) -> Part | None:
        """The part of this name; ``None`` where it is not told apart."""
        return next((part for part in self.parts if part.name == name), None)

    @property
    def largest(self) -> Part:
        """The part that pays most."""
        return max(self.parts, key=lambda part: part.share)

    @property
    def at_most(self) -> float | None:
        """How many times as fast a step without its largest part could be, 1/(1 - s) (Amdahl); ``None``: no bound."""
        rest = 1.0 - self.largest.share
        return 1.0 / rest if rest > 1e-3 else None


def measured_parts(measured: Measured, modelled: Modelled | None, step_s: float | None) -> Parts:
    """Parts by the counters. They see DRAM as a whole: the model's ratio tells weights from KV, where there is one."""
    shares = measured.shares
    told = {
        **_memory(shares.memory, modelled.budget if modelled else None),
        "compute": shares.compute,
        "communication": shares.communication,
        "latency": shares.latency,
        "host": shares.overhead,
    }
    return _parts(told, step_s)


def modelled_parts(modelled: Modelled, evidence: Evidence) -> Parts:
    """Parts by the arithmetic. Small kernels and an empty GPU are both its rest."""
    budget, whole_s = modelled.budget, max(modelled.step_s, modelled.budget.floor_s)
    weights, kv = _dram_s(budget)
    told = {
        "weights": weights / whole_s,
        "kv": kv / whole_s,
        "compute": budget.compute_s / whole_s,
        "communication": budget.communication_s / whole_s,
        "rest": max(0.0, 1.0 - budget.floor_s / whole_s),
    }
    return _parts(told, whole_s, roofline_share(modelled, evidence))


def roofline_share(modelled: Modelled, evidence: Evidence) -> float | None:
    """Time at theoretical peaks (full clock, no efficiency taken off) over the time observed, 0 to 1.

    max(weight bytes, matrix FLOP) + max(KV bytes, attention FLOP), each at its peak.
    """
    peaks, budget = evidence.peaks, modelled.budget
    if peaks is None:
        return None
    reach = min(COMPUTE_EFFICIENCY, peaks.mamf or COMPUTE_EFFICIENCY) * modelled.clock_ratio
    layers = max(budget.weights_s * DRAM_EFFICIENCY, budget.gemm_s * reach)
    attention = max(budget.kv_s * DRAM_EFFICIENCY, budget.attention_s * reach)
    return min(1.0, (layers + attention) / modelled.step_s)


def _dram_s(budget: StepBudget) -> tuple[float, float]:
    """Seconds of weights and of KV, each as far as it is what the step waits for."""
    weights = budget.weights_s if budget.weights_s >= budget.gemm_s else 0.0
    return weights, budget.kv_s if budget.kv_s >= budget.attention_s else 0.0


def _memory(share: float, budget: StepBudget | None) -> dict[str, float]:
    if budget is None or budget.weights_s + budget.kv_s <= 0:
        return {"memory": share}
    ratio = budget.weights_s / (budget.weights_s + budget.kv_s)
    return {"weights": share * ratio, "kv": share * (1.0 - ratio)}


def _parts(told: dict[str, float], step_s: float | None, roofline: float | None = None) -> Parts:
    parts = (Part(name, share, None if step_s is None else share * step_s) for name, share in told.items())
    return Parts(tuple(parts), roofline)
