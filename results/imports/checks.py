"""What must hold of numbers that other tools wrote, whatever the file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median_low

from results.imports.parts import MAX_REQUESTS, MAX_SPAN_S, MAX_TOKENS, Bench, NotImportable
from session.events import Request, Told


def no_negative(values: Iterable[float | None], name: str) -> None:
    """Raise :class:`NotImportable` where one is below 0."""
    for at, value in enumerate(values):
        if value is not None and value < 0:
            raise NotImportable(f"{name}: number {at + 1} is negative ({value:.4g})")


def not_too_many(count: int) -> None:
    """Raise :class:`NotImportable` beyond the cap of requests."""
    if count > MAX_REQUESTS:
        raise NotImportable(f"it holds {count:,} requests; an import reads up to {MAX_REQUESTS:,}")


def sane(requests: Sequence[Request]) -> None:
    """Raise :class:`NotImportable` where a request has numbers that no server could have given."""
    not_too_many(len(requests))
    for at, request in enumerate(requests, 1):
        if not 0 <= request.start_s <= request.t_s:
            raise NotImportable(f"request {at} ends before it begins")
        if request.t_s > MAX_SPAN_S:
            raise NotImportable(f"request {at} ends {request.t_s / 3600:,.0f} h after the first began: a broken clock")
        if not (0 <= request.output_tokens <= MAX_TOKENS and 0 <= (request.prompt_tokens or 0) <= MAX_TOKENS):
            raise NotImportable(f"request {at} has an impossible number of tokens")


def believable(bench: Bench) -> None:
    """Raise :class:`NotImportable` where a run says of itself what cannot be."""
    told = bench.told or Told(t_s=0.0, level=0)
    counts = {
        "requests in flight": bench.concurrency, "prompt tokens": bench.prompt_tokens,
        "output tokens": bench.output_tokens, "most in flight": bench.max_in_flight, "requests": told.requests,
        "errors": told.errors, "output tokens in all": told.output_tokens,
    }  # fmt: skip
    rates = {
        "duration": bench.duration_s, "request rate": bench.rate_s, "output tokens/s": told.output_tok_s,
        "tokens/s": told.total_tok_s, "requests/s": told.requests_s, "burstiness": bench.burstiness,
    }  # fmt: skip
    for name, value in (counts | rates).items():
        if value is not None and not 0 <= value <= MAX_TOKENS:
            raise NotImportable(f"{bench.origin} tells an impossible number: {name} {value:.4g}")
    if bench.duration_s > MAX_SPAN_S:
        raise NotImportable(f"{bench.origin} tells of a run of {bench.duration_s / 3600:,.0f} h: a broken clock")


def middle(values: Iterable[int | None]) -> int:
    """Return the median of what is known; 0 where nothing is."""
    known = [value for value in values if value]
    return median_low(known) if known else 0
