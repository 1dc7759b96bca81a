"""What the growth of step time says of the cause, and whether that agrees with the label."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from regime.budget import DRAM_EFFICIENCY, StepBudget
from regime.scaling import Scaling
from regime.shares import same_kind
from regime.verdict import Verdict

AGREES, DISAGREES = 0.05, -0.15
FLAT, STEEP = 0.15, 0.60
"""Elasticities below and above which one term of the step decides."""
WEIGHTS_ALONE, MUCH_MORE = 1.3, 2.0
"""``a`` over the time that the weights take at theoretical bandwidth: reading them leaves room for 1/0.85 and little
more; twice that is another cause."""
HOST_SLOPE = 2.0
"""A slope this many times what KV or arithmetic cost is per-sequence work of the host."""
CERTAIN = 0.95


@dataclass(frozen=True, slots=True)
class Against:
    """The fit's two figures beside what the budget makes of them."""

    weights_s: float
    """Reading the weights at theoretical bandwidth."""
    kv_s: float
    """Reading one sequence's KV."""
    arithmetic_s: float
    """One sequence's multiplications, and its KV or attention."""
    base_ratio: float
    """``a`` over ``weights_s``."""
    slope_ratio: float
    """``b`` over the larger of ``kv_s`` and ``arithmetic_s``."""

    @property
    def words(self) -> str:
        """One line."""
        return (
            f"base {self.base_ratio:.1f} × the weights' time at peak bandwidth, "
            f"slope {self.slope_ratio:.1f} × what KV and arithmetic cost"
        )


def against(scaling: Scaling, batch: float, budget: StepBudget) -> Against | None:
    """Compare with the budget of a level of ``batch`` sequences; ``None`` where that has no weights or no cost."""
    weights = budget.weights_s * DRAM_EFFICIENCY
    kv, arithmetic = _per_sequence(batch, budget)
    if weights <= 0 or max(kv, arithmetic) <= 0:
        return None
    return Against(weights, kv, arithmetic, scaling.base_s / weights, scaling.slope_s / max(kv, arithmetic))


def _per_sequence(batch: float, budget: StepBudget) -> tuple[float, float]:
    """Seconds that one more sequence adds where KV decides, and where arithmetic does."""
    return budget.kv_s / batch, (budget.gemm_s + max(budget.kv_s, budget.attention_s)) / batch


def opinion(scaling: Scaling, batch: float, budget: StepBudget) -> frozenset[str] | None:
    """Causes that the growth at ``batch`` allows, as :func:`regime.shares.same_kind` names them; ``None``: no say.

    A step that hardly grows is reading weights or waiting; one that grows in proportion pays for KV, arithmetic or the
    host, told apart by the size of the slope.
    """
    elasticity = scaling.elasticity_at(batch)
    if elasticity < FLAT and budget.weights_s > 0:
        excess = scaling.base_s / (budget.weights_s * DRAM_EFFICIENCY)
        if excess <= WEIGHTS_ALONE:
            return frozenset(("memory",))
        return frozenset(("rest", "communication")) if excess >= MUCH_MORE else frozenset(("memory", "rest"))
    if elasticity > STEEP and batch > 0:
        return _by_slope(scaling.slope_s, batch, budget)
    return None


def _by_slope(slope_s: float, batch: float, budget: StepBudget) -> frozenset[str] | None:
    kv, arithmetic = _per_sequence(batch, budget)
    if max(kv, arithmetic) <= 0:
        return None
    if slope_s >= HOST_SLOPE * max(kv, arithmetic):
        return frozenset(("rest",))
    if kv <= 0 or abs(math.log(slope_s / arithmetic)) <= abs(math.log(slope_s / kv)):
        return frozenset(("compute",))
    return frozenset(("memory",))


def agrees(verdict: Verdict, scaling: Scaling | None, batch: float | None) -> bool | None:
    """Whether the witness shares a cause with the label; ``None`` where either has nothing to say."""
    if scaling is None or batch is None or verdict.budget is None or verdict.step in (None, "idle"):
        return None
    allowed = opinion(scaling, batch, verdict.budget)
    return None if allowed is None else bool(allowed & same_kind(verdict.step or ""))


def weighed(verdict: Verdict, scaling: Scaling | None, batch: float | None) -> Verdict:
    """The verdict with the witness's say in its confidence: +0.05 where it agrees, -0.15 where it does not."""
    said = agrees(verdict, scaling, batch)
    if said is None or verdict.confidence is None:
        return verdict
    value = verdict.confidence + (AGREES if said else DISAGREES)
    return replace(verdict, confidence=round(min(CERTAIN, max(0.1, value)), 2), scaling_agrees=said)
