"""Instants of a session that a person would go to: changes of the load, and notes."""

from __future__ import annotations

import msgspec

MARKS_KEPT = 2000
"""The first ones; a session with more of them is a script's."""
TEXT_KEPT = 80


class Mark(msgspec.Struct, array_like=True, frozen=True):
    """One instant."""

    t_s: float
    kind: str
    """``level`` or ``note``."""
    text: str


class Marks(msgspec.Struct, array_like=True):
    """All of them, in the order in which they came."""

    all: list[Mark] = []

    def add(self, t_s: float, kind: str, text: str) -> None:
        """Add one."""
        if len(self.all) < MARKS_KEPT:
            self.all.append(Mark(t_s, kind, text[:TEXT_KEPT]))
