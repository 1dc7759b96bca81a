"""The aiohttp client: for proxies and set-ups in which rooftop's own client cannot reach the server.

It honours HTTP_PROXY, HTTPS_PROXY and NO_PROXY, as aiohttp's ``trust_env`` does, but reads them once: ``trust_env``
would ask a thread before every request, and would let a ~/.netrc contradict the API key. A server on this machine is
never asked through a proxy. Times are those at which the event loop hands over the data: there are no kernel stamps.
"""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
import time
from types import SimpleNamespace
from urllib.request import getproxies, proxy_bypass

import aiohttp
from aiohttp.http import HttpProcessingError
from yarl import URL

from loadgen.clients import Caller
from loadgen.connection import CONNECT_TIMEOUT_S
from loadgen.failures import MAX_ERROR_BODY, Failure, end_of, lost, not_connected, refusal, streams
from loadgen.sse import BadStream, TokenStream
from loadgen.target import Target

OWN_HEADERS = ("host", "content-length")
"""aiohttp writes these itself."""


class Fallback:
    """One aiohttp session; its lines share the session's connections."""

    def __init__(self, target: Target, tls: ssl.SSLContext | None) -> None:
        self._target = target
        self._base = target.url.removesuffix(target.prefix)
        self._tls = tls
        self._proxy: URL | None = None
        self._session: aiohttp.ClientSession | None = None

    async def connect(self, caller: Caller) -> FallbackLine:
        """Return a line; its connection is opened with its first request."""
        if self._session is None:
            self._proxy = proxy_for(self._target)
            self._session = self._open()
        return FallbackLine(self._session, self._base, self._proxy, caller)

    async def close(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _open(self) -> aiohttp.ClientSession:
        trace = aiohttp.TraceConfig()
        trace.on_request_headers_sent.append(_written)
        trace.on_connection_reuseconn.append(_reused)
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, ssl=self._tls or True),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            skip_auto_headers=("Accept-Encoding",),
            timeout=aiohttp.ClientTimeout(total=None, connect=CONNECT_TIMEOUT_S),
            trace_configs=[trace],
        )


class FallbackLine:
    """One request at a time, each a task."""

    def __init__(self, session: aiohttp.ClientSession, base: str, proxy: URL | None, caller: Caller) -> None:
        self._session = session
        self._base = base
        self._proxy = proxy
        self._caller = caller
        self._task: asyncio.Task[None] | None = None
        self._heard = False
        self.reused = False
        """The request is on a connection that has served others."""

    @property
    def usable(self) -> bool:
        """Whether another request can be sent: always, for connections are the session's."""
        return not self._session.closed

    def send(self, request: bytes, stream: TokenStream) -> int:
        """Send a request, as soon as there is a connection; ``on_sent`` says when that was."""
        self._heard = self.reused = False
        start_ns = time.monotonic_ns()
        self._task = asyncio.get_running_loop().create_task(self._run(request, stream))
        return start_ns

    def close(self) -> None:
        """Drop the request that runs, and its connection."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def written(self) -> None:
        """Take note that the request is being written now."""
        self._caller.on_sent(time.monotonic_ns())

    async def _run(self, request: bytes, stream: TokenStream) -> None:
        try:
            failure = await self._exchange(request, stream)
        except BadStream as error:
            failure = Failure(error.kind, str(error), 200)
        except (aiohttp.ClientError, HttpProcessingError, OSError) as error:
            failure = self._told(error, stream)
        self._task = None
        self._caller.on_end(failure)

    async def _exchange(self, request: bytes, stream: TokenStream) -> Failure | None:
        path, headers, body = _parts(request)
        async with self._session.post(
            URL(self._base + path, encoded=True),
            headers=headers,
            data=body,
            allow_redirects=False,
            proxy=self._proxy,
            trace_request_ctx=self,
        ) as response:
            self._heard = True
            fields = {name.lower(): value for name, value in response.raw_headers}
            if not streams(response.status, fields):
                return refusal(response.status, fields, await _beginning(response))
            async for data in response.content.iter_any():
                now_ns = time.monotonic_ns()
                stream.feed(data, now_ns)
            return end_of(stream)

    def _told(self, error: Exception, stream: TokenStream) -> Failure | None:
        """Return what an exception of aiohttp's means."""
        if (failure := _unopened(error)) is not None:
            return failure
        if not self._heard and _is_no_http(error):
            return Failure("garbage", "the answer is no HTTP")
        begun = isinstance(error, aiohttp.ServerDisconnectedError) and not isinstance(error.message, str)
        failure = lost(stream, heard=self._heard or begun)
        if failure is not None:
            failure.stale = self.reused and failure.kind == "reset"
        return failure


def proxy_for(target: Target) -> URL | None:
    """Return the proxy that the environment names for a server, if any; raise :class:`Failure` where it is unusable."""
    if _is_here(target.host) or proxy_bypass(target.host):
        return None
    variable = "https" if target.tls else "http"
    named = getproxies().get(variable)
    if not named:
        return None
    try:
        url = URL(named if "://" in named else f"http://{named}")
        usable = url.scheme in ("http", "https") and bool(url.host)
    except ValueError:
        usable = False
    if not usable:
        raise Failure("connect", f"{variable.upper()}_PROXY is no http address of a proxy")
    return url


def _is_here(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _parts(request: bytes) -> tuple[str, dict[str, str], bytes]:
    """Take a whole request apart: path, headers, body."""
    head, _, body = request.partition(b"\r\n\r\n")
    first, *lines = head.decode("ascii").split("\r\n")
    fields = (line.split(": ", 1) for line in lines)
    return first.split(" ")[1], {name: value for name, value in fields if name.lower() not in OWN_HEADERS}, body


async def _beginning(response: aiohttp.ClientResponse) -> bytes:
    """Return as much of an answer's body as an error's text may have; what is left ends the connection."""
    body = b""
    async for data in response.content.iter_any():
        body += data
        if len(body) >= MAX_ERROR_BODY:
            break
    return body


def _unopened(error: Exception) -> Failure | None:
    """Return the failure where no connection came about."""
    match error:
        case TimeoutError():
            return Failure("timeout", f"no connection within {CONNECT_TIMEOUT_S:.0f} s")
        case aiohttp.ClientHttpProxyError():
            return Failure("connect", f"the proxy refused with {error.status}", error.status)
        case aiohttp.ClientConnectorCertificateError():
            return Failure("tls", "the server's certificate is not trusted")
        case aiohttp.ClientSSLError():
            return Failure("tls", getattr(error.os_error, "reason", None) or "TLS handshake failed")
        case aiohttp.ClientConnectorError():
            failure = not_connected(error.os_error)
            if isinstance(error, aiohttp.ClientProxyConnectionError):
                failure.detail = f"the proxy: {failure.detail}"
            return failure
        case _:
            return None


def _is_no_http(error: Exception) -> bool:
    return isinstance(error, (aiohttp.ClientResponseError, HttpProcessingError))


async def _written(session: aiohttp.ClientSession, context: SimpleNamespace, params: object) -> None:
    del session, params
    context.trace_request_ctx.written()


async def _reused(session: aiohttp.ClientSession, context: SimpleNamespace, params: object) -> None:
    del session, params
    context.trace_request_ctx.reused = True
