"""Counts the tokens of a server-sent event stream without decoding what need not be decoded.

An ordinary token's event is recognised by three byte searches, or by beginning and ending as the one before it did;
JSON is decoded for the events before the first token, for the last one, and for usage and errors. The patterns cannot
occur inside a token's text: there a quotation mark is preceded by a backslash.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

MAX_EVENT = 8 << 20
"""Bytes of one event; a longer one is refused, so that a broken server cannot fill the memory."""

_CHOICE = b'"choices":[{'
_GOES_ON = b'"finish_reason":null'
_NEVER = b"\n"

_decode = msgspec.json.Decoder().decode


class BadStream(Exception):
    """The stream is none that can be counted; ``kind`` is a kind of error, the text its detail."""

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind


class TokenStream:
    """One response's events. Times are nanoseconds of any one clock.

    ``gap`` is called with the nanoseconds between two chunks that carried tokens, ``first`` with the time of the first.
    """

    __slots__ = (
        "_closing_ns", "_ending", "_first", "_gap", "_opening", "_tail", "chunks", "completion_tokens", "done",
        "finished", "first_ns", "last_ns", "prompt_tokens",
    )  # fmt: skip

    def __init__(self, gap: Callable[[int], None], first: Callable[[int], None]) -> None:
        self._gap = gap
        self._first = first
        self._opening = _NEVER
        """How the last ordinary event began, up to its choice; the same beginning and ending make another."""
        self._ending = _NEVER
        self._tail = b""
        self._closing_ns = 0
        self.first_ns = 0
        self.last_ns = 0
        self.chunks = 0
        """Chunks that carried at least one token."""
        self.completion_tokens: int | None = None
        self.prompt_tokens: int | None = None
        self.finished = False
        """A finish reason came."""
        self.done = False
        """``[DONE]`` came."""

    def like_the_last(self, data: bytes | bytearray, start: int, end: int, now_ns: int) -> bool:
        """Count ``data[start:end]`` if it is one whole event with one ordinary token; else do nothing and say so."""
        if (
            data.find(b"\n", start, end) != end - 2
            or not data.startswith(self._opening, start, end)
            or not data.endswith(self._ending, start, end)
            or self._tail
        ):
            return False
        self._gap(now_ns - self.last_ns)
        self.last_ns = now_ns
        self.chunks += 1
        return True

    def feed(self, data: bytes, now_ns: int) -> None:
        """Take a piece of the body, cut anywhere; raises :class:`BadStream`."""
        if self._tail:
            data = self._tail + data
        start = 0
        while (end := data.find(b"\n", start)) >= 0:
            if data.startswith(b"data:", start):
                self._event(data[start:end], now_ns)
            start = end + 1
        self._tail = data[start:]
        if len(self._tail) > MAX_EVENT:
            raise BadStream("garbage", f"an event longer than {MAX_EVENT >> 20} MiB")

    def close(self) -> None:
        """End the count: settle whether the closing chunk carried a token."""
        if self._closing_ns:
            if self.completion_tokens is None or self.completion_tokens > self.chunks:
                self._token(self._closing_ns)
            self._closing_ns = 0

    @property
    def complete(self) -> bool:
        """Whether the server said that this was all."""
        return self.done or self.finished

    @property
    def tokens(self) -> int:
        """Output tokens: the server's count, else the number of chunks."""
        return self.chunks if self.completion_tokens is None else self.completion_tokens

    def _event(self, payload: bytes, now_ns: int) -> None:
        if self.first_ns and b'"usage":{' not in payload:
            choice, reason = payload.find(_CHOICE), payload.find(_GOES_ON)
            if 0 < choice < reason:
                self._opening, self._ending = payload[: choice + len(_CHOICE)], payload[reason:] + b"\n\n"
                self._token(now_ns)
                return
        self._decoded(payload.removeprefix(b"data:").strip(), now_ns)

    def _token(self, now_ns: int) -> None:
        if self.first_ns:
            self._gap(now_ns - self.last_ns)
        else:
            self.first_ns = now_ns
            self._first(now_ns)
        self.last_ns = now_ns
        self.chunks += 1

    def _decoded(self, payload: bytes, now_ns: int) -> None:
        if payload == b"[DONE]":
            self.done = True
            return
        try:
            event = _decode(payload)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            raise BadStream("garbage", "an event that is no JSON") from None
        if not isinstance(event, dict):
            raise BadStream("garbage", "an event that is no object")
        if event.get("error") is not None:
            raise BadStream("error_chunk", error_text(event))
        self._usage(event.get("usage"))
        choices = event.get("choices")
        if isinstance(choices, list):
            for choice in choices[:1]:
                if isinstance(choice, dict):
                    self._choice(choice, now_ns)

    def _choice(self, choice: dict[str, Any], now_ns: int) -> None:
        last = choice.get("finish_reason") is not None
        self.finished |= last
        empty, carries = _content(choice)
        if not carries:
            return
        if last and empty:
            self._closing_ns = now_ns  # a token without text, or no token: usage will tell
        else:
            self._token(now_ns)

    def _usage(self, usage: object) -> None:
        if isinstance(usage, dict):
            self.completion_tokens = _count(usage.get("completion_tokens"), self.completion_tokens)
            self.prompt_tokens = _count(usage.get("prompt_tokens"), self.prompt_tokens)


def error_text(event: dict[str, Any]) -> str:
    """Return the message of an OpenAI-style error body, or nothing where it has none."""
    error = event.get("error", event)
    message = error.get("message") if isinstance(error, dict) else error
    return message if isinstance(message, str) else str(event.get("detail") or "")


def _content(choice: dict[str, Any]) -> tuple[bool, bool]:
    """Return whether a choice has no text, and whether it may stand for a token all the same."""
    if "text" in choice:
        return not choice["text"], True
    delta = choice.get("delta")
    if not isinstance(delta, dict):
        return True, False
    parts = [delta.get(k) for k in ("content", "reasoning_content", "reasoning", "tool_calls")]
    if any(parts):
        return False, True
    return True, "role" not in delta and any(p is not None for p in parts)


def _count(value: object, otherwise: int | None) -> int | None:
    return value if isinstance(value, int) and 0 <= value < 1 << 40 else otherwise
