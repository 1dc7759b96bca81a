"""The roofline of decoding: where a step stands, and what the arithmetic predicts for other batch sizes.

Ridge and operating point follow Williams, Waterman and Patterson (2009): FLOP per byte of DRAM traffic against peak
over peak. A prediction is the floor of :mod:`regime.budget` plus what a measured server was seen to add to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Literal

from regime.budget import StepBudget, ridge_batch, step_budget
from regime.gpus import GpuPeaks
from regime.model import ModelShape
from regime.precision import peak_flops

Roof = Literal["memory", "compute"]


@dataclass(frozen=True, slots=True)
class Serving:
    """What is served on what: everything a prediction needs but the batch."""

    peaks: GpuPeaks
    model: ModelShape
    tp: int = 1
    context: float = 0.0
    """Mean tokens of context per sequence."""
    graphs: bool = True
    """CUDA graphs on: an all-reduce starts faster."""
    prompt_per_token: float = 0.0
    """Prompt tokens that are computed for each token that is put out; 0: pure decoding."""

    def budget(self, batch: float) -> StepBudget:
        """The step's floor, part by part; the prompts that come with its tokens are in it."""
        prefill_tokens = batch * self.prompt_per_token
        return step_budget(
            self.peaks, self.model, self.tp, batch, prefill_tokens, self.context, graphs=self.graphs
        )  # fmt: skip

    @property
    def flops(self) -> float:
        """Peak FLOP per second of one GPU at the arithmetic that the layers use."""
        return peak_flops(self.peaks, self.model.precision.compute)


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """Where one GPU stands beneath its roofs; theoretical peaks."""

    flops_s: float
    """FLOP per second."""
    bytes_s: float
    """DRAM bytes per second."""
    flops_share: float
    """Of the peak, 0 to 1."""
    bandwidth_share: float
    """Of the peak, 0 to 1."""
    intensity: float
    """FLOP per byte."""
    ridge: float
    """FLOP per byte at which both roofs meet."""

    @property
    def roof(self) -> Roof:
        """The roof above this point: memory left of the ridge, compute right of it."""
        return "memory" if self.intensity < self.ridge else "compute"


@dataclass(frozen=True, slots=True)
class Rest:
    """Seconds that a real step takes beyond its floor: small kernels, sampling, the host."""

    fixed_s: float = 0.0
    per_sequence_s: float = 0.0

    def of(self, batch: float) -> float:
        """Seconds at one batch size."""
        return self.fixed_s + self.per_sequence_s * batch


@dataclass(frozen=True, slots=True)
class Prediction:
    """One batch size."""

    batch: float
    budget: StepBudget
    step_s: float
    point: OperatingPoint

    @property
    def tpot_s(self) -> float:
        """Seconds between two tokens of one sequence: a step gives each one token, without speculation."""
        return self.step_s

    @property
    def tokens_s(self) -> float:
        """Output tokens per second, all sequences and all GPUs together."""
        return self.batch / self.step_s


NO_REST = Rest()


def predict(serving: Serving, batches: Iterable[float], rest: Rest = NO_REST) -> tuple[Prediction, ...]:
    """Predict steps of these batch sizes (each above 0). Without ``rest``, times are floors."""
    return tuple(_predict(serving, batch, rest) for batch in batches)


def _predict(serving: Serving, batch: float, rest: Rest) -> Prediction:
    budget = serving.budget(batch)
    step_s = budget.floor_s + rest.of(batch)
    return Prediction(batch, budget, step_s, operating_point(serving, batch, step_s, batch * serving.prompt_per_token))


def fit_rest(serving: Serving, measured: Sequence[tuple[float, float]]) -> Rest:
    """Fit what pairs of batch and measured step seconds add to the floor: least squares, neither part below zero."""
    points = [(batch, step_s - serving.budget(batch).floor_s) for batch, step_s in measured]
    if not points:
        return NO_REST
    batch_mean, rest_mean = fmean(batch for batch, _ in points), fmean(rest for _, rest in points)
    spread = sum((batch - batch_mean) ** 2 for batch, _ in points)
    slope = sum((batch - batch_mean) * (rest - rest_mean) for batch, rest in points) / spread if spread else 0.0
    if slope <= 0:
        return Rest(max(0.0, rest_mean))
    fixed = rest_mean - slope * batch_mean
    if fixed >= 0:
        return Rest(fixed, slope)
    return Rest(0.0, sum(batch * rest for batch, rest in points) / sum(batch * batch for batch, _ in points))


def operating_point(
    serving: Serving, batch: float, step_s: float, prefill_tokens: float = 0.0
) -> OperatingPoint:  # fmt: skip
    """Where one GPU stands while a step of ``step_s`` seconds advances ``batch`` sequences.

    FLOP and bytes are the model's, not counted: every weight that is touched once, and keys and values once.
    """
    model, tp, context = serving.model, serving.tp, serving.context
    flops = batch * model.flops_per_token(context)
    flops += prefill_tokens * model.gemm_flops_per_token(head=False)
    flops += prefill_tokens * model.attention_flops_per_token(context / 2, prompt=True)
    moved = model.weight_bytes_per_step(batch + prefill_tokens, tp) / tp
    moved += batch * model.kv_read_bytes_per_gpu(context, tp)
    return point_of(flops / tp / step_s, moved / step_s, serving.flops, serving.peaks.bw_bytes_s)


def point_of(flops_s: float, bytes_s: float, peak_flops_s: float, peak_bytes_s: float) -> OperatingPoint:
    """Where one GPU stands by rates that a profiler gave, each above zero."""
    return OperatingPoint(
        flops_s=flops_s,
        bytes_s=bytes_s,
        flops_share=flops_s / peak_flops_s,
        bandwidth_share=bytes_s / peak_bytes_s,
        intensity=flops_s / bytes_s,
        ridge=peak_flops_s / peak_bytes_s,
    )


def ridge(serving: Serving) -> float:
    """B*, the batch at which arithmetic takes as long as reading the weights; :func:`regime.budget.ridge_batch`."""
    return ridge_batch(serving.peaks, serving.model)
