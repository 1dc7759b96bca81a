"""Up to three lines with the numbers behind a verdict, and what a reader must know about them."""

from __future__ import annotations

from collections.abc import Iterator

from regime import words
from regime.batch_limit import batch_limit
from regime.confidence import (
    CONFLICT,
    LEAST_STEPS,
    agreement,
)
from regime.evidence import Evidence
from regime.measured import Measured
from regime.modelled import Modelled
from regime.modifiers import power_capped, power_says_compute, thermal
from regime.room import room_words
from regime.traffic import Traffic


def reasons(
    evidence: Evidence, measured: Measured | None, modelled: Modelled | None, traffic: Traffic | None = None
) -> tuple[str, ...]:
    """One line of counters, one of the model, one of the batch and the reservations."""
    lines: list[str] = []
    if measured is not None:
        lines.append(words.counter_line(measured, evidence))
    elif evidence.gpus_missing:
        lines.append(f"measured: n/a ({evidence.gpus_missing})")
    if modelled is not None:
        lines.append(words.model_line(modelled, evidence))
    batch = words.batch_line(evidence)
    last = [
        *([batch] if batch else []),
        *_notes(evidence, measured, modelled, traffic),
        *_clock_notes(evidence, measured),
    ]
    if last:
        lines.append("; ".join(last))
    return tuple(lines)


def _notes(
    evidence: Evidence, measured: Measured | None, modelled: Modelled | None, traffic: Traffic | None
) -> Iterator[str]:
    if modelled is not None and not modelled.plausible:
        floor = f"{modelled.budget.floor_s * 1e3:.2f} ms"
        yield f"the model's floor of {floor} is above the step: dtype, cached prompts, speculation or peaks differ"
    elif measured is not None and modelled is not None and agreement(measured, modelled, traffic) == CONFLICT:
        yield f"counters say {measured.label}, the model {modelled.label}"
    if measured is not None and measured.imbalance:
        yield "imbalance: the GPUs differ by more than 15 points"
    if modelled is not None and evidence.context_tokens is None:
        yield "context unknown: KV left out of the model"
    if measured is not None and measured.mixed:
        yield "prefill and decode are mixed"
    if batch_limit(evidence).name == "kv-capacity" and evidence.kv_cache_tokens:
        yield room_words(evidence.kv_cache_tokens, evidence.context_tokens or 0.0)
    if evidence.steps is not None and evidence.steps < LEAST_STEPS:
        yield f"only {evidence.steps:.0f} steps"


def _clock_notes(evidence: Evidence, measured: Measured | None) -> Iterator[str]:
    if thermal(evidence):
        yield "the hardware holds the clock down (thermal or power brake)"
    elif power_says_compute(evidence, measured):
        yield "at the power limit, as arithmetic is"
    elif power_capped(evidence) and measured is not None and measured.shares.compute > 0:
        yield "at the power limit"
