"""A trace for ui.perfetto.dev: requests by slot with queue, prefill and decode, and counters of GPUs and server.

Prefill is from when the request was sent to its first token, the server's queue among it; decode from there to its
last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from results.export import tracks
from results.export.slots import assign
from results.stream import opened
from session.events import (
    EngineSample,
    Event,
    Gpu,
    GpuReading,
    GpuSample,
    Level,
    Log,
    Metrics,
    Note,
    Request,
    Source,
    Tick,
)

_SESSION, _REQUESTS, _SERVER, _CLIENT, _GPUS = 1, 2, 3, 4, 10
"""Groups; GPU ``n`` is ``_GPUS + n``."""
_MARKS, _SLOTS, _COUNTERS = 1_000, 1_000_000, 2_000
_ENGINE: dict[str, tuple[str, Callable[[EngineSample], float | None]]] = {
    "running": ("requests", lambda e: e.running),
    "waiting": ("requests", lambda e: e.waiting),
    "KV cache": ("%", lambda e: None if e.kv_usage is None else 100 * e.kv_usage),
}
_GPU: dict[str, tuple[str, Callable[[GpuReading], float | None]]] = {
    "DRAM": ("%", lambda g: g.dram_pct),
    "tensor": ("%", lambda g: g.tensor_pct),
    "SM": ("%", lambda g: g.sm_pct),
    "kernels": ("%", lambda g: g.graphics_pct),
    "power": ("W", lambda g: g.power_w),
    "SM clock": ("MHz", lambda g: g.sm_clock_mhz),
    "temperature": ("°C", lambda g: g.temp_c),
    "memory": ("bytes", lambda g: g.memory_used_bytes),
    "NVLink sent": ("bytes/s", lambda g: g.nvlink_tx_bytes_s),
    "NVLink received": ("bytes/s", lambda g: g.nvlink_rx_bytes_s),
}


@dataclass(frozen=True, slots=True)
class Span:
    """One request on its slot."""

    begin_s: float
    sent_s: float
    first_s: float | None
    last_s: float | None
    end_s: float
    level: int
    prompt_tokens: int | None
    output_tokens: int
    error: str | None


def export(source: Path, out: Path) -> list[Path]:
    """Write the trace."""
    with closing(opened(source)) as reader, out.open("wb") as file:
        spans = list(_stream((event for batch in reader.batches() for event in batch), file))
        file.write(tracks.process(_REQUESTS, "requests", rank=1))
        _write_spans(spans, file)
    return [out]


def _stream(events: Iterable[Event], file: BinaryIO) -> Iterator[Span]:
    """Write what needs no order; yield the requests."""
    file.write(tracks.process(_SESSION, "session") + tracks.track(_MARKS, _SESSION, "load and notes"))
    counters = _Counters(file)
    for event in events:
        match event:
            case Request():
                yield _span(event)
            case GpuSample():
                counters.gpus(event)
            case Metrics():
                counters.metrics(event)
            case Tick():
                counters.tick(event)
            case Gpu():
                file.write(tracks.process(_GPUS + event.index, f"GPU {event.index}: {event.name}", rank=_GPUS))
            case Level() | Note() | Log() | Source():
                if words := _mark(event):
                    file.write(tracks.instant(_MARKS, event.t_s, words))


def _mark(event: Level | Note | Log | Source) -> str | None:
    match event:
        case Level():
            asked = f"rate {event.rate:g}/s" if event.rate is not None else f"concurrency {event.concurrency}"
            return f"trace ×{event.speed:g}" if event.speed is not None else asked
        case Note() | Log():
            return event.text
        case Source():
            return event.reason


class _Counters:
    """Writes counters, each track as its first value comes; what was not read leaves a gap."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._tracks: dict[tuple[int, str], int] = {}
        self._groups: set[int] = set()
        self._in_flight: dict[int, int] = {}

    def gpus(self, sample: GpuSample) -> None:
        for reading in sample.gpus:
            for name, (unit, read) in _GPU.items():
                self._put(_GPUS + reading.index, f"GPU {reading.index}", name, unit, sample.t_s, read(reading))

    def metrics(self, sample: Metrics) -> None:
        for label, engine in sample.engines.items():
            which = f" (engine {label})" if len(sample.engines) > 1 else ""
            for name, (unit, read) in _ENGINE.items():
                self._put(_SERVER, "server", name + which, unit, sample.t_s, read(engine))

    def tick(self, tick: Tick) -> None:
        self._in_flight[tick.worker] = tick.in_flight
        self._put(_CLIENT, "client", "in flight", "requests", tick.t_s, sum(self._in_flight.values()))
        which = f" (worker {tick.worker})" if tick.worker else ""
        self._put(_CLIENT, "client", f"output{which}", "tokens/s", tick.t_s, tick.output_tokens / max(tick.dt_s, 1e-9))

    def _put(self, group: int, group_name: str, name: str, unit: str, t_s: float, value: float | None) -> None:
        if value is None:
            return
        key = group, name
        if key not in self._tracks:
            if group < _GPUS and group not in self._groups:
                self._file.write(tracks.process(group, group_name, rank=group))
                self._groups.add(group)
            self._tracks[key] = _COUNTERS + len(self._tracks)
            self._file.write(tracks.counter_track(self._tracks[key], group, name, unit))
        self._file.write(tracks.count(self._tracks[key], t_s, value))


def _span(request: Request) -> Span:
    first_s = request.start_s + request.ttft_s if request.ttft_s is not None else None
    last_s = request.start_s + request.last_s if request.last_s is not None else None
    return Span(
        begin_s=request.start_s,
        sent_s=request.start_s + (request.queue_s or 0.0),
        first_s=first_s,
        last_s=last_s,
        end_s=max(request.t_s, last_s or 0.0, request.start_s),
        level=request.level,
        prompt_tokens=request.prompt_tokens,
        output_tokens=request.output_tokens,
        error=request.error,
    )


def _write_spans(spans: list[Span], file: BinaryIO) -> None:
    known = 0
    for slot, span in assign(spans):
        if slot >= known:
            file.write(tracks.track(_SLOTS + slot, _REQUESTS, f"slot {slot + 1}", rank=slot))
            known = slot + 1
        file.write(b"".join(_slices(_SLOTS + slot, span)))


def _slices(uuid: int, span: Span) -> Iterator[bytes]:
    about: dict[str, int | float | str] = {"level": span.level, "output_tokens": span.output_tokens}
    if span.prompt_tokens is not None:
        about["prompt_tokens"] = span.prompt_tokens
    if span.error is not None:
        about["error"] = span.error
    yield tracks.begin(uuid, span.begin_s, span.error or "request", about)
    marks = [("queue", span.begin_s, span.sent_s if span.sent_s > span.begin_s else None),
             ("prefill", span.sent_s, span.first_s),
             ("decode", span.first_s, span.last_s)]  # fmt: skip
    for name, begin_s, end_s in marks:
        if begin_s is not None and end_s is not None and end_s >= begin_s:
            yield tracks.begin(uuid, begin_s, name)
            yield tracks.end(uuid, end_s)
    yield tracks.end(uuid, span.end_s)
