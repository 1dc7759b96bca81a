"""What the verdict is judged from: one window of one server, every quantity optional."""

from __future__ import annotations

from dataclasses import dataclass

from regime.gpus import GpuPeaks
from regime.model import ModelShape


@dataclass(frozen=True, slots=True)
class GpuEvidence:
    """Mean counters of one GPU over the window; ``None`` is unread, never zero.

    ``utilization.gpu`` is absent on purpose: it reads 99 % at every batch size and says nothing here.
    """

    index: int
    graphics: float | None = None
    """Share of wall time in which a kernel was resident, 0 to 1 (GPM 1)."""
    dram: float | None = None
    """DRAM bandwidth used, as a share of the theoretical peak, 0 to 1 (GPM 10)."""
    tensor: float | None = None
    """Share of time in which tensor pipes were active, 0 to 1 (GPM 5)."""
    nvlink_bytes_s: float | None = None
    """NVLink traffic, the larger of the two directions, bytes per second (GPM 60 and 61)."""
    sm_clock_ratio: float | None = None
    """SM clock over its maximum, 0 to 1; the compute peak scales with it."""
    clock_event_reasons: int | None = None
    """NVML clock event reasons seen in the window, or-ed together."""
    power_capped: float | None = None
    """Share of the window in which the power limit held the clock down, 0 to 1; ``None`` where only the reasons
    are read."""
    thermal: float | None = None
    """The same for heat, hardware slowdown and the power brake."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One window (a few seconds, or a whole load level) of one server."""

    gpus: tuple[GpuEvidence, ...] = ()
    gpus_missing: str | None = None
    """Why ``gpus`` is empty or has no counters, in the user's words."""
    peaks: GpuPeaks | None = None
    model: ModelShape | None = None
    sources: str | None = None
    """Where ``model`` and ``peaks`` came from, in the user's words."""
    model_missing: str | None = None
    """Why there is no ``model``, in the user's words."""
    tp: int = 1
    batch: float | None = None
    """Mean sequences that a decode step advances."""
    step_s: float | None = None
    """Mean decode step time, seconds."""
    steps: float | None = None
    """How many steps the window holds."""
    window_s: float | None = None
    """How long it is, seconds of wall time."""
    context_tokens: float | None = None
    """Mean tokens of context per running sequence."""
    prefill_tokens_per_step: float | None = None
    running: float | None = None
    waiting: float | None = None
    waiting_capacity: float | None = None
    waiting_deferred: float | None = None
    kv_usage: float | None = None
    """KV cache used, 0 to 1."""
    kv_cache_tokens: float | None = None
    """Tokens of context that the KV cache holds."""
    preemptions_s: float | None = None
    """Preemptions per second."""
    max_num_seqs: int | None = None
    max_num_seqs_inferred: bool = False
    """``max_num_seqs`` was read from the server's behaviour, not said by anyone."""
    token_ceiling: float | None = None
    """Tokens a step that steps with a queue behind them were seen not to exceed."""
    concurrency: int = 0
    """What the load generator keeps in flight."""
    client_limited: bool = False
    """The load generator, not the server, was the limit."""
    transient: bool = False
    """The window is not steady."""
    transient_why: str = "the load has just changed"
    """Why it is not, in the user's words."""
