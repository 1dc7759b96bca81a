"""One persistent HTTP/1.1 connection that sends a request and times the tokens of its answer.

An asyncio protocol over llhttp: no coroutine, no task and no JSON per token. The time of a piece of data is the
kernel's stamp where there is one (on Linux, loadgen.stamped); elsewhere the clock is read before anything is parsed.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Callable
from typing import Any

import httptools

from loadgen.failures import MAX_ERROR_BODY, Failure, end_of, lost, not_connected, refusal, streams
from loadgen.sse import BadStream, TokenStream
from loadgen.stamped import Stamps, open_stamped
from loadgen.stamped_tls import open_stamped_tls
from loadgen.target import Target

CONNECT_TIMEOUT_S = 10.0
MAX_HEADERS = 200
MAX_HEAD = 256 << 10
"""Bytes up to the end of an answer's headers, and of whatever comes before it."""


class Connection(asyncio.Protocol):
    """Runs one request at a time; ``on_end`` is called with ``None`` or the failure."""

    def __init__(self, on_end: Callable[[Failure | None], None]) -> None:
        self._on_end = on_end
        self._transport: asyncio.Transport | None = None
        self._parser: Any = None
        self._stream: TokenStream | None = None
        self._now_ns = 0
        self._error_body = b""
        self._headers: dict[bytes, bytes] = {}
        self._head_size = 0
        self._head_done = False
        """The headers of the answer itself have come."""
        self._streaming = False
        self._heard = False
        self._between_chunks = False
        """The parser stands at the end of a chunk of a stream."""
        self._used = False
        self._keep = False

    @property
    def usable(self) -> bool:
        """Whether another request can be sent on it."""
        return self._transport is not None and not self._transport.is_closing()

    def send(self, request: bytes, stream: TokenStream) -> int:
        """Send a whole request in one write; return the clock just before, in nanoseconds."""
        assert self._transport is not None
        self._stream = stream
        self._parser = httptools.HttpResponseParser(self)
        self._error_body = b""
        self._headers = {}
        self._head_size = 0
        self._heard = self._head_done = self._streaming = self._between_chunks = False
        start_ns = time.monotonic_ns()
        self._transport.write(request)
        return start_ns

    def close(self) -> None:
        """Drop the connection; a running request gets no ``on_end``."""
        self._stream = None
        if self._transport is not None:
            self._transport.abort()

    # asyncio's callbacks

    def connection_made(self, transport: asyncio.BaseTransport) -> None:  # noqa: D102
        self._transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:  # noqa: D102
        now_ns = time.monotonic_ns()
        if not self.whole_token(data, len(data), now_ns):
            self.receive(data, now_ns)

    def receive(self, data: bytes, now_ns: int) -> None:
        """Take data that reached the host at ``now_ns`` on the monotonic clock."""
        if self._stream is None:
            self.close()  # the server speaks without being asked
            return
        if self._between_chunks:
            data = self._take_chunks(self._stream, data, now_ns)
        if data:
            self._parse(data, now_ns)

    def whole_token(self, data: bytes | bytearray, size: int, now_ns: int) -> bool:
        """Take the first ``size`` bytes of ``data`` if they are one HTTP chunk with one ordinary token.

        So are nearly all, and nothing is copied of them. Otherwise do nothing and return ``False``.
        """
        if not self._between_chunks or self._stream is None:
            return False
        start = data.find(b"\r\n", 0, 10) + 2
        end = size - 2
        try:
            if int(data[: start - 2], 16) != end - start or data[end:size] != b"\r\n":
                return False
        except ValueError:
            return False
        return self._stream.like_the_last(data, start, end, now_ns)

    def _take_chunks(self, stream: TokenStream, data: bytes, now_ns: int) -> bytes:
        """Take the HTTP chunks that are whole, as nearly all are, and return what is left for the parser.

        The parser stands between two chunks before and after, and need not know of these.
        """
        at = 0
        try:
            while at < len(data):
                start = data.find(b"\r\n", at, at + 10) + 2
                end = start + int(data[at : start - 2], 16)
                if start < 2 or end <= start or data[end : end + 2] != b"\r\n":
                    break
                stream.feed(data[start:end], now_ns)
                at = end + 2
        except ValueError:
            pass  # no size, or one with an extension: the parser's business
        except BadStream as error:
            self._fail(Failure(error.kind, str(error), 200))
            return b""
        return data[at:]

    def _parse(self, data: bytes, now_ns: int) -> None:
        self._now_ns = now_ns
        self._heard = True
        self._between_chunks = False
        if not self._head_done:
            self._head_size += len(data)
        try:
            self._parser.feed_data(data)
            self._between_chunks &= data.endswith(b"\r\n")  # else the next chunk's size has begun
        except httptools.HttpParserCallbackError as error:
            cause = error.__context__
            if isinstance(cause, BadStream):
                self._fail(Failure(cause.kind, str(cause), 200))
            else:
                raise
        except httptools.HttpParserUpgrade:
            self._fail(refusal(self._parser.get_status_code(), self._headers, b""))
        except httptools.HttpParserError:
            self._fail(Failure("garbage", "the answer is no HTTP"))
        if self._head_size > MAX_HEAD and not self._head_done:
            self._fail(Failure("garbage", f"headers of more than {MAX_HEAD >> 10} KiB"))

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: D102
        if self._stream is None:
            return
        if exc is None and self._ends_with_connection():
            self.on_message_complete()
            return
        self._keep = False
        failure = lost(self._stream, heard=self._heard)
        if failure is not None:
            failure.stale = self._used and not self._heard
        self._end(failure)

    def _ends_with_connection(self) -> bool:
        """Whether the answer's headers have come and give it no other end, as in HTTP/1.0."""
        return self._head_done and not {b"content-length", b"transfer-encoding"} & self._headers.keys()

    # llhttp's callbacks

    def on_header(self, name: bytes, value: bytes) -> None:  # noqa: D102
        self._headers[name.lower()] = value
        if len(self._headers) > MAX_HEADERS:
            raise BadStream("garbage", f"an answer of more than {MAX_HEADERS} headers")

    def on_headers_complete(self) -> None:  # noqa: D102
        self._head_done = self._parser.get_status_code() >= 200
        self._streaming = streams(self._parser.get_status_code(), self._headers)
        self._keep = self._parser.should_keep_alive()

    def on_body(self, body: bytes) -> None:  # noqa: D102
        if self._stream is None:
            return
        if not self._streaming:
            if len(self._error_body) < MAX_ERROR_BODY:
                self._error_body += body
        else:
            self._stream.feed(body, self._now_ns)

    def on_chunk_header(self) -> None:  # noqa: D102
        self._between_chunks = False

    def on_chunk_complete(self) -> None:  # noqa: D102
        self._between_chunks = self._streaming

    def on_message_complete(self) -> None:  # noqa: D102
        self._between_chunks = False
        if self._stream is None:
            return
        status = self._parser.get_status_code()
        if status < 200:
            self._headers = {}  # word in advance: the answer is still to come
        elif not self._streaming:
            self._fail(refusal(status, self._headers, self._error_body), close=not self._keep)
        elif (failure := end_of(self._stream)) is not None:
            self._fail(failure)
        else:
            self._end(None)

    def _fail(self, failure: Failure, *, close: bool = True) -> None:
        if close and self._transport is not None:
            self._keep = False
            self._transport.abort()
        self._end(failure)

    def _end(self, failure: Failure | None) -> None:
        stream, self._stream = self._stream, None
        if stream is None:
            return
        if not self._keep and self._transport is not None:
            self._transport.close()
        self._used = True
        self._on_end(failure)


async def connect(
    target: Target, tls: ssl.SSLContext | None, make: Callable[[], Connection], stamps: Stamps | None
) -> Connection:
    """Open a connection; raise :class:`Failure` of kind ``connect``, ``tls`` or ``timeout``."""
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT_S):
            return await _open(target, tls, make, stamps)
    except TimeoutError:
        raise Failure("timeout", f"no connection within {CONNECT_TIMEOUT_S:.0f} s") from None
    except ssl.SSLError as error:
        raise Failure("tls", error.reason or "TLS handshake failed") from None
    except OSError as error:
        raise not_connected(error) from None


async def _open(
    target: Target, tls: ssl.SSLContext | None, make: Callable[[], Connection], stamps: Stamps | None
) -> Connection:
    if stamps is not None:
        connection = make()
        if tls is None:
            await open_stamped(target.host, target.port, connection, stamps)
        else:
            await open_stamped_tls(target.host, target.port, connection, stamps, tls)
        return connection
    loop = asyncio.get_running_loop()
    _, connection = await loop.create_connection(make, target.host, target.port, ssl=tls)
    return connection
