"""How long a step must take at least: weights, arithmetic, keys and values, all-reduces.

    T = max(weights, matrix FLOP) + max(KV, attention FLOP) + all-reduces + latency + host

The form is that of the JAX scaling book's inference chapter (attention always pays for its bytes, the matrix
multiplications for the larger of bytes and FLOP); the all-reduce term is the usual ring cost plus a fixed start.
"""

from __future__ import annotations

from dataclasses import dataclass

from regime.gpus import GpuPeaks
from regime.model import ModelShape
from regime.precision import peak_flops

DRAM_EFFICIENCY = 0.85
"""Share of theoretical DRAM bandwidth that streaming kernels reach: DCGM's documentation says 0.8, a device copy
on an H200 reaches 0.90, GB10 0.86; 0.85 reproduces the measured H200 decode steps."""
COMPUTE_EFFICIENCY = 0.75
"""Share of peak FLOP that a model's matrix shapes reach. The best shape alone reaches 0.80 on H100 and H200
(maximum achievable matmul FLOPS, stas00/ml-engineering); real layers reach less."""
LINK_EFFICIENCY = 0.8
"""Share of link bandwidth that NCCL's bus bandwidth reaches."""

_ALPHA_US: dict[str, tuple[float, float, float]] = {
    "hopper": (4.5, 4.9, 5.2),
    "ampere": (5.3, 6.0, 6.5),
    "blackwell": (7.1, 7.4, 8.1),
    "rtx-pro": (5.1, 14.9, 27.5),
    "pcie": (6.2, 17.5, 27.4),
}
"""Fixed microseconds of one captured all-reduce at TP 2, 4, 8: vLLM's custom all-reduce of 8192 bf16 elements as
measured by ai-dynamo/aiconfigurator on H100/H200, A100, B200, RTX PRO 6000 and L40S."""
_ALPHA_EAGER_US: dict[str, float] = {"hopper": 21, "ampere": 44, "blackwell": 21, "rtx-pro": 63, "pcie": 63}
"""The same without CUDA graphs (H100/H200, A100, L40S measured; Blackwell and RTX PRO taken as their neighbours)."""


@dataclass(frozen=True, slots=True)
class StepBudget:
    """Seconds of one step on the slowest rank, each part as if it ran alone."""

    weights_s: float
    gemm_s: float
    kv_s: float
    attention_s: float
    communication_s: float
    latency_s: float = 0.0
    host_s: float = 0.0

    @property
    def memory_s(self) -> float:
        """Seconds in which DRAM is what the step waits for."""
        weights = self.weights_s if self.weights_s >= self.gemm_s else 0.0
        return weights + (self.kv_s if self.kv_s >= self.attention_s else 0.0)

    @property
    def compute_s(self) -> float:
        """Seconds in which arithmetic is what the step waits for."""
        gemm = self.gemm_s if self.gemm_s > self.weights_s else 0.0
        return gemm + (self.attention_s if self.attention_s > self.kv_s else 0.0)

    @property
    def floor_s(self) -> float:
        """What the step cannot go below: memory, compute and communication."""
        return self.memory_s + self.compute_s + self.communication_s

    @property
    def total_s(self) -> float:
        """The floor plus the latency and host time that the caller supplied."""
        return self.floor_s + self.latency_s + self.host_s


def step_budget(
    peaks: GpuPeaks,
    model: ModelShape,
    tp: int,
    batch: float,
    prefill_tokens: float = 0.0,
    context: float = 0.0,
    clock_ratio: float = 1.0,
    *,
    graphs: bool = True,
    latency_s: float = 0.0,
    host_s: float = 0.0,
) -> StepBudget:
    """Budget of a step that advances ``batch`` sequences of ``context`` tokens and prefills ``prefill_tokens``.

    A prompt token sees half of ``context`` on average (causal), and skips the output head. Sliding layers read and
    multiply no more than their window; the mean over sequences of different lengths is a little below that.
    """
    bandwidth = tp * DRAM_EFFICIENCY * peaks.bw_bytes_s
    flops = tp * achievable_flops(peaks, model) * clock_ratio
    tokens = batch + prefill_tokens
    gemm = batch * model.gemm_flops_per_token() + prefill_tokens * model.gemm_flops_per_token(head=False)
    attention = batch * model.attention_flops_per_token(context)
    attention += prefill_tokens * model.attention_flops_per_token(context / 2, prompt=True)
    kv = batch * model.kv_read_bytes_per_gpu(context, tp) * tp
    return StepBudget(
        weights_s=model.weight_bytes_per_step(tokens, tp) / bandwidth,
        gemm_s=gemm / flops,
        kv_s=kv / bandwidth,
        attention_s=attention / flops,
        communication_s=all_reduce_s(peaks, model, tp, tokens, graphs=graphs),
        latency_s=latency_s,
        host_s=host_s,
    )


def achievable_flops(peaks: GpuPeaks, model: ModelShape) -> float:
    """FLOP per second that this model's layers can hope for on one GPU at its full clock."""
    share = min(COMPUTE_EFFICIENCY, peaks.mamf or COMPUTE_EFFICIENCY)
    return peak_flops(peaks, model.precision.compute) * share


def all_reduce_s(peaks: GpuPeaks, model: ModelShape, tp: int, tokens: float, *, graphs: bool = True) -> float:
    """Seconds of the two all-reduces per layer, (tokens, hidden) in 16 bits each."""
    if tp <= 1:
        return 0.0
    wire = 2 * (tp - 1) / tp * tokens * model.hidden * 2 / (LINK_EFFICIENCY * peaks.link_bytes_s)
    return 2 * model.layers * (_alpha_s(peaks, tp, graphs=graphs) + wire)


def _alpha_s(peaks: GpuPeaks, tp: int, *, graphs: bool) -> float:
    family = _family(peaks)
    if not graphs:
        return _ALPHA_EAGER_US[family] * 1e-6
    two, four, eight = _ALPHA_US[family]
    return (two if tp <= 2 else four if tp <= 4 else eight) * 1e-6


def _family(peaks: GpuPeaks) -> str:
    if peaks.key.startswith("rtx-pro"):
        return "rtx-pro"
    if not peaks.nvlink:
        return "pcie"
    if peaks.key.startswith(("b2", "b3", "gb")):
        return "blackwell"
    return "ampere" if peaks.key.startswith(("a100", "v100")) else "hopper"


def ridge_batch(peaks: GpuPeaks, model: ModelShape | None = None) -> float:
    """Tokens a step at which arithmetic takes as long as reading the weights: F b / (2 BW), times E/k for experts.

    Peak over peak, as the ridge of a roofline is usually quoted; 206 for 16-bit weights on an H200.
    """
    if model is None:
        return peaks.bf16_flops / peaks.bw_bytes_s
    peak = peak_flops(peaks, model.precision.compute)
    return peak * model.bytes_per_weight / (2 * peaks.bw_bytes_s) * model.expert_spread
