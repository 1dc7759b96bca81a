"""The rule that names what a decode step waits for; docs/verdict.md explains it."""

from __future__ import annotations

from dataclasses import dataclass

from regime import words
from regime.advice import Case, advise
from regime.batch_limit import BatchLimit, batch_limit
from regime.budget import StepBudget
from regime.confidence import AGREE, confidence_in
from regime.evidence import Evidence
from regime.measured import Measured, measure
from regime.modelled import Modelled, estimate
from regime.modifiers import modifiers
from regime.parts import Parts, measured_parts, modelled_parts
from regime.reasons import reasons
from regime.shares import Shares
from regime.traffic import Traffic, traffic

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
    advice: str | None = None
    """One line with the flag to change; ``None`` where no rule's evidence holds."""
    modifiers: tuple[str, ...] = ()
    """Beside the label: ``client-bound``, ``transient``, ``thermal``, ``power-capped``, ``imbalance``, ``mixed``."""
    window: str | None = None
    """What this window alone says, where the label that stands is another."""
    batch_inferred: int | None = None
    """``max_num_seqs``, where it limits the batch and was read from the server's behaviour."""
    batch_why: str | None = None
    """What the batch limiter rests on."""
    measured_parts: Parts | None = None
    modelled_parts: Parts | None = None
    budget: StepBudget | None = None
    """The model's terms, where it is plausible."""
    traffic: Traffic | None = None
    """DRAM traffic of the whole window, counters beside the model; ``None`` where either cannot say."""
    scaling_agrees: bool | None = None
    """Whether the growth of step time over the session's levels agrees; ``None``: it has no say."""

    @property
    def limit(self) -> BatchLimit:
        """The batch limiter as it was found."""
        return BatchLimit(self.batch, self.batch_why, self.batch_inferred)

    @property
    def batch_words(self) -> str | None:
        """The batch limiter, with the number where it was inferred: ``max-num-seqs (inferred: 256)``."""
        return self.limit.words

    @property
    def parts(self) -> Parts | None:
        """The step's parts: measured where counters exist, else modelled."""
        return self.measured_parts or self.modelled_parts


@dataclass(frozen=True, slots=True)
class Standing:
    """The labels that stand, from the windows before; they are left later than they are entered."""

    step: str | None = None
    batch: BatchLimit | None = None


def judge(
    evidence: Evidence, standing: Standing | None = None, *, hold_step: bool = False, hold_batch: bool = False
) -> Verdict:
    """Name the step limiter and the batch limiter of one window.

    Pure: ``standing`` is all that it knows of other windows. With ``hold_step`` the step's label stands as it is, and
    :attr:`Verdict.window` says what the window would have been called; with ``hold_batch`` the batch limiter does.
    """
    last = standing or Standing()
    measured, modelled, batch = _look(evidence, last)
    if batch.name == "idle":
        return Verdict("idle", "idle", AGREE, None, None, None, "idle: no request is running", ())
    if hold_batch and last.batch is not None:
        batch = last.batch
    seen = measured or modelled
    if evidence.client_limited:
        line = "client-bound: the load generator is the limit, so the server's step is not judged"
        return _verdict(evidence, None, None, batch, measured, modelled, line)
    if seen is None:
        return _verdict(evidence, None, None, batch, None, None, words.cannot_tell(evidence))
    label = last.step if hold_step and last.step is not None else seen.label
    line = words.step_line(label, seen.shares, measured=measured is not None, decode=not _prompts_matter(evidence))
    if evidence.transient:
        line += f" (not steady yet: {evidence.transient_why})"
    return _verdict(evidence, label, seen.label, batch, measured, modelled, line)


@dataclass(frozen=True, slots=True)
class Named:
    """What :func:`judge` names, without its words."""

    step: str | None
    batch: BatchLimit
    shares: Shares | None


def name(evidence: Evidence, standing: Standing) -> Named:
    """Name what :func:`judge` would, for those who judge each second and read no words."""
    measured, modelled, batch = _look(evidence, standing)
    if batch.name == "idle":
        return Named("idle", batch, None)
    seen = measured or modelled
    if evidence.client_limited or seen is None:
        return Named(None, batch, None)
    return Named(seen.label, batch, seen.shares)


def _look(evidence: Evidence, last: Standing) -> tuple[Measured | None, Modelled | None, BatchLimit]:
    """Return what counters and arithmetic say, and the batch limiter: ``idle`` only where all is."""
    modelled = estimate(evidence, last.step)
    communication = modelled.shares.communication if modelled and modelled.plausible else None
    measured = measure(evidence, communication, last.step)
    batch = batch_limit(evidence, last.batch.name if last.batch else None)
    if _idle(evidence, measured, batch.name):
        return measured, modelled, BatchLimit("idle")
    if batch.name == "idle":  # a gauge read between two short requests; the counters saw work
        batch = BatchLimit("offered-load", "no request waits")
    return measured, modelled, batch


def _verdict(
    evidence: Evidence,
    label: str | None,
    window: str | None,
    batch: BatchLimit,
    measured: Measured | None,
    modelled: Modelled | None,
    line: str,
) -> Verdict:
    seen = measured or modelled
    shares = seen.shares if seen is not None and label is not None else None
    moved = traffic(evidence, measured)
    return Verdict(
        step=label,
        batch=batch.name,
        confidence=None if label is None else confidence_in(evidence, measured, modelled, moved),
        shares=shares,
        measured=measured.shares if measured else None,
        modelled=modelled.shares if modelled else None,
        line=line,
        evidence=reasons(evidence, measured, modelled, moved),
        advice=_advice(evidence, label, batch, measured, modelled),
        modifiers=modifiers(evidence, measured),
        window=window if window != label else None,
        batch_inferred=batch.inferred,
        batch_why=batch.why,
        measured_parts=measured_parts(measured, _plausible(modelled), evidence.step_s) if measured else None,
        modelled_parts=modelled_parts(modelled, evidence) if modelled else None,
        budget=modelled.budget if modelled and modelled.plausible else None,
        traffic=moved,
    )


def _advice(
    evidence: Evidence, label: str | None, batch: BatchLimit, measured: Measured | None, modelled: Modelled | None
) -> str | None:
    seen = measured or _plausible(modelled)
    if seen is None or (label is None and not evidence.client_limited):
        return None
    return advise(Case(evidence, label or "idle", seen.shares, batch, measured, modelled))


def _plausible(modelled: Modelled | None) -> Modelled | None:
    return modelled if modelled is not None and modelled.plausible else None


def _idle(evidence: Evidence, measured: Measured | None, batch: str | None) -> bool:
    """Idle unless a gauge or a counter shows work; a gauge read between two short requests may say 0."""
    if measured is None:
        return batch == "idle" and evidence.batch in (None, 0.0)
    return measured.graphics < _IDLE_BUSY and batch in (None, "idle")


def _prompts_matter(evidence: Evidence) -> bool:
    """Whether prompt tokens outnumber decoded ones: then a step is not a decode step."""
    prefill, batch = evidence.prefill_tokens_per_step, evidence.batch
    return prefill is not None and prefill > (batch or 0.0)
