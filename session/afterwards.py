"""A recording folded with what the user says afterwards, in place of what was said when it was made."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from session.events import Header
from session.fold import State
from session.recording import Reader


def with_slo(header: Header, slo: Mapping[str, float] | None) -> Header:
    """Return the header with these bounds (s, by ``ttft``, ``tpot``, ``e2e``); with its own where there are none."""
    return msgspec.structs.replace(header, slo=dict(slo)) if slo else header


def fold_with_slo(path: Path, slo: Mapping[str, float]) -> State:
    """Count all events by other bounds; raise ``OSError`` or :class:`session.codec.NotARecording`.

    Checkpoints counted good requests by the recording's own bounds, so they are of no use here.
    """
    reader = Reader(path)
    try:
        state = State(with_slo(reader.header, slo))
        for batch in reader.batches():
            state.apply_all(batch)
        state.unread, state.lost = reader.unread, tuple(reader.lost)
        return state
    finally:
        reader.close()
