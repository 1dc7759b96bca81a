"""Where requests go: an OpenAI-compatible server's address, parsed and checked once."""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

KEY_VARIABLE = "ROOFTOP_API_KEY"
DEFAULT_URL = "http://localhost:8000"


class BadTarget(ValueError):
    """The address cannot be used; the text says why, in one line for the user."""


@dataclass(frozen=True, slots=True)
class Target:
    """A server's address. ``authorization`` is a secret: it is in no ``repr`` and in no recording."""

    tls: bool
    host: str
    port: int
    prefix: str
    authorization: str | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        """The address without credentials, as it may be shown and recorded."""
        scheme, usual = ("https", 443) if self.tls else ("http", 80)
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{host}" + ("" if self.port == usual else f":{self.port}") + self.prefix

    @property
    def host_header(self) -> str:
        """The value of the Host header."""
        return self.url.split("://", 1)[1].split("/", 1)[0]


def parse_target(url: str, key: str | None = None) -> Target:
    """Parse ``url``; credentials in it become an Authorization header, a key a bearer token.

    Raises :class:`BadTarget`.
    """
    text = url.strip()
    if "://" not in text:
        text = f"http://{text}"
    try:
        parts = urlsplit(text)
        port, host = parts.port, parts.hostname
    except ValueError:
        raise BadTarget(f"{_shown(url)} is no URL; write it like http://localhost:8000") from None
    if parts.scheme not in ("http", "https") or not host:
        raise BadTarget(f"{_shown(url)} is no http or https URL; write it like http://localhost:8000")
    if not host.isascii() or any(c.isspace() or not c.isprintable() for c in host + parts.path):
        raise BadTarget(f"{_shown(url)} has characters that no host name has")
    tls = parts.scheme == "https"
    prefix = parts.path.rstrip("/").removesuffix("/v1").rstrip("/")
    return Target(tls, host, port or (443 if tls else 80), prefix, _authorization(parts.username, parts.password, key))


def key_from_environment(variable: str = KEY_VARIABLE) -> str | None:
    """Return the API key, or ``None`` where the variable is unset or empty; raise :class:`BadTarget`."""
    key = os.environ.get(variable, "").strip()
    if key and not (key.isascii() and key.isprintable()):
        raise BadTarget(f"the key in {variable} has characters that no HTTP header may hold")
    return key or None


def _authorization(user: str | None, password: str | None, key: str | None) -> str | None:
    if key:
        return f"Bearer {key}"
    if user is None:
        return None
    pair = f"{unquote(user)}:{unquote(password or '')}".encode()
    return "Basic " + base64.b64encode(pair).decode("ascii")


def _shown(url: str) -> str:
    """Return what of a bad address can be shown: printable, short, and without what may be a password."""
    kept = "".join(c if c.isprintable() else "?" for c in url.rsplit("@", 1)[-1])
    return repr(kept[:80])
