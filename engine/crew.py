"""The load workers: started when load is first wanted, counted, and missed when one dies."""

from __future__ import annotations

import asyncio
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable

import msgspec

from loadgen.arrivals import Arrivals
from loadgen.plan import ClientName, Workload, split
from loadgen.traces import TracePart
from loadgen.wire import Batch, Cancel, Change, Goal, Quit, Rate, Replay, Start, ToWorker, decode_batch, encode

LINE_LIMIT = 64 << 20
QUIT_S = 1.0
READY_S = 5.0
READ_S = 30.0
"""More where workers read a trace first: a million requests take some seconds."""


class Crew:
    """``workers`` processes that share one concurrency, or one rate of arrivals.

    ``on_batch(worker, batch)`` gets what they saw; ``on_lost(worker, how)`` is called when one died.
    """

    def __init__(
        self,
        url: str,
        authorization: str | None,
        workload: Workload,
        workers: int,
        origin_ns: int,
        on_batch: Callable[[int, Batch], None],
        on_lost: Callable[[int, str], None],
        trace: TracePart | None = None,
        client: ClientName = "native",
    ) -> None:
        self._url = url
        self._authorization = authorization
        self._workload = workload
        self._model: str | None = None
        self._size = workers
        self._draws = 0
        self._origin_ns = origin_ns
        self._trace = trace
        self._client = client
        self._on_batch = on_batch
        self._on_lost = on_lost
        self._processes: dict[int, Process] = {}
        self._readers: dict[int, asyncio.Task[None]] = {}
        self._silent: dict[int, asyncio.Event] = {}
        """Workers that have not been heard of yet."""
        self._leaving = False
        self._level = 0
        self._hiring = asyncio.Lock()

    async def hire(self) -> None:
        """Start the workers that are missing."""
        async with self._hiring:
            for number in range(self._size):
                if number not in self._processes:
                    await self._hire(number)

    async def ready(self) -> None:
        """Start the workers that are missing, and wait until all run: arrivals must not wait for a process to start."""
        await self.hire()
        silent = [asyncio.ensure_future(event.wait()) for event in self._silent.values()]
        if silent:
            _, late = await asyncio.wait(silent, timeout=READY_S if self._trace is None else READ_S)
            for task in late:
                task.cancel()

    def hurry(self) -> None:
        """Wait no longer for workers that do not run yet: the session ends."""
        for number in list(self._silent):
            self._heard(number)

    async def set_goal(self, concurrency: int, level: int) -> None:
        """Split a concurrency over the workers, starting those that are missing."""
        self._level = level
        if concurrency > 0:
            await self.hire()
        for number, goal in enumerate(split(concurrency, self._size)):
            self._say(number, Goal(goal, level))

    async def set_rate(self, rate_s: float, arrivals: Arrivals, level: int) -> None:
        """Give the workers their turns of one sequence of arrivals, starting those that are missing."""
        self._level = level
        if rate_s > 0:
            await self.ready()
        from_ns = time.monotonic_ns()
        for number, most in enumerate(split(arrivals.max_in_flight, self._size)):
            order = Rate(
                rate_s=rate_s, from_ns=from_ns, draw=self._draws, workers=self._size, max_in_flight=most,
                arrivals=arrivals, level=level,
            )  # fmt: skip
            self._say(number, order)
        self._draws += 1

    async def replay(
        self, speed: float, place: Callable[[int], float], max_in_flight: int, model_len: int | None, level: int
    ) -> None:
        """Give the workers their turns of the trace; ``place`` says where in it an instant of the clock is."""
        self._level = level
        if speed > 0:
            await self.ready()
        from_ns = time.monotonic_ns()
        position_s = place(from_ns)
        for number, most in enumerate(split(max_in_flight, self._size)):
            order = Replay(
                speed=speed, from_ns=from_ns, position_s=position_s, max_in_flight=most, model_len=model_len,
                level=level,
            )  # fmt: skip
            self._say(number, order)

    def change(self, workload: Workload, model: str | None, level: int) -> None:
        """Use another workload or model from the next request on."""
        self._workload, self._model, self._level = workload, model, level
        for number in self._processes:
            self._say(number, Change(workload, model, level))

    async def leave(self, drain_s: float) -> None:
        """Stop all load: let requests end for ``drain_s`` seconds, cancel the rest, and wait for the processes."""
        self._leaving = True
        for number in self._processes:
            self._say(number, Goal(0, self._level))
            if drain_s <= 0:
                self._say(number, Cancel())
            self._say(number, Quit())
        if drain_s > 0:
            await self._wait(drain_s)
            for process in self._processes.values():
                if process.stdin is not None:
                    process.stdin.close()
        await self._wait(QUIT_S)
        for process in self._processes.values():
            process.kill()
        await self._wait(QUIT_S)

    async def _wait(self, limit_s: float) -> None:
        if self._readers:
            await asyncio.wait(self._readers.values(), timeout=limit_s)

    async def _hire(self, number: int) -> None:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-m", "loadgen.worker", stdin=PIPE, stdout=PIPE, limit=LINE_LIMIT
        )
        self._processes[number] = process
        self._silent[number] = asyncio.Event()
        start = Start(
            worker=number,
            url=self._url,
            authorization=self._authorization,
            workload=self._workload,
            model=self._model,
            origin_ns=self._origin_ns,
            trace=self._trace,
            client=self._client,
        )
        self._say(number, start)
        self._readers[number] = asyncio.create_task(self._read(number, process))

    async def _read(self, number: int, process: Process) -> None:
        assert process.stdout is not None
        try:
            while line := await process.stdout.readline():
                self._heard(number)
                self._on_batch(number, decode_batch(line))
        except (ValueError, msgspec.MsgspecError):
            pass  # the worker died in the middle of a line
        self._heard(number)
        code = await process.wait()
        del self._processes[number], self._readers[number]
        if not self._leaving:
            self._on_lost(number, f"signal {-code}" if code < 0 else f"exit code {code}")

    def _heard(self, number: int) -> None:
        if (event := self._silent.pop(number, None)) is not None:
            event.set()

    def _say(self, number: int, order: ToWorker) -> None:
        process = self._processes.get(number)
        if process is None or process.stdin is None or process.stdin.is_closing():
            return
        process.stdin.write(encode(order))
