from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import get_args

import pytest

from loadgen.plan import ClientName, Workload
from loadgen.pool import Pool
from loadgen.target import parse_target
from session.events import Request
from tests.servers import OK, Answer, Handler, event, scripted


async def good(answer: Answer) -> None:
    answer.stream(5)


async def until(condition: Callable[[], bool], limit_s: float = 30.0) -> None:
    """Wait until a condition holds: what it waits for is another party's progress on the same loop."""
    end = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < end, "it never came"
        await asyncio.sleep(0.005)


class Run:
    """A pool and what it has recorded."""

    def __init__(self, url: str, workload: Workload, client: ClientName = "native", key: str | None = None) -> None:
        now_ns = time.monotonic_ns
        self.pool = Pool(parse_target(url, key), workload, 0, now_ns(), now_ns, client)
        self.pool.set_model("m")
        self._requests: list[Request] = []

    @property
    def requests(self) -> list[Request]:
        """Everything that ended so far."""
        self._requests += [e for e in self.pool.meter.take() if isinstance(e, Request)]
        return self._requests

    async def first(self) -> Request:
        """Wait for the first request to end."""
        await until(lambda: bool(self.requests))
        return self.requests[0]

    async def leave(self) -> None:
        """End everything."""
        self.pool.cancel()
        await self.pool.client.close()
        await asyncio.sleep(0)  # lets the aborted transports close


@pytest.fixture(params=get_args(ClientName))
async def start(request: pytest.FixtureRequest) -> AsyncIterator[Callable[..., Run]]:
    """Start pools, with either client."""
    runs: list[Run] = []

    def begin(url: str, goal: int = 1, key: str | None = None, **workload: object) -> Run:
        shape = Workload(prompt_tokens=5, output_tokens=5, **workload)  # type: ignore[arg-type]
        run = Run(url, shape, request.param, key)
        run.pool.set_goal(goal)
        runs.append(run)
        return run

    yield begin
    for run in runs:
        await run.leave()


Start = Callable[..., Run]


async def test_a_good_answer_is_measured(start: Start) -> None:
    async with scripted(good) as server:
        request = await start(server.url).first()
    assert (request.error, request.output_tokens, request.prompt_tokens, request.counted) == (None, 5, 5, True)
    assert request.ttft_s is not None
    assert request.last_s is not None
    assert 0 < request.ttft_s <= request.last_s


async def test_one_connection_serves_many_requests(start: Start) -> None:
    async with scripted(good) as server:
        run = start(server.url)
        await until(lambda: len(run.requests) >= 5)
        assert len({id(answer.writer) for answer in server.requests}) == 1


async def test_up_is_at_once_and_down_lets_requests_end(start: Start) -> None:
    gate = asyncio.Event()

    async def held(answer: Answer) -> None:
        answer.raw(OK)
        answer.token()
        await gate.wait()
        answer.token(last=True)
        answer.usage(5, 2)

    async with scripted(held) as server:
        run = start(server.url, 2)
        await until(lambda: server.open == 2)
        run.pool.set_goal(8)
        await until(lambda: server.open == 8)
        run.pool.set_goal(3)
        assert server.open == 8, "requests in flight go on"
        gate.set()
        await until(lambda: len(run.requests) >= 20)
        assert not [r for r in run.requests if r.error]
        gate.clear()
        await until(lambda: server.open == 3)
        run.pool.set_goal(0)
        gate.set()
        await asyncio.wait_for(run.pool.idle.wait(), 5)
    assert server.most == 8
    assert len(run.requests) == len(server.requests)


async def test_another_workload_holds_from_the_next_request(start: Start) -> None:
    async with scripted(good) as server:
        run = start(server.url)
        await run.first()
        run.pool.set_workload(Workload(prompt_tokens=9, output_tokens=3, endpoint="chat"))
        await until(lambda: b"/v1/chat/completions" in server.requests[-1].head)
        assert server.requests[-1].json["max_tokens"] == 3


async def test_the_key_is_sent_and_the_host_is_named(start: Start) -> None:
    async with scripted(good) as server:
        start(server.url, key="sesame")
        await until(lambda: bool(server.requests))
    assert b"Authorization: Bearer sesame\r\n" in server.requests[0].head
    assert b"Host: 127.0.0.1:" in server.requests[0].head


async def refuse_401(answer: Answer) -> None:
    answer.error(401, b'{"error": {"message": "wrong \\u001b[31mkey"}}')


async def refuse_html(answer: Answer) -> None:
    answer.error(404, b"<html>no</html>")


async def cut_in_half(answer: Answer) -> None:
    answer.raw(OK)
    answer.token()
    answer.token()
    await answer.writer.drain()
    answer.reset()


async def end_without_done(answer: Answer) -> None:
    answer.raw(OK)
    answer.token()
    answer.raw(b"0\r\n\r\n")


async def error_chunk(answer: Answer) -> None:
    answer.raw(OK)
    answer.token()
    answer.part(event({"error": {"message": "out of memory", "code": 500}}))


async def garbage(answer: Answer) -> None:
    answer.raw(OK)
    answer.part(b"data: {{{\n\n")


async def no_http(answer: Answer) -> None:
    answer.raw(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")


async def plain_json(answer: Answer) -> None:
    answer.raw(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")


async def drop(answer: Answer) -> None:
    answer.reset()


@pytest.mark.parametrize(
    ("handler", "kind", "tokens", "says"),
    [
        (refuse_401, "http_401", 0, "wrong [31mkey"),
        (refuse_html, "http_404", 0, None),
        (cut_in_half, "cut", 2, "middle"),
        (end_without_done, "cut", 1, "finish reason"),
        (error_chunk, "error_chunk", 1, "out of memory"),
        (garbage, "garbage", 0, "no JSON"),
        (no_http, "garbage", 0, "no HTTP"),
        (plain_json, "not_a_stream", 0, "without an event stream"),
        (drop, "reset", 0, "without an answer"),
    ],
)
async def test_failures_are_told_by_kind_and_the_slot_goes_on(
    start: Start, handler: Handler, kind: str, tokens: int, says: str | None
) -> None:
    async with scripted(handler) as server:
        run = start(server.url)
        request = await run.first()
        await until(lambda: len(run.requests) >= 2)
    assert (request.error, request.output_tokens) == (kind, tokens)
    if says is not None:
        assert request.detail is not None
        assert says in request.detail
        assert request.detail.isprintable()


async def test_nobody_listens(start: Start) -> None:
    async with scripted(good) as server:
        url = server.url
    request = await start(url).first()
    assert (request.error, request.detail) == ("connect", "Connection refused")


async def test_tls_to_a_plain_server_is_a_tls_error(start: Start) -> None:
    async def chatter(answer: Answer) -> None:
        answer.raw(b"HTTP/1.1 400 Bad\r\n\r\n")

    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(plain, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    request = await start(f"https://127.0.0.1:{port}").first()
    server.close()
    assert request.error == "tls"


async def test_a_silent_server_times_out_and_frees_the_slot(start: Start) -> None:
    async def silent(answer: Answer) -> None:
        if len(server.requests) == 1:
            await asyncio.Event().wait()
        answer.stream(5)

    async with scripted(silent) as server:
        run = start(server.url, timeout_s=0.1)
        assert (await run.first()).error == "timeout"
        await until(lambda: any(r.error is None for r in run.requests))


async def test_a_server_that_comes_back_is_used_again(start: Start) -> None:
    state = {"up": True}

    async def flaky(answer: Answer) -> None:
        if state["up"]:
            answer.stream(5)
        else:
            answer.reset()

    async with scripted(flaky) as server:
        run = start(server.url, 3)
        await until(lambda: len(run.requests) > 5)
        state["up"] = False
        await until(lambda: any(r.error for r in run.requests))
        state["up"] = True
        seen = len(run.requests)
        await until(lambda: len([r for r in run.requests[seen:] if r.error is None]) >= 3)


async def test_an_idle_connection_that_the_server_closed_costs_no_error(start: Start) -> None:
    async def once(answer: Answer) -> None:
        answer.stream(5)
        await answer.writer.drain()
        answer.writer.close()

    async with scripted(once) as server:
        run = start(server.url)
        await until(lambda: len(run.requests) >= 5)
    assert {r.error for r in run.requests[:5]} == {None}


async def test_cancel_ends_everything_and_says_so(start: Start) -> None:
    async def endless(answer: Answer) -> None:
        answer.raw(OK)
        answer.token()
        await asyncio.Event().wait()

    async with scripted(endless) as server:
        run = start(server.url, 4)
        await until(lambda: server.open == 4)
        await until(lambda: (t := run.pool.meter.tick()) is not None and t.in_flight == 4)
        run.pool.cancel()
        assert run.pool.idle.is_set()
        assert [r.error for r in run.requests] == ["cancelled"] * 4
        assert (t := run.pool.meter.tick()) is None or t.in_flight == 0


async def test_ticks_add_up_to_what_the_requests_held(start: Start) -> None:
    async def several_a_chunk(answer: Answer) -> None:
        answer.raw(OK)
        answer.token("three at once")
        answer.token("and two", last=True)
        answer.usage(5, 5)

    async with scripted(several_a_chunk) as server:
        run = start(server.url, 2)
        await until(lambda: len(run.requests) >= 6)
        run.pool.set_goal(0)
        await asyncio.wait_for(run.pool.idle.wait(), 5)
    tick = run.pool.meter.tick()
    assert tick is not None
    assert tick.output_tokens == sum(r.output_tokens for r in run.requests) == 5 * len(run.requests)
    assert tick.prompt_tokens == 5 * len(run.requests)
    assert len(tick.ttft_s) == len(run.requests)
    assert sum(tick.itl.values()) == len(run.requests)
