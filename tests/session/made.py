"""Sessions made to measure: levels whose throughput over time is known."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from session.events import Event, Level, Request, Tick
from session.gaps import bucket_of

TICK_S = 0.25
OUTPUT = 100
Rate = Callable[[float], float]
"""Output tokens/s at an instant, in seconds since the level began."""


def level(
    start_s: float,
    hold_s: float,
    rate: Rate,
    *,
    concurrency: int = 10,
    stay_s: float = 1.0,
    ttft_s: Rate = lambda _: 0.1,
    workers: int = 1,
    number: int = 1,
) -> list[Event]:
    """Return the events of a closed level, in order of time.

    Ticks say exactly ``rate``; requests take turns, one every ``stay_s / concurrency`` seconds, so that each slot's
    first is through after one stay. Requests still running at the level's end are not in it.
    """
    events: list[Event] = [Level(t_s=start_s, concurrency=concurrency)]
    events += _ticks(start_s, hold_s, rate, concurrency, workers)
    for slot in range(concurrency):
        begin_s = start_s + slot * stay_s / concurrency / 2
        while begin_s + stay_s <= start_s + hold_s:
            events.append(
                Request(
                    t_s=begin_s + stay_s,
                    start_s=begin_s,
                    ttft_s=ttft_s(begin_s - start_s),
                    last_s=stay_s,
                    prompt_tokens=50,
                    output_tokens=OUTPUT,
                    level=number,
                )
            )
            begin_s += stay_s
    return sorted(events, key=lambda event: event.t_s)


def _ticks(start_s: float, hold_s: float, rate: Rate, concurrency: int, workers: int) -> Iterator[Tick]:
    owed = 0.0
    for n in range(int(hold_s / TICK_S)):
        owed += rate((n + 0.5) * TICK_S) * TICK_S / workers
        tokens, owed = int(owed), owed - int(owed)
        for worker in range(workers):
            yield Tick(
                t_s=start_s + (n + 1) * TICK_S,
                dt_s=TICK_S,
                worker=worker,
                in_flight=concurrency // workers,
                output_tokens=tokens,
                itl={bucket_of(0.01): tokens} if tokens else {},
            )


def streams(
    hold_s: float,
    starts: Iterator[tuple[float, float, int]],
    *,
    load: Level,
    gap_s: float = 0.01,
    in_flight: int = 0,
) -> list[Event]:
    """Return a level's events from its requests: (start, TTFT, tokens), a token every ``gap_s`` after the first.

    Requests that run on past the end are in the ticks alone.
    """
    counts = [0] * int(hold_s / TICK_S)
    events: list[Event] = [load]
    for start_s, ttft_s, tokens in starts:
        for n in range(tokens):
            if (at := int((start_s + ttft_s + n * gap_s) / TICK_S)) < len(counts):
                counts[at] += 1
        last_s = ttft_s + (tokens - 1) * gap_s
        if start_s + last_s <= hold_s:
            request = Request(
                t_s=start_s + last_s, start_s=start_s, ttft_s=ttft_s, last_s=last_s, output_tokens=tokens, level=1
            )
            events.append(request)
    for n, count in enumerate(counts):
        itl = {bucket_of(gap_s): count} if count else {}
        tick = Tick(t_s=(n + 1) * TICK_S, dt_s=TICK_S, in_flight=in_flight, output_tokens=count, itl=itl)
        events.append(tick)
    return sorted(events, key=lambda event: event.t_s)
