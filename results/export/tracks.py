"""Packets of a Perfetto trace: tracks, slices, instants, counters.

Field numbers are those of ``protos/perfetto/trace`` in github.com/google/perfetto; a test reads what is written with
the classes generated from them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from results.export.protobuf import double, message, number, text

_BEGIN, _END, _INSTANT, _COUNTER = 1, 2, 3, 4
_SEQUENCE = number(10, 1)
_EXPLICIT = 3

Annotations = Mapping[str, int | float | str]


def process(uuid: int, name: str, *, rank: int = 0) -> bytes:
    """Return a group of tracks."""
    about = message(3, number(1, uuid), text(6, name))
    return _packet(message(60, number(1, uuid), about, number(11, _EXPLICIT), number(12, rank)))


def track(uuid: int, parent: int, name: str, *, rank: int = 0) -> bytes:
    """Return a track of slices and instants; tracks of a group are in the order of ``rank``."""
    return _packet(message(60, number(1, uuid), number(5, parent), text(2, name), number(12, rank)))


def counter_track(uuid: int, parent: int, name: str, unit: str) -> bytes:
    """Return a track of a number over time."""
    return _packet(message(60, number(1, uuid), number(5, parent), text(2, name), message(8, text(6, unit))))


def begin(uuid: int, t_s: float, name: str, annotations: Annotations | None = None) -> bytes:
    """Begin a slice."""
    notes = [_annotation(key, value) for key, value in (annotations or {}).items()]
    return _event(t_s, _kind(_BEGIN, uuid), _name(name), *notes)


def end(uuid: int, t_s: float) -> bytes:
    """End the innermost slice of a track."""
    return _event(t_s, _kind(_END, uuid))


def instant(uuid: int, t_s: float, name: str) -> bytes:
    """Mark a moment."""
    return _event(t_s, _kind(_INSTANT, uuid), text(23, name))


def count(uuid: int, t_s: float, value: float) -> bytes:
    """Give a counter a value."""
    return _event(t_s, _kind(_COUNTER, uuid), double(44, value))


@lru_cache(1 << 14)
def _kind(kind: int, uuid: int) -> bytes:
    return number(9, kind) + number(11, uuid)


@lru_cache(256)
def _name(name: str) -> bytes:
    return text(23, name)


@lru_cache(16)
def _at(t_s: float) -> bytes:
    """Return a time: all readings of one sample have the same."""
    return number(8, max(0, round(t_s * 1e9)))


@lru_cache(1 << 12)
def _annotation(name: str, value: int | float | str) -> bytes:
    if isinstance(value, str):
        return message(4, text(10, name), text(6, value))
    if isinstance(value, float):
        return message(4, text(10, name), double(5, value))
    return message(4, text(10, name), number(3, value))


def _event(t_s: float, *fields: bytes) -> bytes:
    return _packet(_at(t_s), message(11, *fields))


def _packet(*fields: bytes) -> bytes:
    """Return a ``TracePacket`` as a field of a ``Trace``: traces are put together by putting them one after another."""
    return message(1, *fields, _SEQUENCE)
