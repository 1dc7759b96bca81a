"""What ``vllm bench serve --save-result`` wrote: one result, or those that ``--append-result`` put one on a line.

With the lists of ``--save-detailed`` there are requests; without them the figures are taken as they were told. Names
are those of vLLM 0.6 to 0.32 (``vllm/benchmarks/serve.py``); times there are in seconds but where a name ends in
``_ms``. Its ``date`` is the local time after the run.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

import msgspec

from results.imports.checks import middle, no_negative, not_too_many, sane
from results.imports.json_files import decoded, plain
from results.imports.parts import MAX_TOKENS, Bench, NotImportable
from results.quantiles import quantile
from session.events import Request, Told, ToldStats

ORIGIN = "vllm bench"
MARKS = (b'"completed"', b'"total_output_tokens"', b'"request_throughput"')
T = TypeVar("T")
_FIGURES = {"mean": "mean", "p50": "median", "p90": "p90", "p95": "p95", "p99": "p99"}
LINEAR = "times of single tokens are not in the file: tokens are spread evenly from each request's first to its last"


def looks_like(data: bytes) -> bool:
    """Whether JSON is of this tool."""
    return all(mark in data for mark in MARKS)


def read(data: bytes) -> list[Bench]:
    """Return the runs of a file; raise :class:`NotImportable`."""
    return [_bench(_Fields(one)) for one in _objects(data)]


def _objects(data: bytes) -> list[dict[str, msgspec.Raw]]:
    lines = [line for line in data.splitlines() if line.strip()]
    if len(lines) > 1 and all(line.lstrip().startswith(b"{") and line.rstrip().endswith(b"}") for line in lines):
        return [decoded(line, dict[str, msgspec.Raw], f"result {at}") for at, line in enumerate(lines, 1)]
    return [decoded(data, dict[str, msgspec.Raw], "vllm bench's result")]


class _Fields:
    """The fields of one result, decoded one by one as they are asked for."""

    def __init__(self, raws: dict[str, msgspec.Raw]) -> None:
        self._raws = raws

    def get(self, name: str, kind: type[T]) -> T | None:
        """Return a field, or ``None`` where it is not there or null; raise :class:`NotImportable` on another type."""
        raw = self._raws.get(name)
        if raw is None or bytes(raw) == b"null":
            return None
        return decoded(raw, kind, name)

    def is_text(self, name: str) -> bool:
        """Whether a field is a string."""
        raw = self._raws.get(name)
        return raw is not None and bytes(raw).startswith(b'"')

    def amount(self, name: str) -> float | None:
        """Return a number that cannot be negative."""
        value = self.get(name, float)
        no_negative((value,), name)
        return value

    def count(self, name: str) -> int | None:
        """Return a number of things."""
        value = self.get(name, int)
        no_negative((value,), name)
        if value is not None and value > MAX_TOKENS:
            raise NotImportable(f"{name}: an impossible number")
        return value

    def listed(self, name: str, kind: Any) -> list[Any]:
        """Return a list; empty where there is none."""
        return self.get(name, kind) or []


def _bench(fields: _Fields) -> Bench:
    duration_s = fields.amount("duration")
    if duration_s is None:
        raise NotImportable("vllm bench's result has no duration")
    requests, gaps = _requests(fields)
    rate, amount = _rate(fields), fields.count("max_concurrency")
    prompts = fields.count("num_prompts") or fields.count("completed") or 0
    remarks = [] if gaps or not requests else [LINEAR]
    if rate is None and amount is None:
        remarks.append(f"all {prompts} requests were sent at once: taken as {prompts} in flight")
    done = fields.count("completed") or 0
    date = fields.get("date", str)
    return Bench(
        origin=ORIGIN, began=_began(date, duration_s), duration_s=duration_s,
        prompt_tokens=middle(r.prompt_tokens for r in requests) or _each(fields, "total_input_tokens", done),
        output_tokens=middle(r.output_tokens for r in requests) or _each(fields, "total_output_tokens", done),
        mode="closed" if rate is None else "open",
        concurrency=0 if rate is not None else amount if amount is not None else prompts,
        rate_s=rate, max_in_flight=None if rate is None else amount,
        requests=requests, gaps_s=gaps, told=_told(fields, duration_s), remarks=remarks,
        model=plain(fields.get("model_id", str) or "") or None,
        endpoint="chat" if "chat" in (fields.get("backend", str) or "") else "completions",
        burstiness=fields.amount("burstiness") or 1.0,
        arrivals="poisson" if fields.amount("burstiness") in (None, 1.0) else "gamma",
    )  # fmt: skip


def _rate(fields: _Fields) -> float | None:
    """Return requests a second; ``None`` where they were not paced (``"inf"``)."""
    return None if fields.is_text("request_rate") else fields.amount("request_rate")


def _each(fields: _Fields, name: str, requests: int) -> int:
    return round((fields.count(name) or 0) / requests) if requests else 0


def _began(date: str | None, duration_s: float) -> datetime | None:
    try:
        return datetime.strptime(date or "", "%Y%m%d-%H%M%S").astimezone() - timedelta(seconds=duration_s)
    except (ValueError, OverflowError):
        return None


def _requests(fields: _Fields) -> tuple[list[Request], list[list[float]]]:
    """Return the requests that ``--save-detailed`` lists, and the gaps between their chunks; else nothing."""
    starts, ttfts = fields.listed("start_times", list[float]), fields.listed("ttfts", list[float])
    outputs, prompts = fields.listed("output_lens", list[int]), fields.listed("input_lens", list[int])
    if not starts:
        return [], []
    not_too_many(len(starts))
    gaps, ends = fields.listed("itls", list[list[float]]), fields.listed("latencies", list[float])
    errors = fields.listed("errors", list[str])
    for name, column in (("ttfts", ttfts), ("output_lens", outputs), ("input_lens", prompts), ("itls", gaps)):
        if len(column) != len(starts):
            raise NotImportable(f"{name} has {len(column)} entries where start_times has {len(starts)}")
    no_negative(ttfts, "ttfts")
    no_negative(ends, "latencies")
    for row in gaps:
        no_negative(row, "itls")
    began, known = min(starts), len(ends) == len(starts)
    found = [
        _request(
            start - began, ttfts[at], ends[at] if known else ttfts[at] + sum(gaps[at]), prompts[at], outputs[at],
            failed=bool(errors[at]) if at < len(errors) else False,
        )
        for at, start in enumerate(starts)
    ]  # fmt: skip
    sane(found)
    return found, gaps if any(gaps) else []


def _request(start_s: float, ttft_s: float, last_s: float, prompt: int, output: int, *, failed: bool) -> Request:
    """Return a request; one that failed, or had no token, has no latencies."""
    if failed or output == 0:
        return Request(t_s=start_s + last_s, start_s=start_s, prompt_tokens=prompt, error="failed" if failed else None)
    last_s = max(last_s, ttft_s)
    return Request(
        t_s=start_s + last_s, start_s=start_s, ttft_s=ttft_s, last_s=last_s, prompt_tokens=prompt, output_tokens=output
    )


def _told(fields: _Fields, duration_s: float) -> Told:
    return Told(
        t_s=duration_s, level=0, requests=fields.count("completed"), errors=fields.count("failed"),
        output_tokens=fields.count("total_output_tokens"), output_tok_s=fields.amount("output_throughput"),
        total_tok_s=fields.amount("total_token_throughput"), requests_s=fields.amount("request_throughput"),
        ttft=_stats(fields, "ttft"), tpot=_stats(fields, "tpot"), itl=_stats(fields, "itl"),
        e2e=_stats(fields, "e2el") or _e2e(fields),
    )  # fmt: skip


def _stats(fields: _Fields, name: str) -> ToldStats | None:
    """Return what was told of a latency; all zero is what that tool writes of nothing."""
    found = {mine: fields.amount(f"{theirs}_{name}_ms") for mine, theirs in _FIGURES.items()}
    if not any(found.values()):
        return None
    return ToldStats(**{mine: None if ms is None else ms / 1e3 for mine, ms in found.items()})


def _e2e(fields: _Fields) -> ToldStats | None:
    """Return the quantiles of ``latencies``, which newer versions have in every result, where none failed."""
    values: Sequence[float] = sorted(fields.listed("latencies", list[float]))
    if not values or fields.count("failed") or len(values) != fields.count("completed"):
        return None
    no_negative(values[:1], "latencies")
    p50, p90, p95, p99 = (quantile(values, q) for q in (0.5, 0.9, 0.95, 0.99))
    return ToldStats(mean=sum(values) / len(values), p50=p50, p90=p90, p95=p95, p99=p99)
