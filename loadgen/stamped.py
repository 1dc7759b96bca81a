"""A TCP transport whose data carry the kernel's receive time, so that a late event loop is no late token.

Linux stamps a segment as it reaches the socket (SO_TIMESTAMPNS); the stamp comes with ``recvmsg``. It is wall-clock
time and is brought onto the monotonic clock by an offset that is measured anew several times a second. Where
several segments wait in the socket, the kernel gives the newest one's stamp: tokens are told apart as long as the
loop is not later than the gap between two tokens.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import sys
import time
from typing import Protocol

from loadgen.poller import Poller
from loadgen.turnover import Turnover

SO_TIMESTAMPNS = 35
"""From asm-generic/socket.h; the socket module does not name it."""
READ_SIZE = 64 << 10
HANDSHAKES = 4
"""Steps of TLS handshakes in a turn of the loop: each takes up to half a millisecond, and tokens wait meanwhile."""
SUPPORTED = sys.platform == "linux"

_unpack = struct.Struct("qq").unpack_from
_BUFFER = bytearray(READ_SIZE)
_VIEW = memoryview(_BUFFER)
_BUFFERS = [_VIEW]
"""One buffer for all: it is emptied before the next read. A fresh one a read would be mapped and unmapped each time."""
_ANCILLARY = socket.CMSG_SPACE(16) if SUPPORTED else 0


class Stamps:
    """What the stamped transports of one event loop share."""

    def __init__(self) -> None:
        self.poller = Poller()
        self.handshakes = Turnover(HANDSHAKES)
        self.offset_ns = 0
        """Brings wall-clock nanoseconds onto the monotonic clock."""
        self.refresh()

    def refresh(self) -> None:
        """Measure the offset again: NTP may have stepped the wall clock. Takes about a microsecond."""
        best_ns = 1 << 62
        for _ in range(3):
            before = time.monotonic_ns()
            wall = time.time_ns()
            after = time.monotonic_ns()
            if after - before < best_ns:  # a pre-empted reading would be off by the pause
                best_ns = after - before
                self.offset_ns = (before + after) // 2 - wall


class Receiver(Protocol):
    """What a connection does with what comes."""

    def whole_token(self, data: bytearray, size: int, now_ns: int) -> bool:
        """Take the first ``size`` bytes of ``data`` if they are one ordinary token; else do nothing and say so."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""

    def receive(self, data: bytes, now_ns: int) -> None:
        """Take data that reached the host at ``now_ns`` on the monotonic clock."""

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""


class StampedTransport(asyncio.Transport):
    """As much of an asyncio transport as a connection uses, over a connected socket."""

    _plain = True
    """What comes is what was said, not ciphered."""

    def __init__(self, sock: socket.socket, receiver: Receiver, stamps: Stamps) -> None:
        super().__init__()
        self._loop = asyncio.get_running_loop()
        self._sock = sock
        self._fd = sock.fileno()
        self._recvmsg_into = sock.recvmsg_into
        self._receiver = receiver
        self._whole_token = receiver.whole_token
        self._stamps = stamps
        self._unsent = b""
        self._closing = False
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        receiver.connection_made(self)
        self._stamps.poller.add(self._fd, self._readable)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send at once what the socket takes, and the rest when it can."""
        if self._closing:
            return
        if self._unsent:
            self._unsent += data
            return
        try:
            sent = self._sock.send(data)
        except BlockingIOError:
            sent = 0
        except OSError as error:
            self._lose(error)
            return
        if sent < len(data):
            self._unsent = bytes(data[sent:])
            self._loop.add_writer(self._fd, self._writable)

    def is_closing(self) -> bool:
        """Whether it is closed or about to be."""
        return self._closing

    def close(self) -> None:
        """Close; nothing is left to send when a request has been answered."""
        self._lose(None)

    def abort(self) -> None:
        """Close at once."""
        self._lose(None)

    def _readable(self) -> None:
        try:
            size, ancillary, _, _ = self._recvmsg_into(_BUFFERS, _ANCILLARY)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self._lose(error)
            return
        if not size:
            self._lose(None)
            return
        if ancillary:
            seconds, nanoseconds = _unpack(ancillary[0][2])
            now_ns = seconds * 1_000_000_000 + nanoseconds + self._stamps.offset_ns
        else:
            now_ns = time.monotonic_ns()
        if not (self._plain and self._whole_token(_BUFFER, size, now_ns)):
            self._received(_VIEW[:size], now_ns)

    def _received(self, view: memoryview, now_ns: int) -> None:
        """Take what is no plain token."""
        self._receiver.receive(bytes(view), now_ns)

    def _writable(self) -> None:
        try:
            sent = self._sock.send(self._unsent)
        except BlockingIOError:
            return
        except OSError as error:
            self._lose(error)
            return
        self._unsent = self._unsent[sent:]
        if not self._unsent:
            self._loop.remove_writer(self._fd)

    def _lose(self, error: Exception | None) -> None:
        if self._closing:
            return
        self._closing = True
        self._stamps.poller.remove(self._fd)
        if self._unsent:
            self._loop.remove_writer(self._fd)
            self._unsent = b""
        self._sock.close()
        self._loop.call_soon(self._receiver.connection_lost, error)


async def connected(host: str, port: int) -> socket.socket:
    """Return a connected socket that does not block; raise ``OSError`` where no address answers."""
    loop = asyncio.get_running_loop()
    last: OSError | None = None
    for family, kind, protocol, _, address in await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        sock = socket.socket(family, kind, protocol)
        sock.setblocking(False)
        try:
            await loop.sock_connect(sock, address)
        except OSError as error:
            sock.close()
            last = error
        except BaseException:
            sock.close()
            raise
        else:
            return sock
    raise last or OSError("the name has no address")


async def open_stamped(host: str, port: int, receiver: Receiver, stamps: Stamps) -> None:
    """Connect and hand the connection to ``receiver``; raise ``OSError`` where no address answers."""
    StampedTransport(await connected(host, port), receiver, stamps)
