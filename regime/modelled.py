"""The step limiter by arithmetic: the budget of the step against the time it was seen to take."""

from __future__ import annotations

from dataclasses import dataclass

from regime.budget import StepBudget, step_budget
from regime.evidence import Evidence
from regime.shares import Shares, label_of

TOLERANCE = 1.02
"""A budget longer than this times the observed step means wrong inputs: dtype, prefix cache, speculation, peaks."""


@dataclass(frozen=True, slots=True)
class Modelled:
    """What the arithmetic says."""

    budget: StepBudget
    step_s: float
    shares: Shares
    label: str
    plausible: bool
    """False where the budget is longer than the observed step; shares are then of the budget."""
    clock_ratio: float


def estimate(evidence: Evidence, last: str | None = None) -> Modelled | None:
    """Budget and shares; ``None`` while :func:`missing_inputs` has anything.

    ``last`` is the label that stands, which is left later than it is entered.
    """
    peaks, model, batch, step_s = evidence.peaks, evidence.model, evidence.batch, evidence.step_s
    if peaks is None or model is None or batch is None or batch <= 0 or step_s is None or step_s <= 0:
        return None
    clock = _clock_ratio(evidence)
    budget = step_budget(
        peaks,
        model,
        evidence.tp,
        batch,
        prefill_in_step(evidence),
        evidence.context_tokens or 0.0,
        clock,
    )
    whole = max(step_s, budget.floor_s)
    shares = Shares(
        memory=budget.memory_s / whole,
        compute=budget.compute_s / whole,
        communication=budget.communication_s / whole,
        latency=0.0,  # arithmetic cannot tell small kernels from an empty GPU: the rest is overhead here
        overhead=1.0 - budget.floor_s / whole,
    )
    plausible = budget.floor_s <= TOLERANCE * step_s
    return Modelled(budget, step_s, shares, label_of(shares, last), plausible, clock)


def prefill_in_step(evidence: Evidence) -> float:
    """Prompt tokens that share a decode step. Alone, a request decodes when its own prompt is done: none."""
    return (evidence.prefill_tokens_per_step or 0.0) if (evidence.batch or 0.0) > 1 else 0.0


def missing_inputs(evidence: Evidence) -> list[str]:
    """What the arithmetic lacks, in words."""
    wanted = {
        "the GPU's peaks": evidence.peaks,
        _without_shape(evidence): evidence.model,
        "the step time": evidence.step_s or None,
        "the batch size": evidence.batch or None,
    }
    return [words for words, value in wanted.items() if value is None]


def _without_shape(evidence: Evidence) -> str:
    return "the model's shape" + (f" ({evidence.model_missing})" if evidence.model_missing else "")


def _clock_ratio(evidence: Evidence) -> float:
    """The slowest rank's; the maximum clock where none is read."""
    return min((gpu.sm_clock_ratio for gpu in evidence.gpus if gpu.sm_clock_ratio), default=1.0)
