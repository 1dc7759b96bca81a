"""The frames of a recording of format 2: their bytes, and nothing of what they hold.

A frame is :data:`HEAD` and a payload. The head carries a checksum of its own, so that a damaged length is never
believed, and a mark to find the next frame by where one is damaged. docs/recording.md has the table.
"""

from __future__ import annotations

import struct
import zlib
from typing import NamedTuple

TITLE = b"rooftop recording, format "
"""How every recording from format 2 on begins; its version follows in digits."""
FIRST_LINE = TITLE + b"2. Binary from here on: open it with `rooftop replay`, `report` or `cat`.\n"

MARK = b"\xf5RTF"
HEAD = struct.Struct("<4sBBHIIddI")
"""Mark, kind, flags, number, payload's bytes, expanded bytes, first and last t_s, payload's CRC-32."""
CHECK = struct.Struct("<I")
HEAD_BYTES = HEAD.size + CHECK.size

HEADER = ord("H")
"""What was run: zlib of the header as JSON."""
BEGIN = ord("C")
"""Events, the first of a chunk: they begin a zlib stream."""
EVENTS = ord("E")
"""Events that continue the chunk's zlib stream."""
CHECKPOINT = ord("K")
"""What folding all events before it comes to: tag, zero byte, zlib of whatever its writer put there."""
LINK = ord("L")
"""Where the chunk before it lies, and where the link before it."""
NEXT = ord("N")
"""The recording goes on in its next part."""
KINDS = frozenset((HEADER, BEGIN, EVENTS, CHECKPOINT, LINK, NEXT))

MAX_PAYLOAD = 16 << 20
MAX_EXPANDED = 16 << 20
"""No frame is larger, packed or expanded; a head that says otherwise is not believed."""


class Head(NamedTuple):
    """A frame's head, checked."""

    kind: int
    flags: int
    number: int
    """Of the frame in its file, modulo 65536."""
    payload_bytes: int
    expanded_bytes: int
    from_s: float
    to_s: float
    crc: int


def frame(
    kind: int, number: int, payload: bytes, expanded_bytes: int, from_s: float, to_s: float, flags: int = 0
) -> bytes:
    """Return the bytes of a frame."""
    head = HEAD.pack(
        MARK, kind, flags, number & 0xFFFF, len(payload), expanded_bytes, from_s, to_s, zlib.crc32(payload)
    )
    return head + CHECK.pack(zlib.crc32(head)) + payload


def head_at(data: bytes | bytearray | memoryview, at: int = 0) -> Head | None:
    """Return the head that begins at ``at``; ``None`` where none is whole and sound."""
    if len(data) < at + HEAD_BYTES:
        return None
    mark, *fields = HEAD.unpack_from(data, at)
    if mark != MARK or CHECK.unpack_from(data, at + HEAD.size)[0] != zlib.crc32(data[at : at + HEAD.size]):
        return None
    head = Head(*fields)
    return head if head.payload_bytes <= MAX_PAYLOAD and head.expanded_bytes <= MAX_EXPANDED else None


def sound(head: Head, payload: bytes) -> bool:
    """Return whether a payload is the one that was written."""
    return len(payload) == head.payload_bytes and zlib.crc32(payload) == head.crc


def unpack(head: Head, payload: bytes) -> bytes | None:
    """Return a payload that is a zlib stream of its own, expanded; ``None`` where it is no such thing."""
    stream = zlib.decompressobj()
    try:
        data = stream.decompress(payload, head.expanded_bytes + 1)
    except zlib.error:
        return None
    return data if len(data) == head.expanded_bytes and stream.eof else None


class Link(NamedTuple):
    """What a link says of the chunk before it."""

    chunk: int
    """Its number, from 0."""
    offset: int
    """Where it begins."""
    from_s: float
    to_s: float
    events: int
    checkpoint: int
    """Where the checkpoint before it is; 0: there is none."""
    checkpoint_s: float
    before: int
    """Where the link before this one is; 0: there is none."""


_LINK = struct.Struct("<IQddIQdQ")
LINK_BYTES = _LINK.size


def pack_link(link: Link) -> bytes:
    """Return a link's payload."""
    return _LINK.pack(*link)


def unpack_link(payload: bytes) -> Link | None:
    """Return what a link says."""
    return Link(*_LINK.unpack(payload)) if len(payload) == _LINK.size else None


def pack_checkpoint(tag: str, blob: bytes) -> bytes:
    """Return a checkpoint's payload."""
    return tag.encode() + b"\0" + zlib.compress(blob, 6)


def unpack_checkpoint(head: Head, payload: bytes) -> tuple[str, bytes] | None:
    """Return a checkpoint's tag and blob."""
    tag, _, packed = payload.partition(b"\0")
    blob = unpack(head, packed)
    return None if blob is None else (tag.decode(errors="replace"), blob)
