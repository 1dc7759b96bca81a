"""HTTP with limits: every failure becomes one line that says what to do, and no line ever holds the key."""

from __future__ import annotations

import ipaddress
import sys
import time
from dataclasses import dataclass

# Where Rich and Click are installed, httpx loads its own command line with them: two thirds of its import, for nothing.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
import httpx  # noqa: E402

TIMEOUT_S = 3.0
MAX_BODY = 8 << 20
MAX_TEXT = 160
"""Characters of a server's text that a reason or an event may hold."""
SIMULATOR = "rooftop-sim"
"""``Server`` header and ``owned_by`` of the simulated server."""


class Failed(Exception):
    """A request that gave nothing; the text is one line for the user."""

    def __init__(self, reason: str, *, away: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.away = away
        """Nobody answered at all, as opposed to a bad or late answer."""


@dataclass(frozen=True)
class Reply:
    """A whole answer, of any status."""

    status: int
    body: bytes
    server: str
    """The ``Server`` header."""
    read_s: float
    """From the answer's head to the end of its body."""

    @property
    def text(self) -> str:
        """The body, with bytes that are not UTF-8 replaced."""
        return self.body.decode("utf-8", "replace")

    @property
    def simulated(self) -> bool:
        """Whether rooftop's own simulated server wrote this."""
        return self.server == SIMULATOR


def clean(text: str, limit: int = MAX_TEXT) -> str:
    """Return a server's text as one printable line of at most ``limit`` characters."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text[: 4 * limit]).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def base_of(url: str) -> str:
    """Return the server's root without ``/v1``, credentials, query and fragment; raise :class:`Failed`."""
    try:
        parsed = httpx.URL(url.strip())
    except (httpx.InvalidURL, ValueError):
        raise Failed(f"{clean(url)} is no URL; give one such as http://localhost:8000") from None
    if parsed.scheme not in ("http", "https") or not parsed.host:
        shown = clean(str(parsed.copy_with(userinfo=b"")) if parsed.host else url)
        raise Failed(f"{shown} is no http URL; give one such as http://localhost:8000")
    path = parsed.path.rstrip("/").removesuffix("/v1").rstrip("/")
    return str(parsed.copy_with(userinfo=b"", path=path or "/", query=None, fragment=None)).rstrip("/")


def host_of(url: str) -> str:
    """Return the host of a URL; raise :class:`Failed` where it is none."""
    return httpx.URL(base_of(url)).host


def is_loopback(host: str) -> bool:
    """Say whether a host name or address is a loopback one, without asking anybody."""
    name = host.strip("[]").rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _direct(base: str) -> httpx.BaseTransport:
    return httpx.HTTPTransport() if base.startswith("https:") else _LateTls()


class _LateTls(httpx.BaseTransport):
    """Loads the certificates, some 30 ms, with the first request that needs them; to this machine nearly none does."""

    def __init__(self) -> None:
        self._made: httpx.HTTPTransport | None = None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        try:
            self._made = self._made or httpx.HTTPTransport()
        except OSError as error:
            raise httpx.ConnectError(f"no certificates: {error.strerror}") from error
        return self._made.handle_request(request)

    def close(self) -> None:
        if self._made is not None:
            self._made.close()


class Web:
    """One server's HTTP client; not shared between threads."""

    def __init__(self, url: str, authorization: str | None = None) -> None:
        """Open a client for ``url``; raise :class:`Failed` where the URL or the authorization cannot be used."""
        self.base = base_of(url)
        given = httpx.URL(url.strip())
        self.host = given.host
        # No compression: it would cost the server time, and unpacking could outgrow the limit on the body.
        headers = {"Accept-Encoding": "identity", "User-Agent": "rooftop"}
        if authorization:
            headers["Authorization"] = _usable(authorization)
        try:
            self._client = httpx.Client(
                headers=headers,
                auth=(given.username, given.password) if given.userinfo and not authorization else None,
                timeout=TIMEOUT_S,
                follow_redirects=True,
                max_redirects=3,
                # An explicit transport ignores proxies of the environment, and keeps its certificates.
                transport=_direct(self.base) if is_loopback(self.host) else None,
                mounts={"http://": httpx.HTTPTransport(verify=False)} if is_loopback(self.host) else None,
            )
        except (OSError, ValueError, httpx.InvalidURL) as error:
            raise Failed(f"no client for {self.base}: {clean(str(error))}; check SSL_CERT_FILE and *_PROXY") from None

    def get(self, path: str) -> Reply:
        """Return the answer of any status; raise :class:`Failed` where there is none or it is too large.

        A kept connection that the server has closed in the meantime is tried once more.
        """
        try:
            return self._get(path)
        except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
            pass
        except httpx.HTTPError as error:
            raise _failed(error, self.base, self.host, path) from None
        try:
            return self._get(path)
        except httpx.HTTPError as error:
            raise _failed(error, self.base, self.host, path) from None

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _get(self, path: str) -> Reply:
        start = time.perf_counter()
        with self._client.stream("GET", self.base + path) as response:
            head = time.perf_counter()
            body = bytearray()
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > MAX_BODY:
                    raise Failed(f"{path} is larger than {MAX_BODY >> 20} MiB and is not read")
                if time.perf_counter() - start > TIMEOUT_S:
                    raise Failed(_late(path))
            return Reply(
                response.status_code, bytes(body), response.headers.get("server", ""), time.perf_counter() - head
            )


def _usable(authorization: str) -> str:
    """Return it as a header can carry it; httpx would quote a bad one in its error."""
    if not (authorization.isascii() and authorization.isprintable()):
        raise Failed("the API key holds characters that a header cannot carry: check ROOFTOP_API_KEY")
    return authorization


def _late(path: str) -> str:
    return f"no answer from {path} within {TIMEOUT_S:.0f} s: the server is overloaded or hangs"


def _failed(error: httpx.HTTPError, base: str, host: str, path: str) -> Failed:
    text = str(error)
    match error:
        case httpx.ConnectTimeout():
            return Failed(
                f"cannot reach {base}: no answer within {TIMEOUT_S:.0f} s; are host and port right, and open?",
                away=True,
            )
        case httpx.TimeoutException():
            return Failed(_late(path))
        case httpx.ProxyError():
            return Failed(f"cannot reach {base}: the proxy refuses; name {host} in NO_PROXY?", away=True)
        case httpx.ConnectError():
            return Failed(_unreached(text, base, host), away=True)
        case httpx.TooManyRedirects():
            return Failed(f"{base}{path} only redirects: is a login in front of the server?")
        case httpx.RemoteProtocolError() | httpx.NetworkError():
            return Failed(
                f"{base} broke the connection ({clean(text, 60) or type(error).__name__}); did the server die, "
                "or does it want https://?",
                away=True,
            )
    return Failed(f"{base}{path} failed: {type(error).__name__}")


def _unreached(text: str, base: str, host: str) -> str:
    lowered = text.lower()
    if "refused" in lowered:
        return f"cannot reach {base}: connection refused; is the server running there?"
    if "certificate" in lowered:
        detail = clean(text.partition("certificate verify failed: ")[2] or text, 80)
        return f"TLS error at {base}: the certificate is not trusted ({detail}); set SSL_CERT_FILE to its CA"
    if "wrong_version_number" in lowered or "record_layer_failure" in lowered:
        return f"TLS error at {base}: the server does not speak TLS; try http://"
    if "ssl" in lowered or "tls" in lowered:
        return f"TLS error at {base}: {clean(text, 80)}"
    if any(words in lowered for words in ("name or service", "name resolution", "nodename", "no address")):
        return f"cannot reach {base}: the name {clean(host, 60)} is not known; is it spelled right?"
    return f"cannot reach {base}: {clean(text, 80) or 'no connection'}"
