"""How far to trust a label: whether the counters and the arithmetic agree, and how good the window is."""

from __future__ import annotations

from regime.evidence import Evidence
from regime.measured import Measured
from regime.modelled import Modelled
from regime.modifiers import power_says_compute, thermal
from regime.shares import same_kind
from regime.traffic import Traffic

AGREE, PARTLY, CONFLICT = 0.90, 0.75, 0.50
MEASURED_ALONE, MODEL_ALONE, IMPLAUSIBLE = 0.75, 0.65, 0.30
LEAST_STEPS = 20
"""A window of fewer steps is judged, but trusted less."""
CORROBORATED = 0.05


def confidence_in(
    evidence: Evidence, measured: Measured | None, modelled: Modelled | None, traffic: Traffic | None = None
) -> float:
    """Ordinal, 0.1 to 0.95: the witnesses' agreement, less what makes the window a poor one.

    The power limit is a witness of its own for arithmetic: nothing draws as much as full tensor pipes.
    """
    value = agreement(measured, modelled, traffic)
    if power_says_compute(evidence, measured) and measured is not None and "compute" in same_kind(measured.label):
        value += CORROBORATED
    if evidence.transient:
        value -= 0.15
    if evidence.steps is not None and evidence.steps < LEAST_STEPS:
        value -= 0.15
    if thermal(evidence):
        value -= 0.10
    return round(max(0.1, value), 2)


def agreement(measured: Measured | None, modelled: Modelled | None, traffic: Traffic | None = None) -> float:
    """What the two witnesses are worth together. An implausible model counts as none.

    Labels may differ because the counters see prompts too, and the budget a decode step: where both then expect the
    same DRAM traffic of the whole window, they do not conflict.
    """
    if measured is None:
        return MODEL_ALONE if modelled is not None and modelled.plausible else IMPLAUSIBLE
    if modelled is None or not modelled.plausible:
        return MEASURED_ALONE
    seen, reckoned = same_kind(measured.label), same_kind(modelled.label)
    if seen == reckoned:
        return AGREE
    return PARTLY if seen & reckoned or (traffic is not None and traffic.agrees) else CONFLICT
