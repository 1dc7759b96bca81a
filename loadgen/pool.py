"""The load of one worker: requests in flight, or requests a second, changed while running.

Closed loop: each slot sends its next request when the last has ended, and a pool has as many slots as requests are
wanted in flight. Open loop: each arrival takes a free slot, or a new one, at the instant it is due, and its latency
counts from that instant, so that a server which stalls cannot hide what its stall did to those who came meanwhile.
"""

from __future__ import annotations

import asyncio
import random
import ssl
from collections.abc import Callable, Sequence

from loadgen.arrivals import due_ns
from loadgen.clients import Line, client_for
from loadgen.failures import Failure
from loadgen.meter import Meter
from loadgen.plan import ClientName, Workload
from loadgen.prompts import Bodies, Body
from loadgen.replay import Turns
from loadgen.schedule import Schedule
from loadgen.sse import TokenStream
from loadgen.stamped import SUPPORTED, Stamps
from loadgen.target import Target
from loadgen.turnover import AT_ONCE, AT_ONCE_TLS, Turn, Turnover
from loadgen.wire import Rate, Replay
from session.events import Request, Tick

BACKOFF_S = 0.25
BACKOFF_MAX_S = 2.0


class Slot:
    """One place in the load: a connection, and the request that is on it."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._connection: Line | None = None
        self._stream = self._new_stream()
        self._body = Body(b"", None)
        self._start_ns = 0
        self._level = 0
        self._due_ns: int | None = None
        self._sent_ns: int | None = None
        self._timeout: asyncio.TimerHandle | None = None
        self._pause: asyncio.TimerHandle | Turn | None = None
        self._task: asyncio.Task[None] | None = None
        self._failures = 0
        self._asked_s: float | None = None
        """The pause that the server asked for with its last answer."""
        self._retried = False
        self.running = False
        """A request is in flight."""

    def start(self, due_ns: int | None = None) -> None:
        """Send the next request; in an open loop the one that is due at ``due_ns``."""
        self._pause = None
        self._retried = False
        self._due_ns, self._sent_ns = due_ns, None
        if due_ns is not None:  # it is in flight from now on, also while a connection is opened for it
            self._start_ns, self._stream = due_ns, self._new_stream()
            self.running = True
        self._body = self._pool.bodies.next()
        self._level = self._pool.level
        self._send()

    def cancel(self) -> None:
        """End whatever runs; a request in flight is recorded as cancelled."""
        for handle in (self._timeout, self._pause):
            if handle is not None:
                handle.cancel()
        if self._task is not None:
            self._task.cancel()
        if self._connection is not None:
            self._connection.close()
        if self.running:
            self._record(Failure("cancelled"))

    def _send(self) -> None:
        if self._connection is not None and self._connection.usable:
            self._send_on(self._connection)
        else:
            self._task = asyncio.get_running_loop().create_task(self._connect())

    async def _connect(self) -> None:
        try:
            self._connection = await self._pool.client.connect(self)
        except Failure as failure:
            self._start_ns = self._pool.clock_ns() if self._due_ns is None else self._due_ns
            self._stream = self._new_stream()
            self.running = True
            self.on_end(failure)
        else:
            self._send_on(self._connection)
        finally:
            self._task = None

    def _send_on(self, connection: Line) -> None:
        self._stream = self._new_stream()
        self.running = True
        loop = asyncio.get_running_loop()
        self._timeout = loop.call_later(self._pool.workload.timeout_s, self._expire)
        self._sent_ns = connection.send(self._pool.head(len(self._body.data)) + self._body.data, self._stream)
        self._start_ns = self._sent_ns if self._due_ns is None else self._due_ns

    def on_sent(self, clock_ns: int) -> None:
        """The client was ready to write only now: opening a connection is in no TTFT."""
        self._sent_ns = clock_ns
        if self._due_ns is None:
            self._start_ns = clock_ns

    def _new_stream(self) -> TokenStream:
        self._told, self._taken_for = 0, 0.0
        return TokenStream(self._pool.meter.gap, self._on_first)

    def _on_first(self, first_ns: int) -> None:
        self._pool.meter.first_token((first_ns - self._start_ns) / 1e9, self._body.prompt_tokens)

    def settle(self) -> None:
        """Tell the meter of the chunks that came since the last time: to do so for each costs as much as to read it."""
        new = self._stream.chunks - self._told
        if new:
            self._told += new
            most = self._body.max_tokens
            room = None if most is None else most - self._taken_for
            self._taken_for += self._pool.meter.chunks(new, room)

    def _expire(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self.on_end(Failure("timeout", f"no end within {self._pool.workload.timeout_s:g} s"))

    def on_end(self, failure: Failure | None) -> None:
        """Record the request that has ended, and go on."""
        if self._timeout is not None:
            self._timeout.cancel()
            self._timeout = None
        if failure is not None and failure.stale and not self._retried:
            self._retried = True
            self._send()
            return
        self._record(failure)
        self._failures = 0 if failure is None or self._due_ns is not None else self._failures + 1
        self._asked_s = failure.retry_after_s if failure is not None else None
        self._pool.ended(self)

    def again(self) -> None:
        """Go on: as soon as may be after a success, after a pause when the server refuses."""
        if self._failures == 0:
            self._pause = self._pool.turnover.soon(self.start)
            return
        self._pause = asyncio.get_running_loop().call_later(self._pause_s(), self.start)

    def _pause_s(self) -> float:
        """Return how long to wait: what the server asked for, else twice as long with each failure."""
        if self._asked_s is not None:
            return self._asked_s * random.uniform(1.0, 1.1)
        return min(BACKOFF_MAX_S, BACKOFF_S * 2.0 ** min(self._failures - 1, 8)) * random.uniform(0.8, 1.2)

    @property
    def pausing(self) -> bool:
        """Whether it waits before its next try."""
        return self._pause is not None

    def _record(self, failure: Failure | None) -> None:
        self.running = False
        stream, meter = self._stream, self._pool.meter
        stream.close()
        self.settle()
        now_ns = self._pool.clock_ns()
        request = Request(
            t_s=meter.at_s(now_ns),
            start_s=meter.at_s(self._start_ns),
            queue_s=_seconds(self._sent_ns - self._due_ns) if self._due_ns and self._sent_ns else None,
            ttft_s=_seconds(stream.first_ns - self._start_ns) if stream.first_ns else None,
            last_s=_seconds(stream.last_ns - self._start_ns) if stream.first_ns else None,
            prompt_tokens=self._body.prompt_tokens if stream.prompt_tokens is None else stream.prompt_tokens,
            output_tokens=stream.tokens,
            counted=stream.completion_tokens is not None,
            error=failure.kind if failure else None,
            status=failure.status if failure else None,
            detail=clean(self._body.recordable(failure.detail)) if failure and failure.detail else None,
            worker=self._pool.worker,
            level=self._level,
        )
        meter.ended(request, self._taken_for, stream.chunks)


class Pool:
    """All slots of one worker."""

    def __init__(
        self,
        target: Target,
        workload: Workload,
        worker: int,
        origin_ns: int,
        clock_ns: Callable[[], int],
        client: ClientName = "native",
    ) -> None:
        self.target = target
        self.workload = workload
        self.worker = worker
        self.level = 0
        """Number of the present level."""
        self.clock_ns = clock_ns
        self.bodies = Bodies(workload, None, worker)
        self.meter = Meter(worker, origin_ns, lambda: sum(slot.running for slot in self._slots))
        self.stamps = Stamps() if SUPPORTED and client == "native" else None
        self.client = client_for(client, target, ssl.create_default_context() if target.tls else None, self.stamps)
        self.idle = asyncio.Event()
        """Set while no request is in flight and none will be sent."""
        self.idle.set()
        self.turnover = Turnover(AT_ONCE_TLS if target.tls else AT_ONCE)
        self._slots: set[Slot] = set()
        self._free: list[Slot] = []
        """Open loop: slots of ``_slots`` without a request; the one used last is used next."""
        self._rate: Rate | Replay | None = None
        self.turns: Turns | None = None
        """Of the session's trace."""
        self._schedule = Schedule(clock_ns, self._arrive)
        self._model: str | None = None
        self._goal = 0
        self._head = _head(target, workload)

    def head(self, length: int) -> bytes:
        """Return the request line and headers for a body of ``length`` bytes."""
        return self._head + b"%d\r\n\r\n" % length

    def set_goal(self, goal: int) -> None:
        """Keep ``goal`` requests in flight from now on: more at once, fewer as requests end."""
        self._close_loop()
        self._goal = goal
        self.bodies.expect(goal)
        idle = [*self._free, *(s for s in self._slots if s.pausing)]
        self._discard(idle[: max(0, len(self._slots) - goal)])
        free, self._free = self._free, []
        for slot in free:
            slot.start()
        self._fill()

    def _fill(self) -> None:
        """Open the places that are missing, a few a turn of the loop: between them tokens are read."""
        for _ in range(min(self.turnover.at_once, self._goal - len(self._slots))):
            self.idle.clear()
            slot = Slot(self)
            self._slots.add(slot)
            slot.start()
        if len(self._slots) < self._goal:
            asyncio.get_running_loop().call_soon(self._fill)

    def set_rate(self, rate: Rate) -> None:
        """Send requests as they are due from now on, whatever is in flight; at a rate of 0 none."""
        if rate.rate_s <= 0:
            self.set_goal(0)
            return
        self._goal = 0
        self._discard([s for s in self._slots if s.pausing])
        self.idle.clear()
        dues = due_ns(
            rate.arrivals, rate.rate_s, rate.from_ns, draw=rate.draw, worker=self.worker, workers=rate.workers
        )
        self._schedule.follow(dues, rate.from_ns, rate.workers / rate.rate_s)
        self.bodies.follow(None)
        self._rate = rate

    def replay(self, order: Replay) -> None:
        """Send what is left of the trace as it is due from now on; at a speed of 0 nothing."""
        self._schedule.stop(order.from_ns)
        if order.speed <= 0 or self.turns is None:
            self.set_goal(0)
            return
        self._goal = 0
        self._discard([s for s in self._slots if s.pausing])
        self.idle.clear()
        self.bodies.follow(self.turns)
        self._rate = order
        self._schedule.follow(self.turns.dues(order), order.from_ns, self.turns.mean_gap_s(order))

    @property
    def left(self) -> int | None:
        """Requests of the trace that have not ended; ``None`` before it has begun."""
        left = self.turns.left if self.turns is not None else None
        return None if left is None else left + sum(slot.running for slot in self._slots)

    def set_model(self, model: str | None) -> None:
        """Name this model in requests from now on."""
        self._model = model
        self.bodies.change(self.workload, model)

    def set_workload(self, workload: Workload) -> None:
        """Send requests of another shape from now on."""
        self.workload = workload
        self._head = _head(self.target, workload)
        self.bodies.change(workload, self._model)

    def ended(self, slot: Slot) -> None:
        """Take note of the end of a slot's request."""
        if self._rate is not None:
            self._free.append(slot)
        elif len(self._slots) > self._goal:
            self._discard([slot])
        else:
            slot.again()

    def tick(self) -> Tick | None:
        """Return what was seen since the last tick; ``None`` while nothing happens."""
        for slot in self._slots:
            slot.settle()
        return self.meter.tick()

    def cancel(self) -> None:
        """End everything that runs, now."""
        self._close_loop()
        self._goal = 0
        self._discard(list(self._slots))

    def _arrive(self, due_ns: int) -> None:
        """Send the request that is due; where it cannot be or the cap is reached, say so and drop it."""
        assert self._rate is not None
        replayed = self.turns if isinstance(self._rate, Replay) else None
        if replayed is not None and (why := replayed.take()) is not None:
            self._drop(due_ns, "too_long", why)
        elif len(self._slots) - len(self._free) >= self._rate.max_in_flight:
            self._drop(due_ns, "overflow", f"{self._rate.max_in_flight} requests were in flight already")
        elif self._free:
            self._free.pop().start(due_ns)
        else:
            slot = Slot(self)
            self._slots.add(slot)
            slot.start(due_ns)
        if replayed is not None:
            asyncio.get_running_loop().call_soon(replayed.prepare)

    def _drop(self, due_ns: int, error: str, detail: str) -> None:
        request = Request(
            t_s=self.meter.at_s(self.clock_ns()),
            start_s=self.meter.at_s(due_ns),
            error=error,
            detail=detail,
            worker=self.worker,
        )
        self.meter.ended(request, 0.0, 0)

    def _close_loop(self) -> None:
        """Let nothing more arrive."""
        self._schedule.stop(self.clock_ns())
        self.bodies.follow(None)
        self._rate = None

    def _discard(self, slots: Sequence[Slot]) -> None:
        for slot in slots:
            slot.cancel()
            self._slots.discard(slot)
        self._free = [slot for slot in self._free if slot in self._slots]
        if not self._slots and self._rate is None:
            self.idle.set()


def clean(text: str) -> str:
    """Return server text as one short printable line."""
    return " ".join("".join(c if c.isprintable() else " " for c in text[:1000]).split())[:200]


def _head(target: Target, workload: Workload) -> bytes:
    path = "/v1/chat/completions" if workload.endpoint == "chat" else "/v1/completions"
    lines = [
        f"POST {target.prefix}{path} HTTP/1.1",
        f"Host: {target.host_header}",
        "User-Agent: rooftop",
        "Accept: text/event-stream",
        "Content-Type: application/json",
    ]
    if target.authorization:
        lines.append(f"Authorization: {target.authorization}")
    return ("\r\n".join(lines) + "\r\nContent-Length: ").encode("ascii")


def _seconds(span_ns: int) -> float:
    return round(span_ns / 1e9, 6)
