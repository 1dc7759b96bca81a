from __future__ import annotations

import asyncio
import socket
import ssl
import sys
import time
from pathlib import Path

import pytest
import trustme

from loadgen.stamped import StampedTransport, Stamps
from loadgen.stamped_tls import open_stamped_tls
from tests.loadgen.stamping import stamping
from tests.loadgen.test_pool import Start, start, until
from tests.loadgen.test_stamped import Kept
from tests.servers import OK, Answer, scripted

__all__ = ["start"]


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    """An authority that the client trusts."""
    made = trustme.CA()
    made.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    return made


def server_side(authority: trustme.CA, name: str = "127.0.0.1") -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(name).configure_cert(context)
    return context


async def test_streams_are_counted_through_tls(start: Start, authority: trustme.CA) -> None:
    async def good(answer: Answer) -> None:
        answer.raw(OK)
        await answer.writer.drain()
        for number in range(50):
            answer.token("x" * 900, last=number == 49)  # several records, and some that share a segment
        answer.usage(5, 50)

    async with scripted(good, server_side(authority)) as server:
        run = start(server.url, goal=3)
        await until(lambda: len(run.requests) >= 9)
        assert {(r.error, r.output_tokens, r.prompt_tokens) for r in run.requests} == {(None, 50, 5)}
        await run.leave()


async def test_a_certificate_that_nobody_vouches_for_is_a_tls_error(start: Start) -> None:
    async def good(answer: Answer) -> None:
        answer.stream(5)

    async with scripted(good, server_side(trustme.CA())) as server:
        request = await start(server.url).first()
    assert request.error == "tls"


async def test_servers_that_never_shake_hands_hold_up_nobody(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """Handshakes take turns at the processor, not at the network: all give up together."""
    monkeypatch.setattr("loadgen.connection.CONNECT_TIMEOUT_S", 0.5)
    monkeypatch.setattr("loadgen.fallback.CONNECT_TIMEOUT_S", 0.5)
    with socket.create_server(("127.0.0.1", 0), backlog=64) as silent:
        run = start(f"https://127.0.0.1:{silent.getsockname()[1]}", goal=20)
        began = time.monotonic()
        await until(lambda: len(run.requests) >= 20)
        assert time.monotonic() - began < 3
        assert {request.error for request in run.requests} == {"timeout"}
        await run.leave()


async def test_a_certificate_of_another_host_is_a_tls_error(start: Start, authority: trustme.CA) -> None:
    async def good(answer: Answer) -> None:
        answer.stream(5)

    async with scripted(good, server_side(authority, "elsewhere.example")) as server:
        request = await start(server.url).first()
    assert request.error == "tls"


async def test_a_reset_in_the_middle_of_a_record_is_cut(start: Start, authority: trustme.CA) -> None:
    async def half(answer: Answer) -> None:
        answer.raw(OK)
        answer.token()
        await answer.writer.drain()
        await until(lambda: len(server.requests) >= 1)
        answer.reset()

    async with scripted(half, server_side(authority)) as server:
        request = await start(server.url).first()
    assert request.error in ("cut", "reset")


@pytest.mark.skipif(sys.platform != "linux", reason="kernel stamps are Linux's")
async def test_a_late_loop_is_no_late_token_through_tls(authority: trustme.CA) -> None:
    with stamping():
        await _late_token(authority)


async def _late_token(authority: trustme.CA) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    context = server_side(authority)
    kept = Kept()

    def accept() -> ssl.SSLSocket:
        peer, _ = listener.accept()
        return context.wrap_socket(peer, server_side=True)

    accepted = asyncio.create_task(asyncio.to_thread(accept))
    trusting = ssl.create_default_context()
    await open_stamped_tls("127.0.0.1", listener.getsockname()[1], kept, Stamps(), trusting)
    peer = await accepted
    assert isinstance(kept.transport, StampedTransport)
    kept.transport.write(b"hello")
    assert await asyncio.to_thread(peer.recv, 100) == b"hello"
    peer.send(b"first")
    await kept.came.wait()
    kept.came.clear()
    sent_ns = time.monotonic_ns()
    peer.send(b"token")
    done_ns = time.monotonic_ns()
    time.sleep(0.05)  # the loop is late: that is what is tested
    await kept.came.wait()
    assert time.monotonic_ns() - done_ns > 50_000_000
    data, stamp_ns = kept.data[-1]
    assert data == b"token"
    assert sent_ns - 1_000_000 < stamp_ns < done_ns + 1_000_000
    peer.close()
    await asyncio.wait_for(kept.lost.wait(), 5)
    listener.close()
