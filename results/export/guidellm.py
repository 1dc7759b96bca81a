"""GuideLLM's JSON report (0.8, schema 2): a benchmark for each level, as its own models read it.

It is of all requests that began in a level. Left out, since a recording has no data for it: texts, ids of the server,
times of failed requests (their number is there), words, characters and whatever else is not text, delays of a scheduler
(−1, as there where it knows none). Rates are summed up by seconds, where that tool goes from event to event.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from results.export.formats import Unsuited
from results.export.guidellm_numbers import in_flight, plain, rates, summary
from results.export.vllm_bench import duration_s
from results.run import LevelRun, Run, load
from results.samples import Requests

VERSION = "0.8.1"
_DELAYS = (
    "queued_time", "resolve_start_delay", "resolve_targeted_start_delay", "request_start_delay",
    "request_targeted_start_delay", "resolve_end_delay", "resolve_time", "finalized_delay", "processed_delay",
)  # fmt: skip
_NOTHING: dict[str, Any] = {}
_UNKNOWN: dict[str, Any] = {
    f"{what}{how}": None for what in ("input", "output", "total") for how in ("", "_per_second", "_concurrency")
}
_MEDIA = {
    "image": ("tokens", "images", "pixels", "bytes"), "video": ("tokens", "frames", "seconds", "bytes"),
    "audio": ("tokens", "samples", "seconds", "bytes"), "tool_call": ("tokens", "mixed_tokens", "count"),
    "text": ("words", "characters"),
}  # fmt: skip


def export(source: Path, out: Path) -> list[Path]:
    """Write the report; raise :class:`results.export.formats.Unsuited` where no level has a request."""
    told = report(load(source))
    if not told["benchmarks"]:
        raise Unsuited("no level of it has requests")
    out.write_text(json.dumps(told, allow_nan=False), encoding="utf-8")
    return [out]


def report(run: Run) -> dict[str, Any]:
    """Return the report."""
    levels = [level for level in run.levels if level.requests.end_s]
    return {
        "metadata": {"version": 2, "guidellm_version": VERSION, "python_version": "",
                     "platform": f"rooftop {run.header.rooftop}".strip()},
        "config": {"metadata": {"labels": {}}, "spec": _spec(run, levels)},
        "benchmarks": [_benchmark(run, level, at) for at, level in enumerate(levels)],
        "conclusions": [],
    }  # fmt: skip


def _spec(run: Run, levels: list[LevelRun]) -> dict[str, Any]:
    first = levels[0].view if levels else None
    return {
        "backend": _backend(run),
        "profile": _profile(run, levels),
        "data": [{"kind": "synthetic_text", "prompt_tokens": max(1, first.prompt_tokens if first else 0),
                  "output_tokens": max(1, first.output_len if first else 0)}],
    }  # fmt: skip


def _backend(run: Run) -> dict[str, Any]:
    path = "/v1/chat/completions" if run.header.endpoint == "chat" else "/v1/completions"
    return {"kind": "openai_http", "target": run.header.target or "http://unknown",
            "model": run.snapshot.model or "", "request_format": path}  # fmt: skip


def _profile(run: Run, levels: list[LevelRun]) -> dict[str, Any]:
    open_ones = [level for level in levels if level.view.mode != "closed"]
    if open_ones and len(open_ones) == len(levels):
        return {"kind": _arrivals(run), "rate": [_rate(level) for level in levels]}
    return {"kind": "concurrent", "streams": [level.view.concurrency or 1 for level in levels]}


def _strategy(run: Run, level: LevelRun) -> dict[str, Any]:
    view = level.view
    if view.mode == "closed":
        return {"type_": "concurrent", "worker_count": run.header.workers, "max_concurrency": view.concurrency,
                "streams": view.concurrency}  # fmt: skip
    return {"type_": _arrivals(run), "worker_count": run.header.workers, "max_concurrency": run.header.max_in_flight,
            "rate": _rate(level)}  # fmt: skip


def _arrivals(run: Run) -> str:
    return "constant" if run.header.arrivals == "constant" else "poisson"


def _rate(level: LevelRun) -> float:
    """Return what was asked for, or in a trace what came."""
    return level.view.rate_s or len(level.requests.end_s) / max(1e-9, duration_s(level))


def _benchmark(run: Run, level: LevelRun, at: int) -> dict[str, Any]:
    zero_s = datetime.fromisoformat(run.header.started_at).timestamp()
    start_s, span_s = level.view.started_s, duration_s(level)
    begin, end = zero_s + start_s, zero_s + start_s + span_s
    done, failed = len(level.requests.end_s), level.requests.failed
    counts = {"successful": done, "errored": failed, "incomplete": 0, "total": done + failed}
    requests = list(_requests(level.requests, zero_s, begin, at))
    return {
        "type_": "generative_benchmark",
        "config": {"run_id": "rooftop", "run_index": at, "strategy": _strategy(run, level), "constraints": {},
                   "profile": _profile(run, [level]), "requests": {}, "backend": _backend(run), "environment": {}},
        "scheduler_state": {"start_time": begin, "end_time": end, "created_requests": done + failed,
                            "processed_requests": done + failed, "successful_requests": done,
                            "errored_requests": failed},
        "scheduler_metrics": {
            "start_time": begin, "request_start_time": begin, "measure_start_time": begin, "measure_end_time": end,
            "request_end_time": end, "end_time": end, "requests_made": counts,
            "request_time_avg": sum(r["request_latency"] for r in requests) / max(1, done),
            **{f"{name}_avg": -1.0 for name in _DELAYS}, "strategy_type": _strategy(run, level)["type_"],
        },
        "metrics": _metrics(level, counts, start_s, span_s),
        "requests": {"successful": requests, "errored": [], "incomplete": [], "total": None},
        "start_time": begin, "end_time": end, "duration": span_s,
    }  # fmt: skip


def _metrics(level: LevelRun, counts: dict[str, int], start_s: float, span_s: float) -> dict[str, Any]:
    found = level.requests
    tokens = list(found.output_tokens)
    gaps = list(zip(found.tpot_s, (float(n - 1) for n in tokens), strict=True))
    first_s = [(s + t, float(n)) for s, t, n in zip(found.start_s, found.ttft_s, found.prompt_tokens, strict=True)
               if t == t]  # fmt: skip
    output = [(at + 0.5, float(n)) for at, n in found.per_second.items() if n > 0]
    prompts = plain(map(float, found.prompt_tokens))
    outputs = plain(map(float, tokens))
    whole = sum(tokens) / span_s if span_s > 0 else 0.0
    told = {
        "requests_per_second": rates(((at, 1.0) for at in found.end_s), start_s, span_s),
        "request_concurrency": in_flight(list(zip(found.start_s, found.end_s, strict=True))),
        "request_latency": plain(end - begin for begin, end in zip(found.start_s, found.end_s, strict=True)),
        "prompt_token_count": prompts,
        "output_token_count": outputs,
        "total_token_count": plain(float(a + b) for a, b in zip(found.prompt_tokens, tokens, strict=True)),
        "time_to_first_token_ms": plain(t * 1e3 for t in found.ttft_s),
        "time_to_first_output_token_ms": plain(t * 1e3 for t in found.ttft_s),
        "time_per_output_token_ms": summary(
            (e * 1e3 / n, float(n)) for e, n in zip(found.e2e_s, tokens, strict=True) if e == e and n
        ),
        "inter_token_latency_ms": summary((t * 1e3, n) for t, n in gaps if t == t),
        "prompt_tokens_per_second": rates(first_s, start_s, span_s),
        "output_tokens_per_second": rates(output, start_s, span_s) | {"mean": whole},
        "tokens_per_second": rates([*first_s, *output], start_s, span_s)
        | {"mean": whole + sum(n for _, n in first_s) / max(1e-9, span_s)},
    }
    empty = ("request_streaming_iterations_count", "time_to_last_round_trip_ms", "avg_round_trip_time_ms",
             "output_tokens_per_iteration", "iter_tokens_per_iteration")  # fmt: skip
    media = {kind: dict.fromkeys(parts, _UNKNOWN) for kind, parts in _MEDIA.items()}
    media["text"]["tokens"] = _UNKNOWN | {"input": {"successful": prompts}, "output": {"successful": outputs}}
    return {"request_totals": counts, **{name: {"successful": value} for name, value in told.items()},
            **dict.fromkeys(empty, _NOTHING), **media}  # fmt: skip


def _requests(found: Requests, zero_s: float, begin: float, level: int) -> Iterator[dict[str, Any]]:
    """Return each request with its times since the epoch and what that tool derives of them."""
    for at, start in enumerate(found.start_s):
        ttft_s, last_s, tpot_s = (_known(column[at]) for column in (found.ttft_s, found.e2e_s, found.tpot_s))
        sent, end = zero_s + start, zero_s + found.end_s[at]
        latency_s, prompt, output = found.end_s[at] - start, found.prompt_tokens[at], found.output_tokens[at]
        first, last = (None if value is None else sent + value for value in (ttft_s, last_s))
        name = f"{level}-{at}"
        yield {
            "type_": "generative_request_stats", "request_id": name, "request_args": None, "output": None,
            "info": {"request_id": name, "status": "completed", "scheduler_start_time": begin, "timings": {
                "targeted_start": sent, "resolve_start": sent, "request_start": sent, "first_request_iteration": first,
                "first_token_iteration": first, "first_output_token_iteration": first, "last_token_iteration": last,
                "last_request_iteration": last, "request_end": end, "resolve_end": end, "finalized": end,
            }},
            "input_metrics": {"text_tokens": prompt}, "output_metrics": {"text_tokens": output},
            "request_start_time": sent, "request_end_time": end, "request_latency": latency_s,
            "prompt_tokens": prompt, "output_tokens": output, "total_tokens": prompt + output,
            "time_to_first_token_ms": None if ttft_s is None else ttft_s * 1e3,
            "time_per_output_token_ms": None if last_s is None or not output else last_s * 1e3 / output,
            "inter_token_latency_ms": None if tpot_s is None else tpot_s * 1e3,
            "tokens_per_second": (prompt + output) / latency_s if latency_s > 0 else None,
            "output_tokens_per_second": output / latency_s if latency_s > 0 else None,
        }  # fmt: skip


def _known(value: float) -> float | None:
    return value if value == value else None
