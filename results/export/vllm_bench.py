"""What ``vllm bench serve --save-result`` writes, field for field: one JSON file for each level.

That tool has no warm-up: its figures are of all requests that it sent, and so are these, of all that began in the
level. Names, types and the choice of percentiles are those of vLLM 0.32 as it comes (``vllm/benchmarks/serve.py``); a
test on a real server holds the two against each other. Gaps between tokens are recorded as a histogram, so ITL is
within 1 %, and the lists of gaps that ``--save-detailed`` has are empty.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from statistics import fmean, pstdev
from typing import Any

from results.quantiles import bucket_quantile, quantile
from results.run import LevelRun, Run, load
from results.samples import Requests
from session.gaps import value_of

LISTS = ("input_lens", "output_lens", "ttfts", "itls", "start_times", "generated_texts", "errors")
"""In the file only where details are asked for, as theirs."""


def export(source: Path, out: Path, *, detailed: bool = False) -> list[Path]:
    """Write a file for each level into a folder, or the only level to ``out`` where it ends in ``.json``."""
    run = load(source)
    if out.suffix == ".json" and len(run.levels) == 1:
        return [_write(out, result_of(run, run.levels[0], detailed=detailed))]
    out.mkdir(parents=True, exist_ok=True)
    return [_write(out / _name(run, level), result_of(run, level, detailed=detailed)) for level in run.levels]


def result_of(run: Run, level: LevelRun, *, detailed: bool = False) -> dict[str, Any]:
    """Return the result of one level."""
    view, requests = level.view, level.requests
    closed = view.mode == "closed"
    told: dict[str, Any] = {
        "date": _date(run, level),
        "endpoint_type": _backend(run),
        "backend": _backend(run),
        "label": None,
        "model_id": run.snapshot.model or "",
        "tokenizer_id": run.snapshot.model or "",
        "num_prompts": len(requests.end_s) + requests.failed,
        "request_rate": "inf" if view.rate_s is None else view.rate_s,
        "burstiness": run.header.burstiness,
        "max_concurrency": view.concurrency if closed else run.header.max_in_flight,
    }
    told |= _totals(requests, duration_s(level), good=_good_s(level))
    told |= _of_values("ttft", _known(requests.ttft_s)) | _of_values("tpot", _known(requests.tpot_s))
    told |= _of_buckets("itl", requests.gaps)
    return told if detailed else {name: value for name, value in told.items() if name not in LISTS}


def _date(run: Run, level: LevelRun) -> str:
    """Return when the level was over, as theirs: the wall clock after the run."""
    over = datetime.fromisoformat(run.header.started_at) + timedelta(seconds=level.view.started_s + duration_s(level))
    return over.strftime("%Y%m%d-%H%M%S")


def _totals(requests: Requests, duration_s: float, *, good: float | None) -> dict[str, Any]:
    done, output, prompt = len(requests.end_s), sum(requests.output_tokens), sum(requests.prompt_tokens)
    return {
        "duration": duration_s,
        "completed": done,
        "failed": requests.failed,
        "total_input_tokens": prompt,
        "total_output_tokens": output,
        "request_throughput": done / duration_s,
        "request_goodput": good,
        "output_throughput": output / duration_s,
        "total_token_throughput": (output + prompt) / duration_s,
        "input_lens": list(requests.prompt_tokens),
        "output_lens": list(requests.output_tokens),
        "ttfts": _known(requests.ttft_s),
        "itls": [[] for _ in requests.end_s],
        "latencies": _known(requests.e2e_s),
        "start_times": list(requests.start_s),
        "queue_times": list(requests.queue_s),
        "generated_texts": ["" for _ in requests.end_s],
        "errors": ["" for _ in requests.end_s],
        "max_output_tokens_per_s": float(max(requests.per_second.values(), default=0)),
        "max_concurrent_requests": sum(requests.in_flight.values()),
        "rtfx": 0.0,
    }


def _of_values(name: str, values_s: Sequence[float]) -> dict[str, float]:
    """Return mean, median, standard deviation and p99 in ms; 0 of nothing, as theirs."""
    ordered = sorted(values_s) or [0.0]
    return {
        f"mean_{name}_ms": fmean(ordered) * 1e3,
        f"median_{name}_ms": quantile(ordered, 0.5) * 1e3,
        f"std_{name}_ms": pstdev(ordered) * 1e3,
        f"p99_{name}_ms": quantile(ordered, 0.99) * 1e3,
    }


def _of_buckets(name: str, gaps: Mapping[int, int]) -> dict[str, float]:
    """Return the same of a histogram."""
    if not gaps:
        return _of_values(name, ())
    count = sum(gaps.values())
    mean = sum(value_of(bucket) * n for bucket, n in gaps.items()) / count
    spread = math.sqrt(sum((value_of(bucket) - mean) ** 2 * n for bucket, n in gaps.items()) / count)
    return {
        f"mean_{name}_ms": mean * 1e3,
        f"median_{name}_ms": bucket_quantile(gaps, count, 0.5) * 1e3,
        f"std_{name}_ms": spread * 1e3,
        f"p99_{name}_ms": bucket_quantile(gaps, count, 0.99) * 1e3,
    }


def duration_s(level: LevelRun) -> float:
    """Return the time from the level's start to the end of its last request, as that tool waits for it."""
    last = max(level.requests.end_s, default=0.0)
    return max(level.view.duration_s, last - level.view.started_s)


def _good_s(level: LevelRun) -> float | None:
    return level.view.goodput.requests_s if level.view.goodput is not None else None


def _known(values: Sequence[float]) -> list[float]:
    return [value for value in values if value == value]


def _backend(run: Run) -> str:
    return "openai-chat" if run.header.endpoint == "chat" else "openai"


def _name(run: Run, level: LevelRun) -> str:
    rate = "inf" if level.view.rate_s is None else f"{level.view.rate_s:g}"
    model = re.sub(r"[^A-Za-z0-9._-]+", "-", (run.snapshot.model or "model").rsplit("/", 1)[-1])[:60]
    return f"{_backend(run)}-{rate}qps-concurrency{level.view.concurrency}-{model}-{level.view.number}.json"


def _write(path: Path, told: dict[str, Any]) -> Path:
    path.write_text(json.dumps(told, allow_nan=False), encoding="utf-8")
    return path
