"""Copies what can be read of a recording into a new one: what was damaged stays as it is."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import msgspec

from session.events import FORMAT
from session.lost import Lost
from session.recording import Reader, Writer

GATHERED_BYTES = 1 << 16
"""Lines go out in frames of this size: a copy needs no follower."""


class Repaired(NamedTuple):
    """What became of a recording."""

    events: int
    unread: int
    """Lines that this version cannot read; they are copied as they are."""
    lost: list[Lost]
    """Stretches that are in no copy."""
    complete: bool
    """Whether the session's end is in it."""


def repair(source: Path, target: Path) -> Repaired:
    """Copy a recording, all its parts into one file, packed anew; ``target`` must not exist.

    Raises ``OSError`` (``FileExistsError`` where the target is there) and :class:`session.codec.NotARecording`.
    """
    reader = Reader(source)
    try:
        header = msgspec.structs.replace(reader.header, format=FORMAT, session=None, part=1)
        writer = Writer(target, header)
        try:
            events, complete = _copy(reader, writer)
        finally:
            writer.close()
        return Repaired(events, reader.unread, reader.lost, complete)
    finally:
        reader.close()


def _copy(reader: Reader, writer: Writer) -> tuple[int, bool]:
    events, complete = 0, False
    gathered: list[bytes] = []
    size = 0
    for lines in reader.lines():
        events += len(lines)
        complete |= any(line.startswith(b'{"type":"end"') for line in lines)
        gathered += [line + b"\n" for line in lines]
        size += sum(map(len, lines))
        if size >= GATHERED_BYTES:
            writer.append(gathered)
            gathered, size = [], 0
    if gathered:
        writer.append(gathered)
    return events, complete
