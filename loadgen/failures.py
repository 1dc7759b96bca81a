"""Why a request failed, told the same way whichever client sent it."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Mapping
from urllib.parse import urlsplit

import msgspec

from loadgen.sse import TokenStream, error_text

MAX_ERROR_BODY = 64 << 10
MAX_RETRY_AFTER_S = 60.0
"""A server that asks for a longer pause is asked again after this one."""
REDIRECTS = (301, 302, 303, 307, 308)
ASK_TO_WAIT = (429, 503)
"""Answers whose Retry-After is believed."""


class Failure(Exception):
    """Why a request failed: a kind that is counted, and a detail for a person."""

    def __init__(self, kind: str, detail: str = "", status: int | None = None) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.status = status
        self.retry_after_s: float | None = None
        """How long the server asks to be left alone."""
        self.stale = False
        """The server closed an idle connection just as it was used: worth one more try."""


def streams(status: int, headers: Mapping[bytes, bytes]) -> bool:
    """Whether an answer is an event stream that can be read; header names are in lower case."""
    kind = headers.get(b"content-type", b"").lower()
    return status == 200 and kind.startswith(b"text/event-stream") and not _encoding(headers)


def refusal(status: int, headers: Mapping[bytes, bytes], body: bytes) -> Failure:
    """Return the failure that an answer without a readable event stream stands for."""
    if status == 200:
        return Failure("not_a_stream", _no_stream(headers), status)
    if status in REDIRECTS:
        where = _shown(headers.get(b"location", b""))
        return Failure(f"http_{status}", f"the server redirects to {where}; give that address", status)
    failure = Failure(f"http_{status}", _message(body), status)
    if status in ASK_TO_WAIT:
        failure.retry_after_s = retry_after_s(headers.get(b"retry-after", b""), time.time())
    return failure


def end_of(stream: TokenStream) -> Failure | None:
    """Close a stream whose body has ended in order; return what is wrong with it."""
    stream.close()
    if stream.complete:
        return None
    return Failure("cut", "the stream ended without a finish reason or [DONE]", 200)


def lost(stream: TokenStream, *, heard: bool) -> Failure | None:
    """Return what a lost connection means for the request on it; after ``[DONE]`` nothing: all had been said."""
    if stream.done:
        return end_of(stream)
    if heard:
        return Failure("cut", "the server ended the connection in the middle of its answer")
    return Failure("reset", "the server closed the connection without an answer")


def not_connected(error: OSError) -> Failure:
    """Return the failure of a connection that could not be opened."""
    # asyncio puts a sentence of its own in place of the system's; a name's failure has a negative number
    plain = os.strerror(error.errno) if error.errno is not None and error.errno > 0 else error.strerror
    return Failure("connect", plain or str(error))


def retry_after_s(value: bytes, now_s: float) -> float | None:
    """Return the pause that a Retry-After header asks for, at most ``MAX_RETRY_AFTER_S``.

    Seconds or an HTTP date (RFC 9110, 10.2.3); ``now_s`` is the wall clock. ``None`` where it asks for none, or in
    words that mean nothing.
    """
    text = value.decode("latin-1").strip()
    pause_s = float(text) if re.fullmatch(r"[0-9]{1,9}", text) else _until(text) - now_s
    return min(pause_s, MAX_RETRY_AFTER_S) if pause_s > 0 else None


def _until(text: str) -> float:
    """Return an HTTP date in seconds of the wall clock; 0 where it is none."""
    if not re.fullmatch(r"[\x20-\x7e]{1,64}", text):
        return 0.0
    from email.utils import mktime_tz, parsedate_tz  # only for those who send dates

    fields = parsedate_tz(text)
    try:
        return float(mktime_tz((*fields[:9], fields[9] or 0))) if fields is not None else 0.0
    except (ValueError, OverflowError):
        return 0.0


def _encoding(headers: Mapping[bytes, bytes]) -> str:
    name = headers.get(b"content-encoding", b"").decode("latin-1").strip().lower()
    return "" if name == "identity" else name


def _no_stream(headers: Mapping[bytes, bytes]) -> str:
    if encoding := _encoding(headers):
        return (
            f"the answer is compressed ({encoding[:20]}), which nobody asked for: turn that off at the server or proxy"
        )
    return "the server answered 200 without an event stream"


def _message(body: bytes) -> str:
    try:
        decoded = msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return ""
    return error_text(decoded) if isinstance(decoded, dict) else ""


def _shown(location: bytes) -> str:
    """Return an address that may be shown: without credentials, query and fragment, and short."""
    text = location.decode("latin-1")
    try:
        parts = urlsplit(text)
        host = parts.netloc.rpartition("@")[2]
    except ValueError:
        return "an address that is none"
    scheme = f"{parts.scheme}://" if parts.scheme and host else "//" if host else ""
    return f"{scheme}{host}{parts.path}"[:150] or "nowhere"
