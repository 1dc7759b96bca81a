"""AIPerf's ``profile_export_aiperf.json`` (schema 1.4): one for each level.

It is of all requests that began in the level, since that tool's figures leave no warm-up out. Its inter-token latency
is a request's (latency − TTFT) / (tokens − 1). Gaps between chunks are recorded as a histogram, so
``inter_chunk_latency`` is within 1 %. The time to the second token is not recorded and left out.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from statistics import fmean, pstdev
from typing import Any

from results.export.vllm_bench import duration_s
from results.quantiles import bucket_quantile, quantile
from results.run import LevelRun, Run, load
from session.gaps import value_of

SCHEMA = "1.4"
NAME = "profile_export_aiperf.json"
_PERCENTILES = (1, 5, 10, 25, 50, 75, 90, 95, 99)


def export(source: Path, out: Path) -> list[Path]:
    """Write a folder for each level, or the only level to ``out`` where it ends in ``.json``."""
    run = load(source)
    if out.suffix == ".json" and len(run.levels) == 1:
        return [_write(out, result_of(run, run.levels[0]))]
    return [_write(out / _folder(level) / NAME, result_of(run, level)) for level in run.levels]


def result_of(run: Run, level: LevelRun) -> dict[str, Any]:
    """Return the summary of one level; what nothing is known of is not in it."""
    requests, span_s = level.requests, duration_s(level)
    done, prompt, output = len(requests.end_s), sum(requests.prompt_tokens), sum(requests.output_tokens)
    goodput = level.view.goodput
    told = {
        "request_throughput": _single("requests/sec", done / span_s if span_s > 0 else None),
        "request_latency": _dist("ms", _ms(requests.e2e_s)),
        "request_count": _single("requests", float(done)),
        "time_to_first_token": _dist("ms", _ms(requests.ttft_s)),
        "inter_token_latency": _dist("ms", _ms(requests.tpot_s)),
        "output_token_throughput": _single("tokens/sec", output / span_s if span_s > 0 else None),
        "output_token_throughput_per_user": _dist("tokens/sec/user", [1 / v for v in requests.tpot_s if v > 0]),
        "output_sequence_length": _dist("tokens", requests.output_tokens),
        "input_sequence_length": _dist("tokens", requests.prompt_tokens),
        "output_token_count": _dist("tokens", requests.output_tokens),
        "inter_chunk_latency": _of_buckets(requests.gaps),
        "goodput": _single("requests/sec", goodput.requests_s if goodput is not None else None),
        "total_output_tokens": _single("tokens", float(output)),
        "benchmark_duration": _single("sec", span_s),
        "total_isl": _single("tokens", float(prompt)),
        "total_osl": _single("tokens", float(output)),
        "error_request_count": _single("requests", float(requests.failed) if requests.failed else None),
    }
    return {
        "schema_version": SCHEMA,
        **{name: value for name, value in told.items() if value is not None},
        "input_config": _config(run, level),
        "was_cancelled": False,
        "is_complete": True,
        "error_summary": [],
    }


def _config(run: Run, level: LevelRun) -> dict[str, Any]:
    """Return what was asked for in the words of that tool's configuration."""
    view, count = level.view, max(1, len(level.requests.end_s))
    load = {"type": "concurrency", "concurrency": view.concurrency} if view.mode == "closed" else {
        "type": run.header.arrivals, "rate": view.rate_s or count / max(1e-9, duration_s(level)),
    }  # fmt: skip
    return {
        "models": {"items": [{"name": run.snapshot.model or "unknown"}]},
        "endpoint": {"urls": [run.header.target or "http://unknown"], "streaming": True,
                     "type": "chat" if run.header.endpoint == "chat" else "completions"},
        "datasets": [{"name": "main", "type": "synthetic", "entries": count,
                      "prompts": {"isl": {"mean": view.prompt_tokens}, "osl": {"mean": view.output_len}}}],
        "phases": [{"name": "profiling", "kind": "profiling", "requests": count, **load}],
    }  # fmt: skip


def _single(unit: str, value: float | None) -> dict[str, Any] | None:
    return None if value is None else {"unit": unit, "avg": value}


def _dist(unit: str, values: Sequence[float]) -> dict[str, Any] | None:
    if not values:
        return None
    ordered = sorted(values)
    return {
        "unit": unit, "avg": fmean(ordered), **{f"p{p}": float(quantile(ordered, p / 100)) for p in _PERCENTILES},
        "min": ordered[0], "max": ordered[-1], "std": pstdev(ordered), "count": len(ordered), "sum": sum(ordered),
    }  # fmt: skip


def _of_buckets(gaps: Mapping[int, int]) -> dict[str, Any] | None:
    count = sum(gaps.values())
    if not count:
        return None
    total = sum(value_of(bucket) * n for bucket, n in gaps.items())
    spread = math.sqrt(sum((value_of(bucket) - total / count) ** 2 * n for bucket, n in gaps.items()) / count)
    points = {f"p{p}": bucket_quantile(gaps, count, p / 100) * 1e3 for p in _PERCENTILES}
    return {
        "unit": "ms", "avg": total / count * 1e3, **points, "min": value_of(min(gaps)) * 1e3,
        "max": value_of(max(gaps)) * 1e3, "std": spread * 1e3, "count": count, "sum": total * 1e3,
    }  # fmt: skip


def _ms(values_s: Iterable[float]) -> list[float]:
    return [value * 1e3 for value in values_s if value == value]


def _folder(level: LevelRun) -> str:
    view = level.view
    load = f"concurrency{view.concurrency}" if view.mode == "closed" else f"rate{view.amount:g}"
    return f"{view.number:02d}-{load}"


def _write(path: Path, told: dict[str, Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(told, indent=2, allow_nan=False), encoding="utf-8")
    return path
