"""A recording in figures: the stable JSON that scripts read. Later versions add fields and rename none."""

from __future__ import annotations

from typing import Any

from regime.parts import NAMES, Part, Parts
from regime.scaling import Scaling
from regime.verdict import Verdict
from regime.witness import Against
from session.efficiency import cost_per_million
from session.events import Header
from session.growth import growth_against
from session.roofline_report import roofline_report
from session.setup import Setup
from session.view import (
    Efficiency,
    Goodput,
    GpuView,
    Latencies,
    LevelView,
    Rates,
    ServerView,
    Snapshot,
    Stats,
    Trust,
)

GPU_FIELDS = (
    "util_pct", "power_w", "power_limit_w", "memory_used_bytes", "sm_clock_mhz", "mem_clock_mhz", "temp_c",
    "graphics_pct", "sm_pct", "sm_occupancy_pct",
)  # fmt: skip


def report(snapshot: Snapshot) -> dict[str, Any]:
    """Return a session's report; ``None`` stands for what is not known. Times in ms, as the names say."""
    header = snapshot.header
    return {
        "rooftop": header.rooftop,
        "simulated": snapshot.simulated,
        "target": header.target,
        "model": snapshot.model,
        "server_version": snapshot.server_version,
        "started_at": header.started_at,
        "host": header.host,
        "client": header.client,
        "origin": header.origin,
        "duration_s": round(snapshot.now_s, 3),
        "complete": snapshot.ended is not None,
        "ended": snapshot.ended,
        "unread_lines": snapshot.unread,
        "lost": [
            {"from_s": round(one.from_s, 3), "to_s": _round(one.to_s, 3), "reason": one.reason} for one in snapshot.lost
        ],
        "trace": _trace(header),
        "totals": {
            "requests": snapshot.requests,
            "errors": dict(snapshot.errors),
            "output_tokens": snapshot.output_tokens,
        },
        "model_shape": _shape(snapshot.setup),
        "gpu_peaks": _peaks(snapshot.setup),
        "scaling": _scaling(snapshot.scaling, growth_against(snapshot.levels, snapshot.scaling)),
        "roofline": roofline_report(snapshot),
        "levels": [_level(level, header.slo, header.gpu_hour) for level in snapshot.levels],
        "notes": [{"t_s": line.t_s, "text": line.text} for line in snapshot.log if line.severity == "note"],
    }


def _shape(setup: Setup | None) -> dict[str, Any]:
    """What the arithmetic takes for the model; all ``None`` but ``missing`` where there is no shape."""
    shape = setup.shape if setup else None
    return {
        "name": shape.name if shape else None,
        "source": setup.shape_source if setup else None,
        "missing": setup.shape_missing if setup else None,
        "parameters": shape.total_params if shape else None,
        "active_parameters": shape.active_params if shape else None,
        "weight_bytes": shape.weight_bytes() if shape else None,
        "kv_bytes_per_token": shape.kv_bytes_per_token() if shape else None,
        "compute": shape.precision.compute if shape else None,
    }


def _peaks(setup: Setup | None) -> dict[str, Any]:
    """What the arithmetic takes for one GPU; FLOP rates are the built-in table's."""
    peaks = setup.peaks if setup else None
    return {
        "name": peaks.name if peaks else None,
        "bandwidth_bytes_s": peaks.bw_bytes_s if peaks else None,
        "bandwidth_source": setup.bandwidth_source if setup else None,
        "bf16_flops": peaks.bf16_flops if peaks else None,
    }


def _trace(header: Header) -> dict[str, Any] | None:
    trace = header.trace
    if trace is None:
        return None
    return {"name": trace.name, "requests": trace.requests, "duration_s": _round(trace.duration_s, 3)}


def _level(level: LevelView, slo: dict[str, float], gpu_hour: float | None) -> dict[str, Any]:
    return {
        "mode": level.mode,
        "concurrency": level.concurrency,
        "rate": level.rate_s,
        "speed": level.speed,
        "started_s": round(level.started_s, 3),
        "duration_s": round(level.duration_s, 3),
        "prompt_tokens": level.prompt_tokens,
        "output_len": level.output_len,
        "requests": level.requests,
        "errors": dict(level.errors),
        "output_tokens": level.output_tokens,
        **_rates(level.rates),
        "whole": _rates(level.whole),
        **_trust(level.trust or Trust()),
        "goodput": _goodput(level.goodput, slo),
        **_latencies(level.latencies),
        "efficiency": _efficiency(level.efficiency, gpu_hour),
        "client_bound": level.client_limited,
        "verdict": _verdict(level.verdict),
        "server": _server(level.server),
        "gpus": [_gpu(gpu) for gpu in level.gpus],
    }


def _rates(rates: Rates) -> dict[str, Any]:
    return {
        "output_tok_s": _round(rates.output_tok_s, 2),
        "total_tok_s": _round(rates.total_tok_s, 2),
        "requests_s": _round(rates.requests_s, 3),
    }


def _trust(trust: Trust) -> dict[str, Any]:
    return {
        "output_tok_s_ci95": _interval(trust.output_ci, 1.0, 2),
        "warmup_s": round(trust.warmup_s, 3),
        "short": trust.short,
        "steady": trust.steady,
        "steady_reason": trust.reason or None,
        "trend": _round(trust.trend, 5),
        "variation": _round(trust.variation, 5),
        "windows": trust.windows,
        "window_s": _round(trust.window_s, 3),
    }


def _interval(interval: tuple[float, float] | None, scale: float, digits: int) -> list[float] | None:
    return None if interval is None else [round(bound * scale, digits) for bound in interval]


def _goodput(goodput: Goodput | None, slo: dict[str, float]) -> dict[str, Any] | None:
    if goodput is None:
        return None
    return {
        "share": _round(goodput.share, 5),
        "requests_s": _round(goodput.requests_s, 3),
        "slo": {f"{name}_ms": round(bound_s * 1e3, 4) for name, bound_s in slo.items()},
    }


def _latencies(latencies: Latencies) -> dict[str, Any]:
    return {
        "ttft_ms": {**_stats(latencies.ttft), "p50_ci95": _interval(latencies.ttft.p50_ci, 1e3, 4)},
        "tpot_ms": {**_stats(latencies.tpot), "p50_ci95": _interval(latencies.tpot.p50_ci, 1e3, 4)},
        "itl_ms": _stats(latencies.itl),
        "e2e_ms": _stats(latencies.e2e),
    }


def _stats(stats: Stats) -> dict[str, Any]:
    names = ("mean", "p50", "p90", "p95", "p99")
    values = {name: getattr(stats, name) for name in names}
    return {
        "count": stats.count,
        **{name: None if value is None else round(value * 1e3, 4) for name, value in values.items()},
    }


def _efficiency(found: Efficiency | None, gpu_hour: float | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "gpus": found.gpus,
        "output_tok_s_per_gpu": round(found.output_tok_s_per_gpu, 2),
        "power_w": _round(found.power_w, 2),
        "tokens_per_joule": _round(found.tokens_per_joule, 4),
        "gpu_hour": gpu_hour,
        "cost_per_million_output_tokens": _round(cost_per_million(found, gpu_hour), 4),
    }


def _scaling(found: Scaling | None, budget: Against | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "line": found.words,
        "levels": len(found.points),
        "base_ms": round(found.base_s * 1e3, 4),
        "base_se_ms": round(found.base_se_s * 1e3, 4),
        "slope_ms": round(found.slope_s * 1e3, 5),
        "slope_se_ms": round(found.slope_se_s * 1e3, 5),
        "knee": _round(found.knee, 1),
        "knee_se": _round(found.knee_se, 1),
        "knee_95": None if found.knee is None else [_round(found.knee_low, 1), _round(found.knee_high, 1)],
        "elasticity": [
            {"from_batch": round(e.from_batch, 2), "to_batch": round(e.to_batch, 2), "value": round(e.value, 4)}
            for e in found.elasticities
        ],
        "budget": None
        if budget is None
        else {
            "weights_ms": round(budget.weights_s * 1e3, 4),
            "kv_ms": round(budget.kv_s * 1e3, 5),
            "arithmetic_ms": round(budget.arithmetic_s * 1e3, 5),
            "base_ratio": round(budget.base_ratio, 3),
            "slope_ratio": round(budget.slope_ratio, 3),
        },
    }


def _budget(verdict: Verdict) -> dict[str, Any]:
    modelled, parts = verdict.modelled_parts, verdict.parts
    return {
        "measured": _parts(verdict.measured_parts),
        "modelled": _parts(modelled),
        "roofline": _round(modelled.roofline if modelled else None, 4),
        "largest": parts.largest.name if parts else None,
        "at_most": _round(parts.at_most if parts else None, 3),
    }


def _parts(parts: Parts | None) -> dict[str, Any] | None:
    """Every part by name; ``None`` for one that is not told apart."""
    if parts is None:
        return None
    found = {name: parts.of(name) for name in NAMES}
    return {name: None if part is None else _part(part) for name, part in found.items()}


def _part(part: Part) -> dict[str, Any]:
    return {"share": round(part.share, 4), "ms": None if part.seconds is None else round(part.seconds * 1e3, 4)}


def _verdict(verdict: Verdict) -> dict[str, Any]:
    shares = verdict.shares
    names = ("memory", "compute", "communication", "latency", "overhead")
    return {
        "step": verdict.step,
        "batch": verdict.batch,
        "confidence": _round(verdict.confidence, 2),
        "dram_traffic": None
        if (moved := verdict.traffic) is None
        else {
            "measured": _round(moved.measured, 3),
            "modelled": _round(moved.modelled, 3),
        },
        "shares": {name: None if shares is None else round(getattr(shares, name), 4) for name in names},
        "line": verdict.line,
        "evidence": list(verdict.evidence),
        "advice": verdict.advice,
        "modifiers": list(verdict.modifiers),
        "batch_why": verdict.batch_why,
        "max_num_seqs_inferred": verdict.batch_inferred,
        "scaling_agrees": verdict.scaling_agrees,
        "budget": _budget(verdict),
    }


def _server(server: ServerView) -> dict[str, Any]:
    return {
        "running": _round(server.running, 2),
        "waiting": _round(server.waiting, 2),
        "kv_usage": _round(server.kv_usage, 5),
        "prefix_hit_rate": _round(server.prefix_hit_rate, 5),
        "preemptions": server.preemptions,
        "batch": _round(server.batch, 2),
        "step_ms": _ms(server.step_s),
        "kind": server.kind,
        "engines": server.engines,
        "kv_cache_tokens": server.kv_cache_tokens,
        "ttft_ms": {"p50": _ms(server.ttft_p50_s), "p99": _ms(server.ttft_p99_s)},
        "itl_ms": {"p50": _ms(server.itl_p50_s), "p99": _ms(server.itl_p99_s)},
        "queue_ms": _ms(server.queue_s),
        "estimated_flops_s": _round(server.flops_s, 0),
        "estimated_dram_bytes_s": _round(server.dram_bytes_s, 0),
        "prefill_tokens_per_step": _round(server.prefill_per_step, 2),
    }


def _gpu(gpu: GpuView) -> dict[str, Any]:
    reading = gpu.reading
    return {
        "index": gpu.info.index,
        "name": gpu.info.name,
        **{name: _round(getattr(reading, name), 2) for name in GPU_FIELDS},
        "dram_bw_util_pct": _round(reading.dram_pct, 2),
        "tensor_util_pct": _round(reading.tensor_pct, 2),
        "nvlink_tx_bytes_s": _round(reading.nvlink_tx_bytes_s, 0),
        "nvlink_rx_bytes_s": _round(reading.nvlink_rx_bytes_s, 0),
        "energy_j": _round(reading.energy_j, 2),
        "throttle": reading.throttle,
        "throttled_pct": {cause: round(share, 2) for cause, share in reading.throttled_pct.items()},
        "power_mean_w": _round(reading.power_mean_w, 2),
        "hbm_temp_c": _round(reading.hbm_temp_c, 2),
        "ecc_uncorrected": reading.ecc_uncorrected,
        "remapped_rows": reading.remapped_rows,
        "source": gpu.info.source,
        "host": gpu.info.host,
        "instance": gpu.info.instance,
        "missing": reading.missing,
    }


def _ms(value_s: float | None) -> float | None:
    return None if value_s is None else round(value_s * 1e3, 4)


def _round(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
