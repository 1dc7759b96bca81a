"""``/metrics`` in vLLM's own names, types and labels (those of vLLM 0.25), as Prometheus text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sim.engine import Engine
from sim.stats import Histogram, ServerStats

_HISTOGRAM_HELP = {
    "request_prompt_tokens": "Number of prefill tokens processed.",
    "request_generation_tokens": "Number of generation tokens processed.",
    "iteration_tokens_total": "Histogram of number of tokens per engine_step.",
    "request_max_num_generation_tokens": "Histogram of maximum number of requested generation tokens.",
    "request_params_n": "Histogram of the n request parameter.",
    "request_params_max_tokens": "Histogram of the max_tokens request parameter.",
    "time_to_first_token_seconds": "Histogram of time to first token in seconds.",
    "inter_token_latency_seconds": "Histogram of inter-token latency in seconds.",
    "request_time_per_output_token_seconds": "Histogram of time_per_output_token_seconds per request.",
    "e2e_request_latency_seconds": "Histogram of e2e request latency in seconds.",
    "request_queue_time_seconds": "Histogram of time spent in WAITING phase for request.",
    "request_inference_time_seconds": "Histogram of time spent in RUNNING phase for request.",
    "request_prefill_time_seconds": "Histogram of time spent in PREFILL phase for request.",
    "request_decode_time_seconds": "Histogram of time spent in DECODE phase for request.",
    "request_prefill_kv_computed_tokens": "Histogram of new KV tokens computed during prefill.",
}


def render(engine: Engine) -> str:
    """The whole page."""
    base = {"engine": "0", "model_name": engine.config.model}
    lines: list[str] = []
    for part in (_gauges(engine, base), _counters(engine, base), _histograms(engine.stats, base)):
        lines.extend(part)
    return "\n".join(lines) + "\n"


def _sample(name: str, labels: Mapping[str, str], value: float) -> str:
    inside = ",".join(f'{key}="{labels[key]}"' for key in sorted(labels))
    return f"vllm:{name}{{{inside}}} {float(value)!r}"


def _family(
    name: str, kind: str, text: str, samples: list[tuple[dict[str, str], float]], base: Mapping[str, str]
) -> Iterator[str]:
    suffix = "_total" if kind == "counter" else ""
    yield f"# HELP vllm:{name}{suffix} {text}"
    yield f"# TYPE vllm:{name}{suffix} {kind}"
    for labels, value in samples:
        yield _sample(name + suffix, {**base, **labels}, value)


def _gauges(engine: Engine, base: Mapping[str, str]) -> Iterator[str]:
    scheduler = engine.scheduler
    waiting = scheduler.queued
    usage = scheduler.kv_used / engine.config.kv_tokens
    running = "Number of requests in model execution batches."
    yield from _family("num_requests_running", "gauge", running, [({}, scheduler.running)], base)
    text = "Number of requests waiting to be processed."
    yield from _family("num_requests_waiting", "gauge", text, [({}, waiting)], base)
    reasons: list[tuple[dict[str, str], float]] = [({"reason": "capacity"}, waiting), ({"reason": "deferred"}, 0)]
    text = "Number of waiting requests by reason."
    yield from _family("num_requests_waiting_by_reason", "gauge", text, reasons, base)
    states = {"awake": 1, "weights_offloaded": 0, "discard_all": 0}
    sleep: list[tuple[dict[str, str], float]] = [({"sleep_state": name}, value) for name, value in states.items()]
    yield from _family("engine_sleep_state", "gauge", "Engine sleep state.", sleep, base)
    text = "KV-cache usage. 1 means 100 percent usage."
    yield from _family("kv_cache_usage_perc", "gauge", text, [({}, usage)], base)
    text = "Information of the LLMEngine CacheConfig"
    yield from _family("cache_config_info", "gauge", text, [(_cache_config(engine), 1)], {"engine": "0"})


def _cache_config(engine: Engine) -> dict[str, str]:
    """Labels of ``cache_config_info``, which carries no ``model_name`` in vLLM."""
    config = engine.config
    return {
        "block_size": "16",
        "cache_dtype": "auto",
        "enable_prefix_caching": "True",
        "gpu_memory_utilization": str(config.gpu_memory_utilization),
        "kv_cache_max_concurrency": str(config.kv_tokens / config.model_len),
        "kv_cache_size_tokens": str(config.kv_tokens),
        "num_gpu_blocks": str(config.kv_tokens // 16),
    }


def _counters(engine: Engine, base: Mapping[str, str]) -> Iterator[str]:
    stats = engine.stats
    plain = {
        "prefix_cache_queries": ("Prefix cache queries, in terms of number of queried tokens.", stats.prefix_queries),
        "prefix_cache_hits": ("Prefix cache hits, in terms of number of cached tokens.", stats.prefix_hits),
        "num_preemptions": ("Cumulative number of preemption from the engine.", engine.scheduler.preemptions),
        "prompt_tokens": ("Number of prefill tokens processed.", stats.prompt_tokens),
        "prompt_tokens_cached": ("Number of cached prompt tokens (local + external).", stats.cached_tokens),
        "generation_tokens": ("Number of generation tokens processed.", stats.generation_tokens),
    }
    for name, (text, value) in plain.items():
        yield from _family(name, "counter", text, [({}, value)], base)
    sources = {
        "local_compute": stats.prompt_tokens - stats.cached_tokens,
        "local_cache_hit": stats.cached_tokens,
        "external_kv_transfer": 0,
    }
    by_source: list[tuple[dict[str, str], float]] = [({"source": name}, count) for name, count in sources.items()]
    yield from _family("prompt_tokens_by_source", "counter", "Number of prompt tokens by source.", by_source, base)
    ended: list[tuple[dict[str, str], float]] = [
        ({"finished_reason": reason}, count) for reason, count in stats.finished.items()
    ]
    text = "Count of successfully processed requests."
    yield from _family("request_success", "counter", text, ended, base)


def _histograms(stats: ServerStats, base: Mapping[str, str]) -> Iterator[str]:
    for name, histogram in stats.histograms.items():
        yield f"# HELP vllm:{name} {_HISTOGRAM_HELP[name]}"
        yield f"# TYPE vllm:{name} histogram"
        yield from _histogram(name, histogram, base)


def _histogram(name: str, histogram: Histogram, base: Mapping[str, str]) -> Iterator[str]:
    rows = histogram.rows()
    for bound, count in rows:
        yield _sample(f"{name}_bucket", {**base, "le": bound}, count)
    yield _sample(f"{name}_count", base, rows[-1][1])
    yield _sample(f"{name}_sum", base, histogram.sum)
