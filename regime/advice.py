"""One line of advice with the flag to change, or none: each rule speaks only where its evidence holds.

Flags are vLLM's. The first rule that applies is the one that is said.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from regime.batch_limit import BatchLimit
from regime.budget import ridge_batch, step_budget
from regime.evidence import Evidence
from regime.formats import fp8_can_help, kv_can_shrink
from regime.measured import Measured
from regime.modelled import Modelled, prefill_in_step
from regime.modifiers import power_capped, thermal
from regime.shares import Shares

OVERHEAD = 0.25
"""From this share on an empty GPU is worth a change: at most 1/(1 - 0.25), a third more speed."""
EAGER_BATCH = 16
"""At so few sequences a host that keeps a GPU waiting is launching kernels one by one; above, it may be the API."""
COMPUTE_FULL = 0.5
LOW_BATCH = 0.5
"""Of the ridge: below it, one more sequence shares weights that are read anyway."""
KV_LARGE = 0.4
"""Share of a step from which halving the KV bytes is worth a change."""
WIDE_REST, WIDE_GAIN = 0.5, 1.25
FITS = 0.8
"""Share of a GPU's memory that weights may take and leave room for a KV cache."""


@dataclass(frozen=True, slots=True)
class Case:
    """All that a rule may look at."""

    evidence: Evidence
    label: str
    shares: Shares
    batch: BatchLimit
    measured: Measured | None
    modelled: Modelled | None

    @property
    def causes(self) -> frozenset[str]:
        """The causes in the label; the ridge is both of its sides."""
        return frozenset(("memory", "compute") if self.label == "balanced" else self.label.split("+"))


def advise(case: Case) -> str | None:
    """The first advice whose evidence holds; none while the window is not steady."""
    if case.evidence.client_limited:
        return "the load generator is late: give it more --workers, or run it on a machine of its own"
    if case.evidence.transient or case.label == "idle":
        return None
    return next((said for rule in RULES if (said := rule(case)) is not None), None)


def _heat(case: Case) -> str | None:
    if not thermal(case.evidence):
        return None
    return "heat or the power brake holds the clock down: look at cooling and supply (nvidia-smi -q -d PERFORMANCE)"


def _kv_full(case: Case) -> str | None:
    if case.batch.name != "kv-capacity":
        return None
    fp8 = "--kv-cache-dtype fp8, " if kv_can_shrink(case.evidence.model) else ""
    return f"the KV cache is full: {fp8}a smaller --max-model-len, or a larger --tensor-parallel-size"


def _launches(case: Case) -> str | None:
    """The GPU waits for the host at a small batch: kernels are launched one by one."""
    if not _host_waits(case) or not 0 < (case.evidence.batch or 0.0) <= EAGER_BATCH:
        return None
    return (
        f"the GPU waits {_percent(case.shares.overhead)} of the time at batch {case.evidence.batch:.0f}: "
        "if the server runs with --enforce-eager, remove it (CUDA graphs)"
    )


def _host(case: Case) -> str | None:
    """The GPU waits for the host at a large batch: scheduling, detokenising, HTTP."""
    if not _host_waits(case) or (case.evidence.batch or 0.0) <= EAGER_BATCH:
        return None
    return (
        f"the GPU waits {_percent(case.shares.overhead)} of the time for the host: "
        "raise --api-server-count, use --async-scheduling, or a larger --stream-interval"
    )


def _host_waits(case: Case) -> bool:
    """By counters alone: arithmetic cannot tell an empty GPU from small kernels."""
    return case.measured is not None and case.shares.overhead >= OVERHEAD


def _too_wide(case: Case) -> str | None:
    """Half the GPUs would give more tokens each: what is left of the step does not shrink with more of them."""
    half = _half(case)
    if half is None or case.shares.memory + case.shares.compute > 1 - WIDE_REST:
        return None
    tp, step_s, gain = half
    return (
        f"tensor parallelism {case.evidence.tp} is too wide for this batch: --tensor-parallel-size {tp} would give "
        f"about {gain:.1f} x the tokens per GPU, at {step_s * 1e3:.1f} ms a step"
    )


def _half(case: Case) -> tuple[int, float, float] | None:
    """TP, step time and gain per GPU at half the width, by the model; ``None`` where it would not pay or fit."""
    evidence, modelled = case.evidence, case.modelled
    model, peaks, tp = evidence.model, evidence.peaks, evidence.tp // 2
    if tp < 1 or evidence.tp % 2 or modelled is None or not modelled.plausible or model is None or peaks is None:
        return None
    if model.weight_bytes() / tp > FITS * peaks.memory_bytes:
        return None
    context, prefill = evidence.context_tokens or 0.0, prefill_in_step(evidence)
    floor = step_budget(peaks, model, tp, evidence.batch or 0.0, prefill, context, modelled.clock_ratio).floor_s
    step_s = modelled.step_s - modelled.budget.floor_s + floor
    gain = 2 * modelled.step_s / step_s
    return (tp, step_s, gain) if gain >= WIDE_GAIN else None


def _more_sequences(case: Case) -> str | None:
    if case.batch.name != "max-num-seqs" or case.shares.compute >= COMPUTE_FULL:
        return None
    now = case.evidence.max_num_seqs
    return f"requests wait though the GPU has room: raise --max-num-seqs above {now}"


def _more_tokens(case: Case) -> str | None:
    if case.batch.name != "token-budget" or case.shares.compute >= COMPUTE_FULL:
        return None
    return "prompts wait for room in a step: raise --max-num-batched-tokens (gaps between tokens grow with it)"


def _power(case: Case) -> str | None:
    if "compute" not in case.causes or not power_capped(case.evidence):
        return None
    return (
        f"arithmetic at the power limit: {_cheaper(case)}more GPUs, or a higher limit where it is set below the card's"
    )


def _arithmetic(case: Case) -> str | None:
    if case.label.split("+")[0] != "compute":
        return None
    return f"arithmetic is full: {_cheaper(case)}or more GPUs"


def _cheaper(case: Case) -> str:
    """FP8, where the GPU has it and the model does not use it."""
    possible = fp8_can_help(case.evidence.peaks, case.evidence.model)
    return "FP8 weights and arithmetic (--quantization fp8), " if possible else ""


def _kv_traffic(case: Case) -> str | None:
    budget = case.modelled.budget if case.modelled else None
    if "memory" not in case.causes or budget is None or not kv_can_shrink(case.evidence.model):
        return None
    share = case.shares.memory * budget.kv_s / (budget.weights_s + budget.kv_s or 1.0)
    if share < KV_LARGE:
        return None
    return f"{_percent(share)} of the step reads keys and values: --kv-cache-dtype fp8 halves them"


def _more_load(case: Case) -> str | None:
    evidence = case.evidence
    if case.label.split("+")[0] != "memory" or case.batch.name != "offered-load":
        return None
    if evidence.peaks is None or evidence.model is None or not evidence.batch:
        return None
    ridge = ridge_batch(evidence.peaks, evidence.model)
    if evidence.batch + (evidence.prefill_tokens_per_step or 0.0) > LOW_BATCH * ridge:
        return None
    return f"weights are read for a batch of {evidence.batch:.0f}: raise the concurrency, the ridge is at {ridge:.0f}"


def _percent(share: float) -> str:
    return f"{share * 100:.0f} %"


RULES: tuple[Callable[[Case], str | None], ...] = (
    _heat,
    _kv_full,
    _launches,
    _host,
    _too_wide,
    _more_sequences,
    _more_tokens,
    _power,
    _arithmetic,
    _kv_traffic,
    _more_load,
)
