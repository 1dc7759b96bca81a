"""Servers that misbehave: each is counted by kind, whichever client asks, and no slot is stuck on them."""

from __future__ import annotations

import asyncio
import gzip
import socket
import struct
import tracemalloc
from collections.abc import Iterator

import pytest

from loadgen.clients import Native
from tests.loadgen.test_connection import chunk, read
from tests.loadgen.test_pool import Run, Start, good, start, until
from tests.servers import OK, Answer, Handler, event, scripted

__all__ = ["start"]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slots try again soon."""
    monkeypatch.setattr("loadgen.pool.BACKOFF_S", 0.01)


TOKENS = [event({"choices": [{"index": 0, "text": "größe", "finish_reason": None}]}) for _ in range(4)]
LAST = event({"choices": [{"index": 0, "text": "x", "finish_reason": "length"}]})
USAGE = event({"choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 5}})
DONE = b"data: [DONE]\n\n"
BODY = [*TOKENS, LAST, USAGE, DONE]
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"


WHOLE = OK + b"".join(map(chunk, BODY)) + b"0\r\n\r\n"


async def slowly(answer: Answer, data: bytes) -> None:
    """Send byte by byte, each in a turn of its own."""
    for at in range(len(data)):
        answer.raw(data[at : at + 1])
        await answer.writer.drain()
        await asyncio.sleep(0)


def reset(answer: Answer) -> None:
    """Close with a TCP reset and not in order."""
    sock = answer.writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    answer.writer.transport.abort()


class Arrived:
    """Whether so many tokens have come."""

    def __init__(self, run: Run, tokens: int) -> None:
        self._run = run
        self._missing = tokens

    def __call__(self) -> bool:
        tick = self._run.pool.tick()
        self._missing -= tick.output_tokens if tick is not None else 0
        return self._missing <= 0


# Servers that are slow


@pytest.mark.parametrize(
    "said", [b"", b"HTTP/1.1 200 O", OK[:-2], OK, OK + b"5", OK + chunk(TOKENS[0]), OK + chunk(TOKENS[0][:-9])]
)
async def test_who_gets_stuck_times_out_and_frees_the_slot(start: Start, said: bytes) -> None:
    async def stuck(answer: Answer) -> None:
        if len(server.requests) == 1:
            await slowly(answer, said)
            await asyncio.Event().wait()
        answer.stream(5)

    async with scripted(stuck) as server:
        run = start(server.url, timeout_s=0.25)
        assert (await run.first()).error == "timeout"
        await until(lambda: any(r.error is None for r in run.requests))
        assert run.pool.tick() is not None


@pytest.mark.parametrize("part", [b"HTTP/1.1 200 OK\r\nX-Slow: ", OK])
async def test_a_drip_that_never_ends_times_out(start: Start, part: bytes) -> None:
    async def drip(answer: Answer) -> None:
        answer.raw(part)
        while True:
            answer.raw(b"1")
            await answer.writer.drain()
            await asyncio.sleep(0.01)

    async with scripted(drip) as server:
        run = start(server.url, timeout_s=0.3)
        request = await run.first()
        await until(lambda: len(server.requests) >= 2)
    assert request.error in ("timeout", "garbage")  # a chunk size of so many digits is none


async def test_one_byte_at_a_time_is_a_good_answer(start: Start) -> None:
    async def drips(answer: Answer) -> None:
        await slowly(answer, WHOLE)

    async with scripted(drips) as server:
        request = await start(server.url).first()
    assert (request.error, request.output_tokens, request.counted) == (None, 5, True)


# Servers that send much


async def test_a_fast_stream_of_big_chunks_is_counted_and_not_kept(start: Start) -> None:
    big, count = event({"choices": [{"index": 0, "text": "y" * 500_000, "finish_reason": None}]}), 60

    async def floods(answer: Answer) -> None:
        if len(server.requests) > 1:
            await asyncio.Event().wait()
        answer.raw(OK)
        answer.token()
        for _ in range(count):
            answer.part(big)
            await answer.writer.drain()
        answer.token(last=True)
        answer.usage(5, count + 2)

    async with scripted(floods) as server:
        run = start(server.url)
        tracemalloc.start()
        try:
            await until(lambda: bool(run.requests), 30)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    (request,) = run.requests
    assert (request.error, request.output_tokens) == (None, count + 2)
    assert peak < 16 << 20, "30 MB went by"


@pytest.mark.parametrize("part", [b"HTTP/1.1 200 OK\r\nX-Long: ", b""], ids=["one header", "many 1xx"])
async def test_headers_without_end_are_refused(start: Start, part: bytes) -> None:
    async def talks(answer: Answer) -> None:
        answer.raw(part)
        while True:
            answer.raw(b"y" * 10_000 if part else b"HTTP/1.1 100 Continue\r\n\r\n" * 400)
            await answer.writer.drain()
            await asyncio.sleep(0)

    async with scripted(talks) as server:
        run = start(server.url, timeout_s=1.0)
        request = await run.first()
        await until(lambda: len(server.requests) >= 2)
    assert request.error in ("garbage", "timeout")
    if isinstance(run.pool.client, Native):
        assert "more than 256 KiB" in (request.detail or "")


# Servers that go away


GONE = {
    "silent": (b"", "reset", 0),
    "in the headers": (b"HTTP/1.1 200 OK\r\nContent-", "cut", 0),
    "before the body": (OK, "cut", 0),
    "in a size": (OK + chunk(TOKENS[0]) + b"7", "cut", 1),
    "in an event": (OK + chunk(TOKENS[0]) + chunk(TOKENS[1][:20]), "cut", 1),
    "in a chunk": (OK + chunk(TOKENS[0]) + b"80\r\n" + TOKENS[1][:20], "cut", 1),
    "between events": (OK + chunk(TOKENS[0]) + chunk(TOKENS[1]), "cut", 2),
    "before usage": (OK + chunk(TOKENS[0]) + chunk(LAST), "cut", 2),
    "after [DONE]": (WHOLE.removesuffix(b"0\r\n\r\n"), None, 5),
}


@pytest.mark.parametrize(("said", "kind", "tokens"), GONE.values(), ids=GONE)
async def test_who_closes_early_is_told_by_kind(start: Start, said: bytes, kind: str | None, tokens: int) -> None:
    async def leaves(answer: Answer) -> None:
        answer.raw(said)
        await answer.writer.drain()
        answer.writer.close()

    async with scripted(leaves) as server:
        run = start(server.url)
        request = await run.first()
        await until(lambda: len(run.requests) >= 2)
    assert (request.error, request.output_tokens) == (kind, tokens)


@pytest.mark.parametrize(
    ("said", "kind", "tokens"), [case for case in GONE.values() if case[2]], ids=[n for n, c in GONE.items() if c[2]]
)
async def test_who_resets_is_told_by_kind(start: Start, said: bytes, kind: str | None, tokens: int) -> None:
    heard = asyncio.Event()  # a reset throws away what the other side has not read

    async def leaves(answer: Answer) -> None:
        answer.raw(said)
        await answer.writer.drain()
        await heard.wait()
        reset(answer)

    async with scripted(leaves) as server:
        run = start(server.url)
        await until(Arrived(run, tokens))
        heard.set()
        request = await run.first()
        await until(lambda: len(run.requests) >= 2)
    assert (request.error, request.output_tokens) == (kind, tokens)


# Answers in an unusual form


def framed(status: bytes, *bodies: bytes, fields: bytes = b"") -> bytes:
    return status + b"Content-Type: text/event-stream\r\n" + fields + b"\r\n" + b"".join(bodies)


CHUNKED = b"Transfer-Encoding: chunked\r\n"
UNUSUAL = {
    "comments and keep-alives": OK + b"".join(chunk(b": ping\n\n" + e) for e in BODY) + b"0\r\n\r\n",
    "CRLF": OK + b"".join(chunk(e.replace(b"\n", b"\r\n")) for e in BODY) + b"0\r\n\r\n",
    "all in one chunk": OK + chunk(b"".join(BODY)) + b"0\r\n\r\n",
    "split in a character": OK + b"".join(chunk(p) for e in BODY for p in e.partition(b"\xc3") if p) + b"0\r\n\r\n",
    "split in data:": OK + b"".join(chunk(e[:3]) + chunk(e[3:]) for e in BODY) + b"0\r\n\r\n",
    "trailers": OK + b"".join(map(chunk, BODY)) + b"0\r\nX-Took: 3\r\nServer-Timing: a\r\n\r\n",
    "chunk extensions": OK + b"".join(b"%x;a=b\r\n%s\r\n" % (len(e), e) for e in BODY) + b"0;z\r\n\r\n",
    "some chunk extensions": OK + chunk(TOKENS[0]) + b"".join(
        b"%X;q=\"1\"\r\n%s\r\n" % (len(e), e) if n % 2 else chunk(e) for n, e in enumerate(BODY[1:])
    ) + b"0\r\n\r\n",
    "a length": framed(HEAD[:17], *BODY, fields=b"Content-Length: %d\r\n" % sum(map(len, BODY))),
    "a 100 before": b"HTTP/1.1 100 Continue\r\n\r\n" + WHOLE,
    "hints before": b"HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + WHOLE,
    "empty lines": OK + b"".join(chunk(b"\n\n" + e) for e in BODY) + b"0\r\n\r\n",
}  # fmt: skip


@pytest.mark.parametrize("data", UNUSUAL.values(), ids=UNUSUAL)
async def test_unusual_but_good_answers_are_counted_and_the_connection_is_kept(start: Start, data: bytes) -> None:
    async def says(answer: Answer) -> None:
        answer.raw(data)

    async with scripted(says) as server:
        run = start(server.url)
        await until(lambda: len(run.requests) >= 3)
        assert len({id(answer.writer) for answer in server.requests}) == 1
    assert {(r.error, r.output_tokens, r.prompt_tokens) for r in run.requests[:3]} == {(None, 5, 5)}


@pytest.mark.parametrize("version", [b"1.0", b"1.1"])
@pytest.mark.parametrize(
    ("body", "error", "tokens"),
    [(BODY, None, 5), (BODY[:-1], None, 5), (BODY[:2], "cut", 2), ([], "cut", 0)],
    ids=["whole", "no DONE", "half", "empty"],
)
async def test_an_answer_may_end_with_its_connection(
    start: Start, version: bytes, body: list[bytes], error: str | None, tokens: int
) -> None:
    async def closes(answer: Answer) -> None:
        answer.raw(framed(b"HTTP/%s 200 OK\r\nConnection: close\r\n" % version, *body))
        await answer.writer.drain()
        answer.writer.close()

    async with scripted(closes) as server:
        run = start(server.url)
        request = await run.first()
        await until(lambda: len(run.requests) >= 2)
    assert (request.error, request.output_tokens) == (error, tokens)


async def test_a_refusal_may_end_with_its_connection(start: Start) -> None:
    async def closes(answer: Answer) -> None:
        answer.raw(b'HTTP/1.0 500 No\r\n\r\n{"error": {"message": "no luck"}}')
        await answer.writer.drain()
        answer.writer.close()

    async with scripted(closes) as server:
        request = await start(server.url).first()
    assert (request.error, request.status, request.detail) == ("http_500", 500, "no luck")


# Answers that are none


async def test_a_compressed_answer_is_told_as_such(start: Start) -> None:
    async def zips(answer: Answer) -> None:
        assert b"accept-encoding" not in answer.head.lower()
        data = gzip.compress(b"".join(BODY))
        answer.raw(framed(HEAD[:17], data, fields=b"Content-Encoding: gzip\r\nContent-Length: %d\r\n" % len(data)))

    async with scripted(zips) as server:
        request = await start(server.url).first()
    assert (request.error, request.status) == ("not_a_stream", 200)
    assert "compressed (gzip)" in (request.detail or "")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed_and_says_where_to(start: Start, status: int) -> None:
    async def elsewhere(answer: Answer) -> None:
        answer.raw(
            b"HTTP/1.1 %d Moved\r\nLocation: https://me:secret@llm.example/\x9b31m/v1?token=abc#x\r\n"
            b"Content-Length: 0\r\n\r\n" % status
        )

    async with scripted(elsewhere) as server:
        run = start(server.url)
        request = await run.first()
    assert (request.error, request.status) == (f"http_{status}", status)
    assert request.detail is not None
    assert "redirects to https://llm.example" in request.detail
    assert request.detail.isprintable()
    assert not any(word in request.detail for word in ("secret", "abc", "#"))


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        (b"Location: https://llm.example:8443/v1/completions\r\n", "https://llm.example:8443/v1/completions;"),
        (b"Location: /other?x=1\r\n", "redirects to /other;"),
        (b"Location: http://[::1\r\n", "an address that is none"),
        (b"", "nowhere"),
    ],
)
async def test_any_location_is_shown(start: Start, location: bytes, shown: str) -> None:
    async def elsewhere(answer: Answer) -> None:
        answer.raw(b"HTTP/1.1 307 Moved\r\n" + location + b"Content-Length: 0\r\n\r\n")

    async with scripted(elsewhere) as server:
        request = await start(server.url).first()
    assert request.error == "http_307"
    assert shown in (request.detail or "")


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 20x OK\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01",
        b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: 1\r\n" % n for n in range(500)) + b"\r\n",
    ],
    ids=["status", "TLS", "500 headers"],
)
async def test_what_is_no_answer_is_garbage(start: Start, data: bytes) -> None:
    async def says(answer: Answer) -> None:
        answer.raw(data)
        await answer.writer.drain()
        await asyncio.Event().wait()

    async with scripted(says) as server:
        run = start(server.url, timeout_s=5.0)
        request = await run.first()
        await until(lambda: len(server.requests) >= 2)
    assert request.error == "garbage"


async def test_another_protocol_is_not_switched_to(start: Start) -> None:
    async def switches(answer: Answer) -> None:
        answer.raw(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\nxx")
        await answer.writer.drain()
        await asyncio.Event().wait()

    async with scripted(switches) as server:
        run = start(server.url, timeout_s=5.0)
        request = await run.first()
        await until(lambda: len(server.requests) >= 2)
    assert request.error == "http_101"


@pytest.mark.parametrize("size", [b"zz", b"-5", b"ffffffffffffffffffff"])
async def test_a_bad_chunk_size_ends_the_request(start: Start, size: bytes) -> None:
    heard = asyncio.Event()

    async def says(answer: Answer) -> None:
        answer.raw(OK + chunk(TOKENS[0]))
        await heard.wait()
        answer.raw(size + b"\r\nxxxxx\r\n")
        await answer.writer.drain()
        await asyncio.Event().wait()

    async with scripted(says) as server:
        run = start(server.url, timeout_s=0.5)
        await until(Arrived(run, 1))
        heard.set()
        request = await run.first()
        await until(lambda: len(server.requests) >= 2)
    assert request.error == ("garbage" if isinstance(run.pool.client, Native) else "timeout"), "aiohttp tells nobody"
    assert request.output_tokens == 1


# The same at every byte, without a socket


def pieces(data: bytes) -> Iterator[tuple[bytes, ...]]:
    for at in range(1, len(data)):
        yield data[:at], data[at:]


@pytest.mark.parametrize("data", [WHOLE, *UNUSUAL.values()], ids=["plain", *UNUSUAL])
def test_a_cut_at_any_byte_changes_nothing(data: bytes) -> None:
    for parts in pieces(data):
        stream, ends = read(*parts)
        assert ends == [None], parts
        assert (stream.tokens, stream.chunks) == (5, 5), parts


def test_a_chunk_size_cut_before_its_line_feed_is_waited_for() -> None:
    """The size that is not all there is as long as what came before it."""
    first, second = chunk(b":" * 8 + b"\n\n"), chunk(b":" * 10 + b"\n\n")
    stream, _ = read(OK + chunk(TOKENS[0]), first + second[:2], second[2:] + chunk(LAST))
    assert stream.chunks == 2
    assert stream.finished


async def test_many_slots_on_a_bad_server_all_go_on(start: Start) -> None:
    ways: list[Handler] = []

    async def worse(answer: Answer) -> None:
        await ways[len(server.requests) % len(ways)](answer)

    async def dropped(answer: Answer) -> None:
        answer.reset()

    async def halved(answer: Answer) -> None:
        answer.raw(WHOLE[: len(WHOLE) // 2])
        await answer.writer.drain()
        reset(answer)

    async def busy(answer: Answer) -> None:
        answer.error(503, b"{}")

    ways += [good, dropped, halved, busy, good]
    async with scripted(worse) as server:
        run = start(server.url, 20)
        await until(lambda: len(run.requests) >= 200, 20)
        run.pool.set_goal(0)
        await asyncio.wait_for(run.pool.idle.wait(), 5)
    assert {r.error for r in run.requests} <= {None, "reset", "cut", "http_503"}
    assert len([r for r in run.requests if r.error is None]) >= 50
