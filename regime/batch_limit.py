"""Why the batch is no larger. A separate question from what a step waits for: KV memory never slows a step down."""

from __future__ import annotations

from dataclasses import dataclass

from regime.evidence import Evidence
from regime.shares import STICK

KV_FULL = 0.90
"""vLLM admits a request only if its whole prompt fits, so the cache stops short of 1."""
_SOME, _HALF = 1.0, 0.5
_NEAR = 0.97
"""Requests that end between two steps leave a gap below ``max_num_seqs`` that a gauge may catch."""
_TOKENS_NEAR = 0.90
"""Tokens a step this near to the ceiling fill the budget, the last piece of a prompt being as long as it is."""


@dataclass(frozen=True, slots=True)
class BatchLimit:
    """What limits the batch, and what that rests on."""

    name: str | None
    """``idle``, ``kv-capacity``, ``max-num-seqs``, ``token-budget``, ``deferred``, ``offered-load``; ``None`` where
    the gauges are missing or leave it open."""
    why: str | None = None
    """For a person, with the numbers; ``None`` where the name says all."""
    inferred: int | None = None
    """``max_num_seqs``, where it was read from the server's behaviour."""

    @property
    def words(self) -> str | None:
        """The name, with the number where it was inferred: ``max-num-seqs (inferred: 256)``."""
        return self.name if self.inferred is None else f"{self.name} (inferred: {self.inferred})"


def batch_limit(evidence: Evidence, last: str | None = None) -> BatchLimit:
    """Name the batch limiter; ``last`` is the one that stands, which a full cache leaves later than it enters."""
    running = evidence.running
    if running is None:
        return BatchLimit(None, "the server's gauges are not read")
    waiting, deferred = capacity_waiters(evidence), evidence.waiting_deferred or 0.0
    if running < _HALF and waiting < _HALF and not deferred >= _HALF:
        return BatchLimit("idle")
    if waiting >= _SOME:
        return _queue_limit(evidence, running, waiting, last)
    if deferred >= _SOME:
        return BatchLimit("deferred", f"{deferred:.0f} requests are deferred by the server")
    return BatchLimit("offered-load", "no request waits")


def _queue_limit(evidence: Evidence, running: float, waiting: float, last: str | None) -> BatchLimit:
    queue = f"{waiting:.0f} wait"
    full = KV_FULL - STICK if last == "kv-capacity" else KV_FULL
    if (evidence.kv_usage or 0.0) >= full or (evidence.preemptions_s or 0.0) > 0:
        return BatchLimit("kv-capacity", _kv_words(evidence, queue))
    most = evidence.max_num_seqs
    if most is not None and running >= min(most - _HALF, most * _NEAR):
        if evidence.max_num_seqs_inferred:
            return BatchLimit("max-num-seqs", f"running stays at {most} while {queue}", most)
        return BatchLimit("max-num-seqs", f"{running:.0f} of {most} run while {queue}")
    tokens, ceiling = _tokens(evidence), evidence.token_ceiling
    if ceiling is not None and tokens is not None and tokens >= _TOKENS_NEAR * ceiling:
        return BatchLimit("token-budget", f"{tokens:.0f} tokens a step, near a ceiling of {ceiling:.0f}, while {queue}")
    return BatchLimit(None, f"{queue}, but neither KV, sequences nor tokens are at a limit that shows")


def _kv_words(evidence: Evidence, queue: str) -> str:
    used = f"KV cache {evidence.kv_usage:.0%}".replace("%", " %") if evidence.kv_usage is not None else "KV cache full"
    return f"{used}" + (", preempting" if (evidence.preemptions_s or 0.0) > 0 else "") + f", {queue}"


def _tokens(evidence: Evidence) -> float | None:
    """Tokens a step, prompts included; ``None`` where prompts play no part."""
    if not evidence.prefill_tokens_per_step:
        return None
    return evidence.prefill_tokens_per_step + (evidence.batch or 0.0)


def capacity_waiters(evidence: Evidence) -> float:
    """Requests that wait for room, deferred ones left out."""
    if evidence.waiting_capacity is not None:
        return evidence.waiting_capacity
    return max(0.0, (evidence.waiting or 0.0) - (evidence.waiting_deferred or 0.0))
