"""The load worker: a process that sends requests and times tokens, and does nothing else.

It takes its orders from standard input and ends when that closes, so that it never outlives its engine.
"""

from __future__ import annotations

import asyncio
import gc
import signal
import sys
import time

from loadgen.meter import LAG_PROBE_S
from loadgen.pool import Pool
from loadgen.replay import Turns
from loadgen.target import Target, parse_target
from loadgen.traces import read_trace
from loadgen.wire import Batch, Cancel, Change, Goal, Quit, Rate, Replay, Start, ToWorker, decode_to_worker, encode

FLUSH_S = 0.1
TICK_S = 0.25
LINE_LIMIT = 1 << 20


class Worker:
    """Runs a pool by the engine's orders and reports what it sees."""

    def __init__(self, start: Start, out: asyncio.WriteTransport) -> None:
        self._out = out
        self._pool = Pool(
            _target(start), start.workload, start.worker, start.origin_ns, time.monotonic_ns, start.client
        )
        self._pool.set_model(start.model)
        if start.trace is not None:
            self._pool.turns = Turns(read_trace(start.trace), start.workload, start.worker)
        self._next_tick = 0.0

    async def run(self, orders: asyncio.StreamReader) -> None:
        """Follow orders until told to quit or the engine is gone."""
        tasks = [asyncio.create_task(self._report()), asyncio.create_task(self._probe_lag())]
        try:
            while line := await orders.readline():
                order = decode_to_worker(line)
                if isinstance(order, Quit):
                    await self._pool.idle.wait()
                    break
                self._obey(order)
        finally:
            self._pool.cancel()
            for task in tasks:
                task.cancel()
            self._flush(last=True)
            await self._pool.client.close()

    def _obey(self, order: ToWorker) -> None:
        match order:
            case Goal(concurrency=concurrency, level=level):
                self._pool.level = level
                self._pool.set_goal(concurrency)
            case Rate():
                self._pool.level = order.level
                self._pool.set_rate(order)
            case Replay():
                self._pool.level = order.level
                self._pool.replay(order)
            case Change(workload=workload, model=model, level=level):
                self._pool.level = level
                self._pool.set_model(model)
                self._pool.set_workload(workload)
            case Cancel():
                self._pool.cancel()

    async def _report(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_S)
            self._flush()

    def _flush(self, *, last: bool = False) -> None:
        meter = self._pool.meter
        if self._pool.stamps is not None:
            self._pool.stamps.refresh()
        now_s = meter.now_s()
        events = meter.take()
        if last or now_s >= self._next_tick:
            self._next_tick = now_s + TICK_S - FLUSH_S / 2
            if (tick := self._pool.tick()) is not None:
                events.append(tick)
        if not self._out.is_closing():
            self._out.write(encode(Batch(now_s, events, self._pool.left)))

    async def _probe_lag(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + LAG_PROBE_S
            await asyncio.sleep(LAG_PROBE_S)
            self._pool.meter.lag(max(0.0, loop.time() - due))


def _target(start: Start) -> Target:
    target = parse_target(start.url)
    return Target(target.tls, target.host, target.port, target.prefix, start.authorization)


async def _main() -> None:
    loop = asyncio.get_running_loop()
    orders = asyncio.StreamReader(limit=LINE_LIMIT)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    out, flow = await loop.connect_write_pipe(_Drained, sys.stdout)
    first = await orders.readline()
    if not first:
        return
    start = decode_to_worker(first)
    assert isinstance(start, Start)
    try:
        await Worker(start, out).run(orders)
    finally:
        out.close()
        await flow.closed.wait()


class _Drained(asyncio.BaseProtocol):
    """Lets the last bytes out before the loop ends."""

    def __init__(self) -> None:
        self.closed = asyncio.Event()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self.closed.set()


def main() -> None:
    """Run a worker; its engine decides when it ends."""
    for ignored in (signal.SIGINT, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 50)
    try:
        import uvloop
    except ImportError:
        asyncio.run(_main())
    else:
        uvloop.run(_main())


if __name__ == "__main__":
    main()
