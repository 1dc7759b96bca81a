"""A worker's turns of a trace: when each request is due, and what it carries."""

from __future__ import annotations

import functools
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from random import Random

from loadgen.fresh import Prompt
from loadgen.ink import Ink, ink_for, message
from loadgen.plan import Workload
from loadgen.traces import Trace
from loadgen.wire import Replay

BLOCK_TOKENS = 512
"""What one of Mooncake's hash ids stands for."""
BLOCKS_KEPT = 4096
"""About 10 MB; a block that comes back later is drawn anew, and is the same."""


class Blocks:
    """Writes out hash ids, so that prompts share what they shared when the trace was taken."""

    def __init__(self, seed: int, ink: Ink) -> None:
        self._seed = seed
        self._ink = ink
        self._block = functools.lru_cache(BLOCKS_KEPT)(self._draw)

    def text(self, tokens: int, hash_ids: Sequence[int], own: Random) -> bytes:
        """Return exactly ``tokens`` letters; ``own`` draws those that no hash id covers."""
        whole, rest = divmod(tokens, BLOCK_TOKENS)
        parts = [self._block(number) for number in hash_ids[:whole]]
        covered = BLOCK_TOKENS * len(parts)
        if rest and len(hash_ids) > whole:
            parts.append(self._ink.first(self._block(hash_ids[whole]), rest))
            covered = tokens
        if covered < tokens:
            parts.append(self._ink.draw(own, tokens - covered))
        return self._ink.gap.join(parts)

    def _draw(self, number: int) -> bytes:
        return self._ink.draw(Random(f"{self._seed}/block/{number}"), BLOCK_TOKENS)


class Turns:
    """Every n-th request of a trace, each sent once, however often the speed changes.

    What request ``k`` of the trace carries depends on the seed and ``k`` alone, not on who sends it.
    """

    def __init__(self, trace: Trace, workload: Workload, worker: int) -> None:
        self._trace = trace.share(worker, workload.workers)
        self._first, self._step = worker, workload.workers
        self._seed = workload.seed
        self._chat = workload.endpoint == "chat"
        self._blocks = Blocks(workload.seed, ink_for(workload))
        self._next = 0
        self._model_len: int | None = None
        self._begun = False
        self._ready: tuple[int, Prompt] | None = None
        self.prepare()

    @property
    def left(self) -> int | None:
        """How many have not been due yet; ``None`` before the trace has begun."""
        return len(self._trace) - self._next if self._begun else None

    def dues(self, order: Replay) -> Iterator[int]:
        """Yield when the requests that are left are due, on the monotonic clock."""
        if not self._begun and order.position_s > 0:  # in the place of a worker that died: its past is past
            self._next = bisect_left(self._trace.at_s, order.position_s)
        self._begun = True
        self._model_len = order.model_len
        return (order.due_ns(self._trace.at_s[at]) for at in range(self._next, len(self._trace)))

    def mean_gap_s(self, order: Replay) -> float:
        """Return the mean time from one of the turns to the next."""
        return self._trace.duration_s / max(1, len(self._trace)) / order.speed

    def take(self) -> str | None:
        """Go to the next request; return why it cannot be sent, where it is too long for the model."""
        at, self._next = self._next, self._next + 1
        tokens = self._trace.prompt_tokens[at] + self._trace.output_tokens[at]
        if self._model_len is None or tokens <= self._model_len:
            return None
        return f"{tokens} tokens of prompt and output, where the model takes {self._model_len}"

    def prepare(self) -> None:
        """Make the next prompt before it is due: a long one takes tens of milliseconds."""
        if self._next < len(self._trace) and (self._ready is None or self._ready[0] != self._next):
            self._ready = (self._next, self._prompt(self._next))

    def next(self, prompt_tokens: int, output_tokens: int) -> Prompt:
        """Return the prompt of the request that was taken last; its lengths are the trace's."""
        del prompt_tokens, output_tokens
        at = self._next - 1
        ready, self._ready = self._ready, None
        return ready[1] if ready is not None and ready[0] == at else self._prompt(at)

    def _prompt(self, at: int) -> Prompt:
        tokens, own = self._trace.prompt_tokens[at], Random(f"{self._seed}/trace/{self._first + at * self._step}")
        text = self._blocks.text(tokens, self._trace.hash_ids(at), own)
        data = message("user", text) if self._chat else text
        return Prompt(b"[" + data + b"]", None if self._chat else tokens, self._trace.output_tokens[at])
