"""The counters and histograms behind ``/metrics``, observed the way vLLM observes them."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field

_FIRST_TOKEN = (
    0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1.0,
    2.5, 5.0, 7.5, 10.0, 20.0, 40.0, 80.0, 160.0, 640.0, 2560.0,
)  # fmt: skip
_TOKEN = (
    0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0, 20.0, 40.0, 80.0,
)  # fmt: skip
_REQUEST = (
    0.3, 0.5, 0.8, 1.0, 1.5, 2.0, 2.5, 5.0, 10.0, 15.0, 20.0, 30.0, 40.0, 50.0,
    60.0, 120.0, 240.0, 480.0, 960.0, 1920.0, 7680.0,
)  # fmt: skip
_ITERATION = (1.0, *(float(2**power) for power in range(3, 15)))

FINISHED_REASONS = ("stop", "length", "abort", "error", "repetition")


def _one_two_five(limit: int) -> tuple[float, ...]:
    """1, 2, 5, 10, ... up to ``limit``: vLLM's buckets for counts of tokens."""
    bounds = [digit * 10.0**power for power in range(9) for digit in (1, 2, 5)]
    return tuple(bound for bound in bounds if bound <= limit)


class Histogram:
    """A Prometheus histogram: cumulative buckets come out of :meth:`rows`."""

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.sum = 0.0

    def observe(self, value: float, times: int = 1) -> None:
        """Count ``value``, ``times`` over."""
        self.counts[bisect_left(self.bounds, value)] += times
        self.sum += value * times

    def rows(self) -> list[tuple[str, float]]:
        """Upper bound and cumulative count, the last bound ``+Inf``."""
        total, rows = 0, []
        for bound, count in zip((*map(str, self.bounds), "+Inf"), self.counts, strict=True):
            total += count
            rows.append((bound, float(total)))
        return rows


@dataclass(frozen=True, slots=True)
class Finished:
    """What is observed of a request when it ends; times in seconds, ``None`` where it never got so far."""

    reason: str
    prompt_tokens: int
    generated: int
    max_tokens: int
    computed_prompt: int
    e2e_s: float
    queue_s: float | None
    prefill_s: float | None
    decode_s: float | None


@dataclass
class ServerStats:
    """Everything that only grows."""

    model_len: int
    generation_tokens: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    prefix_queries: int = 0
    prefix_hits: int = 0
    finished: dict[str, int] = field(default_factory=lambda: dict.fromkeys(FINISHED_REASONS, 0))

    def __post_init__(self) -> None:
        tokens = _one_two_five(self.model_len)
        self.histograms = {
            "request_prompt_tokens": Histogram(tokens),
            "request_generation_tokens": Histogram(tokens),
            "iteration_tokens_total": Histogram(_ITERATION),
            "request_max_num_generation_tokens": Histogram(tokens),
            "request_params_n": Histogram((1.0, 2.0, 5.0, 10.0, 20.0)),
            "request_params_max_tokens": Histogram(tokens),
            "time_to_first_token_seconds": Histogram(_FIRST_TOKEN),
            "inter_token_latency_seconds": Histogram(_TOKEN),
            "request_time_per_output_token_seconds": Histogram(_TOKEN),
            "e2e_request_latency_seconds": Histogram(_REQUEST),
            "request_queue_time_seconds": Histogram(_REQUEST),
            "request_inference_time_seconds": Histogram(_REQUEST),
            "request_prefill_time_seconds": Histogram(_REQUEST),
            "request_decode_time_seconds": Histogram(_REQUEST),
            "request_prefill_kv_computed_tokens": Histogram(tokens),
        }

    def observe(self, name: str, value: float, times: int = 1) -> None:
        """Count ``value`` in the histogram of that name."""
        self.histograms[name].observe(value, times)

    def first_token(self, prompt_tokens: int, cached: int, ttft_s: float) -> None:
        """A prefill ended: vLLM credits the whole prompt now."""
        self.prompt_tokens += prompt_tokens
        self.cached_tokens += cached
        self.observe("time_to_first_token_seconds", ttft_s)

    def request(self, done: Finished) -> None:
        """A request ended, whole or aborted."""
        self.finished[done.reason] += 1
        self.observe("request_prompt_tokens", done.prompt_tokens)
        self.observe("request_generation_tokens", done.generated)
        self.observe("request_max_num_generation_tokens", done.generated)
        self.observe("request_params_n", 1)
        self.observe("request_params_max_tokens", done.max_tokens)
        self.observe("e2e_request_latency_seconds", done.e2e_s)
        if done.queue_s is not None:
            self.observe("request_queue_time_seconds", done.queue_s)
        if done.prefill_s is None or done.decode_s is None:
            return
        self.observe("request_prefill_kv_computed_tokens", done.computed_prompt)
        self.observe("request_prefill_time_seconds", done.prefill_s)
        self.observe("request_decode_time_seconds", done.decode_s)
        self.observe("request_inference_time_seconds", done.prefill_s + done.decode_s)
        if done.generated > 1:
            self.observe("request_time_per_output_token_seconds", done.decode_s / (done.generated - 1))
