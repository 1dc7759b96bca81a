"""Whether the server is still on its way to a steady state: after a change of load, and while the KV cache fills."""

from __future__ import annotations

import msgspec

STEP_S = 5.0
"""After a change of load: four seconds of window, and a second until all readings are new."""
FILL_S = 4.0
"""As long as the live window: once no new maximum was set for so long, it holds nothing of the filling."""
FILL_RISE = 0.02
"""A KV cache whose highest usage rose by this share of the cache within :data:`FILL_S` is still filling.

New maxima, not usage: requests that began together raise and free it in waves, and a steady server sets no maxima.
"""


class Settling(msgspec.Struct, array_like=True):
    """Fed with changes of load and readings of the KV cache, in recorded time."""

    _step_s: float | None = None
    _peaks: list[tuple[float, float]] = []
    """Time and highest usage since the load changed; the first may be older than the stretch that is looked at."""

    def load_changed(self, t_s: float) -> None:
        """Begin anew."""
        self._step_s = t_s
        self._peaks.clear()

    def kv(self, t_s: float, usage: float | None) -> None:
        """Take in a reading, 0 to 1."""
        if usage is None:
            return
        self._peaks.append((t_s, max(usage, self._peaks[-1][1] if self._peaks else 0.0)))
        while len(self._peaks) > 1 and self._peaks[1][0] <= t_s - FILL_S:
            del self._peaks[0]

    def why(self, now_s: float) -> str | None:
        """Say why a window that ends at ``now_s`` is not steady; ``None`` where it is."""
        if self._step_s is not None and now_s - self._step_s < STEP_S:
            return "the load has just changed"
        if self._peaks and self._peaks[-1][1] - self._peaks[0][1] >= FILL_RISE:
            return "the KV cache is filling"
        return None
