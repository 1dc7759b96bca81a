"""As much of the protocol-buffer wire format as a trace is written with.

https://protobuf.dev/programming-guides/encoding/: a field is its number and wire type, then a varint, eight bytes, or
a length with so many bytes.
"""

from __future__ import annotations

import struct
from functools import cache

_SHORT = [bytes((value,)) for value in range(0x80)]
_DOUBLE_BYTES = struct.Struct("<d")
_VARINT, _DOUBLE, _BYTES = 0, 1, 2


def varint(value: int) -> bytes:
    """Return an unsigned number in groups of seven bits, the lowest first."""
    if value <= 0x7F:
        return _SHORT[value]
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


@cache
def _tag(field: int, wire: int) -> bytes:
    return varint(field << 3 | wire)


def number(field: int, value: int) -> bytes:
    """Return an unsigned integer, enumeration or boolean."""
    return _tag(field, _VARINT) + varint(value)


def double(field: int, value: float) -> bytes:
    """Return a 64-bit float."""
    return _tag(field, _DOUBLE) + _DOUBLE_BYTES.pack(value)


def text(field: int, value: str) -> bytes:
    """Return a string; what UTF-8 cannot hold becomes a question mark."""
    return message(field, value.encode("utf-8", "replace"))


def message(field: int, *parts: bytes) -> bytes:
    """Return an embedded message, or bytes."""
    body = b"".join(parts)
    return _tag(field, _BYTES) + varint(len(body)) + body
