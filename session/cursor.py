"""A fold that moves along a recording: forward by its events, elsewhere by checkpoints."""

from __future__ import annotations

import math
import time
import zlib
from bisect import bisect_right, insort
from collections.abc import Iterator
from typing import NamedTuple

from session.checkpoints import MAX_BLOB, delta_layout, dump, layout, load
from session.deltas import applied, read
from session.events import Event
from session.fold import State
from session.gpu_history import GpuHistory
from session.index import Index
from session.level_views import LevelViews

EVERY_EVENTS, EVERY_S = 4500, 180.0
"""Between checkpoints that are made here."""
LOOK_EVERY = 128
"""Events between two looks at the clock."""
NEAR_S = EVERY_S / 4
JUMP_S = EVERY_S / 16
"""What is nearer ahead is folded, without a look for checkpoints."""
POINTS_BYTES = 32 << 20
"""Of checkpoints kept in memory; beyond, every other one goes."""


class Point(NamedTuple):
    """A checkpoint in memory."""

    t_s: float
    chunk: int
    """The first chunk whose events are not in it."""
    packed: bytes


class Points:
    """Checkpoints of a recording: its own, and those that were made of it here where it has none."""

    def __init__(self, index: Index, *, makes: bool = True) -> None:
        """``makes``: whether to make any. A state grows with its levels: who goes forward alone needs none."""
        self._index = index
        self._makes = makes
        self._made: list[Point] = []
        self._base: tuple[float, bytes] | None = None
        """The whole checkpoint that was read last."""
        self._theirs = index.checkpoint_times

    def before(self, t_s: float, after_s: float) -> tuple[State, int] | None:
        """Return the last state that is not after ``t_s``, and the first chunk that is not in it.

        ``None`` where there is none after ``after_s``.
        """
        at = bisect_right(self._made, t_s, key=lambda one: one.t_s)
        made = self._made[at - 1] if at else None
        if max(self._newest(t_s), made.t_s if made else -math.inf) <= after_s:
            return None
        while (newest_s := self._newest(t_s)) >= (made.t_s if made else 0.0):
            found = self._index.checkpoint_before(newest_s)
            blob = self._whole(found[1], found[2], found[0]) if found is not None else None
            state = load(blob, self._index.header) if blob is not None else None
            if state is not None and found is not None:
                return state, found[3]
            self._leave(newest_s, found[1] if found is not None else "")
        state = load(zlib.decompress(made.packed), self._index.header) if made is not None else None
        return (state, made.chunk) if state is not None and made is not None else None

    def _newest(self, t_s: float) -> float:
        """Return the instant of the file's last checkpoint up to ``t_s`` that may be of use."""
        at = bisect_right(self._theirs, t_s)
        return self._theirs[at - 1] if at else -math.inf

    def _leave(self, t_s: float, tag: str) -> None:
        """Use a checkpoint no more; none at all where they are another version's."""
        ours = tag in (layout(), delta_layout())
        self._theirs = [time_s for time_s in self._theirs if time_s != t_s] if ours else []

    def _whole(self, tag: str, blob: bytes, t_s: float) -> bytes | None:
        """Return the bytes of a checkpoint, and of one told by another with that one's."""
        if tag == layout():
            self._base = t_s, blob
            return blob
        delta = read(blob) if tag == delta_layout() else None
        if delta is None or not delta.base_s < t_s:
            return None
        if self._base is None or self._base[0] != delta.base_s:
            found = self._index.checkpoint_before(delta.base_s)
            if found is None or found[0] != delta.base_s or found[1] != layout():
                return None
            self._base = found[0], found[2]
        return applied(delta, self._base[1], MAX_BLOB)

    def _times(self) -> list[float]:
        return [*self._theirs, *(point.t_s for point in self._made)]

    def distrust(self) -> None:
        """Use none of the file's, nor any that was made from them."""
        self._theirs, self._made = [], []

    def add(self, state: State, chunk: int) -> None:
        """Keep a state, where none is kept near it."""
        t_s = state.t_s
        if not self._makes or any(abs(t_s - time_s) < NEAR_S for time_s in self._times()):
            return
        insort(self._made, Point(t_s, chunk, zlib.compress(dump(state), 1)), key=lambda one: one.t_s)
        if sum(len(point.packed) for point in self._made) > POINTS_BYTES:
            del self._made[::2]


class Cursor:
    """One place in a recording, and the state there."""

    def __init__(self, index: Index, points: Points, past: GpuHistory | None = None) -> None:
        """``past`` is the GPUs', which somebody else fills; it takes no part in the fold."""
        self._index = index
        self._points = points
        self._past = past or GpuHistory()
        self._at, self.reached_s = 0, 0.0
        self._aim = 0.0
        self._views = LevelViews()
        self.restart()

    def restart(self) -> None:
        """Go to the beginning."""
        self._place(State(self._index.header), 0)

    def near(self, t_s: float) -> None:
        """Go to where least is to be folded to reach an instant: on from here, or on from a checkpoint."""
        back = t_s < self.reached_s
        if back or (t_s != self._aim and t_s - self.reached_s > JUMP_S):
            restored = self._restore(t_s, -math.inf if back else self.state.t_s)
            if back and not restored:
                self.restart()
        self._aim = t_s

    def forward(self, t_s: float, within_s: float) -> bool:
        """Fold events up to an instant, for about ``within_s`` seconds; return whether it was reached."""
        deadline = time.perf_counter() + within_s
        while (self._at < len(self._events) or self._more(t_s)) and not self._apply_some(t_s):
            if time.perf_counter() > deadline:
                self.reached_s = max(self.reached_s, self.state.t_s)
                return False
        self.reached_s = t_s
        return True

    @property
    def share(self) -> float:
        """How much of the recording lies behind, 0 to 1."""
        return max(0, self._chunk) / max(1, len(self._index.chunks))

    def _restore(self, t_s: float, after_s: float) -> bool:
        found = self._points.before(t_s, after_s)
        if found is None or found[0].t_s <= after_s:
            return False
        self._place(*found)
        return True

    def _place(self, state: State, chunk: int) -> None:
        self.state = state
        state.share(self._views, self._past)
        self.reached_s = state.t_s
        """All events up to here are in the state."""
        self._chunk = chunk - 1
        self._batches: Iterator[list[Event]] = iter(())
        self._events: list[Event] = []
        self._at = 0
        self._since = 0
        self._kept_s = state.t_s

    def _apply_some(self, t_s: float) -> bool:
        """Apply some of what has been read; return whether the next event is beyond an instant."""
        apply, begin = self.state.apply, self._at
        for event in self._events[begin : begin + LOOK_EVERY]:
            if event.t_s > t_s:
                return True
            apply(event)
            self._at += 1
            self._since += 1
        return False

    def _more(self, t_s: float) -> bool:
        """Read on; return whether there was anything that may belong before ``t_s``."""
        while True:
            batch = next(self._batches, None)
            if batch is not None:
                self._events, self._at = batch, 0
                return True
            following = self._chunk + 1
            if following >= len(self._index.chunks) or self._index.chunks[following].from_s > t_s:
                return False
            self._keep(following)
            self._chunk = following
            self._batches = self._index.batches(following, following + 1)

    def _keep(self, chunk: int) -> None:
        """Keep the state between two chunks, where many events lie behind the last one that is kept."""
        if self._since >= EVERY_EVENTS or self.state.t_s - self._kept_s >= EVERY_S:
            self._points.add(self.state, chunk)
            self._since, self._kept_s = 0, self.state.t_s
