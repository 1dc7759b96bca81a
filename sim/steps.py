"""How long one simulated step takes, and how busy it keeps the GPUs: pure arithmetic over the calibration."""

from __future__ import annotations

from dataclasses import dataclass

from regime.budget import all_reduce_s
from sim import calibration as fit
from sim.config import SimConfig
from sim.power import clock_ratio, free_power_w, power_w


@dataclass(frozen=True, slots=True)
class Step:
    """One step. Shares are of the step's wall time and of the GPU's theoretical peak, 0 to 1, per GPU."""

    seconds: float
    gpu_s: float
    host_s: float
    dram: float
    tensor: float
    graphics: float
    link_bytes_s: float
    """NVLink traffic of one GPU, bytes per second, each direction."""
    free_power_w: float
    """W that it would draw at the full clock."""
    power_w: float
    clock_ratio: float
    """SM clock over its maximum."""
    capped: bool
    """The power limit holds the clock down."""


def step(
    config: SimConfig,
    batch: int,
    prefill_tokens: int,
    context_total: int,
    prefill_context: float = 0.0,
    clock: float | None = None,
) -> Step:
    """Cost of advancing ``batch`` sequences holding ``context_total`` tokens, and of ``prefill_tokens`` beside them.

    ``prefill_context`` is how many tokens of context a prompt token sees on average; ``clock`` the SM clock over its
    maximum, by default where it would settle if such steps went on for ever.
    """
    work = _work(config, batch, prefill_tokens, context_total, prefill_context)
    free = _at_clock(config, work, 1.0)
    settled = clock_ratio(config, free.free_power_w) if clock is None else clock
    return free if settled >= 1.0 else _at_clock(config, work, settled, free.free_power_w)


@dataclass(frozen=True, slots=True)
class _Work:
    """What a step has to do on one GPU: bytes, FLOP, and seconds that no clock changes."""

    tokens: int
    weight_bytes: float
    kv_bytes: float
    other_bytes: float
    gemm_flops: float
    attention_flops: float
    tensor_flops: float
    """As the tensor pipes see it, padding included."""
    fixed_s: float
    host_s: float


def _work(config: SimConfig, batch: int, prefill: int, context_total: int, prefill_context: float) -> _Work:
    peaks, shape, tp = config.peaks, config.shape, config.tp
    tokens = batch + prefill
    gemm = (batch * shape.gemm_flops_per_token() + prefill * shape.gemm_flops_per_token(head=False)) / tp
    attention = prefill * shape.attention_flops_per_token(prefill_context) / tp
    padded = max(tokens, fit.TENSOR_MIN_TOKENS) / max(tokens, 1)
    decode_attention = shape.attention_flops_per_token(context_total) / tp
    return _Work(
        tokens=tokens,
        weight_bytes=shape.weight_bytes_per_step(tokens) / tp,
        kv_bytes=context_total * shape.kv_bytes_per_gpu(tp),
        other_bytes=(prefill + fit.ACTIVATION_DECODE * batch) * _activation_bytes(config),
        gemm_flops=gemm,
        attention_flops=attention,
        tensor_flops=fit.TENSOR_PER_FLOP * (gemm * padded + attention) + fit.TENSOR_ATTENTION_PAD * decode_attention,
        fixed_s=_fixed_s(config, batch, prefill) + all_reduce_s(peaks, shape, tp, tokens),
        host_s=batch * (fit.HOST_PER_SEQUENCE_S + (tp - 1) * fit.HOST_PER_RANK_S) * config.slow,
    )


def _at_clock(config: SimConfig, work: _Work, clock: float, free_w: float | None = None) -> Step:
    """The step at a share of the maximum SM clock; ``free_w`` is what it draws at the full one, if known."""
    peaks = config.peaks
    bandwidth = fit.DRAM_EFFICIENCY * peaks.bw_bytes_s
    flops = fit.FLOP_EFFICIENCY * peaks.bf16_flops * clock
    roof = _p_norm(work.weight_bytes / bandwidth, work.gemm_flops / flops) + work.attention_flops / flops
    gpu_s = (roof + work.kv_bytes / bandwidth + work.fixed_s) * config.slow
    seconds = max(gpu_s, work.host_s)
    moved = work.weight_bytes + work.kv_bytes + work.other_bytes
    dram = min(1.0, moved / (seconds * peaks.bw_bytes_s))
    tensor = min(1.0, work.tensor_flops / (seconds * peaks.bf16_flops * clock))
    free = free_power_w(config, dram, tensor) if free_w is None else free_w
    return Step(
        seconds=seconds,
        gpu_s=gpu_s,
        host_s=work.host_s,
        dram=dram,
        tensor=tensor,
        graphics=fit.GRAPHICS_MAX * gpu_s / seconds,
        link_bytes_s=_link_bytes(config, work.tokens) / seconds,
        free_power_w=free,
        power_w=power_w(free, clock),
        clock_ratio=clock,
        capped=clock < 1.0,
    )


def _p_norm(left: float, right: float) -> float:
    return float((left**fit.ROOF_NORM + right**fit.ROOF_NORM) ** (1.0 / fit.ROOF_NORM))


def _fixed_s(config: SimConfig, batch: int, prefill: int) -> float:
    per_step = (fit.FIXED_S if config.tp == 1 else fit.FIXED_TP_S) + prefill * fit.PER_PROMPT_TOKEN_S
    return per_step * config.shape.layers / fit.FIXED_LAYERS + batch * fit.PER_SEQUENCE_S


def _activation_bytes(config: SimConfig) -> float:
    rows = fit.ACTIVATION_BYTES_SPLIT / config.tp + fit.ACTIVATION_BYTES_EACH
    return rows * config.shape.layers * config.shape.hidden * 2.0


def _link_bytes(config: SimConfig, tokens: int) -> float:
    """Bytes one GPU sends in a step: ring all-reduces of (tokens, hidden) in 16 bits, two a layer."""
    if config.tp == 1:
        return 0.0
    return 2 * config.shape.layers * 2 * (config.tp - 1) / config.tp * tokens * config.shape.hidden * 2.0
