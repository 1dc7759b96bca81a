"""What one worker counts: ticks of what arrived, and the requests that ended."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable

from session.events import Event, Request, Tick
from session.gaps import count_gaps

LAG_PROBE_S = 0.010
REMEMBERED = 64
"""Requests that an estimate of tokens per chunk rests on."""


class Meter:
    """Collects what the connections see between two ticks.

    ``origin_ns`` is the monotonic clock at the session's start; every worker of a session has the same.
    """

    def __init__(self, worker: int, origin_ns: int, in_flight: Callable[[], int]) -> None:
        self._worker = worker
        self._origin_ns = origin_ns
        self._in_flight = in_flight
        self._ended: list[Event] = []
        self._raw: list[int] = []
        self.gap: Callable[[int], None] = self._raw.append
        """Counts one gap between chunks with tokens, in nanoseconds; it is sorted into its bucket later."""
        self._tokens = 0.0
        self._prompt_tokens = 0
        self._ttfts: list[float] = []
        self._gaps: Counter[int] = Counter()
        self._lags: list[float] = []
        self._seen_tokens = self._seen_chunks = 0.0
        """Of the requests that ended last."""
        self._since_s = self.now_s()
        self._cpu_s = time.process_time()
        self._idle = False

    def now_s(self) -> float:
        """Return seconds since the session's start."""
        return self.at_s(time.monotonic_ns())

    def at_s(self, clock_ns: int) -> float:
        """Return an instant of the monotonic clock as seconds since the session's start."""
        return round((clock_ns - self._origin_ns) / 1e9, 6)

    def chunks(self, count: int, room: float | None = None) -> float:
        """Count chunks as they arrive; return the tokens they are taken for until usage tells.

        ``room``: the tokens that their request still may have. A server that falls behind sends one stream in lumps and
        the next singly; taken for lumps, those would be more tokens than anyone asked for.
        """
        tokens = count * (self._seen_tokens / self._seen_chunks if self._seen_chunks else 1.0)
        if room is not None:
            tokens = max(0.0, min(tokens, room))
        self._tokens += tokens
        return tokens

    def first_token(self, ttft_s: float, prompt_tokens: int | None) -> None:
        """Count a first token, and with it the prompt that was processed."""
        self._ttfts.append(round(ttft_s, 6))
        self._prompt_tokens += prompt_tokens or 0

    def lag(self, lag_s: float) -> None:
        """Add how late the event loop called a timer."""
        self._lags.append(lag_s)

    def ended(self, request: Request, taken_for: float, chunks: int) -> None:
        """Add a request that ended; replace what its chunks were taken for by what it held."""
        self._ended.append(request)
        self._tokens += request.output_tokens - taken_for
        if request.counted and chunks and request.error is None:
            # Not the last request alone: a busy server sends one stream its tokens singly and another in lumps.
            self._seen_tokens += request.output_tokens - self._seen_tokens / REMEMBERED
            self._seen_chunks += chunks - self._seen_chunks / REMEMBERED

    def take(self) -> list[Event]:
        """Return the requests that ended since the last call."""
        self._sort_gaps()
        ended, self._ended = self._ended, []
        return ended

    def _sort_gaps(self) -> None:
        self._gaps += count_gaps(self._raw)
        self._raw.clear()

    def tick(self) -> Tick | None:
        """Return what was seen since the last tick; ``None`` while nothing happens."""
        self._sort_gaps()
        now_s, cpu_s = self.now_s(), time.process_time()
        dt_s = round(now_s - self._since_s, 6)
        in_flight = self._in_flight()
        idle = not (in_flight or self._tokens or self._ttfts or self._ended)
        if dt_s <= 0 or (idle and self._idle and dt_s < 1.0):
            return None
        tokens = round(self._tokens)
        tick = Tick(
            t_s=now_s,
            dt_s=dt_s,
            worker=self._worker,
            in_flight=in_flight,
            output_tokens=tokens,
            prompt_tokens=self._prompt_tokens,
            ttft_s=self._ttfts,
            itl=self._gaps,
            lag_p99_s=_p99(self._lags),
            cpu=round((cpu_s - self._cpu_s) / dt_s, 4),
        )
        self._tokens -= tokens
        self._prompt_tokens, self._ttfts, self._gaps, self._lags = 0, [], Counter(), []
        self._since_s, self._cpu_s, self._idle = now_s, cpu_s, idle
        return tick


def _p99(lags_s: list[float]) -> float | None:
    if not lags_s:
        return None
    lags_s.sort()
    return round(lags_s[int(0.99 * (len(lags_s) - 1))], 6)
