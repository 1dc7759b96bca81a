"""The rule that names what a decode step waits for; docs/verdict.md explains it."""

from __future__ import annotations

from dataclasses import dataclass

from regime import words
from regime.batch_limit import batch_limit
from regime.confidence import AGREE, confidence_in
from regime.evidence import Evidence
from regime.measured import Measured, measure
from regime.modelled import Modelled, estimate
from regime.reasons import reasons
from regime.shares import Shares

__all__ = ["Shares", "Verdict", "judge"]

_IDLE_BUSY = 0.10
"""Kernels resident for less than this share of the time, and nothing running: idle."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What limits the step and what limits the batch, with the reasons."""

    step: str | None
    """``memory``, ``compute``, ``communication``, ``latency``, ``overhead``, ``balanced``, ``idle``,
    two of them joined by ``+``, or ``None`` where it cannot be told."""
    batch: str | None
    """``idle``, ``kv-capacity``, ``max-num-seqs``, ``token-budget``, ``deferred``, ``offered-load`` or ``None``."""
    confidence: float | None
    """Ordinal, 0 to 1; not a probability."""
    shares: Shares | None
    """The shares that the label was taken from: measured where counters exist, else modelled."""
    measured: Shares | None
    modelled: Shares | None
    line: str
    """One line for a person."""
    evidence: tuple[str, ...]
    """Up to three lines with numbers."""


def judge(evidence: Evidence) -> Verdict:
    """Name the step limiter and the batch limiter of one window."""
    modelled = estimate(evidence)
    measured = measure(evidence, modelled.shares.communication if modelled and modelled.plausible else None)
    batch = batch_limit(evidence)
    if _idle(evidence, measured, batch):
        return Verdict("idle", "idle", AGREE, None, None, None, "idle: no request is running", ())
    if batch == "idle":  # a gauge read between two short requests; the counters saw work
        batch = "offered-load"
    if evidence.client_limited:
        line = "client-bound: the load generator is the limit, so the server's step is not judged"
        return _verdict(evidence, None, batch, None, measured, modelled, line)
    if measured is not None:
        label, shares = measured.label, measured.shares
    elif modelled is not None:
        label, shares = modelled.label, modelled.shares
    else:
        return _verdict(evidence, None, batch, None, None, None, words.cannot_tell(evidence))
    line = words.step_line(label, shares, measured=measured is not None, decode=not _prompts_matter(evidence))
    if evidence.transient:
        line += " (not steady yet: the load has just changed)"
    return _verdict(evidence, label, batch, confidence_in(evidence, measured, modelled), measured, modelled, line)


def _verdict(
    evidence: Evidence,
    label: str | None,
    batch: str | None,
    confidence: float | None,
    measured: Measured | None,
    modelled: Modelled | None,
    line: str,
) -> Verdict:
    chosen = measured.shares if measured else modelled.shares if modelled else None
    return Verdict(
        step=label,
        batch=batch,
        confidence=confidence,
        shares=chosen if label is not None else None,
        measured=measured.shares if measured else None,
        modelled=modelled.shares if modelled else None,
        line=line,
        evidence=reasons(evidence, measured, modelled),
    )


def _idle(evidence: Evidence, measured: Measured | None, batch: str | None) -> bool:
    """Idle unless a gauge or a counter shows work; a gauge read between two short requests may say 0."""
    if measured is None:
        return batch == "idle" and evidence.batch in (None, 0.0)
    return measured.graphics < _IDLE_BUSY and batch in (None, "idle")


def _prompts_matter(evidence: Evidence) -> bool:
    """Whether prompt tokens outnumber decoded ones: then a step is not a decode step."""
    prefill, batch = evidence.prefill_tokens_per_step, evidence.batch
    return prefill is not None and prefill > (batch or 0.0)
