"""Ticks from requests: what a load worker would have seen every quarter of a second."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import accumulate

from session.events import Request, Tick
from session.gaps import bucket_of

TICK_S = 0.25


def ticks(requests: Sequence[Request], gaps_s: Sequence[Sequence[float]] = ()) -> Iterator[Tick]:
    """Return ticks from 0 until the last request has ended.

    Tokens lie where the gaps between a request's chunks put them; without gaps they are spread evenly from its first
    to its last, and ``itl`` stays empty, since how they were scattered is not known.
    """
    cells = _Cells(max((request.t_s for request in requests), default=0.0))
    for at, request in enumerate(requests):
        cells.add(request, gaps_s[at] if gaps_s else ())
    yield from cells.ticks()


class _Cells:
    def __init__(self, until_s: float) -> None:
        self._count = max(1, math.ceil(until_s / TICK_S))
        self._tokens = [0] * self._count
        self._prompt = [0] * self._count
        self._change = [0] * (self._count + 1)
        self._ttft: defaultdict[int, list[float]] = defaultdict(list)
        self._itl: defaultdict[int, Counter[int]] = defaultdict(Counter)

    def add(self, request: Request, gaps_s: Sequence[float]) -> None:
        self._change[self._at(request.start_s)] += 1
        self._change[min(self._count, int(request.t_s / TICK_S))] -= 1
        if request.ttft_s is None:
            self._tokens[self._at(request.t_s)] += request.output_tokens
            return
        first_s = request.start_s + request.ttft_s
        cell = self._at(first_s)
        self._ttft[cell].append(request.ttft_s)
        self._prompt[cell] += request.prompt_tokens or 0
        if gaps_s:
            self._chunks(first_s, gaps_s, request.output_tokens)
        else:
            self._evenly(first_s, request.start_s + (request.last_s or request.ttft_s), request.output_tokens)

    def _chunks(self, first_s: float, gaps_s: Sequence[float], tokens: int) -> None:
        """Put tokens where their chunks came, as many in one as in the next."""
        chunks, now_s = len(gaps_s) + 1, first_s
        self._tokens[self._at(now_s)] += tokens // chunks
        for number, gap_s in enumerate(gaps_s, 1):
            now_s += gap_s
            cell = self._at(now_s)
            self._tokens[cell] += (number + 1) * tokens // chunks - number * tokens // chunks
            self._itl[cell][bucket_of(gap_s)] += 1

    def _evenly(self, first_s: float, last_s: float, tokens: int) -> None:
        if tokens < 2 or last_s <= first_s:
            self._tokens[self._at(first_s)] += tokens
            return
        put = 0
        for cell in range(self._at(first_s), self._at(last_s)):
            until = 1 + int(((cell + 1) * TICK_S - first_s) / (last_s - first_s) * (tokens - 1))
            self._tokens[cell] += min(until, tokens) - put
            put = min(until, tokens)
        self._tokens[self._at(last_s)] += tokens - put

    def _at(self, t_s: float) -> int:
        return min(self._count - 1, int(t_s / TICK_S))

    def ticks(self) -> Iterator[Tick]:
        for cell, in_flight in zip(range(self._count), accumulate(self._change), strict=False):
            yield Tick(
                t_s=(cell + 1) * TICK_S, dt_s=TICK_S, in_flight=in_flight, output_tokens=self._tokens[cell],
                prompt_tokens=self._prompt[cell], ttft_s=self._ttft.get(cell, []), itl=dict(self._itl.get(cell, {})),
            )  # fmt: skip
