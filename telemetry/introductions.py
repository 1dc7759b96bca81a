"""GPUs are introduced once, and again only where they changed."""

from __future__ import annotations

from collections.abc import Iterable

from session.events import Gpu
from telemetry.sources import Emit


class Introductions:
    """Emits each GPU that is new or another than before."""

    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self._known: dict[int, Gpu] = {}

    def introduce(self, gpus: Iterable[Gpu]) -> None:
        """Emit what is news."""
        for gpu in gpus:
            if not _same(self._known.get(gpu.index), gpu):
                self._known[gpu.index] = gpu
                self._emit(gpu)


def _same(one: Gpu | None, other: Gpu) -> bool:
    return one is not None and all(
        getattr(one, name) == getattr(other, name) for name in one.__struct_fields__ if name != "t_s"
    )
