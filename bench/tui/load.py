"""The load: a recording of eight GPUs and 1,024 streams, made of the one that four H200s gave.

Nothing is drawn at random. Each GPU is there twice, each stream and each engine of the server four times, and the
highest level goes on for as long as it is asked to: its ten seconds come again and again, their counters counted on.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from session.codec import decode, decode_header, encode
from session.events import FORMAT, End, Event, Gpu, GpuReading, GpuSample, Header, Level, Metrics, Request, Tick
from session.saving import Saver
from session.writing import Writer

SOURCE = Path(__file__).parents[2] / "tests" / "data" / "recordings" / "h200-llama-3.1-8b-tp4.rooftop.gz"
TIMES = 4
"""256 streams in flight become 1,024."""
APART_S = 0.6
"""One set of streams is so much behind the other, so that requests end in every second."""
GPUS, GPU_SETS = 4, 2
COUNTERS = (
    *("preemptions", "prefix_queries", "prefix_hits", "prompt_tokens", "prompt_computed", "generation_tokens"),
    *("itl_sum_s", "itl_count", "steps", "ttft_sum_s", "ttft_count", "finished"),
)
"""Of an engine: what counts from the server's start."""


def write_load(path: Path, repeats: int = 6, source: Path = SOURCE) -> float:
    """Write the recording, with the highest level ``repeats`` times; return when that level begins, in seconds."""
    header, events = _read(source)
    begin_s, end_s = _highest(events)
    longer = [more for event in _longer(events, begin_s, end_s, repeats) for more in _multiplied(event)]
    over_s = next(event.t_s for event in longer if isinstance(event, End))
    _write(path, header, sorted((event for event in longer if event.t_s <= over_s), key=lambda event: event.t_s))
    return begin_s


def _write(path: Path, header: Header, events: list[Event]) -> None:
    """Write events as the engine does, with its checkpoints."""
    path.unlink(missing_ok=True)
    header = msgspec.structs.replace(header, format=FORMAT)
    writer, saver = Writer(path, header), Saver(header)
    for event in events:
        line = encode(event)
        writer.append([line])
        saver.add(event, len(line))
        if made := saver.due():
            writer.checkpoint(*made)
    if made := saver.last():
        writer.checkpoint(*made)
    writer.close()


def _read(source: Path) -> tuple[Header, list[Event]]:
    first, *rest = gzip.decompress(source.read_bytes()).splitlines(keepends=True)
    return decode_header(first), [event for line in rest if (event := decode(line)) is not None]


def _highest(events: Iterable[Event]) -> tuple[float, float]:
    """Return from when to when the highest level was held."""
    levels = [event for event in events if isinstance(event, Level)]
    top = max(range(len(levels)), key=lambda at: levels[at].concurrency)
    return levels[top].t_s, levels[top + 1].t_s


def _longer(events: list[Event], begin_s: float, end_s: float, repeats: int) -> Iterator[Event]:
    """Give the events up to the end of the highest level, that level again, and the rest."""
    held = [event for event in events if begin_s < event.t_s < end_s]
    by = _growth([event for event in held if isinstance(event, Metrics)])
    yield from (event for event in events if event.t_s < end_s)
    for again in range(1, repeats):
        yield from (_later(event, again * (end_s - begin_s), by, again) for event in held)
    done = repeats - 1
    yield from (_later(event, done * (end_s - begin_s), by, done) for event in events if event.t_s >= end_s)


def _growth(samples: list[Metrics]) -> dict[str, float]:
    """Return how far each counter went, from the first sample to the last, in the time of one repeat."""
    first, last = samples[0].engines["0"], samples[-1].engines["0"]
    return {name: (getattr(last, name) or 0.0) - (getattr(first, name) or 0.0) for name in COUNTERS}


def _later(event: Event, by_s: float, growth: dict[str, float], again: int) -> Event:
    moved: dict[str, object] = {"t_s": event.t_s + by_s}
    if isinstance(event, Request):
        moved["start_s"] = event.start_s + by_s
    if isinstance(event, Metrics):
        moved["engines"] = {
            name: msgspec.structs.replace(
                engine, **{key: v + again * growth[key] for key in COUNTERS if (v := getattr(engine, key)) is not None}
            )
            for name, engine in event.engines.items()
        }
    return msgspec.structs.replace(event, **moved)


def _multiplied(event: Event) -> list[Event]:
    """Return what the event would be with more of everything; one load worker has all the streams."""
    change = msgspec.structs.replace
    match event:
        case Level():
            return [change(event, concurrency=event.concurrency * TIMES)]
        case Request():
            by_s = [n * APART_S for n in range(TIMES)]
            return [change(event, t_s=event.t_s + later, start_s=event.start_s + later) for later in by_s]
        case Tick():
            return [
                change(
                    event, in_flight=event.in_flight * TIMES, output_tokens=event.output_tokens * TIMES,
                    prompt_tokens=event.prompt_tokens * TIMES, ttft_s=event.ttft_s * TIMES,
                    itl={bucket: count * TIMES for bucket, count in event.itl.items()},
                )
            ]  # fmt: skip
        case Metrics():
            return [change(event, engines={str(n): engine for n in range(TIMES) for engine in event.engines.values()})]
        case Gpu():
            return [change(event, index=event.index + n * GPUS, uuid=f"{event.uuid}-{n}") for n in range(GPU_SETS)]
        case GpuSample():
            return [change(event, gpus=_twice(event.gpus))]
        case _:
            return [event]


def _twice(gpus: list[GpuReading]) -> list[GpuReading]:
    return [msgspec.structs.replace(gpu, index=gpu.index + n * GPUS) for n in range(GPU_SETS) for gpu in gpus]
