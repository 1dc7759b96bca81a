"""Bytes told by what they share with earlier bytes: the checkpoints of a long session are mostly alike.

Both are cut where their content says, so that what moved is found again; pieces that are in the base are told by
their place there.
"""

from __future__ import annotations

import re
import zlib

import msgspec

_PIECE = re.compile(rb"(?s).{64,1024}?[\x61-\x64\xe5-\xe8]|.{1,1024}")
"""From 64 bytes on, a piece ends with one of some bytes that are rare enough: after a change the cuts soon are those
of the base again."""


class Delta(msgspec.Struct, array_like=True):
    """What bytes are, seen from their base."""

    base_s: float
    """Instant of the base's checkpoint."""
    base_check: int
    """CRC-32 of the base."""
    parts: list[bytes | tuple[int, int]]
    """Bytes that are new, and places in the base: offset and length."""


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Delta)


class Base:
    """Bytes against which later ones are told."""

    def __init__(self, t_s: float, blob: bytes) -> None:
        self.t_s = t_s
        self._check = zlib.crc32(blob)
        self._places = {piece[0]: piece.start() for piece in _PIECE.finditer(blob)}

    def delta(self, blob: bytes) -> bytes:
        """Return the bytes of a :class:`Delta`."""
        parts: list[bytes | tuple[int, int]] = []
        new_from, copied_from, copied_to = 0, 0, -1
        for piece in _PIECE.finditer(blob):
            place = self._places.get(piece[0])
            begin, end = piece.span()
            if place is None:
                continue
            if new_from == begin and place == copied_to and parts:
                parts[-1] = (copied_from, place + end - begin - copied_from)
            else:
                if new_from < begin:
                    parts.append(blob[new_from:begin])
                parts.append((place, end - begin))
                copied_from = place
            copied_to, new_from = place + end - begin, end
        if new_from < len(blob):
            parts.append(blob[new_from:])
        return _encoder.encode(Delta(self.t_s, self._check, parts))


def read(delta: bytes) -> Delta | None:
    """Return what a delta says; ``None`` where it is none."""
    try:
        return _decoder.decode(delta)
    except (msgspec.MsgspecError, ValueError, OverflowError):
        return None


def applied(delta: Delta, base: bytes, most: int) -> bytes | None:
    """Return the bytes, ``most`` of them; ``None`` where the base is another, or they are more."""
    if zlib.crc32(base) != delta.base_check:
        return None
    if sum(len(part) if isinstance(part, bytes) else part[1] for part in delta.parts) > most:
        return None
    if any(not isinstance(part, bytes) and min(part) < 0 for part in delta.parts):
        return None
    return b"".join(part if isinstance(part, bytes) else base[part[0] : part[0] + part[1]] for part in delta.parts)
