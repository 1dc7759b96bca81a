from __future__ import annotations

import asyncio
import socket
import sys
import time

import pytest

from loadgen.stamped import StampedTransport, Stamps, open_stamped
from tests.loadgen.stamping import stamping

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kernel stamps are Linux's")


class Kept:
    """Keeps what came, and when."""

    def __init__(self) -> None:
        self.data: list[tuple[bytes, int]] = []
        self.came = asyncio.Event()
        self.lost = asyncio.Event()
        self.error: Exception | None = None
        self.transport: StampedTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, StampedTransport)
        self.transport = transport

    def whole_token(self, data: bytearray, size: int, now_ns: int) -> bool:
        return False

    def receive(self, data: bytes, now_ns: int) -> None:
        self.data.append((data, now_ns))
        self.came.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self.error = exc
        self.lost.set()


@pytest.fixture
def listener() -> socket.socket:
    return socket.create_server(("127.0.0.1", 0))


async def opened(listener: socket.socket) -> tuple[Kept, StampedTransport, socket.socket]:
    kept = Kept()
    await open_stamped("127.0.0.1", listener.getsockname()[1], kept, Stamps())
    peer, _ = listener.accept()
    listener.close()
    assert kept.transport is not None
    return kept, kept.transport, peer


async def test_a_late_loop_is_no_late_token(listener: socket.socket) -> None:
    with stamping():
        await _late_token(listener)


async def _late_token(listener: socket.socket) -> None:
    kept, transport, peer = await opened(listener)
    sent_ns = time.monotonic_ns()
    peer.send(b"token")
    done_ns = time.monotonic_ns()
    time.sleep(0.05)  # the loop is late: that is what is tested
    await kept.came.wait()
    late_ns = time.monotonic_ns() - done_ns
    data, stamp_ns = kept.data[-1]
    assert data == b"token"
    assert late_ns > 50_000_000
    assert sent_ns - 1_000_000 < stamp_ns < done_ns + 1_000_000
    transport.abort()
    peer.close()


async def test_what_the_socket_does_not_take_at_once_is_sent_later(listener: socket.socket) -> None:
    _, transport, peer = await opened(listener)
    big = b"x" * (8 << 20)
    transport.write(big)
    transport.write(b"end")
    got = await asyncio.to_thread(_read_until, peer, b"end")
    assert got == len(big) + 3
    transport.close()
    peer.close()


def _read_until(peer: socket.socket, end: bytes) -> int:
    size, last = 0, b""
    while not last.endswith(end):
        last = peer.recv(1 << 20)
        size += len(last)
    return size


async def test_the_end_and_a_reset_are_told_once(listener: socket.socket) -> None:
    kept, transport, peer = await opened(listener)
    peer.close()
    await asyncio.wait_for(kept.lost.wait(), 5)
    assert transport.is_closing()
    transport.close()
    transport.write(b"into the void")
    assert kept.error is None


async def test_nobody_listens(listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    listener.close()
    with pytest.raises(ConnectionRefusedError):
        await open_stamped("127.0.0.1", port, Kept(), Stamps())


def test_the_clocks_agree() -> None:
    clock = Stamps()
    assert abs(time.time_ns() + clock.offset_ns - time.monotonic_ns()) < 5_000_000
