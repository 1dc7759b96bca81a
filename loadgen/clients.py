"""The seam between the pool and what sends its requests: rooftop's own client, or aiohttp where that cannot go."""

from __future__ import annotations

import ssl
from typing import Protocol

from loadgen.connection import Connection, connect
from loadgen.failures import Failure
from loadgen.plan import ClientName
from loadgen.sse import TokenStream
from loadgen.stamped import Stamps
from loadgen.target import Target


class Caller(Protocol):
    """Whose requests are sent, and who hears of them."""

    def on_end(self, failure: Failure | None) -> None:
        """Take note that the request has ended, with ``None`` where nothing is wrong with it."""

    def on_sent(self, clock_ns: int) -> None:
        """Take note that the request was written later than ``send`` said, because a connection had to be opened."""


class Line(Protocol):
    """Runs one request at a time."""

    @property
    def usable(self) -> bool:
        """Whether another request can be sent on it."""

    def send(self, request: bytes, stream: TokenStream) -> int:
        """Send a whole HTTP/1.1 request; return the clock just before, in nanoseconds."""

    def close(self) -> None:
        """Drop the connection; a running request gets no ``on_end``."""


class Client(Protocol):
    """Opens lines to one server."""

    async def connect(self, caller: Caller) -> Line:
        """Open a line; raise :class:`Failure` of kind ``connect``, ``tls`` or ``timeout``."""

    async def close(self) -> None:
        """Let go of everything, once all lines are closed."""


class Native:
    """rooftop's own client: one connection a line, kernel stamps where there are any, no proxies."""

    def __init__(self, target: Target, tls: ssl.SSLContext | None, stamps: Stamps | None) -> None:
        self._target = target
        self._tls = tls
        self._stamps = stamps

    async def connect(self, caller: Caller) -> Line:
        """Open a connection."""
        return await connect(self._target, self._tls, lambda: Connection(caller.on_end), self._stamps)

    async def close(self) -> None:
        """Nothing is left: each line closed its connection."""


def client_for(name: ClientName, target: Target, tls: ssl.SSLContext | None, stamps: Stamps | None) -> Client:
    """Return the client of that name."""
    if name == "aiohttp":
        from loadgen.fallback import Fallback  # a fifth of a second: only who asks for it waits

        return Fallback(target, tls)
    return Native(target, tls, stamps)
