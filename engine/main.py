"""The engine's process: orders in, recording out.

It ends when told to, on a signal, or when standard input closes, and ends the recording in order.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
import time
from collections import deque
from pathlib import Path

import msgspec

from engine.crew import Crew
from engine.header import header_of
from engine.keeper import Keeper
from engine.load import Load
from engine.merge import Merge
from engine.probes import Probes
from engine.replay import Progress
from engine.wire import (
    Failed,
    FromEngine,
    Mark,
    Open,
    Ready,
    SetConcurrency,
    SetLengths,
    SetRate,
    SetSpeed,
    Stop,
    ToEngine,
    Trouble,
    decode_to_engine,
    encode,
)
from loadgen.arrivals import MAX_RATE
from loadgen.plan import MAX_CONCURRENCY, MAX_SPEED
from loadgen.target import parse_target
from loadgen.wire import Batch
from session.events import End, Event, Lengths, Log, Note, Server, Tick
from session.recording import Writer
from session.saving import Saver

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
        header = header_of(order, self._target.url, self._origin_ns)
        self._keeper = Keeper(Writer(Path(order.path), header, order.limit_bytes), _tell_trouble, Saver(header))
        self._merge = Merge()
        self._from_threads: deque[Event] = deque()
        self._load = Load()
        self._level = 0
        """Number of the present level, as the fold counts them."""
        self._model_len = order.model_len
        self._replay = Progress(order.workers) if order.trace is not None else None
        self._stopping = asyncio.Event()
        self._stop = Stop(0.0, "stopped")
        self._crew = Crew(
            self._target.url, order.authorization, order.workload, order.workers, self._origin_ns,
            self._on_batch, self._on_lost, order.trace, order.client,
        )  # fmt: skip
        self._probes = Probes(order, self._target.url, self._from_threads.append, self.now_s)

    @property
    def failure(self) -> str | None:
        """Why the recording is not whole, in one line for the user."""
        return self._keeper.trouble

    def now_s(self) -> float:
        """Return seconds since the session's start."""
        return round((time.monotonic_ns() - self._origin_ns) / 1e9, 6)

    async def run(self, orders: asyncio.StreamReader) -> None:
        """Measure until told to stop."""
        tasks = [asyncio.create_task(self._obey_all(orders)), asyncio.create_task(self._flush_forever())]
        await self._crew.hire()
        probing = asyncio.create_task(asyncio.to_thread(self._probes.start))
        if (first := self._first_load()) or self._order.rate is not None:
            await self._set_load(first, "start")
        await self._stopping.wait()
        await probing
        await self._finish()
        for task in tasks:
            task.cancel()

    def _first_load(self) -> Load:
        if self._order.trace is not None:
            return Load(speed=self._order.trace_speed)
        return Load(self._order.concurrency if self._order.rate is None else 0, self._order.rate)

    def stop(self, stop: Stop) -> None:
        """End the session soon; the first reason stands, the shortest drain holds."""
        self._stop = stop if not self._stopping.is_set() else self._stop
        self._stopping.set()
        self._crew.hurry()

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
                await self._set_load(Load(max(0, min(MAX_CONCURRENCY, concurrency))), by)
            case SetRate(rate=rate, by=by):
                await self._set_load(Load(rate=max(0.0, min(MAX_RATE, rate))), by)
            case SetSpeed(speed=speed, by=by):
                await self._set_load(Load(speed=max(0.0, min(MAX_SPEED, speed))), by)
            case SetLengths(prompt_tokens=prompt_tokens, output_tokens=output_tokens):
                self._set_lengths(max(1, prompt_tokens), max(1, output_tokens))
            case Mark(text=text):
                self._merge.add(Note(t_s=self.now_s(), text=text[:500]))
            case Stop():
                self.stop(order)

    async def _set_load(self, load: Load, by: str) -> None:
        if load == self._load and by == "key":
            return  # a plan may hold the same load twice: then it is a level of its own
        if load.arrives:
            await self._crew.ready()
        if self._replay is not None and load.speed is None:
            self._replay.over = True
        if load.speed is not None and (self._replay is None or self._replay.over):
            self._say("info", "there is no trace to replay any more: c or o sets another load")
            return
        self._begin_level(load, by)
        if load and self._model is None:
            self._say("info", "the load starts as soon as the server names its model")
        await self._apply_load()

    def _begin_level(self, load: Load, by: str) -> None:
        self._load = load
        self._level += 1
        self._merge.add(load.event(self.now_s(), by))

    def _end_load(self, by: str) -> None:
        """Want nothing any more, in the mode that is on."""
        self._begin_level(self._load.stopped(), by)

    async def _apply_load(self) -> None:
        """Command the workers; there is no load before the model's name is known."""
        if self._load.speed is not None:
            await self._apply_speed(self._load.speed if self._model is not None else 0.0)
        elif self._model is None:
            await self._crew.set_goal(0, self._level)
        elif self._load.rate is None:
            await self._crew.set_goal(self._load.concurrency, self._level)
        else:
            await self._crew.set_rate(self._load.rate, self._order.arrivals, self._level)
        self._probes.nudge()

    async def _apply_speed(self, speed: float) -> None:
        assert self._replay is not None
        move, most = self._replay.move, self._order.arrivals.max_in_flight
        await self._crew.replay(speed, lambda now_ns: move(speed, now_ns), most, self._model_len, self._level)

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
            now_s = self.now_s()
            self._keeper.keep(self._merge.ready(now_s), now_s)

    async def _collect(self) -> None:
        """Take over what the probes' threads have left."""
        while self._from_threads:
            event = self._from_threads.popleft()
            self._merge.add(event)
            if isinstance(event, Server):
                await self._on_server(event)

    async def _on_server(self, event: Server) -> None:
        """Send to the model that the server names, and what fits into it."""
        renamed = self._order.model is None and event.model != self._model
        resized = event.max_model_len not in (None, self._model_len)
        self._model_len = event.max_model_len or self._model_len
        if renamed:
            self._model = event.model
            self._crew.change(self._workload, self._model, self._level)
        if renamed or (resized and self._load.speed is not None):
            await self._apply_load()

    async def _finish(self) -> None:
        """Stop all load and end the recording in order."""
        if self._load:
            self._end_load("stop")
        await self._crew.leave(self._stop.drain_s)
        await asyncio.to_thread(self._probes.stop)
        await self._collect()
        now_s = self.now_s()
        self._keeper.keep([*self._merge.rest(), End(t_s=now_s, reason=self._stop.reason)], now_s)
        self._keeper.close(now_s)

    def _on_batch(self, worker: int, batch: Batch) -> None:
        for event in batch.events:
            self._merge.add(event)
        self._merge.heard(worker, batch.upto_s)
        if self._replay is not None and self._replay.heard(worker, batch.left) and self._load.speed is not None:
            self._end_load("trace-end")
            self._ending = asyncio.create_task(self._apply_load())

    def _on_lost(self, worker: int, how: str) -> None:
        self._merge.forget(worker)
        if self._replay is not None:
            self._replay.lost(worker)
        now_s = self.now_s()
        self._merge.add(Tick(t_s=now_s, dt_s=0.0, worker=worker, in_flight=0))
        self._say("error", f"a load worker died ({how}): its requests are lost; set a concurrency to start it again")
        self._end_load("worker-lost")
        self._ending = asyncio.create_task(self._apply_load())

    def _say(self, severity: str, text: str) -> None:
        self._merge.add(Log(t_s=self.now_s(), severity=severity, text=text))


def _answer(message: FromEngine) -> None:
    sys.stdout.buffer.write(encode(message))
    sys.stdout.buffer.flush()


def _tell_trouble(reason: str | None) -> None:
    with contextlib.suppress(OSError):  # an owner that is gone is told nothing, and the session ends by itself
        _answer(Trouble(reason))


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
