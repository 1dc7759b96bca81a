from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable

import pytest

from loadgen.arrivals import Arrivals
from loadgen.plan import Workload
from loadgen.wire import Rate
from session.window import tpot_s
from tests.loadgen.test_pool import Run, good, until
from tests.servers import OK, Answer, scripted

Begin = Callable[..., Run]


def rate(rate_s: float, most: int = 100, draw: int = 0) -> Rate:
    """An even rate: what is asserted then hangs on no chance."""
    return Rate(
        rate_s=rate_s, from_ns=time.monotonic_ns(), draw=draw, workers=1, max_in_flight=most,
        arrivals=Arrivals(process="constant"), level=1,
    )  # fmt: skip


@pytest.fixture
async def begin() -> AsyncIterator[Begin]:
    runs: list[Run] = []

    def start(url: str, rate_s: float, most: int = 100) -> Run:
        run = Run(url, Workload(prompt_tokens=5, output_tokens=5))
        run.pool.set_rate(rate(rate_s, most))
        runs.append(run)
        return run

    yield start
    for run in runs:
        run.pool.cancel()
    await asyncio.sleep(0)


async def test_arrivals_come_at_their_rate_and_reuse_connections(begin: Begin) -> None:
    async with scripted(good) as server:
        began = time.monotonic()
        run = begin(server.url, 100.0)
        await until(lambda: len(run.requests) >= 30)
        took_s = time.monotonic() - began
        assert took_s >= 0.3, "no request was sent before it was due"
        assert len({id(answer.writer) for answer in server.requests}) < 30
    starts = sorted(request.start_s for request in run.requests)
    assert starts[29] - starts[0] == pytest.approx(0.29, abs=1e-3), "intended starts, whatever the loop did"
    assert all(request.queue_s is not None and request.queue_s >= 0 for request in run.requests)


async def test_a_frozen_server_hides_nothing(begin: Begin) -> None:
    """The coordinated-omission test: who was due while the server stood still waited, and the figures say so."""
    frozen, thawed = asyncio.Event(), asyncio.Event()

    async def freezes(answer: Answer) -> None:
        if frozen.is_set():
            await thawed.wait()
        answer.stream(5)

    async with scripted(freezes) as server:
        run = begin(server.url, 50.0)
        await until(lambda: len(run.requests) >= 5)
        frozen.set()
        from_s = run.pool.meter.now_s()
        await until(lambda: run.pool.meter.now_s() >= from_s + 0.5)
        until_s = run.pool.meter.now_s()
        thawed.set()
        await until(lambda: any(request.start_s > until_s for request in run.requests))
    hit = [r for r in run.requests if from_s + 0.01 < r.start_s < until_s - 0.01]
    assert len(hit) == pytest.approx(24, abs=2), "a closed loop would have sent one"
    for request in hit:
        assert request.ttft_s is not None
        assert request.last_s is not None
        assert request.queue_s is not None
        assert request.last_s >= request.ttft_s >= until_s - request.start_s - 1e-3
        assert request.ttft_s >= request.queue_s
    assert max(r.ttft_s or 0.0 for r in hit) > 0.45


async def test_a_late_client_counts_its_own_delay(begin: Begin) -> None:
    async with scripted(good) as server:
        run = begin(server.url, 100.0)
        await run.first()
        from_s = run.pool.meter.now_s()
        time.sleep(0.2)  # the event loop stands still: this is the delay that is measured
        until_s = run.pool.meter.now_s()
        # They need connections of their own, and one that comes after them may end before them.
        await until(lambda: len([r for r in run.requests if from_s < r.start_s < until_s]) >= 18)
    late = [r for r in run.requests if from_s < r.start_s < until_s]
    for request in late:
        assert request.queue_s is not None
        assert request.ttft_s is not None
        assert request.ttft_s > request.queue_s >= until_s - request.start_s


async def test_arrivals_beyond_the_cap_are_dropped_and_counted(begin: Begin) -> None:
    gate = asyncio.Event()

    async def held(answer: Answer) -> None:
        await gate.wait()
        answer.stream(5)

    async with scripted(held) as server:
        run = begin(server.url, 200.0, most=3)
        await until(lambda: len(run.requests) >= 5)
        assert {request.error for request in run.requests} == {"overflow"}
        assert server.most <= 3
        tick = run.pool.meter.tick()
        assert tick is not None
        assert tick.in_flight == 3
        gate.set()
        await until(lambda: any(request.error is None for request in run.requests))


async def test_another_rate_holds_at_once(begin: Begin) -> None:
    async with scripted(good) as server:
        run = begin(server.url, 0.01)
        run.pool.set_rate(rate(200.0, draw=1))
        await until(lambda: len(run.requests) >= 5)
        run.pool.set_rate(rate(0.0, draw=2))
        await asyncio.wait_for(run.pool.idle.wait(), 5)
        sent = len(server.requests)
        run.pool.set_rate(rate(100.0, draw=3))
        await until(lambda: len(server.requests) > sent)


async def test_a_request_belongs_to_the_rate_under_which_it_was_due(begin: Begin) -> None:
    async with scripted(good) as server:
        run = begin(server.url, 100.0)
        await run.first()
        time.sleep(0.1)  # ten arrivals become due while nobody looks
        before = len(run.requests)
        run.pool.set_rate(rate(0.0, draw=1))
        await asyncio.wait_for(run.pool.idle.wait(), 5)
        assert len(run.requests) - before >= 9


async def test_the_loop_is_closed_and_opened_with_the_same_connections(begin: Begin) -> None:
    gate = asyncio.Event()

    async def held(answer: Answer) -> None:
        answer.raw(OK)
        answer.token()
        await gate.wait()
        answer.token(last=True)
        answer.usage(5, 2)

    async with scripted(held) as server:
        run = begin(server.url, 200.0)
        await until(lambda: server.open >= 6)
        run.pool.set_goal(2)
        gate.set()
        await until(lambda: any(r.queue_s is None for r in run.requests), 5)
        gate.clear()
        await until(lambda: server.open == 2)
        run.pool.set_rate(rate(100.0, draw=1))
        gate.set()
        seen = run.pool.meter.now_s()
        await until(lambda: any(r.queue_s is not None and r.start_s > seen for r in run.requests))
        assert not [r for r in run.requests if r.error]
        assert all(tpot_s(r) is not None for r in run.requests)


async def test_a_server_that_is_gone_is_tried_at_the_same_rate(begin: Begin) -> None:
    async with scripted(good) as server:
        url = server.url
    run = begin(url, 100.0)
    await until(lambda: len(run.requests) >= 20)
    assert {request.error for request in run.requests} == {"connect"}
    assert all(request.queue_s is None for request in run.requests)


async def test_cancel_says_so_of_what_was_due(begin: Begin) -> None:
    async def silent(answer: Answer) -> None:
        await asyncio.Event().wait()

    async with scripted(silent) as server:
        run = begin(server.url, 100.0)
        await until(lambda: server.open == 4)
        run.pool.cancel()
        assert run.pool.idle.is_set()
        assert {request.error for request in run.requests} == {"cancelled"}
        assert len(run.requests) >= 4
