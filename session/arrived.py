"""What arrived at the client during one level, by time: from the ticks at once, or from the requests when they ended.

A tick counts chunks, and takes each for as many tokens as the last request had in one; what is wrong is put right
when the request ends, all at once. Where each chunk holds as many tokens as the next, ticks are exact, and right at
once. Where a server sends now one token in a chunk and now several, they add up over a session but not over a part of
it. Then a level counts by its requests, as soon as all that touched it have ended: each knows its tokens from the
server, and they are spread evenly from its first to its last.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import zip_longest

import msgspec

from session.cells import Cells
from session.events import Request, Tick

SILENT_S = 0.6
"""Twice a tick: a worker that has said nothing for so long is idle, or gone."""
MAX_UNEVEN = 0.05
"""Ticks are used as long as tokens per chunk differ by less than this from half second to half second."""


class Arrived(msgspec.Struct, array_like=True):
    """Tokens of one level, by time."""

    _tick_output: Cells
    _tick_prompt: Cells
    _tick_chunks: Cells
    _output: Cells
    _prompt: Cells
    _in_flight_s: Cells
    settled: bool = False
    """All requests that were in flight while the level lasted have ended."""
    _heard_s: dict[int, float] = {}

    @classmethod
    def since(cls, start_s: float) -> Arrived:
        """Begin with nothing."""
        return cls(Cells(start_s), Cells(start_s), Cells(start_s), Cells(start_s), Cells(start_s), Cells(start_s))

    def tick(self, tick: Tick, gaps: int, end_s: float | None) -> None:
        """Add what a worker saw, ``gaps`` between chunks among it.

        Nothing where the tick reaches beyond the level's end, into another load.
        """
        if end_s is not None and tick.t_s > end_s:
            return
        begin_s = tick.t_s - tick.dt_s
        self._heard_s[tick.worker] = max(self._heard_s.get(tick.worker, tick.t_s), tick.t_s)
        self._tick_output.spread(begin_s, tick.t_s, tick.output_tokens)
        self._tick_chunks.spread(begin_s, tick.t_s, gaps + len(tick.ttft_s))
        self._tick_prompt.spread(begin_s, tick.t_s, tick.prompt_tokens)
        self._in_flight_s.spread(begin_s, tick.t_s, tick.in_flight * tick.dt_s)

    @property
    def until_s(self) -> float | None:
        """Until when all workers that speak have spoken; ``None`` before the first tick."""
        newest_s = max(self._heard_s.values(), default=0.0)
        return min((t_s for t_s in self._heard_s.values() if t_s > newest_s - SILENT_S), default=None)

    def request(self, request: Request, end_s: float | None) -> None:
        """Add the part of a request's tokens that came before the level's end."""
        first_s, last_s = token_span(request)
        until_s = math.inf if end_s is None else end_s
        self._output.spread(first_s, last_s, request.output_tokens, until_s)
        if request.ttft_s is not None and first_s <= until_s:
            self._prompt.add(first_s, request.prompt_tokens or 0)

    def output(self, spans: Sequence[tuple[float, float]]) -> list[float]:
        """Return the output tokens that came between two instants, for each pair of them."""
        cells = self._output if self.by_requests else self._tick_output
        return [cells.between(begin_s, end_s) for begin_s, end_s in spans]

    def prompt(self, begin_s: float, end_s: float) -> float:
        """Return the prompt tokens whose first output token came between two instants."""
        return (self._prompt if self.by_requests else self._tick_prompt).between(begin_s, end_s)

    @property
    def by_requests(self) -> bool:
        """Whether requests tell better than ticks what came when."""
        return self.settled and _uneven(self._tick_output.amounts(), self._tick_chunks.amounts()) > MAX_UNEVEN

    def in_flight(self, begin_s: float, end_s: float) -> float:
        """Return the mean number of requests in flight between two instants."""
        return self._in_flight_s.between(begin_s, end_s) / (end_s - begin_s) if end_s > begin_s else 0.0

    @property
    def finest_s(self) -> float:
        """Width of a cell: nothing shorter can be told apart."""
        return self._tick_output.width_s


def _uneven(tokens: Sequence[float], chunks: Sequence[float]) -> float:
    """Return by what part of all tokens the cells differ from tokens that were evenly spread over chunks."""
    all_tokens, all_chunks = sum(tokens), sum(chunks)
    if all_tokens <= 0 or all_chunks <= 0:
        return 0.0 if all_tokens == 0 else math.inf
    each = all_tokens / all_chunks
    return sum(abs(t - each * c) for t, c in zip_longest(tokens, chunks, fillvalue=0.0)) / all_tokens


def token_span(request: Request) -> tuple[float, float]:
    """Return when a request's first and last token came; where none was stamped, its end for both."""
    if request.ttft_s is None or request.last_s is None:
        return request.t_s, request.t_s
    return request.start_s + request.ttft_s, request.start_s + request.last_s
