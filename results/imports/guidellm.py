"""GuideLLM's JSON report: its benchmarks with their requests, as versions 0.5 to 0.8 write them.

Times are seconds since the epoch. Requests count from when they were sent, as there. What it calls inter-token latency
is a request's (last token − first token) / (tokens − 1), TPOT here, but weighted by its tokens: summaries are taken for
TPOT where all requests have as many. Prompts and outputs are in the file and stay there.
"""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlsplit

import msgspec

from results.imports.checks import middle, no_negative, not_too_many, sane
from results.imports.json_files import decoded, plain
from results.imports.parts import MAX_SPAN_S, Bench, NotImportable
from session.events import Request, Told, ToldStats

ORIGIN = "GuideLLM"
MARKS = (b'"benchmarks"', b'"guidellm')
LINEAR = "GuideLLM keeps no times of single tokens: tokens are spread evenly from each request's first to its last"


class _Timings(msgspec.Struct):
    request_start: float | None = None
    resolve_start: float | None = None
    first_token_iteration: float | None = None
    first_iteration: float | None = None
    last_token_iteration: float | None = None
    last_iteration: float | None = None
    request_end: float | None = None
    resolve_end: float | None = None


class _Info(msgspec.Struct):
    timings: _Timings = msgspec.field(default_factory=_Timings)


class _Request(msgspec.Struct):
    info: _Info = msgspec.field(default_factory=_Info)
    prompt_tokens: int | None = None
    output_tokens: int | None = None


class _Requests(msgspec.Struct):
    successful: list[_Request] | None = None
    errored: list[_Request] | None = None
    incomplete: list[_Request] | None = None


class _Totals(msgspec.Struct):
    successful: int = 0
    errored: int = 0


class _Summary(msgspec.Struct):
    count: int = 0
    mean: float | None = None
    min: float | None = None
    max: float | None = None
    total_sum: float | None = None
    percentiles: dict[str, float | None] | None = None


class _ByStatus(msgspec.Struct):
    successful: _Summary | None = None


class _Metrics(msgspec.Struct):
    request_totals: _Totals | None = None
    requests_per_second: _ByStatus | None = None
    request_latency: _ByStatus | None = None
    prompt_token_count: _ByStatus | None = None
    output_token_count: _ByStatus | None = None
    time_to_first_token_ms: _ByStatus | None = None
    inter_token_latency_ms: _ByStatus | None = None
    output_tokens_per_second: _ByStatus | None = None
    tokens_per_second: _ByStatus | None = None


class _Strategy(msgspec.Struct):
    type_: str = ""
    streams: int | None = None
    max_concurrency: int | None = None
    rate: float | None = None


class _Backend(msgspec.Struct):
    target: str | None = None
    model: str | None = None
    request_format: str | None = None


class _Config(msgspec.Struct):
    strategy: _Strategy = msgspec.field(default_factory=_Strategy)
    backend: _Backend = msgspec.field(default_factory=_Backend)


class _Scheduled(msgspec.Struct):
    measure_start_time: float | None = None
    measure_end_time: float | None = None


class _Benchmark(msgspec.Struct):
    config: _Config = msgspec.field(default_factory=_Config)
    requests: _Requests = msgspec.field(default_factory=_Requests)
    metrics: _Metrics = msgspec.field(default_factory=_Metrics)
    scheduler_metrics: _Scheduled = msgspec.field(default_factory=_Scheduled)


class _Report(msgspec.Struct):
    benchmarks: list[_Benchmark]


def looks_like(data: bytes) -> bool:
    """Whether JSON is of this tool."""
    return all(mark in data for mark in MARKS)


def read(data: bytes) -> list[Bench]:
    """Return the benchmarks of a report; raise :class:`NotImportable`."""
    found = decoded(data, _Report, "GuideLLM's report").benchmarks
    if not found:
        raise NotImportable("GuideLLM's report holds no benchmark")
    return [_bench(one) for one in found]


def _bench(one: _Benchmark) -> Bench:
    began, requests, sampled = _requests(one)
    end_s = max((request.t_s for request in requests), default=0.0)
    scheduled = one.scheduler_metrics
    if not requests and scheduled.measure_start_time is not None and scheduled.measure_end_time is not None:
        began, end_s = scheduled.measure_start_time, scheduled.measure_end_time - scheduled.measure_start_time
    if not 0 < end_s <= MAX_SPAN_S:
        raise NotImportable("a benchmark of GuideLLM's report does not say how long it took")
    strategy, backend = one.config.strategy, one.config.backend
    mode, amount, remarks = _load(strategy, requests)
    remarks.append(sampled or LINEAR)
    return Bench(
        origin=ORIGIN, began=_wall(began), duration_s=end_s, mode=mode, concurrency=amount,
        rate_s=strategy.rate if mode == "open" else None,
        max_in_flight=strategy.max_concurrency if mode == "open" else None,
        arrivals="constant" if strategy.type_ == "constant" else "poisson",
        prompt_tokens=middle(r.prompt_tokens for r in requests) or _each(one.metrics.prompt_token_count),
        output_tokens=middle(r.output_tokens for r in requests) or _each(one.metrics.output_token_count),
        requests=requests, told=_told(one.metrics, end_s), model=plain(backend.model or "") or None,
        target=_without_credentials(backend.target or ""),
        endpoint="chat" if "chat" in (backend.request_format or "") else "completions", remarks=remarks,
    )  # fmt: skip


def _load(strategy: _Strategy, requests: list[Request]) -> tuple[str, int, list[str]]:
    """Return the kind of load, what is in flight in a closed loop, and what should be known of it."""
    if strategy.rate is not None and strategy.rate > 0 and strategy.type_ in ("constant", "poisson", "async"):
        return "open", 0, []
    if strategy.type_ == "synchronous":
        return "closed", 1, []
    amount = strategy.streams or strategy.max_concurrency
    if amount is not None and amount > 0:
        return "closed", amount, []
    return "closed", len(requests), [f"load {plain(strategy.type_) or 'unknown'} without a bound: taken as "
                                     f"{len(requests)} in flight"]  # fmt: skip


def _requests(one: _Benchmark) -> tuple[float | None, list[Request], str | None]:
    """Return when the first was sent, all of them, and why there are none where they are only a sample."""
    lists = one.requests.successful or [], one.requests.errored or [], one.requests.incomplete or []
    not_too_many(sum(map(len, lists)))
    total = one.metrics.request_totals
    if total is not None and total.successful > len(lists[0]):
        told = f"the report holds {len(lists[0])} of {total.successful} requests: its own figures are taken"
        return None, [], told
    starts = [start for each in lists for r in each if (start := _start(r)) is not None]
    if not starts:
        return None, [], "the report holds no requests: its own figures are taken"
    began = min(starts)
    kinds = (None, "failed", "cancelled")
    found = [r for each, kind in zip(lists, kinds, strict=True) for one in each if (r := _request(one, began, kind))]
    sane(found)
    return began, found, None


def _start(one: _Request) -> float | None:
    timings = one.info.timings
    return timings.request_start if timings.request_start is not None else timings.resolve_start


def _request(one: _Request, began: float, error: str | None) -> Request | None:
    """Return a request; ``None`` where it was never sent."""
    timings, start = one.info.timings, _start(one)
    end = timings.request_end if timings.request_end is not None else timings.resolve_end
    if start is None:
        return None
    first = timings.first_token_iteration if timings.first_token_iteration is not None else timings.first_iteration
    last = timings.last_token_iteration if timings.last_token_iteration is not None else timings.last_iteration
    if first is not None and last is not None and not start <= first <= last:
        raise NotImportable("a request's tokens came before it was sent: a broken clock")
    if first is not None and last is None:
        last = first
    stops = [t for t in (start, last, end) if t is not None]
    whole = first is not None and error is None
    return Request(
        t_s=max(stops) - began, start_s=start - began, error=error,
        ttft_s=first - start if whole and first is not None else None,
        last_s=last - start if whole and last is not None else None,
        prompt_tokens=one.prompt_tokens, output_tokens=(one.output_tokens or 0) if error is None else 0,
    )  # fmt: skip


def _told(metrics: _Metrics, end_s: float) -> Told:
    totals = metrics.request_totals or _Totals()
    output = metrics.output_token_count.successful if metrics.output_token_count else None
    same = output is not None and output.min is not None and output.min == output.max
    return Told(
        t_s=end_s, level=0, requests=totals.successful, errors=totals.errored,
        output_tokens=round(output.total_sum) if output and output.total_sum is not None else None,
        output_tok_s=_mean(metrics.output_tokens_per_second), total_tok_s=_mean(metrics.tokens_per_second),
        requests_s=_mean(metrics.requests_per_second), ttft=_stats(metrics.time_to_first_token_ms, 1e-3),
        itl=_itl(metrics), tpot=_stats(metrics.inter_token_latency_ms, 1e-3) if same else None,
        e2e=_stats(metrics.request_latency, 1.0),
    )  # fmt: skip


def _itl(metrics: _Metrics) -> ToldStats | None:
    """Return the mean gap: theirs are weighted by their number, so it is exact; their quantiles are of requests."""
    mean_ms = _mean(metrics.inter_token_latency_ms)
    no_negative((mean_ms,), "inter_token_latency_ms")
    return ToldStats(mean=mean_ms / 1e3) if mean_ms else None


def _mean(found: _ByStatus | None) -> float | None:
    return found.successful.mean if found is not None and found.successful is not None else None


def _each(found: _ByStatus | None) -> int:
    return max(0, round(_mean(found) or 0))


def _stats(found: _ByStatus | None, scale: float) -> ToldStats | None:
    summary = found.successful if found is not None else None
    if summary is None or summary.count <= 0 or summary.mean is None:
        return None
    given = {name: (summary.percentiles or {}).get(name) for name in ("p50", "p90", "p95", "p99")}
    no_negative((summary.mean, *given.values()), "a latency of GuideLLM's report")
    scaled = {name: None if value is None else value * scale for name, value in given.items()}
    return ToldStats(mean=summary.mean * scale, **scaled)


def _wall(began: float | None) -> datetime | None:
    try:
        return None if began is None else datetime.fromtimestamp(began, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _without_credentials(url: str) -> str:
    try:
        parts = urlsplit(plain(url))
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.hostname}{port}{parts.path}".rstrip("/") if parts.hostname else ""
