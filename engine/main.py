"""The engine's process: orders in, recording out.

It ends when told to, on a signal, or when standard input closes, and ends the recording in order.
"""

from __future__ import annotations

import asyncio
import platform
import signal
import sys
import time
from collections import deque
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from engine.crew import Crew
from engine.merge import Merge
from engine.wire import (
    Failed,
    FromEngine,
    Mark,
    Open,
    Ready,
    SetConcurrency,
    SetLengths,
    SetRate,
    Stop,
    ToEngine,
    decode_to_engine,
    encode,
)
from loadgen.arrivals import MAX_RATE
from loadgen.plan import MAX_CONCURRENCY
from loadgen.target import parse_target
from loadgen.wire import Batch
from session.codec import encode as encode_event
from session.events import FORMAT, End, Event, Header, Lengths, Level, Log, Note, Server, Tick
from session.recording import Writer
from telemetry.gpus import GpuProbe
from telemetry.server import ServerProbe

FLUSH_S = 0.1
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Engine:
    """One session."""

    def __init__(self, order: Open) -> None:
        self._order = order
        self._workload = order.workload
        self._model = order.model
        self._origin_ns = time.monotonic_ns()
        self._target = parse_target(order.url)
        self._writer = Writer(Path(order.path), self._header())
        self._merge = Merge()
        self._from_threads: deque[Event] = deque()
        self._concurrency = 0
        self._level = 0
        """Number of the present level, as the fold counts them."""
        self._rate: float | None = None
        """``None``: closed loop."""
        self._stopping = asyncio.Event()
        self._stop = Stop(0.0, "stopped")
        self._crew = Crew(
            self._target.url, order.authorization, order.workload, order.workers, self._origin_ns,
            self._on_batch, self._on_lost,
        )  # fmt: skip
        emit = self._from_threads.append
        self._server = ServerProbe(
            self._target.url, emit, self.now_s, authorization=order.authorization, model=order.model
        )
        self._gpus = GpuProbe(self._target.url, emit, self.now_s, mode=order.gpus, authorization=order.authorization)
        self.failure: str | None = None
        """Why the session could not go on, in one line for the user."""

    def now_s(self) -> float:
        """Return seconds since the session's start."""
        return round((time.monotonic_ns() - self._origin_ns) / 1e9, 6)

    async def run(self, orders: asyncio.StreamReader) -> None:
        """Measure until told to stop."""
        tasks = [asyncio.create_task(self._obey_all(orders)), asyncio.create_task(self._flush_forever())]
        self._server.start()
        self._gpus.start()
        await self._crew.hire()
        if self._order.rate is not None:
            await self._set_rate(self._order.rate, "start")
        elif self._order.concurrency:
            await self._set_concurrency(self._order.concurrency, "start")
        await self._stopping.wait()
        await self._finish()
        for task in tasks:
            task.cancel()

    def stop(self, stop: Stop) -> None:
        """End the session soon; the first reason stands, the shortest drain holds."""
        self._stop = stop if not self._stopping.is_set() else self._stop
        self._stopping.set()

    async def _obey_all(self, orders: asyncio.StreamReader) -> None:
        while line := await orders.readline():
            try:
                order = decode_to_engine(line)
            except msgspec.MsgspecError:
                continue
            await self._obey(order)
        self.stop(Stop(0.0, "the screen went away"))

    async def _obey(self, order: ToEngine) -> None:
        match order:
            case SetConcurrency(concurrency=concurrency, by=by):
                await self._set_concurrency(max(0, min(MAX_CONCURRENCY, concurrency)), by)
            case SetRate(rate=rate, by=by):
                await self._set_rate(max(0.0, min(MAX_RATE, rate)), by)
            case SetLengths(prompt_tokens=prompt_tokens, output_tokens=output_tokens):
                self._set_lengths(max(1, prompt_tokens), max(1, output_tokens))
            case Mark(text=text):
                self._merge.add(Note(t_s=self.now_s(), text=text[:500]))
            case Stop():
                self.stop(order)

    async def _set_concurrency(self, concurrency: int, by: str) -> None:
        await self._set_load(concurrency, None, by)

    async def _set_rate(self, rate: float, by: str) -> None:
        await self._set_load(0, rate, by)

    async def _set_load(self, concurrency: int, rate: float | None, by: str) -> None:
        if (concurrency, rate) == (self._concurrency, self._rate) and by == "key":
            return  # a plan may hold the same load twice: then it is a level of its own
        if rate:
            await self._crew.ready()
        self._begin_level(concurrency, rate, by)
        if (concurrency or rate) and self._model is None:
            self._say("info", "the load starts as soon as the server names its model")
        await self._apply_load()

    def _begin_level(self, concurrency: int, rate: float | None, by: str) -> None:
        self._concurrency, self._rate = concurrency, rate
        self._level += 1
        mode = "closed" if rate is None else "open"
        self._merge.add(Level(t_s=self.now_s(), concurrency=concurrency, by=by, mode=mode, rate=rate))

    def _end_load(self, by: str) -> None:
        """Want nothing any more, in the mode that is on."""
        self._begin_level(0, None if self._rate is None else 0.0, by)

    async def _apply_load(self) -> None:
        """Command the workers; there is no load before the model's name is known."""
        if self._model is None:
            await self._crew.set_goal(0, self._level)
        elif self._rate is None:
            await self._crew.set_goal(self._concurrency, self._level)
        else:
            await self._crew.set_rate(self._rate, self._order.arrivals, self._level)
        self._server.nudge()

    def _set_lengths(self, prompt_tokens: int, output_tokens: int) -> None:
        self._workload = msgspec.structs.replace(
            self._workload, prompt_tokens=prompt_tokens, output_tokens=output_tokens
        )
        self._level += 1
        self._merge.add(Lengths(t_s=self.now_s(), prompt_tokens=prompt_tokens, output_tokens=output_tokens))
        self._crew.change(self._workload, self._model, self._level)

    async def _flush_forever(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_S)
            await self._collect()
            self._write(self._merge.ready(self.now_s()))

    async def _collect(self) -> None:
        """Take over what the probes' threads have left."""
        while self._from_threads:
            event = self._from_threads.popleft()
            self._merge.add(event)
            if isinstance(event, Server) and self._order.model is None and event.model != self._model:
                self._model = event.model
                self._crew.change(self._workload, self._model, self._level)
                await self._apply_load()

    def _write(self, events: list[Event]) -> None:
        if not events or self.failure is not None:
            return
        try:
            self._writer.append([encode_event(event) for event in events])
        except OSError as error:
            self.failure = f"the recording cannot be written on: {error.strerror}; what it holds so far is kept"
            self.stop(Stop(0.0, "recording failed"))

    async def _finish(self) -> None:
        """Stop all load and end the recording in order."""
        if self._concurrency or self._rate:
            self._end_load("stop")
        await self._crew.leave(self._stop.drain_s)
        await asyncio.to_thread(self._stop_probes)
        await self._collect()
        self._write([*self._merge.rest(), End(t_s=self.now_s(), reason=self._stop.reason)])
        self._writer.close()

    def _stop_probes(self) -> None:
        self._server.stop()
        self._gpus.stop()

    def _on_batch(self, worker: int, batch: Batch) -> None:
        for event in batch.events:
            self._merge.add(event)
        self._merge.heard(worker, batch.upto_s)

    def _on_lost(self, worker: int, how: str) -> None:
        self._merge.forget(worker)
        now_s = self.now_s()
        self._merge.add(Tick(t_s=now_s, dt_s=0.0, worker=worker, in_flight=0))
        self._say("error", f"a load worker died ({how}): its requests are lost; set a concurrency to start it again")
        self._end_load("worker-lost")
        self._lost = asyncio.create_task(self._crew.set_goal(0, self._level))

    def _say(self, severity: str, text: str) -> None:
        self._merge.add(Log(t_s=self.now_s(), severity=severity, text=text))

    def _header(self) -> Header:
        return Header(
            format=FORMAT,
            rooftop=self._order.version,
            started_at=datetime.now(UTC).astimezone().isoformat(timespec="milliseconds"),
            host=platform.node(),
            target=self._target.url,
            simulated=self._order.simulated,
            clock_ns=self._origin_ns,
            prompt_tokens=self._workload.prompt_tokens,
            output_tokens=self._workload.output_tokens,
            endpoint=self._workload.endpoint,
            workers=self._order.workers,
            tp=self._order.tp,
            model_shape=self._order.model_shape,
            arrivals=self._order.arrivals.process,
            burstiness=self._order.arrivals.burstiness,
            max_num_seqs=self._order.max_num_seqs,
            gpu_hour=self._order.gpu_hour,
            max_in_flight=self._order.arrivals.max_in_flight,
            slo=self._order.slo,
        )


def _answer(message: FromEngine) -> None:
    sys.stdout.buffer.write(encode(message))
    sys.stdout.buffer.flush()


async def _main() -> int:
    loop = asyncio.get_running_loop()
    orders = asyncio.StreamReader(limit=1 << 20)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    first = await orders.readline()
    if not first:
        return 0
    order = decode_to_engine(first)
    assert isinstance(order, Open)
    try:
        engine = Engine(order)
    except OSError as error:
        _answer(Failed(f"cannot create the recording {order.path}: {error.strerror}"))
        return 1
    for number in SIGNALS:
        loop.add_signal_handler(number, engine.stop, Stop(0.0, signal.Signals(number).name))
    _answer(Ready(order.path))
    await engine.run(orders)
    if engine.failure is not None:
        _answer(Failed(engine.failure))
        return 1
    return 0


def main() -> int:
    """Run the engine; return its exit code."""
    try:
        import uvloop
    except ImportError:
        return asyncio.run(_main())
    return uvloop.run(_main())
