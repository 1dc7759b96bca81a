"""Rooftop's own load generator as a bench client: ``ours.py URL CONCURRENCY REQUESTS TOKENS OUT``.

It runs the pool of a load worker as the worker does, and keeps the time of every token for the judge.
"""

from __future__ import annotations

import asyncio
import gc
import json
import resource
import sys
import time
from collections.abc import Callable
from itertools import accumulate
from pathlib import Path
from typing import ClassVar

import uvloop

import loadgen.pool
from loadgen.plan import Workload
from loadgen.pool import Pool
from loadgen.sse import TokenStream
from loadgen.target import parse_target


class KeptStream(TokenStream):
    """A token stream that remembers when each token came."""

    __slots__ = ("gaps",)
    made: ClassVar[list[KeptStream]] = []

    def __init__(self, gap: Callable[[int], None], first: Callable[[int], None]) -> None:
        gaps: list[int] = []

        def keep(gap_ns: int) -> None:
            gaps.append(gap_ns)
            gap(gap_ns)

        super().__init__(keep, first)
        self.gaps = gaps
        KeptStream.made.append(self)

    @property
    def times(self) -> list[int]:
        """When each token came, on the monotonic clock, in nanoseconds."""
        return list(accumulate(self.gaps, initial=self.first_ns)) if self.first_ns else []


class CountedPool(Pool):
    """A pool that names its requests and stops after so many."""

    wanted = 0
    sent = 0
    streams: ClassVar[dict[str, KeptStream]] = {}
    started: ClassVar[dict[str, int]] = {}

    def head(self, length: int) -> bytes:
        """Add the request's name to its head."""
        name = f"b-{self.sent}"
        self.sent += 1
        self.streams[name] = KeptStream.made[-1]
        self.started[name] = time.monotonic_ns()
        if self.sent >= self.wanted:
            self._goal = 0  # what is in flight ends, and no more is sent
        return self._head.removesuffix(b"Content-Length: ") + b"X-Request-Id: %s\r\nContent-Length: %d\r\n\r\n" % (
            name.encode(), length,
        )  # fmt: skip


async def main(url: str, concurrency: int, requests: int, tokens: int, out: str) -> None:
    """Run, and write a line a request: name, start, token times."""
    loadgen.pool.TokenStream = KeptStream  # type: ignore[misc]
    workload = Workload(prompt_tokens=64, output_tokens=tokens)
    pool = CountedPool(parse_target(url), workload, 0, time.monotonic_ns(), time.monotonic_ns)
    pool.wanted = requests
    pool.set_model("bench")
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 50)
    before = resource.getrusage(resource.RUSAGE_SELF)
    began = time.monotonic()
    pool.set_goal(concurrency)

    async def tick() -> None:
        while True:
            await asyncio.sleep(0.25)
            if pool.stamps is not None:
                pool.stamps.refresh()
            pool.meter.take()
            pool.tick()

    ticking = asyncio.create_task(tick())
    await pool.idle.wait()
    ticking.cancel()
    wall_s = time.monotonic() - began
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    rows = (" ".join(map(str, (name, pool.started[name], *s.times))) for name, s in pool.streams.items())
    Path(out).write_text("\n".join(rows) + "\n")  # noqa: ASYNC240 (nothing is timed any more)
    chunks = sum(len(stream.times) for stream in pool.streams.values())
    figures = {"cpu_s": cpu_s, "wall_s": wall_s, "chunks": chunks, "rss_mib": after.ru_maxrss / 1024}
    print(json.dumps(figures))


if __name__ == "__main__":
    _url, *_numbers, _out = sys.argv[1:]
    _concurrency, _requests, _tokens = map(int, _numbers)
    uvloop.run(main(_url, _concurrency, _requests, _tokens, _out))
