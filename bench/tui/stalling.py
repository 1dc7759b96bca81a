"""What a terminal that stops reading does to the latencies that are recorded."""

from __future__ import annotations

import statistics
import time
from itertools import pairwise
from pathlib import Path

from bench.tui.measures import Figures
from bench.tui.processes import ROOFTOP, environment, simulated_server
from bench.tui.terminal import Terminal
from session.events import Event, Tick
from session.histogram import Distribution
from session.recording import Reader

STREAMS = 64
"""In flight while the terminal stalls."""
STALL_S = 10.0
PAIRS = 5
"""So often it is read for ten seconds, and left alone for ten; one more stretch of reading ends it."""
SETTLE_S = 6.0
Span = tuple[float, float]


def stall(home: Path, folder: Path) -> Figures:
    """Return how far p99 of TTFT and ITL move while nobody reads, medians of alternating stretches, in percent.

    The spread is half of what the stretches with a reader differ by among themselves.
    """
    path = folder / "stall.rooftop"
    spans = _run(home, path)
    reader = Reader(path)
    events, zero_s = reader.poll(), reader.header.clock_ns / 1e9
    reader.close()
    stretches = [_p99(events, (begin - zero_s, end - zero_s)) for begin, end in spans]
    figures: Figures = {}
    for name in ("ttft", "itl"):
        read = [p99 for one in stretches[::2] if (p99 := one[name]) is not None]
        unread = [p99 for one in stretches[1::2] if (p99 := one[name]) is not None]
        figures |= compared(name, read, unread)
    return figures


def compared(name: str, read: list[float], unread: list[float]) -> Figures:
    """Return the change of the median and the spread of what it is compared with, in percent."""
    if not read or not unread:
        return {f"stall_{name}_p99_pct": None, f"stall_{name}_spread_pct": None}
    usual = statistics.median(read)
    return {
        f"stall_{name}_p99_pct": 100 * (statistics.median(unread) / usual - 1),
        f"stall_{name}_spread_pct": 100 * (max(read) - min(read)) / 2 / usual,
    }


def _run(home: Path, path: Path) -> list[Span]:
    """Run a session; return its stretches on the monotonic clock: read, unread, read and so on."""
    with simulated_server() as url:
        argv = [*ROOFTOP, url, "-o", str(path), "--concurrency", str(STREAMS), "--output-tokens", "64"]
        with Terminal(argv, environment(home)) as terminal:
            terminal.read_until_shown(watching)
            terminal.read(SETTLE_S)
            times = [time.monotonic()]
            for wait in [*(terminal.read, time.sleep) * PAIRS, terminal.read]:
                wait(STALL_S)
                times.append(time.monotonic())
            terminal.press("qy")
            terminal.read_until(lambda: not terminal.alive(), 10.0)
    return list(pairwise(times))


def watching(text: str) -> bool:
    """Whether the screen of a session is up, and the server has said what it is."""
    return "llama-3.1-8b" in text and "quit" in text


def _p99(events: list[Event], span: Span) -> dict[str, float | None]:
    """Return the recorded p99 of TTFT and of the gaps between tokens over a stretch of the session."""
    ttft, itl = Distribution(), Distribution()
    for event in events:
        if isinstance(event, Tick) and span[0] <= event.t_s - event.dt_s and event.t_s < span[1]:
            itl.add_buckets(event.itl)
            for value_s in event.ttft_s:
                ttft.add(value_s)
    return {"ttft": ttft.stats().p99, "itl": itl.stats().p99}
