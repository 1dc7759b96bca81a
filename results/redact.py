"""A recording without what tells whose it is: hosts, addresses, paths, notes, ids of GPUs, texts of servers.

What is measured stays, and so does the model's name unless that is to go too. Free text is left out rather than
searched for names: what is not there cannot be overlooked.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from session.codec import encode
from session.events import Event, Gpu, GpuReading, GpuSample, Header, Log, Model, Note, Request, Server, Source
from session.recording import Reader, Writer

GONE = "redacted"
TARGET = "http://redacted"
BATCH = 1000
CHANGES: dict[type[msgspec.Struct], dict[str, Any]] = {
    Gpu: {"uuid": None, "host": None, "counters_missing": None},
    GpuReading: {"missing": None},
    Request: {"detail": None},
    Server: {"root": None},
    Model: {"reason": None},
    Source: {"reason": None},
}
"""Fields that may hold names, and what they become."""


@dataclass(frozen=True, slots=True)
class Redacted:
    """What was done."""

    events: int
    dropped: int
    """Notes and log lines."""


def redact(source: Path, out: Path, *, model: bool = False) -> Redacted:
    """Write a copy without names; ``model`` leaves out the model's name too.

    Raises ``OSError`` (``FileExistsError`` where ``out`` is there already) and :class:`session.codec.NotARecording`.
    """
    with closing(Reader(source)) as reader, closing(Writer(out, _header(reader.header))) as writer:
        kept = dropped = 0
        lines: list[bytes] = []
        for event in (event for batch in reader.batches() for event in batch):
            if isinstance(event, Note | Log):
                dropped += 1
                continue
            lines.append(encode(_event(event, model=model)))
            kept += 1
            if len(lines) >= BATCH:
                writer.append(lines)
                lines = []
        writer.append(lines)
    return Redacted(kept, dropped)


def _header(header: Header) -> Header:
    trace = None if header.trace is None else msgspec.structs.replace(header.trace, name=GONE)
    return msgspec.structs.replace(header, host=GONE, target=TARGET, trace=trace, session=None, part=1)


def _event(event: Event, *, model: bool) -> Event:
    changed = _without(event)
    if isinstance(changed, GpuSample):
        return msgspec.structs.replace(changed, gpus=[_without(reading) for reading in changed.gpus])
    if model and isinstance(changed, Server):
        return msgspec.structs.replace(changed, model=GONE)
    if model and isinstance(changed, Model) and changed.shape is not None:
        return msgspec.structs.replace(changed, shape=msgspec.structs.replace(changed.shape, name=GONE))
    return changed


T = TypeVar("T", bound="Event | GpuReading")
_replace: Callable[..., Any] = msgspec.structs.replace


def _without(struct: T) -> T:
    changes = CHANGES.get(type(struct))
    changed: T = _replace(struct, **changes) if changes else struct
    return changed
