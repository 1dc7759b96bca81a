"""What colours a verdict without being its cause: power, heat, unequal ranks, the client, an unsteady window."""

from __future__ import annotations

from regime.evidence import Evidence, GpuEvidence
from regime.measured import Measured, is_mixed

HARDWARE_SLOWDOWN = 0x8 | 0x20 | 0x40 | 0x80
"""NVML clock event reasons: hardware slowdown, software thermal, hardware thermal, power brake."""
POWER_CAP = 0x4
CAPPED_SHARE = 0.10
"""A clock that is held down for less of the window than this changes no figure that a person would see."""
PROMPTS_MATTER = 25.0
"""Prompt tokens a step: an eighth of the ridge (about 200 tokens). Fewer ride along with weights read anyway."""
CORROBORATES = 0.5
"""From this share of compute on, the power limit says the same: tensor pipes draw the most power."""


def modifiers(evidence: Evidence, measured: Measured | None) -> tuple[str, ...]:
    """Names, the gravest first: ``client-bound``, ``transient``, ``thermal``, ``power-capped``, ``imbalance``,
    ``mixed``.
    """
    found = {
        "client-bound": evidence.client_limited,
        "transient": evidence.transient,
        "thermal": thermal(evidence),
        "power-capped": power_capped(evidence),
        "imbalance": measured is not None and measured.imbalance,
        "mixed": mixed(evidence),
    }
    return tuple(name for name, there in found.items() if there)


def mixed(evidence: Evidence) -> bool:
    """Whether the window averages prefill and decode, and prompts are enough of a step to matter."""
    return is_mixed(evidence) and (evidence.prefill_tokens_per_step or 0.0) >= PROMPTS_MATTER


def power_capped(evidence: Evidence) -> bool:
    """Whether the power limit held some GPU's clock down for a part of the window that matters."""
    return any(_held(gpu, gpu.power_capped, POWER_CAP) for gpu in evidence.gpus)


def thermal(evidence: Evidence) -> bool:
    """Whether heat, the power brake or the board's protection held some GPU's clock down."""
    return any(_held(gpu, gpu.thermal, HARDWARE_SLOWDOWN) for gpu in evidence.gpus)


def power_says_compute(evidence: Evidence, measured: Measured | None) -> bool:
    """Whether the power limit corroborates what the tensor pipes say."""
    return measured is not None and measured.shares.compute >= CORROBORATES and power_capped(evidence)


def _held(gpu: GpuEvidence, share: float | None, mask: int) -> bool:
    if share is not None:
        return share >= CAPPED_SHARE
    return bool((gpu.clock_event_reasons or 0) & mask)
