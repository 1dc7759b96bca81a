from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from random import Random

import pytest

from loadgen.ink import ink_for
from loadgen.plan import Workload
from loadgen.replay import BLOCK_TOKENS, Blocks, Turns
from loadgen.schedule import Schedule
from loadgen.trace_lines import TraceRequest
from loadgen.traces import Trace
from loadgen.wire import Replay
from session.events import Request
from tests.loadgen.test_pool import Run, good, until
from tests.servers import Answer, scripted

Begin = Callable[..., Run]
SMALL = Trace(TraceRequest(0.02 * k, 20 + k, 3 + k, ()) for k in range(10))
"""Ten requests in 180 ms, no two of one length."""


def order(speed: float = 1.0, position_s: float = 0.0, most: int = 100, model_len: int | None = None) -> Replay:
    return Replay(
        speed=speed, from_ns=time.monotonic_ns(), position_s=position_s, max_in_flight=most, model_len=model_len,
        level=1,
    )  # fmt: skip


def sent(trace: Trace, workload: Workload, workers: int = 1) -> dict[int, tuple[bytes, int | None, int | None]]:
    """Return what each request of a trace carries, by when it is due."""
    found = {}
    for worker in range(workers):
        turns = Turns(trace, _with(workload, workers), worker)
        for due_ns in turns.dues(order_at_zero()):
            assert due_ns not in found
            assert turns.take() is None
            prompt = turns.next(1, 1)
            found[due_ns] = (prompt.data, prompt.tokens, prompt.output_tokens)
        assert turns.left == 0
    return found


def _with(workload: Workload, workers: int) -> Workload:
    return Workload(endpoint=workload.endpoint, seed=workload.seed, workers=workers)


def order_at_zero(speed: float = 1.0) -> Replay:
    return Replay(speed=speed, from_ns=0, position_s=0.0, max_in_flight=1, model_len=None, level=1)


SHARING = Trace(
    [
        TraceRequest(0.0, 1200, 9, (46, 47, 48)),
        TraceRequest(0.5, 600, 8, (46, 99)),
        TraceRequest(1.0, 600, 7, (46,)),
        TraceRequest(1.5, 600, 6, (46,)),
        TraceRequest(2.0, 1024, 5, (46, 47, 48, 49)),
        TraceRequest(2.5, 5, 4, ()),
        TraceRequest(3.0, 5, 3, ()),
    ]
)


def test_equal_hash_ids_are_equal_tokens_and_lengths_are_exact() -> None:
    prompts = [json.loads(data) for data, _, _ in sent(SHARING, Workload()).values()]
    assert [len(prompt) for prompt in prompts] == [1200, 600, 600, 600, 1024, 5, 5]
    assert prompts[0][:512] == prompts[1][:512] == prompts[2][:512] == prompts[3][:512]
    assert prompts[0][512:600] != prompts[1][512:600], "another block"
    assert prompts[2][512:] != prompts[3][512:], "no hash id covers them"
    assert prompts[4] == prompts[0][:1024]
    assert prompts[5] != prompts[6]
    assert all(10 <= token < 2000 for token in prompts[0])
    assert [(tokens, output) for _, tokens, output in sent(SHARING, Workload()).values()] == [
        (1200, 9), (600, 8), (600, 7), (600, 6), (1024, 5), (5, 4), (5, 3),
    ]  # fmt: skip


def test_chats_share_words() -> None:
    found = sent(SHARING, Workload(endpoint="chat"))
    texts = [json.loads(data)[0]["content"].split() for data, _, _ in found.values()]
    assert [len(text) for text in texts] == [1200, 600, 600, 600, 1024, 5, 5]
    assert texts[0][:512] == texts[1][:512]
    assert {tokens for _, tokens, _ in found.values()} == {None}, "words are about tokens"


def test_a_block_that_was_forgotten_is_drawn_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loadgen.replay.BLOCKS_KEPT", 1)
    blocks = Blocks(3, ink_for(Workload()))
    first = blocks.text(BLOCK_TOKENS, [7], Random(0))
    assert blocks.text(BLOCK_TOKENS, [8], Random(0)) != first
    assert blocks.text(BLOCK_TOKENS, [7], Random(0)) == first


def test_the_seed_decides_what_is_sent() -> None:
    assert sent(SHARING, Workload(seed=3)) == sent(SHARING, Workload(seed=3))
    ours, others = sent(SHARING, Workload(seed=3)), sent(SHARING, Workload(seed=4))
    assert list(ours) == list(others)
    assert not {data for data, _, _ in ours.values()} & {data for data, _, _ in others.values()}


@pytest.mark.parametrize("workers", [2, 3, 9])
def test_what_workers_send_together_is_what_one_would_send(workers: int) -> None:
    assert sent(SHARING, Workload(seed=5), workers) == sent(SHARING, Workload(seed=5))


def test_a_worker_in_the_place_of_one_that_died_goes_on_where_the_trace_is() -> None:
    turns = Turns(SHARING, Workload(), 0)
    later = Replay(speed=2.0, from_ns=1000, position_s=1.5, max_in_flight=1, model_len=None, level=1)
    assert list(turns.dues(later)) == [1000 + round(at_s * 1e9 / 2) for at_s in (0.0, 0.5, 1.0, 1.5)]
    assert turns.left == 4


async def test_a_schedule_may_end() -> None:
    called: list[int] = []
    clock = 0
    schedule = Schedule(lambda: clock, called.append)
    schedule.follow(iter([5, 7]), 0, 1.0)
    clock = 9
    schedule.stop(6)
    assert called == [5]
    schedule.follow(iter([7, 8]), 0, 1.0)
    await until(lambda: len(called) == 3)
    assert called == [5, 7, 8]
    schedule.follow(iter([]), 9, 1.0)
    schedule.stop(9)
    assert called == [5, 7, 8]


@pytest.fixture
async def begin() -> AsyncIterator[Begin]:
    runs: list[Run] = []

    def start(url: str, first: Replay, trace: Trace = SMALL) -> Run:
        run = Run(url, Workload(prompt_tokens=5, output_tokens=5))
        run.pool.turns = Turns(trace, Workload(), 0)
        run.pool.replay(first)
        runs.append(run)
        return run

    yield start
    for run in runs:
        run.pool.cancel()
    await asyncio.sleep(0)


def lengths(answers: list[Answer]) -> list[tuple[int, object]]:
    asked = [answer.json for answer in answers]
    return [(len(body["prompt"]), body["max_tokens"]) for body in asked]  # type: ignore[arg-type]


def starts_s(requests: list[Request]) -> list[float]:
    return sorted(request.start_s for request in requests)


async def test_a_server_gets_the_trace_at_its_own_times_and_with_its_own_lengths(begin: Begin) -> None:
    arrived_ns: list[int] = []

    async def noted(answer: Answer) -> None:
        arrived_ns.append(time.monotonic_ns())
        answer.stream(2)

    async with scripted(noted) as server:
        first = order()
        run = begin(server.url, first)
        assert run.pool.left == 10
        await until(lambda: run.pool.left == 0)
    dues_ns = [first.from_ns + round(0.02e9 * k) for k in range(10)]
    assert starts_s(run.requests) == [run.pool.meter.at_s(due_ns) for due_ns in dues_ns]
    assert all(arrived >= due for arrived, due in zip(arrived_ns, dues_ns, strict=True)), "none before its time"
    assert sorted(lengths(server.requests)) == [(20 + k, 3 + k) for k in range(10)]
    assert all(request.queue_s is not None and request.queue_s >= 0 for request in run.requests)


async def test_latency_counts_from_the_intended_start_while_a_server_stands_still(begin: Begin) -> None:
    thaw = asyncio.Event()

    async def frozen(answer: Answer) -> None:
        await thaw.wait()
        answer.stream(2)

    async with scripted(frozen) as server:
        run = begin(server.url, order())
        await until(lambda: server.open == 10)
        thawed_s = run.pool.meter.now_s()
        thaw.set()
        await until(lambda: run.pool.left == 0)
    assert len(run.requests) == 10
    for request in run.requests:
        assert request.ttft_s is not None
        assert request.ttft_s >= thawed_s - request.start_s


async def test_twice_the_speed_is_half_the_time_and_nobody_is_sent_twice(begin: Begin) -> None:
    async with scripted(good) as server:
        first = order()
        run = begin(server.url, first)
        await until(lambda: len(server.requests) >= 4)
        now_ns = time.monotonic_ns()
        position_s = (now_ns - first.from_ns) / 1e9
        faster = order(2.0, position_s)
        run.pool.replay(faster)
        await until(lambda: run.pool.left == 0)
    assert Counter(lengths(server.requests)) == Counter((20 + k, 3 + k) for k in range(10))
    dues_ns = [(faster if 0.02 * k > position_s else first).due_ns(0.02 * k) for k in range(10)]
    assert starts_s(run.requests) == pytest.approx([run.pool.meter.at_s(due_ns) for due_ns in dues_ns], abs=2e-4)


async def test_a_stopped_trace_goes_on_where_it_was(begin: Begin) -> None:
    async with scripted(good) as server:
        first = order()
        run = begin(server.url, first)
        await until(lambda: len(server.requests) >= 3)
        stop = order(0.0)
        run.pool.replay(stop)
        await asyncio.wait_for(run.pool.idle.wait(), 5)
        sent_so_far = len(server.requests)
        assert run.pool.left == 10 - sent_so_far
        run.pool.replay(order(10.0, (stop.from_ns - first.from_ns) / 1e9))
        await until(lambda: run.pool.left == 0)
    assert Counter(lengths(server.requests)) == Counter((20 + k, 3 + k) for k in range(10))


async def test_what_the_model_cannot_take_is_counted_and_not_sent(begin: Begin) -> None:
    async with scripted(good) as server:
        run = begin(server.url, order(10.0, model_len=31))
        await until(lambda: run.pool.left == 0)
    assert sorted(lengths(server.requests)) == [(20 + k, 3 + k) for k in range(5)], "23 to 31 tokens together"
    dropped = [request for request in run.requests if request.error is not None]
    assert [request.error for request in dropped] == ["too_long"] * 5
    assert dropped[0].detail == "33 tokens of prompt and output, where the model takes 31"
    assert len(run.requests) == 10


async def test_arrivals_beyond_the_cap_are_dropped_and_those_after_keep_their_lengths(begin: Begin) -> None:
    gate = asyncio.Event()

    async def held(answer: Answer) -> None:
        await gate.wait()
        answer.stream(2)

    async with scripted(held) as server:
        run = begin(server.url, order(most=3))
        await until(lambda: sum(request.error == "overflow" for request in run.requests) >= 3)
        gate.set()
        await until(lambda: run.pool.left == 0)
    done = [request for request in run.requests if request.error is None]
    assert len(done) + sum(request.error == "overflow" for request in run.requests) == 10
    assert set(lengths(server.requests)) <= {(20 + k, 3 + k) for k in range(10)}
    assert len(server.requests) == len(done) < 8


async def test_a_trace_is_left_for_a_closed_loop_of_the_workloads_own_prompts(begin: Begin) -> None:
    async with scripted(good) as server:
        run = begin(server.url, order(0.1))
        await until(lambda: len(server.requests) == 1)
        run.pool.set_goal(2)
        await until(lambda: len(server.requests) >= 6)
        run.pool.set_goal(0)
        await asyncio.wait_for(run.pool.idle.wait(), 5)
    assert lengths(server.requests)[0] == (20, 3)
    assert set(lengths(server.requests)[1:]) == {(5, 5)}
