"""How long one simulated step takes, and how busy it keeps the GPUs: pure arithmetic over the calibration."""

from __future__ import annotations

from dataclasses import dataclass

from regime.budget import all_reduce_s
from sim import calibration as fit
from sim.config import SimConfig


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
) -> Step:
    """Cost of advancing ``batch`` sequences holding ``context_total`` tokens, and of ``prefill_tokens`` beside them.

    ``prefill_context`` is how many tokens of context a prompt token sees on average.
    """
    free = _at_clock(config, batch, prefill_tokens, context_total, prefill_context, 1.0)
    knee = fit.POWER_KNEE * config.peaks.tdp_w
    if free.power_w <= knee:
        return free
    ratio = (knee / free.power_w) ** fit.CLOCK_EXPONENT
    return _at_clock(config, batch, prefill_tokens, context_total, prefill_context, ratio)


def _at_clock(
    config: SimConfig, batch: int, prefill: int, context_total: int, prefill_context: float, clock: float
) -> Step:
    """The step at a given share of the maximum SM clock; power is what the card would want, then capped."""
    peaks, shape, tp = config.peaks, config.shape, config.tp
    tokens = batch + prefill
    weights = shape.weight_bytes_per_step(tokens) / tp
    kv = context_total * shape.kv_bytes_per_gpu(tp)
    gemm = (batch * shape.gemm_flops_per_token() + prefill * shape.gemm_flops_per_token(head=False)) / tp
    attention = prefill * shape.attention_flops_per_token(prefill_context) / tp
    bandwidth = fit.DRAM_EFFICIENCY * peaks.bw_bytes_s
    flops = fit.FLOP_EFFICIENCY * peaks.bf16_flops * clock
    roof = _p_norm(weights / bandwidth, gemm / flops)
    gpu_s = roof + kv / bandwidth + attention / flops + _fixed_s(config, batch)
    gpu_s += all_reduce_s(peaks, shape, tp, tokens)
    host_s = batch * (fit.HOST_PER_SEQUENCE_S if tp == 1 else fit.HOST_PER_SEQUENCE_TP_S)
    seconds = max(gpu_s, host_s)
    moved = weights + kv + (prefill + fit.ACTIVATION_DECODE * batch) * _activation_bytes(config)
    padded = max(tokens, fit.TENSOR_MIN_TOKENS) / max(tokens, 1)
    decode_attention = shape.attention_flops_per_token(context_total) / tp
    worked = fit.TENSOR_PER_FLOP * (gemm * padded + attention) + fit.TENSOR_ATTENTION_PAD * decode_attention
    dram = min(1.0, moved / (seconds * peaks.bw_bytes_s))
    tensor = min(1.0, worked / (seconds * peaks.bf16_flops * clock))
    wanted = _power_w(peaks.tdp_w, dram, tensor)
    return Step(
        seconds=seconds,
        gpu_s=gpu_s,
        host_s=host_s,
        dram=dram,
        tensor=tensor,
        graphics=fit.GRAPHICS_MAX * gpu_s / seconds,
        link_bytes_s=_link_bytes(config, tokens) / seconds,
        power_w=wanted if clock == 1.0 else min(wanted, 0.99 * peaks.tdp_w),
        clock_ratio=clock,
        capped=clock < 1.0,
    )


def idle_power_w(config: SimConfig) -> float:
    """W of one GPU that runs nothing."""
    return fit.POWER_IDLE_W * config.peaks.tdp_w / 700.0


def _power_w(tdp_w: float, dram: float, tensor: float) -> float:
    return (fit.POWER_BUSY_W + fit.POWER_DRAM_W * dram + fit.POWER_TENSOR_W * tensor) * tdp_w / 700.0


def _p_norm(left: float, right: float) -> float:
    return float((left**fit.ROOF_NORM + right**fit.ROOF_NORM) ** (1.0 / fit.ROOF_NORM))


def _fixed_s(config: SimConfig, batch: int) -> float:
    per_step = fit.FIXED_S if config.tp == 1 else fit.FIXED_TP_S
    return per_step * config.shape.layers / fit.FIXED_LAYERS + batch * fit.PER_SEQUENCE_S


def _activation_bytes(config: SimConfig) -> float:
    rows = fit.ACTIVATION_BYTES_SPLIT / config.tp + fit.ACTIVATION_BYTES_EACH
    return rows * config.shape.layers * config.shape.hidden * 2.0


def _link_bytes(config: SimConfig, tokens: int) -> float:
    """Bytes one GPU sends in a step: ring all-reduces of (tokens, hidden) in 16 bits, two a layer."""
    if config.tp == 1:
        return 0.0
    return 2 * config.shape.layers * 2 * (config.tp - 1) / config.tp * tokens * config.shape.hidden * 2.0
