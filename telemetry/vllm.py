"""What vLLM's /metrics say, whichever of its versions (0.8.5 to 0.33) wrote them."""

from __future__ import annotations

import re
from typing import NamedTuple

from session.events import EngineSample
from telemetry.exposition import Sample, samples

PREFIX = "vllm:"


class _Rule(NamedTuple):
    """Where a sample of some name goes."""

    field: str
    age: int
    """0 for the newest name of the field; where a server shows two names, the newest counts."""
    label: str | None = None
    wanted: str | None = None
    """Value of ``label`` that the sample must have."""


def _counter(*names: str) -> tuple[str, ...]:
    """Return a counter's names, newest first: exposed with ``_total``, and without by some versions."""
    return tuple(full for name in names for full in (f"{name}_total", name))


_FIELDS: dict[str, tuple[str, ...]] = {
    "running": ("num_requests_running",),
    "waiting": ("num_requests_waiting",),
    "kv_usage": ("kv_cache_usage_perc", "gpu_cache_usage_perc"),
    "preemptions": _counter("num_preemptions"),
    "prefix_queries": _counter("prefix_cache_queries", "gpu_prefix_cache_queries"),
    "prefix_hits": _counter("prefix_cache_hits", "gpu_prefix_cache_hits"),
    "prompt_tokens": _counter("prompt_tokens"),
    "generation_tokens": _counter("generation_tokens"),
    "itl_sum_s": ("inter_token_latency_seconds_sum", "time_per_output_token_seconds_sum"),
    "itl_count": ("inter_token_latency_seconds_count", "time_per_output_token_seconds_count"),
    "steps": ("iteration_tokens_total_count",),
    "ttft_sum_s": ("time_to_first_token_seconds_sum",),
    "ttft_count": ("time_to_first_token_seconds_count",),
    "finished": _counter("request_success"),
}
"""Field of the sample to names without prefix, the newest first."""

_LABELLED: dict[str, tuple[tuple[str, ...], str, str]] = {
    "waiting_capacity": (("num_requests_waiting_by_reason",), "reason", "capacity"),
    "waiting_deferred": (("num_requests_waiting_by_reason",), "reason", "deferred"),
    "prompt_computed": (_counter("prompt_tokens_by_source"), "source", "local_compute"),
}
"""Field to names, label and the label's value."""


def _rules() -> dict[str, list[_Rule]]:
    rules: dict[str, list[_Rule]] = {}
    for field, names in _FIELDS.items():
        for age, name in enumerate(names):
            rules.setdefault(PREFIX + name, []).append(_Rule(field, age))
    for field, (names, label, value) in _LABELLED.items():
        for age, name in enumerate(names):
            rules.setdefault(PREFIX + name, []).append(_Rule(field, age, label, value))
    return rules


_RULES = _rules()
_CACHE_CONFIG = f"{PREFIX}cache_config_info"
_DTYPE = re.compile(r"[a-z][a-z0-9_]{1,31}", re.ASCII)
WANTED = frozenset(_RULES) | {_CACHE_CONFIG}
"""Every name that is read."""

_OTHERS = (
    ("sglang:", "SGLang"),
    ("sglang_", "SGLang"),
    ("tgi_", "TGI"),
    ("llamacpp:", "llama.cpp"),
    ("trtllm_", "TensorRT-LLM"),
)


def read_metrics(text: str) -> tuple[dict[str, EngineSample], float | None]:
    """Return a sample for each ``engine`` label (data-parallel rank) and the KV cache's size in tokens.

    A value the server does not show is ``None``. The size is that of all engines together.
    """
    engines: dict[str, _Engine] = {}
    sizes: dict[str, float] = {}
    for sample in samples(text, WANTED):
        engine = sample.labels.get("engine", "0")
        if sample.name != _CACHE_CONFIG:
            engines.setdefault(engine, _Engine()).add(sample)
        elif (size := _cache_tokens(sample.labels)) is not None:
            sizes[engine] = size
    read = {label: engine.sample() for label, engine in engines.items()}
    return read, sum(sizes.values()) if sizes else None


def cache_dtype(text: str) -> str | None:
    """Return the type of keys and values that the server names, of its first engine; ``None`` where it does not."""
    start = text.find(f"\n{_CACHE_CONFIG}{{") + 1
    line = text[start : text.find("\n", start) + 1] if start else ""
    found = next(samples(line, {_CACHE_CONFIG}), None)
    dtype = found.labels.get("cache_dtype", "") if found else ""
    return dtype if _DTYPE.fullmatch(dtype) else None


def why_nothing(text: str) -> str:
    """Say in one line why a text that answered as /metrics holds nothing of vLLM."""
    head = text[:512].lstrip().lower()
    if head.startswith(("<!doctype", "<html")):
        return "/metrics answers a web page, not metrics: is this address the server itself?"
    lines = text.split("\n")
    for prefix, name in _OTHERS:
        if any(line.startswith(prefix) for line in lines):
            return f"/metrics answers but has no vllm: metrics (it looks like {name}, which is not read)"
    if any(line.startswith(PREFIX) for line in lines):
        return "/metrics answers, but none of its vllm: metrics is one that is known: is the version supported?"
    return "/metrics answers but has no vllm: metrics (another server, or one still starting)"


class _Engine:
    """Adds up one engine's samples; its other labels (model, finish reason) are summed over."""

    def __init__(self) -> None:
        self._values: dict[str, float] = {}
        self._ages: dict[str, int] = {}

    def add(self, sample: Sample) -> None:
        for field, age, label, wanted in _RULES[sample.name]:
            if label is not None and sample.labels.get(label) != wanted:
                continue
            if field not in self._values or age < self._ages[field]:
                self._values[field], self._ages[field] = sample.value, age
            elif age == self._ages[field]:
                before = self._values[field]
                # A share of the cache does not add up.
                self._values[field] = max(before, sample.value) if field == "kv_usage" else before + sample.value

    def sample(self) -> EngineSample:
        return EngineSample(**self._values)


def _cache_tokens(labels: dict[str, str]) -> float | None:
    """Return the KV cache's size; blocks times their length is wrong for hybrid models, so it comes second."""
    size = _whole(labels.get("kv_cache_size_tokens"))
    if size is not None:
        return size
    blocks, length = _whole(labels.get("num_gpu_blocks")), _whole(labels.get("block_size"))
    return blocks * length if blocks is not None and length is not None else None


def _whole(text: str | None) -> float | None:
    """Return a label's number; versions write ``None`` for what is not known yet."""
    return float(text) if text and len(text) < 16 and text.isascii() and text.isdigit() else None
