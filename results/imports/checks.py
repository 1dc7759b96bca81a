"""What must hold of numbers that other tools wrote, whatever the file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median_low

from results.imports.parts import MAX_REQUESTS, MAX_SPAN_S, MAX_TOKENS, NotImportable
from session.events import Request


def no_negative(values: Iterable[float | None], name: str) -> None:
    """Raise :class:`NotImportable` where one is below 0."""
    for at, value in enumerate(values):
        if value is not None and value < 0:
            raise NotImportable(f"{name}: number {at + 1} is negative ({value:g})")


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


def middle(values: Iterable[int | None]) -> int:
    """Return the median of what is known; 0 where nothing is."""
    known = [value for value in values if value]
    return median_low(known) if known else 0
