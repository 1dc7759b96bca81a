"""Runs of benchmarks and readings of GPUs on one clock: the header and events of a recording."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from msgspec.structs import replace

from results.imports.checks import believable
from results.imports.parts import MAX_SPAN_S, Bench, NotImportable, Parts, Said, Watch
from results.imports.ticks import ticks
from session.events import FORMAT, End, Event, Gpu, Header, Lengths, Level, Log, Server

BETWEEN_S = 1.0
"""Between runs of which nobody asks when they were."""
SLACK_S = 2.0
"""Dates of vllm bench are whole seconds, and its durations leave out its beginning."""
TURNS = 3
"""A level of which each place has turned over so often ends when no more was sent; what drains is no load."""
JUST_S = 1e-6
_LOAD_ENDS = "the load ends when no more requests were sent: what was in flight drained under less than was asked for"


@dataclass(frozen=True, slots=True, eq=False)
class Imported:
    """A recording that is not written yet."""

    header: Header
    events: list[Event]


def together(parts: Parts, said: Said, version: str) -> Imported:
    """Lay everything on one clock; raise :class:`NotImportable` where that cannot be done."""
    for bench in parts.benches:
        believable(bench)
    watch = _only(parts.watches)
    placed, began = _placed(parts.benches, watch)
    header = _header(parts, began, said, version)
    events: list[Event] = list(_of_benches(placed, header))
    if watch is not None:
        shift_s = _seconds(began, watch.began)
        events.extend(_of_watch(watch, shift_s))
    events.sort(key=lambda event: event.t_s)
    end_s = max((event.t_s for event in events), default=0.0)
    return Imported(header, [*events, End(t_s=end_s, reason="imported")])


def _only(watches: Sequence[Watch]) -> Watch | None:
    if len(watches) > 1:
        raise NotImportable("several dmon logs: give one, they would speak of the same GPUs")
    return watches[0] if watches else None


def _placed(benches: Sequence[Bench], watch: Watch | None) -> tuple[list[tuple[float, Bench]], datetime | None]:
    """Return each run with its start on the session's clock, and that clock's beginning."""
    ordered = sorted(benches, key=lambda bench: (bench.began is None, bench.began or datetime.max.replace(tzinfo=UTC)))
    if watch is None:
        return _one_after_the_other(ordered), ordered[0].began if ordered else None
    if not ordered:
        return [], watch.began
    _must_overlap(ordered, watch)
    began = min(at for at in (watch.began, *(bench.began for bench in ordered)) if at is not None)
    placed: list[tuple[float, Bench]] = []
    for bench in ordered:
        start_s, free_s = _seconds(began, bench.began), _end(placed[-1]) if placed else 0.0
        if start_s < free_s - SLACK_S:
            raise NotImportable("the runs overlap each other in time: import them one by one, each with the dmon log")
        placed.append((max(start_s, free_s), bench))
    if _end(placed[-1]) > MAX_SPAN_S:
        raise NotImportable("there are days between the files: import them one by one")
    return placed, began


def _must_overlap(benches: Sequence[Bench], watch: Watch) -> None:
    if watch.began is None:
        raise NotImportable(
            "the dmon log has no dates and times (nvidia-smi dmon -o DT): it cannot be laid beside a run"
        )
    for bench in benches:
        if bench.began is None:
            raise NotImportable("a run does not say when it was: it cannot be laid beside a dmon log")
        start_s = (bench.began - watch.began).total_seconds()
        if start_s > watch.duration_s + SLACK_S or start_s + bench.duration_s < -SLACK_S:
            raise NotImportable("the times of the files do not overlap: import them one by one (a zone of another "
                                "machine is set by TZ)")  # fmt: skip


def _one_after_the_other(benches: Sequence[Bench]) -> list[tuple[float, Bench]]:
    placed: list[tuple[float, Bench]] = []
    for bench in benches:
        placed.append((_end(placed[-1]) + BETWEEN_S if placed else 0.0, bench))
    return placed


def _end(placed: tuple[float, Bench]) -> float:
    start_s, bench = placed
    return start_s + max(bench.duration_s, max((r.t_s for r in bench.requests), default=0.0))


def _seconds(began: datetime | None, at: datetime | None) -> float:
    return 0.0 if began is None or at is None else (at - began).total_seconds()


def _header(parts: Parts, began: datetime | None, said: Said, version: str) -> Header:
    first = parts.benches[0] if parts.benches else None
    origin = " + ".join(
        dict.fromkeys([*(bench.origin for bench in parts.benches), *(watch.origin for watch in parts.watches)])
    )
    base = Header(
        format=FORMAT, rooftop=version, started_at=(began or datetime.fromtimestamp(0, UTC)).isoformat(), host="",
        target="", prompt_tokens=0, output_tokens=0, client=origin, origin=origin, gpu=said.gpu, tp=said.tp,
        model_shape=said.model_shape,
    )  # fmt: skip
    if first is None:
        return base
    return replace(
        base, target=first.target, prompt_tokens=first.prompt_tokens, output_tokens=first.output_tokens,
        endpoint=first.endpoint, arrivals=first.arrivals, burstiness=first.burstiness,
        max_in_flight=first.max_in_flight,
    )  # fmt: skip


def _of_benches(placed: Sequence[tuple[float, Bench]], header: Header) -> Iterator[Event]:
    number, lengths, model = 0, (header.prompt_tokens, header.output_tokens), None
    for start_s, bench in placed:
        if bench.model is not None and bench.model != model:
            model = bench.model
            yield Server(t_s=start_s, model=model, version=bench.version)
        if lengths != (bench.prompt_tokens, bench.output_tokens):
            lengths, number = (bench.prompt_tokens, bench.output_tokens), number + 1
            yield Lengths(t_s=start_s, prompt_tokens=lengths[0], output_tokens=lengths[1])
        number += 1
        yield from _of_bench(bench, start_s, number)
        number += 1


def _of_bench(bench: Bench, start_s: float, number: int) -> Iterator[Event]:
    """Return a level, its requests and ticks, what was told of it, and the level of nothing that ends it."""
    yield Level(t_s=start_s, concurrency=bench.concurrency, mode=bench.mode, rate=bench.rate_s)
    for remark in bench.remarks:
        yield Log(t_s=start_s, severity="info", text=f"{bench.origin}: {remark}")
    for request in bench.requests:
        yield replace(request, t_s=start_s + request.t_s, start_s=start_s + request.start_s, level=number)
    if bench.requests:
        for tick in ticks(bench.requests, bench.gaps_s):
            yield replace(tick, t_s=start_s + tick.t_s)
    end_s, drained = _load_ends(bench)
    if bench.told is not None:
        yield replace(bench.told, t_s=start_s + end_s, level=number)
    if drained:
        yield Log(t_s=start_s + end_s, severity="info", text=_LOAD_ENDS)
    yield Level(t_s=start_s + end_s, concurrency=0)


def _load_ends(bench: Bench) -> tuple[float, bool]:
    """Return when the load ended on the run's own clock, and whether requests were still in flight then.

    It ends when all that were sent have their first token, or just before the first ended after the last was sent.
    """
    whole_s = max(bench.duration_s, max((r.t_s for r in bench.requests), default=0.0))
    if not bench.requests:
        return whole_s, False
    last_sent_s = max(request.start_s for request in bench.requests)
    after = [request.t_s for request in bench.requests if request.t_s > last_sent_s]
    if not after or len(bench.requests) - len(after) < TURNS * len(after):
        return whole_s, False
    first_s = max((r.start_s + r.ttft_s for r in bench.requests if r.ttft_s is not None), default=last_sent_s)
    return max(last_sent_s, min(first_s, min(after) - JUST_S)), True


def _of_watch(watch: Watch, shift_s: float) -> Iterator[Event]:
    shift_s = max(0.0, shift_s)
    for remark in watch.remarks:
        yield Log(t_s=shift_s, severity="info", text=remark)
    for index in sorted({reading.index for sample in watch.samples for reading in sample.gpus}):
        yield Gpu(t_s=shift_s, index=index, name="GPU", source="dmon", counters_missing="not in nvidia-smi dmon's log")
    for sample in watch.samples:
        yield replace(sample, t_s=shift_s + sample.t_s)
