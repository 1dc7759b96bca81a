"""OpenMetrics text with times, for ``promtool tsdb create-blocks-from openmetrics``: sessions in Prometheus.

Server counters keep their vLLM names where they have one; what rooftop measured itself begins with ``rooftop_``.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, NamedTuple, TypeVar

from results.stream import Stream
from session.events import EngineSample, Event, GpuReading, GpuSample, Level, Metrics, Request, Tick
from session.plain import plain


class _Family(NamedTuple):
    kind: str
    what: str


_ENGINE: dict[str, tuple[_Family, Callable[[EngineSample], float | None]]] = {
    "vllm:num_requests_running": (_Family("gauge", "Requests that the server runs."), lambda e: e.running),
    "vllm:num_requests_waiting": (_Family("gauge", "Requests that wait."), lambda e: e.waiting),
    "vllm:kv_cache_usage_perc": (_Family("gauge", "KV cache in use, 0 to 1."), lambda e: e.kv_usage),
    "vllm:generation_tokens": (_Family("counter", "Tokens generated."), lambda e: e.generation_tokens),
    "vllm:prompt_tokens": (_Family("counter", "Prompt tokens."), lambda e: e.prompt_tokens),
}
_GPU: dict[str, tuple[_Family, Callable[[GpuReading], float | None]]] = {
    "rooftop_gpu_dram_ratio": (_Family("gauge", "DRAM bandwidth over its peak."), lambda g: _ratio(g.dram_pct)),
    "rooftop_gpu_tensor_ratio": (_Family("gauge", "Tensor pipes at work."), lambda g: _ratio(g.tensor_pct)),
    "rooftop_gpu_busy_ratio": (_Family("gauge", "A kernel was resident."), lambda g: _ratio(g.graphics_pct)),
    "rooftop_gpu_power_watts": (_Family("gauge", "Power drawn."), lambda g: g.power_w),
    "rooftop_gpu_memory_used_bytes": (_Family("gauge", "Memory in use."), lambda g: g.memory_used_bytes),
    "rooftop_gpu_sm_clock_hertz": (_Family("gauge", "Clock of the multiprocessors."), lambda g: _hertz(g.sm_clock_mhz)),
    "rooftop_gpu_temperature_celsius": (_Family("gauge", "Temperature."), lambda g: g.temp_c),
    "rooftop_gpu_nvlink_sent_bytes_per_second": (_Family("gauge", "Sent over NVLink."), lambda g: g.nvlink_tx_bytes_s),
}
_CLIENT: dict[str, _Family] = {
    "rooftop_output_tokens": _Family("counter", "Output tokens that arrived at the client."),
    "rooftop_in_flight": _Family("gauge", "Requests that a load worker has in flight."),
    "rooftop_requests": _Family("counter", "Requests that ended, by their error."),
    "rooftop_asked_concurrency": _Family("gauge", "Requests that were to be in flight."),
}


Sample = tuple[str, str, float]
"""Family, labels, value."""
SPOOL = 1 << 18
"""Bytes of a series that are held in memory; the rest waits in a temporary file."""


def export(source: Path, out: Path) -> list[Path]:
    """Write it. The text wants the samples of a series together, so each is gathered in a file of its own first."""
    with ExitStack() as stack:
        spools: dict[tuple[str, str], IO[bytes]] = {}
        stream = stack.enter_context(Stream(source))
        start = datetime.fromisoformat(stream.header.started_at).timestamp()
        counting = _Counting()
        last: dict[tuple[str, str], float] = {}
        for event in stream:
            at = round(start + event.t_s, 3)
            for name, labels, value in counting.samples(event):
                key = name, labels
                if at <= last.get(key, 0.0):
                    continue
                last[key] = at
                if key not in spools:
                    spools[key] = stack.enter_context(SpooledTemporaryFile(SPOOL))
                spools[key].write(f"{_written(name)}{labels} {value:.12g} {at:.3f}\n".encode())
        with out.open("wb") as file:
            _write(file, spools)
    return [out]


def _write(file: IO[bytes], spools: Mapping[tuple[str, str], IO[bytes]]) -> None:
    for name, family in FAMILIES.items():
        series = [spool for (of, _), spool in sorted(spools.items(), key=lambda each: each[0]) if of == name]
        if series:
            file.write(f"# HELP {name} {family.what}\n# TYPE {name} {family.kind}\n".encode())
        for spool in series:
            spool.seek(0)
            shutil.copyfileobj(spool, file)
    file.write(b"# EOF\n")


def _written(name: str) -> str:
    return f"{name}_total" if FAMILIES[name].kind == "counter" else name


class _Counting:
    """Turns events into samples; what ticks and requests add up to is counted here, and never goes back."""

    def __init__(self) -> None:
        self._tokens: dict[int, int] = {}
        self._most: dict[int, int] = {}
        self._requests: dict[str, int] = {}

    def samples(self, event: Event) -> Iterator[Sample]:
        match event:
            case Metrics():
                for label, engine in event.engines.items():
                    yield from _read(_ENGINE, engine, _labels(engine=label))
            case GpuSample():
                for reading in event.gpus:
                    yield from _read(_GPU, reading, _labels(gpu=str(reading.index)))
            case Tick():
                yield from self._tick(event)
            case Request():
                error = event.error or ""
                self._requests[error] = self._requests.get(error, 0) + 1
                yield "rooftop_requests", _labels(error=error), self._requests[error]
            case Level() if event.mode == "closed":
                yield "rooftop_asked_concurrency", "", event.concurrency

    def _tick(self, tick: Tick) -> Iterator[Sample]:
        labels = _labels(worker=str(tick.worker))
        self._tokens[tick.worker] = now = self._tokens.get(tick.worker, 0) + tick.output_tokens
        self._most[tick.worker] = most = max(now, self._most.get(tick.worker, 0))
        yield "rooftop_output_tokens", labels, most
        yield "rooftop_in_flight", labels, tick.in_flight


T = TypeVar("T")


def _read(table: Mapping[str, tuple[_Family, Callable[[T], float | None]]], source: T, labels: str) -> Iterator[Sample]:
    for name, (_, read) in table.items():
        if (value := read(source)) is not None:
            yield name, labels, value


def _labels(**labels: str) -> str:
    """Return labels as the text has them, escaped."""
    quoted = (f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return "{" + ",".join(quoted) + "}"


def _escaped(value: str) -> str:
    return plain(value).replace("\\", "\\\\").replace('"', '\\"')


def _ratio(percent: float | None) -> float | None:
    return None if percent is None else percent / 100


def _hertz(mhz: float | None) -> float | None:
    return None if mhz is None else mhz * 1e6


FAMILIES: dict[str, _Family] = {name: family for name, (family, _) in (*_ENGINE.items(), *_GPU.items())} | _CLIENT
