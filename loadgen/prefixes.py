"""Beginnings that many prompts share, as system prompts are in real use: they make a prefix cache hit."""

from __future__ import annotations

from random import Random

from loadgen.ink import Ink
from loadgen.plan import Workload


class Prefixes:
    """``prefix_count`` different beginnings of ``prefix_tokens`` tokens, the same in every worker."""

    def __init__(self, workload: Workload, ink: Ink) -> None:
        self._workload = workload
        self._ink = ink
        self._made: dict[int, bytes] = {}

    def pick(self, random: Random, room: int) -> tuple[bytes, int]:
        """Return a beginning of at most ``room`` tokens, and how many tokens it has; often enough none."""
        w = self._workload
        if not w.prefix_tokens or random.random() >= w.prefix_share:
            return b"", 0
        prefix = self._prefix(random.randrange(w.prefix_count))
        if room >= w.prefix_tokens:
            return prefix, w.prefix_tokens
        return (self._ink.first(prefix, room), room) if room > 0 else (b"", 0)

    def _prefix(self, number: int) -> bytes:
        if number not in self._made:
            random = Random(f"{self._workload.seed}/prefix/{number}")
            self._made[number] = self._ink.draw(random, self._workload.prefix_tokens)
        return self._made[number]
