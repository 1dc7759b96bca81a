"""A server that asks to be left alone is, for as long as it says."""

from __future__ import annotations

import time
from email.utils import formatdate

import pytest

from loadgen.failures import MAX_RETRY_AFTER_S, refusal, retry_after_s
from tests.loadgen.test_open_loop import rate
from tests.loadgen.test_pool import Start, start, until
from tests.servers import Answer, Handler, scripted

__all__ = ["start"]
NOW_S = 1_800_000_000.0


@pytest.mark.parametrize(
    ("value", "pause_s"),
    [
        (b"3", 3.0),
        (b" 60 ", 60.0),
        (b"86400", MAX_RETRY_AFTER_S),
        (b"999999999", MAX_RETRY_AFTER_S),
        (b"0", None),
        (b"-1", None),
        (b"1e9", None),
        (b"1.5", None),
        (b"nan", None),
        (b"9" * 5000, None),
        (b"", None),
        (b"soon", None),
        (b"\xb2", None),
        (b"\xff\x00", None),
        (formatdate(NOW_S + 7, usegmt=True).encode(), 7.0),
        (formatdate(NOW_S + 7).removesuffix(" -0000").encode(), 7.0),
        (formatdate(NOW_S + 7200, usegmt=True).encode(), MAX_RETRY_AFTER_S),
        (formatdate(NOW_S - 7, usegmt=True).encode(), None),
        (b"Fri, 31 Dec 9999 23:59:59 GMT", MAX_RETRY_AFTER_S),
        (b"Fri, 99 Foo 99999999 99:99:99 GMT", None),
        (b"Fri, 31 Dec 2027 23:59:59 +9999999999999", None),
    ],
)
def test_what_is_asked_for(value: bytes, pause_s: float | None) -> None:
    assert retry_after_s(value, NOW_S) == pause_s


@pytest.mark.parametrize(("status", "pause_s"), [(429, 5.0), (503, 5.0), (500, None), (401, None)])
def test_only_busy_servers_are_believed(status: int, pause_s: float | None) -> None:
    failure = refusal(status, {b"retry-after": b"5"}, b"{}")
    assert (failure.kind, failure.retry_after_s) == (f"http_{status}", pause_s)


def busy(status: int, asks: bytes) -> Handler:
    """Refuse the first request, and serve the others."""
    served: list[float] = []

    async def handler(answer: Answer) -> None:
        served.append(time.monotonic())
        if len(served) == 1:
            answer.raw(b"HTTP/1.1 %d No\r\nretry-After: %s\r\nContent-Length: 0\r\n\r\n" % (status, asks))
        else:
            answer.stream(5)

    return handler


@pytest.mark.parametrize("status", [429, 503])
async def test_the_slot_pauses_as_long_as_asked(start: Start, status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loadgen.pool.BACKOFF_S", 0.01)
    async with scripted(busy(status, b"1")) as server:
        run = start(server.url)
        refused = await run.first()
        await until(lambda: len(run.requests) >= 2)
    assert (refused.error, refused.status) == (f"http_{status}", status)
    assert run.requests[1].error is None
    assert 1.0 <= run.requests[1].start_s - refused.t_s < 1.6


async def test_after_words_without_meaning_it_pauses_as_usual(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loadgen.pool.BACKOFF_S", 0.01)
    async with scripted(busy(503, b"-3600")) as server:
        run = start(server.url)
        await until(lambda: len(run.requests) >= 2)
    assert [r.error for r in run.requests[:2]] == ["http_503", None]


async def test_who_pauses_is_not_waited_for_when_the_load_stops(start: Start) -> None:
    async with scripted(busy(429, b"60")) as server:
        run = start(server.url)
        await run.first()
        run.pool.set_goal(0)
        assert run.pool.idle.is_set()
        assert len(server.requests) == 1


async def test_in_an_open_loop_nobody_is_held_back(start: Start) -> None:
    async def always(answer: Answer) -> None:
        answer.raw(b"HTTP/1.1 429 No\r\nRetry-After: 60\r\nContent-Length: 0\r\n\r\n")

    async with scripted(always) as server:
        run = start(server.url, 0)
        run.pool.set_rate(rate(100.0))
        await until(lambda: len(run.requests) >= 20)
    assert {r.error for r in run.requests[:20]} == {"http_429"}
