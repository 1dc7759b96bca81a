"""What to send and when to change it; knows nothing of sockets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from loadgen.lengths import Spread

Endpoint = Literal["completions", "chat"]
Mode = Literal["closed", "open"]
Order = Literal["shuffled", "file"]
ClientName = Literal["native", "aiohttp"]
"""What sends the requests; see docs/workloads.md."""

MAX_CONCURRENCY = 10_000
MAX_SPEED = 1_000.0
MIN_SPEED = 0.01
"""Seconds of a trace a second."""


class Workload(msgspec.Struct, frozen=True, kw_only=True):
    """The shape of every request; lengths in tokens. See docs/workloads.md."""

    endpoint: Endpoint = "completions"
    prompt_tokens: int = 128
    output_tokens: int = 256
    prompt_spread: Spread | None = None
    """How prompts differ in length; ``prompt_tokens`` is then the mean to which it is scaled."""
    output_spread: Spread | None = None
    ignore_eos: bool = True
    temperature: float | None = None
    token_id_low: int = 10
    token_id_high: int = 2000
    """Random prompts draw ids from here; every common vocabulary holds them."""
    seed: int = 0
    cache_salt: str | None = None
    """What begins the salt of every request; no two requests have the same."""
    prefix_tokens: int = 0
    """Length of a shared beginning; it counts into the prompt's length."""
    prefix_share: float = 1.0
    """The part of requests, 0 to 1, that begin with a shared beginning."""
    prefix_count: int = 1
    turns: int = 1
    """Requests that a chat consists of, each carrying the ones before."""
    dataset: str | None = None
    """Absolute path of a file that prompts are taken from."""
    dataset_order: Order = "shuffled"
    workers: int = 1
    """Load processes that a data set is dealt out to."""
    timeout_s: float = 600.0


class Ramp:
    """A script of levels: ``levels[i]`` is held for ``hold_s`` before the next.

    ``due`` is asked with the present time and answers with a level when it is time to set one: a concurrency, or in
    mode ``open`` requests a second.
    """

    def __init__(self, levels: Sequence[float], hold_s: float, *, loop: bool = False, mode: Mode = "closed") -> None:
        self.levels = tuple(levels)
        self.mode = mode
        self.hold_s = hold_s
        self.at = -1
        self._loop = loop
        self._next_s: float | None = 0.0

    @property
    def done(self) -> bool:
        """Whether the last level has been held."""
        return self._next_s is None

    def due(self, now_s: float) -> float | None:
        """Return the level to set now, if any; 0 once after the last."""
        if self._next_s is None or now_s < self._next_s:
            return None
        self.at += 1
        if self.at == len(self.levels):
            if not self._loop:
                self._next_s = None
                return 0
            self.at = 0
        self._next_s = now_s + self.hold_s
        return self.levels[self.at]

    def extend(self, until_s: float) -> None:
        """Hold the present level until ``until_s`` at least."""
        if self._next_s is not None:
            self._next_s = max(self._next_s, until_s)

    def cancel(self) -> None:
        """Set nothing from now on: the user has the controls."""
        self._next_s = None


def split(target: int, workers: int) -> list[int]:
    """Split a concurrency over workers, exactly and as evenly as it goes."""
    share, rest = divmod(target, workers)
    return [share + (i < rest) for i in range(workers)]
