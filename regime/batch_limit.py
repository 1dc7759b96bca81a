"""Why the batch is no larger. A separate question from what a step waits for: KV memory never slows a step down."""

from __future__ import annotations

from regime.evidence import Evidence

_KV_FULL = 0.90
"""vLLM admits a request only if its whole prompt fits, so the cache stops short of 1."""
_SOME, _HALF = 1.0, 0.5


def batch_limit(evidence: Evidence) -> str | None:
    """Name the batch limiter, or ``None`` where the gauges are missing or leave it open."""
    running = evidence.running
    if running is None:
        return None
    waiting = _capacity_waiters(evidence)
    if running < _HALF and waiting < _HALF and not (evidence.waiting_deferred or 0.0) >= _HALF:
        return "idle"
    if waiting >= _SOME:
        return _queue_limit(evidence, running)
    if (evidence.waiting_deferred or 0.0) >= _SOME:
        return "deferred"
    return "offered-load"


def _queue_limit(evidence: Evidence, running: float) -> str | None:
    if (evidence.kv_usage or 0.0) >= _KV_FULL or (evidence.preemptions_s or 0.0) > 0:
        return "kv-capacity"
    if evidence.max_num_seqs is None:  # no metric tells it; without it the queue may wait for either limit
        return None
    return "max-num-seqs" if running >= evidence.max_num_seqs - _HALF else "token-budget"


def _capacity_waiters(evidence: Evidence) -> float:
    if evidence.waiting_capacity is not None:
        return evidence.waiting_capacity
    return max(0.0, (evidence.waiting or 0.0) - (evidence.waiting_deferred or 0.0))
