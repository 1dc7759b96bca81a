"""The final state of a recording: of all its events, or of a long one from its last checkpoint on."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

from session.checkpoints import TROUBLE
from session.cursor import Cursor, Points
from session.fold import State
from session.index import Index
from session.lost import Lost
from session.playback import fold_file
from session.recording import Reader

LONG_BYTES = 8 << 20
"""About an hour of 20 requests/s. Below it all events are counted, which takes seconds at most."""
SLICE_S = 0.05


def final_state(path: Path, *, recount: bool = False, check: bool = True) -> State:
    """Return the state at the end; raise ``OSError`` or :class:`session.codec.NotARecording`.

    A long recording is taken from its last checkpoint where this version can read it; ``recount`` counts all events
    all the same. With ``check`` all of the file is read, so that damage is named wherever it is.
    """
    if recount or not is_long(path):
        return fold_file(path)
    state = from_checkpoint(path, lambda: False)
    assert state is not None
    if check:
        state.lost = _lost(path)
    return state


def is_long(path: Path) -> bool:
    """Return whether counting all events would take long."""
    return path.stat().st_size >= LONG_BYTES


def from_checkpoint(path: Path, stop: Callable[[], bool]) -> State | None:
    """Return the state at the end with as little folding as can be; ``None`` where ``stop`` said so on the way."""
    index = Index.open(path)
    try:
        points = Points(index, makes=False)
        cursor = Cursor(index, points)
        try:
            return _end(index, cursor, stop)
        except TROUBLE:  # a checkpoint of senseless values
            points.distrust()
            cursor.restart()
            return _end(index, cursor, stop)
    finally:
        index.close()


def _end(index: Index, cursor: Cursor, stop: Callable[[], bool]) -> State | None:
    cursor.near(math.inf)
    while not cursor.forward(math.inf, SLICE_S):
        if stop():
            return None
    cursor.state.unread, cursor.state.lost = index.unread, tuple(index.lost)
    cursor.state.snapshot()
    return cursor.state


def _lost(path: Path) -> tuple[Lost, ...]:
    reader = Reader(path)
    try:
        for _ in reader.lines():
            pass
        return tuple(reader.lost)
    finally:
        reader.close()
