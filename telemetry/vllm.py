"""What vLLM's /metrics are called, in whichever of its versions (0.8.5 to 0.33).

``gpu_cache_usage_perc`` and ``gpu_prefix_cache_*`` lost their ``gpu_`` by 0.9.2 to 0.10.2;
``time_per_output_token_seconds`` became ``inter_token_latency_seconds`` by 0.10.2.
"""

from __future__ import annotations

import re

from telemetry.exposition import Sample, samples
from telemetry.families import Kind, counter, parts

_TTFT = ("time_to_first_token_seconds",)
_ITL = ("inter_token_latency_seconds", "time_per_output_token_seconds")


_CACHE_CONFIG = "vllm:cache_config_info"
_DTYPE = re.compile(r"[a-z][a-z0-9_]{1,31}", re.ASCII)


def cache_dtype(text: str) -> str | None:
    """Return the type of keys and values that the server names, of its first engine; ``None`` where it does not."""
    start = text.find(f"\n{_CACHE_CONFIG}{{") + 1
    line = text[start : text.find("\n", start) + 1] if start else ""
    found = next(samples(line, {_CACHE_CONFIG}), None)
    dtype = found.labels.get("cache_dtype", "") if found else ""
    return dtype if _DTYPE.fullmatch(dtype) else None


def _cache_tokens(sample: Sample) -> float | None:
    """Return the KV cache's size; blocks times their length is wrong for hybrid models, so it comes second."""
    labels = sample.labels
    size = _whole(labels.get("kv_cache_size_tokens"))
    if size is not None:
        return size
    blocks, length = _whole(labels.get("num_gpu_blocks")), _whole(labels.get("block_size"))
    return blocks * length if blocks is not None and length is not None else None


def _whole(text: str | None) -> float | None:
    """Return a label's number; versions write ``None`` for what is not known yet."""
    return float(text) if text and len(text) < 16 and text.isascii() and text.isdigit() else None


VLLM = Kind(
    title="vLLM",
    prefixes=("vllm:",),
    fields={
        "running": ("num_requests_running",),
        "waiting": ("num_requests_waiting",),
        "kv_usage": ("kv_cache_usage_perc", "gpu_cache_usage_perc"),
        "preemptions": counter("num_preemptions"),
        "prefix_queries": counter("prefix_cache_queries", "gpu_prefix_cache_queries"),
        "prefix_hits": counter("prefix_cache_hits", "gpu_prefix_cache_hits"),
        "prompt_tokens": counter("prompt_tokens"),
        "generation_tokens": counter("generation_tokens"),
        "steps": ("iteration_tokens_total_count",),
        "finished": counter("request_success"),
        **parts("itl", *_ITL),
        **parts("ttft", *_TTFT),
        **parts("queue", "request_queue_time_seconds"),
        "flops": counter("estimated_flops_per_gpu"),
        "read_bytes": counter("estimated_read_bytes_per_gpu"),
        "write_bytes": counter("estimated_write_bytes_per_gpu"),
    },
    labelled={
        "waiting_capacity": (("num_requests_waiting_by_reason",), "reason", "capacity"),
        "waiting_deferred": (("num_requests_waiting_by_reason",), "reason", "deferred"),
        "prompt_computed": (counter("prompt_tokens_by_source"), "source", "local_compute"),
    },
    histograms={"ttft_buckets": _TTFT, "itl_buckets": _ITL},
    cache=("cache_config_info",),
    cache_tokens=_cache_tokens,
)
