"""The aiohttp client where it differs: proxies of the environment, and when a request counts as written."""

from __future__ import annotations

import asyncio
import base64
import os
from collections.abc import AsyncIterator, Callable

import pytest

from loadgen.failures import Failure
from loadgen.fallback import proxy_for
from loadgen.plan import Workload
from loadgen.target import parse_target
from tests.loadgen.test_open_loop import rate
from tests.loadgen.test_pool import Run, good, until
from tests.servers import Answer, scripted

Setenv = Callable[..., None]


@pytest.fixture(autouse=True)
def proxies(monkeypatch: pytest.MonkeyPatch) -> Setenv:
    """Set the proxies of the environment, and no others."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)

    def set_them(**named: str) -> None:
        for name, value in named.items():
            monkeypatch.setenv(name, value)

    return set_them


@pytest.fixture
async def begin() -> AsyncIterator[Callable[[str], Run]]:
    runs: list[Run] = []

    def start(url: str) -> Run:
        runs.append(Run(url, Workload(prompt_tokens=5, output_tokens=5), "aiohttp", "sesame"))
        return runs[-1]

    yield start
    for run in runs:
        await run.leave()


async def test_requests_go_through_the_proxy(begin: Callable[[str], Run], proxies: Setenv) -> None:
    async with scripted(good) as proxy:
        proxies(HTTP_PROXY=proxy.url.replace("http://", "http://me:hunter2@"))
        run = begin("http://llm.invalid/base")
        run.pool.set_goal(1)
        request = await run.first()
    assert (request.error, request.output_tokens) == (None, 5)
    head = proxy.requests[0].head
    assert head.startswith(b"POST http://llm.invalid/base/v1/completions HTTP/1.1\r\n")
    assert b"Proxy-Authorization: Basic " + base64.b64encode(b"me:hunter2") in head
    assert b"Authorization: Bearer sesame" in head


async def test_a_proxy_that_refuses_is_no_answer_of_the_server(begin: Callable[[str], Run], proxies: Setenv) -> None:
    async def refuses(answer: Answer) -> None:
        answer.error(407, b"")

    async with scripted(refuses) as proxy:
        proxies(https_proxy=proxy.url)
        run = begin("https://llm.invalid")
        run.pool.set_goal(1)
        request = await run.first()
    assert (request.error, request.detail) == ("connect", "the proxy refused with 407")
    assert proxy.requests[0].head.startswith(b"CONNECT llm.invalid:443")
    assert b"sesame" not in proxy.requests[0].head


async def test_a_proxy_that_is_not_there_is_named_as_what_failed(begin: Callable[[str], Run], proxies: Setenv) -> None:
    async with scripted(good) as proxy:
        url = proxy.url
    proxies(HTTP_PROXY=url)
    run = begin("http://llm.invalid")
    run.pool.set_goal(1)
    request = await run.first()
    assert (request.error, request.detail) == ("connect", "the proxy: Connection refused")


@pytest.mark.parametrize("named", ["socks5://h:1", "http://", "http://[::1", "http://h:port"])
async def test_a_proxy_that_cannot_be_used_is_told(begin: Callable[[str], Run], proxies: Setenv, named: str) -> None:
    proxies(HTTP_PROXY=named)
    run = begin("http://llm.invalid")
    run.pool.set_goal(1)
    request = await run.first()
    assert (request.error, request.detail) == ("connect", "HTTP_PROXY is no http address of a proxy")


@pytest.mark.parametrize(
    ("url", "proxy"),
    [
        ("http://llm.example", "http://p1:3128"),
        ("https://llm.example", "http://p2:3128"),
        ("http://inside.example", None),
        ("http://localhost:8000", None),
        ("http://127.0.0.1:8000", None),
        ("http://[::1]:8000", None),
    ],
)
def test_which_proxy(proxies: Setenv, url: str, proxy: str | None) -> None:
    proxies(HTTP_PROXY="http://p1:3128", HTTPS_PROXY="p2:3128", NO_PROXY="inside.example")
    found = proxy_for(parse_target(url))
    assert (str(found) if found is not None else None) == proxy


def test_without_proxies_there_is_none() -> None:
    assert proxy_for(parse_target("http://llm.example")) is None


def test_an_unusable_proxy_is_a_failure(proxies: Setenv) -> None:
    proxies(HTTP_PROXY="ftp://p")
    with pytest.raises(Failure, match="HTTP_PROXY"):
        proxy_for(parse_target("http://llm.example"))


async def test_opening_a_connection_is_in_no_ttft_of_a_closed_loop_and_in_the_queue_of_an_open_one(
    begin: Callable[[str], Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    from aiohttp import TCPConnector

    honest = TCPConnector._create_connection

    async def late(self: TCPConnector, *given: object) -> object:
        await asyncio.sleep(0.1)  # a far server: this is the delay that is measured
        return await honest(self, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(TCPConnector, "_create_connection", late)
    async with scripted(good) as server:
        run = begin(server.url)
        run.pool.set_goal(1)
        closed = await run.first()
        await run.pool.client.close()
        run.pool.set_goal(0)
        opened = begin(server.url)
        opened.pool.set_rate(rate(50.0))
        first = await opened.first()
    assert closed.ttft_s is not None
    assert closed.ttft_s < 0.1
    assert first.queue_s is not None
    assert first.queue_s >= 0.1
    assert first.ttft_s is not None
    assert first.ttft_s >= first.queue_s


async def test_all_places_run_at_once_and_connections_are_reused(begin: Callable[[str], Run]) -> None:
    gate = asyncio.Event()

    async def held(answer: Answer) -> None:
        await gate.wait()
        answer.stream(5)

    async with scripted(held) as server:
        run = begin(server.url)
        run.pool.set_goal(150)
        await until(lambda: server.open == 150)
        gate.set()
        await until(lambda: len(run.requests) >= 600)
        run.pool.set_goal(0)
        await asyncio.wait_for(run.pool.idle.wait(), 5)
        assert len({id(answer.writer) for answer in server.requests}) <= 160
    assert {r.error for r in run.requests} == {None}
