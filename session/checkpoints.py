"""The folded state as bytes, and back: a cache of what the events say, never the truth.

A checkpoint is read under the exact layout that wrote it (:func:`layout`), typed and checked by msgspec: nothing in it
is executed, and one that is damaged, of another version or of another session is ignored.
"""

from __future__ import annotations

import gc
import hashlib
from functools import cache

import msgspec

from session.events import Header
from session.fold import State
from session.kept import Kept

MEANING = 2
"""Raised when the fold counts otherwise while its fields stay the same."""
MAX_BLOB = 64 << 20
"""A session of a thousand levels has a tenth of it; what is larger is not ours."""

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Kept)


@cache
def layout() -> str:
    """Return the tag of this version's checkpoints: a hash over every field of the state and its type."""
    told = msgspec.json.encode(msgspec.json.schema(Kept), order="sorted")
    return hashlib.sha256(b"%d " % MEANING + told).hexdigest()[:16]


@cache
def delta_layout() -> str:
    """Return the tag of checkpoints that are told by another one."""
    return f"{layout()}+"


def dump(state: State) -> bytes:
    """Return the state's bytes."""
    return _encoder.encode(state.kept)


def load(blob: bytes, header: Header) -> State | None:
    """Return the state, or ``None`` where the bytes are none of this layout and session."""
    if len(blob) > MAX_BLOB:
        return None
    collecting = gc.isenabled()
    gc.disable()  # a hundred thousand new objects, none of them garbage: looking for some doubles the time
    try:
        kept = _decoder.decode(blob)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ValueError, OverflowError):
        return None
    finally:
        if collecting:
            gc.enable()
    return State(header, kept) if kept.header == header else None


TROUBLE = (ArithmeticError, AssertionError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)
"""What a state of the right types but of senseless values may raise as it is folded on: it is then left alone."""
