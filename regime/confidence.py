"""How far to trust a label: whether the counters and the arithmetic agree, and how good the window is."""

from __future__ import annotations

from regime.evidence import Evidence
from regime.measured import Measured
from regime.modelled import Modelled
from regime.shares import same_kind

AGREE, PARTLY, CONFLICT = 0.90, 0.75, 0.50
MEASURED_ALONE, MODEL_ALONE, IMPLAUSIBLE = 0.75, 0.65, 0.30
LEAST_STEPS = 20
"""A window of fewer steps is judged, but trusted less."""
HARDWARE_SLOWDOWN = 0x8 | 0x20 | 0x40 | 0x80
"""NVML clock event reasons: hardware slowdown, software thermal, hardware thermal, power brake."""
POWER_CAP = 0x4


def confidence_in(evidence: Evidence, measured: Measured | None, modelled: Modelled | None) -> float:
    """Ordinal, 0.1 to 0.9: the witnesses' agreement, less what makes the window a poor one."""
    value = agreement(measured, modelled)
    if evidence.transient:
        value -= 0.15
    if evidence.steps is not None and evidence.steps < LEAST_STEPS:
        value -= 0.15
    if clock_reasons(evidence) & HARDWARE_SLOWDOWN:
        value -= 0.10
    return round(max(0.1, value), 2)


def agreement(measured: Measured | None, modelled: Modelled | None) -> float:
    """What the two witnesses are worth together. An implausible model counts as none."""
    if measured is None:
        return MODEL_ALONE if modelled is not None and modelled.plausible else IMPLAUSIBLE
    if modelled is None or not modelled.plausible:
        return MEASURED_ALONE
    seen, reckoned = same_kind(measured.label), same_kind(modelled.label)
    if seen == reckoned:
        return AGREE
    return PARTLY if seen & reckoned else CONFLICT


def clock_reasons(evidence: Evidence) -> int:
    """Clock event reasons of all GPUs, or-ed."""
    seen = 0
    for gpu in evidence.gpus:
        seen |= gpu.clock_event_reasons or 0
    return seen
