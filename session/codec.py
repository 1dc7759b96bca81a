"""Events to lines and back: JSON, one object a line, strict on types, deaf to what it does not know."""

from __future__ import annotations

import msgspec

from session.events import FORMAT, Event, Header

MAX_LINE = 1 << 20
"""No event comes near a mebibyte; a longer line is not ours and is not parsed."""

_encoder = msgspec.json.Encoder()
_event: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)
_header = msgspec.json.Decoder(Header)


class NotARecording(Exception):
    """The file is no recording that this version can read; the text says why, in one line."""


class _AnyHeader(msgspec.Struct):
    format: int
    rooftop: str = "?"


_any_header = msgspec.json.Decoder(_AnyHeader)


def encode(event: Event | Header) -> bytes:
    """Return one line, newline included."""
    return _encoder.encode(event) + b"\n"


def decode(line: bytes) -> Event | None:
    """Return the event of a line, or ``None`` where this version cannot read it."""
    if len(line) > MAX_LINE:
        return None
    try:
        return _event.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def decode_header(line: bytes) -> Header:
    """Return the header; raise :class:`NotARecording` with a line for the user otherwise."""
    try:
        known = _any_header.decode(line[:MAX_LINE])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise NotARecording("this is not a rooftop recording (its first line is no header)") from None
    if known.format > FORMAT:
        writer = "".join(c for c in known.rooftop if c.isprintable())[:40]
        raise NotARecording(
            f"the recording has format {known.format}, written by rooftop {writer}; "
            f"this version reads up to {FORMAT}: upgrade rooftop to open it"
        )
    try:
        return _header.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise NotARecording("the recording's header is damaged") from None
