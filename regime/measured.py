"""The step limiter by hardware counters (GPM on Hopper and newer, or DCGM's profiling fields)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from regime.budget import DRAM_EFFICIENCY, LINK_EFFICIENCY
from regime.evidence import Evidence, GpuEvidence
from regime.shares import STICK, Shares, label_of

TENSOR_FULL = 0.90
"""Tensor activity of a GPU that can do no more: pure prefill on an H200 reads 0.85."""
TENSOR_FULL_GEFORCE = 0.45
"""The same where 32-bit accumulation runs at half rate (GeForce)."""
_RIDGE_RATIO, _RIDGE_LEAST = 0.8, 0.5
_RIDGE_LABELS = ("balanced", "memory+compute", "compute+memory")
_MIXED_FROM, _MIXED_TO = 0.1, 0.9
IMBALANCE = 0.15
"""Ranks of one model do equal work; a wider spread of DRAM or kernel activity means that they do not."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What the counters say, of the rank that the others wait for."""

    gpu: GpuEvidence
    graphics: float
    dram: float
    tensor: float
    shares: Shares
    label: str
    imbalance: bool
    mixed: bool
    """Both DRAM and tensor pipes are high because the window mixes prefill and decode."""


def is_mixed(evidence: Evidence) -> bool:
    """Whether prompt tokens are between a tenth and nine tenths of all tokens of the window."""
    prefill, batch = evidence.prefill_tokens_per_step, evidence.batch
    if prefill is None or batch is None or prefill + batch <= 0:
        return False
    return _MIXED_FROM <= prefill / (batch + prefill) <= _MIXED_TO


def measure(evidence: Evidence, communication: float | None, last: str | None = None) -> Measured | None:
    """Shares and label of the slowest rank; ``None`` unless some GPU has all three counters.

    ``communication`` is the model's share of it; link traffic may say more. ``last`` is the label that stands, which
    is left later than it is entered.
    """
    ranks = [found for gpu in evidence.gpus if (found := _one(evidence, gpu, communication, last))]
    if not ranks:
        return None
    slowest = max(ranks, key=lambda rank: rank.shares.memory + rank.shares.compute)
    if not _spread(ranks):
        return slowest
    return replace(slowest, imbalance=True)


def _one(evidence: Evidence, gpu: GpuEvidence, communication: float | None, last: str | None) -> Measured | None:
    if gpu.graphics is None or gpu.dram is None or gpu.tensor is None:
        return None
    geforce = evidence.peaks is not None and evidence.peaks.geforce
    memory = gpu.dram / DRAM_EFFICIENCY
    compute = gpu.tensor / (TENSOR_FULL_GEFORCE if geforce else TENSOR_FULL)
    both = _at_ridge(memory, compute, stands=last in _RIDGE_LABELS)
    busy = min(1.0, gpu.graphics)
    shares = _shares(busy, memory, compute, _communication(evidence, gpu, communication), both=both)
    mixed = both and is_mixed(evidence)
    if mixed:  # phases averaged, not a ridge: say which two
        label = "memory+compute" if memory >= compute else "compute+memory"
    else:
        label = "balanced" if both else label_of(shares, last)
    return Measured(gpu, busy, gpu.dram, gpu.tensor, shares, label, imbalance=False, mixed=mixed)


def _at_ridge(memory: float, compute: float, *, stands: bool) -> bool:
    """Whether DRAM and tensor pipes are both near full."""
    slack = STICK if stands else 0.0
    low, high = sorted((memory, compute))
    return low >= max((_RIDGE_RATIO - slack) * high, _RIDGE_LEAST - slack)


def _shares(busy: float, memory: float, compute: float, communication: float, *, both: bool) -> Shares:
    """Share out the wall time.

    The roof is what the fuller of DRAM and tensor pipes explains, and the other hides beneath it. At the ridge
    they count side by side: the kernels that wait for DRAM (attention) and those that wait for arithmetic
    (matrix multiplications, prefill) then run after each other.
    """
    if both:
        fit = min(1.0, busy / (memory + compute))
        by_memory, by_compute = memory * fit, compute * fit
    else:
        roof = min(busy, max(memory, compute))
        by_memory, by_compute = (roof, 0.0) if memory >= compute else (0.0, roof)
    rest = max(0.0, busy - by_memory - by_compute)
    waits = min(rest, communication)
    return Shares(
        memory=by_memory,
        compute=by_compute,
        communication=waits,
        latency=rest - waits,
        overhead=1.0 - busy,
    )


def _communication(evidence: Evidence, gpu: GpuEvidence, modelled: float | None) -> float:
    """Share of all-reduces: the larger of the model's and the link's. Their kernels spin, so no counter shows them."""
    if evidence.tp <= 1:
        return 0.0
    link = 0.0
    if gpu.nvlink_bytes_s is not None and evidence.peaks is not None:
        link = gpu.nvlink_bytes_s / (LINK_EFFICIENCY * evidence.peaks.link_bytes_s)
    return max(modelled or 0.0, link)


def _spread(ranks: list[Measured]) -> bool:
    dram = [rank.dram for rank in ranks]
    graphics = [rank.graphics for rank in ranks]
    return max(dram) - min(dram) > IMBALANCE or max(graphics) - min(graphics) > IMBALANCE
